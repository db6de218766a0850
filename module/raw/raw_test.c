// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: who is shown a packet, the lists of raw sockets, echo replies.
 */
#include <linux/icmp.h>
#include <net/tcp_states.h>

#include "../ip/host_test.h"
#include "../kunit.h"
#include "raw_int.h"

#define HERE	0x0a4d0001	/* 10.77.0.1, which nobody has */
#define PEER	0x0a4d0002
#define MINE	253

static void mini_raw_filtered__bits(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, mini_raw_filtered(0, ICMP_ECHO));
	KUNIT_EXPECT_TRUE(test, mini_raw_filtered(BIT(8), ICMP_ECHO));
	KUNIT_EXPECT_FALSE(test, mini_raw_filtered(~(u32)BIT(8), ICMP_ECHO));
	KUNIT_EXPECT_TRUE(test, mini_raw_filtered(BIT(31), 31));
	KUNIT_EXPECT_FALSE(test, mini_raw_filtered(U32_MAX, 32));
	KUNIT_EXPECT_FALSE(test, mini_raw_filtered(U32_MAX, 255));
}

static void mini_raw_match__table(struct kunit *test)
{
	static const struct {
		u32 bound, laddr, raddr;	/* of the socket, 0: any */
		int dev;
		u32 from, to;			/* of the packet */
		int in;
		u16 protocol;
		bool ret;
	} rows[] = {
		{ 0, 0, 0, 0, PEER, HERE, 2, MINE, true },
		{ 0, 0, 0, 0, PEER, HERE, 2, MINE + 1, false },
		{ 0, 0, 0, 0, PEER, HERE, 2, MINE + 256, false },
		{ HERE, HERE, 0, 0, PEER, HERE, 2, MINE, true },
		{ HERE, HERE, 0, 0, PEER, HERE + 8, 2, MINE, false },
		/* Bound to a group it speaks from elsewhere. */
		{ 0xe0000001, HERE, 0, 0, PEER, 0xe0000001, 2, MINE, true },
		{ 0xe0000001, HERE, 0, 0, PEER, HERE, 2, MINE, false },
		/* connect() chose the source. */
		{ 0, HERE, PEER, 0, PEER, HERE, 2, MINE, true },
		{ 0, HERE, PEER, 0, PEER + 1, HERE, 2, MINE, false },
		{ 0, HERE, PEER, 0, PEER, HERE + 1, 2, MINE, false },
		{ 0, 0, 0, 2, PEER, HERE, 2, MINE, true },
		{ 0, 0, 0, 2, PEER, HERE, 3, MINE, false },
		{ 0, 0, 0, 2, PEER, HERE, 0, MINE, true },
	};
	struct mini_raw_sock *rs;
	int i;

	rs = kunit_kzalloc(test, sizeof(*rs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, rs);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		struct in6_addr from = mini_test_v4(rows[i].from);
		struct in6_addr to = mini_test_v4(rows[i].to);
		const struct mini_raw_key key = {
			.raddr = &from,
			.laddr = &to,
			.ifindex = rows[i].in,
			.protocol = MINE,
		};

		rs->ms.sk.sk_protocol = rows[i].protocol;
		rs->ms.sk.sk_state = rows[i].raddr ? TCP_ESTABLISHED :
						     TCP_CLOSE;
		rs->ms.sk.sk_bound_dev_if = rows[i].dev;
		rs->ms.bound = mini_test_v4(rows[i].bound);
		rs->ms.conn.tuple.laddr = mini_test_v4(rows[i].laddr);
		rs->ms.conn.tuple.raddr = mini_test_v4(rows[i].raddr);
		KUNIT_EXPECT_EQ_MSG(test, mini_raw_match(rs, &key), rows[i].ret,
				    "row %d", i);
	}
}

static int raw_count(struct sock *sk, void *arg)
{
	int *left = arg;

	return !(*left)--;
}

static void mini_raw_walk__resumes(struct kunit *test)
{
	unsigned long iter[2] = {};
	struct mini_raw_sock *rs;
	struct mini_net *mn;
	int left;
	int i;

	mn = kunit_kzalloc(test, sizeof(*mn), GFP_KERNEL);
	rs = kunit_kcalloc(test, 4, sizeof(*rs), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mn);
	KUNIT_ASSERT_NOT_NULL(test, rs);
	KUNIT_ASSERT_EQ(test, 0, mini_raw_net_init(mn));
	for (i = 0; i < 4; i++) {
		rs[i].ms.mn = mn;
		rs[i].ms.sk.sk_protocol = i < 3 ? 7 : 255;
		mini_raw_hash(&rs[i]);
		KUNIT_EXPECT_EQ(test, i + 1, mn->raw_socks);
	}
	/* Two, then the other two */
	left = 2;
	KUNIT_EXPECT_NE(test, 0, mini_raw_walk(mn, iter, raw_count, &left));
	left = 100;
	KUNIT_EXPECT_EQ(test, 0, mini_raw_walk(mn, iter, raw_count, &left));
	KUNIT_EXPECT_EQ(test, 98, left);
	for (i = 0; i < 4; i++) {
		mini_raw_unhash(&rs[i].ms.sk);
		mini_raw_unhash(&rs[i].ms.sk);
		KUNIT_EXPECT_EQ(test, 3 - i, mn->raw_socks);
	}
	mini_raw_net_exit(mn);
}

/* Return: whether a raw socket took it. */
static bool raw_inject(struct kunit *test, struct mini_test_sock *r,
		       u8 protocol, const void *data, int len)
{
	struct sk_buff *skb;
	struct mini_rx rx;
	bool taken;

	skb = mini_test_packet(test, r, PEER, HERE, protocol, data, len, &rx);
	local_bh_disable();
	rcu_read_lock();
	taken = mini_raw_tap.rcv(&rx, skb);
	rcu_read_unlock();
	local_bh_enable();
	/* It is still as it was. */
	KUNIT_EXPECT_EQ(test, len, skb->len);
	kfree_skb(skb);
	return taken;
}

static void mini_raw_tap__copies(struct kunit *test)
{
	struct mini_test_sock *r = mini_test_sock_open(test, SOCK_RAW, MINE);
	u8 buf[64];

	KUNIT_EXPECT_GT(test, r->mn->raw_socks, 0);
	KUNIT_EXPECT_TRUE(test, raw_inject(test, r, MINE, "hello", 5));
	KUNIT_EXPECT_FALSE(test, raw_inject(test, r, MINE + 1, "x", 1));
	KUNIT_EXPECT_TRUE(test, raw_inject(test, r, MINE, "", 0));
	KUNIT_EXPECT_EQ(test, 25, mini_test_recv(r, buf, sizeof(buf), 0));
	KUNIT_EXPECT_EQ(test, 0x45, buf[0]);
	KUNIT_EXPECT_EQ(test, 0, memcmp(buf + 20, "hello", 5));
	KUNIT_EXPECT_EQ(test, 20, mini_test_recv(r, buf, sizeof(buf), 0));
	KUNIT_EXPECT_EQ(test, -EAGAIN, mini_test_recv(r, buf, sizeof(buf), 0));
	/* Closed with a packet in it. */
	raw_inject(test, r, MINE, "hello", 5);
	sock_release(r->sock);
}

static void mini_raw_tap__filters_icmp(struct kunit *test)
{
	struct mini_test_sock *r = mini_test_sock_open(test, SOCK_RAW,
						       IPPROTO_ICMP);
	struct icmphdr icmp = { .type = ICMP_ECHOREPLY };
	u8 buf[64];

	mini_raw_sk(r->sock->sk)->icmp_filter = ~(u32)BIT(ICMP_ECHO);
	KUNIT_EXPECT_TRUE(test, raw_inject(test, r, IPPROTO_ICMP, &icmp,
					   sizeof(icmp)));
	icmp.type = ICMP_ECHO;
	raw_inject(test, r, IPPROTO_ICMP, &icmp, sizeof(icmp));
	/* Too short to have a type that counts */
	raw_inject(test, r, IPPROTO_ICMP, &icmp, sizeof(icmp) - 1);
	raw_inject(test, r, IPPROTO_ICMP, &icmp, 0);
	KUNIT_EXPECT_EQ(test, 28, mini_test_recv(r, buf, sizeof(buf), 0));
	KUNIT_EXPECT_EQ(test, ICMP_ECHO, buf[20]);
	KUNIT_EXPECT_EQ(test, -EAGAIN, mini_test_recv(r, buf, sizeof(buf), 0));
	sock_release(r->sock);
}

static void mini_raw_tap__full_queue(struct kunit *test)
{
	struct mini_test_sock *r = mini_test_sock_open(test, SOCK_RAW, MINE);
	struct sock *sk = r->sock->sk;
	u8 buf[64];
	int n = 0;
	int i;

	WRITE_ONCE(sk->sk_rcvbuf, 4096);
	for (i = 0; i < 50; i++)
		KUNIT_EXPECT_TRUE(test, raw_inject(test, r, MINE, "x", 1));
	while (mini_test_recv(r, buf, sizeof(buf), 0) == 21)
		n++;
	KUNIT_EXPECT_GT(test, n, 0);
	KUNIT_EXPECT_LT(test, n, 50);
	KUNIT_EXPECT_EQ(test, 50 - n, atomic_read(&sk->sk_drops));
	KUNIT_EXPECT_EQ(test, 0, sk_rmem_alloc_get(sk));
	sock_release(r->sock);
}

static void raw_inject_reply(struct kunit *test, struct mini_test_sock *r,
			     const struct icmphdr *icmp)
{
	struct sk_buff *skb;
	struct mini_rx rx;

	skb = mini_test_packet(test, r, PEER, HERE, IPPROTO_ICMP, icmp,
			       sizeof(*icmp), &rx);
	local_bh_disable();
	rcu_read_lock();
	mini_ping_handler.rcv(&rx, skb);
	rcu_read_unlock();
	local_bh_enable();
}

static void mini_ping_rcv__by_identifier(struct kunit *test)
{
	struct mini_test_sock *r = mini_test_sock_open(test, SOCK_DGRAM,
						       IPPROTO_ICMP);
	struct mini_sock *ms = mini_sk(r->sock->sk);
	struct icmphdr icmp = { .type = ICMP_ECHOREPLY };
	struct icmphdr got;

	lock_sock(&ms->sk);
	KUNIT_ASSERT_EQ(test, 0, mini_ping_ident(ms, 0));
	release_sock(&ms->sk);
	KUNIT_EXPECT_NE(test, 0, ntohs(ms->conn.tuple.lport));
	icmp.un.echo.id = ms->conn.tuple.lport ^ htons(1);
	raw_inject_reply(test, r, &icmp);
	KUNIT_EXPECT_EQ(test, -EAGAIN, mini_test_recv(r, &got, sizeof(got), 0));
	icmp.un.echo.id = ms->conn.tuple.lport;
	icmp.un.echo.sequence = htons(3);
	raw_inject_reply(test, r, &icmp);
	KUNIT_EXPECT_EQ(test, sizeof(got),
			mini_test_recv(r, &got, sizeof(got), 0));
	KUNIT_EXPECT_EQ(test, htons(3), got.un.echo.sequence);
	/* Bound elsewhere */
	ms->bound = mini_test_v4(HERE + 1);
	raw_inject_reply(test, r, &icmp);
	KUNIT_EXPECT_EQ(test, -EAGAIN, mini_test_recv(r, &got, sizeof(got), 0));
	sock_release(r->sock);
}

static void mini_ping_err__quotes(struct kunit *test)
{
	struct mini_test_sock *r = mini_test_sock_open(test, SOCK_DGRAM,
						       IPPROTO_ICMP);
	struct mini_sock *ms = mini_sk(r->sock->sk);
	struct icmphdr quote = { .type = ICMP_ECHO };
	struct mini_icmp_err e = {
		.laddr = mini_test_v4(HERE),
		.raddr = mini_test_v4(PEER),
		.proto = IPPROTO_ICMP,
		.type = ICMP_DEST_UNREACH,
		.code = ICMP_PORT_UNREACH,
		.errno_ = ECONNREFUSED,
		.hard = true,
		.payload = (const u8 *)&quote,
		.payload_len = sizeof(quote),
	};

	lock_sock(&ms->sk);
	KUNIT_ASSERT_EQ(test, 0, mini_ping_ident(ms, 0));
	release_sock(&ms->sk);
	quote.un.echo.id = ms->conn.tuple.lport;
	rcu_read_lock();
	/* Neither connected nor asking for errors */
	mini_ping_handler.err(r->mn, &e);
	KUNIT_EXPECT_EQ(test, 0, ms->sk.sk_err);
	WRITE_ONCE(ms->sk.sk_state, TCP_ESTABLISHED);
	e.payload_len = sizeof(quote) - 1;
	mini_ping_handler.err(r->mn, &e);
	e.payload_len = sizeof(quote);
	quote.type = ICMP_TIMESTAMP;
	mini_ping_handler.err(r->mn, &e);
	quote.type = ICMP_ECHO;
	quote.un.echo.id ^= htons(1);
	mini_ping_handler.err(r->mn, &e);
	quote.un.echo.id ^= htons(1);
	KUNIT_EXPECT_EQ(test, 0, ms->sk.sk_err);
	mini_ping_handler.err(r->mn, &e);
	KUNIT_EXPECT_EQ(test, ECONNREFUSED, ms->sk.sk_err);
	rcu_read_unlock();
	sock_release(r->sock);
}

static struct kunit_case mini_raw_test_cases[] = {
	KUNIT_CASE(mini_raw_filtered__bits),
	KUNIT_CASE(mini_raw_match__table),
	KUNIT_CASE(mini_raw_walk__resumes),
	KUNIT_CASE(mini_raw_tap__copies),
	KUNIT_CASE(mini_raw_tap__filters_icmp),
	KUNIT_CASE(mini_raw_tap__full_queue),
	KUNIT_CASE(mini_ping_rcv__by_identifier),
	KUNIT_CASE(mini_ping_err__quotes),
	{}
};

struct kunit_suite mini_raw_test_suite = {
	.name = "mini-raw",
	.test_cases = mini_raw_test_cases,
};
