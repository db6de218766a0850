// SPDX-License-Identifier: GPL-2.0
/*
 * TCP Fast Open, the server (RFC 7413): who proved once by a cookie that it
 * owns its address gets a connection for its SYN, and the program the data that
 * came with it.
 *
 * A request is no record but the child itself, in SYN-RECEIVED: it owns its row
 * of the table from the SYN on, its SYN-ACK stands in the queue of what was
 * sent and is sent again by the timer of every connection.  Until the handshake
 * ends it counts in its listener's fo_qlen and holds a reference of it.  A
 * request that is reset counts for a minute more (section 5.1), so that a
 * forger cannot open and reset without end.
 *
 * Locks on entry: rcu_read_lock() for what packets call; the child's socket
 * lock where one is given.  The listener's qlock is taken here.
 */
#include <linux/slab.h>

#include "../trace.h"
#include "open.h"

#define MINI_TCP_FO_RST_LIFE	(60ULL * USEC_PER_SEC)

/* A request that was reset. */
struct mini_tcp_fo_rst {
	struct list_head list;
	u64 expires;
};

/**
 * mini_tcp_fo_cookie() - what proves that a peer owns its address
 * @key: secret
 * @t: the connection's names; the ports do not count
 * @cookie: receives MINI_TCP_FO_COOKIE octets
 */
void mini_tcp_fo_cookie(const siphash_key_t *key, const struct mini_tuple *t,
			u8 *cookie)
{
	struct in6_addr ends[2] = { t->raddr, t->laddr };
	__le64 hash = cpu_to_le64(siphash(ends, sizeof(ends), key));

	BUILD_BUG_ON(sizeof(hash) != MINI_TCP_FO_COOKIE);
	memcpy(cookie, &hash, sizeof(hash));
}

/**
 * mini_tcp_fo_check() - which key made this cookie?
 * @keys: a listener's or a namespace's
 * @t: the connection's names
 * @o: options of the SYN
 *
 * Return: 0: none; 1: the first; 2: the second, which is on its way out.
 */
int mini_tcp_fo_check(const struct mini_tcp_fo_keys *keys,
		      const struct mini_tuple *t,
		      const struct mini_wire_tcp_opts *o)
{
	u8 cookie[MINI_TCP_FO_COOKIE];
	int i;

	if (o->fastopen_len != sizeof(cookie))
		return 0;
	for (i = 0; i < keys->count; i++) {
		mini_tcp_fo_cookie(&keys->key[i], t, cookie);
		/* In one piece: the time it takes tells nothing. */
		if (get_unaligned((u64 *)cookie) ==
		    get_unaligned((u64 *)o->fastopen))
			return i + 1;
	}
	return 0;
}

/* The listener's own keys, else the namespace's; rcu_read_lock(). */
static const struct mini_tcp_fo_keys *
mini_tcp_fo_keys(const struct mini_tcp_sock *lp)
{
	const struct mini_tcp_lsn *lsn = READ_ONCE(lp->lsn);
	const struct mini_tcp_fo_keys *keys;

	keys = lsn ? rcu_dereference(lsn->fo_keys) : NULL;
	return keys ?: rcu_dereference(mini_tcp_mn(lp)->tcp->fo_keys);
}

/**
 * mini_tcp_fo_set_keys() - change keys
 * @where: a listener's, under its socket lock, or a namespace's
 * @data: one key or two of 16 octets: the second still opens, the first is given
 *	away
 * @count: of keys
 *
 * Context: process.  Return: 0, -ENOMEM.
 */
int mini_tcp_fo_set_keys(struct mini_tcp_fo_keys __rcu **where, const u8 *data,
			 int count)
{
	struct mini_tcp_fo_keys *keys = kzalloc(sizeof(*keys), GFP_KERNEL);

	if (!keys)
		return -ENOMEM;
	memcpy(keys->key, data, count * sizeof(keys->key[0]));
	keys->count = count;
	keys = unrcu_pointer(xchg(where, RCU_INITIALIZER(keys)));
	if (keys)
		kfree_rcu(keys, rcu);
	return 0;
}

/**
 * mini_tcp_fo_get_keys() - read keys
 * @lp: a socket, locked; NULL: the namespace's
 * @mn: the instance
 * @data: receives as many as there are, room for two
 *
 * Context: process.  Return: how many.
 */
int mini_tcp_fo_get_keys(const struct mini_tcp_sock *lp, struct mini_net *mn,
			 u8 *data)
{
	const struct mini_tcp_fo_keys *keys;
	int count = 0;

	rcu_read_lock();
	keys = lp ? mini_tcp_fo_keys(lp) : rcu_dereference(mn->tcp->fo_keys);
	if (keys) {
		count = keys->count;
		memcpy(data, keys->key, count * sizeof(keys->key[0]));
	}
	rcu_read_unlock();
	return count;
}

/* One more request?  Then it counts.  Resets are forgotten when it is time. */
static bool mini_tcp_fo_take_place(struct mini_tcp_sock *lp, u64 now)
{
	struct mini_tcp_fo_rst *old;
	bool ok;

	spin_lock_bh(&lp->lsn->qlock);
	while (lp->lsn->fo_qlen >= lp->lsn->fo_max &&
	       (old = list_first_entry_or_null(&lp->lsn->fo_rsts,
					       struct mini_tcp_fo_rst, list)) &&
	       old->expires <= now) {
		list_del(&old->list);
		kfree(old);
		lp->lsn->fo_qlen--;
	}
	ok = lp->lsn->accepting && lp->lsn->fo_qlen < lp->lsn->fo_max;
	if (ok)
		lp->lsn->fo_qlen++;
	spin_unlock_bh(&lp->lsn->qlock);
	return ok;
}

static void mini_tcp_fo_leave_place(struct mini_tcp_sock *lp, bool reset,
				    u64 now)
{
	struct mini_tcp_fo_rst *rst = NULL;

	if (reset)
		rst = kmalloc(sizeof(*rst), GFP_ATOMIC);
	spin_lock_bh(&lp->lsn->qlock);
	if (rst && lp->lsn->accepting) {
		rst->expires = now + MINI_TCP_FO_RST_LIFE;
		list_add_tail(&rst->list, &lp->lsn->fo_rsts);
		rst = NULL;
	} else {
		lp->lsn->fo_qlen--;
	}
	spin_unlock_bh(&lp->lsn->qlock);
	kfree(rst);
}

/**
 * mini_tcp_fastopen_done() - a request is none any more
 * @tp: a child, locked; nothing happens unless it is one
 * @reset: the peer reset it before the handshake ended
 */
void mini_tcp_fastopen_done(struct mini_tcp_sock *tp, bool reset)
{
	struct mini_tcp_sock *lp = tp->fo_listener;

	if (!lp)
		return;
	tp->fo_listener = NULL;
	mini_tcp_fo_leave_place(lp, reset, mini_tcp_now());
	sock_put(mini_tcp_to_sk(lp));
}

/* A listener stops: who was reset is forgotten; qlock is not held. */
void mini_tcp_fastopen_stop(struct mini_tcp_sock *lp)
{
	struct mini_tcp_fo_rst *rst, *next;

	spin_lock_bh(&lp->lsn->qlock);
	list_for_each_entry_safe(rst, next, &lp->lsn->fo_rsts, list) {
		list_del(&rst->list);
		kfree(rst);
		lp->lsn->fo_qlen--;
	}
	spin_unlock_bh(&lp->lsn->qlock);
}

/**
 * mini_tcp_fastopen_syn() - what does Fast Open make of a SYN?
 * @lp: the listener
 * @t: the connection's names
 * @h: header of the SYN
 * @len: octets that came with it
 * @cookie: receives whether the SYN-ACK gives a cookie
 * @now: microseconds
 *
 * Context: softirq, rcu_read_lock().  Return: true if it opens a connection; a
 * place among the requests is taken then.
 */
bool mini_tcp_fastopen_syn(struct mini_tcp_sock *lp, const struct mini_tuple *t,
			   const struct mini_wire_tcp *h, u32 len, bool *cookie,
			   u64 now)
{
	struct mini_net *mn = mini_tcp_mn(lp);
	int how = READ_ONCE(mn->sysctl.tcp_fastopen);
	const struct mini_wire_tcp_opts *o = &h->opts;
	const struct mini_tcp_fo_keys *keys = mini_tcp_fo_keys(lp);
	bool free_of_cookies = how & MINI_TCP_FO_SERVER_NO_COOKIE ||
			       lp->fo_no_cookie;
	int key = 0;

	*cookie = false;
	if (!(how & MINI_TCP_FO_SERVER) || !READ_ONCE(lp->lsn->fo_max) || !keys ||
	    !(o->saw_fastopen || (len && free_of_cookies)))
		return false;
	if (!free_of_cookies) {
		if (o->fastopen_len)
			key = mini_tcp_fo_check(keys, t, o);
		/* Asked for, outlived, or forged: here is a good one. */
		*cookie = key != 1;
		if (!o->fastopen_len) {
			mini_inc(mn, MINI_MIB_TCP_FASTOPEN_COOKIE_REQD);
			return false;
		}
		if (!key) {
			mini_inc(mn, MINI_MIB_TCP_FASTOPEN_PASSIVE_FAIL);
			trace_mini_tcp_open(&lp->ms, t, "fastopen-bad-cookie");
			return false;
		}
	}
	if (!mini_tcp_fo_take_place(lp, now)) {
		mini_inc(mn, MINI_MIB_TCP_FASTOPEN_OVERFLOWS);
		trace_mini_tcp_open(&lp->ms, t, "fastopen-full");
		*cookie = false;
		return false;
	}
	if (key == 2)
		mini_inc(mn, MINI_MIB_TCP_FASTOPEN_PASSIVE_ALT_KEY);
	return true;
}

/* The cookie that a SYN-ACK gives. */
void mini_tcp_fastopen_give(struct mini_tcp_sock *lp,
			    const struct mini_tuple *t,
			    struct mini_wire_tcp_opts *o)
{
	const struct mini_tcp_fo_keys *keys;

	rcu_read_lock();
	keys = mini_tcp_fo_keys(lp);
	if (keys) {
		mini_tcp_fo_cookie(&keys->key[0], t, o->fastopen);
		o->fastopen_len = MINI_TCP_FO_COOKIE;
		o->saw_fastopen = 1;
	}
	rcu_read_unlock();
}

/* Our SYN, in the queue of what was sent; false without memory. */
static bool mini_tcp_fastopen_queue_syn(struct mini_tcp_sock *tp)
{
	struct sk_buff *skb;

	if (!mini_tcp_flight_get(tp, GFP_ATOMIC))
		return false;
	skb = alloc_skb_fclone(MINI_TCP_HEADROOM, GFP_ATOMIC);
	if (!skb)
		return false;
	tp->snd_nxt = tp->iss;
	tp->write_seq = tp->iss;
	mini_tcp_queue_segment(tp, skb, MINI_TCP_SYN | MINI_TCP_ACK);
	mini_tcp_cb(skb)->end_seq = ++tp->write_seq;
	mini_tcp_rtx_move(tp, skb);
	return true;
}

/* The peer's window of its SYN, and the data that came with it. */
static void mini_tcp_fastopen_take(struct mini_tcp_sock *tp,
				   struct sk_buff *skb,
				   const struct mini_wire_tcp *h, u64 now)
{
	struct mini_tcp_cb *cb = mini_tcp_cb(skb);

	tp->snd_wnd = h->window;
	tp->max_wnd = h->window;
	tp->snd_wl1 = h->seq;
	tp->snd_wl2 = tp->iss;
	/* Data may leave, and the program close, before the handshake's end. */
	mini_tcp_snd_start(tp);
	tp->cc.cwnd = MINI_TCP_INIT_CWND * tp->cc.mss;
	mini_tcp_cong_start(tp);
	tp->last_rcv = now;
	memset(cb, 0, sizeof(*cb));
	cb->seq = h->seq + 1;
	cb->end_seq = cb->seq + skb->len;
	cb->flags = h->flags & ~MINI_TCP_SYN;
	tp->segs_in++;
	if (skb->len)
		tp->syn_data_acked = 1;
	mini_tcp_data(tp, skb, now);
	/* The SYN-ACK offers the whole window anew. */
	tp->rcv_wup = tp->rcv_nxt;
}

/**
 * mini_tcp_fastopen_child() - a connection for a SYN
 * @rx: the packet
 * @req: a record of the SYN, on the caller's stack, iss chosen; its saved_syn
 *	is taken over
 * @skb: the SYN; consumed
 * @h: its TCP header
 * @give: the SYN-ACK gives a cookie
 * @now: microseconds
 *
 * A place among the requests was taken.  Without memory, or if another CPU was
 * faster, the SYN is dropped and will come again.
 */
void mini_tcp_fastopen_child(struct mini_rx *rx, struct mini_tcp_req *req,
			     struct sk_buff *skb, const struct mini_wire_tcp *h,
			     bool give, u64 now)
{
	struct sock *lsk = req->listener;
	struct mini_tcp_sock *lp = mini_tcp_sk(lsk);
	struct mini_tcp_sock *tp;
	struct sock *sk = NULL;

	if (refcount_inc_not_zero(&lsk->sk_refcnt)) {
		sk = mini_tcp_child(rx, req, now);
		if (!sk)
			sock_put(lsk);
	}
	if (!sk) {
		mini_tcp_fo_leave_place(lp, false, now);
		mini_drop(rx->mn, skb, MINI_DROP_NO_MEMORY);
		return;
	}
	__acquire(&sk->sk_lock.slock);	/* by sk_clone_lock() */
	tp = mini_tcp_sk(sk);
	tp->fo_listener = lp;
	tp->fo_give = give;
	tp->saved_syn = req->saved_syn;
	req->saved_syn = NULL;
	if (!mini_tcp_fastopen_queue_syn(tp)) {
		mini_drop(rx->mn, skb, MINI_DROP_NO_MEMORY);
		goto refused;
	}
	mini_tcp_fastopen_take(tp, skb, h, now);
	mini_inc(rx->mn, MINI_MIB_TCP_FASTOPEN_PASSIVE);
	trace_mini_tcp_open(&lp->ms, &req->conn.tuple, "fastopen");
	mini_tcp_set_timer(tp, MINI_TCP_T_RTO, now + tp->rto_us);
	mini_tcp_transmit_queued(tp, mini_tcp_rtx_head(tp), now);
	if (mini_tcp_enqueue(lp, tp)) {
		mini_tcp_rearm(tp, now);
		goto out;
	}
refused:
	sock_set_flag(sk, SOCK_DEAD);
	mini_tcp_abort(tp, ECONNABORTED);
out:
	bh_unlock_sock(sk);
	sock_put(sk);
}

/* net.mini.tcp_fastopen_key: tcp.h tells. */
int mini_tcp_fastopen_set_net_keys(struct mini_net *mn, const u8 *data,
				   int count)
{
	return mini_tcp_fo_set_keys(&mn->tcp->fo_keys, data, count);
}

int mini_tcp_fastopen_get_net_keys(struct mini_net *mn, u8 *data)
{
	return mini_tcp_fo_get_keys(NULL, mn, data);
}

/* A namespace begins: a key of its own.  Return: 0, -ENOMEM. */
int mini_tcp_fastopen_net_init(struct mini_net *mn)
{
	u8 key[sizeof(siphash_key_t)];

	get_random_bytes(key, sizeof(key));
	return mini_tcp_fo_set_keys(&mn->tcp->fo_keys, key, 1);
}

void mini_tcp_fastopen_net_exit(struct mini_net *mn)
{
	kfree(rcu_dereference_protected(mn->tcp->fo_keys, true));
}
