// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses that are asked for before they are used (RFC 5227): the work that
 * takes one from tentative to this host's own.
 *
 * The work holds a reference to its address while it is queued or runs; it
 * takes RTNL, and looks there whether the address still exists.
 *
 * Locks on entry: RTNL, unless said otherwise.
 */
#define pr_fmt(fmt) "mini: " fmt

#include <linux/random.h>
#include <linux/rtnetlink.h>
#include <linux/workqueue.h>

#include "../event.h"
#include "ip_int.h"

/* Its own: the end of the module waits for what is left in it. */
static struct workqueue_struct *acd_wq;

/* The link carries what is asked. */
static bool acd_may_ask(const struct mini_dev *mdev)
{
	return mini_dev_usable(mdev) && mdev->flags & MINI_DEV_F_CARRIER;
}

static void acd_wait(struct mini_ifaddr *ifa, const struct mini_acd_step *step)
{
	if (!(step->actions & MINI_ACD_WAIT))
		return;
	if (!mod_delayed_work(acd_wq, &ifa->acd_work,
			      msecs_to_jiffies(step->delay)))
		refcount_inc(&ifa->refcnt);
}

static void acd_step(struct mini_ifaddr *ifa)
{
	struct mini_dev *mdev = ifa->mdev;
	struct mini_acd_step step;
	bool conflict;

	/* Begins anew when there is a carrier. */
	if (ifa->acd.state == MINI_ACD_PROBING && !acd_may_ask(mdev))
		return;
	conflict = READ_ONCE(ifa->flags) & MINI_ADDR_F_DUPLICATE;
	mini_acd_next(&ifa->acd, conflict, get_random_u32(), &step);
	if (step.actions & MINI_ACD_PROBE)
		mini_arp_probe(mdev, &ifa->addr);
	if (step.actions & MINI_ACD_CLAIM && mini_ifaddr_claim(ifa)) {
		pr_warn("%s: no memory for the routes of address %pI4\n",
			mdev->name, &ifa->addr.s6_addr32[3]);
		return;
	}
	if (step.actions & MINI_ACD_ANNOUNCE)
		mini_arp_announce(mdev, &ifa->addr);
	acd_wait(ifa, &step);
}

static void acd_work(struct work_struct *work)
{
	struct mini_ifaddr *ifa = container_of(to_delayed_work(work),
					       struct mini_ifaddr, acd_work);

	rtnl_lock();
	if (!ifa->dead)
		acd_step(ifa);
	rtnl_unlock();
	mini_ifaddr_put(ifa);
}

/**
 * mini_ifaddr_acd_setup() - make a new address ready for what follows
 * @ifa: address
 */
void mini_ifaddr_acd_setup(struct mini_ifaddr *ifa)
{
	INIT_DELAYED_WORK(&ifa->acd_work, acd_work);
}

/**
 * mini_ifaddr_acd_start() - begin to ask whether anybody has an address
 * @ifa: a tentative address
 *
 * Waits for a carrier if there is none: call it again when there is.
 */
void mini_ifaddr_acd_start(struct mini_ifaddr *ifa)
{
	struct mini_acd_step step;

	if (!acd_may_ask(ifa->mdev))
		return;
	mini_acd_start(&ifa->acd, get_random_u32(), &step);
	acd_wait(ifa, &step);
}

/**
 * mini_ifaddr_acd_stop() - an address goes: nothing is asked any more
 * @ifa: address, dead
 */
void mini_ifaddr_acd_stop(struct mini_ifaddr *ifa)
{
	if (cancel_delayed_work(&ifa->acd_work))
		mini_ifaddr_put(ifa);
}

int mini_acd_init(void)
{
	acd_wq = alloc_workqueue("mini_acd", WQ_UNBOUND, 0);
	return acd_wq ? 0 : -ENOMEM;
}

void mini_acd_exit(void)
{
	destroy_workqueue(acd_wq);
}
