// SPDX-License-Identifier: GPL-2.0
/*
 * TCP Fast Open, the client (RFC 7413 section 4.1.3): the cookies that servers
 * gave, and a SYN with what the program wrote first.
 *
 * What goes with the SYN stays in sk_write_queue as if it had not been sent:
 * the SYN-ACK says how much of it arrived, the rest is sent as ever.  A SYN
 * that is sent again goes without option and data, since a middlebox may have
 * eaten it for them; a destination that did so twice is left alone for minutes,
 * twice as long each time.
 *
 * Locks on entry: the socket lock; tn->fo_lock is taken here.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "../trace.h"
#include "open.h"

#define MINI_TCP_FO_PEERS	1024	/* a namespace */
#define MINI_TCP_FO_AGE		(3600ULL * USEC_PER_SEC)
#define MINI_TCP_FO_BACKOFF	(60ULL * USEC_PER_SEC)
#define MINI_TCP_FO_LOSSES	8	/* doublings of the back-off */
#define MINI_TCP_OPTIONS_MAX	40

/**
 * struct mini_tcp_fo_peer - what is known of a server
 * @node: in mini_tcp_net.fo_peers
 * @addr: the server
 * @list: in fo_list, who was used last is last
 * @used: microseconds
 * @lost: when a SYN with an option was lost last
 * @mss: that it gave
 * @losses: of SYNs with an option, in a row
 * @len: octets of @cookie, 0: none
 * @cookie: from its SYN-ACK
 * @rcu: frees it
 */
struct mini_tcp_fo_peer {
	struct rhash_head node;
	struct in6_addr addr;
	struct list_head list;
	u64 used;
	u64 lost;
	u16 mss;
	u8 losses;
	u8 len;
	u8 cookie[MINI_TCP_FO_COOKIE_MAX];
	struct rcu_head rcu;
};

static const struct rhashtable_params mini_tcp_fo_params = {
	.head_offset = offsetof(struct mini_tcp_fo_peer, node),
	.key_offset = offsetof(struct mini_tcp_fo_peer, addr),
	.key_len = sizeof(struct in6_addr),
	.automatic_shrinking = true,
};

static void mini_tcp_fo_forget(struct mini_tcp_net *tn,
			       struct mini_tcp_fo_peer *p)
{
	rhashtable_remove_fast(&tn->fo_peers, &p->node, mini_tcp_fo_params);
	list_del(&p->list);
	tn->fo_count--;
	kfree_rcu(p, rcu);
}

/* fo_lock is held; the entry is not older than MINI_TCP_FO_AGE. */
static struct mini_tcp_fo_peer *mini_tcp_fo_find(struct mini_tcp_net *tn,
						 const struct in6_addr *addr,
						 u64 now)
{
	struct mini_tcp_fo_peer *p;

	p = rhashtable_lookup_fast(&tn->fo_peers, addr, mini_tcp_fo_params);
	if (p && now - p->used > MINI_TCP_FO_AGE) {
		mini_tcp_fo_forget(tn, p);
		return NULL;
	}
	if (p) {
		p->used = now;
		list_move_tail(&p->list, &tn->fo_list);
	}
	return p;
}

static struct mini_tcp_fo_peer *mini_tcp_fo_create(struct mini_tcp_net *tn,
						   const struct in6_addr *addr,
						   u64 now)
{
	struct mini_tcp_fo_peer *p;

	if (tn->fo_count >= MINI_TCP_FO_PEERS)
		mini_tcp_fo_forget(tn, list_first_entry(&tn->fo_list,
							struct mini_tcp_fo_peer,
							list));
	p = kzalloc(sizeof(*p), GFP_ATOMIC);
	if (!p)
		return NULL;
	p->addr = *addr;
	p->used = now;
	p->mss = MINI_TCP_MSS_DEFAULT;
	if (rhashtable_insert_fast(&tn->fo_peers, &p->node,
				   mini_tcp_fo_params)) {
		kfree(p);
		return NULL;
	}
	list_add_tail(&p->list, &tn->fo_list);
	tn->fo_count++;
	return p;
}

/**
 * mini_tcp_fo_learn() - what a SYN-ACK told of a server
 * @mn: the instance
 * @addr: the server
 * @o: options of its SYN-ACK
 * @lost: the SYN with an option was lost: only the one without got through
 * @now: microseconds
 */
void mini_tcp_fo_learn(struct mini_net *mn, const struct in6_addr *addr,
		       const struct mini_wire_tcp_opts *o, bool lost, u64 now)
{
	struct mini_tcp_net *tn = mn->tcp;
	bool cookie = o->saw_fastopen && o->fastopen_len;
	struct mini_tcp_fo_peer *p;

	spin_lock_bh(&tn->fo_lock);
	p = mini_tcp_fo_find(tn, addr, now);
	if (!p && (cookie || lost))
		p = mini_tcp_fo_create(tn, addr, now);
	if (p) {
		if (o->saw_mss)
			p->mss = o->mss;
		if (cookie) {
			p->len = o->fastopen_len;
			memcpy(p->cookie, o->fastopen, p->len);
		}
		if (lost) {
			p->lost = now;
			p->losses = min(p->losses + 1, MINI_TCP_FO_LOSSES);
		} else {
			p->losses = 0;
		}
	}
	spin_unlock_bh(&tn->fo_lock);
}

/**
 * mini_tcp_fo_recall() - what is known of a server
 * @tp: connection, locked; fo_cookie, fo_cookie_len receive the cookie
 * @mss: receives what it takes at least, octets
 * @now: microseconds
 *
 * Return: false if a middlebox on the way should be left in peace.
 */
static bool mini_tcp_fo_recall(struct mini_tcp_sock *tp, u16 *mss, u64 now)
{
	struct mini_tcp_net *tn = mini_tcp_mn(tp)->tcp;
	struct mini_tcp_fo_peer *p;
	bool ok = true;

	*mss = MINI_TCP_MSS_DEFAULT;
	tp->fl->fo_cookie_len = 0;
	spin_lock_bh(&tn->fo_lock);
	p = mini_tcp_fo_find(tn, &tp->ms.conn.tuple.raddr, now);
	if (p) {
		*mss = p->mss;
		ok = p->losses < 2 ||
		     now - p->lost >= MINI_TCP_FO_BACKOFF << p->losses;
		tp->fl->fo_cookie_len = p->len;
		memcpy(tp->fl->fo_cookie, p->cookie, p->len);
	}
	spin_unlock_bh(&tn->fo_lock);
	return ok;
}

/**
 * mini_tcp_fastopen_plan() - what will the SYN carry?
 * @tp: connection, locked; names known, in no state yet
 * @now: microseconds
 *
 * Return: octets of data that it may carry.
 */
u32 mini_tcp_fastopen_plan(struct mini_tcp_sock *tp, u64 now)
{
	struct mini_net *mn = mini_tcp_mn(tp);
	bool no_cookie = tp->fo_no_cookie ||
			 READ_ONCE(mn->sysctl.tcp_fastopen) &
			 MINI_TCP_FO_CLIENT_NO_COOKIE;
	u16 mss;

	if (!mini_tcp_fo_recall(tp, &mss, now)) {
		mini_inc(mn, MINI_MIB_TCP_FASTOPEN_BACKOFF);
		return 0;
	}
	if (!no_cookie)
		tp->fo_syn = 1;
	if (!no_cookie && !tp->fl->fo_cookie_len)
		return 0;
	/* Some options could be longer than what the cache has seen. */
	return min_t(u32, tp->cc.mss, mss) - min_t(u32, mss,
						   MINI_TCP_OPTIONS_MAX);
}

/* The option that goes with the first SYN; octets of option space are left. */
void mini_tcp_fastopen_option(const struct mini_tcp_sock *tp,
			      struct mini_wire_tcp *h)
{
	if (!tp->fo_syn)
		return;
	h->opts.saw_fastopen = 1;
	h->opts.fastopen_len = tp->fl->fo_cookie_len;
	memcpy(h->opts.fastopen, tp->fl->fo_cookie, tp->fl->fo_cookie_len);
	/* An unusually long cookie has no room beside the rest. */
	if (mini_wire_tcp_optlen(h) > MINI_TCP_OPTIONS_MAX)
		h->opts.saw_fastopen = 0;
}

/*
 * Queue what fits of the program's message; it stays there.  What cannot be
 * read of it now is tried again when the connection stands.
 */
static void mini_tcp_fastopen_queue(struct mini_tcp_sock *tp,
				    struct mini_tcp_fo_msg *m, u32 space)
{
	struct sk_buff *skb;
	int n;

	if (!space || !msg_data_left(m->msg))
		return;
	skb = mini_tcp_new_segment(tp);
	if (!skb)
		return;
	while (space && msg_data_left(m->msg)) {
		n = mini_tcp_fill(tp, skb, m->msg, space);
		if (n <= 0)
			break;
		space -= n;
		m->copied += n;
	}
	if (skb->len)
		mini_tcp_cb(skb)->flags |= MINI_TCP_PSH;
	else
		mini_tcp_unsent_free(tp, skb);
}

/**
 * mini_tcp_fastopen_start() - send the first SYN, perhaps with data
 * @tp: connection, locked, in SYN-SENT; the SYN is queued, not sent
 * @space: octets of data that may go with it
 * @now: microseconds
 */
void mini_tcp_fastopen_start(struct mini_tcp_sock *tp, u32 space, u64 now)
{
	struct sk_buff_head *queue = &mini_tcp_to_sk(tp)->sk_write_queue;
	struct sk_buff *syn = mini_tcp_send_head(tp);
	struct sk_buff *data = NULL;

	if (tp->fo_msg)
		mini_tcp_fastopen_queue(tp, tp->fo_msg, space);
	if (!skb_queue_is_last(queue, syn))
		data = skb_queue_next(queue, syn);
	if (!data || mini_tcp_transmit_syn_data(tp, data, now) == -ENOBUFS) {
		mini_tcp_send_syn(tp, now);
	} else {
		tp->syn_data = data->len;
		mini_tcp_rtx_move(tp, syn);
		mini_tcp_cb(syn)->sent = now;
		mini_tcp_set_timer(tp, MINI_TCP_T_RTO, now + tp->rto_us);
	}
	tp->fo_asked = tp->fo_syn || tp->syn_data;
	tp->fo_syn = 0;
}

/**
 * mini_tcp_fastopen_synack() - the answer to a SYN with an option or data
 * @tp: connection, locked, in SYN-SENT; the SYN has been taken off its queue
 * @h: header of the SYN-ACK, its ACK is not beyond what the SYN carried
 * @now: microseconds
 */
void mini_tcp_fastopen_synack(struct mini_tcp_sock *tp,
			      const struct mini_wire_tcp *h, u64 now)
{
	u32 acked = h->ack - tp->snd_una;
	struct mini_net *mn = mini_tcp_mn(tp);
	struct sk_buff *skb;

	mini_tcp_fo_learn(mn, &tp->ms.conn.tuple.raddr, &h->opts,
			  tp->retransmits && !acked, now);
	tp->fo_asked = 0;
	if (!tp->syn_data)
		return;
	trace_mini_tcp_open(&tp->ms, &tp->ms.conn.tuple,
			    acked ? "fastopen-data-taken" :
				    "fastopen-data-refused");
	mini_inc(mn, acked ? MINI_MIB_TCP_FASTOPEN_ACTIVE :
			     MINI_MIB_TCP_FASTOPEN_ACTIVE_FAIL);
	tp->syn_data = 0;
	if (!acked)
		return;
	tp->syn_data_acked = 1;
	while (acked && (skb = mini_tcp_send_head(tp)) != NULL) {
		u32 n = min(acked, skb->len);

		/* Without memory it is sent again, which the peer sees. */
		if (n < skb->len && !mini_tcp_split(tp, skb, n, GFP_ATOMIC))
			return;
		mini_tcp_rtx_move(tp, skb);
		mini_tcp_rtx_free(tp, skb);
		tp->snd_una += n;
		tp->bytes_acked += n;
		acked -= n;
	}
}

/*
 * The connection may be under way: wait for it, unless the program will not.
 * Return: 0, -EINPROGRESS, or why it failed.
 */
static int mini_tcp_fastopen_wait(struct sock *sk, int flags)
{
	long timeo = sock_sndtimeo(sk, flags & MSG_DONTWAIT);
	u32 disconnects = mini_tcp_sk(sk)->disconnects;
	struct socket *sock = sk->sk_socket;
	int err;

	if (!timeo)
		return -EINPROGRESS;
	err = sk_stream_wait_connect(sk, &timeo);
	/* Whoever disconnected it knows its state. */
	if (unlikely(mini_tcp_sk(sk)->disconnects != disconnects))
		return err ?: -EPIPE;
	if (!err) {
		sock->state = SS_CONNECTED;
	} else if (err == -EAGAIN) {
		err = -EINPROGRESS;
	} else if (sk->sk_state == TCP_CLOSE) {
		sk->sk_prot->disconnect(sk, 0);
		sock->state = SS_UNCONNECTED;
	}
	return err;
}

/**
 * mini_tcp_fastopen_sendmsg() - sendmsg() that opens the connection:
 * MSG_FASTOPEN, or the first after TCP_FASTOPEN_CONNECT's connect()
 * @tp: socket, locked
 * @msg: what to send, and, with MSG_FASTOPEN, where
 * @copied: receives the octets that are queued
 *
 * Context: process.  Return: 0: connected; -EINPROGRESS: @copied octets are on
 * their way, the rest must wait; another errno.
 */
int mini_tcp_fastopen_sendmsg(struct mini_tcp_sock *tp, struct msghdr *msg,
			      int *copied)
{
	struct mini_net *mn = mini_tcp_mn(tp);
	struct sockaddr *name = msg->msg_name;
	struct mini_tcp_fo_msg m = { .msg = msg };
	struct sock *sk = mini_tcp_to_sk(tp);
	u64 now = mini_tcp_now();
	int err = 0;

	if (!(READ_ONCE(mn->sysctl.tcp_fastopen) & MINI_TCP_FO_CLIENT) ||
	    (name && msg->msg_namelen >= (int)sizeof(name->sa_family) &&
	     name->sa_family == AF_UNSPEC))
		return -EOPNOTSUPP;
	if (tp->fo_defer) {
		tp->fo_defer = 0;
		tp->fo_msg = &m;
		mini_tcp_fastopen_start(tp, mini_tcp_fastopen_plan(tp, now),
					now);
	} else {
		if (sk->sk_socket->state == SS_CONNECTED)
			return -EISCONN;
		if (sk->sk_socket->state == SS_CONNECTING)
			return -EALREADY;
		if (sk->sk_state != TCP_CLOSE)
			return -EISCONN;
		tp->fo_msg = &m;
		err = sk->sk_prot->connect(sk, (mini_sockaddr *)name,
					   name ? msg->msg_namelen : 0);
		if (!err)
			sk->sk_socket->state = SS_CONNECTING;
	}
	tp->fo_msg = NULL;
	if (err)
		return err;
	mini_tcp_rearm(tp, now);
	*copied = m.copied;
	return mini_tcp_fastopen_wait(sk, msg->msg_flags);
}

/**
 * mini_tcp_fastopen_defers() - does connect() wait for the first data?
 * @tp: connection, locked; names known
 * @now: microseconds
 *
 * TCP_FASTOPEN_CONNECT: if data could go with the SYN.
 */
bool mini_tcp_fastopen_defers(struct mini_tcp_sock *tp, u64 now)
{
	bool yes;

	if (!tp->fo_connect || tp->fo_msg)
		return false;
	yes = mini_tcp_fastopen_plan(tp, now);
	if (yes)
		tp->fo_syn = 0;
	return yes;
}

static void mini_tcp_fo_free(void *ptr, void *arg)
{
	kfree(ptr);
}

int mini_tcp_fo_cache_init(struct mini_net *mn)
{
	spin_lock_init(&mn->tcp->fo_lock);
	INIT_LIST_HEAD(&mn->tcp->fo_list);
	return rhashtable_init(&mn->tcp->fo_peers, &mini_tcp_fo_params);
}

void mini_tcp_fo_cache_exit(struct mini_net *mn)
{
	rhashtable_free_and_destroy(&mn->tcp->fo_peers, mini_tcp_fo_free, NULL);
}
