/* Text on a terminal. */
#include "superd/control/screen.h"

#include <sys/ioctl.h>

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "superd/base/arguments.h"

enum { TAB = 8, ELLIPSIS = 0x2026, TAIL_MAX = 256, WIDTH_MAX = 65535 };

struct screen {
	FILE *file;
	char bytes[MB_LEN_MAX]; /* of a character that is not whole yet */
	size_t count;
	unsigned width; /* 0: lines are not cut */
	unsigned column;
	bool cut;	     /* the rest of this line is left out */
	char tail[TAIL_MAX]; /* where the ellipsis may have to go */
	size_t tail_length;
	char dots[MB_LEN_MAX];
	size_t dots_length;
	unsigned dots_width;
};

/* Lines. */

static unsigned
width_of(FILE *file)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;
	unsigned width;

	if (columns != NULL &&
	    argument_digits(columns, WIDTH_MAX, &width) == 0 && width > 0)
		return width;
	return ioctl(fileno(file), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static void
make_dots(struct screen *screen)
{
	mbstate_t state = { 0 };
	size_t n = wcrtomb(screen->dots, ELLIPSIS, &state);

	if (n == (size_t)-1 || wcwidth(ELLIPSIS) != 1) {
		memcpy(screen->dots, "...", 3);
		n = 3;
	}
	screen->dots_length = n;
	screen->dots_width = n == 3 && screen->dots[0] == '.' ? 3 : 1;
}

/* What comes before the place of the ellipsis is written at once, what comes
 * there when the line has ended in time. */
static void
put(struct screen *screen, const char *bytes, size_t length, unsigned columns)
{
	if (screen->cut)
		return;
	screen->column += columns;
	if (screen->width == 0 ||
	    screen->column + screen->dots_width <= screen->width) {
		fwrite(bytes, 1, length, screen->file);
	} else if (screen->column > screen->width ||
	    screen->tail_length + length > sizeof(screen->tail)) {
		fwrite(screen->dots, 1, screen->dots_length, screen->file);
		screen->cut = true;
	} else {
		memcpy(screen->tail + screen->tail_length, bytes, length);
		screen->tail_length += length;
	}
}

static void
end_line(struct screen *screen)
{
	if (!screen->cut)
		fwrite(screen->tail, 1, screen->tail_length, screen->file);
	screen->tail_length = 0;
	screen->column = 0;
	screen->cut = false;
}

/* Characters. */

static void
put_octal(struct screen *screen, size_t count)
{
	char octal[8];

	for (size_t i = 0; i < count; i++) {
		int n = snprintf(octal, sizeof(octal), "\\%03o",
		    (unsigned)(unsigned char)screen->bytes[i]);

		put(screen, octal, (size_t)n, (unsigned)n);
	}
	screen->count = 0;
}

static void
put_character(struct screen *screen, wchar_t wide)
{
	int columns = wcwidth(wide);

	if (wide == L'\n') {
		end_line(screen);
		fputc('\n', screen->file);
	} else if (wide == L'\t')
		put(screen, "\t", 1, TAB - screen->column % TAB);
	else if (iswprint((wint_t)wide))
		put(screen, screen->bytes, screen->count,
		    columns > 0 ? (unsigned)columns : 0);
	else
		put_octal(screen, screen->count);
	screen->count = 0;
}

static void
put_byte(struct screen *screen, char byte)
{
	mbstate_t state = { 0 };
	wchar_t wide = 0;
	size_t n;

	screen->bytes[screen->count++] = byte;
	n = mbrtowc(&wide, screen->bytes, screen->count, &state);
	if (n == (size_t)-2 && screen->count < sizeof(screen->bytes))
		return;
	if (n == (size_t)-1 && screen->count > 1) {
		screen->count--;
		put_octal(screen, screen->count);
		put_byte(screen, byte); /* it may begin another */
	} else if (n <= screen->count)
		put_character(screen, wide);
	else
		put_octal(screen, screen->count);
}

static void
write_text(FILE *file, const char *bytes, size_t length, bool cut)
{
	struct screen screen = { .file = file };

	if (!isatty(fileno(file))) {
		fwrite(bytes, 1, length, file);
		return;
	}
	make_dots(&screen);
	screen.width = cut ? width_of(file) : 0;
	for (size_t i = 0; i < length; i++)
		put_byte(&screen, bytes[i]);
	put_octal(&screen, screen.count);
	end_line(&screen);
}

void
screen_write(FILE *file, const char *bytes, size_t length)
{
	write_text(file, bytes, length, false);
}

void
screen_write_cut(FILE *file, const char *bytes, size_t length)
{
	write_text(file, bytes, length, true);
}

unsigned
screen_clear(FILE *file)
{
	struct winsize size = { .ws_row = 0 };

	fputs("\033[H\033[J", file);
	ioctl(fileno(file), TIOCGWINSZ, &size);
	return size.ws_row;
}
