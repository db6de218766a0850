// SPDX-License-Identifier: GPL-2.0
/*
 * TCP opening connections on the wire (RFC 9293 sections 3.5 and 3.10.7.1 to
 * 3.10.7.4, RFC 5961, 7323): what answers what, which options are agreed on,
 * and what segments to nobody get.  Each test holds Linux to it as well.
 */
#include "kselftest_harness.h"
#include "frames.h"
#include "frames_tcp.h"

#define TS_OPTION	"\1\1\10\12\0\1\0\0\0\0\0\0"	/* value 65536 */

TEST_F(tcp, passive_open)
{
	struct conn c;

	ASSERT_TRUE(conn_open(&self->w, &c, 1000, MSS_1460, 4));
	EXPECT_NE(0, c.last.win);
	EXPECT_NE(NULL, option_of(&c.last, 2, NULL));
	/* What was not offered is not used. */
	EXPECT_EQ(NULL, option_of(&c.last, 3, NULL));
	EXPECT_EQ(NULL, option_of(&c.last, 8, NULL));
	EXPECT_EQ(NULL, option_of(&c.last, 4, NULL));
	ASSERT_TRUE(conn_accept(&c));
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(c.fd));
	EXPECT_TRUE(conn_alive(&c));
	EXPECT_EQ(NULL, option_of(&c.last, 8, NULL));
	conn_close(&c);
}

TEST_F(tcp, active_open)
{
	const uint8_t *mss, *ws;
	struct conn c;
	size_t len;

	ASSERT_TRUE(conn_await_syn(&self->w, &c, 5000));
	EXPECT_EQ(0, c.last.ack);
	EXPECT_EQ(0, c.last.len);
	mss = option_of(&c.last, 2, &len);
	ASSERT_NE(NULL, mss);
	EXPECT_EQ(4, len);
	EXPECT_EQ(1460, mss[2] << 8 | mss[3]);
	ws = option_of(&c.last, 3, &len);
	ASSERT_NE(NULL, ws);
	EXPECT_EQ(3, len);
	EXPECT_GE(14, ws[2]);
	EXPECT_NE(NULL, option_of(&c.last, 8, &len));
	EXPECT_EQ(10, len);
	ASSERT_TRUE(conn_answer(&c, MSS_1460, 4));
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

/* Sequence numbers of two connections have nothing in common. */
TEST_F(tcp, first_sequence_numbers_differ)
{
	uint32_t seen[4];
	struct conn c;

	for (int i = 0; i < 4; i++) {
		ASSERT_TRUE(conn_await_syn(&self->w, &c, 5000));
		seen[i] = c.ack;
		close(c.fd);
		for (int k = 0; k < i; k++)
			EXPECT_LT(1000, (uint32_t)(seen[i] - seen[k]));
	}
}

TEST_F(tcp, syn_is_repeated)
{
	struct segment first;
	struct conn c;
	long start = now_ms();

	ASSERT_TRUE(conn_await_syn(&self->w, &c, 5000));
	first = c.last;
	ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	EXPECT_LE(700, now_ms() - start);
	EXPECT_EQ(SYN, c.last.flags);
	EXPECT_EQ(first.seq, c.last.seq);
	EXPECT_EQ(first.sport, c.last.sport);
	ASSERT_TRUE(conn_answer(&c, MSS_1460, 4));
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

TEST_F(tcp, syn_ack_is_repeated)
{
	struct conn c;

	ASSERT_TRUE(conn_open(&self->w, &c, 1000, MSS_1460, 4));
	c.ack--;
	ASSERT_TRUE(conn_expect(&c, SYN | ACK, 0));
	EXPECT_EQ(c.seq, c.last.ack);
	/* A repeated SYN is answered by the same SYN-ACK. */
	conn_send_at(&c, -1, SYN, "", 0);
	c.ack--;
	ASSERT_TRUE(conn_expect(&c, SYN | ACK, 0));
	ASSERT_TRUE(conn_accept(&c));
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

TEST_F(tcp, options_agreed)
{
	static const char opts[] = "\2\4\3\350\1\3\3\4\1\1\10\12\0\1\0\0\0\0\0";
	static char block[3000];
	const uint8_t *ts, *ws;
	struct conn c;
	size_t got = 0;

	/* MSS 1000, window scale 4, timestamps. */
	ASSERT_TRUE(conn_open(&self->w, &c, 1000, opts, 20));
	ws = option_of(&c.last, 3, NULL);
	EXPECT_NE(NULL, ws);
	ts = option_of(&c.last, 8, NULL);
	ASSERT_NE(NULL, ts);
	EXPECT_EQ(0, memcmp(ts + 6, "\0\1\0\0", 4)) TH_LOG("echo of another");
	memcpy(c.opts, TS_OPTION, 12);
	c.opts[7] = 1;
	memcpy(c.opts + 8, ts + 2, 4);
	c.optlen = 12;
	c.win = 1000;		/* 16000 octets */
	ASSERT_TRUE(conn_accept(&c));
	ASSERT_EQ(sizeof(block), send(c.fd, block, sizeof(block), 0));
	while (got < sizeof(block)) {
		ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
		EXPECT_EQ(c.ack + (uint32_t)got, c.last.seq);
		/* The options take from the room of the data. */
		EXPECT_GE(988, c.last.len);
		ts = option_of(&c.last, 8, NULL);
		ASSERT_NE(NULL, ts);
		EXPECT_EQ(0, memcmp(ts + 6, c.opts + 4, 4));
		got += c.last.len;
	}
	c.ack += got;
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

/* The window in a SYN is never scaled; later ones are. */
TEST_F(tcp, window_is_scaled)
{
	static char block[20000];
	struct conn c;
	size_t got = 0;

	ASSERT_TRUE(conn_open(&self->w, &c, 1000, "\2\4\5\264\1\3\3\3", 8));
	c.win = 1000;
	ASSERT_TRUE(conn_accept(&c));
	ASSERT_EQ(sizeof(block), send(c.fd, block, sizeof(block), 0));
	while (expect_segment(&self->w, &c.last, SILENCE_MS) &&
	       c.last.seq == c.ack + (uint32_t)got)
		got += c.last.len;
	/* 8000, or less where small remains are held back. */
	EXPECT_LT(4000, got);
	EXPECT_GE(8000, got);
	conn_close(&c);
}

TEST_F(tcp, mss_bounds_segments)
{
	static const struct {
		const char *opts;
		size_t optlen;
		size_t mss;
	} cases[] = {
		{ "\2\4\1\364", 4, 500 },
		{ "", 0, 536 },
		{ "\2\4\5\264", 4, 1460 },
		{ "\2\4\377\377", 4, 1460 },
	};
	static char block[4000];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct conn c;
		size_t got = 0;

		ASSERT_TRUE(conn_open(&self->w, &c, 1000, cases[i].opts,
				      cases[i].optlen));
		ASSERT_TRUE(conn_accept(&c));
		ASSERT_EQ(sizeof(block), send(c.fd, block, sizeof(block), 0));
		while (got < sizeof(block)) {
			ASSERT_TRUE(expect_segment(&self->w, &c.last,
						   ANSWER_MS));
			EXPECT_GE(cases[i].mss, c.last.len);
			if (!got)
				EXPECT_EQ(cases[i].mss, c.last.len);
			got += c.last.len;
		}
		c.ack += got;
		conn_send(&c, RST | ACK, "", 0);
		conn_close(&c);
	}
}

/* Options that cannot be are passed over; the connection is opened. */
TEST_F(tcp, spoiled_options)
{
	static const struct {
		const char *bytes;
		size_t len;
	} cases[] = {
		{ "\2\0\5\264", 4 },		/* length 0 */
		{ "\2\1\5\264", 4 },		/* length 1 */
		{ "\2\50\5\264", 4 },		/* longer than the header */
		{ "\1\1\1\2", 4 },		/* cut off after the kind */
		{ "\2\3\5\1", 4 },		/* an MSS of the wrong length */
		{ "\3\4\7\1", 4 },		/* so a window scale */
		{ "\10\11\1\1\1\1\1\1\1\1\1\1", 12 },	/* so timestamps */
		{ "\375\4\1\1", 4 },		/* unknown */
		{ "\0\2\4\5", 4 },		/* after the end */
		{ "\2\4\0\0", 4 },		/* an MSS of nothing */
		{ "\3\3\377\1", 4 },		/* a scale of 255 */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct conn c;

		ASSERT_TRUE(conn_open(&self->w, &c, 1000, cases[i].bytes,
				      cases[i].len)) {
			TH_LOG("options %zu", i);
		}
		ASSERT_TRUE(conn_accept(&c));
		EXPECT_TRUE(conn_alive(&c));
		conn_send(&c, RST | ACK, "", 0);
		conn_close(&c);
	}
}

TEST_F(tcp, simultaneous_open)
{
	struct conn c;

	ASSERT_TRUE(conn_await_syn(&self->w, &c, 5000));
	conn_send(&c, SYN, "", 0);
	/* The same SYN, now with an acknowledgment. */
	c.ack--;
	ASSERT_TRUE(conn_expect(&c, SYN | ACK, 0));
	EXPECT_EQ(c.seq, c.last.ack);
	conn_send(&c, ACK, "", 0);
	EXPECT_EQ(POLLOUT, poll_for(c.fd, POLLOUT, ANSWER_MS));
	nonblocking(c.fd, false);
	timeout_ms(c.fd, SO_RCVTIMEO, ANSWER_MS);
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(c.fd));
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

TEST_F(tcp, refused)
{
	struct conn c;

	ASSERT_TRUE(conn_await_syn(&self->w, &c, 0));
	conn_send(&c, RST | ACK, "", 0);
	EXPECT_TRUE(poll_for(c.fd, POLLOUT, ANSWER_MS) & POLLERR);
	EXPECT_EQ(ECONNREFUSED, so_error(c.fd));
	conn_close(&c);
}

TEST_F(tcp, syn_sent_ignores_what_is_not_its)
{
	struct conn c;

	ASSERT_TRUE(conn_await_syn(&self->w, &c, 5000));
	/* A reset that acknowledges nothing, or something else. */
	conn_send(&c, RST, "", 0);
	c.ack += 5;
	conn_send(&c, RST | ACK, "", 0);
	EXPECT_EQ(0, poll_for(c.fd, POLLOUT, SILENCE_MS));
	/* An acknowledgment of another SYN is reset, and that is all. */
	conn_send_at(&c, 0, SYN | ACK, "", 0);
	/* Linux repeats its SYN at once then. */
	do {
		ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	} while (c.last.flags == SYN);
	EXPECT_EQ(RST, c.last.flags);
	EXPECT_EQ(c.ack, c.last.seq);
	c.ack -= 5;
	EXPECT_EQ(TCP_SYN_SENT, tcp_state(c.fd));
	/* A segment without SYN opens nothing. */
	conn_send_at(&c, 0, ACK, "", 0);
	EXPECT_EQ(TCP_SYN_SENT, tcp_state(c.fd));
	while (!wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS))
		;
	ASSERT_TRUE(conn_answer(&c, MSS_1460, 4));
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

TEST_F(tcp, unreachable_ends_a_connect)
{
	struct conn c;

	ASSERT_TRUE(conn_await_syn(&self->w, &c, 5000));
	/* Only about what was really sent. */
	conn_unreachable(&c, ICMP_PORT_UNREACH, c.ack + 100000);
	EXPECT_EQ(0, poll_for(c.fd, POLLOUT, SILENCE_MS));
	conn_unreachable(&c, ICMP_PORT_UNREACH, c.ack - 1);
	EXPECT_TRUE(poll_for(c.fd, POLLOUT, ANSWER_MS) & POLLERR);
	EXPECT_EQ(ECONNREFUSED, so_error(c.fd));
	conn_close(&c);
}

TEST_F(tcp, unreachable_does_not_end_a_connection)
{
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	conn_unreachable(&c, ICMP_HOST_UNREACH, c.ack);
	conn_unreachable(&c, ICMP_NET_UNREACH, c.ack);
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

/* RFC 9293 section 3.10.7.1: there is no connection. */
TEST_F(tcp, segments_to_nobody)
{
	struct conn c = {
		.w = &self->w, .port = 40000, .host_port = 81, .seq = 7000,
		.ack = 9000, .win = 1000,
	};
	struct segment s;

	conn_send_at(&c, 0, SYN, "", 0);
	ASSERT_TRUE(expect_segment(&self->w, &s, ANSWER_MS));
	EXPECT_EQ(RST | ACK, s.flags);
	EXPECT_EQ(0, s.seq);
	EXPECT_EQ(7001, s.ack);
	EXPECT_EQ(40000, s.dport);
	EXPECT_EQ(81, s.sport);

	conn_send_at(&c, 0, ACK, "data", 4);
	ASSERT_TRUE(expect_segment(&self->w, &s, ANSWER_MS));
	EXPECT_EQ(RST, s.flags);
	EXPECT_EQ(9000, s.seq);

	conn_send_at(&c, 0, FIN, "data", 4);
	ASSERT_TRUE(expect_segment(&self->w, &s, ANSWER_MS));
	EXPECT_EQ(RST | ACK, s.flags);
	EXPECT_EQ(0, s.seq);
	EXPECT_EQ(7005, s.ack);

	conn_send_at(&c, 0, RST, "", 0);
	conn_send_at(&c, 0, RST | ACK, "", 0);
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS));
}

/* RFC 9293 section 3.10.7.2. */
TEST_F(tcp, segments_to_a_listener)
{
	int listener = tcp_listener(self->w.family, HOST, 4);
	struct conn c = {
		.w = &self->w, .port = 40000, .seq = 7000, .ack = 9000,
		.host_port = local_port(listener), .win = 1000,
	};
	struct segment s;

	conn_send_at(&c, 0, RST, "", 0);
	conn_send_at(&c, 0, RST | ACK, "", 0);
	conn_send_at(&c, 0, SYN | RST, "", 0);
	conn_send_at(&c, 0, 0, "", 0);
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS));
	conn_send_at(&c, 0, ACK, "", 0);
	ASSERT_TRUE(expect_segment(&self->w, &s, ANSWER_MS));
	EXPECT_EQ(RST, s.flags);
	EXPECT_EQ(9000, s.seq);
	conn_send_at(&c, 0, SYN | ACK, "", 0);
	ASSERT_TRUE(expect_segment(&self->w, &s, ANSWER_MS));
	EXPECT_EQ(RST, s.flags);
	EXPECT_EQ(9000, s.seq);
	nonblocking(listener, true);
	EXPECT_ERRNO(EAGAIN, accept(listener, NULL, NULL));
	close(listener);
}

/* The half-open connection: RFC 9293 section 3.10.7.4, SYN-RECEIVED. */
TEST_F(tcp, half_open_reset)
{
	struct conn c;

	ASSERT_TRUE(conn_open(&self->w, &c, 1000, MSS_1460, 4));
	conn_send_at(&c, 0, RST, "", 0);
	/* Forgotten: what would have opened it is for nobody now. */
	conn_send_at(&c, 0, ACK, "", 0);
	ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	EXPECT_EQ(RST, c.last.flags);
	EXPECT_EQ(c.ack, c.last.seq);
	nonblocking(c.listener, true);
	EXPECT_ERRNO(EAGAIN, accept(c.listener, NULL, NULL));
	conn_close(&c);
}

TEST_F(tcp, half_open_wrong_acknowledgment)
{
	struct conn c;

	ASSERT_TRUE(conn_open(&self->w, &c, 1000, MSS_1460, 4));
	c.ack += 17;
	conn_send_at(&c, 0, ACK, "", 0);
	do {
		ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	} while (c.last.flags == (SYN | ACK));
	EXPECT_EQ(RST, c.last.flags);
	EXPECT_EQ(c.ack, c.last.seq);
	c.ack -= 17;
	/* It is still half open. */
	ASSERT_TRUE(conn_accept(&c));
	conn_close(&c);
}

TEST_F(tcp, data_with_the_last_acknowledgment)
{
	struct conn c;
	char buf[8];

	ASSERT_TRUE(conn_open(&self->w, &c, 1000, MSS_1460, 4));
	conn_send(&c, ACK | PSH, "early", 5);
	c.fd = accept(c.listener, NULL, NULL);
	ASSERT_LE(0, c.fd);
	timeout_ms(c.fd, SO_RCVTIMEO, ANSWER_MS);
	EXPECT_EQ(5, recv(c.fd, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "early", 5));
	conn_close(&c);
}

TEST_F(tcp, broadcasts_open_nothing)
{
	int listener = tcp_listener(self->w.family, "0.0.0.0", 4);
	struct segment s = {
		.sport = 40000, .dport = local_port(listener), .flags = SYN,
		.win = 1000,
	};
	struct packet p;

	make_tcp(&self->w, &p, &s);
	ip_of(&p)->daddr = inet_addr("10.0.0.255");
	fix_ip(&p);
	fix_l4(&p);
	if (!self->w.tun)
		memset(eth_of(&p)->h_dest, 0xff, ETH_ALEN);
	wire_send(&self->w, &p);
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS));
	if (self->mini)
		EXPECT_TRUE(counter_reaches("drop/IP_NOT_UNICAST", 1));
	close(listener);
}

/* Who never answers is given up, and the record of it goes. */
TEST_F_TIMEOUT(tcp, half_open_is_given_up, 60)
{
	struct conn c;

	ASSERT_TRUE(sysctl_set(self->mini ? "net/mini/tcp_synack_retries" :
					    "net/ipv4/tcp_synack_retries", 1));
	ASSERT_TRUE(conn_open(&self->w, &c, 1000, MSS_1460, 4));
	c.ack--;
	ASSERT_TRUE(conn_expect(&c, SYN | ACK, 0));
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, 5000));
	conn_send(&c, ACK, "", 0);
	ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	EXPECT_EQ(RST, c.last.flags);
	conn_close(&c);
}

TEST_HARNESS_MAIN
