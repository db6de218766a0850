// SPDX-License-Identifier: GPL-2.0
/*
 * RFC 9293 section 3.10, whole: every state with every event, a row each, and
 * every row three times: with sequence numbers that are small, that pass 2^31
 * and that pass 2^32 in the middle of what the row compares.
 *
 * A row names the states that it holds for, the event, and what must follow:
 * the new state, what is sent, how far RCV.NXT and SND.UNA move, the error the
 * program is told.  LISTEN and half-open connections are no sockets with a
 * wire of their own: selftests/frames_tcp_open.c and the ladders test them.
 */
#include "open.h"
#include "tcp_harness.h"

#define ACK	MINI_TCP_ACK
#define FIN	MINI_TCP_FIN
#define SYN	MINI_TCP_SYN
#define RST	MINI_TCP_RST
#define WND	60000

/* Written before the event and not acknowledged, but in FIN-WAIT-2. */
#define TEXT	(2 * BENCH_MSS)

#define F(state)	(1 << (TCP_##state))
#define TO(state)	(TCP_##state)
#define STAY	0

/* States in which the peer may still send. */
#define OPEN	(F(ESTABLISHED) | F(FIN_WAIT1) | F(FIN_WAIT2))
/* The peer's FIN was taken. */
#define SHUT	(F(CLOSE_WAIT) | F(CLOSING) | F(LAST_ACK))
/* Something of ours is not acknowledged, past the handshake. */
#define OWES	(F(ESTABLISHED) | F(FIN_WAIT1) | SHUT)
#define SYNCED	(F(SYN_RECV) | OPEN | SHUT)

/* What SEG.SEQ and SEG.ACK are counted from. */
enum row_anchor {
	AT_RCV_NXT,
	AT_RCV_EDGE,	/* RCV.NXT + RCV.WND */
	AT_IRS,
	AT_SND_UNA,
	AT_SND_NXT,
	AT_OLDEST,	/* SND.UNA - MAX.SND.WND, RFC 5961 section 5.2 */
};

enum row_sent {
	NOTHING,
	AN_ACK,		/* at once: SEQ=SND.NXT, ACK=RCV.NXT */
	ACK_SOON,	/* at once or by the delayed-ACK timer */
	A_REFUSAL,	/* RST, SEQ=SEG.ACK */
	A_RESET,	/* RST, SEQ=SND.NXT */
	A_FIN,
	A_SYN_ACK,
	THE_OLDEST,	/* SND.UNA again, and maybe more */
};

enum row_call {
	SEGMENT,
	CLOSE,
	ABORT,
	SEND,
	RECEIVE,
	TIME,		/* so many seconds pass */
};

struct row {
	const char *event;
	u16 from;
	enum row_call call;
	u8 flags;
	enum row_anchor seq_at;
	u32 seq;
	enum row_anchor ack_at;
	u32 ack;
	u16 len;
	bool no_reader;		/* the program closed before */
	u32 time;		/* seconds */
	u32 user_timeout;	/* ms */
	u8 to;
	enum row_sent sent;
	u16 taken;		/* octets by which RCV.NXT moves */
	u16 acked;		/* octets by which SND.UNA moves */
	int err;		/* the program's: sk_err, or the call's */
};

static const struct row rows[] = {
	/* First: the sequence number; second: RST (RFC 5961 section 3). */
	{ "RST at RCV.NXT", F(SYN_RECV), .flags = RST,
	  .to = TO(CLOSE), .err = ECONNRESET },
	{ "RST at RCV.NXT", OPEN | F(CLOSING) | F(LAST_ACK), .flags = RST,
	  .to = TO(CLOSE), .err = ECONNRESET },
	{ "RST at RCV.NXT", F(CLOSE_WAIT), .flags = RST,
	  .to = TO(CLOSE), .err = EPIPE },
	{ "RST with text at RCV.NXT", OPEN, .flags = RST, .len = 100,
	  .to = TO(CLOSE), .err = ECONNRESET },
	{ "RST,ACK at RCV.NXT, ACK beyond", OPEN, .flags = RST | ACK,
	  .ack_at = AT_SND_NXT, .ack = 1000,
	  .to = TO(CLOSE), .err = ECONNRESET },
	{ "RST in the window", SYNCED, .flags = RST, .seq = 1,
	  .sent = AN_ACK },
	{ "RST at the last octet of the window", SYNCED, .flags = RST,
	  .seq_at = AT_RCV_EDGE, .seq = -1, .sent = AN_ACK },
	{ "RST beyond the window", SYNCED, .flags = RST,
	  .seq_at = AT_RCV_EDGE, .seq = 1 },
	{ "RST below the window", SYNCED, .flags = RST, .seq = -1 },
	{ "RST half the space away", SYNCED, .flags = RST, .seq = 1U << 31 },

	/* Fourth: SYN (RFC 5961 section 4). */
	{ "SYN at RCV.NXT", SYNCED, .flags = SYN, .sent = AN_ACK },
	{ "SYN in the window", SYNCED, .flags = SYN, .seq = 100,
	  .sent = AN_ACK },
	{ "SYN below the window", SYNCED, .flags = SYN, .seq = -1000,
	  .sent = AN_ACK },
	{ "SYN beyond the window", SYNCED, .flags = SYN,
	  .seq_at = AT_RCV_EDGE, .seq = 1, .sent = AN_ACK },
	{ "SYN with text at RCV.NXT", OPEN, .flags = SYN | ACK, .len = 10,
	  .ack_at = AT_SND_NXT, .sent = AN_ACK },
	{ "the first SYN again", F(SYN_RECV), .flags = SYN, .seq_at = AT_IRS,
	  .sent = A_SYN_ACK },
	{ "the SYN,ACK again", OPEN | SHUT, .flags = SYN | ACK,
	  .seq_at = AT_IRS, .ack_at = AT_SND_UNA, .sent = AN_ACK },
	{ "SYN,ACK of our SYN", F(SYN_RECV), .flags = SYN | ACK,
	  .seq_at = AT_IRS, .ack_at = AT_SND_NXT, .to = TO(ESTABLISHED),
	  .sent = AN_ACK, .acked = 1 },

	/* Fifth: ACK. */
	{ "no ACK bit", SYNCED, .flags = 0, .len = 100 },
	{ "FIN without ACK bit", SYNCED, .flags = FIN },
	{ "ACK of a part", OWES, .flags = ACK, .ack_at = AT_SND_UNA,
	  .ack = BENCH_MSS, .acked = BENCH_MSS },
	{ "ACK of everything", F(SYN_RECV), .flags = ACK,
	  .ack_at = AT_SND_NXT, .to = TO(ESTABLISHED), .acked = 1 },
	{ "ACK of everything", F(ESTABLISHED) | F(CLOSE_WAIT), .flags = ACK,
	  .ack_at = AT_SND_NXT, .acked = TEXT },
	{ "ACK of everything", F(FIN_WAIT1), .flags = ACK,
	  .ack_at = AT_SND_NXT, .to = TO(FIN_WAIT2), .acked = TEXT + 1 },
	{ "ACK of everything", F(FIN_WAIT2), .flags = ACK,
	  .ack_at = AT_SND_NXT },
	{ "ACK of everything", F(CLOSING), .flags = ACK, .ack_at = AT_SND_NXT,
	  .to = TO(TIME_WAIT) },
	{ "ACK of everything", F(LAST_ACK), .flags = ACK, .ack_at = AT_SND_NXT,
	  .to = TO(CLOSE) },
	{ "ACK of all but the FIN", F(FIN_WAIT1) | F(CLOSING) | F(LAST_ACK),
	  .flags = ACK, .ack_at = AT_SND_NXT, .ack = -1, .acked = TEXT },
	{ "ACK again", OPEN | SHUT, .flags = ACK, .ack_at = AT_SND_UNA },
	{ "ACK of less than is acknowledged", OPEN | SHUT, .flags = ACK,
	  .ack_at = AT_SND_UNA, .ack = -1 },
	{ "the oldest ACK that may be", OPEN | SHUT, .flags = ACK,
	  .ack_at = AT_OLDEST },
	{ "ACK too old", OPEN | SHUT, .flags = ACK, .ack_at = AT_OLDEST,
	  .ack = -1, .sent = AN_ACK },
	{ "ACK too old, with text", OPEN, .flags = ACK, .ack_at = AT_OLDEST,
	  .ack = -1, .len = 10, .sent = AN_ACK },
	{ "ACK beyond SND.NXT", OPEN | SHUT, .flags = ACK,
	  .ack_at = AT_SND_NXT, .ack = 1, .sent = AN_ACK },
	{ "ACK beyond SND.NXT, with text", OPEN, .flags = ACK,
	  .ack_at = AT_SND_NXT, .ack = 1, .len = 10, .sent = AN_ACK },
	{ "ACK half the space away", OPEN | SHUT, .flags = ACK,
	  .ack_at = AT_SND_NXT, .ack = 1U << 31, .sent = AN_ACK },
	{ "ACK of the SYN's own number", F(SYN_RECV), .flags = ACK,
	  .ack_at = AT_SND_UNA, .sent = A_REFUSAL },
	{ "ACK below the SYN", F(SYN_RECV), .flags = ACK,
	  .ack_at = AT_SND_UNA, .ack = -1, .sent = A_REFUSAL },
	{ "ACK beyond the SYN", F(SYN_RECV), .flags = ACK,
	  .ack_at = AT_SND_NXT, .ack = 1, .sent = A_REFUSAL },
	{ "good ACK, sequence below the window", OWES, .flags = ACK,
	  .seq = -1, .ack_at = AT_SND_NXT, .sent = AN_ACK },
	{ "good ACK, sequence beyond the window", OWES, .flags = ACK,
	  .seq_at = AT_RCV_EDGE, .seq = 1, .ack_at = AT_SND_NXT,
	  .sent = AN_ACK },

	/* Seventh: text. */
	{ "text", OPEN, .flags = ACK, .ack_at = AT_SND_UNA, .len = 100,
	  .sent = ACK_SOON, .taken = 100 },
	{ "text", SHUT, .flags = ACK, .ack_at = AT_SND_UNA, .len = 100,
	  .sent = AN_ACK },
	{ "text and ACK of our SYN", F(SYN_RECV), .flags = ACK,
	  .ack_at = AT_SND_NXT, .len = 100, .to = TO(ESTABLISHED),
	  .sent = ACK_SOON, .taken = 100, .acked = 1 },
	{ "text and ACK of our FIN", F(FIN_WAIT1), .flags = ACK,
	  .ack_at = AT_SND_NXT, .len = 100, .to = TO(FIN_WAIT2),
	  .sent = ACK_SOON, .taken = 100, .acked = TEXT + 1 },
	{ "text beyond a hole", OPEN, .flags = ACK, .seq = 200,
	  .ack_at = AT_SND_UNA, .len = 100, .sent = AN_ACK },
	{ "text half old, half new", OPEN, .flags = ACK, .seq = -50,
	  .ack_at = AT_SND_UNA, .len = 100, .sent = ACK_SOON, .taken = 50 },
	{ "old text up to RCV.NXT", OPEN | SHUT, .flags = ACK, .seq = -100,
	  .ack_at = AT_SND_UNA, .len = 100, .sent = AN_ACK },
	{ "older text", OPEN | SHUT, .flags = ACK, .seq = -200,
	  .ack_at = AT_SND_UNA, .len = 100, .sent = AN_ACK },
	{ "text across the window's edge", OPEN, .flags = ACK,
	  .seq_at = AT_RCV_EDGE, .seq = -50, .ack_at = AT_SND_UNA, .len = 100,
	  .sent = AN_ACK },
	{ "text at the window's edge", OPEN, .flags = ACK,
	  .seq_at = AT_RCV_EDGE, .ack_at = AT_SND_UNA, .len = 100,
	  .sent = AN_ACK },
	{ "text beyond the window", OPEN | SHUT, .flags = ACK,
	  .seq_at = AT_RCV_EDGE, .seq = 1, .ack_at = AT_SND_UNA, .len = 100,
	  .sent = AN_ACK },
	{ "text that nobody will read", F(FIN_WAIT1) | F(FIN_WAIT2),
	  .flags = ACK, .ack_at = AT_SND_UNA, .len = 100, .no_reader = true,
	  .to = TO(CLOSE), .sent = A_REFUSAL, .err = ECONNRESET },
	{ "old text that nobody missed", F(FIN_WAIT1) | F(FIN_WAIT2),
	  .flags = ACK, .seq = -100, .ack_at = AT_SND_UNA, .len = 100,
	  .no_reader = true, .sent = AN_ACK },

	/* Eighth: FIN. */
	{ "FIN and ACK of our SYN", F(SYN_RECV), .flags = FIN | ACK,
	  .ack_at = AT_SND_NXT, .to = TO(CLOSE_WAIT), .sent = ACK_SOON,
	  .taken = 1, .acked = 1 },
	{ "FIN", F(ESTABLISHED), .flags = FIN | ACK, .ack_at = AT_SND_UNA,
	  .to = TO(CLOSE_WAIT), .sent = ACK_SOON, .taken = 1 },
	{ "FIN", F(FIN_WAIT1), .flags = FIN | ACK, .ack_at = AT_SND_UNA,
	  .to = TO(CLOSING), .sent = AN_ACK, .taken = 1 },
	{ "FIN", F(FIN_WAIT2), .flags = FIN | ACK, .ack_at = AT_SND_UNA,
	  .to = TO(TIME_WAIT), .sent = AN_ACK, .taken = 1 },
	{ "FIN and ACK of ours", F(FIN_WAIT1), .flags = FIN | ACK,
	  .ack_at = AT_SND_NXT, .to = TO(TIME_WAIT), .sent = AN_ACK,
	  .taken = 1, .acked = TEXT + 1 },
	{ "FIN behind text", F(ESTABLISHED), .flags = FIN | ACK,
	  .ack_at = AT_SND_UNA, .len = 100, .to = TO(CLOSE_WAIT),
	  .sent = ACK_SOON, .taken = 101 },
	{ "FIN behind text", F(FIN_WAIT1), .flags = FIN | ACK,
	  .ack_at = AT_SND_UNA, .len = 100, .to = TO(CLOSING),
	  .sent = AN_ACK, .taken = 101 },
	{ "FIN beyond a hole", OPEN, .flags = FIN | ACK, .seq = 100,
	  .ack_at = AT_SND_UNA, .sent = AN_ACK },
	{ "FIN beyond the window", OPEN, .flags = FIN | ACK,
	  .seq_at = AT_RCV_EDGE, .seq = 1, .ack_at = AT_SND_UNA,
	  .sent = AN_ACK },
	{ "the FIN again", SHUT, .flags = FIN | ACK, .seq = -1,
	  .ack_at = AT_SND_UNA, .sent = AN_ACK },
	{ "the FIN again, and ACK of ours", F(CLOSING), .flags = FIN | ACK,
	  .seq = -1, .ack_at = AT_SND_NXT, .to = TO(TIME_WAIT) },
	{ "the FIN again, and ACK of ours", F(LAST_ACK), .flags = FIN | ACK,
	  .seq = -1, .ack_at = AT_SND_NXT, .to = TO(CLOSE) },
	{ "FIN behind the FIN", SHUT, .flags = FIN | ACK,
	  .ack_at = AT_SND_UNA, .sent = AN_ACK },
	{ "FIN when nobody reads", F(FIN_WAIT2), .flags = FIN | ACK,
	  .ack_at = AT_SND_UNA, .no_reader = true, .to = TO(TIME_WAIT),
	  .sent = AN_ACK, .taken = 1 },

	/* SYN-SENT (section 3.10.7.3). */
	{ "SYN,ACK", F(SYN_SENT), .flags = SYN | ACK, .seq_at = AT_IRS,
	  .ack_at = AT_SND_NXT, .to = TO(ESTABLISHED), .sent = AN_ACK,
	  .taken = 1, .acked = 1 },
	{ "SYN,ACK with text", F(SYN_SENT), .flags = SYN | ACK,
	  .seq_at = AT_IRS, .ack_at = AT_SND_NXT, .len = 100,
	  .to = TO(ESTABLISHED), .sent = AN_ACK, .taken = 101, .acked = 1 },
	{ "SYN,ACK with FIN", F(SYN_SENT), .flags = SYN | ACK | FIN,
	  .seq_at = AT_IRS, .ack_at = AT_SND_NXT, .to = TO(CLOSE_WAIT),
	  .sent = AN_ACK, .taken = 2, .acked = 1 },
	{ "SYN,ACK of nothing", F(SYN_SENT), .flags = SYN | ACK,
	  .seq_at = AT_IRS, .ack_at = AT_SND_UNA, .sent = A_REFUSAL },
	{ "SYN,ACK of something older", F(SYN_SENT), .flags = SYN | ACK,
	  .seq_at = AT_IRS, .ack_at = AT_SND_UNA, .ack = -1,
	  .sent = A_REFUSAL },
	{ "SYN,ACK of what was not sent", F(SYN_SENT), .flags = SYN | ACK,
	  .seq_at = AT_IRS, .ack_at = AT_SND_NXT, .ack = 1,
	  .sent = A_REFUSAL },
	{ "SYN", F(SYN_SENT), .flags = SYN, .seq_at = AT_IRS,
	  .to = TO(SYN_RECV), .sent = A_SYN_ACK, .taken = 1 },
	{ "RST,ACK of our SYN", F(SYN_SENT), .flags = RST | ACK,
	  .seq_at = AT_IRS, .ack_at = AT_SND_NXT, .to = TO(CLOSE),
	  .err = ECONNREFUSED },
	{ "RST,ACK of something else", F(SYN_SENT), .flags = RST | ACK,
	  .seq_at = AT_IRS, .ack_at = AT_SND_NXT, .ack = 1 },
	{ "RST", F(SYN_SENT), .flags = RST, .seq_at = AT_IRS },
	{ "ACK of our SYN alone", F(SYN_SENT), .flags = ACK, .seq_at = AT_IRS,
	  .ack_at = AT_SND_NXT },
	{ "ACK of something else", F(SYN_SENT), .flags = ACK,
	  .seq_at = AT_IRS, .ack_at = AT_SND_NXT, .ack = 1,
	  .sent = A_REFUSAL },
	{ "text", F(SYN_SENT), .flags = 0, .seq_at = AT_IRS, .len = 10 },
	{ "FIN", F(SYN_SENT), .flags = FIN, .seq_at = AT_IRS },

	/* What the program does (sections 3.10.2 to 3.10.5). */
	{ "CLOSE", F(SYN_RECV) | F(ESTABLISHED), CLOSE, .to = TO(FIN_WAIT1),
	  .sent = A_FIN },
	{ "CLOSE", F(CLOSE_WAIT), CLOSE, .to = TO(LAST_ACK), .sent = A_FIN },
	{ "CLOSE", F(FIN_WAIT1) | F(FIN_WAIT2) | F(CLOSING) | F(LAST_ACK),
	  CLOSE },
	{ "ABORT", F(SYN_SENT), ABORT, .to = TO(CLOSE), .err = ECONNRESET },
	{ "ABORT", F(SYN_RECV) | OPEN | F(CLOSE_WAIT), ABORT,
	  .to = TO(CLOSE), .sent = A_RESET, .err = ECONNRESET },
	{ "ABORT", F(CLOSING) | F(LAST_ACK), ABORT, .to = TO(CLOSE),
	  .err = ECONNRESET },
	{ "SEND", F(SYN_SENT) | F(SYN_RECV), SEND, .err = EAGAIN },
	{ "SEND", F(FIN_WAIT1) | F(FIN_WAIT2) | F(CLOSING) | F(LAST_ACK),
	  SEND, .err = EPIPE },
	{ "RECEIVE", F(SYN_SENT) | F(SYN_RECV) | OPEN, RECEIVE,
	  .err = EAGAIN },
	{ "RECEIVE", SHUT, RECEIVE },

	/* What time does (section 3.10.8). */
	{ "the retransmission time passes", F(SYN_SENT) | F(SYN_RECV) | OWES,
	  TIME, .time = 2, .sent = THE_OLDEST },
	{ "the retransmission time passes", F(FIN_WAIT2), TIME, .time = 2 },
	{ "R2 passes", F(SYN_SENT) | F(SYN_RECV) | OWES, TIME, .time = 3600,
	  .to = TO(CLOSE), .sent = THE_OLDEST, .err = ETIMEDOUT },
	{ "the user timeout passes", F(SYN_SENT) | F(SYN_RECV) | OWES, TIME,
	  .time = 100, .user_timeout = 20000, .to = TO(CLOSE),
	  .sent = THE_OLDEST, .err = ETIMEDOUT },
	{ "an hour", F(FIN_WAIT2), TIME, .time = 3600 },
};

/* Places in the circle of 2^32; every row is tried in each. */
static const struct {
	const char *name;
	u32 iss;
	u32 irs;
} places[] = {
	{ "", BENCH_ISS, BENCH_IRS },
	{ ", at 2^31", (1U << 31) - TEXT / 2, (1U << 31) - 60 },
	{ ", at 2^32", -(TEXT / 2), -60 },
};

/* A row in one of its states: what the generator hands on. */
struct row_case {
	const struct row *row;
	int state;
};

static const void *next_case(struct kunit *test, const void *prev, char *desc)
{
	static const char * const names[TCP_MAX_STATES] = {
		[TCP_ESTABLISHED] = "ESTABLISHED",
		[TCP_SYN_SENT] = "SYN-SENT",
		[TCP_SYN_RECV] = "SYN-RECEIVED",
		[TCP_FIN_WAIT1] = "FIN-WAIT-1",
		[TCP_FIN_WAIT2] = "FIN-WAIT-2",
		[TCP_CLOSE_WAIT] = "CLOSE-WAIT",
		[TCP_LAST_ACK] = "LAST-ACK",
		[TCP_CLOSING] = "CLOSING",
	};
	static struct row_case c;

	if (!prev) {
		c.row = rows;
		c.state = 0;
	}
	while (!(c.row->from >> ++c.state & 1)) {
		if (c.state < TCP_MAX_STATES)
			continue;
		c.state = 0;
		if (++c.row == rows + ARRAY_SIZE(rows))
			return NULL;
	}
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s: %s", names[c.state],
		 c.row->event);
	return &c;
}

/* Bring a fresh connection where the row begins. */
static void row_begin(struct tcp_bench *b, int state, u32 iss, u32 irs)
{
	static u32 turn;

	/* No two cases in one second: challenge ACKs are counted by it. */
	b->now += 2 * USEC_PER_SEC * ++turn;
	switch (state) {
	case TCP_SYN_SENT:
		tcp_bench_syn_sent(b, iss, irs);
		break;
	case TCP_SYN_RECV:
		tcp_bench_syn_sent(b, iss, irs);
		tcp_bench_in(b, SYN, 0, 0, 0, WND);
		break;
	default:
		tcp_bench_established(b, iss, irs);
		tcp_bench_write(b, TEXT);
	}
	if (F(CLOSE_WAIT) & 1 << state || F(LAST_ACK) & 1 << state)
		tcp_bench_in(b, FIN | ACK, 1, 1, 0, WND);
	/* The ACK of that was not waited for. */
	if (state == TCP_CLOSE_WAIT)
		mini_tcp_send_ack(b->tp, b->now);
	if ((F(FIN_WAIT1) | F(FIN_WAIT2) | F(CLOSING) | F(LAST_ACK)) &
	    1 << state)
		tcp_bench_close(b);
	if (state == TCP_FIN_WAIT2)
		tcp_bench_in(b, ACK, 1, TEXT + 2, 0, WND);
	if (state == TCP_CLOSING)
		tcp_bench_in(b, FIN | ACK, 1, 1, 0, WND);
	tcp_bench_flush(b);
	TCP_EXPECT_STATE(b, state);
	/* In the table, so that a TIME-WAIT record can take its place. */
	KUNIT_EXPECT_EQ(b->test, 0,
			mini_tcp_conn_insert(mini_tcp_mn(b->tp),
					     &b->tp->ms.conn));
}

/* A place in sequence space, absolute. */
static u32 row_place(const struct tcp_bench *b, enum row_anchor at)
{
	const struct mini_tcp_sock *tp = b->tp;

	switch (at) {
	case AT_RCV_NXT:
		return tp->rcv_nxt;
	case AT_RCV_EDGE:
		return tp->rcv_nxt + mini_tcp_rcv_wnd(tp);
	case AT_IRS:
		return b->irs;
	case AT_SND_UNA:
		return tp->snd_una;
	case AT_SND_NXT:
		return tp->snd_nxt;
	case AT_OLDEST:
		return tp->snd_una - tp->max_wnd;
	}
	return 0;
}

static int row_call(struct tcp_bench *b, enum row_call call)
{
	struct msghdr msg = { .msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL };
	struct sock *sk = &b->tp->ms.sk;
	char octet = 0;
	struct kvec vec = { .iov_base = &octet, .iov_len = 1 };

	switch (call) {
	case SEND:
		return kernel_sendmsg(b->sock, &msg, &vec, 1, 1);
	case RECEIVE:
		return kernel_recvmsg(b->sock, &msg, &vec, 1, 1, MSG_DONTWAIT);
	case CLOSE:
		lock_sock(sk);
		mini_tcp_shutdown(sk, SEND_SHUTDOWN);
		release_sock(sk);
		return 0;
	case ABORT:
		lock_sock(sk);
		mini_tcp_abort(b->tp, ECONNRESET);
		release_sock(sk);
		return 0;
	default:
		return 0;
	}
}

/* What must be on the wire, and nothing else.  @una: before the event. */
static void row_expect_sent(struct tcp_bench *b, const struct row *row,
			    u32 seg_ack, u32 una, const char *where)
{
	struct mini_tcp_sock *tp = b->tp;
	struct kunit *test = b->test;
	bool found = false;
	struct tcp_sent s;
	u8 flags = ACK;
	u32 seq = tp->snd_nxt;

	switch (row->sent) {
	case NOTHING:
		KUNIT_EXPECT_EQ_MSG(test, skb_queue_len(&b->wire), 0U,
				    "sent%s", where);
		return;
	case THE_OLDEST:
		while (tcp_bench_out(b, &s))
			found |= s.h.seq == una;
		KUNIT_EXPECT_TRUE_MSG(test, found, "not sent again%s", where);
		return;
	case ACK_SOON:
		if (skb_queue_empty(&b->wire)) {
			KUNIT_EXPECT_NE_MSG(test, 0ULL,
					    tp->deadline[MINI_TCP_T_DELACK],
					    "no ACK to come%s", where);
			return;
		}
		break;
	case AN_ACK:
		break;
	case A_REFUSAL:
		flags = RST;
		seq = seg_ack;
		break;
	case A_RESET:
		flags = RST | ACK;
		break;
	case A_FIN:
		flags = FIN | ACK;
		seq = tp->snd_nxt - 1;
		break;
	case A_SYN_ACK:
		flags = SYN | ACK;
		seq = una;
		break;
	}
	KUNIT_ASSERT_TRUE_MSG(test, tcp_bench_out(b, &s), "nothing sent%s",
			      where);
	KUNIT_EXPECT_EQ_MSG(test, s.h.flags & ~MINI_TCP_PSH, flags, "flags%s",
			    where);
	KUNIT_EXPECT_EQ_MSG(test, s.h.seq, seq, "seq%s", where);
	if (flags & ACK)
		KUNIT_EXPECT_EQ_MSG(test, s.h.ack, tp->rcv_nxt, "ack%s", where);
	KUNIT_EXPECT_EQ_MSG(test, s.len, 0U, "len%s", where);
	KUNIT_EXPECT_EQ_MSG(test, skb_queue_len(&b->wire), 0U, "more%s", where);
}

static void row_expect_state(struct tcp_bench *b, int to, const char *where)
{
	struct mini_net *mn = mini_tcp_mn(b->tp);
	struct kunit *test = b->test;
	struct mini_conn *conn;
	int kind = -1;

	rcu_read_lock();
	conn = mini_tcp_conn_lookup(mn, &b->tp->ms.conn.tuple);
	if (conn)
		kind = conn->kind;
	rcu_read_unlock();
	/* In TIME-WAIT a record stands for the socket, which is closed. */
	KUNIT_EXPECT_EQ_MSG(test, b->tp->ms.sk.sk_state,
			    to == TCP_TIME_WAIT ? TCP_CLOSE : to, "state%s",
			    where);
	KUNIT_EXPECT_EQ_MSG(test, kind, to == TCP_TIME_WAIT ? MINI_CONN_TW :
			    to == TCP_CLOSE ? -1 : MINI_CONN_SOCK, "row%s",
			    where);
}

static void row_run(struct tcp_bench *b, const struct row *row, int state,
		    const char *where)
{
	struct mini_tcp_sock *tp = b->tp;
	struct kunit *test = b->test;
	u32 nxt = state == TCP_SYN_SENT ? b->irs : tp->rcv_nxt;
	u32 una = tp->snd_una;
	struct mini_wire_tcp h = {
		.sport = tp->ms.conn.tuple.rport,
		.dport = tp->ms.conn.tuple.lport,
		.seq = row_place(b, row->seq_at) + row->seq,
		.ack = row_place(b, row->ack_at) + row->ack,
		.window = WND,
		.flags = row->flags,
		.hdr_len = 20,
	};
	int err = 0;

	if (row->no_reader)
		tp->ms.sk.sk_shutdown |= RCV_SHUTDOWN;
	tp->user_timeout = row->user_timeout;
	if (row->time)
		tcp_bench_advance(b, row->time * USEC_PER_SEC);
	else if (row->call == SEGMENT)
		tcp_bench_in_h(b, &h, row->len);
	else
		err = row_call(b, row->call);
	row_expect_state(b, row->to ?: state, where);
	row_expect_sent(b, row, h.ack, una, where);
	if (row->call == SEND || row->call == RECEIVE)
		KUNIT_EXPECT_EQ_MSG(test, -err, row->err, "errno%s", where);
	else
		KUNIT_EXPECT_EQ_MSG(test, tp->ms.sk.sk_err, row->err, "err%s",
				    where);
	if ((1 << tp->ms.sk.sk_state) & (F(CLOSE) | F(SYN_SENT)))
		return;
	KUNIT_EXPECT_EQ_MSG(test, tp->rcv_nxt - nxt, row->taken, "taken%s",
			    where);
	KUNIT_EXPECT_EQ_MSG(test, tp->snd_una - una, row->acked, "acked%s",
			    where);
}

static void event__each_row(struct kunit *test)
{
	const struct row_case *c = test->param_value;
	struct tcp_bench *b;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		if (i) {
			tcp_bench_exit(test);
			tcp_bench_init(test);
		}
		b = test->priv;
		row_begin(b, c->state, places[i].iss, places[i].irs);
		row_run(b, c->row, c->state, places[i].name);
		mini_tcp_tw_purge(mini_tcp_mn(b->tp));
	}
}

static struct kunit_case tcp_rfc9293_cases[] = {
	KUNIT_CASE_PARAM(event__each_row, next_case),
	{}
};

struct kunit_suite mini_tcp_rfc9293_test_suite = {
	.name = "mini_tcp_rfc9293",
	.init = tcp_bench_init,
	.exit = tcp_bench_exit,
	.test_cases = tcp_rfc9293_cases,
};
