// SPDX-License-Identifier: GPL-2.0
/*
 * bind(): names and their forms, kinds of addresses, who may share a port, how
 * one is chosen, and who may have it.
 */
#include <sched.h>

#include "sock.h"

#define FOREIGN		"198.51.100.77"

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE	51
#endif

/* A namespace of its own, whose knobs may be turned. */
static bool own_net(void)
{
	if (unshare(CLONE_NEWNET))
		return false;
	loopback_up();
	return true;
}

static bool knob(int family, const char *name, const char *value)
{
	char path[128];
	FILE *file;
	bool ok;

	snprintf(path, sizeof(path), "/proc/sys/net/%s/%s",
		 family == AF_INET ? "ipv4" : "mini", name);
	file = fopen(path, "w");
	if (!file)
		return false;
	ok = fputs(value, file) >= 0;
	return !fclose(file) && ok;
}

static bool drop_privileges(void)
{
	return !setresgid(65534, 65534, 65534) &&
	       !setresuid(65534, 65534, 65534);
}

TEST_F(sock, bind_port_0_is_of_the_range)
{
	int types[] = { SOCK_STREAM, SOCK_DGRAM };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		int fd = socket(self->family, types[i], 0);

		EXPECT_ERRNO(0, bind_to(fd, "127.0.0.1", 0));
		EXPECT_LE(32768, local_port(fd));
		EXPECT_GE(60999, local_port(fd));
		close(fd);
	}
}

TEST_F(sock, bind_port_0_gives_each_another)
{
	bool seen[65536] = {};
	int fds[100];

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = udp_socket(self->family);
		ASSERT_OK(bind_to(fds[i], "127.0.0.1", 0));
		EXPECT_FALSE(seen[local_port(fds[i])]);
		seen[local_port(fds[i])] = true;
	}
}

TEST_F(sock, bind_twice)
{
	int types[] = { SOCK_STREAM, SOCK_DGRAM };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		int fd = socket(self->family, types[i], 0);
		int port;

		ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
		port = local_port(fd);
		EXPECT_ERRNO(EINVAL, bind_to(fd, "127.0.0.1", 0));
		EXPECT_ERRNO(EINVAL, bind_to(fd, "127.0.0.2", 0));
		EXPECT_EQ(port, local_port(fd));
		close(fd);
	}
}

TEST_F(sock, bind_while_listening)
{
	int fd = tcp_listener(self->family, "127.0.0.1", 1);

	EXPECT_ERRNO(EINVAL, bind_to(fd, "127.0.0.1", 0));
}

TEST_F(sock, bind_when_connected)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	EXPECT_ERRNO(EINVAL, bind_to(p.client, "127.0.0.1", 0));
	EXPECT_ERRNO(EINVAL, bind_to(p.server, "127.0.0.1", 0));
	pair_close(&p);
}

TEST_F(sock, bind_a_connected_datagram_socket)
{
	int fd = udp_socket(self->family);

	ASSERT_OK(connect_to(fd, "127.0.0.1", 9));
	EXPECT_ERRNO(EINVAL, bind_to(fd, "127.0.0.1", 0));
	close(fd);
}

TEST_F(sock, bind_kinds_of_addresses)
{
	static const struct {
		const char *address;
		int stream;
		int dgram;
	} cases[] = {
		{ "0.0.0.0", 0, 0 },
		{ "127.0.0.1", 0, 0 },
		{ "127.9.8.7", 0, 0 },
		{ FOREIGN, EADDRNOTAVAIL, EADDRNOTAVAIL },
		{ "240.0.0.1", EADDRNOTAVAIL, EADDRNOTAVAIL },
		{ "255.255.255.255", 0, 0 },
		{ "127.255.255.255", 0, 0 },
		{ "224.0.0.251", 0, 0 },
		{ "239.1.2.3", 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int tcp = tcp_socket(self->family);
		int udp = udp_socket(self->family);

		EXPECT_ERRNO(cases[i].stream, bind_to(tcp, cases[i].address,
						      0));
		EXPECT_ERRNO(cases[i].dgram, bind_to(udp, cases[i].address,
						     0));
		close(tcp);
		close(udp);
	}
}

TEST_F(sock, bind_tells_the_name_it_was_given)
{
	static const char * const names[] = {
		"0.0.0.0", "127.4.5.6", "255.255.255.255", "224.0.0.251",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct sockaddr_in sin = {};
		socklen_t len = sizeof(sin);
		int fd = udp_socket(self->family);

		ASSERT_OK(bind_to(fd, names[i], 0));
		ASSERT_OK(getsockname(fd, (void *)&sin, &len));
		EXPECT_EQ(sizeof(sin), len);
		EXPECT_EQ(AF_INET, sin.sin_family);
		EXPECT_EQ(inet_addr(names[i]), sin.sin_addr.s_addr);
		EXPECT_NE(0, sin.sin_port);
		close(fd);
	}
}

TEST_F(sock, bind_before_there_is_no_name)
{
	struct sockaddr_in sin = { .sin_port = 1 };
	socklen_t len = sizeof(sin);
	int fd = tcp_socket(self->family);

	ASSERT_OK(getsockname(fd, (void *)&sin, &len));
	EXPECT_EQ(AF_INET, sin.sin_family);
	EXPECT_EQ(0, sin.sin_port);
	EXPECT_EQ(0, sin.sin_addr.s_addr);
	close(fd);
}

TEST_F(sock, bind_name_lengths)
{
	struct {
		struct sockaddr_in sin;
		char more[256];
	} name = { .sin = lo(0) };
	static const struct {
		socklen_t len;
		int error;
	} cases[] = {
		{ 0, EINVAL }, { 1, EINVAL }, { 2, EINVAL }, { 8, EINVAL },
		{ 15, EINVAL }, { 129, EINVAL }, { 200, EINVAL },
		{ -1, EINVAL }, { 16, 0 }, { 17, 0 }, { 28, 0 }, { 128, 0 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		int fd = tcp_socket(self->family);

		EXPECT_ERRNO(cases[i].error, bind(fd, (void *)&name,
						  cases[i].len));
		close(fd);
	}
}

TEST_F(sock, bind_bad_pointer)
{
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(EFAULT, bind(fd, NULL, sizeof(struct sockaddr_in)));
	EXPECT_ERRNO(EFAULT, bind(fd, (void *)8, sizeof(struct sockaddr_in)));
	EXPECT_ERRNO(EINVAL, bind(fd, NULL, 0));
	EXPECT_ERRNO(0, bind_to(fd, "127.0.0.1", 0));
	close(fd);
}

TEST_F(sock, bind_unspec_means_any)
{
	struct sockaddr_in sin = { .sin_family = AF_UNSPEC };
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(0, bind(fd, SA(sin)));
	EXPECT_NE(0, local_port(fd));
	close(fd);
}

TEST_F(sock, bind_unspec_with_an_address)
{
	struct sockaddr_in sin = lo(0);
	int fd = udp_socket(self->family);

	sin.sin_family = AF_UNSPEC;
	EXPECT_ERRNO(EAFNOSUPPORT, bind(fd, SA(sin)));
	EXPECT_ERRNO(EINVAL, bind(fd, (void *)&sin, sizeof(sa_family_t)));
	close(fd);
}

TEST_F(sock, bind_other_families)
{
	static const int families[] = { AF_UNIX, AF_INET6, AF_PACKET, 200 };
	struct sockaddr_storage name = {};

	for (size_t i = 0; i < ARRAY_SIZE(families); i++) {
		int fd = udp_socket(self->family);

		name.ss_family = families[i];
		EXPECT_ERRNO(EAFNOSUPPORT, bind(fd, SA(name)));
		close(fd);
	}
}

TEST_F(sock, bind_port_in_use)
{
	static const struct {
		const char *first;
		const char *second;
		int error;
	} cases[] = {
		{ "127.0.0.1", "127.0.0.1", EADDRINUSE },
		{ "127.0.0.1", "0.0.0.0", EADDRINUSE },
		{ "0.0.0.0", "127.0.0.1", EADDRINUSE },
		{ "0.0.0.0", "0.0.0.0", EADDRINUSE },
		{ "127.0.0.1", "127.0.0.2", 0 },
	};
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };

	for (size_t i = 0; i < 2 * ARRAY_SIZE(cases); i++) {
		int one = socket(self->family, types[i % 2], 0);
		int two = socket(self->family, types[i % 2], 0);

		ASSERT_OK(bind_to(one, cases[i / 2].first, 0));
		EXPECT_ERRNO(cases[i / 2].error,
			     bind_to(two, cases[i / 2].second,
				     local_port(one)));
		close(one);
		close(two);
	}
}

TEST_F(sock, bind_may_be_tried_again)
{
	int one = udp_bound(self->family, "127.0.0.1");
	int two = udp_socket(self->family);

	EXPECT_ERRNO(EADDRINUSE, bind_to(two, "127.0.0.1", local_port(one)));
	EXPECT_EQ(0, local_port(two));
	EXPECT_ERRNO(0, bind_to(two, "127.0.0.1", 0));
	EXPECT_NE(0, local_port(two));
	close(one);
	close(two);
}

TEST_F(sock, bind_after_the_owner_closed)
{
	int one = udp_bound(self->family, "127.0.0.1");
	int two = udp_socket(self->family);
	int port = local_port(one);

	EXPECT_ERRNO(EADDRINUSE, bind_to(two, "127.0.0.1", port));
	close(one);
	EXPECT_ERRNO(0, bind_to(two, "127.0.0.1", port));
	close(two);
}

TEST_F(sock, bind_tcp_and_udp_do_not_meet)
{
	int udp = udp_socket(self->family);
	int tcp = tcp_socket(self->family);

	ASSERT_OK(bind_to(udp, "127.0.0.1", 31001));
	EXPECT_ERRNO(0, bind_to(tcp, "127.0.0.1", 31001));
	close(udp);
	close(tcp);
}

TEST_F(sock, reuseaddr_of_both)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };

	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		int one = bound_reuse(self->family, types[i], 0, 1);
		int two;

		ASSERT_LE(0, one);
		two = bound_reuse(self->family, types[i], local_port(one), 1);
		EXPECT_LE(0, two);
		close(one);
		close(two);
	}
}

TEST_F(sock, reuseaddr_of_one_alone)
{
	static const int types[] = { SOCK_STREAM, SOCK_DGRAM };

	for (size_t i = 0; i < 4; i++) {
		int first = i / 2;
		int one = bound_reuse(self->family, types[i % 2], 0, first);

		ASSERT_LE(0, one);
		EXPECT_ERRNO(EADDRINUSE, bound_reuse(self->family, types[i % 2],
						     local_port(one), !first));
		close(one);
	}
}

TEST_F(sock, reuseaddr_set_after_bind_counts)
{
	int one = bound_reuse(self->family, SOCK_STREAM, 0, 0);
	int two;

	EXPECT_ERRNO(EADDRINUSE, bound_reuse(self->family, SOCK_STREAM,
					     local_port(one), 1));
	ASSERT_OK(set_int(one, SOL_SOCKET, SO_REUSEADDR, 1));
	two = bound_reuse(self->family, SOCK_STREAM, local_port(one), 1);
	EXPECT_LE(0, two);
	close(one);
	close(two);
}

TEST_F(sock, reuseaddr_against_a_listener)
{
	int one = bound_reuse(self->family, SOCK_STREAM, 0, 1);

	ASSERT_OK(listen(one, 1));
	EXPECT_ERRNO(EADDRINUSE, bound_reuse(self->family, SOCK_STREAM,
					     local_port(one), 1));
	close(one);
}

TEST_F(sock, reuseaddr_one_alone_may_listen)
{
	int one = bound_reuse(self->family, SOCK_STREAM, 0, 1);
	int two = bound_reuse(self->family, SOCK_STREAM, local_port(one), 1);

	ASSERT_LE(0, two);
	EXPECT_ERRNO(0, listen(one, 1));
	EXPECT_ERRNO(EADDRINUSE, listen(two, 1));
	close(one);
	EXPECT_ERRNO(0, listen(two, 1));
	close(two);
}

TEST_F(sock, reuseaddr_the_newest_gets_the_datagram)
{
	int one = bound_reuse(self->family, SOCK_DGRAM, 0, 1);
	int two = bound_reuse(self->family, SOCK_DGRAM, local_port(one), 1);
	int from = udp_socket(self->family);
	struct sockaddr_in sin = lo(local_port(one));

	ASSERT_LE(0, two);
	ASSERT_EQ(1, sendto(from, "x", 1, 0, SA(sin)));
	EXPECT_EQ(POLLIN, poll_for(two, POLLIN, LONG_MS));
	EXPECT_EQ(0, poll_for(one, POLLIN, 0));
	close(one);
	close(two);
	close(from);
}

/* The port of a connection that the server ended: it is in TIME-WAIT. */
static int time_wait_port(int family, int reuse)
{
	int client = tcp_socket(family);
	int listener = bound_reuse(family, SOCK_STREAM, 0, reuse);
	int port = local_port(listener);
	char byte;
	int fd;

	if (listen(listener, 1) || connect_to(client, "127.0.0.1", port))
		return -1;
	fd = accept(listener, NULL, NULL);
	close(listener);
	close(fd);
	/* The FIN is here, and answered with one. */
	if (recv(client, &byte, 1, 0))
		return -1;
	shutdown(client, SHUT_WR);
	if (!wait_state(client, TCP_CLOSE))
		return -1;
	close(client);
	return port;
}

TEST_F(sock, time_wait_without_reuseaddr)
{
	int port = time_wait_port(self->family, 1);

	ASSERT_LT(0, port);
	EXPECT_ERRNO(EADDRINUSE, bound_reuse(self->family, SOCK_STREAM, port,
					     0));
}

TEST_F(sock, time_wait_with_reuseaddr)
{
	int port = time_wait_port(self->family, 1);
	int fd;

	ASSERT_LT(0, port);
	fd = bound_reuse(self->family, SOCK_STREAM, port, 1);
	ASSERT_LE(0, fd);
	EXPECT_ERRNO(0, listen(fd, 1));
	close(fd);
}

TEST_F(sock, time_wait_at_another_address)
{
	int port = time_wait_port(self->family, 0);
	int fd = tcp_socket(self->family);

	ASSERT_LT(0, port);
	EXPECT_ERRNO(EADDRINUSE, bind_to(fd, "0.0.0.0", port));
	EXPECT_ERRNO(0, bind_to(fd, "127.0.0.2", port));
	close(fd);
}

TEST_F(sock, connection_outlives_its_listener)
{
	struct pair p;
	int port;
	int fd;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	port = local_port(p.listener);
	close(p.listener);
	EXPECT_ERRNO(EADDRINUSE, bound_reuse(self->family, SOCK_STREAM, port,
					     0));
	/* The connection has not set it: one alone does not suffice. */
	EXPECT_ERRNO(EADDRINUSE, bound_reuse(self->family, SOCK_STREAM, port,
					     1));
	ASSERT_OK(set_int(p.server, SOL_SOCKET, SO_REUSEADDR, 1));
	fd = bound_reuse(self->family, SOCK_STREAM, port, 1);
	ASSERT_LE(0, fd);
	EXPECT_ERRNO(0, listen(fd, 1));
	close(fd);
	close(p.client);
	close(p.server);
}

TEST_F(sock, privileged_port)
{
	int tcp = tcp_socket(self->family);
	int udp = udp_socket(self->family);

	EXPECT_ERRNO(0, bind_to(tcp, "127.0.0.1", 1023));
	close(tcp);
	ASSERT_TRUE(drop_privileges());
	tcp = tcp_socket(self->family);
	EXPECT_ERRNO(EACCES, bind_to(tcp, "127.0.0.1", 1023));
	EXPECT_ERRNO(EACCES, bind_to(udp, "127.0.0.1", 1));
	EXPECT_ERRNO(0, bind_to(tcp, "127.0.0.1", 1024));
	EXPECT_ERRNO(0, bind_to(udp, "127.0.0.1", 0));
	close(tcp);
	close(udp);
}

/* What is checked first. */
TEST_F(sock, privileged_port_and_what_else_is_wrong)
{
	int fd;

	ASSERT_TRUE(drop_privileges());
	fd = tcp_socket(self->family);
	EXPECT_ERRNO(EADDRNOTAVAIL, bind_to(fd, FOREIGN, 80));
	ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
	EXPECT_ERRNO(EACCES, bind_to(fd, "127.0.0.1", 80));
	close(fd);
}

TEST_F(sock, privileged_ports_start_elsewhere)
{
	int fd;

	ASSERT_TRUE(own_net());
	ASSERT_TRUE(knob(self->family, "ip_unprivileged_port_start", "80"));
	ASSERT_TRUE(drop_privileges());
	fd = tcp_socket(self->family);
	EXPECT_ERRNO(EACCES, bind_to(fd, "127.0.0.1", 79));
	EXPECT_ERRNO(0, bind_to(fd, "127.0.0.1", 80));
	close(fd);
}

TEST_F(sock, port_range_of_the_namespace)
{
	struct sockaddr_in sin;
	int fds[4];
	int fd;

	ASSERT_TRUE(own_net());
	ASSERT_TRUE(knob(self->family, "ip_local_port_range", "50000 50003"));
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = tcp_socket(self->family);
		ASSERT_OK(bind_to(fds[i], "127.0.0.1", 0));
		EXPECT_LE(50000, local_port(fds[i]));
		EXPECT_GE(50003, local_port(fds[i]));
	}
	fd = tcp_socket(self->family);
	EXPECT_ERRNO(EADDRINUSE, bind_to(fd, "127.0.0.1", 0));
	sin = lo(9);
	EXPECT_ERRNO(EADDRNOTAVAIL, connect(fd, SA(sin)));
	EXPECT_ERRNO(0, bind_to(fd, "127.0.0.1", 50004));
}

TEST_F(sock, reserved_ports_are_for_who_asks)
{
	int fd = -1;

	ASSERT_TRUE(own_net());
	ASSERT_TRUE(knob(self->family, "ip_local_port_range", "50000 50007"));
	ASSERT_TRUE(knob(self->family, "ip_local_reserved_ports",
			 "50000-50004,50006-50007"));
	fd = udp_socket(self->family);
	ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
	EXPECT_EQ(50005, local_port(fd));
	fd = udp_socket(self->family);
	EXPECT_ERRNO(EADDRINUSE, bind_to(fd, "127.0.0.1", 0));
	EXPECT_ERRNO(0, bind_to(fd, "127.0.0.1", 50001));
}

TEST_F(sock, reserved_ports_and_connect)
{
	struct pair p;

	ASSERT_TRUE(own_net());
	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_TRUE(knob(self->family, "ip_local_port_range", "50000 50007"));
	ASSERT_TRUE(knob(self->family, "ip_local_reserved_ports",
			 "50000-50005,50007"));
	close(p.client);
	p.client = tcp_socket(self->family);
	ASSERT_OK(connect_to(p.client, "127.0.0.1", local_port(p.listener)));
	EXPECT_EQ(50006, local_port(p.client));
	pair_close(&p);
}

TEST_F(sock, own_port_range)
{
	int fd;

	for (int i = 0; i < 4; i++) {
		fd = udp_socket(self->family);
		ASSERT_OK(set_int(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE,
				  40003 << 16 | 40000));
		EXPECT_EQ(40003 << 16 | 40000,
			  get_int(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE));
		ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
		EXPECT_LE(40000, local_port(fd));
		EXPECT_GE(40003, local_port(fd));
	}
	fd = udp_socket(self->family);
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE,
			  40003 << 16 | 40000));
	EXPECT_ERRNO(EADDRINUSE, bind_to(fd, "127.0.0.1", 0));
}

TEST_F(sock, own_port_range_and_connect)
{
	struct pair p;

	ASSERT_TRUE(tcp_pair(self->family, &p));
	close(p.client);
	p.client = tcp_socket(self->family);
	ASSERT_OK(set_int(p.client, IPPROTO_IP, IP_LOCAL_PORT_RANGE,
			  40101 << 16 | 40100));
	ASSERT_OK(connect_to(p.client, "127.0.0.1", local_port(p.listener)));
	EXPECT_LE(40100, local_port(p.client));
	EXPECT_GE(40101, local_port(p.client));
	pair_close(&p);
}

/* What lies outside of the namespace's range does not count. */
TEST_F(sock, own_port_range_only_narrows)
{
	int fd = udp_socket(self->family);

	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE,
			  20003 << 16 | 20000));
	ASSERT_OK(bind_to(fd, "127.0.0.1", 0));
	EXPECT_LE(32768, local_port(fd));
	close(fd);
}

TEST_F(sock, own_port_range_values)
{
	int fd = udp_socket(self->family);
	int value = 40000;

	EXPECT_EQ(0, get_int(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE));
	EXPECT_ERRNO(EINVAL, set_int(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE,
				     40000 << 16 | 40001));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE,
					&value, 2));
	EXPECT_ERRNO(0, set_int(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE,
				40000 << 16));
	EXPECT_ERRNO(0, set_int(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, 40000));
	EXPECT_ERRNO(0, set_int(fd, IPPROTO_IP, IP_LOCAL_PORT_RANGE, 0));
	close(fd);
}

TEST_F(sock, bind_address_no_port)
{
	struct pair p;
	int fd = tcp_socket(self->family);

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1));
	ASSERT_OK(bind_to(fd, "127.0.0.3", 0));
	EXPECT_EQ(0, local_port(fd));
	ASSERT_OK(connect_to(fd, "127.0.0.1", local_port(p.listener)));
	EXPECT_LE(32768, local_port(fd));
	close(fd);
	pair_close(&p);
}

TEST_F(sock, bind_address_no_port_but_a_port)
{
	int fd = tcp_socket(self->family);

	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1));
	ASSERT_OK(bind_to(fd, "127.0.0.1", 31002));
	EXPECT_EQ(31002, local_port(fd));
	close(fd);
}

TEST_F(sock, freebind)
{
	int tcp = tcp_socket(self->family);
	int udp = udp_socket(self->family);

	ASSERT_OK(set_int(tcp, IPPROTO_IP, IP_FREEBIND, 1));
	ASSERT_OK(set_int(udp, IPPROTO_IP, IP_FREEBIND, 1));
	EXPECT_ERRNO(0, bind_to(tcp, FOREIGN, 0));
	EXPECT_ERRNO(0, bind_to(udp, FOREIGN, 0));
	EXPECT_ERRNO(0, listen(tcp, 1));
	/* It may listen there; no packet leaves with it. */
	EXPECT_ERRNO(ENETUNREACH, connect_to(udp, "127.0.0.1", 9));
	close(tcp);
	close(udp);
}

TEST_F(sock, stream_bound_to_a_group_connects)
{
	struct pair p;
	int fd = tcp_socket(self->family);

	ASSERT_TRUE(tcp_pair(self->family, &p));
	ASSERT_OK(bind_to(fd, "224.0.0.251", 0));
	/* From an address of this host. */
	EXPECT_ERRNO(0, connect_to(fd, "127.0.0.1", local_port(p.listener)));
	close(fd);
	pair_close(&p);
}

TEST_F(sock, transparent_bind)
{
	int fd = tcp_socket(self->family);

	EXPECT_EQ(0, get_int(fd, IPPROTO_IP, IP_TRANSPARENT));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_TRANSPARENT, 1));
	EXPECT_EQ(1, get_int(fd, IPPROTO_IP, IP_TRANSPARENT));
	EXPECT_ERRNO(0, bind_to(fd, FOREIGN, 0));
	close(fd);
}

TEST_F(sock, transparent_needs_a_capability)
{
	int fd;

	ASSERT_TRUE(drop_privileges());
	fd = tcp_socket(self->family);
	EXPECT_ERRNO(EPERM, set_int(fd, IPPROTO_IP, IP_TRANSPARENT, 1));
	EXPECT_ERRNO(0, set_int(fd, IPPROTO_IP, IP_TRANSPARENT, 0));
	EXPECT_ERRNO(0, set_int(fd, IPPROTO_IP, IP_FREEBIND, 1));
	close(fd);
}

TEST_F(sock, listen_without_bind_chooses_a_port)
{
	int fd = tcp_socket(self->family);

	ASSERT_OK(listen(fd, 1));
	EXPECT_LE(32768, local_port(fd));
	close(fd);
}

TEST_HARNESS_MAIN
