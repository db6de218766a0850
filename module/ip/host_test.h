/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A host for the IP layer's tests: an instance of its own, which no namespace
 * knows of, and devices that are nothing but their struct mini_dev.
 */
#ifndef _MINI_HOST_TEST_H
#define _MINI_HOST_TEST_H

#include <kunit/test.h>

#include "ip_int.h"

#define TEST_IFINDEX	1000	/* of a device that no namespace has */

/* Octets of an IPv4 address, as a v4-mapped one in a compound literal. */
#define TEST_ADDR(a, b, c, d)						\
	((struct in6_addr){ .s6_addr = { [10] = 0xff, [11] = 0xff,	\
					 [12] = (a), [13] = (b),	\
					 [14] = (c), [15] = (d) } })

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

/* As the administrator does; @plen is IPv4's. */
int mini_test_addr_add(struct mini_dev *mdev, struct in6_addr addr, u8 plen);
int mini_test_addr_del(struct mini_dev *mdev, struct in6_addr addr, u8 plen);
int mini_test_route_add(struct mini_net *mn, struct in6_addr dst, u8 plen,
			struct in6_addr gateway, int ifindex, u32 metric);

/* Counters of the host. */
u64 mini_test_event(struct mini_net *mn, enum mini_mib id);
u64 mini_test_drops(struct mini_net *mn, enum mini_drop_reason id);

#endif /* _MINI_HOST_TEST_H */
