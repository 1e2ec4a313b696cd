/* Banners. */
#include "superd/running/banner.h"

#include <sys/socket.h>

void
banner_send(const struct live *live, enum banner which, int fd)
{
	const struct banner_text *text = live->service == NULL ?
	    NULL :
	    live->service->banners[which];

	if (text != NULL)
		send(fd, text->bytes, text->length,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
}
