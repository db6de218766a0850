// SPDX-License-Identifier: GPL-2.0
/*
 * SOCK_DGRAM: connect() and shutdown() of UDP's sockets, and of all others
 * that send packets apart.
 *
 * Locks on entry: none; each call takes the socket lock, or leaves that to the
 * transport's method.
 */
#include <linux/module.h>
#include <net/tcp_states.h>

#include "../udp/udp.h"
#include "socket_int.h"

int mini_dgram_connect(struct socket *sock, mini_sockaddr *uaddr, int len,
		       int flags)
{
	struct sock *sk = sock->sk;

	if (len < (int)sizeof(sa_family_t))
		return -EINVAL;
	if (((struct sockaddr *)uaddr)->sa_family == AF_UNSPEC)
		return sk->sk_prot->disconnect(sk, flags);
	return sk->sk_prot->connect(sk, uaddr, len);
}

int mini_dgram_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	int err = 0;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	how++;

	lock_sock(sk);
	if (sk->sk_state == TCP_CLOSE)
		err = -ENOTCONN;
	/* Unconnected or not: who sleeps in poll() or recv() is woken. */
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | how);
	sk->sk_state_change(sk);
	release_sock(sk);
	return err;
}

const struct proto_ops mini_dgram_ops = {
	.family = PF_MINI,
	.owner = THIS_MODULE,
	.release = mini_release,
	.bind = mini_bind,
	.connect = mini_dgram_connect,
	.socketpair = sock_no_socketpair,
	.accept = sock_no_accept,
	.getname = mini_getname,
	.poll = datagram_poll,
	.ioctl = mini_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl = mini_compat_ioctl,
#endif
	.gettstamp = sock_gettstamp,
	.listen = sock_no_listen,
	.shutdown = mini_dgram_shutdown,
	.setsockopt = mini_setsockopt,
	.getsockopt = mini_getsockopt,
	.sendmsg = mini_sendmsg,
	.recvmsg = mini_recvmsg,
	.mmap = sock_no_mmap,
	.set_peek_off = sk_set_peek_off,
	MINI_OPS_SPLICE_EOF(mini_udp_splice_eof)
};
