/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP (RFC 768): datagrams demultiplexed by destination address and port.
 */
#ifndef _MINI_UDP_H
#define _MINI_UDP_H

#include "../mini.h"
#include "../sock.h"

struct mini_udp_way;

/**
 * struct mini_udp_sock - a UDP socket
 * @ms: what it shares with TCP's.  conn.tuple has the peer while sk_state is
 *	TCP_ESTABLISHED, and is written under the socket lock; packets read it
 *	without
 * @way: the last destination's path, RCU, replaced by xchg(); NULL: none
 * @last: hash of the last unconnected destination that @way did not fit
 */
struct mini_udp_sock {
	struct mini_sock ms;
	struct mini_udp_way __rcu *way;
	u32 last;
};

/*
 * What socket/ needs: the methods of a SOCK_DGRAM socket, all called without
 * the socket lock.
 */
extern struct proto mini_udp_prot;

int mini_udp_init(void);
void mini_udp_exit(void);
int mini_udp_net_init(struct mini_net *mn);
void mini_udp_net_exit(struct mini_net *mn);

#endif /* _MINI_UDP_H */
