// SPDX-License-Identifier: GPL-2.0
/*
 * setsockopt() and getsockopt(): levels SOL_SOCKET, IPPROTO_IP and SOL_MINI;
 * the transport's own level goes to the transport.  Names, values and errors
 * are those of AF_INET; what has no meaning here is ENOPROTOOPT.
 *
 * Locks on entry: none; the socket lock is taken here.
 */
#include <linux/in.h>
#include <linux/net_tstamp.h>
#include <linux/socket.h>
#include <linux/uaccess.h>
#include <net/inet_ecn.h>
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
	case IP_MTU_DISCOVER:
		if (val < IP_PMTUDISC_DONT || val > IP_PMTUDISC_OMIT)
			return -EINVAL;
		WRITE_ONCE(ms->pmtudisc, val);
		return 0;
	case IP_RECVERR:
		ms->recverr = !!val;
		if (!val)
			skb_errqueue_purge(&ms->sk.sk_error_queue);
		return 0;
	case IP_PKTINFO:
		ms->pktinfo = !!val;
		return 0;
	case IP_RECVTTL:
		ms->recvttl = !!val;
		return 0;
	case IP_RECVTOS:
		ms->recvtos = !!val;
		return 0;
	case IP_RECVORIGDSTADDR:
		ms->origdst = !!val;
		return 0;
	case IP_FREEBIND:
		ms->freebind = !!val;
		return 0;
	case IP_HDRINCL:
		if (ms->sk.sk_type != SOCK_RAW)
			return -ENOPROTOOPT;
		ms->hdrincl = !!val;
		return 0;
	case IP_BIND_ADDRESS_NO_PORT:
		ms->bind_no_port = !!val;
		return 0;
	default:
		return -ENOPROTOOPT;
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
		return 0;
	}
	if (!ms->conn.tuple.rport && ms->sk.sk_state != TCP_ESTABLISHED)
		return -ENOTCONN;
	mini_sk_flow(ms, &ms->conn.tuple.raddr, &fl);
	err = mini_path_lookup(ms->mn, &fl, &path);
	if (err)
		return err;
	/* A packet cannot be larger, whatever the device. */
	*val = min_t(u32, path.mtu, IP_MAX_MTU);
	mini_path_release(&path);
	return 0;
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
	case IP_MTU_DISCOVER:
		*val = ms->pmtudisc;
		return 0;
	case IP_MTU:
		return mini_ip_get_mtu(ms, val);
	case IP_RECVERR:
		*val = ms->recverr;
		return 0;
	case IP_PKTINFO:
		*val = ms->pktinfo;
		return 0;
	case IP_RECVTTL:
		*val = ms->recvttl;
		return 0;
	case IP_RECVTOS:
		*val = ms->recvtos;
		return 0;
	case IP_RECVORIGDSTADDR:
		*val = ms->origdst;
		return 0;
	case IP_FREEBIND:
		*val = ms->freebind;
		return 0;
	case IP_HDRINCL:
		*val = ms->hdrincl;
		return 0;
	case IP_BIND_ADDRESS_NO_PORT:
		*val = ms->bind_no_port;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int mini_opt_int(sockptr_t optval, unsigned int len, int *val)
{
	if (len < sizeof(*val))
		return -EINVAL;
	return copy_from_sockptr(val, optval, sizeof(*val)) ? -EFAULT : 0;
}

static int mini_setsockopt_ip(struct sock *sk, int name, sockptr_t optval,
			      unsigned int len)
{
	int val;
	int err;
	u8 octet;

	/* IP's options may be given as one octet. */
	if (len && len < sizeof(val)) {
		if (copy_from_sockptr(&octet, optval, sizeof(octet)))
			return -EFAULT;
		val = octet;
	} else {
		err = mini_opt_int(optval, len, &val);
		if (err)
			return err;
	}
	lock_sock(sk);
	err = mini_ip_set(mini_sk(sk), name, val);
	release_sock(sk);
	return err;
}

static int mini_setsockopt_mini(struct sock *sk, int name, sockptr_t optval,
				unsigned int len)
{
	int val;
	int err;

	if (name != MINI_DOMAIN)
		return -ENOPROTOOPT;
	err = mini_opt_int(optval, len, &val);
	if (err)
		return err;
	if (val != AF_INET)
		return val == AF_INET6 ? -EAFNOSUPPORT : -EINVAL;

	/* A socket that has a name keeps the domain it was named in. */
	lock_sock(sk);
	err = mini_sk(sk)->port.port ? -EINVAL : 0;
	release_sock(sk);
	return err;
}

/* As for AF_INET: a stream's stamps have numbers once it has a place in it. */
static int mini_set_stamping(struct socket *sock, int name, sockptr_t optval,
			     unsigned int len)
{
	struct sock *sk = sock->sk;
	int val = 0;
	int err;

	if (sk->sk_type != SOCK_STREAM)
		return sock_setsockopt(sock, SOL_SOCKET, name, optval, len);
	if (len >= sizeof(val) && copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	if (val & SOF_TIMESTAMPING_OPT_ID &&
	    !(READ_ONCE(sk->sk_tsflags) & SOF_TIMESTAMPING_OPT_ID) &&
	    (1 << READ_ONCE(sk->sk_state)) & (TCPF_CLOSE | TCPF_LISTEN))
		return -EINVAL;
	err = sock_setsockopt(sock, SOL_SOCKET, name, optval, len);
	if (!err)
		mini_tcp_stamp_ids(sk);
	return err;
}

/* Newer cores keep some options to the families they know. */
static int mini_setsockopt_socket(struct socket *sock, int name,
				  sockptr_t optval, unsigned int len)
{
	struct sock *sk = sock->sk;
	int val;
	int err;

	switch (name) {
	case SO_TIMESTAMPING_OLD:
	case SO_TIMESTAMPING_NEW:
		return mini_set_stamping(sock, name, optval, len);
	case SO_ZEROCOPY:
		if (sk->sk_type == SOCK_STREAM)
			break;
		fallthrough;
	default:
		return sock_setsockopt(sock, SOL_SOCKET, name, optval, len);
	case SO_REUSEPORT:
		break;
	}
	err = mini_opt_int(optval, len, &val);
	if (err)
		return err;
	if (name == SO_ZEROCOPY && (val < 0 || val > 1))
		return -EINVAL;
	lock_sock(sk);
	if (name == SO_ZEROCOPY)
		sock_valbool_flag(sk, SOCK_ZEROCOPY, val);
	else
		sk->sk_reuseport = !!val;
	release_sock(sk);
	return 0;
}

/* The level whose options are the transport's. */
static int mini_own_level(const struct sock *sk)
{
	return sk->sk_type == SOCK_RAW ? SOL_RAW : sk->sk_protocol;
}

int mini_setsockopt(struct socket *sock, int level, int name, sockptr_t val,
		    unsigned int len)
{
	struct sock *sk = sock->sk;

	switch (level) {
	case SOL_SOCKET:
		return mini_setsockopt_socket(sock, name, val, len);
	case SOL_IP:
		return mini_setsockopt_ip(sk, name, val, len);
	case SOL_MINI:
		return mini_setsockopt_mini(sk, name, val, len);
	}
	if (level == mini_own_level(sk) && sk->sk_prot->setsockopt)
		return sk->sk_prot->setsockopt(sk, level, name, val, len);
	return -ENOPROTOOPT;
}

/* As much of @val as the program has room for; an octet if it asks so. */
static int mini_put_opt(int val, int len, bool octet_ok, char __user *optval,
			int __user *optlen)
{
	u8 octet = val;

	if (octet_ok && len > 0 && len < (int)sizeof(val) && val >= 0 &&
	    val <= 255) {
		if (put_user(1, optlen) || copy_to_user(optval, &octet, 1))
			return -EFAULT;
		return 0;
	}
	len = min_t(int, len, sizeof(val));
	if (put_user(len, optlen) || copy_to_user(optval, &val, len))
		return -EFAULT;
	return 0;
}

static int mini_getsockopt_ip(struct sock *sk, int name, char __user *optval,
			      int __user *optlen)
{
	int len;
	int val;
	int err;

	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	lock_sock(sk);
	err = mini_ip_get(mini_sk(sk), name, &val);
	release_sock(sk);
	return err ? err : mini_put_opt(val, len, true, optval, optlen);
}

static int mini_getsockopt_mini(struct sock *sk, int name, char __user *optval,
				int __user *optlen)
{
	int len;

	if (name != MINI_DOMAIN)
		return -ENOPROTOOPT;
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	return mini_put_opt(READ_ONCE(mini_sk(sk)->domain), len, false, optval,
			    optlen);
}

int mini_getsockopt(struct socket *sock, int level, int name, char __user *val,
		    int __user *len)
{
	struct sock *sk = sock->sk;

	switch (level) {
	case SOL_IP:
		return mini_getsockopt_ip(sk, name, val, len);
	case SOL_MINI:
		return mini_getsockopt_mini(sk, name, val, len);
	}
	if (level == mini_own_level(sk) && sk->sk_prot->getsockopt)
		return sk->sk_prot->getsockopt(sk, level, name, val, len);
	/* AF_INET's answer differs from setsockopt()'s, too. */
	return -EOPNOTSUPP;
}
