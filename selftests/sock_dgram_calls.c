// SPDX-License-Identifier: GPL-2.0
/*
 * What a program sees of a datagram socket's calls: in which state each fails
 * how, and what flags, sizes and times do.
 */
#include <linux/sockios.h>
#include <sys/wait.h>

#include "dgram.h"

static const struct sockaddr unspec = { .sa_family = AF_UNSPEC };

static int closed_port(int family)
{
	int fd = udp_bound(family, "127.0.0.1");
	int port = local_port(fd);

	close(fd);
	return port;
}

TEST_F(sock, send_without_a_destination)
{
	int fd = udp_socket(self->family);
	struct dgram d;

	EXPECT_ERRNO(EDESTADDRREQ, send(fd, "x", 1, 0));
	EXPECT_ERRNO(EDESTADDRREQ, write(fd, "x", 1));
	dgram_init(&d, "x", 1);
	EXPECT_ERRNO(EDESTADDRREQ, sendmsg(fd, &d.msg, 0));
	/* The port was taken all the same. */
	EXPECT_LT(0, local_port(fd));
	close(fd);
}

TEST_F(sock, sendto_names_that_are_refused)
{
	int fd = udp_socket(self->family);
	struct sockaddr_in sin = lo(9);

	EXPECT_ERRNO(EINVAL, sendto(fd, "x", 1, 0, (void *)&sin, 8));
	sin.sin_port = 0;
	EXPECT_ERRNO(EINVAL, sendto(fd, "x", 1, 0, SA(sin)));
	sin = lo(9);
	sin.sin_family = AF_INET6;
	EXPECT_ERRNO(EAFNOSUPPORT, sendto(fd, "x", 1, 0, SA(sin)));
	close(fd);
}

TEST_F(sock, sendto_takes_no_family_for_inet)
{
	int to = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(to));
	int fd = udp_socket(self->family);
	char byte;

	sin.sin_family = AF_UNSPEC;
	EXPECT_EQ(1, sendto(fd, "x", 1, 0, SA(sin)));
	EXPECT_EQ(1, recv(to, &byte, 1, 0));
	close(fd);
	close(to);
}

TEST_F(sock, sendto_any_is_this_host)
{
	int to = udp_bound(self->family, "0.0.0.0");
	struct sockaddr_in sin = name_of("0.0.0.0", local_port(to));
	int fd = udp_socket(self->family);
	struct dgram d;
	char byte;

	EXPECT_EQ(1, sendto(fd, "x", 1, 0, SA(sin)));
	EXPECT_EQ(1, dgram_recv(to, &d, &byte, 1, 0));
	EXPECT_EQ(htonl(INADDR_LOOPBACK), d.name.sin_addr.s_addr);
	close(fd);
	close(to);
}

TEST_F(sock, sendto_of_a_connected_socket_goes_there)
{
	struct flow f = flow_open(self->family);
	int other = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(other));
	char byte;

	EXPECT_EQ(1, sendto(f.from, "o", 1, 0, SA(sin)));
	EXPECT_EQ(1, send(f.from, "t", 1, 0));
	EXPECT_EQ(1, recv(other, &byte, 1, 0));
	EXPECT_EQ('o', byte);
	EXPECT_EQ(1, recv(f.to, &byte, 1, 0));
	EXPECT_EQ('t', byte);
	close(other);
	flow_close(&f);
}

TEST_F(sock, sizes_that_are_too_large)
{
	static char block[70000];
	struct flow f = flow_open(self->family);

	EXPECT_ERRNO(EMSGSIZE, send(f.from, block, 65508, 0));
	EXPECT_ERRNO(EMSGSIZE, send(f.from, block, 65535, 0));
	EXPECT_ERRNO(EMSGSIZE, send(f.from, block, 65536, 0));
	EXPECT_ERRNO(EMSGSIZE, send(f.from, block, 70000, 0));
	flow_close(&f);
}

TEST_F(sock, too_large_before_no_destination)
{
	static char block[70000];
	int fd = udp_socket(self->family);

	EXPECT_ERRNO(EMSGSIZE, send(fd, block, 65536, 0));
	EXPECT_ERRNO(EDESTADDRREQ, send(fd, block, 65535, 0));
	EXPECT_ERRNO(EDESTADDRREQ, send(fd, block, 65508, 0));
	close(fd);
}

TEST_F(sock, out_of_band_is_for_streams)
{
	struct flow f = flow_open(self->family);
	char byte;

	EXPECT_ERRNO(EOPNOTSUPP, send(f.from, "x", 1, MSG_OOB));
	EXPECT_EQ(1, send(f.from, "y", 1, 0));
	/* To a receiver the flag says nothing. */
	EXPECT_EQ(1, recv(f.to, &byte, 1, MSG_OOB));
	EXPECT_EQ('y', byte);
	flow_close(&f);
}

TEST_F(sock, flags_that_mean_nothing)
{
	struct flow f = flow_open(self->family);
	char byte;

	EXPECT_EQ(1, send(f.from, "x", 1, MSG_EOR | MSG_DONTROUTE |
			  MSG_CONFIRM | MSG_NOSIGNAL));
	EXPECT_EQ(1, recv(f.to, &byte, 1, MSG_WAITALL));
	flow_close(&f);
}

TEST_F(sock, zerocopy_without_its_option_copies)
{
	struct flow f = flow_open(self->family);
	char buf[8] = "abcdefg";

	EXPECT_EQ(7, send(f.from, buf, 7, MSG_ZEROCOPY));
	memset(buf, 0, sizeof(buf));
	EXPECT_EQ(7, recv(f.to, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "abcdefg", 7));
	flow_close(&f);
}

TEST_F(sock, bad_addresses)
{
	struct flow f = flow_open(self->family);
	char byte;

	EXPECT_ERRNO(EFAULT, send(f.from, (void *)8, 100, 0));
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_ERRNO(EFAULT, recv(f.to, (void *)8, 100, 0));
	/* Who could not be told has lost it. */
	EXPECT_ERRNO(EAGAIN, recv(f.to, &byte, 1, MSG_DONTWAIT));
	flow_close(&f);
}

TEST_F(sock, empty_datagrams_count)
{
	struct flow f = flow_open(self->family);
	char buf[4];

	for (int i = 0; i < 3; i++)
		EXPECT_EQ(0, send(f.from, NULL, 0, 0));
	EXPECT_EQ(POLLIN, poll_for(f.to, POLLIN, LONG_MS));
	EXPECT_EQ(0, unread(f.to));
	EXPECT_EQ(0, recv(f.to, buf, sizeof(buf), 0));
	EXPECT_EQ(0, read(f.to, buf, sizeof(buf)));
	EXPECT_EQ(0, recv(f.to, NULL, 0, 0));
	EXPECT_ERRNO(EAGAIN, recv(f.to, buf, sizeof(buf), MSG_DONTWAIT));
	flow_close(&f);
}

TEST_F(sock, write_of_nothing_is_a_datagram)
{
	struct flow f = flow_open(self->family);
	struct iovec none[2] = {};
	char buf[4];

	EXPECT_EQ(0, write(f.from, "", 0));
	EXPECT_EQ(0, send(f.from, "", 0, 0));
	/* But of several nothings none is sent. */
	EXPECT_EQ(0, writev(f.from, none, 2));
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(0, recv(f.to, buf, sizeof(buf), 0));
	EXPECT_EQ(0, recv(f.to, buf, sizeof(buf), 0));
	EXPECT_EQ(1, recv(f.to, buf, sizeof(buf), 0));
	flow_close(&f);
}

TEST_F(sock, a_read_of_nothing_takes_nothing)
{
	struct flow f = flow_open(self->family);
	char buf[4];

	EXPECT_EQ(3, send(f.from, "abc", 3, 0));
	ASSERT_TRUE(wait_unread(f.to, 3));
	EXPECT_EQ(0, read(f.to, buf, 0));
	EXPECT_EQ(0, recv(f.to, buf, 0, 0));
	/* recv() did: a datagram is taken as a whole. */
	EXPECT_ERRNO(EAGAIN, recv(f.to, buf, sizeof(buf), MSG_DONTWAIT));
	flow_close(&f);
}

TEST_F(sock, gathered_and_scattered)
{
	struct flow f = flow_open(self->family);
	struct iovec out[3] = { { "ab", 2 }, { "", 0 }, { "cde", 3 } };
	char one[1], two[8];
	struct iovec in[2] = { { one, 1 }, { two, 8 } };

	EXPECT_EQ(5, writev(f.from, out, 3));
	EXPECT_EQ(5, readv(f.to, in, 2));
	EXPECT_EQ('a', one[0]);
	EXPECT_EQ(0, memcmp(two, "bcde", 4));
	flow_close(&f);
}

TEST_F(sock, peek_does_not_move)
{
	struct flow f = flow_open(self->family);
	char buf[8];

	EXPECT_EQ(3, send(f.from, "one", 3, 0));
	EXPECT_EQ(3, send(f.from, "two", 3, 0));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(3, recv(f.to, buf, sizeof(buf), MSG_PEEK));
		EXPECT_EQ(0, memcmp(buf, "one", 3));
	}
	EXPECT_EQ(3, recv(f.to, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "one", 3));
	EXPECT_EQ(3, recv(f.to, buf, sizeof(buf), 0));
	EXPECT_EQ(0, memcmp(buf, "two", 3));
	flow_close(&f);
}

TEST_F(sock, peek_off_walks_through_the_queue)
{
	struct flow f = flow_open(self->family);
	char buf[8];

	ASSERT_OK(set_int(f.to, SOL_SOCKET, SO_PEEK_OFF, 0));
	EXPECT_EQ(3, send(f.from, "one", 3, 0));
	EXPECT_EQ(3, send(f.from, "two", 3, 0));
	EXPECT_EQ(2, recv(f.to, buf, 2, MSG_PEEK));
	EXPECT_EQ(0, memcmp(buf, "on", 2));
	EXPECT_EQ(1, recv(f.to, buf, 8, MSG_PEEK));
	EXPECT_EQ('e', buf[0]);
	EXPECT_EQ(3, recv(f.to, buf, 8, MSG_PEEK));
	EXPECT_EQ(0, memcmp(buf, "two", 3));
	EXPECT_EQ(6, get_int(f.to, SOL_SOCKET, SO_PEEK_OFF));
	EXPECT_ERRNO(EAGAIN, recv(f.to, buf, 8, MSG_PEEK | MSG_DONTWAIT));
	EXPECT_EQ(3, recv(f.to, buf, 8, 0));
	EXPECT_EQ(3, get_int(f.to, SOL_SOCKET, SO_PEEK_OFF));
	flow_close(&f);
}

TEST_F(sock, peek_off_switched_off)
{
	struct flow f = flow_open(self->family);
	char buf[8];

	ASSERT_OK(set_int(f.to, SOL_SOCKET, SO_PEEK_OFF, 2));
	EXPECT_EQ(3, send(f.from, "one", 3, 0));
	EXPECT_EQ(1, recv(f.to, buf, 8, MSG_PEEK));
	ASSERT_OK(set_int(f.to, SOL_SOCKET, SO_PEEK_OFF, -1));
	EXPECT_EQ(3, recv(f.to, buf, 8, MSG_PEEK));
	flow_close(&f);
}

TEST_F(sock, trunc_returns_the_real_length)
{
	struct flow f = flow_open(self->family);
	struct dgram d;
	char buf[2], whole[9];

	EXPECT_EQ(9, send(f.from, "123456789", 9, 0));
	EXPECT_EQ(9, dgram_recv(f.to, &d, buf, 2, MSG_TRUNC | MSG_PEEK));
	EXPECT_EQ(MSG_TRUNC, d.msg.msg_flags);
	EXPECT_EQ(2, dgram_recv(f.to, &d, buf, 2, MSG_PEEK));
	EXPECT_EQ(MSG_TRUNC, d.msg.msg_flags);
	EXPECT_EQ(9, dgram_recv(f.to, &d, buf, 2, MSG_TRUNC));
	EXPECT_EQ(9, send(f.from, "123456789", 9, 0));
	EXPECT_EQ(9, dgram_recv(f.to, &d, whole, 9, MSG_TRUNC));
	EXPECT_EQ(0, d.msg.msg_flags);
	flow_close(&f);
}

TEST_F(sock, the_name_is_cut_to_its_room)
{
	struct flow f = flow_open(self->family);
	struct sockaddr_storage name;
	socklen_t len = 4;
	char byte;

	memset(&name, 0x5a, sizeof(name));
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, recvfrom(f.to, &byte, 1, 0, (void *)&name, &len));
	EXPECT_EQ(sizeof(struct sockaddr_in), len);
	EXPECT_EQ(0x5a, ((unsigned char *)&name)[4]);
	len = sizeof(name);
	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, recvfrom(f.to, &byte, 1, 0, (void *)&name, &len));
	EXPECT_EQ(sizeof(struct sockaddr_in), len);
	flow_close(&f);
}

TEST_F(sock, dontwait_and_nonblock)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	char byte;

	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, MSG_DONTWAIT));
	nonblocking(fd, true);
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, 0));
	EXPECT_ERRNO(EAGAIN, read(fd, &byte, 1));
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, MSG_PEEK));
	close(fd);
}

TEST_F(sock, rcvtimeo_ends_a_peek_too)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	char byte;

	timeout_ms(fd, SO_RCVTIMEO, 20);
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, MSG_PEEK));
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, 0));
	close(fd);
}

TEST_F(sock, recvmmsg_times_out_between_messages)
{
	struct flow f = flow_open(self->family);
	struct timespec ts = { .tv_nsec = 1 };
	char data[2][4];
	struct iovec iov[2] = { { data[0], 4 }, { data[1], 4 } };
	struct mmsghdr in[2] = {
		{ .msg_hdr = { .msg_iov = &iov[0], .msg_iovlen = 1 } },
		{ .msg_hdr = { .msg_iov = &iov[1], .msg_iovlen = 1 } },
	};

	EXPECT_EQ(2, send(f.from, "ab", 2, 0));
	ASSERT_TRUE(wait_unread(f.to, 2));
	EXPECT_EQ(1, recvmmsg(f.to, in, 2, 0, &ts));
	EXPECT_EQ(2, in[0].msg_len);
	flow_close(&f);
}

TEST_F(sock, recvmmsg_waits_for_one)
{
	struct flow f = flow_open(self->family);
	char data[3][4];
	struct iovec iov[3];
	struct mmsghdr in[3] = {};

	for (int i = 0; i < 3; i++) {
		iov[i] = (struct iovec){ data[i], 4 };
		in[i].msg_hdr.msg_iov = &iov[i];
		in[i].msg_hdr.msg_iovlen = 1;
	}
	EXPECT_ERRNO(EAGAIN, recvmmsg(f.to, in, 3, MSG_DONTWAIT, NULL));
	EXPECT_EQ(1, send(f.from, "a", 1, 0));
	ASSERT_TRUE(wait_unread(f.to, 1));
	EXPECT_EQ(1, recvmmsg(f.to, in, 3, MSG_WAITFORONE, NULL));
	flow_close(&f);
}

TEST_F(sock, sendmmsg_stops_at_an_error)
{
	struct flow f = flow_open(self->family);
	static char large[65508];
	struct iovec iov[3] = { { "a", 1 }, { large, sizeof(large) },
				{ "c", 1 } };
	struct mmsghdr out[3] = {};
	char buf[4];

	for (int i = 0; i < 3; i++) {
		out[i].msg_hdr.msg_iov = &iov[i];
		out[i].msg_hdr.msg_iovlen = 1;
	}
	EXPECT_EQ(1, sendmmsg(f.from, out, 3, 0));
	EXPECT_EQ(1, out[0].msg_len);
	EXPECT_ERRNO(EMSGSIZE, sendmmsg(f.from, out + 1, 2, 0));
	EXPECT_EQ(1, recv(f.to, buf, sizeof(buf), 0));
	EXPECT_ERRNO(EAGAIN, recv(f.to, buf, sizeof(buf), MSG_DONTWAIT));
	flow_close(&f);
}

TEST_F(sock, outq_of_a_socket_that_has_sent)
{
	struct flow f = flow_open(self->family);
	int n = -1;
	char byte;

	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, recv(f.to, &byte, 1, 0));
	EXPECT_ERRNO(0, ioctl(f.from, SIOCOUTQ, &n));
	EXPECT_EQ(0, n);
	EXPECT_ERRNO(0, ioctl(f.to, SIOCINQ, &n));
	EXPECT_EQ(0, n);
	EXPECT_ERRNO(EFAULT, ioctl(f.to, SIOCINQ, (void *)8));
	flow_close(&f);
}

TEST_F(sock, shutdown_of_an_unconnected_socket)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	char byte;

	EXPECT_ERRNO(ENOTCONN, shutdown(fd, SHUT_RD));
	/* It is done all the same. */
	EXPECT_EQ(0, recv(fd, &byte, 1, 0));
	EXPECT_ERRNO(EINVAL, shutdown(fd, 3));
	close(fd);
}

TEST_F(sock, shutdown_of_reading_leaves_what_is_there)
{
	struct flow f = flow_open(self->family);
	char byte;

	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	ASSERT_TRUE(wait_unread(f.to, 1));
	shutdown(f.to, SHUT_RD);
	EXPECT_EQ(1, recv(f.to, &byte, 1, 0));
	EXPECT_EQ(0, recv(f.to, &byte, 1, 0));
	/* And what comes still comes. */
	EXPECT_EQ(1, send(f.from, "y", 1, 0));
	ASSERT_TRUE(wait_unread(f.to, 1));
	EXPECT_EQ(1, recv(f.to, &byte, 1, 0));
	flow_close(&f);
}

TEST_F(sock, shutdown_as_poll_sees_it)
{
	struct flow f = flow_open(self->family);

	EXPECT_ERRNO(0, shutdown(f.from, SHUT_RD));
	EXPECT_EQ(POLLIN | POLLRDHUP,
		  poll_for(f.from, POLLIN | POLLRDHUP, 0));
	EXPECT_ERRNO(0, shutdown(f.from, SHUT_RDWR));
	EXPECT_EQ(POLLHUP, POLLHUP & poll_for(f.from, POLLIN, 0));
	flow_close(&f);
}

TEST_F(sock, shutdown_of_writing_signals)
{
	struct flow f = flow_open(self->family);
	char byte;

	EXPECT_ERRNO(0, shutdown(f.from, SHUT_WR));
	/* A datagram's sender hears no SIGPIPE. */
	signal(SIGPIPE, SIG_DFL);
	EXPECT_ERRNO(EPIPE, send(f.from, "x", 1, 0));
	EXPECT_EQ(1, send(f.to, "x", 0, 0) == -1);
	EXPECT_ERRNO(EAGAIN, recv(f.from, &byte, 1, MSG_DONTWAIT));
	flow_close(&f);
}

TEST_F(sock, connect_again_changes_the_peer)
{
	struct flow f = flow_open(self->family);
	int other = udp_bound(self->family, "127.0.0.1");
	int port = local_port(f.from);
	struct sockaddr_in sin = lo(port);
	char byte;

	ASSERT_OK(connect_to(f.from, "127.0.0.1", local_port(other)));
	EXPECT_EQ(port, local_port(f.from));
	EXPECT_EQ(1, sendto(f.to, "t", 1, 0, SA(sin)));
	EXPECT_EQ(1, sendto(other, "o", 1, 0, SA(sin)));
	EXPECT_EQ(1, recv(f.from, &byte, 1, 0));
	EXPECT_EQ('o', byte);
	EXPECT_ERRNO(EAGAIN, recv(f.from, &byte, 1, MSG_DONTWAIT));
	close(other);
	flow_close(&f);
}

TEST_F(sock, connect_leaves_what_has_come)
{
	struct flow f = flow_open(self->family);
	int other = udp_bound(self->family, "127.0.0.1");
	char byte;

	EXPECT_EQ(1, send(f.from, "x", 1, 0));
	ASSERT_TRUE(wait_unread(f.to, 1));
	ASSERT_OK(connect_to(f.to, "127.0.0.1", local_port(other)));
	EXPECT_EQ(1, recv(f.to, &byte, 1, 0));
	EXPECT_EQ('x', byte);
	close(other);
	flow_close(&f);
}

TEST_F(sock, connect_names_that_are_refused)
{
	int fd = udp_socket(self->family);
	struct sockaddr_in sin = lo(9);

	EXPECT_ERRNO(EINVAL, connect(fd, (void *)&sin, 1));
	EXPECT_ERRNO(EINVAL, connect(fd, (void *)&sin, 8));
	sin.sin_family = AF_INET6;
	EXPECT_ERRNO(EAFNOSUPPORT, connect(fd, SA(sin)));
	close(fd);
}

TEST_F(sock, connect_to_port_0)
{
	int fd = udp_socket(self->family);

	struct sockaddr_in sin;
	socklen_t len = sizeof(sin);

	EXPECT_ERRNO(0, connect_to(fd, "127.0.0.1", 0));
	EXPECT_ERRNO(ENOTCONN, getpeername(fd, (void *)&sin, &len));
	/* It goes out, to nobody. */
	EXPECT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_EQ(POLLERR, poll_for(fd, 0, LONG_MS));
	EXPECT_EQ(ECONNREFUSED, so_error(fd));
	close(fd);
}

TEST_F(sock, disconnect_of_an_unconnected_socket)
{
	int fd = udp_bound(self->family, "127.0.0.1");

	EXPECT_ERRNO(0, connect(fd, &unspec, sizeof(unspec)));
	EXPECT_ERRNO(EINVAL, connect(fd, &unspec, 1));
	close(fd);
}

TEST_F(sock, disconnected_hears_everybody_again)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	int port = closed_port(self->family);
	int other = udp_socket(self->family);
	struct sockaddr_in sin;
	char byte;

	/* bind() to a number, or the port would go. */
	close(fd);
	fd = udp_socket(self->family);
	ASSERT_OK(bind_to(fd, "127.0.0.1", port));
	timeout_ms(fd, SO_RCVTIMEO, LONG_MS);
	sin = lo(port);
	ASSERT_OK(connect_to(fd, "127.0.0.1", 9));
	ASSERT_OK(connect(fd, &unspec, sizeof(unspec)));
	EXPECT_EQ(1, sendto(other, "x", 1, 0, SA(sin)));
	EXPECT_EQ(1, recv(fd, &byte, 1, 0));
	close(other);
	close(fd);
}

TEST_F(sock, a_refusal_fails_one_call)
{
	int fd = udp_socket(self->family);
	char byte;

	ASSERT_OK(connect_to(fd, "127.0.0.1", closed_port(self->family)));
	EXPECT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_EQ(POLLERR, poll_for(fd, 0, LONG_MS));
	EXPECT_ERRNO(ECONNREFUSED, send(fd, "x", 1, 0));
	EXPECT_EQ(0, poll_for(fd, 0, 0));
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, MSG_DONTWAIT));
	close(fd);
}

TEST_F(sock, a_refusal_is_told_before_what_has_come)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	int port = closed_port(self->family);
	int peer = udp_socket(self->family);
	struct sockaddr_in sin = lo(local_port(fd));
	char byte;

	ASSERT_OK(bind_to(peer, "127.0.0.1", port));
	EXPECT_EQ(1, sendto(peer, "x", 1, 0, SA(sin)));
	ASSERT_TRUE(wait_unread(fd, 1));
	close(peer);
	ASSERT_OK(connect_to(fd, "127.0.0.1", port));
	EXPECT_EQ(1, send(fd, "x", 1, 0));
	EXPECT_EQ(POLLERR, poll_for(fd, 0, LONG_MS));
	EXPECT_ERRNO(ECONNREFUSED, recv(fd, &byte, 1, 0));
	EXPECT_EQ(1, recv(fd, &byte, 1, 0));
	close(fd);
}

TEST_F(sock, a_refusal_wakes_a_reader)
{
	int fd = udp_socket(self->family);
	char byte;

	timeout_ms(fd, SO_RCVTIMEO, LONG_MS);
	ASSERT_OK(connect_to(fd, "127.0.0.1", closed_port(self->family)));
	if (!fork()) {
		wait_asleep(getppid());
		_exit(send(fd, "x", 1, 0) != 1);
	}
	EXPECT_ERRNO(ECONNREFUSED, recv(fd, &byte, 1, 0));
	wait(NULL);
	close(fd);
}

TEST_F(sock, broadcast_needs_its_option)
{
	int fd = udp_socket(self->family);
	struct sockaddr_in sin = name_of("127.255.255.255", 9);

	EXPECT_ERRNO(EACCES, sendto(fd, "x", 1, 0, SA(sin)));
	EXPECT_ERRNO(EACCES, connect_to(fd, "127.255.255.255", 9));
	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_BROADCAST, 1));
	EXPECT_EQ(1, sendto(fd, "x", 1, 0, SA(sin)));
	EXPECT_ERRNO(0, connect_to(fd, "127.255.255.255", 9));
	EXPECT_EQ(1, send(fd, "x", 1, 0));
	close(fd);
}

TEST_F(sock, calls_of_streams)
{
	int fd = udp_bound(self->family, "127.0.0.1");

	EXPECT_ERRNO(EOPNOTSUPP, listen(fd, 1));
	EXPECT_ERRNO(EOPNOTSUPP, accept(fd, NULL, NULL));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1));
	close(fd);
}

TEST_HARNESS_MAIN
