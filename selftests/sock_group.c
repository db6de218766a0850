// SPDX-License-Identifier: GPL-2.0
/*
 * Multicast and broadcast as a program sees them (RFC 1112, 3678): who hears
 * what, and what is sent where.  What AF_INET does on the same device is what
 * is expected.
 *
 * That something does not arrive is shown by what is sent after it.
 */
#include "mcast.h"

/* ---- what is heard ---- */

TEST_F(mcast, member_hears_its_group)
{
	ASSERT_OK(join(self->fd, GROUP));
	peer_sends(&self->w, PEER, OTHER_GROUP, self->port, 'o');
	peer_sends(&self->w, PEER, GROUP, self->port, 'g');
	EXPECT_EQ('g', heard(self->fd));
}

TEST_F(mcast, nobody_joined_nobody_hears)
{
	peer_sends(&self->w, PEER, GROUP, self->port, 'g');
	EXPECT_TRUE(heard_nothing(&self->w, self->fd));
}

TEST_F(mcast, all_hosts_needs_no_member)
{
	peer_sends(&self->w, PEER, "224.0.0.1", self->port, 'a');
	EXPECT_EQ('a', heard(self->fd));
}

TEST_F(mcast, left_and_not_heard)
{
	ASSERT_OK(join(self->fd, GROUP));
	ASSERT_OK(leave(self->fd, GROUP));
	peer_sends(&self->w, PEER, GROUP, self->port, 'g');
	EXPECT_TRUE(heard_nothing(&self->w, self->fd));
}

TEST_F(mcast, closed_and_not_heard)
{
	int fd = udp_socket(self->family);

	ASSERT_OK(join(fd, GROUP));
	EXPECT_TRUE(device_takes("tap0", GROUP));
	close(fd);
	EXPECT_FALSE(device_takes("tap0", GROUP));
	peer_sends(&self->w, PEER, GROUP, self->port, 'g');
	EXPECT_TRUE(heard_nothing(&self->w, self->fd));
}

TEST_F(mcast, dup_keeps_the_membership)
{
	int fd = udp_socket(self->family);
	int copy = dup(fd);

	ASSERT_OK(join(fd, GROUP));
	close(fd);
	peer_sends(&self->w, PEER, GROUP, self->port, 'g');
	EXPECT_EQ('g', heard(self->fd));
	close(copy);
}

TEST_F(mcast, another_socket_joined)
{
	int fd = udp_socket(self->family);

	ASSERT_OK(join(fd, GROUP));
	peer_sends(&self->w, PEER, GROUP, self->port, 'a');
	EXPECT_EQ('a', heard(self->fd));
	ASSERT_OK(set_int(self->fd, IPPROTO_IP, IP_MULTICAST_ALL, 0));
	peer_sends(&self->w, PEER, GROUP, self->port, 'b');
	EXPECT_TRUE(heard_nothing(&self->w, self->fd));
	/* A member of its own hears all the same. */
	ASSERT_OK(join(self->fd, GROUP));
	peer_sends(&self->w, PEER, GROUP, self->port, 'c');
	EXPECT_EQ('c', heard(self->fd));
	close(fd);
}

TEST_F(mcast, two_members_two_copies)
{
	int fds[2];

	ASSERT_TRUE(two_of_a_port(self->family, fds));
	ASSERT_OK(join(fds[0], GROUP));
	ASSERT_OK(join(fds[1], GROUP));
	peer_sends(&self->w, PEER, GROUP, local_port(fds[0]), 'g');
	EXPECT_EQ('g', heard(fds[0]));
	EXPECT_EQ('g', heard(fds[1]));
	ASSERT_OK(leave(fds[0], GROUP));
	set_int(fds[0], IPPROTO_IP, IP_MULTICAST_ALL, 0);
	peer_sends(&self->w, PEER, GROUP, local_port(fds[0]), 'h');
	EXPECT_EQ('h', heard(fds[1]));
	EXPECT_EQ(0, poll_for(fds[0], POLLIN, 0));
}

TEST_F(mcast, bound_to_the_group)
{
	int fd = bound_share(self->family, GROUP, 0);
	int port = local_port(fd);

	ASSERT_LE(0, fd);
	ASSERT_OK(join(fd, GROUP));
	ASSERT_OK(join(fd, OTHER_GROUP));
	peer_sends(&self->w, PEER, OTHER_GROUP, port, 'o');
	peer_sends(&self->w, PEER, GROUP, port, 'g');
	EXPECT_EQ('g', heard(fd));
	close(fd);
}

TEST_F(mcast, bound_to_an_address)
{
	int fd = udp_bound(self->family, HOST);

	ASSERT_OK(join(fd, GROUP));
	peer_sends(&self->w, PEER, GROUP, local_port(fd), 'g');
	EXPECT_TRUE(heard_nothing(&self->w, fd));
	close(fd);
}

TEST_F(mcast, joined_on_another_device)
{
	ASSERT_OK(member(self->fd, IP_ADD_MEMBERSHIP, GROUP, "0.0.0.0", 1));
	peer_sends(&self->w, PEER, GROUP, self->port, 'g');
	EXPECT_TRUE(heard_nothing(&self->w, self->fd));
}

TEST_F(mcast, included_sources_alone)
{
	ASSERT_OK(source(self->fd, IP_ADD_SOURCE_MEMBERSHIP, THIRD));
	peer_sends(&self->w, PEER, GROUP, self->port, 'p');
	peer_sends(&self->w, THIRD, GROUP, self->port, 't');
	EXPECT_EQ('t', heard(self->fd));
	ASSERT_OK(source(self->fd, IP_ADD_SOURCE_MEMBERSHIP, PEER));
	peer_sends(&self->w, PEER, GROUP, self->port, 'q');
	EXPECT_EQ('q', heard(self->fd));
}

TEST_F(mcast, excluded_sources_not)
{
	ASSERT_OK(join(self->fd, GROUP));
	ASSERT_OK(source(self->fd, IP_BLOCK_SOURCE, PEER));
	peer_sends(&self->w, PEER, GROUP, self->port, 'p');
	peer_sends(&self->w, THIRD, GROUP, self->port, 't');
	EXPECT_EQ('t', heard(self->fd));
	ASSERT_OK(source(self->fd, IP_UNBLOCK_SOURCE, PEER));
	peer_sends(&self->w, PEER, GROUP, self->port, 'q');
	EXPECT_EQ('q', heard(self->fd));
}

/* One excludes what the other includes: each hears what it asked for. */
TEST_F(mcast, two_filters_one_group)
{
	int fds[2], port;

	ASSERT_TRUE(two_of_a_port(self->family, fds));
	port = local_port(fds[0]);
	ASSERT_OK(source(fds[0], IP_ADD_SOURCE_MEMBERSHIP, PEER));
	ASSERT_OK(join(fds[1], GROUP));
	ASSERT_OK(source(fds[1], IP_BLOCK_SOURCE, PEER));
	peer_sends(&self->w, PEER, GROUP, port, 'p');
	peer_sends(&self->w, THIRD, GROUP, port, 't');
	EXPECT_EQ('p', heard(fds[0]));
	EXPECT_EQ('t', heard(fds[1]));
	EXPECT_EQ(0, poll_for(fds[0], POLLIN, 0));
	EXPECT_EQ(0, poll_for(fds[1], POLLIN, 0));
}

TEST_F(mcast, raw_socket_hears_its_groups)
{
	int fd = socket(self->family, SOCK_RAW, 253);
	char buf[64];
	struct packet p;

	timeout_ms(fd, SO_RCVTIMEO, LONG_MS);
	ASSERT_OK(join(fd, GROUP));
	ASSERT_OK(source(fd, IP_BLOCK_SOURCE, PEER));
	for (int i = 0; i < 2; i++) {
		make_ip(&self->w, &p, 253, i ? "t" : "p", 1);
		ip_of(&p)->saddr = ip4(i ? THIRD : PEER);
		ip_of(&p)->daddr = ip4(GROUP);
		mcast_mac(eth_of(&p)->h_dest, ip4(GROUP));
		fix_ip(&p);
		wire_send(&self->w, &p);
	}
	ASSERT_EQ(21, recv(fd, buf, sizeof(buf), 0));
	EXPECT_EQ('t', buf[20]);
	close(fd);
}

TEST_F(mcast, pktinfo_of_a_group)
{
	char data[8], control[128];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct in_pktinfo info;
	struct cmsghdr *c;

	ASSERT_OK(join(self->fd, GROUP));
	ASSERT_OK(set_int(self->fd, IPPROTO_IP, IP_PKTINFO, 1));
	peer_sends(&self->w, PEER, GROUP, self->port, 'g');
	ASSERT_EQ(1, recvmsg(self->fd, &msg, 0));
	c = CMSG_FIRSTHDR(&msg);
	ASSERT_NE(NULL, c);
	memcpy(&info, CMSG_DATA(c), sizeof(info));
	EXPECT_EQ(ip4(GROUP), info.ipi_addr.s_addr);
	EXPECT_EQ(ip4(HOST), info.ipi_spec_dst.s_addr);
	EXPECT_EQ((int)self->w.ifindex, info.ipi_ifindex);
}

TEST_F(mcast, connected_elsewhere)
{
	ASSERT_OK(join(self->fd, GROUP));
	ASSERT_OK(connect_to(self->fd, THIRD, 5000));
	peer_sends(&self->w, THIRD, GROUP, self->port, 't');
	/* connect() has chosen the address that is heard. */
	EXPECT_EQ(0, poll_for(self->fd, POLLIN, SHORT_MS));
}

/* ---- the device's filter ---- */

TEST_F(mcast, device_filter_follows)
{
	EXPECT_FALSE(device_takes("tap0", GROUP));
	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_TRUE(device_takes("tap0", GROUP));
	ASSERT_OK(leave(self->fd, GROUP));
	EXPECT_FALSE(device_takes("tap0", GROUP));
	EXPECT_TRUE(device_takes("tap0", "224.0.0.1"));
}

TEST_F(mcast, device_filter_of_two_groups)
{
	ASSERT_OK(join(self->fd, GROUP));
	ASSERT_OK(join(self->fd, TWIN_GROUP));
	ASSERT_OK(leave(self->fd, GROUP));
	EXPECT_TRUE(device_takes("tap0", TWIN_GROUP));
	/* The frame passes, the packet does not. */
	peer_sends(&self->w, PEER, GROUP, self->port, 'g');
	peer_sends(&self->w, PEER, TWIN_GROUP, self->port, 't');
	EXPECT_EQ('t', heard(self->fd));
}

TEST_F(mcast, device_filter_of_two_members)
{
	int fd = udp_socket(self->family);

	ASSERT_OK(join(self->fd, GROUP));
	ASSERT_OK(join(fd, GROUP));
	close(fd);
	EXPECT_TRUE(device_takes("tap0", GROUP));
	peer_sends(&self->w, PEER, GROUP, self->port, 'g');
	EXPECT_EQ('g', heard(self->fd));
}

TEST_F(mcast, device_gone)
{
	ASSERT_OK(join(self->fd, GROUP));
	ASSERT_OK(member(self->fd, IP_ADD_MEMBERSHIP, OTHER_GROUP, "0.0.0.0",
			 self->w.ifindex));
	close(self->w.fd);
	self->w.fd = -1;
	EXPECT_ERRNO(ENODEV, join(self->fd, TWIN_GROUP));
	EXPECT_ERRNO(ENODEV, source(self->fd, IP_BLOCK_SOURCE, PEER));
	/* What is lost can still be left. */
	EXPECT_ERRNO(0, leave(self->fd, GROUP));
	EXPECT_ERRNO(0, member(self->fd, IP_DROP_MEMBERSHIP, OTHER_GROUP,
			       "0.0.0.0", self->w.ifindex));
}

/* ---- what is sent ---- */

static int use_device(int fd, struct wire *w)
{
	struct ip_mreqn mreq = { .imr_ifindex = w->ifindex };

	return setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &mreq, sizeof(mreq));
}

TEST_F(mcast, send_without_a_route)
{
	EXPECT_ERRNO(ENETUNREACH, send_to(self->fd, GROUP, 9, 'x'));
}

TEST_F(mcast, send_by_index)
{
	unsigned char mac[ETH_ALEN];
	struct packet p;

	ASSERT_OK(use_device(self->fd, &self->w));
	ASSERT_EQ(1, send_to(self->fd, GROUP, 9, 'x'));
	ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(ip4(HOST), ip_of(&p)->saddr);
	EXPECT_EQ(ip4(GROUP), ip_of(&p)->daddr);
	EXPECT_EQ(1, ip_of(&p)->ttl);
	mcast_mac(mac, ip4(GROUP));
	EXPECT_EQ(0, memcmp(mac, eth_of(&p)->h_dest, ETH_ALEN));
}

TEST_F(mcast, send_by_address)
{
	struct in_addr addr = { .s_addr = ip4(HOST) };
	struct packet p;

	ASSERT_OK(setsockopt(self->fd, IPPROTO_IP, IP_MULTICAST_IF, &addr,
			     sizeof(addr)));
	ASSERT_EQ(1, send_to(self->fd, GROUP, 9, 'x'));
	ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(ip4(HOST), ip_of(&p)->saddr);
	/* Back to the route, of which there is none. */
	addr.s_addr = 0;
	ASSERT_OK(setsockopt(self->fd, IPPROTO_IP, IP_MULTICAST_IF, &addr,
			     sizeof(addr)));
	EXPECT_ERRNO(ENETUNREACH, send_to(self->fd, GROUP, 9, 'x'));
}

TEST_F(mcast, send_from_a_bound_address)
{
	int fd = udp_bound(self->family, HOST);
	struct packet p;

	ASSERT_EQ(1, send_to(fd, GROUP, 9, 'x'));
	ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(ip4(HOST), ip_of(&p)->saddr);
	close(fd);
}

TEST_F(mcast, send_from_a_group)
{
	int fd = bound_share(self->family, GROUP, 0);
	struct packet p;

	ASSERT_OK(use_device(fd, &self->w));
	ASSERT_EQ(1, send_to(fd, GROUP, 9, 'x'));
	ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(ip4(HOST), ip_of(&p)->saddr);
	close(fd);
}

TEST_F(mcast, send_ttl)
{
	struct packet p;

	ASSERT_OK(use_device(self->fd, &self->w));
	ASSERT_OK(set_int(self->fd, IPPROTO_IP, IP_MULTICAST_TTL, 5));
	ASSERT_OK(set_int(self->fd, IPPROTO_IP, IP_TTL, 9));
	ASSERT_EQ(1, send_to(self->fd, GROUP, 9, 'x'));
	ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(5, ip_of(&p)->ttl);
}

TEST_F(mcast, send_ttl_0_stays_here)
{
	struct packet p;

	ASSERT_OK(use_device(self->fd, &self->w));
	ASSERT_OK(join(self->fd, GROUP));
	ASSERT_OK(set_int(self->fd, IPPROTO_IP, IP_MULTICAST_TTL, 0));
	ASSERT_EQ(1, send_to(self->fd, GROUP, self->port, 'a'));
	EXPECT_EQ('a', heard(self->fd));
	ASSERT_OK(set_int(self->fd, IPPROTO_IP, IP_MULTICAST_TTL, 1));
	ASSERT_EQ(1, send_to(self->fd, GROUP, self->port, 'b'));
	ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ('b', p.buf[p.l4 + 8]);
}

TEST_F(mcast, own_packets_are_heard)
{
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	struct packet p;
	char octet;

	ASSERT_OK(use_device(self->fd, &self->w));
	ASSERT_OK(join(self->fd, GROUP));
	ASSERT_EQ(1, send_to(self->fd, GROUP, self->port, 'o'));
	ASSERT_EQ(1, recvfrom(self->fd, &octet, 1, 0, (void *)&sin, &len));
	EXPECT_EQ(ip4(HOST), sin.sin_addr.s_addr);
	EXPECT_EQ(self->port, ntohs(sin.sin_port));
	EXPECT_TRUE(wire_expect(&self->w, &p, IPPROTO_UDP, ANSWER_MS));
	/* Once. */
	EXPECT_TRUE(heard_nothing(&self->w, self->fd));
}

TEST_F(mcast, own_packets_are_not_heard_without_members)
{
	ASSERT_OK(use_device(self->fd, &self->w));
	ASSERT_EQ(1, send_to(self->fd, GROUP, self->port, 'o'));
	EXPECT_TRUE(heard_nothing(&self->w, self->fd));
}

TEST_F(mcast, own_packets_without_loop)
{
	int fd = udp_socket(self->family);
	struct packet p;

	ASSERT_OK(use_device(fd, &self->w));
	ASSERT_OK(join(self->fd, GROUP));
	/* It is the sender's to say. */
	ASSERT_OK(set_int(self->fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0));
	ASSERT_EQ(1, send_to(fd, GROUP, self->port, 'a'));
	EXPECT_EQ('a', heard(self->fd));
	EXPECT_TRUE(wire_expect(&self->w, &p, IPPROTO_UDP, ANSWER_MS));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0));
	ASSERT_EQ(1, send_to(fd, GROUP, self->port, 'b'));
	EXPECT_TRUE(wire_expect(&self->w, &p, IPPROTO_UDP, ANSWER_MS));
	EXPECT_TRUE(heard_nothing(&self->w, self->fd));
	close(fd);
}

TEST_F(mcast, own_packets_come_by_their_device)
{
	int fd = bound_share(self->family, "0.0.0.0", 0);

	ASSERT_OK(setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "tap0", 4));
	ASSERT_OK(join(fd, GROUP));
	ASSERT_OK(use_device(self->fd, &self->w));
	ASSERT_EQ(1, send_to(self->fd, GROUP, local_port(fd), 'o'));
	EXPECT_EQ('o', heard(fd));
	close(fd);
}

TEST_F(mcast, own_source_blocked)
{
	ASSERT_OK(use_device(self->fd, &self->w));
	ASSERT_OK(join(self->fd, GROUP));
	ASSERT_OK(source(self->fd, IP_BLOCK_SOURCE, HOST));
	ASSERT_EQ(1, send_to(self->fd, GROUP, self->port, 'o'));
	EXPECT_TRUE(heard_nothing(&self->w, self->fd));
}

TEST_F(mcast, on_the_loopback)
{
	struct ip_mreqn mreq = { .imr_ifindex = 1 };

	ASSERT_OK(setsockopt(self->fd, IPPROTO_IP, IP_MULTICAST_IF, &mreq,
			     sizeof(mreq)));
	ASSERT_OK(member(self->fd, IP_ADD_MEMBERSHIP, GROUP, "127.0.0.1", 0));
	/* There, a packet comes back whatever is said. */
	ASSERT_OK(set_int(self->fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0));
	ASSERT_EQ(1, send_to(self->fd, GROUP, self->port, 'l'));
	EXPECT_EQ('l', heard(self->fd));
	EXPECT_TRUE(heard_nothing(&self->w, self->fd));
}

TEST_F(mcast, on_the_loopback_without_members)
{
	struct ip_mreqn mreq = { .imr_ifindex = 1 };

	ASSERT_OK(setsockopt(self->fd, IPPROTO_IP, IP_MULTICAST_IF, &mreq,
			     sizeof(mreq)));
	ASSERT_OK(join(self->fd, GROUP));
	ASSERT_EQ(1, send_to(self->fd, GROUP, self->port, 'l'));
	EXPECT_TRUE(heard_nothing(&self->w, self->fd));
}

TEST_F(mcast, connect_to_a_group)
{
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);
	struct packet p;
	int fd = udp_socket(self->family);

	EXPECT_ERRNO(ENETUNREACH, connect_to(fd, GROUP, 9));
	ASSERT_OK(use_device(fd, &self->w));
	EXPECT_ERRNO(0, connect_to(fd, GROUP, 9));
	ASSERT_OK(getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(ip4(HOST), sin.sin_addr.s_addr);
	ASSERT_OK(getpeername(fd, (void *)&sin, &len));
	EXPECT_EQ(ip4(GROUP), sin.sin_addr.s_addr);
	ASSERT_EQ(1, send(fd, "x", 1, 0));
	ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(ip4(GROUP), ip_of(&p)->daddr);
	EXPECT_EQ(1, ip_of(&p)->ttl);
	close(fd);
}

TEST_F(mcast, multicast_if_and_a_bound_device)
{
	struct ip_mreqn mreq = { .imr_ifindex = self->w.ifindex };

	ASSERT_OK(setsockopt(self->fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
	EXPECT_ERRNO(EINVAL, setsockopt(self->fd, IPPROTO_IP, IP_MULTICAST_IF,
					&mreq, sizeof(mreq)));
	mreq.imr_ifindex = 1;
	EXPECT_ERRNO(0, setsockopt(self->fd, IPPROTO_IP, IP_MULTICAST_IF,
				   &mreq, sizeof(mreq)));
	mreq.imr_ifindex = 9999;
	EXPECT_ERRNO(EADDRNOTAVAIL, setsockopt(self->fd, IPPROTO_IP,
					       IP_MULTICAST_IF, &mreq,
					       sizeof(mreq)));
}

/* ---- broadcast ---- */

TEST_F(mcast, broadcast_needs_permission)
{
	ASSERT_OK(setsockopt(self->fd, SOL_SOCKET, SO_BINDTODEVICE, "tap0", 4));
	EXPECT_ERRNO(EACCES, send_to(self->fd, "10.0.0.255", 9, 'b'));
	EXPECT_ERRNO(EACCES, send_to(self->fd, "255.255.255.255", 9, 'b'));
	EXPECT_ERRNO(EACCES, connect_to(self->fd, "10.0.0.255", 9));
	EXPECT_ERRNO(EACCES, connect_to(self->fd, "255.255.255.255", 9));
}

TEST_F(mcast, broadcast_goes_out_and_is_heard)
{
	static const char *const addrs[] = { "10.0.0.255", "255.255.255.255" };
	struct packet p;

	ASSERT_OK(set_int(self->fd, SOL_SOCKET, SO_BROADCAST, 1));
	ASSERT_OK(setsockopt(self->fd, SOL_SOCKET, SO_BINDTODEVICE, "tap0", 4));
	for (size_t i = 0; i < ARRAY_SIZE(addrs); i++) {
		ASSERT_EQ(1, send_to(self->fd, addrs[i], self->port, 'b'));
		ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_UDP, ANSWER_MS));
		EXPECT_EQ(ip4(addrs[i]), ip_of(&p)->daddr);
		EXPECT_EQ(64, ip_of(&p)->ttl);
		EXPECT_EQ(0, memcmp("\xff\xff\xff\xff\xff\xff",
				    eth_of(&p)->h_dest, ETH_ALEN));
		EXPECT_EQ('b', heard(self->fd));
	}
}

TEST_F(mcast, broadcast_comes_in_to_all)
{
	int fds[2];

	ASSERT_TRUE(two_of_a_port(self->family, fds));
	peer_sends(&self->w, PEER, "10.0.0.255", local_port(fds[0]), 'd');
	peer_sends(&self->w, PEER, "255.255.255.255", local_port(fds[0]), 'l');
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ('d', heard(fds[i]));
		EXPECT_EQ('l', heard(fds[i]));
	}
}

TEST_F(mcast, broadcast_limited_without_a_route)
{
	ASSERT_OK(set_int(self->fd, SOL_SOCKET, SO_BROADCAST, 1));
	EXPECT_ERRNO(ENETUNREACH, send_to(self->fd, "255.255.255.255", 9, 'b'));
}

TEST_HARNESS_MAIN
