/* The reader of xinetd.conf; see reader.h. */
#include "tests/fuzz/reader.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return fuzz_reader(data, size, xinetd_read);
}
