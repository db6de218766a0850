// SPDX-License-Identifier: GPL-2.0
/*
 * SOCK_STREAM: connect(), listen(), accept(), shutdown() of TCP's sockets
 * (RFC 9293 section 3.9.1; POSIX tells what a program sees of it).
 *
 * sock->state is the program's side of a connection:
 *
 *	SS_UNCONNECTED -> SS_CONNECTING		connect() sent a SYN
 *	SS_CONNECTING  -> SS_CONNECTED		connect() was told of success
 *	SS_CONNECTING  -> SS_UNCONNECTED	connect() was told of failure
 *
 * Locks on entry: none; each call takes the socket lock.
 */
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <net/tcp_states.h>

#include "../tcp/tcp.h"
#include "socket_int.h"

static bool mini_connecting(const struct sock *sk)
{
	return (1 << sk->sk_state) & (TCPF_SYN_SENT | TCPF_SYN_RECV);
}

/*
 * Wait for the handshake's end.  Return: 0 when it came, -EPIPE if another
 * thread disconnected the socket meanwhile, else the errno of a time-out or a
 * signal.
 */
static int mini_wait_connect(struct sock *sk, long timeo, int on_timeout)
{
	DEFINE_WAIT_FUNC(wait, woken_wake_function);
	int err = 0;

	add_wait_queue(sk_sleep(sk), &wait);
	while (mini_connecting(sk)) {
		if (!timeo)
			err = on_timeout;
		else if (signal_pending(current))
			err = sock_intr_errno(timeo);
		else if (sk_wait_event(sk, &timeo, !mini_connecting(sk),
				       &wait) < 0)
			err = -EPIPE;
		if (err)
			break;
	}
	remove_wait_queue(sk_sleep(sk), &wait);
	return err;
}

/* The end of a listener or of a SYN: no connection that another may follow. */
static int mini_stop(struct socket *sock)
{
	struct sock *sk = sock->sk;
	int err = sk->sk_prot->disconnect(sk, O_NONBLOCK);

	sock->state = err ? SS_DISCONNECTING : SS_UNCONNECTED;
	return err;
}

static int mini_disconnect(struct socket *sock)
{
	/* Who sleeps meanwhile shall not take the next connection for this. */
	mini_tcp_disconnected(sock->sk);
	return mini_stop(sock);
}

/* Start: the SYN is sent.  Return: -EINPROGRESS if it was. */
static int mini_connect_start(struct socket *sock, mini_sockaddr *uaddr,
			      int len)
{
	struct sock *sk = sock->sk;
	int err;

	switch (sock->state) {
	case SS_UNCONNECTED:
		if (sk->sk_state != TCP_CLOSE)
			return -EISCONN;
		err = sk->sk_prot->connect(sk, uaddr, len);
		if (err)
			return err;
		sock->state = SS_CONNECTING;
		return -EINPROGRESS;
	case SS_CONNECTING:
		return mini_tcp_connect_deferred(sk) ? -EISCONN : -EALREADY;
	case SS_CONNECTED:
		return -EISCONN;
	default:
		return -EINVAL;
	}
}

static int mini_connect_locked(struct socket *sock, mini_sockaddr *uaddr,
			       int len, int flags)
{
	struct sock *sk = sock->sk;
	int pending;
	int err;

	if (len < (int)sizeof(sa_family_t))
		return -EINVAL;
	if (((struct sockaddr *)uaddr)->sa_family == AF_UNSPEC)
		return mini_disconnect(sock);

	pending = mini_connect_start(sock, uaddr, len);
	if (pending != -EINPROGRESS && pending != -EALREADY)
		return pending;
	/* TCP_FASTOPEN_CONNECT: the SYN goes with the first data. */
	if (pending == -EINPROGRESS && mini_tcp_connect_deferred(sk))
		return 0;
	err = mini_wait_connect(sk, sock_sndtimeo(sk, flags & O_NONBLOCK),
				pending);
	if (err)
		return err;

	if (sk->sk_state != TCP_CLOSE) {
		sock->state = SS_CONNECTED;
		return 0;
	}
	/* Reset, timed out, or told by ICMP that it cannot be. */
	err = sock_error(sk);
	mini_disconnect(sock);
	return err ? err : -ECONNABORTED;
}

static int mini_stream_connect(struct socket *sock, mini_sockaddr *uaddr,
			       int len, int flags)
{
	struct sock *sk = sock->sk;
	int err;

	lock_sock(sk);
	err = mini_connect_locked(sock, uaddr, len, flags);
	release_sock(sk);
	return err;
}

static int mini_stream_listen(struct socket *sock, int backlog)
{
	struct mini_sock *ms = mini_sk(sock->sk);
	struct sock *sk = sock->sk;
	int err;

	/* A negative backlog asks for as much as there may be. */
	backlog = min_t(unsigned int, backlog,
			READ_ONCE(ms->mn->sysctl.somaxconn));
	lock_sock(sk);
	err = -EINVAL;
	if (sock->state != SS_UNCONNECTED ||
	    !((1 << sk->sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		goto out;
	err = mini_sk_autobind(ms);
	if (!err)
		err = mini_tcp_listen(sk, backlog);
out:
	release_sock(sk);
	return err;
}

static int mini_stream_accept_arg(struct socket *sock, struct socket *newsock,
				  struct proto_accept_arg *arg)
{
	struct sock *sk = sock->sk;
	struct sock *newsk;

	arg->err = -EINVAL;
	newsk = mini_prot_accept(sk, arg);
	if (!newsk)
		return arg->err;

	lock_sock(newsk);
	sock_graft(newsk, newsock);
	newsock->state = SS_CONNECTED;
	set_bit(SOCK_SUPPORT_ZC, &newsock->flags);
	mini_custom_sockopt(newsock);
	release_sock(newsk);
	return 0;
}

MINI_DEFINE_OPS_ACCEPT(mini_stream_accept, mini_stream_accept_arg)

/* SHUT_RD, SHUT_WR, SHUT_RDWR as RCV_SHUTDOWN, SEND_SHUTDOWN, both. */
static int mini_stream_shutdown(struct socket *sock, int how)
{
	struct sock *sk = sock->sk;
	int err = 0;

	if (how < SHUT_RD || how > SHUT_RDWR)
		return -EINVAL;
	how++;

	lock_sock(sk);
	/* Whoever asks again after a shutdown learns how connecting ended. */
	if (sock->state == SS_CONNECTING)
		sock->state = mini_connecting(sk) || sk->sk_state == TCP_CLOSE ?
			      SS_DISCONNECTING : SS_CONNECTED;

	switch (sk->sk_state) {
	case TCP_LISTEN:
		/* Nothing is sent by a listener; not to receive is to end. */
		if (how & RCV_SHUTDOWN)
			err = mini_stop(sock);
		break;
	case TCP_SYN_SENT:
		err = mini_stop(sock);
		break;
	case TCP_CLOSE:
		err = -ENOTCONN;
		fallthrough;
	default:
		WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | how);
		if (how & SEND_SHUTDOWN)
			mini_tcp_shutdown(sk, how);
	}
	sk->sk_state_change(sk);
	release_sock(sk);
	return err;
}

MINI_DEFINE_OPS_SENDPAGE(mini_stream_sendpage, mini_tcp_sendpages)

const struct proto_ops mini_stream_ops = {
	.family = PF_MINI,
	.owner = THIS_MODULE,
	.release = mini_release,
	.bind = mini_bind,
	.connect = mini_stream_connect,
	.socketpair = sock_no_socketpair,
	.accept = mini_stream_accept,
	.getname = mini_getname,
	.poll = mini_tcp_poll,
	.ioctl = mini_ioctl,
#ifdef CONFIG_COMPAT
	.compat_ioctl = mini_compat_ioctl,
#endif
	.gettstamp = sock_gettstamp,
	.listen = mini_stream_listen,
	.shutdown = mini_stream_shutdown,
	.setsockopt = mini_setsockopt,
	.getsockopt = mini_getsockopt,
	.sendmsg = mini_sendmsg,
	.recvmsg = mini_recvmsg,
	MINI_OPS_SENDPAGE(mini_stream_sendpage)
	.splice_read = mini_tcp_splice_read,
	MINI_OPS_SPLICE_EOF(mini_tcp_splice_eof)
	.read_sock = mini_tcp_read_sock,
	/* TCP_ZEROCOPY_RECEIVE is refused: programs read instead. */
	.mmap = sock_no_mmap,
	.set_peek_off = sk_set_peek_off,
	.set_rcvlowat = mini_tcp_set_rcvlowat,
};
