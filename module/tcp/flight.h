/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a connection needs only while data of its is on its way, or came out of
 * order: memory of its own, taken for the first segment that is queued, and
 * given back when the connection has been quiet for a while.
 *
 * Included by tcp_int.h alone.
 */
#ifndef _MINI_TCP_FLIGHT_H
#define _MINI_TCP_FLIGHT_H

#include <linux/hrtimer.h>
#include <linux/list.h>

#include "../wire/wire.h"

#define MINI_TCP_FO_COOKIE_MAX	MINI_WIRE_TCP_FASTOPEN

struct mini_tcp_sock;

/* Sequence numbers: the first, and one past the last. */
struct mini_tcp_block {
	u32 start;
	u32 end;
};

/**
 * struct mini_tcp_flight - what is on its way, and what its loss would change
 * @tp: the connection
 * @tsorted: what is on its way, in the order of transmission
 * @lost_hint: no segment before it waits to be sent again, NULL: not known
 * @sacked_segs: segments of mini_tcp_sock.sacked_out
 * @recover: snd_nxt when recovery, or the reduction for a mark, began
 * @recover_fs: RFC 9937's RecoverFS
 * @prr_delivered: octets delivered since
 * @prr_sent: bytes_sent then
 * @undo_marker: SND.UNA then
 * @undo_retrans: octets sent again since, less what D-SACK says was not needed
 * @prior_cwnd: cwnd before
 * @prior_ssthresh: ssthresh before
 * @retrans_stamp: when the first segment was sent again, 0: none was
 * @rack_xmit_ts: when the newest delivered segment was sent (RFC 8985 5.2)
 * @rack_end_seq: its end
 * @rack_rtt_us: its round trip
 * @fack: RACK.fack: the highest sequence number SACKed, if fack_valid
 * @dsack_round: the reordering window grows once until this is acknowledged
 * @tlp_end_seq: RFC 8985 7.1: snd_nxt after the probe, if tlp_active
 * @tlp_time: when the probe was sent
 * @rto_at: when the retransmission timer expires, be it armed or a probe
 * @stuck_since: first transmission of what times out
 * @stuck_seq: of which segment, if it was sent again
 * @sack_cache: the blocks of the ACK before
 * @cwnd_round: cwnd_limited and @max_out hold until this is acknowledged
 * @max_out: the most that was outstanding in this round, octets
 * @lost_told: cc.lost that the control knows of
 * @sacks: what SACK reports of what came out of order, the block heard of last
 *	first; num_sacks of them are filled
 * @dsack: what came again, if dsack_due: the next ACK tells it
 * @pace_next: when the rate lets the next segment leave, ns
 * @pace_rate: the rate that it was reckoned with
 * @fo_cookie: Fast Open's, of @fo_cookie_len octets, that our SYN carries
 * @comp_timer: armed while ACKs are held back, and nothing else is due
 * @pace_timer: armed while the rate alone holds segments back
 */
struct mini_tcp_flight {
	struct mini_tcp_sock *tp;
	struct list_head tsorted;
	struct sk_buff *lost_hint;
	u32 sacked_segs;
	u32 recover;
	u64 rto_at;
	u64 rack_xmit_ts;
	u32 rack_end_seq;
	u32 rack_rtt_us;
	u32 cwnd_round;
	u32 max_out;
	u64 lost_told;
	u64 prr_sent;
	u32 prr_delivered;
	u32 recover_fs;
	u32 undo_marker;
	u32 undo_retrans;
	u32 prior_cwnd;
	u32 prior_ssthresh;
	u64 retrans_stamp;
	u32 fack;
	u32 dsack_round;
	u64 tlp_time;
	u32 tlp_end_seq;
	u32 stuck_seq;
	u64 stuck_since;
	u64 pace_next;
	u64 pace_rate;
	struct mini_tcp_block sack_cache[MINI_WIRE_TCP_SACKS];
	struct mini_tcp_block sacks[MINI_WIRE_TCP_SACKS];
	struct mini_tcp_block dsack;
	u8 fo_cookie_len;
	u8 fo_cookie[MINI_TCP_FO_COOKIE_MAX];
	struct hrtimer comp_timer;
	struct hrtimer pace_timer;
};

/* What a connection without one reads; nobody may write to it. */
extern const struct mini_tcp_flight mini_tcp_no_flight;

/* flight.c */
bool __mini_tcp_flight_get(struct mini_tcp_sock *tp, gfp_t gfp);
bool mini_tcp_flight_rcv(struct mini_tcp_sock *tp);
void mini_tcp_flight_birth(struct mini_tcp_sock *tp);
void mini_tcp_flight_reset(struct mini_tcp_sock *tp);
void mini_tcp_flight_free(struct mini_tcp_sock *tp);
void mini_tcp_flight_look(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_flight_over(struct mini_tcp_sock *tp, u64 now);
int mini_tcp_flight_init(void);
void mini_tcp_flight_exit(void);

#endif /* _MINI_TCP_FLIGHT_H */
