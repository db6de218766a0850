// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP errors: what one that quotes a segment of ours does to its connection
 * (RFC 9293 section 3.9.2.2, RFC 5461, RFC 5927).
 *
 * Anybody can write one.  It must quote what is under way; it ends no
 * connection but one that is being opened; what it claims of packet sizes is
 * weighed in pmtu.c.
 *
 * Locks on entry: rcu_read_lock(), in softirq.
 */
#include <linux/tcp.h>

#include "open.h"

/* RFC 5927 4.1: it must quote what is outstanding. */
static bool mini_tcp_err_plausible(const struct mini_tcp_sock *tp, u32 seq)
{
	return tp->ms.sk.sk_state != TCP_CLOSE &&
	       !seq_before(seq, tp->snd_una) && seq_before(seq, tp->snd_nxt);
}

/**
 * mini_tcp_mtu_err() - what ICMP said of sizes while a process had the socket
 * @tp: connection, locked
 * @now: microseconds
 */
void mini_tcp_mtu_err(struct mini_tcp_sock *tp, u64 now)
{
	if (mini_tcp_err_plausible(tp, tp->deferred_seq))
		mini_tcp_mtu_claim(tp, tp->deferred_mtu, tp->deferred_len,
				   tp->deferred_seq, now);
}

static void mini_tcp_sock_err(struct mini_tcp_sock *tp,
			      const struct mini_icmp_err *e, u32 seq)
{
	struct sock *sk = mini_tcp_to_sk(tp);

	if (!mini_tcp_err_plausible(tp, seq))
		return;
	if (e->mtu) {
		mini_tcp_mtu_claim(tp, e->mtu, e->len, seq, mini_tcp_now());
		return;
	}
	switch (sk->sk_state) {
	case TCP_SYN_SENT:
	case TCP_SYN_RECV:
		mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_ATTEMPT_FAILS);
		/* AF_INET does so whether IP_RECVERR is set or not. */
		mini_errqueue_icmp(sk, e, tp->ms.conn.tuple.rport, e->payload);
		mini_tcp_abort_silent(tp, e->errno_);
		break;
	default:
		/* RFC 1122 4.2.3.9, RFC 5461: told if the timer gives up. */
		WRITE_ONCE(sk->sk_err_soft, e->errno_);
		if (tp->ms.recverr) {
			WRITE_ONCE(sk->sk_err, e->errno_);
			sk_error_report(sk);
		}
	}
}

/**
 * mini_tcp_icmp_err() - mini_proto.err: an ICMP error quotes our segment
 * @mn: the instance
 * @e: the error
 */
void mini_tcp_icmp_err(struct mini_net *mn, const struct mini_icmp_err *e)
{
	const struct tcphdr *th = (const struct tcphdr *)e->payload;
	struct mini_conn *conn;
	struct mini_tuple t = {
		.raddr = e->raddr,
		.laddr = e->laddr,
		.rport = th->dest,
		.lport = th->source,
	};
	struct mini_tcp_sock *tp;
	struct sock *sk;

	conn = mini_tcp_conn_lookup(mn, &t);
	if (conn && conn->kind == MINI_CONN_REQ)
		mini_tcp_req_icmp_err(container_of(conn, struct mini_tcp_req,
						   conn), e, ntohl(th->seq));
	if (!conn || conn->kind != MINI_CONN_SOCK)
		return;
	sk = &container_of(conn, struct mini_sock, conn)->sk;
	tp = mini_tcp_sk(sk);
	bh_lock_sock(sk);
	/* A process is at work: of others the next loss brings the next. */
	if (!sock_owned_by_user(sk)) {
		mini_tcp_sock_err(tp, e, ntohl(th->seq));
	} else if (e->mtu) {
		tp->deferred_mtu = e->mtu;
		tp->deferred_len = e->len;
		tp->deferred_seq = ntohl(th->seq);
		mini_tcp_defer(tp, MINI_TCP_DEFERRED_MTU);
	}
	bh_unlock_sock(sk);
}
