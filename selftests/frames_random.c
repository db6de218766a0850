// SPDX-License-Identifier: GPL-2.0
/*
 * Frames that nobody ever meant: 10,000 random ones of each EtherType, and
 * 10,000 valid ones of each protocol with a few octets changed.  All of them
 * are counted, none is answered by a splat (the driver looks at the kernel's
 * log), and the stack works as before.
 *
 * MINI_TEST_SEED repeats a run.
 */
#include "kselftest_harness.h"
#include "frames.h"

#define FRAMES	10000

static uint64_t state;

static uint32_t rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 16;
}

FIXTURE(random) {
	struct wire w;
	int udp;
	int listener;
};

FIXTURE_VARIANT(random) {
	bool tun;
};

FIXTURE_VARIANT_ADD(random, tap) {
	.tun = false,
};

FIXTURE_VARIANT_ADD(random, tun) {
	.tun = true,
};

FIXTURE_SETUP(random)
{
	const char *seed = getenv("MINI_TEST_SEED");

	state = seed ? strtoull(seed, NULL, 0) : (uint64_t)now_ms() << 20 | 1;
	TH_LOG("MINI_TEST_SEED=%llu", (unsigned long long)state);
	ASSERT_TRUE(wire_open(&self->w, "mini", variant->tun));
	self->udp = udp_bound(self->w.family, "0.0.0.0");
	self->listener = tcp_listener(self->w.family, HOST, 4096);
	ASSERT_LE(0, self->udp);
	ASSERT_LE(0, self->listener);
}

FIXTURE_TEARDOWN(random)
{
	close(self->udp);
	close(self->listener);
	wire_close(&self->w);
}

static void add_drop(const struct nlmsghdr *nlh, void *arg)
{
	const char *name = attr_of(nlh, MINI_A_STAT_NAME, NULL);
	const void *value = attr_of(nlh, MINI_A_STAT_VALUE, NULL);
	long long n;

	if (!name || !value || strncmp(name, "drop/", 5))
		return;
	memcpy(&n, value, sizeof(n));
	*(long long *)arg += n;
	if (n)
		fprintf(stderr, "# %-32s %lld\n", name, n);
}

static long long drops(void)
{
	int fd = genl_open();
	long long sum = 0;
	struct request r;

	request_init(&r, genl_family(fd), MINI_CMD_STAT_GET, NLM_F_DUMP);
	talk(fd, &r, add_drop, &sum);
	close(fd);
	return sum;
}

/* What the host answers must not fill the device's queue. */
static void discard(struct wire *w)
{
	struct packet p;

	while (read(w->fd, p.buf, sizeof(p.buf)) > 0)
		;
}

static bool well(struct wire *w, int udp)
{
	struct packet p;
	struct conn c;
	char buf[2048];
	bool ok;

	w->mute = false;
	discard(w);
	while (recv(udp, buf, sizeof(buf), MSG_DONTWAIT) >= 0)
		;
	make_udp(w, &p, 5000, local_port(udp), "hello", 5);
	wire_send(w, &p);
	if (recv(udp, buf, sizeof(buf), 0) != 5)
		return false;
	ok = conn_establish(w, &c) && conn_alive(&c);
	conn_close(&c);
	return ok;
}

static void random_octets(uint8_t *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		data[i] = rnd();
}

TEST_F_TIMEOUT(random, any_octets, 200)
{
	static const uint16_t types[] = {
		ETH_P_IP, ETH_P_ARP, ETH_P_IPV6, ETH_P_8021Q, 0x1234,
	};
	struct wire *w = &self->w;

	for (size_t t = 0; t < ARRAY_SIZE(types); t++) {
		/* A tun device carries IP, and has no types. */
		if (w->tun && types[t] != ETH_P_IP && types[t] != ETH_P_IPV6)
			continue;
		for (int i = 0; i < FRAMES; i++) {
			struct packet p = {};

			p.len = (w->tun ? 1 : ETH_HLEN) + rnd() % 120;
			random_octets(p.buf, p.len);
			if (w->tun) {
				p.buf[0] &= 0x0f;
				p.buf[0] |= types[t] == ETH_P_IP ? 0x40 : 0x60;
			} else {
				memcpy(eth_of(&p)->h_dest, w->host_mac,
				       ETH_ALEN);
				eth_of(&p)->h_proto = htons(types[t]);
				/* Often enough version and length are right. */
				if (rnd() & 1)
					p.buf[ETH_HLEN] = 0x45;
			}
			wire_send(w, &p);
			if (!(i % 64))
				discard(w);
		}
	}
	EXPECT_LE(w->tun ? 2 * FRAMES : 3 * FRAMES, drops());
	EXPECT_TRUE(well(w, self->udp));
}

static void any_valid(struct wire *w, struct packet *p, int kind, int udp_port,
		      int tcp_port)
{
	struct segment s = {
		.sport = 1024 + rnd() % 64, .dport = tcp_port,
		.seq = rnd(), .ack = rnd(), .flags = rnd(), .win = rnd(),
		.optlen = rnd() % 41, .len = rnd() % 64,
	};
	uint8_t data[64];

	random_octets(data, sizeof(data));
	switch (kind) {
	case 0:
		make_udp(w, p, 1024 + rnd() % 64, udp_port, data, rnd() % 64);
		break;
	case 1:
		/* Half of them could open a connection. */
		if (rnd() & 1)
			s.flags = SYN;
		random_octets(s.opts, s.optlen);
		make_tcp(w, p, &s);
		break;
	case 2:
		make_icmp(w, p, rnd() % 20, rnd() % 16, rnd(), data,
			  rnd() % 64);
		break;
	default:
		make_arp(w, p, 1 + rnd() % 2, PEER, HOST);
	}
}

TEST_F_TIMEOUT(random, mutated, 400)
{
	struct wire *w = &self->w;
	int udp_port = local_port(self->udp);
	int tcp_port = local_port(self->listener);

	for (int kind = 0; kind < (w->tun ? 3 : 4); kind++) {
		for (int i = 0; i < FRAMES; i++) {
			size_t start = w->tun ? 0 : ETH_HLEN;
			struct packet p;

			any_valid(w, &p, kind, udp_port, tcp_port);
			for (int k = rnd() % 4; k > 0; k--)
				p.buf[start + rnd() % (p.len - start)] = rnd();
			/* Let some of it get past the checksums. */
			if (p.ip + p.l4 && rnd() & 1 && ip_of(&p)->ihl == 5 &&
			    (ip_of(&p)->protocol == IPPROTO_TCP ||
			     ip_of(&p)->protocol == IPPROTO_UDP ||
			     ip_of(&p)->protocol == IPPROTO_ICMP)) {
				fix_ip(&p);
				fix_l4(&p);
			}
			if (!(rnd() % 8))
				p.len = start + 1 + rnd() % (p.len - start);
			if (w->tun)
				p.buf[0] = (p.buf[0] & 0x0f) | 0x40;
			wire_send(w, &p);
			if (!(i % 64))
				discard(w);
		}
	}
	EXPECT_LT(FRAMES, drops());
	EXPECT_TRUE(well(w, self->udp));
}

TEST_HARNESS_MAIN
