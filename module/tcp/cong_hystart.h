/* SPDX-License-Identifier: GPL-2.0 */
/*
 * HyStart++ (RFC 9406): a slow start that ends when the round trip grows,
 * before packets are lost.
 */
#ifndef _MINI_TCP_CONG_HYSTART_H
#define _MINI_TCP_CONG_HYSTART_H

#include "cong.h"

/**
 * struct mini_hystart - a connection's slow start, part of a control's @priv
 * @window_end: the round ends when SND.UNA reaches it
 * @last_min: least round trip of the round before, us, U32_MAX: none
 * @cur_min: and of this one
 * @css_base: @cur_min when Conservative Slow Start began, us
 * @samples: round trips that this round measured, counted up to what is needed
 * @css_rounds: rounds of Conservative Slow Start so far
 * @css: in Conservative Slow Start
 * @started: a round is under way
 */
struct mini_hystart {
	u32 window_end;
	u32 last_min;
	u32 cur_min;
	u32 css_base;
	u8 samples;
	u8 css_rounds;
	u8 css:1,
	   started:1;
};

/* The pipe was empty: a round begins, unless Conservative Slow Start counts. */
static inline void mini_hystart_anew(struct mini_hystart *hs)
{
	hs->started = hs->css;
}

u32 mini_hystart_acked(struct mini_hystart *hs, struct mini_cc *cc,
		       const struct mini_cc_ack *ack);

#endif /* _MINI_TCP_CONG_HYSTART_H */
