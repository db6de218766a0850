// SPDX-License-Identifier: GPL-2.0
/*
 * Path MTU (RFC 1191) as a program chooses it with IP_MTU_DISCOVER, and what
 * is then on the wire: each case over both stacks, on a tun of 1500 octets
 * whose other end is a router, for datagrams, raw packets and echo requests.
 */
#include <time.h>
#include <linux/errqueue.h>

#include "kselftest_harness.h"
#include "frames.h"

#define MTU	1500
/* RFC 3692: for experiments. */
#define MINE	253

FIXTURE(pmtu) {
	struct wire w;
};

FIXTURE_VARIANT(pmtu) {
	const char *family;
};

FIXTURE_VARIANT_ADD(pmtu, inet) {
	.family = "inet",
};

FIXTURE_VARIANT_ADD(pmtu, mini) {
	.family = "mini",
};

FIXTURE_SETUP(pmtu)
{
	ASSERT_TRUE(wire_open(&self->w, variant->family, true));
	ASSERT_TRUE(ping_groups(self->w.family, "0 2147483647"));
}

FIXTURE_TEARDOWN(pmtu)
{
	wire_close(&self->w);
}

static const struct kind {
	const char *name;
	int type;
	int protocol;
	int header;		/* octets that the kernel adds, with IP's */
} kinds[] = {
	{ "udp", SOCK_DGRAM, IPPROTO_UDP, 28 },
	{ "raw", SOCK_RAW, MINE, 20 },
	{ "ping", SOCK_DGRAM, IPPROTO_ICMP, 20 },
};

/* Connected to the peer. */
static int open_kind(const struct wire *w, const struct kind *k, int how)
{
	int fd = socket(w->family, k->type, k->protocol);

	if (how >= 0)
		set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, how);
	timeout_ms(fd, SO_RCVTIMEO, LONG_MS);
	if (connect_to(fd, PEER, 5000))
		fprintf(stderr, "# %s: connect: %s\n", k->name,
			strerror(errno));
	return fd;
}

/* A packet of @whole octets; 0 or errno. */
static int send_whole(int fd, const struct kind *k, size_t whole)
{
	static uint8_t data[65536] = { ICMP_ECHO };

	return send(fd, data, whole - k->header, 0) < 0 ? errno : 0;
}

/* What went out: one packet or fragments. */
struct seen {
	bool df;
	int packets;
	size_t largest;		/* octets, with the header */
	size_t octets;		/* without */
};

static bool see(struct wire *w, struct seen *s)
{
	struct packet p;
	int off;

	memset(s, 0, sizeof(*s));
	do {
		if (!wire_next(w, &p, ANSWER_MS))
			return false;
		off = ntohs(ip_of(&p)->frag_off);
		s->df |= !!(off & IP_DF);
		s->packets++;
		if (p.len - p.ip > s->largest)
			s->largest = p.len - p.ip;
		s->octets += p.len - p.l4;
	} while (off & IP_MF);
	return true;
}

/* What a way of discovery does with a packet. */
struct expected {
	int error;
	bool df;
	int packets;
};

static bool sends(struct wire *w, int fd, const struct kind *k, size_t whole,
		  const struct expected *e, size_t mtu)
{
	int error = send_whole(fd, k, whole);
	struct seen s = {};

	if (error != e->error) {
		fprintf(stderr, "# %s, %zu octets: %s\n", k->name, whole,
			strerror(error));
		return false;
	}
	if (error)
		return true;
	if (see(w, &s) && s.df == e->df && s.packets == e->packets &&
	    s.octets == whole - 20 && s.largest <= mtu)
		return true;
	fprintf(stderr, "# %s, %zu octets: %d packets, DF %d, largest %zu\n",
		k->name, whole, s.packets, s.df, s.largest);
	return false;
}

TEST_F(pmtu, each_way_on_a_path_of_the_devices_mtu)
{
	static const struct {
		int how;
		struct expected fits;
		struct expected too_large;
	} cases[] = {
		{ -1, { 0, true, 1 }, { 0, false, 2 } },
		{ IP_PMTUDISC_DONT, { 0, false, 1 }, { 0, false, 2 } },
		{ IP_PMTUDISC_WANT, { 0, true, 1 }, { 0, false, 2 } },
		{ IP_PMTUDISC_DO, { 0, true, 1 }, { EMSGSIZE, false, 0 } },
		{ IP_PMTUDISC_PROBE, { 0, true, 1 }, { EMSGSIZE, false, 0 } },
		{ IP_PMTUDISC_INTERFACE, { 0, false, 1 }, { EMSGSIZE, false, 0 } },
		{ IP_PMTUDISC_OMIT, { 0, false, 1 }, { 0, false, 2 } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (size_t n = 0; n < ARRAY_SIZE(kinds); n++) {
			const struct kind *k = &kinds[n];
			int fd = open_kind(&self->w, k, cases[i].how);

			EXPECT_TRUE(sends(&self->w, fd, k, 100,
					  &cases[i].fits, MTU)) {
				TH_LOG("way %d", cases[i].how);
			}
			EXPECT_TRUE(sends(&self->w, fd, k, MTU,
					  &cases[i].fits, MTU)) {
				TH_LOG("way %d", cases[i].how);
			}
			EXPECT_TRUE(sends(&self->w, fd, k, MTU + 1,
					  &cases[i].too_large, MTU)) {
				TH_LOG("way %d", cases[i].how);
			}
			EXPECT_EQ(MTU, get_int(fd, IPPROTO_IP, IP_MTU));
			close(fd);
		}
	}
}

/* A router says that what it got was too large. */
static void too_large(struct wire *w, const struct packet *sent, int mtu)
{
	struct packet p;

	make_icmp(w, &p, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, mtu,
		  sent->buf + sent->ip, 36);
	wire_send(w, &p);
}

/* ... it got this one, or the first fragment of it. */
static bool narrow(struct wire *w, int fd, const struct kind *k, int mtu)
{
	struct packet sent;
	struct seen s;

	if (send_whole(fd, k, MTU) || !wire_next(w, &sent, ANSWER_MS))
		return false;
	if (ip_of(&sent)->frag_off & htons(IP_MF) && !see(w, &s))
		return false;
	too_large(w, &sent, mtu);
	return true;
}

/* Told to one socket, it holds for all. */
static bool narrowed(struct wire *w, int mtu)
{
	int fd = open_kind(w, &kinds[0], IP_PMTUDISC_WANT);
	bool ok = narrow(w, fd, &kinds[0], mtu);

	close(fd);
	return ok;
}

TEST_F(pmtu, each_way_on_a_narrow_path)
{
	static const struct {
		int how;
		struct expected fits;		/* 1000 octets */
		struct expected too_large;	/* 1001 octets */
		size_t mtu;			/* that is gone by */
	} cases[] = {
		{ IP_PMTUDISC_DONT, { 0, false, 1 }, { 0, false, 2 }, 1000 },
		{ IP_PMTUDISC_WANT, { 0, true, 1 }, { 0, false, 2 }, 1000 },
		{ IP_PMTUDISC_DO, { 0, true, 1 }, { EMSGSIZE, false, 0 }, 1000 },
		{ IP_PMTUDISC_PROBE, { 0, true, 1 }, { 0, true, 1 }, MTU },
		{ IP_PMTUDISC_INTERFACE, { 0, false, 1 }, { 0, false, 1 },
		  MTU },
		{ IP_PMTUDISC_OMIT, { 0, false, 1 }, { 0, false, 1 }, MTU },
	};

	ASSERT_TRUE(narrowed(&self->w, 1000));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (size_t n = 0; n < ARRAY_SIZE(kinds); n++) {
			const struct kind *k = &kinds[n];
			int fd = open_kind(&self->w, k, cases[i].how);

			EXPECT_TRUE(sends(&self->w, fd, k, 1000,
					  &cases[i].fits, cases[i].mtu)) {
				TH_LOG("way %d", cases[i].how);
			}
			EXPECT_TRUE(sends(&self->w, fd, k, 1001,
					  &cases[i].too_large, cases[i].mtu)) {
				TH_LOG("way %d", cases[i].how);
			}
			EXPECT_EQ(1000, get_int(fd, IPPROTO_IP, IP_MTU));
			close(fd);
		}
	}
}

TEST_F(pmtu, ip_mtu_is_of_a_connection)
{
	int fd = udp_socket(self->w.family);

	EXPECT_ERRNO(ENOTCONN, get_int(fd, IPPROTO_IP, IP_MTU));
	ASSERT_OK(connect_to(fd, PEER, 5000));
	EXPECT_EQ(MTU, get_int(fd, IPPROTO_IP, IP_MTU));
	ASSERT_TRUE(narrow(&self->w, fd, &kinds[0], 1200));
	EXPECT_EQ(1200, get_int(fd, IPPROTO_IP, IP_MTU));
	EXPECT_EQ(EMSGSIZE, so_error(fd));
	/* It only becomes less: no router widens a path. */
	ASSERT_TRUE(narrow(&self->w, fd, &kinds[0], 1300));
	EXPECT_EQ(1200, get_int(fd, IPPROTO_IP, IP_MTU));
	ASSERT_OK(connect_to(fd, "10.0.0.3", 5000));
	EXPECT_EQ(MTU, get_int(fd, IPPROTO_IP, IP_MTU));
	close(fd);
}

/* net.*.min_pmtu: a router's word is not taken for less. */
TEST_F(pmtu, less_than_is_believed)
{
	static const struct expected whole = { 0, false, 1 };
	static const struct expected cut = { 0, false, 2 };
	int fd = open_kind(&self->w, &kinds[0], IP_PMTUDISC_WANT);

	ASSERT_TRUE(narrow(&self->w, fd, &kinds[0], 300));
	EXPECT_EQ(552, get_int(fd, IPPROTO_IP, IP_MTU));
	EXPECT_EQ(EMSGSIZE, so_error(fd));
	/* Somebody may have to cut it all the same. */
	EXPECT_TRUE(sends(&self->w, fd, &kinds[0], 552, &whole, 552));
	EXPECT_TRUE(sends(&self->w, fd, &kinds[0], 553, &cut, 552));
	close(fd);
}

/* An entry of the error queue, without waiting. */
static bool told(int fd, struct sock_extended_err *ee)
{
	char data[64];
	union {
		char buf[512];
		struct cmsghdr align;
	} control;
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;

	if (recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return false;
	c = CMSG_FIRSTHDR(&msg);
	if (!c || c->cmsg_level != IPPROTO_IP || c->cmsg_type != IP_RECVERR)
		return false;
	memcpy(ee, CMSG_DATA(c), sizeof(*ee));
	return true;
}

TEST_F(pmtu, a_local_error_tells_the_mtu)
{
	static const int ways[] = {
		IP_PMTUDISC_DO, IP_PMTUDISC_PROBE, IP_PMTUDISC_INTERFACE,
	};
	struct sock_extended_err ee;

	for (int narrow = 0; narrow < 2; narrow++) {
		if (narrow)
			ASSERT_TRUE(narrowed(&self->w, 1000));
		for (size_t i = 0; i < 3 * ARRAY_SIZE(kinds); i++) {
			const struct kind *k = &kinds[i / 3];
			int how = ways[i % 3];
			int fd = open_kind(&self->w, k, how);

			set_int(fd, IPPROTO_IP, IP_RECVERR, 1);
			EXPECT_EQ(EMSGSIZE, send_whole(fd, k, MTU + 1));
			ASSERT_TRUE(told(fd, &ee)) {
				TH_LOG("%s, way %d", k->name, how);
			}
			EXPECT_EQ(EMSGSIZE, ee.ee_errno);
			EXPECT_EQ(SO_EE_ORIGIN_LOCAL, ee.ee_origin);
			EXPECT_EQ(narrow && how == IP_PMTUDISC_DO ? 1000 : MTU,
				  ee.ee_info);
			EXPECT_FALSE(told(fd, &ee));
			close(fd);
		}
	}
}

TEST_F(pmtu, a_routers_error_tells_the_mtu)
{
	struct sock_extended_err ee;
	struct packet sent;
	int mtu = 1400;

	for (int how = IP_PMTUDISC_DONT; how <= IP_PMTUDISC_OMIT; how++) {
		for (size_t n = 0; n < ARRAY_SIZE(kinds); n++) {
			const struct kind *k = &kinds[n];
			int fd = open_kind(&self->w, k, IP_PMTUDISC_PROBE);

			set_int(fd, IPPROTO_IP, IP_RECVERR, 1);
			ASSERT_EQ(0, send_whole(fd, k, MTU));
			ASSERT_TRUE(wire_next(&self->w, &sent, ANSWER_MS));
			set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, how);
			too_large(&self->w, &sent, --mtu);
			/* Who lets packets be cut need not hear of it. */
			if (how == IP_PMTUDISC_DONT && k->type != SOCK_RAW) {
				EXPECT_FALSE(told(fd, &ee)) {
					TH_LOG("%s", k->name);
				}
				close(fd);
				continue;
			}
			EXPECT_EQ(EMSGSIZE, so_error(fd));
			ASSERT_TRUE(told(fd, &ee)) {
				TH_LOG("%s, way %d", k->name, how);
			}
			EXPECT_EQ(EMSGSIZE, ee.ee_errno);
			EXPECT_EQ(SO_EE_ORIGIN_ICMP, ee.ee_origin);
			EXPECT_EQ(ICMP_DEST_UNREACH, ee.ee_type);
			EXPECT_EQ(ICMP_FRAG_NEEDED, ee.ee_code);
			EXPECT_EQ(mtu, (int)ee.ee_info);
			close(fd);
		}
	}
}

/* Who does not ask hears of it if it is connected. */
TEST_F(pmtu, an_error_without_recverr)
{
	int fd = open_kind(&self->w, &kinds[0], IP_PMTUDISC_WANT);

	ASSERT_TRUE(narrow(&self->w, fd, &kinds[0], 1000));
	EXPECT_EQ(EMSGSIZE, so_error(fd));
	EXPECT_EQ(0, so_error(fd));
	close(fd);
	fd = open_kind(&self->w, &kinds[0], IP_PMTUDISC_DONT);
	ASSERT_TRUE(narrow(&self->w, fd, &kinds[0], 900));
	EXPECT_EQ(0, so_error(fd));
	close(fd);
}

TEST_F(pmtu, dont_fragment_of_a_stream)
{
	static const struct {
		int how;
		bool df;
	} cases[] = {
		{ IP_PMTUDISC_WANT, true }, { IP_PMTUDISC_DONT, false },
		{ IP_PMTUDISC_DO, true }, { IP_PMTUDISC_PROBE, false },
		{ IP_PMTUDISC_INTERFACE, false }, { IP_PMTUDISC_OMIT, false },
	};
	struct conn c;
	struct packet p;

	ASSERT_TRUE(conn_establish(&self->w, &c));
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		ASSERT_OK(set_int(c.fd, IPPROTO_IP, IP_MTU_DISCOVER,
				  cases[i].how));
		ASSERT_EQ(1, send(c.fd, "x", 1, 0));
		ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_TCP, ANSWER_MS));
		EXPECT_EQ(cases[i].df,
			  !!(ip_of(&p)->frag_off & htons(IP_DF))) {
			TH_LOG("way %d", cases[i].how);
		}
		c.ack++;
		conn_send(&c, ACK, "", 0);
	}
	EXPECT_EQ(MTU, get_int(c.fd, IPPROTO_IP, IP_MTU));
	conn_close(&c);
}

/* The size of the largest fragment of what is read. */
TEST_F(pmtu, recvfragsize)
{
	int fd = udp_bound(self->w.family, "0.0.0.0");
	char data[64], buf[64], control[64];
	struct iovec iov = { buf, sizeof(buf) };
	struct packet whole, p;

	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_RECVFRAGSIZE, 1));
	EXPECT_EQ(1, get_int(fd, IPPROTO_IP, IP_RECVFRAGSIZE));
	memset(data, 'x', sizeof(data));
	make_udp(&self->w, &whole, 5000, local_port(fd), data, sizeof(data));
	for (int cut = 0; cut < 2; cut++) {
		struct msghdr msg = {
			.msg_iov = &iov, .msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		struct cmsghdr *c;

		if (cut) {
			make_ip(&self->w, &p, IPPROTO_UDP, whole.buf + whole.l4,
				48);
			ip_of(&p)->id = htons(77);
			ip_of(&p)->frag_off = htons(IP_MF);
			fix_ip(&p);
			wire_send(&self->w, &p);
			make_ip(&self->w, &p, IPPROTO_UDP,
				whole.buf + whole.l4 + 48, 24);
			ip_of(&p)->id = htons(77);
			ip_of(&p)->frag_off = htons(48 / 8);
			fix_ip(&p);
			wire_send(&self->w, &p);
		} else {
			wire_send(&self->w, &whole);
		}
		ASSERT_EQ((ssize_t)sizeof(data), recvmsg(fd, &msg, 0));
		c = CMSG_FIRSTHDR(&msg);
		if (!cut) {
			EXPECT_EQ(NULL, c);
			continue;
		}
		ASSERT_NE(NULL, c);
		EXPECT_EQ(IPPROTO_IP, c->cmsg_level);
		EXPECT_EQ(IP_RECVFRAGSIZE, c->cmsg_type);
		EXPECT_EQ(CMSG_LEN(sizeof(int)), c->cmsg_len);
		EXPECT_EQ(68, *(int *)CMSG_DATA(c));
	}
	close(fd);
}

TEST_HARNESS_MAIN
