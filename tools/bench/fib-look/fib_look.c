// SPDX-License-Identifier: GPL-2.0
/*
 * What one look-up of a route costs: AF_MINI's or Linux's, in the namespace of
 * who loads this module.
 *
 *	insmod fib_look.ko inet=0|1 lookups=N dsts=ADDRESS,ADDRESS...
 *	cat /sys/module/fib_look/parameters/{found,ns}
 *
 * Everything else that a packet costs is left out, and nothing of either stack
 * is there for this alone: mini.ko does not export its look-up, so it is found
 * by name, as is the kernel's finder of names, by a kprobe that is never armed.
 * For guests, which are thrown away.
 *
 * Locks on entry: none.
 */
#include <linux/kprobes.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/nsproxy.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <net/ip_fib.h>
#include <net/netns/generic.h>

#include "ip/ip.h"

#define FIB_LOOK_DSTS	4096

static bool inet;
module_param(inet, bool, 0444);
MODULE_PARM_DESC(inet, "Linux's table");

static uint lookups = 100000;
module_param(lookups, uint, 0444);
MODULE_PARM_DESC(lookups, "how many");

static uint dsts[FIB_LOOK_DSTS];
static uint n_dsts;
module_param_array(dsts, uint, &n_dsts, 0);
MODULE_PARM_DESC(dsts, "addresses, host byte order");

static uint found;
module_param(found, uint, 0444);
MODULE_PARM_DESC(found, "look-ups that found a way");

static ulong ns;
module_param(ns, ulong, 0444);
MODULE_PARM_DESC(ns, "all of them together took");

static void *fib_look_symbol(const char *name)
{
	struct kprobe probe = {
		.symbol_name = "kallsyms_lookup_name",
		.flags = KPROBE_FLAG_DISABLED,
	};
	unsigned long (*lookup)(const char *name);

	if (register_kprobe(&probe))
		return NULL;
	lookup = (void *)probe.addr;
	unregister_kprobe(&probe);
	return (void *)lookup(name);
}

static void fib_look_inet(struct net *net)
{
	u64 start = ktime_get_ns();
	struct fib_result res;
	struct flowi4 fl = {};
	unsigned int at = 0;
	unsigned int i;

	for (i = 0; i < lookups; i++) {
		fl.daddr = htonl(dsts[at]);
		found += !fib_lookup(net, &fl, &res, 0);
		if (++at == n_dsts)
			at = 0;
	}
	ns = ktime_get_ns() - start;
}

static int fib_look_mini(struct net *net)
{
	u8 (*lookup)(const struct mini_net *mn, const struct in6_addr *dst,
		     int oif, u32 hash, struct mini_route_result *res);
	const unsigned int *id = fib_look_symbol("mini_net_id");
	struct mini_route_result res;
	struct in6_addr dst;
	unsigned int at = 0;
	struct mini_net *mn;
	unsigned int i;
	u64 start;

	lookup = fib_look_symbol("mini_route_lookup");
	if (!lookup || !id)
		return -ENOENT;
	mn = net_generic(net, *id);
	start = ktime_get_ns();
	for (i = 0; i < lookups; i++) {
		mini_addr_set_v4(&dst, htonl(dsts[at]));
		rcu_read_lock();
		found += lookup(mn, &dst, 0, 0, &res) == MINI_ROUTE_UNICAST;
		rcu_read_unlock();
		if (++at == n_dsts)
			at = 0;
	}
	ns = ktime_get_ns() - start;
	return 0;
}

static int __init fib_look_init(void)
{
	struct net *net = current->nsproxy->net_ns;

	if (!n_dsts)
		return -EINVAL;
	if (!inet)
		return fib_look_mini(net);
	fib_look_inet(net);
	return 0;
}

static void __exit fib_look_exit(void)
{
}

module_init(fib_look_init);
module_exit(fib_look_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("What one look-up of a route costs");
