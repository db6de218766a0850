// SPDX-License-Identifier: GPL-2.0
/*
 * Reassembly (RFC 791 section 3.2, RFC 815, RFC 1122 section 3.3.2), on the
 * kernel's inet_frags: its hash table, timers and memory accounts.
 *
 * Nobody can tell who sent what of a datagram whose fragments overlap: it is
 * dropped whole (RFC 5722, RFC 8900 section 3.7).  A fragment that came before is
 * dropped alone.  What would be longer than IP can say, and what hides the
 * ports or flags of TCP behind a fragment's border (RFC 1858, RFC 3128), never
 * gets in.
 *
 * Who sends fragments that never become whole fills the limit of memory, but
 * not at the cost of others: when it is reached, the oldest datagram of the
 * sender that takes most is given up.
 *
 * Locks on entry: softirq, rcu_read_lock(); a queue's own lock is taken here,
 * in it that of struct mini_reass_net.
 */
#include <linux/icmp.h>
#include <linux/jhash.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <net/inet_ecn.h>
#include <net/inet_frag.h>
#include <net/ip.h>

#include "ip_int.h"

/* RFC 1858 section 3.2.1: what a first fragment of TCP has at least. */
#define REASS_TCP_FIRST	16
/* RFC 3128 section 3: at this offset another could rewrite TCP's flags. */
#define REASS_TCP_FLAGS	8

/**
 * struct mini_reass - a datagram of which fragments have come
 * @q: the kernel's part, first
 * @rn: the instance's; NULL: none has been added yet
 * @src: whose it is
 * @list: among those of @src, the oldest first
 * @mem: octets of its fragments, in @src->mem
 * @rid: @src->rid when its last fragment came
 * @ifindex: of the device the last fragment came by
 * @ecn: bits of ip_frag_ecn_table[], of all fragments
 */
struct mini_reass {
	struct inet_frag_queue q;
	struct mini_reass_net *rn;
	struct mini_reass_src *src;
	struct list_head list;
	unsigned int mem;
	u32 rid;
	int ifindex;
	u8 ecn;
};

/* One fragment, beside its skb. */
struct reass_frag {
	struct mini_reass_net *rn;
	unsigned int offset;	/* octets, of the datagram's data */
	unsigned int end;
	unsigned int hlen;
	bool more;
	u8 ecn;
};

static u32 reass_hash(const void *data, u32 len, u32 seed)
{
	return jhash2(data, sizeof(struct frag_v6_compare_key) / sizeof(u32),
		      seed);
}

static u32 reass_obj_hash(const void *data, u32 len, u32 seed)
{
	const struct inet_frag_queue *q = data;

	return reass_hash(&q->key.v6, len, seed);
}

static int reass_obj_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct inet_frag_queue *q = obj;

	return memcmp(&q->key.v6, arg->key, sizeof(q->key.v6));
}

static void reass_init(struct inet_frag_queue *q, const void *key)
{
	q->key.v6 = *(const struct frag_v6_compare_key *)key;
	INIT_LIST_HEAD(&container_of(q, struct mini_reass, q)->list);
}

/* The queue is locked and not complete; it is no longer among its sender's. */
static void reass_kill(struct mini_reass *fq, int *refs)
{
	struct mini_reass_net *rn = fq->rn;

	/* Pairs with fqdir_pre_exit(): the instance may be going. */
	if (rn && !READ_ONCE(fq->q.fqdir->dead)) {
		spin_lock(&rn->lock);
		list_del_init(&fq->list);
		fq->src->mem -= fq->mem;
		spin_unlock(&rn->lock);
	}
	mini_frag_kill(&fq->q, refs);
}

/* The queue is locked, has fragments, and is not complete. */
static void reass_give_up(struct mini_reass *fq, enum mini_drop_reason reason,
			  int *refs)
{
	struct mini_net *mn = fq->rn->mn;
	struct sk_buff *head;

	reass_kill(fq, refs);
	mini_inc(mn, MINI_MIB_IP_REASM_FAILS);
	head = inet_frag_pull_head(&fq->q);
	if (head)
		mini_drop(mn, head, reason);
}

/* The oldest datagram of the sender that takes most; with a reference. */
static struct mini_reass *reass_oldest(struct mini_reass_net *rn)
{
	struct mini_reass_src *most = NULL;
	struct mini_reass *fq = NULL;
	unsigned int i;

	spin_lock_bh(&rn->lock);
	for (i = 0; i < ARRAY_SIZE(rn->src); i++) {
		if (!list_empty(&rn->src[i].queues) &&
		    (!most || rn->src[i].mem > most->mem))
			most = &rn->src[i];
	}
	if (most) {
		fq = list_first_entry(&most->queues, struct mini_reass, list);
		/* What is leaving the list anyway makes room by itself. */
		if (!refcount_inc_not_zero(&fq->q.refcnt))
			fq = NULL;
	}
	spin_unlock_bh(&rn->lock);
	return fq;
}

/* Make room for what comes now; false: there is none to be made. */
static bool reass_make_room(struct mini_reass_net *rn, long limit)
{
	struct mini_reass *fq;
	int refs;

	while (unlikely(frag_mem_limit(rn->dir) > limit)) {
		if (READ_ONCE(rn->dir->dead))
			return false;
		fq = reass_oldest(rn);
		if (!fq)
			return false;
		refs = 1;
		spin_lock_bh(&fq->q.lock);
		if (!(fq->q.flags & INET_FRAG_COMPLETE))
			reass_give_up(fq, MINI_DROP_IP_FRAG_MEMORY, &refs);
		spin_unlock_bh(&fq->q.lock);
		mini_frag_put(&fq->q, refs);
	}
	return true;
}

/* RFC 792: the sender hears of it if the first fragment came. */
static void reass_tell(struct mini_reass *fq, struct sk_buff *skb)
{
	const struct iphdr *iph = ip_hdr(skb);
	struct mini_rx rx = {
		.mn = fq->rn->mn,
		.saddr = fq->q.key.v6.saddr,
		.daddr = fq->q.key.v6.daddr,
		.len = skb->len,
		.proto = iph->protocol,
		.ttl = iph->ttl,
		.tos = iph->tos,
	};

	rx.mdev = mini_dev_by_index(rx.mn, fq->ifindex);
	if (rx.mdev) {
		rx.dst_type = mini_addr_type(rx.mn, &rx.daddr);
		mini_icmp_send(&rx, skb, ICMP_TIME_EXCEEDED, ICMP_EXC_FRAGTIME,
			       0);
	}
	mini_drop(rx.mn, skb, MINI_DROP_IP_FRAG_TIMEOUT);
}

static void reass_expire(struct timer_list *t)
{
	struct inet_frag_queue *q = timer_container_of(q, t, timer);
	struct mini_reass *fq = container_of(q, struct mini_reass, q);
	struct sk_buff *head = NULL;
	int refs = 1;

	rcu_read_lock();
	spin_lock(&q->lock);
	if (q->flags & INET_FRAG_COMPLETE)
		goto out;
	reass_kill(fq, &refs);
	/* Pairs with fqdir_pre_exit(): the instance may be going. */
	if (READ_ONCE(q->fqdir->dead) || !fq->rn)
		goto out;
	mini_inc(fq->rn->mn, MINI_MIB_IP_REASM_FAILS);
	mini_inc(fq->rn->mn, MINI_MIB_IP_REASM_TIMEOUT);
	if (q->flags & INET_FRAG_FIRST_IN)
		head = inet_frag_pull_head(q);
out:
	spin_unlock(&q->lock);
	if (head)
		reass_tell(fq, head);
	rcu_read_unlock();
	mini_frag_put(q, refs);
}

static struct inet_frags reass_frags = {
	.qsize = sizeof(struct mini_reass),
	.constructor = reass_init,
	.frag_expire = reass_expire,
	.frags_cache_name = "mini_reass",
	.rhash_params = {
		.head_offset = offsetof(struct inet_frag_queue, node),
		.hashfn = reass_hash,
		.obj_hashfn = reass_obj_hash,
		.obj_cmpfn = reass_obj_cmp,
		.automatic_shrinking = true,
	},
};

static struct mini_reass *reass_find(struct mini_reass_net *rn,
				     const struct mini_rx *rx,
				     const struct sk_buff *skb)
{
	const struct mini_sysctl *ctl = &rx->mn->sysctl;
	struct frag_v6_compare_key key = {
		.saddr = rx->saddr,
		.daddr = rx->daddr,
		.user = rx->proto,
		.id = (__force __be32)(u32)(__force u16)ip_hdr(skb)->id,
	};
	struct inet_frag_queue *q;
	long limit = READ_ONCE(ctl->ipfrag_high_thresh);

	limit -= skb->truesize + sizeof(struct mini_reass);
	if (!reass_make_room(rn, limit))
		return NULL;
	WRITE_ONCE(rn->dir->timeout, READ_ONCE(ctl->ipfrag_time) * HZ);
	q = inet_frag_find(rn->dir, &key);
	return q ? container_of(q, struct mini_reass, q) : NULL;
}

/* What one fragment alone tells. */
static enum mini_drop_reason reass_check(const struct mini_rx *rx,
					 const struct sk_buff *skb,
					 struct reass_frag *f)
{
	const struct iphdr *iph = ip_hdr(skb);

	f->hlen = iph->ihl * 4;
	f->offset = (ntohs(iph->frag_off) & IP_OFFSET) * 8;
	f->end = f->offset + skb->len;
	f->more = iph->frag_off & htons(IP_MF);
	f->ecn = 1 << (iph->tos & INET_ECN_MASK);

	if (!skb->len || (f->more && skb->len % 8))
		return MINI_DROP_IP_FRAG_LENGTH;
	/* Segments of what cannot be segments: a device's nonsense. */
	if (skb_is_gso(skb))
		return MINI_DROP_IP_FRAG_LENGTH;
	if (f->hlen + f->end > IP_MAX_MTU)
		return MINI_DROP_IP_FRAG_OVERSIZE;
	if (rx->proto == IPPROTO_TCP &&
	    (f->offset == REASS_TCP_FLAGS ||
	     (!f->offset && skb->len < REASS_TCP_FIRST)))
		return MINI_DROP_IP_FRAG_TINY;
	return 0;
}

/* Where the datagram ends; false: not where another fragment said. */
static bool reass_length(struct inet_frag_queue *q, const struct reass_frag *f)
{
	bool last = q->flags & INET_FRAG_LAST_IN;
	int end = f->end;

	if (f->more) {
		if (end > q->len) {
			if (last)
				return false;
			q->len = end;
		}
		return true;
	}
	if (end < q->len || (last && end != q->len))
		return false;
	q->flags |= INET_FRAG_LAST_IN;
	q->len = end;
	return true;
}

/*
 * All have come: make one packet of them, of which @skb, the last, is the head
 * now.  NULL: it could not be; then @skb goes with the queue.
 */
static struct sk_buff *reass_whole(struct mini_reass *fq, struct mini_rx *rx,
				   struct sk_buff *skb, struct sk_buff *tail,
				   int *refs)
{
	struct inet_frag_queue *q = &fq->q;
	unsigned int hlen;
	struct iphdr *iph;
	void *data;

	reass_kill(fq, refs);
	data = inet_frag_reasm_prepare(q, skb, tail);
	/* The first header may be longer than those that were counted. */
	if (!data || ip_hdrlen(skb) + q->len > IP_MAX_MTU) {
		mini_inc(rx->mn, MINI_MIB_IP_REASM_FAILS);
		return NULL;
	}
	inet_frag_reasm_finish(q, skb, data, true);
	q->rb_fragments = RB_ROOT;
	q->fragments_tail = NULL;
	q->last_run_head = NULL;

	skb->dev = NULL;
	iph = ip_hdr(skb);
	hlen = iph->ihl * 4;
	rx->len = q->len;
	rx->ttl = iph->ttl;
	iph->tos |= ip_frag_ecn_table[fq->ecn];
	rx->tos = iph->tos;
	iph->tot_len = htons(hlen + q->len);
	iph->frag_off = 0;
	iph->check = 0;
	iph->check = ip_fast_csum(iph, iph->ihl);
	__skb_pull(skb, hlen);
	skb_reset_transport_header(skb);
	mini_ip_cb(skb)->frag_size = q->max_size;
	mini_inc(rx->mn, MINI_MIB_IP_REASM_OKS);
	return skb;
}

/*
 * A sender's identifications come round again: fragments with others of it
 * between them, more than net.mini.ipfrag_max_dist, may be of two datagrams.
 * The queue is locked.
 */
static bool reass_too_far(struct mini_reass *fq, const struct mini_rx *rx)
{
	int most = READ_ONCE(rx->mn->sysctl.ipfrag_max_dist);
	u32 before = fq->rid;

	if (!fq->rn || fq->q.flags & INET_FRAG_COMPLETE)
		return false;
	fq->rid = atomic_inc_return(&fq->src->rid);
	return unlikely(most && fq->rid - before > (u32)most);
}

/* The first fragment of a datagram: whose is it?  The queue is locked. */
static void reass_begin(struct mini_reass *fq, struct mini_reass_net *rn)
{
	u32 hash = siphash(&fq->q.key.v6.saddr, sizeof(fq->q.key.v6.saddr),
			   &rn->key);

	fq->rn = rn;
	fq->src = &rn->src[hash % ARRAY_SIZE(rn->src)];
	fq->rid = atomic_inc_return(&fq->src->rid);
}

/* Its memory is its sender's.  The queue is locked. */
static void reass_charge(struct mini_reass *fq, unsigned int truesize)
{
	struct mini_reass_net *rn = fq->rn;

	add_frag_mem_limit(fq->q.fqdir, truesize);
	spin_lock(&rn->lock);
	if (!fq->mem)
		list_add_tail(&fq->list, &fq->src->queues);
	fq->mem += truesize;
	fq->src->mem += truesize;
	spin_unlock(&rn->lock);
}

/* The queue is locked.  Return: the whole, or NULL with @skb taken. */
static struct sk_buff *reass_add(struct mini_reass *fq, struct mini_rx *rx,
				 struct sk_buff *skb,
				 const struct reass_frag *f, int *refs)
{
	enum mini_drop_reason reason = MINI_DROP_IP_FRAG_OVERLAP;
	struct inet_frag_queue *q = &fq->q;
	struct sk_buff *tail;
	int err;

	/* It was completed, or given up, a moment ago. */
	if (q->flags & INET_FRAG_COMPLETE) {
		mini_drop(rx->mn, skb, MINI_DROP_IP_FRAG_DUPLICATE);
		return NULL;
	}
	if (!fq->rn)
		reass_begin(fq, f->rn);
	fq->ifindex = rx->mdev->ifindex;
	if (!reass_length(q, f))
		goto kill;
	/* RFC 3168 section 5.3: marked, and not able to be. */
	if (ip_frag_ecn_table[fq->ecn | f->ecn] == 0xff) {
		reason = MINI_DROP_IP_FRAG_ECN;
		goto kill;
	}
	skb_orphan(skb);
	tail = q->fragments_tail;
	err = inet_frag_queue_insert(q, skb, f->offset, f->end);
	if (err == IPFRAG_DUP) {
		mini_drop(rx->mn, skb, MINI_DROP_IP_FRAG_DUPLICATE);
		return NULL;
	}
	if (err)
		goto kill;
	q->stamp = skb->tstamp;
	q->meat += skb->len;
	q->max_size = max_t(u16, q->max_size, skb->len + f->hlen);
	fq->ecn |= f->ecn;
	reass_charge(fq, skb->truesize);
	if (!f->offset)
		q->flags |= INET_FRAG_FIRST_IN;
	if (q->flags != (INET_FRAG_FIRST_IN | INET_FRAG_LAST_IN) ||
	    q->meat != q->len)
		return NULL;
	return reass_whole(fq, rx, skb, tail, refs);

kill:
	reass_kill(fq, refs);
	mini_inc(rx->mn, MINI_MIB_IP_REASM_FAILS);
	mini_drop(rx->mn, skb, reason);
	return NULL;
}

struct sk_buff *mini_reass(struct mini_rx *rx, struct sk_buff *skb)
{
	enum mini_drop_reason reason;
	struct reass_frag f;
	struct mini_reass *fq;
	bool far;
	int refs;

	mini_inc(rx->mn, MINI_MIB_IP_REASM_REQDS);
	reason = reass_check(rx, skb, &f);
	if (reason)
		goto drop;
	reason = MINI_DROP_IP_FRAG_MEMORY;
	f.rn = READ_ONCE(rx->mn->reass);
	if (!f.rn)
		goto drop;
	do {
		fq = reass_find(f.rn, rx, skb);
		if (!fq)
			goto drop;
		refs = MINI_FRAG_FOUND_REFS;
		spin_lock_bh(&fq->q.lock);
		/* Then it is the first of another datagram. */
		far = reass_too_far(fq, rx);
		if (far)
			reass_give_up(fq, MINI_DROP_IP_FRAG_DISTANCE, &refs);
		else
			skb = reass_add(fq, rx, skb, &f, &refs);
		spin_unlock_bh(&fq->q.lock);
		mini_frag_put(&fq->q, refs);
	} while (far);
	return skb;

drop:
	mini_inc(rx->mn, MINI_MIB_IP_REASM_FAILS);
	mini_drop(rx->mn, skb, reason);
	return NULL;
}

long mini_reass_mem(const struct mini_net *mn)
{
	struct mini_reass_net *rn = READ_ONCE(mn->reass);

	return rn ? frag_mem_limit(rn->dir) : 0;
}

int mini_reass_init(void)
{
	return inet_frags_init(&reass_frags);
}

/* Waits for the queues of every instance. */
void mini_reass_exit(void)
{
	inet_frags_fini(&reass_frags);
}

int mini_reass_net_init(struct mini_net *mn)
{
	struct mini_reass_net *rn;
	unsigned int i;
	int err;

	rn = kzalloc(sizeof(*rn), GFP_KERNEL);
	if (!rn)
		return -ENOMEM;
	err = fqdir_init(&rn->dir, &reass_frags, mn->net);
	if (err) {
		kfree(rn);
		return err;
	}
	rn->mn = mn;
	spin_lock_init(&rn->lock);
	get_random_bytes(&rn->key, sizeof(rn->key));
	for (i = 0; i < ARRAY_SIZE(rn->src); i++)
		INIT_LIST_HEAD(&rn->src[i].queues);
	/* The limit is the sysctl's: see reass_find(). */
	rn->dir->high_thresh = LONG_MAX;
	rn->dir->low_thresh = LONG_MAX;
	rn->dir->timeout = mn->sysctl.ipfrag_time * HZ;
	WRITE_ONCE(mn->reass, rn);
	return 0;
}

/* Nothing new begins, and timers keep away from the instance. */
void mini_reass_net_stop(struct mini_net *mn)
{
	if (mn->reass)
		fqdir_pre_exit(mn->reass->dir);
}

void mini_reass_net_exit(struct mini_net *mn)
{
	struct mini_reass_net *rn = mn->reass;

	WRITE_ONCE(mn->reass, NULL);
	if (!rn)
		return;
	if (!READ_ONCE(rn->dir->dead))
		fqdir_pre_exit(rn->dir);
	fqdir_exit(rn->dir);
	kfree_rcu(rn, rcu);
}
