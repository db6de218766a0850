// SPDX-License-Identifier: GPL-2.0
/*
 * setsockopt() and getsockopt(): which level goes where, and the levels
 * SOL_SOCKET and SOL_MINI.  IPPROTO_IP's options are in ipopt.c, a transport's
 * own with the transport.  Names, values and errors are those of AF_INET; what
 * has no meaning here is ENOPROTOOPT.
 *
 * Locks on entry: none; the socket lock is taken here.
 */
#include <linux/in.h>
#include <linux/net_tstamp.h>
#include <linux/socket.h>
#include <linux/uaccess.h>
#include <net/tcp_states.h>

#include "../tcp/tcp.h"
#include "socket_int.h"

static int mini_opt_int(sockptr_t optval, unsigned int len, int *val)
{
	if (len < sizeof(*val))
		return -EINVAL;
	return copy_from_sockptr(val, optval, sizeof(*val)) ? -EFAULT : 0;
}

static int mini_set_reuseport(struct sock *sk, sockptr_t optval,
			      unsigned int len)
{
	int val;
	int err;

	err = mini_opt_int(optval, len, &val);
	if (err)
		return err;
	lock_sock(sk);
	sk->sk_reuseport = !!val;
	release_sock(sk);
	return 0;
}

static int mini_setsockopt_mini(struct sock *sk, int name, sockptr_t optval,
				unsigned int len)
{
	int val;
	int err;

	if (name == MINI_REUSEPORT)
		return mini_set_reuseport(sk, optval, len);
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
		return mini_set_reuseport(sk, optval, len);
	}
	err = mini_opt_int(optval, len, &val);
	if (err)
		return err;
	if (val < 0 || val > 1)
		return -EINVAL;
	lock_sock(sk);
	sock_valbool_flag(sk, SOCK_ZEROCOPY, val);
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

static int mini_getsockopt_mini(struct sock *sk, int name, char __user *optval,
				int __user *optlen)
{
	int len;
	int val;

	if (name != MINI_DOMAIN && name != MINI_REUSEPORT)
		return -ENOPROTOOPT;
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	val = READ_ONCE(mini_sk(sk)->domain);
	if (name == MINI_REUSEPORT)
		val = sk->sk_reuseport;
	len = min_t(int, len, sizeof(val));
	if (put_user(len, optlen) || copy_to_user(optval, &val, len))
		return -EFAULT;
	return 0;
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
