// SPDX-License-Identifier: GPL-2.0
/*
 * Options of level IPPROTO_IP (RFC 1122 section 3.4), with Linux's names,
 * ranges and errnos.  What this stack has no use for is ENOPROTOOPT unless it
 * asks for what is so already: Documentation/differences.rst lists them.
 *
 * Locks on entry: none for set and get, which take the socket lock; it is held
 * for mini_ip_set() and mini_ip_get().
 */
#include <linux/capability.h>
#include <linux/in.h>
#include <linux/slab.h>
#include <linux/socket.h>
#include <linux/uaccess.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/route.h>
#include <net/tcp_states.h>

#include "../tcp/tcp.h"
#include "socket_int.h"

static int mini_ip_set_tos(struct mini_sock *ms, int val)
{
	/* The two bits of ECN belong to TCP (RFC 3168). */
	if (ms->sk.sk_type == SOCK_STREAM)
		val = (val & ~INET_ECN_MASK) | (ms->tos & INET_ECN_MASK);
	WRITE_ONCE(ms->tos, val);
	WRITE_ONCE(ms->sk.sk_priority, rt_tos2priority(ms->tos));
	return 0;
}

/* As with AF_INET: to lend any address is for who may send anything. */
static int mini_ip_set_transparent(struct mini_sock *ms, int val)
{
	struct user_namespace *user_ns = sock_net(&ms->sk)->user_ns;

	if (val && !ns_capable(user_ns, CAP_NET_RAW) &&
	    !ns_capable(user_ns, CAP_NET_ADMIN))
		return -EPERM;
	ms->transparent = !!val;
	return 0;
}

static int mini_ip_set_mc_ttl(struct mini_sock *ms, int val)
{
	if (ms->sk.sk_type == SOCK_STREAM)
		return -EINVAL;
	if (val == -1)
		val = 1;
	if (val < 0 || val > 255)
		return -EINVAL;
	WRITE_ONCE(ms->mc_ttl, val);
	return 0;
}

/* The lowest and the highest port; 0: as the namespace says. */
static int mini_ip_set_port_range(struct mini_sock *ms, u32 val)
{
	u16 low = val;
	u16 high = val >> 16;

	if (low && high && low > high)
		return -EINVAL;
	ms->port.range = val;
	return 0;
}

/* Of AF_INET's answers to what makes no sense here, as it has them. */
static int mini_ip_set_ralert(struct mini_sock *ms, bool on)
{
	const struct sock *sk = &ms->sk;

	if (sk->sk_type != SOCK_RAW || sk->sk_protocol == IPPROTO_RAW)
		return -EINVAL;
	if (ms->ralert == on)
		return on ? -EADDRINUSE : -ENOBUFS;
	ms->ralert = on;
	return 0;
}

/* Options that are on or off. */
static int mini_ip_set_flag(struct mini_sock *ms, int name, bool on)
{
	switch (name) {
	case IP_RECVERR:
		ms->recverr = on;
		if (!on)
			skb_errqueue_purge(&ms->sk.sk_error_queue);
		return 0;
	case IP_PKTINFO:
		ms->pktinfo = on;
		return 0;
	case IP_RECVTTL:
		ms->recvttl = on;
		return 0;
	case IP_RECVTOS:
		ms->recvtos = on;
		return 0;
	case IP_RECVORIGDSTADDR:
		ms->origdst = on;
		return 0;
	case IP_PASSSEC:
		ms->passsec = on;
		return 0;
	case IP_FREEBIND:
		ms->freebind = on;
		return 0;
	case IP_BIND_ADDRESS_NO_PORT:
		ms->bind_no_port = on;
		return 0;
	case IP_MULTICAST_LOOP:
		ms->mc_loop = on;
		return 0;
	case IP_HDRINCL:
		if (ms->sk.sk_type != SOCK_RAW)
			return -ENOPROTOOPT;
		ms->hdrincl = on;
		return 0;
	case IP_ROUTER_ALERT:
		return mini_ip_set_ralert(ms, on);
	case IP_RECVOPTS:
		ms->recvopts = on;
		return 0;
	case IP_RETOPTS:
		ms->retopts = on;
		return 0;
	case IP_RECVFRAGSIZE:
		if (ms->sk.sk_type == SOCK_STREAM)
			return -EINVAL;
		ms->recvfragsize = on;
		return 0;
	case IP_CHECKSUM:
		/* Nothing is told of it: off is all there is. */
		return on ? -ENOPROTOOPT : 0;
	default:
		return -ENOPROTOOPT;
	}
}

int mini_ip_set(struct mini_sock *ms, int name, int val)
{
	switch (name) {
	case IP_TOS:
		return mini_ip_set_tos(ms, val);
	case IP_TTL:
		if (val != -1 && (val < 1 || val > 255))
			return -EINVAL;
		WRITE_ONCE(ms->ttl, val);
		return 0;
	case IP_MINTTL:
		if (val < 0 || val > 255)
			return -EINVAL;
		WRITE_ONCE(ms->minttl, val);
		return 0;
	case IP_MTU_DISCOVER:
		if (val < IP_PMTUDISC_DONT || val > IP_PMTUDISC_OMIT)
			return -EINVAL;
		WRITE_ONCE(ms->pmtudisc, val);
		return 0;
	case IP_RECVERR_RFC4884:
		if (val < 0 || val > 1)
			return -EINVAL;
		ms->rfc4884 = val;
		return 0;
	case IP_MULTICAST_ALL:
		if (val < 0 || val > 1)
			return -EINVAL;
		ms->mc_all = val;
		return 0;
	case IP_MULTICAST_TTL:
		return mini_ip_set_mc_ttl(ms, val);
	case IP_TRANSPARENT:
		return mini_ip_set_transparent(ms, val);
	case IP_LOCAL_PORT_RANGE:
		return mini_ip_set_port_range(ms, val);
	default:
		return mini_ip_set_flag(ms, name, val);
	}
}

/* A datagram socket keeps no path: it is looked up as sendmsg() would. */
static int mini_ip_get_mtu(const struct mini_sock *ms, int *val)
{
	struct mini_path path = {};
	struct mini_flow fl;
	int err;

	if (ms->path.mdev) {
		*val = ms->sk.sk_type == SOCK_STREAM ?
		       mini_tcp_mtu((const struct mini_tcp_sock *)ms) :
		       ms->path.mtu;
		*val = min_t(int, *val, IP_MAX_MTU);
		return 0;
	}
	if (!ms->conn.tuple.rport && ms->sk.sk_state != TCP_ESTABLISHED)
		return -ENOTCONN;
	mini_sk_flow(ms, &ms->conn.tuple.raddr, &fl);
	fl.hash = mini_sk_flow_hash(ms, ms->conn.tuple.rport);
	err = mini_path_lookup(ms->mn, &fl, &path);
	if (err)
		return err;
	*val = min_t(int, path.mtu, IP_MAX_MTU);
	mini_path_release(&path);
	return 0;
}

/* What is kept, and what is never on. */
static int mini_ip_get_flag(const struct mini_sock *ms, int name)
{
	switch (name) {
	case IP_RECVERR:
		return ms->recverr;
	case IP_PKTINFO:
		return ms->pktinfo;
	case IP_RECVTTL:
		return ms->recvttl;
	case IP_RECVTOS:
		return ms->recvtos;
	case IP_RECVORIGDSTADDR:
		return ms->origdst;
	case IP_PASSSEC:
		return ms->passsec;
	case IP_FREEBIND:
		return ms->freebind;
	case IP_TRANSPARENT:
		return ms->transparent;
	case IP_BIND_ADDRESS_NO_PORT:
		return ms->bind_no_port;
	case IP_RECVERR_RFC4884:
		return ms->rfc4884;
	case IP_MULTICAST_LOOP:
		return ms->mc_loop;
	case IP_MULTICAST_ALL:
		return ms->mc_all;
	case IP_HDRINCL:
		return ms->hdrincl;
	case IP_ROUTER_ALERT:
		return ms->ralert;
	case IP_RECVOPTS:
		return ms->recvopts;
	case IP_RETOPTS:
		return ms->retopts;
	case IP_RECVFRAGSIZE:
		return ms->recvfragsize;
	case IP_NODEFRAG:
	case IP_CHECKSUM:
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

int mini_ip_get(const struct mini_sock *ms, int name, int *val)
{
	switch (name) {
	case IP_TOS:
		*val = ms->tos;
		return 0;
	case IP_TTL:
		*val = mini_sk_ttl(ms);
		return 0;
	case IP_MINTTL:
		*val = ms->minttl;
		return 0;
	case IP_MTU_DISCOVER:
		*val = ms->pmtudisc;
		return 0;
	case IP_MTU:
		return mini_ip_get_mtu(ms, val);
	case IP_MULTICAST_TTL:
		*val = ms->mc_ttl;
		return 0;
	case IP_UNICAST_IF:
		*val = (__force int)htonl(ms->uc_index);
		return 0;
	case IP_LOCAL_PORT_RANGE:
		*val = ms->port.range;
		return 0;
	case IP_PROTOCOL:
		/* Of a raw socket its protocol; of the others, the port. */
		*val = ms->sk.sk_type == SOCK_RAW ? ms->sk.sk_protocol :
		       ntohs(ms->conn.tuple.lport);
		return 0;
	default:
		*val = mini_ip_get_flag(ms, name);
		return min(*val, 0);
	}
}

/* A device of this stack that packets of the socket may leave by. */
static int mini_ip_check_dev(const struct mini_sock *ms, int ifindex)
{
	int bound = ms->sk.sk_bound_dev_if;
	bool known;

	rcu_read_lock();
	known = mini_dev_by_index(ms->mn, ifindex);
	rcu_read_unlock();
	if (!known)
		return -EADDRNOTAVAIL;
	return bound && bound != ifindex ? -EINVAL : 0;
}

static int mini_ip_set_unicast_if(struct mini_sock *ms, __be32 val)
{
	int ifindex = ntohl(val);
	int err = ifindex ? mini_ip_check_dev(ms, ifindex) : 0;

	if (err)
		return err;
	WRITE_ONCE(ms->uc_index, ifindex);
	ms->flow_if = 1;
	return 0;
}

/* The device that has an address, 0: none. */
static int mini_ip_dev_of(struct mini_net *mn, const struct in6_addr *addr)
{
	struct mini_ifaddr *ifa;
	struct mini_dev *mdev;
	int ifindex = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(mdev, mini_dev_list(mn), list) {
		list_for_each_entry_rcu(ifa, &mdev->addrs, list) {
			if (mini_addr_equal(&ifa->addr, addr))
				ifindex = mdev->ifindex;
		}
	}
	rcu_read_unlock();
	return ifindex;
}

/* An address, a struct ip_mreq or a struct ip_mreqn. */
static int mini_ip_set_multicast_if(struct mini_sock *ms, sockptr_t optval,
				    unsigned int len)
{
	struct ip_mreqn mreq = {};
	struct in6_addr addr;
	int err;

	if (ms->sk.sk_type == SOCK_STREAM || len < sizeof(struct in_addr))
		return -EINVAL;
	if (len >= sizeof(mreq))
		err = copy_from_sockptr(&mreq, optval, sizeof(mreq));
	else if (len >= sizeof(struct ip_mreq))
		err = copy_from_sockptr(&mreq, optval, sizeof(struct ip_mreq));
	else
		err = copy_from_sockptr(&mreq.imr_address, optval,
					sizeof(struct in_addr));
	if (err)
		return -EFAULT;
	addr = in6addr_any;
	if (mreq.imr_address.s_addr)
		mini_addr_set_v4(&addr, mreq.imr_address.s_addr);
	if (!mreq.imr_ifindex && !mini_addr_any(&addr))
		mreq.imr_ifindex = mini_ip_dev_of(ms->mn, &addr) ?: -1;
	if (mreq.imr_ifindex) {
		err = mini_ip_check_dev(ms, mreq.imr_ifindex);
		if (err)
			return err;
	}
	WRITE_ONCE(ms->mc_index, mreq.imr_ifindex);
	ms->mc_addr = addr;
	ms->flow_if = 1;
	return 0;
}

/* What is sent with each packet; a stream has none. */
static int mini_ip_set_options(struct sock *sk, sockptr_t optval,
			       unsigned int len)
{
	bool raw = ns_capable(sock_net(sk)->user_ns, CAP_NET_RAW);
	struct mini_sock *ms = mini_sk(sk);
	struct mini_ip_opts *opts = NULL;
	int err = 0;

	if (len > sizeof(opts->data))
		return -EINVAL;
	if (len) {
		opts = kzalloc(sizeof(*opts), GFP_KERNEL_ACCOUNT);
		if (!opts)
			return -ENOMEM;
		if (copy_from_sockptr(opts->data, optval, len))
			err = -EFAULT;
		else
			err = mini_options_user(opts, len, raw);
		if (!err && sk->sk_type == SOCK_STREAM)
			err = -ENOPROTOOPT;
	}
	if (err) {
		kfree(opts);
		return err;
	}
	lock_sock(sk);
	opts = rcu_replace_pointer(ms->ipopts, opts, lockdep_sock_is_held(sk));
	release_sock(sk);
	if (opts)
		kfree_rcu(opts, rcu);
	return 0;
}

static int mini_ip_get_options(struct sock *sk, char __user *optval,
			       int __user *optlen, int len)
{
	struct mini_sock *ms = mini_sk(sk);
	const struct mini_ip_opts *opts;
	u8 buf[MAX_IPOPTLEN];
	int have = 0;

	lock_sock(sk);
	opts = rcu_dereference_protected(ms->ipopts, lockdep_sock_is_held(sk));
	if (opts) {
		have = opts->len;
		memcpy(buf, opts->data, have);
	}
	release_sock(sk);
	len = min(len, have);
	if (put_user(len, optlen) || copy_to_user(optval, buf, len))
		return -EFAULT;
	return 0;
}

/* Those that have no value when no octet is given. */
static bool mini_ip_needs_octet(int name)
{
	switch (name) {
	case IP_TTL:
	case IP_MINTTL:
	case IP_FREEBIND:
	case IP_TRANSPARENT:
	case IP_MULTICAST_TTL:
	case IP_MULTICAST_LOOP:
	case IP_MULTICAST_ALL:
		return true;
	default:
		return false;
	}
}

/* An int, an octet, or nothing, which is 0. */
static int mini_ip_opt_value(int name, sockptr_t optval, unsigned int len,
			     int *val)
{
	u8 octet;

	*val = 0;
	if (len >= sizeof(*val))
		return copy_from_sockptr(val, optval, sizeof(*val)) ?
		       -EFAULT : 0;
	if (name == IP_UNICAST_IF || name == IP_LOCAL_PORT_RANGE)
		return -EINVAL;
	if (!len)
		return mini_ip_needs_octet(name) ? -EINVAL : 0;
	if (copy_from_sockptr(&octet, optval, sizeof(octet)))
		return -EFAULT;
	*val = octet;
	return 0;
}

int mini_setsockopt_ip(struct sock *sk, int name, sockptr_t optval,
		       unsigned int len)
{
	struct mini_sock *ms = mini_sk(sk);
	int val;
	int err;

	if (mini_is_group_opt(name))
		return mini_setsockopt_group(sk, name, optval, len);
	switch (name) {
	case IP_OPTIONS:
		return mini_ip_set_options(sk, optval, len);
	case IP_MULTICAST_IF:
		lock_sock(sk);
		err = mini_ip_set_multicast_if(ms, optval, len);
		release_sock(sk);
		return err;
	}
	err = mini_ip_opt_value(name, optval, len, &val);
	if (err)
		return err;
	if (len != sizeof(val) &&
	    (name == IP_UNICAST_IF || name == IP_LOCAL_PORT_RANGE))
		return -EINVAL;
	lock_sock(sk);
	if (name == IP_UNICAST_IF)
		err = mini_ip_set_unicast_if(ms, (__force __be32)val);
	else
		err = mini_ip_set(ms, name, val);
	release_sock(sk);
	return err;
}

static int mini_ip_put(const void *val, int len, char __user *optval,
		       int __user *optlen)
{
	if (put_user(len, optlen) || copy_to_user(optval, val, len))
		return -EFAULT;
	return 0;
}

int mini_getsockopt_ip(struct sock *sk, int name, char __user *optval,
		       int __user *optlen)
{
	struct mini_sock *ms = mini_sk(sk);
	__be32 addr;
	u8 octet;
	int len;
	int val;
	int err;

	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	if (name == IP_OPTIONS)
		return mini_ip_get_options(sk, optval, optlen, len);
	/* A stream tells nothing of packets. */
	if (name == IP_PKTOPTIONS && sk->sk_type == SOCK_STREAM)
		return put_user(0, optlen) ? -EFAULT : 0;
	if (mini_is_group_opt(name))
		return mini_getsockopt_group(sk, name, optval, optlen, len);
	lock_sock(sk);
	addr = mini_addr_any(&ms->mc_addr) ? 0 : mini_addr_v4(&ms->mc_addr);
	err = name == IP_MULTICAST_IF ? 0 : mini_ip_get(ms, name, &val);
	release_sock(sk);
	if (err)
		return err;
	if (name == IP_MULTICAST_IF)
		return mini_ip_put(&addr, min_t(int, len, sizeof(addr)),
				   optval, optlen);
	/* Who has less room than an int gets an octet if that is enough. */
	if (len > 0 && len < (int)sizeof(val) && val >= 0 && val <= 255) {
		octet = val;
		return mini_ip_put(&octet, sizeof(octet), optval, optlen);
	}
	return mini_ip_put(&val, min_t(int, len, sizeof(val)), optval, optlen);
}
