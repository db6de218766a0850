/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inside of socket/: calls that both types share, and each type's table.
 */
#ifndef _MINI_SOCKET_INT_H
#define _MINI_SOCKET_INT_H

#include <linux/net.h>

#include "socket.h"

extern const struct proto_ops mini_stream_ops;	/* stream.c */
extern const struct proto_ops mini_dgram_ops;		/* dgram.c */
extern const struct proto_ops mini_ping_ops;		/* raw.c */
extern const struct proto_ops mini_raw_ops;		/* raw.c */

/* family.c: methods of both tables. */
int mini_release(struct socket *sock);
int mini_bind(struct socket *sock, mini_sockaddr *uaddr, int len);
int mini_getname(struct socket *sock, struct sockaddr *uaddr, int peer);
int mini_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);
int mini_compat_ioctl(struct socket *sock, unsigned int cmd, unsigned long arg);
int mini_sendmsg(struct socket *sock, struct msghdr *msg, size_t len);
int mini_recvmsg(struct socket *sock, struct msghdr *msg, size_t len,
		 int flags);

/* dgram.c: methods of all tables but a stream's. */
int mini_dgram_connect(struct socket *sock, mini_sockaddr *uaddr, int len,
		       int flags);
int mini_dgram_shutdown(struct socket *sock, int how);

/* options.c: methods of both tables. */
int mini_setsockopt(struct socket *sock, int level, int name, sockptr_t val,
		    unsigned int len);
int mini_getsockopt(struct socket *sock, int level, int name, char __user *val,
		    int __user *len);

/* ipopt.c: level IPPROTO_IP; the socket lock is taken there. */
int mini_setsockopt_ip(struct sock *sk, int name, sockptr_t optval,
		       unsigned int len);
int mini_getsockopt_ip(struct sock *sk, int name, char __user *optval,
		       int __user *optlen);

/* groupopt.c: of that level, groups and their sources; locks are taken there. */
bool mini_is_group_opt(int name);
int mini_setsockopt_group(struct sock *sk, int name, sockptr_t optval,
			  unsigned int len);
int mini_getsockopt_group(struct sock *sk, int name, char __user *optval,
			  int __user *optlen, int len);

/* ifreq.c */

/**
 * mini_ifreq_ioctl() - SIOCGIFADDR and its like: this stack's own addresses
 * @mn: the instance
 * @cmd: SIOC*
 * @arg: struct ifreq of the program
 *
 * Context: process, takes RTNL.  Return: 0; -ENODEV for a device that is not
 * attached, -EADDRNOTAVAIL for one without an address, -EFAULT; -ENOIOCTLCMD
 * for another @cmd.
 */
int mini_ifreq_ioctl(struct mini_net *mn, unsigned int cmd, void __user *arg);

/**
 * mini_ip_set() - an option of level IPPROTO_IP, its value read
 * @ms: the socket
 * @name: IP_*
 * @val: value
 *
 * Context: process, socket lock held.
 * Return: 0, -EINVAL, -EPERM, -ENOPROTOOPT.
 */
int mini_ip_set(struct mini_sock *ms, int name, int val);

/**
 * mini_ip_get() - the value of an option of level IPPROTO_IP
 * @ms: the socket
 * @name: IP_*
 * @val: receives the value
 *
 * Context: process, socket lock held.
 * Return: 0, -ENOTCONN, -ENOPROTOOPT.
 */
int mini_ip_get(const struct mini_sock *ms, int name, int *val);

#endif /* _MINI_SOCKET_INT_H */
