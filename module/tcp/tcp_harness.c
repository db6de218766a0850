// SPDX-License-Identifier: GPL-2.0
/*
 * The bench that tcp_*_test.c put a connection on: see tcp_harness.h.
 *
 * The socket is a real one, so that memory accounting and wake-ups are those
 * of use; it is in no table, has no path and no kernel timer.
 */
#include <net/sock.h>

#include "recovery.h"
#include "tcp_harness.h"

static int tcp_bench_xmit(struct mini_tcp_sock *tp, struct sk_buff *skb)
{
	struct tcp_bench *b = tp->ms.sk.sk_user_data;

	/* As if a device had sent it. */
	skb_orphan(skb);
	__skb_queue_tail(&b->wire, skb);
	return 0;
}

int tcp_bench_init(struct kunit *test)
{
	struct tcp_bench *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);
	int err;

	KUNIT_ASSERT_NOT_NULL(test, b);
	b->test = test;
	test->priv = b;
	b->now = 1000 * USEC_PER_SEC;
	__skb_queue_head_init(&b->wire);
	err = sock_create_kern(&init_net, mini_family, SOCK_STREAM, IPPROTO_TCP,
			       &b->sock);
	KUNIT_ASSERT_EQ(test, err, 0);
	b->tp = mini_tcp_sk(b->sock->sk);
	b->tp->detached = 1;
	/* Tests of loss count by Reno's rules. */
	err = mini_tcp_cong_set(b->tp, "newreno", true);
	KUNIT_ASSERT_EQ(test, err, 0);
	b->tp->cc_chosen = 1;
	b->tp->xmit = tcp_bench_xmit;
	b->sock->sk->sk_user_data = b;
	return 0;
}

void tcp_bench_exit(struct kunit *test)
{
	struct tcp_bench *b = test->priv;

	if (!b || !b->sock)
		return;
	lock_sock(b->sock->sk);
	if (b->tp->ms.sk.sk_state != TCP_CLOSE)
		mini_tcp_abort_silent(b->tp, ECONNRESET);
	release_sock(b->sock->sk);
	sock_release(b->sock);
	__skb_queue_purge(&b->wire);
}

void tcp_bench_syn_sent(struct tcp_bench *b, u32 iss, u32 irs)
{
	struct mini_tcp_sock *tp = b->tp;
	struct mini_tuple *t = &tp->ms.conn.tuple;

	lock_sock(&tp->ms.sk);
	b->irs = irs;
	mini_addr_set_v4(&t->laddr, htonl(0x0a000001));
	mini_addr_set_v4(&t->raddr, htonl(0x0a000002));
	t->lport = htons(40000);
	t->rport = htons(80);
	mini_tcp_init_sock(tp);
	tp->iss = iss;
	tp->snd_una = iss;
	tp->snd_nxt = iss;
	tp->write_seq = iss;
	tp->rcv_wscale = 0;
	tp->rcv_wnd = 32000;
	mini_tcp_queue_ctl(tp, MINI_TCP_SYN);
	tp->fl->recover = iss;
	mini_tcp_set_state(tp, TCP_SYN_SENT);
	mini_tcp_send_syn(tp, b->now);
	release_sock(&tp->ms.sk);
}

void tcp_bench_established(struct tcp_bench *b, u32 iss, u32 irs)
{
	struct mini_tcp_sock *tp = b->tp;

	tcp_bench_syn_sent(b, iss, irs);
	b->now += 10 * BENCH_MS;
	tcp_bench_in(b, MINI_TCP_SYN | MINI_TCP_ACK, 0, 1, 0, 60000);
	KUNIT_ASSERT_EQ(b->test, (int)tp->ms.sk.sk_state, TCP_ESTABLISHED);
	tp->cc.mss = BENCH_MSS;
	tp->rcv_mss = BENCH_MSS;
	tp->gso_max = BENCH_MSS;
	tp->cc.cwnd = MINI_TCP_INIT_CWND * BENCH_MSS;
	/* As if data had been coming for a while. */
	tp->quickacks = 0;
	tp->ato_us = 40 * BENCH_MS;
	tp->last_data_rcv = b->now;
	tcp_bench_flush(b);
}

void tcp_bench_receiver(struct tcp_bench *b, u32 irs)
{
	tcp_bench_established(b, BENCH_ISS, irs);
	b->tp->sack_ok = 1;
}

struct tcp_bench *tcp_bench_measured(struct kunit *test, u32 n)
{
	struct tcp_bench *b = test->priv;
	struct mini_tcp_sock *tp = b->tp;

	tcp_bench_established(b, BENCH_ISS, BENCH_IRS);
	tp->sack_ok = 1;
	tcp_bench_write(b, BENCH_MSS);
	b->now += BENCH_RTT;
	tcp_bench_in(b, MINI_TCP_ACK, 1, BENCH_SEG(1), 0, BENCH_WND);
	KUNIT_ASSERT_EQ(test, tp->cc.min_rtt_us, (u32)BENCH_RTT);
	/* From here on segment 0 is the next. */
	tp->iss += BENCH_MSS;
	tp->cc.cwnd = MINI_TCP_INIT_CWND * BENCH_MSS;
	if (n)
		tcp_bench_write(b, n * BENCH_MSS);
	tcp_bench_flush(b);
	return b;
}

struct mini_wire_tcp tcp_bench_header(const struct tcp_bench *b, u8 flags,
				      u32 seq, u32 ack)
{
	return (struct mini_wire_tcp){
		.sport = b->tp->ms.conn.tuple.rport,
		.dport = b->tp->ms.conn.tuple.lport,
		.seq = b->irs + seq,
		.ack = b->tp->iss + ack,
		.window = BENCH_WND,
		.flags = flags,
		.hdr_len = 20,
	};
}

void tcp_bench_stamp(const struct tcp_bench *b, struct mini_wire_tcp *h,
		     u32 tsval, u64 then)
{
	h->hdr_len += 12;
	h->opts.saw_tstamp = 1;
	h->opts.tsval = tsval;
	h->opts.tsecr = mini_tcp_tsval(b->tp->ts_off, then);
}

void tcp_bench_block(const struct tcp_bench *b, struct mini_wire_tcp *h,
		     u32 start, u32 end)
{
	struct mini_wire_tcp_opts *o = &h->opts;

	KUNIT_ASSERT_LT(b->test, o->num_sacks, ARRAY_SIZE(o->sacks));
	h->hdr_len += o->num_sacks ? 8 : 12;
	o->sacks[o->num_sacks].start = b->tp->iss + start;
	o->sacks[o->num_sacks++].end = b->tp->iss + end;
}

void tcp_bench_in_skb(struct tcp_bench *b, const struct mini_wire_tcp *h,
		      struct sk_buff *skb)
{
	lock_sock(&b->tp->ms.sk);
	mini_tcp_rcv(b->tp, skb, h, b->now);
	release_sock(&b->tp->ms.sk);
	tcp_bench_check(b);
}

void tcp_bench_in_h(struct tcp_bench *b, const struct mini_wire_tcp *h, u32 len)
{
	struct sk_buff *skb = alloc_skb(max(len, 1U), GFP_KERNEL);
	u32 i;

	KUNIT_ASSERT_NOT_NULL(b->test, skb);
	/* Each octet tells its place in the stream. */
	for (i = 0; i < len; i++)
		*(u8 *)skb_put(skb, 1) = h->seq + i - b->irs;
	tcp_bench_in_skb(b, h, skb);
}

void tcp_bench_in(struct tcp_bench *b, u8 flags, u32 seq, u32 ack, u32 len,
		  u32 window)
{
	struct mini_wire_tcp h = tcp_bench_header(b, flags, seq, ack);

	h.window = window;
	tcp_bench_in_h(b, &h, len);
}

void tcp_bench_write(struct tcp_bench *b, u32 len)
{
	struct mini_tcp_sock *tp = b->tp;
	struct sock *sk = &tp->ms.sk;
	struct sk_buff *skb;
	struct page *page;
	u32 n;

	lock_sock(sk);
	for (; len; len -= n) {
		n = min(len, tp->gso_max);
		skb = mini_tcp_new_segment(tp);
		page = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(b->test, skb);
		KUNIT_ASSERT_NOT_NULL(b->test, page);
		skb_fill_page_desc(skb, 0, page, 0, n);
		skb->len += n;
		skb->data_len += n;
		skb->truesize += n;
		sk_wmem_queued_add(sk, n);
		sk_mem_charge(sk, n);
		tp->write_seq += n;
		mini_tcp_cb(skb)->end_seq += n;
	}
	mini_tcp_push(tp, b->now);
	release_sock(sk);
}

void tcp_bench_close(struct tcp_bench *b)
{
	struct mini_tcp_sock *tp = b->tp;

	lock_sock(&tp->ms.sk);
	mini_tcp_set_state(tp, tp->ms.sk.sk_state == TCP_CLOSE_WAIT ?
			   TCP_LAST_ACK : TCP_FIN_WAIT1);
	mini_tcp_send_fin(tp, b->now);
	release_sock(&tp->ms.sk);
}

/* The earliest deadline, or 0. */
static u64 tcp_bench_next(const struct tcp_bench *b)
{
	u64 first = 0;
	int i;

	for (i = 0; i < MINI_TCP_T_COUNT; i++)
		if (b->tp->deadline[i] &&
		    (!first || b->tp->deadline[i] < first))
			first = b->tp->deadline[i];
	return first;
}

void tcp_bench_advance(struct tcp_bench *b, u64 us)
{
	u64 end = b->now + us;
	u64 next;

	lock_sock(&b->tp->ms.sk);
	while ((next = tcp_bench_next(b)) != 0 && next <= end) {
		b->now = max(b->now, next);
		mini_tcp_timers_run(b->tp, b->now);
	}
	release_sock(&b->tp->ms.sk);
	b->now = end;
	tcp_bench_check(b);
}

bool tcp_bench_out(struct tcp_bench *b, struct tcp_sent *s)
{
	struct sk_buff *skb = __skb_dequeue(&b->wire);

	if (!skb)
		return false;
	KUNIT_EXPECT_EQ(b->test,
			(int)mini_wire_tcp_parse(skb->data, skb_headlen(skb),
						 &s->h), 0);
	s->len = skb->len - s->h.hdr_len;
	kfree_skb(skb);
	return true;
}

bool tcp_bench_last(struct tcp_bench *b, struct tcp_sent *s)
{
	bool any = false;

	while (tcp_bench_out(b, s))
		any = true;
	return any;
}

void tcp_bench_flush(struct tcp_bench *b)
{
	__skb_queue_purge(&b->wire);
}

void tcp_bench_expect_stream(struct tcp_bench *b, u32 len)
{
	struct sock *sk = &b->tp->ms.sk;
	u32 seq = b->tp->copied_seq;
	struct sk_buff *skb;
	u8 octet;

	skb_queue_walk(&sk->sk_receive_queue, skb) {
		u32 off = seq - mini_tcp_cb(skb)->seq;

		for (; off < skb->len; off++, seq++) {
			KUNIT_ASSERT_EQ(b->test,
					skb_copy_bits(skb, off, &octet, 1), 0);
			KUNIT_ASSERT_EQ(b->test, octet, (u8)(seq - b->irs));
		}
	}
	KUNIT_EXPECT_EQ(b->test, seq - b->tp->copied_seq, len);
	KUNIT_EXPECT_EQ(b->test, b->tp->rcv_nxt - b->tp->copied_seq, len);
}

static void tcp_bench_vsack(struct tcp_bench *b, u64 then, u32 ack, u32 n,
			    va_list args)
{
	struct mini_tcp_sock *tp = b->tp;
	struct mini_wire_tcp h;
	u32 start;

	h = tcp_bench_header(b, MINI_TCP_ACK, tp->rcv_nxt - b->irs, ack);
	while (n--) {
		start = va_arg(args, u32);
		tcp_bench_block(b, &h, start, va_arg(args, u32));
	}
	if (tp->tstamp_ok)
		tcp_bench_stamp(b, &h, tp->ts_recent, then);
	tcp_bench_in_h(b, &h, 0);
}

void tcp_bench_sack(struct tcp_bench *b, u32 ack, u32 n, ...)
{
	va_list args;

	va_start(args, n);
	tcp_bench_vsack(b, b->now, ack, n, args);
	va_end(args);
}

void tcp_bench_sack_then(struct tcp_bench *b, u64 then, u32 ack, u32 n, ...)
{
	va_list args;

	va_start(args, n);
	tcp_bench_vsack(b, then, ack, n, args);
	va_end(args);
}

/* What is on its way stands in the list, in the order of transmission. */
static void tcp_bench_check_list(struct tcp_bench *b, u32 want)
{
	const struct mini_tcp_cb *last = NULL;
	struct sk_buff *skb;
	bool sorted = true;
	u32 n = 0;

	list_for_each_entry(skb, &b->tp->fl->tsorted, tcp_tsorted_anchor) {
		const struct mini_tcp_cb *cb = mini_tcp_cb(skb);

		sorted &= !last || last->sent <= cb->sent;
		last = cb;
		n++;
	}
	KUNIT_EXPECT_TRUE(b->test, sorted);
	KUNIT_EXPECT_EQ(b->test, n, want);
}

void tcp_bench_check(struct tcp_bench *b)
{
	struct mini_tcp_sock *tp = b->tp;
	u32 sacked = 0, lost = 0, retrans = 0, pending = 0, segs = 0, way = 0;
	struct sk_buff *skb;
	bool hint = true;

	for (skb = mini_tcp_rtx_head(tp); skb; skb = skb_rb_next(skb)) {
		const struct mini_tcp_cb *cb = mini_tcp_cb(skb);
		u32 len = mini_tcp_seg_out(tp, cb);
		u8 what = cb->mark & ~MINI_TCP_CB_EVER_RETRANS;

		KUNIT_EXPECT_GT(b->test, len, 0U);
		if (skb == tp->fl->lost_hint)
			hint = false;
		if (what & MINI_TCP_CB_SACKED) {
			KUNIT_EXPECT_EQ(b->test, what, MINI_TCP_CB_SACKED);
			sacked += len;
			segs++;
			continue;
		}
		lost += what & MINI_TCP_CB_LOST ? len : 0;
		retrans += what & MINI_TCP_CB_RETRANS ? len : 0;
		if (what != MINI_TCP_CB_LOST) {
			way++;
			continue;
		}
		pending += len;
		/* Nothing that waits stands before the hint. */
		KUNIT_EXPECT_FALSE(b->test, tp->fl->lost_hint && hint);
	}
	if (tp->sack_ok) {
		KUNIT_EXPECT_EQ(b->test, tp->sacked_out, sacked);
		KUNIT_EXPECT_EQ(b->test, tp->fl->sacked_segs, segs);
	}
	KUNIT_EXPECT_EQ(b->test, tp->lost_out, lost);
	KUNIT_EXPECT_EQ(b->test, tp->retrans_out, retrans);
	KUNIT_EXPECT_EQ(b->test, tp->rtx_pending, pending);
	KUNIT_EXPECT_LE(b->test, tp->sacked_out + tp->lost_out,
			tp->snd_nxt - tp->snd_una);
	tcp_bench_check_list(b, way);
}
