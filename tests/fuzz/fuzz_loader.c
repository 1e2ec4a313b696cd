/*
 * What a loader leaves: whatever its memory holds, and however it ended, what
 * is taken of it can be read to its end, cannot be written to where it is to
 * last, and leads nowhere else.
 */
/* the source: what comes first in that memory is its own */
#include "superd/loader.c"

#include <sys/mman.h>

#include "tests/fuzz/input.h"

enum {
	MEMORY = 8 << 20,
	PAGES_MAX = 16,
	PID = 1 << 30,
	SEALED = F_SEAL_GROW | F_SEAL_WRITE,
	ANY_SEAL = SEALED | F_SEAL_SHRINK | F_SEAL_SEAL
};

/* What the child does, and what came of it. */
static struct script {
	struct input input;
	struct loader *loader;
	bool honest;
	int status;
	unsigned calls;
	struct loaded loaded;
} script;

pid_t __wrap_process_fork(struct process *);

/* Any of what a number may be about, or any number. */
static uint64_t
take_number(uint64_t honest)
{
	const struct region *region = &script.loader->region;
	const uint64_t base = (uint64_t)(uintptr_t)region->base;
	uint64_t number;
	uint8_t byte = input_byte(&script.input);
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

	switch (byte & 7) {
	case 0:
	case 1:
		return honest + (byte >> 3) % 3 - 1;
	case 2:
		return page * (byte >> 3);
	case 3:
		return base + page * (byte >> 3);
	case 4:
		return base + region->size - (byte >> 3);
	case 5:
		return region->size + (byte >> 3);
	case 6:
		return byte >> 3;
	default:
		input_bytes(&script.input, &number, sizeof(number));
		return number;
	}
}

static void
fill(struct header *header, size_t pages, size_t length)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
	char *base = script.loader->region.base;
	char *built = base + sizeof(*header);
	char *told = base + pages * page;

	*header = (struct header){ .magic = magic,
		.lasting = pages * page,
		.length = length,
		.built = built,
		.told = told };
	if (script.honest)
		return;
	if (input_byte(&script.input) == 0xff)
		header->magic ^= 1;
	header->lasting = take_number(header->lasting);
	header->length = take_number(length);
	header->memory = take_number(0);
	header->built = (void *)(uintptr_t)take_number(
	    (uint64_t)(uintptr_t)built);
	header->told = (void *)(uintptr_t)take_number(
	    (uint64_t)(uintptr_t)told);
}

/* In the place of the child. */
static void
write_memory(void)
{
	struct input *input = &script.input;
	const struct region *region = &script.loader->region;
	size_t pages = (size_t)input_byte(input) % PAGES_MAX + 1;
	size_t told = ((size_t)input_byte(input) << 4) + 1;
	size_t length = pages * (size_t)sysconf(_SC_PAGESIZE) + told;
	int seals = script.honest ? SEALED : input_byte(input) & ANY_SEAL;
	struct header header;

	fill(&header, pages, length);
	if (!script.honest)
		length = (size_t)take_number(length) % (2 * MEMORY);
	must(region->fd >= 0);
	must(ftruncate(region->fd, (off_t)length) == 0);
	must(pwrite(region->fd, &header,
		 length < sizeof(header) ? length : sizeof(header), 0) >= 0);
	must(fcntl(region->fd, F_ADD_SEALS, seals) == 0);
}

pid_t
__wrap_process_fork(struct process *process)
{
	write_memory();
	process_started(process, PID);
	return PID;
}

/* -1: the kernel may not. */
static ssize_t
write_there(void *at)
{
	int fds[2];
	ssize_t n;

	must(pipe(fds) == 0);
	must(write(fds[1], at, 1) == 1);
	n = read(fds[0], at, 1);
	close(fds[0]);
	close(fds[1]);
	return n;
}

static void
check_taken(struct loaded *loaded)
{
	struct region *region = &loaded->region;
	const char *base = region->base;
	const char *built = loaded->built, *told = loaded->told;
	int seals = fcntl(region->fd, F_GET_SEALS);

	must(WIFEXITED(script.status) && WEXITSTATUS(script.status) == 0);
	must(base != NULL && region->lasting > 0);
	must(region->lasting <= region->size);
	must((seals & F_SEAL_WRITE) != 0 && (seals & F_SEAL_GROW) != 0);
	must(built >= base && built < base + region->lasting);
	must(told >= base + region->lasting && told < base + region->size);
	/* to its end: or a signal comes */
	for (size_t at = 0; at < region->size; at += 512)
		(void)*(const volatile char *)(base + at);
	must(write_there(region->base) < 0 && errno == EFAULT);
	must(write_there(loaded->told) == 1);
	region_trim(region);
	must(region->size == region->lasting);
	must(write_there(region->base) < 0);
}

static void
take_loaded(void *arg, struct loaded *loaded)
{
	(void)arg;
	must(script.calls++ == 0);
	if (loaded->built != NULL)
		check_taken(loaded);
	else {
		must(!script.honest);
		must(strnlen(loaded->reason, LOADER_REASON) > 0);
		must(strnlen(loaded->reason, LOADER_REASON) < LOADER_REASON);
		for (const char *p = loaded->reason; *p != '\0'; p++)
			must(*p >= ' ' && *p <= '~');
	}
	region_free(&loaded->region);
}

static int
first_free(void)
{
	int fd = fcntl(STDIN_FILENO, F_DUPFD, 200);

	must(fd >= 0);
	close(fd);
	return fd;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct loop *loop;
	const struct loader_job job = { .memory = MEMORY, .seconds = 60 };
	uint8_t how;
	int fd;

	if (loop == NULL)
		loop = loop_new();
	memset(&script, 0, sizeof(script));
	script.input = (struct input){ data, size };
	how = input_byte(&script.input);
	script.honest = (how & 1) != 0;
	script.status = script.honest || (how & 6) != 0 ?
	    0 :
	    input_byte(&script.input) << 8 | how >> 3;
	fd = first_free();
	script.loader = loader_new(loop, take_loaded, NULL);
	must(loader_start(script.loader, &job) == 0);
	must(loader_running(script.loader));
	if ((how & 0x18) == 0x18)
		loader_cancel(script.loader);
	else
		process_ended(PID, script.status, NULL);
	must(!loader_running(script.loader));
	must(script.calls == ((how & 0x18) != 0x18));
	loader_free(script.loader);
	must(first_free() == fd);
	return 0;
}
