// SPDX-License-Identifier: GPL-2.0
/*
 * Loss: what counts as lost, and what is sent again when.  Fast retransmit
 * and fast recovery of RFC 5681 section 3.2 with NewReno's partial
 * acknowledgments (RFC 6582); after a timeout, go-back-N under slow start.
 *
 * The rest of the engine asks only mini_tcp_inflight() and reports duplicate
 * ACKs, new ACKs and timeouts: a scoreboard takes this file's place.
 *
 * Locks on entry: the socket lock.
 */
#include <linux/export.h>

#include "../trace.h"
#include "tcp_int.h"

/* Is everything that a timeout took for lost sent again? */
bool mini_tcp_loss_done(const struct mini_tcp_sock *tp)
{
	return tp->cc.state != MINI_CC_LOSS ||
	       !seq_before(tp->rtx_nxt, tp->recover);
}

/**
 * mini_tcp_inflight() - octets that are thought to be in the network
 * @tp: connection, locked
 *
 * After a timeout nothing sent before it is.  In fast recovery each duplicate
 * ACK tells of a segment that has left; it is counted by inflating cwnd.
 */
u32 mini_tcp_inflight(const struct mini_tcp_sock *tp)
{
	if (!mini_tcp_loss_done(tp))
		return tp->rtx_nxt - tp->snd_una;
	return tp->snd_nxt - tp->snd_una;
}
EXPORT_SYMBOL_GPL(mini_tcp_inflight);

/* Bring what a control reads up to date. */
static void mini_tcp_cc_sync(struct mini_tcp_sock *tp)
{
	struct mini_cc *cc = &tp->cc;

	cc->inflight = mini_tcp_inflight(tp);
	cc->srtt_us = tp->srtt_us >> 3;
	cc->snd_una = tp->snd_una;
	cc->snd_nxt = tp->snd_nxt;
}

static void mini_tcp_cc_acked(struct mini_tcp_sock *tp, u32 acked, u64 now)
{
	struct mini_cc_ack ack = {
		.now = now,
		.acked = acked,
		.delivered = acked,
	};

	mini_tcp_cc_sync(tp);
	if (tp->cc.ops->control)
		tp->cc.ops->control(&tp->cc, &ack);
	else
		tp->cc.ops->acked(&tp->cc, &ack);
}

/*
 * RFC 6582 3.2: the first unacknowledged segment, which is no more than mss of
 * what may have been sent as one.
 */
static void mini_tcp_retransmit_head(struct mini_tcp_sock *tp, u64 now)
{
	struct sk_buff *skb = mini_tcp_rtx_head(tp);

	if (skb)
		mini_tcp_retransmit(tp, skb, tp->cc.mss, now);
}

/* After a timeout: go on with what has not been sent again, up to cwnd. */
static void mini_tcp_loss_resend(struct mini_tcp_sock *tp, u64 now)
{
	struct sk_buff *skb, *next;
	u32 most;

	most = rounddown(max(tp->cc.cwnd, tp->cc.mss), tp->cc.mss);
	most = min(most, tp->gso_max);
	if (seq_before(tp->rtx_nxt, tp->snd_una))
		tp->rtx_nxt = tp->snd_una;
	for (skb = mini_tcp_rtx_head(tp); skb; skb = next) {
		struct mini_tcp_cb *cb = mini_tcp_cb(skb);

		next = skb_rb_next(skb);
		if (!seq_before(tp->rtx_nxt, tp->recover))
			break;
		if (!seq_after(cb->end_seq, tp->rtx_nxt))
			continue;
		/* No larger than cwnd lets out; the rest is a segment more. */
		if (skb->len > most) {
			next = mini_tcp_split(tp, skb, most, GFP_ATOMIC);
			if (!next)
				break;
		}
		if (tp->rtx_nxt != tp->snd_una &&
		    tp->rtx_nxt - tp->snd_una + skb->len > tp->cc.cwnd)
			break;
		tp->rtx_nxt = cb->end_seq;
		if (mini_tcp_retransmit(tp, skb, most, now))
			break;
	}
}

static void mini_tcp_enter_recovery(struct mini_tcp_sock *tp, u64 now)
{
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_FAST_RETRANS);
	mini_tcp_cc_sync(tp);
	tp->cc.ssthresh = tp->cc.ops->ssthresh(&tp->cc, MINI_CC_WHY_LOSS);
	tp->recover = tp->snd_nxt;
	tp->cc.cwnd = tp->cc.ssthresh + MINI_TCP_DUPACKS * tp->cc.mss;
	tp->cc.state = MINI_CC_RECOVERY;
	trace_mini_tcp_cong(&tp->ms, tp->cc.cwnd, tp->cc.ssthresh, "recovery");
	mini_tcp_retransmit_head(tp, now);
	mini_tcp_rearm_rto(tp, now);
}

/**
 * mini_tcp_loss_dupack() - a duplicate ACK arrived
 * @tp: connection, locked
 * @now: microseconds
 */
void mini_tcp_loss_dupack(struct mini_tcp_sock *tp, u64 now)
{
	u32 most;

	if (tp->dupacks < U8_MAX)
		tp->dupacks++;
	switch (tp->cc.state) {
	case MINI_CC_RECOVERY:
		/*
		 * RFC 5681 3.2 (4): one more has left the network; no more can
		 * than were there, whatever a peer may claim.
		 */
		most = tp->cc.ssthresh + MINI_TCP_DUPACKS * tp->cc.mss +
		       (tp->recover - tp->snd_una);
		if (tp->cc.cwnd < most)
			tp->cc.cwnd += tp->cc.mss;
		break;
	case MINI_CC_OPEN:
		/* RFC 6582 3.2 (2): not for what a recovery already covers. */
		if (tp->dupacks == MINI_TCP_DUPACKS &&
		    !seq_before(tp->snd_una, tp->recover))
			mini_tcp_enter_recovery(tp, now);
		break;
	default:
		break;
	}
}

/**
 * mini_tcp_loss_acked() - new data was acknowledged
 * @tp: connection, locked
 * @prior_una: SND.UNA before
 * @acked: octets
 * @was_limited: cwnd had stopped the sender
 * @now: microseconds
 */
void mini_tcp_loss_acked(struct mini_tcp_sock *tp, u32 prior_una, u32 acked,
			 bool was_limited, u64 now)
{
	tp->dupacks = 0;
	switch (tp->cc.state) {
	case MINI_CC_RECOVERY:
		if (!seq_before(tp->snd_una, tp->recover)) {
			/* RFC 6582 3.2 (3), full: deflate. */
			tp->cc.cwnd = min(tp->cc.ssthresh,
				       max(mini_tcp_inflight(tp), tp->cc.mss) +
				       tp->cc.mss);
			tp->cc.state = MINI_CC_OPEN;
			mini_cc_event(&tp->cc, MINI_CC_EV_RECOVERED, now);
			trace_mini_tcp_cong(&tp->ms, tp->cc.cwnd, tp->cc.ssthresh,
					    "recovered");
			return;
		}
		/* Partial: the next hole is lost too. */
		if (tp->cc.cwnd > tp->cc.mss)
			tp->cc.cwnd -= min(acked, tp->cc.cwnd - tp->cc.mss);
		if (acked >= tp->cc.mss)
			tp->cc.cwnd += tp->cc.mss;
		mini_tcp_retransmit_head(tp, now);
		return;
	case MINI_CC_LOSS:
		mini_tcp_cc_acked(tp, acked, now);
		if (!seq_before(tp->snd_una, tp->recover)) {
			tp->cc.state = MINI_CC_OPEN;
			mini_cc_event(&tp->cc, MINI_CC_EV_RECOVERED, now);
			return;
		}
		mini_tcp_loss_resend(tp, now);
		return;
	default:
		/* Left behind, it would be ahead again after 2^31 octets. */
		if (seq_after(tp->snd_una, tp->recover))
			tp->recover = tp->snd_una;
		/* RFC 7661: a window that was not used teaches nothing. */
		if (was_limited)
			mini_tcp_cc_acked(tp, acked, now);
	}
}

/**
 * mini_tcp_loss_timeout() - the retransmission timer expired
 * @tp: connection, locked
 * @now: microseconds
 *
 * RFC 6298 (5.4), (5.5); RFC 5681 section 3.1: a window of one segment, and
 * everything outstanding is taken for lost.
 */
void mini_tcp_loss_timeout(struct mini_tcp_sock *tp, u64 now)
{
	/* RFC 5681 3.1: only the first timeout of a segment halves. */
	if (tp->cc.state != MINI_CC_LOSS || !tp->retransmits)
		mini_tcp_cc_sync(tp);
	tp->cc.ssthresh = tp->cc.ops->ssthresh(&tp->cc, MINI_CC_WHY_TIMEOUT);
	tp->cc.state = MINI_CC_LOSS;
	tp->recover = tp->snd_nxt;
	tp->rtx_nxt = tp->snd_una;
	tp->cc.cwnd = tp->cc.mss;
	tp->dupacks = 0;
	mini_cc_event(&tp->cc, MINI_CC_EV_LOSS, now);
	trace_mini_tcp_cong(&tp->ms, tp->cc.cwnd, tp->cc.ssthresh, "timeout");
	mini_tcp_loss_resend(tp, now);
}
