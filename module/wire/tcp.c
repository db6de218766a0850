// SPDX-License-Identifier: GPL-2.0
/*
 * TCP headers and options (RFC 9293 section 3.1 and 3.2, RFC 7323, RFC 2018).
 *
 * Any context; no lock.
 */
#include <linux/string.h>
#include <linux/tcp.h>

#include "../compat.h"
#include "wire.h"

/* Option kinds and their lengths. */
#define OPT_EOL		0
#define OPT_NOP		1
#define OPT_MSS		2
#define OPT_WSCALE	3
#define OPT_SACK_PERM	4
#define OPT_SACK	5
#define OPT_TSTAMP	8
#define OPT_FASTOPEN	34

#define OPTLEN_MSS	4
#define OPTLEN_WSCALE	3
#define OPTLEN_SACK_PERM 2
#define OPTLEN_SACK	2
#define OPTLEN_BLOCK	8
#define OPTLEN_TSTAMP	10
#define OPTLEN_FASTOPEN	2

#define MAX_WSCALE	14	/* RFC 7323 section 2.3 */

static void wire_tcp_sacks(const u8 *p, unsigned int len,
			   struct mini_wire_tcp_opts *o)
{
	unsigned int n = (len - OPTLEN_SACK) / OPTLEN_BLOCK;
	unsigned int i;

	if (len < OPTLEN_SACK + OPTLEN_BLOCK ||
	    (len - OPTLEN_SACK) % OPTLEN_BLOCK)
		return;
	n = min_t(unsigned int, n, MINI_WIRE_TCP_SACKS);
	for (i = 0; i < n; i++) {
		o->sacks[i].start = get_unaligned_be32(p + 2 + 8 * i);
		o->sacks[i].end = get_unaligned_be32(p + 6 + 8 * i);
	}
	o->num_sacks = n;
}

/* RFC 7413 4.1.1: nothing, or 4 to 16 octets, an even number of them. */
static void wire_tcp_fastopen(const u8 *p, unsigned int len,
			      struct mini_wire_tcp_opts *o)
{
	unsigned int n = len - OPTLEN_FASTOPEN;

	if (n && (n < 4 || n > MINI_WIRE_TCP_FASTOPEN || n % 2))
		return;
	memcpy(o->fastopen, p + OPTLEN_FASTOPEN, n);
	o->fastopen_len = n;
	o->saw_fastopen = 1;
}

/* One option of @len octets, kind and length included. */
static void wire_tcp_opt(const u8 *p, unsigned int len,
			 struct mini_wire_tcp_opts *o)
{
	switch (p[0]) {
	case OPT_MSS:
		if (len != OPTLEN_MSS)
			break;
		o->mss = get_unaligned_be16(p + 2);
		o->saw_mss = o->mss != 0;
		break;
	case OPT_WSCALE:
		if (len != OPTLEN_WSCALE)
			break;
		o->wscale = min_t(u8, p[2], MAX_WSCALE);
		o->saw_wscale = 1;
		break;
	case OPT_SACK_PERM:
		if (len == OPTLEN_SACK_PERM)
			o->sack_ok = 1;
		break;
	case OPT_SACK:
		wire_tcp_sacks(p, len, o);
		break;
	case OPT_TSTAMP:
		if (len != OPTLEN_TSTAMP)
			break;
		o->tsval = get_unaligned_be32(p + 2);
		o->tsecr = get_unaligned_be32(p + 6);
		o->saw_tstamp = 1;
		break;
	case OPT_FASTOPEN:
		wire_tcp_fastopen(p, len, o);
		break;
	}
}

static void wire_tcp_opts(const u8 *p, unsigned int len,
			  struct mini_wire_tcp_opts *o)
{
	/* What nearly every segment of a connection has. */
	if (len == MINI_WIRE_TCPOLEN_TSTAMP_ALIGNED &&
	    get_unaligned_be32(p) == MINI_WIRE_TCPOPT_TSTAMP_WORD) {
		o->tsval = get_unaligned_be32(p + 4);
		o->tsecr = get_unaligned_be32(p + 8);
		o->saw_tstamp = 1;
		return;
	}
	while (len) {
		unsigned int olen = 1;

		if (p[0] == OPT_EOL)
			return;
		if (p[0] != OPT_NOP) {
			if (len < 2 || p[1] < 2 || p[1] > len)
				return;
			olen = p[1];
			wire_tcp_opt(p, olen, o);
		}
		p += olen;
		len -= olen;
	}
}

enum mini_drop_reason mini_wire_tcp_parse(const void *data, unsigned int len,
					  struct mini_wire_tcp *tcp)
{
	const struct tcphdr *th = data;
	unsigned int hdr_len;

	if (len < sizeof(*th))
		return MINI_DROP_TCP_SHORT;
	hdr_len = th->doff * 4;
	if (hdr_len < sizeof(*th) || hdr_len > len)
		return MINI_DROP_TCP_DATA_OFFSET;
	tcp->sport = th->source;
	tcp->dport = th->dest;
	tcp->seq = ntohl(th->seq);
	tcp->ack = ntohl(th->ack_seq);
	tcp->window = ntohs(th->window);
	tcp->urg = ntohs(th->urg_ptr);
	tcp->flags = ((const u8 *)data)[13];
	tcp->hdr_len = hdr_len;
	memset(&tcp->opts, 0, offsetof(struct mini_wire_tcp_opts, sacks));
	wire_tcp_opts((const u8 *)(th + 1), hdr_len - sizeof(*th), &tcp->opts);
	return MINI_DROP_NOT_SPECIFIED;
}

/* Each option is padded to 4 octets by itself: readers like them aligned. */
unsigned int mini_wire_tcp_optlen(const struct mini_wire_tcp *tcp)
{
	const struct mini_wire_tcp_opts *o = &tcp->opts;
	unsigned int len = 0;

	if (o->saw_mss)
		len += OPTLEN_MSS;
	if (o->saw_tstamp)
		len += MINI_WIRE_TCPOLEN_TSTAMP_ALIGNED;
	if (o->sack_ok)
		len += 4;
	if (o->saw_wscale)
		len += 4;
	if (o->num_sacks)
		len += 4 + OPTLEN_BLOCK * o->num_sacks;
	if (o->saw_fastopen)
		len += round_up(OPTLEN_FASTOPEN + o->fastopen_len, 4);
	return len;
}

static u8 *wire_tcp_put_sacks(u8 *p, const struct mini_wire_tcp_opts *o)
{
	unsigned int i;

	*p++ = OPT_NOP;
	*p++ = OPT_NOP;
	*p++ = OPT_SACK;
	*p++ = OPTLEN_SACK + OPTLEN_BLOCK * o->num_sacks;
	for (i = 0; i < o->num_sacks; i++, p += OPTLEN_BLOCK) {
		put_unaligned_be32(o->sacks[i].start, p);
		put_unaligned_be32(o->sacks[i].end, p + 4);
	}
	return p;
}

static u8 *wire_tcp_put_fastopen(u8 *p, const struct mini_wire_tcp_opts *o)
{
	unsigned int len = OPTLEN_FASTOPEN + o->fastopen_len;
	unsigned int pad = round_up(len, 4) - len;

	memset(p, OPT_NOP, pad);
	p += pad;
	*p++ = OPT_FASTOPEN;
	*p++ = len;
	memcpy(p, o->fastopen, o->fastopen_len);
	return p + o->fastopen_len;
}

static u8 *wire_tcp_put_opts(u8 *p, const struct mini_wire_tcp_opts *o)
{
	if (o->saw_mss) {
		*p++ = OPT_MSS;
		*p++ = OPTLEN_MSS;
		put_unaligned_be16(o->mss, p);
		p += 2;
	}
	if (o->sack_ok) {
		*p++ = OPT_NOP;
		*p++ = OPT_NOP;
		*p++ = OPT_SACK_PERM;
		*p++ = OPTLEN_SACK_PERM;
	}
	if (o->saw_tstamp) {
		put_unaligned_be32(MINI_WIRE_TCPOPT_TSTAMP_WORD, p);
		put_unaligned_be32(o->tsval, p + 4);
		put_unaligned_be32(o->tsecr, p + 8);
		p += MINI_WIRE_TCPOLEN_TSTAMP_ALIGNED;
	}
	if (o->saw_wscale) {
		*p++ = OPT_NOP;
		*p++ = OPT_WSCALE;
		*p++ = OPTLEN_WSCALE;
		*p++ = o->wscale;
	}
	if (o->num_sacks)
		p = wire_tcp_put_sacks(p, o);
	if (o->saw_fastopen)
		p = wire_tcp_put_fastopen(p, o);
	return p;
}

unsigned int mini_wire_tcp_build(void *buf, const struct mini_wire_tcp *tcp)
{
	struct tcphdr *th = buf;
	unsigned int len = wire_tcp_put_opts((u8 *)(th + 1), &tcp->opts) -
			   (u8 *)buf;

	th->source = tcp->sport;
	th->dest = tcp->dport;
	th->seq = htonl(tcp->seq);
	th->ack_seq = htonl(tcp->ack);
	((u8 *)buf)[12] = len / 4 << 4;
	((u8 *)buf)[13] = tcp->flags;
	th->window = htons(tcp->window);
	th->check = 0;
	th->urg_ptr = htons(tcp->urg);
	return len;
}
