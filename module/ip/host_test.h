/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A host for the IP layer's tests: an instance of its own, which no namespace
 * knows of, and devices that are nothing but their struct mini_dev.
 */
#ifndef _MINI_HOST_TEST_H
#define _MINI_HOST_TEST_H

#include <kunit/test.h>
#include <linux/net.h>

#include "ip_int.h"

#define TEST_IFINDEX	1000	/* of a device that no namespace has */

/* Octets of an IPv4 address, as a v4-mapped one in a compound literal. */
#define TEST_ADDR(a, b, c, d)						\
	((struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff,	\
					 [12] = (a), [13] = (b),	\
					 [14] = (c), [15] = (d) } })

/* The same of a number in host order; 0: none. */
struct in6_addr mini_test_v4(u32 v4);

/* For struct kunit_suite: test->priv is the struct mini_net. */
int mini_test_host_init(struct kunit *test);
void mini_test_host_exit(struct kunit *test);

/**
 * mini_test_dev() - add a device
 * @test: its host is test->priv
 * @ifindex: number
 * @flags: enum mini_dev_flags
 */
struct mini_dev *mini_test_dev(struct kunit *test, int ifindex, u32 flags);

/* A device that is up and knows no neighbours, with the address 10.0.0.1/24. */
struct mini_dev *mini_test_one_dev(struct kunit *test);

/* As the administrator does; @plen is IPv4's. */
int mini_test_addr_add(struct mini_dev *mdev, struct in6_addr addr, u8 plen);
int mini_test_addr_del(struct mini_dev *mdev, struct in6_addr addr, u8 plen);
int mini_test_route_add(struct mini_net *mn, struct in6_addr dst, u8 plen,
			struct in6_addr gateway, int ifindex, u32 metric);

/* Counters of the host. */
u64 mini_test_event(struct mini_net *mn, enum mini_mib id);
u64 mini_test_drops(struct mini_net *mn, enum mini_drop_reason id);

/*
 * Above IP: a socket of the first namespace, and packets as IP would bring
 * them, by a device that is not there.
 */
struct mini_test_sock {
	struct mini_net *mn;
	struct socket *sock;
	struct mini_dev mdev;
};

struct mini_test_sock *mini_test_sock_open(struct kunit *test, int type,
					   int protocol);
/* Does not wait; returns as recv() does. */
int mini_test_recv(struct mini_test_sock *ts, void *buf, int len, int flags);

/**
 * mini_test_packet() - a packet behind its IP header
 * @ts: for it
 * @src: from there, host order
 * @dst: to there
 * @protocol: of the payload
 * @data: the payload
 * @len: octets of it
 * @rx: receives what IP would tell of it
 *
 * Return: the packet; network and transport header are set.
 */
struct sk_buff *mini_test_packet(struct kunit *test, struct mini_test_sock *ts,
				 u32 src, u32 dst, u8 protocol,
				 const void *data, int len, struct mini_rx *rx);

#endif /* _MINI_HOST_TEST_H */
