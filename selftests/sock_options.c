// SPDX-License-Identifier: GPL-2.0
/*
 * setsockopt() and getsockopt(): what is refused, with which errno, and what
 * reads back as it was written.
 */
#include "sock.h"

#define BAD_POINTER	((void *)8)

TEST_F(sock, unknown_names)
{
	int tcp = tcp_socket(self->family);
	int udp = udp_socket(self->family);
	int value = 1;
	socklen_t len = sizeof(value);

	EXPECT_ERRNO(ENOPROTOOPT, set_int(tcp, SOL_SOCKET, 9999, 1));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(tcp, IPPROTO_IP, 9999, 1));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(tcp, IPPROTO_TCP, 9999, 1));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(tcp, 9999, 1, 1));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(udp, IPPROTO_UDP, 9999, 1));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(udp, IPPROTO_TCP, TCP_NODELAY, 1));
	EXPECT_ERRNO(ENOPROTOOPT,
		     getsockopt(tcp, SOL_SOCKET, 9999, &value, &len));
	EXPECT_ERRNO(ENOPROTOOPT,
		     getsockopt(tcp, IPPROTO_IP, 9999, &value, &len));
	EXPECT_ERRNO(ENOPROTOOPT,
		     getsockopt(tcp, IPPROTO_TCP, 9999, &value, &len));
	EXPECT_ERRNO(ENOPROTOOPT,
		     getsockopt(udp, IPPROTO_UDP, 9999, &value, &len));
	/* Another level's: getsockopt() says so with another errno. */
	EXPECT_ERRNO(EOPNOTSUPP,
		     getsockopt(udp, IPPROTO_TCP, TCP_NODELAY, &value, &len));
	EXPECT_ERRNO(EOPNOTSUPP, getsockopt(tcp, 9999, 1, &value, &len));
	close(tcp);
	close(udp);
}

TEST_F(sock, lengths_and_pointers)
{
	static const struct {
		int level;
		int name;
		int set_short;		/* length that is too short */
	} cases[] = {
		{ SOL_SOCKET, SO_REUSEADDR, 3 },
		{ SOL_SOCKET, SO_RCVBUF, 0 },
		{ SOL_SOCKET, SO_LINGER, 4 },
		{ SOL_SOCKET, SO_RCVTIMEO, 4 },
		{ IPPROTO_TCP, TCP_NODELAY, 3 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 0 },
		{ IPPROTO_IP, IP_TTL, 0 },
	};
	int fd = tcp_socket(self->family);
	char buf[64] = { 1 };
	socklen_t len;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int level = cases[i].level;
		int name = cases[i].name;

		EXPECT_ERRNO(EINVAL, setsockopt(fd, level, name, buf,
						cases[i].set_short));
		EXPECT_ERRNO(EINVAL, setsockopt(fd, level, name, buf, -1));
		EXPECT_ERRNO(EFAULT, setsockopt(fd, level, name, BAD_POINTER,
						sizeof(buf)));
		len = -1;
		EXPECT_ERRNO(EINVAL, getsockopt(fd, level, name, buf, &len));
		len = sizeof(buf);
		EXPECT_ERRNO(EFAULT,
			     getsockopt(fd, level, name, BAD_POINTER, &len));
		EXPECT_ERRNO(EFAULT, getsockopt(fd, level, name, buf,
						BAD_POINTER));
		len = 0;
		EXPECT_ERRNO(0, getsockopt(fd, level, name, buf, &len));
		EXPECT_EQ(0, len);
		len = sizeof(buf);
		EXPECT_ERRNO(0, getsockopt(fd, level, name, buf, &len));
		EXPECT_GT(sizeof(buf), len);
	}
	close(fd);
}

TEST_F(sock, values_out_of_range)
{
	static const struct {
		int level;
		int name;
		int value;
		int error;
	} cases[] = {
		{ IPPROTO_IP, IP_TTL, 0, EINVAL },
		{ IPPROTO_IP, IP_TTL, 256, EINVAL },
		{ IPPROTO_IP, IP_TTL, -2, EINVAL },
		{ IPPROTO_IP, IP_TTL, 1, 0 },
		{ IPPROTO_IP, IP_TTL, 255, 0 },
		{ IPPROTO_IP, IP_MTU_DISCOVER, 77, EINVAL },
		{ IPPROTO_IP, IP_MTU_DISCOVER, -1, EINVAL },
		{ IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO, 0 },
		{ IPPROTO_TCP, TCP_MAXSEG, 1, EINVAL },
		{ IPPROTO_TCP, TCP_MAXSEG, 32768, EINVAL },
		{ IPPROTO_TCP, TCP_MAXSEG, -1, EINVAL },
		{ IPPROTO_TCP, TCP_MAXSEG, -65531, EINVAL },
		{ IPPROTO_TCP, TCP_MAXSEG, 536, 0 },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 0, EINVAL },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 32768, EINVAL },
		{ IPPROTO_TCP, TCP_KEEPIDLE, 32767, 0 },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 0, EINVAL },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 32768, EINVAL },
		{ IPPROTO_TCP, TCP_KEEPINTVL, 1, 0 },
		{ IPPROTO_TCP, TCP_KEEPCNT, 0, EINVAL },
		{ IPPROTO_TCP, TCP_KEEPCNT, 128, EINVAL },
		{ IPPROTO_TCP, TCP_KEEPCNT, 127, 0 },
		{ IPPROTO_TCP, TCP_SYNCNT, 0, EINVAL },
		{ IPPROTO_TCP, TCP_SYNCNT, 128, EINVAL },
		{ IPPROTO_TCP, TCP_SYNCNT, 3, 0 },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, -1, EINVAL },
		{ IPPROTO_TCP, TCP_USER_TIMEOUT, 1000, 0 },
	};
	int fd = tcp_socket(self->family);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int level = cases[i].level;
		int name = cases[i].name;
		int value = cases[i].value;

		EXPECT_ERRNO(cases[i].error, set_int(fd, level, name, value));
		if (cases[i].error)
			continue;
		EXPECT_EQ(value, get_int(fd, level, name)) {
			TH_LOG("level %d name %d", level, name);
		}
	}
	close(fd);
}

TEST_F(sock, values_read_back)
{
	static const struct {
		int level;
		int name;
		int value;
	} cases[] = {
		{ SOL_SOCKET, SO_REUSEADDR, 1 },
		{ SOL_SOCKET, SO_REUSEPORT, 1 },
		{ SOL_SOCKET, SO_KEEPALIVE, 1 },
		{ SOL_SOCKET, SO_BROADCAST, 1 },
		{ SOL_SOCKET, SO_RCVLOWAT, 5 },
		{ SOL_SOCKET, SO_PRIORITY, 3 },
		{ SOL_SOCKET, SO_MARK, 7 },
		{ IPPROTO_IP, IP_TOS, 0x10 },
		{ IPPROTO_IP, IP_FREEBIND, 1 },
		{ IPPROTO_IP, IP_RECVERR, 1 },
		{ IPPROTO_TCP, TCP_NODELAY, 1 },
		{ IPPROTO_TCP, TCP_NODELAY, 0 },
		{ IPPROTO_TCP, TCP_CORK, 1 },
		{ IPPROTO_TCP, TCP_QUICKACK, 1 },
	};
	int fd = tcp_socket(self->family);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int level = cases[i].level;
		int name = cases[i].name;

		if (name == SO_REUSEPORT && level == SOL_SOCKET &&
		    reuseport_is_kept(fd))
			continue;
		EXPECT_ERRNO(0, set_int(fd, level, name, cases[i].value));
		EXPECT_EQ(cases[i].value, get_int(fd, level, name)) {
			TH_LOG("level %d name %d", level, name);
		}
	}
	close(fd);
}

TEST_F(sock, flags_default_to_off)
{
	int fd = tcp_socket(self->family);

	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_REUSEADDR));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_KEEPALIVE));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(0, get_int(fd, IPPROTO_TCP, TCP_NODELAY));
	EXPECT_EQ(64, get_int(fd, IPPROTO_IP, IP_TTL));
	EXPECT_EQ(0, get_int(fd, IPPROTO_IP, IP_TOS));
	EXPECT_EQ(7200, get_int(fd, IPPROTO_TCP, TCP_KEEPIDLE));
	close(fd);
}

TEST_F(sock, ttl_returns_to_default)
{
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(0, set_int(fd, IPPROTO_IP, IP_TTL, 9));
	EXPECT_ERRNO(0, set_int(fd, IPPROTO_IP, IP_TTL, -1));
	EXPECT_EQ(64, get_int(fd, IPPROTO_IP, IP_TTL));
	close(fd);
}

TEST_F(sock, ip_options_take_one_octet)
{
	unsigned char value = 0x10;
	int fd = udp_socket(self->family);

	EXPECT_ERRNO(0, setsockopt(fd, IPPROTO_IP, IP_TOS, &value, 1));
	EXPECT_EQ(0x10, get_int(fd, IPPROTO_IP, IP_TOS));
	EXPECT_ERRNO(0, setsockopt(fd, IPPROTO_IP, IP_TTL, &value, 1));
	EXPECT_EQ(0x10, get_int(fd, IPPROTO_IP, IP_TTL));
	close(fd);
}

TEST_F(sock, buffers_double)
{
	int fds[] = { tcp_socket(self->family), udp_socket(self->family) };

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		EXPECT_ERRNO(0, set_int(fds[i], SOL_SOCKET, SO_RCVBUF, 20000));
		EXPECT_EQ(40000, get_int(fds[i], SOL_SOCKET, SO_RCVBUF));
		EXPECT_ERRNO(0, set_int(fds[i], SOL_SOCKET, SO_SNDBUF, 30000));
		EXPECT_EQ(60000, get_int(fds[i], SOL_SOCKET, SO_SNDBUF));
		/* The least that works, however little was asked for. */
		EXPECT_ERRNO(0, set_int(fds[i], SOL_SOCKET, SO_RCVBUF, 1));
		EXPECT_LT(1000, get_int(fds[i], SOL_SOCKET, SO_RCVBUF));
		EXPECT_ERRNO(0, set_int(fds[i], SOL_SOCKET, SO_SNDBUF, 1));
		EXPECT_LT(1000, get_int(fds[i], SOL_SOCKET, SO_SNDBUF));
		close(fds[i]);
	}
}

TEST_F(sock, linger_and_timeouts)
{
	struct linger linger = { .l_onoff = 1, .l_linger = 5 };
	struct timeval tv = { .tv_sec = 2, .tv_usec = 500000 };
	socklen_t len = sizeof(linger);
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(0, setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, len));
	memset(&linger, 0, sizeof(linger));
	EXPECT_ERRNO(0, getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len));
	EXPECT_EQ(1, linger.l_onoff);
	EXPECT_EQ(5, linger.l_linger);

	len = sizeof(tv);
	EXPECT_ERRNO(0, setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, len));
	memset(&tv, 0, sizeof(tv));
	EXPECT_ERRNO(0, getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, &len));
	EXPECT_EQ(2, tv.tv_sec);
	EXPECT_EQ(500000, tv.tv_usec);
	tv.tv_usec = 1000000;
	EXPECT_ERRNO(EDOM, setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, len));
	EXPECT_ERRNO(EDOM, setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, len));
	close(fd);
}

TEST_F(sock, short_reads_of_an_option)
{
	int value = -1;
	socklen_t len = 1;
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(0, getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &len));
	EXPECT_EQ(1, len);
	EXPECT_EQ(~0xff | SOCK_STREAM, value);
	value = -1;
	len = 2;
	EXPECT_ERRNO(0, getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &len));
	EXPECT_EQ(2, len);
	EXPECT_EQ(~0xffff, value);
	close(fd);
}

TEST_F(sock, read_only_options)
{
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_SOCKET, SO_ERROR, 1));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_SOCKET, SO_TYPE, 1));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_SOCKET, SO_ACCEPTCONN, 1));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, IPPROTO_TCP, TCP_INFO, 1));
	close(fd);
}

TEST_F(sock, bind_to_device)
{
	struct ifreq ifr = { .ifr_name = "nosuchdev" };
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(ENODEV, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, &ifr,
					sizeof(ifr)));
	EXPECT_ERRNO(0, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "", 0));
	close(fd);
}

TEST_F(sock, congestion_control)
{
	char name[16] = {};
	socklen_t len = sizeof(name);
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(0, getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name,
				   &len));
	EXPECT_LT(0, strlen(name));
	EXPECT_ERRNO(ENOENT, setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION,
					"nosuch", 6));
	EXPECT_ERRNO(0, setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name,
				   strlen(name)));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name,
					0));
	close(fd);
}

TEST_F(sock, tcp_info)
{
	struct tcp_info info;
	socklen_t len = sizeof(info);
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_EQ(1, send(p.client, "x", 1, 0));
	ASSERT_EQ(1, recv(p.server, &byte, 1, 0));
	memset(&info, 0, sizeof(info));
	EXPECT_ERRNO(0, getsockopt(p.client, IPPROTO_TCP, TCP_INFO, &info,
				   &len));
	EXPECT_LE(104, len);
	EXPECT_EQ(TCP_ESTABLISHED, info.tcpi_state);
	EXPECT_LT(0, info.tcpi_snd_mss);
	EXPECT_LT(0, info.tcpi_rcv_mss);
	EXPECT_LT(0, info.tcpi_snd_cwnd);
	EXPECT_LT(0, info.tcpi_rto);
	EXPECT_LT(0, info.tcpi_pmtu);
	EXPECT_EQ(0, info.tcpi_retransmits);
	EXPECT_TRUE(info.tcpi_options & 1) TH_LOG("no timestamps");
	EXPECT_TRUE(info.tcpi_options & 4) TH_LOG("no window scaling");
	pair_close(&p);
}

TEST_F(sock, mini_domain)
{
	int fd = tcp_socket(self->family);

	if (self->family == AF_INET) {
		EXPECT_ERRNO(ENOPROTOOPT,
			     set_int(fd, SOL_MINI, MINI_DOMAIN, AF_INET));
		close(fd);
		return;
	}
	EXPECT_EQ(AF_INET, get_int(fd, SOL_MINI, MINI_DOMAIN));
	EXPECT_ERRNO(0, set_int(fd, SOL_MINI, MINI_DOMAIN, AF_INET));
	EXPECT_ERRNO(EINVAL, set_int(fd, SOL_MINI, MINI_DOMAIN, AF_UNIX));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_MINI, MINI_DOMAIN, "", 1));
	EXPECT_ERRNO(EFAULT, setsockopt(fd, SOL_MINI, MINI_DOMAIN, BAD_POINTER,
					sizeof(int)));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_MINI, 9999, 1));
	close(fd);
}

TEST_HARNESS_MAIN
