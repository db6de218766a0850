// SPDX-License-Identifier: GPL-2.0
/*
 * The window this end offers, and the buffer behind it, which follows what the
 * program reads in a round trip (RFC 9293 section 3.8.6, 3.8.6.2.2; RFC 7323
 * section 2).
 *
 * An octet of payload occupies more than an octet: tp->win_ratio, in 256ths,
 * is the share of payload in the memory of recent segments.  What costs more
 * than that is collapsed when the buffer is full (prune.c), so that all that
 * was offered always fits.
 *
 * Locks on entry: the socket lock.
 */
#include "tcp_int.h"

/* A peer that sends octets one by one must not make the window vanish; what
 * is collapsed has no better share than the second.
 */
#define MINI_TCP_RATIO_MIN	128
#define MINI_TCP_RATIO_MAX	216

static u32 mini_tcp_win_from(const struct mini_tcp_sock *tp, int space)
{
	u32 win = space > 0 ? (u64)space * tp->win_ratio >> 8 : 0;

	return tp->window_clamp ? min(win, tp->window_clamp) : win;
}

/**
 * mini_tcp_full_space() - the window of an empty buffer
 * @sk: socket; locked or not
 *
 * Return: octets.
 */
u32 mini_tcp_full_space(const struct sock *sk)
{
	return mini_tcp_win_from(mini_tcp_sk(sk), READ_ONCE(sk->sk_rcvbuf));
}

/* The window that what is free of the buffer is good for, octets. */
static u32 mini_tcp_space(const struct sock *sk)
{
	return mini_tcp_win_from(mini_tcp_sk(sk), READ_ONCE(sk->sk_rcvbuf) -
				 atomic_read(&sk->sk_rmem_alloc) -
				 READ_ONCE(sk->sk_backlog.len));
}

/**
 * mini_tcp_wscale_for() - the scale to offer
 * @mn: the instance
 * @sk: socket
 *
 * It reaches the largest buffer there may ever be (RFC 7323 section 2.3).
 *
 * Return: shift, 14 at most.
 */
u8 mini_tcp_wscale_for(const struct mini_net *mn, const struct sock *sk)
{
	u32 clamp = READ_ONCE(mini_tcp_sk(sk)->window_clamp);
	u32 space = READ_ONCE(sk->sk_rcvbuf);
	u8 scale = 0;

	if (!READ_ONCE(mn->sysctl.tcp_window_scaling))
		return 0;
	if (!(sk->sk_userlocks & SOCK_RCVBUF_LOCK))
		space = max_t(u32, space, READ_ONCE(mn->sysctl.tcp_rmem[2]));
	if (clamp)
		space = min(space, clamp);
	while (space > U16_MAX && scale < MINI_TCP_MAX_WSCALE) {
		space >>= 1;
		scale++;
	}
	return scale;
}

/*
 * The window there is room for, 0 where it is not worth a segment: the right
 * edge moves by a segment or half the buffer at least (RFC 9293 3.8.6.2.2).
 * A window is a multiple of what the scale can say.
 */
static u32 mini_tcp_window_free(const struct mini_tcp_sock *tp)
{
	const struct sock *sk = &tp->ms.sk;
	u32 new = mini_tcp_space(sk);

	if (unlikely(mini_tcp_memory_low()))
		new = min(new, 4U * tp->rcv_mss);
	new = min_t(u64, new, (u64)U16_MAX << tp->rcv_wscale);
	return round_down(new, 1U << tp->rcv_wscale);
}

/* The least step to the right. */
static u32 mini_tcp_window_step(const struct mini_tcp_sock *tp)
{
	return min_t(u32, tp->rcv_mss, mini_tcp_full_space(&tp->ms.sk) / 2);
}

/**
 * mini_tcp_window_whole() - does an ACK move the window by all it acknowledges?
 * @tp: connection, locked
 *
 * If not, the program has not read yet, and the ACK that follows its reading
 * can say more.
 */
bool mini_tcp_window_whole(const struct mini_tcp_sock *tp)
{
	return mini_tcp_window_free(tp) >= tp->rcv_wnd;
}

/**
 * mini_tcp_select_window() - the window to offer in the segment being built
 * @tp: connection, locked
 *
 * Its right edge never moves left.
 *
 * Return: octets, a multiple of what the scale can say.
 */
u32 mini_tcp_select_window(struct mini_tcp_sock *tp)
{
	u32 cur = mini_tcp_rcv_wnd(tp);
	u32 new = mini_tcp_window_free(tp);

	if (new < cur + mini_tcp_window_step(tp))
		new = min_t(u64, round_up(cur, 1U << tp->rcv_wscale),
			    (u64)U16_MAX << tp->rcv_wscale);
	tp->rcv_wnd = new;
	tp->rcv_wup = tp->rcv_nxt;
	return new;
}

/**
 * mini_tcp_window_news() - is there a window that the peer should hear of?
 * @tp: connection, locked
 *
 * Return: true if it can be doubled, by a step at least.
 */
bool mini_tcp_window_news(const struct mini_tcp_sock *tp)
{
	u32 cur = mini_tcp_rcv_wnd(tp);
	u32 new;

	if (2 * (u64)cur > mini_tcp_full_space(&tp->ms.sk))
		return false;
	new = mini_tcp_window_free(tp);
	return new >= 2 * cur && new >= cur + mini_tcp_window_step(tp);
}

static void mini_tcp_rcv_rtt_sample(struct mini_tcp_sock *tp, u32 sample,
				    bool least)
{
	s32 err = sample - tp->rcv_rtt_us;

	if (!tp->rcv_rtt_us || (least && err < 0))
		tp->rcv_rtt_us = max(sample, 1U);
	else if (!least)
		tp->rcv_rtt_us += err / 8;
}

/**
 * mini_tcp_rcv_rtt() - the round trip as a receiver sees it, without timestamps
 * @tp: connection, locked; data arrived
 * @now: microseconds
 *
 * The time that a window takes to arrive is a round trip or more: the least
 * counts.
 */
void mini_tcp_rcv_rtt(struct mini_tcp_sock *tp, u64 now)
{
	if (tp->rcv_rtt_time) {
		if (seq_before(tp->rcv_nxt, tp->rcv_rtt_seq))
			return;
		mini_tcp_rcv_rtt_sample(tp, min_t(u64, now - tp->rcv_rtt_time,
						  MINI_TCP_RTO_MAX), true);
	}
	tp->rcv_rtt_seq = tp->rcv_nxt + tp->rcv_wnd;
	tp->rcv_rtt_time = now;
}

/**
 * mini_tcp_rcv_rtt_ts() - the same with timestamps
 * @tp: connection, locked
 * @h: header of a full segment that arrived
 * @now: microseconds
 *
 * A full segment follows an ACK of this end without delay; each echo is used
 * once.
 */
void mini_tcp_rcv_rtt_ts(struct mini_tcp_sock *tp,
			 const struct mini_wire_tcp *h, u64 now)
{
	u32 ms;

	if (h->opts.tsecr == tp->rcv_rtt_tsecr || !h->opts.tsecr)
		return;
	tp->rcv_rtt_tsecr = h->opts.tsecr;
	ms = mini_tcp_tsval(tp->ts_off, now) - h->opts.tsecr;
	if (ms > MINI_TCP_RTO_MAX / USEC_PER_MSEC)
		return;
	/* The clock ticks too slowly for what is near. */
	mini_tcp_rcv_rtt_sample(tp, max(ms, 1U) * USEC_PER_MSEC, false);
}

/* How much of the memory of what came in a round trip was payload. */
static void mini_tcp_learn_ratio(struct mini_tcp_sock *tp)
{
	u64 ratio;

	if (!tp->rcvq_true)
		return;
	ratio = div64_u64(tp->rcvq_len << 8, tp->rcvq_true);
	tp->win_ratio = clamp_t(u64, ratio, MINI_TCP_RATIO_MIN,
				MINI_TCP_RATIO_MAX);
	tp->rcvq_len = 0;
	tp->rcvq_true = 0;
}

/**
 * mini_tcp_rcv_tune() - let the buffer follow what the program reads
 * @tp: connection, locked
 * @now: microseconds
 *
 * The window is to be twice what was read in the last round trip, and as much
 * more as that has grown, so that it never limits a sender in slow start whose
 * data is wanted.
 */
void mini_tcp_rcv_tune(struct mini_tcp_sock *tp, u64 now)
{
	struct sock *sk = mini_tcp_to_sk(tp);
	u32 rtt = tp->rcv_rtt_us ?: tp->srtt_us >> 3;
	u32 max = READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_rmem[2]);
	u32 copied, prior;
	u64 want;

	if (!rtt || now - tp->rcvq_time < rtt)
		return;
	copied = tp->copied_seq - tp->rcvq_seq;
	tp->rcvq_time = now;
	tp->rcvq_seq = tp->copied_seq;
	mini_tcp_learn_ratio(tp);
	prior = tp->rcvq_space;
	if (copied <= prior)
		return;
	tp->rcvq_space = copied;
	if (sk->sk_userlocks & SOCK_RCVBUF_LOCK || mini_tcp_memory_low())
		return;
	want = 2ULL * copied + 16ULL * tp->rcv_mss;
	want += 2 * div_u64(want * (copied - prior), max(prior, 1U));
	want = div_u64(min_t(u64, want, max) << 8, tp->win_ratio);
	want = min_t(u64, want, max);
	if (want > sk->sk_rcvbuf)
		WRITE_ONCE(sk->sk_rcvbuf, want);
}

/**
 * mini_tcp_rcv_tune_start() - a connection is open: measure from here
 * @tp: connection, locked
 * @now: microseconds
 */
void mini_tcp_rcv_tune_start(struct mini_tcp_sock *tp, u64 now)
{
	tp->rcvq_seq = tp->copied_seq;
	tp->rcvq_time = now;
	tp->rcvq_space = min_t(u32, tp->rcv_wnd,
			       MINI_TCP_INIT_CWND * tp->cc.mss);
	tp->rcvq_len = 0;
	tp->rcvq_true = 0;
}

/**
 * mini_tcp_set_rcvlowat() - SO_RCVLOWAT
 * @sk: socket, locked
 * @val: octets; no more than the buffer can ever hold counts
 *
 * The buffer grows to what the program waits for.
 *
 * Return: 0.
 */
int mini_tcp_set_rcvlowat(struct sock *sk, int val)
{
	struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	int most = sk->sk_userlocks & SOCK_RCVBUF_LOCK ? sk->sk_rcvbuf :
		   READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_rmem[2]);

	val = min(val, most / 2);
	WRITE_ONCE(sk->sk_rcvlowat, val ?: 1);
	if (!(sk->sk_userlocks & SOCK_RCVBUF_LOCK) && 2 * val > sk->sk_rcvbuf)
		WRITE_ONCE(sk->sk_rcvbuf, 2 * val);
	/* What waits may be enough by the new measure. */
	if (sk->sk_state != TCP_LISTEN && tp->rcv_nxt != tp->copied_seq)
		sk->sk_data_ready(sk);
	return 0;
}

/**
 * mini_tcp_set_window_clamp() - TCP_WINDOW_CLAMP
 * @tp: socket, locked
 * @val: octets, 0: none
 *
 * Return: 0, -EINVAL if a connection is to lose its clamp.
 */
int mini_tcp_set_window_clamp(struct mini_tcp_sock *tp, int val)
{
	if (!val) {
		if (tp->ms.sk.sk_state != TCP_CLOSE)
			return -EINVAL;
		WRITE_ONCE(tp->window_clamp, 0);
		return 0;
	}
	WRITE_ONCE(tp->window_clamp, max_t(int, val, SOCK_MIN_RCVBUF / 2));
	return 0;
}
