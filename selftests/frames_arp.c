// SPDX-License-Identifier: GPL-2.0
/*
 * ARP (RFC 826, 5227) and the neighbour states (RFC 4861 section 7.3), frame
 * by frame.  What is standard is held against Linux first.
 */
#include "kselftest_harness.h"
#include "frames.h"

FIXTURE(arp) {
	struct wire w;
};

FIXTURE_VARIANT(arp) {
	const char *family;
};

FIXTURE_VARIANT_ADD(arp, inet) {
	.family = "inet",
};

FIXTURE_VARIANT_ADD(arp, mini) {
	.family = "mini",
};

FIXTURE_SETUP(arp)
{
	ASSERT_TRUE(wire_open(&self->w, variant->family, false));
	self->w.mute = true;
}

FIXTURE_TEARDOWN(arp)
{
	wire_close(&self->w);
}

/* What only AF_MINI has: counters, states by netlink. */
FIXTURE(neigh) {
	struct wire w;
	int udp;
};

FIXTURE_SETUP(neigh)
{
	ASSERT_TRUE(wire_open(&self->w, "mini", false));
	self->w.mute = true;
	self->udp = udp_bound(self->w.family, HOST);
	ASSERT_LE(0, self->udp);
}

FIXTURE_TEARDOWN(neigh)
{
	close(self->udp);
	wire_close(&self->w);
}

/* The next ARP frame with this opcode; gratuitous ones are passed over. */
static bool expect_arp(struct wire *w, struct packet *p, int op, int ms)
{
	long end = now_ms() + ms;

	while (wire_expect(w, p, 0, end > now_ms() ? end - now_ms() : 0))
		if (ntohs(arp_of(p)->op) == op &&
		    memcmp(arp_of(p)->sip, arp_of(p)->tip, 4))
			return true;
	return false;
}

static bool answered(struct wire *w)
{
	struct packet p;

	return expect_arp(w, &p, 2, ANSWER_MS);
}

static int udp_to_peer(int fd, const void *data, size_t len)
{
	struct sockaddr_in sin = name_of(PEER, 9);

	return sendto(fd, data, len, 0, SA(sin));
}

TEST_F(arp, request_is_answered)
{
	struct wire *w = &self->w;
	struct packet p;

	make_arp(w, &p, 1, PEER, HOST);
	wire_send(w, &p);
	ASSERT_TRUE(expect_arp(w, &p, 2, ANSWER_MS));
	EXPECT_EQ(0, memcmp(eth_of(&p)->h_dest, w->peer_mac, ETH_ALEN));
	EXPECT_EQ(0, memcmp(eth_of(&p)->h_source, w->host_mac, ETH_ALEN));
	EXPECT_EQ(htons(1), arp_of(&p)->hrd);
	EXPECT_EQ(htons(ETH_P_IP), arp_of(&p)->pro);
	EXPECT_EQ(ETH_ALEN, arp_of(&p)->hln);
	EXPECT_EQ(4, arp_of(&p)->pln);
	EXPECT_EQ(0, memcmp(arp_of(&p)->sha, w->host_mac, ETH_ALEN));
	EXPECT_EQ(0, memcmp(arp_of(&p)->sip, &w->host, 4));
	EXPECT_EQ(0, memcmp(arp_of(&p)->tha, w->peer_mac, ETH_ALEN));
	EXPECT_EQ(0, memcmp(arp_of(&p)->tip, &w->peer, 4));
}

TEST_F(arp, padded_and_unicast_requests_are_answered)
{
	struct packet p;

	make_arp(&self->w, &p, 1, PEER, HOST);
	p.len = 60;
	wire_send(&self->w, &p);
	EXPECT_TRUE(answered(&self->w));
	memcpy(eth_of(&p)->h_dest, self->w.host_mac, ETH_ALEN);
	wire_send(&self->w, &p);
	EXPECT_TRUE(answered(&self->w));
}

/* RFC 5227: who asks from 0.0.0.0 wants to know whether anyone is there. */
TEST_F(arp, probe_is_answered)
{
	struct packet p;

	make_arp(&self->w, &p, 1, "0.0.0.0", HOST);
	wire_send(&self->w, &p);
	EXPECT_TRUE(answered(&self->w));
}

struct spoiled {
	const char *what;
	size_t offset;
	uint8_t value;
	const char *reason;	/* drop reason of AF_MINI */
};

static const struct spoiled spoiled[] = {
	{ "hardware type",	ETH_HLEN + 1,	7,	"drop/ARP_FORMAT" },
	{ "protocol type",	ETH_HLEN + 2,	0x86,	"drop/ARP_FORMAT" },
	{ "hardware length",	ETH_HLEN + 4,	8,	"drop/ARP_FORMAT" },
	{ "hardware length 0",	ETH_HLEN + 4,	0,	"drop/ARP_FORMAT" },
	{ "protocol length",	ETH_HLEN + 5,	16,	"drop/ARP_FORMAT" },
	{ "protocol length 0",	ETH_HLEN + 5,	0,	"drop/ARP_FORMAT" },
	{ "opcode 0",		ETH_HLEN + 7,	0,	"drop/ARP_OPCODE" },
	{ "opcode 3",		ETH_HLEN + 7,	3,	"drop/ARP_OPCODE" },
	{ "opcode 257",		ETH_HLEN + 6,	1,	"drop/ARP_OPCODE" },
	{ "other target",	ETH_HLEN + 27,	77,	NULL },
};

TEST_F(arp, spoiled_requests_are_ignored)
{
	struct packet p;

	for (size_t i = 0; i < ARRAY_SIZE(spoiled); i++) {
		const struct spoiled *s = &spoiled[i];

		make_arp(&self->w, &p, 1, PEER, HOST);
		p.buf[s->offset] = s->value;
		wire_send(&self->w, &p);
		EXPECT_FALSE(expect_arp(&self->w, &p, 2, SILENCE_MS)) {
			TH_LOG("%s: answered", s->what);
		}
		if (self->w.family == AF_INET || !s->reason)
			continue;
		EXPECT_TRUE(counter_reaches(s->reason, 1)) {
			TH_LOG("%s: not counted as %s", s->what, s->reason);
		}
	}
	make_arp(&self->w, &p, 1, PEER, HOST);
	wire_send(&self->w, &p);
	EXPECT_TRUE(answered(&self->w));
}

TEST_F(arp, short_frames_are_ignored)
{
	struct packet p;

	for (size_t len = ETH_HLEN; len < ETH_HLEN + 28; len += 3) {
		make_arp(&self->w, &p, 1, PEER, HOST);
		p.len = len;
		wire_send(&self->w, &p);
	}
	EXPECT_FALSE(expect_arp(&self->w, &p, 2, SILENCE_MS));
	if (self->w.family != AF_INET)
		EXPECT_TRUE(counter_reaches("drop/ARP_SHORT", 10));
}

TEST_F(arp, frames_for_others_are_ignored)
{
	struct packet p;

	make_arp(&self->w, &p, 1, PEER, HOST);
	memcpy(eth_of(&p)->h_dest, "\2\0\0\0\0\7", ETH_ALEN);
	wire_send(&self->w, &p);
	EXPECT_FALSE(expect_arp(&self->w, &p, 2, SILENCE_MS));
	if (self->w.family != AF_INET)
		EXPECT_TRUE(counter_reaches("drop/LINK_OTHER_HOST", 1));
}

TEST_F(arp, resolution_queues_packets)
{
	struct wire *w = &self->w;
	int fd = udp_bound(w->family, HOST);
	struct packet p;
	char data[4] = "one";

	EXPECT_EQ(4, udp_to_peer(fd, data, 4));
	memcpy(data, "two", 4);
	EXPECT_EQ(4, udp_to_peer(fd, data, 4));
	ASSERT_TRUE(expect_arp(w, &p, 1, ANSWER_MS));
	EXPECT_EQ(0, memcmp(eth_of(&p)->h_dest, "\xff\xff\xff\xff\xff\xff",
			    ETH_ALEN));
	EXPECT_EQ(0, memcmp(arp_of(&p)->sha, w->host_mac, ETH_ALEN));
	EXPECT_EQ(0, memcmp(arp_of(&p)->sip, &w->host, 4));
	EXPECT_EQ(0, memcmp(arp_of(&p)->tip, &w->peer, 4));
	make_arp(w, &p, 2, PEER, HOST);
	wire_send(w, &p);
	ASSERT_TRUE(wire_expect(w, &p, IPPROTO_UDP, ANSWER_MS));
	EXPECT_STREQ("one", (char *)p.buf + p.l4 + 8);
	EXPECT_EQ(0, memcmp(eth_of(&p)->h_dest, w->peer_mac, ETH_ALEN));
	ASSERT_TRUE(wire_expect(w, &p, IPPROTO_UDP, ANSWER_MS));
	EXPECT_STREQ("two", (char *)p.buf + p.l4 + 8);
	/* Known now: sent at once. */
	memcpy(data, "end", 4);
	EXPECT_EQ(4, udp_to_peer(fd, data, 4));
	ASSERT_TRUE(wire_next(w, &p, ANSWER_MS));
	EXPECT_NE(0, p.l4);
	close(fd);
}

TEST_F(arp, request_is_repeated_then_given_up)
{
	struct wire *w = &self->w;
	int fd = tcp_socket(w->family);
	struct packet p;

	nonblocking(fd, true);
	EXPECT_ERRNO(EINPROGRESS, connect_to(fd, PEER, 80));
	for (int i = 0; i < 3; i++)
		EXPECT_TRUE(expect_arp(w, &p, 1, ANSWER_MS));
	EXPECT_TRUE(poll_for(fd, POLLOUT, LONG_MS) & POLLERR);
	EXPECT_EQ(EHOSTUNREACH, so_error(fd));
	close(fd);
}

TEST_F(arp, asker_is_known_afterwards)
{
	struct wire *w = &self->w;
	int fd = udp_bound(w->family, HOST);
	struct packet p;

	make_arp(w, &p, 1, PEER, HOST);
	wire_send(w, &p);
	ASSERT_TRUE(answered(w));
	EXPECT_EQ(1, udp_to_peer(fd, "x", 1));
	ASSERT_TRUE(wire_next(w, &p, ANSWER_MS));
	ASSERT_NE(0, p.l4);
	EXPECT_EQ(IPPROTO_UDP, ip_of(&p)->protocol);
	close(fd);
}

struct neigh_query {
	in_addr_t address;
	int state;		/* -1: there is no entry */
	int entries;
	uint8_t mac[ETH_ALEN];
};

static void neigh_reply(const struct nlmsghdr *nlh, void *arg)
{
	const void *address = attr_of(nlh, MINI_A_NEIGH_ADDRESS, NULL);
	const void *mac = attr_of(nlh, MINI_A_NEIGH_LLADDR, NULL);
	const uint8_t *state = attr_of(nlh, MINI_A_NEIGH_STATE, NULL);
	struct neigh_query *q = arg;

	q->entries++;
	if (!address || !state || memcmp(address, &q->address, 4))
		return;
	q->state = *state;
	if (mac)
		memcpy(q->mac, mac, ETH_ALEN);
}

static struct neigh_query neigh_of(const char *address)
{
	struct neigh_query q = { .address = inet_addr(address), .state = -1 };
	int fd = genl_open();
	struct request r;

	request_init(&r, genl_family(fd), MINI_CMD_NEIGH_GET, NLM_F_DUMP);
	talk(fd, &r, neigh_reply, &q);
	close(fd);
	return q;
}

static bool becomes(int state)
{
	long end = now_ms() + LONG_MS;

	while (neigh_of(PEER).state != state) {
		if (now_ms() > end) {
			fprintf(stderr, "# state %d, expected %d\n",
				neigh_of(PEER).state, state);
			return false;
		}
		usleep(5000);
	}
	return true;
}

/* Times a test can wait for, in ms. */
static bool hurry(int reachable)
{
	return sysctl_set("net/mini/neigh_base_reachable_ms", reachable) &&
	       sysctl_set("net/mini/neigh_delay_probe_ms", 200) &&
	       sysctl_set("net/mini/neigh_retrans_ms", 200);
}

TEST_F(neigh, life_of_an_entry)
{
	struct wire *w = &self->w;
	struct packet p;

	ASSERT_TRUE(hurry(500));
	EXPECT_EQ(-1, neigh_of(PEER).state);
	udp_to_peer(self->udp, "x", 1);
	EXPECT_TRUE(becomes(MINI_NEIGH_INCOMPLETE));
	make_arp(w, &p, 2, PEER, HOST);
	wire_send(w, &p);
	EXPECT_TRUE(becomes(MINI_NEIGH_REACHABLE));
	EXPECT_EQ(0, memcmp(neigh_of(PEER).mac, w->peer_mac, ETH_ALEN));
	EXPECT_TRUE(becomes(MINI_NEIGH_STALE));
	/* The first packet does not wait; a while later it is asked for. */
	while (wire_next(w, &p, 0))
		;
	udp_to_peer(self->udp, "y", 1);
	ASSERT_TRUE(wire_next(w, &p, ANSWER_MS));
	EXPECT_NE(0, p.l4);
	EXPECT_TRUE(becomes(MINI_NEIGH_PROBE));
	ASSERT_TRUE(expect_arp(w, &p, 1, ANSWER_MS));
	/* Who had this address is asked, not everybody. */
	EXPECT_EQ(0, memcmp(eth_of(&p)->h_dest, w->peer_mac, ETH_ALEN));
	make_arp(w, &p, 2, PEER, HOST);
	wire_send(w, &p);
	EXPECT_TRUE(becomes(MINI_NEIGH_REACHABLE));
	/* No answer to the next round: it has failed. */
	EXPECT_TRUE(becomes(MINI_NEIGH_STALE));
	udp_to_peer(self->udp, "z", 1);
	EXPECT_TRUE(becomes(MINI_NEIGH_FAILED));
}

TEST_F(neigh, queue_is_bounded)
{
	static char block[1400];
	struct packet p;
	int got = 0;

	ASSERT_TRUE(sysctl_set("net/mini/neigh_queue_bytes", 16384));
	ASSERT_OK(set_int(self->udp, SOL_SOCKET, SO_SNDBUF, 1 << 20));
	for (int i = 0; i < 100; i++)
		udp_to_peer(self->udp, block, sizeof(block));
	EXPECT_LT(0, counter("drop/NEIGH_QUEUE_FULL"));
	make_arp(&self->w, &p, 2, PEER, HOST);
	wire_send(&self->w, &p);
	while (wire_expect(&self->w, &p, IPPROTO_UDP, got ? SILENCE_MS :
							    ANSWER_MS))
		got++;
	EXPECT_LT(0, got);
	EXPECT_GE(16, got);
}

TEST_F(neigh, failure_is_told_and_counted)
{
	ASSERT_TRUE(hurry(30000));
	udp_to_peer(self->udp, "x", 1);
	EXPECT_TRUE(becomes(MINI_NEIGH_FAILED));
	EXPECT_EQ(1, counter("NeighFailed"));
	EXPECT_TRUE(counter_reaches("drop/NEIGH_FAILED", 1));
}

TEST_F(neigh, nobody_is_believed_unasked)
{
	struct packet p;

	make_arp(&self->w, &p, 2, "10.0.0.9", HOST);
	wire_send(&self->w, &p);
	make_arp(&self->w, &p, 2, "10.0.0.9", "10.0.0.9");
	wire_send(&self->w, &p);
	EXPECT_TRUE(counter_reaches("ArpInReplies", 2));
	EXPECT_EQ(-1, neigh_of("10.0.0.9").state);
}

TEST_F(neigh, announcement_moves_a_known_entry)
{
	struct wire *w = &self->w;
	struct packet p;

	make_arp(w, &p, 1, PEER, HOST);
	wire_send(w, &p);
	ASSERT_TRUE(answered(w));
	make_arp(w, &p, 1, PEER, PEER);
	p.buf[ETH_ALEN + 5] = 0x33;
	arp_of(&p)->sha[5] = 0x33;
	wire_send(w, &p);
	EXPECT_TRUE(counter_reaches("ArpInRequests", 2));
	udp_to_peer(self->udp, "x", 1);
	ASSERT_TRUE(wire_expect(w, &p, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(0x33, eth_of(&p)->h_dest[5]);
}

TEST_F(neigh, probe_for_another_is_not_ours)
{
	struct packet p;

	make_arp(&self->w, &p, 1, "0.0.0.0", "10.0.0.77");
	wire_send(&self->w, &p);
	EXPECT_TRUE(counter_reaches("drop/ARP_NOT_FOR_US", 1));
	EXPECT_FALSE(expect_arp(&self->w, &p, 2, 0));
}

TEST_F(neigh, senders_that_cannot_be)
{
	static const uint8_t group[ETH_ALEN] = { 1, 0, 0x5e, 0, 0, 1 };
	struct packet p;

	make_arp(&self->w, &p, 1, PEER, HOST);
	memcpy(arp_of(&p)->sha, group, ETH_ALEN);
	wire_send(&self->w, &p);
	make_arp(&self->w, &p, 1, PEER, HOST);
	memset(arp_of(&p)->sha, 0, ETH_ALEN);
	wire_send(&self->w, &p);
	make_arp(&self->w, &p, 1, "255.255.255.255", HOST);
	wire_send(&self->w, &p);
	make_arp(&self->w, &p, 1, "224.0.0.1", HOST);
	wire_send(&self->w, &p);
	EXPECT_TRUE(counter_reaches("drop/ARP_SENDER", 4));
	EXPECT_FALSE(expect_arp(&self->w, &p, 2, SILENCE_MS));
}

TEST_F(neigh, duplicate_address_is_noticed)
{
	struct packet p;

	make_arp(&self->w, &p, 1, HOST, HOST);
	wire_send(&self->w, &p);
	EXPECT_TRUE(counter_reaches("ArpConflicts", 1));
	EXPECT_TRUE(run("mini -j addr | grep -qi duplicate"));
}

TEST_F(neigh, address_is_announced)
{
	in_addr_t second = inet_addr("10.0.0.11");
	struct packet p;
	bool seen = false;

	while (wire_next(&self->w, &p, 0))
		;
	ASSERT_TRUE(run("mini addr add 10.0.0.11/24 dev tap0"));
	while (!seen && wire_expect(&self->w, &p, 0, ANSWER_MS))
		seen = !memcmp(arp_of(&p)->sip, &second, 4) &&
		       !memcmp(arp_of(&p)->tip, &second, 4);
	EXPECT_TRUE(seen);
	EXPECT_EQ(0xff, eth_of(&p)->h_dest[0]);
	EXPECT_EQ(0, memcmp(arp_of(&p)->sha, self->w.host_mac, ETH_ALEN));
}

TEST_F(neigh, permanent_entry_is_not_asked_for)
{
	struct packet p;

	ASSERT_TRUE(run("mini neigh add " PEER
			" lladdr 02:00:00:00:00:44 dev tap0"));
	EXPECT_EQ(MINI_NEIGH_PERMANENT, neigh_of(PEER).state);
	while (wire_next(&self->w, &p, 0))
		;
	udp_to_peer(self->udp, "x", 1);
	ASSERT_TRUE(wire_next(&self->w, &p, ANSWER_MS));
	ASSERT_NE(0, p.l4);
	EXPECT_EQ(0x44, eth_of(&p)->h_dest[5]);
	/* Nor does the wire change it. */
	make_arp(&self->w, &p, 1, PEER, HOST);
	wire_send(&self->w, &p);
	ASSERT_TRUE(answered(&self->w));
	EXPECT_EQ(0x44, neigh_of(PEER).mac[5]);
	EXPECT_TRUE(run("mini neigh del " PEER " dev tap0"));
	EXPECT_EQ(-1, neigh_of(PEER).state);
}

TEST_F(neigh, table_is_bounded)
{
	ASSERT_TRUE(sysctl_set("net/mini/neigh_max_entries", 16));
	for (int i = 10; i < 110; i++) {
		char address[16];
		struct sockaddr_in sin;

		snprintf(address, sizeof(address), "10.0.0.%d", i);
		sin = name_of(address, 9);
		sendto(self->udp, "x", 1, MSG_DONTWAIT, SA(sin));
	}
	EXPECT_GE(16, neigh_of(PEER).entries);
	EXPECT_LT(0, neigh_of(PEER).entries);
}

TEST_HARNESS_MAIN
