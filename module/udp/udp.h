/* SPDX-License-Identifier: GPL-2.0 */
/*
 * UDP (RFC 768): datagrams demultiplexed by destination address and port.
 */
#ifndef _MINI_UDP_H
#define _MINI_UDP_H

#include "../mini.h"
#include "../sock.h"

struct mini_udp_sock {
	struct mini_sock ms;
};

/* What socket/ needs: the methods of a SOCK_DGRAM socket. */
extern struct proto mini_udp_prot;

int mini_udp_init(void);
void mini_udp_exit(void);
int mini_udp_net_init(struct mini_net *mn);
void mini_udp_net_exit(struct mini_net *mn);

#endif /* _MINI_UDP_H */
