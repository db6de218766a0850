// SPDX-License-Identifier: GPL-2.0
/*
 * A router between two wires (RFC 1812), frame by frame, of either stack:
 *
 *	near, 10.0.0.2 <-- tap0, 10.0.0.1  10.0.1.1, tap1 --> far, 10.0.1.2
 *
 * Near sends what it likes; what far gets, and what near is told, is looked at
 * octet by octet.
 */
#include "kselftest_harness.h"
#include "frames.h"

#define FAR_HOST	"10.0.1.1"
#define FAR		"10.0.1.2"
#define DATA		"sixteen octets.."

FIXTURE(forward) {
	struct wire near;
	struct wire far;
	bool mini;
};

FIXTURE_VARIANT(forward) {
	const char *family;
};

FIXTURE_VARIANT_ADD(forward, inet) {
	.family = "inet",
};

FIXTURE_VARIANT_ADD(forward, mini) {
	.family = "mini",
};

static bool router(const struct wire *w, bool on)
{
	return sysctl_set(w->family == AF_INET ? "net/ipv4/ip_forward" :
			  "net/mini/ip_forward", on);
}

static bool add_route(const struct wire *w, const char *what)
{
	return run("%s route add %s", w->family == AF_INET ? "ip" : "mini",
		   what);
}

FIXTURE_SETUP(forward)
{
	ASSERT_TRUE(wire_open(&self->near, variant->family, false));
	ASSERT_TRUE(wire_open_more(&self->far, &self->near, "tap1", FAR_HOST,
				   FAR));
	ASSERT_TRUE(router(&self->near, true));
	ASSERT_TRUE(wire_knob(&self->near, "rp_filter", 0));
	/* AF_INET's default. */
	if (self->near.family == AF_INET)
		ASSERT_TRUE(wire_knob(&self->near, "accept_source_route", 0));
	self->mini = self->near.family != AF_INET;
}

FIXTURE_TEARDOWN(forward)
{
	wire_close(&self->far);
	wire_close(&self->near);
}

static void address(struct packet *p, const char *source, const char *target)
{
	ip_of(p)->saddr = inet_addr(source);
	ip_of(p)->daddr = inet_addr(target);
	fix_ip(p);
	fix_l4(p);
}

/* Of near for far. */
static void transit(struct wire *w, struct packet *p, const void *data,
		    size_t len)
{
	make_udp(w, p, 5000, 6000, data, len);
	address(p, PEER, FAR);
}

static void transit_ttl(struct wire *w, struct packet *p, int ttl)
{
	transit(w, p, DATA, 16);
	ip_of(p)->ttl = ttl;
	fix_ip(p);
}

/* An ICMP message comes to near, of this kind, about that packet. */
static bool is_told(struct wire *w, struct packet *p, int type, int code,
		    const struct packet *about)
{
	size_t quoted;

	if (!wire_expect(w, p, IPPROTO_ICMP, ANSWER_MS)) {
		fprintf(stderr, "# nothing was told\n");
		return false;
	}
	p->data = p->l4 + 8;
	if (p->buf[p->l4] != type || p->buf[p->l4 + 1] != code) {
		fprintf(stderr, "# told %u/%u instead of %d/%d\n",
			p->buf[p->l4], p->buf[p->l4 + 1], type, code);
		return false;
	}
	quoted = p->len - p->data;
	if (quoted < 28 || quoted > 548)
		return false;
	/* All of it but the TTL and the sum, which a router may change. */
	return !memcmp(p->buf + p->data, about->buf + about->ip, 8) &&
	       !memcmp(p->buf + p->data + 12, about->buf + about->ip + 12,
		       quoted - 12);
}

/* A packet passes: what came before it has been dealt with. */
static bool passes(struct wire *near, struct wire *far)
{
	static int port = 20000;
	struct packet p, q;

	make_udp(near, &p, ++port, 6000, DATA, 16);
	address(&p, PEER, FAR);
	wire_send(near, &p);
	while (wire_expect(far, &q, IPPROTO_UDP, ANSWER_MS)) {
		if (udp_of(&q)->source == htons(port))
			return true;
		fprintf(stderr, "# another packet was forwarded\n");
		return false;
	}
	fprintf(stderr, "# nothing is forwarded\n");
	return false;
}

TEST_F(forward, mac_addresses_change_and_ip_addresses_do_not)
{
	struct packet p, q;

	transit(&self->near, &p, DATA, 16);
	ip_of(&p)->tos = 0x28;
	ip_of(&p)->frag_off = htons(IP_DF);
	fix_ip(&p);
	wire_send(&self->near, &p);
	ASSERT_TRUE(wire_expect(&self->far, &q, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(0, memcmp(eth_of(&q)->h_source, self->far.host_mac, 6));
	EXPECT_EQ(0, memcmp(eth_of(&q)->h_dest, self->far.peer_mac, 6));
	EXPECT_EQ(inet_addr(PEER), ip_of(&q)->saddr);
	EXPECT_EQ(inet_addr(FAR), ip_of(&q)->daddr);
	EXPECT_EQ(ip_of(&p)->ttl - 1, ip_of(&q)->ttl);
	EXPECT_EQ(0x28, ip_of(&q)->tos);
	EXPECT_EQ(ip_of(&p)->id, ip_of(&q)->id);
	EXPECT_EQ(htons(IP_DF), ip_of(&q)->frag_off);
	ASSERT_EQ(p.len, q.len);
	EXPECT_EQ(0, memcmp(p.buf + p.l4, q.buf + q.l4, p.len - p.l4));
}

TEST_F(forward, checksum_follows_the_ttl)
{
	struct packet p, q;

	for (int ttl = 2; ttl < 256; ttl++) {
		transit_ttl(&self->near, &p, ttl);
		/* Sums of all sizes, 0xffff among them. */
		ip_of(&p)->id = htons(ttl * 0x101);
		fix_ip(&p);
		if (ttl % 8 == 0) {
			ip_of(&p)->id = ip_of(&p)->check;
			fix_ip(&p);
		}
		wire_send(&self->near, &p);
		ASSERT_TRUE(wire_expect(&self->far, &q, IPPROTO_UDP,
					ANSWER_MS));
		ASSERT_EQ(ttl - 1, ip_of(&q)->ttl);
	}
}

TEST_F(forward, ttl_ends_here)
{
	struct packet p, q;

	ASSERT_TRUE(passes(&self->near, &self->far));
	for (int ttl = 0; ttl < 2; ttl++) {
		transit_ttl(&self->near, &p, ttl);
		wire_send(&self->near, &p);
		ASSERT_TRUE(is_told(&self->near, &q, ICMP_TIME_EXCEEDED,
				    ICMP_EXC_TTL, &p));
		EXPECT_EQ(self->near.host, ip_of(&q)->saddr);
		EXPECT_EQ(self->near.peer, ip_of(&q)->daddr);
	}
	EXPECT_TRUE(passes(&self->near, &self->far));
}

TEST_F(forward, no_route)
{
	struct packet p, q;

	transit(&self->near, &p, DATA, 16);
	address(&p, PEER, "192.0.2.1");
	wire_send(&self->near, &p);
	ASSERT_TRUE(is_told(&self->near, &q, ICMP_DEST_UNREACH, ICMP_NET_UNREACH,
			    &p));
	EXPECT_EQ(self->near.host, ip_of(&q)->saddr);
}

TEST_F(forward, may_not_be_fragmented)
{
	static char data[1400];
	struct packet p, q;

	ASSERT_TRUE(run("ip link set tap1 mtu 1000"));
	transit(&self->near, &p, data, sizeof(data));
	ip_of(&p)->frag_off = htons(IP_DF);
	fix_ip(&p);
	wire_send(&self->near, &p);
	ASSERT_TRUE(is_told(&self->near, &q, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED,
			    &p));
	EXPECT_EQ(1000, q.buf[q.l4 + 6] << 8 | q.buf[q.l4 + 7]);
	/* What just fits passes. */
	transit(&self->near, &p, data, 1000 - 28);
	ip_of(&p)->frag_off = htons(IP_DF);
	fix_ip(&p);
	wire_send(&self->near, &p);
	ASSERT_TRUE(wire_expect(&self->far, &q, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(1000u, q.len - q.ip);
}

TEST_F(forward, too_large_goes_on_in_fragments)
{
	static char data[1400];
	struct packet p, q;
	size_t next = 0;

	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = i * 7;
	ASSERT_TRUE(run("ip link set tap1 mtu 600"));
	transit(&self->near, &p, data, sizeof(data));
	wire_send(&self->near, &p);
	while (next < p.len - p.l4) {
		size_t len;
		int off;

		/* The sum of the datagram is in the first. */
		ASSERT_TRUE(wire_next(&self->far, &q, ANSWER_MS));
		if (!q.l4)
			continue;
		off = ntohs(ip_of(&q)->frag_off);
		len = q.len - q.l4;
		EXPECT_GE(600u, q.len - q.ip);
		EXPECT_EQ(63, ip_of(&q)->ttl);
		EXPECT_EQ(ip_of(&p)->id, ip_of(&q)->id);
		EXPECT_EQ(0, checksum(ip_of(&q), 20, 0));
		ASSERT_EQ(next, (size_t)(off & IP_OFFMASK) * 8);
		EXPECT_EQ(0, memcmp(p.buf + p.l4 + next, q.buf + q.l4, len));
		next += len;
		EXPECT_EQ(next < p.len - p.l4, !!(off & IP_MF));
	}
	EXPECT_EQ(p.len - p.l4, next);
}

TEST_F(forward, next_hop_does_not_answer)
{
	struct packet p, q;

	self->far.mute = true;
	if (self->mini) {
		ASSERT_TRUE(sysctl_set("net/mini/neigh_retrans_ms", 10));
	} else {
		ASSERT_TRUE(sysctl_set("net/ipv4/neigh/tap1/retrans_time_ms",
				       10));
	}
	transit(&self->near, &p, DATA, 16);
	wire_send(&self->near, &p);
	ASSERT_TRUE(is_told(&self->near, &q, ICMP_DEST_UNREACH, ICMP_HOST_UNREACH,
			    &p));
	EXPECT_EQ(self->near.host, ip_of(&q)->saddr);
}

TEST_F(forward, packets_wait_for_the_next_hop)
{
	struct packet p, q;

	self->far.mute = true;
	for (int i = 0; i < 5; i++) {
		transit(&self->near, &p, DATA, 16);
		udp_of(&p)->source = htons(7000 + i);
		fix_l4(&p);
		wire_send(&self->near, &p);
	}
	ASSERT_TRUE(wire_expect(&self->far, &q, 0, ANSWER_MS));
	make_arp(&self->far, &p, 2, FAR, FAR_HOST);
	wire_send(&self->far, &p);
	for (int i = 0; i < 5; i++) {
		ASSERT_TRUE(wire_expect(&self->far, &q, IPPROTO_UDP,
					ANSWER_MS));
		EXPECT_EQ(htons(7000 + i), udp_of(&q)->source);
	}
}

/* RFC 1122 section 3.2.2, RFC 1812 section 4.3.2.7; each would end here. */
TEST_F(forward, no_error_about_these)
{
	struct packet p, q;

	ASSERT_TRUE(passes(&self->near, &self->far));
	/* an error, */
	transit_ttl(&self->near, &q, 64);
	make_icmp(&self->near, &p, ICMP_DEST_UNREACH, ICMP_PORT_UNREACH, 0,
		  q.buf + q.ip, q.len - q.ip);
	ip_of(&p)->ttl = 1;
	address(&p, PEER, FAR);
	wire_send(&self->near, &p);
	/* a later fragment, */
	transit_ttl(&self->near, &p, 1);
	ip_of(&p)->frag_off = htons(2);
	fix_ip(&p);
	wire_send(&self->near, &p);
	/* something in a frame to all or to some, */
	transit_ttl(&self->near, &p, 1);
	memset(eth_of(&p)->h_dest, 0xff, ETH_ALEN);
	wire_send(&self->near, &p);
	memcpy(eth_of(&p)->h_dest, "\1\0\x5e\0\0\1", ETH_ALEN);
	wire_send(&self->near, &p);
	/* a source that is no host. */
	transit_ttl(&self->near, &p, 1);
	address(&p, "224.0.0.5", FAR);
	wire_send(&self->near, &p);
	/* AF_INET looks for this one only with rp_filter. */
	address(&p, "10.0.0.255", FAR);
	if (self->mini)
		wire_send(&self->near, &p);
	address(&p, "0.0.0.0", FAR);
	wire_send(&self->near, &p);
	/* All of them were seen when this one has passed. */
	EXPECT_TRUE(passes(&self->near, &self->far));
	EXPECT_TRUE(wire_silent(&self->near, IPPROTO_ICMP, 0));
}

/* RFC 1812 section 5.3.4 and RFC 2644, and what has no business here. */
TEST_F(forward, not_passed_on)
{
	static const struct {
		const char *source;
		const char *target;
	} cases[] = {
		{ PEER, "10.0.1.255" },
		{ PEER, "255.255.255.255" },
		{ PEER, "224.0.0.9" },
		{ PEER, "127.0.0.1" },
		{ "127.0.0.1", FAR },
		{ "224.0.0.9", FAR },
		{ "255.255.255.255", FAR },
		/* AF_INET looks for these only with rp_filter. */
		{ "10.0.0.1", FAR },
		{ "10.0.1.255", FAR },
	};
	size_t count = ARRAY_SIZE(cases);
	struct packet p;

	if (!self->mini)
		count -= 2;
	ASSERT_TRUE(passes(&self->near, &self->far));
	transit(&self->near, &p, DATA, 16);
	memset(eth_of(&p)->h_dest, 0xff, ETH_ALEN);
	wire_send(&self->near, &p);
	EXPECT_TRUE(passes(&self->near, &self->far));
	for (size_t i = 0; i < count; i++) {
		transit(&self->near, &p, DATA, 16);
		address(&p, cases[i].source, cases[i].target);
		wire_send(&self->near, &p);
		EXPECT_TRUE(passes(&self->near, &self->far)) {
			TH_LOG("from %s to %s", cases[i].source,
			       cases[i].target);
		}
	}
	EXPECT_TRUE(wire_silent(&self->near, IPPROTO_ICMP, 0));
}

TEST_F(forward, a_host_forwards_nothing)
{
	struct packet p;

	ASSERT_TRUE(passes(&self->near, &self->far));
	ASSERT_TRUE(router(&self->near, false));
	transit(&self->near, &p, DATA, 16);
	wire_send(&self->near, &p);
	transit_ttl(&self->near, &p, 1);
	wire_send(&self->near, &p);
	/* Answered after both. */
	make_icmp(&self->near, &p, ICMP_ECHO, 0, 1, DATA, 16);
	wire_send(&self->near, &p);
	ASSERT_TRUE(wire_expect(&self->near, &p, IPPROTO_ICMP, ANSWER_MS));
	EXPECT_EQ(ICMP_ECHOREPLY, p.buf[p.l4]);
	EXPECT_TRUE(wire_silent(&self->far, IPPROTO_UDP, 0));
}

TEST_F(forward, the_router_answers_on_both_sides)
{
	struct packet p;

	make_icmp(&self->near, &p, ICMP_ECHO, 0, 1, DATA, 16);
	address(&p, PEER, FAR_HOST);
	wire_send(&self->near, &p);
	ASSERT_TRUE(wire_expect(&self->near, &p, IPPROTO_ICMP, ANSWER_MS));
	EXPECT_EQ(ICMP_ECHOREPLY, p.buf[p.l4]);
	EXPECT_EQ(inet_addr(FAR_HOST), ip_of(&p)->saddr);
}

/* The next hop is on the sender's own subnet. */
static void detour(struct wire *w, struct packet *p)
{
	transit(w, p, DATA, 16);
	address(p, PEER, "192.0.2.1");
	wire_send(w, p);
}

TEST_F(forward, host_is_redirected)
{
	static const in_addr_t gateway = 0x0900000a;	/* 10.0.0.9 */
	struct packet p, q, arp;

	ASSERT_TRUE(wire_knob(&self->near, "send_redirects", 1));
	ASSERT_TRUE(add_route(&self->near, "192.0.2.0/24 via 10.0.0.9"));
	make_arp(&self->near, &arp, 2, "10.0.0.9", HOST);
	self->near.mute = true;
	detour(&self->near, &p);
	/* The router may ask for either first. */
	for (bool redirected = false, passed = false; !redirected || !passed;) {
		ASSERT_TRUE(wire_next(&self->near, &q, ANSWER_MS));
		if (!q.l4 && !memcmp(arp_of(&q)->tip, &gateway, 4)) {
			wire_send(&self->near, &arp);
		} else if (!q.l4) {
			make_arp(&self->near, &q, 2, PEER, HOST);
			wire_send(&self->near, &q);
		} else if (ip_of(&q)->protocol == IPPROTO_UDP) {
			EXPECT_EQ(inet_addr("192.0.2.1"), ip_of(&q)->daddr);
			passed = true;
		} else {
			EXPECT_EQ(ICMP_REDIRECT, q.buf[q.l4]);
			EXPECT_EQ(ICMP_REDIR_HOST, q.buf[q.l4 + 1]);
			EXPECT_EQ(0, memcmp(q.buf + q.l4 + 4, &gateway, 4));
			EXPECT_EQ(self->near.host, ip_of(&q)->saddr);
			EXPECT_EQ(0, memcmp(q.buf + q.l4 + 8 + 12,
					    p.buf + p.ip + 12, 16));
			redirected = true;
		}
	}
}

TEST_F(forward, host_is_not_redirected)
{
	struct packet p, q;

	ASSERT_TRUE(wire_knob(&self->near, "send_redirects", 0));
	ASSERT_TRUE(add_route(&self->near, "192.0.2.0/24 via " PEER));
	detour(&self->near, &p);
	ASSERT_TRUE(wire_expect(&self->near, &q, IPPROTO_UDP, ANSWER_MS));
	/* Nor, if that may be, to itself, */
	ASSERT_TRUE(wire_knob(&self->near, "send_redirects", 1));
	detour(&self->near, &p);
	ASSERT_TRUE(wire_expect(&self->near, &q, IPPROTO_UDP, ANSWER_MS));
	/* nor who is not on the gateway's subnet. */
	transit(&self->near, &p, DATA, 16);
	address(&p, "198.51.100.1", "192.0.2.1");
	wire_send(&self->near, &p);
	ASSERT_TRUE(wire_expect(&self->near, &q, IPPROTO_UDP, ANSWER_MS));
	EXPECT_TRUE(wire_silent(&self->near, IPPROTO_ICMP, 0));
}

TEST_F(forward, reverse_path_filter)
{
	struct packet p, q;

	/* Of far's subnet, but from near; then of nowhere. */
	ASSERT_TRUE(passes(&self->near, &self->far));
	for (int filter = 0; filter < 3; filter++) {
		ASSERT_TRUE(wire_knob(&self->near, "rp_filter", filter));
		transit(&self->near, &p, DATA, 16);
		address(&p, "10.0.1.77", FAR);
		wire_send(&self->near, &p);
		if (filter != 1) {
			ASSERT_TRUE(wire_expect(&self->far, &q, IPPROTO_UDP,
						ANSWER_MS));
			EXPECT_EQ(inet_addr("10.0.1.77"), ip_of(&q)->saddr);
		}
		EXPECT_TRUE(passes(&self->near, &self->far));
		transit(&self->near, &p, DATA, 16);
		address(&p, "198.51.100.1", FAR);
		wire_send(&self->near, &p);
		if (!filter)
			ASSERT_TRUE(wire_expect(&self->far, &q, IPPROTO_UDP,
						ANSWER_MS));
		EXPECT_TRUE(passes(&self->near, &self->far));
	}
	EXPECT_TRUE(wire_silent(&self->near, IPPROTO_ICMP, 0));
}

/* With options, padded with NOPs to whole words. */
static void with_options(struct packet *p, const void *opts, size_t len)
{
	size_t room = (len + 3) / 4 * 4;

	memmove(p->buf + p->l4 + room, p->buf + p->l4, p->len - p->l4);
	memset(p->buf + p->l4, 1, room);
	memcpy(p->buf + p->l4, opts, len);
	ip_of(p)->ihl += room / 4;
	ip_of(p)->tot_len = htons(ntohs(ip_of(p)->tot_len) + room);
	p->l4 += room;
	p->data += room;
	p->len += room;
	fix_ip(p);
}

TEST_F(forward, route_is_recorded)
{
	static const uint8_t rr[] = { 7, 11, 4 };
	uint8_t opts[12] = {};
	struct packet p, q;

	memcpy(opts, rr, sizeof(rr));
	transit(&self->near, &p, DATA, 16);
	with_options(&p, opts, sizeof(opts));
	wire_send(&self->near, &p);
	ASSERT_TRUE(wire_expect(&self->far, &q, IPPROTO_UDP, ANSWER_MS));
	ASSERT_EQ(0x48, q.buf[q.ip]);
	EXPECT_EQ(8, q.buf[q.ip + 22]);
	EXPECT_EQ(0, memcmp(q.buf + q.ip + 23, &self->far.host, 4));
	EXPECT_EQ(0, memcmp(p.buf + p.l4, q.buf + q.l4, p.len - p.l4));
	/* One that is full is left alone. */
	opts[2] = 12;
	transit(&self->near, &p, DATA, 16);
	with_options(&p, opts, sizeof(opts));
	wire_send(&self->near, &p);
	ASSERT_TRUE(wire_expect(&self->far, &q, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(0, memcmp(p.buf + p.ip + 20, q.buf + q.ip + 20, 12));
}

TEST_F(forward, times_are_recorded)
{
	uint8_t opts[12] = { 68, 12, 5, 1 };
	struct packet p, q;

	/* Address and time */
	transit(&self->near, &p, DATA, 16);
	with_options(&p, opts, sizeof(opts));
	wire_send(&self->near, &p);
	ASSERT_TRUE(wire_expect(&self->far, &q, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(13, q.buf[q.ip + 22]);
	/* AF_INET gives one of the side that it came by. */
	if (self->mini)
		EXPECT_EQ(0, memcmp(q.buf + q.ip + 24, &self->far.host, 4));
	EXPECT_NE(0, memcmp(q.buf + q.ip + 28, "\0\0\0\0", 4));
	/* No room is left: it is counted. */
	opts[2] = 13;
	transit(&self->near, &p, DATA, 16);
	with_options(&p, opts, sizeof(opts));
	wire_send(&self->near, &p);
	ASSERT_TRUE(wire_expect(&self->far, &q, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(0x11, q.buf[q.ip + 23]);
}

TEST_F(forward, echo_takes_the_record_back)
{
	uint8_t opts[12] = { 7, 11, 4 };
	struct packet p, q;

	make_icmp(&self->near, &p, ICMP_ECHO, 0, 1, DATA, 16);
	with_options(&p, opts, sizeof(opts));
	wire_send(&self->near, &p);
	ASSERT_TRUE(wire_expect(&self->near, &q, IPPROTO_ICMP, ANSWER_MS));
	EXPECT_EQ(ICMP_ECHOREPLY, q.buf[q.l4]);
	ASSERT_EQ(0x48, q.buf[q.ip]);
	EXPECT_EQ(7, q.buf[q.ip + 20]);
	EXPECT_EQ(0, memcmp(q.buf + q.ip + 23, &self->near.host, 4));
	EXPECT_EQ(0, memcmp(p.buf + p.l4 + 8, q.buf + q.l4 + 8, 16));
}

TEST_F(forward, router_alert_passes)
{
	uint8_t opts[4] = { 148, 4 };
	struct packet p, q;

	transit(&self->near, &p, DATA, 16);
	with_options(&p, opts, sizeof(opts));
	wire_send(&self->near, &p);
	ASSERT_TRUE(wire_expect(&self->far, &q, IPPROTO_UDP, ANSWER_MS));
	EXPECT_EQ(0, memcmp(q.buf + q.ip + 20, opts, 4));
}

static int alert_socket(int family)
{
	int fd = socket(family, SOCK_RAW, IPPROTO_UDP);

	timeout_ms(fd, SO_RCVTIMEO, ANSWER_MS);
	return fd;
}

/* IP_ROUTER_ALERT: a program has it, and nobody else. */
TEST_F(forward, router_alert_is_taken)
{
	uint8_t opts[4] = { 148, 4 };
	int fd = alert_socket(self->near.family);
	struct packet p, q;
	uint8_t got[256];

	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_ROUTER_ALERT, 1));
	/* What does not ask for it travels on, */
	ASSERT_TRUE(passes(&self->near, &self->far));
	/* nor is any other protocol the program's; */
	make_icmp(&self->near, &p, ICMP_ECHO, 0, 1, DATA, 16);
	address(&p, PEER, FAR);
	with_options(&p, opts, sizeof(opts));
	wire_send(&self->near, &p);
	ASSERT_TRUE(wire_expect(&self->far, &q, IPPROTO_ICMP, ANSWER_MS));
	/* but this, though its way would end here. */
	transit_ttl(&self->near, &p, 1);
	with_options(&p, opts, sizeof(opts));
	wire_send(&self->near, &p);
	ASSERT_EQ(p.len - 14, recv(fd, got, sizeof(got), 0));
	EXPECT_EQ(0, memcmp(p.buf + p.ip, got, p.len - 14));
	EXPECT_TRUE(wire_silent(&self->near, IPPROTO_ICMP, 0));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_ROUTER_ALERT, 0));
	transit(&self->near, &p, DATA, 16);
	with_options(&p, opts, sizeof(opts));
	wire_send(&self->near, &p);
	EXPECT_TRUE(wire_expect(&self->far, &q, IPPROTO_UDP, ANSWER_MS));
	close(fd);
}

TEST_F(forward, router_alert_in_fragments)
{
	uint8_t opts[4] = { 148, 4 };
	int fd = alert_socket(self->near.family);
	struct packet p;
	uint8_t got[256];

	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_ROUTER_ALERT, 1));
	for (int i = 0; i < 2; i++) {
		transit(&self->near, &p, DATA, 16);
		with_options(&p, opts, sizeof(opts));
		ip_of(&p)->id = htons(77);
		ip_of(&p)->frag_off = htons(i ? 3 : IP_MF);
		fix_ip(&p);
		wire_send(&self->near, &p);
	}
	/* Options, UDP's header and data of each. */
	ASSERT_EQ(24 + 2 * 24, recv(fd, got, sizeof(got), 0));
	EXPECT_TRUE(wire_silent(&self->far, IPPROTO_UDP, 0));
	close(fd);
}

TEST_F(forward, bad_options_are_told)
{
	static const struct {
		uint8_t opts[8];
		int pointer;
	} cases[] = {
		{ { 7, 1, 4, 0, 0, 0, 0, 0 }, 20 },	/* length too small */
		{ { 1, 7, 9, 4, 0, 0, 0, 0 }, 21 },	/* behind the header */
		{ { 7, 2, 1, 1, 1, 1, 1, 1 }, 21 },	/* no pointer at all */
		{ { 7, 7, 3, 0, 0, 0, 0, 0 }, 22 },	/* points to itself */
		{ { 7, 7, 5, 0, 0, 0, 0, 0 }, 22 },	/* half a place */
		{ { 68, 8, 4, 0, 0, 0, 0, 0 }, 22 },
		{ { 68, 8, 5, 1, 0, 0, 0, 0 }, 22 },	/* half an entry */
		{ { 68, 8, 9, 0xf0, 0, 0, 0, 0 }, 23 },	/* counted up */
	};
	struct packet p, q;

	/* AF_INET tells one host no more than six at once. */
	for (size_t i = 0; i < ARRAY_SIZE(cases) && (self->mini || i < 5);
	     i++) {
		transit(&self->near, &p, DATA, 16);
		with_options(&p, cases[i].opts, 8);
		wire_send(&self->near, &p);
		EXPECT_TRUE(is_told(&self->near, &q, ICMP_PARAMETERPROB, 0, &p)) {
			TH_LOG("case %zu", i);
		}
		EXPECT_EQ(cases[i].pointer, q.buf[q.l4 + 4]) {
			TH_LOG("case %zu", i);
		}
	}
	EXPECT_TRUE(passes(&self->near, &self->far));
}

TEST_F(forward, source_routes_are_not_taken)
{
	static const uint8_t kinds[] = { 131, 137 };
	struct packet p;

	ASSERT_TRUE(passes(&self->near, &self->far));
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		uint8_t opts[8] = { kinds[i], 7, 4, 10, 0, 1, 2, 0 };

		transit(&self->near, &p, DATA, 16);
		ip_of(&p)->daddr = self->near.host;
		with_options(&p, opts, sizeof(opts));
		wire_send(&self->near, &p);
		EXPECT_TRUE(passes(&self->near, &self->far));
	}
	EXPECT_TRUE(wire_silent(&self->near, IPPROTO_ICMP, 0));
}

TEST_HARNESS_MAIN
