// SPDX-License-Identifier: GPL-2.0
/*
 * KUnit: datagrams that are collected (cork.c), and super-packets that carry
 * several, on their way out (UDP_SEGMENT) and in (UDP_GRO).
 */
#include <linux/socket.h>
#include <net/tcp_states.h>

#include "../ip/host_test.h"
#include "../kunit.h"
#include "udp_int.h"

#define HERE	0x7f000001
#define PEER	0x7f000002

static void mini_udp_segment__table(struct kunit *test)
{
	static const struct {
		int len;
		int size;
		u32 mtu;
		bool no_sum;
		int ret;
		int segs;	/* 0: an ordinary datagram */
	} rows[] = {
		{ 1000, 1000, 1500, false, 0, 0 },
		{ 999, 1000, 1500, false, 0, 0 },
		{ 0, 1000, 1500, false, 0, 0 },
		{ 1001, 1000, 1500, false, 0, 2 },
		{ 3000, 1000, 1500, false, 0, 3 },
		{ 3000, 1472, 1500, false, 0, 3 },
		{ 3000, 1473, 1500, false, -EMSGSIZE, 0 },
		/* What is shorter than a segment counts as it is. */
		{ 1472, 9000, 1500, false, 0, 0 },
		{ 1473, 9000, 1500, false, -EMSGSIZE, 0 },
		{ UDP_MAX_SEGMENTS, 1, 1500, false, 0, UDP_MAX_SEGMENTS },
		{ UDP_MAX_SEGMENTS + 1, 1, 1500, false, -EINVAL, 0 },
		/* Each segment needs a checksum of its own. */
		{ 3000, 1000, 1500, true, -EINVAL, 0 },
	};
	struct mini_udp_sock *us;
	struct sk_buff *skb;
	int i;

	us = kunit_kzalloc(test, sizeof(*us), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, us);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		skb = alloc_skb(rows[i].len, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, skb);
		skb_put_zero(skb, rows[i].len);
		us->ms.sk.sk_no_check_tx = rows[i].no_sum;
		KUNIT_EXPECT_EQ_MSG(test, rows[i].ret,
				    mini_udp_segment(&us->ms.sk, rows[i].mtu,
						     skb, rows[i].size),
				    "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, rows[i].segs,
				    skb_shinfo(skb)->gso_segs, "row %d", i);
		KUNIT_EXPECT_EQ_MSG(test, rows[i].segs ? rows[i].size : 0,
				    skb_shinfo(skb)->gso_size, "row %d", i);
		kfree_skb(skb);
	}
}

/* Datagrams of @size octets, the last one shorter, as one packet to @r. */
static void udp_inject_super(struct kunit *test, struct mini_test_sock *r,
			     int len, int size)
{
	struct udphdr *uh;
	struct sk_buff *skb;
	struct mini_rx rx;
	int i;

	uh = kunit_kzalloc(test, sizeof(*uh) + len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, uh);
	uh->source = htons(5000);
	uh->dest = READ_ONCE(mini_sk(r->sock->sk)->conn.tuple.lport);
	uh->len = htons(sizeof(*uh) + len);
	uh->check = ~csum_tcpudp_magic(htonl(PEER), htonl(HERE),
				       sizeof(*uh) + len, IPPROTO_UDP, 0);
	for (i = 0; i < len; i++)
		((u8 *)(uh + 1))[i] = i / size;
	skb = mini_test_packet(test, r, PEER, HERE, IPPROTO_UDP, uh,
			       sizeof(*uh) + len, &rx);
	skb->protocol = htons(ETH_P_IP);
	skb_reset_mac_header(skb);
	skb->mac_len = 0;
	/* As a sender on this machine left it. */
	skb->ip_summed = CHECKSUM_PARTIAL;
	skb->csum_start = skb_transport_header(skb) - skb->head;
	skb->csum_offset = offsetof(struct udphdr, check);
	skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
	skb_shinfo(skb)->gso_size = size;
	skb_shinfo(skb)->gso_segs = DIV_ROUND_UP(len, size);

	local_bh_disable();
	rcu_read_lock();
	mini_udp_rcv(&rx, skb);
	rcu_read_unlock();
	local_bh_enable();
}

/* Bound, with any port. */
static struct mini_test_sock *udp_test_sock(struct kunit *test)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(HERE),
	};
	struct mini_test_sock *r = mini_test_sock_open(test, SOCK_DGRAM, 0);

	KUNIT_ASSERT_EQ(test, 0, kernel_bind(r->sock, (void *)&sin,
					     sizeof(sin)));
	return r;
}

static void mini_udp_rcv__super_is_cut(struct kunit *test)
{
	struct mini_test_sock *r = udp_test_sock(test);
	u8 buf[256];
	int i;

	udp_inject_super(test, r, 250, 100);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, i < 2 ? 100 : 50,
				mini_test_recv(r, buf, sizeof(buf), 0));
		KUNIT_EXPECT_EQ(test, i, buf[0]);
		KUNIT_EXPECT_EQ(test, i, buf[49]);
	}
	KUNIT_EXPECT_EQ(test, -EAGAIN, mini_test_recv(r, buf, sizeof(buf), 0));
	sock_release(r->sock);
}

static void mini_udp_rcv__super_is_kept_for_gro(struct kunit *test)
{
	struct mini_test_sock *r = udp_test_sock(test);
	u8 buf[256];

	WRITE_ONCE(mini_udp_sk(r->sock->sk)->gro, 1);
	udp_inject_super(test, r, 250, 100);
	KUNIT_EXPECT_EQ(test, 250, mini_test_recv(r, buf, sizeof(buf), 0));
	KUNIT_EXPECT_EQ(test, 0, buf[99]);
	KUNIT_EXPECT_EQ(test, 2, buf[200]);
	KUNIT_EXPECT_EQ(test, -EAGAIN, mini_test_recv(r, buf, sizeof(buf), 0));
	sock_release(r->sock);
}

/* As sendto() to oneself. */
static int udp_send_more(struct mini_test_sock *r, void *data, size_t len,
			 int flags)
{
	struct sockaddr_in sin = {
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(HERE),
		.sin_port = mini_sk(r->sock->sk)->conn.tuple.lport,
	};
	struct kvec vec = { .iov_base = data, .iov_len = len };
	struct msghdr msg = {
		.msg_name = &sin,
		.msg_namelen = sizeof(sin),
		.msg_flags = flags,
	};

	return kernel_sendmsg(r->sock, &msg, &vec, 1, len);
}

/* It comes by the loopback, a little later. */
static int udp_recv_wait(struct mini_test_sock *r, void *buf, size_t len)
{
	struct kvec vec = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = { 0 };

	r->sock->sk->sk_rcvtimeo = 5 * HZ;
	return kernel_recvmsg(r->sock, &msg, &vec, 1, len, 0);
}

static void mini_udp_cork__collects(struct kunit *test)
{
	struct mini_test_sock *r = udp_test_sock(test);
	struct mini_udp_sock *us = mini_udp_sk(r->sock->sk);
	char buf[16];

	KUNIT_EXPECT_EQ(test, 3, udp_send_more(r, "abc", 3, MSG_MORE));
	KUNIT_EXPECT_NOT_NULL(test, us->cork);
	KUNIT_EXPECT_EQ(test, 2, udp_send_more(r, "de", 2, MSG_MORE));
	KUNIT_EXPECT_EQ(test, -EAGAIN, mini_test_recv(r, buf, sizeof(buf), 0));
	KUNIT_EXPECT_EQ(test, 1, udp_send_more(r, "f", 1, 0));
	KUNIT_EXPECT_NULL(test, us->cork);
	KUNIT_EXPECT_EQ(test, 6, udp_recv_wait(r, buf, sizeof(buf)));
	KUNIT_EXPECT_EQ(test, 0, memcmp(buf, "abcdef", 6));
	sock_release(r->sock);
}

/* Routes changed while it was collected: the way is looked up once more. */
static void mini_udp_cork__finds_a_new_way(struct kunit *test)
{
	struct mini_test_sock *r = udp_test_sock(test);
	char buf[16];

	KUNIT_EXPECT_EQ(test, 3, udp_send_more(r, "abc", 3, MSG_MORE));
	atomic_inc(&r->mn->genid);
	KUNIT_EXPECT_EQ(test, 3, udp_send_more(r, "def", 3, 0));
	KUNIT_EXPECT_EQ(test, 6, udp_recv_wait(r, buf, sizeof(buf)));
	KUNIT_EXPECT_EQ(test, 0, memcmp(buf, "abcdef", 6));
	sock_release(r->sock);
}

/* What it holds is the sender's to pay, and is paid back when it is dropped. */
static void mini_udp_cork__drops_all_on_error(struct kunit *test)
{
	struct mini_test_sock *r = udp_test_sock(test);
	struct mini_udp_sock *us = mini_udp_sk(r->sock->sk);
	struct sock *sk = r->sock->sk;
	size_t len = 60000;
	void *data;

	data = kunit_kzalloc(test, len, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, data);
	KUNIT_EXPECT_EQ(test, 5, udp_send_more(r, data, 5, MSG_MORE));
	KUNIT_EXPECT_EQ(test, len, udp_send_more(r, data, len, MSG_MORE));
	KUNIT_EXPECT_GT(test, sk_wmem_alloc_get(sk), (int)len);
	/* More than a datagram holds */
	KUNIT_EXPECT_EQ(test, -EMSGSIZE, udp_send_more(r, data, len, MSG_MORE));
	KUNIT_EXPECT_NULL(test, us->cork);
	KUNIT_EXPECT_EQ(test, 0, sk_wmem_alloc_get(sk));
	/* Closed with some in it */
	KUNIT_EXPECT_EQ(test, 5, udp_send_more(r, data, 5, MSG_MORE));
	sock_release(r->sock);
}

static struct kunit_case mini_udp_cork_test_cases[] = {
	KUNIT_CASE(mini_udp_segment__table),
	KUNIT_CASE(mini_udp_rcv__super_is_cut),
	KUNIT_CASE(mini_udp_rcv__super_is_kept_for_gro),
	KUNIT_CASE(mini_udp_cork__collects),
	KUNIT_CASE(mini_udp_cork__finds_a_new_way),
	KUNIT_CASE(mini_udp_cork__drops_all_on_error),
	{}
};

struct kunit_suite mini_udp_cork_test_suite = {
	.name = "mini-udp-cork",
	.test_cases = mini_udp_cork_test_cases,
};
