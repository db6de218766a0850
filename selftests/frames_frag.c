// SPDX-License-Identifier: GPL-2.0
/*
 * Fragments (RFC 791 section 3.2, RFC 1122 section 3.3.2, RFC 5722), frame by
 * frame, in and out, of both stacks.  What is put together is told by the
 * program that receives it; a datagram that arrives afterwards tells that what
 * came before it was dropped.
 */
#include <sys/param.h>

#include "kselftest_harness.h"
#include "frames.h"

/* Of one IP packet, whole. */
#define WHOLE	65535

FIXTURE(frag) {
	struct wire w;
	bool mini;
	int udp;		/* bound to any address, its port is the target */
};

FIXTURE_VARIANT(frag) {
	const char *family;
	bool tun;
};

FIXTURE_VARIANT_ADD(frag, inet_tap) {
	.family = "inet",
};

FIXTURE_VARIANT_ADD(frag, mini_tap) {
	.family = "mini",
};

FIXTURE_VARIANT_ADD(frag, mini_tun) {
	.family = "mini", .tun = true,
};

FIXTURE_SETUP(frag)
{
	ASSERT_TRUE(wire_open(&self->w, variant->family, variant->tun));
	self->mini = self->w.family != AF_INET;
	self->udp = udp_bound(self->w.family, "0.0.0.0");
	ASSERT_LE(0, self->udp);
	set_int(self->udp, SOL_SOCKET, SO_RCVBUF, 1 << 20);
	set_int(self->udp, IPPROTO_IP, IP_RECVTOS, 1);
}

FIXTURE_TEARDOWN(frag)
{
	close(self->udp);
	wire_close(&self->w);
}

static bool knob(const struct wire *w, const char *name, long value)
{
	char path[64];

	snprintf(path, sizeof(path), "net/%s/%s",
		 w->family == AF_INET ? "ipv4" : "mini", name);
	return sysctl_set(path, value);
}

/* A UDP datagram of the peer, to be cut. */
struct whole {
	uint8_t octets[WHOLE + 65];
	size_t len;		/* with the UDP header */
	uint16_t id;
	uint8_t tos;
	uint8_t options;	/* octets of NOPs, of every fragment */
	int protocol;
	in_addr_t from;
};

/* @len octets of data, which depend on the identification. */
static void make_whole(struct wire *w, struct whole *d, int fd, size_t len)
{
	static uint16_t id;
	struct udphdr *udp = (void *)d->octets;
	struct {
		in_addr_t from;
		in_addr_t to;
	} pseudo = { w->peer, w->host };
	uint16_t sum;

	d->len = sizeof(*udp) + len;
	d->id = ++id;
	d->tos = 0;
	d->options = 0;
	d->protocol = IPPROTO_UDP;
	d->from = w->peer;
	memset(udp, 0, sizeof(*udp));
	udp->source = htons(5000);
	udp->dest = htons(local_port(fd));
	udp->len = htons(d->len);
	for (size_t i = 0; i < len; i++)
		d->octets[sizeof(*udp) + i] = i * 7 + (i >> 8) + id;
	sum = ~checksum(&pseudo, sizeof(pseudo), IPPROTO_UDP + d->len);
	sum = checksum(d->octets, d->len, sum);
	udp->check = htons(sum ? sum : 0xffff);
}

/* Send octets of it as a fragment; more: it is not the last. */
static void piece_more(struct wire *w, const struct whole *d, size_t offset,
		       size_t len, bool more)
{
	uint8_t buf[1600];
	struct packet p;

	memset(buf, 1, d->options);
	memcpy(buf + d->options, d->octets + offset, len);
	make_ip(w, &p, d->protocol, buf, d->options + len);
	ip_of(&p)->ihl += d->options / 4;
	ip_of(&p)->id = htons(d->id);
	ip_of(&p)->frag_off = htons(offset / 8 | (more ? IP_MF : 0));
	ip_of(&p)->tos = d->tos;
	ip_of(&p)->saddr = d->from;
	fix_ip(&p);
	wire_send(w, &p);
}

static void piece(struct wire *w, const struct whole *d, size_t offset,
		  size_t len)
{
	piece_more(w, d, offset, len, offset + len < d->len);
}

/* All of it that lies in [from, to), in pieces of @step from the front. */
static void pieces(struct wire *w, const struct whole *d, size_t from,
		   size_t to, size_t step)
{
	for (; from < to; from += step)
		piece(w, d, from, to - from < step ? to - from : step);
}

/* The next datagram that the program gets is this one; its TOS in @tos. */
static bool arrived_tos(int fd, const struct whole *d, int *tos)
{
	static uint8_t buf[WHOLE];
	union {
		char buf[64];
		struct cmsghdr align;
	} control;
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	ssize_t len = recvmsg(fd, &msg, 0);
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	if (len < 0) {
		fprintf(stderr, "# nothing arrives: %s\n", strerror(errno));
		return false;
	}
	if (tos && c)
		*tos = *CMSG_DATA(c);
	if ((size_t)len == d->len - 8 && !memcmp(buf, d->octets + 8, len))
		return true;
	fprintf(stderr, "# another datagram arrives: %zd octets\n", len);
	return false;
}

static bool arrived(int fd, const struct whole *d)
{
	return arrived_tos(fd, d, NULL);
}

/* A datagram of two fragments gets through, and is the next. */
static bool next_arrives(struct wire *w, int fd)
{
	static struct whole d;

	make_whole(w, &d, fd, 100);
	pieces(w, &d, 0, d.len, 64);
	return arrived(fd, &d);
}

TEST_F(frag, in_order_and_reversed)
{
	static struct whole d;

	make_whole(&self->w, &d, self->udp, 5000);
	pieces(&self->w, &d, 0, d.len, 1480);
	EXPECT_TRUE(arrived(self->udp, &d));
	make_whole(&self->w, &d, self->udp, 5000);
	for (size_t at = (d.len - 1) / 1480 * 1480;; at -= 1480) {
		pieces(&self->w, &d, at,
		       at + 1480 < d.len ? at + 1480 : d.len, 1480);
		if (!at)
			break;
	}
	EXPECT_TRUE(arrived(self->udp, &d));
}

TEST_F(frag, every_order_of_four)
{
	static struct whole d;

	for (int n = 0; n < 256; n++) {
		int order[4] = { n & 3, n >> 2 & 3, n >> 4 & 3, n >> 6 };
		int seen = 0;

		for (int i = 0; i < 4; i++)
			seen |= 1 << order[i];
		if (seen != 15)
			continue;
		make_whole(&self->w, &d, self->udp, 90);
		for (int i = 0; i < 4; i++)
			piece(&self->w, &d, 24 * order[i],
			      order[i] == 3 ? d.len - 72 : 24);
		ASSERT_TRUE(arrived(self->udp, &d)) {
			TH_LOG("order %d %d %d %d", order[0], order[1],
			       order[2], order[3]);
		}
	}
}

TEST_F(frag, interleaved)
{
	static struct whole a, b;

	make_whole(&self->w, &a, self->udp, 200);
	make_whole(&self->w, &b, self->udp, 200);
	for (size_t at = 0; at < a.len; at += 16) {
		pieces(&self->w, &b, at, at + 16, 16);
		pieces(&self->w, &a, at, at + 16, 16);
	}
	EXPECT_TRUE(arrived(self->udp, &b));
	EXPECT_TRUE(arrived(self->udp, &a));
}

TEST_F(frag, as_small_as_can_be)
{
	static struct whole d;

	make_whole(&self->w, &d, self->udp, 401);
	pieces(&self->w, &d, 0, d.len, 8);
	EXPECT_TRUE(arrived(self->udp, &d));
}

TEST_F(frag, as_large_as_can_be)
{
	static struct whole d;

	make_whole(&self->w, &d, self->udp, WHOLE - 28);
	pieces(&self->w, &d, 0, d.len, 1480);
	EXPECT_TRUE(arrived(self->udp, &d));
	/* Options are part of the length. */
	make_whole(&self->w, &d, self->udp, WHOLE - 36);
	d.options = 8;
	pieces(&self->w, &d, 0, d.len, 1472);
	EXPECT_TRUE(arrived(self->udp, &d));
}

/* "Ping of death": the end lies behind what IP can say. */
TEST_F(frag, larger_than_can_be)
{
	static struct whole d;

	for (int over = 1; over <= 64; over *= 8) {
		make_whole(&self->w, &d, self->udp, WHOLE - 28);
		d.len += over;
		pieces(&self->w, &d, 0, d.len, 1480);
		EXPECT_TRUE(next_arrives(&self->w, self->udp));
	}
	make_whole(&self->w, &d, self->udp, WHOLE - 28);
	d.options = 8;
	pieces(&self->w, &d, 0, d.len, 1472);
	EXPECT_TRUE(next_arrives(&self->w, self->udp));
	/* The last place there is. */
	piece_more(&self->w, &d, 65528, 64, false);
	piece_more(&self->w, &d, 65528, 64, true);
	EXPECT_TRUE(next_arrives(&self->w, self->udp));
}

TEST_F(frag, duplicates)
{
	static struct whole d;

	make_whole(&self->w, &d, self->udp, 72);
	for (size_t at = 48;; at -= 16) {
		piece(&self->w, &d, at, 16);
		piece(&self->w, &d, at, 16);
		if (!at)
			break;
	}
	piece(&self->w, &d, 64, 16);
	EXPECT_TRUE(arrived(self->udp, &d));
	/* Of one that is whole already: nothing comes of them. */
	piece(&self->w, &d, 16, 16);
	EXPECT_TRUE(next_arrives(&self->w, self->udp));
}

/* RFC 5722: what overlaps takes the datagram with it. */
TEST_F(frag, overlaps)
{
	static const struct {
		int at[2];
		int len[2];
		int more[2];
	} cases[] = {
		{ { 0, 24 }, { 32, 32 }, { 1, 1 } },	/* the next one's front */
		{ { 32, 8 }, { 32, 32 }, { 1, 1 } },	/* its tail */
		{ { 16, 0 }, { 16, 48 }, { 1, 1 } },	/* one in another */
		{ { 32, 32 }, { 16, 24 }, { 1, 1 } },	/* from one place */
		/* Another end than was said. */
		{ { 96, 104 }, { 12, 8 }, { 0, 0 } },
		{ { 96, 96 }, { 12, 4 }, { 0, 0 } },
		{ { 96, 104 }, { 12, 8 }, { 0, 1 } },
		{ { 104, 80 }, { 16, 8 }, { 1, 0 } },
	};
	static struct whole d;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		size_t end = 0;

		make_whole(&self->w, &d, self->udp, 100);
		for (int n = 0; n < 2; n++) {
			piece_more(&self->w, &d, cases[i].at[n],
				   cases[i].len[n], cases[i].more[n]);
			if (end < (size_t)cases[i].at[n] + cases[i].len[n])
				end = cases[i].at[n] + cases[i].len[n];
		}
		/* What would have made it whole. */
		if (cases[i].at[0] && cases[i].at[1])
			piece(&self->w, &d, 0,
			      MIN(cases[i].at[0], cases[i].at[1]));
		if (end < d.len)
			pieces(&self->w, &d, (end + 7) / 8 * 8, d.len, 64);
		EXPECT_TRUE(next_arrives(&self->w, self->udp)) {
			TH_LOG("case %zu", i);
		}
	}
}

TEST_F(frag, a_hole)
{
	static struct whole d;

	make_whole(&self->w, &d, self->udp, 200);
	pieces(&self->w, &d, 0, 96, 16);
	pieces(&self->w, &d, 112, d.len, 16);
	EXPECT_TRUE(next_arrives(&self->w, self->udp));
	piece(&self->w, &d, 96, 16);
	EXPECT_TRUE(arrived(self->udp, &d));
}

/* Of a datagram are those of one source, identification and protocol. */
TEST_F(frag, others_do_not_mix)
{
	static struct whole d, other;

	make_whole(&self->w, &d, self->udp, 72);
	piece(&self->w, &d, 0, 40);
	other = d;
	other.id ^= 0x100;
	piece(&self->w, &other, 40, 40);
	other = d;
	other.protocol = IPPROTO_ICMP;
	piece(&self->w, &other, 40, 40);
	other = d;
	other.from = inet_addr("10.0.0.3");
	piece(&self->w, &other, 40, 40);
	EXPECT_TRUE(next_arrives(&self->w, self->udp));
	piece(&self->w, &d, 40, 40);
	EXPECT_TRUE(arrived(self->udp, &d));
}

/* RFC 3168 section 5.3 */
TEST_F(frag, congestion_is_told_of_the_whole)
{
	enum { NOT_ECT, ECT_1, ECT_0, CE };
	static struct whole d;

	for (int first = 0; first < 4; first++) {
		for (int second = 0; second < 4; second++) {
			int tos = -1;

			make_whole(&self->w, &d, self->udp, 72);
			d.tos = first;
			piece(&self->w, &d, 0, 40);
			d.tos = second;
			piece(&self->w, &d, 40, 40);
			/* Marked, among those that cannot be. */
			if (!first != !second) {
				EXPECT_TRUE(next_arrives(&self->w, self->udp));
				continue;
			}
			EXPECT_TRUE(arrived_tos(self->udp, &d, &tos));
			EXPECT_EQ(first == CE || second == CE ? CE : first,
				  tos) {
				TH_LOG("%d and %d", first, second);
			}
		}
	}
}

/* ICMP tells if there is a first fragment, and of nothing else. */
TEST_F(frag, time_is_up)
{
	static struct whole d, without;
	struct packet p;

	ASSERT_TRUE(knob(&self->w, "ipfrag_time", 1));
	make_whole(&self->w, &without, self->udp, 100);
	piece(&self->w, &without, 40, 40);
	make_whole(&self->w, &d, self->udp, 100);
	piece(&self->w, &d, 40, 40);
	piece(&self->w, &d, 0, 40);
	ASSERT_TRUE(wire_expect(&self->w, &p, IPPROTO_ICMP, ANSWER_MS));
	EXPECT_EQ(ICMP_TIME_EXCEEDED, p.buf[p.l4]);
	EXPECT_EQ(ICMP_EXC_FRAGTIME, p.buf[p.l4 + 1]);
	EXPECT_EQ(self->w.host, ip_of(&p)->saddr);
	EXPECT_EQ(self->w.peer, ip_of(&p)->daddr);
	ASSERT_LE(p.l4 + 8 + 20 + 8, p.len);
	/* The header of the first fragment, and what follows. */
	p.ip = p.l4 + 8;
	EXPECT_EQ(htons(d.id), ip_of(&p)->id);
	EXPECT_EQ(htons(IP_MF), ip_of(&p)->frag_off);
	EXPECT_EQ(0, memcmp(p.buf + p.ip + 20, d.octets, 8));
	EXPECT_TRUE(wire_silent(&self->w, IPPROTO_ICMP, 0));
	/* Too late. */
	piece(&self->w, &d, 80, d.len - 80);
	EXPECT_TRUE(next_arrives(&self->w, self->udp));
}

/* Octets that wait, by what the stack says itself. */
static long waiting(const struct wire *w)
{
	bool inet = w->family == AF_INET;
	FILE *file = fopen(inet ? "/proc/net/sockstat" :
				  "/proc/sys/net/mini/ipfrag_mem", "r");
	char line[128];
	long mem = -1;

	while (file && fgets(line, sizeof(line), file)) {
		if (inet)
			sscanf(line, "FRAG: inuse %*d memory %ld", &mem);
		else
			sscanf(line, "%ld", &mem);
	}
	if (file)
		fclose(file);
	return mem;
}

/* The namespace goes with what waits. */
TEST_F(frag, flood)
{
	static struct whole d;
	long most = 0;

	if (self->w.tun)
		return;		/* nothing of it depends on the device */
	if (!self->mini)
		ASSERT_TRUE(knob(&self->w, "ipfrag_low_thresh", 1 << 19));
	ASSERT_TRUE(knob(&self->w, "ipfrag_high_thresh", 1 << 20));
	make_whole(&self->w, &d, self->udp, 1400);
	d.from = inet_addr("10.0.0.4");
	for (int i = 0; i < (self->mini ? 10000 : 3000); i++) {
		d.id = i;
		piece(&self->w, &d, i % 3 * 8, 8 + i % 64 * 8);
		if (i % 100 == 0 && waiting(&self->w) > most)
			most = waiting(&self->w);
		/* AF_INET takes nothing more until some have timed out. */
		if (self->mini && i % 1000 == 999)
			ASSERT_TRUE(next_arrives(&self->w, self->udp));
	}
	EXPECT_LT(1 << 19, most);
	/* What is looked at before a fragment may be exceeded by it. */
	EXPECT_GE((1 << 20) + (self->mini ? 0 : 4096), most);
	ASSERT_TRUE(knob(&self->w, "ipfrag_high_thresh", 4 << 20));
	EXPECT_TRUE(next_arrives(&self->w, self->udp));
}

TEST_F(frag, too_many_others_between)
{
	static struct whole d, other;

	ASSERT_TRUE(knob(&self->w, "ipfrag_max_dist", 5));
	for (int n = 4; n <= 6; n += 2) {
		make_whole(&self->w, &d, self->udp, 72);
		piece(&self->w, &d, 0, 40);
		for (int i = 0; i < n; i++) {
			make_whole(&self->w, &other, self->udp, 72);
			piece(&self->w, &other, 0, 40);
		}
		piece(&self->w, &d, 40, 40);
		EXPECT_TRUE(n == 4 ? arrived(self->udp, &d) :
				     next_arrives(&self->w, self->udp));
	}
}

/* RFC 1858, RFC 3128: AF_INET leaves this to filters. */
TEST_F(frag, flags_of_tcp_are_not_hidden)
{
	static const struct {
		size_t at;
		size_t len;
	} cases[] = { { 0, 8 }, { 8, 12 } };
	static struct whole d;
	long long before;

	if (!self->mini)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		before = counter("drop/IP_FRAG_TINY");
		make_whole(&self->w, &d, self->udp, 32);
		d.protocol = IPPROTO_TCP;
		piece_more(&self->w, &d, cases[i].at, cases[i].len, !i);
		EXPECT_TRUE(counter_reaches("drop/IP_FRAG_TINY", before + 1));
	}
}

/* Octets of no multiple of 8, and more to come: AF_INET cuts the rest off. */
TEST_F(frag, odd_lengths)
{
	static struct whole d;

	if (!self->mini)
		return;
	make_whole(&self->w, &d, self->udp, 72);
	piece(&self->w, &d, 0, 41);
	piece(&self->w, &d, 0, 7);
	piece_more(&self->w, &d, 8, 0, true);
	EXPECT_TRUE(counter_reaches("drop/IP_FRAG_LENGTH", 3));
	piece(&self->w, &d, 0, 40);
	piece(&self->w, &d, 40, 40);
	EXPECT_TRUE(arrived(self->udp, &d));
}

/* What the host sends in fragments, until all of it has come. */
static bool collect(struct wire *w, uint8_t *to, size_t len, uint16_t *id)
{
	struct packet p;
	size_t next = 0;

	while (next < len) {
		size_t n;
		int off;

		if (!wire_next(w, &p, ANSWER_MS))
			return false;
		if (!p.l4)
			continue;
		off = ntohs(ip_of(&p)->frag_off);
		n = p.len - p.l4;
		if (!next)
			*id = ntohs(ip_of(&p)->id);
		if (p.len - p.ip > 1500 || checksum(ip_of(&p), 20, 0) ||
		    ntohs(ip_of(&p)->tot_len) != p.len - p.ip ||
		    ntohs(ip_of(&p)->id) != *id || next + n > len ||
		    off != (int)(next / 8 | (next + n < len ? IP_MF : 0))) {
			fprintf(stderr, "# wrong fragment %#x at %zu\n", off,
				next);
			return false;
		}
		memcpy(to + next, p.buf + p.l4, n);
		next += n;
	}
	return true;
}

TEST_F(frag, out)
{
	static const size_t sizes[] = { 1473, 2952, 2953, 20000, 65507 };
	static uint8_t data[WHOLE], got[WHOLE];
	struct sockaddr_in sin = name_of(PEER, 5000);
	uint16_t id, last = 0;

	set_int(self->udp, SOL_SOCKET, SO_SNDBUF, 1 << 20);
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = i * 7 + (i >> 8);
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		ASSERT_EQ((ssize_t)sizes[i],
			  sendto(self->udp, data, sizes[i], 0, SA(sin)));
		ASSERT_TRUE(collect(&self->w, got, 8 + sizes[i], &id));
		EXPECT_EQ(0, memcmp(got + 8, data, sizes[i]));
		if (i)
			EXPECT_NE(last, id);
		last = id;
	}
}

TEST_F(frag, echo_comes_back_in_fragments)
{
	static struct whole d;
	static uint8_t got[WHOLE];
	uint16_t id, sum;

	make_whole(&self->w, &d, self->udp, 5000);
	d.protocol = IPPROTO_ICMP;
	memset(d.octets, 0, 8);
	d.octets[0] = ICMP_ECHO;
	sum = htons(checksum(d.octets, d.len, 0));
	memcpy(d.octets + 2, &sum, sizeof(sum));
	pieces(&self->w, &d, 0, d.len, 1480);
	ASSERT_TRUE(collect(&self->w, got, d.len, &id));
	EXPECT_EQ(ICMP_ECHOREPLY, got[0]);
	EXPECT_EQ(0, checksum(got, d.len, 0));
	EXPECT_EQ(0, memcmp(got + 8, d.octets + 8, d.len - 8));
}

TEST_HARNESS_MAIN
