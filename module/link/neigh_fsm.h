/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state machine of a neighbour: what is, and what happens, give what will
 * be and what is to be done.  No side effects, no clock of its own.
 */
#ifndef _MINI_NEIGH_FSM_H
#define _MINI_NEIGH_FSM_H

#include <linux/types.h>

/**
 * enum mini_neigh_event - what can happen to a neighbour
 * @MINI_NEIGH_OUTPUT: a packet is to be sent to it
 * @MINI_NEIGH_TIMER: its timer expired
 * @MINI_NEIGH_REPLY: it answered, to this host alone
 * @MINI_NEIGH_CLAIM: it told its link address without being asked
 * @MINI_NEIGH_REQUEST: it asks for this host
 * @MINI_NEIGH_CONFIRM: a transport saw that it hears us
 * @MINI_NEIGH_SET: the administrator says its link address
 */
enum mini_neigh_event {
	MINI_NEIGH_OUTPUT,
	MINI_NEIGH_TIMER,
	MINI_NEIGH_REPLY,
	MINI_NEIGH_CLAIM,
	MINI_NEIGH_REQUEST,
	MINI_NEIGH_CONFIRM,
	MINI_NEIGH_SET,
};

/* What is to be done; mini_neigh_step.actions. */
enum mini_neigh_action {
	MINI_NEIGH_ASK_ALL	= 1 << 0,	/* broadcast a question */
	MINI_NEIGH_ASK_ONE	= 1 << 1,	/* ask the known link address */
	MINI_NEIGH_LEARN	= 1 << 2,	/* take the event's link address */
	MINI_NEIGH_FLUSH	= 1 << 3,	/* send what waits */
	MINI_NEIGH_FAIL		= 1 << 4,	/* report what waits as lost */
	MINI_NEIGH_ARM		= 1 << 5,	/* timer, at .expires */
	MINI_NEIGH_DISARM	= 1 << 6,
	MINI_NEIGH_CONFIRMED	= 1 << 7,	/* it was reachable just now */
};

/**
 * struct mini_neigh_params - RFC 4861 section 10's variables, in jiffies
 * @reachable: how long a confirmation holds; mini_neigh_reachable_time()
 * @retrans: between two questions
 * @delay_probe: how long a transport gets to confirm, before the first probe
 * @ucast_probes: questions to a known address
 * @mcast_probes: questions to all
 */
struct mini_neigh_params {
	unsigned long reachable;
	unsigned long retrans;
	unsigned long delay_probe;
	unsigned int ucast_probes;
	unsigned int mcast_probes;
};

/**
 * struct mini_neigh_at - where a neighbour is
 * @state: enum mini_neigh_state
 * @probes: questions unanswered
 * @same: the event's link address is the known one
 * @confirmed: when it was last seen to be reachable, jiffies
 */
struct mini_neigh_at {
	u8 state;
	u8 probes;
	bool same;
	unsigned long confirmed;
};

/**
 * struct mini_neigh_step - where it goes
 * @state: the new state
 * @probes: questions unanswered
 * @actions: enum mini_neigh_action
 * @expires: for MINI_NEIGH_ARM, jiffies
 */
struct mini_neigh_step {
	u8 state;
	u8 probes;
	u16 actions;
	unsigned long expires;
};

void mini_neigh_fsm(const struct mini_neigh_at *at,
		    enum mini_neigh_event event, unsigned long now,
		    const struct mini_neigh_params *p,
		    struct mini_neigh_step *step);
unsigned long mini_neigh_reachable_time(unsigned long base, u32 random);

#endif /* _MINI_NEIGH_FSM_H */
