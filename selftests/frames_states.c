// SPDX-License-Identifier: GPL-2.0
/*
 * What a program sees in those states of a connection that last only as long
 * as the peer does not answer: connect() given up, data given up, FIN-WAIT-1,
 * CLOSING, LAST-ACK, SYN-RECEIVED.  Each test holds Linux to it as well.
 */
#include "kselftest_harness.h"
#include "frames.h"
#include "frames_tcp.h"
#include "states.h"

static int syn_sent(struct wire *w, struct conn *c, unsigned int user_timeout)
{
	memset(c, 0, sizeof(*c));
	c->w = w;
	c->listener = -1;
	c->seq = 5000;
	c->win = 65535;
	c->port = 80;
	c->fd = tcp_socket(w->family);
	set_int(c->fd, IPPROTO_TCP, TCP_SYNCNT, 1);
	set_int(c->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, user_timeout);
	return c->fd;
}

/* Connecting, without waiting, to a peer that will never answer. */
static bool syn_is_lost(struct wire *w, struct conn *c)
{
	syn_sent(w, c, 500);
	nonblocking(c->fd, true);
	return connect_to(c->fd, PEER, 80) && errno == EINPROGRESS;
}

TEST_F(tcp, connect_is_given_up)
{
	struct conn c;

	syn_sent(&self->w, &c, 500);
	EXPECT_ERRNO(ETIMEDOUT, connect_to(c.fd, PEER, 80));
	EXPECT_EQ(TCP_CLOSE, tcp_state(c.fd));
	EXPECT_EQ(0, so_error(c.fd));
	EXPECT_EQ(CAN_WRITE | POLLHUP, poll_now(c.fd));
	nonblocking(c.fd, true);
	EXPECT_ERRNO(EINPROGRESS, connect_to(c.fd, PEER, 80));
	conn_close(&c);
}

TEST_F(tcp, connect_given_up_is_polled)
{
	struct conn c;

	ASSERT_TRUE(syn_is_lost(&self->w, &c));
	EXPECT_EQ(0, poll_now(c.fd));
	EXPECT_EQ(POLLOUT | POLLERR | POLLHUP,
		  poll_for(c.fd, POLLOUT, LONG_MS));
	EXPECT_EQ(POLL_OVER | POLLERR, poll_now(c.fd));
	EXPECT_EQ(ETIMEDOUT, so_error(c.fd));
	EXPECT_EQ(POLL_OVER, poll_now(c.fd));
	EXPECT_ERRNO(ECONNABORTED, connect_to(c.fd, PEER, 80));
	conn_close(&c);
}

TEST_F(tcp, connect_given_up_is_an_edge)
{
	struct conn c;
	int ep;

	ASSERT_TRUE(syn_is_lost(&self->w, &c));
	ep = watch(c.fd, EPOLLIN | EPOLLOUT | EPOLLET);
	EXPECT_EQ(0, next_event(ep, 0));
	EXPECT_EQ(EPOLLIN | EPOLLOUT | EPOLLERR | EPOLLHUP,
		  next_event(ep, LONG_MS));
	EXPECT_EQ(0, next_event(ep, SHORT_MS));
	close(ep);
	conn_close(&c);
}

TEST_F(tcp, connect_given_up_is_told_by_connect)
{
	struct conn c;

	ASSERT_TRUE(syn_is_lost(&self->w, &c));
	EXPECT_ERRNO(EALREADY, connect_to(c.fd, PEER, 80));
	ASSERT_TRUE(poll_for(c.fd, POLLOUT, LONG_MS) & POLLERR);
	EXPECT_ERRNO(ETIMEDOUT, connect_to(c.fd, PEER, 80));
	EXPECT_ERRNO(EINPROGRESS, connect_to(c.fd, PEER, 80));
	conn_close(&c);
}

TEST_F(tcp, connect_given_up_is_told_by_send)
{
	struct conn c;

	ASSERT_TRUE(syn_is_lost(&self->w, &c));
	nonblocking(c.fd, false);
	EXPECT_ERRNO(ETIMEDOUT, send(c.fd, "x", 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(EPIPE, send(c.fd, "x", 1, MSG_NOSIGNAL));
	conn_close(&c);
}

TEST_F(tcp, connect_given_up_is_told_by_recv)
{
	struct conn c;
	char byte;

	ASSERT_TRUE(syn_is_lost(&self->w, &c));
	nonblocking(c.fd, false);
	EXPECT_ERRNO(ETIMEDOUT, recv(c.fd, &byte, 1, 0));
	EXPECT_EQ(0, recv(c.fd, &byte, 1, 0));
	conn_close(&c);
}

TEST_F(tcp, connect_ends_by_icmp)
{
	static const struct {
		int code;
		int error;
	} cases[] = {
		{ ICMP_NET_UNREACH, ENETUNREACH },
		{ ICMP_HOST_UNREACH, EHOSTUNREACH },
		{ ICMP_PROT_UNREACH, ENOPROTOOPT },
		{ ICMP_PORT_UNREACH, ECONNREFUSED },
		{ ICMP_NET_ANO, ENETUNREACH },
		{ ICMP_HOST_ANO, EHOSTUNREACH },
		{ ICMP_PKT_FILTERED, EHOSTUNREACH },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct conn c;

		ASSERT_TRUE(conn_await_syn(&self->w, &c, 5000));
		conn_unreachable(&c, cases[i].code, c.ack - 1);
		EXPECT_TRUE(poll_for(c.fd, POLLOUT, ANSWER_MS) & POLLERR);
		EXPECT_ERRNO(cases[i].error, connect_to(c.fd, PEER, 80));
		EXPECT_EQ(TCP_CLOSE, tcp_state(c.fd));
		conn_close(&c);
	}
}

TEST_F(tcp, syn_sent_close_is_silent)
{
	struct conn c;

	ASSERT_TRUE(conn_await_syn(&self->w, &c, 5000));
	close(c.fd);
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS));
	/* The answer comes too late. */
	conn_send(&c, SYN | ACK, "", 0);
	ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	EXPECT_EQ(RST, c.last.flags);
	c.fd = -1;
	conn_close(&c);
}

TEST_F(tcp, syn_sent_disconnect_is_silent)
{
	struct conn c;

	ASSERT_TRUE(conn_await_syn(&self->w, &c, 5000));
	EXPECT_ERRNO(0, disconnect(c.fd));
	EXPECT_EQ(ECONNRESET, so_error(c.fd));
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS));
	conn_close(&c);
}

/* Both opened at once, and the peer has not acknowledged yet. */
static bool syn_received(struct wire *w, struct conn *c)
{
	if (!conn_await_syn(w, c, 5000))
		return false;
	conn_send(c, SYN, "", 0);
	c->ack--;
	return conn_expect(c, SYN | ACK, 0) &&
	       tcp_state(c->fd) == TCP_SYN_RECV;
}

TEST_F(tcp, syn_received_calls)
{
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	struct conn c;
	char byte;

	ASSERT_TRUE(syn_received(&self->w, &c));
	EXPECT_EQ(0, poll_now(c.fd));
	EXPECT_ERRNO(EALREADY, connect_to(c.fd, PEER, 80));
	EXPECT_ERRNO(EAGAIN, send(c.fd, "x", 1, 0));
	EXPECT_ERRNO(EAGAIN, recv(c.fd, &byte, 1, 0));
	EXPECT_ERRNO(EINVAL, listen(c.fd, 1));
	EXPECT_ERRNO(0, getpeername(c.fd, (void *)&sin, &len));
	EXPECT_EQ(80, ntohs(sin.sin_port));
	EXPECT_EQ(0, unread(c.fd));
	EXPECT_EQ(0, queue_size(c.fd, SIOCOUTQ));
	EXPECT_EQ(0, queue_size(c.fd, SIOCOUTQNSD));
	conn_close(&c);
}

TEST_F(tcp, syn_received_reset)
{
	struct conn c;

	ASSERT_TRUE(syn_received(&self->w, &c));
	conn_send(&c, RST | ACK, "", 0);
	EXPECT_TRUE(poll_for(c.fd, POLLOUT, ANSWER_MS) & POLLERR);
	EXPECT_EQ(ECONNRESET, so_error(c.fd));
	conn_close(&c);
}

TEST_F(tcp, syn_received_shutdown)
{
	struct conn c;

	ASSERT_TRUE(syn_received(&self->w, &c));
	EXPECT_ERRNO(0, shutdown(c.fd, SHUT_WR));
	conn_send(&c, ACK, "", 0);
	/* Now or a little earlier. */
	EXPECT_TRUE(conn_expect(&c, FIN | ACK, 0));
	EXPECT_EQ(TCP_FIN_WAIT1, tcp_state(c.fd));
	EXPECT_ERRNO(EPIPE, send(c.fd, "x", 1, MSG_NOSIGNAL));
	conn_close(&c);
}

TEST_F(tcp, syn_received_disconnect)
{
	struct conn c;

	ASSERT_TRUE(syn_received(&self->w, &c));
	EXPECT_ERRNO(0, disconnect(c.fd));
	EXPECT_EQ(ECONNRESET, so_error(c.fd));
	EXPECT_EQ(TCP_CLOSE, tcp_state(c.fd));
	conn_close(&c);
}

/* It was reset before the handshake's end: accept() never hears of it. */
TEST_F(tcp, half_open_reset_is_not_accepted)
{
	struct conn c;

	ASSERT_TRUE(conn_open(&self->w, &c, 1000, MSS_1460, 4));
	EXPECT_EQ(0, poll_now(c.listener));
	conn_send(&c, RST, "", 0);
	nonblocking(c.listener, true);
	EXPECT_ERRNO(EAGAIN, accept(c.listener, NULL, NULL));
	EXPECT_EQ(0, poll_for(c.listener, POLLIN, SILENCE_MS));
	EXPECT_EQ(0, so_error(c.listener));
	conn_close(&c);
}

TEST_F(tcp, half_open_is_reset_by_close)
{
	struct conn c;

	ASSERT_TRUE(conn_open(&self->w, &c, 1000, MSS_1460, 4));
	close(c.listener);
	conn_send(&c, ACK, "", 0);
	ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	EXPECT_TRUE(c.last.flags & RST);
	c.listener = -1;
	conn_close(&c);
}

TEST_F(tcp, fin_wait_1_calls)
{
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	struct conn c;
	char byte;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	ASSERT_OK(shutdown(c.fd, SHUT_WR));
	ASSERT_TRUE(conn_expect(&c, FIN | ACK, 0));
	EXPECT_EQ(TCP_FIN_WAIT1, tcp_state(c.fd));
	EXPECT_EQ(CAN_WRITE, poll_now(c.fd));
	EXPECT_ERRNO(EAGAIN, recv(c.fd, &byte, 1, MSG_DONTWAIT));
	EXPECT_ERRNO(EPIPE, send(c.fd, "x", 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(0, getpeername(c.fd, (void *)&sin, &len));
	EXPECT_ERRNO(0, shutdown(c.fd, SHUT_WR));
	EXPECT_ERRNO(EISCONN, connect_to(c.fd, PEER, 80));
	/* The FIN takes a number, and so it is counted. */
	EXPECT_EQ(1, queue_size(c.fd, SIOCOUTQ));
	EXPECT_EQ(0, queue_size(c.fd, SIOCOUTQNSD));
	conn_close(&c);
}

TEST_F(tcp, fin_wait_1_reset)
{
	struct conn c;
	char byte;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	ASSERT_OK(shutdown(c.fd, SHUT_WR));
	ASSERT_TRUE(conn_expect(&c, FIN | ACK, 0));
	conn_send(&c, RST, "", 0);
	EXPECT_ERRNO(ECONNRESET, recv(c.fd, &byte, 1, 0));
	EXPECT_EQ(0, recv(c.fd, &byte, 1, 0));
	EXPECT_EQ(POLL_OVER, poll_now(c.fd));
	conn_close(&c);
}

TEST_F(tcp, fin_wait_1_disconnect)
{
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	ASSERT_OK(shutdown(c.fd, SHUT_WR));
	ASSERT_TRUE(conn_expect(&c, FIN | ACK, 0));
	EXPECT_ERRNO(0, disconnect(c.fd));
	EXPECT_EQ(ECONNRESET, so_error(c.fd));
	ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	EXPECT_TRUE(c.last.flags & RST);
	conn_close(&c);
}

static bool closing(struct wire *w, struct conn *c)
{
	if (!conn_establish(w, c) || shutdown(c->fd, SHUT_WR) ||
	    !conn_expect(c, FIN | ACK, 0))
		return false;
	/* The peer's FIN has crossed it. */
	c->ack--;
	conn_send(c, FIN | ACK, "", 0);
	c->ack++;
	return conn_expect_ack(c) && tcp_state(c->fd) == TCP_CLOSING;
}

TEST_F(tcp, closing_calls)
{
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	struct conn c;
	char byte;

	ASSERT_TRUE(closing(&self->w, &c));
	EXPECT_EQ(POLL_OVER, poll_now(c.fd));
	EXPECT_EQ(0, recv(c.fd, &byte, 1, 0));
	EXPECT_ERRNO(EPIPE, send(c.fd, "x", 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(0, getpeername(c.fd, (void *)&sin, &len));
	EXPECT_ERRNO(0, shutdown(c.fd, SHUT_RDWR));
	EXPECT_EQ(1, queue_size(c.fd, SIOCOUTQ));
	conn_close(&c);
}

TEST_F(tcp, closing_reset)
{
	struct conn c;
	char byte;

	ASSERT_TRUE(closing(&self->w, &c));
	conn_send(&c, RST, "", 0);
	EXPECT_TRUE(wait_state(c.fd, TCP_CLOSE));
	EXPECT_EQ(0, recv(c.fd, &byte, 1, 0));
	EXPECT_EQ(ECONNRESET, so_error(c.fd));
	conn_close(&c);
}

TEST_F(tcp, closing_disconnect)
{
	struct conn c;

	ASSERT_TRUE(closing(&self->w, &c));
	EXPECT_ERRNO(0, disconnect(c.fd));
	EXPECT_EQ(0, so_error(c.fd));
	EXPECT_EQ(CAN_WRITE | POLLHUP, poll_now(c.fd));
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS));
	conn_close(&c);
}

static bool last_ack(struct wire *w, struct conn *c)
{
	if (!conn_establish(w, c))
		return false;
	conn_send(c, FIN | ACK, "", 0);
	return conn_expect_ack(c) && !shutdown(c->fd, SHUT_WR) &&
	       conn_expect(c, FIN | ACK, 0) && tcp_state(c->fd) == TCP_LAST_ACK;
}

TEST_F(tcp, last_ack_calls)
{
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	struct conn c;
	char byte;

	ASSERT_TRUE(last_ack(&self->w, &c));
	EXPECT_EQ(POLL_OVER, poll_now(c.fd));
	EXPECT_EQ(0, recv(c.fd, &byte, 1, 0));
	EXPECT_ERRNO(EPIPE, send(c.fd, "x", 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(0, getpeername(c.fd, (void *)&sin, &len));
	EXPECT_ERRNO(0, shutdown(c.fd, SHUT_RDWR));
	EXPECT_ERRNO(EISCONN, connect_to(c.fd, PEER, 80));
	EXPECT_EQ(1, queue_size(c.fd, SIOCOUTQ));
	conn_close(&c);
}

TEST_F(tcp, last_ack_reset)
{
	struct conn c;
	char byte;

	ASSERT_TRUE(last_ack(&self->w, &c));
	conn_send(&c, RST, "", 0);
	EXPECT_TRUE(wait_state(c.fd, TCP_CLOSE));
	EXPECT_EQ(0, recv(c.fd, &byte, 1, 0));
	EXPECT_EQ(ECONNRESET, so_error(c.fd));
	conn_close(&c);
}

TEST_F(tcp, last_ack_disconnect)
{
	struct conn c;

	ASSERT_TRUE(last_ack(&self->w, &c));
	EXPECT_ERRNO(0, disconnect(c.fd));
	EXPECT_EQ(0, so_error(c.fd));
	EXPECT_EQ(TCP_CLOSE, tcp_state(c.fd));
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS));
	conn_close(&c);
}

/* The last ACK is an edge: nothing changes but the state. */
TEST_F(tcp, last_ack_ends)
{
	struct conn c;

	ASSERT_TRUE(last_ack(&self->w, &c));
	conn_send(&c, ACK, "", 0);
	EXPECT_TRUE(wait_state(c.fd, TCP_CLOSE));
	EXPECT_EQ(POLL_OVER, poll_now(c.fd));
	EXPECT_EQ(0, so_error(c.fd));
	EXPECT_EQ(0, queue_size(c.fd, SIOCOUTQ));
	conn_close(&c);
}

static bool data_is_lost(struct wire *w, struct conn *c)
{
	if (!conn_establish(w, c) ||
	    set_int(c->fd, IPPROTO_TCP, TCP_USER_TIMEOUT, 500))
		return false;
	timeout_ms(c->fd, SO_RCVTIMEO, LONG_MS);
	return send(c->fd, "data", 4, 0) == 4 && conn_expect(c, ACK, 4);
}

TEST_F(tcp, data_given_up)
{
	struct conn c;
	char byte;

	ASSERT_TRUE(data_is_lost(&self->w, &c));
	EXPECT_ERRNO(ETIMEDOUT, recv(c.fd, &byte, 1, 0));
	EXPECT_EQ(0, recv(c.fd, &byte, 1, 0));
	EXPECT_ERRNO(EPIPE, send(c.fd, "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(TCP_CLOSE, tcp_state(c.fd));
	conn_close(&c);
}

TEST_F(tcp, data_given_up_is_polled)
{
	struct conn c;

	ASSERT_TRUE(data_is_lost(&self->w, &c));
	EXPECT_EQ(POLLIN | POLLERR | POLLHUP, poll_for(c.fd, POLLIN, LONG_MS));
	EXPECT_EQ(POLL_OVER | POLLERR, poll_now(c.fd));
	EXPECT_EQ(ETIMEDOUT, so_error(c.fd));
	conn_close(&c);
}

/* What ICMP said meanwhile is the reason. */
TEST_F(tcp, data_given_up_as_unreachable)
{
	struct conn c;
	char byte;

	ASSERT_TRUE(data_is_lost(&self->w, &c));
	conn_unreachable(&c, ICMP_HOST_UNREACH, c.ack - 4);
	EXPECT_ERRNO(EHOSTUNREACH, recv(c.fd, &byte, 1, 0));
	EXPECT_EQ(0, recv(c.fd, &byte, 1, 0));
	conn_close(&c);
}

/* SO_ERROR tells of it before, once; nobody else does. */
TEST_F(tcp, unreachable_is_told_by_so_error)
{
	struct conn c;
	char byte;

	ASSERT_TRUE(data_is_lost(&self->w, &c));
	conn_unreachable(&c, ICMP_HOST_UNREACH, c.ack - 4);
	EXPECT_EQ(CAN_WRITE, poll_now(c.fd));
	EXPECT_ERRNO(EAGAIN, recv(c.fd, &byte, 1, MSG_DONTWAIT));
	EXPECT_EQ(EHOSTUNREACH, so_error(c.fd));
	EXPECT_EQ(0, so_error(c.fd));
	EXPECT_EQ(TCP_ESTABLISHED, tcp_state(c.fd));
	conn_close(&c);
}

TEST_F(tcp, idle_peer_given_up)
{
	struct conn c;
	char byte;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	timeout_ms(c.fd, SO_RCVTIMEO, LONG_MS);
	set_int(c.fd, IPPROTO_TCP, TCP_KEEPIDLE, 1);
	set_int(c.fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
	set_int(c.fd, IPPROTO_TCP, TCP_KEEPCNT, 1);
	ASSERT_OK(set_int(c.fd, SOL_SOCKET, SO_KEEPALIVE, 1));
	EXPECT_ERRNO(ETIMEDOUT, recv(c.fd, &byte, 1, 0));
	EXPECT_EQ(0, recv(c.fd, &byte, 1, 0));
	conn_close(&c);
}

TEST_F(tcp, outq_until_acknowledged)
{
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	ASSERT_EQ(4, send(c.fd, "data", 4, 0));
	ASSERT_TRUE(conn_expect(&c, ACK, 4));
	EXPECT_EQ(4, queue_size(c.fd, SIOCOUTQ));
	EXPECT_EQ(0, queue_size(c.fd, SIOCOUTQNSD));
	/* No window: the next is not even sent. */
	c.win = 0;
	conn_send(&c, ACK, "", 0);
	ASSERT_EQ(3, send(c.fd, "abc", 3, 0));
	EXPECT_EQ(3, queue_size(c.fd, SIOCOUTQ));
	EXPECT_EQ(3, queue_size(c.fd, SIOCOUTQNSD));
	c.win = 1000;
	conn_send(&c, ACK, "", 0);
	ASSERT_TRUE(conn_expect(&c, ACK, 3));
	EXPECT_EQ(0, queue_size(c.fd, SIOCOUTQNSD));
	conn_send(&c, ACK, "", 0);
	EXPECT_EQ(0, queue_size(c.fd, SIOCOUTQ));
	conn_close(&c);
}

/* close() waits for a second; the connection does not end with that. */
TEST_F(tcp, linger_for_nobody)
{
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	ASSERT_OK(set_linger(c.fd, 1));
	ASSERT_EQ(4, send(c.fd, "data", 4, 0));
	ASSERT_TRUE(conn_expect(&c, ACK, 4));
	EXPECT_ERRNO(0, close(c.fd));
	ASSERT_TRUE(conn_expect(&c, FIN | ACK, 0));
	/* All is acknowledged, and the peer ends, too. */
	conn_send(&c, FIN | ACK, "", 0);
	do {
		ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	} while (c.last.flags != ACK || c.last.len);
	EXPECT_EQ(c.seq, c.last.ack);
	c.fd = -1;
	conn_close(&c);
}

TEST_F(tcp, linger_zero_sends_a_reset)
{
	struct conn c;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	ASSERT_EQ(4, send(c.fd, "data", 4, 0));
	ASSERT_TRUE(conn_expect(&c, ACK, 4));
	reset_close(c.fd);
	ASSERT_TRUE(expect_segment(&self->w, &c.last, ANSWER_MS));
	EXPECT_TRUE(c.last.flags & RST);
	EXPECT_EQ(c.ack, c.last.seq);
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_TCP, SILENCE_MS));
	c.fd = -1;
	conn_close(&c);
}

TEST_HARNESS_MAIN
