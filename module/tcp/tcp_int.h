/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TCP's inside: the connection block, and what its files call of each other.
 *
 *	tcp.c		the socket's life: connect, close, shutdown
 *	connect.c	the active side: connect(), disconnect
 *	listen.c	the passive side; open.h lists its parts, and TIME-WAIT's
 *	conn.c		the connection table
 *	input.c		demultiplexing, and a segment's arrival, step by step
 *	icmp_err.c	ICMP errors that quote a segment
 *	ack.c		acknowledgments: RTT, what leaves the queue
 *	recovery.c	what is lost, and sent again; recovery.h lists its parts
 *	receive.c	data in order, FIN
 *	window.c	the window offered, the buffer behind it
 *	delack.c	when data is acknowledged
 *	prune.c		what received data may cost
 *	urgent.c	urgent data received
 *	ooo.c		data out of order
 *	sackgen.c	the SACK blocks this end sends
 *	flight.c	what is there only while data is on its way: flight.h
 *	segment.c	the queues of what is unsent and of what is unacknowledged
 *	recycle.c	segments that are used again
 *	output.c	what may be sent now
 *	pmtu.c		how large a packet may be: path MTU, probing
 *	pace.c		how fast: the pacing rate, the bound on what is below
 *	transmit.c	how a segment is built, and how it leaves
 *	timer.c		deadlines, one kernel timer for all of them
 *	deferred.c	what waits until a process lets go of the socket
 *	probe.c		asking a silent peer: persist, keepalive
 *	ecn.c		congestion marks instead of losses
 *	cong.c		the choice of a congestion control; cong.h: what one is
 *	user.c		sendmsg
 *	pages.c		sent without a copy: MSG_ZEROCOPY, splice
 *	stamp.c		when a segment left, was acknowledged, arrived
 *	recv.c		recvmsg, poll
 *	splice.c	read without a copy
 *	option.c	socket options, TCP_INFO
 *
 * The engine (input, ack, loss, receive, output, timer) sees time as a
 * parameter, @now in microseconds of CLOCK_MONOTONIC, and sends through
 * tp->xmit alone, so that tests drive it with a clock and a wire of theirs.
 *
 * Unless said otherwise a function that takes a struct mini_tcp_sock is called
 * with its socket lock held, in softirq (and the socket not owned by a
 * process) or in process context.
 */
#ifndef _MINI_TCP_INT_H
#define _MINI_TCP_INT_H

#include <linux/hash.h>
#include <linux/hrtimer.h>
#include <linux/rbtree.h>
#include <net/tcp_states.h>

#include "../wire/wire.h"
#include "cong.h"
#include "flight.h"
#include "tcp.h"

struct mini_tcp_lsn;
struct mini_tcp_sock;

#define MINI_TCP_RTO_INITIAL	(1 * USEC_PER_SEC)	/* RFC 6298 (2.1) */
#define MINI_TCP_RTO_UNKNOWN	(3 * USEC_PER_SEC)	/* RFC 6298 (5.7) */
#define MINI_TCP_RTO_MIN	(200 * USEC_PER_MSEC)
#define MINI_TCP_RTO_MAX	(120 * USEC_PER_SEC)
#define MINI_TCP_MSS_DEFAULT	536U			/* RFC 9293 MUST-15 */
#define MINI_TCP_MSS_MIN	48U
#define MINI_TCP_INIT_CWND	10			/* RFC 6928, segments */
#define MINI_TCP_MAX_WSCALE	14			/* RFC 7323 2.3 */
#define MINI_TCP_DUPACKS	3			/* RFC 5681 3.2 */
#define MINI_TCP_QUICKACKS	16
#define MINI_TCP_HDR_MAX	60
#define MINI_TCP_FO_COOKIE	8			/* RFC 7413, ours */
#define MINI_TCP_HEADROOM	(MINI_LINK_HEADROOM + sizeof(struct ipv6hdr) + \
				 MINI_TCP_HDR_MAX)
#define MINI_TCP_PAWS_IDLE	(24ULL * 24 * 3600 * USEC_PER_SEC)

/* Sequence numbers, modulo 2^32 (RFC 9293 section 3.4). */
static inline bool seq_before(u32 a, u32 b)
{
	return (s32)(a - b) < 0;
}

static inline bool seq_after(u32 a, u32 b)
{
	return seq_before(b, a);
}

static inline bool seq_leq(u32 a, u32 b)
{
	return (s32)(a - b) <= 0;
}

/* What became of a sent segment; SACKED excludes LOST and RETRANS. */
#define MINI_TCP_CB_SACKED	BIT(0)	/* the peer has it */
#define MINI_TCP_CB_LOST	BIT(1)	/* the original is lost */
#define MINI_TCP_CB_RETRANS	BIT(2)	/* sent again, and on its way */
#define MINI_TCP_CB_EVER_RETRANS BIT(3)	/* was ever sent again */
#define MINI_TCP_CB_STAMP	BIT(4)	/* tell when it is acknowledged */

/**
 * struct mini_tcp_cb - skb->cb of a segment in a queue
 * @seq: first sequence number
 * @end_seq: one past the last, SYN and FIN counted
 * @flags: of the header
 * @mark: MINI_TCP_CB_*, of a sent segment
 * @app_limited: it was sent in a phase without enough data
 * @stamp_seq: the octet that a transmission's time stamp is of, if one is wanted
 * @sent: when it was last sent, us; 0: never
 * @delivered: mini_cc.delivered then
 * @delivered_time: mini_cc.delivered_time then
 * @first_tx_time: mini_cc.first_tx_time then
 */
struct mini_tcp_cb {
	u32 seq;
	u32 end_seq;
	u16 flags;
	u8 mark;
	u8 app_limited;
	u32 stamp_seq;
	u64 sent;
	u64 delivered;
	u64 delivered_time;
	u64 first_tx_time;
};

static inline struct mini_tcp_cb *mini_tcp_cb(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct mini_tcp_cb) > sizeof(skb->cb));
	return (struct mini_tcp_cb *)skb->cb;
}

enum mini_tcp_timer {
	MINI_TCP_T_REO,		/* RACK: what may only be late will be lost */
	MINI_TCP_T_TLP,		/* a loss probe; in place of MINI_TCP_T_RTO */
	MINI_TCP_T_RTO,
	MINI_TCP_T_PERSIST,
	MINI_TCP_T_DELACK,
	MINI_TCP_T_KEEPALIVE,
	MINI_TCP_T_FIN_WAIT,	/* an orphan in FIN-WAIT-2 */
	MINI_TCP_T_PACE,	/* of a test; else an hrtimer is armed */
	MINI_TCP_T_COMP,	/* so is this: ACKs that were held back */
	MINI_TCP_T_QUIET,	/* the flight's memory is given back */
	MINI_TCP_T_COUNT
};

/* What the sender's time is spent on. */
enum mini_tcp_chrono {
	MINI_TCP_IDLE,
	MINI_TCP_BUSY,		/* the network */
	MINI_TCP_RWND_LIMITED,	/* the peer's window */
	MINI_TCP_SNDBUF_LIMITED,/* its own buffer, the program would write */
	MINI_TCP_CHRONOS
};

/* Bits of tp->deferred, in the order in which they are served: deferred.c. */
enum mini_tcp_deferred {
	MINI_TCP_DEFERRED_TIMER,
	MINI_TCP_DEFERRED_MTU,
	MINI_TCP_DEFERRED_PUSH,
	MINI_TCP_DEFERRED_ACK,
	MINI_TCP_DEFERRED_COUNT
};

/**
 * struct mini_tcp_sock - a TCP socket; as a connection, RFC 9293's TCB
 *
 * Sequence variables have the RFC's names (section 3.3.1).
 *
 * @write_seq: one past the last octet the program wrote
 * @pushed_seq: write_seq when PSH was last asked for
 * @snd_sml: one past the last segment sent that was shorter than mss
 * @snd_up: one past the last urgent octet written, while @urg_out
 * @notsent_lowat: TCP_NOTSENT_LOWAT, 0: the sysctl's
 * @chrono: what the sender waits for: enum mini_tcp_chrono
 * @chrono_since: since when, us
 * @chrono_us: how long it waited for each so far, us
 * @mss_wnd: the max_wnd whose half mss is, 0: mss is larger by itself
 * @pmtu_expires: when to forget @pmtu, us
 * @mtu_used: size of a full packet, octets; the next three are such, too
 * @mtu_sent: largest that was ever sent
 * @mtu_acked: largest known to arrive on this path, 0: none yet
 * @proof_seq: when SND.UNA is there, @mtu_used is known to arrive
 * @claim_mtu: what ICMP told of the segment at @claim_seq, and is doubted
 * @mtup_low: probing: known to pass; @mtup_high: the largest that may
 * @mtup_size: size of the probe under way, 0: none; @mtup_start, @mtup_end: its
 *	sequence numbers
 * @mtup_when: when probing came to its end, us
 * @mtu_watch: bits of pmtu.c's
 * @rtx: what was sent and awaits acknowledgment, by seq; what was not sent yet
 *	stands in sk_write_queue
 * @rtx_tail: the last segment of @rtx, NULL: none
 * @max_wnd: largest window the peer ever offered
 * @rcv_wup: rcv_nxt when the window was last offered
 * @copied_seq: next octet the program reads
 * @ooo: segments beyond rcv_nxt, by seq
 * @ooo_last: the last of them, NULL: none
 * @num_sacks: how many of fl->sacks are filled
 * @pingpong: the program answers what it reads: ACKs can ride
 * @ack_pushed: segments since the last ACK that look like the end of what the
 *	peer wrote, up to 2
 * @ack_waits: an ACK that would be due at once waits until the program, which
 *	reads, has nothing to answer; poll() looks at it without the lock
 * @ato_us: how long an ACK may wait, 0: no data came yet
 * @rcv_small: size of the last segment that was shorter than rcv_mss, 0: none
 * @last_data_rcv: when data last came in order
 * @last_read: when the program last read, us, 0: never
 * @window_clamp: TCP_WINDOW_CLAMP, octets, 0: none
 * @urg_seq: the urgent octet, if @urg_data
 * @win_ratio: share of payload in the memory it takes, in 256ths
 * @dense: the queues could not be made denser, as of rcv_nxt in @dense_nxt
 * @rcvq_space: most octets read in a round trip
 * @rcvq_len: octets that came since @rcvq_time; @rcvq_true: with overhead
 * @rcv_rtt_us: round trip as the receiver sees it, 0: not known
 * @rcv_rtt_tsecr: the echo that it was last measured by
 * @last_ack_sent: RFC 7323's Last.ACK.sent
 * @sacked_out: octets that SACK reports
 * @lost_out: octets whose original is lost
 * @retrans_out: octets sent again and on their way
 * @rtx_pending: octets of @lost_out that are not sent again yet
 * @num_sack_cache: how many
 * @reo_wnd_mult: of a quarter of the round trip
 * @reo_wnd_persist: recoveries that it stays wide for
 * @tlp_late: the peer held back the answer to a probe of new data
 * @reordering: the largest reordering seen, segments
 * @reord_seen: how often
 * @dsack_dups: segments that the peer had twice
 * @min_rtt_new: the smallest round trip of this half of the window
 * @min_rtt_old: and of the half before
 * @min_rtt_time: when this half began
 * @rate_delivered: the last delivery rate worth telling: octets
 * @rate_us: in so many microseconds
 * @deadline: by enum mini_tcp_timer, us, 0: off
 * @timer: armed for the earliest deadline or sooner
 * @deferred: MINI_TCP_DEFERRED_*: what came while a process owned the socket
 * @comp_rcv_nxt: rcv_nxt of the duplicate ACKs that @comp_dups counts
 * @comp_acks: ACKs that are held back
 * @comp_dups: that left at once, until there is no need for more of them
 * @comp_blocks: how often another SACK block grew since the last ACK
 * @tsq: bits of pace.c's
 * @tsq_node: in a CPU's list
 * @stamp_base: the octet that stamps are numbered from
 * @disconnects: how often disconnect() made it another connection
 * @xmit: the one way out
 * @detached: driven by a test: no kernel timer
 */
struct mini_tcp_sock {
	struct mini_sock ms;

	/* Sending. */
	u32 snd_una;
	u32 snd_nxt;
	u32 snd_wnd;
	u32 snd_wl1;
	u32 snd_wl2;
	u32 iss;
	u32 write_seq;
	u32 pushed_seq;
	u32 snd_sml;
	u32 snd_up;
	u32 notsent_lowat;
	u8 chrono;
	u8 mtu_watch;
	u64 chrono_since;
	u64 chrono_us[MINI_TCP_CHRONOS];
	u32 max_wnd;
	u32 mss_wnd;
	u32 pmtu;		/* MTU learned by ICMP, octets */
	u32 gso_max;		/* payload octets of a super-segment */
	u64 pmtu_expires;
	u32 mtu_used;
	u32 mtu_sent;
	u32 mtu_acked;
	u32 proof_seq;
	u32 claim_mtu;
	u32 claim_seq;
	u32 mtup_low;
	u32 mtup_high;
	u32 mtup_size;
	u32 mtup_start;
	u32 mtup_end;
	u32 txhash;
	u64 mtup_when;
	struct rb_root rtx;
	struct sk_buff *rtx_tail;

	/* Receiving. */
	u32 rcv_nxt;
	u32 rcv_wnd;
	u32 rcv_wup;
	u32 copied_seq;
	u32 irs;
	u32 rcv_mss;
	u32 last_ack_sent;
	u32 rcv_small;
	struct rb_root ooo;
	struct sk_buff *ooo_last;
	u8 num_sacks;
	u8 dsack_due;
	u8 pingpong;
	u8 ack_pushed;
	u32 ato_us;
	u64 last_data_rcv;
	u64 last_read;
	u32 window_clamp;
	u32 urg_seq;
	u16 urg_data;		/* MINI_TCP_URG_* */
	u8 win_ratio;
	u8 dense;
	u32 dense_nxt;
	u32 rcvq_seq;		/* auto-tuning: copied_seq a round trip ago */
	u32 rcvq_space;
	u64 rcvq_time;
	u64 rcvq_len;
	u64 rcvq_true;
	u32 rcv_rtt_seq;
	u32 rcv_rtt_tsecr;
	u64 rcv_rtt_time;
	u32 rcv_rtt_us;

	/* Options agreed upon. */
	u16 mss_peer;
	u16 mss_user;
	u8 snd_wscale;
	u8 rcv_wscale;
	u8 tstamp_ok:1,
	   wscale_ok:1,
	   sack_ok:1,
	   nodelay:1,
	   cork:1,
	   ack_now:1,
	   fin_queued:1,
	   orphan:1,		/* counted in mini_tcp_net.orphans */
	   urg_out:1,
	   inq:1,		/* TCP_INQ */
	   thin_lto:1,		/* TCP_THIN_LINEAR_TIMEOUTS */
	   df_off:1,		/* routers may fragment */
	   mtup_on:1,		/* packet sizes are probed */
	   detached:1;
	u8 ecn_ask:1,		/* RFC 3168: the SYN asks for it */
	   ecn_ok:1,		/* both ends agreed */
	   ecn_seen:1,		/* the peer sends data as capable */
	   ecn_ece:1,		/* echo a mark until the peer says CWR */
	   ecn_cwr:1;		/* say CWR with the next new data */
	u8 ect;			/* of the segment being sent, IP's two bits */
	bool cc_chosen;		/* by the program */
	bool timer_news;	/* a deadline is before that */
	u64 delivered_ce;	/* octets whose ACKs echoed a mark */
	u32 ts_recent;
	u32 ts_off;
	u64 ts_recent_time;

	/* Round trip and loss. */
	u32 srtt_us;		/* times 8 */
	u32 rttvar_us;		/* times 4 */
	u32 rto_us;
	u8 backoff;
	u8 retransmits;		/* in a row, without an ACK */
	u8 probes;
	u8 dupacks;
	u8 quickacks;
	u8 ack_waits;
	u8 defer_accept;	/* SYN-ACK timeouts that a bare ACK waits for */
	u8 save_syn;		/* TCP_SAVE_SYN's value */
	u32 total_retrans;
	u64 last_sent;
	u64 last_rcv;
	u64 oow_ack_time;	/* out-of-window ACKs are rate-limited */
	u64 bytes_sent;		/* again counts again */
	u64 bytes_retrans;
	u64 bytes_acked;
	u64 bytes_received;
	u32 segs_in;
	u32 segs_out;
	u32 data_segs_in;
	u32 data_segs_out;
	u32 rcv_ooopack;
	u16 total_rto;
	u16 total_rto_recoveries;
	u32 total_rto_time;	/* ms */
	u32 syn_data;		/* octets that went with our SYN */
	u64 rto_stamp;		/* when the timeouts began, 0: there is none */
	struct mini_cc cc;

	/* Loss recovery: recovery.h. */
	struct mini_tcp_flight *fl;
	u32 sacked_out;
	u32 lost_out;
	u32 retrans_out;
	u32 rtx_pending;
	u8 reo_wnd_mult;
	u8 reo_wnd_persist;
	u8 num_sack_cache;
	u8 undo_valid:1,
	   frto:1,
	   tlp_active:1,
	   tlp_retrans:1,
	   tlp_late:1,
	   fack_valid:1,
	   dsack_round_on:1,
	   rate_app_limited:1;
	u32 reordering;
	u32 reord_seen;
	u32 dsack_dups;
	u32 min_rtt_new;
	u32 min_rtt_old;
	u64 min_rtt_time;
	u64 rate_delivered;
	u64 rate_us;

	/* Time. */
	u64 deadline[MINI_TCP_T_COUNT];
	u64 timer_at;		/* timer fires by then, us; 0: it is not armed */
	struct timer_list timer;
	unsigned long deferred;
	u32 deferred_mtu;	/* and of which packet */
	u32 deferred_len;
	u32 deferred_seq;
	u32 comp_rcv_nxt;
	u8 comp_acks;
	u8 comp_dups;
	u8 comp_blocks;
	u8 fo_connect:1,	/* TCP_FASTOPEN_CONNECT */
	   fo_no_cookie:1,	/* TCP_FASTOPEN_NO_COOKIE */
	   fo_defer:1,		/* the SYN waits for the first data */
	   fo_syn:1,		/* our SYN is to carry the option */
	   fo_asked:1,		/* it did, or data */
	   fo_give:1,		/* our SYN-ACK carries a cookie */
	   syn_data_acked:1;	/* data came or went with a SYN */
	u32 disconnects;
	unsigned long tsq;
	struct list_head tsq_node;
	u32 keepalive_time;	/* seconds, 0: the sysctl's; so the next two */
	u32 keepalive_intvl;
	u8 keepalive_probes;
	u8 syn_retries;
	int linger2;
	u32 user_timeout;	/* ms */
	u32 stamp_base;

	/* A listener's. */
	struct mini_tcp_lsn *lsn;	/* NULL: it never was one */

	/* Fast Open. */
	struct mini_tcp_sock *fo_listener;	/* of a request, referenced */
	struct mini_tcp_fo_msg *fo_msg;		/* while connect() runs */

	struct list_head accept_node;	/* a child's, in accept_queue */
	struct mini_tcp_saved_syn *saved_syn;	/* a child's, or NULL */
	int (*xmit)(struct mini_tcp_sock *tp, struct sk_buff *skb);
};

static inline struct mini_tcp_sock *mini_tcp_sk(const struct sock *sk)
{
	return (struct mini_tcp_sock *)sk;
}

static inline struct sock *mini_tcp_to_sk(struct mini_tcp_sock *tp)
{
	return &tp->ms.sk;
}

/* Of a connection that came in: its SYN-ACKs go the way that data will. */
static inline u32 mini_tcp_flow_hash(const struct mini_tuple *t)
{
	u32 ports = (u32)ntohs(t->lport) << 16 | ntohs(t->rport);

	return hash_32(ports ^ ipv6_addr_hash(&t->raddr), 32) | 1;
}

static inline bool mini_tcp_has_flight(const struct mini_tcp_sock *tp)
{
	return tp->fl != &mini_tcp_no_flight;
}

/**
 * mini_tcp_flight_get() - have a flight: something will be on its way
 * @tp: connection, locked
 * @gfp: how to allocate
 *
 * Return: false without memory.
 */
static inline bool mini_tcp_flight_get(struct mini_tcp_sock *tp, gfp_t gfp)
{
	return likely(mini_tcp_has_flight(tp)) ||
	       __mini_tcp_flight_get(tp, gfp);
}

static inline struct mini_net *mini_tcp_mn(const struct mini_tcp_sock *tp)
{
	return tp->ms.mn;
}

static inline u64 mini_tcp_now(void)
{
	return ktime_to_us(ktime_get());
}

/* RFC 7323's clock: a millisecond, from a secret origin a connection. */
static inline u32 mini_tcp_tsval(u32 ts_off, u64 now)
{
	return (u32)div_u64(now, USEC_PER_MSEC) + ts_off;
}

static inline void mini_tcp_set_timer(struct mini_tcp_sock *tp,
				      enum mini_tcp_timer t, u64 when)
{
	tp->deadline[t] = when;
	if (unlikely(!tp->timer_at || when < tp->timer_at))
		tp->timer_news = true;
}

static inline void mini_tcp_clear_timer(struct mini_tcp_sock *tp,
					enum mini_tcp_timer t)
{
	tp->deadline[t] = 0;
}

/* @urg_data: announced; here, in the low octet; read out of turn. */
#define MINI_TCP_URG_VALID	0x100
#define MINI_TCP_URG_NOTYET	0x200
#define MINI_TCP_URG_READ	0x400

/* A segment with ACK leaves. */
static inline void mini_tcp_ack_sent(struct mini_tcp_sock *tp)
{
	tp->last_ack_sent = tp->rcv_nxt;
	tp->ack_pushed = 0;
	tp->ack_waits = 0;
	if (tp->quickacks)
		tp->quickacks--;
}

/* Data leaves: soon after data came, it is an answer. */
static inline void mini_tcp_ack_rides(struct mini_tcp_sock *tp, u64 now)
{
	if (now - tp->last_data_rcv < tp->ato_us)
		tp->pingpong = 1;
}

/* First segment not sent yet, or NULL. */
static inline struct sk_buff *mini_tcp_send_head(const struct mini_tcp_sock *tp)
{
	return skb_peek(&tp->ms.sk.sk_write_queue);
}

/* First segment that awaits acknowledgment, or NULL. */
static inline struct sk_buff *mini_tcp_rtx_head(const struct mini_tcp_sock *tp)
{
	return tp->rtx_tail ? skb_rb_first(&tp->rtx) : NULL;
}

/*
 * Octets that are thought to be in the network: what was sent and not
 * acknowledged, less what was received out of order or is lost, and again what
 * was sent again.
 */
static inline u32 mini_tcp_inflight(const struct mini_tcp_sock *tp)
{
	return tp->snd_nxt - tp->snd_una - tp->sacked_out - tp->lost_out +
	       tp->retrans_out;
}

/* Is everything that is lost sent again?  Only then new data may follow. */
static inline bool mini_tcp_loss_done(const struct mini_tcp_sock *tp)
{
	return !tp->rtx_pending;
}

/* TCP_NOTSENT_LOWAT: unsent octets above which nothing is writeable. */
static inline u32 mini_tcp_lowat(const struct mini_tcp_sock *tp)
{
	return READ_ONCE(tp->notsent_lowat) ?:
	       READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_notsent_lowat);
}

/* The window as it stands: what of the last offer is not used up. */
static inline u32 mini_tcp_rcv_wnd(const struct mini_tcp_sock *tp)
{
	s32 win = tp->rcv_wup + tp->rcv_wnd - tp->rcv_nxt;

	return win > 0 ? win : 0;
}

/* info.c is public: TCP_INFO, sock_diag. */

/* tcp.c */
void mini_tcp_send_fin(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_set_state(struct mini_tcp_sock *tp, int state);
extern unsigned long mini_tcp_memory_pressure;

/* TCP as a whole holds more than it should: nobody gets more than it needs. */
static inline bool mini_tcp_memory_low(void)
{
	return READ_ONCE(mini_tcp_memory_pressure);
}

bool mini_tcp_orphan_excess(struct mini_tcp_sock *tp);
void mini_tcp_birth(struct mini_tcp_sock *tp);
void mini_tcp_init_sock(struct mini_tcp_sock *tp);
void mini_tcp_done(struct mini_tcp_sock *tp);
void mini_tcp_abort(struct mini_tcp_sock *tp, int err);
void mini_tcp_abort_silent(struct mini_tcp_sock *tp, int err);
void mini_tcp_destroy(struct sock *sk);
void mini_tcp_purge(struct mini_tcp_sock *tp);

/* connect.c */
int mini_tcp_connect(struct sock *sk, mini_sockaddr *uaddr, int len);
int mini_tcp_disconnect(struct sock *sk, int flags);

/* conn.c */
int mini_tcp_conn_insert(struct mini_net *mn, struct mini_conn *conn);
bool mini_tcp_conn_remove(struct mini_net *mn, struct mini_conn *conn);
bool mini_tcp_conn_replace(struct mini_net *mn, struct mini_conn *old,
			   struct mini_conn *new);
struct mini_conn *mini_tcp_conn_lookup(struct mini_net *mn,
				       const struct mini_tuple *tuple);
u32 mini_tcp_isn(const struct mini_tuple *tuple);
u32 mini_tcp_ts_offset(const struct mini_tuple *tuple);
u32 mini_tcp_port_offset(const struct mini_tuple *tuple);
int mini_tcp_conn_net_init(struct mini_net *mn);
void mini_tcp_conn_net_exit(struct mini_net *mn);
void mini_tcp_conn_abort_all(struct mini_net *mn);
void mini_tcp_conn_init(void);

/* input.c */
void mini_tcp_ip_rcv(struct mini_rx *rx, struct sk_buff *skb);
bool mini_tcp_demux(struct mini_rx *rx, struct sk_buff *skb);
void mini_tcp_deliver(struct mini_rx *rx, struct sock *sk, struct sk_buff *skb,
		      const struct mini_wire_tcp *h);
int mini_tcp_backlog_rcv(struct sock *sk, struct sk_buff *skb);
void mini_tcp_rcv(struct mini_tcp_sock *tp, struct sk_buff *skb,
		  const struct mini_wire_tcp *h, u64 now);
bool mini_tcp_may_answer(const struct mini_net *mn, u64 *last, u64 now);
bool mini_tcp_challenge_allowed(struct mini_net *mn, u64 now);

/* icmp_err.c */
void mini_tcp_icmp_err(struct mini_net *mn, const struct mini_icmp_err *e);
void mini_tcp_mtu_err(struct mini_tcp_sock *tp, u64 now);

/* ack.c */
enum mini_drop_reason mini_tcp_ack(struct mini_tcp_sock *tp,
				   struct sk_buff *skb,
				   const struct mini_wire_tcp *h, u64 now);
void mini_tcp_rtt_sample(struct mini_tcp_sock *tp, u32 rtt_us);
void mini_tcp_rtt_first(struct mini_tcp_sock *tp, u32 rtt_us, u64 now);
void mini_tcp_rearm_timeout(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_rearm_rto(struct mini_tcp_sock *tp, u64 now);

/* scoreboard.c */
void mini_tcp_scoreboard_init(struct mini_tcp_sock *tp);
void mini_tcp_scoreboard_split(struct mini_tcp_sock *tp, struct sk_buff *skb,
			       struct sk_buff *rest);
void mini_tcp_scoreboard_del(struct mini_tcp_sock *tp, struct sk_buff *skb);
void mini_tcp_mark_retrans(struct mini_tcp_sock *tp, struct sk_buff *skb,
			   u64 now);

/* rack.c, tlp.c, recovery.c */
void mini_tcp_reo_timeout(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_tlp_timeout(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_data_sent(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_recovery_init(struct mini_tcp_sock *tp);
void mini_tcp_resend_lost(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_enter_cwr(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_loss_timeout(struct mini_tcp_sock *tp, u64 now);

/* cwnd.c */
void mini_tcp_cwnd_validate(struct mini_tcp_sock *tp, bool limited, u64 now);
void mini_tcp_cwnd_restart(struct mini_tcp_sock *tp, u64 now);

/* receive.c */
void mini_tcp_data(struct mini_tcp_sock *tp, struct sk_buff *skb, u64 now);
void mini_tcp_fin(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_rcv_init(struct mini_tcp_sock *tp);
bool mini_tcp_coalesce(struct mini_tcp_sock *tp, struct sk_buff *to,
		       struct sk_buff *skb);
bool mini_tcp_queue_rcv(struct mini_tcp_sock *tp, struct sk_buff *skb,
			bool owned);

/* window.c */
u32 mini_tcp_select_window(struct mini_tcp_sock *tp);
bool mini_tcp_window_whole(const struct mini_tcp_sock *tp);
bool mini_tcp_window_news(const struct mini_tcp_sock *tp);
u32 mini_tcp_full_space(const struct sock *sk);
u8 mini_tcp_wscale_for(const struct mini_net *mn, const struct sock *sk);
void mini_tcp_rcv_rtt(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_rcv_rtt_ts(struct mini_tcp_sock *tp,
			 const struct mini_wire_tcp *h, u64 now);
void mini_tcp_rcv_tune(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_rcv_tune_start(struct mini_tcp_sock *tp, u64 now);
int mini_tcp_set_window_clamp(struct mini_tcp_sock *tp, int val);

/* delack.c */
void mini_tcp_ack_ooo(struct mini_tcp_sock *tp, u32 before, u64 now);
void mini_tcp_comp_flush(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_comp_sent(struct mini_tcp_sock *tp);
void mini_tcp_comp_birth(struct mini_tcp_flight *fl);
void mini_tcp_comp_stop(struct mini_tcp_sock *tp);
void mini_tcp_more_quickacks(struct mini_tcp_sock *tp);
void mini_tcp_quickack(struct mini_tcp_sock *tp);
void mini_tcp_ack_data(struct mini_tcp_sock *tp, const struct sk_buff *skb,
		       u64 now);
void mini_tcp_schedule_ack(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_ack_read(struct mini_tcp_sock *tp, u32 copied, u64 now);
void mini_tcp_ack_waiting(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_ack_timer(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_set_quickack(struct mini_tcp_sock *tp, int val, u64 now);

/* prune.c */
bool mini_tcp_rmem_get(struct mini_tcp_sock *tp, struct sk_buff *skb,
		       bool in_order);
void mini_tcp_collapse(struct mini_tcp_sock *tp, bool ooo);

/* urgent.c */
void mini_tcp_rcv_urgent(struct mini_tcp_sock *tp, struct sk_buff *skb,
			 const struct mini_wire_tcp *h);
int mini_tcp_recv_oob(struct mini_tcp_sock *tp, struct msghdr *msg, size_t len,
		      int flags);
u32 mini_tcp_unread(const struct mini_tcp_sock *tp);

/* ooo.c */
void mini_tcp_ooo_erase(struct mini_tcp_sock *tp, struct sk_buff *skb);
void mini_tcp_ooo_link(struct mini_tcp_sock *tp, struct sk_buff *skb);
void mini_tcp_ooo_insert(struct mini_tcp_sock *tp, struct sk_buff *skb);
bool mini_tcp_ooo_drain(struct mini_tcp_sock *tp);
void mini_tcp_ooo_purge(struct mini_tcp_sock *tp);

/* sackgen.c */
void mini_tcp_sack_add(struct mini_tcp_sock *tp, u32 start, u32 end);
void mini_tcp_sack_cut(struct mini_tcp_sock *tp, u32 end);
void mini_tcp_dsack_set(struct mini_tcp_sock *tp, u32 start, u32 end);
u32 mini_tcp_sack_len(const struct mini_tcp_sock *tp);
void mini_tcp_sack_put(struct mini_tcp_sock *tp, __be32 *opt, u32 len);

/* segment.c */
void mini_tcp_queue_segment(struct mini_tcp_sock *tp, struct sk_buff *skb,
			    u8 flags);
void mini_tcp_queue_ctl(struct mini_tcp_sock *tp, u8 flags);
struct sk_buff *mini_tcp_split(struct mini_tcp_sock *tp, struct sk_buff *skb,
			       u32 len, gfp_t gfp);
void mini_tcp_rtx_move(struct mini_tcp_sock *tp, struct sk_buff *skb);
void mini_tcp_rtx_free(struct mini_tcp_sock *tp, struct sk_buff *skb);
void mini_tcp_unsent_free(struct mini_tcp_sock *tp, struct sk_buff *skb);
void mini_tcp_write_purge(struct mini_tcp_sock *tp);

/* recycle.c */
struct sk_buff *mini_tcp_skb_get(gfp_t gfp);
void mini_tcp_skb_put(struct sk_buff *skb);
void mini_tcp_recycle_exit(void);

/* transmit.c */
int mini_tcp_xmit_ip(struct mini_tcp_sock *tp, struct sk_buff *skb);
int __mini_tcp_path(struct mini_tcp_sock *tp);

/**
 * mini_tcp_path() - make sure that the way to the peer is current
 * @tp: connection, locked
 *
 * Return: 0 or mini_path_lookup()'s error; then the old way is forgotten.
 */
static inline int mini_tcp_path(struct mini_tcp_sock *tp)
{
	if (likely(mini_path_valid(tp->ms.mn, &tp->ms.path)))
		return 0;
	return __mini_tcp_path(tp);
}

int mini_tcp_transmit_syn_data(struct mini_tcp_sock *tp, struct sk_buff *data,
			       u64 now);
int mini_tcp_transmit_empty(struct mini_tcp_sock *tp, u8 flags, u32 seq,
			    u64 now);
int mini_tcp_transmit_queued(struct mini_tcp_sock *tp, struct sk_buff *skb,
			     u64 now);
void mini_tcp_send_ack(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_send_rst(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_send_rst_for(struct mini_tcp_sock *tp,
			   const struct mini_wire_tcp *h, u64 now);

/* output.c */
int mini_tcp_send_syn(struct mini_tcp_sock *tp, u64 now);
bool mini_tcp_push_one(struct mini_tcp_sock *tp, struct sk_buff *skb, u32 len,
		       u64 now);
void mini_tcp_push(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_push_later(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_push_nodelay(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_check_space(struct mini_tcp_sock *tp);
void mini_tcp_chrono(struct mini_tcp_sock *tp, enum mini_tcp_chrono what,
		     u64 now);
bool mini_tcp_urgent(struct mini_tcp_sock *tp);
void mini_tcp_snd_start(struct mini_tcp_sock *tp);
int mini_tcp_retransmit(struct mini_tcp_sock *tp, struct sk_buff *skb,
			u32 most, u64 now);
void mini_tcp_send_probe(struct mini_tcp_sock *tp, u64 now);

/* pmtu.c */
u32 mini_tcp_mss_for(u32 mtu);
void mini_tcp_sync_mss(struct mini_tcp_sock *tp);
void mini_tcp_mtu_init(struct mini_tcp_sock *tp);
void mini_tcp_mtu_start(struct mini_tcp_sock *tp);
void mini_tcp_mtu_probe_unsent(struct mini_tcp_sock *tp);
void mini_tcp_mtu_claim(struct mini_tcp_sock *tp, u32 mtu, u32 len, u32 seq,
			u64 now);
void mini_tcp_mtu_sent(struct mini_tcp_sock *tp, u32 end_seq);
void mini_tcp_mtu_look(struct mini_tcp_sock *tp, u64 now);
u32 mini_tcp_mtu_probe(struct mini_tcp_sock *tp, struct sk_buff *skb, u64 now);
void mini_tcp_mtu_probe_failed(struct mini_tcp_sock *tp);
bool mini_tcp_mtu_probe_lost(struct mini_tcp_sock *tp);
void mini_tcp_mtu_timeout(struct mini_tcp_sock *tp, u64 now);

/* pace.c */
u64 mini_tcp_pacing_rate(const struct mini_tcp_sock *tp);
u32 mini_tcp_burst(const struct mini_tcp_sock *tp);
bool mini_tcp_pace_blocked(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_pace_sent(struct mini_tcp_sock *tp, u32 len, u64 now);
bool mini_tcp_tsq_full(struct mini_tcp_sock *tp, u32 len);
bool mini_tcp_tsq_busy(struct mini_tcp_sock *tp, const struct sk_buff *skb);
void mini_tcp_tsq_wait(struct mini_tcp_sock *tp);
void __mini_tcp_tsq_freed(struct mini_tcp_sock *tp);

/* Bits of tp->tsq. */
#define MINI_TCP_TSQ_THROTTLED	0	/* data waits for one to be freed */
#define MINI_TCP_TSQ_QUEUED	1	/* on a CPU's list */

/**
 * mini_tcp_tsq_freed() - a transmission was freed, and uncharged
 * @tp: connection; it may be closed, and a program's or a softirq's own
 *
 * Context: any but hard interrupts; no lock, and whatever lock the one holds
 * who freed it.
 */
static inline void mini_tcp_tsq_freed(struct mini_tcp_sock *tp)
{
	/* Pairs with mini_tcp_tsq_full(): it sees the room, or we the bit. */
	smp_mb__after_atomic();
	if (unlikely(test_bit(MINI_TCP_TSQ_THROTTLED, &tp->tsq)))
		__mini_tcp_tsq_freed(tp);
}

void mini_tcp_resume(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_pace_birth(struct mini_tcp_flight *fl);
void mini_tcp_pace_stop(struct mini_tcp_sock *tp);
void mini_tcp_pace_init(void);
void mini_tcp_pace_exit(void);

/* ecn.c */
u8 mini_tcp_ecn_syn(const struct mini_tcp_sock *tp);
bool mini_tcp_ecn_wanted(const struct mini_net *mn,
			 const struct mini_wire_tcp *h);
u8 mini_tcp_ecn_out(struct mini_tcp_sock *tp, struct sk_buff *skb, u8 flags,
		    u32 seq, u32 len);
void mini_tcp_ecn_in(struct mini_tcp_sock *tp, const struct mini_wire_tcp *h);
void mini_tcp_ecn_echo(struct mini_tcp_sock *tp, u32 delivered, u64 now);

/* timer.c */
void mini_tcp_timer_fn(struct timer_list *t);
void mini_tcp_timers_run(struct mini_tcp_sock *tp, u64 now);
void __mini_tcp_rearm(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_stop_timers(struct mini_tcp_sock *tp);

/**
 * mini_tcp_rearm() - have the kernel's timer fire by the earliest deadline
 * @tp: connection, locked
 * @now: microseconds
 *
 * Called once by each entry to the engine, when it is done.
 */
static inline void mini_tcp_rearm(struct mini_tcp_sock *tp, u64 now)
{
	if (unlikely(tp->timer_news))
		__mini_tcp_rearm(tp, now);
}

void mini_tcp_give_up(struct mini_tcp_sock *tp);
bool mini_tcp_exhausted(struct mini_tcp_sock *tp, u8 tries, u64 since, u64 now);
u64 mini_tcp_user_deadline(const struct mini_tcp_sock *tp, u64 when, u64 since);

/* deferred.c */
void mini_tcp_defer(struct mini_tcp_sock *tp, enum mini_tcp_deferred what);
void mini_tcp_do_bh(struct mini_tcp_sock *tp, enum mini_tcp_deferred what);
void mini_tcp_release_cb(struct sock *sk);

/* probe.c */
void mini_tcp_persist(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_keepalive(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_set_keepalive(struct sock *sk, int val);
void mini_tcp_arm_keepalive(struct mini_tcp_sock *tp, u64 now);

/* cong.c */
int mini_tcp_cong_set(struct mini_tcp_sock *tp, const char *name, bool any);
int mini_tcp_cong_choose(struct mini_tcp_sock *tp, const char *name, bool any);
void mini_tcp_cong_pick(struct mini_tcp_sock *tp);
void mini_tcp_cong_start(struct mini_tcp_sock *tp);
void mini_tcp_cong_begin(struct mini_tcp_sock *tp);

static inline void mini_tcp_cong_need(struct mini_tcp_sock *tp)
{
	if (unlikely(!tp->cc.started))
		mini_tcp_cong_begin(tp);
}

void mini_tcp_cong_inherit(struct mini_tcp_sock *child);
void mini_tcp_cong_release(struct mini_tcp_sock *tp);
int mini_tcp_cong_init(void);
void mini_tcp_cong_exit(void);
extern struct mini_cc_ops mini_tcp_cubic;
extern struct mini_cc_ops mini_tcp_newreno;
extern struct mini_cc_ops mini_tcp_bbr;

/* cong_cubic.c, for its test */
u32 mini_cubic_root(u64 x);
u32 mini_cubic_window(u32 origin, u32 k_ms, u32 t_ms, u32 mss);

/* user.c */
struct sk_buff *mini_tcp_new_segment(struct mini_tcp_sock *tp);
int mini_tcp_fill(struct mini_tcp_sock *tp, struct sk_buff *skb,
		  struct msghdr *msg, int room);
bool mini_tcp_stream_memory_free(const struct sock *sk, int wake);
int mini_tcp_sendmsg(struct sock *sk, struct msghdr *msg, size_t size);
int mini_tcp_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
		     int flags);

/* pages.c */
enum mini_tcp_how {
	MINI_TCP_COPY,
	MINI_TCP_PIN,		/* MSG_ZEROCOPY: the program's pages */
	MINI_TCP_SPLICE,	/* pages that the iterator has */
};

/**
 * struct mini_tcp_write - one sendmsg() on its way
 * @msg: what is left of it
 * @uarg: of MSG_ZEROCOPY: who is told when the pages are free again, or NULL
 * @timeo: how long to wait for room, jiffies
 * @copied: octets queued so far
 * @how: to queue them
 */
struct mini_tcp_write {
	struct msghdr *msg;
	struct ubuf_info *uarg;
	long timeo;
	int copied;
	enum mini_tcp_how how;
};

int mini_tcp_pages_begin(struct mini_tcp_sock *tp, struct mini_tcp_write *w,
			 size_t size);
void mini_tcp_pages_end(struct mini_tcp_write *w, bool sent);
int mini_tcp_fill_pages(struct mini_tcp_sock *tp, struct sk_buff *skb,
			struct mini_tcp_write *w, int room);

/* stamp.c */
int mini_tcp_stamp_ask(struct mini_tcp_sock *tp, struct msghdr *msg,
		       struct sockcm_cookie *ask);
void mini_tcp_stamp_tail(struct mini_tcp_sock *tp,
			 const struct sockcm_cookie *ask);
void mini_tcp_stamp_split(struct sk_buff *skb, struct sk_buff *rest);
void mini_tcp_stamp_acked(struct mini_tcp_sock *tp, struct sk_buff *skb,
			  u32 ack);

/* option.c */
int mini_tcp_setsockopt(struct sock *sk, int level, int optname,
			sockptr_t optval, unsigned int optlen);
int mini_tcp_getsockopt(struct sock *sk, int level, int optname,
			char __user *optval, int __user *optlen);

#endif /* _MINI_TCP_INT_H */
