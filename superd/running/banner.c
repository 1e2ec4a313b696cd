/* Banners. */
#include "superd/running/banner.h"

#include <sys/socket.h>

#include "superd/running/records.h"

void
banner_send(const struct running *running, enum banner which, int fd)
{
	const struct banner_text *text = running->service == NULL ?
	    NULL :
	    running->service->banners[which];

	if (text != NULL)
		send(fd, text->bytes, text->length,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
}
