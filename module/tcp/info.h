/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP_INFO in the newest layout, whatever kernel the module is built for: the
 * fields of struct tcp_info, less "tcpi_".  A program that knows fewer fields
 * reads fewer.
 */
#ifndef _MINI_TCP_INFO_H
#define _MINI_TCP_INFO_H

#include <linux/tcp.h>

struct mini_tcp_info {
	u8 state;
	u8 ca_state;
	u8 retransmits;
	u8 probes;
	u8 backoff;
	u8 options;
	u8 snd_wscale:4,
	   rcv_wscale:4;
	u8 rate_app_limited:1,
	   fastopen_client_fail:2;

	u32 rto;
	u32 ato;
	u32 snd_mss;
	u32 rcv_mss;
	u32 unacked;			/* segments; so the next four */
	u32 sacked;
	u32 lost;
	u32 retrans;
	u32 fackets;

	u32 last_data_sent;		/* ms ago; so the next three */
	u32 last_ack_sent;
	u32 last_data_recv;
	u32 last_ack_recv;

	u32 pmtu;
	u32 rcv_ssthresh;
	u32 rtt;			/* us; so what follows unless said */
	u32 rttvar;
	u32 snd_ssthresh;		/* segments */
	u32 snd_cwnd;
	u32 advmss;
	u32 reordering;			/* segments */
	u32 rcv_rtt;
	u32 rcv_space;
	u32 total_retrans;

	u64 pacing_rate;
	u64 max_pacing_rate;
	u64 bytes_acked;
	u64 bytes_received;
	u32 segs_out;
	u32 segs_in;
	u32 notsent_bytes;
	u32 min_rtt;
	u32 data_segs_in;
	u32 data_segs_out;
	u64 delivery_rate;
	u64 busy_time;
	u64 rwnd_limited;
	u64 sndbuf_limited;
	u32 delivered;			/* segments */
	u32 delivered_ce;
	u64 bytes_sent;
	u64 bytes_retrans;
	u32 dsack_dups;
	u32 reord_seen;
	u32 rcv_ooopack;
	u32 snd_wnd;
	u32 rcv_wnd;
	u32 rehash;
	u16 total_rto;
	u16 total_rto_recoveries;
	u32 total_rto_time;		/* ms */
	u32 received_ce;
	u32 delivered_e1_bytes;
	u32 delivered_e0_bytes;
	u32 delivered_ce_bytes;
	u32 received_e1_bytes;
	u32 received_e0_bytes;
	u32 received_ce_bytes;
	u32 ecn_mode;
};

static_assert(offsetof(struct mini_tcp_info, rto) ==
	      offsetof(struct tcp_info, tcpi_rto));
static_assert(offsetof(struct mini_tcp_info, pacing_rate) ==
	      offsetof(struct tcp_info, tcpi_pacing_rate));
static_assert(offsetof(struct mini_tcp_info, delivery_rate) ==
	      offsetof(struct tcp_info, tcpi_delivery_rate));
static_assert(offsetof(struct mini_tcp_info, snd_wnd) ==
	      offsetof(struct tcp_info, tcpi_snd_wnd));

#endif /* _MINI_TCP_INFO_H */
