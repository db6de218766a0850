// SPDX-License-Identifier: GPL-2.0
/*
 * ARP packets of Ethernet and IPv4 (RFC 826).
 *
 * Any context; no lock.
 */
#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/string.h>

#include "wire.h"

struct wire_arp {
	__be16 htype;
	__be16 ptype;
	u8 hlen;
	u8 plen;
	__be16 op;
	u8 sha[ETH_ALEN];
	__be32 spa;
	u8 tha[ETH_ALEN];
	__be32 tpa;
} __packed;

enum mini_drop_reason mini_wire_arp_parse(const void *data, unsigned int len,
					  struct mini_wire_arp *arp)
{
	const struct wire_arp *w = data;

	BUILD_BUG_ON(sizeof(*w) != MINI_WIRE_ARP_LEN);
	if (len < sizeof(*w))
		return MINI_DROP_ARP_SHORT;
	if (w->htype != htons(ARPHRD_ETHER) || w->ptype != htons(ETH_P_IP) ||
	    w->hlen != ETH_ALEN || w->plen != sizeof(__be32))
		return MINI_DROP_ARP_FORMAT;
	if (w->op != htons(MINI_WIRE_ARP_REQUEST) &&
	    w->op != htons(MINI_WIRE_ARP_REPLY))
		return MINI_DROP_ARP_OPCODE;
	arp->op = ntohs(w->op);
	memcpy(arp->sha, w->sha, ETH_ALEN);
	memcpy(arp->tha, w->tha, ETH_ALEN);
	arp->spa = w->spa;
	arp->tpa = w->tpa;
	if (!is_valid_ether_addr(arp->sha))
		return MINI_DROP_ARP_SENDER;
	return MINI_DROP_NOT_SPECIFIED;
}

void mini_wire_arp_build(void *buf, const struct mini_wire_arp *arp)
{
	struct wire_arp *w = buf;

	w->htype = htons(ARPHRD_ETHER);
	w->ptype = htons(ETH_P_IP);
	w->hlen = ETH_ALEN;
	w->plen = sizeof(__be32);
	w->op = htons(arp->op);
	memcpy(w->sha, arp->sha, ETH_ALEN);
	w->spa = arp->spa;
	memcpy(w->tha, arp->tha, ETH_ALEN);
	w->tpa = arp->tpa;
}
