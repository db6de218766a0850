// SPDX-License-Identifier: GPL-2.0
/*
 * Counters: events and drops, per CPU and namespace, and their names.
 *
 * Locks on entry: none; counting works in any context.
 */
#include <linux/percpu.h>

#include "../mini.h"
#include "../trace.h"
#include "control_int.h"

static const char * const mini_stat_names[MINI_STAT_COUNT] = {
	MINI_MIBS(MINI_MIB_NAME)
	MINI_DROPS(MINI_DROP_NAME)
};

void mini_drop(struct mini_net *mn, struct sk_buff *skb,
	       enum mini_drop_reason reason)
{
	this_cpu_inc(mn->mib->drop[reason]);
	trace_mini_drop(mn, skb, reason);
	kfree_skb(skb);
}

const char *mini_stat_name(unsigned int i)
{
	return mini_stat_names[i];
}

u64 mini_stat_value(const struct mini_net *mn, unsigned int i)
{
	u64 sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct mini_mib_percpu *mib = per_cpu_ptr(mn->mib, cpu);
		const u64 *counter = i < MINI_MIB_COUNT ? &mib->event[i] :
				     &mib->drop[i - MINI_MIB_COUNT];

		/* Counting goes on meanwhile: the sum is of no one moment. */
		sum += data_race(*counter);
	}
	return sum;
}

int mini_stat_net_init(struct mini_net *mn)
{
	mn->mib = alloc_percpu(struct mini_mib_percpu);
	return mn->mib ? 0 : -ENOMEM;
}

void mini_stat_net_exit(struct mini_net *mn)
{
	free_percpu(mn->mib);
	mn->mib = NULL;
}
