// SPDX-License-Identifier: GPL-2.0
/*
 * The active side: connect(), the port and the row of the table that it takes,
 * and how to disconnect again (RFC 9293 section 3.10.1 OPEN, RFC 6191).
 *
 * Context: process.  Locks on entry: the socket lock.
 */
#include <linux/tcp.h>

#include "open.h"

/**
 * struct mini_tcp_claim - connect() looks for a row of the table
 * @tp: connection, locked
 * @reuse: tcp_tw_reuse; 1 for a port that bind() asked for, as Linux has it
 * @tw: the record whose place it took, or NULL; the caller's to end
 */
struct mini_tcp_claim {
	struct mini_tcp_sock *tp;
	int reuse;
	struct mini_tcp_tw *tw;
};

/* RFC 6191's other side: a connection in TIME-WAIT gives way to a new one. */
static bool mini_tcp_claim_tw(struct mini_tcp_claim *claim)
{
	struct mini_tcp_sock *tp = claim->tp;
	struct mini_net *mn = mini_tcp_mn(tp);
	struct mini_tcp_tw *tw;
	struct mini_conn *conn;
	bool ours = false;

	rcu_read_lock();
	conn = mini_tcp_conn_lookup(mn, &tp->ms.conn.tuple);
	if (conn && conn->kind == MINI_CONN_TW) {
		tw = container_of(conn, struct mini_tcp_tw, conn);
		ours = mini_tcp_tw_reusable(tw, claim->reuse,
					    mini_tcp_now()) &&
		       mini_tcp_conn_replace(mn, conn, &tp->ms.conn);
	}
	rcu_read_unlock();
	/* The row's reference is ours, so it stays. */
	if (ours)
		claim->tw = tw;
	return ours;
}

static int mini_tcp_claim_port(void *arg, __be16 port)
{
	struct mini_tcp_claim *claim = arg;
	struct mini_tcp_sock *tp = claim->tp;
	int err;

	tp->ms.conn.tuple.lport = port;
	err = mini_tcp_conn_insert(mini_tcp_mn(tp), &tp->ms.conn);
	if (err != -EEXIST)
		return err;
	return mini_tcp_claim_tw(claim) ? 0 : -EADDRNOTAVAIL;
}

/*
 * A local port and the row of the table that it makes unique, perhaps one that
 * was in TIME-WAIT: @iss receives the least first sequence number, or 0.
 */
static int mini_tcp_take_row(struct mini_tcp_sock *tp, u32 *iss)
{
	struct mini_sock *ms = &tp->ms;
	struct mini_tcp_claim claim = {
		.tp = tp,
		.reuse = ms->port.port ? 1 :
			 READ_ONCE(ms->mn->sysctl.tcp_tw_reuse),
	};
	struct mini_tuple *t = &ms->conn.tuple;
	int err;

	if (ms->port.port) {
		err = mini_tcp_claim_port(&claim, mini_port_num(&ms->port));
		if (!err)
			mini_port_update(&ms->port, &t->laddr, true);
		goto out;
	}
	ms->port.sk = &ms->sk;
	ms->port.addr = t->laddr;
	ms->port.ifindex = ms->sk.sk_bound_dev_if;
	ms->port.uid = ms->sk.sk_uid;
	ms->port.reuse = ms->sk.sk_reuse;
	ms->port.reuseport = ms->sk.sk_reuseport;
	ms->port.connected = 1;
	err = mini_port_connect(ms->mn, IPPROTO_TCP, &ms->port,
				mini_tcp_port_offset(t), mini_tcp_claim_port,
				&claim);
out:
	*iss = 0;
	if (claim.tw) {
		*iss = mini_tcp_tw_iss(claim.tw);
		mini_inc(ms->mn, MINI_MIB_TCP_TIME_WAIT_REUSED);
		mini_tcp_tw_finish(claim.tw);
	}
	return err;
}

static void mini_tcp_forget_peer(struct mini_tcp_sock *tp)
{
	struct mini_tuple *t = &tp->ms.conn.tuple;

	memset(&t->raddr, 0, sizeof(t->raddr));
	t->rport = 0;
	t->laddr = tp->ms.bound;
	/* A port that is gone is still told by getsockname(), as Linux does. */
	if (tp->ms.port.port)
		mini_port_update(&tp->ms.port, &t->laddr, false);
}

/* @iss: at least that, unless it is 0. */
static void mini_tcp_start(struct mini_tcp_sock *tp, u32 iss, u64 now)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	const struct mini_tuple *t = &tp->ms.conn.tuple;

	tp->iss = mini_tcp_isn(t);
	if (iss && seq_before(tp->iss, iss))
		tp->iss = iss;
	tp->ts_off = mini_tcp_ts_offset(t);
	tp->snd_una = tp->iss;
	tp->snd_nxt = tp->iss;
	tp->write_seq = tp->iss;
	tp->rcv_nxt = 0;
	tp->rcv_wup = 0;
	tp->ecn_ask = READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_ecn) == 1;
	tp->rcv_wscale = mini_tcp_wscale_for(mini_tcp_mn(tp), sk);
	tp->rcv_wnd = min_t(u32, mini_tcp_full_space(sk), U16_MAX);
	mini_tcp_queue_ctl(tp, MINI_TCP_SYN);
	tp->fl->recover = tp->iss;
	mini_tcp_set_state(tp, TCP_SYN_SENT);
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_ACTIVE_OPENS);
	if (mini_tcp_fastopen_defers(tp, now))
		tp->fo_defer = 1;
	else if (tp->fo_msg || tp->fo_connect)
		mini_tcp_fastopen_start(tp, mini_tcp_fastopen_plan(tp, now),
					now);
	else
		mini_tcp_send_syn(tp, now);
	mini_tcp_rearm(tp, now);
}

bool mini_tcp_connect_deferred(const struct sock *sk)
{
	return mini_tcp_sk(sk)->fo_defer;
}

/* proto.connect: sends the SYN and returns; the caller waits. */
int mini_tcp_connect(struct sock *sk, mini_sockaddr *uaddr, int len)
{
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	struct mini_sock *ms = &tp->ms;
	struct mini_tuple *t = &ms->conn.tuple;
	struct in6_addr raddr;
	struct mini_flow fl __uninitialized;
	struct mini_path path __uninitialized;
	__be16 lport, rport;
	u32 iss;
	u8 type;
	int err;

	err = mini_name_from_user(ms, uaddr, len, &raddr, &rport);
	if (err)
		return err;
	/* As AF_INET has it: nowhere in particular is this host. */
	if (mini_addr_any(&raddr))
		mini_addr_set_v4(&raddr, mini_addr_any(&t->laddr) ?
				 htonl(INADDR_LOOPBACK) :
				 mini_addr_v4(&t->laddr));
	type = mini_addr_type(ms->mn, &raddr);
	if (type != MINI_ROUTE_LOCAL && type != MINI_ROUTE_UNICAST)
		return -ENETUNREACH;

	mini_sk_flow(ms, &raddr, &fl);
	/* The port is chosen later, for the source that the way has. */
	fl.hash = get_random_u32() | 1;
	err = mini_path_lookup(ms->mn, &fl, &path);
	if (err)
		return err;
	mini_path_release(&ms->path);
	ms->path = path;
	t->raddr = raddr;
	t->rport = rport;
	t->laddr = path.src;
	/* What ended an earlier connection says nothing of this one. */
	WRITE_ONCE(sk->sk_err, 0);
	WRITE_ONCE(sk->sk_err_soft, 0);
	mini_tcp_init_sock(tp);
	tp->txhash = fl.hash;
	mini_tcp_cong_pick(tp);
	tp->mss_peer = U16_MAX;
	mini_tcp_sync_mss(tp);
	lport = t->lport;
	err = mini_tcp_take_row(tp, &iss);
	if (err) {
		t->lport = lport;
		mini_tcp_forget_peer(tp);
		return err;
	}
	mini_tcp_start(tp, iss, mini_tcp_now());
	return 0;
}

/**
 * mini_tcp_disconnected() - wake all who sleep in a call on the connection
 * @sk: the socket, about to be disconnected
 *
 * They return -EPIPE.  Context: process, socket lock held.
 */
void mini_tcp_disconnected(struct sock *sk)
{
	WRITE_ONCE(mini_tcp_sk(sk)->disconnects,
		   mini_tcp_sk(sk)->disconnects + 1);
	mini_sk_disconnected(sk);
}

/* proto.disconnect: connect(AF_UNSPEC), or a connect() that was given up. */
int mini_tcp_disconnect(struct sock *sk, int flags)
{
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	int old = sk->sk_state;

	if (old == TCP_LISTEN) {
		mini_tcp_set_state(tp, TCP_CLOSE);
		mini_tcp_listen_stop(tp);
		/* A port that nobody asked for was the listener's alone. */
		if (sk->sk_userlocks & SOCK_BINDPORT_LOCK)
			mini_port_unlisten(&tp->ms.port);
		else
			mini_port_release(&tp->ms.port);
	} else if (old == TCP_SYN_SENT) {
		mini_tcp_abort_silent(tp, ECONNRESET);
	} else if ((1 << old) & (TCPF_CLOSING | TCPF_LAST_ACK) &&
		   tp->snd_nxt == tp->write_seq) {
		/* All is said and done, but for the last ACK: no error. */
		mini_tcp_abort_silent(tp, sk->sk_err);
	} else if (old != TCP_CLOSE) {
		mini_tcp_abort(tp, ECONNRESET);
	}
	mini_tcp_purge(tp);
	__skb_queue_purge(&sk->sk_receive_queue);
	mini_tcp_stop_timers(tp);
	mini_path_release(&tp->ms.path);
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK))
		memset(&tp->ms.bound, 0, sizeof(tp->ms.bound));
	mini_tcp_forget_peer(tp);
	WRITE_ONCE(tp->copied_seq, tp->rcv_nxt);
	tp->urg_data = 0;
	sk->sk_shutdown = 0;
	sock_reset_flag(sk, SOCK_DONE);
	sk_error_report(sk);
	return 0;
}
