// SPDX-License-Identifier: GPL-2.0
/*
 * IGMP of a host (RFC 3376; RFC 2236 and RFC 1112 while an older querier is
 * present): queries in, and which report is due when.
 *
 * One timer a device.  Each group has its own time to answer; a change is told
 * at once, and again robustness variable - 1 times at random moments.
 *
 * Locks on entry: rcu_read_lock(), softirq, for packets; the device's group
 * lock where igmp.h says so.
 */
#include <linux/random.h>
#include <linux/slab.h>

#include "igmp.h"

u32 mini_igmp_code(u8 code)
{
	if (code < 128)
		return code;
	return (u32)(0x10 | (code & 0xf)) << (((code >> 4) & 7) + 3);
}

static unsigned long igmp_tenths(u32 tenths)
{
	return max(1UL, msecs_to_jiffies(tenths * 100));
}

/* Uniform in [1, max]. */
static unsigned long igmp_random(unsigned long max, u32 random)
{
	return 1 + (unsigned long)(((u64)max * random) >> 32);
}

bool mini_igmp_parse(const void *data, unsigned int len,
		     struct mini_igmp_query *q)
{
	const struct igmpv3_query *h3 = data;
	const struct igmphdr *h = data;

	memset(q, 0, sizeof(*q));
	if (len < sizeof(*h) || h->type != IGMP_HOST_MEMBERSHIP_QUERY)
		return false;
	if (h->group) {
		if (!ipv4_is_multicast(h->group))
			return false;
		mini_addr_set_v4(&q->group, h->group);
	}
	if (len == sizeof(*h)) {
		q->version = h->code ? 2 : 1;
		q->max_resp = h->code ? igmp_tenths(h->code) :
			      MINI_IGMP_V1_RESPONSE * HZ;
		return true;
	}
	if (len < sizeof(*h3) ||
	    len < sizeof(*h3) + ntohs(h3->nsrcs) * sizeof(__be32))
		return false;
	q->version = 3;
	q->max_resp = igmp_tenths(mini_igmp_code(h3->code));
	q->qrv = h3->qrv;
	q->interval = mini_igmp_code(h3->qqic);
	q->n = ntohs(h3->nsrcs);
	q->src = h3->srcs;
	/* Sources of all groups: there is no such query. */
	return h->group || !q->n;
}

u8 mini_igmp_qrv(const struct mini_mc_dev *mc)
{
	return mc->qrv ? mc->qrv : READ_ONCE(mc->mdev->mn->sysctl.igmp_qrv);
}

/* Is a querier of version @v (1 or 2) present? */
static bool igmp_old(struct mini_mc_dev *mc, int v, unsigned long now)
{
	if (mc->old[v - 1] && time_after_eq(now, mc->old_until[v - 1]))
		mc->old[v - 1] = false;
	return mc->old[v - 1];
}

u8 mini_igmp_version(struct mini_mc_dev *mc, unsigned long now)
{
	int forced = READ_ONCE(mc->mdev->mn->sysctl.force_igmp_version);

	if (forced)
		return forced;
	if (igmp_old(mc, 1, now))
		return 1;
	return igmp_old(mc, 2, now) ? 2 : 3;
}

static void igmp_unask(struct mini_mc_group *g)
{
	struct mini_mc_source *s;

	list_for_each_entry(s, &g->sources, list)
		s->asked = false;
	g->n_asked = 0;
}

/* RFC 3376 section 7.2.1: with the version all that is under way changes. */
static void igmp_cancel(struct mini_mc_dev *mc)
{
	struct mini_mc_source *s;
	struct mini_mc_group *g;

	mc->answer = false;
	mc->change = false;
	for (g = mini_mc_next(mc, NULL); g; g = mini_mc_next(mc, g)) {
		g->pending = false;
		g->repeats = 0;
		list_for_each_entry(s, &g->sources, list)
			s->repeats = 0;
		igmp_unask(g);
	}
	mini_mc_prune(mc);
}

void mini_igmp_forget(struct mini_mc_dev *mc)
{
	struct mini_mc_group *g;

	memset(mc->old, 0, sizeof(mc->old));
	mc->qrv = 0;
	mc->interval = MINI_IGMP_QUERY_INTERVAL;
	for (g = mini_mc_next(mc, NULL); g; g = mini_mc_next(mc, g))
		g->reporter = false;
	igmp_cancel(mc);
}

/* What a query tells of who sent it. */
static void igmp_querier(struct mini_mc_dev *mc,
			 const struct mini_igmp_query *q, unsigned long now)
{
	u8 version = mini_igmp_version(mc, now);
	unsigned long until;

	if (q->version == 3) {
		mc->qrv = q->qrv;
		if (q->interval)
			mc->interval = q->interval;
		return;
	}
	/* Section 8.12: how long it counts as present. */
	until = now + (unsigned long)mini_igmp_qrv(mc) * mc->interval * HZ +
		q->max_resp;
	mc->old[q->version - 1] = true;
	mc->old_until[q->version - 1] = until;
	if (mini_igmp_version(mc, now) != version)
		igmp_cancel(mc);
}

/* @due at the earlier of what it was and @at. */
static void igmp_earlier(bool pending, unsigned long *due, unsigned long at)
{
	if (!pending || time_before(at, *due))
		*due = at;
}

/* False: there are too many, or no memory; the group is asked for as a whole. */
static bool igmp_ask(struct mini_mc_group *g, const struct mini_igmp_query *q)
{
	struct mini_mc_source *s;
	struct in6_addr addr;
	unsigned int i;

	if (g->n_asked + q->n > MINI_IGMP_ASKED_MAX)
		return false;
	for (i = 0; i < q->n; i++) {
		mini_addr_set_v4(&addr, q->src[i]);
		s = mini_mc_source_find(g, &addr);
		if (!s) {
			s = kzalloc(sizeof(*s), GFP_ATOMIC);
			if (!s)
				return false;
			s->addr = addr;
			list_add_tail_rcu(&s->list, &g->sources);
		}
		if (!s->asked)
			g->n_asked++;
		s->asked = true;
	}
	return true;
}

/* RFC 3376 section 5.2, rules 3 to 5. */
static void igmp_query_group(struct mini_mc_group *g,
			     const struct mini_igmp_query *q, unsigned long at)
{
	bool whole = g->pending && !g->n_asked;

	if (!q->n || whole || !igmp_ask(g, q))
		igmp_unask(g);
	igmp_earlier(g->pending, &g->due, at);
	g->pending = true;
}

/* Older versions answer for each group at a random time of its own. */
static unsigned long igmp_spread(const struct mini_mc_group *g,
				 unsigned long now, unsigned long max_resp,
				 u32 random)
{
	return now + igmp_random(max_resp, hash_32(random ^
				 (__force u32)mini_addr_v4(&g->addr), 32));
}

void mini_igmp_query_in(struct mini_mc_dev *mc, const struct mini_igmp_query *q,
			unsigned long now, u32 random)
{
	struct mini_igmp_query whole = *q;
	bool general = mini_addr_any(&q->group);
	unsigned long max_resp = q->max_resp;
	struct mini_mc_group *g;
	unsigned long at;
	u8 version;

	igmp_querier(mc, q, now);
	version = mini_igmp_version(mc, now);
	if (version == 1)
		max_resp = MINI_IGMP_V1_RESPONSE * HZ;
	at = now + igmp_random(max_resp, random);
	if (version < 3) {
		whole.n = 0;
		for (g = mini_mc_next(mc, NULL); g; g = mini_mc_next(mc, g)) {
			if (mini_mc_users(g) && !mini_mc_silent(g) &&
			    (general || mini_addr_equal(&g->addr, &q->group)))
				igmp_query_group(g, &whole,
						 igmp_spread(g, now, max_resp,
							     random));
		}
		return;
	}
	/* Rule 1: an answer about all is sooner. */
	if (mc->answer && time_before_eq(mc->answer_due, at))
		return;
	if (general) {
		mc->answer = true;
		mc->answer_due = at;
		return;
	}
	g = mini_mc_find(mc, &q->group);
	if (g && mini_mc_users(g) && !mini_mc_silent(g))
		igmp_query_group(g, q, at);
}

void mini_igmp_report_in(struct mini_mc_dev *mc, const struct in6_addr *group,
			 unsigned long now)
{
	struct mini_mc_group *g = mini_mc_find(mc, group);

	if (!g || mini_igmp_version(mc, now) == 3)
		return;
	g->pending = false;
	g->reporter = false;
}

/* Sources of a record, RFC 3376 sections 4.2.12 and 5.1. */
static bool igmp_pick_listed(const struct mini_mc_group *g,
			     const struct mini_mc_source *s)
{
	return mini_mc_listed(g, s);
}

static bool igmp_pick_none(const struct mini_mc_group *g,
			   const struct mini_mc_source *s)
{
	return false;
}

static bool igmp_passes(const struct mini_mc_group *g,
			const struct mini_mc_source *s)
{
	return mini_mc_listed(g, s) == (mini_mc_mode(g) == MCAST_INCLUDE);
}

static bool igmp_pick_asked(const struct mini_mc_group *g,
			    const struct mini_mc_source *s)
{
	return s->asked && igmp_passes(g, s);
}

static bool igmp_pick_allow(const struct mini_mc_group *g,
			    const struct mini_mc_source *s)
{
	return s->repeats && igmp_passes(g, s);
}

static bool igmp_pick_block(const struct mini_mc_group *g,
			    const struct mini_mc_source *s)
{
	return s->repeats && !igmp_passes(g, s);
}

/* Section 4.2.12: IS_EX also says "all", with no source; IS_IN needs some. */
static void igmp_put_current(struct mini_igmp_out *out,
			     const struct mini_mc_group *g)
{
	bool exclude = mini_mc_mode(g) == MCAST_EXCLUDE;

	mini_igmp_put(out, g, exclude ? IGMPV3_MODE_IS_EXCLUDE :
					IGMPV3_MODE_IS_INCLUDE,
		      igmp_pick_listed, exclude);
}

static void igmp_put_change(struct mini_igmp_out *out,
			    const struct mini_mc_group *g)
{
	bool exclude = mini_mc_mode(g) == MCAST_EXCLUDE;

	if (g->repeats) {
		mini_igmp_put(out, g, exclude ? IGMPV3_CHANGE_TO_EXCLUDE :
						IGMPV3_CHANGE_TO_INCLUDE,
			      igmp_pick_listed, true);
		return;
	}
	mini_igmp_put(out, g, IGMPV3_ALLOW_NEW_SOURCES, igmp_pick_allow, false);
	mini_igmp_put(out, g, IGMPV3_BLOCK_OLD_SOURCES, igmp_pick_block, false);
}

/* One telling less; true: there is more to tell. */
static bool igmp_told(struct mini_mc_group *g)
{
	struct mini_mc_source *s;
	bool more = false;

	if (g->repeats)
		more = --g->repeats;
	list_for_each_entry(s, &g->sources, list) {
		if (s->repeats && --s->repeats)
			more = true;
	}
	return more;
}

static void igmp_tell_all(struct mini_mc_group *g)
{
	struct mini_mc_source *s;

	g->repeats = 0;
	list_for_each_entry(s, &g->sources, list)
		s->repeats = 0;
}

bool mini_igmp_has_change(const struct mini_mc_group *g)
{
	const struct mini_mc_source *s;

	if (g->repeats)
		return true;
	list_for_each_entry(s, &g->sources, list) {
		if (s->repeats)
			return true;
	}
	return false;
}

static void igmp_put_old(struct mini_mc_dev *mc, struct mini_mc_group *g,
			 u8 version, struct sk_buff_head *list)
{
	mini_igmp_put_old(mc->mdev, list, version == 1 ?
			  IGMP_HOST_MEMBERSHIP_REPORT :
			  IGMPV2_HOST_MEMBERSHIP_REPORT, &g->addr);
	g->reporter = true;
}

/* Version 1 has no word for it; others will say who reported last. */
static void igmp_leave_old(struct mini_mc_dev *mc, struct mini_mc_group *g,
			   u8 version, struct sk_buff_head *list)
{
	if (version == 2 && g->reporter)
		mini_igmp_put_old(mc->mdev, list, IGMP_HOST_LEAVE_MESSAGE,
				  &g->addr);
	g->reporter = false;
}

/* A change as older versions tell it; true: there is more to tell. */
static bool igmp_change_old(struct mini_mc_dev *mc, struct mini_mc_group *g,
			    u8 version, struct sk_buff_head *list)
{
	if (mini_mc_users(g)) {
		igmp_put_old(mc, g, version, list);
		return igmp_told(g);
	}
	igmp_leave_old(mc, g, version, list);
	igmp_tell_all(g);
	return false;
}

/* Changes of all groups; true: there is more to tell. */
static bool igmp_run_changes(struct mini_mc_dev *mc, u8 version,
			     struct mini_igmp_out *out)
{
	struct mini_mc_group *g;
	bool more = false;

	for (g = mini_mc_next(mc, NULL); g; g = mini_mc_next(mc, g)) {
		if (!mini_igmp_has_change(g))
			continue;
		if (version < 3) {
			more |= igmp_change_old(mc, g, version, out->list);
			continue;
		}
		igmp_put_change(out, g);
		more |= igmp_told(g);
	}
	return more;
}

static void igmp_run_group(struct mini_mc_dev *mc, struct mini_mc_group *g,
			   u8 version, struct mini_igmp_out *out)
{
	g->pending = false;
	if (!mini_mc_users(g)) {
		/* Whoever asked has its answer in the change. */
	} else if (version < 3) {
		igmp_put_old(mc, g, version, out->list);
	} else if (g->n_asked) {
		mini_igmp_put(out, g, IGMPV3_MODE_IS_INCLUDE, igmp_pick_asked,
			      false);
	} else {
		igmp_put_current(out, g);
	}
	igmp_unask(g);
}

/* What is due; false: it is not pending.  Else *next is the earliest. */
static void igmp_next(bool pending, unsigned long due, bool *any,
		      unsigned long *next)
{
	if (pending && (!*any || time_before(due, *next))) {
		*any = true;
		*next = due;
	}
}

bool mini_igmp_run(struct mini_mc_dev *mc, unsigned long now, u32 random,
		   struct sk_buff_head *list, unsigned long *next)
{
	u8 version = mini_igmp_version(mc, now);
	unsigned long again = version == 3 ? MINI_IGMP_UNSOLICITED * HZ :
			      MINI_IGMP_V2_UNSOLICITED * HZ;
	struct mini_igmp_out out;
	struct mini_mc_group *g;
	bool any = false;

	mini_igmp_out_init(&out, mc->mdev, list);
	if (mc->change && time_after_eq(now, mc->change_due)) {
		mc->change = igmp_run_changes(mc, version, &out);
		mc->change_due = now + igmp_random(again, random);
		/* Changes and answers are reports apart. */
		mini_igmp_out_end(&out);
	}
	if (mc->answer && time_after_eq(now, mc->answer_due)) {
		mc->answer = false;
		for (g = mini_mc_next(mc, NULL); g; g = mini_mc_next(mc, g)) {
			if (mini_mc_users(g) && !mini_mc_silent(g))
				igmp_put_current(&out, g);
		}
	}
	for (g = mini_mc_next(mc, NULL); g; g = mini_mc_next(mc, g)) {
		if (g->pending && time_after_eq(now, g->due))
			igmp_run_group(mc, g, version, &out);
		igmp_next(g->pending, g->due, &any, next);
	}
	mini_igmp_out_end(&out);
	mini_mc_prune(mc);
	igmp_next(mc->change, mc->change_due, &any, next);
	igmp_next(mc->answer, mc->answer_due, &any, next);
	return any;
}

void mini_igmp_kick(struct mini_mc_dev *mc)
{
	struct sk_buff_head list;
	unsigned long next;

	__skb_queue_head_init(&list);
	spin_lock_bh(&mc->lock);
	if (!mc->dead &&
	    mini_igmp_run(mc, jiffies, get_random_u32(), &list, &next))
		mod_timer(&mc->timer, next);
	spin_unlock_bh(&mc->lock);
	mini_igmp_send(mc->mdev, &list);
}

void mini_igmp_timer(struct timer_list *t)
{
	struct mini_mc_dev *mc = timer_container_of(mc, t, timer);

	mini_igmp_kick(mc);
}

void mini_igmp_farewell(struct mini_mc_dev *mc)
{
	struct mini_igmp_out out;
	struct sk_buff_head list;
	struct mini_mc_group *g;
	u8 version;

	__skb_queue_head_init(&list);
	spin_lock_bh(&mc->lock);
	version = mini_igmp_version(mc, jiffies);
	mini_igmp_out_init(&out, mc->mdev, &list);
	for (g = mini_mc_next(mc, NULL); g; g = mini_mc_next(mc, g)) {
		if (!mini_mc_users(g) || mini_mc_silent(g))
			continue;
		if (version < 3)
			igmp_leave_old(mc, g, version, &list);
		else
			mini_igmp_put(&out, g, IGMPV3_CHANGE_TO_INCLUDE,
				      igmp_pick_none, true);
	}
	mini_igmp_out_end(&out);
	mc->change = false;
	spin_unlock_bh(&mc->lock);
	mini_igmp_send(mc->mdev, &list);
}

static enum mini_drop_reason igmp_query_rcv(struct mini_rx *rx,
					    struct mini_mc_dev *mc,
					    const struct sk_buff *skb)
{
	struct mini_igmp_query q;

	mini_inc(rx->mn, MINI_MIB_IGMP_IN_QUERIES);
	if (!mini_igmp_parse(skb->data, skb->len, &q))
		return MINI_DROP_IGMP_QUERY;
	spin_lock(&mc->lock);
	if (!mc->dead)
		mini_igmp_query_in(mc, &q, jiffies, get_random_u32());
	spin_unlock(&mc->lock);
	mini_igmp_kick(mc);
	return 0;
}

static void igmp_report_rcv(struct mini_rx *rx, struct mini_mc_dev *mc,
			    const struct igmphdr *h)
{
	struct in6_addr group;

	mini_inc(rx->mn, MINI_MIB_IGMP_IN_REPORTS);
	mini_addr_set_v4(&group, h->group);
	spin_lock(&mc->lock);
	mini_igmp_report_in(mc, &group, jiffies);
	spin_unlock(&mc->lock);
}

static enum mini_drop_reason igmp_take(struct mini_rx *rx, struct sk_buff *skb)
{
	struct mini_mc_dev *mc = rcu_dereference(rx->mdev->mc);
	const struct igmphdr *h;

	if (skb->len < sizeof(*h) || skb_linearize(skb))
		return MINI_DROP_IGMP_SHORT;
	if (skb_checksum_simple_validate(skb))
		return MINI_DROP_IGMP_CSUM;
	if (!mc)
		return 0;
	h = (const struct igmphdr *)skb->data;
	switch (h->type) {
	case IGMP_HOST_MEMBERSHIP_QUERY:
		return igmp_query_rcv(rx, mc, skb);
	case IGMP_HOST_MEMBERSHIP_REPORT:
	case IGMPV2_HOST_MEMBERSHIP_REPORT:
		igmp_report_rcv(rx, mc, h);
	}
	/* What is for routers is none of a host's business. */
	return 0;
}

static void mini_igmp_rcv(struct mini_rx *rx, struct sk_buff *skb)
{
	enum mini_drop_reason reason = igmp_take(rx, skb);

	if (reason)
		mini_drop(rx->mn, skb, reason);
	else
		consume_skb(skb);
}

static const struct mini_proto igmp_proto = {
	.protocol	= IPPROTO_IGMP,
	.rcv		= mini_igmp_rcv,
};

void mini_igmp_init(void)
{
	mini_ip_register(&igmp_proto);
}
