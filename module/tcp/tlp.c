// SPDX-License-Identifier: GPL-2.0
/*
 * Tail loss probes: when the last of a flight goes unacknowledged for two
 * round trips, one more segment makes the peer say what is missing, long
 * before the retransmission timer would (RFC 8985 section 7).
 *
 * The probe's deadline stands in for the retransmission timer's, whose time is
 * kept in tp->fl->rto_at.
 *
 * Locks on entry: the socket lock.
 */
#include "../trace.h"
#include "recovery.h"

/* RFC 8985 7.2: how long a peer may delay the ACK of a single segment. */
#define TLP_MAX_ACK_DELAY	(200 * USEC_PER_MSEC)
#define TLP_NO_SRTT		USEC_PER_SEC
/* So much later than a round trip, an answer had been held back. */
#define TLP_LATE		(10 * USEC_PER_MSEC)
/* The timer's grain and the peer's: sooner, a probe meets the ACK. */
#define TLP_SLACK		(2 * USEC_PER_MSEC)

static u64 mini_tcp_pto(const struct mini_tcp_sock *tp)
{
	u64 pto;

	if (!tp->srtt_us)
		return TLP_NO_SRTT;
	pto = tp->srtt_us >> 2;
	if (tp->snd_nxt - tp->snd_una <= tp->cc.mss)
		return pto + TLP_MAX_ACK_DELAY;
	return pto + TLP_SLACK;
}

/**
 * mini_tcp_tlp_arm() - RFC 8985 section 7.2: a probe instead of a timeout
 * @tp: connection, locked; the retransmission timer runs
 * @now: microseconds
 *
 * Only while nothing is known to be missing, and one probe at a time.
 */
void mini_tcp_tlp_arm(struct mini_tcp_sock *tp, u64 now)
{
	if (!tp->sack_ok || tp->tlp_active || tp->backoff ||
	    tp->sacked_out || tp->lost_out || tp->retrans_out ||
	    tp->cc.state == MINI_CC_RECOVERY || tp->cc.state == MINI_CC_LOSS ||
	    tp->snd_una == tp->snd_nxt ||
	    (1 << tp->ms.sk.sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV) ||
	    !READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_early_retrans))
		return;
	mini_tcp_set_timer(tp, MINI_TCP_T_TLP,
			   min(now + mini_tcp_pto(tp), tp->fl->rto_at));
	mini_tcp_clear_timer(tp, MINI_TCP_T_RTO);
}

/**
 * mini_tcp_data_sent() - new data left: see that something watches over it
 * @tp: connection, locked
 * @now: microseconds
 */
void mini_tcp_data_sent(struct mini_tcp_sock *tp, u64 now)
{
	if (!tp->deadline[MINI_TCP_T_RTO] && !tp->deadline[MINI_TCP_T_TLP]) {
		mini_tcp_rearm_rto(tp, now);
		return;
	}
	mini_tcp_tlp_arm(tp, now);
}

/**
 * mini_tcp_send_fresh() - send a segment of what is unsent, whatever cwnd says
 * @tp: connection, locked
 * @now: microseconds
 *
 * Return: false if the peer's window has no room for it, there is none, or it
 * could not leave this host.
 */
bool mini_tcp_send_fresh(struct mini_tcp_sock *tp, u64 now)
{
	struct sk_buff *skb = mini_tcp_send_head(tp);
	u32 room = tp->snd_una + tp->snd_wnd - tp->snd_nxt;
	u32 len;

	if (!skb || (s32)room <= 0)
		return false;
	len = min(skb->len, tp->cc.mss);
	return len <= room && !mini_tcp_path(tp) &&
	       mini_tcp_push_one(tp, skb, len, now);
}

/* The last segment that was sent, and of it no more than a segment. */
static bool mini_tcp_tlp_resend(struct mini_tcp_sock *tp, u64 now)
{
	struct sk_buff *skb = tp->rtx_tail;
	struct sk_buff *last;
	u32 cut;

	/* What the peer has tells it nothing; the timers watch the rest. */
	if (!skb || mini_tcp_cb(skb)->mark & MINI_TCP_CB_SACKED)
		return false;
	cut = rounddown(max(skb->len, 1U) - 1, tp->cc.mss);
	if (cut > mini_tcp_before_una(tp, skb)) {
		last = mini_tcp_split(tp, skb, cut, GFP_ATOMIC);
		if (!last)
			return false;
		skb = last;
	}
	return !mini_tcp_retransmit(tp, skb, tp->cc.mss, now);
}

/**
 * mini_tcp_tlp_timeout() - the probe is due (RFC 8985 section 7.3)
 * @tp: connection, locked
 * @now: microseconds
 *
 * New data, if there is any.  But a peer that has all the rest, and whose ACK
 * was lost, may delay the ACK of one new segment by far more than the probe
 * saves: if it did, the next probes are retransmissions, which none delays.
 */
void mini_tcp_tlp_timeout(struct mini_tcp_sock *tp, u64 now)
{
	bool retrans = false;
	bool sent = false;

	if (tp->snd_una == tp->snd_nxt)
		return;
	if (!tp->tlp_active && tp->cc.state < MINI_CC_RECOVERY) {
		sent = !tp->tlp_late && mini_tcp_send_fresh(tp, now);
		if (!sent) {
			retrans = true;
			sent = mini_tcp_tlp_resend(tp, now);
		}
	}
	if (sent) {
		tp->tlp_active = 1;
		tp->tlp_retrans = retrans;
		tp->fl->tlp_end_seq = tp->snd_nxt;
		tp->fl->tlp_time = now;
		mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_LOSS_PROBES);
		trace_mini_tcp_cong(&tp->ms, tp->cc.cwnd, tp->cc.ssthresh,
				    "probe");
	}
	/* Now the last resort runs, and not a probe again. */
	mini_tcp_rearm_timeout(tp, now);
}

/**
 * mini_tcp_tlp_ack() - what became of the probe (RFC 8985 section 7.4)
 * @tp: connection, locked; a probe is out
 * @a: the ACK
 */
void mini_tcp_tlp_ack(struct mini_tcp_sock *tp, const struct mini_tcp_acked *a)
{
	if (seq_before(a->h->ack, tp->fl->tlp_end_seq))
		return;
	if (!tp->tlp_retrans || a->dsack_tlp) {
		/* It was new data, or both it and the original arrived. */
		tp->tlp_active = 0;
		if (!tp->tlp_retrans &&
		    a->now - tp->fl->tlp_time > (tp->srtt_us >> 3) + TLP_LATE)
			tp->tlp_late = 1;
		return;
	}
	if (seq_after(a->h->ack, tp->fl->tlp_end_seq)) {
		/*
		 * The peer went on without telling of a duplicate: the probe
		 * repaired a loss, which the window has to answer.
		 */
		tp->tlp_active = 0;
		mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_LOSS_PROBE_RECOVERY);
		if (tp->cc.state < MINI_CC_CWR) {
			mini_tcp_prr_start(tp, MINI_CC_WHY_LOSS, 0);
			tp->undo_valid = 0;
			mini_cc_event(&tp->cc, MINI_CC_EV_RECOVERY, a->now);
			mini_tcp_prr_end(tp);
			mini_cc_event(&tp->cc, MINI_CC_EV_RECOVERED, a->now);
		}
		return;
	}
	/* A bare duplicate of the ACK: the second of two copies made it. */
	if (a->h->ack == a->prior_una && !a->sacked && a->dup)
		tp->tlp_active = 0;
}
