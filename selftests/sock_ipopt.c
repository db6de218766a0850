// SPDX-License-Identifier: GPL-2.0
/*
 * Options of level IPPROTO_IP: what they are at first, what may be set, how it
 * reads back, and what some of them do.
 */
#include "sock.h"

#ifndef IP_RECVERR_RFC4884
#define IP_RECVERR_RFC4884	26
#endif
#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE	51
#endif
#define BAD_POINTER		((void *)8)

TEST_F(sock, ip_defaults)
{
	static const struct {
		int name;
		int value;
	} cases[] = {
		{ IP_TOS, 0 }, { IP_TTL, 64 }, { IP_HDRINCL, 0 },
		{ IP_RECVOPTS, 0 }, { IP_RETOPTS, 0 }, { IP_PKTINFO, 0 },
		{ IP_MTU_DISCOVER, IP_PMTUDISC_WANT }, { IP_RECVERR, 0 },
		{ IP_RECVTTL, 0 }, { IP_RECVTOS, 0 }, { IP_FREEBIND, 0 },
		{ IP_PASSSEC, 0 }, { IP_TRANSPARENT, 0 },
		{ IP_RECVORIGDSTADDR, 0 }, { IP_MINTTL, 0 },
		{ IP_NODEFRAG, 0 }, { IP_CHECKSUM, 0 },
		{ IP_BIND_ADDRESS_NO_PORT, 0 }, { IP_RECVFRAGSIZE, 0 },
		{ IP_RECVERR_RFC4884, 0 }, { IP_MULTICAST_IF, 0 },
		{ IP_MULTICAST_TTL, 1 }, { IP_MULTICAST_LOOP, 1 },
		{ IP_MULTICAST_ALL, 1 }, { IP_UNICAST_IF, 0 },
		{ IP_LOCAL_PORT_RANGE, 0 },
	};
	int fds[] = { tcp_socket(self->family), udp_socket(self->family) };

	for (size_t i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		EXPECT_EQ(cases[i / 2].value,
			  get_int(fds[i % 2], IPPROTO_IP, cases[i / 2].name)) {
			TH_LOG("option %d", cases[i / 2].name);
		}
	}
}

TEST_F(sock, ip_flags_are_0_or_1)
{
	static const int names[] = {
		IP_PKTINFO, IP_RECVTTL, IP_RECVTOS, IP_RECVERR, IP_FREEBIND,
		IP_PASSSEC, IP_RECVORIGDSTADDR, IP_BIND_ADDRESS_NO_PORT,
		IP_MULTICAST_LOOP, IP_TRANSPARENT, IP_RECVOPTS, IP_RETOPTS,
	};
	int fds[] = { tcp_socket(self->family), udp_socket(self->family) };

	for (size_t i = 0; i < 2 * ARRAY_SIZE(names); i++) {
		int name = names[i / 2];
		int fd = fds[i % 2];

		EXPECT_ERRNO(0, set_int(fd, IPPROTO_IP, name, 0x7700));
		EXPECT_EQ(1, get_int(fd, IPPROTO_IP, name)) {
			TH_LOG("option %d", name);
		}
		EXPECT_ERRNO(0, set_int(fd, IPPROTO_IP, name, 0));
		EXPECT_EQ(0, get_int(fd, IPPROTO_IP, name));
	}
}

TEST_F(sock, ip_ranges)
{
	static const struct {
		int name;
		int value;
		int stream;
		int dgram;
	} cases[] = {
		{ IP_MINTTL, -1, EINVAL, EINVAL }, { IP_MINTTL, 256, EINVAL,
		  EINVAL },
		{ IP_MINTTL, 255, 0, 0 }, { IP_MINTTL, 0, 0, 0 },
		{ IP_MULTICAST_TTL, 256, EINVAL, EINVAL },
		{ IP_MULTICAST_TTL, -2, EINVAL, EINVAL },
		{ IP_MULTICAST_TTL, 0, EINVAL, 0 },
		{ IP_MULTICAST_TTL, 255, EINVAL, 0 },
		{ IP_MULTICAST_ALL, 2, EINVAL, EINVAL },
		{ IP_MULTICAST_ALL, -1, EINVAL, EINVAL },
		{ IP_MULTICAST_ALL, 0, 0, 0 },
		{ IP_RECVERR_RFC4884, 2, EINVAL, EINVAL },
		{ IP_RECVERR_RFC4884, 1, 0, 0 },
		{ IP_MTU_DISCOVER, 6, EINVAL, EINVAL },
		{ IP_MTU_DISCOVER, IP_PMTUDISC_PROBE, 0, 0 },
		{ IP_MTU_DISCOVER, IP_PMTUDISC_INTERFACE, 0, 0 },
		{ IP_MTU_DISCOVER, IP_PMTUDISC_OMIT, 0, 0 },
		{ IP_HDRINCL, 1, ENOPROTOOPT, ENOPROTOOPT },
		{ IP_NODEFRAG, 1, ENOPROTOOPT, ENOPROTOOPT },
		{ IP_MTU, 1400, ENOPROTOOPT, ENOPROTOOPT },
	};
	int fds[] = { tcp_socket(self->family), udp_socket(self->family) };

	for (size_t i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		int name = cases[i / 2].name;
		int error = cases[i / 2].stream;

		if (i % 2)
			error = cases[i / 2].dgram;
		EXPECT_ERRNO(error, set_int(fds[i % 2], IPPROTO_IP, name,
					    cases[i / 2].value));
		if (error)
			continue;
		EXPECT_EQ(cases[i / 2].value,
			  get_int(fds[i % 2], IPPROTO_IP, name)) {
			TH_LOG("option %d", name);
		}
	}
}

TEST_F(sock, ip_multicast_ttl_returns_to_default)
{
	int fd = udp_socket(self->family);

	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_MULTICAST_TTL, 9));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_MULTICAST_TTL, -1));
	EXPECT_EQ(1, get_int(fd, IPPROTO_IP, IP_MULTICAST_TTL));
	close(fd);
}

TEST_F(sock, ip_tos_keeps_the_bits_of_ecn_of_a_stream)
{
	int tcp = tcp_socket(self->family);
	int udp = udp_socket(self->family);

	ASSERT_OK(set_int(tcp, IPPROTO_IP, IP_TOS, 0x13));
	EXPECT_EQ(0x10, get_int(tcp, IPPROTO_IP, IP_TOS));
	ASSERT_OK(set_int(udp, IPPROTO_IP, IP_TOS, 0x13));
	EXPECT_EQ(0x13, get_int(udp, IPPROTO_IP, IP_TOS));
	ASSERT_OK(set_int(udp, IPPROTO_IP, IP_TOS, 0x1b8));
	EXPECT_EQ(0xb8, get_int(udp, IPPROTO_IP, IP_TOS));
	close(tcp);
	close(udp);
}

TEST_F(sock, ip_octets_and_ints)
{
	static const int names[] = {
		IP_TOS, IP_TTL, IP_MINTTL, IP_RECVTTL, IP_MULTICAST_TTL,
		IP_MULTICAST_LOOP,
	};
	unsigned char value[4] = { 1, 0xff, 0xff, 0xff };
	int fd = udp_socket(self->family);

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		for (socklen_t len = 1; len < 4; len++)
			EXPECT_ERRNO(0, setsockopt(fd, IPPROTO_IP, names[i],
						   value, len));
		EXPECT_EQ(1, get_int(fd, IPPROTO_IP, names[i])) {
			TH_LOG("option %d", names[i]);
		}
	}
	close(fd);
}

TEST_F(sock, ip_no_octet_at_all)
{
	static const struct {
		int name;
		int error;
	} cases[] = {
		{ IP_TTL, EINVAL }, { IP_MINTTL, EINVAL },
		{ IP_FREEBIND, EINVAL }, { IP_TRANSPARENT, EINVAL },
		{ IP_MULTICAST_TTL, EINVAL }, { IP_MULTICAST_LOOP, EINVAL },
		{ IP_MULTICAST_ALL, EINVAL }, { IP_UNICAST_IF, EINVAL },
		{ IP_MULTICAST_IF, EINVAL }, { IP_TOS, 0 }, { IP_RECVTTL, 0 },
		{ IP_PKTINFO, 0 }, { IP_OPTIONS, 0 }, { IP_RECVERR, 0 },
	};
	int fd = udp_socket(self->family);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_ERRNO(cases[i].error, setsockopt(fd, IPPROTO_IP,
							cases[i].name, NULL,
							0));
	}
	close(fd);
}

TEST_F(sock, ip_bad_pointers)
{
	static const int names[] = {
		IP_TOS, IP_TTL, IP_MTU_DISCOVER, IP_PKTINFO, IP_FREEBIND,
		IP_MULTICAST_TTL, IP_MULTICAST_IF, IP_UNICAST_IF, IP_MINTTL,
	};
	int fd = udp_socket(self->family);
	int value = 0;
	socklen_t len;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_ERRNO(EFAULT, setsockopt(fd, IPPROTO_IP, names[i],
						BAD_POINTER, 4));
		len = 4;
		EXPECT_ERRNO(EFAULT, getsockopt(fd, IPPROTO_IP, names[i],
						BAD_POINTER, &len));
		EXPECT_ERRNO(EFAULT, getsockopt(fd, IPPROTO_IP, names[i],
						&value, NULL));
		len = -1;
		EXPECT_ERRNO(EINVAL, getsockopt(fd, IPPROTO_IP, names[i],
						&value, &len));
	}
	close(fd);
}

TEST_F(sock, ip_getsockopt_with_little_room)
{
	unsigned char buf[8];
	socklen_t len;
	int fd = udp_socket(self->family);

	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_TTL, 77));
	for (socklen_t room = 1; room < 4; room++) {
		memset(buf, 0xee, sizeof(buf));
		len = room;
		ASSERT_OK(getsockopt(fd, IPPROTO_IP, IP_TTL, buf, &len));
		EXPECT_EQ(1, len);
		EXPECT_EQ(77, buf[0]);
		EXPECT_EQ(0xee, buf[1]);
	}
	len = sizeof(buf);
	ASSERT_OK(getsockopt(fd, IPPROTO_IP, IP_TTL, buf, &len));
	EXPECT_EQ(4, len);
	EXPECT_EQ(0xee, buf[4]);
	len = 0;
	ASSERT_OK(getsockopt(fd, IPPROTO_IP, IP_TTL, buf, &len));
	EXPECT_EQ(0, len);
	close(fd);
}

TEST_F(sock, ip_options_of_a_packet)
{
	char buf[64];
	socklen_t len = sizeof(buf);
	int fd = tcp_socket(self->family);

	ASSERT_OK(getsockopt(fd, IPPROTO_IP, IP_OPTIONS, buf, &len));
	EXPECT_EQ(0, len);
	EXPECT_ERRNO(EINVAL, setsockopt(fd, IPPROTO_IP, IP_OPTIONS, buf, 41));
	EXPECT_ERRNO(0, setsockopt(fd, IPPROTO_IP, IP_OPTIONS, NULL, 0));
	len = sizeof(buf);
	ASSERT_OK(getsockopt(fd, IPPROTO_IP, IP_PKTOPTIONS, buf, &len));
	EXPECT_EQ(0, len);
	close(fd);
	/* Of a stream only. */
	fd = udp_socket(self->family);
	len = sizeof(buf);
	EXPECT_ERRNO(ENOPROTOOPT, getsockopt(fd, IPPROTO_IP, IP_PKTOPTIONS, buf,
					     &len));
	close(fd);
}

TEST_F(sock, ip_mtu_is_of_a_connection)
{
	struct pair p;
	int fd = udp_socket(self->family);
	int value;
	socklen_t len = sizeof(value);

	EXPECT_ERRNO(ENOTCONN, getsockopt(fd, IPPROTO_IP, IP_MTU, &value,
					  &len));
	ASSERT_OK(connect_to(fd, "127.0.0.1", 9));
	EXPECT_EQ(65535, get_int(fd, IPPROTO_IP, IP_MTU));
	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_EQ(65535, get_int(p.client, IPPROTO_IP, IP_MTU));
	EXPECT_EQ(65535, get_int(p.server, IPPROTO_IP, IP_MTU));
	EXPECT_ERRNO(ENOTCONN, getsockopt(p.listener, IPPROTO_IP, IP_MTU,
					  &value, &len));
	pair_close(&p);
	close(fd);
}

TEST_F(sock, ip_protocol_is_the_port)
{
	int fd = udp_socket(self->family);

	if (get_int(fd, IPPROTO_IP, 52) < 0)
		SKIP(return, "IP_PROTOCOL is newer than this kernel");
	EXPECT_EQ(0, get_int(fd, IPPROTO_IP, 52));
	ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
	EXPECT_EQ(local_port(fd), get_int(fd, IPPROTO_IP, 52));
	close(fd);
}

TEST_F(sock, ip_unicast_if)
{
	int fd = udp_bound(self->family, "127.0.0.1");
	struct sockaddr_in sin = lo(local_port(fd));
	char byte;

	EXPECT_ERRNO(EADDRNOTAVAIL, set_int(fd, IPPROTO_IP, IP_UNICAST_IF,
					    htonl(9999)));
	/* In network order. */
	EXPECT_ERRNO(0, set_int(fd, IPPROTO_IP, IP_UNICAST_IF, htonl(1)));
	EXPECT_EQ((int)htonl(1), get_int(fd, IPPROTO_IP, IP_UNICAST_IF));
	ASSERT_EQ(1, sendto(fd, "x", 1, 0, SA(sin)));
	EXPECT_EQ(1, recv(fd, &byte, 1, 0));
	EXPECT_ERRNO(0, set_int(fd, IPPROTO_IP, IP_UNICAST_IF, 0));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, IPPROTO_IP, IP_UNICAST_IF, "\0", 1));
	close(fd);
}

TEST_F(sock, ip_multicast_if_takes_three_forms)
{
	struct in_addr addr = { htonl(INADDR_LOOPBACK) };
	struct ip_mreqn mreqn = { .imr_ifindex = 1 };
	struct ip_mreq mreq = { .imr_interface = addr };
	socklen_t len = sizeof(addr);
	int fd = udp_socket(self->family);

	EXPECT_ERRNO(0, setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &addr,
				   sizeof(addr)));
	EXPECT_EQ((int)addr.s_addr, get_int(fd, IPPROTO_IP, IP_MULTICAST_IF));
	EXPECT_ERRNO(0, setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &mreqn,
				   sizeof(mreqn)));
	ASSERT_OK(getsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &addr, &len));
	EXPECT_EQ(4, len);
	EXPECT_EQ(0, addr.s_addr);
	EXPECT_ERRNO(0, setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &mreq,
				   sizeof(mreq)));
	close(fd);
}

TEST_F(sock, ip_multicast_if_of_nobody)
{
	struct in_addr addr = { inet_addr("198.51.100.7") };
	struct ip_mreqn mreqn = { .imr_ifindex = 9999 };
	int udp = udp_socket(self->family);
	int tcp = tcp_socket(self->family);

	EXPECT_ERRNO(EADDRNOTAVAIL, setsockopt(udp, IPPROTO_IP, IP_MULTICAST_IF,
					       &addr, sizeof(addr)));
	EXPECT_ERRNO(EADDRNOTAVAIL, setsockopt(udp, IPPROTO_IP, IP_MULTICAST_IF,
					       &mreqn, sizeof(mreqn)));
	EXPECT_ERRNO(EINVAL, setsockopt(udp, IPPROTO_IP, IP_MULTICAST_IF, &addr,
					2));
	addr.s_addr = 0;
	EXPECT_ERRNO(0, setsockopt(udp, IPPROTO_IP, IP_MULTICAST_IF, &addr,
				   sizeof(addr)));
	EXPECT_ERRNO(EINVAL, setsockopt(tcp, IPPROTO_IP, IP_MULTICAST_IF, &addr,
					sizeof(addr)));
	close(tcp);
	close(udp);
}

TEST_F(sock, ip_membership_of_a_stream)
{
	struct ip_mreq mreq = {
		.imr_multiaddr = { inet_addr("224.0.0.251") },
	};
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(EPROTO, setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP,
					&mreq, sizeof(mreq)));
	EXPECT_ERRNO(EPROTO, setsockopt(fd, IPPROTO_IP, IP_DROP_MEMBERSHIP,
					&mreq, sizeof(mreq)));
	close(fd);
}

TEST_F(sock, ip_minttl_lets_enough_pass)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(p.server, IPPROTO_IP, IP_MINTTL, 64));
	ASSERT_EQ(1, send(p.client, "x", 1, 0));
	EXPECT_EQ(1, recv(p.server, &byte, 1, 0));
	pair_close(&p);
}

TEST_F(sock, ip_minttl_drops_the_rest)
{
	struct pair p;
	char byte;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(p.server, IPPROTO_IP, IP_MINTTL, 65));
	ASSERT_EQ(1, send(p.client, "x", 1, 0));
	EXPECT_EQ(0, poll_for(p.server, POLLIN, SHORT_MS));
	/* What is sent again will pass. */
	ASSERT_OK(set_int(p.server, IPPROTO_IP, IP_MINTTL, 0));
	EXPECT_EQ(1, recv(p.server, &byte, 1, 0));
	pair_close(&p);
}

TEST_F(sock, ip_minttl_of_a_listener)
{
	int listener = tcp_listener(self->family, "127.0.0.1", 1);
	int fd = tcp_socket(self->family);

	ASSERT_OK(set_int(listener, IPPROTO_IP, IP_MINTTL, 255));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_TTL, 254));
	nonblocking(fd, true);
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, "127.0.0.1",
					     local_port(listener)));
	EXPECT_EQ(0, poll_for(fd, POLLOUT, SHORT_MS));
	/* Its second SYN is good enough. */
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_TTL, 255));
	EXPECT_EQ(POLLOUT, poll_for(fd, POLLOUT, LONG_MS));
	close(fd);
	close(listener);
}

TEST_F(sock, ip_accepted_inherits)
{
	struct pair p;
	int fd;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(p.listener, IPPROTO_IP, IP_TTL, 33));
	ASSERT_OK(set_int(p.listener, IPPROTO_IP, IP_TOS, 0x10));
	ASSERT_OK(set_int(p.listener, IPPROTO_IP, IP_MINTTL, 5));
	ASSERT_OK(set_int(p.listener, IPPROTO_IP, IP_RECVERR, 1));
	ASSERT_OK(set_int(p.listener, IPPROTO_IP, IP_MTU_DISCOVER,
			  IP_PMTUDISC_DONT));
	fd = tcp_socket(self->family);
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(p.listener)));
	close(p.server);
	p.server = accept(p.listener, NULL, NULL);
	ASSERT_LE(0, p.server);
	EXPECT_EQ(33, get_int(p.server, IPPROTO_IP, IP_TTL));
	EXPECT_EQ(0x10, get_int(p.server, IPPROTO_IP, IP_TOS));
	EXPECT_EQ(5, get_int(p.server, IPPROTO_IP, IP_MINTTL));
	EXPECT_EQ(1, get_int(p.server, IPPROTO_IP, IP_RECVERR));
	EXPECT_EQ(IP_PMTUDISC_DONT,
		  get_int(p.server, IPPROTO_IP, IP_MTU_DISCOVER));
	close(fd);
	pair_close(&p);
}

TEST_F(sock, ip_recvorigdstaddr)
{
	char space[CMSG_SPACE(sizeof(struct sockaddr_in))];
	int fd = udp_bound(self->family, "0.0.0.0");
	struct sockaddr_in to = name_of("127.0.0.7", local_port(fd));
	struct sockaddr_in was = {};
	struct iovec iov;
	char byte;
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = space,
		.msg_controllen = sizeof(space),
	};
	struct cmsghdr *cmsg;

	iov.iov_base = &byte;
	iov.iov_len = 1;
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_RECVORIGDSTADDR, 1));
	ASSERT_EQ(1, sendto(fd, "x", 1, 0, SA(to)));
	ASSERT_EQ(1, recvmsg(fd, &msg, 0));
	cmsg = CMSG_FIRSTHDR(&msg);
	ASSERT_NE(NULL, cmsg);
	EXPECT_EQ(IPPROTO_IP, cmsg->cmsg_level);
	EXPECT_EQ(IP_ORIGDSTADDR, cmsg->cmsg_type);
	memcpy(&was, CMSG_DATA(cmsg), sizeof(was));
	EXPECT_EQ(AF_INET, was.sin_family);
	EXPECT_EQ(to.sin_addr.s_addr, was.sin_addr.s_addr);
	EXPECT_EQ(to.sin_port, was.sin_port);
	close(fd);
}

TEST_HARNESS_MAIN
