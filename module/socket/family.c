// SPDX-License-Identifier: GPL-2.0
/*
 * The family: socket(), and the calls that streams and datagrams share.
 *
 * A descriptor pins the module by its proto_ops' owner.  Sockets alone do not
 * (their proto has none): rmmod ends what close() left behind.
 *
 * Locks on entry: none; each call takes the socket lock where it changes the
 * socket.
 */
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/module.h>
#include <linux/sched.h>
#include <net/tcp_states.h>

#include "../raw/raw.h"
#include "../tcp/tcp.h"
#include "../udp/udp.h"
#include "socket_int.h"

int mini_release(struct socket *sock)
{
	struct sock *sk = sock->sk;
	long timeout = 0;

	if (!sk)
		return 0;
	/* A process that is being killed waits for nobody. */
	if (sock_flag(sk, SOCK_LINGER) && !(current->flags & PF_EXITING))
		timeout = sk->sk_lingertime;
	if (unlikely(!hlist_empty(&mini_sk(sk)->groups)))
		mini_group_drop_all(mini_sk(sk));
	sk->sk_prot->close(sk, timeout);
	sock->sk = NULL;
	return 0;
}

/* AF_UNSPEC with INADDR_ANY means AF_INET: programs of old say so. */
static int mini_bind_name(const struct mini_sock *ms,
			  const mini_sockaddr *uaddr, int len,
			  struct in6_addr *addr, __be16 *port)
{
	const struct sockaddr_in *sin = (const struct sockaddr_in *)uaddr;

	if (len >= (int)sizeof(*sin) && sin->sin_family == AF_UNSPEC &&
	    sin->sin_addr.s_addr == htonl(INADDR_ANY)) {
		*addr = in6addr_any;
		*port = sin->sin_port;
		return 0;
	}
	return mini_name_from_user(ms, uaddr, len, addr, port);
}

static bool mini_port_allowed(const struct mini_net *mn, __be16 port)
{
	return !port ||
	       ntohs(port) >= READ_ONCE(mn->sysctl.ip_unprivileged_port_start) ||
	       ns_capable(mn->net->user_ns, CAP_NET_BIND_SERVICE);
}

/**
 * mini_bind_addr() - may a socket be bound to an address?
 * @ms: the socket
 * @addr: the address
 * @source: told whether packets may carry it as their source
 */
static bool mini_bind_addr(const struct mini_sock *ms,
			   const struct in6_addr *addr, bool *source)
{
	*source = true;
	if (mini_addr_any(addr))
		return true;
	switch (mini_addr_type(ms->mn, addr)) {
	case MINI_ROUTE_LOCAL:
		return true;
	case MINI_ROUTE_UNICAST:
		return ms->freebind || ms->transparent;
	default:
		/*
		 * Broadcast, multicast: datagrams are received from there.  A
		 * stream may be bound to it as with AF_INET, to no use.
		 */
		*source = false;
		return true;
	}
}

int mini_bind(struct socket *sock, mini_sockaddr *uaddr, int len)
{
	struct mini_sock *ms = mini_sk(sock->sk);
	struct sock *sk = sock->sk;
	struct in6_addr addr;
	bool source;
	__be16 port;
	int err;

	if (sk->sk_prot->bind)
		return sk->sk_prot->bind(sk, uaddr, len);
	err = mini_bind_name(ms, uaddr, len, &addr, &port);
	if (err)
		return err;

	lock_sock(sk);
	err = -EADDRNOTAVAIL;
	if (!mini_bind_addr(ms, &addr, &source))
		goto out;
	err = -EACCES;
	if (!mini_port_allowed(ms->mn, port))
		goto out;
	err = -EINVAL;
	if (sk->sk_state != TCP_CLOSE || ms->port.port)
		goto out;

	err = 0;
	ms->bound = addr;
	if (port || !ms->bind_no_port) {
		mini_sk_port_fill(ms);
		err = mini_port_bind(ms->mn, sk->sk_protocol, &ms->port, port);
	}
	if (err) {
		ms->bound = in6addr_any;
		goto out;
	}
	ms->conn.tuple.laddr = source ? addr : in6addr_any;
	ms->conn.tuple.lport = mini_port_num(&ms->port);
	sk->sk_userlocks &= ~(SOCK_BINDADDR_LOCK | SOCK_BINDPORT_LOCK);
	if (!mini_addr_any(&addr))
		sk->sk_userlocks |= SOCK_BINDADDR_LOCK;
	if (port)
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
out:
	release_sock(sk);
	return err;
}

int mini_getname(struct socket *sock, struct sockaddr *uaddr, int peer)
{
	struct mini_sock *ms = mini_sk(sock->sk);
	const struct mini_tuple *t = &ms->conn.tuple;
	struct sock *sk = sock->sk;
	int ret;

	lock_sock(sk);
	if (!peer) {
		/* Bound to a broadcast address, the source is another. */
		const struct in6_addr *addr = mini_addr_any(&t->laddr) ?
					      &ms->bound : &t->laddr;

		ret = mini_name_to_user(ms, addr, t->lport, uaddr);
	} else if (!t->rport ||
		   (peer == 1 && (sk->sk_state == TCP_CLOSE ||
				  sk->sk_state == TCP_SYN_SENT))) {
		/* 2: accept() tells who it was, though it has reset by now. */
		ret = -ENOTCONN;
	} else {
		ret = mini_name_to_user(ms, &t->raddr, t->rport, uaddr);
	}
	release_sock(sk);
	return ret;
}

int mini_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	struct sock *sk = sock->sk;
	int err;

	err = mini_ifreq_ioctl(mini_sk(sk)->mn, cmd, (void __user *)arg);
	if (err != -ENOIOCTLCMD)
		return err;
	/* What the transport does not know, the core may: SIOCGIFINDEX... */
	if (!sk->sk_prot->ioctl)
		return -ENOIOCTLCMD;
	return sk_ioctl(sk, cmd, (void __user *)arg);
}

#ifdef CONFIG_COMPAT
/* All arguments point to an int, which a 32-bit program has too. */
int mini_compat_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg)
{
	return mini_ioctl(sock, cmd, (unsigned long)compat_ptr(arg));
}
#endif

int mini_sendmsg(struct socket *sock, struct msghdr *msg, size_t len)
{
	struct sock *sk = sock->sk;

	return sk->sk_prot->sendmsg(sk, msg, len);
}

int mini_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		 int flags)
{
	struct sock *sk = sock->sk;

	return mini_prot_recvmsg(sk, msg, len, flags);
}

/* The transport of a type and a protocol, as AF_INET would choose it. */
static int mini_choose(const struct net *net, struct socket *sock,
		       int protocol, int kern, struct proto **prot)
{
	switch (sock->type) {
	case SOCK_STREAM:
		if (protocol && protocol != IPPROTO_TCP)
			return -EPROTONOSUPPORT;
		sock->ops = &mini_stream_ops;
		*prot = &mini_tcp_prot;
		return IPPROTO_TCP;
	case SOCK_DGRAM:
		if (protocol == IPPROTO_ICMP) {
			sock->ops = &mini_ping_ops;
			*prot = &mini_ping_prot;
			return IPPROTO_ICMP;
		}
		if (protocol && protocol != IPPROTO_UDP)
			return -EPROTONOSUPPORT;
		sock->ops = &mini_dgram_ops;
		*prot = &mini_udp_prot;
		return IPPROTO_UDP;
	case SOCK_RAW:
		if (!protocol)
			return -EPROTONOSUPPORT;
		if (!kern && !ns_capable(net->user_ns, CAP_NET_RAW))
			return -EPERM;
		sock->ops = &mini_raw_ops;
		*prot = &mini_raw_prot;
		return protocol;
	default:
		return -ESOCKTNOSUPPORT;
	}
}

static int mini_create(struct net *net, struct socket *sock, int protocol,
		       int kern)
{
	struct proto *prot;
	struct sock *sk;
	int err;

	if (protocol < 0 || protocol >= IPPROTO_MAX)
		return -EINVAL;
	protocol = mini_choose(net, sock, protocol, kern, &prot);
	if (protocol < 0)
		return protocol;

	sk = sk_alloc(net, mini_family, GFP_KERNEL, prot, kern);
	if (!sk)
		return -ENOMEM;
	sock->state = SS_UNCONNECTED;
	sock_init_data(sock, sk);
	sk->sk_protocol = protocol;
	sk->sk_backlog_rcv = prot->backlog_rcv;
	mini_sk_init(mini_sk(sk), mini_pernet(net));
	mini_custom_sockopt(sock);

	err = prot->init ? prot->init(sk) : 0;
	if (err) {
		sock_orphan(sk);
		sock->sk = NULL;
		sock_put(sk);
	}
	return err;
}

/* The number of the family is known when the module's parameters are. */
static struct net_proto_family mini_family_ops = {
	.create = mini_create,
	.owner = THIS_MODULE,
};

int mini_socket_init(void)
{
	mini_family_ops.family = mini_family;
	return sock_register(&mini_family_ops);
}

void mini_socket_exit(void)
{
	sock_unregister(mini_family);
}
