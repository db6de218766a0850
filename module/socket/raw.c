// SPDX-License-Identifier: GPL-2.0
/*
 * SOCK_RAW, and SOCK_DGRAM of IPPROTO_ICMP: their tables of calls.  All they
 * do is in raw/.
 *
 * Locks on entry: none; the transport's methods take the socket lock.
 */
#include <linux/module.h>

#include "socket_int.h"

#ifdef CONFIG_COMPAT
#define MINI_COMPAT_IOCTL	.compat_ioctl = mini_compat_ioctl,
#else
#define MINI_COMPAT_IOCTL
#endif

/* The calls that both have. */
#define MINI_RAW_CALLS				\
	.family = PF_MINI,			\
	.owner = THIS_MODULE,			\
	.release = mini_release,		\
	.bind = mini_bind,			\
	.connect = mini_dgram_connect,		\
	.socketpair = sock_no_socketpair,	\
	.accept = sock_no_accept,		\
	.getname = mini_getname,		\
	.poll = datagram_poll,			\
	.ioctl = mini_ioctl,			\
	MINI_COMPAT_IOCTL			\
	.gettstamp = sock_gettstamp,		\
	.listen = sock_no_listen,		\
	.shutdown = mini_dgram_shutdown,	\
	.setsockopt = mini_setsockopt,		\
	.getsockopt = mini_getsockopt,		\
	.sendmsg = mini_sendmsg,		\
	.recvmsg = mini_recvmsg,		\
	.mmap = sock_no_mmap

const struct proto_ops mini_ping_ops = {
	MINI_RAW_CALLS,
	.set_peek_off = sk_set_peek_off,
};

const struct proto_ops mini_raw_ops = {
	MINI_RAW_CALLS,
};
