/* UTF-8. */
#include "conf/utf8.h"

size_t
utf8_decode(const char *text, unsigned *code)
{
	static const struct {
		unsigned char mask, lead;
		unsigned first;
	} forms[] = { { 0x80, 0, 0 }, { 0xe0, 0xc0, 0x80 },
		{ 0xf0, 0xe0, 0x800 }, { 0xf8, 0xf0, 0x10000 } };
	const unsigned char *p = (const unsigned char *)text;
	size_t more = 0;

	while (more < 4 && (p[0] & forms[more].mask) != forms[more].lead)
		more++;
	if (more == 4)
		return 0;
	*code = p[0] & (unsigned char)~forms[more].mask;
	/* the terminator is no part of a character: no byte behind it */
	for (size_t i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*code = *code << 6 | (p[i] & 0x3f);
	}
	if (*code < forms[more].first || *code > 0x10ffff ||
	    (*code >= 0xd800 && *code < 0xe000))
		return 0;
	return more + 1;
}
