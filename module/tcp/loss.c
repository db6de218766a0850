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
	return tp->ca_state != MINI_TCP_CA_LOSS ||
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

/* The first segment of the queue if it was sent. */
static struct sk_buff *mini_tcp_rtx_head(struct mini_tcp_sock *tp)
{
	struct sk_buff *skb = skb_peek(&mini_tcp_to_sk(tp)->sk_write_queue);

	return skb == tp->send_head ? NULL : skb;
}

/*
 * RFC 6582 3.2: the first unacknowledged segment, which is no more than mss of
 * what may have been sent as one.
 */
static void mini_tcp_retransmit_head(struct mini_tcp_sock *tp, u64 now)
{
	struct sk_buff *skb = mini_tcp_rtx_head(tp);

	if (skb)
		mini_tcp_retransmit(tp, skb, tp->mss, now);
}

/* After a timeout: go on with what has not been sent again, up to cwnd. */
static void mini_tcp_loss_resend(struct mini_tcp_sock *tp, u64 now)
{
	struct sk_buff_head *queue = &mini_tcp_to_sk(tp)->sk_write_queue;
	struct sk_buff *skb, *next;
	u32 most;

	most = rounddown(max(tp->cwnd, tp->mss), tp->mss);
	most = min(most, tp->gso_max);
	if (seq_before(tp->rtx_nxt, tp->snd_una))
		tp->rtx_nxt = tp->snd_una;
	skb_queue_walk_safe(queue, skb, next) {
		struct mini_tcp_cb *cb = mini_tcp_cb(skb);

		if (skb == tp->send_head ||
		    !seq_before(tp->rtx_nxt, tp->recover))
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
		    tp->rtx_nxt - tp->snd_una + skb->len > tp->cwnd)
			break;
		tp->rtx_nxt = cb->end_seq;
		if (mini_tcp_retransmit(tp, skb, most, now))
			break;
	}
}

static void mini_tcp_enter_recovery(struct mini_tcp_sock *tp, u64 now)
{
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_FAST_RETRANS);
	tp->ssthresh = tp->cong->ssthresh(tp);
	tp->recover = tp->snd_nxt;
	tp->cwnd = tp->ssthresh + MINI_TCP_DUPACKS * tp->mss;
	tp->ca_state = MINI_TCP_CA_RECOVERY;
	trace_mini_tcp_cong(&tp->ms, tp->cwnd, tp->ssthresh, "recovery");
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
	switch (tp->ca_state) {
	case MINI_TCP_CA_RECOVERY:
		/*
		 * RFC 5681 3.2 (4): one more has left the network; no more can
		 * than were there, whatever a peer may claim.
		 */
		most = tp->ssthresh + MINI_TCP_DUPACKS * tp->mss +
		       (tp->recover - tp->snd_una);
		if (tp->cwnd < most)
			tp->cwnd += tp->mss;
		break;
	case MINI_TCP_CA_OPEN:
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
	switch (tp->ca_state) {
	case MINI_TCP_CA_RECOVERY:
		if (!seq_before(tp->snd_una, tp->recover)) {
			/* RFC 6582 3.2 (3), full: deflate. */
			tp->cwnd = min(tp->ssthresh,
				       max(mini_tcp_inflight(tp), tp->mss) +
				       tp->mss);
			tp->ca_state = MINI_TCP_CA_OPEN;
			if (tp->cong->event)
				tp->cong->event(tp, MINI_TCP_CONG_RECOVERED);
			trace_mini_tcp_cong(&tp->ms, tp->cwnd, tp->ssthresh,
					    "recovered");
			return;
		}
		/* Partial: the next hole is lost too. */
		if (tp->cwnd > tp->mss)
			tp->cwnd -= min(acked, tp->cwnd - tp->mss);
		if (acked >= tp->mss)
			tp->cwnd += tp->mss;
		mini_tcp_retransmit_head(tp, now);
		return;
	case MINI_TCP_CA_LOSS:
		tp->cong->acked(tp, acked, now);
		if (!seq_before(tp->snd_una, tp->recover)) {
			tp->ca_state = MINI_TCP_CA_OPEN;
			if (tp->cong->event)
				tp->cong->event(tp, MINI_TCP_CONG_RECOVERED);
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
			tp->cong->acked(tp, acked, now);
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
	if (tp->ca_state != MINI_TCP_CA_LOSS || !tp->retransmits)
		tp->ssthresh = tp->cong->ssthresh(tp);
	tp->ca_state = MINI_TCP_CA_LOSS;
	tp->recover = tp->snd_nxt;
	tp->rtx_nxt = tp->snd_una;
	tp->cwnd = tp->mss;
	tp->dupacks = 0;
	if (tp->cong->event)
		tp->cong->event(tp, MINI_TCP_CONG_LOSS);
	trace_mini_tcp_cong(&tp->ms, tp->cwnd, tp->ssthresh, "timeout");
	mini_tcp_loss_resend(tp, now);
}
