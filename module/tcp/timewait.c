// SPDX-License-Identifier: GPL-2.0
/*
 * TIME-WAIT (RFC 9293 section 3.6.1, 3.10.7.4): the socket has gone, a record
 * of what its last words need stays in its row of the table for 2 MSL.
 *
 * A record has one reference of the table and the list together, and one of
 * its timer.  Locks on entry: none; rcu_read_lock() for mini_tcp_tw_rcv().
 */
#include <linux/slab.h>

#include "tcp_int.h"

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

/* Out of the table, for whoever comes first: timer, new SYN, namespace. */
static void mini_tcp_tw_kill(struct mini_tcp_tw *tw)
{
	struct mini_tcp_net *tn = tw->mn->tcp;

	if (!mini_tcp_conn_remove(tw->mn, &tw->conn))
		return;
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
	tw->rcv_wnd = mini_tcp_rcv_wnd(tp) >> tp->rcv_wscale;
	tw->ts_recent = tp->ts_recent;
	tw->ts_off = tp->ts_off;
	tw->tstamp_ok = tp->tstamp_ok;
	tw->domain = tp->ms.domain;
	tw->tos = tp->ms.tos;
	tw->uid = tp->ms.port.uid;
	tw->oow_ack_time = 0;
	tw->port = tp->ms.port;
	tw->port.sk = NULL;
	tw->port.port = NULL;
	tw->port.connected = 1;
	tw->port.listening = 0;
	tw->port.reuse = sk->sk_reuse;
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
	struct mini_tcp_net *tn = mn->tcp;
	int secs = READ_ONCE(mn->sysctl.tcp_time_wait);
	struct mini_tcp_tw *tw = NULL;

	mini_tcp_set_state(tp, TCP_TIME_WAIT);
	if (atomic_read(&tn->tw_count) < READ_ONCE(mn->sysctl.tcp_max_tw_buckets))
		tw = kmem_cache_zalloc(mini_tcp_tw_cache, GFP_ATOMIC);
	if (!tw)
		goto done;
	mini_tcp_tw_fill(tw, tp);
	refcount_set(&tw->refcnt, 2);
	timer_setup(&tw->timer, mini_tcp_tw_timer, 0);
	if (tp->ms.port.port &&
	    mini_port_join(&tw->port, tp->ms.port.port)) {
		kmem_cache_free(mini_tcp_tw_cache, tw);
		goto done;
	}
	tw->expires = now + (u64)secs * USEC_PER_SEC;
	atomic_inc(&tn->tw_count);
	spin_lock_bh(&tn->lock);
	list_add_tail(&tw->list, &tn->tws);
	spin_unlock_bh(&tn->lock);
	/* The timer first: once in the table, anyone may end the record. */
	mod_timer(&tw->timer, jiffies + secs * HZ);
	if (mini_tcp_conn_replace(mn, &tp->ms.conn, &tw->conn)) {
		mini_inc(mn, MINI_MIB_TCP_TIME_WAITS);
		goto done;
	}
	/* The socket's row was not there: a driven test, or a lost race. */
	spin_lock_bh(&tn->lock);
	list_del(&tw->list);
	spin_unlock_bh(&tn->lock);
	atomic_dec(&tn->tw_count);
	mini_port_release(&tw->port);
	if (timer_delete(&tw->timer))
		mini_tcp_tw_put(tw);
	mini_tcp_tw_put(tw);
done:
	mini_tcp_done(tp);
}

static void mini_tcp_tw_restart(struct mini_tcp_tw *tw, u64 now)
{
	int secs = READ_ONCE(tw->mn->sysctl.tcp_time_wait);

	WRITE_ONCE(tw->expires, now + (u64)secs * USEC_PER_SEC);
	mod_timer_pending(&tw->timer, jiffies + secs * HZ);
}

/* RFC 9293 3.10.7.4 fourth, RFC 6191: may this SYN open a new connection? */
static bool mini_tcp_tw_reopens(const struct mini_tcp_tw *tw,
				const struct mini_wire_tcp *h)
{
	if ((h->flags & (MINI_TCP_SYN | MINI_TCP_ACK | MINI_TCP_RST |
			 MINI_TCP_FIN)) != MINI_TCP_SYN)
		return false;
	if (tw->tstamp_ok && h->opts.saw_tstamp)
		return (s32)(h->opts.tsval - READ_ONCE(tw->ts_recent)) > 0 ||
		       (h->opts.tsval == READ_ONCE(tw->ts_recent) &&
			seq_after(h->seq, tw->rcv_nxt));
	return seq_after(h->seq, tw->rcv_nxt);
}

/**
 * mini_tcp_tw_rcv() - a segment for a connection in TIME-WAIT
 * @rx: the packet
 * @tw: its record
 * @skb: consumed unless true is returned
 * @h: its TCP header
 *
 * Return: true if it is a SYN that may open a new connection: the record is
 * gone.
 */
bool mini_tcp_tw_rcv(struct mini_rx *rx, struct mini_tcp_tw *tw,
		     struct sk_buff *skb, const struct mini_wire_tcp *h)
{
	u64 limit = READ_ONCE(rx->mn->sysctl.tcp_invalid_ratelimit_ms) *
		    USEC_PER_MSEC;
	u64 now = mini_tcp_now();
	bool paws = tw->tstamp_ok && h->opts.saw_tstamp &&
		    (s32)(h->opts.tsval - READ_ONCE(tw->ts_recent)) < 0;
	bool exact = h->seq == tw->rcv_nxt && !skb->len;

	/* Nobody listens: a forged SYN would only cut TIME-WAIT short. */
	if (mini_tcp_tw_reopens(tw, h) &&
	    mini_tcp_listener_lookup(rx, h->dport)) {
		mini_inc(rx->mn, MINI_MIB_TCP_TIME_WAIT_KILLED);
		mini_tcp_tw_kill(tw);
		return true;
	}
	/* RFC 1337: a reset does not cut TIME-WAIT short. */
	if (h->flags & MINI_TCP_RST || (!paws && exact &&
					!(h->flags & (MINI_TCP_SYN |
						      MINI_TCP_FIN)))) {
		consume_skb(skb);
		return false;
	}
	/* Its FIN again: our last ACK was lost. */
	if (h->flags & MINI_TCP_FIN && !paws &&
	    h->seq + skb->len + 1 == tw->rcv_nxt)
		mini_tcp_tw_restart(tw, now);
	/* Who repeats data or a FIN needs an answer each time; others do not. */
	if ((skb->len && !(h->flags & MINI_TCP_SYN)) ||
	    h->flags & MINI_TCP_FIN || !tw->oow_ack_time ||
	    now - READ_ONCE(tw->oow_ack_time) >= limit) {
		WRITE_ONCE(tw->oow_ack_time, now);
		mini_tcp_reply_tw(rx, tw, now);
	}
	mini_drop(rx->mn, skb, paws ? MINI_DROP_TCP_PAWS :
		  MINI_DROP_TCP_OLD_DATA);
	return false;
}

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
	}
}
