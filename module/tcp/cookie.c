// SPDX-License-Identifier: GPL-2.0
/*
 * SYN cookies (RFC 4987 section 3.6): when no more half-open connections can be
 * kept, the sequence number of the SYN-ACK says what would have been kept, and
 * the ACK brings it back.
 *
 *	 31      30..28     27..0
 *	epoch  MSS, index   keyed hash
 *
 * The hash covers both ends' names, the peer's sequence number, the MSS and the
 * options; its secret is fresh in each epoch of 67 seconds, and that of the
 * epoch before still opens.  What the peer and this host agreed on travels in
 * the low 6 bits of the timestamp, if the peer uses timestamps; without them
 * neither window scaling nor SACK nor ECN is agreed upon.
 *
 * Locks on entry: rcu_read_lock() for what packets call.
 */
#include <linux/seqlock.h>
#include <linux/siphash.h>

#include "../trace.h"
#include "open.h"

#define MINI_TCP_COOKIE_SHIFT	26	/* of an epoch, microseconds */
#define MINI_TCP_COOKIE_LIFE	(2ULL << MINI_TCP_COOKIE_SHIFT)
#define MINI_TCP_COOKIE_HASH	GENMASK(27, 0)

/* The low bits of a timestamp. */
#define MINI_TCP_COOKIE_WSCALE	GENMASK(3, 0)	/* 15: not agreed upon */
#define MINI_TCP_COOKIE_SACK	BIT(4)
#define MINI_TCP_COOKIE_ECN	BIT(5)
#define MINI_TCP_COOKIE_OPTS	GENMASK(5, 0)
/* Hashed, never sent: there are timestamps. */
#define MINI_TCP_COOKIE_TSTAMP	BIT(6)

/* Usual ones, rising; a peer's is rounded down to the next. */
static const u16 mini_tcp_cookie_mss[] = {
	MINI_TCP_MSS_MIN, 256, 536, 1220, 1360, 1440, 1460, 8960,
};

/* What the hash covers; no padding. */
struct mini_tcp_cookie_text {
	struct mini_tuple tuple;
	u32 irs;
	u32 epoch;
	u32 mss_opts;
};

/* Never 0 or 1: a slot that no secret was put into has that. */
static u32 mini_tcp_cookie_epoch(u64 now)
{
	return (u32)(now >> MINI_TCP_COOKIE_SHIFT) + 2;
}

/* The secret of @epoch, if there was one. */
static bool mini_tcp_cookie_key(struct mini_tcp_cookies *c, u32 epoch,
				siphash_key_t *key)
{
	unsigned int seq;
	bool found;

	do {
		seq = read_seqbegin(&c->lock);
		found = c->epoch[epoch & 1] == epoch;
		*key = c->key[epoch & 1];
	} while (read_seqretry(&c->lock, seq));
	return found;
}

static void mini_tcp_cookie_new_key(struct mini_tcp_cookies *c, u32 epoch)
{
	write_seqlock_bh(&c->lock);
	/* Another CPU may have been first; an older epoch's must stay. */
	if ((s32)(epoch - c->epoch[epoch & 1]) > 0) {
		get_random_bytes(&c->key[epoch & 1], sizeof(c->key[0]));
		c->epoch[epoch & 1] = epoch;
	}
	write_sequnlock_bh(&c->lock);
}

static u32 mini_tcp_cookie_hash(const struct mini_tuple *tuple, u32 irs,
				u32 epoch, u32 mss, u32 opts,
				const siphash_key_t *key)
{
	struct mini_tcp_cookie_text text = {
		.tuple = *tuple,
		.irs = irs,
		.epoch = epoch,
		.mss_opts = mss << 8 | opts,
	};

	BUILD_BUG_ON(sizeof(text) != sizeof(*tuple) + 3 * sizeof(u32));
	return siphash(&text, sizeof(text), key) & MINI_TCP_COOKIE_HASH;
}

/**
 * mini_tcp_cookie_make() - a sequence number that remembers a SYN
 * @c: the namespace's secrets
 * @tuple: the connection's names
 * @irs: sequence number of the SYN
 * @mss: the peer's MSS, octets; receives what the cookie can say, not more
 * @opts: 0, or the options as mini_tcp_cookie_opts() has them
 * @now: microseconds
 *
 * Context: any.
 */
u32 mini_tcp_cookie_make(struct mini_tcp_cookies *c,
			 const struct mini_tuple *tuple, u32 irs, u16 *mss,
			 u8 opts, u64 now)
{
	u32 epoch = mini_tcp_cookie_epoch(now);
	u32 i = ARRAY_SIZE(mini_tcp_cookie_mss) - 1;
	siphash_key_t key;

	while (!mini_tcp_cookie_key(c, epoch, &key))
		mini_tcp_cookie_new_key(c, epoch);
	while (i && mini_tcp_cookie_mss[i] > *mss)
		i--;
	*mss = mini_tcp_cookie_mss[i];
	return (epoch & 1) << 31 | i << 28 |
	       mini_tcp_cookie_hash(tuple, irs, epoch, i, opts, &key);
}

/**
 * mini_tcp_cookie_open() - is a sequence number a cookie of ours?
 * @c: the namespace's secrets
 * @tuple: the connection's names
 * @irs: sequence number of the SYN it must have answered
 * @cookie: sequence number of the SYN-ACK
 * @opts: as given to mini_tcp_cookie_make()
 * @now: microseconds
 *
 * Context: any.  Return: the MSS, octets; 0 if it is forged, too old, or
 * nothing of the kind.
 */
u16 mini_tcp_cookie_open(struct mini_tcp_cookies *c,
			 const struct mini_tuple *tuple, u32 irs, u32 cookie,
			 u8 opts, u64 now)
{
	u32 epoch = mini_tcp_cookie_epoch(now);
	u32 i = cookie >> 28 & 7;
	siphash_key_t key;

	if (cookie >> 31 != (epoch & 1))
		epoch--;
	if (!mini_tcp_cookie_key(c, epoch, &key))
		return 0;
	if (mini_tcp_cookie_hash(tuple, irs, epoch, i, opts, &key) !=
	    (cookie & MINI_TCP_COOKIE_HASH))
		return 0;
	return mini_tcp_cookie_mss[i];
}

/* What the timestamp carries of a half-open connection. */
u8 mini_tcp_cookie_opts(const struct mini_tcp_req *req)
{
	u8 opts = MINI_TCP_COOKIE_WSCALE;

	if (!req->tstamp_ok)
		return 0;
	if (req->wscale_ok)
		opts = req->snd_wscale;
	if (req->sack_ok)
		opts |= MINI_TCP_COOKIE_SACK;
	if (req->ecn_ok)
		opts |= MINI_TCP_COOKIE_ECN;
	return opts | MINI_TCP_COOKIE_TSTAMP;
}

/* The last timestamp not after @tsval that says @opts. */
u32 mini_tcp_cookie_tsval(u32 tsval, u8 opts)
{
	u32 val = (tsval & ~MINI_TCP_COOKIE_OPTS) |
		  (opts & MINI_TCP_COOKIE_OPTS);

	return (s32)(val - tsval) > 0 ? val - MINI_TCP_COOKIE_OPTS - 1 : val;
}

/* The timestamp of a cookie's SYN-ACK, @tsval, is to say what was agreed upon. */
void mini_tcp_cookie_stamp(const struct mini_tcp_req *req, u32 *tsval)
{
	*tsval = mini_tcp_cookie_tsval(*tsval, mini_tcp_cookie_opts(req));
}

/**
 * mini_tcp_cookie_send() - answer a SYN and keep nothing of it
 * @req: a record of the SYN, on the caller's stack
 * @now: microseconds
 */
void mini_tcp_cookie_send(struct mini_tcp_req *req, u64 now)
{
	struct mini_tcp_sock *lp = mini_tcp_sk(req->listener);
	struct mini_net *mn = mini_tcp_mn(lp);

	if (!req->tstamp_ok) {
		req->wscale_ok = 0;
		req->sack_ok = 0;
		req->ecn_ok = 0;
	}
	req->cookie = true;
	req->iss = mini_tcp_cookie_make(&mn->tcp->cookies, &req->conn.tuple,
					req->irs, &req->mss,
					mini_tcp_cookie_opts(req), now);
	/* Stray ACKs are looked at as long as this one may come back. */
	WRITE_ONCE(lp->lsn->cookie_sent, now);
	mini_inc(mn, MINI_MIB_TCP_SYNCOOKIES_SENT);
	trace_mini_tcp_open(&lp->ms, &req->conn.tuple, "cookie-sent");
	mini_tcp_send_synack(req, now);
}

/* From what came back to the record that was not kept. */
static bool mini_tcp_cookie_restore(struct mini_tcp_req *req,
				    const struct mini_wire_tcp *h, u64 now)
{
	struct mini_net *mn = mini_sk(req->listener)->mn;
	u8 opts = 0;

	req->irs = h->seq - 1;
	req->iss = h->ack - 1;
	req->ts_off = mini_tcp_ts_offset(&req->conn.tuple);
	if (h->opts.saw_tstamp && READ_ONCE(mn->sysctl.tcp_timestamps)) {
		opts = (h->opts.tsecr & MINI_TCP_COOKIE_OPTS) |
		       MINI_TCP_COOKIE_TSTAMP;
		req->tstamp_ok = 1;
		req->ts_recent = h->opts.tsval;
		req->sack_ok = !!(opts & MINI_TCP_COOKIE_SACK);
		req->ecn_ok = opts & MINI_TCP_COOKIE_ECN &&
			      READ_ONCE(mn->sysctl.tcp_ecn);
		req->snd_wscale = opts & MINI_TCP_COOKIE_WSCALE;
		req->wscale_ok = req->snd_wscale <= MINI_TCP_MAX_WSCALE;
		if (!req->wscale_ok)
			req->snd_wscale = 0;
	}
	req->mss = mini_tcp_cookie_open(&mn->tcp->cookies, &req->conn.tuple,
					req->irs, req->iss, opts, now);
	if (!req->mss)
		return false;
	/* No option of the cookie's says so: it was not agreed upon. */
	if (req->wscale_ok)
		req->rcv_wscale = mini_tcp_wscale_for(mn, req->listener);
	return true;
}

/**
 * mini_tcp_cookie_rcv() - an ACK that no connection knows: is it the answer to
 * a cookie?
 * @rx: the packet
 * @sk: the listener
 * @skb: consumed if true is returned
 * @h: its TCP header: ACK, no SYN, no RST
 * @now: microseconds
 *
 * Return: true if it opened a connection, or might have if there were room.
 */
bool mini_tcp_cookie_rcv(struct mini_rx *rx, struct sock *sk,
			 struct sk_buff *skb, const struct mini_wire_tcp *h,
			 u64 now)
{
	struct mini_tcp_sock *lp = mini_tcp_sk(sk);
	u64 sent = READ_ONCE(lp->lsn->cookie_sent);
	struct mini_tcp_req req;

	if (likely(!sent || now - sent > MINI_TCP_COOKIE_LIFE) ||
	    !READ_ONCE(rx->mn->sysctl.tcp_syncookies))
		return false;
	mini_tcp_req_init(&req, rx, sk, h);
	if (!mini_tcp_cookie_restore(&req, h, now)) {
		mini_inc(rx->mn, MINI_MIB_TCP_SYNCOOKIES_FAILED);
		trace_mini_tcp_open(&lp->ms, &req.conn.tuple, "cookie-bad");
		return false;
	}
	mini_inc(rx->mn, MINI_MIB_TCP_SYNCOOKIES_RECV);
	trace_mini_tcp_open(&lp->ms, &req.conn.tuple, "cookie-back");
	req.cookie = true;
	mini_tcp_req_complete(rx, &req, skb, h, now);
	return true;
}

void mini_tcp_cookie_net_init(struct mini_tcp_cookies *c)
{
	seqlock_init(&c->lock);
}
