// SPDX-License-Identifier: GPL-2.0
/*
 * Options that join and leave groups and choose their sources (RFC 3678): what
 * a program gives, checked, to what group.c does.  Names, sizes and errnos are
 * Linux's.
 *
 * Locks on entry: none; RTNL and the socket lock are taken here.
 */
#include <linux/compat.h>
#include <linux/in.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/uaccess.h>

#include "socket_int.h"

/* What no option of this level is longer than. */
#define GROUP_OPT_MAX	SZ_128K

/*
 * struct group_req and its like begin with an interface; a 32-bit program has
 * no hole behind it.
 */
#define GROUP_OFF(type, field)						\
	(offsetof(struct type, field) - (in_compat_syscall() ? 4 : 0))

bool mini_is_group_opt(int name)
{
	switch (name) {
	case IP_ADD_MEMBERSHIP:
	case IP_DROP_MEMBERSHIP:
	case IP_ADD_SOURCE_MEMBERSHIP:
	case IP_DROP_SOURCE_MEMBERSHIP:
	case IP_BLOCK_SOURCE:
	case IP_UNBLOCK_SOURCE:
	case IP_MSFILTER:
	case MCAST_JOIN_GROUP:
	case MCAST_LEAVE_GROUP:
	case MCAST_JOIN_SOURCE_GROUP:
	case MCAST_LEAVE_SOURCE_GROUP:
	case MCAST_BLOCK_SOURCE:
	case MCAST_UNBLOCK_SOURCE:
	case MCAST_MSFILTER:
		return true;
	default:
		return false;
	}
}

static void groupopt_addr(struct in6_addr *addr, __be32 v4)
{
	*addr = in6addr_any;
	if (v4)
		mini_addr_set_v4(addr, v4);
}

/* The address of a struct sockaddr_storage at @off; false: of another family */
static bool groupopt_sockaddr(const void *opt, size_t off,
			      struct in6_addr *addr)
{
	const struct sockaddr_in *sin = opt + off;

	if (sin->sin_family != AF_INET && sin->sin_family != mini_family)
		return false;
	mini_addr_set_v4(addr, sin->sin_addr.s_addr);
	return true;
}

/* struct ip_mreq or struct ip_mreqn */
static int groupopt_member(struct mini_sock *ms, int name, const void *opt,
			   unsigned int len)
{
	struct mini_group_ref ref = {};
	struct ip_mreqn mreq = {};

	if (ms->sk.sk_type == SOCK_STREAM)
		return -EPROTO;
	if (len < sizeof(struct ip_mreq))
		return -EINVAL;
	memcpy(&mreq, opt, len < sizeof(mreq) ? sizeof(struct ip_mreq) :
						sizeof(mreq));
	mini_addr_set_v4(&ref.group, mreq.imr_multiaddr.s_addr);
	groupopt_addr(&ref.addr, mreq.imr_address.s_addr);
	ref.ifindex = mreq.imr_ifindex;
	if (name == IP_ADD_MEMBERSHIP)
		return mini_group_join(ms, &ref);
	return mini_group_leave(ms, &ref);
}

/* struct ip_mreq_source */
static int groupopt_source(struct mini_sock *ms, int name, const void *opt,
			   unsigned int len)
{
	const struct ip_mreq_source *mreq = opt;
	struct mini_group_ref ref = {};
	struct in6_addr src;

	if (len != sizeof(*mreq))
		return -EINVAL;
	mini_addr_set_v4(&ref.group, mreq->imr_multiaddr);
	groupopt_addr(&ref.addr, mreq->imr_interface);
	mini_addr_set_v4(&src, mreq->imr_sourceaddr);
	switch (name) {
	case IP_ADD_SOURCE_MEMBERSHIP:
		return mini_group_source(ms, &ref, &src, MCAST_INCLUDE, true);
	case IP_DROP_SOURCE_MEMBERSHIP:
		return mini_group_source(ms, &ref, &src, MCAST_INCLUDE, false);
	case IP_BLOCK_SOURCE:
		return mini_group_source(ms, &ref, &src, MCAST_EXCLUDE, true);
	default:
		return mini_group_source(ms, &ref, &src, MCAST_EXCLUDE, false);
	}
}

/* struct group_req */
static int groupopt_group(struct mini_sock *ms, int name, const void *opt,
			  unsigned int len)
{
	struct mini_group_ref ref = {};

	if (len < sizeof(struct group_req) - (in_compat_syscall() ? 4 : 0))
		return -EINVAL;
	if (!groupopt_sockaddr(opt, GROUP_OFF(group_req, gr_group),
			       &ref.group))
		return -EINVAL;
	ref.ifindex = *(const u32 *)opt;
	if (name == MCAST_JOIN_GROUP)
		return mini_group_join(ms, &ref);
	return mini_group_leave(ms, &ref);
}

/* struct group_source_req */
static int groupopt_group_source(struct mini_sock *ms, int name,
				 const void *opt, unsigned int len)
{
	struct mini_group_ref ref = {};
	struct in6_addr src;
	bool add;
	u8 mode;

	if (len < sizeof(struct group_source_req) -
		  (in_compat_syscall() ? 4 : 0))
		return -EINVAL;
	if (!groupopt_sockaddr(opt, GROUP_OFF(group_source_req, gsr_group),
			       &ref.group) ||
	    !groupopt_sockaddr(opt, GROUP_OFF(group_source_req, gsr_source),
			       &src))
		return -EADDRNOTAVAIL;
	ref.ifindex = *(const u32 *)opt;
	add = name == MCAST_JOIN_SOURCE_GROUP || name == MCAST_BLOCK_SOURCE;
	mode = name == MCAST_BLOCK_SOURCE || name == MCAST_UNBLOCK_SOURCE ?
	       MCAST_EXCLUDE : MCAST_INCLUDE;
	return mini_group_source(ms, &ref, &src, mode, add);
}

/* struct ip_msfilter */
static int groupopt_msfilter(struct mini_sock *ms, const void *opt,
			     unsigned int len)
{
	const struct ip_msfilter *msf = opt;
	struct mini_group_ref ref = {};
	struct mini_mc_filter *f;
	unsigned int i;

	if (len < IP_MSFILTER_SIZE(0))
		return -EINVAL;
	if (msf->imsf_numsrc > READ_ONCE(ms->mn->sysctl.igmp_max_msf))
		return -ENOBUFS;
	if (len < IP_MSFILTER_SIZE(msf->imsf_numsrc))
		return -EINVAL;
	mini_addr_set_v4(&ref.group, msf->imsf_multiaddr);
	groupopt_addr(&ref.addr, msf->imsf_interface);
	f = mini_group_filter_alloc(msf->imsf_fmode <= MCAST_INCLUDE ?
				    msf->imsf_fmode : U8_MAX,
				    msf->imsf_numsrc);
	if (!f)
		return -ENOBUFS;
	for (i = 0; i < f->n; i++)
		mini_addr_set_v4(&f->src[i],
				 ((const __be32 *)(opt + sizeof(*msf) -
						   sizeof(__be32)))[i]);
	return mini_group_set_filter(ms, &ref, f);
}

/* struct group_filter: where its parts are */
#define GF_GROUP	GROUP_OFF(group_filter, gf_group)
#define GF_FMODE	GROUP_OFF(group_filter, gf_fmode)
#define GF_NUMSRC	GROUP_OFF(group_filter, gf_numsrc)
#define GF_SLIST	(GF_NUMSRC + sizeof(u32))
#define GF_SIZE(n)	(GF_SLIST + (n) * sizeof(struct __kernel_sockaddr_storage))

static int groupopt_group_filter(struct mini_sock *ms, const void *opt,
				 unsigned int len)
{
	struct mini_group_ref ref = {};
	struct mini_mc_filter *f;
	unsigned int i;
	u32 mode;
	u32 n;

	if (len < GF_SIZE(0))
		return -EINVAL;
	mode = *(const u32 *)(opt + GF_FMODE);
	n = *(const u32 *)(opt + GF_NUMSRC);
	if (n > READ_ONCE(ms->mn->sysctl.igmp_max_msf))
		return -ENOBUFS;
	if (len < GF_SIZE(n))
		return -EINVAL;
	if (!groupopt_sockaddr(opt, GF_GROUP, &ref.group))
		return -EADDRNOTAVAIL;
	ref.ifindex = *(const u32 *)opt;
	f = mini_group_filter_alloc(mode <= MCAST_INCLUDE ? mode : U8_MAX, n);
	if (!f)
		return -ENOBUFS;
	for (i = 0; i < n; i++) {
		if (!groupopt_sockaddr(opt, GF_SIZE(i), &f->src[i])) {
			kfree(f);
			return -EADDRNOTAVAIL;
		}
	}
	return mini_group_set_filter(ms, &ref, f);
}

static int groupopt_set(struct mini_sock *ms, int name, const void *opt,
			unsigned int len)
{
	switch (name) {
	case IP_ADD_MEMBERSHIP:
	case IP_DROP_MEMBERSHIP:
		return groupopt_member(ms, name, opt, len);
	case IP_MSFILTER:
		return groupopt_msfilter(ms, opt, len);
	case MCAST_JOIN_GROUP:
	case MCAST_LEAVE_GROUP:
		return groupopt_group(ms, name, opt, len);
	case MCAST_JOIN_SOURCE_GROUP:
	case MCAST_LEAVE_SOURCE_GROUP:
	case MCAST_BLOCK_SOURCE:
	case MCAST_UNBLOCK_SOURCE:
		return groupopt_group_source(ms, name, opt, len);
	case MCAST_MSFILTER:
		return groupopt_group_filter(ms, opt, len);
	default:
		return groupopt_source(ms, name, opt, len);
	}
}

int mini_setsockopt_group(struct sock *sk, int name, sockptr_t optval,
			  unsigned int len)
{
	struct mini_sock *ms = mini_sk(sk);
	void *opt = NULL;
	int err;

	if (len > GROUP_OPT_MAX)
		return -ENOBUFS;
	if (len) {
		opt = memdup_sockptr(optval, len);
		if (IS_ERR(opt))
			return PTR_ERR(opt);
	}
	rtnl_lock();
	lock_sock(sk);
	err = groupopt_set(ms, name, opt, len);
	release_sock(sk);
	rtnl_unlock();
	kfree(opt);
	return err;
}

/* A copy of the filter that may be read without a lock. */
static struct mini_mc_filter *groupopt_get(struct sock *sk,
					   const struct mini_group_ref *ref,
					   bool find)
{
	const struct mini_mc_filter *f;
	struct mini_mc_filter *copy;

	rtnl_lock();
	lock_sock(sk);
	f = mini_group_get_filter(mini_sk(sk), ref, find);
	if (IS_ERR(f)) {
		copy = ERR_CAST(f);
	} else {
		copy = kmemdup(f, struct_size(f, src, f->n), GFP_KERNEL);
		if (!copy)
			copy = ERR_PTR(-ENOBUFS);
	}
	release_sock(sk);
	rtnl_unlock();
	return copy;
}

static int groupopt_get_msfilter(struct sock *sk, char __user *optval,
				 int __user *optlen, int len)
{
	struct mini_group_ref ref = {};
	struct mini_mc_filter *f;
	struct ip_msfilter msf;
	unsigned int i, n;
	__be32 addr;
	int err = 0;

	if (len < (int)IP_MSFILTER_SIZE(0))
		return -EINVAL;
	if (copy_from_user(&msf, optval, IP_MSFILTER_SIZE(0)))
		return -EFAULT;
	mini_addr_set_v4(&ref.group, msf.imsf_multiaddr);
	groupopt_addr(&ref.addr, msf.imsf_interface);
	f = groupopt_get(sk, &ref, true);
	if (IS_ERR(f))
		return PTR_ERR(f);
	n = min(f->n, msf.imsf_numsrc);
	msf.imsf_fmode = f->mode;
	msf.imsf_numsrc = f->n;
	if (put_user((int)IP_MSFILTER_SIZE(n), optlen) ||
	    copy_to_user(optval, &msf, IP_MSFILTER_SIZE(0)))
		err = -EFAULT;
	for (i = 0; i < n && !err; i++) {
		addr = mini_addr_v4(&f->src[i]);
		if (copy_to_user(optval + IP_MSFILTER_SIZE(i), &addr,
				 sizeof(addr)))
			err = -EFAULT;
	}
	kfree(f);
	return err;
}

static int groupopt_put_sources(const struct mini_mc_filter *f, unsigned int n,
				char __user *optval)
{
	struct sockaddr_storage ss = {};
	struct sockaddr_in *sin = (struct sockaddr_in *)&ss;
	unsigned int i;

	sin->sin_family = AF_INET;
	for (i = 0; i < n; i++) {
		sin->sin_addr.s_addr = mini_addr_v4(&f->src[i]);
		if (copy_to_user(optval + GF_SIZE(i), &ss, sizeof(ss)))
			return -EFAULT;
	}
	return 0;
}

static int groupopt_get_group_filter(struct sock *sk, char __user *optval,
				     int __user *optlen, int len)
{
	struct mini_group_ref ref = {};
	struct mini_mc_filter *f;
	u8 opt[sizeof(struct group_filter)];
	u32 n, mode, all;
	int err = 0;

	if (len < (int)GF_SIZE(0))
		return -EINVAL;
	if (copy_from_user(opt, optval, GF_SIZE(0)))
		return -EFAULT;
	memcpy(&n, opt + GF_NUMSRC, sizeof(n));
	memcpy(&ref.ifindex, opt, sizeof(u32));
	if (!groupopt_sockaddr(opt, GF_GROUP, &ref.group))
		return -EINVAL;
	f = groupopt_get(sk, &ref, false);
	if (IS_ERR(f))
		return PTR_ERR(f);
	n = min(f->n, n);
	mode = f->mode;
	all = f->n;
	if (put_user((int)GF_SIZE(n), optlen) ||
	    copy_to_user(optval + GF_FMODE, &mode, sizeof(mode)) ||
	    copy_to_user(optval + GF_NUMSRC, &all, sizeof(all)))
		err = -EFAULT;
	if (!err)
		err = groupopt_put_sources(f, n, optval);
	kfree(f);
	return err;
}

int mini_getsockopt_group(struct sock *sk, int name, char __user *optval,
			  int __user *optlen, int len)
{
	switch (name) {
	case IP_MSFILTER:
		return groupopt_get_msfilter(sk, optval, optlen, len);
	case MCAST_MSFILTER:
		return groupopt_get_group_filter(sk, optval, optlen, len);
	default:
		return -ENOPROTOOPT;
	}
}
