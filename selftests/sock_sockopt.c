// SPDX-License-Identifier: GPL-2.0
/*
 * Options of level SOL_SOCKET: what they are at first, what may be set, by
 * whom, and how it reads back.
 */
#include <sched.h>
#include <sys/syscall.h>

#include "sock.h"

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE		71
#endif
#ifndef SO_RESERVE_MEM
#define SO_RESERVE_MEM		73
#endif
#ifndef SO_TXREHASH
#define SO_TXREHASH		74
#endif

static bool drop_privileges(void)
{
	return !setresgid(65534, 65534, 65534) &&
	       !setresuid(65534, 65534, 65534);
}

/* Older kernels show them in the first network namespace only. */
static int sysctl_core(const char *name)
{
	int here = open("/proc/self/ns/net", O_RDONLY);
	int first = open("/proc/1/ns/net", O_RDONLY);
	char path[128];
	FILE *file;
	int value;

	snprintf(path, sizeof(path), "/proc/sys/net/core/%s", name);
	setns(first, CLONE_NEWNET);
	file = fopen(path, "r");
	setns(here, CLONE_NEWNET);
	close(first);
	close(here);
	if (!file)
		return -1;
	if (fscanf(file, "%d", &value) != 1)
		value = -1;
	fclose(file);
	return value;
}

TEST_F(sock, socket_defaults)
{
	static const struct {
		int name;
		int value;
	} cases[] = {
		{ SO_ACCEPTCONN, 0 }, { SO_BROADCAST, 0 }, { SO_DONTROUTE, 0 },
		{ SO_KEEPALIVE, 0 }, { SO_OOBINLINE, 0 }, { SO_PRIORITY, 0 },
		{ SO_REUSEADDR, 0 }, { SO_REUSEPORT, 0 }, { SO_MARK, 0 },
		{ SO_RCVLOWAT, 1 }, { SO_SNDLOWAT, 1 }, { SO_ERROR, 0 },
		{ SO_TIMESTAMP, 0 }, { SO_TIMESTAMPNS, 0 },
		{ SO_TIMESTAMPING, 0 }, { SO_NOFCS, 0 },
		{ SO_RXQ_OVFL, 0 }, { SO_BUSY_POLL, 0 }, { SO_NO_CHECK, 0 },
		{ SO_LOCK_FILTER, 0 }, { SO_WIFI_STATUS, 0 },
		{ SO_SELECT_ERR_QUEUE, 0 }, { SO_MAX_PACING_RATE, -1 },
		{ SO_INCOMING_NAPI_ID, 0 }, { SO_DEBUG, 0 },
		{ SO_BSDCOMPAT, 0 }, { SO_ZEROCOPY, 0 },
	};
	int fds[] = { tcp_socket(self->family), udp_socket(self->family) };

	for (size_t i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(cases[i / 2].value,
			  get_int(fds[i % 2], SOL_SOCKET, cases[i / 2].name)) {
			TH_LOG("option %d", cases[i / 2].name);
		}
	}
}

TEST_F(sock, socket_type_and_protocol)
{
	int tcp = tcp_socket(self->family);
	int udp = socket(self->family, SOCK_DGRAM | SOCK_NONBLOCK, IPPROTO_UDP);

	EXPECT_EQ(SOCK_STREAM, get_int(tcp, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(IPPROTO_TCP, get_int(tcp, SOL_SOCKET, SO_PROTOCOL));
	EXPECT_EQ(SOCK_DGRAM, get_int(udp, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(IPPROTO_UDP, get_int(udp, SOL_SOCKET, SO_PROTOCOL));
}

TEST_F(sock, socket_flags_are_0_or_1)
{
	static const int names[] = {
		SO_REUSEADDR, SO_KEEPALIVE, SO_BROADCAST, SO_OOBINLINE,
		SO_DONTROUTE, SO_TIMESTAMP, SO_RXQ_OVFL, SO_NO_CHECK,
		SO_SELECT_ERR_QUEUE, SO_DEBUG,
	};
	int fds[] = { tcp_socket(self->family), udp_socket(self->family) };

	for (size_t i = 0; i < 2 * ARRAY_SIZE(names); i++) {
		int fd = fds[i % 2];
		int name = names[i / 2];

		EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, name, 77));
		EXPECT_EQ(1, get_int(fd, SOL_SOCKET, name)) {
			TH_LOG("option %d", name);
		}
		EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, name, -1));
		EXPECT_EQ(1, get_int(fd, SOL_SOCKET, name));
		EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, name, 0));
		EXPECT_EQ(0, get_int(fd, SOL_SOCKET, name));
	}
}

TEST_F(sock, acceptconn_while_listening)
{
	int fd = tcp_socket(self->family);

	ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ACCEPTCONN));
	ASSERT_OK(listen(fd, 1));
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_ACCEPTCONN));
	ASSERT_OK(shutdown(fd, SHUT_RDWR));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ACCEPTCONN));
}

TEST_F(sock, read_only_socket_options)
{
	static const int names[] = {
		SO_ERROR, SO_TYPE, SO_ACCEPTCONN, SO_PROTOCOL, SO_DOMAIN,
		SO_SNDLOWAT, SO_PEERCRED, SO_PEERNAME, SO_COOKIE, SO_MEMINFO,
		SO_INCOMING_NAPI_ID, SO_NETNS_COOKIE,
	};
	int fd = udp_socket(self->family);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_SOCKET, names[i], 1));
}

TEST_F(sock, rcvbuf_and_its_limits)
{
	int most = sysctl_core("rmem_max");
	int fds[] = { tcp_socket(self->family), udp_socket(self->family) };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		EXPECT_ERRNO(0, set_int(fds[i], SOL_SOCKET, SO_RCVBUF, 5000));
		EXPECT_EQ(10000, get_int(fds[i], SOL_SOCKET, SO_RCVBUF));
		EXPECT_ERRNO(0, set_int(fds[i], SOL_SOCKET, SO_RCVBUF,
					most + 1000));
		EXPECT_EQ(2 * most, get_int(fds[i], SOL_SOCKET, SO_RCVBUF));
		/* A negative number is a large one. */
		EXPECT_ERRNO(0, set_int(fds[i], SOL_SOCKET, SO_RCVBUF, 5000));
		EXPECT_ERRNO(0, set_int(fds[i], SOL_SOCKET, SO_RCVBUF, -1));
		EXPECT_EQ(2 * most, get_int(fds[i], SOL_SOCKET, SO_RCVBUF));
		EXPECT_ERRNO(0, set_int(fds[i], SOL_SOCKET, SO_RCVBUF, 0));
		EXPECT_EQ(2304, get_int(fds[i], SOL_SOCKET, SO_RCVBUF));
	}
}

TEST_F(sock, sndbuf_and_its_limits)
{
	int most = sysctl_core("wmem_max");
	int fds[] = { tcp_socket(self->family), udp_socket(self->family) };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		EXPECT_ERRNO(0, set_int(fds[i], SOL_SOCKET, SO_SNDBUF, 5000));
		EXPECT_EQ(10000, get_int(fds[i], SOL_SOCKET, SO_SNDBUF));
		EXPECT_ERRNO(0, set_int(fds[i], SOL_SOCKET, SO_SNDBUF,
					most + 1000));
		EXPECT_EQ(2 * most, get_int(fds[i], SOL_SOCKET, SO_SNDBUF));
		EXPECT_ERRNO(0, set_int(fds[i], SOL_SOCKET, SO_SNDBUF, 0));
		EXPECT_EQ(4608, get_int(fds[i], SOL_SOCKET, SO_SNDBUF));
	}
}

TEST_F(sock, bufforce_goes_beyond_the_limits)
{
	int r = sysctl_core("rmem_max") + 100000;
	int w = sysctl_core("wmem_max") + 100000;
	int fd = udp_socket(self->family);

	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, r));
	EXPECT_EQ(2 * r, get_int(fd, SOL_SOCKET, SO_RCVBUF));
	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_SNDBUFFORCE, w));
	EXPECT_EQ(2 * w, get_int(fd, SOL_SOCKET, SO_SNDBUF));
	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, -1));
	EXPECT_EQ(2304, get_int(fd, SOL_SOCKET, SO_RCVBUF));
	close(fd);
}

TEST_F(sock, what_needs_a_capability)
{
	static const struct {
		int name;
		int value;
		int error;
	} cases[] = {
		{ SO_RCVBUFFORCE, 5000, EPERM }, { SO_SNDBUFFORCE, 5000, EPERM },
		{ SO_MARK, 1, EPERM }, { SO_PRIORITY, 7, EPERM },
		{ SO_PRIORITY, -1, EPERM }, { SO_PRIORITY, 6, 0 },
		{ SO_DEBUG, 1, EACCES }, { SO_DEBUG, 0, 0 },
		{ SO_PREFER_BUSY_POLL, 1, EPERM },
		{ SO_PREFER_BUSY_POLL, 0, 0 },
		{ SO_BUSY_POLL_BUDGET, 1000, EPERM },
		{ SO_RCVBUF, 5000, 0 },
	};
	int fds[2];

	ASSERT_TRUE(drop_privileges());
	fds[0] = tcp_socket(self->family);
	fds[1] = udp_socket(self->family);
	for (size_t i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		int name = cases[i / 2].name;

		EXPECT_ERRNO(cases[i / 2].error,
			     set_int(fds[i % 2], SOL_SOCKET, name,
				     cases[i / 2].value));
	}
}

TEST_F(sock, mark_and_priority)
{
	int fd = udp_socket(self->family);

	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_MARK, 0x7fffffff));
	EXPECT_EQ(0x7fffffff, get_int(fd, SOL_SOCKET, SO_MARK));
	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_PRIORITY, 12));
	EXPECT_EQ(12, get_int(fd, SOL_SOCKET, SO_PRIORITY));
	close(fd);
}

TEST_F(sock, tos_sets_the_priority)
{
	int fd = udp_socket(self->family);

	EXPECT_ERRNO(0, set_int(fd, IPPROTO_IP, IP_TOS, 0x10));
	EXPECT_EQ(6, get_int(fd, SOL_SOCKET, SO_PRIORITY));
	EXPECT_ERRNO(0, set_int(fd, IPPROTO_IP, IP_TOS, 0x08));
	EXPECT_EQ(2, get_int(fd, SOL_SOCKET, SO_PRIORITY));
	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_PRIORITY, 1));
	EXPECT_EQ(0x08, get_int(fd, IPPROTO_IP, IP_TOS));
	close(fd);
}

TEST_F(sock, rcvlowat_values)
{
	int fd = udp_socket(self->family);

	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_RCVLOWAT, 100));
	EXPECT_EQ(100, get_int(fd, SOL_SOCKET, SO_RCVLOWAT));
	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_RCVLOWAT, 0));
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_RCVLOWAT));
	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_RCVLOWAT, -1));
	EXPECT_EQ(0x7fffffff, get_int(fd, SOL_SOCKET, SO_RCVLOWAT));
	close(fd);
}

TEST_F(sock, rcvlowat_of_a_stream_is_limited_by_its_buffer)
{
	int fd = tcp_socket(self->family);

	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_RCVBUF, 10000));
	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_RCVLOWAT, 1000000));
	EXPECT_EQ(10000, get_int(fd, SOL_SOCKET, SO_RCVLOWAT));
	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_RCVLOWAT, 0));
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_RCVLOWAT));
	close(fd);
}

TEST_F(sock, linger_forms)
{
	struct linger linger = { .l_onoff = 5, .l_linger = 7 };
	socklen_t len = sizeof(linger);
	int fd = tcp_socket(self->family);

	ASSERT_OK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, len));
	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len));
	EXPECT_EQ(1, linger.l_onoff);
	EXPECT_EQ(7, linger.l_linger);
	linger.l_onoff = 0;
	ASSERT_OK(setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, len));
	linger.l_onoff = -1;
	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len));
	EXPECT_EQ(0, linger.l_onoff);
	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, 7));
	close(fd);
}

TEST_F(sock, timeouts_in_odd_forms)
{
	struct timeval tv = { .tv_sec = -1 };
	socklen_t len = sizeof(tv);
	int fd = tcp_socket(self->family);

	/* The past is no time-out: do not wait. */
	EXPECT_ERRNO(0, setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, len));
	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
	EXPECT_EQ(0, tv.tv_sec);
	tv.tv_sec = 1;
	tv.tv_usec = -1;
	EXPECT_ERRNO(EDOM, setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, len));
	memset(&tv, 0, sizeof(tv));
	EXPECT_ERRNO(0, setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, len));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv,
					len - 1));
	close(fd);
}

TEST_F(sock, max_pacing_rate)
{
	unsigned long rate = 0;
	socklen_t len = sizeof(rate);
	int fd = tcp_socket(self->family);

	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, &len));
	EXPECT_EQ(sizeof(rate), len);
	EXPECT_EQ(~0UL, rate);
	rate = 5000000000UL;
	ASSERT_OK(setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, len));
	rate = 0;
	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, &len));
	EXPECT_EQ(5000000000UL, rate);
	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_MAX_PACING_RATE, 1000000));
	EXPECT_EQ(1000000, get_int(fd, SOL_SOCKET, SO_MAX_PACING_RATE));
	close(fd);
}

TEST_F(sock, cookie)
{
	uint64_t a = 0, b = 0, again = 0;
	socklen_t len = sizeof(a);
	int one = tcp_socket(self->family);
	int two = udp_socket(self->family);

	ASSERT_OK(getsockopt(one, SOL_SOCKET, SO_COOKIE, &a, &len));
	ASSERT_OK(getsockopt(two, SOL_SOCKET, SO_COOKIE, &b, &len));
	ASSERT_OK(getsockopt(one, SOL_SOCKET, SO_COOKIE, &again, &len));
	EXPECT_NE(0, a);
	EXPECT_NE(a, b);
	EXPECT_EQ(a, again);
	len = 4;
	EXPECT_ERRNO(EINVAL, getsockopt(one, SOL_SOCKET, SO_COOKIE, &a, &len));
	close(one);
	close(two);
}

TEST_F(sock, cookie_of_an_accepted_connection)
{
	uint64_t a = 0, b = 0;
	socklen_t len = sizeof(a);
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(getsockopt(p.listener, SOL_SOCKET, SO_COOKIE, &a, &len));
	ASSERT_OK(getsockopt(p.server, SOL_SOCKET, SO_COOKIE, &b, &len));
	EXPECT_NE(a, b);
	pair_close(&p);
}

TEST_F(sock, netns_cookie)
{
	uint64_t a = 0, b = 0;
	socklen_t len = sizeof(a);
	int fd = udp_socket(self->family);
	int unix_fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &a, &len));
	ASSERT_OK(getsockopt(unix_fd, SOL_SOCKET, SO_NETNS_COOKIE, &b, &len));
	EXPECT_EQ(a, b);
	close(fd);
	close(unix_fd);
}

TEST_F(sock, meminfo)
{
	unsigned int info[16];
	socklen_t len = sizeof(info);
	int fd = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(fd));

	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_RCVBUF, 5000));
	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len));
	EXPECT_EQ(9 * sizeof(info[0]), len);
	EXPECT_EQ(0, info[0]);
	EXPECT_EQ(10000, info[1]);
	ASSERT_EQ(1, sendto(fd, "x", 1, 0, SA(sin)));
	ASSERT_TRUE(wait_unread(fd, 1));
	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len));
	/* What is queued is charged, with its overhead. */
	EXPECT_LT(100, info[0]);
	EXPECT_EQ(0, info[8]);
	close(fd);
}

TEST_F(sock, meminfo_counts_drops)
{
	unsigned int info[9];
	socklen_t len = sizeof(info);
	int fd = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(fd));
	char buf[1000] = {};

	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_RCVBUF, 0));
	for (int i = 0; i < 20; i++)
		ASSERT_EQ(1000, sendto(fd, buf, sizeof(buf), 0, SA(sin)));
	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_MEMINFO, info, &len));
	EXPECT_LT(0, info[8]);
	close(fd);
}

TEST_F(sock, peername)
{
	struct sockaddr_storage name;
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(getsockopt(p.client, SOL_SOCKET, SO_PEERNAME, &sin, &len));
	EXPECT_EQ(sizeof(sin), len);
	EXPECT_EQ(AF_INET, sin.sin_family);
	EXPECT_EQ(local_port(p.listener), ntohs(sin.sin_port));
	EXPECT_ERRNO(ENOTCONN, getsockopt(p.listener, SOL_SOCKET, SO_PEERNAME,
					  &sin, &len));
	/* It fills the room it is given, or there is none. */
	len = 8;
	EXPECT_ERRNO(0, getsockopt(p.client, SOL_SOCKET, SO_PEERNAME, &sin,
				   &len));
	EXPECT_EQ(8, len);
	len = sizeof(name);
	EXPECT_ERRNO(EINVAL, getsockopt(p.client, SOL_SOCKET, SO_PEERNAME, &name,
					&len));
	pair_close(&p);
}

TEST_F(sock, peercred_of_nobody)
{
	struct ucred cred = {};
	socklen_t len = sizeof(cred);
	int fd = tcp_socket(self->family);

	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len));
	EXPECT_EQ(0, cred.pid);
	EXPECT_EQ(-1, (int)cred.uid);
	EXPECT_ERRNO(ENODATA, getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, &cred,
					 &len));
	close(fd);
}

TEST_F(sock, incoming_cpu)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_LE(0, get_int(p.client, SOL_SOCKET, SO_INCOMING_CPU));
	EXPECT_LE(0, get_int(p.server, SOL_SOCKET, SO_INCOMING_CPU));
	EXPECT_ERRNO(0, set_int(p.client, SOL_SOCKET, SO_INCOMING_CPU, 1));
	pair_close(&p);
}

TEST_F(sock, incoming_cpu_before_anything_came)
{
	int fd = tcp_socket(self->family);

	EXPECT_EQ(-1, get_int(fd, SOL_SOCKET, SO_INCOMING_CPU));
	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_INCOMING_CPU, 1));
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_INCOMING_CPU));
	close(fd);
}

TEST_F(sock, busy_poll)
{
	int fd = udp_socket(self->family);

	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_BUSY_POLL, 50));
	EXPECT_EQ(50, get_int(fd, SOL_SOCKET, SO_BUSY_POLL));
	EXPECT_ERRNO(EINVAL, set_int(fd, SOL_SOCKET, SO_BUSY_POLL, -1));
	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_PREFER_BUSY_POLL, 1));
	close(fd);
}

TEST_F(sock, busy_polling_receives)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(fd));
	char byte;

	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_BUSY_POLL, 20));
	EXPECT_ERRNO(EAGAIN, recv(fd, &byte, 1, MSG_DONTWAIT));
	ASSERT_EQ(1, sendto(fd, "x", 1, 0, SA(sin)));
	EXPECT_EQ(1, recv(fd, &byte, 1, 0));
	close(fd);
}

TEST_F(sock, txrehash)
{
	int fd = tcp_socket(self->family);

	if (get_int(fd, SOL_SOCKET, SO_TXREHASH) < 0 && errno == EOPNOTSUPP)
		SKIP(return, "this kernel keeps it to AF_INET");
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_TXREHASH));
	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_TXREHASH, 0));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_TXREHASH));
	EXPECT_ERRNO(0, set_int(fd, SOL_SOCKET, SO_TXREHASH, -1));
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_TXREHASH));
	EXPECT_ERRNO(EINVAL, set_int(fd, SOL_SOCKET, SO_TXREHASH, 2));
	close(fd);
}

TEST_F(sock, dontroute_reaches_the_loopback)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(fd));
	char byte;

	ASSERT_OK(set_int(fd, SOL_SOCKET, SO_DONTROUTE, 1));
	ASSERT_EQ(1, sendto(fd, "x", 1, 0, SA(sin)));
	EXPECT_EQ(1, recv(fd, &byte, 1, 0));
	ASSERT_EQ(1, sendto(fd, "x", 1, MSG_DONTROUTE, SA(sin)));
	EXPECT_EQ(1, recv(fd, &byte, 1, 0));
	close(fd);
}

TEST_F(sock, accepted_inherits_socket_options)
{
	struct linger linger = {};
	socklen_t len = sizeof(linger);
	struct pair p;
	int fd;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(p.listener, SOL_SOCKET, SO_KEEPALIVE, 1));
	ASSERT_OK(set_int(p.listener, SOL_SOCKET, SO_OOBINLINE, 1));
	ASSERT_OK(set_int(p.listener, SOL_SOCKET, SO_REUSEADDR, 1));
	ASSERT_OK(set_int(p.listener, SOL_SOCKET, SO_PRIORITY, 3));
	ASSERT_OK(set_int(p.listener, SOL_SOCKET, SO_MARK, 9));
	ASSERT_OK(set_int(p.listener, SOL_SOCKET, SO_RCVLOWAT, 5));
	ASSERT_OK(set_int(p.listener, SOL_SOCKET, SO_RCVBUF, 20000));
	ASSERT_OK(set_int(p.listener, SOL_SOCKET, SO_SNDBUF, 30000));
	linger.l_onoff = 1;
	linger.l_linger = 4;
	ASSERT_OK(setsockopt(p.listener, SOL_SOCKET, SO_LINGER, &linger, len));
	close(p.client);
	p.client = tcp_socket(self->family);
	ASSERT_OK(connect_to(p.client, "127.0.0.1", local_port(p.listener)));
	fd = accept(p.listener, NULL, NULL);
	ASSERT_LE(0, fd);
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_KEEPALIVE));
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_OOBINLINE));
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_REUSEADDR));
	/* The one that is not. */
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_PRIORITY));
	EXPECT_EQ(9, get_int(fd, SOL_SOCKET, SO_MARK));
	EXPECT_EQ(5, get_int(fd, SOL_SOCKET, SO_RCVLOWAT));
	EXPECT_EQ(40000, get_int(fd, SOL_SOCKET, SO_RCVBUF));
	EXPECT_EQ(60000, get_int(fd, SOL_SOCKET, SO_SNDBUF));
	memset(&linger, 0, sizeof(linger));
	ASSERT_OK(getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len));
	EXPECT_EQ(1, linger.l_onoff);
	EXPECT_EQ(4, linger.l_linger);
	close(fd);
	pair_close(&p);
}

TEST_F(sock, a_long_value_counts_by_its_beginning)
{
	int value[4] = { 1, -1, -1, -1 };
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(0, setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, value,
				   sizeof(value)));
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_KEEPALIVE));
	EXPECT_ERRNO(0, setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, value,
				   sizeof(value)));
	EXPECT_EQ(1, get_int(fd, IPPROTO_TCP, TCP_NODELAY));
	EXPECT_ERRNO(0, setsockopt(fd, IPPROTO_IP, IP_FREEBIND, value,
				   sizeof(value)));
	EXPECT_EQ(1, get_int(fd, IPPROTO_IP, IP_FREEBIND));
	close(fd);
}

TEST_HARNESS_MAIN
