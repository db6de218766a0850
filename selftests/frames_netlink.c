// SPDX-License-Identifier: GPL-2.0
/*
 * Every command and attribute of the generic netlink family, and sock_diag,
 * asked wrongly: the errno is the one that says what is wrong, and nothing has
 * changed.  On a tap device that is attached as 10.0.0.1/24.
 */
#include <sched.h>
#include <linux/sock_diag.h>

#include "kselftest_harness.h"
#include "frames.h"

FIXTURE(netlink) {
	struct wire w;
	int fd;
	int family;
};

FIXTURE_SETUP(netlink)
{
	ASSERT_TRUE(wire_open(&self->w, "mini", false));
	self->fd = genl_open();
	self->family = genl_family(self->fd);
	ASSERT_LT(0, self->family);
}

FIXTURE_TEARDOWN(netlink)
{
	close(self->fd);
	wire_close(&self->w);
}

/* An attribute as octets; IFINDEX stands for the number of the tap device. */
struct attr {
	int type;
	const char *data;
	int len;
};

#define IFINDEX		-1
#define IP(text)	text, 4
#define U8(text)	text, 1
#define U32(text)	text, 4
#define MAC		"\2\0\0\0\0\7", 6

struct ask {
	const char *what;
	struct attr attrs[5];
	int error;
};

static void put_attrs(struct request *r, const struct ask *ask,
		      unsigned int ifindex)
{
	for (const struct attr *a = ask->attrs; a->type; a++) {
		if (a->len == IFINDEX)
			put_u32(r, a->type, ifindex);
		else
			put(r, a->type, a->data, a->len);
	}
}

static void all_of(struct __test_metadata *_metadata, int fd, int family,
		   unsigned int ifindex, int cmd, const struct ask *asks,
		   size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct request r;

		request_init(&r, family, cmd, 0);
		put_attrs(&r, &asks[i], ifindex);
		EXPECT_EQ(asks[i].error, -talk(fd, &r, NULL, NULL)) {
			TH_LOG("command %d, %s", cmd, asks[i].what);
		}
	}
}

#define ALL_OF(cmd, asks)						\
	all_of(_metadata, self->fd, self->family, self->w.ifindex, cmd,	\
	       asks, ARRAY_SIZE(asks))

/* Rows that a dump has. */
static void count_row(const struct nlmsghdr *nlh, void *arg)
{
	++*(int *)arg;
}

static int rows(int fd, int family, int cmd)
{
	struct request r;
	int n = 0, err;

	request_init(&r, family, cmd, NLM_F_DUMP);
	err = talk(fd, &r, count_row, &n);
	return err ? err : n;
}

TEST_F(netlink, attach)
{
	static const struct ask asks[] = {
		{ "nothing", {}, EINVAL },
		{ "short", { { MINI_A_DEV_IFINDEX, "\1\0\0", 3 } }, EINVAL },
		{ "empty", { { MINI_A_DEV_IFINDEX, "", 0 } }, EINVAL },
		{ "long", { { MINI_A_DEV_IFINDEX, "\1\0\0\0\0", 5 } }, EINVAL },
		{ "zero", { { MINI_A_DEV_IFINDEX, "\0\0\0\0", 4 } }, ERANGE },
		{ "negative", { { MINI_A_DEV_IFINDEX, "\377\377\377\377", 4 } },
		  ERANGE },
		{ "no device", { { MINI_A_DEV_IFINDEX, "\0\0\1\0", 4 } },
		  ENODEV },
		{ "attached", { { MINI_A_DEV_IFINDEX, NULL, IFINDEX } },
		  EEXIST },
		{ "reply only", { { MINI_A_DEV_IFINDEX, NULL, IFINDEX },
				  { MINI_A_DEV_NAME, "x", 2 } }, EINVAL },
		{ "unknown", { { MINI_A_DEV_IFINDEX, NULL, IFINDEX },
			       { 99, "x", 1 } }, EINVAL },
	};

	ALL_OF(MINI_CMD_DEV_ATTACH, asks);
	EXPECT_EQ(2, rows(self->fd, self->family, MINI_CMD_DEV_GET));
}

TEST_F(netlink, attach_refuses_what_has_addresses)
{
	struct request r;
	unsigned int ifindex;

	ASSERT_TRUE(run("ip link add v0 type veth peer name v1"));
	ASSERT_TRUE(run("ip addr add 10.1.1.1/24 dev v0"));
	ifindex = if_nametoindex("v0");
	request_init(&r, self->family, MINI_CMD_DEV_ATTACH, 0);
	put_u32(&r, MINI_A_DEV_IFINDEX, ifindex);
	EXPECT_EQ(-EADDRINUSE, talk(self->fd, &r, NULL, NULL));
	/* Nor Linux's loopback. */
	request_init(&r, self->family, MINI_CMD_DEV_ATTACH, 0);
	put_u32(&r, MINI_A_DEV_IFINDEX, 1);
	EXPECT_NE(0, talk(self->fd, &r, NULL, NULL));
	ASSERT_TRUE(run("ip addr flush dev v0"));
	request_init(&r, self->family, MINI_CMD_DEV_ATTACH, 0);
	put_u32(&r, MINI_A_DEV_IFINDEX, ifindex);
	EXPECT_EQ(0, talk(self->fd, &r, NULL, NULL));
}

TEST_F(netlink, detach)
{
	static const struct ask asks[] = {
		{ "nothing", {}, EINVAL },
		{ "short", { { MINI_A_DEV_IFINDEX, "\1\0", 2 } }, EINVAL },
		{ "zero", { { MINI_A_DEV_IFINDEX, "\0\0\0\0", 4 } }, ERANGE },
		{ "no device", { { MINI_A_DEV_IFINDEX, "\0\0\1\0", 4 } },
		  ENODEV },
		{ "attached", { { MINI_A_DEV_IFINDEX, NULL, IFINDEX } }, 0 },
		{ "again", { { MINI_A_DEV_IFINDEX, NULL, IFINDEX } }, ENODEV },
	};

	ALL_OF(MINI_CMD_DEV_DETACH, asks);
	EXPECT_EQ(1, rows(self->fd, self->family, MINI_CMD_DEV_GET));
}

#define ADDRESS(...)	{ MINI_A_ADDR_ADDRESS, __VA_ARGS__ }
#define PLEN(...)	{ MINI_A_ADDR_PREFIXLEN, __VA_ARGS__ }
#define DEV		{ MINI_A_ADDR_IFINDEX, NULL, IFINDEX }

TEST_F(netlink, addr_add)
{
	static const struct ask asks[] = {
		{ "nothing", {}, EINVAL },
		{ "no address", { PLEN(U8("\30")), DEV }, EINVAL },
		{ "no length", { ADDRESS(IP("\12\0\0\3")), DEV }, EINVAL },
		{ "no device", { ADDRESS(IP("\12\0\0\3")), PLEN(U8("\30")) },
		  EINVAL },
		{ "3 octets", { ADDRESS("\12\0\0", 3), PLEN(U8("\30")), DEV },
		  EINVAL },
		{ "5 octets", { ADDRESS("\12\0\0\3\1", 5), PLEN(U8("\30")),
				DEV }, EINVAL },
		{ "no octets", { ADDRESS("", 0), PLEN(U8("\30")), DEV },
		  EINVAL },
		{ "IPv6", { ADDRESS("\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16),
			    PLEN(U8("\100")), DEV }, EAFNOSUPPORT },
		{ "length 33", { ADDRESS(IP("\12\0\0\3")), PLEN(U8("\41")),
				 DEV }, EINVAL },
		{ "length 129", { ADDRESS(IP("\12\0\0\3")), PLEN(U8("\201")),
				  DEV }, ERANGE },
		{ "length 0", { ADDRESS(IP("\12\0\0\3")), PLEN(U8("\0")),
				DEV }, EINVAL },
		{ "long length", { ADDRESS(IP("\12\0\0\3")),
				   PLEN("\30\0", 2), DEV }, EINVAL },
		{ "other device", { ADDRESS(IP("\12\0\0\3")), PLEN(U8("\30")),
				    { MINI_A_ADDR_IFINDEX, "\0\0\1\0", 4 } },
		  ENODEV },
		{ "device 0", { ADDRESS(IP("\12\0\0\3")), PLEN(U8("\30")),
				{ MINI_A_ADDR_IFINDEX, "\0\0\0\0", 4 } },
		  ERANGE },
		{ "short device", { ADDRESS(IP("\12\0\0\3")), PLEN(U8("\30")),
				    { MINI_A_ADDR_IFINDEX, "\1", 1 } },
		  EINVAL },
		{ "0.0.0.0", { ADDRESS(IP("\0\0\0\0")), PLEN(U8("\30")), DEV },
		  EINVAL },
		{ "multicast", { ADDRESS(IP("\340\0\0\1")), PLEN(U8("\30")),
				 DEV }, EINVAL },
		{ "all ones", { ADDRESS(IP("\377\377\377\377")),
				PLEN(U8("\30")), DEV }, EINVAL },
		{ "loopback's", { ADDRESS(IP("\177\0\0\2")), PLEN(U8("\10")),
				  DEV }, EINVAL },
		{ "broadcast", { ADDRESS(IP("\12\0\0\377")), PLEN(U8("\30")),
				 DEV }, EINVAL },
		{ "subnet", { ADDRESS(IP("\12\0\0\0")), PLEN(U8("\30")),
			      DEV }, EINVAL },
		{ "there already", { ADDRESS(IP("\12\0\0\1")),
				     PLEN(U8("\30")), DEV }, EEXIST },
		{ "reply only", { ADDRESS(IP("\12\0\0\3")), PLEN(U8("\30")),
				  DEV, { MINI_A_ADDR_FLAGS, U32("\1\0\0\0") } },
		  EINVAL },
		{ "right", { ADDRESS(IP("\12\0\0\3")), PLEN(U8("\30")), DEV },
		  0 },
		{ "on the loopback", { ADDRESS(IP("\12\11\11\11")),
				       PLEN(U8("\40")),
				       { MINI_A_ADDR_IFINDEX, "\1\0\0\0", 4 } },
		  0 },
	};

	/* 127.0.0.1, 10.0.0.1 */
	EXPECT_EQ(2, rows(self->fd, self->family, MINI_CMD_ADDR_GET));
	ALL_OF(MINI_CMD_ADDR_ADD, asks);
	EXPECT_EQ(4, rows(self->fd, self->family, MINI_CMD_ADDR_GET));
}

TEST_F(netlink, addr_del)
{
	static const struct ask asks[] = {
		{ "nothing", {}, EINVAL },
		{ "no device", { ADDRESS(IP("\12\0\0\1")), PLEN(U8("\30")) },
		  EINVAL },
		{ "not there", { ADDRESS(IP("\12\0\0\3")), PLEN(U8("\30")),
				 DEV }, EADDRNOTAVAIL },
		{ "other length", { ADDRESS(IP("\12\0\0\1")), PLEN(U8("\20")),
				    DEV }, EADDRNOTAVAIL },
		{ "right", { ADDRESS(IP("\12\0\0\1")), PLEN(U8("\30")), DEV },
		  0 },
		{ "again", { ADDRESS(IP("\12\0\0\1")), PLEN(U8("\30")), DEV },
		  EADDRNOTAVAIL },
	};

	ALL_OF(MINI_CMD_ADDR_DEL, asks);
	EXPECT_EQ(1, rows(self->fd, self->family, MINI_CMD_ADDR_GET));
}

#define DST(...)	{ MINI_A_ROUTE_DST, __VA_ARGS__ }
#define RPLEN(...)	{ MINI_A_ROUTE_PREFIXLEN, __VA_ARGS__ }
#define VIA(...)	{ MINI_A_ROUTE_GATEWAY, __VA_ARGS__ }
#define RDEV		{ MINI_A_ROUTE_IFINDEX, NULL, IFINDEX }
#define NET		DST(IP("\300\0\2\0")), RPLEN(U8("\30"))

TEST_F(netlink, route_add)
{
	static const struct ask asks[] = {
		{ "nothing", {}, EINVAL },
		{ "no destination", { RPLEN(U8("\30")), RDEV }, EINVAL },
		{ "no length", { DST(IP("\300\0\2\0")), RDEV }, EINVAL },
		{ "no way", { NET }, EINVAL },
		{ "host bits", { DST(IP("\300\0\2\1")), RPLEN(U8("\30")),
				 RDEV }, EINVAL },
		{ "length 33", { DST(IP("\300\0\2\0")), RPLEN(U8("\41")),
				 RDEV }, EINVAL },
		{ "length 200", { DST(IP("\300\0\2\0")), RPLEN(U8("\310")),
				  RDEV }, ERANGE },
		{ "2 octets", { DST("\300\0", 2), RPLEN(U8("\30")), RDEV },
		  EINVAL },
		{ "IPv6", { DST("\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\0", 16),
			    RPLEN(U8("\40")), RDEV }, EAFNOSUPPORT },
		{ "loopback", { DST(IP("\177\0\0\0")), RPLEN(U8("\10")),
				RDEV }, EINVAL },
		{ "short gateway", { NET, VIA("\12\0", 2) }, EINVAL },
		{ "gateway 0", { NET, VIA(IP("\0\0\0\0")) }, EINVAL },
		{ "IPv6 gateway", { NET, VIA("\x20\1\xd\xb8\0\0\0\0"
					     "\0\0\0\0\0\0\0\1", 16) },
		  EAFNOSUPPORT },
		{ "gateway itself", { NET, VIA(IP("\12\0\0\1")) }, EINVAL },
		{ "gateway broadcast", { NET, VIA(IP("\12\0\0\377")) },
		  EINVAL },
		{ "gateway far", { NET, VIA(IP("\300\0\3\1")) }, ENETUNREACH },
		{ "no such device", { NET, { MINI_A_ROUTE_IFINDEX,
					     "\0\0\1\0", 4 } }, ENODEV },
		{ "by loopback", { NET, { MINI_A_ROUTE_IFINDEX,
					  "\1\0\0\0", 4 } }, EINVAL },
		{ "device 0", { NET, { MINI_A_ROUTE_IFINDEX, "\0\0\0\0", 4 } },
		  ERANGE },
		{ "short metric", { NET, RDEV, { MINI_A_ROUTE_METRIC,
						 "\1\0", 2 } }, EINVAL },
		{ "other's source", { NET, RDEV, { MINI_A_ROUTE_PREFSRC,
						   "\12\0\0\11", 4 } },
		  EINVAL },
		{ "short source", { NET, RDEV, { MINI_A_ROUTE_PREFSRC,
						 "\12", 1 } }, EINVAL },
		{ "local type", { NET, RDEV, { MINI_A_ROUTE_TYPE,
					       "\2", 1 } }, EINVAL },
		{ "no type", { NET, RDEV, { MINI_A_ROUTE_TYPE, "\0", 1 } },
		  ERANGE },
		{ "reply only", { NET, RDEV, { MINI_A_ROUTE_FLAGS,
					       "\0\0\0\0", 4 } }, EINVAL },
		{ "right", { NET, VIA(IP("\12\0\0\2")) }, 0 },
		{ "again", { NET, VIA(IP("\12\0\0\2")) }, EEXIST },
		{ "other metric", { NET, VIA(IP("\12\0\0\2")),
				    { MINI_A_ROUTE_METRIC, "\5\0\0\0", 4 } },
		  0 },
		{ "default", { DST(IP("\0\0\0\0")), RPLEN(U8("\0")),
			       VIA(IP("\12\0\0\2")), RDEV }, 0 },
	};
	int before = rows(self->fd, self->family, MINI_CMD_ROUTE_GET);

	ALL_OF(MINI_CMD_ROUTE_ADD, asks);
	EXPECT_EQ(before + 3, rows(self->fd, self->family, MINI_CMD_ROUTE_GET));
}

TEST_F(netlink, route_del)
{
	static const struct ask asks[] = {
		{ "nothing", {}, EINVAL },
		{ "host bits", { DST(IP("\300\0\2\1")), RPLEN(U8("\30")) },
		  EINVAL },
		{ "not there", { NET }, ESRCH },
		{ "an address's", { DST(IP("\12\0\0\1")), RPLEN(U8("\40")) },
		  EINVAL },
	};

	ALL_OF(MINI_CMD_ROUTE_DEL, asks);
}

#define NADDRESS(...)	{ MINI_A_NEIGH_ADDRESS, __VA_ARGS__ }
#define NDEV		{ MINI_A_NEIGH_IFINDEX, NULL, IFINDEX }
#define LLADDR(...)	{ MINI_A_NEIGH_LLADDR, __VA_ARGS__ }

TEST_F(netlink, neigh_add)
{
	static const struct ask asks[] = {
		{ "nothing", {}, EINVAL },
		{ "no address", { NDEV, LLADDR(MAC) }, EINVAL },
		{ "no device", { NADDRESS(IP("\12\0\0\7")), LLADDR(MAC) },
		  EINVAL },
		{ "no MAC", { NADDRESS(IP("\12\0\0\7")), NDEV }, EINVAL },
		{ "1 octet", { NADDRESS("\12", 1), NDEV, LLADDR(MAC) },
		  EINVAL },
		{ "IPv6", { NADDRESS("\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1",
				     16), NDEV, LLADDR(MAC) }, EAFNOSUPPORT },
		{ "short MAC", { NADDRESS(IP("\12\0\0\7")), NDEV,
				 LLADDR("\2\0\0\0\0", 5) }, ERANGE },
		{ "long MAC", { NADDRESS(IP("\12\0\0\7")), NDEV,
				LLADDR("\2\0\0\0\0\0\0", 7) }, ERANGE },
		{ "group MAC", { NADDRESS(IP("\12\0\0\7")), NDEV,
				 LLADDR("\1\0\x5e\0\0\1", 6) }, EINVAL },
		{ "no device's MAC", { NADDRESS(IP("\12\0\0\7")), NDEV,
				       LLADDR("\0\0\0\0\0\0", 6) }, EINVAL },
		{ "multicast", { NADDRESS(IP("\340\0\0\7")), NDEV,
				 LLADDR(MAC) }, EINVAL },
		{ "other device", { NADDRESS(IP("\12\0\0\7")),
				    { MINI_A_NEIGH_IFINDEX, "\0\0\1\0", 4 },
				    LLADDR(MAC) }, ENODEV },
		{ "loopback", { NADDRESS(IP("\12\0\0\7")),
				{ MINI_A_NEIGH_IFINDEX, "\1\0\0\0", 4 },
				LLADDR(MAC) }, EOPNOTSUPP },
		{ "reply only", { NADDRESS(IP("\12\0\0\7")), NDEV,
				  LLADDR(MAC), { MINI_A_NEIGH_STATE, "\2", 1 } },
		  EINVAL },
		{ "right", { NADDRESS(IP("\12\0\0\7")), NDEV, LLADDR(MAC) },
		  0 },
	};

	ALL_OF(MINI_CMD_NEIGH_ADD, asks);
	EXPECT_EQ(1, rows(self->fd, self->family, MINI_CMD_NEIGH_GET));
}

TEST_F(netlink, neigh_del)
{
	static const struct ask asks[] = {
		{ "nothing", {}, EINVAL },
		{ "no device", { NADDRESS(IP("\12\0\0\7")) }, EINVAL },
		{ "no address", { NDEV }, EINVAL },
		{ "not there", { NADDRESS(IP("\12\0\0\7")), NDEV }, ENOENT },
	};

	ALL_OF(MINI_CMD_NEIGH_DEL, asks);
}

TEST_F(netlink, commands_that_are_none)
{
	struct request r;

	request_init(&r, self->family, MINI_CMD_UNSPEC, 0);
	EXPECT_EQ(-EOPNOTSUPP, talk(self->fd, &r, NULL, NULL));
	request_init(&r, self->family, MINI_CMD_MAX + 1, 0);
	EXPECT_EQ(-EOPNOTSUPP, talk(self->fd, &r, NULL, NULL));
	/* A change is no dump, and the other way round. */
	request_init(&r, self->family, MINI_CMD_DEV_ATTACH, NLM_F_DUMP);
	EXPECT_EQ(-EOPNOTSUPP, talk(self->fd, &r, NULL, NULL));
	request_init(&r, self->family, MINI_CMD_STAT_GET, 0);
	EXPECT_EQ(-EOPNOTSUPP, talk(self->fd, &r, NULL, NULL));
}

TEST_F(netlink, messages_that_are_none)
{
	struct request r;

	/* Without the generic header. */
	request_init(&r, self->family, MINI_CMD_DEV_ATTACH, 0);
	r.nlh.nlmsg_len = NLMSG_HDRLEN;
	EXPECT_EQ(-EINVAL, talk(self->fd, &r, NULL, NULL));
	/* Its reserved half is used. */
	request_init(&r, self->family, MINI_CMD_DEV_DETACH, 0);
	r.genl.reserved = 1;
	put_u32(&r, MINI_A_DEV_IFINDEX, self->w.ifindex);
	EXPECT_EQ(-EINVAL, talk(self->fd, &r, NULL, NULL));
	/* The last attribute goes beyond the end; something follows it. */
	request_init(&r, self->family, MINI_CMD_DEV_DETACH, 0);
	put_u32(&r, MINI_A_DEV_IFINDEX, self->w.ifindex);
	((struct nlattr *)r.attrs)->nla_len = 100;
	EXPECT_EQ(-EINVAL, talk(self->fd, &r, NULL, NULL));
	request_init(&r, self->family, MINI_CMD_DEV_DETACH, 0);
	put_u32(&r, MINI_A_DEV_IFINDEX, self->w.ifindex);
	r.nlh.nlmsg_len += 2;
	EXPECT_EQ(-EINVAL, talk(self->fd, &r, NULL, NULL));
	EXPECT_EQ(2, rows(self->fd, self->family, MINI_CMD_DEV_GET));
}

/* Every attribute number, every length: whatever comes back, nothing breaks. */
TEST_F(netlink, any_attribute_of_any_length)
{
	static char data[64];

	memset(data, 0xff, sizeof(data));
	for (int cmd = 0; cmd <= MINI_CMD_MAX + 1; cmd++) {
		/* This one may succeed. */
		if (cmd == MINI_CMD_DEV_DETACH)
			continue;
		for (int type = 0; type < 12; type++) {
			for (int len = 0; len < 20; len++) {
				struct request r;

				request_init(&r, self->family, cmd, 0);
				put(&r, type, data, len);
				EXPECT_NE(0, talk(self->fd, &r, NULL, NULL));
			}
		}
	}
	EXPECT_EQ(2, rows(self->fd, self->family, MINI_CMD_DEV_GET));
}

static const int changes[] = {
	MINI_CMD_DEV_ATTACH, MINI_CMD_DEV_DETACH, MINI_CMD_ADDR_ADD,
	MINI_CMD_ADDR_DEL, MINI_CMD_ROUTE_ADD, MINI_CMD_ROUTE_DEL,
	MINI_CMD_NEIGH_ADD, MINI_CMD_NEIGH_DEL,
};

TEST_F(netlink, nobody_changes_nothing)
{
	int fd;

	ASSERT_OK(setresuid(65534, 65534, 65534));
	fd = genl_open();
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++) {
		struct request r;

		request_init(&r, self->family, changes[i], 0);
		put_u32(&r, 1, self->w.ifindex);
		EXPECT_EQ(-EPERM, talk(fd, &r, NULL, NULL)) {
			TH_LOG("command %d", changes[i]);
		}
	}
	/* To look is allowed. */
	EXPECT_EQ(2, rows(fd, self->family, MINI_CMD_DEV_GET));
	EXPECT_EQ(2, rows(fd, self->family, MINI_CMD_ADDR_GET));
	EXPECT_LT(0, rows(fd, self->family, MINI_CMD_STAT_GET));
	close(fd);
}

/* In a user namespace of its own, anybody is root of its own network. */
TEST_F(netlink, own_user_namespace)
{
	struct request r;
	int fd;

	ASSERT_OK(setresuid(65534, 65534, 65534));
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		SKIP(return, "no user namespaces: %s", strerror(errno));
	fd = genl_open();
	/* Not the one outside ... */
	EXPECT_EQ(1, rows(fd, self->family, MINI_CMD_DEV_GET));
	request_init(&r, self->family, MINI_CMD_ADDR_ADD, 0);
	put(&r, MINI_A_ADDR_ADDRESS, "\12\11\11\11", 4);
	put_u8(&r, MINI_A_ADDR_PREFIXLEN, 32);
	put_u32(&r, MINI_A_ADDR_IFINDEX, 1);
	EXPECT_EQ(0, talk(fd, &r, NULL, NULL));
	EXPECT_EQ(2, rows(fd, self->family, MINI_CMD_ADDR_GET));
	/* ... which has not noticed. */
	EXPECT_EQ(2, rows(self->fd, self->family, MINI_CMD_ADDR_GET));
	close(fd);
}

static int diag(int fd, const void *req, size_t len, int flags, int *count)
{
	struct request r;

	request_init(&r, SOCK_DIAG_BY_FAMILY, 0, flags);
	memcpy(NLMSG_DATA(&r.nlh), req, len);
	r.nlh.nlmsg_len = NLMSG_LENGTH(len);
	return talk(fd, &r, count_row, count);
}

TEST_F(netlink, sock_diag)
{
	struct mini_diag_req req = { .family = self->w.family };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG);
	int udp = udp_bound(self->w.family, HOST);
	int tcp = tcp_listener(self->w.family, HOST, 1);
	int count = 0;

	EXPECT_EQ(0, diag(fd, &req, sizeof(req), NLM_F_DUMP, &count));
	EXPECT_EQ(2, count);
	req.protocol = IPPROTO_UDP;
	count = 0;
	EXPECT_EQ(0, diag(fd, &req, sizeof(req), NLM_F_DUMP, &count));
	EXPECT_EQ(1, count);
	req.protocol = IPPROTO_TCP;
	req.states = 1 << TCP_ESTABLISHED;
	count = 0;
	EXPECT_EQ(0, diag(fd, &req, sizeof(req), NLM_F_DUMP, &count));
	EXPECT_EQ(0, count);
	req.states = 1 << TCP_LISTEN;
	EXPECT_EQ(0, diag(fd, &req, sizeof(req), NLM_F_DUMP, &count));
	EXPECT_EQ(1, count);
	for (size_t len = 2; len < sizeof(req); len++)
		EXPECT_EQ(-EINVAL, diag(fd, &req, len, NLM_F_DUMP, &count));
	req.pad = 1;
	EXPECT_EQ(-EINVAL, diag(fd, &req, sizeof(req), NLM_F_DUMP, &count));
	req.pad = 0;
	EXPECT_EQ(-EOPNOTSUPP, diag(fd, &req, sizeof(req), 0, &count));
	req.protocol = IPPROTO_SCTP;
	EXPECT_EQ(-EPROTONOSUPPORT,
		  diag(fd, &req, sizeof(req), NLM_F_DUMP, &count));
	close(fd);
	close(udp);
	close(tcp);
}

TEST_HARNESS_MAIN
