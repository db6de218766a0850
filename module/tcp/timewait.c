// SPDX-License-Identifier: GPL-2.0
/*
 * TIME-WAIT (RFC 9293 section 3.6.1, 3.10.7.4, RFC 1337, RFC 6191): the socket
 * has gone, a record of what its last words need stays in its row of the table
 * for 2 MSL.  A connection in FIN-WAIT-2 that no program holds is no more than
 * that, too: it waits for a FIN only.
 *
 * A record has one reference of the table and the list together, and one of
 * its timer.  Locks on entry: none; rcu_read_lock() for mini_tcp_tw_rcv().
 */
#include <linux/slab.h>

#include "open.h"

static struct kmem_cache *mini_tcp_tw_cache;

int mini_tcp_tw_init(void)
{
	mini_tcp_tw_cache = KMEM_CACHE(mini_tcp_tw, SLAB_HWCACHE_ALIGN);
	return mini_tcp_tw_cache ? 0 : -ENOMEM;
}

void mini_tcp_tw_exit(void)
{
	kmem_cache_destroy(mini_tcp_tw_cache);
}

static void mini_tcp_tw_free(struct rcu_head *head)
{
	kmem_cache_free(mini_tcp_tw_cache,
			container_of(head, struct mini_tcp_tw, rcu));
}

static void mini_tcp_tw_put(struct mini_tcp_tw *tw)
{
	if (refcount_dec_and_test(&tw->refcnt))
		call_rcu(&tw->rcu, mini_tcp_tw_free);
}

/**
 * mini_tcp_tw_finish() - what ends a record besides its row
 * @tw: the caller took its row away, or put another in its place
 *
 * Context: any, no bucket's lock.
 */
void mini_tcp_tw_finish(struct mini_tcp_tw *tw)
{
	struct mini_tcp_net *tn = tw->mn->tcp;

	mini_port_release(&tw->port);
	atomic_dec(&tn->tw_count);
	/* Off the list last: until then the namespace waits for the record. */
	spin_lock_bh(&tn->lock);
	list_del(&tw->list);
	spin_unlock_bh(&tn->lock);
	if (timer_delete(&tw->timer))
		mini_tcp_tw_put(tw);
	mini_tcp_tw_put(tw);
}

/* Out of the table, for whoever comes first: timer, new SYN, namespace. */
static void mini_tcp_tw_kill(struct mini_tcp_tw *tw)
{
	if (mini_tcp_conn_remove(tw->mn, &tw->conn))
		mini_tcp_tw_finish(tw);
}

static void mini_tcp_tw_timer(struct timer_list *t)
{
	struct mini_tcp_tw *tw = timer_container_of(tw, t, timer);

	mini_tcp_tw_kill(tw);
	mini_tcp_tw_put(tw);
}

static void mini_tcp_tw_fill(struct mini_tcp_tw *tw, struct mini_tcp_sock *tp)
{
	struct sock *sk = mini_tcp_to_sk(tp);

	tw->conn.tuple = tp->ms.conn.tuple;
	tw->conn.kind = MINI_CONN_TW;
	tw->mn = tp->ms.mn;
	tw->snd_nxt = tp->snd_nxt;
	tw->rcv_nxt = tp->rcv_nxt;
	tw->rcv_wnd = mini_tcp_rcv_wnd(tp);
	tw->rcv_wscale = tp->rcv_wscale;
	tw->ts_recent = tp->ts_recent;
	tw->ts_recent_time = tp->ts_recent_time;
	tw->ts_off = tp->ts_off;
	tw->tstamp_ok = tp->tstamp_ok;
	tw->domain = tp->ms.domain;
	tw->tos = tp->ms.tos;
	tw->oow_ack_time = 0;
	tw->port = tp->ms.port;
	tw->port.sk = NULL;
	tw->port.port = NULL;
	tw->port.connected = 1;
	tw->port.listening = 0;
	tw->port.reuse = sk->sk_reuse;
}

/* A record in the socket's place; false: without memory, or with too many. */
static bool mini_tcp_tw_make(struct mini_tcp_sock *tp, u8 state, int secs,
			     u64 now)
{
	struct mini_net *mn = mini_tcp_mn(tp);
	struct mini_tcp_net *tn = mn->tcp;
	struct mini_tcp_tw *tw;

	if (atomic_read(&tn->tw_count) >=
	    READ_ONCE(mn->sysctl.tcp_max_tw_buckets)) {
		mini_inc(mn, MINI_MIB_TCP_TIME_WAIT_OVERFLOWS);
		return false;
	}
	tw = kmem_cache_zalloc(mini_tcp_tw_cache, GFP_ATOMIC);
	if (!tw)
		return false;
	mini_tcp_tw_fill(tw, tp);
	tw->state = state;
	refcount_set(&tw->refcnt, 2);
	timer_setup(&tw->timer, mini_tcp_tw_timer, 0);
	if (tp->ms.port.port &&
	    mini_port_join(&tw->port, tp->ms.port.port)) {
		kmem_cache_free(mini_tcp_tw_cache, tw);
		return false;
	}
	tw->expires = now + (u64)secs * USEC_PER_SEC;
	atomic_inc(&tn->tw_count);
	spin_lock_bh(&tn->lock);
	list_add_tail(&tw->list, &tn->tws);
	spin_unlock_bh(&tn->lock);
	/* The timer first: once in the table, anyone may end the record. */
	mod_timer(&tw->timer, jiffies + secs * HZ);
	if (mini_tcp_conn_replace(mn, &tp->ms.conn, &tw->conn))
		return true;
	/* The socket's row was not there: a driven test, or a lost race. */
	mini_tcp_tw_finish(tw);
	return false;
}

/**
 * mini_tcp_time_wait() - from a socket to a record
 * @tp: connection, locked
 * @now: microseconds
 *
 * The socket is done when this returns; without memory for a record, or with
 * too many, the connection is simply closed.
 */
void mini_tcp_time_wait(struct mini_tcp_sock *tp, u64 now)
{
	struct mini_net *mn = mini_tcp_mn(tp);

	mini_tcp_set_state(tp, TCP_TIME_WAIT);
	if (mini_tcp_tw_make(tp, TCP_TIME_WAIT,
			     READ_ONCE(mn->sysctl.tcp_time_wait), now))
		mini_inc(mn, MINI_MIB_TCP_TIME_WAITS);
	mini_tcp_done(tp);
}

/**
 * mini_tcp_fin_wait2_orphan() - nobody holds a socket in FIN-WAIT-2
 * @tp: connection, locked, SOCK_DEAD
 * @record: a record may take its place: no segment is being processed that
 *	says more than an ACK
 * @now: microseconds
 *
 * TCP_LINGER2 or tcp_fin_timeout says how long the peer has for its FIN.
 */
void mini_tcp_fin_wait2_orphan(struct mini_tcp_sock *tp, bool record, u64 now)
{
	int secs = tp->linger2 ?:
		   READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_fin_timeout);

	if (secs < 0) {
		mini_tcp_abort(tp, ECONNRESET);
	} else if (record && mini_tcp_tw_make(tp, TCP_FIN_WAIT2, secs, now)) {
		mini_tcp_done(tp);
	} else {
		mini_tcp_set_timer(tp, MINI_TCP_T_FIN_WAIT,
				   now + (u64)secs * USEC_PER_SEC);
		mini_tcp_rearm(tp, now);
	}
}

static void mini_tcp_tw_restart(struct mini_tcp_tw *tw, u64 now)
{
	int secs = READ_ONCE(tw->mn->sysctl.tcp_time_wait);

	WRITE_ONCE(tw->expires, now + (u64)secs * USEC_PER_SEC);
	mod_timer_pending(&tw->timer, jiffies + secs * HZ);
}

/**
 * mini_tcp_tw_reopens() - may this SYN open a new connection?  (RFC 9293
 * 3.10.7.4 fourth, RFC 6191 section 2)
 * @tw: the record
 * @h: header of a segment
 */
bool mini_tcp_tw_reopens(const struct mini_tcp_tw *tw,
			 const struct mini_wire_tcp *h)
{
	bool stamped = h->opts.saw_tstamp &&
		       READ_ONCE(tw->mn->sysctl.tcp_timestamps);
	s32 newer = h->opts.tsval - READ_ONCE(tw->ts_recent);

	if ((h->flags & (MINI_TCP_SYN | MINI_TCP_ACK | MINI_TCP_RST |
			 MINI_TCP_FIN)) != MINI_TCP_SYN ||
	    READ_ONCE(tw->state) != TCP_TIME_WAIT)
		return false;
	if (stamped && !tw->tstamp_ok)
		return true;
	if (stamped && newer)
		return newer > 0;
	return seq_after(h->seq, READ_ONCE(tw->rcv_nxt));
}

/**
 * mini_tcp_tw_reusable() - may connect() take the record's place?
 * @tw: the record
 * @how: tcp_tw_reuse: 0: never; 1: when the peer's timestamps tell old from
 *	new; 2: then, and within this host
 * @now: microseconds
 */
bool mini_tcp_tw_reusable(const struct mini_tcp_tw *tw, int how, u64 now)
{
	const struct mini_tuple *t = &tw->conn.tuple;

	if (!how || READ_ONCE(tw->state) != TCP_TIME_WAIT || !tw->tstamp_ok ||
	    !READ_ONCE(tw->mn->sysctl.tcp_timestamps) ||
	    now - READ_ONCE(tw->ts_recent_time) < USEC_PER_SEC)
		return false;
	return how == 1 ||
	       (mini_addr_is_v4(&t->raddr) &&
		(ipv4_is_loopback(mini_addr_v4(&t->raddr)) ||
		 ipv4_is_loopback(mini_addr_v4(&t->laddr)))) ||
	       ipv6_addr_loopback(&t->raddr);
}

/* A new connection's first sequence number: beyond the old one's window. */
u32 mini_tcp_tw_iss(const struct mini_tcp_tw *tw)
{
	return tw->snd_nxt + U16_MAX + 2 ?: 1;
}

/* RFC 7323 4.3, for a segment that fits. */
static void mini_tcp_tw_tstamp(struct mini_tcp_tw *tw,
			       const struct mini_wire_tcp *h, u64 now)
{
	if (!tw->tstamp_ok || !h->opts.saw_tstamp ||
	    seq_after(h->seq, READ_ONCE(tw->rcv_nxt)))
		return;
	WRITE_ONCE(tw->ts_recent, h->opts.tsval);
	WRITE_ONCE(tw->ts_recent_time, now);
}

/* An answer that a storm of strays may not multiply. */
static void mini_tcp_tw_answer(const struct mini_rx *rx, struct mini_tcp_tw *tw,
			       u64 now)
{
	if (mini_tcp_may_answer(rx->mn, &tw->oow_ack_time, now))
		mini_tcp_reply_tw(rx, tw, now);
}

/*
 * FIN-WAIT-2 (RFC 9293 3.10.7.4): the FIN is waited for; data would have to be
 * read by a program that is gone.  Return: 0, or why the segment is dropped.
 */
static enum mini_drop_reason mini_tcp_fw2_rcv(struct mini_rx *rx,
					      struct mini_tcp_tw *tw,
					      struct sk_buff *skb,
					      const struct mini_wire_tcp *h,
					      u64 now)
{
	u32 fin = !!(h->flags & MINI_TCP_FIN);
	u32 text_end = h->seq + skb->len;
	u32 nxt = READ_ONCE(tw->rcv_nxt);

	if (seq_before(text_end + fin, nxt) ||
	    seq_after(h->seq, nxt + READ_ONCE(tw->rcv_wnd))) {
		if (!(h->flags & MINI_TCP_RST))
			mini_tcp_tw_answer(rx, tw, now);
		return MINI_DROP_TCP_OUT_OF_WINDOW;
	}
	if (h->flags & MINI_TCP_RST && h->seq == nxt) {
		mini_tcp_tw_kill(tw);
		return MINI_DROP_TCP_RESET;
	}
	if (h->flags & (MINI_TCP_RST | MINI_TCP_SYN) ||
	    (h->flags & MINI_TCP_ACK && seq_after(h->ack, tw->snd_nxt))) {
		if (mini_tcp_challenge_allowed(rx->mn, now))
			mini_tcp_reply_tw(rx, tw, now);
		return MINI_DROP_TCP_FLAGS;
	}
	if (!(h->flags & MINI_TCP_ACK))
		return MINI_DROP_TCP_NO_ACK;
	if (skb->len && seq_after(text_end, nxt)) {
		mini_inc(rx->mn, MINI_MIB_TCP_ABORT_ON_DATA);
		mini_tcp_reply_rst(rx, skb, h);
		mini_tcp_tw_kill(tw);
		return MINI_DROP_TCP_CLOSED;
	}
	mini_tcp_tw_tstamp(tw, h, now);
	/* Its end, whole: else something is missing before it. */
	if (fin && text_end == nxt) {
		WRITE_ONCE(tw->rcv_nxt, nxt + 1);
		WRITE_ONCE(tw->state, TCP_TIME_WAIT);
		mini_inc(rx->mn, MINI_MIB_TCP_TIME_WAITS);
		mini_tcp_tw_restart(tw, now);
	}
	if (skb->len || fin)
		mini_tcp_reply_tw(rx, tw, now);
	return MINI_DROP_NOT_SPECIFIED;
}

/* TIME-WAIT (RFC 9293 3.10.7.4), but for a SYN that opens a connection. */
static enum mini_drop_reason mini_tcp_tw_segment(struct mini_rx *rx,
						 struct mini_tcp_tw *tw,
						 struct sk_buff *skb,
						 const struct mini_wire_tcp *h,
						 u64 now)
{
	u32 nxt = READ_ONCE(tw->rcv_nxt);

	if (h->flags & MINI_TCP_RST) {
		/* RFC 1337: a reset does not cut TIME-WAIT short. */
		if (h->seq == nxt && !READ_ONCE(rx->mn->sysctl.tcp_rfc1337))
			mini_tcp_tw_kill(tw);
		return MINI_DROP_TCP_RESET;
	}
	if (h->seq == nxt && !skb->len &&
	    !(h->flags & (MINI_TCP_SYN | MINI_TCP_FIN))) {
		mini_tcp_tw_tstamp(tw, h, now);
		return MINI_DROP_NOT_SPECIFIED;
	}
	/* Its FIN again: our last ACK was lost. */
	if (h->flags & MINI_TCP_FIN && h->seq + skb->len + 1 == nxt) {
		mini_tcp_tw_tstamp(tw, h, now);
		mini_tcp_tw_restart(tw, now);
	}
	/* Who repeats data or a FIN needs an answer each time; others do not. */
	if ((skb->len && !(h->flags & MINI_TCP_SYN)) || h->flags & MINI_TCP_FIN)
		mini_tcp_reply_tw(rx, tw, now);
	else
		mini_tcp_tw_answer(rx, tw, now);
	return MINI_DROP_TCP_OLD_DATA;
}

/**
 * mini_tcp_tw_rcv() - a segment for a record
 * @rx: the packet
 * @tw: its record
 * @skb: consumed unless true is returned
 * @h: its TCP header
 * @iss: if true is returned: the least first sequence number, not 0, of the
 *	new connection
 *
 * Return: true if it is a SYN that may open a new connection: the record is
 * gone.
 */
bool mini_tcp_tw_rcv(struct mini_rx *rx, struct mini_tcp_tw *tw,
		     struct sk_buff *skb, const struct mini_wire_tcp *h,
		     u32 *iss)
{
	enum mini_drop_reason why;
	u64 now = mini_tcp_now();

	/* Nobody listens: a forged SYN would only cut TIME-WAIT short. */
	if (mini_tcp_tw_reopens(tw, h) &&
	    mini_tcp_listener_lookup(rx, h->dport)) {
		*iss = mini_tcp_tw_iss(tw);
		mini_inc(rx->mn, MINI_MIB_TCP_TIME_WAIT_KILLED);
		mini_tcp_tw_kill(tw);
		return true;
	}
	if (tw->tstamp_ok && h->opts.saw_tstamp && !(h->flags & MINI_TCP_RST) &&
	    (s32)(h->opts.tsval - READ_ONCE(tw->ts_recent)) < 0) {
		mini_inc(rx->mn, MINI_MIB_TCP_PAWS_REJECTED);
		/* Who repeats data or a FIN needs an answer each time. */
		if (skb->len || h->flags & MINI_TCP_FIN)
			mini_tcp_reply_tw(rx, tw, now);
		else
			mini_tcp_tw_answer(rx, tw, now);
		why = MINI_DROP_TCP_PAWS;
	} else if (READ_ONCE(tw->state) == TCP_FIN_WAIT2) {
		why = mini_tcp_fw2_rcv(rx, tw, skb, h, now);
	} else {
		why = mini_tcp_tw_segment(rx, tw, skb, h, now);
	}
	if (why)
		mini_drop(rx->mn, skb, why);
	else
		consume_skb(skb);
	return false;
}

/* How long the record still stays, milliseconds. */
u32 mini_tcp_tw_left_ms(const struct mini_tcp_tw *tw)
{
	u64 now = mini_tcp_now();
	u64 end = READ_ONCE(tw->expires);

	return end > now ? div_u64(end - now, USEC_PER_MSEC) : 0;
}

/* The namespace goes: no packet comes any more. */
void mini_tcp_tw_purge(struct mini_net *mn)
{
	struct mini_tcp_net *tn = mn->tcp;
	struct mini_tcp_tw *tw;

	for (;;) {
		spin_lock_bh(&tn->lock);
		tw = list_first_entry_or_null(&tn->tws, struct mini_tcp_tw,
					      list);
		if (tw)
			refcount_inc(&tw->refcnt);
		spin_unlock_bh(&tn->lock);
		if (!tw)
			break;
		/* Its own timer may be about to end it: then wait for that. */
		mini_tcp_tw_kill(tw);
		if (timer_delete_sync(&tw->timer))
			mini_tcp_tw_put(tw);
		mini_tcp_tw_put(tw);
		cond_resched();
	}
}
