/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Congestion control: what the engine tells a control, what a control decides.
 * A control sees its struct mini_cc and nothing else of the connection, so that
 * it can be a module of its own and be tested without a socket.
 *
 * Every callback runs in softirq or process context with the connection's
 * socket lock held; it must not sleep.  Octets are payload octets; times are
 * microseconds of CLOCK_MONOTONIC.
 */
#ifndef _MINI_TCP_CONG_H
#define _MINI_TCP_CONG_H

#include <linux/limits.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/types.h>

struct mini_cc_ops;

#define MINI_CC_PRIV		(20 * sizeof(u64))	/* octets at most */
#define MINI_CC_NAME_MAX	16	/* with the final NUL */
#define MINI_CC_SSTHRESH_INF	((u32)INT_MAX)
#define MINI_CC_CWND_MAX	((u32)SZ_1G)

/* Where loss recovery stands; numbered as TCP_INFO shows it. */
enum mini_cc_state {
	MINI_CC_OPEN,
	MINI_CC_DISORDER,	/* SACKed or duplicate ACKs, nothing lost yet */
	MINI_CC_CWR,		/* cwnd is being reduced for ECN */
	MINI_CC_RECOVERY,	/* fast recovery */
	MINI_CC_LOSS,		/* after a retransmission timeout */
};

enum mini_cc_event {
	MINI_CC_EV_RECOVERY,	/* recovery or CWR begins; ssthresh was asked */
	MINI_CC_EV_RECOVERED,	/* and ended */
	MINI_CC_EV_LOSS,	/* a retransmission timeout */
	MINI_CC_EV_UNDO,	/* the reduction was for nothing: see undo */
	MINI_CC_EV_IDLE,	/* sending again after an RTO of silence */
	MINI_CC_EV_TX_START,	/* sending with nothing in flight */
};

/* Why ssthresh is asked for. */
enum mini_cc_why {
	MINI_CC_WHY_LOSS,
	MINI_CC_WHY_ECN,
	MINI_CC_WHY_TIMEOUT,
};

/**
 * struct mini_cc - the congestion state of a connection
 * @cwnd: congestion window, octets; the control's to write
 * @ssthresh: slow-start threshold, octets; the control's to write
 * @pacing_rate: octets a second, 0: not paced; the control's to write
 * @mss: payload octets of a full segment
 * @inflight: octets thought to be in the network, as of this call
 * @srtt_us: smoothed round trip, 0: none yet
 * @min_rtt_us: smallest round trip of the last ten seconds or so, U32_MAX: none
 * @snd_una: SND.UNA; to tell rounds: a round ends when it passes what snd_nxt
 *	was at its start
 * @snd_nxt: SND.NXT
 * @delivered: octets delivered to the peer since the start
 * @lost: octets marked lost since the start
 * @delivered_time: when @delivered last grew
 * @first_tx_time: when the segment was sent that was last delivered
 * @app_limited: @delivered at which the last phase without enough data to send
 *	will be over, 0: the program keeps up
 * @state: enum mini_cc_state
 * @cwnd_limited: cwnd stopped the sender in the round before this ACK
 * @used: all of cwnd is used, or in slow start half of it
 * @abe: a mark may cost less than a loss (RFC 8511)
 * @started: the engine's: there is @priv, init was called, release is to be
 * @ops: the control
 * @priv: the control's own, zeroed before its init; there while @started
 * @word: @priv of a control that needs no more than this
 */
struct mini_cc {
	u32 cwnd;
	u32 ssthresh;
	u64 pacing_rate;
	u32 mss;
	u32 inflight;
	u32 srtt_us;
	u32 min_rtt_us;
	u32 snd_una;
	u32 snd_nxt;
	u64 delivered;
	u64 lost;
	u64 delivered_time;
	u64 first_tx_time;
	u64 app_limited;
	u8 state;
	u8 cwnd_limited:1,
	   used:1,
	   abe:1,
	   started:1;
	const struct mini_cc_ops *ops;
	u64 *priv;
	u64 word;
};

/**
 * struct mini_cc_ack - what one acknowledgment told
 * @now: microseconds
 * @acked: octets cumulatively acknowledged by it
 * @delivered: octets newly delivered, cumulatively or by SACK
 * @lost: octets newly marked lost
 * @rtt_us: round trip measured with it, 0: none
 * @prior_inflight: octets in flight before it
 * @rate_delivered: octets delivered over @rate_us; 0: no rate sample
 * @rate_us: the interval of the delivery rate sample, 0: none
 * @prior_delivered: mini_cc.delivered when the sampled segment was sent
 * @app_limited: the sample is of a phase without enough data to send
 * @ece: the peer echoed a congestion mark
 */
struct mini_cc_ack {
	u64 now;
	u32 acked;
	u32 delivered;
	u32 lost;
	u32 rtt_us;
	u32 prior_inflight;
	u64 rate_delivered;
	u64 rate_us;
	u64 prior_delivered;
	u8 app_limited:1,
	   ece:1;
};

/**
 * struct mini_cc_ops - a congestion control
 * @name: as TCP_CONGESTION, the sysctl and routes name it
 * @priv_size: octets of mini_cc.priv that it needs, 0: MINI_CC_PRIV
 * @init: optional: a connection starts to use it, when it first sends after the
 *	handshake, or later; priv is zeroed
 * @release: optional: and ends to
 * @ssthresh: the slow-start threshold after a loss, a mark or a timeout,
 *	octets; needed
 * @acked: an ACK outside fast recovery: grow cwnd; called for delivered data
 *	while cwnd limits the sender (RFC 7661), and beyond slow start for all
 *	when MINI_CC_ALL_ACKS is in @flags.  Needed without @control.
 * @control: optional, instead of @acked and of proportional rate reduction:
 *	called for each ACK that delivers or loses something, sets cwnd and
 *	pacing_rate
 * @undo: optional: cwnd after a spurious reduction, octets; without it the
 *	window of before
 * @event: optional
 * @flags: MINI_CC_*
 * @owner: THIS_MODULE
 * @allowed: programs without CAP_NET_ADMIN may choose it; the administrator's
 *	to change (net.mini.tcp_allowed_congestion_control)
 * @list: the registry's
 */
struct mini_cc_ops {
	char name[MINI_CC_NAME_MAX];
	u16 priv_size;
	void (*init)(struct mini_cc *cc);
	void (*release)(struct mini_cc *cc);
	u32 (*ssthresh)(struct mini_cc *cc, enum mini_cc_why why);
	void (*acked)(struct mini_cc *cc, const struct mini_cc_ack *ack);
	void (*control)(struct mini_cc *cc, const struct mini_cc_ack *ack);
	u32 (*undo)(struct mini_cc *cc);
	void (*event)(struct mini_cc *cc, enum mini_cc_event event, u64 now);
	u32 flags;
	struct module *owner;
	bool allowed;
	struct list_head list;
};

#define MINI_CC_ALL_ACKS	BIT(0)	/* @acked beyond slow start for all */
#define MINI_CC_PACED		BIT(1)	/* pacing_rate is its own, always set */

/* For a module that is to be loaded when its control is first named. */
#define MINI_CC_MODULE_ALIAS(name)	MODULE_ALIAS("mini-cc-" name)

int mini_cc_register(struct mini_cc_ops *ops);
void mini_cc_unregister(struct mini_cc_ops *ops);

/* Is the window in slow start? */
static inline bool mini_cc_slow_start(const struct mini_cc *cc)
{
	return cc->cwnd < cc->ssthresh;
}

/* RFC 7661: a window that was not used teaches nothing. */
static inline bool mini_cc_may_grow(const struct mini_cc *cc)
{
	return cc->used || cc->state == MINI_CC_LOSS;
}

static inline void mini_cc_event(struct mini_cc *cc, enum mini_cc_event event,
				 u64 now)
{
	/* Until a connection is established there is no window to control. */
	if (cc->started && cc->ops->event)
		cc->ops->event(cc, event, now);
}

#endif /* _MINI_TCP_CONG_H */
