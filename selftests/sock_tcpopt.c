// SPDX-License-Identifier: GPL-2.0
/*
 * Options of level IPPROTO_TCP: what they are at first, what may be set and
 * when, how it reads back, what an accepted connection inherits.
 */
#include "sock.h"

#ifndef TCP_INQ
#define TCP_INQ			36
#endif
#ifndef TCP_CM_INQ
#define TCP_CM_INQ		TCP_INQ
#endif
#ifndef TCP_TX_DELAY
#define TCP_TX_DELAY		37
#endif
#define BAD_POINTER		((void *)8)

TEST_F(sock, tcp_defaults)
{
	static const struct {
		int name;
		int value;
	} cases[] = {
		{ TCP_NODELAY, 0 }, { TCP_CORK, 0 }, { TCP_MAXSEG, 536 },
		{ TCP_KEEPIDLE, 7200 }, { TCP_KEEPINTVL, 75 },
		{ TCP_KEEPCNT, 9 }, { TCP_LINGER2, 60 },
		{ TCP_DEFER_ACCEPT, 0 }, { TCP_WINDOW_CLAMP, 0 },
		{ TCP_QUICKACK, 1 }, { TCP_THIN_LINEAR_TIMEOUTS, 0 },
		{ TCP_THIN_DUPACK, 0 }, { TCP_USER_TIMEOUT, 0 },
		{ TCP_REPAIR, 0 }, { TCP_FASTOPEN, 0 },
		{ TCP_NOTSENT_LOWAT, 0 }, { TCP_SAVE_SYN, 0 },
		{ TCP_FASTOPEN_CONNECT, 0 }, { TCP_FASTOPEN_NO_COOKIE, 0 },
		{ TCP_INQ, 0 }, { TCP_TX_DELAY, 0 },
	};
	int fd = tcp_socket(self->family);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(cases[i].value,
			  get_int(fd, IPPROTO_TCP, cases[i].name)) {
			TH_LOG("option %d", cases[i].name);
		}
	}
	close(fd);
}

TEST_F(sock, tcp_flags_take_any_number)
{
	static const int names[] = { TCP_NODELAY, TCP_CORK };
	int fd = tcp_socket(self->family);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_ERRNO(0, set_int(fd, IPPROTO_TCP, names[i], 256));
		EXPECT_EQ(1, get_int(fd, IPPROTO_TCP, names[i]));
		EXPECT_ERRNO(0, set_int(fd, IPPROTO_TCP, names[i], -1));
		EXPECT_EQ(1, get_int(fd, IPPROTO_TCP, names[i]));
		EXPECT_ERRNO(0, set_int(fd, IPPROTO_TCP, names[i], 0));
		EXPECT_EQ(0, get_int(fd, IPPROTO_TCP, names[i]));
	}
	close(fd);
}

TEST_F(sock, tcp_ranges)
{
	static const struct {
		int name;
		int value;
		int error;
	} cases[] = {
		{ TCP_INQ, 2, EINVAL }, { TCP_INQ, -1, EINVAL },
		{ TCP_INQ, 1, 0 }, { TCP_SAVE_SYN, 3, EINVAL },
		{ TCP_SAVE_SYN, -1, EINVAL }, { TCP_SAVE_SYN, 2, 0 },
		{ TCP_FASTOPEN, -1, EINVAL }, { TCP_FASTOPEN, 5, 0 },
		{ TCP_FASTOPEN_CONNECT, 2, EINVAL },
		{ TCP_FASTOPEN_CONNECT, -1, EINVAL },
		{ TCP_FASTOPEN_CONNECT, 1, 0 },
		{ TCP_FASTOPEN_NO_COOKIE, 2, EINVAL },
		{ TCP_FASTOPEN_NO_COOKIE, 1, 0 },
		{ TCP_THIN_LINEAR_TIMEOUTS, 2, EINVAL },
		{ TCP_THIN_LINEAR_TIMEOUTS, 1, 0 },
		{ TCP_THIN_DUPACK, 2, EINVAL }, { TCP_THIN_DUPACK, -1, EINVAL },
		{ TCP_NOTSENT_LOWAT, -1, 0 }, { TCP_NOTSENT_LOWAT, 1, 0 },
		{ TCP_USER_TIMEOUT, 0x7fffffff, 0 },
		{ TCP_KEEPIDLE, -1, EINVAL }, { TCP_KEEPCNT, -1, EINVAL },
		{ TCP_SYNCNT, 127, 0 }, { TCP_SYNCNT, -1, EINVAL },
		{ TCP_MAXSEG, 87, EINVAL }, { TCP_MAXSEG, 88, 0 },
		{ TCP_MAXSEG, 32767, 0 },
	};
	int fd = tcp_socket(self->family);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_ERRNO(cases[i].error, set_int(fd, IPPROTO_TCP,
						     cases[i].name,
						     cases[i].value));
		if (cases[i].error)
			continue;
		EXPECT_EQ(cases[i].value,
			  get_int(fd, IPPROTO_TCP, cases[i].name)) {
			TH_LOG("option %d", cases[i].name);
		}
	}
	close(fd);
}

TEST_F(sock, tcp_thin_dupack_is_not_kept)
{
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(0, set_int(fd, IPPROTO_TCP, TCP_THIN_DUPACK, 1));
	EXPECT_EQ(0, get_int(fd, IPPROTO_TCP, TCP_THIN_DUPACK));
	close(fd);
}

TEST_F(sock, tcp_maxseg_0_is_the_default)
{
	int fd = tcp_socket(self->family);

	ASSERT_OK(set_int(fd, IPPROTO_TCP, TCP_MAXSEG, 1000));
	EXPECT_EQ(1000, get_int(fd, IPPROTO_TCP, TCP_MAXSEG));
	ASSERT_OK(set_int(fd, IPPROTO_TCP, TCP_MAXSEG, 0));
	EXPECT_EQ(536, get_int(fd, IPPROTO_TCP, TCP_MAXSEG));
	close(fd);
}

TEST_F(sock, tcp_maxseg_bounds_the_connection)
{
	struct pair p;
	int fd;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(p.listener, IPPROTO_TCP, TCP_MAXSEG, 1000));
	fd = tcp_socket(self->family);
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(p.listener)));
	/* Time stamps take 12 octets of each segment. */
	EXPECT_EQ(988, get_int(fd, IPPROTO_TCP, TCP_MAXSEG));
	close(fd);
	pair_close(&p);
}

TEST_F(sock, tcp_linger2)
{
	static const struct {
		int set;
		int get;
	} cases[] = {
		{ 5, 5 }, { 120, 120 }, { 121, 120 }, { 100000, 120 },
		{ -1, -1 }, { -77, -1 }, { 0, 60 },
	};
	int fd = tcp_socket(self->family);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_ERRNO(0, set_int(fd, IPPROTO_TCP, TCP_LINGER2,
					cases[i].set));
		EXPECT_EQ(cases[i].get, get_int(fd, IPPROTO_TCP, TCP_LINGER2));
	}
	close(fd);
}

TEST_F(sock, tcp_defer_accept_counts_timeouts)
{
	static const struct {
		int set;
		int get;
	} cases[] = {
		{ 0, 0 }, { 1, 1 }, { 2, 3 }, { 3, 3 }, { 4, 7 }, { 7, 7 },
		{ 30, 31 }, { 60, 63 }, { -1, 0 },
	};
	int fd = tcp_socket(self->family);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_ERRNO(0, set_int(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT,
					cases[i].set));
		EXPECT_EQ(cases[i].get,
			  get_int(fd, IPPROTO_TCP, TCP_DEFER_ACCEPT));
	}
	close(fd);
}

TEST_F(sock, tcp_window_clamp)
{
	struct pair p;
	int fd = tcp_socket(self->family);

	ASSERT_OK(set_int(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, 20000));
	EXPECT_EQ(20000, get_int(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP));
	/* Not below half of the smallest buffer. */
	ASSERT_OK(set_int(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, 100));
	EXPECT_EQ(1152, get_int(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP));
	ASSERT_OK(set_int(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP, 0));
	EXPECT_EQ(0, get_int(fd, IPPROTO_TCP, TCP_WINDOW_CLAMP));
	close(fd);
	/* A connection must have one. */
	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(EINVAL, set_int(p.client, IPPROTO_TCP, TCP_WINDOW_CLAMP,
				     0));
	EXPECT_ERRNO(0, set_int(p.client, IPPROTO_TCP, TCP_WINDOW_CLAMP,
				20000));
	pair_close(&p);
}

TEST_F(sock, tcp_quickack_off_and_on)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(p.server, IPPROTO_TCP, TCP_QUICKACK, 0));
	EXPECT_EQ(0, get_int(p.server, IPPROTO_TCP, TCP_QUICKACK));
	ASSERT_OK(set_int(p.server, IPPROTO_TCP, TCP_QUICKACK, 1));
	EXPECT_EQ(1, get_int(p.server, IPPROTO_TCP, TCP_QUICKACK));
	pair_close(&p);
}

TEST_F(sock, tcp_keepalive_values_of_a_connection)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(p.client, SOL_SOCKET, SO_KEEPALIVE, 1));
	EXPECT_ERRNO(0, set_int(p.client, IPPROTO_TCP, TCP_KEEPIDLE, 100));
	EXPECT_ERRNO(0, set_int(p.client, IPPROTO_TCP, TCP_KEEPINTVL, 20));
	EXPECT_ERRNO(0, set_int(p.client, IPPROTO_TCP, TCP_KEEPCNT, 3));
	EXPECT_EQ(100, get_int(p.client, IPPROTO_TCP, TCP_KEEPIDLE));
	EXPECT_EQ(20, get_int(p.client, IPPROTO_TCP, TCP_KEEPINTVL));
	EXPECT_EQ(3, get_int(p.client, IPPROTO_TCP, TCP_KEEPCNT));
	pair_close(&p);
}

TEST_F(sock, tcp_fastopen_of_a_connection)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(EINVAL, set_int(p.client, IPPROTO_TCP, TCP_FASTOPEN, 5));
	EXPECT_ERRNO(EINVAL, set_int(p.client, IPPROTO_TCP,
				     TCP_FASTOPEN_CONNECT, 1));
	EXPECT_ERRNO(EINVAL, set_int(p.client, IPPROTO_TCP,
				     TCP_FASTOPEN_NO_COOKIE, 1));
	EXPECT_ERRNO(0, set_int(p.listener, IPPROTO_TCP, TCP_FASTOPEN, 5));
	EXPECT_EQ(5, get_int(p.listener, IPPROTO_TCP, TCP_FASTOPEN));
	pair_close(&p);
}

TEST_F(sock, tcp_fastopen_key)
{
	char key[32], got[64];
	socklen_t len = sizeof(got);
	int fd = tcp_socket(self->family);

	memset(key, 0x5a, sizeof(key));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_KEY, key,
					15));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_KEY, key,
					17));
	EXPECT_ERRNO(EFAULT, setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_KEY,
					BAD_POINTER, 16));
	ASSERT_OK(setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_KEY, key, 16));
	ASSERT_OK(getsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_KEY, got, &len));
	EXPECT_EQ(16, len);
	EXPECT_EQ(0, memcmp(key, got, 16));
	ASSERT_OK(setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_KEY, key, 32));
	len = sizeof(got);
	ASSERT_OK(getsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN_KEY, got, &len));
	EXPECT_EQ(32, len);
	close(fd);
}

TEST_F(sock, tcp_save_syn)
{
	unsigned char buf[200];
	socklen_t len = sizeof(buf);
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	/* Nothing was asked for. */
	ASSERT_OK(getsockopt(p.server, IPPROTO_TCP, TCP_SAVED_SYN, buf, &len));
	EXPECT_EQ(0, len);
	ASSERT_OK(set_int(p.listener, IPPROTO_TCP, TCP_SAVE_SYN, 1));
	close(p.client);
	close(p.server);
	p.client = tcp_socket(self->family);
	ASSERT_OK(connect_to(p.client, "127.0.0.1", local_port(p.listener)));
	p.server = accept(p.listener, NULL, NULL);
	len = 4;
	EXPECT_ERRNO(EINVAL, getsockopt(p.server, IPPROTO_TCP, TCP_SAVED_SYN,
					buf, &len));
	EXPECT_LE(40, len);
	len = sizeof(buf);
	ASSERT_OK(getsockopt(p.server, IPPROTO_TCP, TCP_SAVED_SYN, buf, &len));
	EXPECT_EQ(4, buf[0] >> 4);
	EXPECT_EQ(IPPROTO_TCP, buf[9]);
	/* Once. */
	len = sizeof(buf);
	ASSERT_OK(getsockopt(p.server, IPPROTO_TCP, TCP_SAVED_SYN, buf, &len));
	EXPECT_EQ(0, len);
	pair_close(&p);
}

/* Read 4 octets; how many TCP_INQ says are left, -1: it says nothing. */
static int left_after_four(int fd)
{
	char space[CMSG_SPACE(sizeof(int))];
	char buf[4];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = space,
		.msg_controllen = sizeof(space),
	};
	struct cmsghdr *cmsg;
	int left;

	if (recvmsg(fd, &msg, 0) != sizeof(buf))
		return -1;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg || cmsg->cmsg_level != IPPROTO_TCP ||
	    cmsg->cmsg_type != TCP_CM_INQ)
		return -1;
	memcpy(&left, CMSG_DATA(cmsg), sizeof(left));
	return left;
}

TEST_F(sock, tcp_inq_tells_what_is_left)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(p.server, IPPROTO_TCP, TCP_INQ, 1));
	ASSERT_EQ(10, send(p.client, "0123456789", 10, 0));
	ASSERT_TRUE(wait_unread(p.server, 10));
	EXPECT_EQ(6, left_after_four(p.server));
	pair_close(&p);
}

TEST_F(sock, tcp_inq_counts_the_end)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(p.server, IPPROTO_TCP, TCP_INQ, 1));
	ASSERT_EQ(4, send(p.client, "0123", 4, 0));
	ASSERT_OK(shutdown(p.client, SHUT_WR));
	ASSERT_TRUE(wait_state(p.server, TCP_CLOSE_WAIT));
	/* The program is told to come back for it. */
	EXPECT_EQ(1, left_after_four(p.server));
	pair_close(&p);
}

TEST_F(sock, tcp_congestion_names)
{
	char name[32];
	socklen_t len = 3;
	int fd = tcp_socket(self->family);

	memset(name, 'x', sizeof(name));
	ASSERT_OK(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &len));
	EXPECT_EQ(3, len);
	EXPECT_EQ('x', name[3]);
	len = sizeof(name);
	ASSERT_OK(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &len));
	EXPECT_EQ(16, len);
	EXPECT_STREQ("cubic", name);
	EXPECT_ERRNO(EFAULT, setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION,
					BAD_POINTER, 5));
	EXPECT_ERRNO(0, setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno",
				   4));
	len = sizeof(name);
	ASSERT_OK(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &len));
	/* AF_MINI calls it newreno. */
	EXPECT_NE(NULL, strstr(name, "reno"));
	close(fd);
}

TEST_F(sock, tcp_cc_info_of_cubic)
{
	char buf[64];
	socklen_t len = sizeof(buf);
	int fd = tcp_socket(self->family);

	ASSERT_OK(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "cubic", 5));
	EXPECT_ERRNO(0, getsockopt(fd, IPPROTO_TCP, TCP_CC_INFO, buf, &len));
	EXPECT_EQ(0, len);
	close(fd);
}

TEST_F(sock, tcp_ulp_that_does_not_exist)
{
	char buf[16] = "x";
	socklen_t len = sizeof(buf);
	int fd = tcp_socket(self->family);

	ASSERT_OK(getsockopt(fd, IPPROTO_TCP, TCP_ULP, buf, &len));
	EXPECT_EQ(0, len);
	EXPECT_ERRNO(ENOENT, setsockopt(fd, IPPROTO_TCP, TCP_ULP, "nosuch", 6));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, IPPROTO_TCP, TCP_ULP, "nosuch", 0));
	EXPECT_ERRNO(EFAULT, setsockopt(fd, IPPROTO_TCP, TCP_ULP, BAD_POINTER,
					6));
	close(fd);
}

TEST_F(sock, tcp_repair_without_a_capability)
{
	int fd = tcp_socket(self->family);

	ASSERT_OK(setresuid(65534, 65534, 65534));
	EXPECT_ERRNO(EPERM, set_int(fd, IPPROTO_TCP, TCP_REPAIR, 1));
	EXPECT_ERRNO(EPERM, set_int(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, 1));
	EXPECT_ERRNO(EINVAL, set_int(fd, IPPROTO_TCP, TCP_QUEUE_SEQ, 1));
	EXPECT_ERRNO(EINVAL, set_int(fd, IPPROTO_TCP, TCP_REPAIR_OPTIONS, 1));
	EXPECT_ERRNO(EPERM, set_int(fd, IPPROTO_TCP, TCP_TIMESTAMP, 1));
	EXPECT_ERRNO(EPERM, set_int(fd, IPPROTO_TCP, TCP_REPAIR_WINDOW, 1));
	EXPECT_EQ(0, get_int(fd, IPPROTO_TCP, TCP_REPAIR));
	close(fd);
}

TEST_F(sock, tcp_repair_options_of_none)
{
	char buf[20];
	socklen_t len = 4;
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(EINVAL, getsockopt(fd, IPPROTO_TCP, TCP_REPAIR_QUEUE, buf,
					&len));
	EXPECT_ERRNO(EINVAL, getsockopt(fd, IPPROTO_TCP, TCP_REPAIR_WINDOW, buf,
					&len));
	len = sizeof(buf);
	EXPECT_ERRNO(EPERM, getsockopt(fd, IPPROTO_TCP, TCP_REPAIR_WINDOW, buf,
				       &len));
	close(fd);
}

TEST_F(sock, tcp_timestamp_advances)
{
	int fd = tcp_socket(self->family);
	unsigned int a = get_int(fd, IPPROTO_TCP, TCP_TIMESTAMP);
	unsigned int b;
	long end = now_ms() + LONG_MS;

	do
		b = get_int(fd, IPPROTO_TCP, TCP_TIMESTAMP);
	while (b == a && now_ms() < end);
	EXPECT_LT(0, (int)(b - a));
	close(fd);
}

TEST_F(sock, tcp_little_room)
{
	unsigned char buf[8];
	socklen_t len;
	int fd = tcp_socket(self->family);

	ASSERT_OK(set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, 0x1234));
	for (socklen_t room = 0; room < 4; room++) {
		memset(buf, 0xee, sizeof(buf));
		len = room;
		ASSERT_OK(getsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, buf, &len));
		EXPECT_EQ(room, len);
		EXPECT_EQ(0xee, buf[room]);
	}
	EXPECT_EQ(0x34, buf[0]);
	EXPECT_EQ(0x12, buf[1]);
	for (socklen_t room = 0; room < 4; room++)
		EXPECT_ERRNO(EINVAL, setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE,
						buf, room));
	close(fd);
}

TEST_F(sock, tcp_options_on_a_datagram_socket)
{
	static const int names[] = { TCP_NODELAY, TCP_INFO, TCP_CONGESTION };
	int fd = udp_socket(self->family);
	char buf[256] = {};
	socklen_t len;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		len = sizeof(buf);
		EXPECT_ERRNO(ENOPROTOOPT, setsockopt(fd, IPPROTO_TCP, names[i],
						     buf, len));
		EXPECT_ERRNO(EOPNOTSUPP, getsockopt(fd, IPPROTO_TCP, names[i],
						    buf, &len));
	}
	close(fd);
}

TEST_F(sock, udp_options_on_a_stream)
{
	int fd = tcp_socket(self->family);
	int value = 1;
	socklen_t len = sizeof(value);

	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, IPPROTO_UDP, 1, 1));
	EXPECT_ERRNO(EOPNOTSUPP, getsockopt(fd, IPPROTO_UDP, 1, &value, &len));
	close(fd);
}

TEST_F(sock, levels_of_nobody)
{
	static const int levels[] = { 2, 41, 58, 132, 255, 270, 9999, -1 };
	int fds[] = { tcp_socket(self->family), udp_socket(self->family) };
	int value = 1;
	socklen_t len = sizeof(value);

	for (size_t i = 0; i < 2 * ARRAY_SIZE(levels); i++) {
		EXPECT_ERRNO(ENOPROTOOPT, set_int(fds[i % 2], levels[i / 2], 1,
						  1));
		EXPECT_ERRNO(EOPNOTSUPP, getsockopt(fds[i % 2], levels[i / 2],
						    1, &value, &len));
	}
}

TEST_F(sock, tcp_accepted_inherits)
{
	static const struct {
		int name;
		int value;
	} cases[] = {
		{ TCP_NODELAY, 1 }, { TCP_KEEPIDLE, 100 },
		{ TCP_KEEPINTVL, 20 }, { TCP_KEEPCNT, 3 }, { TCP_SYNCNT, 2 },
		{ TCP_LINGER2, 7 }, { TCP_USER_TIMEOUT, 5000 },
		{ TCP_NOTSENT_LOWAT, 4096 }, { TCP_INQ, 1 },
		{ TCP_THIN_LINEAR_TIMEOUTS, 1 }, { TCP_CORK, 1 },
	};
	char name[16] = {};
	socklen_t len = sizeof(name);
	struct pair p;
	int fd;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		ASSERT_OK(set_int(p.listener, IPPROTO_TCP, cases[i].name,
				  cases[i].value));
	ASSERT_OK(setsockopt(p.listener, IPPROTO_TCP, TCP_CONGESTION, "reno",
			     4));
	fd = tcp_socket(self->family);
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(p.listener)));
	close(p.server);
	p.server = accept(p.listener, NULL, NULL);
	ASSERT_LE(0, p.server);
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(cases[i].value,
			  get_int(p.server, IPPROTO_TCP, cases[i].name)) {
			TH_LOG("option %d", cases[i].name);
		}
	}
	ASSERT_OK(getsockopt(p.server, IPPROTO_TCP, TCP_CONGESTION, name,
			     &len));
	EXPECT_NE(NULL, strstr(name, "reno"));
	close(fd);
	pair_close(&p);
}

TEST_F(sock, tcp_info_lengths)
{
	unsigned char buf[512];
	socklen_t len = 1;
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	memset(buf, 0xee, sizeof(buf));
	ASSERT_OK(getsockopt(p.client, IPPROTO_TCP, TCP_INFO, buf, &len));
	EXPECT_EQ(1, len);
	EXPECT_EQ(TCP_ESTABLISHED, buf[0]);
	EXPECT_EQ(0xee, buf[1]);
	len = 104;
	ASSERT_OK(getsockopt(p.client, IPPROTO_TCP, TCP_INFO, buf, &len));
	EXPECT_EQ(104, len);
	EXPECT_EQ(0xee, buf[104]);
	len = sizeof(buf);
	ASSERT_OK(getsockopt(p.client, IPPROTO_TCP, TCP_INFO, buf, &len));
	EXPECT_LE(232, len);
	EXPECT_GT(sizeof(buf), len);
	pair_close(&p);
}

TEST_HARNESS_MAIN
