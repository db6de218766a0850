// SPDX-License-Identifier: GPL-2.0
/*
 * IPv4 headers that ICMP quotes (RFC 792); those of packets are parsed in
 * wire.h, once for each that comes in.
 *
 * Any context; no lock.
 */
#include <linux/ip.h>

#include "wire.h"

enum mini_drop_reason mini_wire_icmp_quote_parse(const void *data,
						 unsigned int len,
						 struct mini_wire_ipv4 *ip)
{
	const struct iphdr *iph = data;

	if (len < sizeof(*iph) || iph->version != 4 || iph->ihl < 5 ||
	    len < iph->ihl * 4 + MINI_WIRE_ICMP_QUOTE ||
	    ntohs(iph->tot_len) < iph->ihl * 4 + MINI_WIRE_ICMP_QUOTE)
		return MINI_DROP_ICMP_QUOTE;
	mini_wire_ipv4_fill(iph, ip);
	return MINI_DROP_NOT_SPECIFIED;
}
