// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: names as programs write them, and control messages.
 */
#include <kunit/test.h>
#include <linux/socket.h>

#include "kunit.h"
#include "sock.h"

struct mini_sock_test {
	struct mini_net mn;
	struct mini_sock ms;
};

static int mini_sock_test_init(struct kunit *test)
{
	struct mini_sock_test *t;

	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	t->mn.sysctl.ip_default_ttl = 64;
	t->ms.mn = &t->mn;
	t->ms.domain = AF_INET;
	t->ms.ttl = -1;
	test->priv = t;
	return 0;
}

static struct sockaddr_in mini_test_name(u16 family, u32 addr, u16 port)
{
	struct sockaddr_in sin = {
		.sin_family = family,
		.sin_addr.s_addr = htonl(addr),
		.sin_port = htons(port),
	};

	return sin;
}

static void mini_name_from_user__inet(struct kunit *test)
{
	struct mini_sock_test *t = test->priv;
	struct sockaddr_in sin = mini_test_name(AF_INET, 0x0a000001, 80);
	struct in6_addr addr;
	__be16 port;

	KUNIT_EXPECT_EQ(test, 0, mini_name_from_user(&t->ms, &sin, sizeof(sin),
						     &addr, &port));
	KUNIT_EXPECT_TRUE(test, mini_addr_is_v4(&addr));
	KUNIT_EXPECT_EQ(test, 0x0a000001u, ntohl(mini_addr_v4(&addr)));
	KUNIT_EXPECT_EQ(test, 80, ntohs(port));
}

static void mini_name_from_user__own_family(struct kunit *test)
{
	struct mini_sock_test *t = test->priv;
	struct sockaddr_in sin = mini_test_name(mini_family, 0x7f000001, 7);
	struct in6_addr addr;
	__be16 port;

	KUNIT_EXPECT_EQ(test, 0, mini_name_from_user(&t->ms, &sin, sizeof(sin),
						     &addr, &port));
}

static void mini_name_from_user__any_is_zero(struct kunit *test)
{
	struct mini_sock_test *t = test->priv;
	struct sockaddr_in sin = mini_test_name(AF_INET, INADDR_ANY, 7);
	struct in6_addr addr;
	__be16 port;

	KUNIT_EXPECT_EQ(test, 0, mini_name_from_user(&t->ms, &sin, sizeof(sin),
						     &addr, &port));
	KUNIT_EXPECT_TRUE(test, ipv6_addr_any(&addr));
}

static void mini_name_from_user__refused(struct kunit *test)
{
	struct mini_sock_test *t = test->priv;
	struct sockaddr_in sin = mini_test_name(AF_INET6, 0x0a000001, 80);
	struct in6_addr addr;
	__be16 port;

	KUNIT_EXPECT_EQ(test, -EAFNOSUPPORT,
			mini_name_from_user(&t->ms, &sin, sizeof(sin), &addr,
					    &port));
	sin.sin_family = AF_INET;
	KUNIT_EXPECT_EQ(test, -EINVAL,
			mini_name_from_user(&t->ms, &sin, sizeof(sin) - 1,
					    &addr, &port));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			mini_name_from_user(&t->ms, &sin, -1, &addr, &port));
}

static void mini_name_to_user__padding_is_zero(struct kunit *test)
{
	struct mini_sock_test *t = test->priv;
	struct sockaddr_in want = mini_test_name(AF_INET, 0x0a000001, 80);
	struct sockaddr_storage got;
	struct in6_addr addr;

	memset(&got, 0xff, sizeof(got));
	mini_addr_set_v4(&addr, htonl(0x0a000001));
	KUNIT_EXPECT_EQ(test, (int)sizeof(want),
			mini_name_to_user(&t->ms, &addr, htons(80), &got));
	KUNIT_EXPECT_EQ(test, 0, memcmp(&got, &want, sizeof(want)));
}

static void mini_sk_dest__any_is_this_host(struct kunit *test)
{
	struct mini_sock_test *t = test->priv;
	struct in6_addr addr = in6addr_any;

	mini_sk_dest(&t->ms, &addr);
	KUNIT_EXPECT_EQ(test, INADDR_LOOPBACK, ntohl(mini_addr_v4(&addr)));

	mini_addr_set_v4(&t->ms.conn.tuple.laddr, htonl(0x0a000001));
	addr = in6addr_any;
	mini_sk_dest(&t->ms, &addr);
	KUNIT_EXPECT_EQ(test, 0x0a000001u, ntohl(mini_addr_v4(&addr)));
}

static int mini_test_cmsg(struct mini_sock_test *t, int level, int type,
			  const void *data, size_t len, struct mini_cmsg *cm)
{
	union {
		struct cmsghdr hdr;
		u8 room[CMSG_SPACE(64)];
	} buf = {};
	struct msghdr msg = {
		.msg_control = &buf,
		.msg_controllen = CMSG_LEN(len),
	};

	buf.hdr.cmsg_level = level;
	buf.hdr.cmsg_type = type;
	buf.hdr.cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(&buf.hdr), data, len);
	return mini_cmsg_send(&t->ms, &msg, cm);
}

static void mini_cmsg_send__defaults(struct kunit *test)
{
	struct mini_sock_test *t = test->priv;
	struct msghdr msg = {};
	struct mini_cmsg cm;

	t->ms.tos = 0x10;
	KUNIT_EXPECT_EQ(test, 0, mini_cmsg_send(&t->ms, &msg, &cm));
	KUNIT_EXPECT_EQ(test, 64, cm.ttl);
	KUNIT_EXPECT_EQ(test, 0x10, cm.tos);
	KUNIT_EXPECT_TRUE(test, ipv6_addr_any(&cm.src));
}

static void mini_cmsg_send__pktinfo(struct kunit *test)
{
	struct mini_sock_test *t = test->priv;
	struct in_pktinfo info = {
		.ipi_ifindex = 3,
		.ipi_spec_dst.s_addr = htonl(0x0a000001),
	};
	struct mini_cmsg cm;

	KUNIT_EXPECT_EQ(test, 0, mini_test_cmsg(t, SOL_IP, IP_PKTINFO, &info,
						sizeof(info), &cm));
	KUNIT_EXPECT_EQ(test, 3, cm.oif);
	KUNIT_EXPECT_EQ(test, 0x0a000001u, ntohl(mini_addr_v4(&cm.src)));
	KUNIT_EXPECT_EQ(test, -EINVAL,
			mini_test_cmsg(t, SOL_IP, IP_PKTINFO, &info,
				       sizeof(info) - 4, &cm));
	info.ipi_ifindex = -1;
	KUNIT_EXPECT_EQ(test, -ENODEV,
			mini_test_cmsg(t, SOL_IP, IP_PKTINFO, &info,
				       sizeof(info), &cm));
}

static void mini_cmsg_send__ttl(struct kunit *test)
{
	static const struct {
		int val;
		int ret;
	} cases[] = {
		{ 1, 0 }, { 255, 0 }, { 0, -EINVAL }, { 256, -EINVAL },
		{ -1, -EINVAL },
	};
	struct mini_sock_test *t = test->priv;
	struct mini_cmsg cm;
	int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		KUNIT_EXPECT_EQ(test, cases[i].ret,
				mini_test_cmsg(t, SOL_IP, IP_TTL, &cases[i].val,
					       sizeof(int), &cm));
		if (!cases[i].ret)
			KUNIT_EXPECT_EQ(test, cases[i].val, cm.ttl);
	}
}

static void mini_cmsg_send__unknown(struct kunit *test)
{
	struct mini_sock_test *t = test->priv;
	struct mini_cmsg cm;
	int val = 1;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			mini_test_cmsg(t, SOL_IP, 9999, &val, sizeof(val),
				       &cm));
	/* Another level's are for others to read. */
	KUNIT_EXPECT_EQ(test, 0, mini_test_cmsg(t, SOL_TCP, 1, &val,
						sizeof(val), &cm));
}

static struct kunit_case mini_sock_test_cases[] = {
	KUNIT_CASE(mini_name_from_user__inet),
	KUNIT_CASE(mini_name_from_user__own_family),
	KUNIT_CASE(mini_name_from_user__any_is_zero),
	KUNIT_CASE(mini_name_from_user__refused),
	KUNIT_CASE(mini_name_to_user__padding_is_zero),
	KUNIT_CASE(mini_sk_dest__any_is_this_host),
	KUNIT_CASE(mini_cmsg_send__defaults),
	KUNIT_CASE(mini_cmsg_send__pktinfo),
	KUNIT_CASE(mini_cmsg_send__ttl),
	KUNIT_CASE(mini_cmsg_send__unknown),
	{}
};

struct kunit_suite mini_sock_test_suite = {
	.name = "mini-sock",
	.init = mini_sock_test_init,
	.test_cases = mini_sock_test_cases,
};
