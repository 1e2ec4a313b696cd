/* Memberships in groups: text, and what a bound address means. */
#include "conf/multicast.h"

#include <netinet/in.h>

#include <string.h>

#include <bsd/string.h>

enum { HOST_TEXT = 64 };

/* A numeric address without scope: the device stands elsewhere. */
static int
parse_host(const char *text, size_t length, struct addr *addr)
{
	char host[HOST_TEXT];

	if (length >= sizeof(host))
		return -1;
	memcpy(host, text, length);
	host[length] = '\0';
	return strpbrk(host, "[%") != NULL ?
	    -1 :
	    addr_parse_host(host, 0, addr);
}

static int
parse_interface(const char *text, size_t length, char *interface)
{
	if (length == 0 || length >= IF_NAMESIZE ||
	    memchr(text, '/', length) != NULL)
		return -1;
	memcpy(interface, text, length);
	interface[length] = '\0';
	return 0;
}

int
membership_parse(const char *text, struct membership *membership)
{
	static const char from[] = " from ";
	const char *source = strstr(text, from), *at;
	size_t length = source != NULL ? (size_t)(source - text) : strlen(text);

	memset(membership, 0, sizeof(*membership));
	at = memchr(text, '@', length);
	if (at != NULL &&
	    parse_interface(at + 1, length - (size_t)(at + 1 - text),
		membership->interface) != 0)
		return -1;
	if (parse_host(text, at != NULL ? (size_t)(at - text) : length,
		&membership->group) != 0 ||
	    !addr_is_multicast(&membership->group))
		return -1;
	if (source == NULL)
		return 0;
	source += strlen(from);
	if (parse_host(source, strlen(source), &membership->source) != 0)
		return -1;
	return addr_is_multicast(&membership->source) ||
		membership->source.u.sa.sa_family !=
		    membership->group.u.sa.sa_family ?
	    -1 :
	    0;
}

bool
membership_of(const struct service *service, const struct endpoint *endpoint,
    struct membership *membership)
{
	memset(membership, 0, sizeof(*membership));
	if (!addr_is_multicast(&endpoint->addr))
		return false;
	membership->group = endpoint->addr;
	if (service->interface != NULL)
		strlcpy(membership->interface, service->interface,
		    sizeof(membership->interface));
	return true;
}

bool
membership_fits(const struct membership *membership,
    const struct endpoint *endpoint)
{
	sa_family_t family = membership->group.u.sa.sa_family;
	sa_family_t bound = endpoint->addr.u.sa.sa_family;

	if (bound != family && (bound != AF_INET6 || endpoint->v6only))
		return false;
	return addr_is_any(&endpoint->addr) ||
	    addr_same_host(&endpoint->addr, &membership->group);
}
