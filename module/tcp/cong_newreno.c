// SPDX-License-Identifier: GPL-2.0
/*
 * NewReno's congestion control: slow start and congestion avoidance of
 * RFC 5681 section 3.1, counting octets as RFC 3465 does.
 *
 * RFC 3465's limit L guards against ACKs that cover what left the network long
 * ago.  What is counted here is newly delivered, so that a hole filled after a
 * loss counts for the hole alone; no further limit is put on the ACKs of
 * receivers that merge dozens of segments.
 *
 * ABE (RFC 8511) with 0.8 where a router marks instead of dropping.
 */
#include <linux/minmax.h>

#include "cong.h"
#include "tcp_int.h"

/* RFC 5681 (4): half of what is in flight, two segments at least. */
static u32 mini_newreno_ssthresh(struct mini_cc *cc, enum mini_cc_why why)
{
	u32 flight = cc->snd_nxt - cc->snd_una;

	/* Marks do not wait for a window in full use: RFC 8511 3.1. */
	if (why == MINI_CC_WHY_ECN && cc->abe)
		return max(flight / 5 * 4, 2 * cc->mss);
	return max(flight / 2, 2 * cc->mss);
}

/* priv[0]: octets acknowledged towards the next segment of growth. */
static void mini_newreno_acked(struct mini_cc *cc, const struct mini_cc_ack *ack)
{
	u32 acked = ack->delivered;
	u32 grow;

	if (mini_cc_slow_start(cc)) {
		grow = min(acked, cc->ssthresh - cc->cwnd);
		cc->cwnd += grow;
		acked -= grow;
	}
	if (!acked)
		return;
	cc->priv[0] += acked;
	if (cc->priv[0] >= cc->cwnd) {
		cc->priv[0] -= cc->cwnd;
		cc->cwnd = min(cc->cwnd + cc->mss, MINI_CC_CWND_MAX);
	}
}

static void mini_newreno_event(struct mini_cc *cc, enum mini_cc_event event,
			       u64 now)
{
	if (event != MINI_CC_EV_TX_START)
		cc->priv[0] = 0;
}

struct mini_cc_ops mini_tcp_newreno = {
	.name = "newreno",
	.priv_size = sizeof(u64),
	.ssthresh = mini_newreno_ssthresh,
	.acked = mini_newreno_acked,
	.event = mini_newreno_event,
	.owner = THIS_MODULE,
	.allowed = true,
};
