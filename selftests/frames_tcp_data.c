// SPDX-License-Identifier: GPL-2.0
/*
 * TCP carrying data on the wire: order, overlaps, windows, acknowledgments
 * and retransmission (RFC 9293 sections 3.8 and 3.10.7.4, RFC 6298, 5681).
 * Each test holds Linux to it as well.
 */
#include "kselftest_harness.h"
#include "frames.h"
#include "frames_tcp.h"

/* What the peer's stream is made of; any octet tells where it belongs. */
static uint8_t stream[64 * 1024];

static void make_stream(void)
{
	for (size_t i = 0; i < sizeof(stream); i++)
		stream[i] = i * 11 + (i >> 8);
}

/* @len octets of the stream from @at on, put where they belong. */
static void send_piece(struct conn *c, size_t at, size_t len)
{
	conn_send_at(c, at, ACK, stream + at, len);
}

/* Everything up to @len has arrived, once, in order. */
static bool received(struct conn *c, size_t len)
{
	static uint8_t buf[sizeof(stream)];
	ssize_t n = recv(c->fd, buf, len, MSG_WAITALL);
	char more;

	if (n != (ssize_t)len || memcmp(buf, stream, len)) {
		fprintf(stderr, "# %zd of %zu octets, or not the right ones\n",
			n, len);
		return false;
	}
	if (recv(c->fd, &more, 1, MSG_DONTWAIT) != -1) {
		fprintf(stderr, "# more than %zu octets\n", len);
		return false;
	}
	c->seq += len;
	return true;
}

/* An acknowledgment of the stream up to @at comes, perhaps after others. */
static bool acknowledged(struct conn *c, uint32_t at)
{
	do {
		if (!expect_segment(c->w, &c->last, ANSWER_MS)) {
			fprintf(stderr, "# no ACK of %u\n", at);
			return false;
		}
	} while (c->last.ack != c->seq + at);
	return true;
}

/* What comes at once acknowledges exactly the stream up to @at. */
static bool repeats(struct conn *c, uint32_t at)
{
	if (!expect_segment(c->w, &c->last, ANSWER_MS))
		return false;
	if (c->last.ack != c->seq + at)
		fprintf(stderr, "# acknowledges %d, not %u\n",
			(int32_t)(c->last.ack - c->seq), at);
	return c->last.ack == c->seq + at;
}

TEST_F(tcp, data_is_acknowledged)
{
	struct conn c;

	make_stream();
	ASSERT_TRUE(conn_establish(&self->w, &c));
	send_piece(&c, 0, 100);
	EXPECT_TRUE(acknowledged(&c, 100));
	EXPECT_TRUE(received(&c, 100));
	conn_close(&c);
}

/* RFC 9293 section 3.8.6.3: at least every second full segment, within 0.5 s */
TEST_F(tcp, delayed_acknowledgment)
{
	struct conn c;
	long start;

	make_stream();
	ASSERT_TRUE(conn_establish(&self->w, &c));
	for (int i = 0; i < 20; i++)
		send_piece(&c, i * 1460, 1460);
	EXPECT_TRUE(acknowledged(&c, 20 * 1460));
	EXPECT_TRUE(received(&c, 20 * 1460));
	while (!wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS))
		;
	start = now_ms();
	send_piece(&c, 0, 10);
	EXPECT_TRUE(acknowledged(&c, 10));
	EXPECT_GE(600, now_ms() - start);
	conn_close(&c);
}

TEST_F(tcp, out_of_order)
{
	struct conn c;

	make_stream();
	ASSERT_TRUE(conn_establish(&self->w, &c));
	/* A hole is told at once, by asking again for what is missing. */
	send_piece(&c, 10, 10);
	EXPECT_TRUE(repeats(&c, 0));
	send_piece(&c, 30, 10);
	EXPECT_TRUE(repeats(&c, 0));
	send_piece(&c, 20, 10);
	EXPECT_TRUE(repeats(&c, 0));
	EXPECT_EQ(0, unread(c.fd));
	send_piece(&c, 0, 10);
	EXPECT_TRUE(repeats(&c, 40));
	EXPECT_TRUE(received(&c, 40));
	conn_close(&c);
}

TEST_F(tcp, every_order_of_four)
{
	struct conn c;

	make_stream();
	ASSERT_TRUE(conn_establish(&self->w, &c));
	for (int order = 0; order < 256; order++) {
		int place[4] = { order & 3, order >> 2 & 3, order >> 4 & 3,
				 order >> 6 & 3 };

		if ((1 << place[0] | 1 << place[1] | 1 << place[2] |
		     1 << place[3]) != 15)
			continue;
		for (int i = 0; i < 4; i++)
			send_piece(&c, place[i] * 7, 7);
		ASSERT_TRUE(received(&c, 28)) {
			TH_LOG("order %d%d%d%d", place[0], place[1], place[2],
			       place[3]);
		}
	}
	conn_close(&c);
}

TEST_F(tcp, overlaps)
{
	static const struct {
		int at[5];
		int len[5];
		int pieces;
		int total;
	} cases[] = {
		{ { 0, 5 }, { 10, 10 }, 2, 15 },	/* tail is new */
		{ { 0, 0 }, { 10, 20 }, 2, 20 },	/* longer than before */
		{ { 0, 2, 10 }, { 10, 5, 5 }, 3, 15 },	/* nothing new */
		{ { 10, 5, 0 }, { 10, 10, 10 }, 3, 20 },	/* in the hole */
		{ { 10, 10, 0 }, { 10, 10, 10 }, 3, 20 },	/* twice */
		{ { 10, 12, 0 }, { 10, 3, 10 }, 3, 20 },	/* inside */
		{ { 12, 10, 0 }, { 3, 10, 10 }, 3, 20 },	/* around */
		{ { 10, 30, 5, 0 }, { 10, 10, 30, 10 }, 4, 40 },	/* over two */
		{ { 10, 20, 0 }, { 10, 10, 15 }, 3, 30 },	/* fills and more */
		{ { 10, 30, 50, 0 }, { 5, 5, 5, 60 }, 4, 60 },	/* over all */
		{ { 20, 10, 15, 0 }, { 10, 8, 10, 12 }, 4, 30 },
	};
	struct conn c;

	make_stream();
	ASSERT_TRUE(conn_establish(&self->w, &c));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (int k = 0; k < cases[i].pieces; k++)
			send_piece(&c, cases[i].at[k], cases[i].len[k]);
		EXPECT_TRUE(acknowledged(&c, cases[i].total)) {
			TH_LOG("case %zu", i);
		}
		ASSERT_TRUE(received(&c, cases[i].total)) {
			TH_LOG("case %zu", i);
		}
	}
	conn_close(&c);
}

/* All of it again, over the point where sequence numbers wrap. */
TEST_F(tcp, sequence_numbers_wrap)
{
	static const struct {
		int at;
		int len;
	} pieces[] = {
		{ 500, 300 }, { 1200, 300 }, { 400, 200 }, { 250, 10 },
		{ 700, 520 }, { 0, 256 }, { 200, 250 },
	};

	make_stream();
	/* The SYN's number first; 2^32 falls before, on and after bounds. */
	for (uint32_t before = 0; before < 1600; before += 197) {
		struct conn c;

		ASSERT_TRUE(conn_open(&self->w, &c, -before, MSS_1460, 4));
		ASSERT_TRUE(conn_accept(&c));
		for (size_t i = 0; i < ARRAY_SIZE(pieces); i++)
			send_piece(&c, pieces[i].at, pieces[i].len);
		EXPECT_TRUE(acknowledged(&c, 1500));
		ASSERT_TRUE(received(&c, 1500)) {
			TH_LOG("%u octets before the wrap", before);
		}
		EXPECT_TRUE(conn_alive(&c));
		conn_send(&c, RST | ACK, "", 0);
		conn_close(&c);
	}
}

TEST_F(tcp, old_data_is_acknowledged_again)
{
	struct conn c;

	make_stream();
	ASSERT_TRUE(conn_establish(&self->w, &c));
	send_piece(&c, 0, 10);
	EXPECT_TRUE(acknowledged(&c, 10));
	send_piece(&c, 0, 10);
	EXPECT_TRUE(repeats(&c, 10));
	send_piece(&c, 3, 4);
	EXPECT_TRUE(repeats(&c, 10));
	EXPECT_TRUE(received(&c, 10));
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

TEST_F(tcp, data_beyond_the_window)
{
	struct conn c;

	make_stream();
	ASSERT_TRUE(conn_establish(&self->w, &c));
	/* The window has never been scaled: 64 KiB at most. */
	conn_send_at(&c, 70000, ACK, "far", 3);
	EXPECT_TRUE(repeats(&c, 0));
	conn_send_at(&c, -100000, ACK, "past", 4);
	EXPECT_TRUE(repeats(&c, 0));
	EXPECT_EQ(0, unread(c.fd));
	EXPECT_TRUE(conn_alive(&c));
	if (self->mini)
		EXPECT_LE(1, counter("drop/TCP_OUT_OF_WINDOW"));
	conn_close(&c);
}

TEST_F(tcp, spoiled_segments)
{
	static const struct {
		const char *what;
		int octet;		/* of the TCP header */
		uint8_t value;
		bool fix;
		const char *reason;
	} cases[] = {
		{ "data offset 4",	12, 0x40, true, "drop/TCP_DATA_OFFSET" },
		{ "data offset 0",	12, 0x00, true, "drop/TCP_DATA_OFFSET" },
		{ "data offset 15",	12, 0xf0, true, "drop/TCP_DATA_OFFSET" },
		{ "checksum",		16, 0x5a, false, "drop/TCP_CSUM" },
		{ "data, not summed",	21, 0x5a, false, "drop/TCP_CSUM" },
	};
	struct segment s = {};
	struct packet p;
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	s.sport = c.port;
	s.dport = c.host_port;
	s.seq = c.seq;
	s.ack = c.ack;
	s.flags = ACK;
	s.win = 1000;
	s.len = 4;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		make_tcp(&self->w, &p, &s);
		p.buf[p.l4 + cases[i].octet] = cases[i].value;
		if (cases[i].fix)
			fix_l4(&p);
		wire_send(&self->w, &p);
		EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS));
		EXPECT_EQ(0, unread(c.fd)) {
			TH_LOG("%s: received", cases[i].what);
		}
		if (self->mini)
			EXPECT_TRUE(counter_reaches(cases[i].reason, 1)) {
				TH_LOG("%s: not counted as %s", cases[i].what,
				       cases[i].reason);
			}
	}
	for (size_t len = 0; len < 20; len++) {
		make_tcp(&self->w, &p, &s);
		p.len = p.l4 + len;
		ip_of(&p)->tot_len = htons(p.len - p.ip);
		fix_ip(&p);
		wire_send(&self->w, &p);
	}
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS));
	if (self->mini)
		EXPECT_TRUE(counter_reaches("drop/TCP_SHORT", 20));
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

/* No flag at all: RFC 9293 wants an ACK in every segment from here on. */
TEST_F(tcp, segments_without_ack)
{
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	conn_send_at(&c, 0, 0, "data", 4);
	conn_send_at(&c, 0, PSH, "data", 4);
	conn_send_at(&c, 0, FIN, "data", 4);
	EXPECT_EQ(0, poll_for(c.fd, POLLIN, SILENCE_MS));
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

TEST_F(tcp, acknowledgment_of_what_was_not_sent)
{
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	c.ack += 50000;
	conn_send_at(&c, 0, ACK, "data", 4);
	c.ack -= 50000;
	EXPECT_EQ(0, poll_for(c.fd, POLLIN, SILENCE_MS));
	while (!wire_silent(&self->w, IPPROTO_TCP, 0))
		;
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

TEST_F(tcp, retransmission_backs_off)
{
	struct conn c;
	long at[4];

	ASSERT_TRUE(conn_establish(&self->w, &c));
	ASSERT_EQ(5, send(c.fd, "again", 5, 0));
	for (int i = 0; i < 4; i++) {
		ASSERT_TRUE(conn_expect(&c, ACK, 5));
		EXPECT_EQ(0, memcmp(c.last.data, "again", 5));
		at[i] = now_ms();
		c.ack -= 5;
	}
	/* Each time-out is twice the one before. */
	for (int i = 2; i < 4; i++)
		EXPECT_LT((at[i - 1] - at[i - 2]) * 3 / 2, at[i] - at[i - 1]);
	c.ack += 5;
	conn_send(&c, ACK, "", 0);
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS));
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

/* Acknowledge all but the first segment of what the host has sent. */
TEST_F(tcp, fast_retransmission)
{
	static char block[8 * 1460];
	struct conn c;
	uint32_t lost;
	long start;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	ASSERT_EQ(sizeof(block), send(c.fd, block, sizeof(block), 0));
	for (int i = 0; i < 8; i++)
		ASSERT_TRUE(conn_expect(&c, ACK, 1460));
	lost = c.ack - 6 * 1460;
	start = now_ms();
	c.ack = lost;
	conn_send(&c, ACK, "", 0);
	for (int i = 0; i < 3; i++)
		conn_send(&c, ACK, "", 0);
	ASSERT_TRUE(conn_expect(&c, ACK, 1460));
	EXPECT_EQ(lost, c.last.seq);
	/* The time-out would have come, too, but later. */
	if (self->mini)
		EXPECT_LE(1, counter("TcpFastRetrans"));
	if (!self->mini)
		EXPECT_GT(190, now_ms() - start);
	c.ack = lost + 6 * 1460;
	conn_send(&c, ACK, "", 0);
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS));
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

TEST_F(tcp, window_of_the_peer_is_kept)
{
	static char block[10000];
	struct conn c;

	ASSERT_TRUE(conn_open(&self->w, &c, 1000, MSS_1460, 4));
	c.win = 3000;
	ASSERT_TRUE(conn_accept(&c));
	ASSERT_EQ(sizeof(block), send(c.fd, block, sizeof(block), 0));
	ASSERT_TRUE(conn_expect(&c, ACK, 1460));
	ASSERT_TRUE(conn_expect(&c, ACK, 1460));
	/* 80 octets of room are not worth a segment. */
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS / 2));
	conn_close(&c);
}

TEST_F_TIMEOUT(tcp, closed_window_is_probed, 60)
{
	struct conn c;
	uint32_t edge;
	long at[3];

	ASSERT_TRUE(conn_open(&self->w, &c, 1000, MSS_1460, 4));
	ASSERT_TRUE(conn_accept(&c));
	ASSERT_EQ(5, send(c.fd, "first", 5, 0));
	ASSERT_TRUE(conn_expect(&c, ACK, 5));
	c.win = 0;
	conn_send(&c, ACK, "", 0);
	usleep(20000);
	ASSERT_EQ(6, send(c.fd, "second", 6, 0));
	edge = c.ack;
	for (int i = 0; i < 3; i++) {
		ASSERT_TRUE(expect_segment(&self->w, &c.last, LONG_MS));
		at[i] = now_ms();
		/* An octet of data, or none at an old number. */
		EXPECT_GE(1, c.last.len);
		EXPECT_GE(1, edge - c.last.seq);
		conn_send(&c, ACK, "", 0);
	}
	EXPECT_LT((at[1] - at[0]) * 3 / 2, at[2] - at[1]);
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(c.fd));
	c.win = 1000;
	conn_send(&c, ACK, "", 0);
	do {
		ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	} while (c.last.seq + c.last.len != edge + 6);
	c.ack = edge + 6;
	conn_send(&c, ACK, "", 0);
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

/* The host's own window: closed when its program does not read. */
TEST_F(tcp, own_window_closes_and_opens)
{
	uint32_t taken = 0;
	struct conn c;

	make_stream();
	ASSERT_TRUE(conn_open(&self->w, &c, 1000, MSS_1460, 4));
	set_int(c.listener, SOL_SOCKET, SO_RCVBUF, 16384);
	ASSERT_TRUE(conn_accept(&c));
	set_int(c.fd, SOL_SOCKET, SO_RCVBUF, 16384);
	c.last.win = 65535;
	while (c.last.win >= 1000 && taken + 1000 <= sizeof(stream)) {
		send_piece(&c, taken, 1000);
		/* At the end it may be without room for what it offered. */
		do {
			if (!expect_segment(&self->w, &c.last, 500))
				break;
		} while (c.last.ack != c.seq + taken + 1000);
		if (c.last.ack != c.seq + taken + 1000)
			break;
		taken += 1000;
	}
	EXPECT_LT(5000, taken);
	EXPECT_GT(40000, taken);
	ASSERT_TRUE(received(&c, taken));
	/* Reading has made room; if it was closed, the peer is told so. */
	while (c.last.win < 1000)
		ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	EXPECT_EQ(c.seq, c.last.ack);
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

TEST_F(tcp, nagle)
{
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	for (int i = 0; i < 3; i++)
		ASSERT_EQ(2, send(c.fd, "ab", 2, 0));
	ASSERT_TRUE(conn_expect(&c, ACK, 2));
	/* The rest waits for the acknowledgment, and then goes as one. */
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS / 2));
	conn_send(&c, ACK, "", 0);
	ASSERT_TRUE(conn_expect(&c, ACK, 4));
	conn_send(&c, ACK, "", 0);

	set_int(c.fd, IPPROTO_TCP, TCP_NODELAY, 1);
	for (int i = 0; i < 3; i++)
		ASSERT_EQ(2, send(c.fd, "ab", 2, 0));
	for (int i = 0; i < 3; i++)
		ASSERT_TRUE(conn_expect(&c, ACK, 2));
	conn_close(&c);
}

/* RFC 7323 section 5: older than what was seen last, it is not taken. */
TEST_F(tcp, old_timestamps)
{
	static const char opts[] = "\2\4\5\264\1\1\10\12\0\1\0\0\0\0\0";
	const uint8_t *ts;
	struct conn c;

	make_stream();
	ASSERT_TRUE(conn_open(&self->w, &c, 1000, opts, 16));
	ts = option_of(&c.last, 8, NULL);
	ASSERT_NE(NULL, ts);
	memcpy(c.opts, "\1\1\10\12\0\1\0\1", 8);
	memcpy(c.opts + 8, ts + 2, 4);
	c.optlen = 12;
	ASSERT_TRUE(conn_accept(&c));
	send_piece(&c, 0, 10);
	EXPECT_TRUE(acknowledged(&c, 10));
	EXPECT_TRUE(received(&c, 10));
	c.opts[5] = 0;
	send_piece(&c, 0, 10);
	EXPECT_TRUE(repeats(&c, 0));
	EXPECT_EQ(0, unread(c.fd));
	if (self->mini)
		EXPECT_LE(1, counter("TcpPawsRejected"));
	c.opts[5] = 1;
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

TEST_F(tcp, keepalive)
{
	struct conn c;
	char byte;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	set_int(c.fd, IPPROTO_TCP, TCP_KEEPIDLE, 1);
	set_int(c.fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
	set_int(c.fd, IPPROTO_TCP, TCP_KEEPCNT, 2);
	set_int(c.fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	c.ack--;
	ASSERT_TRUE(conn_expect(&c, ACK, 0)) {
		TH_LOG("no probe below the window");
	}
	c.ack++;
	conn_send(&c, ACK, "", 0);
	EXPECT_TRUE(conn_alive(&c));
	/* Answered no more: two probes, then the end. */
	c.ack--;
	ASSERT_TRUE(conn_expect(&c, ACK, 0));
	ASSERT_TRUE(conn_expect(&c, ACK, 0));
	EXPECT_ERRNO(ETIMEDOUT, recv(c.fd, &byte, 1, 0));
	conn_close(&c);
}

TEST_HARNESS_MAIN
