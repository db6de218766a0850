/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Address conflict detection (RFC 5227): what is to be sent next, and when.
 * No side effects, no clock and no chance of its own.
 */
#ifndef _MINI_ACD_H
#define _MINI_ACD_H

#include <linux/types.h>

/* RFC 5227 section 1.1, milliseconds. */
#define MINI_ACD_PROBE_WAIT		1000
#define MINI_ACD_PROBE_NUM		3
#define MINI_ACD_PROBE_MIN		1000
#define MINI_ACD_PROBE_MAX		2000
#define MINI_ACD_ANNOUNCE_WAIT		2000
#define MINI_ACD_ANNOUNCE_NUM		2
#define MINI_ACD_ANNOUNCE_INTERVAL	2000

enum mini_acd_state {
	MINI_ACD_IDLE,
	MINI_ACD_PROBING,	/* does anybody have it? */
	MINI_ACD_ANNOUNCING,	/* nobody: it is ours */
	MINI_ACD_CONFLICT,	/* somebody has it */
};

/* What is to be done now; mini_acd_step.actions. */
enum mini_acd_action {
	MINI_ACD_PROBE		= 1 << 0,	/* ask all for the address */
	MINI_ACD_CLAIM		= 1 << 1,	/* begin to use it */
	MINI_ACD_ANNOUNCE	= 1 << 2,	/* tell all */
	MINI_ACD_WAIT		= 1 << 3,	/* .delay, then the next step */
};

/**
 * struct mini_acd - how far an address has come
 * @state: enum mini_acd_state
 * @left: probes or announcements that are left to send
 */
struct mini_acd {
	u8 state;
	u8 left;
};

/**
 * struct mini_acd_step - one step
 * @actions: enum mini_acd_action
 * @delay: milliseconds
 */
struct mini_acd_step {
	u8 actions;
	u32 delay;
};

void mini_acd_start(struct mini_acd *acd, u32 random,
		    struct mini_acd_step *step);
void mini_acd_next(struct mini_acd *acd, bool conflict, u32 random,
		   struct mini_acd_step *step);

#endif /* _MINI_ACD_H */
