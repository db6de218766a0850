/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one place where kernel versions differ: 6.1 to the newest that Debian
 * packages.  Each entry says from which version on which form holds; the rest
 * of the module uses the name given here.
 */
#ifndef _MINI_COMPAT_H
#define _MINI_COMPAT_H

#include <linux/version.h>
#include <linux/netdevice.h>
#include <linux/shrinker.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/timer.h>

/*
 * 6.18: a PREEMPT_RT kernel may let several tasks of a CPU run with BH off.
 * What each CPU has of its own relies on there being one.
 */
#if defined(CONFIG_PREEMPT_RT) && !defined(CONFIG_PREEMPT_RT_NEEDS_BH_LOCK) && \
	LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
#error "a PREEMPT_RT kernel needs CONFIG_PREEMPT_RT_NEEDS_BH_LOCK"
#endif

/* 6.5: what was in <linux/netdevice.h> has a header of its own. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#include <net/gso.h>
#endif

/* 6.6: so has struct netdev_rx_queue. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 0)
#include <net/netdev_rx_queue.h>
#endif

/* 6.10: so has what refers to a packet's pages. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#include <linux/skbuff_ref.h>
#endif

/* 6.2: timer_delete_sync() is the name; 6.15 removes del_timer_sync(). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define timer_delete_sync(t)	del_timer_sync(t)
#define timer_delete(t)		del_timer(t)
#define timer_shutdown_sync(t)	del_timer_sync(t)
#endif

/* 6.4: reclaim is told of freed pages by a function. */
static inline void mini_account_reclaimed(unsigned long pages)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 4, 0)
	mm_account_reclaimed_pages(pages);
#else
	if (current->reclaim_state)
		current->reclaim_state->reclaimed_slab += pages;
#endif
}

/* 6.7: shrinkers are allocated, and not just registered. */
static inline struct shrinker *
mini_shrinker_register(unsigned long (*count)(struct shrinker *shrinker,
					      struct shrink_control *sc),
		       unsigned long (*scan)(struct shrinker *shrinker,
					     struct shrink_control *sc),
		       long batch, const char *name)
{
	struct shrinker *s;

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	s = shrinker_alloc(0, "%s", name);
#else
	s = kzalloc(sizeof(*s), GFP_KERNEL);
#endif
	if (!s)
		return NULL;
	s->count_objects = count;
	s->scan_objects = scan;
	s->seeks = DEFAULT_SEEKS;
	s->batch = batch;
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	shrinker_register(s);
#else
	if (register_shrinker(s, "%s", name)) {
		kfree(s);
		return NULL;
	}
#endif
	return s;
}

static inline void mini_shrinker_free(struct shrinker *s)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
	shrinker_free(s);
#else
	unregister_shrinker(s);
	kfree(s);
#endif
}

/* 6.8: of an error queue only errors are purged, not completions. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#define skb_errqueue_purge(list)	skb_queue_purge(list)
#endif

/* 6.12: a device's own memory may lie behind a packet. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 12, 0)
#define skb_frags_readable(skb)	true
#endif

/* 6.13: an hrtimer is told its function when it is set up. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#include <linux/hrtimer.h>

static inline void hrtimer_setup(struct hrtimer *timer,
				 enum hrtimer_restart (*fn)(struct hrtimer *),
				 clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
}
#endif

/* 6.12: <asm/unaligned.h> moved. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* 6.16: from_timer() became timer_container_of(). */
#ifndef timer_container_of
#define timer_container_of(var, t, field) from_timer(var, t, field)
#endif

/* 6.19: bind and connect take struct sockaddr_unsized. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
typedef struct sockaddr_unsized mini_sockaddr;
#else
typedef struct sockaddr mini_sockaddr;
#endif

/* 6.10: __assign_str() knows the source from __string(). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define mini_assign_str(dst, src)	__assign_str(dst)
#else
#define mini_assign_str(dst, src)	__assign_str(dst, src)
#endif

/*
 * Methods whose form changed.  MINI_DEFINE_*(name, fn) makes the method that
 * this kernel wants of one written as the newest wants it; fn of a recvmsg
 * sets msg->msg_namelen.
 */

/* 6.10: accept() gets its arguments in a struct. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
struct proto_accept_arg {
	int flags;
	int err;
	int is_empty;
	bool kern;
};

#define MINI_DEFINE_OPS_ACCEPT(name, fn)				\
static int name(struct socket *sock, struct socket *newsock, int flags,	\
		bool kern)						\
{									\
	struct proto_accept_arg arg = { .flags = flags, .kern = kern };	\
									\
	return fn(sock, newsock, &arg);					\
}

#define MINI_DEFINE_PROTO_ACCEPT(name, fn)				\
static struct sock *name(struct sock *sk, int flags, int *err, bool kern) \
{									\
	struct proto_accept_arg arg = { .flags = flags, .kern = kern };	\
	struct sock *newsk = fn(sk, &arg);				\
									\
	*err = arg.err;							\
	return newsk;							\
}

#define mini_prot_accept(sk, arg)					\
	((sk)->sk_prot->accept(sk, (arg)->flags, &(arg)->err, (arg)->kern))
#else
#define MINI_DEFINE_OPS_ACCEPT(name, fn)				\
static int name(struct socket *sock, struct socket *newsock,		\
		struct proto_accept_arg *arg)				\
{									\
	return fn(sock, newsock, arg);					\
}

#define MINI_DEFINE_PROTO_ACCEPT(name, fn)				\
static struct sock *name(struct sock *sk, struct proto_accept_arg *arg)	\
{									\
	return fn(sk, arg);						\
}

#define mini_prot_accept(sk, arg)	((sk)->sk_prot->accept(sk, arg))
#endif

/* 7.1: proto->recvmsg tells the length of the name in msg_namelen alone. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 1, 0)
#define MINI_DEFINE_PROTO_RECVMSG(name, fn)				\
static int name(struct sock *sk, struct msghdr *msg, size_t len, int flags, \
		int *addr_len)						\
{									\
	int ret = fn(sk, msg, len, flags);				\
									\
	*addr_len = msg->msg_namelen;					\
	return ret;							\
}

#define mini_prot_recvmsg(sk, msg, len, flags)				\
({									\
	struct msghdr *__msg = (msg);					\
									\
	(sk)->sk_prot->recvmsg(sk, __msg, len, flags,			\
			       &__msg->msg_namelen);			\
})
#else
#define MINI_DEFINE_PROTO_RECVMSG(name, fn)				\
static int name(struct sock *sk, struct msghdr *msg, size_t len, int flags) \
{									\
	return fn(sk, msg, len, flags);					\
}

#define mini_prot_recvmsg(sk, msg, len, flags)				\
	((sk)->sk_prot->recvmsg(sk, msg, len, flags))
#endif

/* 6.18: a socket's drops are counted by sk_drops_inc(). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#define sk_drops_inc(sk)	atomic_inc(&(sk)->sk_drops)
#endif

/* 6.5: proto->ioctl takes the argument in kernel memory. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#define MINI_PROTO_IOCTL_KARG	1
#define MINI_DEFINE_PROTO_IOCTL(name, fn)				\
static int name(struct sock *sk, int cmd, int *karg)			\
{									\
	return fn(sk, cmd, karg);					\
}
#else
#define MINI_DEFINE_PROTO_IOCTL(name, fn)				\
static int name(struct sock *sk, int cmd, unsigned long arg)		\
{									\
	int val = 0;							\
	int err = fn(sk, cmd, &val);					\
									\
	return err ? err : put_user(val, (int __user *)arg);		\
}

#define sk_ioctl(sk, cmd, arg)						\
	((sk)->sk_prot->ioctl(sk, cmd, (unsigned long)(arg)))
#endif

/* 6.6: a table of sysctls is registered by its length, no end marker. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define register_net_sysctl_sz(net, path, table, n)			\
	register_net_sysctl(net, path, table)
#endif

/* 6.11: sysctl handlers do not change their table entry. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 11, 0)
typedef const struct ctl_table mini_ctl_table;
#else
typedef struct ctl_table mini_ctl_table;
#endif

/*
 * 6.13, and the stable branches since: SO_REUSEPORT is for AF_INET, unless a
 * family takes the options of level SOL_SOCKET itself.  6.1 lets none do so:
 * there the option is EOPNOTSUPP.
 */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#define mini_custom_sockopt(sock) \
	set_bit(SOCK_CUSTOM_SOCKOPT, &(sock)->flags)
#else
#define mini_custom_sockopt(sock)	do { } while (0)
#endif

/*
 * 6.5: pages come to sendmsg(), with MSG_SPLICE_PAGES; before, one by one to
 * sendpage(), and each says whether it is the last.  Here a method is made of
 * fn(sk, msg, size), whose msg has them.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 5, 0)
#include <linux/bvec.h>
#include <linux/net.h>
#include <linux/skbuff.h>

#define MINI_MSG_MORE	(MSG_MORE | MSG_SENDPAGE_NOTLAST)
#define MINI_MSG_PAGES_FOLLOW	MSG_SENDPAGE_NOTLAST

#define MINI_DEFINE_OPS_SENDPAGE(name, fn)				\
static ssize_t name(struct socket *sock, struct page *page, int offset,	\
		    size_t size, int flags)				\
{									\
	struct bio_vec bvec = {						\
		.bv_page = page, .bv_offset = offset, .bv_len = size,	\
	};								\
	struct msghdr msg = { .msg_flags = flags };			\
									\
	if (unlikely(!sendpage_ok(page)))				\
		return sock_no_sendpage(sock, page, offset, size, flags); \
	if (flags & MINI_MSG_MORE)					\
		msg.msg_flags |= MSG_MORE;				\
	iov_iter_bvec(&msg.msg_iter, ITER_SOURCE, &bvec, 1, size);	\
	return fn(sock->sk, &msg, size);				\
}

#define MINI_OPS_SENDPAGE(name)		.sendpage = name,

/* A program's own flag of this value means nothing. */
static inline bool mini_msg_splices(const struct msghdr *msg)
{
	return false;
}

static inline ssize_t mini_skb_splice(struct sk_buff *skb,
				      struct iov_iter *iter, size_t most,
				      gfp_t gfp)
{
	size_t len = min(iov_iter_single_seg_count(iter), most);
	int err = skb_append_pagefrags(skb, iter->bvec->bv_page,
				       iter->bvec->bv_offset +
				       iter->iov_offset, len);

	if (err)
		return err;
	skb_len_add(skb, len);
	iov_iter_advance(iter, len);
	return len;
}
#else
#define MINI_MSG_MORE	MSG_MORE
#define MINI_MSG_PAGES_FOLLOW	0

#define MINI_DEFINE_OPS_SENDPAGE(name, fn)
#define MINI_OPS_SENDPAGE(name)

#define mini_msg_splices(msg)	((msg)->msg_flags & MSG_SPLICE_PAGES)
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define mini_skb_splice(skb, iter, most, gfp)				\
	skb_splice_from_iter(skb, iter, most, gfp)
#else
#define mini_skb_splice(skb, iter, most, gfp)				\
	skb_splice_from_iter(skb, iter, most)
#endif
#endif

/* 6.5, and 6.1's stable branch: the end of a splice flushes what waits. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0) || \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 176) && \
	 LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0))
#define MINI_OPS_SPLICE_EOF(name)	.splice_eof = name,
#else
#define MINI_OPS_SPLICE_EOF(name)
#endif

/* 6.16: a device's memory can be sent, too. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 16, 0)
#define mini_msg_zerocopy_get(sk, size, uarg)				\
	msg_zerocopy_realloc(sk, size, uarg)
#define mini_zerocopy_fill(sk, skb, msg, len, uarg)			\
	skb_zerocopy_iter_stream(sk, skb, msg, len, uarg)
#else
#define mini_msg_zerocopy_get(sk, size, uarg)				\
	msg_zerocopy_realloc(sk, size, uarg, false)
#define mini_zerocopy_fill(sk, skb, msg, len, uarg)			\
	skb_zerocopy_iter_stream(sk, skb, msg, len, uarg, NULL)
#endif

/* 6.2: stamps can be numbered from what is written next. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define SOF_TIMESTAMPING_OPT_ID_TCP	0
#endif

/* 6.13: what control messages ask of a stamp is given as a whole. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
#define mini_sock_tx_timestamp(sk, sockc, flags)			\
	sock_tx_timestamp(sk, (sockc)->tsflags, flags)
#define mini_skb_setup_tx_timestamp(skb, sockc)				\
	skb_setup_tx_timestamp(skb, (sockc)->tsflags)
#else
#define mini_sock_tx_timestamp(sk, sockc, flags)			\
	sock_tx_timestamp(sk, sockc, flags)
#define mini_skb_setup_tx_timestamp(skb, sockc)				\
	skb_setup_tx_timestamp(skb, sockc)
#endif

/*
 * 6.15: the core reads in TCP's own control block whether the stamp of an
 * acknowledgment is wanted.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
#define mini_skb_want_ack_stamp(skb)	do { } while (0)
#else
#define mini_skb_want_ack_stamp(skb) \
	(TCP_SKB_CB(skb)->txstamp_ack = TSTAMP_ACK_SK)
#endif

/* 6.14: SO_PRIORITY may be a control message. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 14, 0)
#define mini_sockcm_priority(sockc, socket)	(socket)
#else
#define mini_sockcm_priority(sockc, socket)	((sockc)->priority)
#endif

/* 6.11: by which clock SO_TXTIME counts is told with the packet. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define mini_skb_set_txtime(skb, time, clock)	((skb)->tstamp = (time))
#else
#define mini_skb_set_txtime(skb, time, clock) \
	skb_set_delivery_type_by_clockid(skb, time, clock)
#endif

/* 6.1.60: who waits for a socket notices that another thread disconnected it. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 60)
#define mini_sk_disconnected(sk)	((sk)->sk_disconnects++)
#else
#define mini_sk_disconnected(sk)	do { } while (0)
#endif

/* 6.11: a packet's time says by which clock it counts. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define mini_skb_copy_delivery_time(to, from) \
	skb_set_delivery_time(to, (from)->tstamp, (from)->mono_delivery_time)
#else
#define mini_skb_copy_delivery_time(to, from) \
	skb_set_delivery_time(to, (from)->tstamp, (from)->tstamp_type)
#endif

/*
 * 6.15: inet_frag_kill() leaves it to its caller to give references back, and
 * finding a queue takes none.
 */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 15, 0)
#define MINI_FRAG_FOUND_REFS		1
#define mini_frag_kill(q, refs)		({ (void)(refs); inet_frag_kill(q); })
#define mini_frag_put(q, refs)		({ (void)(refs); inet_frag_put(q); })
#else
#define MINI_FRAG_FOUND_REFS		0
#define mini_frag_kill(q, refs)		inet_frag_kill(q, refs)
#define mini_frag_put(q, refs)		inet_frag_putn(q, refs)
#endif

/*
 * 6.6: filters on the way out hang in dev->tcx_egress, not dev->miniq_egress.
 */
static inline bool mini_dev_has_egress(const struct net_device *dev)
{
#ifdef CONFIG_NETFILTER_EGRESS
	if (rcu_access_pointer(dev->nf_hooks_egress))
		return true;
#endif
#ifdef CONFIG_NET_EGRESS
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
	return rcu_access_pointer(dev->miniq_egress);
#elif defined(CONFIG_NET_XGRESS)
	return rcu_access_pointer(dev->tcx_egress);
#endif
#endif
	return false;
}

/* 6.6: filters on the way in hang in dev->tcx_ingress, likewise. */
static inline bool mini_dev_has_ingress(const struct net_device *dev)
{
#ifdef CONFIG_NETFILTER_INGRESS
	if (rcu_access_pointer(dev->nf_hooks_ingress))
		return true;
#endif
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#ifdef CONFIG_NET_CLS_ACT
	return rcu_access_pointer(dev->miniq_ingress);
#endif
#elif defined(CONFIG_NET_XGRESS)
	return rcu_access_pointer(dev->tcx_ingress);
#endif
	return false;
}

/*
 * Does the device's first queue steer what arrives to other CPUs (RPS)?  Some
 * release after 6.12 has a tagged word for a flow table, and no pointer.
 */
static inline bool mini_dev_steers(const struct net_device *dev)
{
#ifdef CONFIG_RPS
	return rcu_access_pointer(dev->_rx->rps_map) ||
	       (__force unsigned long)READ_ONCE(dev->_rx->rps_flow_table);
#else
	return false;
#endif
}

/*
 * 6.7: a device says what kind of statistics it has, and veth has tstats; so in
 * later releases of 6.1 and 6.6.  Can what a veth sends be counted?
 */
static inline bool mini_veth_counts(const struct net_device *dev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 6, 8) || \
	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 70) && \
	 LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0))
	return dev->pcpu_stat_type == NETDEV_PCPU_STAT_TSTATS;
#else
	return false;
#endif
}

#endif /* _MINI_COMPAT_H */
