// SPDX-License-Identifier: GPL-2.0
/*
 * Segments that are acknowledged are used again: for the next one that a
 * program writes a buffer need not be allocated, cleared and freed.
 *
 * Each processor keeps a few, whatever connection they were of.  None is kept
 * that anybody else may still refer to, be it by a clone.
 *
 * Context: process or softirq.  Locks on entry: any; the keep is a
 * processor's own, and softirqs are off while it is touched.  One segment lies
 * in front, where one instruction takes it or puts it: where questions are
 * answered, there never is another.
 */
#include <linux/percpu.h>

#include "tcp_int.h"

#define MINI_TCP_RECYCLE	32

struct mini_tcp_recycle {
	struct sk_buff *front;
	unsigned int count;
	struct sk_buff *skb[MINI_TCP_RECYCLE];
};

static DEFINE_PER_CPU(struct mini_tcp_recycle, mini_tcp_recycle);

/**
 * mini_tcp_skb_get() - an empty segment for what a program writes
 * @gfp: for the allocation, if none is kept
 *
 * Return: an skb that can be cloned cheaply, with MINI_TCP_HEADROOM octets;
 * NULL without memory.
 */
struct sk_buff *mini_tcp_skb_get(gfp_t gfp)
{
	struct sk_buff *skb = this_cpu_xchg(mini_tcp_recycle.front, NULL);
	struct mini_tcp_recycle *keep;

	if (!skb) {
		local_bh_disable();
		keep = this_cpu_ptr(&mini_tcp_recycle);
		if (likely(keep->count))
			skb = keep->skb[--keep->count];
		local_bh_enable();
	}
	if (unlikely(!skb))
		return alloc_skb_fclone(MINI_TCP_HEADROOM, gfp);
	mini_skb_renew(skb);
	skb->fclone = SKB_FCLONE_ORIG;
	return skb;
}

/*
 * Nothing but TCP ever had it, and its clone is freed: skb_clone() asks the
 * same before it uses the clone's place again.
 */
static bool mini_tcp_skb_alone(struct sk_buff *skb)
{
	const struct sk_buff_fclones *pair =
		container_of(skb, struct sk_buff_fclones, skb1);

	return likely(skb->fclone == SKB_FCLONE_ORIG) &&
	       refcount_read(&pair->fclone_ref) == 1 && !skb_cloned(skb) &&
	       !skb_zcopy(skb) && !skb_has_frag_list(skb) &&
	       !skb_pfmemalloc(skb) &&
	       skb_end_offset(skb) >= MINI_TCP_HEADROOM;
}

/**
 * mini_tcp_skb_put() - a segment is done with
 * @skb: in no queue, nobody's memory; consumed
 */
void mini_tcp_skb_put(struct sk_buff *skb)
{
	struct mini_tcp_recycle *keep;
	bool kept = false;
	int i;

	if (!mini_tcp_skb_alone(skb)) {
		__kfree_skb(skb);
		return;
	}
	for (i = 0; i < skb_shinfo(skb)->nr_frags; i++)
		skb_frag_unref(skb, i);
	skb_shinfo(skb)->nr_frags = 0;
	if (!this_cpu_cmpxchg(mini_tcp_recycle.front, NULL, skb))
		return;
	local_bh_disable();
	keep = this_cpu_ptr(&mini_tcp_recycle);
	if (likely(keep->count < MINI_TCP_RECYCLE)) {
		keep->skb[keep->count++] = skb;
		kept = true;
	}
	local_bh_enable();
	if (unlikely(!kept))
		__kfree_skb(skb);
}

/* There is no socket any more. */
void mini_tcp_recycle_exit(void)
{
	struct mini_tcp_recycle *keep;
	int cpu;

	for_each_possible_cpu(cpu) {
		keep = per_cpu_ptr(&mini_tcp_recycle, cpu);
		if (keep->front)
			__kfree_skb(keep->front);
		while (keep->count)
			__kfree_skb(keep->skb[--keep->count]);
	}
}
