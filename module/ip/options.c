// SPDX-License-Identifier: GPL-2.0
/*
 * IP options (RFC 791 section 3.1, RFC 1122 section 3.2.1.8, RFC 1812 section
 * 5.3.13; router alert: RFC 2113): looked through once when a packet comes in,
 * filled in where this host's address or time is asked for; and those that
 * programs send.
 *
 * Source routing lets a sender choose a way that no table of routes would: it
 * is not taken part in.
 *
 * Locks on entry: none; softirq, rcu_read_lock().
 */
#include <linux/icmp.h>
#include <linux/math64.h>
#include <linux/timekeeping.h>
#include <net/ip.h>

#include "ip_int.h"

/* Where the pointer of record route and of timestamp is, and starts. */
#define OPT_PTR		2
#define OPT_RR_FIRST	4
#define OPT_TS_FIRST	5
#define OPT_TS_FLAGS	3
#define OPT_RA_LEN	4

#define OPT_TS_TYPE(flags)	((flags) & 0xf)
#define OPT_TS_OVERFLOW(flags)	((flags) >> 4)

unsigned int mini_option_len(const u8 *opt, unsigned int left)
{
	if (!left || *opt == IPOPT_END)
		return 0;
	if (*opt == IPOPT_NOOP)
		return 1;
	return left < 2 || opt[1] < 2 || opt[1] > left ? 0 : opt[1];
}

/* Octets of one entry of a timestamp option; 0: there is no such kind. */
static unsigned int opt_ts_entry(u8 flags)
{
	switch (OPT_TS_TYPE(flags)) {
	case IPOPT_TS_TSONLY:
		return 4;
	case IPOPT_TS_TSANDADDR:
	case IPOPT_TS_PRESPEC:
		return 8;
	default:
		return 0;
	}
}

/* Which octet of the option is wrong?  0: none. */
static unsigned int opt_check_rr(const u8 *opt, unsigned int len)
{
	if (len < 3)
		return 1;
	if (opt[OPT_PTR] < OPT_RR_FIRST)
		return OPT_PTR;
	/* Full, or room for a whole address. */
	if (opt[OPT_PTR] <= len && opt[OPT_PTR] + 3 > len)
		return OPT_PTR;
	return 0;
}

static unsigned int opt_check_ts(const u8 *opt, unsigned int len)
{
	unsigned int entry;

	if (len < 4)
		return 1;
	if (opt[OPT_PTR] < OPT_TS_FIRST)
		return OPT_PTR;
	if (opt[OPT_PTR] > len)
		/* It can be counted no more how many found no room. */
		return OPT_TS_OVERFLOW(opt[OPT_TS_FLAGS]) == 15 ?
		       OPT_TS_FLAGS : 0;
	entry = opt_ts_entry(opt[OPT_TS_FLAGS]);
	return entry && opt[OPT_PTR] + entry - 1 > len ? OPT_PTR : 0;
}

enum mini_drop_reason mini_options_check(const u8 *opts, unsigned int left,
					 unsigned int *pointer)
{
	const u8 *opt = opts;
	unsigned int bad;
	unsigned int len;

	for (; left; opt += len, left -= len) {
		if (*opt == IPOPT_END)
			return 0;
		len = mini_option_len(opt, left);
		if (!len) {
			*pointer = sizeof(struct iphdr) + (opt - opts);
			return MINI_DROP_IP_OPTIONS;
		}
		bad = 0;
		switch (*opt) {
		case IPOPT_SSRR:
		case IPOPT_LSRR:
			*pointer = 0;
			return MINI_DROP_IP_SOURCE_ROUTE;
		case IPOPT_RR:
			bad = opt_check_rr(opt, len);
			break;
		case IPOPT_TIMESTAMP:
			bad = opt_check_ts(opt, len);
			break;
		case IPOPT_RA:
			bad = len < OPT_RA_LEN;
			break;
		}
		if (bad) {
			*pointer = sizeof(struct iphdr) + (opt - opts) + bad;
			return MINI_DROP_IP_OPTIONS;
		}
	}
	return 0;
}

/* One option; *@seen: the kinds that may be there once, as bits. */
static int opt_check_user(const u8 *opt, unsigned int len, bool raw, u32 *seen)
{
	u32 kind = BIT(*opt & 0x1f);

	switch (*opt) {
	case IPOPT_SSRR:
	case IPOPT_LSRR:
		/* One whole address at least, and none behind it by now. */
		if (len < 7 || opt[OPT_PTR] != OPT_RR_FIRST || (len - 3) % 4)
			return -EINVAL;
		return raw ? -EOPNOTSUPP : -EPERM;
	case IPOPT_RR:
		if (opt_check_rr(opt, len) || *seen & kind)
			return -EINVAL;
		*seen |= kind;
		return 0;
	case IPOPT_TIMESTAMP:
		if (opt_check_ts(opt, len) || *seen & kind)
			return -EINVAL;
		*seen |= kind;
		/* Of a type that nobody knows. */
		return opt_ts_entry(opt[OPT_TS_FLAGS]) || raw ? 0 : -EINVAL;
	case IPOPT_RA:
		return len < OPT_RA_LEN ? -EINVAL : 0;
	case IPOPT_CIPSO:
		/* No domain of interpretation is known here. */
		return -EINVAL;
	default:
		return raw ? 0 : -EINVAL;
	}
}

int mini_options_user(struct mini_ip_opts *opts, unsigned int len, bool raw)
{
	unsigned int left;
	u8 *opt = opts->data;
	unsigned int step;
	u32 seen = 0;
	int err;

	for (; len % 4; len++)
		opt[len] = IPOPT_END;
	opts->len = len;
	for (left = len; left; opt += step, left -= step) {
		if (*opt == IPOPT_END) {
			memset(opt, IPOPT_END, left);
			return 0;
		}
		step = mini_option_len(opt, left);
		if (!step)
			return -EINVAL;
		if (*opt == IPOPT_NOOP)
			continue;
		err = opt_check_user(opt, step, raw, &seen);
		if (err)
			return err;
	}
	return 0;
}

static void opt_record_rr(u8 *opt, unsigned int len, __be32 addr)
{
	if (opt[OPT_PTR] > len)
		return;
	memcpy(opt + opt[OPT_PTR] - 1, &addr, 4);
	opt[OPT_PTR] += 4;
}

__be32 mini_options_time(void)
{
	struct timespec64 now;
	u32 second;

	ktime_get_real_ts64(&now);
	div_u64_rem(now.tv_sec, 24 * 60 * 60, &second);
	return htonl(second * MSEC_PER_SEC + now.tv_nsec / NSEC_PER_MSEC);
}

static void opt_record_ts(struct mini_net *mn, u8 *opt, unsigned int len,
			  __be32 addr)
{
	u8 *entry = opt + opt[OPT_PTR] - 1;
	struct in6_addr named;
	__be32 now;
	__be32 v4;

	if (opt[OPT_PTR] > len) {
		opt[OPT_TS_FLAGS] += 0x10;
		return;
	}
	switch (OPT_TS_TYPE(opt[OPT_TS_FLAGS])) {
	case IPOPT_TS_TSANDADDR:
		memcpy(entry, &addr, 4);
		entry += 4;
		opt[OPT_PTR] += 4;
		break;
	case IPOPT_TS_PRESPEC:
		/* Only whom the sender named. */
		memcpy(&v4, entry, 4);
		mini_addr_set_v4(&named, v4);
		if (mini_addr_type(mn, &named) != MINI_ROUTE_LOCAL)
			return;
		entry += 4;
		opt[OPT_PTR] += 4;
		break;
	case IPOPT_TS_TSONLY:
		break;
	default:
		return;
	}
	now = mini_options_time();
	memcpy(entry, &now, 4);
	opt[OPT_PTR] += 4;
}

bool mini_options_alert(const struct iphdr *iph)
{
	unsigned int left = iph->ihl * 4 - sizeof(*iph);
	const u8 *opt = (const u8 *)(iph + 1);
	unsigned int len;

	for (; (len = mini_option_len(opt, left)); opt += len, left -= len) {
		/* RFC 2113 section 2.1: of the values only 0 has a meaning. */
		if (*opt == IPOPT_RA && !opt[2] && !opt[3])
			return true;
	}
	return false;
}

void mini_options_record(struct mini_net *mn, struct iphdr *iph, __be32 addr)
{
	unsigned int left = iph->ihl * 4 - sizeof(*iph);
	u8 *opt = (u8 *)(iph + 1);
	unsigned int len;

	for (; (len = mini_option_len(opt, left)); opt += len, left -= len) {
		if (*opt == IPOPT_RR)
			opt_record_rr(opt, len, addr);
		else if (*opt == IPOPT_TIMESTAMP)
			opt_record_ts(mn, opt, len, addr);
	}
	ip_send_check(iph);
}

void mini_options_answer(struct iphdr *iph)
{
	unsigned int left = iph->ihl * 4 - sizeof(*iph);
	u8 *opt = (u8 *)(iph + 1);
	unsigned int len;

	for (; (len = mini_option_len(opt, left)); opt += len, left -= len) {
		/* What the answer's sender has not asked for. */
		if (*opt != IPOPT_RR && *opt != IPOPT_TIMESTAMP)
			memset(opt, IPOPT_NOOP, len);
	}
	/* Whatever stands behind the end is not ours to send. */
	memset(opt, IPOPT_END, left);
}
