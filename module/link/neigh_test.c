// SPDX-License-Identifier: GPL-2.0
/*
 * The state machine of a neighbour, on a clock of the test's own, and what an
 * ARP packet means.
 *
 *	From		Event			To		Action
 *	NONE, FAILED	output			INCOMPLETE	ask all, arm
 *	NONE, FAILED	request			STALE		learn
 *	NONE, FAILED	reply, claim, confirm	same		-
 *	INCOMPLETE	output			same		-
 *	INCOMPLETE	timer, probes left	same		ask all, arm
 *	INCOMPLETE	timer, none left	FAILED		fail
 *	INCOMPLETE	reply			REACHABLE	learn, flush, arm
 *	INCOMPLETE	claim, request		STALE		learn, flush
 *	INCOMPLETE	confirm			same		-
 *	REACHABLE	output			same		-
 *	REACHABLE	timer, confirmed since	same		arm
 *	REACHABLE	timer			STALE		-
 *	REACHABLE	confirm			same		confirmed
 *	STALE		output			DELAY		arm
 *	DELAY		timer			PROBE		ask one, arm
 *	PROBE		timer, probes left	same		ask one, arm
 *	PROBE		timer, none left	FAILED		fail
 *	PROBE		reply			REACHABLE	(learn,) arm
 *	STALE ... PROBE	confirm			REACHABLE	confirmed, arm
 *	known address	same, any way		same		-
 *	known address	other, any way		STALE		learn
 *	PERMANENT	all but set		same		-
 *	any		set			PERMANENT	learn, flush
 *
 * "Known address" is REACHABLE, STALE, DELAY, PROBE; any way is a claim, a
 * request, or a reply that nobody waits for.
 */
#include <kunit/test.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/jiffies.h>

#include "../../uapi/linux/mini.h"
#include "../kunit.h"
#include "arp.h"
#include "neigh_fsm.h"

#define T0	1000000UL
#define DISARMED	MINI_NEIGH_DISARM

static const struct mini_neigh_params params = {
	.reachable = 30000,
	.retrans = 1000,
	.delay_probe = 5000,
	.ucast_probes = 3,
	.mcast_probes = 3,
};

/* A neighbour that keeps no packets and no address: what it would do, shows. */
struct fake {
	struct mini_neigh_at at;
	u16 actions;
	unsigned long now;
	unsigned long expires;	/* 0: no timer */
	unsigned int asked_all;
	unsigned int asked_one;
};

static void fake_event(struct fake *f, enum mini_neigh_event event, bool same)
{
	struct mini_neigh_step step;

	f->at.same = same;
	mini_neigh_fsm(&f->at, event, f->now, &params, &step);
	f->at.state = step.state;
	f->at.probes = step.probes;
	f->actions = step.actions;
	if (step.actions & MINI_NEIGH_CONFIRMED)
		f->at.confirmed = f->now;
	if (step.actions & MINI_NEIGH_DISARM)
		f->expires = 0;
	if (step.actions & MINI_NEIGH_ARM)
		f->expires = step.expires;
	f->asked_all += !!(step.actions & MINI_NEIGH_ASK_ALL);
	f->asked_one += !!(step.actions & MINI_NEIGH_ASK_ONE);
}

/* Let time pass until the timer expires, and let it. */
static void fake_expire(struct kunit *test, struct fake *f)
{
	KUNIT_ASSERT_NE(test, f->expires, 0UL);
	f->now = f->expires;
	f->expires = 0;
	fake_event(f, MINI_NEIGH_TIMER, false);
}

static struct fake fake_in(u8 state)
{
	struct fake f = {
		.at.state = state,
		.at.confirmed = T0,
		.now = T0,
	};

	return f;
}

static void expect_step(struct kunit *test, u8 from,
			enum mini_neigh_event event, bool same, u8 to,
			u16 actions)
{
	struct fake f = fake_in(from);

	f.now = T0 + params.reachable;
	fake_event(&f, event, same);
	KUNIT_EXPECT_EQ_MSG(test, f.at.state, to, "from %u event %u", from,
			    event);
	KUNIT_EXPECT_EQ_MSG(test, f.actions, actions, "from %u event %u", from,
			    event);
}

struct row {
	u8 from;
	enum mini_neigh_event event;
	bool same;
	u8 to;
	u16 actions;
};

#define LEARN_FLUSH	(MINI_NEIGH_LEARN | MINI_NEIGH_FLUSH)
#define NOW_REACHABLE	(MINI_NEIGH_CONFIRMED | MINI_NEIGH_ARM)
#define NOW_STALE	(MINI_NEIGH_LEARN | DISARMED)

static const struct row rows[] = {
	{ MINI_NEIGH_NONE, MINI_NEIGH_OUTPUT, false, MINI_NEIGH_INCOMPLETE,
	  MINI_NEIGH_ASK_ALL | MINI_NEIGH_ARM },
	{ MINI_NEIGH_NONE, MINI_NEIGH_REQUEST, false, MINI_NEIGH_STALE,
	  NOW_STALE },
	{ MINI_NEIGH_NONE, MINI_NEIGH_REPLY, false, MINI_NEIGH_NONE, 0 },
	{ MINI_NEIGH_NONE, MINI_NEIGH_CLAIM, false, MINI_NEIGH_NONE, 0 },
	{ MINI_NEIGH_NONE, MINI_NEIGH_CONFIRM, false, MINI_NEIGH_NONE, 0 },
	{ MINI_NEIGH_NONE, MINI_NEIGH_TIMER, false, MINI_NEIGH_NONE, 0 },
	{ MINI_NEIGH_FAILED, MINI_NEIGH_OUTPUT, false, MINI_NEIGH_INCOMPLETE,
	  MINI_NEIGH_ASK_ALL | MINI_NEIGH_ARM },
	{ MINI_NEIGH_FAILED, MINI_NEIGH_REQUEST, false, MINI_NEIGH_STALE,
	  NOW_STALE },
	{ MINI_NEIGH_FAILED, MINI_NEIGH_REPLY, false, MINI_NEIGH_FAILED, 0 },
	{ MINI_NEIGH_FAILED, MINI_NEIGH_CLAIM, false, MINI_NEIGH_FAILED, 0 },
	{ MINI_NEIGH_FAILED, MINI_NEIGH_CONFIRM, false, MINI_NEIGH_FAILED, 0 },
	{ MINI_NEIGH_INCOMPLETE, MINI_NEIGH_OUTPUT, false,
	  MINI_NEIGH_INCOMPLETE, 0 },
	{ MINI_NEIGH_INCOMPLETE, MINI_NEIGH_REPLY, false,
	  MINI_NEIGH_REACHABLE, LEARN_FLUSH | NOW_REACHABLE },
	{ MINI_NEIGH_INCOMPLETE, MINI_NEIGH_CLAIM, false,
	  MINI_NEIGH_STALE, LEARN_FLUSH | DISARMED },
	{ MINI_NEIGH_INCOMPLETE, MINI_NEIGH_REQUEST, false,
	  MINI_NEIGH_STALE, LEARN_FLUSH | DISARMED },
	{ MINI_NEIGH_INCOMPLETE, MINI_NEIGH_CONFIRM, false,
	  MINI_NEIGH_INCOMPLETE, 0 },
	{ MINI_NEIGH_REACHABLE, MINI_NEIGH_OUTPUT, false,
	  MINI_NEIGH_REACHABLE, 0 },
	{ MINI_NEIGH_REACHABLE, MINI_NEIGH_TIMER, false,
	  MINI_NEIGH_STALE, DISARMED },
	{ MINI_NEIGH_REACHABLE, MINI_NEIGH_CONFIRM, false,
	  MINI_NEIGH_REACHABLE, MINI_NEIGH_CONFIRMED },
	{ MINI_NEIGH_STALE, MINI_NEIGH_OUTPUT, false, MINI_NEIGH_DELAY,
	  MINI_NEIGH_ARM },
	{ MINI_NEIGH_STALE, MINI_NEIGH_TIMER, false, MINI_NEIGH_STALE, 0 },
	{ MINI_NEIGH_STALE, MINI_NEIGH_CONFIRM, false, MINI_NEIGH_REACHABLE,
	  NOW_REACHABLE },
	{ MINI_NEIGH_DELAY, MINI_NEIGH_OUTPUT, false, MINI_NEIGH_DELAY, 0 },
	{ MINI_NEIGH_DELAY, MINI_NEIGH_TIMER, false, MINI_NEIGH_PROBE,
	  MINI_NEIGH_ASK_ONE | MINI_NEIGH_ARM },
	{ MINI_NEIGH_DELAY, MINI_NEIGH_CONFIRM, false, MINI_NEIGH_REACHABLE,
	  NOW_REACHABLE },
	{ MINI_NEIGH_PROBE, MINI_NEIGH_OUTPUT, false, MINI_NEIGH_PROBE, 0 },
	{ MINI_NEIGH_PROBE, MINI_NEIGH_REPLY, true, MINI_NEIGH_REACHABLE,
	  NOW_REACHABLE },
	{ MINI_NEIGH_PROBE, MINI_NEIGH_REPLY, false, MINI_NEIGH_REACHABLE,
	  MINI_NEIGH_LEARN | NOW_REACHABLE },
	{ MINI_NEIGH_PROBE, MINI_NEIGH_CONFIRM, false, MINI_NEIGH_REACHABLE,
	  NOW_REACHABLE },
};

static void step__each_row(struct kunit *test)
{
	const struct row *r;

	for (r = rows; r < rows + ARRAY_SIZE(rows); r++)
		expect_step(test, r->from, r->event, r->same, r->to,
			    r->actions);
}

static const u8 known[] = {
	MINI_NEIGH_REACHABLE, MINI_NEIGH_STALE, MINI_NEIGH_DELAY,
	MINI_NEIGH_PROBE,
};

static void known__same_address_changes_nothing(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		expect_step(test, known[i], MINI_NEIGH_CLAIM, true, known[i],
			    0);
		expect_step(test, known[i], MINI_NEIGH_REQUEST, true, known[i],
			    0);
		if (known[i] != MINI_NEIGH_PROBE)
			expect_step(test, known[i], MINI_NEIGH_REPLY, true,
				    known[i], 0);
	}
}

static void known__other_address_is_stale(struct kunit *test)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		expect_step(test, known[i], MINI_NEIGH_CLAIM, false,
			    MINI_NEIGH_STALE, NOW_STALE);
		expect_step(test, known[i], MINI_NEIGH_REQUEST, false,
			    MINI_NEIGH_STALE, NOW_STALE);
		if (known[i] != MINI_NEIGH_PROBE)
			expect_step(test, known[i], MINI_NEIGH_REPLY, false,
				    MINI_NEIGH_STALE, NOW_STALE);
	}
}

static void permanent__only_set_changes_it(struct kunit *test)
{
	enum mini_neigh_event event;

	for (event = MINI_NEIGH_OUTPUT; event < MINI_NEIGH_SET; event++)
		expect_step(test, MINI_NEIGH_PERMANENT, event, false,
			    MINI_NEIGH_PERMANENT, 0);
}

static void set__makes_any_permanent(struct kunit *test)
{
	u8 state;

	for (state = MINI_NEIGH_NONE; state <= MINI_NEIGH_PERMANENT; state++)
		expect_step(test, state, MINI_NEIGH_SET, false,
			    MINI_NEIGH_PERMANENT, LEARN_FLUSH | DISARMED);
}

static void incomplete__fails_after_its_probes(struct kunit *test)
{
	struct fake f = fake_in(MINI_NEIGH_NONE);

	fake_event(&f, MINI_NEIGH_OUTPUT, false);
	KUNIT_EXPECT_EQ(test, f.expires, T0 + 1000);
	fake_expire(test, &f);
	fake_expire(test, &f);
	KUNIT_EXPECT_EQ(test, f.at.state, MINI_NEIGH_INCOMPLETE);
	KUNIT_EXPECT_EQ(test, f.asked_all, 3);
	fake_expire(test, &f);
	KUNIT_EXPECT_EQ(test, f.at.state, MINI_NEIGH_FAILED);
	KUNIT_EXPECT_EQ(test, f.actions, MINI_NEIGH_FAIL);
	KUNIT_EXPECT_EQ(test, f.now, T0 + 3000);
	KUNIT_EXPECT_EQ(test, f.asked_all, 3);
	KUNIT_EXPECT_EQ(test, f.expires, 0UL);
}

static void failed__starts_anew(struct kunit *test)
{
	struct fake f = fake_in(MINI_NEIGH_FAILED);

	f.at.probes = 3;
	fake_event(&f, MINI_NEIGH_OUTPUT, false);
	KUNIT_EXPECT_EQ(test, f.at.state, MINI_NEIGH_INCOMPLETE);
	KUNIT_EXPECT_EQ(test, f.at.probes, 1);
}

static void reachable__timer_follows_confirmations(struct kunit *test)
{
	struct fake f = fake_in(MINI_NEIGH_INCOMPLETE);

	fake_event(&f, MINI_NEIGH_REPLY, false);
	KUNIT_EXPECT_EQ(test, f.expires, T0 + 30000);
	f.now = T0 + 12000;
	fake_event(&f, MINI_NEIGH_CONFIRM, false);
	KUNIT_EXPECT_EQ(test, f.expires, T0 + 30000);
	fake_expire(test, &f);
	KUNIT_EXPECT_EQ(test, f.at.state, MINI_NEIGH_REACHABLE);
	KUNIT_EXPECT_EQ(test, f.expires, T0 + 42000);
	fake_expire(test, &f);
	KUNIT_EXPECT_EQ(test, f.at.state, MINI_NEIGH_STALE);
	KUNIT_EXPECT_EQ(test, f.expires, 0UL);
}

static void stale__unused_asks_nothing(struct kunit *test)
{
	struct fake f = fake_in(MINI_NEIGH_NONE);

	fake_event(&f, MINI_NEIGH_REQUEST, false);
	KUNIT_EXPECT_EQ(test, f.at.state, MINI_NEIGH_STALE);
	KUNIT_EXPECT_EQ(test, f.expires, 0UL);
	KUNIT_EXPECT_EQ(test, f.asked_all + f.asked_one, 0);
}

static void stale__used_is_probed_and_fails(struct kunit *test)
{
	struct fake f = fake_in(MINI_NEIGH_STALE);

	fake_event(&f, MINI_NEIGH_OUTPUT, false);
	KUNIT_EXPECT_EQ(test, f.at.state, MINI_NEIGH_DELAY);
	KUNIT_EXPECT_EQ(test, f.expires, T0 + 5000);
	KUNIT_EXPECT_EQ(test, f.asked_one, 0);
	fake_expire(test, &f);
	KUNIT_EXPECT_EQ(test, f.at.state, MINI_NEIGH_PROBE);
	fake_expire(test, &f);
	fake_expire(test, &f);
	KUNIT_EXPECT_EQ(test, f.asked_one, 3);
	fake_expire(test, &f);
	KUNIT_EXPECT_EQ(test, f.at.state, MINI_NEIGH_FAILED);
	KUNIT_EXPECT_EQ(test, f.now, T0 + 8000);
	KUNIT_EXPECT_EQ(test, f.asked_all, 0);
}

static void delay__confirmed_is_never_probed(struct kunit *test)
{
	struct fake f = fake_in(MINI_NEIGH_STALE);

	fake_event(&f, MINI_NEIGH_OUTPUT, false);
	f.now = T0 + 20;
	fake_event(&f, MINI_NEIGH_CONFIRM, false);
	KUNIT_EXPECT_EQ(test, f.at.state, MINI_NEIGH_REACHABLE);
	KUNIT_EXPECT_EQ(test, f.expires, T0 + 20 + 30000);
	KUNIT_EXPECT_EQ(test, f.asked_one, 0);
}

static void reachable__clock_wraps(struct kunit *test)
{
	struct fake f = fake_in(MINI_NEIGH_INCOMPLETE);

	f.now = -1000UL;
	fake_event(&f, MINI_NEIGH_REPLY, false);
	KUNIT_EXPECT_EQ(test, f.expires, 29000UL);
	f.now = 500;
	fake_event(&f, MINI_NEIGH_CONFIRM, false);
	fake_expire(test, &f);
	KUNIT_EXPECT_EQ(test, f.at.state, MINI_NEIGH_REACHABLE);
	fake_expire(test, &f);
	KUNIT_EXPECT_EQ(test, f.at.state, MINI_NEIGH_STALE);
}

static void reachable_time__half_to_one_and_a_half(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mini_neigh_reachable_time(30000, 0), 15000UL);
	KUNIT_EXPECT_EQ(test, mini_neigh_reachable_time(30000, 1U << 31),
			30000UL);
	KUNIT_EXPECT_EQ(test, mini_neigh_reachable_time(30000, ~0U), 44999UL);
	KUNIT_EXPECT_EQ(test, mini_neigh_reachable_time(1, 0), 1UL);
}

static struct kunit_case neigh_cases[] = {
	KUNIT_CASE(step__each_row),
	KUNIT_CASE(known__same_address_changes_nothing),
	KUNIT_CASE(known__other_address_is_stale),
	KUNIT_CASE(permanent__only_set_changes_it),
	KUNIT_CASE(set__makes_any_permanent),
	KUNIT_CASE(incomplete__fails_after_its_probes),
	KUNIT_CASE(failed__starts_anew),
	KUNIT_CASE(reachable__timer_follows_confirmations),
	KUNIT_CASE(stale__unused_asks_nothing),
	KUNIT_CASE(stale__used_is_probed_and_fails),
	KUNIT_CASE(delay__confirmed_is_never_probed),
	KUNIT_CASE(reachable__clock_wraps),
	KUNIT_CASE(reachable_time__half_to_one_and_a_half),
	{}
};

struct kunit_suite mini_neigh_test_suite = {
	.name = "mini_neigh",
	.test_cases = neigh_cases,
};

/* ARP: 10.0.0.1 is ours, 10.0.0.2 and .3 are others'. */
#define US	htonl(0x0a000001)
#define PEER	htonl(0x0a000002)
#define OTHER	htonl(0x0a000003)
/* This host is a router to it. */
#define BEHIND	htonl(0x0a010004)

static struct mini_arp_verdict judge(u16 op, __be32 spa, __be32 tpa,
				     bool from_us, bool to_us)
{
	struct mini_wire_arp arp = { .op = op, .spa = spa, .tpa = tpa };
	struct mini_arp_at at = {
		.from_us = from_us,
		.to_us = to_us,
		.sender_is_local = spa == US,
		.target_is_local = tpa == US,
		.target_is_proxied = tpa == BEHIND,
	};
	struct mini_arp_verdict v;

	mini_arp_judge(&arp, &at, &v);
	return v;
}

#define REQUEST	MINI_WIRE_ARP_REQUEST
#define REPLY	MINI_WIRE_ARP_REPLY

static void request__for_us(struct kunit *test)
{
	struct mini_arp_verdict v = judge(REQUEST, PEER, US, false, false);

	KUNIT_EXPECT_TRUE(test, v.reply);
	KUNIT_EXPECT_TRUE(test, v.learn);
	KUNIT_EXPECT_TRUE(test, v.create);
	KUNIT_EXPECT_EQ(test, v.event, MINI_NEIGH_REQUEST);
	KUNIT_EXPECT_FALSE(test, v.conflict);
	KUNIT_EXPECT_EQ(test, v.drop, 0);
}

static void request__for_another_makes_no_entry(struct kunit *test)
{
	struct mini_arp_verdict v = judge(REQUEST, PEER, OTHER, false, false);

	KUNIT_EXPECT_FALSE(test, v.reply);
	KUNIT_EXPECT_TRUE(test, v.learn);
	KUNIT_EXPECT_FALSE(test, v.create);
	KUNIT_EXPECT_EQ(test, v.event, MINI_NEIGH_CLAIM);
}

static void request__for_one_behind_us(struct kunit *test)
{
	struct mini_arp_verdict v = judge(REQUEST, PEER, BEHIND, false, false);

	KUNIT_EXPECT_TRUE(test, v.reply);
	KUNIT_EXPECT_TRUE(test, v.create);
	KUNIT_EXPECT_EQ(test, v.event, MINI_NEIGH_REQUEST);
	/* A reply to it is for somebody else, and a probe is no question. */
	v = judge(REPLY, PEER, BEHIND, false, true);
	KUNIT_EXPECT_FALSE(test, v.reply);
	KUNIT_EXPECT_FALSE(test, v.create);
	KUNIT_EXPECT_EQ(test, v.event, MINI_NEIGH_CLAIM);
	v = judge(REQUEST, 0, BEHIND, false, false);
	KUNIT_EXPECT_FALSE(test, v.reply);
}

static void announcement__makes_no_entry(struct kunit *test)
{
	struct mini_arp_verdict v = judge(REQUEST, PEER, PEER, false, false);

	KUNIT_EXPECT_FALSE(test, v.reply);
	KUNIT_EXPECT_FALSE(test, v.create);
	KUNIT_EXPECT_EQ(test, v.event, MINI_NEIGH_CLAIM);
	v = judge(REPLY, PEER, PEER, false, false);
	KUNIT_EXPECT_FALSE(test, v.create);
	KUNIT_EXPECT_EQ(test, v.event, MINI_NEIGH_CLAIM);
}

static void reply__to_us_is_an_answer(struct kunit *test)
{
	struct mini_arp_verdict v = judge(REPLY, PEER, US, false, true);

	KUNIT_EXPECT_TRUE(test, v.learn);
	KUNIT_EXPECT_FALSE(test, v.create);
	KUNIT_EXPECT_FALSE(test, v.reply);
	KUNIT_EXPECT_EQ(test, v.event, MINI_NEIGH_REPLY);
}

static void reply__to_all_is_a_claim(struct kunit *test)
{
	struct mini_arp_verdict v = judge(REPLY, PEER, US, false, false);

	KUNIT_EXPECT_EQ(test, v.event, MINI_NEIGH_CLAIM);
	KUNIT_EXPECT_FALSE(test, v.create);
}

static void conflict__any_packet_from_our_address(struct kunit *test)
{
	static const u16 ops[] = { REQUEST, REPLY };
	static const __be32 targets[] = { US, PEER };
	struct mini_arp_verdict v;
	int i;

	for (i = 0; i < 4; i++) {
		v = judge(ops[i & 1], US, targets[i >> 1], false, false);
		KUNIT_EXPECT_TRUE(test, v.conflict);
		KUNIT_EXPECT_FALSE(test, v.learn);
		KUNIT_EXPECT_FALSE(test, v.reply);
	}
}

static void echo__of_our_own_is_no_conflict(struct kunit *test)
{
	struct mini_arp_verdict v = judge(REQUEST, US, US, true, false);

	KUNIT_EXPECT_FALSE(test, v.conflict);
	KUNIT_EXPECT_EQ(test, v.drop, MINI_DROP_ARP_SENDER);
}

static void probe__for_our_address_is_answered(struct kunit *test)
{
	struct mini_arp_verdict v = judge(REQUEST, 0, US, false, false);

	KUNIT_EXPECT_TRUE(test, v.reply);
	KUNIT_EXPECT_FALSE(test, v.learn);
}

static void probe__for_another_address(struct kunit *test)
{
	struct mini_arp_verdict v = judge(REQUEST, 0, OTHER, false, false);

	KUNIT_EXPECT_FALSE(test, v.reply);
	KUNIT_EXPECT_FALSE(test, v.learn);
	KUNIT_EXPECT_EQ(test, v.drop, MINI_DROP_ARP_NOT_FOR_US);
}

static void sender__that_no_host_can_be(struct kunit *test)
{
	static const u32 bad[] = {
		INADDR_BROADCAST, INADDR_LOOPBACK, INADDR_ALLHOSTS_GROUP,
	};
	struct mini_arp_verdict v;
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		v = judge(REQUEST, htonl(bad[i]), US, false, false);
		KUNIT_EXPECT_EQ(test, v.drop, MINI_DROP_ARP_SENDER);
		KUNIT_EXPECT_FALSE(test, v.reply);
		KUNIT_EXPECT_FALSE(test, v.create);
	}
}

static struct kunit_case arp_cases[] = {
	KUNIT_CASE(request__for_us),
	KUNIT_CASE(request__for_another_makes_no_entry),
	KUNIT_CASE(request__for_one_behind_us),
	KUNIT_CASE(announcement__makes_no_entry),
	KUNIT_CASE(reply__to_us_is_an_answer),
	KUNIT_CASE(reply__to_all_is_a_claim),
	KUNIT_CASE(conflict__any_packet_from_our_address),
	KUNIT_CASE(echo__of_our_own_is_no_conflict),
	KUNIT_CASE(probe__for_our_address_is_answered),
	KUNIT_CASE(probe__for_another_address),
	KUNIT_CASE(sender__that_no_host_can_be),
	{}
};

struct kunit_suite mini_arp_test_suite = {
	.name = "mini_arp",
	.test_cases = arp_cases,
};
