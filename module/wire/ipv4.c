// SPDX-License-Identifier: GPL-2.0
/*
 * IPv4 headers (RFC 791 section 3.1, RFC 1122 section 3.2.1), on their own and
 * quoted by ICMP (RFC 792).
 *
 * Any context; no lock.
 */
#include <linux/ip.h>
#include <net/checksum.h>
#include <net/ip.h>

#include "wire.h"

/* What both callers want of a header that is whole. */
static void wire_ipv4_fill(const struct iphdr *iph, struct mini_wire_ipv4 *ip)
{
	u16 frag = ntohs(iph->frag_off);

	ip->saddr = iph->saddr;
	ip->daddr = iph->daddr;
	ip->hdr_len = iph->ihl * 4;
	ip->tot_len = ntohs(iph->tot_len);
	ip->id = ntohs(iph->id);
	ip->frag_off = (frag & IP_OFFSET) * 8;
	ip->mf = frag & IP_MF;
	ip->df = frag & IP_DF;
	ip->proto = iph->protocol;
	ip->ttl = iph->ttl;
	ip->tos = iph->tos;
}

enum mini_drop_reason mini_wire_ipv4_parse(const void *data, unsigned int len,
					   struct mini_wire_ipv4 *ip)
{
	const struct iphdr *iph = data;

	if (len < sizeof(*iph))
		return MINI_DROP_IP_SHORT;
	if (iph->version != 4)
		return MINI_DROP_IP_VERSION;
	if (iph->ihl < 5 || iph->ihl * 4 > len)
		return MINI_DROP_IP_HEADER_LEN;
	if (ntohs(iph->tot_len) < iph->ihl * 4 || ntohs(iph->tot_len) > len)
		return MINI_DROP_IP_TOTAL_LEN;
	if (ip_fast_csum(iph, iph->ihl))
		return MINI_DROP_IP_CSUM;
	wire_ipv4_fill(iph, ip);
	return MINI_DROP_NOT_SPECIFIED;
}

enum mini_drop_reason mini_wire_icmp_quote_parse(const void *data,
						 unsigned int len,
						 struct mini_wire_ipv4 *ip)
{
	const struct iphdr *iph = data;

	if (len < sizeof(*iph) || iph->version != 4 || iph->ihl < 5 ||
	    len < iph->ihl * 4 + MINI_WIRE_ICMP_QUOTE ||
	    ntohs(iph->tot_len) < iph->ihl * 4 + MINI_WIRE_ICMP_QUOTE)
		return MINI_DROP_ICMP_QUOTE;
	wire_ipv4_fill(iph, ip);
	return MINI_DROP_NOT_SPECIFIED;
}
