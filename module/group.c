// SPDX-License-Identifier: GPL-2.0
/*
 * A socket's memberships (RFC 3376 section 2, RFC 3678): which groups it has
 * joined on which devices, and from whom it wants to hear.
 *
 * Each membership is told to the device it is on (ip/mcast.c), which merges
 * those of all sockets.
 *
 * Locks on entry: RTNL and the socket lock for changes; rcu_read_lock() for
 * packets.
 */
#include <linux/rtnetlink.h>
#include <linux/slab.h>

#include "sock.h"

#define group_for_each(m, ms)						\
	hlist_for_each_entry_rcu(m, &(ms)->groups, node,		\
				 lockdep_rtnl_is_held())

static struct mini_member *group_find(const struct mini_sock *ms,
				      const struct in6_addr *group,
				      int ifindex)
{
	struct mini_member *m;

	group_for_each(m, ms) {
		if (m->ifindex == ifindex && mini_addr_equal(&m->group, group))
			return m;
	}
	return NULL;
}

bool mini_sk_hears(const struct mini_sock *ms, const struct in6_addr *group,
		   const struct in6_addr *src, int ifindex)
{
	const struct mini_member *m = group_find(ms, group, ifindex);

	return m ? mini_mc_filter_allows(rcu_dereference(m->filter), src) :
		   ms->mc_all;
}

struct mini_mc_filter *mini_group_filter_alloc(u8 mode, unsigned int n)
{
	struct mini_mc_filter *f;

	f = kmalloc(struct_size(f, src, n), GFP_KERNEL_ACCOUNT);
	if (f) {
		f->mode = mode;
		f->n = n;
	}
	return f;
}

static struct mini_mc_filter *group_filter(const struct mini_member *m)
{
	return rtnl_dereference(m->filter);
}

static bool group_is(const struct in6_addr *group)
{
	return mini_addr_is_v4(group) && ipv4_is_multicast(mini_addr_v4(group));
}

static struct mini_dev *group_dev(struct mini_sock *ms,
				  const struct mini_group_ref *ref)
{
	return mini_mc_find_dev(ms->mn, &ref->group, ref->ifindex, &ref->addr);
}

static unsigned int group_count(struct mini_sock *ms)
{
	struct mini_member *m;
	unsigned int n = 0;

	group_for_each(m, ms)
		n++;
	return n;
}

/* @f is taken over. */
static int group_add(struct mini_sock *ms, const struct mini_group_ref *ref,
		     int ifindex, struct mini_mc_filter *f)
{
	struct mini_member *m;
	int err = -ENOBUFS;

	m = kzalloc(sizeof(*m), GFP_KERNEL_ACCOUNT);
	if (!m || !f)
		goto err_free;
	err = mini_mc_change(ms->mn, ifindex, &ref->group, NULL, f);
	if (err)
		goto err_free;
	m->group = ref->group;
	m->addr = ref->addr;
	m->ifindex = ifindex;
	RCU_INIT_POINTER(m->filter, f);
	hlist_add_head_rcu(&m->node, &ms->groups);
	return 0;

err_free:
	kfree(m);
	kfree(f);
	return err;
}

static void group_del(struct mini_sock *ms, struct mini_member *m)
{
	struct mini_mc_filter *f = group_filter(m);

	mini_mc_change(ms->mn, m->ifindex, &m->group, f, NULL);
	hlist_del_rcu(&m->node);
	kfree_rcu(f, rcu);
	kfree_rcu(m, rcu);
}

/* @f (taken over) takes the place of what the member had. */
static int group_replace(struct mini_sock *ms, struct mini_member *m,
			 struct mini_mc_filter *f)
{
	struct mini_mc_filter *old = group_filter(m);
	int err;

	if (!f)
		return -ENOBUFS;
	err = mini_mc_change(ms->mn, m->ifindex, &m->group, old, f);
	if (err) {
		kfree(f);
		return err;
	}
	rcu_assign_pointer(m->filter, f);
	kfree_rcu(old, rcu);
	return 0;
}

static int group_check_join(struct mini_sock *ms,
			    const struct mini_group_ref *ref,
			    struct mini_dev **mdev)
{
	if (!group_is(&ref->group))
		return -EINVAL;
	*mdev = group_dev(ms, ref);
	if (!*mdev)
		return -ENODEV;
	if (group_find(ms, &ref->group, (*mdev)->ifindex))
		return -EADDRINUSE;
	if (group_count(ms) >= READ_ONCE(ms->mn->sysctl.igmp_max_memberships))
		return -ENOBUFS;
	return 0;
}

int mini_group_join(struct mini_sock *ms, const struct mini_group_ref *ref)
{
	struct mini_dev *mdev;
	int err;

	err = group_check_join(ms, ref, &mdev);
	if (err)
		return err;
	return group_add(ms, ref, mdev->ifindex,
			 mini_group_filter_alloc(MCAST_EXCLUDE, 0));
}

/* Does a program mean this one?  @mdev: the device it names, NULL: a lost one */
static bool group_meant(const struct mini_member *m,
			const struct mini_group_ref *ref,
			const struct mini_dev *mdev)
{
	if (!mini_addr_equal(&m->group, &ref->group))
		return false;
	if (mdev)
		return m->ifindex == mdev->ifindex;
	if (ref->ifindex)
		return m->ifindex == ref->ifindex;
	return mini_addr_equal(&m->addr, &ref->addr);
}

int mini_group_leave(struct mini_sock *ms, const struct mini_group_ref *ref)
{
	struct mini_dev *mdev = group_dev(ms, ref);
	struct mini_member *m;

	if (!mdev && !ref->ifindex && mini_addr_any(&ref->addr))
		return -ENODEV;
	group_for_each(m, ms) {
		if (group_meant(m, ref, mdev)) {
			group_del(ms, m);
			return 0;
		}
	}
	return -EADDRNOTAVAIL;
}

static int group_source_find(const struct mini_mc_filter *f,
			     const struct in6_addr *src)
{
	unsigned int i;

	for (i = 0; i < f->n; i++) {
		if (mini_addr_equal(&f->src[i], src))
			return i;
	}
	return -1;
}

static int group_source_add(struct mini_sock *ms, struct mini_member *m,
			    const struct in6_addr *src, u8 mode)
{
	struct mini_mc_filter *old = group_filter(m);
	struct mini_mc_filter *f;

	if (old->n && old->n >= READ_ONCE(ms->mn->sysctl.igmp_max_msf))
		return -ENOBUFS;
	if (group_source_find(old, src) >= 0)
		return -EADDRNOTAVAIL;
	f = mini_group_filter_alloc(mode, old->n + 1);
	if (!f)
		return -ENOBUFS;
	memcpy(f->src, old->src, old->n * sizeof(*src));
	f->src[old->n] = *src;
	return group_replace(ms, m, f);
}

static int group_source_del(struct mini_sock *ms, struct mini_member *m,
			    const struct in6_addr *src, u8 mode)
{
	struct mini_mc_filter *old = group_filter(m);
	int at = group_source_find(old, src);
	struct mini_mc_filter *f;

	if (at < 0)
		return -EADDRNOTAVAIL;
	/* RFC 3376 section 3.1: to include nobody is to leave. */
	if (old->n == 1 && mode == MCAST_INCLUDE) {
		group_del(ms, m);
		return 0;
	}
	f = mini_group_filter_alloc(mode, old->n - 1);
	if (!f)
		return -ENOBUFS;
	memcpy(f->src, old->src, at * sizeof(*src));
	memcpy(f->src + at, old->src + at + 1,
	       (old->n - at - 1) * sizeof(*src));
	return group_replace(ms, m, f);
}

/* The first source of a socket that is no member: it joins. */
static int group_join_source(struct mini_sock *ms,
			     const struct mini_group_ref *ref,
			     const struct in6_addr *src)
{
	struct mini_mc_filter *f;
	struct mini_dev *mdev;
	int err;

	err = group_check_join(ms, ref, &mdev);
	if (err)
		return err;
	f = mini_group_filter_alloc(MCAST_INCLUDE, 1);
	if (f)
		f->src[0] = *src;
	return group_add(ms, ref, mdev->ifindex, f);
}

int mini_group_source(struct mini_sock *ms, const struct mini_group_ref *ref,
		      const struct in6_addr *src, u8 mode, bool add)
{
	struct mini_mc_filter *f;
	struct mini_member *m;
	struct mini_dev *mdev;
	int err;

	if (add && mode == MCAST_INCLUDE) {
		err = group_join_source(ms, ref, src);
		if (err != -EADDRINUSE)
			return err;
	}
	if (!group_is(&ref->group))
		return -EINVAL;
	mdev = group_dev(ms, ref);
	if (!mdev)
		return -ENODEV;
	m = group_find(ms, &ref->group, mdev->ifindex);
	if (!m)
		return -EINVAL;
	f = group_filter(m);
	/* Modes do not mix. */
	if (f->n && f->mode != mode)
		return -EINVAL;
	return add ? group_source_add(ms, m, src, mode) :
		     group_source_del(ms, m, src, mode);
}

int mini_group_set_filter(struct mini_sock *ms,
			  const struct mini_group_ref *ref,
			  struct mini_mc_filter *f)
{
	struct mini_member *m;
	struct mini_dev *mdev;
	int err = -EINVAL;

	if (!group_is(&ref->group) ||
	    (f->mode != MCAST_INCLUDE && f->mode != MCAST_EXCLUDE))
		goto out;
	err = -ENODEV;
	mdev = group_dev(ms, ref);
	if (!mdev)
		goto out;
	if (f->mode == MCAST_INCLUDE && !f->n) {
		err = mini_group_leave(ms, ref);
		goto out;
	}
	err = -EINVAL;
	m = group_find(ms, &ref->group, mdev->ifindex);
	if (m)
		return group_replace(ms, m, f);
out:
	kfree(f);
	return err;
}

const struct mini_mc_filter *
mini_group_get_filter(struct mini_sock *ms, const struct mini_group_ref *ref,
		      bool find)
{
	int ifindex = ref->ifindex;
	struct mini_member *m;
	struct mini_dev *mdev;

	if (!group_is(&ref->group))
		return ERR_PTR(-EINVAL);
	if (find) {
		mdev = group_dev(ms, ref);
		if (!mdev)
			return ERR_PTR(-ENODEV);
		ifindex = mdev->ifindex;
	}
	m = group_find(ms, &ref->group, ifindex);
	return m ? group_filter(m) : ERR_PTR(-EADDRNOTAVAIL);
}

void mini_group_drop_all(struct mini_sock *ms)
{
	struct mini_member *m;
	struct hlist_node *tmp;

	rtnl_lock();
	lock_sock(&ms->sk);
	hlist_for_each_entry_safe(m, tmp, &ms->groups, node)
		group_del(ms, m);
	release_sock(&ms->sk);
	rtnl_unlock();
}
