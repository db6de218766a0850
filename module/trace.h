/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: state changes, drops with their reason, congestion.
 *
 * They appear as events/mini/ in tracefs; control/trace.c instantiates them.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM mini

#if !defined(_MINI_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _MINI_TRACE_H

#include <linux/tracepoint.h>
#include <net/tcp_states.h>

#include "mini.h"

struct mini_neigh;
struct mini_sock;
struct mini_tuple;

/* User space decodes the enumerators by name: give their values away. */
#define MINI_TRACE_DROP_ENUM(id)	TRACE_DEFINE_ENUM(MINI_DROP_##id);
#define MINI_TRACE_DROP_NAME(id)	{ MINI_DROP_##id, #id },
MINI_DROPS(MINI_TRACE_DROP_ENUM)
TRACE_DEFINE_ENUM(MINI_DROP_COUNT);

#define mini_trace_drop_name(reason)				\
	__print_symbolic(reason, MINI_DROPS(MINI_TRACE_DROP_NAME)	\
			 { MINI_DROP_COUNT, "?" })

#define mini_trace_tcp_name(state)				\
	__print_symbolic(state,					\
			 { TCP_ESTABLISHED,	"ESTABLISHED" },	\
			 { TCP_SYN_SENT,	"SYN_SENT" },		\
			 { TCP_SYN_RECV,	"SYN_RECV" },		\
			 { TCP_FIN_WAIT1,	"FIN_WAIT1" },		\
			 { TCP_FIN_WAIT2,	"FIN_WAIT2" },		\
			 { TCP_TIME_WAIT,	"TIME_WAIT" },		\
			 { TCP_CLOSE,		"CLOSE" },		\
			 { TCP_CLOSE_WAIT,	"CLOSE_WAIT" },		\
			 { TCP_LAST_ACK,	"LAST_ACK" },		\
			 { TCP_LISTEN,		"LISTEN" },		\
			 { TCP_CLOSING,		"CLOSING" },		\
			 { TCP_NEW_SYN_RECV,	"NEW_SYN_RECV" })

#define mini_trace_neigh_name(state)				\
	__print_symbolic(state,					\
			 { MINI_NEIGH_NONE,	  "NONE" },		\
			 { MINI_NEIGH_INCOMPLETE, "INCOMPLETE" },	\
			 { MINI_NEIGH_REACHABLE,  "REACHABLE" },	\
			 { MINI_NEIGH_STALE,	  "STALE" },		\
			 { MINI_NEIGH_DELAY,	  "DELAY" },		\
			 { MINI_NEIGH_PROBE,	  "PROBE" },		\
			 { MINI_NEIGH_FAILED,	  "FAILED" },		\
			 { MINI_NEIGH_PERMANENT,  "PERMANENT" })

TRACE_DEFINE_ENUM(TCP_ESTABLISHED);
TRACE_DEFINE_ENUM(TCP_SYN_SENT);
TRACE_DEFINE_ENUM(TCP_SYN_RECV);
TRACE_DEFINE_ENUM(TCP_FIN_WAIT1);
TRACE_DEFINE_ENUM(TCP_FIN_WAIT2);
TRACE_DEFINE_ENUM(TCP_TIME_WAIT);
TRACE_DEFINE_ENUM(TCP_CLOSE);
TRACE_DEFINE_ENUM(TCP_CLOSE_WAIT);
TRACE_DEFINE_ENUM(TCP_LAST_ACK);
TRACE_DEFINE_ENUM(TCP_LISTEN);
TRACE_DEFINE_ENUM(TCP_CLOSING);
TRACE_DEFINE_ENUM(TCP_NEW_SYN_RECV);
TRACE_DEFINE_ENUM(MINI_NEIGH_NONE);
TRACE_DEFINE_ENUM(MINI_NEIGH_INCOMPLETE);
TRACE_DEFINE_ENUM(MINI_NEIGH_REACHABLE);
TRACE_DEFINE_ENUM(MINI_NEIGH_STALE);
TRACE_DEFINE_ENUM(MINI_NEIGH_DELAY);
TRACE_DEFINE_ENUM(MINI_NEIGH_PROBE);
TRACE_DEFINE_ENUM(MINI_NEIGH_FAILED);
TRACE_DEFINE_ENUM(MINI_NEIGH_PERMANENT);

/* A packet goes no further. */
TRACE_EVENT(mini_drop,

	TP_PROTO(const struct mini_net *mn, const struct sk_buff *skb,
		 enum mini_drop_reason reason),

	TP_ARGS(mn, skb, reason),

	TP_STRUCT__entry(
		__field(const void *, skbaddr)
		__field(unsigned int, netns)
		__field(unsigned int, len)
		__field(u16, protocol)
		__field(int, reason)
	),

	TP_fast_assign(
		__entry->skbaddr = skb;
		__entry->netns = mn->net->ns.inum;
		__entry->len = skb->len;
		__entry->protocol = ntohs(skb->protocol);
		__entry->reason = reason;
	),

	TP_printk("netns=%u skbaddr=%p protocol=%#06x len=%u reason=%s",
		  __entry->netns, __entry->skbaddr, __entry->protocol,
		  __entry->len, mini_trace_drop_name(__entry->reason))
);

/* A connection went from one state of RFC 9293 section 3.3.2 to another. */
TRACE_EVENT(mini_tcp_state,

	TP_PROTO(const struct mini_sock *ms, int old, int new),

	TP_ARGS(ms, old, new),

	TP_STRUCT__entry(
		__field(const void *, skaddr)
		__field(unsigned int, netns)
		__field(int, old)
		__field(int, new)
		__array(__u8, laddr, sizeof(struct sockaddr_in6))
		__array(__u8, raddr, sizeof(struct sockaddr_in6))
	),

	TP_fast_assign(
		__entry->skaddr = ms;
		__entry->netns = ms->mn->net->ns.inum;
		__entry->old = old;
		__entry->new = new;
		mini_trace_ends(ms, __entry->laddr, __entry->raddr);
	),

	TP_printk("netns=%u skaddr=%p %pISpc > %pISpc oldstate=%s newstate=%s",
		  __entry->netns, __entry->skaddr, __entry->laddr,
		  __entry->raddr, mini_trace_tcp_name(__entry->old),
		  mini_trace_tcp_name(__entry->new))
);

/* What became of a SYN or of an ACK that no connection knows: @event says. */
TRACE_EVENT(mini_tcp_open,

	TP_PROTO(const struct mini_sock *ms, const struct mini_tuple *tuple,
		 const char *event),

	TP_ARGS(ms, tuple, event),

	TP_STRUCT__entry(
		__field(const void *, skaddr)
		__field(unsigned int, netns)
		__string(event, event)
		__array(__u8, laddr, sizeof(struct sockaddr_in6))
		__array(__u8, raddr, sizeof(struct sockaddr_in6))
	),

	TP_fast_assign(
		__entry->skaddr = ms;
		__entry->netns = ms->mn->net->ns.inum;
		mini_assign_str(event, event);
		mini_trace_name(__entry->laddr, &tuple->laddr, tuple->lport);
		mini_trace_name(__entry->raddr, &tuple->raddr, tuple->rport);
	),

	TP_printk("netns=%u skaddr=%p %pISpc > %pISpc event=%s",
		  __entry->netns, __entry->skaddr, __entry->laddr,
		  __entry->raddr, __get_str(event))
);

/* A segment is sent again. */
TRACE_EVENT(mini_tcp_retransmit,

	TP_PROTO(const struct mini_sock *ms, u32 seq, u32 len),

	TP_ARGS(ms, seq, len),

	TP_STRUCT__entry(
		__field(const void *, skaddr)
		__field(unsigned int, netns)
		__field(int, state)
		__field(u32, seq)
		__field(u32, len)
		__array(__u8, laddr, sizeof(struct sockaddr_in6))
		__array(__u8, raddr, sizeof(struct sockaddr_in6))
	),

	TP_fast_assign(
		__entry->skaddr = ms;
		__entry->netns = ms->mn->net->ns.inum;
		__entry->state = ms->sk.sk_state;
		__entry->seq = seq;
		__entry->len = len;
		mini_trace_ends(ms, __entry->laddr, __entry->raddr);
	),

	TP_printk("netns=%u skaddr=%p %pISpc > %pISpc state=%s seq=%u len=%u",
		  __entry->netns, __entry->skaddr, __entry->laddr,
		  __entry->raddr, mini_trace_tcp_name(__entry->state),
		  __entry->seq, __entry->len)
);

/* Congestion control took a decision: @event names it. */
TRACE_EVENT(mini_tcp_cong,

	TP_PROTO(const struct mini_sock *ms, u32 cwnd, u32 ssthresh,
		 const char *event),

	TP_ARGS(ms, cwnd, ssthresh, event),

	TP_STRUCT__entry(
		__field(const void *, skaddr)
		__field(unsigned int, netns)
		__field(u32, cwnd)
		__field(u32, ssthresh)
		__string(event, event)
		__array(__u8, laddr, sizeof(struct sockaddr_in6))
		__array(__u8, raddr, sizeof(struct sockaddr_in6))
	),

	TP_fast_assign(
		__entry->skaddr = ms;
		__entry->netns = ms->mn->net->ns.inum;
		__entry->cwnd = cwnd;
		__entry->ssthresh = ssthresh;
		mini_assign_str(event, event);
		mini_trace_ends(ms, __entry->laddr, __entry->raddr);
	),

	TP_printk("netns=%u skaddr=%p %pISpc > %pISpc event=%s cwnd=%u ssthresh=%u",
		  __entry->netns, __entry->skaddr, __entry->laddr,
		  __entry->raddr, __get_str(event), __entry->cwnd,
		  __entry->ssthresh)
);

/* What is known of a next hop changed: RFC 4861 section 7.3.2. */
TRACE_EVENT(mini_neigh_state,

	TP_PROTO(const struct mini_neigh *n, u8 old, u8 new),

	TP_ARGS(n, old, new),

	TP_STRUCT__entry(
		__field(unsigned int, netns)
		__field(int, ifindex)
		__field(u8, old)
		__field(u8, new)
		__array(__u8, addr, sizeof(struct sockaddr_in6))
	),

	TP_fast_assign(
		__entry->netns = n->key.mdev->mn->net->ns.inum;
		__entry->ifindex = n->key.mdev->ifindex;
		__entry->old = old;
		__entry->new = new;
		mini_trace_name(__entry->addr, &n->key.addr, 0);
	),

	TP_printk("netns=%u ifindex=%d addr=%pISc oldstate=%s newstate=%s",
		  __entry->netns, __entry->ifindex, __entry->addr,
		  mini_trace_neigh_name(__entry->old),
		  mini_trace_neigh_name(__entry->new))
);

#endif /* _MINI_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
