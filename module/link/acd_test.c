// SPDX-License-Identifier: GPL-2.0
/*
 * Address conflict detection on a virtual clock: RFC 5227's times, whatever
 * chance says, and what a conflict does to each step.
 */
#include <kunit/test.h>

#include "../kunit.h"
#include "acd.h"

/* What was sent, with the clock of each. */
struct acd_log {
	u32 now;
	u32 probes[8];
	u32 announcements[8];
	unsigned int n_probes;
	unsigned int n_announcements;
	u32 claimed;
	unsigned int claims;
};

/* Go on until nothing is left; the conflict comes before step @conflict. */
static void acd_run(struct mini_acd *acd, u32 random, int conflict,
		    struct acd_log *log)
{
	struct mini_acd_step step;
	int i;

	memset(log, 0, sizeof(*log));
	mini_acd_start(acd, random, &step);
	for (i = 0; i < 16 && step.actions & MINI_ACD_WAIT; i++) {
		log->now += step.delay;
		mini_acd_next(acd, i >= conflict, random, &step);
		if (step.actions & MINI_ACD_PROBE)
			log->probes[log->n_probes++] = log->now;
		if (step.actions & MINI_ACD_CLAIM) {
			log->claimed = log->now;
			log->claims++;
		}
		if (step.actions & MINI_ACD_ANNOUNCE)
			log->announcements[log->n_announcements++] = log->now;
	}
}

static void probe__times_of_rfc_5227(struct kunit *test)
{
	static const u32 randoms[] = { 0, 1, 999, 1000, 1001, 77777, U32_MAX };
	struct acd_log log;
	struct mini_acd acd;
	int i;
	int n;

	for (n = 0; n < ARRAY_SIZE(randoms); n++) {
		acd_run(&acd, randoms[n], 100, &log);
		KUNIT_ASSERT_EQ(test, log.n_probes, 3);
		KUNIT_EXPECT_LE(test, log.probes[0], 1000);
		for (i = 1; i < 3; i++) {
			u32 gap = log.probes[i] - log.probes[i - 1];

			KUNIT_EXPECT_GE(test, gap, 1000);
			KUNIT_EXPECT_LE(test, gap, 2000);
		}
		KUNIT_EXPECT_EQ(test, log.claims, 1);
		KUNIT_EXPECT_EQ(test, log.claimed, log.probes[2] + 2000);
		KUNIT_ASSERT_EQ(test, log.n_announcements, 2);
		KUNIT_EXPECT_EQ(test, log.announcements[0], log.claimed);
		KUNIT_EXPECT_EQ(test, log.announcements[1], log.claimed + 2000);
		KUNIT_EXPECT_EQ(test, acd.state, MINI_ACD_IDLE);
	}
}

static void probe__chance_spreads_them(struct kunit *test)
{
	struct acd_log a;
	struct acd_log b;
	struct mini_acd acd;

	acd_run(&acd, 0, 100, &a);
	acd_run(&acd, 700, 100, &b);
	KUNIT_EXPECT_EQ(test, a.probes[0], 0);
	KUNIT_EXPECT_EQ(test, b.probes[0], 700);
	KUNIT_EXPECT_EQ(test, a.probes[1], 1000);
	KUNIT_EXPECT_EQ(test, b.probes[1], 700 + 1700);
}

static void conflict__at_each_step(struct kunit *test)
{
	struct acd_log log;
	struct mini_acd acd;
	int step;

	/* Before each probe, and in the wait behind the last one. */
	for (step = 0; step <= 3; step++) {
		acd_run(&acd, 5, step, &log);
		KUNIT_EXPECT_EQ(test, log.n_probes, step);
		KUNIT_EXPECT_EQ(test, log.claims, 0);
		KUNIT_EXPECT_EQ(test, log.n_announcements, 0);
		KUNIT_EXPECT_EQ(test, acd.state, MINI_ACD_CONFLICT);
	}
}

static void conflict__later_is_for_the_defence(struct kunit *test)
{
	struct acd_log log;
	struct mini_acd acd;

	acd_run(&acd, 5, 4, &log);
	KUNIT_EXPECT_EQ(test, log.claims, 1);
	KUNIT_EXPECT_EQ(test, log.n_announcements, 2);
	KUNIT_EXPECT_EQ(test, acd.state, MINI_ACD_IDLE);
}

static void start__again_after_a_conflict(struct kunit *test)
{
	struct acd_log log;
	struct mini_acd acd;

	acd_run(&acd, 5, 1, &log);
	KUNIT_ASSERT_EQ(test, acd.state, MINI_ACD_CONFLICT);
	acd_run(&acd, 5, 100, &log);
	KUNIT_EXPECT_EQ(test, log.n_probes, 3);
	KUNIT_EXPECT_EQ(test, log.claims, 1);
}

static void next__of_what_is_over_does_nothing(struct kunit *test)
{
	static const u8 states[] = { MINI_ACD_IDLE, MINI_ACD_CONFLICT };
	struct mini_acd_step step;
	int i;

	for (i = 0; i < ARRAY_SIZE(states); i++) {
		struct mini_acd acd = { .state = states[i] };

		mini_acd_next(&acd, true, 9, &step);
		KUNIT_EXPECT_EQ(test, step.actions, 0);
		KUNIT_EXPECT_EQ(test, acd.state, states[i]);
	}
}

static struct kunit_case acd_cases[] = {
	KUNIT_CASE(probe__times_of_rfc_5227),
	KUNIT_CASE(probe__chance_spreads_them),
	KUNIT_CASE(conflict__at_each_step),
	KUNIT_CASE(conflict__later_is_for_the_defence),
	KUNIT_CASE(start__again_after_a_conflict),
	KUNIT_CASE(next__of_what_is_over_does_nothing),
	{}
};

struct kunit_suite mini_acd_test_suite = {
	.name = "mini_acd",
	.test_cases = acd_cases,
};
