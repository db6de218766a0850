// SPDX-License-Identifier: GPL-2.0
/*
 * The tracepoints of trace.h come into being here.
 *
 * Locks on entry: those of the caller; the probes take none.
 */
#include "../mini.h"
#include "../sock.h"
#include "../link/link.h"

/* Written as struct sockaddr_in or sockaddr_in6, which %pIS can print. */
static inline void mini_trace_name(void *to, const struct in6_addr *addr,
				   __be16 port)
{
	if (mini_addr_is_v4(addr) || ipv6_addr_any(addr)) {
		struct sockaddr_in *sin = to;

		memset(to, 0, sizeof(struct sockaddr_in6));
		sin->sin_family = AF_INET;
		sin->sin_port = port;
		sin->sin_addr.s_addr = mini_addr_v4(addr);
	} else {
		struct sockaddr_in6 *sin6 = to;

		memset(to, 0, sizeof(*sin6));
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = port;
		sin6->sin6_addr = *addr;
	}
}

static inline void mini_trace_ends(const struct mini_sock *ms, void *laddr,
				   void *raddr)
{
	const struct mini_tuple *t = &ms->conn.tuple;

	mini_trace_name(laddr, &t->laddr, t->lport);
	mini_trace_name(raddr, &t->raddr, t->rport);
}

#define CREATE_TRACE_POINTS
#include "../trace.h"
