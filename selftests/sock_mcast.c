// SPDX-License-Identifier: GPL-2.0
/*
 * Multicast and broadcast as a program sees them (RFC 1112, 3678): joining and
 * leaving, sources, who hears what, and what is sent where.  What AF_INET does
 * on the same device is what is expected.
 *
 * That something does not arrive is shown by what is sent after it.
 */
#include "kselftest_harness.h"
#include "frames.h"

#define GROUP		"239.1.2.3"
#define OTHER_GROUP	"239.1.2.4"
/* Its MAC address is GROUP's */
#define TWIN_GROUP	"239.129.2.3"
#define THIRD		"10.0.0.3"
#define NOT_OURS	"192.0.2.1"
#define BAD_POINTER	((void *)8)

FIXTURE(mcast) {
	struct wire w;
	int family;
	int fd;
	int port;
};

FIXTURE_VARIANT(mcast) {
	const char *family;
};

FIXTURE_VARIANT_ADD(mcast, inet) {
	.family = "inet",
};

FIXTURE_VARIANT_ADD(mcast, mini) {
	.family = "mini",
};

FIXTURE_SETUP(mcast)
{
	ASSERT_TRUE(wire_open(&self->w, variant->family, false));
	self->family = self->w.family;
	self->fd = udp_bound(self->family, "0.0.0.0");
	ASSERT_LE(0, self->fd);
	self->port = local_port(self->fd);
}

FIXTURE_TEARDOWN(mcast)
{
	close(self->fd);
	wire_close(&self->w);
}

static in_addr_t ip4(const char *text)
{
	return inet_addr(text);
}

static int member(int fd, int name, const char *group, const char *addr,
		  int ifindex)
{
	struct ip_mreqn mreq = {
		.imr_multiaddr.s_addr = ip4(group),
		.imr_address.s_addr = ip4(addr),
		.imr_ifindex = ifindex,
	};

	return setsockopt(fd, IPPROTO_IP, name, &mreq, sizeof(mreq));
}

static int join(int fd, const char *group)
{
	return member(fd, IP_ADD_MEMBERSHIP, group, HOST, 0);
}

static int leave(int fd, const char *group)
{
	return member(fd, IP_DROP_MEMBERSHIP, group, HOST, 0);
}

static int source_on(int fd, int name, const char *group, const char *addr,
		     const char *src)
{
	struct ip_mreq_source mreq = {
		.imr_multiaddr.s_addr = ip4(group),
		.imr_interface.s_addr = ip4(addr),
		.imr_sourceaddr.s_addr = ip4(src),
	};

	return setsockopt(fd, IPPROTO_IP, name, &mreq, sizeof(mreq));
}

static int source(int fd, int name, const char *src)
{
	return source_on(fd, name, GROUP, HOST, src);
}

static int group_req(int fd, int name, const char *group, int ifindex)
{
	struct group_req req = { .gr_interface = ifindex };
	struct sockaddr_in sin = name_of(group, 0);

	memcpy(&req.gr_group, &sin, sizeof(sin));
	return setsockopt(fd, IPPROTO_IP, name, &req, sizeof(req));
}

static int group_source(int fd, int name, const char *group, int ifindex,
			const char *src)
{
	struct group_source_req req = { .gsr_interface = ifindex };
	struct sockaddr_in sin = name_of(group, 0);

	memcpy(&req.gsr_group, &sin, sizeof(sin));
	sin = name_of(src, 0);
	memcpy(&req.gsr_source, &sin, sizeof(sin));
	return setsockopt(fd, IPPROTO_IP, name, &req, sizeof(req));
}

/* IP_MSFILTER with room for @room sources. */
struct msf {
	struct in_addr group;
	struct in_addr iface;
	uint32_t mode;
	uint32_t n;
	in_addr_t src[16];
};

#define MSF_SIZE(n)	(16 + 4 * (n))

static struct msf msf_of(const char *group, const char *addr, int mode, int n)
{
	struct msf m = {
		.group.s_addr = ip4(group),
		.iface.s_addr = ip4(addr),
		.mode = mode,
		.n = n,
	};

	for (int i = 0; i < n && i < 16; i++)
		m.src[i] = htonl(0x0a000002 + i);
	return m;
}

static int msf_set(int fd, const struct msf *m, socklen_t len)
{
	return setsockopt(fd, IPPROTO_IP, IP_MSFILTER, m, len);
}

/* Mode of GROUP's filter, and the number of its sources; -1 */
static int msf_mode(int fd, unsigned int *n)
{
	struct msf m = msf_of(GROUP, HOST, 7, 16);
	socklen_t len = sizeof(m);

	if (getsockopt(fd, IPPROTO_IP, IP_MSFILTER, &m, &len))
		return -1;
	*n = m.n;
	return m.mode;
}

static void mcast_mac(unsigned char *mac, in_addr_t group)
{
	uint32_t v = ntohl(group);

	memcpy(mac, "\x01\x00\x5e", 3);
	mac[3] = v >> 16 & 0x7f;
	mac[4] = v >> 8;
	mac[5] = v;
}

/* A datagram of one octet from @src to a group or a broadcast address. */
static void peer_sends(struct wire *w, const char *src, const char *dst,
		       int port, char octet)
{
	struct packet p;

	make_udp(w, &p, 5000, port, &octet, 1);
	ip_of(&p)->saddr = ip4(src);
	ip_of(&p)->daddr = ip4(dst);
	if (IN_MULTICAST(ntohl(ip4(dst))))
		mcast_mac(eth_of(&p)->h_dest, ip4(dst));
	else
		memset(eth_of(&p)->h_dest, 0xff, ETH_ALEN);
	fix_ip(&p);
	fix_l4(&p);
	wire_send(w, &p);
}

/* What the next datagram says; 0: none came. */
static char heard(int fd)
{
	char octet;

	return recv(fd, &octet, 1, 0) == 1 ? octet : 0;
}

/* Nothing but what is sent now comes: by unicast, after all else. */
static bool heard_nothing(struct wire *w, int fd)
{
	struct packet p;

	make_udp(w, &p, 5000, local_port(fd), "!", 1);
	wire_send(w, &p);
	return heard(fd) == '!';
}

static int bound_share(int family, const char *address, int port)
{
	int fd = udp_socket(family);

	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	timeout_ms(fd, SO_RCVTIMEO, LONG_MS);
	if (bind_to(fd, address, port)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Two sockets of one port; the first is the second's twin. */
static bool two_of_a_port(int family, int fds[2])
{
	fds[0] = bound_share(family, "0.0.0.0", 0);
	fds[1] = bound_share(family, "0.0.0.0", local_port(fds[0]));
	return fds[0] >= 0 && fds[1] >= 0;
}

static ssize_t send_to(int fd, const char *addr, int port, char octet)
{
	struct sockaddr_in sin = name_of(addr, port);

	return sendto(fd, &octet, 1, 0, SA(sin));
}

/* The device lets frames of a group through. */
static bool device_takes(const char *dev, const char *group)
{
	char line[256], name[64], text[64], want[16];
	unsigned char mac[ETH_ALEN];
	bool found = false;
	FILE *f;

	mcast_mac(mac, ip4(group));
	for (int i = 0; i < ETH_ALEN; i++)
		sprintf(want + 2 * i, "%02x", mac[i]);
	f = fopen("/proc/self/net/dev_mcast", "r");
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%*d %63s %*d %*d %63s", name, text) == 2 &&
		    !strcmp(name, dev) && !strcmp(text, want))
			found = true;
	}
	if (f)
		fclose(f);
	return found;
}

static bool limit(int family, const char *name, long value)
{
	char path[128];

	snprintf(path, sizeof(path), "net/%s/%s",
		 family == AF_INET ? "ipv4" : "mini", name);
	return sysctl_set(path, value);
}

/* ---- joining and leaving ---- */

TEST_F(mcast, join_and_leave_by_address)
{
	EXPECT_ERRNO(0, join(self->fd, GROUP));
	EXPECT_ERRNO(0, leave(self->fd, GROUP));
	EXPECT_ERRNO(EADDRNOTAVAIL, leave(self->fd, GROUP));
}

TEST_F(mcast, join_by_index_leave_by_address)
{
	EXPECT_ERRNO(0, member(self->fd, IP_ADD_MEMBERSHIP, GROUP, "0.0.0.0",
			       self->w.ifindex));
	EXPECT_ERRNO(0, leave(self->fd, GROUP));
	EXPECT_ERRNO(0, join(self->fd, GROUP));
	EXPECT_ERRNO(0, member(self->fd, IP_DROP_MEMBERSHIP, GROUP, "0.0.0.0",
			       self->w.ifindex));
}

TEST_F(mcast, join_the_index_counts_more_than_the_address)
{
	EXPECT_ERRNO(0, member(self->fd, IP_ADD_MEMBERSHIP, GROUP, NOT_OURS,
			       self->w.ifindex));
	EXPECT_ERRNO(EADDRINUSE, join(self->fd, GROUP));
}

TEST_F(mcast, join_twice)
{
	EXPECT_ERRNO(0, join(self->fd, GROUP));
	EXPECT_ERRNO(EADDRINUSE, join(self->fd, GROUP));
	EXPECT_ERRNO(EADDRINUSE, group_req(self->fd, MCAST_JOIN_GROUP, GROUP,
					   self->w.ifindex));
	EXPECT_ERRNO(0, join(self->fd, OTHER_GROUP));
}

TEST_F(mcast, join_on_two_devices)
{
	EXPECT_ERRNO(0, join(self->fd, GROUP));
	EXPECT_ERRNO(0, member(self->fd, IP_ADD_MEMBERSHIP, GROUP, "0.0.0.0", 1));
	EXPECT_ERRNO(0, member(self->fd, IP_DROP_MEMBERSHIP, GROUP, "0.0.0.0", 1));
	EXPECT_ERRNO(EADDRNOTAVAIL, member(self->fd, IP_DROP_MEMBERSHIP, GROUP,
					   "127.0.0.1", 0));
	EXPECT_ERRNO(0, leave(self->fd, GROUP));
}

TEST_F(mcast, join_what_is_no_group)
{
	static const char *const addrs[] = {
		"0.0.0.0", "10.0.0.2", "223.255.255.255", "240.0.0.0",
		"255.255.255.255",
	};

	for (size_t i = 0; i < ARRAY_SIZE(addrs); i++) {
		EXPECT_ERRNO(EINVAL, join(self->fd, addrs[i]));
		EXPECT_ERRNO(EADDRNOTAVAIL, leave(self->fd, addrs[i]));
	}
}

TEST_F(mcast, join_without_a_device)
{
	EXPECT_ERRNO(ENODEV, member(self->fd, IP_ADD_MEMBERSHIP, GROUP,
				    "0.0.0.0", 9999));
	EXPECT_ERRNO(ENODEV, member(self->fd, IP_ADD_MEMBERSHIP, GROUP,
				    NOT_OURS, 0));
	/* No route leads there. */
	EXPECT_ERRNO(ENODEV, member(self->fd, IP_ADD_MEMBERSHIP, GROUP,
				    "0.0.0.0", 0));
}

TEST_F(mcast, leave_without_a_device)
{
	EXPECT_ERRNO(0, join(self->fd, GROUP));
	EXPECT_ERRNO(ENODEV, member(self->fd, IP_DROP_MEMBERSHIP, GROUP,
				    "0.0.0.0", 0));
	EXPECT_ERRNO(EADDRNOTAVAIL, member(self->fd, IP_DROP_MEMBERSHIP, GROUP,
					   "0.0.0.0", 9999));
	EXPECT_ERRNO(EADDRNOTAVAIL, member(self->fd, IP_DROP_MEMBERSHIP, GROUP,
					   NOT_OURS, 0));
	EXPECT_ERRNO(0, leave(self->fd, GROUP));
}

TEST_F(mcast, join_lengths)
{
	struct ip_mreqn mreq = {
		.imr_multiaddr.s_addr = ip4(GROUP),
		.imr_address.s_addr = ip4(HOST),
		.imr_ifindex = 9999,
	};

	for (int len = 0; len < 8; len++) {
		EXPECT_ERRNO(EINVAL, setsockopt(self->fd, IPPROTO_IP,
						IP_ADD_MEMBERSHIP, &mreq, len));
		EXPECT_ERRNO(EINVAL, setsockopt(self->fd, IPPROTO_IP,
						IP_DROP_MEMBERSHIP, &mreq,
						len));
	}
	/* Below that of a struct ip_mreqn it is a struct ip_mreq. */
	EXPECT_ERRNO(0, setsockopt(self->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP,
				   &mreq, 11));
	EXPECT_ERRNO(ENODEV, setsockopt(self->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP,
					&mreq, 12));
	EXPECT_ERRNO(0, setsockopt(self->fd, IPPROTO_IP, IP_DROP_MEMBERSHIP,
				   &mreq, 8));
}

TEST_F(mcast, join_bad_pointer)
{
	static const int names[] = {
		IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP, MCAST_JOIN_GROUP,
		MCAST_LEAVE_GROUP, MCAST_JOIN_SOURCE_GROUP, MCAST_BLOCK_SOURCE,
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		EXPECT_ERRNO(EFAULT, setsockopt(self->fd, IPPROTO_IP, names[i],
						BAD_POINTER, 264));
	EXPECT_ERRNO(EFAULT, setsockopt(self->fd, IPPROTO_IP, IP_BLOCK_SOURCE,
					BAD_POINTER, 12));
}

TEST_F(mcast, join_of_a_stream)
{
	int fd = tcp_socket(self->family);

	EXPECT_ERRNO(EPROTO, join(fd, GROUP));
	EXPECT_ERRNO(EPROTO, leave(fd, GROUP));
	close(fd);
}

TEST_F(mcast, join_more_than_the_limit)
{
	ASSERT_TRUE(limit(self->family, "igmp_max_memberships", 2));
	EXPECT_ERRNO(0, join(self->fd, "239.1.0.1"));
	EXPECT_ERRNO(0, join(self->fd, "239.1.0.2"));
	EXPECT_ERRNO(ENOBUFS, join(self->fd, "239.1.0.3"));
	EXPECT_ERRNO(ENOBUFS, source(self->fd, IP_ADD_SOURCE_MEMBERSHIP, PEER));
	EXPECT_ERRNO(EADDRINUSE, join(self->fd, "239.1.0.2"));
	EXPECT_ERRNO(0, leave(self->fd, "239.1.0.1"));
	EXPECT_ERRNO(0, join(self->fd, "239.1.0.3"));
}

TEST_F(mcast, join_the_default_limit)
{
	char group[32];

	for (int i = 0; i < 20; i++) {
		snprintf(group, sizeof(group), "239.1.0.%d", i);
		EXPECT_ERRNO(0, join(self->fd, group));
	}
	EXPECT_ERRNO(ENOBUFS, join(self->fd, GROUP));
}

TEST_F(mcast, getsockopt_of_a_membership)
{
	char buf[256] = {};
	socklen_t len = sizeof(buf);

	EXPECT_ERRNO(ENOPROTOOPT, getsockopt(self->fd, IPPROTO_IP,
					     IP_ADD_MEMBERSHIP, buf, &len));
	EXPECT_ERRNO(ENOPROTOOPT, getsockopt(self->fd, IPPROTO_IP,
					     MCAST_JOIN_GROUP, buf, &len));
}

TEST_F(mcast, group_req_errors)
{
	struct group_req req = { .gr_interface = self->w.ifindex };
	struct sockaddr_in sin = name_of(GROUP, 0);

	memcpy(&req.gr_group, &sin, sizeof(sin));
	EXPECT_ERRNO(EINVAL, setsockopt(self->fd, IPPROTO_IP, MCAST_JOIN_GROUP,
					&req, sizeof(req) - 1));
	EXPECT_ERRNO(EINVAL, setsockopt(self->fd, IPPROTO_IP, MCAST_JOIN_GROUP,
					&req, 0));
	req.gr_group.ss_family = AF_INET6;
	EXPECT_ERRNO(EINVAL, setsockopt(self->fd, IPPROTO_IP, MCAST_JOIN_GROUP,
					&req, sizeof(req)));
	EXPECT_ERRNO(EINVAL, setsockopt(self->fd, IPPROTO_IP, MCAST_LEAVE_GROUP,
					&req, sizeof(req)));
	EXPECT_ERRNO(EINVAL, group_req(self->fd, MCAST_JOIN_GROUP, PEER,
				       self->w.ifindex));
	EXPECT_ERRNO(ENODEV, group_req(self->fd, MCAST_JOIN_GROUP, GROUP, 9999));
	EXPECT_ERRNO(ENODEV, group_req(self->fd, MCAST_JOIN_GROUP, GROUP, 0));
	EXPECT_ERRNO(EADDRNOTAVAIL, group_req(self->fd, MCAST_LEAVE_GROUP, GROUP,
					      self->w.ifindex));
}

TEST_F(mcast, group_req_and_mreq_are_one)
{
	EXPECT_ERRNO(0, group_req(self->fd, MCAST_JOIN_GROUP, GROUP,
				  self->w.ifindex));
	EXPECT_ERRNO(EADDRINUSE, join(self->fd, GROUP));
	EXPECT_ERRNO(0, leave(self->fd, GROUP));
	EXPECT_ERRNO(0, join(self->fd, GROUP));
	EXPECT_ERRNO(0, group_req(self->fd, MCAST_LEAVE_GROUP, GROUP,
				  self->w.ifindex));
}

/* ---- sources ---- */

TEST_F(mcast, source_of_who_is_no_member)
{
	static const int names[] = {
		IP_DROP_SOURCE_MEMBERSHIP, IP_BLOCK_SOURCE, IP_UNBLOCK_SOURCE,
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		EXPECT_ERRNO(EINVAL, source(self->fd, names[i], PEER));
		EXPECT_ERRNO(EINVAL, source_on(self->fd, names[i], PEER, HOST,
					       PEER));
		EXPECT_ERRNO(ENODEV, source_on(self->fd, names[i], GROUP,
					       NOT_OURS, PEER));
	}
	EXPECT_ERRNO(EINVAL, source_on(self->fd, IP_ADD_SOURCE_MEMBERSHIP, PEER,
				       HOST, PEER));
	EXPECT_ERRNO(ENODEV, source_on(self->fd, IP_ADD_SOURCE_MEMBERSHIP,
				       GROUP, NOT_OURS, PEER));
}

TEST_F(mcast, source_lengths)
{
	char buf[32] = {};

	for (int name = IP_UNBLOCK_SOURCE; name <= IP_DROP_SOURCE_MEMBERSHIP;
	     name++) {
		EXPECT_ERRNO(EINVAL, setsockopt(self->fd, IPPROTO_IP, name, buf,
						11));
		EXPECT_ERRNO(EINVAL, setsockopt(self->fd, IPPROTO_IP, name, buf,
						13));
	}
}

TEST_F(mcast, source_blocked_and_unblocked)
{
	unsigned int n;

	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_ERRNO(0, source(self->fd, IP_BLOCK_SOURCE, PEER));
	EXPECT_ERRNO(EADDRNOTAVAIL, source(self->fd, IP_BLOCK_SOURCE, PEER));
	EXPECT_ERRNO(0, source(self->fd, IP_BLOCK_SOURCE, THIRD));
	EXPECT_EQ(MCAST_EXCLUDE, msf_mode(self->fd, &n));
	EXPECT_EQ(2, n);
	EXPECT_ERRNO(0, source(self->fd, IP_UNBLOCK_SOURCE, PEER));
	EXPECT_ERRNO(EADDRNOTAVAIL, source(self->fd, IP_UNBLOCK_SOURCE, PEER));
	EXPECT_ERRNO(0, source(self->fd, IP_UNBLOCK_SOURCE, THIRD));
	EXPECT_EQ(MCAST_EXCLUDE, msf_mode(self->fd, &n));
	EXPECT_EQ(0, n);
}

TEST_F(mcast, source_joined_and_left)
{
	unsigned int n;

	EXPECT_ERRNO(0, source(self->fd, IP_ADD_SOURCE_MEMBERSHIP, PEER));
	EXPECT_EQ(MCAST_INCLUDE, msf_mode(self->fd, &n));
	EXPECT_EQ(1, n);
	EXPECT_ERRNO(EADDRNOTAVAIL, source(self->fd, IP_ADD_SOURCE_MEMBERSHIP,
					   PEER));
	EXPECT_ERRNO(EADDRINUSE, join(self->fd, GROUP));
	EXPECT_ERRNO(0, source(self->fd, IP_ADD_SOURCE_MEMBERSHIP, THIRD));
	EXPECT_ERRNO(0, source(self->fd, IP_DROP_SOURCE_MEMBERSHIP, PEER));
	EXPECT_ERRNO(EADDRNOTAVAIL, source(self->fd, IP_DROP_SOURCE_MEMBERSHIP,
					   PEER));
	/* The last one ends the membership. */
	EXPECT_ERRNO(0, source(self->fd, IP_DROP_SOURCE_MEMBERSHIP, THIRD));
	EXPECT_ERRNO(EINVAL, source(self->fd, IP_DROP_SOURCE_MEMBERSHIP,
				    THIRD));
	EXPECT_ERRNO(EADDRNOTAVAIL, leave(self->fd, GROUP));
}

TEST_F(mcast, source_modes_do_not_mix)
{
	ASSERT_OK(join(self->fd, GROUP));
	ASSERT_OK(source(self->fd, IP_BLOCK_SOURCE, PEER));
	EXPECT_ERRNO(EINVAL, source(self->fd, IP_ADD_SOURCE_MEMBERSHIP, THIRD));
	EXPECT_ERRNO(EINVAL, source(self->fd, IP_DROP_SOURCE_MEMBERSHIP, PEER));
	ASSERT_OK(leave(self->fd, GROUP));
	ASSERT_OK(source(self->fd, IP_ADD_SOURCE_MEMBERSHIP, PEER));
	EXPECT_ERRNO(EINVAL, source(self->fd, IP_BLOCK_SOURCE, THIRD));
	EXPECT_ERRNO(EINVAL, source(self->fd, IP_UNBLOCK_SOURCE, PEER));
}

TEST_F(mcast, source_of_who_heard_all)
{
	unsigned int n;

	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_ERRNO(0, source(self->fd, IP_ADD_SOURCE_MEMBERSHIP, PEER));
	EXPECT_EQ(MCAST_INCLUDE, msf_mode(self->fd, &n));
	EXPECT_EQ(1, n);
	EXPECT_ERRNO(0, leave(self->fd, GROUP));
}

TEST_F(mcast, source_more_than_the_limit)
{
	ASSERT_TRUE(limit(self->family, "igmp_max_msf", 2));
	ASSERT_OK(source(self->fd, IP_ADD_SOURCE_MEMBERSHIP, "10.0.0.8"));
	ASSERT_OK(source(self->fd, IP_ADD_SOURCE_MEMBERSHIP, "10.0.0.9"));
	EXPECT_ERRNO(ENOBUFS, source(self->fd, IP_ADD_SOURCE_MEMBERSHIP,
				     "10.0.0.10"));
}

TEST_F(mcast, group_source_errors)
{
	struct group_source_req req = { .gsr_interface = self->w.ifindex };
	struct sockaddr_in sin = name_of(GROUP, 0);

	for (int name = MCAST_BLOCK_SOURCE; name <= MCAST_LEAVE_SOURCE_GROUP;
	     name++) {
		if (name == MCAST_LEAVE_GROUP)
			continue;
		memcpy(&req.gsr_group, &sin, sizeof(sin));
		memcpy(&req.gsr_source, &sin, sizeof(sin));
		EXPECT_ERRNO(EINVAL, setsockopt(self->fd, IPPROTO_IP, name,
						&req, sizeof(req) - 1));
		req.gsr_source.ss_family = AF_INET6;
		EXPECT_ERRNO(EADDRNOTAVAIL, setsockopt(self->fd, IPPROTO_IP,
						       name, &req,
						       sizeof(req)));
		req.gsr_source.ss_family = AF_INET;
		req.gsr_group.ss_family = AF_UNSPEC;
		EXPECT_ERRNO(EADDRNOTAVAIL, setsockopt(self->fd, IPPROTO_IP,
						       name, &req,
						       sizeof(req)));
		EXPECT_ERRNO(ENODEV, group_source(self->fd, name, GROUP, 9999,
						  PEER));
	}
}

TEST_F(mcast, group_source_all_four)
{
	int i = self->w.ifindex;

	EXPECT_ERRNO(0, group_source(self->fd, MCAST_JOIN_SOURCE_GROUP, GROUP,
				     i, PEER));
	EXPECT_ERRNO(EADDRNOTAVAIL, group_source(self->fd,
						 MCAST_JOIN_SOURCE_GROUP, GROUP,
						 i, PEER));
	EXPECT_ERRNO(0, group_source(self->fd, MCAST_LEAVE_SOURCE_GROUP, GROUP,
				     i, PEER));
	EXPECT_ERRNO(EINVAL, group_source(self->fd, MCAST_BLOCK_SOURCE, GROUP,
					  i, PEER));
	ASSERT_OK(group_req(self->fd, MCAST_JOIN_GROUP, GROUP, i));
	EXPECT_ERRNO(0, group_source(self->fd, MCAST_BLOCK_SOURCE, GROUP, i,
				     PEER));
	EXPECT_ERRNO(0, group_source(self->fd, MCAST_UNBLOCK_SOURCE, GROUP, i,
				     PEER));
	EXPECT_ERRNO(EADDRNOTAVAIL, group_source(self->fd, MCAST_UNBLOCK_SOURCE,
						 GROUP, i, PEER));
}

/* ---- filters as a whole ---- */

TEST_F(mcast, msfilter_set_and_read)
{
	struct msf m = msf_of(GROUP, HOST, MCAST_INCLUDE, 3);
	struct msf r = msf_of(GROUP, HOST, 7, 16);
	socklen_t len = sizeof(r);

	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_ERRNO(0, msf_set(self->fd, &m, MSF_SIZE(3)));
	ASSERT_OK(getsockopt(self->fd, IPPROTO_IP, IP_MSFILTER, &r, &len));
	EXPECT_EQ(MSF_SIZE(3), len);
	EXPECT_EQ(MCAST_INCLUDE, r.mode);
	EXPECT_EQ(3, r.n);
	EXPECT_EQ(0, memcmp(m.src, r.src, 12));
	/* The other mode takes its place at once. */
	m = msf_of(GROUP, HOST, MCAST_EXCLUDE, 1);
	EXPECT_ERRNO(0, msf_set(self->fd, &m, MSF_SIZE(1)));
	EXPECT_EQ(MCAST_EXCLUDE, msf_mode(self->fd, &r.n));
	EXPECT_EQ(1, r.n);
}

TEST_F(mcast, msfilter_less_room_than_sources)
{
	struct msf m = msf_of(GROUP, HOST, MCAST_EXCLUDE, 3);
	struct msf r = msf_of(GROUP, HOST, 7, 2);
	socklen_t len = sizeof(r);

	ASSERT_OK(join(self->fd, GROUP));
	ASSERT_OK(msf_set(self->fd, &m, MSF_SIZE(3)));
	r.src[2] = 77;
	ASSERT_OK(getsockopt(self->fd, IPPROTO_IP, IP_MSFILTER, &r, &len));
	EXPECT_EQ(3, r.n);
	EXPECT_EQ(MSF_SIZE(2), len);
	EXPECT_EQ(m.src[1], r.src[1]);
	EXPECT_EQ(77, r.src[2]);
}

TEST_F(mcast, msfilter_set_errors)
{
	struct msf m = msf_of(GROUP, HOST, MCAST_EXCLUDE, 2);

	EXPECT_ERRNO(EINVAL, msf_set(self->fd, &m, MSF_SIZE(2)));
	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_ERRNO(EINVAL, msf_set(self->fd, &m, 15));
	EXPECT_ERRNO(EINVAL, msf_set(self->fd, &m, MSF_SIZE(1)));
	m.mode = 2;
	EXPECT_ERRNO(EINVAL, msf_set(self->fd, &m, MSF_SIZE(2)));
	m = msf_of(PEER, HOST, MCAST_EXCLUDE, 2);
	EXPECT_ERRNO(EINVAL, msf_set(self->fd, &m, MSF_SIZE(2)));
	m = msf_of(GROUP, NOT_OURS, MCAST_EXCLUDE, 2);
	EXPECT_ERRNO(ENODEV, msf_set(self->fd, &m, MSF_SIZE(2)));
	m = msf_of(GROUP, HOST, MCAST_EXCLUDE, 11);
	EXPECT_ERRNO(ENOBUFS, msf_set(self->fd, &m, MSF_SIZE(11)));
	m.n = 0x7fffffff;
	EXPECT_ERRNO(ENOBUFS, msf_set(self->fd, &m, sizeof(m)));
}

TEST_F(mcast, msfilter_of_nobody_leaves)
{
	struct msf m = msf_of(GROUP, HOST, MCAST_INCLUDE, 0);

	EXPECT_ERRNO(EADDRNOTAVAIL, msf_set(self->fd, &m, MSF_SIZE(0)));
	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_ERRNO(0, msf_set(self->fd, &m, MSF_SIZE(0)));
	EXPECT_ERRNO(EADDRNOTAVAIL, leave(self->fd, GROUP));
}

TEST_F(mcast, msfilter_read_errors)
{
	struct msf m = msf_of(GROUP, HOST, 7, 2);
	socklen_t len = sizeof(m);

	EXPECT_ERRNO(EADDRNOTAVAIL, getsockopt(self->fd, IPPROTO_IP, IP_MSFILTER,
					       &m, &len));
	len = 15;
	EXPECT_ERRNO(EINVAL, getsockopt(self->fd, IPPROTO_IP, IP_MSFILTER, &m,
					&len));
	len = sizeof(m);
	m = msf_of(PEER, HOST, 7, 2);
	EXPECT_ERRNO(EINVAL, getsockopt(self->fd, IPPROTO_IP, IP_MSFILTER, &m,
					&len));
	m = msf_of(GROUP, NOT_OURS, 7, 2);
	EXPECT_ERRNO(ENODEV, getsockopt(self->fd, IPPROTO_IP, IP_MSFILTER, &m,
					&len));
	EXPECT_ERRNO(EFAULT, getsockopt(self->fd, IPPROTO_IP, IP_MSFILTER,
					BAD_POINTER, &len));
}

struct gf {
	struct group_filter f;
	struct sockaddr_storage more[3];
};

static struct gf gf_of(int ifindex, int mode, int n)
{
	struct gf g = {
		.f = {
			.gf_interface = ifindex,
			.gf_fmode = mode,
			.gf_numsrc = n,
		},
	};
	struct sockaddr_storage *ss = (void *)g.f.gf_slist;
	struct sockaddr_in sin = name_of(GROUP, 0);

	memcpy(&g.f.gf_group, &sin, sizeof(sin));
	for (int i = 0; i < n && i < 4; i++) {
		sin.sin_addr.s_addr = htonl(0x0a000002 + i);
		memcpy(&ss[i], &sin, sizeof(sin));
	}
	return g;
}

TEST_F(mcast, group_filter_set_and_read)
{
	struct gf g = gf_of(self->w.ifindex, MCAST_EXCLUDE, 2);
	struct gf r = gf_of(self->w.ifindex, 7, 4);
	socklen_t len = sizeof(r);

	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_ERRNO(0, setsockopt(self->fd, IPPROTO_IP, MCAST_MSFILTER, &g,
				   GROUP_FILTER_SIZE(2)));
	ASSERT_OK(getsockopt(self->fd, IPPROTO_IP, MCAST_MSFILTER, &r, &len));
	EXPECT_EQ(GROUP_FILTER_SIZE(2), len);
	EXPECT_EQ(MCAST_EXCLUDE, r.f.gf_fmode);
	EXPECT_EQ(2, r.f.gf_numsrc);
	for (int i = 0; i < 2; i++)
		EXPECT_EQ(0, memcmp(&g.f.gf_slist[i], &r.f.gf_slist[i], 8));
}

TEST_F(mcast, group_filter_errors)
{
	struct gf g = gf_of(self->w.ifindex, MCAST_EXCLUDE, 2);
	socklen_t len = sizeof(g);

	EXPECT_ERRNO(EINVAL, setsockopt(self->fd, IPPROTO_IP, MCAST_MSFILTER,
					&g, GROUP_FILTER_SIZE(2)));
	EXPECT_ERRNO(EADDRNOTAVAIL, getsockopt(self->fd, IPPROTO_IP,
					       MCAST_MSFILTER, &g, &len));
	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_ERRNO(EINVAL, setsockopt(self->fd, IPPROTO_IP, MCAST_MSFILTER,
					&g, GROUP_FILTER_SIZE(0) - 1));
	EXPECT_ERRNO(EINVAL, setsockopt(self->fd, IPPROTO_IP, MCAST_MSFILTER,
					&g, GROUP_FILTER_SIZE(1)));
	g.f.gf_slist[0].ss_family = AF_INET6;
	EXPECT_ERRNO(EADDRNOTAVAIL, setsockopt(self->fd, IPPROTO_IP,
					       MCAST_MSFILTER, &g,
					       GROUP_FILTER_SIZE(2)));
	g = gf_of(self->w.ifindex, MCAST_EXCLUDE, 11);
	EXPECT_ERRNO(ENOBUFS, setsockopt(self->fd, IPPROTO_IP, MCAST_MSFILTER,
					 &g, sizeof(g)));
	g = gf_of(9999, MCAST_EXCLUDE, 1);
	EXPECT_ERRNO(ENODEV, setsockopt(self->fd, IPPROTO_IP, MCAST_MSFILTER,
					&g, GROUP_FILTER_SIZE(1)));
	EXPECT_ERRNO(EADDRNOTAVAIL, getsockopt(self->fd, IPPROTO_IP,
					       MCAST_MSFILTER, &g, &len));
	len = GROUP_FILTER_SIZE(0) - 1;
	EXPECT_ERRNO(EINVAL, getsockopt(self->fd, IPPROTO_IP, MCAST_MSFILTER,
					&g, &len));
}

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
