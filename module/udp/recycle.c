// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that were read are used again: for the next datagram that a program
 * sends, no memory need be allocated and freed.
 *
 * Each CPU keeps a few, whatever socket they were of: small ones, and such that
 * hold an Ethernet's MTU.  None is kept that anybody else may still refer to, be
 * it by a clone, nor one whose memory is not a plain head of the kernel's.
 *
 * Locks on entry: none; process context alone, so that what a CPU keeps is
 * guarded by its not being preempted.
 */
#include <linux/percpu.h>

#include "udp_int.h"

/**
 * struct udp_keep - what a CPU keeps of one size
 * @n: how many
 * @skb: they
 */
struct udp_keep {
	unsigned int n;
	struct sk_buff *skb[MINI_UDP_KEEP];
};

/**
 * struct udp_recycle - what a CPU keeps
 * @small: heads that have MINI_UDP_HEAD_SMALL octets
 * @large: those with MINI_UDP_HEAD_LARGE
 */
struct udp_recycle {
	struct udp_keep small;
	struct udp_keep large;
};

static DEFINE_PER_CPU(struct udp_recycle, udp_recycle);

struct sk_buff *mini_udp_skb_get(size_t size)
{
	struct udp_recycle *recycle;
	struct sk_buff *skb = NULL;
	struct udp_keep *keep;

	if (unlikely(size > MINI_UDP_HEAD_LARGE))
		return NULL;
	preempt_disable();
	recycle = this_cpu_ptr(&udp_recycle);
	keep = size <= MINI_UDP_HEAD_SMALL ? &recycle->small : &recycle->large;
	if (likely(keep->n))
		skb = keep->skb[--keep->n];
	preempt_enable();
	if (likely(skb))
		mini_skb_renew(skb);
	return skb;
}

/* Does all of it belong to the caller, and is it no more than a head? */
static bool udp_skb_alone(struct sk_buff *skb)
{
	const struct skb_shared_info *info = skb_shinfo(skb);

	if (unlikely(refcount_read(&skb->users) != 1))
		return false;
	/* As skb_unref(): another's reference went before. */
	smp_rmb();
	return likely(skb->fclone == SKB_FCLONE_UNAVAILABLE &&
		      !skb->head_frag && !skb->pfmemalloc && !skb->pp_recycle &&
		      !skb_cloned(skb) && !info->nr_frags &&
		      !info->frag_list && !skb_zcopy(skb) &&
		      !skb->destructor && !skb_dst(skb) && !skb_nfct(skb) &&
		      !skb_has_extensions(skb));
}

void mini_udp_skb_put(struct sk_buff *skb)
{
	unsigned int size = skb_end_offset(skb);
	unsigned int least;
	struct udp_recycle *recycle;
	struct udp_keep *keep;

	if (unlikely(!udp_skb_alone(skb)))
		goto free;
	preempt_disable();
	recycle = this_cpu_ptr(&udp_recycle);
	if (size < MINI_UDP_HEAD_MEDIUM) {
		keep = &recycle->small;
		least = MINI_UDP_HEAD_SMALL;
	} else {
		keep = &recycle->large;
		least = MINI_UDP_HEAD_LARGE;
	}
	if (likely(keep->n < MINI_UDP_KEEP && size >= least &&
		   size <= MINI_UDP_HEAD_MAX)) {
		keep->skb[keep->n++] = skb;
		skb = NULL;
	}
	preempt_enable();
	if (likely(!skb))
		return;
free:
	consume_skb(skb);
}

static void udp_keep_free(struct udp_keep *keep)
{
	while (keep->n)
		kfree_skb(keep->skb[--keep->n]);
}

void mini_udp_recycle_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		udp_keep_free(&per_cpu_ptr(&udp_recycle, cpu)->small);
		udp_keep_free(&per_cpu_ptr(&udp_recycle, cpu)->large);
	}
}
