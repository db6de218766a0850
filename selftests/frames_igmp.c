// SPDX-License-Identifier: GPL-2.0
/*
 * IGMP on the wire (RFC 3376, 2236, 1112): what is told when a program joins,
 * leaves or changes its sources, and what is answered to which query.  Linux's
 * own is held to the same.
 *
 * The first query tells a robustness variable of 1: each change is told once.
 */
#include <netinet/igmp.h>

#include "kselftest_harness.h"
#include "frames.h"

#define GROUP		"239.1.2.3"
#define OTHER_GROUP	"239.1.2.4"
#define MARK_GROUP	"239.9.9.9"
#define ALL_HOSTS	"224.0.0.1"
#define V3_ROUTERS	"224.0.0.22"
#define THIRD		"10.0.0.3"

/* Tenths of a second: answers come soon. */
#define SOON		1

enum {
	IS_IN = 1, IS_EX, TO_IN, TO_EX, ALLOW, BLOCK,
};

FIXTURE(igmp) {
	struct wire w;
	bool mini;
	int fd;
};

FIXTURE_VARIANT(igmp) {
	const char *family;
};

FIXTURE_VARIANT_ADD(igmp, inet) {
	.family = "inet",
};

FIXTURE_VARIANT_ADD(igmp, mini) {
	.family = "mini",
};

FIXTURE_SETUP(igmp)
{
	ASSERT_TRUE(wire_open(&self->w, variant->family, false));
	self->mini = self->w.family != AF_INET;
	self->fd = udp_socket(self->w.family);
	ASSERT_LE(0, self->fd);
}

FIXTURE_TEARDOWN(igmp)
{
	close(self->fd);
	wire_close(&self->w);
}

static int member(int fd, int name, const char *group)
{
	struct ip_mreqn mreq = {
		.imr_multiaddr.s_addr = inet_addr(group),
		.imr_address.s_addr = inet_addr(HOST),
	};

	return setsockopt(fd, IPPROTO_IP, name, &mreq, sizeof(mreq));
}

static int join(int fd, const char *group)
{
	return member(fd, IP_ADD_MEMBERSHIP, group);
}

static int leave(int fd, const char *group)
{
	return member(fd, IP_DROP_MEMBERSHIP, group);
}

static int source(int fd, int name, const char *src)
{
	struct ip_mreq_source mreq = {
		.imr_multiaddr.s_addr = inet_addr(GROUP),
		.imr_interface.s_addr = inet_addr(HOST),
		.imr_sourceaddr.s_addr = inet_addr(src),
	};

	return setsockopt(fd, IPPROTO_IP, name, &mreq, sizeof(mreq));
}

struct query {
	uint8_t type;
	uint8_t code;
	uint16_t sum;
	in_addr_t group;
	uint8_t qrv;
	uint8_t qqic;
	uint16_t n;
	in_addr_t src[2];
};

#define V3_LEN(n)	(12 + 4 * (n))

static struct query query_of(const char *group, int code)
{
	return (struct query){
		.type = 0x11,
		.code = code,
		.group = group ? inet_addr(group) : 0,
		.qrv = 1,
		.qqic = 125,
	};
}

/* As a router sends it: to all hosts, or to the group it asks about. */
static void send_query(struct wire *w, struct query *q, size_t len,
		       const char *from)
{
	struct packet p;

	q->sum = 0;
	q->sum = htons(checksum(q, len, 0));
	make_ip(w, &p, IPPROTO_IGMP, q, len);
	/* Router alert */
	memmove(p.buf + p.l4 + 4, p.buf + p.l4, len);
	memcpy(p.buf + p.l4, "\x94\4\0", 4);
	p.l4 += 4;
	p.len += 4;
	ip_of(&p)->ihl = 6;
	ip_of(&p)->tot_len = htons(p.len - p.ip);
	ip_of(&p)->saddr = inet_addr(from);
	ip_of(&p)->daddr = q->group ? q->group : inet_addr(ALL_HOSTS);
	ip_of(&p)->ttl = 1;
	memcpy(eth_of(&p)->h_dest, "\x01\x00\x5e\x00\x00\x01", ETH_ALEN);
	fix_ip(&p);
	wire_send(w, &p);
}

static void ask(struct wire *w, const char *group, size_t len)
{
	struct query q = query_of(group, SOON);

	send_query(w, &q, len, PEER);
}

/* An IGMP message with right sums, TTL 1 and router alert. */
static bool next_message(struct wire *w, struct packet *p)
{
	const uint8_t *opt;

	if (!wire_expect(w, p, IPPROTO_IGMP, ANSWER_MS))
		return false;
	opt = p->buf + p->ip + 20;
	if (ip_of(p)->ihl != 6 || memcmp(opt, "\x94\4\0", 4) ||
	    ip_of(p)->ttl != 1 || ip_of(p)->tos != 0xc0 ||
	    ip_of(p)->saddr != w->host) {
		fprintf(stderr, "# ihl %u ttl %u tos %#x\n", ip_of(p)->ihl,
			ip_of(p)->ttl, ip_of(p)->tos);
		return false;
	}
	if (checksum(p->buf + p->l4, p->len - p->l4, 0)) {
		fprintf(stderr, "# IGMP checksum is wrong\n");
		return false;
	}
	return true;
}

/* A report of version 3 with just this record; @src: its only source */
static bool expect_record(struct wire *w, int type, const char *group,
			  const char *src)
{
	in_addr_t want = inet_addr(group);
	struct packet p;
	const uint8_t *m;
	in_addr_t addr;
	int n = !!src;

	if (!next_message(w, &p))
		return false;
	m = p.buf + p.l4;
	addr = src ? inet_addr(src) : 0;
	if (ip_of(&p)->daddr == inet_addr(V3_ROUTERS) &&
	    p.len - p.l4 == 16u + 4 * n && m[0] == 0x22 && m[7] == 1 &&
	    m[8] == type && m[11] == n && !memcmp(m + 12, &want, 4) &&
	    (!n || !memcmp(m + 16, &addr, 4)))
		return true;
	fprintf(stderr, "# type %#x, %u records, the first %u of %u.%u.%u.%u with %u sources\n",
		m[0], m[7], m[8], m[12], m[13], m[14], m[15], m[11]);
	return false;
}

static bool expect_old(struct wire *w, int type, const char *group,
		       const char *to)
{
	in_addr_t want = inet_addr(group);
	struct packet p;
	const uint8_t *m;

	if (!next_message(w, &p))
		return false;
	m = p.buf + p.l4;
	if (ip_of(&p)->daddr == inet_addr(to) && p.len - p.l4 == 8 &&
	    m[0] == type && !memcmp(m + 4, &want, 4))
		return true;
	fprintf(stderr, "# type %#x of %zu octets\n", m[0], p.len - p.l4);
	return false;
}

/*
 * A router of version 3 that wants to hear of each change once; it has been
 * answered, and nothing is under way.
 */
static bool once(struct wire *w, int fd)
{
	if (join(fd, MARK_GROUP) || !expect_record(w, TO_EX, MARK_GROUP, NULL) ||
	    !expect_record(w, TO_EX, MARK_GROUP, NULL))
		return false;
	ask(w, NULL, V3_LEN(0));
	return expect_record(w, IS_EX, MARK_GROUP, NULL) &&
	       !leave(fd, MARK_GROUP) &&
	       expect_record(w, TO_IN, MARK_GROUP, NULL);
}

TEST_F(igmp, join_is_told_twice)
{
	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_TRUE(expect_record(&self->w, TO_EX, GROUP, NULL));
	EXPECT_TRUE(expect_record(&self->w, TO_EX, GROUP, NULL));
}

TEST_F(igmp, leave_is_told)
{
	ASSERT_TRUE(once(&self->w, self->fd));
	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_TRUE(expect_record(&self->w, TO_EX, GROUP, NULL));
	ASSERT_OK(leave(self->fd, GROUP));
	EXPECT_TRUE(expect_record(&self->w, TO_IN, GROUP, NULL));
}

TEST_F(igmp, close_is_a_leave)
{
	int fd = udp_socket(self->w.family);

	ASSERT_TRUE(once(&self->w, self->fd));
	ASSERT_OK(join(fd, GROUP));
	EXPECT_TRUE(expect_record(&self->w, TO_EX, GROUP, NULL));
	close(fd);
	EXPECT_TRUE(expect_record(&self->w, TO_IN, GROUP, NULL));
}

TEST_F(igmp, second_member_is_not_told)
{
	int fd = udp_socket(self->w.family);

	ASSERT_TRUE(once(&self->w, self->fd));
	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_TRUE(expect_record(&self->w, TO_EX, GROUP, NULL));
	ASSERT_OK(join(fd, GROUP));
	ASSERT_OK(join(fd, OTHER_GROUP));
	EXPECT_TRUE(expect_record(&self->w, TO_EX, OTHER_GROUP, NULL));
	ASSERT_OK(leave(self->fd, GROUP));
	ASSERT_OK(leave(fd, OTHER_GROUP));
	EXPECT_TRUE(expect_record(&self->w, TO_IN, OTHER_GROUP, NULL));
	close(fd);
	EXPECT_TRUE(expect_record(&self->w, TO_IN, GROUP, NULL));
}

TEST_F(igmp, sources_are_told)
{
	ASSERT_TRUE(once(&self->w, self->fd));
	ASSERT_OK(source(self->fd, IP_ADD_SOURCE_MEMBERSHIP, PEER));
	EXPECT_TRUE(expect_record(&self->w, ALLOW, GROUP, PEER));
	ASSERT_OK(source(self->fd, IP_ADD_SOURCE_MEMBERSHIP, THIRD));
	EXPECT_TRUE(expect_record(&self->w, ALLOW, GROUP, THIRD));
	ASSERT_OK(source(self->fd, IP_DROP_SOURCE_MEMBERSHIP, PEER));
	EXPECT_TRUE(expect_record(&self->w, BLOCK, GROUP, PEER));
}

TEST_F(igmp, blocked_sources_are_told)
{
	ASSERT_TRUE(once(&self->w, self->fd));
	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_TRUE(expect_record(&self->w, TO_EX, GROUP, NULL));
	ASSERT_OK(source(self->fd, IP_BLOCK_SOURCE, PEER));
	EXPECT_TRUE(expect_record(&self->w, BLOCK, GROUP, PEER));
	ASSERT_OK(source(self->fd, IP_UNBLOCK_SOURCE, PEER));
	EXPECT_TRUE(expect_record(&self->w, ALLOW, GROUP, PEER));
}

TEST_F(igmp, general_query)
{
	ASSERT_TRUE(once(&self->w, self->fd));
	ASSERT_OK(join(self->fd, GROUP));
	ASSERT_OK(join(self->fd, ALL_HOSTS));
	EXPECT_TRUE(expect_record(&self->w, TO_EX, GROUP, NULL));
	/* Of all hosts nothing is said. */
	ask(&self->w, NULL, V3_LEN(0));
	EXPECT_TRUE(expect_record(&self->w, IS_EX, GROUP, NULL));
}

TEST_F(igmp, general_query_without_a_source)
{
	struct query q = query_of(NULL, SOON);

	ASSERT_TRUE(once(&self->w, self->fd));
	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_TRUE(expect_record(&self->w, TO_EX, GROUP, NULL));
	send_query(&self->w, &q, V3_LEN(0), "0.0.0.0");
	EXPECT_TRUE(expect_record(&self->w, IS_EX, GROUP, NULL));
}

/* RFC 5227: nobody speaks from what may be another's; Linux's has no such. */
TEST_F(igmp, address_asked_for_is_no_source)
{
	if (!self->mini)
		SKIP(return, "AF_INET uses its addresses at once");
	ASSERT_TRUE(once(&self->w, self->fd));
	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_TRUE(expect_record(&self->w, TO_EX, GROUP, NULL));
	ASSERT_TRUE(run("mini addr del " HOST "/24 dev %s", self->w.name));
	ASSERT_TRUE(run("mini addr add " HOST "/24 dev %s dad",
			self->w.name));
	self->w.host = 0;
	ask(&self->w, NULL, V3_LEN(0));
	EXPECT_TRUE(expect_record(&self->w, IS_EX, GROUP, NULL));
}

TEST_F(igmp, group_query)
{
	ASSERT_TRUE(once(&self->w, self->fd));
	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_TRUE(expect_record(&self->w, TO_EX, GROUP, NULL));
	ASSERT_OK(join(self->fd, OTHER_GROUP));
	EXPECT_TRUE(expect_record(&self->w, TO_EX, OTHER_GROUP, NULL));
	ask(&self->w, GROUP, V3_LEN(0));
	EXPECT_TRUE(expect_record(&self->w, IS_EX, GROUP, NULL));
	ask(&self->w, OTHER_GROUP, V3_LEN(0));
	EXPECT_TRUE(expect_record(&self->w, IS_EX, OTHER_GROUP, NULL));
}

TEST_F(igmp, source_query)
{
	struct query q = query_of(GROUP, SOON);

	ASSERT_TRUE(once(&self->w, self->fd));
	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_TRUE(expect_record(&self->w, TO_EX, GROUP, NULL));
	ASSERT_OK(source(self->fd, IP_BLOCK_SOURCE, PEER));
	EXPECT_TRUE(expect_record(&self->w, BLOCK, GROUP, PEER));
	q.n = htons(2);
	q.src[0] = inet_addr(PEER);
	q.src[1] = inet_addr(THIRD);
	send_query(&self->w, &q, V3_LEN(2), PEER);
	/* RFC 3376 section 5.2: what of them is wanted.  Linux tells its all. */
	EXPECT_TRUE(self->mini ?
		    expect_record(&self->w, IS_IN, GROUP, THIRD) :
		    expect_record(&self->w, IS_EX, GROUP, PEER));
}

TEST_F(igmp, version_2_querier)
{
	ASSERT_TRUE(once(&self->w, self->fd));
	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_TRUE(expect_record(&self->w, TO_EX, GROUP, NULL));
	ask(&self->w, NULL, 8);
	EXPECT_TRUE(expect_old(&self->w, 0x16, GROUP, GROUP));
	/* A change is told as that version tells it. */
	ASSERT_OK(leave(self->fd, GROUP));
	EXPECT_TRUE(expect_old(&self->w, 0x17, GROUP, "224.0.0.2"));
	ASSERT_OK(join(self->fd, OTHER_GROUP));
	EXPECT_TRUE(expect_old(&self->w, 0x16, OTHER_GROUP, OTHER_GROUP));
}

TEST_F(igmp, version_1_querier)
{
	struct query q = query_of(NULL, 0);

	ASSERT_TRUE(once(&self->w, self->fd));
	send_query(&self->w, &q, 8, PEER);
	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_TRUE(expect_old(&self->w, 0x12, GROUP, GROUP));
	/* There is no message to say that one leaves. */
	ASSERT_OK(leave(self->fd, GROUP));
	ASSERT_OK(join(self->fd, OTHER_GROUP));
	EXPECT_TRUE(expect_old(&self->w, 0x12, OTHER_GROUP, OTHER_GROUP));
}

TEST_F(igmp, version_forced)
{
	ASSERT_TRUE(sysctl_set(self->mini ? "net/mini/force_igmp_version" :
			       "net/ipv4/conf/all/force_igmp_version", 2));
	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_TRUE(expect_old(&self->w, 0x16, GROUP, GROUP));
}

/* What is no query is no reason to answer; the next good one is. */
TEST_F(igmp, queries_that_are_none)
{
	struct query q = query_of(NULL, SOON);
	struct packet p;

	ASSERT_TRUE(once(&self->w, self->fd));
	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_TRUE(expect_record(&self->w, TO_EX, GROUP, NULL));
	/* Too short, or sources that are not there */
	send_query(&self->w, &q, 7, PEER);
	send_query(&self->w, &q, 10, PEER);
	q = query_of(GROUP, SOON);
	q.n = htons(3);
	send_query(&self->w, &q, V3_LEN(2), PEER);
	/* A wrong checksum */
	q = query_of(NULL, SOON);
	q.sum = htons(1);
	make_ip(&self->w, &p, IPPROTO_IGMP, &q, V3_LEN(0));
	ip_of(&p)->daddr = inet_addr(ALL_HOSTS);
	fix_ip(&p);
	wire_send(&self->w, &p);
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_IGMP, 3 * SILENCE_MS));
	if (self->mini) {
		EXPECT_TRUE(counter_reaches("drop/IGMP_SHORT", 1));
		EXPECT_TRUE(counter_reaches("drop/IGMP_QUERY", 2));
		EXPECT_TRUE(counter_reaches("drop/IGMP_CSUM", 1));
	}
	ask(&self->w, NULL, V3_LEN(0));
	EXPECT_TRUE(expect_record(&self->w, IS_EX, GROUP, NULL));
}

/* Down and up again: whoever routes now has not heard. */
TEST_F(igmp, device_comes_up)
{
	ASSERT_TRUE(once(&self->w, self->fd));
	ASSERT_OK(join(self->fd, GROUP));
	EXPECT_TRUE(expect_record(&self->w, TO_EX, GROUP, NULL));
	ASSERT_TRUE(run("ip link set %s down", self->w.name));
	ASSERT_TRUE(run("ip link set %s up", self->w.name));
	EXPECT_TRUE(expect_record(&self->w, TO_EX, GROUP, NULL));
}

TEST_HARNESS_MAIN
