// SPDX-License-Identifier: GPL-2.0
/*
 * NewReno's congestion control: slow start and congestion avoidance of
 * RFC 5681 section 3.1, with the octet counting of RFC 3465.
 */
#include <linux/minmax.h>

#include "cong.h"
#include "tcp_int.h"

/* RFC 5681 (4): half of what is in flight, two segments at least. */
static u32 mini_newreno_ssthresh(struct mini_cc *cc, enum mini_cc_why why)
{
	return max(cc->inflight / 2, 2 * cc->mss);
}

/* priv[0]: octets acknowledged towards the next segment of growth. */
static void mini_newreno_acked(struct mini_cc *cc, const struct mini_cc_ack *ack)
{
	u32 acked = ack->acked;
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
		cc->cwnd += cc->mss;
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
	.ssthresh = mini_newreno_ssthresh,
	.acked = mini_newreno_acked,
	.event = mini_newreno_event,
	.owner = THIS_MODULE,
};
