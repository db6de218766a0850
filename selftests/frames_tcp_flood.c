// SPDX-License-Identifier: GPL-2.0
/*
 * A flood of SYNs: who comes honestly still gets in, and what is kept of the
 * others stays small.
 */
#include "kselftest_harness.h"
#include "frames.h"
#include "frames_tcp.h"

#define SYNS		100000
#define SLAB_KB		16384	/* a record each would take twice as much */

/* Octets that the kernel's objects take, in KB */
static long slab_kb(void)
{
	FILE *f = fopen("/proc/meminfo", "r");
	char line[128];
	long kb = -1;

	while (f && fgets(line, sizeof(line), f))
		sscanf(line, "SUnreclaim: %ld", &kb);
	if (f)
		fclose(f);
	return kb;
}

/* A kernel that looks at each object, and keeps what is freed for a while. */
static bool debug_kernel(void)
{
	return !access("/sys/kernel/debug/kmemleak", F_OK);
}

/* Fewer where each one is looked at for minutes. */
static int flood_size(void)
{
	return debug_kernel() ? SYNS / 5 : SYNS;
}

/*
 * From many addresses and ports; answers are thrown away now and then.  Nobody
 * is at those addresses, but the honest client's says on the way where it is.
 */
static void flood(struct wire *w, int port, int n)
{
	struct wire from = *w;
	struct segment s = {
		.dport = port, .flags = SYN, .win = 1000, .optlen = 4,
	};
	struct packet p, got;

	memcpy(s.opts, MSS_1460, 4);
	for (int i = 0; i < n; i++) {
		s.sport = 1024 + i % 60000;
		s.seq = i * 2654435761u;
		from.peer = htonl(ntohl(w->peer) + i % 200);
		make_tcp(&from, &p, &s);
		wire_send(w, &p);
		if (i % 64 == 63) {
			while (wire_next(w, &got, 0))
				;
		}
	}
	while (wire_next(w, &got, 100))
		;
}

static bool honest_client(struct wire *w, int listener, int port, uint16_t from)
{
	struct segment s = {
		.sport = from, .dport = port, .flags = SYN, .seq = 7000,
		.win = 1000, .optlen = 4,
	};
	struct segment r;
	struct packet p;
	char buf[4];
	int fd;

	memcpy(s.opts, MSS_1460, 4);
	make_tcp(w, &p, &s);
	wire_send(w, &p);
	do {
		if (!expect_segment(w, &r, ANSWER_MS))
			return false;
	} while (r.dport != from || r.flags != (SYN | ACK));
	s.flags = ACK;
	s.seq = 7001;
	s.ack = r.seq + 1;
	s.optlen = 0;
	memcpy(s.data, "hi", 2);
	s.len = 2;
	make_tcp(w, &p, &s);
	wire_send(w, &p);
	fd = accept(listener, NULL, NULL);
	if (fd < 0)
		return false;
	timeout_ms(fd, SO_RCVTIMEO, ANSWER_MS);
	if (recv(fd, buf, sizeof(buf), 0) != 2)
		return false;
	close(fd);
	return true;
}

TEST_F_TIMEOUT(tcp, syn_flood, 240)
{
	int listener = tcp_listener(self->w.family, HOST, 1);
	int port = local_port(listener);
	int n = flood_size();
	long before, after;

	timeout_ms(listener, SO_RCVTIMEO, ANSWER_MS);
	flood(&self->w, port, 1000);
	before = slab_kb();
	flood(&self->w, port, n);
	after = slab_kb();
	/* AF_INET's answers wait longer for their memory to be freed. */
	if (self->mini && !debug_kernel())
		EXPECT_GT(SLAB_KB, after - before)
			TH_LOG("%ld KB more after %d SYNs", after - before, n);
	for (int i = 0; i < 5; i++)
		EXPECT_TRUE(honest_client(&self->w, listener, port, 2000 + i));
	if (self->mini)
		EXPECT_TRUE(counter_reaches("TcpSyncookiesSent", n / 2));
	close(listener);
}

/* Without cookies old ones give way, so that somebody still gets in. */
TEST_F_TIMEOUT(tcp, syn_flood_without_cookies, 240)
{
	int listener = tcp_listener(self->w.family, HOST, 64);
	long before, after;
	int n = flood_size() / 5;

	if (!self->mini)
		SKIP(return, "AF_INET just drops SYNs");
	ASSERT_TRUE(sysctl_set("net/mini/tcp_syncookies", 0));
	before = slab_kb();
	flood(&self->w, local_port(listener), n);
	after = slab_kb();
	if (!debug_kernel())
		EXPECT_GT(SLAB_KB / 4, after - before)
			TH_LOG("%ld KB more after %d SYNs", after - before, n);
	EXPECT_TRUE(counter_reaches("drop/TCP_LISTEN_FULL", 1));
	close(listener);
}

TEST_HARNESS_MAIN
