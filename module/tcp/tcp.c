// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a TCP socket: born, connected, shut down, closed, destroyed
 * (RFC 9293 section 3.10.1 OPEN, 3.10.4 CLOSE, 3.10.5 ABORT).
 *
 * mini_tcp_set_state() alone writes the state; counters and the tracepoint
 * sit there.
 *
 * Locks on entry: the socket lock, but for the methods of struct proto that
 * take it themselves (close).
 */
#include <linux/sockios.h>
#include <linux/swap.h>
#include <linux/tcp.h>
#include <asm/ioctls.h>

#include "../trace.h"
#include "open.h"

static atomic_long_t mini_tcp_memory_allocated;
static DEFINE_PER_CPU(int, mini_tcp_memory_per_cpu);
static struct percpu_counter mini_tcp_sockets_allocated;
unsigned long mini_tcp_memory_pressure;
static long mini_tcp_mem[3];	/* pages: no pressure, pressure, limit */
static int mini_tcp_rmem_floor = 4096;
static int mini_tcp_wmem_floor = 4096;

static void mini_tcp_enter_memory_pressure(struct sock *sk)
{
	if (!READ_ONCE(mini_tcp_memory_pressure))
		WRITE_ONCE(mini_tcp_memory_pressure, jiffies ?: 1);
}

static void mini_tcp_leave_memory_pressure(struct sock *sk)
{
	WRITE_ONCE(mini_tcp_memory_pressure, 0);
}

/**
 * mini_tcp_mem_get() - net.mini.tcp_mem
 * @mem: receives three numbers of pages: below the first no memory is short,
 *	above the second it is, above the third there is none
 */
void mini_tcp_mem_get(unsigned long mem[3])
{
	int i;

	for (i = 0; i < 3; i++)
		mem[i] = READ_ONCE(mini_tcp_mem[i]);
}

/**
 * mini_tcp_mem_set() - set it, for all namespaces
 * @mem: three numbers of pages, none below the one before
 */
void mini_tcp_mem_set(const unsigned long mem[3])
{
	int i;

	for (i = 0; i < 3; i++)
		WRITE_ONCE(mini_tcp_mem[i], min_t(unsigned long, mem[i],
						  LONG_MAX));
}

void mini_tcp_set_state(struct mini_tcp_sock *tp, int state)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	int old = sk->sk_state;

	if (old == state)
		return;
	trace_mini_tcp_state(&tp->ms, old, state);
	/* Lookups and poll read it without the lock. */
	smp_store_release(&sk->sk_state, state);
}

/* Everything a connection starts from; child sockets inherit the options. */
void mini_tcp_init_sock(struct mini_tcp_sock *tp)
{
	tp->rtx = RB_ROOT;
	tp->rtx_tail = NULL;
	tp->cc.mss = MINI_TCP_MSS_DEFAULT;
	tp->mss_peer = MINI_TCP_MSS_DEFAULT;
	tp->gso_max = MINI_TCP_MSS_DEFAULT;
	mini_tcp_mtu_init(tp);
	tp->snd_wnd = 0;
	tp->max_wnd = 0;
	tp->tstamp_ok = 0;
	tp->wscale_ok = 0;
	tp->sack_ok = 0;
	tp->ecn_ask = 0;
	tp->ecn_ok = 0;
	tp->ecn_seen = 0;
	tp->ecn_ece = 0;
	tp->ecn_cwr = 0;
	tp->ect = 0;
	tp->delivered_ce = 0;
	tp->fin_queued = 0;
	tp->ack_now = 0;
	tp->ack_waits = 0;
	tp->srtt_us = 0;
	tp->rttvar_us = 0;
	tp->rto_us = MINI_TCP_RTO_INITIAL;
	tp->backoff = 0;
	tp->retransmits = 0;
	tp->probes = 0;
	mini_tcp_recovery_init(tp);
	tp->cc.cwnd = MINI_TCP_INIT_CWND * tp->cc.mss;
	tp->cc.ssthresh = INT_MAX;
	tp->last_sent = 0;
	tp->last_rcv = 0;
	tp->oow_ack_time = 0;
	tp->total_retrans = 0;
	tp->bytes_sent = 0;
	tp->chrono = MINI_TCP_IDLE;
	memset(tp->chrono_us, 0, sizeof(tp->chrono_us));
	tp->bytes_retrans = 0;
	tp->bytes_acked = 0;
	tp->bytes_received = 0;
	tp->segs_in = 0;
	tp->segs_out = 0;
	tp->syn_data = 0;
	tp->syn_data_acked = 0;
	tp->fo_syn = 0;
	tp->fo_asked = 0;
	tp->fo_defer = 0;
	tp->data_segs_in = 0;
	tp->data_segs_out = 0;
	tp->rcv_ooopack = 0;
	tp->total_rto = 0;
	tp->total_rto_recoveries = 0;
	tp->total_rto_time = 0;
	tp->rto_stamp = 0;
	memset(tp->deadline, 0, sizeof(tp->deadline));
	mini_tcp_rcv_init(tp);
}

/*
 * What another CPU may hold although the socket is closed: its timer, which
 * may be running, and a listener's lock.  Once in the life of a socket.
 */
void mini_tcp_birth(struct mini_tcp_sock *tp)
{
	tp->deferred = 0;
	tp->timer_at = 0;
	tp->timer_news = false;
	mini_tcp_flight_birth(tp);
	tp->tsq = 0;
	INIT_LIST_HEAD(&tp->tsq_node);
	timer_setup(&tp->timer, mini_tcp_timer_fn, 0);
	tp->lsn = NULL;
	INIT_LIST_HEAD(&tp->accept_node);
	tp->saved_syn = NULL;
	tp->orphan = 0;
	tp->fo_listener = NULL;
	tp->fo_msg = NULL;
	tp->fo_give = 0;
}

static void mini_tcp_destruct(struct sock *sk)
{
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);

	mini_tcp_flight_free(tp);
	kfree(tp->saved_syn);
	mini_tcp_lsn_free(tp);
	sk_sockets_allocated_dec(sk);
	mini_sk_destruct(sk);
}

/*
 * sk_write_space: a transmission was freed (by any context, without the lock),
 * or there is more room.  Wake who waits for it, once there is as much as
 * poll() calls writable.
 */
static void mini_tcp_write_space(struct sock *sk)
{
	struct socket_wq *wq;
	struct socket *sock;

	mini_tcp_tsq_freed(mini_tcp_sk(sk));
	rcu_read_lock();
	sock = READ_ONCE(sk->sk_socket);
	if (likely(!sock || !test_bit(SOCK_NOSPACE, &sock->flags)) ||
	    !sk_stream_is_writeable(sk))
		goto out;
	clear_bit(SOCK_NOSPACE, &sock->flags);
	wq = rcu_dereference(sk->sk_wq);
	if (skwq_has_sleeper(wq))
		wake_up_interruptible_poll(&wq->wait, EPOLLOUT | EPOLLWRNORM |
					   EPOLLWRBAND);
	if (wq && !(sk->sk_shutdown & SEND_SHUTDOWN))
		sock_wake_async(wq, SOCK_WAKE_SPACE, POLL_OUT);
out:
	rcu_read_unlock();
}

static int mini_tcp_init_proto(struct sock *sk)
{
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	struct mini_net *mn = mini_tcp_mn(tp);

	mini_tcp_birth(tp);
	mini_tcp_init_sock(tp);
	tp->xmit = mini_tcp_xmit_ip;
	if (mini_tcp_cong_set(tp, mn->sysctl.tcp_congestion_control, true))
		mini_tcp_cong_set(tp, mini_tcp_newreno.name, true);
	sk->sk_state = TCP_CLOSE;
	sk->sk_destruct = mini_tcp_destruct;
	sk->sk_write_space = mini_tcp_write_space;
	set_bit(SOCK_SUPPORT_ZC, &sk->sk_socket->flags);
	sk->sk_sndbuf = READ_ONCE(mn->sysctl.tcp_wmem[1]);
	sk->sk_rcvbuf = READ_ONCE(mn->sysctl.tcp_rmem[1]);
	/* What SO_TXREHASH tells. */
	sk->sk_txrehash = READ_ONCE(sock_net(sk)->core.sysctl_txrehash);
	sk_sockets_allocated_inc(sk);
	return 0;
}

/* Nothing will be sent or re-ordered any more. */
void mini_tcp_purge(struct mini_tcp_sock *tp)
{
	mini_tcp_write_purge(tp);
	mini_tcp_ooo_purge(tp);
}

/**
 * mini_tcp_destroy() - the last step of a socket that no program holds
 * @sk: the listener
 *
 * Drops the reference that the program's descriptor had.
 */
void mini_tcp_destroy(struct sock *sk)
{
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);

	mini_tcp_purge(tp);
	__skb_queue_purge(&sk->sk_receive_queue);
	mini_port_release(&tp->ms.port);
	mini_tcp_cong_release(tp);
	if (tp->orphan)
		atomic_dec(&mini_tcp_mn(tp)->tcp->orphans);
	tp->orphan = 0;
	mini_tcp_stop_timers(tp);
	sk_mem_reclaim_final(sk);
	sock_put(sk);
}

/**
 * mini_tcp_done() - CLOSED, whatever came before
 * @tp: connection, locked
 *
 * A socket without a program is destroyed: the caller may not use it unless
 * it has a reference or rcu_read_lock().
 */
void mini_tcp_done(struct mini_tcp_sock *tp)
{
	struct sock *sk = mini_tcp_to_sk(tp);

	mini_tcp_conn_remove(mini_tcp_mn(tp), &tp->ms.conn);
	mini_tcp_fastopen_done(tp, false);
	tp->fo_defer = 0;
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK))
		mini_port_release(&tp->ms.port);
	memset(tp->deadline, 0, sizeof(tp->deadline));
	WRITE_ONCE(tp->ack_waits, 0);
	mini_tcp_set_state(tp, TCP_CLOSE);
	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (sock_flag(sk, SOCK_DEAD))
		mini_tcp_destroy(sk);
	else
		sk->sk_state_change(sk);
}

/**
 * mini_tcp_abort_silent() - CLOSED, and the program is told why; no RST
 * @tp: connection, locked
 * @err: positive errno
 */
void mini_tcp_abort_silent(struct mini_tcp_sock *tp, int err)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	bool dead = sock_flag(sk, SOCK_DEAD);

	WRITE_ONCE(sk->sk_err, err);
	mini_tcp_purge(tp);
	mini_tcp_done(tp);
	if (!dead)
		sk_error_report(sk);
}

/* RFC 9293 3.10.5: the peer is told where it may have something to lose. */
void mini_tcp_abort(struct mini_tcp_sock *tp, int err)
{
	if ((1 << tp->ms.sk.sk_state) &
	    (TCPF_ESTABLISHED | TCPF_SYN_RECV | TCPF_FIN_WAIT1 |
	     TCPF_FIN_WAIT2 | TCPF_CLOSE_WAIT))
		mini_tcp_send_rst(tp, mini_tcp_now());
	mini_tcp_abort_silent(tp, err);
}

/* FIN, behind all that is written (RFC 9293 3.10.4). */
void mini_tcp_send_fin(struct mini_tcp_sock *tp, u64 now)
{
	struct sk_buff *tail = skb_peek_tail(&mini_tcp_to_sk(tp)->sk_write_queue);

	if (tail) {
		mini_tcp_cb(tail)->flags |= MINI_TCP_FIN;
		mini_tcp_cb(tail)->end_seq++;
		tp->write_seq++;
	} else {
		mini_tcp_queue_ctl(tp, MINI_TCP_FIN | MINI_TCP_ACK);
	}
	tp->fin_queued = 1;
	tp->cork = 0;
	mini_tcp_push(tp, now);
	mini_tcp_rearm(tp, now);
}

/*
 * CLOSE, by state; 0: there is nothing to tell the peer.
 *
 * RFC 9293 section 3.3.2, the transitions that the program causes.
 */
static const u8 mini_tcp_close_state[TCP_MAX_STATES] = {
	[TCP_SYN_RECV]		= TCP_FIN_WAIT1,
	[TCP_ESTABLISHED]	= TCP_FIN_WAIT1,
	[TCP_CLOSE_WAIT]	= TCP_LAST_ACK,
};

static void mini_tcp_close_send(struct mini_tcp_sock *tp)
{
	int next = mini_tcp_close_state[tp->ms.sk.sk_state];

	if (!next)
		return;
	mini_tcp_set_state(tp, next);
	mini_tcp_send_fin(tp, mini_tcp_now());
}

void mini_tcp_shutdown(struct sock *sk, int how)
{
	if (how & SEND_SHUTDOWN)
		mini_tcp_close_send(mini_tcp_sk(sk));
}

/* SO_LINGER: until the peer acknowledged the FIN, or time is up. */
static void mini_tcp_linger(struct sock *sk, long timeout)
{
	const int closing = TCPF_FIN_WAIT1 | TCPF_CLOSING | TCPF_LAST_ACK;
	DEFINE_WAIT_FUNC(wait, woken_wake_function);

	add_wait_queue(sk_sleep(sk), &wait);
	while (timeout && (1 << sk->sk_state) & closing &&
	       !signal_pending(current))
		sk_wait_event(sk, &timeout, !((1 << sk->sk_state) & closing),
			      &wait);
	remove_wait_queue(sk_sleep(sk), &wait);
}

/* What close() does before the socket leaves its program. */
static void mini_tcp_close_begin(struct sock *sk, long timeout)
{
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	bool unread = !skb_queue_empty(&sk->sk_receive_queue);

	WRITE_ONCE(sk->sk_shutdown, SHUTDOWN_MASK);
	if (sk->sk_state == TCP_LISTEN) {
		mini_tcp_set_state(tp, TCP_CLOSE);
		mini_tcp_listen_stop(tp);
		return;
	}
	/* Only a FIN that was read past may lie there unnoticed. */
	__skb_queue_purge(&sk->sk_receive_queue);
	if (sk->sk_state == TCP_CLOSE)
		return;
	if (unread) {
		/* RFC 2525 2.17: what is thrown away must not look read. */
		mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_ABORT_ON_CLOSE);
		mini_tcp_abort(tp, ECONNRESET);
	} else if ((sock_flag(sk, SOCK_LINGER) && !sk->sk_lingertime) ||
		   sk->sk_state == TCP_SYN_SENT) {
		mini_tcp_abort(tp, ECONNRESET);
	} else {
		mini_tcp_close_send(tp);
		if (timeout)
			mini_tcp_linger(sk, timeout);
	}
}

/**
 * mini_tcp_orphan_excess() - are there too many connections without a program?
 * @tp: one of them, locked
 *
 * By number, or because TCP has used up its memory and this one holds some of
 * it.
 */
bool mini_tcp_orphan_excess(struct mini_tcp_sock *tp)
{
	struct mini_net *mn = mini_tcp_mn(tp);
	struct sock *sk = mini_tcp_to_sk(tp);

	return atomic_read(&mn->tcp->orphans) >
	       READ_ONCE(mn->sysctl.tcp_max_orphans) ||
	       (sk->sk_wmem_queued > SOCK_MIN_SNDBUF &&
		atomic_long_read(&mini_tcp_memory_allocated) > mini_tcp_mem[2]);
}

/* No program holds the socket any more: what is left for it to do? */
static void mini_tcp_orphan(struct mini_tcp_sock *tp)
{
	struct sock *sk = mini_tcp_to_sk(tp);

	sock_orphan(sk);
	if (sk->sk_state == TCP_CLOSE) {
		mini_tcp_destroy(sk);
		return;
	}
	tp->orphan = 1;
	atomic_inc(&mini_tcp_mn(tp)->tcp->orphans);
	if (mini_tcp_orphan_excess(tp)) {
		mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_ABORT_ON_MEMORY);
		mini_tcp_abort(tp, ECONNRESET);
	} else if (sk->sk_state == TCP_FIN_WAIT2) {
		mini_tcp_fin_wait2_orphan(tp, true, mini_tcp_now());
	}
}

/* proto.close: process context, no lock. */
static void mini_tcp_close(struct sock *sk, long timeout)
{
	lock_sock(sk);
	mini_tcp_close_begin(sk, timeout);
	sock_hold(sk);
	mini_tcp_orphan(mini_tcp_sk(sk));
	release_sock(sk);
	sock_put(sk);
}

static int mini_tcp_ioctl_value(struct sock *sk, int cmd, int *val)
{
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	int err = 0;

	lock_sock(sk);
	switch (cmd) {
	case SIOCINQ:
		if (sk->sk_state == TCP_LISTEN) {
			err = -EINVAL;
			break;
		}
		*val = mini_tcp_unread(tp);
		break;
	case SIOCATMARK:
		*val = tp->urg_data && tp->urg_seq == tp->copied_seq;
		break;
	case SIOCOUTQNSD:
		if (sk->sk_state == TCP_LISTEN)
			err = -EINVAL;
		else
			*val = (1 << sk->sk_state) &
			       (TCPF_SYN_SENT | TCPF_SYN_RECV | TCPF_CLOSE) ?
			       0 : tp->write_seq - tp->snd_nxt;
		break;
	case SIOCOUTQ:
		if (sk->sk_state == TCP_LISTEN)
			err = -EINVAL;
		else
			*val = (1 << sk->sk_state) &
			       (TCPF_SYN_SENT | TCPF_SYN_RECV | TCPF_CLOSE) ?
			       0 : tp->write_seq - tp->snd_una;
		break;
	default:
		err = -ENOIOCTLCMD;
	}
	release_sock(sk);
	return err;
}

MINI_DEFINE_PROTO_IOCTL(mini_tcp_ioctl, mini_tcp_ioctl_value)

MINI_DEFINE_PROTO_ACCEPT(mini_tcp_proto_accept, mini_tcp_accept)

MINI_DEFINE_PROTO_RECVMSG(mini_tcp_proto_recvmsg, mini_tcp_recvmsg)

struct proto mini_tcp_prot = {
	.name			= "MINI-TCP",
	/* No owner: an orphan does not keep the module from going. */
	.obj_size		= sizeof(struct mini_tcp_sock),
	/*
	 * They are freed by RCU all the same (SOCK_RCU_FREE).  But slabs of
	 * this kind are not zeroed a second time where the kernel zeroes
	 * whatever is allocated (init_on_alloc).
	 */
	.slab_flags		= SLAB_TYPESAFE_BY_RCU,
	.init			= mini_tcp_init_proto,
	.close			= mini_tcp_close,
	.connect		= mini_tcp_connect,
	.disconnect		= mini_tcp_disconnect,
	.accept			= mini_tcp_proto_accept,
	.ioctl			= mini_tcp_ioctl,
	.setsockopt		= mini_tcp_setsockopt,
	.getsockopt		= mini_tcp_getsockopt,
	.keepalive		= mini_tcp_set_keepalive,
	.sendmsg		= mini_tcp_sendmsg,
	.recvmsg		= mini_tcp_proto_recvmsg,
	.stream_memory_free	= mini_tcp_stream_memory_free,
	.rehash			= mini_sk_rehash,
	.backlog_rcv		= mini_tcp_backlog_rcv,
	.release_cb		= mini_tcp_release_cb,
	.enter_memory_pressure	= mini_tcp_enter_memory_pressure,
	.leave_memory_pressure	= mini_tcp_leave_memory_pressure,
	.memory_pressure	= &mini_tcp_memory_pressure,
	.memory_allocated	= &mini_tcp_memory_allocated,
	.per_cpu_fw_alloc	= &mini_tcp_memory_per_cpu,
	.sockets_allocated	= &mini_tcp_sockets_allocated,
	.sysctl_mem		= mini_tcp_mem,
	.sysctl_wmem		= &mini_tcp_wmem_floor,
	.sysctl_rmem		= &mini_tcp_rmem_floor,
};

static const struct mini_proto mini_tcp_ip_proto = {
	.protocol	= IPPROTO_TCP,
	.rcv		= mini_tcp_ip_rcv,
	.demux		= mini_tcp_demux,
	.err		= mini_tcp_icmp_err,
};

int mini_tcp_net_init(struct mini_net *mn)
{
	struct mini_tcp_net *tn = kzalloc(sizeof(*tn), GFP_KERNEL);
	int err;

	if (!tn)
		return -ENOMEM;
	spin_lock_init(&tn->lock);
	INIT_LIST_HEAD(&tn->tws);
	mini_tcp_cookie_net_init(&tn->cookies);
	mn->tcp = tn;
	err = mini_tcp_conn_net_init(mn);
	if (err)
		goto err_free;
	err = mini_tcp_fo_cache_init(mn);
	if (err)
		goto err_conn;
	err = mini_tcp_fastopen_net_init(mn);
	if (err)
		goto err_cache;
	return 0;

err_cache:
	mini_tcp_fo_cache_exit(mn);
err_conn:
	mini_tcp_conn_net_exit(mn);
err_free:
	kfree(tn);
	return err;
}

void mini_tcp_net_stop(struct mini_net *mn)
{
	/* Each look for a socket would walk over all records. */
	mini_tcp_tw_purge(mn);
	mini_tcp_conn_abort_all(mn);
	mini_tcp_tw_purge(mn);
}

void mini_tcp_net_exit(struct mini_net *mn)
{
	mini_tcp_fastopen_net_exit(mn);
	mini_tcp_fo_cache_exit(mn);
	mini_tcp_conn_net_exit(mn);
	kfree(mn->tcp);
}

int mini_tcp_init(void)
{
	unsigned long pages = max(nr_free_buffer_pages() / 16, 128UL);
	int err;

	mini_tcp_mem[0] = pages / 4 * 3;
	mini_tcp_mem[1] = pages;
	mini_tcp_mem[2] = mini_tcp_mem[0] * 2;
	mini_tcp_conn_init();
	mini_tcp_pace_init();
	err = percpu_counter_init(&mini_tcp_sockets_allocated, 0, GFP_KERNEL);
	if (err)
		return err;
	err = mini_tcp_flight_init();
	if (err)
		goto err_counter;
	err = mini_tcp_tw_init();
	if (err)
		goto err_flight;
	err = proto_register(&mini_tcp_prot, 1);
	if (err)
		goto err_tw;
	err = mini_tcp_cong_init();
	if (err)
		goto err_proto;
	mini_ip_register(&mini_tcp_ip_proto);
	return 0;

err_proto:
	proto_unregister(&mini_tcp_prot);
err_tw:
	mini_tcp_tw_exit();
err_flight:
	mini_tcp_flight_exit();
err_counter:
	percpu_counter_destroy(&mini_tcp_sockets_allocated);
	return err;
}

void mini_tcp_exit(void)
{
	mini_tcp_cong_exit();
	proto_unregister(&mini_tcp_prot);
	mini_tcp_pace_exit();
	mini_tcp_recycle_exit();
	mini_tcp_tw_exit();
	mini_tcp_flight_exit();
	percpu_counter_destroy(&mini_tcp_sockets_allocated);
}
