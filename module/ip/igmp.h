/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The inside of multicast: a device's groups, and IGMP's timers on them.
 *
 *	mcast.c		members, their filters merged; who may be heard
 *	igmp.c		queries in; which report is due when
 *	igmp_report.c	reports, written and sent
 *
 * Time is a parameter (jiffies): one timer a device runs what is due, and
 * tests run it without.
 */
#ifndef _MINI_IGMP_H
#define _MINI_IGMP_H

#include <linux/igmp.h>

#include "ip_int.h"
#include "mcast.h"

#define MINI_MC_HASH_BITS	6

/* Sources that queries asked about, more than a group keeps: asked for all. */
#define MINI_IGMP_ASKED_MAX	256

/* Seconds, RFC 3376 section 8, RFC 2236 section 8 */
#define MINI_IGMP_QUERY_INTERVAL	125
#define MINI_IGMP_UNSOLICITED		1
#define MINI_IGMP_V2_UNSOLICITED	10
#define MINI_IGMP_V1_RESPONSE		10

/**
 * struct mini_mc_source - a source that some member names, or a query
 * @list: in its group, RCU
 * @addr: the source
 * @users: members that name it, by their filter's mode
 * @repeats: in how many more reports its change is told
 * @was: it passed before the change under way
 * @asked: a query that is to be answered names it
 * @rcu: frees it
 */
struct mini_mc_source {
	struct list_head list;
	struct in6_addr addr;
	unsigned int users[2];
	u8 repeats;
	bool was;
	bool asked;
	struct rcu_head rcu;
};

/**
 * struct mini_mc_group - a group on a device; without members it stays until
 * its end has been told
 * @node: in its device's table, RCU
 * @addr: the group
 * @users: members, by their filter's mode
 * @sources: struct mini_mc_source
 * @repeats: in how many more reports a change of its mode is told
 * @pending: an answer to a query is due at @due
 * @reporter: of versions 1 and 2: this host was the last to report it
 * @n_asked: sources with @asked; 0: the whole group was asked for
 * @due: jiffies
 * @rcu: frees it
 */
struct mini_mc_group {
	struct hlist_node node;
	struct in6_addr addr;
	unsigned int users[2];
	struct list_head sources;
	u8 repeats;
	bool pending;
	bool reporter;
	unsigned int n_asked;
	unsigned long due;
	struct rcu_head rcu;
};

/**
 * struct mini_mc_dev - a device's groups
 * @mdev: the device, referenced
 * @kept: in mini_ip_net.mc_kept while the device is detached
 * @lock: guards all that follows; BH
 * @groups: struct mini_mc_group by hash; read under RCU
 * @timer: runs mini_igmp_run()
 * @dead: the device is detached
 * @answer: a general query is to be answered at @answer_due
 * @change: a change is to be told at @change_due
 * @old: versions 1 and 2: their querier is present until @old_until
 * @qrv: robustness variable that the querier told, 0: none did
 * @interval: its query interval, seconds
 * @rcu: frees it
 */
struct mini_mc_dev {
	struct mini_dev *mdev;
	struct list_head kept;
	spinlock_t lock;	/* guards what follows, BH */
	struct hlist_head groups[1 << MINI_MC_HASH_BITS];
	struct timer_list timer;
	bool dead;
	bool answer;
	bool change;
	bool old[2];
	unsigned long answer_due;
	unsigned long change_due;
	unsigned long old_until[2];
	u8 qrv;
	u32 interval;
	struct rcu_head rcu;
};

static inline unsigned int mini_mc_users(const struct mini_mc_group *g)
{
	return READ_ONCE(g->users[MCAST_EXCLUDE]) +
	       READ_ONCE(g->users[MCAST_INCLUDE]);
}

/* All members' wishes together, RFC 3376 section 3.2. */
static inline u8 mini_mc_mode(const struct mini_mc_group *g)
{
	return READ_ONCE(g->users[MCAST_EXCLUDE]) ? MCAST_EXCLUDE :
						    MCAST_INCLUDE;
}

/* Is a source in the list that belongs to the mode? */
static inline bool mini_mc_listed(const struct mini_mc_group *g,
				  const struct mini_mc_source *s)
{
	unsigned int all = READ_ONCE(g->users[MCAST_EXCLUDE]);

	if (!all)
		return READ_ONCE(s->users[MCAST_INCLUDE]);
	return READ_ONCE(s->users[MCAST_EXCLUDE]) == all &&
	       !READ_ONCE(s->users[MCAST_INCLUDE]);
}

/* RFC 3376 section 6: nobody is told of all-hosts. */
static inline bool mini_mc_silent(const struct mini_mc_group *g)
{
	return mini_addr_v4(&g->addr) == htonl(INADDR_ALLHOSTS_GROUP);
}

/**
 * mini_mc_next() - walk a device's groups
 * @mc: the device's groups
 * @g: the group before, NULL: begin
 *
 * Context: the device's lock or rcu_read_lock().  Return: a group, or NULL.
 */
struct mini_mc_group *mini_mc_next(const struct mini_mc_dev *mc,
				   const struct mini_mc_group *g);

/* mcast.c; the device's lock is held */
struct mini_mc_group *mini_mc_find(struct mini_mc_dev *mc,
				   const struct in6_addr *addr);
struct mini_mc_source *mini_mc_source_find(struct mini_mc_group *g,
					   const struct in6_addr *addr);

/* Forget sources and groups that nobody wants and nobody is to be told of. */
void mini_mc_prune(struct mini_mc_dev *mc);

/* A device's groups: made, for tests too; freed with what is in them. */
struct mini_mc_dev *mini_mc_alloc(struct mini_dev *mdev);
void mini_mc_free(struct mini_mc_dev *mc);

/*
 * mini_mc_change() without a device: the tables alone.  Return: -ENOBUFS, or
 * whether the group's first member came (1), its last one went (-1), or neither.
 */
int mini_mc_apply(struct mini_mc_dev *mc, const struct in6_addr *group,
		  const struct mini_mc_filter *old,
		  const struct mini_mc_filter *new, int *joined);

/*
 * mcast.c; RTNL held.  Members stay when the device goes: they are heard again
 * when one of its index is attached.
 */
int mini_mc_attach(struct mini_dev *mdev);
void mini_mc_detach(struct mini_dev *mdev);
/* The instance ends. */
void mini_mc_kept_free(struct mini_ip_net *ip);
/* The device came up: tell routers all. */
void mini_mc_up(struct mini_dev *mdev);

/**
 * mini_mc_accepts() - is a packet to a group for this host?
 * @mdev: the device it came in by
 * @group: its destination
 * @src: its source
 * @proto: IGMP's are taken whatever members think of their source
 *
 * Context: rcu_read_lock().
 */
bool mini_mc_accepts(const struct mini_dev *mdev, const struct in6_addr *group,
		     const struct in6_addr *src, u8 proto);

/* igmp.c */

/**
 * struct mini_igmp_query - a query, checked
 * @group: the group it asks about, unspecified: all
 * @version: 1 to 3
 * @max_resp: jiffies within which to answer
 * @qrv: robustness variable, 0: not told
 * @interval: query interval, seconds; version 3 alone
 * @n: number of sources
 * @src: them
 */
struct mini_igmp_query {
	struct in6_addr group;
	u8 version;
	unsigned long max_resp;
	u8 qrv;
	u32 interval;
	unsigned int n;
	const __be32 *src;
};

/**
 * mini_igmp_parse() - a query's fields
 * @data: IGMP message, contiguous
 * @len: octets
 * @q: receives them
 *
 * Return: false if it is none that RFC 3376 section 7.1 knows.
 */
bool mini_igmp_parse(const void *data, unsigned int len,
		     struct mini_igmp_query *q);

/* RFC 3376 section 4.1.1: a code of eight bits and its meaning. */
u32 mini_igmp_code(u8 code);

/* Is there anything of a group to tell?  The lock is held. */
bool mini_igmp_has_change(const struct mini_mc_group *g);

/* How often to repeat, and which version to speak, now. */
u8 mini_igmp_qrv(const struct mini_mc_dev *mc);
u8 mini_igmp_version(struct mini_mc_dev *mc, unsigned long now);

/**
 * mini_igmp_query_in() - a query came in: when is it answered? (RFC 3376
 * section 5.2, 7.2)
 * @mc: the device's groups
 * @q: the query
 * @now: jiffies
 * @random: 32 random bits
 *
 * Context: the lock is held.
 */
void mini_igmp_query_in(struct mini_mc_dev *mc, const struct mini_igmp_query *q,
			unsigned long now, u32 random);

/* Another host reported a group: versions 1 and 2 need no second report. */
void mini_igmp_report_in(struct mini_mc_dev *mc, const struct in6_addr *group,
			 unsigned long now);

/**
 * mini_igmp_run() - do what is due
 * @mc: the device's groups
 * @now: jiffies
 * @random: 32 random bits
 * @out: receives reports to send
 * @next: receives when to come again
 *
 * Context: the lock is held.  Return: whether to come again.
 */
bool mini_igmp_run(struct mini_mc_dev *mc, unsigned long now, u32 random,
		   struct sk_buff_head *out, unsigned long *next);

/* Do what is due, send it, arm the timer.  Any context, no lock held. */
void mini_igmp_kick(struct mini_mc_dev *mc);
void mini_igmp_timer(struct timer_list *t);

/* Says that all groups end, at once and once; no lock held. */
void mini_igmp_farewell(struct mini_mc_dev *mc);

/* The link is gone, and with it what its queriers said; the lock is held. */
void mini_igmp_forget(struct mini_mc_dev *mc);

void mini_igmp_init(void);

/* igmp_report.c */

/**
 * struct mini_igmp_out - reports of version 3 that are being written
 * @list: finished ones
 * @skb: the one at hand, NULL: none
 * @room: octets that one may have
 */
struct mini_igmp_out {
	struct sk_buff_head *list;
	struct sk_buff *skb;
	unsigned int room;
};

/* Which sources of a group a record names. */
typedef bool (*mini_igmp_pick_t)(const struct mini_mc_group *g,
				 const struct mini_mc_source *s);

void mini_igmp_out_init(struct mini_igmp_out *out, const struct mini_dev *mdev,
			struct sk_buff_head *list);
void mini_igmp_out_end(struct mini_igmp_out *out);

/**
 * mini_igmp_put() - one group's record, or as many as its sources need
 * @out: where to
 * @g: the group
 * @type: IGMPV3_*
 * @pick: which sources
 * @empty: also without any
 */
void mini_igmp_put(struct mini_igmp_out *out, const struct mini_mc_group *g,
		   u8 type, mini_igmp_pick_t pick, bool empty);

/* A message of version 1 or 2: type and group. */
void mini_igmp_put_old(const struct mini_dev *mdev, struct sk_buff_head *list,
		       u8 type, const struct in6_addr *group);

/* Send what was written; no lock held.  Consumes @list. */
void mini_igmp_send(struct mini_dev *mdev, struct sk_buff_head *list);

#endif /* _MINI_IGMP_H */
