/* xinetd.conf: recognised, so that it is not misread as something else. */
#include "conf/readers.h"

void
xinetd_read(struct loader *loader, struct source *source)
{
	struct place place = { source->name, 0, 0 };

	report_add(loader->reports, REPORT_SYNTAX, &place,
	    "files in the format of xinetd.conf cannot be read yet");
}
