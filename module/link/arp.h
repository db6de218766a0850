/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What an ARP packet means: decided apart from what is then done, for tests.
 */
#ifndef _MINI_ARP_H
#define _MINI_ARP_H

#include "../mib.h"
#include "../wire/wire.h"
#include "neigh_fsm.h"

/**
 * struct mini_arp_at - what the host knows about an ARP packet
 * @from_us: its sender's link address is this host's
 * @to_us: the frame was sent to this host alone
 * @sender_is_local: the sender's address is this host's
 * @target_is_local: the target's is
 * @target_is_proxied: the target is behind this router, which answers for it
 */
struct mini_arp_at {
	bool from_us;
	bool to_us;
	bool sender_is_local;
	bool target_is_local;
	bool target_is_proxied;
};

/**
 * struct mini_arp_verdict - what is to be done
 * @drop: a reason, or 0
 * @conflict: another host has our address
 * @reply: answer it
 * @learn: tell the sender's entry @event
 * @create: and make one if there is none
 * @event: enum mini_neigh_event
 */
struct mini_arp_verdict {
	enum mini_drop_reason drop;
	bool conflict;
	bool reply;
	bool learn;
	bool create;
	enum mini_neigh_event event;
};

void mini_arp_judge(const struct mini_wire_arp *arp,
		    const struct mini_arp_at *at,
		    struct mini_arp_verdict *verdict);

#endif /* _MINI_ARP_H */
