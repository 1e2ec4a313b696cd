/*
 * What a target makes of its bytes, and how it says that something does not
 * hold: by abort(), which the fuzzer takes for a finding.
 */
#ifndef TESTS_FUZZ_INPUT_H
#define TESTS_FUZZ_INPUT_H

#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *, size_t);

static inline void
must(bool holds)
{
	if (!holds)
		abort();
}

struct input {
	const uint8_t *at;
	size_t left;
};

/* 0 where none is left. */
static inline uint8_t
input_byte(struct input *input)
{
	if (input->left == 0)
		return 0;
	input->left--;
	return *input->at++;
}

/* So many bytes, or zeros where none are left. */
static inline void
input_bytes(struct input *input, void *to, size_t size)
{
	size_t n = size < input->left ? size : input->left;

	memset(to, 0, size);
	if (n > 0)
		memcpy(to, input->at, n);
	input->at += n;
	input->left -= n;
}

/* All that is left, terminated, and in no more memory than that.  malloc'd;
 * a zero byte in it is where it seems to end. */
static inline char *
input_text(struct input *input)
{
	size_t size = input->left;
	char *text = malloc(size + 1);

	must(text != NULL);
	input_bytes(input, text, size);
	text[size] = '\0';
	return text;
}

/* The lowest descriptor above standard error that is free: whether one was left
 * open meanwhile. */
static inline int
lowest_free(void)
{
	int fd = fcntl(STDIN_FILENO, F_DUPFD, 3);

	must(fd >= 0);
	close(fd);
	return fd;
}

#endif
