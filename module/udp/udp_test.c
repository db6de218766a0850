// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: demultiplexing of datagrams, and datagrams that are crafted, put in
 * where IP would and read by a socket.
 */
#include <kunit/test.h>
#include <linux/icmp.h>
#include <net/tcp_states.h>

#include "../ip/host_test.h"
#include "udp_int.h"

#define HERE	0x7f000001
#define PEER	0x7f000002
#define PORT	9
#define PEER_PORT 5000

/* Sockets that are only looked at. */
struct mini_udp_fake {
	struct mini_port port;
	struct mini_udp_sock us[8];
};

static struct mini_udp_fake *mini_udp_fake_init(struct kunit *test)
{
	struct mini_udp_fake *f;
	int i;

	f = kunit_kzalloc(test, sizeof(*f), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, f);
	for (i = 0; i < ARRAY_SIZE(f->us); i++) {
		f->us[i].ms.port.sk = &f->us[i].ms.sk;
		f->us[i].ms.sk.sk_state = TCP_CLOSE;
	}
	return f;
}

static void mini_udp_fake_peer(struct mini_udp_sock *us, u32 addr, int port)
{
	us->ms.conn.tuple.raddr = mini_test_v4(addr);
	us->ms.conn.tuple.rport = htons(port);
	us->ms.sk.sk_state = TCP_ESTABLISHED;
}

static void mini_udp_score__table(struct kunit *test)
{
	static const struct {
		u32 laddr;
		u32 raddr;
		int rport;
		int dev;
		int key_dev;
		int score;
	} rows[] = {
		{ 0, 0, 0, 0, 3, 0 },
		{ HERE, 0, 0, 0, 3, 2 },
		{ PEER, 0, 0, 0, 3, -1 },
		{ 0, 0, 0, 3, 3, 1 },
		{ 0, 0, 0, 4, 3, -1 },
		{ 0, 0, 0, 4, 0, 1 },
		{ HERE, 0, 0, 3, 3, 3 },
		{ HERE, PEER, PEER_PORT, 0, 3, 6 },
		{ HERE, PEER, PEER_PORT, 3, 3, 7 },
		{ HERE, PEER, PEER_PORT + 1, 0, 3, -1 },
		{ HERE, HERE, PEER_PORT, 0, 3, -1 },
		{ 0, PEER, PEER_PORT, 0, 3, 4 },
		/* connect() to port 0: any port of that host. */
		{ HERE, PEER, 0, 0, 3, 6 },
		{ HERE, HERE, 0, 0, 3, -1 },
	};
	struct mini_udp_fake *f = mini_udp_fake_init(test);
	struct mini_udp_sock *us = &f->us[0];
	struct mini_udp_key key = {
		.saddr = mini_test_v4(PEER),
		.daddr = mini_test_v4(HERE),
		.sport = htons(PEER_PORT),
		.dport = htons(PORT),
	};
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		us->ms.port.addr = mini_test_v4(rows[i].laddr);
		us->ms.sk.sk_state = TCP_CLOSE;
		if (rows[i].raddr)
			mini_udp_fake_peer(us, rows[i].raddr, rows[i].rport);
		us->ms.sk.sk_bound_dev_if = rows[i].dev;
		key.ifindex = rows[i].key_dev;
		KUNIT_EXPECT_EQ_MSG(test, mini_udp_score(&us->ms.port, &key),
				    rows[i].score, "row %d", i);
	}
	us->ms.port.sk = NULL;
	KUNIT_EXPECT_EQ(test, mini_udp_score(&us->ms.port, &key), -1);
}

static void mini_udp_lookup__best(struct kunit *test)
{
	struct mini_udp_fake *f = mini_udp_fake_init(test);
	struct mini_udp_key key = {
		.saddr = mini_test_v4(PEER),
		.daddr = mini_test_v4(HERE),
		.sport = htons(PEER_PORT),
		.dport = htons(PORT),
	};
	int i;

	/* Any address; this one; connected; connected elsewhere. */
	f->us[1].ms.port.addr = mini_test_v4(HERE);
	f->us[2].ms.port.addr = mini_test_v4(HERE);
	mini_udp_fake_peer(&f->us[2], PEER, PEER_PORT);
	f->us[3].ms.port.addr = mini_test_v4(HERE);
	mini_udp_fake_peer(&f->us[3], PEER, PEER_PORT + 1);
	rcu_read_lock();
	KUNIT_EXPECT_PTR_EQ(test, mini_udp_lookup(&f->port, &key), NULL);
	for (i = 0; i < 4; i++)
		hlist_add_head_rcu(&f->us[i].ms.port.node, &f->port.users);

	KUNIT_EXPECT_PTR_EQ(test, mini_udp_lookup(&f->port, &key),
			    &f->us[2].ms.sk);
	key.sport = htons(1);
	KUNIT_EXPECT_PTR_EQ(test, mini_udp_lookup(&f->port, &key),
			    &f->us[1].ms.sk);
	key.daddr = mini_test_v4(PEER);
	KUNIT_EXPECT_PTR_EQ(test, mini_udp_lookup(&f->port, &key),
			    &f->us[0].ms.sk);
	/* Of equals the newest has it. */
	hlist_add_head_rcu(&f->us[4].ms.port.node, &f->port.users);
	KUNIT_EXPECT_PTR_EQ(test, mini_udp_lookup(&f->port, &key),
			    &f->us[4].ms.sk);
	rcu_read_unlock();
}

static void mini_udp_lookup__reuseport_spreads(struct kunit *test)
{
	struct mini_udp_fake *f = mini_udp_fake_init(test);
	struct mini_udp_key key = {
		.saddr = mini_test_v4(PEER),
		.daddr = mini_test_v4(HERE),
		.dport = htons(PORT),
	};
	struct sock *sk, *again;
	int got[4] = { 0 };
	int i, k;

	for (i = 0; i < 4; i++) {
		f->us[i].ms.port.reuseport = 1;
		hlist_add_head_rcu(&f->us[i].ms.port.node, &f->port.users);
	}
	for (i = 0; i < 4000; i++) {
		key.sport = htons(1 + i);
		rcu_read_lock();
		sk = mini_udp_lookup(&f->port, &key);
		again = mini_udp_lookup(&f->port, &key);
		rcu_read_unlock();
		/* One flow stays with one socket. */
		KUNIT_ASSERT_PTR_EQ(test, sk, again);
		for (k = 0; k < 4; k++)
			got[k] += sk == &f->us[k].ms.sk;
	}
	for (k = 0; k < 4; k++) {
		KUNIT_EXPECT_GT(test, got[k], 800);
		KUNIT_EXPECT_LT(test, got[k], 1200);
	}
}

static struct sockaddr_in mini_test_name(u32 addr, int port)
{
	return (struct sockaddr_in) {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(addr),
		.sin_port = htons(port),
	};
}

/* Bound to HERE:PORT. */
static struct mini_test_sock *mini_udp_real_open(struct kunit *test)
{
	struct sockaddr_in sin = mini_test_name(HERE, PORT);
	struct mini_test_sock *r;

	r = mini_test_sock_open(test, SOCK_DGRAM, 0);
	KUNIT_ASSERT_EQ(test, kernel_bind(r->sock, (void *)&sin, sizeof(sin)),
			0);
	return r;
}

/**
 * struct mini_udp_craft - a datagram as it should not be
 * @payload: octets after the header that IP brings
 * @header: octets of the header that IP brings, 8 if it is whole
 * @len: added to the length field
 * @flip: xor'ed into the checksum
 * @no_sum: checksum 0
 */
struct mini_udp_craft {
	int payload;
	int header;
	int len;
	u16 flip;
	bool no_sum;
	int dport;
};

static void mini_udp_inject(struct kunit *test, struct mini_test_sock *r,
			    const struct mini_udp_craft *c)
{
	int len = c->header + c->payload;
	struct sk_buff *skb;
	struct mini_rx rx;
	struct udphdr *uh;
	__wsum sum;
	int i;

	uh = kunit_kzalloc(test, sizeof(*uh) + c->payload, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, uh);
	uh->source = htons(PEER_PORT);
	uh->dest = htons(c->dport ? c->dport : PORT);
	uh->len = htons(len + c->len);
	for (i = 0; i < c->payload; i++)
		((u8 *)(uh + 1))[i] = i;
	if (!c->no_sum) {
		sum = csum_partial(uh, len + min(c->len, 0), 0);
		uh->check = csum_tcpudp_magic(htonl(PEER), htonl(HERE),
					      len + min(c->len, 0),
					      IPPROTO_UDP, sum);
		uh->check ^= htons(c->flip);
	}
	skb = mini_test_packet(test, r, PEER, HERE, IPPROTO_UDP, uh, len, &rx);

	local_bh_disable();
	rcu_read_lock();
	mini_udp_rcv(&rx, skb);
	rcu_read_unlock();
	local_bh_enable();
}

static void mini_udp_rcv__delivers(struct kunit *test)
{
	static const struct mini_udp_craft craft = {
		.header = 8, .payload = 10,
	};
	struct mini_test_sock *r = mini_udp_real_open(test);
	struct sockaddr_in sin = { 0 };
	struct msghdr msg = { .msg_name = &sin };
	struct sock *sk = r->sock->sk;
	struct kvec vec;
	u8 buf[32];
	int i;

	KUNIT_EXPECT_EQ(test, mini_test_recv(r, buf, 32, 0), -EAGAIN);
	mini_udp_inject(test, r, &craft);
	KUNIT_EXPECT_GT(test, sk_rmem_alloc_get(sk), 10);
	KUNIT_EXPECT_EQ(test, mini_udp_first_len(sk), 10);
	KUNIT_EXPECT_EQ(test, mini_test_recv(r, buf, 4, MSG_PEEK), 4);
	KUNIT_EXPECT_EQ(test, mini_test_recv(r, buf, 4,
					     MSG_PEEK | MSG_TRUNC), 10);
	vec.iov_base = buf;
	vec.iov_len = sizeof(buf);
	KUNIT_EXPECT_EQ(test, kernel_recvmsg(r->sock, &msg, &vec, 1,
					     sizeof(buf), MSG_DONTWAIT), 10);
	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, buf[i], i);
	KUNIT_EXPECT_EQ(test, sin.sin_family, AF_INET);
	KUNIT_EXPECT_EQ(test, ntohl(sin.sin_addr.s_addr), PEER);
	KUNIT_EXPECT_EQ(test, ntohs(sin.sin_port), PEER_PORT);
	KUNIT_EXPECT_EQ(test, sk_rmem_alloc_get(sk), 0);
	KUNIT_EXPECT_EQ(test, mini_test_recv(r, buf, 32, 0), -EAGAIN);
	sock_release(r->sock);
}

static void mini_udp_rcv__lengths(struct kunit *test)
{
	static const struct {
		struct mini_udp_craft craft;
		int reason;		/* 0: delivered, */
		int len;		/* of this length */
	} rows[] = {
		{ { .header = 0 }, MINI_DROP_UDP_SHORT },
		{ { .header = 1 }, MINI_DROP_UDP_SHORT },
		{ { .header = 7 }, MINI_DROP_UDP_SHORT },
		{ { .header = 8 }, 0, 0 },
		{ { .header = 8, .len = -1 }, MINI_DROP_UDP_LENGTH },
		{ { .header = 8, .len = -8 }, MINI_DROP_UDP_LENGTH },
		{ { .header = 8, .len = 1 }, MINI_DROP_UDP_LENGTH },
		{ { .header = 8, .payload = 20, .len = 1 },
		  MINI_DROP_UDP_LENGTH },
		{ { .header = 8, .payload = 20, .len = 65000 },
		  MINI_DROP_UDP_LENGTH },
		{ { .header = 8, .payload = 20, .len = -3 }, 0, 17 },
		{ { .header = 8, .payload = 20, .len = -20 }, 0, 0 },
		{ { .header = 8, .payload = 1 }, 0, 1 },
	};
	struct mini_test_sock *r = mini_udp_real_open(test);
	u8 buf[64];
	u64 drops;
	int i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		drops = mini_test_drops(r->mn, rows[i].reason);
		mini_udp_inject(test, r, &rows[i].craft);
		drops = mini_test_drops(r->mn, rows[i].reason) - drops;
		KUNIT_EXPECT_EQ_MSG(test, drops, rows[i].reason ? 1 : 0,
				    "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, mini_test_recv(r, buf, 64, 0),
				    rows[i].reason ? -EAGAIN : rows[i].len,
				    "row %d", i);
	}
	sock_release(r->sock);
}

static void mini_udp_rcv__checksum(struct kunit *test)
{
	static const struct mini_udp_craft wrong = {
		.header = 8, .payload = 5, .flip = 0x0100,
	};
	static const struct mini_udp_craft none = {
		.header = 8, .payload = 5, .no_sum = true,
	};
	struct mini_test_sock *r = mini_udp_real_open(test);
	u64 drops = mini_test_drops(r->mn, MINI_DROP_UDP_CSUM);
	u8 buf[64];

	mini_udp_inject(test, r, &wrong);
	KUNIT_EXPECT_EQ(test, mini_test_recv(r, buf, 64, 0), -EAGAIN);
	KUNIT_EXPECT_EQ(test, mini_test_drops(r->mn, MINI_DROP_UDP_CSUM),
			drops + 1);
	mini_udp_inject(test, r, &none);
	KUNIT_EXPECT_EQ(test, mini_test_recv(r, buf, 64, 0), 5);
	sock_release(r->sock);
}

static void mini_udp_rcv__no_socket(struct kunit *test)
{
	static const struct mini_udp_craft craft = {
		.header = 8, .payload = 5, .dport = PORT + 1,
	};
	struct mini_test_sock *r = mini_udp_real_open(test);
	u64 drops = mini_test_drops(r->mn, MINI_DROP_UDP_NO_SOCKET);

	mini_udp_inject(test, r, &craft);
	KUNIT_EXPECT_EQ(test, mini_test_drops(r->mn, MINI_DROP_UDP_NO_SOCKET),
			drops + 1);
	sock_release(r->sock);
}

static void mini_udp_rcv__full_queue(struct kunit *test)
{
	static const struct mini_udp_craft craft = {
		.header = 8, .payload = 200,
	};
	struct mini_test_sock *r = mini_udp_real_open(test);
	u64 drops = mini_test_drops(r->mn, MINI_DROP_UDP_RCVBUF);
	struct sock *sk = r->sock->sk;
	int n = 0;
	u8 buf[256];
	int i;

	WRITE_ONCE(sk->sk_rcvbuf, 4096);
	for (i = 0; i < 50; i++)
		mini_udp_inject(test, r, &craft);
	while (mini_test_recv(r, buf, 256, 0) == 200)
		n++;
	KUNIT_EXPECT_GT(test, n, 0);
	KUNIT_EXPECT_LT(test, n, 20);
	KUNIT_EXPECT_EQ(test, mini_test_drops(r->mn, MINI_DROP_UDP_RCVBUF),
			drops + 50 - n);
	KUNIT_EXPECT_EQ(test, atomic_read(&sk->sk_drops), 50 - n);
	KUNIT_EXPECT_EQ(test, sk_rmem_alloc_get(sk), 0);
	/* Closed with datagrams in it. */
	mini_udp_inject(test, r, &craft);
	mini_udp_inject(test, r, &craft);
	sock_release(r->sock);
}

static void mini_udp_recvmsg__peek_off(struct kunit *test)
{
	static const struct mini_udp_craft five = {
		.header = 8, .payload = 5,
	};
	static const struct mini_udp_craft seven = {
		.header = 8, .payload = 7,
	};
	struct mini_test_sock *r = mini_udp_real_open(test);
	u8 buf[64];

	mini_udp_inject(test, r, &five);
	mini_udp_inject(test, r, &seven);
	sk_set_peek_off(r->sock->sk, 2);
	KUNIT_EXPECT_EQ(test, mini_test_recv(r, buf, 64, MSG_PEEK), 3);
	KUNIT_EXPECT_EQ(test, buf[0], 2);
	KUNIT_EXPECT_EQ(test, mini_test_recv(r, buf, 2, MSG_PEEK), 2);
	KUNIT_EXPECT_EQ(test, mini_test_recv(r, buf, 64, MSG_PEEK), 5);
	KUNIT_EXPECT_EQ(test, buf[0], 2);
	KUNIT_EXPECT_EQ(test, mini_test_recv(r, buf, 64, MSG_PEEK),
			-EAGAIN);
	KUNIT_EXPECT_EQ(test, mini_test_recv(r, buf, 64, 0), 5);
	KUNIT_EXPECT_EQ(test, mini_test_recv(r, buf, 64, 0), 7);
	sock_release(r->sock);
}

static void mini_udp_err__connected_only(struct kunit *test)
{
	struct sockaddr_in peer = mini_test_name(PEER, PEER_PORT);
	struct mini_test_sock *r = mini_udp_real_open(test);
	struct udphdr quote = {
		.source = htons(PORT),
		.dest = htons(PEER_PORT),
	};
	struct mini_icmp_err e = {
		.laddr = mini_test_v4(HERE),
		.raddr = mini_test_v4(PEER),
		.type = ICMP_DEST_UNREACH,
		.code = ICMP_PORT_UNREACH,
		.errno_ = ECONNREFUSED,
		.hard = true,
		.payload = (const u8 *)&quote,
		.payload_len = sizeof(quote),
	};
	u8 buf[8];

	rcu_read_lock();
	mini_udp_err(r->mn, &e);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, r->sock->sk->sk_err, 0);

	KUNIT_ASSERT_EQ(test, kernel_connect(r->sock, (void *)&peer,
					     sizeof(peer), 0), 0);
	rcu_read_lock();
	e.hard = false;
	mini_udp_err(r->mn, &e);
	KUNIT_EXPECT_EQ(test, r->sock->sk->sk_err, 0);
	e.hard = true;
	/* About another peer; then cut short. */
	quote.dest = htons(PEER_PORT + 1);
	mini_udp_err(r->mn, &e);
	quote.dest = htons(PEER_PORT);
	e.payload_len = 7;
	mini_udp_err(r->mn, &e);
	KUNIT_EXPECT_EQ(test, r->sock->sk->sk_err, 0);
	e.payload_len = 8;
	mini_udp_err(r->mn, &e);
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, mini_test_recv(r, buf, 8, 0), -ECONNREFUSED);
	KUNIT_EXPECT_EQ(test, mini_test_recv(r, buf, 8, 0), -EAGAIN);
	sock_release(r->sock);
}

/* A packet such as a datagram of some octets comes in. */
static struct sk_buff *mini_udp_test_skb(struct kunit *test)
{
	struct sk_buff *skb = alloc_skb(MINI_UDP_HEAD_SMALL, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, skb);
	skb_reserve(skb, 100);
	skb_put_zero(skb, 8);
	skb->mark = 7;
	return skb;
}

/* What is kept comes back, as alloc_skb() would have made it. */
static void mini_udp_skb__kept(struct kunit *test)
{
	struct sk_buff *skb = mini_udp_test_skb(test);
	unsigned int room = skb_end_offset(skb);
	struct sk_buff *again;

	/* Of this CPU: there may be no room for one more. */
	preempt_disable();
	consume_skb(mini_udp_skb_get(MINI_UDP_HEAD_SMALL));
	mini_udp_skb_put(skb);
	again = mini_udp_skb_get(MINI_UDP_HEAD_SMALL);
	preempt_enable();
	KUNIT_ASSERT_PTR_EQ(test, again, skb);
	KUNIT_EXPECT_EQ(test, again->len, 0);
	KUNIT_EXPECT_EQ(test, again->mark, 0);
	KUNIT_EXPECT_EQ(test, skb_headroom(again), 0);
	KUNIT_EXPECT_EQ(test, skb_tailroom(again), (int)room);
	KUNIT_EXPECT_EQ(test, refcount_read(&again->users), 1);
	KUNIT_EXPECT_EQ(test, again->truesize, SKB_TRUESIZE(room));
	KUNIT_EXPECT_FALSE(test, skb_transport_header_was_set(again));
	consume_skb(again);
}

/* What somebody else refers to is not kept. */
static void mini_udp_skb__shared(struct kunit *test)
{
	struct sk_buff *shared = mini_udp_test_skb(test);
	struct sk_buff *cloned = mini_udp_test_skb(test);
	struct sk_buff *clone = skb_clone(cloned, GFP_KERNEL);
	struct sk_buff *again;

	KUNIT_ASSERT_NOT_NULL(test, clone);
	preempt_disable();
	mini_udp_skb_put(skb_get(shared));
	mini_udp_skb_put(cloned);
	again = mini_udp_skb_get(MINI_UDP_HEAD_SMALL);
	preempt_enable();
	KUNIT_EXPECT_PTR_NE(test, again, shared);
	KUNIT_EXPECT_PTR_NE(test, again, cloned);
	KUNIT_EXPECT_EQ(test, shared->mark, 7);
	KUNIT_EXPECT_EQ(test, clone->len, 8);
	consume_skb(again);
	consume_skb(clone);
	consume_skb(shared);
}

static struct kunit_case mini_udp_test_cases[] = {
	KUNIT_CASE(mini_udp_score__table),
	KUNIT_CASE(mini_udp_lookup__best),
	KUNIT_CASE(mini_udp_lookup__reuseport_spreads),
	KUNIT_CASE(mini_udp_rcv__delivers),
	KUNIT_CASE(mini_udp_rcv__lengths),
	KUNIT_CASE(mini_udp_rcv__checksum),
	KUNIT_CASE(mini_udp_rcv__no_socket),
	KUNIT_CASE(mini_udp_rcv__full_queue),
	KUNIT_CASE(mini_udp_recvmsg__peek_off),
	KUNIT_CASE(mini_udp_err__connected_only),
	KUNIT_CASE(mini_udp_skb__kept),
	KUNIT_CASE(mini_udp_skb__shared),
	{}
};

struct kunit_suite mini_udp_test_suite = {
	.name = "mini-udp",
	.test_cases = mini_udp_test_cases,
};
