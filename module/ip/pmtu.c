// SPDX-License-Identifier: GPL-2.0
/*
 * What differs from the route for one destination: the path carries less than
 * the first device on it (RFC 1191), or a gateway knows a better one (RFC 1122
 * section 3.3.1.2).  What ICMP claims and a transport believes of the MTU is
 * kept for net.mini.mtu_expires seconds, then the path is tried again (RFC 1191
 * section 6.3); redirects have a time of their own.
 *
 * A path that is looked up has the smaller MTU; those that were looked up
 * before become invalid.  While nothing is known, a look-up pays one load.
 *
 * Locks on entry: none; the table's own is taken here, readers are under RCU.
 */
#include <linux/rhashtable.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "ip_int.h"

/* How long a redirect holds, jiffies. */
#define REDIRECT_LIFE	(300 * HZ)

/*
 * Anybody may make up news of many destinations, each of which makes all paths
 * invalid: so many at once, the others together after this many jiffies.
 */
#define NEWS_AT_ONCE	8
#define NEWS_INTERVAL	(HZ / 10 + 1)

/* Destinations kept; the oldest makes room. */
#define PMTU_MAX_ENTRIES	4096

/**
 * struct mini_pmtu - what is known of one destination
 * @node: in the table
 * @list: by age, the oldest first
 * @dst: destination
 * @mtu: octets
 * @locked: the path carries less than that: Don't Fragment is not set
 * @expires: jiffies: the MTU's end
 * @gateway: the better next hop; constant, as is the next one
 * @nh: the next hop that the route named then: its address and device
 * @redirect_expires: jiffies: @gateway's end
 * @rcu: frees it
 */
struct mini_pmtu {
	struct rhash_head node;
	struct list_head list;
	struct in6_addr dst;
	u32 mtu;
	bool locked;
	unsigned long expires;
	struct in6_addr gateway;
	struct {
		struct in6_addr gateway;
		int ifindex;
	} nh;
	unsigned long redirect_expires;
	struct rcu_head rcu;
};

/**
 * struct mini_pmtu_net - the destinations of an instance
 * @mn: the instance
 * @table: struct mini_pmtu by destination
 * @lock: BH; guards changes of the table, @list and @n
 * @list: entries by age
 * @n: entries
 * @gc: forgets what has expired
 * @news: makes paths invalid, of all that was learnt meanwhile
 * @news_n: how many were since @news_when; @lock
 * @news_when: jiffies; @lock
 * @rcu: frees it
 */
struct mini_pmtu_net {
	struct mini_net *mn;
	struct rhashtable table;
	/* Guards changes. */
	spinlock_t lock;
	struct list_head list;
	unsigned int n;
	struct delayed_work gc;
	struct delayed_work news;
	unsigned int news_n;
	unsigned long news_when;
	struct rcu_head rcu;
};

static const struct rhashtable_params pmtu_params = {
	.head_offset = offsetof(struct mini_pmtu, node),
	.key_offset = offsetof(struct mini_pmtu, dst),
	.key_len = sizeof_field(struct mini_pmtu, dst),
	.automatic_shrinking = true,
};

bool mini_pmtu_known(const struct mini_net *mn, const struct in6_addr *dst)
{
	struct mini_pmtu_net *pn = READ_ONCE(mn->pmtu);

	if (likely(!pn || !READ_ONCE(pn->n)))
		return false;
	return rhashtable_lookup(&pn->table, dst, pmtu_params);
}

u32 mini_pmtu_get(const struct mini_net *mn, const struct in6_addr *dst,
		  bool *locked)
{
	struct mini_pmtu_net *pn = READ_ONCE(mn->pmtu);
	struct mini_pmtu *p;

	if (likely(!pn || !READ_ONCE(pn->n)))
		return 0;
	p = rhashtable_lookup(&pn->table, dst, pmtu_params);
	if (!p || !time_before(jiffies, READ_ONCE(p->expires)))
		return 0;
	*locked = READ_ONCE(p->locked);
	return READ_ONCE(p->mtu);
}

bool mini_redirect_get(const struct mini_net *mn, const struct in6_addr *dst,
		       const struct mini_nexthop *nh, struct in6_addr *gateway)
{
	struct mini_pmtu_net *pn = READ_ONCE(mn->pmtu);
	struct mini_pmtu *p;

	if (likely(!pn || !READ_ONCE(pn->n)))
		return false;
	p = rhashtable_lookup(&pn->table, dst, pmtu_params);
	if (!p || !time_before(jiffies, READ_ONCE(p->redirect_expires)) ||
	    p->nh.ifindex != nh->mdev->ifindex ||
	    !mini_addr_equal(&p->nh.gateway, &nh->gateway))
		return false;
	*gateway = p->gateway;
	return true;
}

/* When all of it has expired. */
static unsigned long pmtu_end(const struct mini_pmtu *p)
{
	return time_before(p->expires, p->redirect_expires) ?
	       p->redirect_expires : p->expires;
}

/* The lock is held. */
static void pmtu_forget(struct mini_pmtu_net *pn, struct mini_pmtu *p)
{
	rhashtable_remove_fast(&pn->table, &p->node, pmtu_params);
	list_del(&p->list);
	WRITE_ONCE(pn->n, pn->n - 1);
	kfree_rcu(p, rcu);
}

static void pmtu_gc(struct work_struct *work)
{
	struct mini_pmtu_net *pn = container_of(to_delayed_work(work),
						struct mini_pmtu_net, gc);
	unsigned long now = jiffies;
	struct mini_pmtu *p, *tmp;
	bool forgot = false;

	spin_lock_bh(&pn->lock);
	list_for_each_entry_safe(p, tmp, &pn->list, list) {
		if (time_before(now, pmtu_end(p)))
			break;
		pmtu_forget(pn, p);
		forgot = true;
	}
	/* The oldest may have been told a longer life: then it waits less. */
	if (pn->n)
		schedule_delayed_work(&pn->gc, clamp_t(long, (long)
				      (pmtu_end(list_first_entry(&pn->list,
								 struct mini_pmtu,
								 list)) - now),
				      1, 60 * HZ));
	spin_unlock_bh(&pn->lock);
	if (forgot)
		mini_genid_bump(pn->mn);
}

static void pmtu_news_work(struct work_struct *work)
{
	struct mini_pmtu_net *pn = container_of(to_delayed_work(work),
						struct mini_pmtu_net, news);

	mini_genid_bump(pn->mn);
}

void mini_pmtu_news(struct mini_net *mn)
{
	struct mini_pmtu_net *pn = READ_ONCE(mn->pmtu);
	unsigned long now = jiffies;
	bool wait;

	if (!pn)
		return;
	spin_lock_bh(&pn->lock);
	if (time_after(now, pn->news_when + NEWS_INTERVAL)) {
		pn->news_when = now;
		pn->news_n = 0;
	}
	wait = pn->news_n >= NEWS_AT_ONCE;
	if (wait)
		schedule_delayed_work(&pn->news, NEWS_INTERVAL);
	else
		pn->news_n++;
	spin_unlock_bh(&pn->lock);
	if (!wait)
		mini_genid_bump(mn);
}

static struct mini_pmtu *pmtu_new(struct mini_pmtu_net *pn,
				  const struct in6_addr *dst)
{
	struct mini_pmtu *p;

	if (pn->n >= PMTU_MAX_ENTRIES)
		pmtu_forget(pn, list_first_entry(&pn->list, struct mini_pmtu,
						 list));
	p = kzalloc(sizeof(*p), GFP_ATOMIC);
	if (!p)
		return NULL;
	p->dst = *dst;
	p->mtu = U32_MAX;
	p->expires = jiffies - 1;
	p->redirect_expires = p->expires;
	if (rhashtable_insert_fast(&pn->table, &p->node, pmtu_params)) {
		kfree(p);
		return NULL;
	}
	list_add_tail(&p->list, &pn->list);
	WRITE_ONCE(pn->n, pn->n + 1);
	return p;
}

/* Returns whether paths changed.  The lock is held. */
static bool pmtu_set(struct mini_pmtu_net *pn, const struct in6_addr *dst,
		     u32 mtu, bool locked)
{
	unsigned long life = READ_ONCE(pn->mn->sysctl.mtu_expires) * HZ;
	struct mini_pmtu *p;
	bool lives, less;

	p = rhashtable_lookup_fast(&pn->table, dst, pmtu_params);
	if (!p)
		p = pmtu_new(pn, dst);
	if (!p)
		return false;
	lives = time_before(jiffies, p->expires);
	/* It can only shrink, until it is forgotten. */
	if (lives && (mtu > p->mtu || p->locked))
		return false;
	less = !lives || mtu < p->mtu || locked != p->locked;
	WRITE_ONCE(p->mtu, mtu);
	WRITE_ONCE(p->locked, locked);
	WRITE_ONCE(p->expires, jiffies + life);
	list_move_tail(&p->list, &pn->list);
	schedule_delayed_work(&pn->gc, life);
	return less;
}

bool mini_pmtu_learn(struct mini_net *mn, const struct in6_addr *dst, u32 mtu)
{
	struct mini_pmtu_net *pn = READ_ONCE(mn->pmtu);
	u32 least = READ_ONCE(mn->sysctl.min_pmtu);
	bool less;

	if (!pn)
		return false;
	spin_lock_bh(&pn->lock);
	less = pmtu_set(pn, dst, max(mtu, least), mtu < least);
	spin_unlock_bh(&pn->lock);
	if (less)
		mini_inc(mn, MINI_MIB_IP_PMTU_LEARNED);
	return less;
}

/*
 * Readers may see the old gateway or the new one, not half of each: the entry
 * is replaced.  The lock is held.
 */
static bool redirect_set(struct mini_pmtu_net *pn, const struct in6_addr *dst,
			 const struct mini_nexthop *nh,
			 const struct in6_addr *gateway)
{
	struct mini_pmtu *old, *p;

	old = rhashtable_lookup_fast(&pn->table, dst, pmtu_params);
	if (!old)
		old = pmtu_new(pn, dst);
	if (!old)
		return false;
	p = kmemdup(old, sizeof(*p), GFP_ATOMIC);
	if (!p)
		return false;
	p->gateway = *gateway;
	p->nh.gateway = nh->gateway;
	p->nh.ifindex = nh->mdev->ifindex;
	p->redirect_expires = jiffies + REDIRECT_LIFE;
	if (rhashtable_replace_fast(&pn->table, &old->node, &p->node,
				    pmtu_params)) {
		kfree(p);
		return false;
	}
	list_del(&old->list);
	list_add_tail(&p->list, &pn->list);
	kfree_rcu(old, rcu);
	schedule_delayed_work(&pn->gc, REDIRECT_LIFE);
	return true;
}

bool mini_redirect_learn(struct mini_net *mn, const struct in6_addr *dst,
			 const struct mini_nexthop *nh,
			 const struct in6_addr *gateway)
{
	struct mini_pmtu_net *pn = READ_ONCE(mn->pmtu);
	bool learned;

	if (!pn)
		return false;
	spin_lock_bh(&pn->lock);
	learned = redirect_set(pn, dst, nh, gateway);
	spin_unlock_bh(&pn->lock);
	return learned;
}

bool mini_redirect_forget(struct mini_net *mn, const struct in6_addr *dst)
{
	struct mini_pmtu_net *pn = READ_ONCE(mn->pmtu);
	unsigned long now = jiffies;
	struct mini_pmtu *p;
	bool lived = false;

	if (likely(!pn || !READ_ONCE(pn->n)))
		return false;
	spin_lock_bh(&pn->lock);
	p = rhashtable_lookup_fast(&pn->table, dst, pmtu_params);
	if (p && time_before(now, p->redirect_expires)) {
		WRITE_ONCE(p->redirect_expires, now - 1);
		lived = true;
	}
	spin_unlock_bh(&pn->lock);
	return lived;
}

void mini_pmtu_claim(struct mini_net *mn, const struct mini_icmp_err *e, u8 how)
{
	if (how == IP_PMTUDISC_INTERFACE || how == IP_PMTUDISC_OMIT)
		return;
	/* RFC 5927 section 7.2: what is said to be too large was sent so. */
	if (!e->mtu || e->len <= e->mtu)
		return;
	if (mini_pmtu_learn(mn, &e->raddr, e->mtu))
		mini_pmtu_news(mn);
}

int mini_pmtu_net_init(struct mini_net *mn)
{
	struct mini_pmtu_net *pn;
	int err;

	pn = kzalloc(sizeof(*pn), GFP_KERNEL);
	if (!pn)
		return -ENOMEM;
	err = rhashtable_init(&pn->table, &pmtu_params);
	if (err) {
		kfree(pn);
		return err;
	}
	pn->mn = mn;
	spin_lock_init(&pn->lock);
	INIT_LIST_HEAD(&pn->list);
	INIT_DELAYED_WORK(&pn->gc, pmtu_gc);
	INIT_DELAYED_WORK(&pn->news, pmtu_news_work);
	pn->news_when = jiffies;
	WRITE_ONCE(mn->pmtu, pn);
	return 0;
}

static void pmtu_free(void *entry, void *arg)
{
	kfree(entry);
}

void mini_pmtu_net_exit(struct mini_net *mn)
{
	struct mini_pmtu_net *pn = mn->pmtu;

	WRITE_ONCE(mn->pmtu, NULL);
	cancel_delayed_work_sync(&pn->gc);
	cancel_delayed_work_sync(&pn->news);
	/* Nobody looks into an empty table. */
	if (pn->n)
		synchronize_rcu();
	rhashtable_free_and_destroy(&pn->table, pmtu_free, NULL);
	kfree_rcu(pn, rcu);
}
