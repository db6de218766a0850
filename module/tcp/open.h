/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Where connections begin and end: what stands for one that has no socket yet
 * or any more, a namespace's TCP, and what these files call of each other.
 *
 *	listen.c	a listener: what SYNs meet, listen(), its end
 *	req.c		half-open connections
 *	cookie.c	SYN cookies
 *	fastopen.c	TCP Fast Open, the server
 *	fastopen_client.c and the client
 *	openopt.c	the options of a connection's opening
 *	accept.c	the birth of a child, the accept queue
 *	timewait.c	TIME-WAIT records
 *	reply.c		segments without a socket: RST, SYN-ACK, TIME-WAIT's ACK
 *
 * Locks are said of each function where it stands; a record in the table of
 * connections (conn.c) is found under rcu_read_lock(), and freed by RCU.
 */
#ifndef _MINI_TCP_OPEN_H
#define _MINI_TCP_OPEN_H

#include <linux/rhashtable.h>
#include <linux/seqlock.h>
#include <linux/siphash.h>

#include "tcp_int.h"

/**
 * struct mini_tcp_lsn - what only a listener needs
 * @cookie_sent: when the last SYN cookie left, us; 0: none
 * @fo_keys: TCP_FASTOPEN_KEY, or NULL; RCU
 * @fo_max: TCP_FASTOPEN, requests at a time; 0: none
 * @backlog: listen()'s
 * @qlock: guards the rest; BH
 * @accepting: it does listen
 * @reqs: half-open connections, the oldest first
 * @accept_queue: children
 * @fo_rsts: requests that were lately reset
 * @req_count: length of @reqs
 * @accept_count: of @accept_queue
 * @fo_qlen: requests, and those in @fo_rsts
 *
 * A socket has it from its first listen(), or a listener's option, to its end.
 */
struct mini_tcp_lsn {
	u64 cookie_sent;
	struct mini_tcp_fo_keys __rcu *fo_keys;
	u32 fo_max;
	int backlog;
	spinlock_t qlock;	/* the rest */
	bool accepting;
	struct list_head reqs;
	struct list_head accept_queue;
	struct list_head fo_rsts;
	u32 req_count;
	u32 accept_count;
	u32 fo_qlen;
};

/* The headers of a SYN, as TCP_SAVED_SYN gives them. */
struct mini_tcp_saved_syn {
	u32 len;
	u8 data[];
};

/* net.mini.tcp_fastopen, Linux's numbers. */
enum mini_tcp_fo_bits {
	MINI_TCP_FO_CLIENT		= 0x1,
	MINI_TCP_FO_SERVER		= 0x2,
	MINI_TCP_FO_CLIENT_NO_COOKIE	= 0x4,	/* data without a cookie */
	MINI_TCP_FO_SERVER_NO_COOKIE	= 0x200, /* data is taken without */
	MINI_TCP_FO_SERVER_ALL		= 0x400, /* each listener does it */
};

/**
 * struct mini_tcp_fo_keys - what Fast Open's cookies are made with
 * @key: the first makes cookies, all open
 * @count: of keys, 1 or 2
 * @rcu: frees it
 */
struct mini_tcp_fo_keys {
	siphash_key_t key[2];
	int count;
	struct rcu_head rcu;
};

/* sendmsg() with MSG_FASTOPEN: what to send, how much of it was queued. */
struct mini_tcp_fo_msg {
	struct msghdr *msg;
	int copied;
};

/**
 * struct mini_tcp_cookies - the secrets of SYN cookies
 * @lock: guards the rest
 * @epoch: that a key is for; by its parity
 * @key: secret
 */
struct mini_tcp_cookies {
	seqlock_t lock;
	u32 epoch[2];
	siphash_key_t key[2];
};

/**
 * struct mini_tcp_net - TCP of one namespace
 * @conns: struct mini_conn by tuple
 * @lock: guards @tws and the challenge budget; BH
 * @challenge_second: RFC 5961 section 10: the second that the budget is for
 * @challenge_left: challenge ACKs that may still be sent in it
 * @tw_count: TIME-WAIT records
 * @tws: all of them
 * @cookies: secrets of SYN cookies
 * @orphans: connections that no program holds
 * @fo_keys: Fast Open's, RCU
 * @fo_lock: guards the rest; BH
 * @fo_list: struct mini_tcp_fo_peer, who was used last is last
 * @fo_count: of them
 * @fo_peers: they, by address
 */
struct mini_tcp_net {
	struct rhashtable conns;
	spinlock_t lock;	/* tws, the challenge budget; BH */
	u64 challenge_second;
	u32 challenge_left;
	atomic_t tw_count;
	struct list_head tws;
	struct mini_tcp_cookies cookies;
	atomic_t orphans;
	struct mini_tcp_fo_keys __rcu *fo_keys;
	spinlock_t fo_lock;	/* the rest */
	struct list_head fo_list;
	u32 fo_count;
	struct rhashtable fo_peers;
};

/**
 * struct mini_tcp_req - a half-open connection: SYN seen, SYN-ACK sent
 * @conn: row of the table
 * @listener: referenced
 * @list: in the listener's reqs, its qlock
 * @timer: sends the SYN-ACK again, and gives up
 * @refcnt: one of the table, one of a pending timer
 * @irs: the peer's first sequence number
 * @iss: this end's
 * @ts_recent: the timestamp to echo
 * @ts_off: this end's timestamps begin here
 * @rcv_wnd: the window offered, octets
 * @sent: when the SYN came, us
 * @mss: the peer's MSS option, or the default
 * @snd_wscale: the peer's window scale
 * @rcv_wscale: this end's
 * @tos: IP's octet of the SYN-ACK
 * @retrans: SYN-ACKs sent again, for whatever reason
 * @timeouts: of the timer
 * @acked: the peer has our SYN, but the program waits for more
 * @cookie: a SYN cookie: the record is on a stack
 * @fo_give: the SYN-ACK gives a cookie of Fast Open
 * @tstamp_ok: agreed upon; so are the next three
 * @wscale_ok: window scaling
 * @sack_ok: SACK
 * @ecn_ok: ECN
 * @rtt_us: from the SYN-ACK to its first ACK, 0: not known
 * @oow_ack_time: when a stray segment was last answered, us; 0: never
 * @saved_syn: the SYN's headers for TCP_SAVED_SYN, or NULL
 * @rcu: frees it
 */
struct mini_tcp_req {
	struct mini_conn conn;
	struct sock *listener;
	struct list_head list;
	struct timer_list timer;
	refcount_t refcnt;
	u32 irs;
	u32 iss;
	u32 ts_recent;
	u32 ts_off;
	u32 rcv_wnd;
	u64 sent;
	u16 mss;
	u8 snd_wscale;
	u8 rcv_wscale;
	u8 tos;
	u8 retrans;
	u8 timeouts;
	bool acked;
	bool cookie;
	bool fo_give;
	u8 tstamp_ok:1,
	   wscale_ok:1,
	   sack_ok:1,
	   ecn_ok:1;
	u32 rtt_us;
	u64 oow_ack_time;
	struct mini_tcp_saved_syn *saved_syn;
	struct rcu_head rcu;
};

/**
 * struct mini_tcp_tw - what is left of a connection in TIME-WAIT, or in
 * FIN-WAIT-2 without a program
 * @conn: row of the table
 * @mn: its namespace
 * @port: it keeps the local port
 * @list: in mini_tcp_net.tws
 * @timer: ends it
 * @refcnt: one of the table, one of the timer
 * @oow_ack_time: when a stray segment was last answered, us; 0: never
 * @expires: when it ends, us
 * @snd_nxt: what follows the FIN that was sent
 * @rcv_nxt: one past the peer's FIN, once that is here
 * @rcv_wnd: the window that is left
 * @ts_recent: the timestamp to echo
 * @ts_off: this end's timestamps begin here
 * @ts_recent_time: when @ts_recent came, us
 * @domain: the socket's address family, for sock_diag
 * @state: TCP_TIME_WAIT, TCP_FIN_WAIT2
 * @rcv_wscale: this end's window scale
 * @tos: IP's octet of the answers
 * @tstamp_ok: timestamps were agreed upon
 * @rcu: frees it
 */
struct mini_tcp_tw {
	struct mini_conn conn;
	struct mini_net *mn;
	struct mini_port_user port;
	struct list_head list;
	struct timer_list timer;
	refcount_t refcnt;
	u64 oow_ack_time;
	u64 expires;
	u32 snd_nxt;
	u32 rcv_nxt;
	u32 rcv_wnd;
	u32 ts_recent;
	u32 ts_off;
	u64 ts_recent_time;
	u16 domain;
	u8 state;
	u8 rcv_wscale;
	u8 tos;
	u8 tstamp_ok:1;
	struct rcu_head rcu;
};

/* listen.c */
int mini_tcp_lsn_get(struct mini_tcp_sock *tp);
void mini_tcp_lsn_free(struct mini_tcp_sock *tp);
void mini_tcp_listen_rcv(struct mini_rx *rx, struct sock *sk,
			 struct sk_buff *skb, const struct mini_wire_tcp *h,
			 u32 iss);
void mini_tcp_listen_stop(struct mini_tcp_sock *tp);
struct sock *mini_tcp_listener_lookup(const struct mini_rx *rx, __be16 port);
struct sock *mini_tcp_listener_pick(const struct mini_rx *rx, struct sock *sk,
				    struct sk_buff *skb,
				    const struct mini_wire_tcp *h);

/* req.c */
void mini_tcp_req_init(struct mini_tcp_req *req, const struct mini_rx *rx,
		       struct sock *sk, const struct mini_wire_tcp *h);
void mini_tcp_req_syn(struct mini_tcp_req *req, const struct mini_wire_tcp *h,
		      u64 now);
struct mini_tcp_saved_syn *mini_tcp_req_save_syn(const struct sk_buff *skb,
						 u8 how);
struct mini_tcp_req *mini_tcp_req_alloc(const struct mini_rx *rx,
					struct sock *sk,
					const struct mini_wire_tcp *h, u64 now);
void mini_tcp_req_put(struct mini_tcp_req *req);
bool mini_tcp_req_unlist(struct mini_tcp_req *req);
void mini_tcp_req_drop(struct mini_tcp_req *req);
u64 mini_tcp_req_rto(const struct mini_tcp_req *req);
void mini_tcp_req_rcv(struct mini_rx *rx, struct mini_tcp_req *req,
		      struct sk_buff *skb, const struct mini_wire_tcp *h);
void mini_tcp_req_icmp_err(struct mini_tcp_req *req,
			   const struct mini_icmp_err *e, u32 seq);

/* cookie.c */
u32 mini_tcp_cookie_make(struct mini_tcp_cookies *c,
			 const struct mini_tuple *tuple, u32 irs, u16 *mss,
			 u8 opts, u64 now);
u16 mini_tcp_cookie_open(struct mini_tcp_cookies *c,
			 const struct mini_tuple *tuple, u32 irs, u32 cookie,
			 u8 opts, u64 now);
u8 mini_tcp_cookie_opts(const struct mini_tcp_req *req);
u32 mini_tcp_cookie_tsval(u32 tsval, u8 opts);
void mini_tcp_cookie_stamp(const struct mini_tcp_req *req, u32 *tsval);
void mini_tcp_cookie_send(struct mini_tcp_req *req, u64 now);
bool mini_tcp_cookie_rcv(struct mini_rx *rx, struct sock *sk,
			 struct sk_buff *skb, const struct mini_wire_tcp *h,
			 u64 now);
void mini_tcp_cookie_net_init(struct mini_tcp_cookies *c);

/* fastopen.c */
void mini_tcp_fo_cookie(const siphash_key_t *key, const struct mini_tuple *t,
			u8 *cookie);
int mini_tcp_fo_check(const struct mini_tcp_fo_keys *keys,
		      const struct mini_tuple *t,
		      const struct mini_wire_tcp_opts *o);
int mini_tcp_fo_set_keys(struct mini_tcp_fo_keys __rcu **where, const u8 *data,
			 int count);
int mini_tcp_fo_get_keys(const struct mini_tcp_sock *lp, struct mini_net *mn,
			 u8 *data);
void mini_tcp_fastopen_done(struct mini_tcp_sock *tp, bool reset);
void mini_tcp_fastopen_stop(struct mini_tcp_sock *lp);
bool mini_tcp_fastopen_syn(struct mini_tcp_sock *lp, const struct mini_tuple *t,
			   const struct mini_wire_tcp *h, u32 len, bool *cookie,
			   u64 now);
void mini_tcp_fastopen_give(struct mini_tcp_sock *lp,
			    const struct mini_tuple *t,
			    struct mini_wire_tcp_opts *o);
void mini_tcp_fastopen_child(struct mini_rx *rx, struct mini_tcp_req *req,
			     struct sk_buff *skb, const struct mini_wire_tcp *h,
			     bool give, u64 now);
int mini_tcp_fastopen_net_init(struct mini_net *mn);
void mini_tcp_fastopen_net_exit(struct mini_net *mn);

/* fastopen_client.c */
void mini_tcp_fo_learn(struct mini_net *mn, const struct in6_addr *addr,
		       const struct mini_wire_tcp_opts *o, bool lost, u64 now);
u32 mini_tcp_fastopen_plan(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_fastopen_option(const struct mini_tcp_sock *tp,
			      struct mini_wire_tcp *h);
void mini_tcp_fastopen_start(struct mini_tcp_sock *tp, u32 space, u64 now);
void mini_tcp_fastopen_synack(struct mini_tcp_sock *tp,
			      const struct mini_wire_tcp *h, u64 now);
int mini_tcp_fastopen_sendmsg(struct mini_tcp_sock *tp, struct msghdr *msg,
			      int *copied);
bool mini_tcp_fastopen_defers(struct mini_tcp_sock *tp, u64 now);
int mini_tcp_fo_cache_init(struct mini_net *mn);
void mini_tcp_fo_cache_exit(struct mini_net *mn);

/* openopt.c */
int mini_tcp_fastopen_set_key(struct mini_tcp_sock *tp, sockptr_t optval,
			      unsigned int optlen);
int mini_tcp_fastopen_get_key(struct mini_tcp_sock *tp, int len,
			      char __user *optval, int __user *optlen);
int mini_tcp_open_set(struct mini_tcp_sock *tp, int optname, int val);
int mini_tcp_open_get(struct mini_tcp_sock *tp, int optname, int *val);
int mini_tcp_get_saved_syn(struct mini_tcp_sock *tp, int len,
			   char __user *optval, int __user *optlen);

/* accept.c */
void mini_tcp_req_complete(struct mini_rx *rx, struct mini_tcp_req *req,
			   struct sk_buff *skb, const struct mini_wire_tcp *h,
			   u64 now);
struct sock *mini_tcp_child(struct mini_rx *rx, struct mini_tcp_req *req,
			    u64 now);
bool mini_tcp_enqueue(struct mini_tcp_sock *lp, struct mini_tcp_sock *tp);
struct mini_tcp_sock *mini_tcp_dequeue(struct mini_tcp_sock *lp);

/* How many connections wait for accept(). */
static inline u32 mini_tcp_accept_count(const struct mini_tcp_sock *lp)
{
	const struct mini_tcp_lsn *lsn = READ_ONCE(lp->lsn);

	return lsn ? READ_ONCE(lsn->accept_count) : 0;
}

/* As Linux counts: one more waits than the program asked for. */
static inline bool mini_tcp_accept_full(const struct mini_tcp_sock *lp)
{
	return READ_ONCE(lp->lsn->accept_count) > (u32)READ_ONCE(lp->lsn->backlog);
}

struct sock *mini_tcp_accept(struct sock *sk, struct proto_accept_arg *arg);

/* timewait.c */
void mini_tcp_time_wait(struct mini_tcp_sock *tp, u64 now);
void mini_tcp_fin_wait2_orphan(struct mini_tcp_sock *tp, bool record, u64 now);
bool mini_tcp_tw_rcv(struct mini_rx *rx, struct mini_tcp_tw *tw,
		     struct sk_buff *skb, const struct mini_wire_tcp *h,
		     u32 *iss);
bool mini_tcp_tw_reopens(const struct mini_tcp_tw *tw,
			 const struct mini_wire_tcp *h);
bool mini_tcp_tw_reusable(const struct mini_tcp_tw *tw, int how, u64 now);
u32 mini_tcp_tw_iss(const struct mini_tcp_tw *tw);
void mini_tcp_tw_finish(struct mini_tcp_tw *tw);
void mini_tcp_tw_purge(struct mini_net *mn);
u32 mini_tcp_tw_left_ms(const struct mini_tcp_tw *tw);
int mini_tcp_tw_init(void);
void mini_tcp_tw_exit(void);

/* reply.c */
void mini_tcp_reply_rst(const struct mini_rx *rx, struct sk_buff *skb,
			const struct mini_wire_tcp *h);
void mini_tcp_reply_tw(const struct mini_rx *rx, struct mini_tcp_tw *tw,
		       u64 now);
void mini_tcp_reply_req(const struct mini_rx *rx,
			const struct mini_tcp_req *req, u64 now);
int mini_tcp_send_synack(struct mini_tcp_req *req, u64 now);

#endif /* _MINI_TCP_OPEN_H */
