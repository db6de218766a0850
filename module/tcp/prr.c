// SPDX-License-Identifier: GPL-2.0
/*
 * Proportional rate reduction: in recovery, and while the window is reduced for
 * a congestion mark, each ACK lets out as much as takes the flight from where
 * it was to ssthresh by the time that recovery ends (RFC 9937, which takes the
 * place of RFC 6937).
 *
 * Locks on entry: the socket lock.
 */
#include "../trace.h"
#include "recovery.h"

/**
 * mini_tcp_prr_start() - a congestion response begins (RFC 9937 section 6)
 * @tp: connection, locked; not in a response already
 * @why: what the control is asked for
 * @delivered: octets that the ACK at hand delivers
 *
 * The caller tells the control when the state is set.
 */
void mini_tcp_prr_start(struct mini_tcp_sock *tp, enum mini_cc_why why,
			u32 delivered)
{
	struct mini_cc *cc = &tp->cc;

	mini_tcp_cong_need(tp);
	mini_tcp_cc_sync(tp);
	tp->fl->prior_cwnd = cc->cwnd;
	tp->fl->prior_ssthresh = cc->ssthresh;
	cc->ssthresh = cc->ops->ssthresh(cc, why);
	tp->fl->prr_delivered = 0;
	tp->fl->prr_sent = tp->bytes_sent;
	/* What was SACKed before is not delivered in this recovery. */
	tp->fl->recover_fs = max(tp->snd_nxt - tp->snd_una - tp->sacked_out +
			     delivered, cc->mss);
	tp->fl->recover = tp->snd_nxt;
	/* RFC 3168 6.1.2: the peer is told of any reduction. */
	tp->ecn_cwr = tp->ecn_ok;
}

/**
 * mini_tcp_prr_ack() - the window that an ACK in recovery gives
 * @tp: connection, locked
 * @delivered: octets that it delivers
 * @safe: SND.UNA advanced, and nothing more is lost
 * @lost: something more is lost
 */
void mini_tcp_prr_ack(struct mini_tcp_sock *tp, u32 delivered, bool safe,
		      bool lost)
{
	u32 inflight = mini_tcp_inflight(tp);
	struct mini_cc *cc = &tp->cc;
	u64 sent = tp->bytes_sent - tp->fl->prr_sent;
	s64 count;

	if (!delivered && !lost)
		return;
	tp->fl->prr_delivered += delivered;
	if (inflight > cc->ssthresh) {
		count = div_u64((u64)tp->fl->prr_delivered * cc->ssthresh +
				tp->fl->recover_fs - 1, tp->fl->recover_fs) - sent;
	} else {
		count = max_t(s64, (s64)tp->fl->prr_delivered - sent, delivered);
		if (safe)
			count += cc->mss;
		count = min_t(s64, count, cc->ssthresh - inflight);
	}
	/*
	 * The first retransmission does not wait; without SACK none does: each
	 * ACK of a part tells of just one loss (RFC 6582 section 3.2 (3)).
	 */
	if ((!sent || (lost && !tp->sack_ok)) && count < cc->mss)
		count = cc->mss;
	/* A segment may always be on its way; a control divides by cwnd. */
	cc->cwnd = max_t(u32, inflight + max_t(s64, count, 0), cc->mss);
}

/* The response ends: the window is what the control chose. */
void mini_tcp_prr_end(struct mini_tcp_sock *tp)
{
	if (!tp->cc.ops->control && tp->cc.ssthresh < MINI_CC_SSTHRESH_INF)
		tp->cc.cwnd = tp->cc.ssthresh;
}
