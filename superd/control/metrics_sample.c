/* Without printf(3): there may be a hundred thousand lines. */
#include "superd/control/metrics_sample.h"

#include <string.h>

#include "conf/utf8.h"
#include "superd/base/clock.h"

enum { DIGITS = 20, MICRO = 6 };

static void
put(struct sample *sample, const char *bytes)
{
	text_put(sample->text, bytes, strlen(bytes));
}

static void
put_number(struct sample *sample, uint64_t number)
{
	char digits[DIGITS];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + number % 10);
		number /= 10;
	} while (number != 0);
	text_put(sample->text, digits + at, sizeof(digits) - at);
}

/* Without zeros at the end. */
static void
put_seconds(struct sample *sample, uint64_t microseconds)
{
	uint64_t rest = microseconds % SECOND;
	char digits[MICRO + 1] = { '.' };
	size_t length = 0;

	put_number(sample, microseconds / SECOND);
	for (size_t i = MICRO; i > 0; i--) {
		digits[i] = (char)('0' + rest % 10);
		if (length == 0 && rest % 10 != 0)
			length = i;
		rest /= 10;
	}
	if (length > 0)
		text_put(sample->text, digits, length + 1);
}

static void
put_octet(struct sample *sample, unsigned octet)
{
	static const char hex[] = "0123456789abcdef";
	char escaped[] = { '\\', '\\', 'x', hex[octet >> 4], hex[octet & 15] };

	text_put(sample->text, escaped, sizeof(escaped));
}

static void
put_value(struct sample *sample, const char *value)
{
	unsigned code;
	size_t length;

	for (; *value != '\0'; value += length > 0 ? length : 1) {
		length = utf8_decode(value, &code);
		if (length == 0)
			put_octet(sample, (unsigned char)*value);
		else if (code == '\n')
			put(sample, "\\n");
		else {
			if (code == '"' || code == '\\')
				put(sample, "\\");
			text_put(sample->text, value, length);
		}
	}
}

void
sample_begin(struct sample *sample, const char *suffix)
{
	put(sample, sample->name);
	put(sample, suffix);
	sample->labelled = false;
}

void
sample_label(struct sample *sample, const char *name, const char *value)
{
	put(sample, sample->labelled ? "," : "{");
	put(sample, name);
	put(sample, "=\"");
	put_value(sample, value);
	put(sample, "\"");
	sample->labelled = true;
}

static void
begin_value(struct sample *sample)
{
	put(sample, sample->labelled ? "} " : " ");
}

void
sample_number(struct sample *sample, uint64_t number)
{
	begin_value(sample);
	put_number(sample, number);
	put(sample, "\n");
}

void
sample_seconds(struct sample *sample, uint64_t microseconds)
{
	begin_value(sample);
	put_seconds(sample, microseconds);
	put(sample, "\n");
}

/* The label of a bucket is a number, too. */
static void
add_bound(struct sample *sample, int64_t bound)
{
	put(sample, sample->labelled ? ",le=\"" : "{le=\"");
	put_seconds(sample, (uint64_t)bound);
	put(sample, "\"");
	sample->labelled = true;
}

static void
begin_of(struct sample *sample, const char *suffix, const char *service)
{
	sample_begin(sample, suffix);
	if (service != NULL)
		sample_label(sample, "service", service);
}

void
sample_histogram(struct sample *sample, const char *service,
    const struct histogram *histogram, const int64_t bounds[HISTOGRAM_BOUNDS])
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < HISTOGRAM_BOUNDS; i++) {
		sum += histogram->counts[i];
		begin_of(sample, "_bucket", service);
		add_bound(sample, bounds[i]);
		sample_number(sample, sum);
	}
	sum += histogram->counts[HISTOGRAM_BOUNDS];
	begin_of(sample, "_bucket", service);
	sample_label(sample, "le", "+Inf");
	sample_number(sample, sum);
	begin_of(sample, "_sum", service);
	sample_seconds(sample, histogram->sum);
	begin_of(sample, "_count", service);
	sample_number(sample, sum);
}
