/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A TCP connection on a bench: the clock is a number, the wire a queue.  Tests
 * put segments in and read back what was sent.
 */
#ifndef _MINI_TCP_HARNESS_H
#define _MINI_TCP_HARNESS_H

#include <kunit/test.h>
#include <linux/net.h>

#include "tcp_int.h"

#define BENCH_ISS	1000U	/* this end's first sequence number */
#define BENCH_IRS	5000U	/* the peer's */
#define BENCH_MSS	1000U
#define BENCH_MS	USEC_PER_MSEC
#define BENCH_WND	60000U	/* the window that the peer offers */
#define BENCH_RTT	(10 * BENCH_MS)
/* First octet of segment k, all of them full. */
#define BENCH_SEG(k)	((k) * BENCH_MSS + 1)

struct tcp_bench {
	struct kunit *test;
	struct socket *sock;
	struct mini_tcp_sock *tp;
	struct sk_buff_head wire;
	u64 now;
	u32 irs;
};

/* A segment that was sent. */
struct tcp_sent {
	struct mini_wire_tcp h;
	u32 len;
};

int tcp_bench_init(struct kunit *test);
void tcp_bench_exit(struct kunit *test);

/* Open: a SYN on the wire, state SYN-SENT, with the sequence numbers given. */
void tcp_bench_syn_sent(struct tcp_bench *b, u32 iss, u32 irs);
/* ESTABLISHED, both windows open, mss BENCH_MSS, the wire empty, no quick ACKs */
void tcp_bench_established(struct tcp_bench *b, u32 iss, u32 irs);
/* ... with SACK */
void tcp_bench_receiver(struct tcp_bench *b, u32 irs);
/*
 * ESTABLISHED with SACK and a measured round trip of BENCH_RTT.  @n segments
 * are on their way, from BENCH_SEG(0) on.
 */
struct tcp_bench *tcp_bench_measured(struct kunit *test, u32 n);

/*
 * A header of the peer's, to be filled further: sequence numbers relative to
 * the ISS of each side, ports, the window BENCH_WND, no options.
 */
struct mini_wire_tcp tcp_bench_header(const struct tcp_bench *b, u8 flags,
				      u32 seq, u32 ack);
/* Timestamps for it: @tsval, and an echo of what was sent at @then. */
void tcp_bench_stamp(const struct tcp_bench *b, struct mini_wire_tcp *h,
		     u32 tsval, u64 then);
/* One more SACK block, of relative numbers. */
void tcp_bench_block(const struct tcp_bench *b, struct mini_wire_tcp *h,
		     u32 start, u32 end);

/* The peer sends; sequence numbers relative to the ISS of each side. */
void tcp_bench_in(struct tcp_bench *b, u8 flags, u32 seq, u32 ack, u32 len,
		  u32 window);
void tcp_bench_in_h(struct tcp_bench *b, const struct mini_wire_tcp *h, u32 len);
/* ... with the text in @skb, which is consumed. */
void tcp_bench_in_skb(struct tcp_bench *b, const struct mini_wire_tcp *h,
		      struct sk_buff *skb);
/* The program writes @len octets; what may leave leaves. */
void tcp_bench_write(struct tcp_bench *b, u32 len);
void tcp_bench_close(struct tcp_bench *b);
/* Time passes: deadlines are served one after the other, each at its time. */
void tcp_bench_advance(struct tcp_bench *b, u64 us);
/* The next segment that was sent; false: none. */
bool tcp_bench_out(struct tcp_bench *b, struct tcp_sent *s);
/* The last of them, the others are dropped. */
bool tcp_bench_last(struct tcp_bench *b, struct tcp_sent *s);
void tcp_bench_flush(struct tcp_bench *b);
/* The peer acknowledges, with @n SACK blocks: pairs of relative numbers. */
void tcp_bench_sack(struct tcp_bench *b, u32 ack, u32 n, ...);
/* The same, as the answer to what was sent at @then, of which stamps tell. */
void tcp_bench_sack_then(struct tcp_bench *b, u64 then, u32 ack, u32 n, ...);
/* The scoreboard, counted anew; the bench does it after each event. */
void tcp_bench_check(struct tcp_bench *b);
/* The octets that wait for the program are @len of the stream, in order. */
void tcp_bench_expect_stream(struct tcp_bench *b, u32 len);

/* Expect one segment: flags, sequence numbers relative, payload octets. */
#define TCP_EXPECT_OUT(b, _flags, _seq, _ack, _len)			\
do {									\
	struct tcp_sent __s = {};					\
	struct kunit *__t = (b)->test;					\
									\
	KUNIT_ASSERT_TRUE_MSG(__t, tcp_bench_out(b, &__s),		\
			      "nothing was sent");			\
	KUNIT_EXPECT_EQ(__t, (u32)(__s.h.flags & ~MINI_TCP_PSH),	\
			(u32)(_flags));					\
	KUNIT_EXPECT_EQ(__t, __s.h.seq - (b)->tp->iss, (u32)(_seq));	\
	if ((_flags) & MINI_TCP_ACK)					\
		KUNIT_EXPECT_EQ(__t, __s.h.ack - (b)->irs, (u32)(_ack)); \
	KUNIT_EXPECT_EQ(__t, __s.len, (u32)(_len));			\
} while (0)

#define TCP_EXPECT_SILENCE(b)						\
	KUNIT_EXPECT_EQ((b)->test, skb_queue_len(&(b)->wire), 0U)

#define TCP_EXPECT_STATE(b, _state)					\
	KUNIT_EXPECT_EQ((b)->test, (int)(b)->tp->ms.sk.sk_state,	\
			(int)(_state))

#define TCP_EXPECT_CC(b, _state)					\
	KUNIT_EXPECT_EQ((b)->test, (int)(b)->tp->cc.state, (int)(_state))

#endif /* _MINI_TCP_HARNESS_H */
