// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that no connection sends: resets (RFC 9293 section 3.10.7.1), the
 * SYN-ACK of a half-open connection, the ACK of a TIME-WAIT record.
 *
 * Locks on entry: none; rcu_read_lock() where a received packet is answered.
 */
#include <linux/tcp.h>

#include "open.h"

/* A segment of @h alone, ready for IP. */
static struct sk_buff *mini_tcp_reply_build(const struct mini_wire_tcp *h,
					    const struct in6_addr *saddr,
					    const struct in6_addr *daddr)
{
	struct sk_buff *skb = alloc_skb(MINI_TCP_HEADROOM, GFP_ATOMIC);
	unsigned int len = sizeof(struct tcphdr) + mini_wire_tcp_optlen(h);

	if (!skb)
		return NULL;
	skb_reserve(skb, MINI_TCP_HEADROOM);
	mini_wire_tcp_build(skb_push(skb, len), h);
	skb_reset_transport_header(skb);
	mini_csum_out(skb, saddr, daddr, IPPROTO_TCP,
		      offsetof(struct tcphdr, check));
	return skb;
}

static void mini_tcp_reply(const struct mini_rx *rx,
			   const struct mini_wire_tcp *h, u8 tos)
{
	const struct mini_ip_hdr ip = {
		.proto = IPPROTO_TCP, .tos = tos, .df = true,
	};
	struct sk_buff *skb = mini_tcp_reply_build(h, &rx->daddr, &rx->saddr);

	if (!skb)
		return;
	mini_inc(rx->mn, MINI_MIB_TCP_OUT_SEGS);
	mini_ip_reply(rx, skb, &ip);
}

/**
 * mini_tcp_reply_rst() - refuse a segment that belongs to no connection
 * @rx: the packet
 * @skb: it, data behind the TCP header; not consumed
 * @h: its TCP header
 */
void mini_tcp_reply_rst(const struct mini_rx *rx, struct sk_buff *skb,
			const struct mini_wire_tcp *h)
{
	struct mini_wire_tcp r = {
		.sport = h->dport,
		.dport = h->sport,
		.flags = MINI_TCP_RST,
	};

	if (h->flags & MINI_TCP_RST || rx->dst_type != MINI_ROUTE_LOCAL)
		return;
	if (h->flags & MINI_TCP_ACK) {
		r.seq = h->ack;
	} else {
		r.flags |= MINI_TCP_ACK;
		r.ack = h->seq + skb->len + !!(h->flags & MINI_TCP_SYN) +
			!!(h->flags & MINI_TCP_FIN);
	}
	mini_inc(rx->mn, MINI_MIB_TCP_OUT_RSTS);
	mini_tcp_reply(rx, &r, 0);
}

/* What a TIME-WAIT record has to say: where it stands. */
void mini_tcp_reply_tw(const struct mini_rx *rx, struct mini_tcp_tw *tw,
		       u64 now)
{
	struct mini_wire_tcp r = {
		.sport = tw->conn.tuple.lport,
		.dport = tw->conn.tuple.rport,
		.seq = tw->snd_nxt,
		.ack = tw->rcv_nxt,
		.window = READ_ONCE(tw->rcv_wnd) >> tw->rcv_wscale,
		.flags = MINI_TCP_ACK,
	};

	if (tw->tstamp_ok) {
		r.opts.saw_tstamp = 1;
		r.opts.tsval = mini_tcp_tsval(tw->ts_off, now);
		r.opts.tsecr = tw->ts_recent;
	}
	mini_tcp_reply(rx, &r, tw->tos);
}

/**
 * mini_tcp_reply_req() - tell where a half-open connection stands (RFC 9293
 * 3.10.7.4, first)
 * @rx: the packet that does not fit
 * @req: half-open connection
 * @now: microseconds
 */
void mini_tcp_reply_req(const struct mini_rx *rx,
			const struct mini_tcp_req *req, u64 now)
{
	struct mini_wire_tcp r = {
		.sport = req->conn.tuple.lport,
		.dport = req->conn.tuple.rport,
		.seq = req->iss + 1,
		.ack = req->irs + 1,
		.window = req->rcv_wnd >> req->rcv_wscale,
		.flags = MINI_TCP_ACK,
	};

	if (req->tstamp_ok) {
		r.opts.saw_tstamp = 1;
		r.opts.tsval = mini_tcp_tsval(req->ts_off, now);
		r.opts.tsecr = READ_ONCE(req->ts_recent);
	}
	mini_tcp_reply(rx, &r, req->tos);
}

/**
 * mini_tcp_send_synack() - answer, or answer again, a half-open connection's
 * SYN
 * @req: half-open connection
 * @now: microseconds
 *
 * Return: 0 or a negative errno; the timer tries again.
 */
int mini_tcp_send_synack(struct mini_tcp_req *req, u64 now)
{
	const struct mini_sock *ls = mini_sk(req->listener);
	const struct mini_tuple *t = &req->conn.tuple;
	const struct mini_ip_hdr ip = {
		.proto = IPPROTO_TCP,
		.ttl = mini_sk_ttl(ls),
		.tos = req->tos,
		.df = true,
	};
	struct mini_flow fl = {
		.dst = t->raddr,
		.src = t->laddr,
		.oif = READ_ONCE(ls->sk.sk_bound_dev_if),
		.mark = READ_ONCE(ls->sk.sk_mark),
		.proto = IPPROTO_TCP,
		.tos = req->tos,
		.freebind = ls->freebind,
		.hash = mini_tcp_flow_hash(t),
	};
	struct mini_wire_tcp h = {
		.sport = t->lport,
		.dport = t->rport,
		.seq = req->iss,
		.ack = req->irs + 1,
		.window = min_t(u32, req->rcv_wnd, U16_MAX),
		.flags = MINI_TCP_SYN | MINI_TCP_ACK,
	};
	u16 user = READ_ONCE(mini_tcp_sk(req->listener)->mss_user);
	struct mini_path path __uninitialized;
	struct sk_buff *skb;
	int err;

	err = mini_path_lookup(ls->mn, &fl, &path);
	if (err)
		return err;
	h.opts.saw_mss = 1;
	h.opts.mss = mini_tcp_mss_for(path.mtu);
	if (user)
		h.opts.mss = min(h.opts.mss, user);
	if (req->ecn_ok)
		h.flags |= MINI_TCP_ECE;
	h.opts.sack_ok = req->sack_ok;
	if (req->wscale_ok) {
		h.opts.saw_wscale = 1;
		h.opts.wscale = req->rcv_wscale;
	}
	if (req->tstamp_ok) {
		h.opts.saw_tstamp = 1;
		h.opts.tsval = mini_tcp_tsval(req->ts_off, now);
		if (req->cookie)
			mini_tcp_cookie_stamp(req, &h.opts.tsval);
		h.opts.tsecr = req->ts_recent;
	}
	if (req->fo_give)
		mini_tcp_fastopen_give(mini_tcp_sk(req->listener), t, &h.opts);
	skb = mini_tcp_reply_build(&h, &t->laddr, &t->raddr);
	err = -ENOBUFS;
	if (skb) {
		mini_inc(ls->mn, MINI_MIB_TCP_OUT_SEGS);
		err = mini_ip_xmit(ls->mn, &path, skb, &ip);
	}
	mini_path_release(&path);
	return err;
}
