/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters and drop reasons: each is named once, here.  A layer adds its
 * own lines; control/ gives them to user space and to the tracepoints by
 * these names.
 */
#ifndef _MINI_MIB_H
#define _MINI_MIB_H

/* Events: X(identifier, name as shown by "mini stat"). */
#define MINI_MIBS(X)						\
	X(LINK_IN_FRAMES,	"LinkInFrames")			\
	X(LINK_OUT_FRAMES,	"LinkOutFrames")		\
	X(LINK_OUT_ERRORS,	"LinkOutErrors")		\
	X(LINK_OUT_DIRECT,	"LinkOutDirect")		\
	X(ARP_IN_REQUESTS,	"ArpInRequests")		\
	X(ARP_IN_REPLIES,	"ArpInReplies")			\
	X(ARP_OUT_REQUESTS,	"ArpOutRequests")		\
	X(ARP_OUT_REPLIES,	"ArpOutReplies")		\
	X(ARP_CONFLICTS,	"ArpConflicts")			\
	X(NEIGH_CREATED,	"NeighCreated")			\
	X(NEIGH_COLLECTED,	"NeighCollected")		\
	X(NEIGH_FAILED,		"NeighFailed")			\
	X(NEIGH_TABLE_FULL,	"NeighTableFull")		\
	X(IP_IN_RECEIVES,	"IpInReceives")			\
	X(IP_IN_DELIVERS,	"IpInDelivers")			\
	X(IP_OUT_REQUESTS,	"IpOutRequests")		\
	X(IP_OUT_NO_ROUTES,	"IpOutNoRoutes")		\
	X(IP_REASM_REQDS,	"IpReasmReqds")			\
	X(IP_REASM_OKS,		"IpReasmOKs")			\
	X(IP_REASM_FAILS,	"IpReasmFails")			\
	X(IP_REASM_TIMEOUT,	"IpReasmTimeout")		\
	X(IP_PMTU_LEARNED,	"IpPmtuLearned")		\
	X(IP_FRAG_OKS,		"IpFragOKs")			\
	X(IP_FRAG_FAILS,	"IpFragFails")			\
	X(IP_FRAG_CREATES,	"IpFragCreates")		\
	X(IP_FORWARDED,		"IpForwDatagrams")		\
	X(ICMP_IN_MSGS,		"IcmpInMsgs")			\
	X(ICMP_IN_ERRORS,	"IcmpInErrors")			\
	X(ICMP_IN_ECHOS,	"IcmpInEchos")			\
	X(ICMP_IN_ECHO_REPS,	"IcmpInEchoReps")		\
	X(ICMP_IN_DEST_UNREACHS, "IcmpInDestUnreachs")		\
	X(ICMP_IN_TIMESTAMPS,	"IcmpInTimestamps")		\
	X(ICMP_IN_REDIRECTS,	"IcmpInRedirects")		\
	X(ICMP_OUT_MSGS,	"IcmpOutMsgs")			\
	X(ICMP_OUT_ECHO_REPS,	"IcmpOutEchoReps")		\
	X(ICMP_OUT_TIMESTAMP_REPS, "IcmpOutTimestampReps")	\
	X(ICMP_OUT_DEST_UNREACHS, "IcmpOutDestUnreachs")	\
	X(ICMP_OUT_TIME_EXCDS,	"IcmpOutTimeExcds")		\
	X(ICMP_OUT_PARM_PROBS,	"IcmpOutParmProbs")		\
	X(ICMP_OUT_REDIRECTS,	"IcmpOutRedirects")		\
	X(ICMP_OUT_RATELIMITED,	"IcmpOutRateLimited")		\
	X(IGMP_IN_QUERIES,	"IgmpInQueries")		\
	X(IGMP_IN_REPORTS,	"IgmpInReports")		\
	X(IGMP_OUT_REPORTS,	"IgmpOutReports")		\
	X(IGMP_OUT_LEAVES,	"IgmpOutLeaves")		\
	X(UDP_IN_DATAGRAMS,	"UdpInDatagrams")		\
	X(UDP_NO_PORTS,		"UdpNoPorts")			\
	X(UDP_OUT_DATAGRAMS,	"UdpOutDatagrams")		\
	X(TCP_ACTIVE_OPENS,	"TcpActiveOpens")		\
	X(TCP_PASSIVE_OPENS,	"TcpPassiveOpens")		\
	X(TCP_ATTEMPT_FAILS,	"TcpAttemptFails")		\
	X(TCP_ESTAB_RESETS,	"TcpEstabResets")		\
	X(TCP_IN_SEGS,		"TcpInSegs")			\
	X(TCP_OUT_SEGS,		"TcpOutSegs")			\
	X(TCP_OUT_RSTS,		"TcpOutRsts")			\
	X(TCP_RETRANS_SEGS,	"TcpRetransSegs")		\
	X(TCP_TIMEOUTS,		"TcpTimeouts")			\
	X(TCP_FAST_RETRANS,	"TcpFastRetrans")		\
	X(TCP_SYN_RETRANS,	"TcpSynRetrans")		\
	X(TCP_LOST_RETRANS,	"TcpLostRetrans")		\
	X(TCP_LOSS_PROBES,	"TcpLossProbes")		\
	X(TCP_LOSS_PROBE_RECOVERY, "TcpLossProbeRecovery")	\
	X(TCP_REO_TIMEOUTS,	"TcpReoTimeouts")		\
	X(TCP_REORDERED,	"TcpReordered")			\
	X(TCP_DSACK_IN,		"TcpDsackIn")			\
	X(TCP_SACK_DISCARD,	"TcpSackDiscard")		\
	X(TCP_SACK_RENEGED,	"TcpSackReneged")		\
	X(TCP_UNDO_RECOVERY,	"TcpUndoRecovery")		\
	X(TCP_UNDO_TIMEOUT,	"TcpUndoTimeout")		\
	X(TCP_ZERO_WINDOW_PROBES, "TcpZeroWindowProbes")	\
	X(TCP_KEEPALIVES,	"TcpKeepalives")		\
	X(TCP_DELAYED_ACKS,	"TcpDelayedAcks")		\
	X(TCP_ACK_COMPRESSED,	"TcpAckCompressed")		\
	X(TCP_DUP_ACKS_IN,	"TcpDupAcksIn")			\
	X(TCP_OUT_OF_ORDER,	"TcpOutOfOrder")		\
	X(TCP_DSACKS_OLD,	"TcpDsacksOld")			\
	X(TCP_DSACKS_OFO,	"TcpDsacksOutOfOrder")		\
	X(TCP_CHALLENGE_ACKS,	"TcpChallengeAcks")		\
	X(TCP_PAWS_REJECTED,	"TcpPawsRejected")		\
	X(TCP_LISTEN_OVERFLOWS,	"TcpListenOverflows")		\
	X(TCP_LISTEN_DROPS,	"TcpListenDrops")		\
	X(TCP_SYNCOOKIES_SENT,	"TcpSyncookiesSent")		\
	X(TCP_SYNCOOKIES_RECV,	"TcpSyncookiesRecv")		\
	X(TCP_SYNCOOKIES_FAILED, "TcpSyncookiesFailed")		\
	X(TCP_DEFER_ACCEPT_DROPS, "TcpDeferAcceptDrops")	\
	X(TCP_FASTOPEN_ACTIVE,	"TcpFastOpenActive")		\
	X(TCP_FASTOPEN_ACTIVE_FAIL, "TcpFastOpenActiveFail")	\
	X(TCP_FASTOPEN_PASSIVE,	"TcpFastOpenPassive")		\
	X(TCP_FASTOPEN_PASSIVE_FAIL, "TcpFastOpenPassiveFail")	\
	X(TCP_FASTOPEN_PASSIVE_ALT_KEY, "TcpFastOpenPassiveAltKey") \
	X(TCP_FASTOPEN_OVERFLOWS, "TcpFastOpenListenOverflow")	\
	X(TCP_FASTOPEN_COOKIE_REQD, "TcpFastOpenCookieReqd")	\
	X(TCP_FASTOPEN_BACKOFF,	"TcpFastOpenBackoff")		\
	X(TCP_ECN_MARKS_IN,	"TcpEcnMarksIn")		\
	X(TCP_ECN_REDUCTIONS,	"TcpEcnReductions")		\
	X(TCP_TIME_WAITS,	"TcpTimeWaits")			\
	X(TCP_TIME_WAIT_KILLED,	"TcpTimeWaitKilled")		\
	X(TCP_TIME_WAIT_REUSED,	"TcpTimeWaitReused")		\
	X(TCP_TIME_WAIT_OVERFLOWS, "TcpTimeWaitOverflows")	\
	X(TCP_ABORT_ON_MEMORY,	"TcpAbortOnMemory")		\
	X(TCP_ABORT_ON_CLOSE,	"TcpAbortOnClose")		\
	X(TCP_ABORT_ON_DATA,	"TcpAbortOnData")		\
	X(TCP_ABORT_ON_TIMEOUT,	"TcpAbortOnTimeout")		\
	X(TCP_URGENT_IN,	"TcpUrgentIn")			\
	X(TCP_SPURIOUS_RTX_HELD, "TcpSpuriousRtxHeld")		\
	X(TCP_PMTU_REDUCED,	"TcpPmtuReduced")		\
	X(TCP_PMTU_DOUBTED,	"TcpPmtuDoubted")		\
	X(TCP_PMTU_IGNORED,	"TcpPmtuIgnored")		\
	X(TCP_MTU_PROBES,	"TcpMtuProbes")			\
	X(TCP_MTU_PROBES_OK,	"TcpMtuProbesArrived")		\
	X(TCP_MTU_PROBES_LOST,	"TcpMtuProbesLost")		\
	X(TCP_MTU_BLACK_HOLES,	"TcpMtuBlackHoles")		\
	X(TCP_LOCAL_DROPS,	"TcpLocalDrops")		\
	X(TCP_LOCAL_MARKS,	"TcpLocalMarks")		\
	X(TCP_RCV_PRUNED,	"TcpRcvPruned")			\
	X(TCP_RCV_COLLAPSED,	"TcpRcvCollapsed")		\
	X(TCP_RCV_COALESCED,	"TcpRcvCoalesced")

/* Why a packet ended: X(identifier); shown as "drop/IDENTIFIER". */
#define MINI_DROPS(X)						\
	X(NOT_SPECIFIED)					\
	X(NO_MEMORY)						\
	X(LINK_OTHER_HOST)					\
	X(LINK_DEV_DOWN)					\
	X(LINK_NO_HANDLER)					\
	X(LINK_TOO_BIG)						\
	X(LINK_HEADER)						\
	X(LINK_LOOPBACK_FULL)					\
	X(ARP_SHORT)						\
	X(ARP_FORMAT)						\
	X(ARP_OPCODE)						\
	X(ARP_SENDER)						\
	X(ARP_NOT_FOR_US)					\
	X(NEIGH_FAILED)						\
	X(NEIGH_QUEUE_FULL)					\
	X(IP_SHORT)						\
	X(IP_VERSION)						\
	X(IP_HEADER_LEN)					\
	X(IP_TOTAL_LEN)						\
	X(IP_CSUM)						\
	X(IP_OPTIONS)						\
	X(IP_FRAG_LENGTH)					\
	X(IP_FRAG_OVERSIZE)					\
	X(IP_FRAG_TINY)						\
	X(IP_FRAG_MEMORY)					\
	X(IP_FRAG_OVERLAP)					\
	X(IP_FRAG_DUPLICATE)					\
	X(IP_FRAG_ECN)						\
	X(IP_FRAG_DISTANCE)					\
	X(IP_FRAG_TIMEOUT)					\
	X(IP_SOURCE_ROUTE)					\
	X(IP_FRAGMENT)						\
	X(IP_MARTIAN_SOURCE)					\
	X(IP_MARTIAN_DEST)					\
	X(IP_NOT_LOCAL)						\
	X(IP_NOT_MEMBER)					\
	X(IP_NOT_UNICAST)					\
	X(IP_TTL)						\
	X(IP_FRAG_NEEDED)					\
	X(IP_LINK_LOCAL)					\
	X(IP_FORWARD_LRO)					\
	X(IP_RP_FILTER)						\
	X(IP_NO_PROTO)						\
	X(IP_NO_ROUTE)						\
	X(IP_UNICAST_IN_L2_MULTICAST)				\
	X(ICMP_SHORT)						\
	X(ICMP_CSUM)						\
	X(ICMP_TYPE)						\
	X(ICMP_ECHO_IGNORED)					\
	X(ICMP_QUOTE)						\
	X(ICMP_REDIRECT)					\
	X(IGMP_SHORT)						\
	X(IGMP_CSUM)						\
	X(IGMP_QUERY)						\
	X(PING_RCVBUF)						\
	X(RAW_RCVBUF)						\
	X(UDP_SHORT)						\
	X(UDP_LENGTH)						\
	X(UDP_CSUM)						\
	X(UDP_NO_SOCKET)					\
	X(UDP_RCVBUF)						\
	X(UDP_FILTER)						\
	X(TCP_FILTER)						\
	X(TCP_MINTTL)						\
	X(TCP_SHORT)						\
	X(TCP_DATA_OFFSET)					\
	X(TCP_CSUM)						\
	X(TCP_NOT_UNICAST)					\
	X(TCP_NO_SOCKET)					\
	X(TCP_FLAGS)						\
	X(TCP_OLD_DATA)						\
	X(TCP_OUT_OF_WINDOW)					\
	X(TCP_BAD_ACK)						\
	X(TCP_PAWS)						\
	X(TCP_NO_ACK)						\
	X(TCP_RESET)						\
	X(TCP_CLOSED)						\
	X(TCP_ZERO_WINDOW)					\
	X(TCP_RCVBUF)						\
	X(TCP_BACKLOG)						\
	X(TCP_LISTEN_FULL)					\
	X(TCP_OFO_PRUNED)					\
	X(TCP_OFO_DUPLICATE)

/* Of either list: an array of the names, in the order of the enumerators. */
#define MINI_MIB_NAME(id, name)		name,
#define MINI_DROP_NAME(id)		"drop/" #id,

enum mini_mib {
#define X(id, name) MINI_MIB_##id,
	MINI_MIBS(X)
#undef X
	MINI_MIB_COUNT
};

enum mini_drop_reason {
#define X(id) MINI_DROP_##id,
	MINI_DROPS(X)
#undef X
	MINI_DROP_COUNT
};

struct mini_mib_percpu {
	u64 event[MINI_MIB_COUNT];
	u64 drop[MINI_DROP_COUNT];
};

#endif /* _MINI_MIB_H */
