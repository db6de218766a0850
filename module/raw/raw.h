/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets below the transports: SOCK_RAW, which sees the packets of one IP
 * protocol with their headers, and SOCK_DGRAM of IPPROTO_ICMP, which sends
 * echo requests and gets the answers to them.
 */
#ifndef _MINI_RAW_H
#define _MINI_RAW_H

#include "../mini.h"
#include "../sock.h"

extern struct proto mini_raw_prot;
extern struct proto mini_ping_prot;

/**
 * mini_raw_walk() - call @fn for each raw socket, for sock_diag
 * @mn: the instance
 * @iter: walk's place, two of them, zeroed at the start; kept between calls
 *	of one dump
 * @fn: under rcu_read_lock(); nonzero stops, and the walk resumes here
 * @arg: for @fn
 *
 * Echo sockets are users of IPPROTO_ICMP's ports: mini_port_walk().
 * Return: 0 at the end, else what @fn returned.
 */
int mini_raw_walk(struct mini_net *mn, unsigned long *iter,
		  int (*fn)(struct sock *sk, void *arg), void *arg);

int mini_raw_init(void);
void mini_raw_exit(void);
int mini_raw_net_init(struct mini_net *mn);
void mini_raw_net_exit(struct mini_net *mn);

#endif /* _MINI_RAW_H */
