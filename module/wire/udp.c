// SPDX-License-Identifier: GPL-2.0
/*
 * UDP headers (RFC 768).
 *
 * Any context; no lock.
 */
#include <linux/udp.h>

#include "wire.h"

enum mini_drop_reason mini_wire_udp_parse(const void *data, unsigned int len,
					  struct mini_wire_udp *udp)
{
	const struct udphdr *uh = data;

	if (len < sizeof(*uh))
		return MINI_DROP_UDP_SHORT;
	udp->sport = uh->source;
	udp->dport = uh->dest;
	udp->len = ntohs(uh->len);
	udp->check = uh->check;
	if (udp->len < sizeof(*uh) || udp->len > len)
		return MINI_DROP_UDP_LENGTH;
	return MINI_DROP_NOT_SPECIFIED;
}
