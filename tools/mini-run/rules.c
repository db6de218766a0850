// SPDX-License-Identifier: GPL-2.0
/*
 * Which sockets become AF_MINI's:
 *
 *	socket(AF_INET, SOCK_STREAM, 0 or TCP)		ask
 *	socket(AF_INET, SOCK_DGRAM, 0, UDP or ICMP)	ask
 *	socket(AF_INET, SOCK_RAW, any)			ask
 *	socket(AF_INET, SOCK_STREAM, MPTCP)		EPROTONOSUPPORT
 *	socket(AF_INET6, any, any)			EAFNOSUPPORT
 *	anything else					as without us
 *
 * The errors make programs fall back to what we can give them; left alone,
 * these calls would quietly give them a socket of Linux's own stack.  The
 * user may choose otherwise for each of the two families.
 *
 * The filter's and the preloaded library's alike; the latter has no C library.
 */
#include <errno.h>
#include <sys/socket.h>
#include <netinet/in.h>

#include "mini-run.h"

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif

const struct rule rules[NR_RULES] = {
	{ RULE_INET, AF_INET, SOCK_STREAM, 0, ASK },
	{ RULE_INET, AF_INET, SOCK_STREAM, IPPROTO_TCP, ASK },
	{ RULE_INET, AF_INET, SOCK_STREAM, IPPROTO_MPTCP,
	  REFUSE(EPROTONOSUPPORT) },
	{ RULE_INET, AF_INET, SOCK_DGRAM, 0, ASK },
	{ RULE_INET, AF_INET, SOCK_DGRAM, IPPROTO_UDP, ASK },
	{ RULE_INET, AF_INET, SOCK_DGRAM, IPPROTO_ICMP, ASK },
	{ RULE_INET, AF_INET, SOCK_RAW, RULE_ANY, ASK },

	{ RULE_INET6, AF_INET6, SOCK_STREAM, 0, ASK },
	{ RULE_INET6, AF_INET6, SOCK_STREAM, IPPROTO_TCP, ASK },
	{ RULE_INET6, AF_INET6, SOCK_STREAM, IPPROTO_MPTCP,
	  REFUSE(EPROTONOSUPPORT) },
	{ RULE_INET6, AF_INET6, SOCK_DGRAM, 0, ASK },
	{ RULE_INET6, AF_INET6, SOCK_DGRAM, IPPROTO_UDP, ASK },
	{ RULE_INET6, AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6, ASK },
	{ RULE_INET6, AF_INET6, SOCK_RAW, RULE_ANY, ASK },

	{ RULE_NO_INET6, AF_INET6, RULE_ANY, RULE_ANY, REFUSE(EAFNOSUPPORT) },
};

bool rule_applies(const struct rule *rule, const struct choice *choice)
{
	switch (rule->when) {
	case RULE_INET:
		return choice->inet;
	case RULE_INET6:
		return choice->inet6;
	case RULE_NO_INET6:
		return !choice->inet6 && !choice->linux_inet6;
	}
	return false;
}

/* What becomes of a call: allowed, asked about, or refused with an error. */
uint32_t rules_verdict(const struct choice *choice, const struct call *call)
{
	for (size_t i = 0; i < NR_RULES; i++) {
		const struct rule *rule = &rules[i];

		if (rule->family == call->family &&
		    (rule->type == RULE_ANY ||
		     rule->type == (call->type & TYPE_MASK)) &&
		    (rule->protocol == RULE_ANY ||
		     rule->protocol == call->protocol) &&
		    rule_applies(rule, choice))
			return rule->verdict;
	}
	return SECCOMP_RET_ALLOW;
}

/* Of these the caller's own privileges decide whether it gets one. */
bool needs_identity(const struct call *call)
{
	unsigned int type = call->type & TYPE_MASK;

	return type == SOCK_RAW ||
	       (type == SOCK_DGRAM && (call->protocol == IPPROTO_ICMP ||
				       call->protocol == IPPROTO_ICMPV6));
}

/* Raw sockets and pings are Linux's where the module has none. */
bool module_has_none(const struct call *call, int error)
{
	return needs_identity(call) &&
	       (error == -EPROTONOSUPPORT || error == -ESOCKTNOSUPPORT);
}
