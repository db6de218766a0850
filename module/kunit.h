/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The KUnit suites of the module, by layer; kunit.c lists them too.
 */
#ifndef _MINI_KUNIT_H
#define _MINI_KUNIT_H

#include <kunit/test.h>

extern struct kunit_suite mini_wire_test_suite;
extern struct kunit_suite mini_wire_tcp_test_suite;
extern struct kunit_suite mini_neigh_test_suite;
extern struct kunit_suite mini_arp_test_suite;
extern struct kunit_suite mini_acd_test_suite;
extern struct kunit_suite mini_port_test_suite;
extern struct kunit_suite mini_udp_test_suite;
extern struct kunit_suite mini_udp_cork_test_suite;
extern struct kunit_suite mini_raw_test_suite;
extern struct kunit_suite mini_sock_test_suite;
extern struct kunit_suite mini_pages_test_suite;
extern struct kunit_suite mini_options_test_suite;
extern struct kunit_suite mini_stat_test_suite;
extern struct kunit_suite mini_trie_test_suite;
extern struct kunit_suite mini_route_test_suite;
extern struct kunit_suite mini_ip_input_test_suite;
extern struct kunit_suite mini_mcast_test_suite;
extern struct kunit_suite mini_forward_test_suite;
extern struct kunit_suite mini_nexthop_test_suite;
extern struct kunit_suite mini_ip_reass_test_suite;
extern struct kunit_suite mini_ip_pmtu_test_suite;
extern struct kunit_suite mini_ip_options_test_suite;
extern struct kunit_suite mini_tcp_state_test_suite;
extern struct kunit_suite mini_tcp_cong_test_suite;
extern struct kunit_suite mini_tcp_data_test_suite;
extern struct kunit_suite mini_tcp_receive_test_suite;
extern struct kunit_suite mini_tcp_rcvbuf_test_suite;
extern struct kunit_suite mini_tcp_open_test_suite;
extern struct kunit_suite mini_tcp_loss_test_suite;
extern struct kunit_suite mini_tcp_recovery_test_suite;
extern struct kunit_suite mini_tcp_undo_test_suite;
extern struct kunit_suite mini_tcp_flight_test_suite;
extern struct kunit_suite mini_tcp_rate_test_suite;
extern struct kunit_suite mini_tcp_storm_test_suite;
extern struct kunit_suite mini_tcp_output_test_suite;
extern struct kunit_suite mini_tcp_pmtu_test_suite;
extern struct kunit_suite mini_tcp_rfc9293_test_suite;
extern struct kunit_suite mini_tcp_rules_test_suite;
extern struct kunit_suite mini_tcp_rack_test_suite;
extern struct kunit_suite mini_tcp_ecn_test_suite;
extern struct kunit_suite mini_tcp_tstamp_test_suite;
extern struct kunit_suite mini_tcp_timewait_test_suite;

#endif /* _MINI_KUNIT_H */
