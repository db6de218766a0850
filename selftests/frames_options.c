// SPDX-License-Identifier: GPL-2.0
/*
 * IP_OPTIONS: what a program may ask for, and what is then in the header (RFC
 * 791 section 3.1), each case over both stacks, on a tun.
 */
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "frames.h"

/* RFC 3692: for experiments. */
#define MINE	253

FIXTURE(options) {
	struct wire w;
};

FIXTURE_VARIANT(options) {
	const char *family;
};

FIXTURE_VARIANT_ADD(options, inet) {
	.family = "inet",
};

FIXTURE_VARIANT_ADD(options, mini) {
	.family = "mini",
};

FIXTURE_SETUP(options)
{
	ASSERT_TRUE(wire_open(&self->w, variant->family, true));
	ASSERT_TRUE(ping_groups(self->w.family, "0 2147483647"));
}

FIXTURE_TEARDOWN(options)
{
	wire_close(&self->w);
}

static const struct kind {
	int type;
	int protocol;
} kinds[] = {
	{ SOCK_DGRAM, IPPROTO_UDP },
	{ SOCK_RAW, MINE },
	{ SOCK_DGRAM, IPPROTO_ICMP },
};

static int open_kind(const struct wire *w, const struct kind *k)
{
	int fd = socket(w->family, k->type, k->protocol);

	if (connect_to(fd, PEER, 5000))
		fprintf(stderr, "# connect: %s\n", strerror(errno));
	return fd;
}

static int set_options(int fd, const void *opts, size_t len)
{
	return setsockopt(fd, IPPROTO_IP, IP_OPTIONS, opts, len);
}

/* A packet goes out, and what stands behind the fixed part of its header. */
static bool sent_with(struct wire *w, int fd, struct packet *p,
		      const uint8_t **opts)
{
	static const uint8_t data[16] = { ICMP_ECHO };

	if (send(fd, data, sizeof(data), 0) != sizeof(data) ||
	    !wire_next(w, p, ANSWER_MS))
		return false;
	*opts = p->buf + p->ip + 20;
	return !checksum(ip_of(p), p->l4 - p->ip, 0);
}

TEST_F(options, the_route_begins_here)
{
	static const uint8_t rr[12] = { 1, 7, 11, 4 };
	const uint8_t *opts;
	struct packet p;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		int fd = open_kind(&self->w, &kinds[i]);

		ASSERT_OK(set_options(fd, rr, sizeof(rr)));
		ASSERT_TRUE(sent_with(&self->w, fd, &p, &opts));
		ASSERT_EQ(32u, p.l4 - p.ip);
		EXPECT_EQ(8, opts[3]);
		EXPECT_EQ(0, memcmp(opts + 4, &self->w.host, 4));
		EXPECT_EQ(0, memcmp(opts + 8, rr + 8, 4));
		/* Each packet has its own. */
		ASSERT_TRUE(sent_with(&self->w, fd, &p, &opts));
		EXPECT_EQ(8, opts[3]);
		ASSERT_OK(set_options(fd, NULL, 0));
		ASSERT_TRUE(sent_with(&self->w, fd, &p, &opts));
		EXPECT_EQ(20u, p.l4 - p.ip);
		close(fd);
	}
}

TEST_F(options, times)
{
	static const uint8_t none[4];
	uint8_t ts[12] = { 68, 12, 5 };
	int fd = open_kind(&self->w, &kinds[0]);
	const uint8_t *opts;
	struct packet p;

	/* Times alone. */
	ASSERT_OK(set_options(fd, ts, sizeof(ts)));
	ASSERT_TRUE(sent_with(&self->w, fd, &p, &opts));
	EXPECT_EQ(9, opts[2]);
	EXPECT_NE(0, memcmp(opts + 4, none, 4));
	EXPECT_EQ(0, memcmp(opts + 8, none, 4));
	/* With addresses. */
	ts[3] = 1;
	ASSERT_OK(set_options(fd, ts, sizeof(ts)));
	ASSERT_TRUE(sent_with(&self->w, fd, &p, &opts));
	EXPECT_EQ(13, opts[2]);
	EXPECT_EQ(0, memcmp(opts + 4, &self->w.host, 4));
	EXPECT_NE(0, memcmp(opts + 8, none, 4));
	/* Of those named: this host, and another. */
	ts[3] = 3;
	memcpy(ts + 4, &self->w.host, 4);
	ASSERT_OK(set_options(fd, ts, sizeof(ts)));
	ASSERT_TRUE(sent_with(&self->w, fd, &p, &opts));
	EXPECT_EQ(13, opts[2]);
	EXPECT_NE(0, memcmp(opts + 8, none, 4));
	memcpy(ts + 4, &self->w.peer, 4);
	ASSERT_OK(set_options(fd, ts, sizeof(ts)));
	ASSERT_TRUE(sent_with(&self->w, fd, &p, &opts));
	EXPECT_EQ(0, memcmp(opts, ts, sizeof(ts)));
	close(fd);
}

TEST_F(options, others_go_as_they_are)
{
	static const uint8_t ra[8] = { 148, 4, 0, 0, 1, 30, 3, 0xaa };
	const uint8_t *opts;
	struct packet p;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		int fd = open_kind(&self->w, &kinds[i]);

		ASSERT_OK(set_options(fd, ra, sizeof(ra)));
		ASSERT_TRUE(sent_with(&self->w, fd, &p, &opts));
		ASSERT_EQ(28u, p.l4 - p.ip);
		EXPECT_EQ(0, memcmp(opts, ra, sizeof(ra)));
		close(fd);
	}
}

TEST_F(options, the_end_ends_them)
{
	static const uint8_t given[7] = { 1, 0, 7, 7, 4, 9, 9 };
	static const uint8_t wanted[8] = { 1 };
	int fd = open_kind(&self->w, &kinds[0]);
	const uint8_t *opts;
	struct packet p;

	ASSERT_OK(set_options(fd, given, sizeof(given)));
	ASSERT_TRUE(sent_with(&self->w, fd, &p, &opts));
	ASSERT_EQ(28u, p.l4 - p.ip);
	EXPECT_EQ(0, memcmp(opts, wanted, sizeof(wanted)));
	close(fd);
}

TEST_F(options, they_are_told)
{
	static const uint8_t rr[11] = { 7, 11, 4 };
	int fd = open_kind(&self->w, &kinds[0]);
	uint8_t buf[64];
	socklen_t len = sizeof(buf);

	ASSERT_OK(getsockopt(fd, IPPROTO_IP, IP_OPTIONS, buf, &len));
	EXPECT_EQ(0u, len);
	ASSERT_OK(set_options(fd, rr, sizeof(rr)));
	len = sizeof(buf);
	memset(buf, 0xee, sizeof(buf));
	ASSERT_OK(getsockopt(fd, IPPROTO_IP, IP_OPTIONS, buf, &len));
	EXPECT_EQ(12u, len);
	EXPECT_EQ(0, memcmp(buf, rr, sizeof(rr)));
	EXPECT_EQ(0, buf[11]);
	EXPECT_EQ(0xee, buf[12]);
	len = 5;
	memset(buf, 0xee, sizeof(buf));
	ASSERT_OK(getsockopt(fd, IPPROTO_IP, IP_OPTIONS, buf, &len));
	EXPECT_EQ(5u, len);
	EXPECT_EQ(0xee, buf[5]);
	/* What is refused changes nothing. */
	EXPECT_ERRNO(EINVAL, set_options(fd, "\7", 1));
	len = sizeof(buf);
	ASSERT_OK(getsockopt(fd, IPPROTO_IP, IP_OPTIONS, buf, &len));
	EXPECT_EQ(12u, len);
	ASSERT_OK(set_options(fd, NULL, 0));
	len = sizeof(buf);
	ASSERT_OK(getsockopt(fd, IPPROTO_IP, IP_OPTIONS, buf, &len));
	EXPECT_EQ(0u, len);
	close(fd);
}

TEST_F(options, malformed)
{
	static const struct {
		const char *opts;
		size_t len;
	} cases[] = {
		{ "\7", 1 },				/* no length */
		{ "\7\0\4\0", 4 },
		{ "\7\1\4\0", 4 },
		{ "\7\2\4\0", 4 },			/* no pointer */
		{ "\7\13\4\0\0\0\0\0", 8 },		/* longer than all */
		{ "\7\7\3\0\0\0\0\0", 8 },		/* to itself */
		{ "\7\7\5\0\0\0\0\0", 8 },		/* half a place */
		{ "\7\7\4\0\0\0\0\7\7\4\0\0\0\0", 14 },	/* twice */
		{ "\104\3\5\0", 4 },
		{ "\104\10\4\0\0\0\0\0", 8 },
		{ "\104\10\6\0\0\0\0\0", 8 },		/* half a time */
		{ "\104\10\5\1\0\0\0\0", 8 },		/* half an entry */
		{ "\104\10\11\360\0\0\0\0", 8 },	/* counted up */
		{ "\224\3\0\0", 4 },			/* router alert */
		{ "\206\2\0\0", 4 },			/* CIPSO */
		{ "\203\7\5\12\0\0\2\0", 8 },		/* source routes */
		{ "\203\6\4\12\0\0\2\0", 8 },
		{ "\211\10\4\12\0\0\2\0", 8 },
	};
	int fd = open_kind(&self->w, &kinds[0]);
	char full[41] = { 1 };

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		EXPECT_TRUE(set_options(fd, cases[i].opts, cases[i].len) &&
			    errno == EINVAL) {
			TH_LOG("case %zu", i);
		}
	}
	memset(full, 1, sizeof(full));
	EXPECT_ERRNO(EINVAL, set_options(fd, full, 41));
	EXPECT_ERRNO(0, set_options(fd, full, 40));
	EXPECT_ERRNO(EFAULT, set_options(fd, (void *)8, 4));
	close(fd);
}

/* In a process without CAP_NET_RAW; errno. */
static int set_unprivileged(int fd, const void *opts, size_t len)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		if (setresuid(65534, 65534, 65534))
			_exit(255);
		_exit(set_options(fd, opts, len) ? errno : 0);
	}
	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ?
	       WEXITSTATUS(status) : -1;
}

TEST_F(options, who_may_set_which)
{
	int fd = open_kind(&self->w, &kinds[0]);

	EXPECT_EQ(0, set_unprivileged(fd, "\7\7\4\0\0\0\0", 7));
	EXPECT_EQ(0, set_unprivileged(fd, "\104\10\5\0\0\0\0\0", 8));
	EXPECT_EQ(0, set_unprivileged(fd, "\224\4\0\0", 4));
	EXPECT_EQ(EINVAL, set_unprivileged(fd, "\36\4\0\0", 4));
	EXPECT_EQ(EINVAL, set_unprivileged(fd, "\202\4\0\0", 4));
	EXPECT_EQ(EINVAL, set_unprivileged(fd, "\104\10\5\7\0\0\0\0", 8));
	EXPECT_EQ(EPERM, set_unprivileged(fd, "\203\7\4\12\0\0\2\0", 8));
	EXPECT_EQ(EPERM, set_unprivileged(fd, "\211\7\4\12\0\0\2\0", 8));
	EXPECT_ERRNO(0, set_options(fd, "\36\4\0\0", 4));
	EXPECT_ERRNO(0, set_options(fd, "\202\4\0\0", 4));
	EXPECT_ERRNO(0, set_options(fd, "\104\10\5\7\0\0\0\0", 8));
	close(fd);
}

TEST_F(options, they_are_part_of_the_size)
{
	static const uint8_t rr[12] = { 1, 7, 11, 4 };
	static const int headers[] = { 28, 20, 20 };
	static char data[2000] = { ICMP_ECHO };
	struct packet p;

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		int fd = open_kind(&self->w, &kinds[i]);
		size_t most = 1500 - sizeof(rr) - headers[i];

		ASSERT_OK(set_options(fd, rr, sizeof(rr)));
		ASSERT_OK(set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER,
				  IP_PMTUDISC_DO));
		EXPECT_ERRNO(0, send(fd, data, most, 0) < 0 ? -1 : 0);
		ASSERT_TRUE(wire_next(&self->w, &p, ANSWER_MS));
		EXPECT_EQ(1500u, p.len);
		EXPECT_ERRNO(EMSGSIZE, send(fd, data, most + 1, 0));
		close(fd);
	}
}

/* Of those only the copied ones stand in later fragments. */
TEST_F(options, of_fragments)
{
	static const uint8_t given[12] = { 7, 7, 4, 0, 0, 0, 0, 148, 4, 0, 0, 1 };
	static const uint8_t later[12] = { 1, 1, 1, 1, 1, 1, 1, 148, 4, 0, 0, 1 };
	int fd = open_kind(&self->w, &kinds[0]);
	static char data[2000];
	struct packet p;

	ASSERT_OK(set_options(fd, given, sizeof(given)));
	ASSERT_EQ((ssize_t)sizeof(data), send(fd, data, sizeof(data), 0));
	ASSERT_TRUE(wire_next(&self->w, &p, ANSWER_MS));
	ASSERT_EQ(32u, p.l4 - p.ip);
	EXPECT_EQ(7, p.buf[p.ip + 20]);
	EXPECT_EQ(8, p.buf[p.ip + 22]);
	EXPECT_EQ(0, memcmp(p.buf + p.ip + 23, &self->w.host, 4));
	ASSERT_TRUE(wire_next(&self->w, &p, ANSWER_MS));
	ASSERT_EQ(32u, p.l4 - p.ip);
	EXPECT_EQ(0, memcmp(p.buf + p.ip + 20, later, sizeof(later)));
	close(fd);
}

TEST_F(options, who_writes_the_header_has_none)
{
	int fd = open_kind(&self->w, &kinds[1]);
	struct packet p;

	make_ip(&self->w, &p, MINE, "data", 4);
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_HDRINCL, 1));
	EXPECT_EQ((ssize_t)(p.len - p.ip),
		  send(fd, p.buf + p.ip, p.len - p.ip, 0));
	ASSERT_OK(set_options(fd, "\1\1\1\1", 4));
	EXPECT_ERRNO(EINVAL, send(fd, p.buf + p.ip, p.len - p.ip, 0));
	close(fd);
}

/* Sent to this host itself, and back: `ping -R` of one hop. */
TEST_F(options, an_echo_brings_them_back)
{
	static const uint8_t rr[24] = { 7, 23, 4 };
	struct sockaddr_in sin = name_of(HOST, 0);
	int fd = socket(self->w.family, SOCK_DGRAM, IPPROTO_ICMP);
	char control[64], data[16] = { ICMP_ECHO };
	struct iovec iov = { data, sizeof(data) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;

	timeout_ms(fd, SO_RCVTIMEO, LONG_MS);
	ASSERT_OK(set_options(fd, rr, sizeof(rr)));
	ASSERT_OK(set_int(fd, IPPROTO_IP, IP_RECVOPTS, 1));
	ASSERT_EQ(16, sendto(fd, data, sizeof(data), 0, SA(sin)));
	ASSERT_EQ(16, recvmsg(fd, &msg, 0));
	c = CMSG_FIRSTHDR(&msg);
	ASSERT_NE(NULL, c);
	EXPECT_EQ(IP_RECVOPTS, c->cmsg_type);
	/* Out, there, and back. */
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(0, memcmp(CMSG_DATA(c) + 3 + 4 * i, &self->w.host,
				    4));
	}
	close(fd);
}

TEST_HARNESS_MAIN
