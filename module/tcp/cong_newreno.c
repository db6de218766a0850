// SPDX-License-Identifier: GPL-2.0
/*
 * NewReno's congestion control: slow start and congestion avoidance of
 * RFC 5681 section 3.1, with the octet counting of RFC 3465.
 */
#include <linux/module.h>

#include "tcp_int.h"

/* RFC 5681 (4): half of what is in flight, two segments at least. */
static u32 mini_newreno_ssthresh(struct mini_tcp_sock *tp)
{
	return max(mini_tcp_inflight(tp) / 2, 2 * tp->mss);
}

/* cong_priv[0]: octets acknowledged towards the next segment of growth. */
static void mini_newreno_acked(struct mini_tcp_sock *tp, u32 acked, u64 now)
{
	u32 grow;

	if (tp->cwnd < tp->ssthresh) {
		grow = min(acked, tp->ssthresh - tp->cwnd);
		tp->cwnd += grow;
		acked -= grow;
	}
	if (!acked)
		return;
	tp->cong_priv[0] += acked;
	if (tp->cong_priv[0] >= tp->cwnd) {
		tp->cong_priv[0] -= tp->cwnd;
		tp->cwnd += tp->mss;
	}
}

static void mini_newreno_event(struct mini_tcp_sock *tp,
			       enum mini_tcp_cong_event event)
{
	tp->cong_priv[0] = 0;
}

struct mini_tcp_cong_ops mini_tcp_newreno = {
	.name = "newreno",
	.ssthresh = mini_newreno_ssthresh,
	.acked = mini_newreno_acked,
	.event = mini_newreno_event,
	.owner = THIS_MODULE,
};
