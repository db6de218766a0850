// SPDX-License-Identifier: GPL-2.0
/*
 * TCP ending connections on the wire: resets (RFC 5961 section 3 and 4),
 * FIN in every state (RFC 9293 sections 3.6 and 3.10.7), TIME-WAIT.  Each test
 * holds Linux to it as well.
 */
#include "kselftest_harness.h"
#include "frames.h"
#include "frames_tcp.h"

TEST_F(tcp, exact_reset)
{
	struct conn c;
	char byte;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	conn_send(&c, RST, "", 0);
	EXPECT_ERRNO(ECONNRESET, recv(c.fd, &byte, 1, 0));
	EXPECT_EQ(TCP_CLOSE, tcp_state(c.fd));
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS));
	/* Nobody is there any more. */
	conn_send(&c, ACK, "", 0);
	ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	EXPECT_EQ(RST, c.last.flags);
	conn_close(&c);
}

/* A blind attacker may hit the window; not the next octet expected. */
TEST_F(tcp, reset_in_the_window_is_challenged)
{
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	conn_send_at(&c, 1, RST, "", 0);
	EXPECT_TRUE(conn_expect_ack(&c));
	EXPECT_TRUE(conn_alive(&c));
	if (self->mini)
		EXPECT_EQ(1, counter("TcpChallengeAcks"));
	/* The challenge is what makes a true peer repeat it rightly. */
	conn_send(&c, RST, "", 0);
	EXPECT_TRUE(wait_state(c.fd, TCP_CLOSE));
	conn_close(&c);
}

TEST_F(tcp, reset_outside_the_window_is_ignored)
{
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	conn_send_at(&c, -1, RST, "", 0);
	conn_send_at(&c, 200000, RST, "", 0);
	conn_send_at(&c, 0x80000000, RST | ACK, "", 0);
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS));
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

TEST_F(tcp, challenges_are_limited)
{
	struct conn c;
	int answers = 0;

	/* Linux has another limit too, by connection. */
	if (self->mini)
		ASSERT_TRUE(sysctl_set("net/mini/tcp_challenge_ack_limit", 5));
	ASSERT_TRUE(conn_establish(&self->w, &c));
	for (int i = 0; i < 100; i++)
		conn_send_at(&c, 1 + i, RST, "", 0);
	while (expect_segment(&self->w, &c.last, SILENCE_MS)) {
		EXPECT_EQ(ACK, c.last.flags);
		answers++;
	}
	EXPECT_LE(1, answers);
	/* Half as many more, twice where a second ends meanwhile. */
	EXPECT_GE(15, answers);
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

TEST_F(tcp, syn_in_a_connection_is_challenged)
{
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	conn_send_at(&c, 0, SYN, "", 0);
	EXPECT_TRUE(conn_expect_ack(&c));
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

TEST_F(tcp, old_syn_ack_is_acknowledged)
{
	struct conn c;

	ASSERT_TRUE(conn_await_syn(&self->w, &c, 5000));
	ASSERT_TRUE(conn_answer(&c, MSS_1460, 4));
	conn_send_at(&c, -1, SYN | ACK, "", 0);
	EXPECT_TRUE(conn_expect_ack(&c));
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

TEST_F(tcp, peer_closes_first)
{
	struct conn c;
	char byte;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	conn_send(&c, FIN | ACK, "", 0);
	EXPECT_TRUE(conn_expect_ack(&c));
	EXPECT_EQ(0, recv(c.fd, &byte, 1, 0));
	EXPECT_EQ(TCP_CLOSE_WAIT, tcp_state(c.fd));
	/* The other half is open still. */
	EXPECT_EQ(4, send(c.fd, "last", 4, 0));
	ASSERT_TRUE(conn_expect(&c, ACK, 4));
	conn_send(&c, ACK, "", 0);
	ASSERT_OK(shutdown(c.fd, SHUT_WR));
	ASSERT_TRUE(conn_expect(&c, FIN | ACK, 0));
	EXPECT_EQ(TCP_LAST_ACK, tcp_state(c.fd));
	conn_send(&c, ACK, "", 0);
	EXPECT_TRUE(wait_state(c.fd, TCP_CLOSE));
	/* Who closed last keeps no TIME-WAIT. */
	conn_send(&c, ACK, "", 0);
	ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	EXPECT_EQ(RST, c.last.flags);
	conn_close(&c);
}

TEST_F(tcp, host_closes_first)
{
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	ASSERT_OK(shutdown(c.fd, SHUT_WR));
	ASSERT_TRUE(conn_expect(&c, FIN | ACK, 0));
	EXPECT_EQ(TCP_FIN_WAIT1, tcp_state(c.fd));
	conn_send(&c, ACK, "", 0);
	EXPECT_TRUE(wait_state(c.fd, TCP_FIN_WAIT2));
	/* Data still comes in. */
	conn_send(&c, ACK, "data", 4);
	EXPECT_TRUE(conn_expect_ack(&c));
	EXPECT_EQ(4, unread(c.fd));
	conn_send(&c, FIN | ACK, "", 0);
	EXPECT_TRUE(conn_expect_ack(&c));
	/* TIME-WAIT: our FIN again, because the answer may have been lost. */
	conn_send_at(&c, -1, FIN | ACK, "", 0);
	EXPECT_TRUE(conn_expect_ack(&c));
	EXPECT_EQ(TCP_CLOSE, tcp_state(c.fd));
	conn_close(&c);
}

TEST_F(tcp, fin_is_repeated)
{
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	close(c.fd);
	ASSERT_TRUE(conn_expect(&c, FIN | ACK, 0));
	c.ack--;
	ASSERT_TRUE(conn_expect(&c, FIN | ACK, 0));
	conn_send(&c, FIN | ACK, "", 0);
	EXPECT_TRUE(conn_expect_ack(&c));
	close(c.listener);
}

TEST_F(tcp, both_close_at_once)
{
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	ASSERT_OK(shutdown(c.fd, SHUT_WR));
	ASSERT_TRUE(conn_expect(&c, FIN | ACK, 0));
	/* The peer has not seen it. */
	c.ack--;
	conn_send(&c, FIN | ACK, "", 0);
	c.ack++;
	EXPECT_TRUE(conn_expect_ack(&c));
	EXPECT_EQ(TCP_CLOSING, tcp_state(c.fd));
	conn_send(&c, ACK, "", 0);
	EXPECT_TRUE(wait_state(c.fd, TCP_CLOSE));
	conn_send_at(&c, -1, FIN | ACK, "", 0);
	EXPECT_TRUE(conn_expect_ack(&c));
	conn_close(&c);
}

TEST_F(tcp, fin_and_acknowledgment_in_one)
{
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	ASSERT_OK(shutdown(c.fd, SHUT_WR));
	ASSERT_TRUE(conn_expect(&c, FIN | ACK, 0));
	conn_send(&c, FIN | ACK, "end", 3);
	EXPECT_TRUE(conn_expect_ack(&c));
	EXPECT_EQ(3, unread(c.fd));
	EXPECT_EQ(TCP_CLOSE, tcp_state(c.fd));
	conn_close(&c);
}

TEST_F(tcp, fin_after_a_hole)
{
	struct conn c;
	char buf[8];

	ASSERT_TRUE(conn_establish(&self->w, &c));
	conn_send_at(&c, 3, FIN | ACK, "def", 3);
	EXPECT_TRUE(conn_expect_ack(&c));
	EXPECT_ERRNO(EAGAIN, recv(c.fd, buf, sizeof(buf), MSG_DONTWAIT));
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(c.fd));
	conn_send(&c, ACK, "abc", 3);
	c.seq += 4;
	EXPECT_TRUE(conn_expect_ack(&c));
	EXPECT_EQ(6, recv(c.fd, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "abcdef", 6));
	EXPECT_EQ(0, recv(c.fd, buf, sizeof(buf), 0));
	EXPECT_EQ(TCP_CLOSE_WAIT, tcp_state(c.fd));
	conn_close(&c);
}

TEST_F(tcp, data_after_fin_is_not_taken)
{
	struct conn c;
	char buf[8];

	ASSERT_TRUE(conn_establish(&self->w, &c));
	conn_send(&c, FIN | ACK, "abc", 3);
	EXPECT_TRUE(conn_expect_ack(&c));
	conn_send_at(&c, 0, ACK, "more", 4);
	EXPECT_EQ(3, recv(c.fd, buf, sizeof(buf), 0));
	EXPECT_EQ(0, recv(c.fd, buf, sizeof(buf), 0));
	conn_close(&c);
}

/* RFC 1122 section 4.2.2.13: nobody can read it, and the peer must know. */
TEST_F(tcp, data_after_close_is_reset)
{
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	close(c.fd);
	ASSERT_TRUE(conn_expect(&c, FIN | ACK, 0));
	conn_send(&c, ACK, "", 0);
	conn_send(&c, ACK, "late", 4);
	ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	EXPECT_TRUE(c.last.flags & RST);
	/* With everything gone, an ordinary segment is one to nobody. */
	conn_send(&c, ACK, "", 0);
	ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	EXPECT_EQ(RST, c.last.flags);
	close(c.listener);
}

TEST_F(tcp, close_with_unread_data_is_a_reset)
{
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	conn_send(&c, ACK | PSH, "unread", 6);
	ASSERT_TRUE(wait_unread(c.fd, 6));
	close(c.fd);
	do {
		ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	} while (c.last.flags == ACK);
	EXPECT_TRUE(c.last.flags & RST);
	EXPECT_FALSE(c.last.flags & FIN);
	EXPECT_EQ(c.ack, c.last.seq);
	close(c.listener);
}

TEST_F(tcp, data_is_sent_before_the_fin)
{
	static char block[4000];
	struct conn c;
	size_t got = 0;

	ASSERT_TRUE(conn_open(&self->w, &c, 1000, MSS_1460, 4));
	c.win = 1460;
	ASSERT_TRUE(conn_accept(&c));
	ASSERT_EQ(sizeof(block), send(c.fd, block, sizeof(block), 0));
	close(c.fd);
	do {
		ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
		ASSERT_EQ(c.ack, c.last.seq);
		c.ack += c.last.len;
		got += c.last.len;
		conn_send(&c, ACK, "", 0);
	} while (!(c.last.flags & FIN));
	EXPECT_EQ(sizeof(block), got);
	c.ack++;
	conn_send(&c, FIN | ACK, "", 0);
	EXPECT_TRUE(conn_expect_ack(&c));
	close(c.listener);
}

static bool to_time_wait(struct wire *w, struct conn *c)
{
	if (!conn_establish(w, c))
		return false;
	shutdown(c->fd, SHUT_WR);
	if (!conn_expect(c, FIN | ACK, 0))
		return false;
	conn_send(c, FIN | ACK, "", 0);
	if (!conn_expect_ack(c))
		return false;
	close(c->fd);
	c->fd = -1;
	return true;
}

TEST_F(tcp, time_wait_answers)
{
	struct conn c;

	ASSERT_TRUE(to_time_wait(&self->w, &c));
	/* Old data: acknowledged again.  What was last seen: nothing to say. */
	conn_send_at(&c, -5, ACK, "old", 3);
	EXPECT_TRUE(conn_expect_ack(&c));
	conn_send_at(&c, 0, ACK, "", 0);
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS));
	conn_send_at(&c, -1, FIN | ACK, "", 0);
	EXPECT_TRUE(conn_expect_ack(&c));
	if (self->mini)
		EXPECT_EQ(1, counter("TcpTimeWaits"));
	conn_close(&c);
}

/* RFC 9293 section 3.6.1: a new one may begin above the old one's numbers. */
TEST_F(tcp, time_wait_gives_way_to_a_new_syn)
{
	struct conn c;

	ASSERT_TRUE(to_time_wait(&self->w, &c));
	c.seq += 200000;
	conn_send(&c, SYN, "", 0);
	ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	EXPECT_EQ(SYN | ACK, c.last.flags);
	EXPECT_EQ(c.seq, c.last.ack);
	/* Above the old numbers, too. */
	EXPECT_LT(0, (int32_t)(c.last.seq - c.ack));
	c.ack = c.last.seq + 1;
	ASSERT_TRUE(conn_accept(&c));
	EXPECT_TRUE(conn_alive(&c));
	conn_close(&c);
}

TEST_F(tcp, time_wait_refuses_an_old_syn)
{
	struct conn c;

	ASSERT_TRUE(to_time_wait(&self->w, &c));
	conn_send_at(&c, -500, SYN, "", 0);
	EXPECT_TRUE(conn_expect_ack(&c));
	conn_close(&c);
}

/* RFC 1337: a reset does not end TIME-WAIT early when it does not fit. */
TEST_F(tcp, time_wait_outlives_stray_resets)
{
	struct conn c;

	ASSERT_TRUE(to_time_wait(&self->w, &c));
	conn_send_at(&c, 100000, RST, "", 0);
	conn_send_at(&c, -1, FIN | ACK, "", 0);
	EXPECT_TRUE(conn_expect_ack(&c));
	conn_close(&c);
}

TEST_F_TIMEOUT(tcp, fin_wait_2_without_a_program_ends, 60)
{
	struct conn c;

	ASSERT_TRUE(sysctl_set(self->mini ? "net/mini/tcp_fin_timeout" :
					    "net/ipv4/tcp_fin_timeout", 1));
	ASSERT_TRUE(conn_establish(&self->w, &c));
	close(c.fd);
	ASSERT_TRUE(conn_expect(&c, FIN | ACK, 0));
	conn_send(&c, ACK, "", 0);
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, 3500));
	conn_send(&c, ACK, "", 0);
	ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	EXPECT_EQ(RST, c.last.flags);
	close(c.listener);
}

TEST_F(tcp, reset_in_every_closing_state)
{
	struct conn c;

	/* FIN-WAIT-1 */
	ASSERT_TRUE(conn_establish(&self->w, &c));
	ASSERT_OK(shutdown(c.fd, SHUT_WR));
	ASSERT_TRUE(conn_expect(&c, FIN | ACK, 0));
	conn_send(&c, RST, "", 0);
	EXPECT_TRUE(wait_state(c.fd, TCP_CLOSE));
	EXPECT_EQ(ECONNRESET, so_error(c.fd));
	conn_close(&c);
	/* FIN-WAIT-2 */
	ASSERT_TRUE(conn_establish(&self->w, &c));
	ASSERT_OK(shutdown(c.fd, SHUT_WR));
	ASSERT_TRUE(conn_expect(&c, FIN | ACK, 0));
	conn_send(&c, ACK, "", 0);
	EXPECT_TRUE(wait_state(c.fd, TCP_FIN_WAIT2));
	conn_send(&c, RST, "", 0);
	EXPECT_TRUE(wait_state(c.fd, TCP_CLOSE));
	EXPECT_EQ(ECONNRESET, so_error(c.fd));
	conn_close(&c);
	/* CLOSE-WAIT */
	ASSERT_TRUE(conn_establish(&self->w, &c));
	conn_send(&c, FIN | ACK, "", 0);
	EXPECT_TRUE(conn_expect_ack(&c));
	conn_send(&c, RST, "", 0);
	EXPECT_TRUE(wait_state(c.fd, TCP_CLOSE));
	EXPECT_EQ(EPIPE, so_error(c.fd));
	conn_close(&c);
}

TEST_HARNESS_MAIN
