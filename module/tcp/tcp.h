/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP (RFC 9293), as the layers above see it; tcp/tcp_int.h is its inside.
 */
#ifndef _MINI_TCP_H
#define _MINI_TCP_H

#include <linux/tcp.h>

#include "../mini.h"
#include "../sock.h"
#include "info.h"

/* The methods of a SOCK_STREAM socket; levels IPPROTO_TCP's options too. */
extern struct proto mini_tcp_prot;

/**
 * mini_tcp_listen() - LISTEN (RFC 9293 section 3.10.1, passive)
 * @sk: bound, closed or already listening (then only the backlog changes)
 * @backlog: connections that may wait for accept(), already clamped to
 *	somaxconn
 *
 * Context: process, socket lock held.  Return: 0, -EINVAL, -EADDRINUSE.
 */
int mini_tcp_listen(struct sock *sk, int backlog);

/* shutdown()'s sending half; process context, socket lock held. */
void mini_tcp_shutdown(struct sock *sk, int how);

/* poll(); process context, no lock. */
__poll_t mini_tcp_poll(struct file *file, struct socket *sock,
		       struct poll_table_struct *wait);

/**
 * mini_tcp_sendpages() - send pages by reference
 * @sk: the socket
 * @msg: its iterator has them: each sendpage_ok()
 * @size: octets
 *
 * Context: process, no lock.  Return: octets queued, or sendmsg()'s errno.
 */
int mini_tcp_sendpages(struct sock *sk, struct msghdr *msg, size_t size);

/* No more pages come: what waits for them need not. */
void mini_tcp_splice_eof(struct socket *sock);

/* splice() from a socket to a pipe; process context, no lock. */
ssize_t mini_tcp_splice_read(struct socket *sock, loff_t *ppos,
			     struct pipe_inode_info *pipe, size_t len,
			     unsigned int flags);

/**
 * mini_tcp_read_sock() - hand what is queued to a user in the kernel
 * @sk: the socket, locked
 * @desc: its count: octets wanted; @actor takes from it
 * @actor: returns octets that it took, or a negative errno; may sleep
 *
 * Stops before an urgent octet.  Return: octets, or what @actor returned for
 * the first; -ENOTCONN for a listener.
 */
int mini_tcp_read_sock(struct sock *sk, read_descriptor_t *desc,
		       sk_read_actor_t actor);

/**
 * mini_tcp_stamp_ids() - SO_TIMESTAMPING was set: stamps may be numbered from
 * here on (SOF_TIMESTAMPING_OPT_ID)
 * @sk: the socket
 *
 * Context: process, no lock.
 */
void mini_tcp_stamp_ids(struct sock *sk);

/* net.mini.tcp_mem; any context. */
void mini_tcp_mem_get(unsigned long mem[3]);
void mini_tcp_mem_set(const unsigned long mem[3]);

/* SO_RCVLOWAT; process context, socket lock held. */
int mini_tcp_set_rcvlowat(struct sock *sk, int val);

/* TCP_INFO; socket lock held or not (then values may be torn apart in time) */
void mini_tcp_get_info(struct sock *sk, struct mini_tcp_info *info);

/* IP_MTU of a connection: octets of a packet; socket lock held. */
struct mini_tcp_sock;
u32 mini_tcp_mtu(const struct mini_tcp_sock *tp);
const char *mini_tcp_cong_name(const struct sock *sk);

/* Congestion controls by name; see tcp/cong.c. */
bool mini_tcp_cong_load(const char *name);
int mini_tcp_cong_get(const char *name, struct module **owner);
void mini_tcp_cong_names(char *buf, size_t size, bool allowed);
int mini_tcp_cong_allow(const char *list);
int mini_tcp_cong_default(const char *name, bool allow);

/**
 * mini_tcp_conn_walk() - call @fn for each row of the connection table:
 * connections, half-open and TIME-WAIT records; listeners are not in it
 * @mn: the instance
 * @iter: walk's place, zeroed at the start; kept between calls of one dump
 * @fn: under rcu_read_lock(); nonzero stops, and the walk resumes at this row
 * @arg: for @fn
 */
int mini_tcp_conn_walk(struct mini_net *mn, unsigned long *iter,
		       int (*fn)(const struct mini_conn *conn, void *arg),
		       void *arg);

/**
 * mini_tcp_diag_fill() - what sock_diag shows of a row or a listener
 * @conn: row; a listening socket's conn is filled too
 * @msg: family, domain, names, state, queues, timers, uid, inode, cookie set
 */
void mini_tcp_diag_fill(const struct mini_conn *conn,
			struct mini_diag_msg *msg);

/* What is disconnected now: who sleeps there returns -EPIPE. */
void mini_tcp_disconnected(struct sock *sk);

/* Did connect() succeed without a SYN, which waits for the first data? */
bool mini_tcp_connect_deferred(const struct sock *sk);

/* net.mini.tcp_fastopen_key: one key or two, 16 octets each. */
#define MINI_TCP_FO_KEY_LEN	16

/* Process context.  Return: 0, -ENOMEM. */
int mini_tcp_fastopen_set_net_keys(struct mini_net *mn, const u8 *data,
				   int count);
/* @data: room for two.  Return: how many there are. */
int mini_tcp_fastopen_get_net_keys(struct mini_net *mn, u8 *data);

int mini_tcp_init(void);
void mini_tcp_exit(void);
int mini_tcp_net_init(struct mini_net *mn);
void mini_tcp_net_exit(struct mini_net *mn);
/* Before devices go: connections without a program are reset. */
void mini_tcp_net_stop(struct mini_net *mn);

#endif /* _MINI_TCP_H */
