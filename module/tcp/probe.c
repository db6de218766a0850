// SPDX-License-Identifier: GPL-2.0
/*
 * Asking a peer that says nothing: whether its window has opened (RFC 9293
 * section 3.8.6.1), and whether it is still there (section 3.8.4).
 *
 * Locks on entry: the socket lock.
 */
#include "tcp_int.h"

/*
 * Nothing is in flight, something is to be sent, and waited long enough.  With
 * room in the window it is the cork's or a silly window's time that is over:
 * what there is may leave.  Else the peer is asked until the window opens, at
 * intervals that double.
 */
void mini_tcp_persist(struct mini_tcp_sock *tp, u64 now)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	struct sk_buff *skb = mini_tcp_send_head(tp);
	u8 tries = tp->probes;
	bool open;

	if (!skb || tp->snd_una != tp->snd_nxt)
		return;
	open = seq_before(mini_tcp_cb(skb)->seq, tp->snd_una + tp->snd_wnd);
	if (open) {
		mini_tcp_send_probe(tp, now);
		if (sk->sk_state == TCP_CLOSE || tp->snd_una != tp->snd_nxt)
			return;
		/* No way out, no memory: as if it had been lost. */
	}
	/*
	 * An answered probe zeroes the count: a shut window is no failure.  But
	 * a peer may not make this host keep what no program waits for.
	 */
	if (sock_flag(sk, SOCK_DEAD))
		tries = max(tries, tp->backoff);
	/* RFC 5482: what may not leave counts as what is not acknowledged. */
	if (!tp->backoff)
		tp->fl->stuck_since = now;
	if (mini_tcp_exhausted(tp, tries, tp->fl->stuck_since, now)) {
		mini_tcp_give_up(tp);
		return;
	}
	if (tp->probes < U8_MAX)
		tp->probes++;
	if (!open) {
		mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_ZERO_WINDOW_PROBES);
		mini_tcp_send_probe(tp, now);
		if (sk->sk_state == TCP_CLOSE || tp->snd_una != tp->snd_nxt)
			return;
	}
	if (tp->backoff < 16)
		tp->backoff++;
	mini_tcp_set_timer(tp, MINI_TCP_T_PERSIST,
			   mini_tcp_user_deadline(tp, now +
				min_t(u64, (u64)tp->rto_us << tp->backoff,
				      MINI_TCP_RTO_MAX), tp->fl->stuck_since));
}

static u64 mini_tcp_keepalive_time(const struct mini_tcp_sock *tp)
{
	u32 secs = tp->keepalive_time ?:
		   READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_keepalive_time);

	return (u64)secs * USEC_PER_SEC;
}

/**
 * mini_tcp_arm_keepalive() - start to watch a silent peer if the program wants
 * @tp: connection, locked
 * @now: microseconds
 */
void mini_tcp_arm_keepalive(struct mini_tcp_sock *tp, u64 now)
{
	u64 when = tp->last_rcv + mini_tcp_keepalive_time(tp);

	if (sock_flag(mini_tcp_to_sk(tp), SOCK_KEEPOPEN))
		mini_tcp_set_timer(tp, MINI_TCP_T_KEEPALIVE, max(when, now));
	else
		mini_tcp_clear_timer(tp, MINI_TCP_T_KEEPALIVE);
}

/* proto.keepalive: SO_KEEPALIVE was set; the socket lock is held. */
void mini_tcp_set_keepalive(struct sock *sk, int val)
{
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	u64 now = mini_tcp_now();

	if ((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN | TCPF_SYN_SENT))
		return;
	if (!val) {
		mini_tcp_clear_timer(tp, MINI_TCP_T_KEEPALIVE);
		return;
	}
	if (sock_flag(sk, SOCK_KEEPOPEN))
		return;
	mini_tcp_set_timer(tp, MINI_TCP_T_KEEPALIVE,
			   now + mini_tcp_keepalive_time(tp));
	mini_tcp_rearm(tp, now);
}

/* Has the peer been silent for so long, through so many questions? */
static bool mini_tcp_peer_gone(const struct mini_tcp_sock *tp, u64 now)
{
	struct mini_sysctl *ctl = &mini_tcp_mn(tp)->sysctl;

	if (tp->user_timeout)
		return tp->probes && now - tp->last_rcv >=
		       (u64)tp->user_timeout * USEC_PER_MSEC;
	return tp->probes >= (tp->keepalive_probes ?:
			      READ_ONCE(ctl->tcp_keepalive_probes));
}

void mini_tcp_keepalive(struct mini_tcp_sock *tp, u64 now)
{
	struct mini_sysctl *ctl = &mini_tcp_mn(tp)->sysctl;
	u64 heard = tp->last_rcv + mini_tcp_keepalive_time(tp);
	u32 intvl = tp->keepalive_intvl ?: READ_ONCE(ctl->tcp_keepalive_intvl);

	if (!sock_flag(mini_tcp_to_sk(tp), SOCK_KEEPOPEN))
		return;
	/* Outstanding data is the other timers' to watch. */
	if (mini_tcp_send_head(tp) || tp->snd_una != tp->snd_nxt) {
		mini_tcp_set_timer(tp, MINI_TCP_T_KEEPALIVE,
				   now + mini_tcp_keepalive_time(tp));
		return;
	}
	if (heard > now) {
		tp->probes = 0;
		mini_tcp_set_timer(tp, MINI_TCP_T_KEEPALIVE, heard);
		return;
	}
	if (mini_tcp_peer_gone(tp, now)) {
		mini_tcp_send_rst(tp, now);
		mini_tcp_give_up(tp);
		return;
	}
	tp->probes++;
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_KEEPALIVES);
	mini_tcp_send_probe(tp, now);
	mini_tcp_set_timer(tp, MINI_TCP_T_KEEPALIVE,
			   mini_tcp_user_deadline(tp, now +
						  (u64)intvl * USEC_PER_SEC,
						  tp->last_rcv));
}
