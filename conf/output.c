/* Lines of superd.conf, written. */
#include "conf/output.h"

#include <stdarg.h>
#include <string.h>

void
print_name(const struct output *out)
{
	fprintf(out->file, "%s%s = ", out->indent, out->attribute->name);
}

void
print_line(const struct output *out, const char *fmt, ...)
{
	va_list ap;

	print_name(out);
	va_start(ap, fmt);
	vfprintf(out->file, fmt, ap);
	va_end(ap);
	fputc('\n', out->file);
}

/* What libconfuse reads back as the same text: in double quotes a backslash
 * protects, and a dollar may open a variable. */
void
print_quoted(const struct output *out, const char *text)
{
	fputc('"', out->file);
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\' || c == '$')
			fprintf(out->file, "\\%c", c);
		else if (c < 0x20 || c == 0x7f)
			fprintf(out->file, "\\x%02x", c);
		else
			fputc(c, out->file);
	}
	fputc('"', out->file);
}

void
print_text(const struct output *out, const char *value)
{
	if (value == NULL)
		return;
	print_name(out);
	print_quoted(out, value);
	fputc('\n', out->file);
}

void
print_word(const struct output *out, const char *value)
{
	print_line(out, "%s", value);
}

void
print_list(const struct output *out, char *const *list)
{
	print_name(out);
	fputc('{', out->file);
	for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
		fputs(i > 0 ? ", " : "", out->file);
		print_quoted(out, list[i]);
	}
	fputs("}\n", out->file);
}

unsigned
output_silence(const struct output *out)
{
	const struct attribute *attribute = out->attribute;
	unsigned value = LIMIT_UNSET;

	/* of a rate it is the count, which stands in front */
	if (attribute->in_globals != NOWHERE)
		memcpy(&value,
		    (const char *)out->globals + attribute->in_globals,
		    sizeof(value));
	return value != LIMIT_UNSET ? value : attribute->usual;
}
