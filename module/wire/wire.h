/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Headers: parse, validate, build.
 *
 * A parser takes octets as they came from the wire and gives back what they
 * mean, in host byte order but for addresses and ports, or the reason why they
 * mean nothing.  It looks at no octet beyond the length it is given, keeps no
 * state and takes no lock; it may be called in any context.  Once a parser has
 * said yes, nobody needs to check those fields again.
 *
 * Checksums over a payload are not for parsers: mini_csum_ok() knows what the
 * device has verified.
 */
#ifndef _MINI_WIRE_H
#define _MINI_WIRE_H

#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/types.h>
#include <net/checksum.h>
#include <net/ip.h>

#include "../mib.h"

/**
 * struct mini_wire_ipv4 - an IPv4 header (RFC 791 section 3.1)
 * @saddr: source
 * @daddr: destination
 * @hdr_len: octets of the header, options included: 20 to 60
 * @tot_len: octets of the packet, @hdr_len at least
 * @id: identification
 * @frag_off: fragment offset, octets
 * @mf: more fragments follow
 * @df: don't fragment
 * @proto: protocol
 * @ttl: time to live
 * @tos: type of service
 */
struct mini_wire_ipv4 {
	__be32 saddr;
	__be32 daddr;
	u16 hdr_len;
	u16 tot_len;
	u16 id;
	u16 frag_off;
	bool mf;
	bool df;
	u8 proto;
	u8 ttl;
	u8 tos;
};

/* What is asked of a header that is whole. */
static inline void mini_wire_ipv4_fill(const struct iphdr *iph,
				       struct mini_wire_ipv4 *ip)
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

/**
 * mini_wire_ipv4_parse() - an IPv4 header, checksum included
 * @data: header
 * @len: octets of the packet; the header at least must be readable at @data
 * @ip: receives the meaning
 *
 * Return: 0; MINI_DROP_IP_SHORT, _VERSION, _HEADER_LEN, _TOTAL_LEN, _CSUM.
 */
static inline enum mini_drop_reason
mini_wire_ipv4_parse(const void *data, unsigned int len,
		     struct mini_wire_ipv4 *ip)
{
	const struct iphdr *iph = data;
	unsigned int tot_len;

	if (unlikely(len < sizeof(*iph)))
		return MINI_DROP_IP_SHORT;
	if (unlikely(iph->version != 4))
		return MINI_DROP_IP_VERSION;
	if (unlikely(iph->ihl < 5 || iph->ihl * 4 > len))
		return MINI_DROP_IP_HEADER_LEN;
	tot_len = ntohs(iph->tot_len);
	if (unlikely(tot_len < iph->ihl * 4 || tot_len > len))
		return MINI_DROP_IP_TOTAL_LEN;
	if (unlikely(ip_fast_csum(iph, iph->ihl)))
		return MINI_DROP_IP_CSUM;
	mini_wire_ipv4_fill(iph, ip);
	return MINI_DROP_NOT_SPECIFIED;
}

/* Octets of the transport that an ICMP error quotes at least (RFC 792). */
#define MINI_WIRE_ICMP_QUOTE	8

/**
 * mini_wire_icmp_quote_parse() - the packet that an ICMP error quotes
 * @data: the quoted IPv4 header
 * @len: octets quoted
 * @ip: receives the meaning
 *
 * The quote may be shorter than the packet was, and its checksum stale: hosts
 * on the way changed TTL.
 *
 * Return: 0; MINI_DROP_ICMP_QUOTE if it is no IPv4 packet or less than
 * MINI_WIRE_ICMP_QUOTE octets follow its header.
 */
enum mini_drop_reason mini_wire_icmp_quote_parse(const void *data,
						 unsigned int len,
						 struct mini_wire_ipv4 *ip);

#define MINI_WIRE_ARP_LEN	28	/* Ethernet and IPv4 */
#define MINI_WIRE_ARP_REQUEST	1
#define MINI_WIRE_ARP_REPLY	2

/**
 * struct mini_wire_arp - an ARP packet (RFC 826), Ethernet and IPv4
 * @op: MINI_WIRE_ARP_REQUEST or MINI_WIRE_ARP_REPLY
 * @sha: sender's MAC address, unicast and not zero
 * @tha: target's; of no meaning in a request
 * @spa: sender's IPv4 address; 0 in a probe (RFC 5227)
 * @tpa: target's
 */
struct mini_wire_arp {
	u16 op;
	u8 sha[ETH_ALEN];
	u8 tha[ETH_ALEN];
	__be32 spa;
	__be32 tpa;
};

/**
 * mini_wire_arp_parse() - an ARP packet
 * @data: packet, behind the Ethernet header
 * @len: octets readable there
 * @arp: receives the meaning
 *
 * Return: 0; MINI_DROP_ARP_SHORT, _FORMAT (not Ethernet and IPv4), _OPCODE,
 * _SENDER (no station has such an address).
 */
enum mini_drop_reason mini_wire_arp_parse(const void *data, unsigned int len,
					  struct mini_wire_arp *arp);

/* Write @arp to @buf: MINI_WIRE_ARP_LEN octets. */
void mini_wire_arp_build(void *buf, const struct mini_wire_arp *arp);

/**
 * struct mini_wire_udp - a UDP header (RFC 768)
 * @sport: source port
 * @dport: destination port
 * @len: octets of header and data: 8 at least, no more than IP carried
 * @check: checksum as sent; 0: none
 */
struct mini_wire_udp {
	__be16 sport;
	__be16 dport;
	u16 len;
	__sum16 check;
};

/**
 * mini_wire_udp_parse() - a UDP header
 * @data: header; 8 octets readable unless @len is less
 * @len: octets that IP carried
 * @udp: receives the meaning
 *
 * Return: 0; MINI_DROP_UDP_SHORT, MINI_DROP_UDP_LENGTH.
 */
enum mini_drop_reason mini_wire_udp_parse(const void *data, unsigned int len,
					  struct mini_wire_udp *udp);

/* TCP's control bits (RFC 9293 section 3.1, RFC 3168). */
#define MINI_TCP_FIN	0x01
#define MINI_TCP_SYN	0x02
#define MINI_TCP_RST	0x04
#define MINI_TCP_PSH	0x08
#define MINI_TCP_ACK	0x10
#define MINI_TCP_URG	0x20
#define MINI_TCP_ECE	0x40
#define MINI_TCP_CWR	0x80

#define MINI_WIRE_TCP_SACKS	4
#define MINI_WIRE_TCP_FASTOPEN	16	/* longest cookie, RFC 7413 4.1.1 */

/* NOP, NOP, kind 8, length 10: the word before the two timestamps. */
#define MINI_WIRE_TCPOPT_TSTAMP_WORD		0x0101080a
#define MINI_WIRE_TCPOLEN_TSTAMP_ALIGNED	12

/**
 * struct mini_wire_tcp_opts - TCP options
 * @tsval, @tsecr: RFC 7323 section 3, if @saw_tstamp
 * @mss: if @saw_mss
 * @wscale: shift, 14 at most, if @saw_wscale
 * @sack_ok: SACK permitted (RFC 2018)
 * @num_sacks: how many of @sacks are filled
 * @fastopen_len: octets of @fastopen, 0: a cookie is asked for (RFC 7413), if
 *	@saw_fastopen
 * @sacks: first and one past the last sequence number
 * @fastopen: the cookie
 */
struct mini_wire_tcp_opts {
	u32 tsval;
	u32 tsecr;
	u16 mss;
	u8 wscale;
	u8 saw_tstamp:1,
	   saw_mss:1,
	   saw_wscale:1,
	   sack_ok:1,
	   saw_fastopen:1;
	u8 num_sacks;
	u8 fastopen_len;
	struct {
		u32 start;
		u32 end;
	} sacks[MINI_WIRE_TCP_SACKS];
	u8 fastopen[MINI_WIRE_TCP_FASTOPEN];
};

/**
 * struct mini_wire_tcp - a TCP header (RFC 9293 section 3.1)
 * @sport: source port
 * @dport: destination port
 * @seq: sequence number
 * @ack: acknowledgment number, if MINI_TCP_ACK
 * @window: as sent, not scaled
 * @urg: urgent pointer, if MINI_TCP_URG
 * @flags: MINI_TCP_*
 * @hdr_len: octets of the header, options included: 20 to 60
 * @ecn: the two bits of the IP header before it; not the parser's to fill
 * @opts: the options
 */
struct mini_wire_tcp {
	__be16 sport;
	__be16 dport;
	u32 seq;
	u32 ack;
	u16 window;
	u16 urg;
	u8 flags;
	u8 hdr_len;
	u8 ecn;
	struct mini_wire_tcp_opts opts;
};

/**
 * mini_wire_tcp_parse() - a TCP header
 * @data: header
 * @len: octets readable there; what follows the header is not looked at
 * @tcp: receives the meaning
 *
 * A malformed option ends the options, but is no reason to refuse the segment
 * (RFC 9293 MUST-6, MUST-7).
 *
 * Return: 0; MINI_DROP_TCP_SHORT, MINI_DROP_TCP_DATA_OFFSET.
 */
enum mini_drop_reason mini_wire_tcp_parse(const void *data, unsigned int len,
					  struct mini_wire_tcp *tcp);

/* Octets that the options of @tcp need, a multiple of 4. */
unsigned int mini_wire_tcp_optlen(const struct mini_wire_tcp *tcp);

/**
 * mini_wire_tcp_build() - write a TCP header
 * @buf: 20 octets and mini_wire_tcp_optlen()
 * @tcp: what to write; @tcp->hdr_len is not looked at, the checksum is zero
 *
 * Return: octets written.
 */
unsigned int mini_wire_tcp_build(void *buf, const struct mini_wire_tcp *tcp);

#endif /* _MINI_WIRE_H */
