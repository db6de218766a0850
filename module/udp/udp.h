/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP (RFC 768): datagrams demultiplexed by destination address and port.
 */
#ifndef _MINI_UDP_H
#define _MINI_UDP_H

#include "../mini.h"
#include "../sock.h"

struct mini_udp_way;
struct mini_udp_cork;

/**
 * struct mini_udp_sock - a UDP socket
 * @ms: what it shares with TCP's.  conn.tuple has the peer while sk_state is
 *	TCP_ESTABLISHED, and is written under the socket lock; packets read it
 *	without
 * @way: the last destination's path, RCU, replaced by xchg(); NULL: none
 * @cork: a datagram of which more is to come, or NULL; under the socket lock,
 *	read without it to see whether there is one
 * @last: hash of the last unconnected destination that @way did not fit
 * @gso_size: UDP_SEGMENT, 0: none
 * @corkflag: UDP_CORK
 * @gro: UDP_GRO: takes datagrams of one flow that came as one packet
 * @no_check6_tx, @no_check6_rx: kept for who reads them back
 */
struct mini_udp_sock {
	struct mini_sock ms;
	struct mini_udp_way __rcu *way;
	struct mini_udp_cork *cork;
	u32 last;
	u16 gso_size;
	u8 corkflag;
	u8 gro;
	u8 no_check6_tx;
	u8 no_check6_rx;
};

/*
 * What socket/ needs: the methods of a SOCK_DGRAM socket, all called without
 * the socket lock.
 */
extern struct proto mini_udp_prot;

/*
 * proto_ops.splice_eof: no more comes of a file.  What was corked for it alone
 * is sent.
 */
void mini_udp_splice_eof(struct socket *sock);

int mini_udp_init(void);
void mini_udp_exit(void);
int mini_udp_net_init(struct mini_net *mn);
void mini_udp_net_exit(struct mini_net *mn);

#endif /* _MINI_UDP_H */
