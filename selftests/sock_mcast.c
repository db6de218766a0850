// SPDX-License-Identifier: GPL-2.0
/*
 * Groups as a program joins and leaves them (RFC 1112, 3678): memberships,
 * their sources, filters, and devices that go and come back.  What AF_INET
 * does on the same device is what is expected.
 */
#include "mcast.h"

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

/* ---- devices that go and come back ---- */

/*
 * The device's stack loses it and gets it back: it goes down and up, or is
 * detached and attached.
 */
enum way_off { DOWN, DETACHED };

/* Linux's devices cannot be detached. */
static int ways_off(int family)
{
	return family == AF_INET ? 1 : 2;
}

static bool device_flags(struct wire *w, short on, short off)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct ifreq ifr = {};
	bool ok;

	strcpy(ifr.ifr_name, w->name);
	ok = !ioctl(fd, SIOCGIFFLAGS, &ifr);
	ifr.ifr_flags = (ifr.ifr_flags | on) & ~off;
	ok = ok && !ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
	return ok;
}

static bool detach(struct wire *w)
{
	int fd = genl_open(), err;
	struct request r;

	request_init(&r, genl_family(fd), MINI_CMD_DEV_DETACH, 0);
	put_u32(&r, MINI_A_DEV_IFINDEX, w->ifindex);
	err = talk(fd, &r, NULL, NULL);
	close(fd);
	return !err;
}

static bool goes(struct wire *w, enum way_off way)
{
	return way == DETACHED ? detach(w) : device_flags(w, 0, IFF_UP);
}

static bool comes_back(struct wire *w, enum way_off way)
{
	return way == DETACHED ? wire_to_mini(w) : device_flags(w, IFF_UP, 0);
}

TEST_F(mcast, device_back_and_heard)
{
	ASSERT_OK(join(self->fd, GROUP));
	ASSERT_OK(member(self->fd, IP_ADD_MEMBERSHIP, OTHER_GROUP, "0.0.0.0",
			 self->w.ifindex));
	for (int way = 0; way < ways_off(self->family); way++) {
		ASSERT_TRUE(goes(&self->w, way));
		ASSERT_TRUE(comes_back(&self->w, way));
		EXPECT_TRUE(device_takes("tap0", GROUP));
		EXPECT_TRUE(device_takes("tap0", OTHER_GROUP));
		peer_sends(&self->w, PEER, GROUP, self->port, 'g');
		EXPECT_EQ('g', heard(self->fd));
		peer_sends(&self->w, PEER, OTHER_GROUP, self->port, 'o');
		EXPECT_EQ('o', heard(self->fd));
	}
}

TEST_F(mcast, device_back_and_left)
{
	for (int way = 0; way < ways_off(self->family); way++) {
		ASSERT_OK(join(self->fd, GROUP));
		ASSERT_TRUE(goes(&self->w, way));
		ASSERT_TRUE(comes_back(&self->w, way));
		EXPECT_ERRNO(EADDRINUSE, join(self->fd, GROUP));
		EXPECT_ERRNO(0, leave(self->fd, GROUP));
		EXPECT_FALSE(device_takes("tap0", GROUP));
		EXPECT_ERRNO(EADDRNOTAVAIL, leave(self->fd, GROUP));
		peer_sends(&self->w, PEER, GROUP, self->port, 'g');
		EXPECT_TRUE(heard_nothing(&self->w, self->fd));
	}
}

TEST_F(mcast, device_back_with_its_sources)
{
	ASSERT_OK(source(self->fd, IP_ADD_SOURCE_MEMBERSHIP, PEER));
	for (int way = 0; way < ways_off(self->family); way++) {
		ASSERT_TRUE(goes(&self->w, way));
		ASSERT_TRUE(comes_back(&self->w, way));
		peer_sends(&self->w, THIRD, GROUP, self->port, 't');
		peer_sends(&self->w, PEER, GROUP, self->port, 'g');
		EXPECT_EQ('g', heard(self->fd));
	}
}

TEST_F(mcast, device_gone_and_left_meanwhile)
{
	for (int way = 0; way < ways_off(self->family); way++) {
		ASSERT_OK(member(self->fd, IP_ADD_MEMBERSHIP, GROUP, "0.0.0.0",
				 self->w.ifindex));
		ASSERT_TRUE(goes(&self->w, way));
		EXPECT_ERRNO(0, member(self->fd, IP_DROP_MEMBERSHIP, GROUP,
				       "0.0.0.0", self->w.ifindex));
		ASSERT_TRUE(comes_back(&self->w, way));
		EXPECT_FALSE(device_takes("tap0", GROUP));
		peer_sends(&self->w, PEER, GROUP, self->port, 'g');
		EXPECT_TRUE(heard_nothing(&self->w, self->fd));
	}
}

TEST_F(mcast, device_gone_and_closed_meanwhile)
{
	int fd;

	ASSERT_OK(join(self->fd, GROUP));
	for (int way = 0; way < ways_off(self->family); way++) {
		fd = udp_socket(self->family);
		ASSERT_OK(join(fd, GROUP));
		ASSERT_OK(join(fd, OTHER_GROUP));
		ASSERT_TRUE(goes(&self->w, way));
		close(fd);
		ASSERT_TRUE(comes_back(&self->w, way));
		EXPECT_TRUE(device_takes("tap0", GROUP));
		EXPECT_FALSE(device_takes("tap0", OTHER_GROUP));
		peer_sends(&self->w, PEER, GROUP, self->port, 'g');
		EXPECT_EQ('g', heard(self->fd));
	}
}

TEST_F(mcast, device_renamed)
{
	struct ifreq ifr = {};
	int fd;

	ASSERT_OK(join(self->fd, GROUP));
	ASSERT_TRUE(device_flags(&self->w, 0, IFF_UP));
	strcpy(ifr.ifr_name, self->w.name);
	strcpy(ifr.ifr_newname, "other0");
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ASSERT_OK(ioctl(fd, SIOCSIFNAME, &ifr));
	close(fd);
	strcpy(self->w.name, "other0");
	ASSERT_TRUE(device_flags(&self->w, IFF_UP, 0));
	EXPECT_TRUE(device_takes("other0", GROUP));
	peer_sends(&self->w, PEER, GROUP, self->port, 'g');
	EXPECT_EQ('g', heard(self->fd));
	EXPECT_ERRNO(0, leave(self->fd, GROUP));
	EXPECT_FALSE(device_takes("other0", GROUP));
}

TEST_HARNESS_MAIN
