// SPDX-License-Identifier: GPL-2.0
/*
 * Ten thousand segments to a simulated peer over a wire that loses, delays and
 * doubles them, and the ACKs: all arrives, the scoreboard agrees with the tree
 * after each event (the bench sees to that), and nothing is left.
 */
#include <linux/prandom.h>

#include "tcp_harness.h"

#define STORM_SEGS	10000U
#define STORM_WIRE	512U
#define STORM_MS_MAX	3000000U
#define STORM_RECENT	3

/**
 * struct storm - the wire and the peer
 * @got: which segments the peer has
 * @nxt: first one that it has not
 * @recent: segments that begin the newest blocks
 * @wire: what is under way: segment numbers, or ACKs of the peer's
 */
struct storm {
	struct tcp_bench *b;
	struct rnd_state rnd;
	unsigned long got[BITS_TO_LONGS(STORM_SEGS)];
	u32 nxt;
	u32 recent[STORM_RECENT];
	u32 loss;	/* of 1000 */
	struct {
		u64 due;
		u32 seg;
		bool used;
	} wire[STORM_WIRE];
	u32 dup;
	bool dup_due;
};

static bool storm_chance(struct storm *s, u32 of_1000)
{
	return prandom_u32_state(&s->rnd) % 1000 < of_1000;
}

static void storm_put(struct storm *s, u32 seg)
{
	u32 i;

	if (storm_chance(s, s->loss))
		return;
	for (i = 0; i < STORM_WIRE; i++) {
		if (s->wire[i].used)
			continue;
		s->wire[i].used = true;
		s->wire[i].seg = seg;
		s->wire[i].due = s->b->now + 5 * BENCH_MS;
		if (storm_chance(s, 50))
			s->wire[i].due += prandom_u32_state(&s->rnd) %
					  (3 * BENCH_MS);
		return;
	}
}

/* What was sent goes on the wire, segment by segment. */
static void storm_collect(struct storm *s)
{
	struct tcp_sent out;
	u32 seg, off;

	while (tcp_bench_out(s->b, &out)) {
		KUNIT_EXPECT_EQ(s->b->test, out.len % BENCH_MSS, 0U);
		for (off = 0; off < out.len; off += BENCH_MSS) {
			seg = (out.h.seq + off - s->b->tp->iss - 1) / BENCH_MSS;
			storm_put(s, seg);
			if (storm_chance(s, 5))
				storm_put(s, seg);
		}
	}
}

/* The ends of the block that @seg is in. */
static void storm_block(const struct storm *s, u32 seg, u32 *start, u32 *end)
{
	*start = seg;
	while (*start > s->nxt && test_bit(*start - 1, s->got))
		--*start;
	*end = find_next_zero_bit(s->got, STORM_SEGS, seg);
}

static void storm_ack(struct storm *s)
{
	struct mini_tcp_sock *tp = s->b->tp;
	u32 i, j, start, end;
	struct mini_wire_tcp h;

	h = tcp_bench_header(s->b, MINI_TCP_ACK, tp->rcv_nxt - s->b->irs,
			     BENCH_SEG(s->nxt));
	if (s->dup_due) {
		tcp_bench_block(s->b, &h, BENCH_SEG(s->dup),
				BENCH_SEG(s->dup + 1));
		s->dup_due = false;
	}
	for (i = 0; i < STORM_RECENT; i++) {
		if (s->recent[i] <= s->nxt || !test_bit(s->recent[i], s->got))
			continue;
		storm_block(s, s->recent[i], &start, &end);
		/* Twice the same block would be a D-SACK. */
		for (j = 0; j < h.opts.num_sacks; j++)
			if (h.opts.sacks[j].start == tp->iss + BENCH_SEG(start))
				break;
		if (j == h.opts.num_sacks)
			tcp_bench_block(s->b, &h, BENCH_SEG(start),
					BENCH_SEG(end));
	}
	if (!tp->sack_ok)
		h.opts.num_sacks = 0;
	if (!storm_chance(s, s->loss))
		tcp_bench_in_h(s->b, &h, 0);
}

static void storm_arrive(struct storm *s, u32 seg)
{
	if (test_and_set_bit(seg, s->got)) {
		s->dup = seg;
		s->dup_due = true;
	} else {
		s->recent[2] = s->recent[1];
		s->recent[1] = s->recent[0];
		s->recent[0] = seg;
	}
	s->nxt = find_next_zero_bit(s->got, STORM_SEGS, s->nxt);
	storm_ack(s);
	storm_collect(s);
}

/* @limit: how many more segments than what is lost may be sent again, of 100 */
static void storm_run(struct kunit *test, u32 iss, bool sack, u32 gso,
		      u32 loss, u32 limit)
{
	struct storm *s = kunit_kzalloc(test, sizeof(*s), GFP_KERNEL);
	struct tcp_bench *b = test->priv;
	u32 ms, i, wrote = 0;

	KUNIT_ASSERT_NOT_NULL(test, s);
	s->b = b;
	s->loss = loss;
	prandom_seed_state(&s->rnd, 42);
	tcp_bench_established(b, iss, BENCH_IRS);
	b->tp->sack_ok = sack;
	b->tp->gso_max = gso;
	for (ms = 0; ms < STORM_MS_MAX && s->nxt < STORM_SEGS; ms++) {
		while (wrote < STORM_SEGS &&
		       b->tp->write_seq - b->tp->snd_nxt < 20 * BENCH_MSS) {
			tcp_bench_write(b, 10 * BENCH_MSS);
			wrote += 10;
		}
		storm_collect(s);
		tcp_bench_advance(b, BENCH_MS);
		storm_collect(s);
		for (i = 0; i < STORM_WIRE; i++) {
			if (!s->wire[i].used || s->wire[i].due > b->now)
				continue;
			s->wire[i].used = false;
			storm_arrive(s, s->wire[i].seg);
		}
		if (b->tp->ms.sk.sk_state != TCP_ESTABLISHED ||
		    READ_ONCE(test->status) == KUNIT_FAILURE)
			break;
	}
	KUNIT_ASSERT_EQ(test, s->nxt, STORM_SEGS);
	/* The last ACK may have been lost, or an older one has overtaken it. */
	tcp_bench_sack(b, 1 + STORM_SEGS * BENCH_MSS, 0);
	KUNIT_EXPECT_TRUE(test, RB_EMPTY_ROOT(&b->tp->rtx));
	KUNIT_EXPECT_TRUE(test, list_empty(&b->tp->fl->tsorted));
	KUNIT_EXPECT_EQ(test, mini_tcp_inflight(b->tp), 0U);
	KUNIT_EXPECT_LE(test, b->tp->total_retrans,
			STORM_SEGS * loss / 1000 + STORM_SEGS * limit / 100);
	kunit_info(test, "%u ms, %u sent again, %u D-SACKed, reordering %u\n",
		   ms, b->tp->total_retrans, b->tp->dsack_dups,
		   b->tp->reord_seen);
}

static void storm__sack(struct kunit *test)
{
	storm_run(test, BENCH_ISS, true, BENCH_MSS, 20, 3);
}

static void storm__super_segments_across_the_wrap(struct kunit *test)
{
	storm_run(test, -5000000U, true, 10 * BENCH_MSS, 20, 3);
}

static void storm__heavy_loss(struct kunit *test)
{
	storm_run(test, BENCH_ISS, true, 4 * BENCH_MSS, 150, 10);
}

/* Three duplicates are proof enough there, and reordering makes them. */
static void storm__without_sack(struct kunit *test)
{
	storm_run(test, BENCH_ISS, false, 10 * BENCH_MSS, 20, 25);
}

static struct kunit_case tcp_storm_cases[] = {
	KUNIT_CASE(storm__sack),
	KUNIT_CASE(storm__super_segments_across_the_wrap),
	KUNIT_CASE(storm__heavy_loss),
	KUNIT_CASE(storm__without_sack),
	{}
};

struct kunit_suite mini_tcp_storm_test_suite = {
	.name = "mini_tcp_storm",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_storm_cases,
};
