// SPDX-License-Identifier: GPL-2.0
/*
 * A congestion control in a module of its own, to copy the shape of: additive
 * increase, multiplicative decrease, and a ceiling on the queue that it makes,
 * as TCP Vegas has it.  Documentation/cong.rst tells what each part may do.
 *
 *	insmod mini_cc_example.ko alpha=2 beta=80
 *	sysctl -w net.mini.tcp_congestion_control=example
 */
#include <linux/minmax.h>
#include <linux/module.h>

#include "cong.h"

static unsigned int alpha = 1;
module_param(alpha, uint, 0644);
MODULE_PARM_DESC(alpha, "segments that cwnd grows by in a round trip");

static unsigned int beta = 70;
module_param(beta, uint, 0644);
MODULE_PARM_DESC(beta, "percent of cwnd that a loss leaves");

static unsigned int queue_us = 20000;
module_param(queue_us, uint, 0644);
MODULE_PARM_DESC(queue_us, "round trip above the least that stops growth, us");

/* What it keeps of each connection, in cc->priv. */
struct example {
	u64 acked;		/* octets, towards the next growth */
	u32 base_rtt_us;	/* least round trip seen */
};

static void example_init(struct mini_cc *cc)
{
	struct example *e = (struct example *)cc->priv;

	BUILD_BUG_ON(sizeof(*e) > MINI_CC_PRIV);
	e->base_rtt_us = U32_MAX;
}

/* A loss, a mark or a timeout: what is the window worth? */
static u32 example_ssthresh(struct mini_cc *cc, enum mini_cc_why why)
{
	u32 percent = clamp(READ_ONCE(beta), 10U, 99U);

	return max(cc->cwnd / 100 * percent, 2 * cc->mss);
}

/* Data was delivered, and cwnd is what limits the sender. */
static void example_acked(struct mini_cc *cc, const struct mini_cc_ack *ack)
{
	struct example *e = (struct example *)cc->priv;
	u32 step = clamp(READ_ONCE(alpha), 1U, 100U) * cc->mss;

	if (ack->rtt_us)
		e->base_rtt_us = min(e->base_rtt_us, ack->rtt_us);
	if (mini_cc_slow_start(cc)) {
		cc->cwnd = min(cc->cwnd + ack->delivered, MINI_CC_CWND_MAX);
		return;
	}
	/* The queue is long enough. */
	if (ack->rtt_us > (u64)e->base_rtt_us + READ_ONCE(queue_us))
		return;
	e->acked += ack->delivered;
	if (e->acked < cc->cwnd)
		return;
	e->acked -= cc->cwnd;
	cc->cwnd = min(cc->cwnd + step, MINI_CC_CWND_MAX);
}

static struct mini_cc_ops example_ops = {
	.name = "example",
	.init = example_init,
	.ssthresh = example_ssthresh,
	.acked = example_acked,
	.owner = THIS_MODULE,
};

static int __init example_module_init(void)
{
	return mini_cc_register(&example_ops);
}
module_init(example_module_init);

static void __exit example_module_exit(void)
{
	mini_cc_unregister(&example_ops);
}
module_exit(example_module_exit);

MODULE_DESCRIPTION("AF_MINI: an example of a congestion control");
MODULE_LICENSE("GPL");
MINI_CC_MODULE_ALIAS("example");
