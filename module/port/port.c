// SPDX-License-Identifier: GPL-2.0
/*
 * Local ports: taking, sharing, choosing and giving them back (RFC 6056).
 *
 * A port is a small number, so a protocol's table is an array of two levels: a
 * look-up costs two loads, a port that comes and goes two stores, and a dump
 * comes in the order of ports and resumes at one.  An idle namespace pays for
 * the first level; what was used of the second stays until the namespace goes.
 *
 * Locks on entry: the socket lock where a function says so; none otherwise.
 * Here the bucket's lock is taken; the tables have none.
 *
 * The life of a bucket: it is born empty, and dies under its lock when its
 * last user leaves or when the user it was made for did not take it.  Who
 * found a bucket under RCU and then sees @dead under the lock looks again:
 * the table no longer has the dead one by then.
 */
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <net/sock.h>
#include <net/sock_reuseport.h>

#include "port.h"

enum mini_port_table {
	MINI_PORT_TCP,
	MINI_PORT_UDP,
	MINI_PORT_ICMP,
	MINI_PORT_TABLES
};

#define MINI_PORT_LEAF_BITS	9
#define MINI_PORT_LEAF		BIT(MINI_PORT_LEAF_BITS)
#define MINI_PORT_LEAVES	((U16_MAX + 1) >> MINI_PORT_LEAF_BITS)

/* Neighbouring ports; a page where pointers have 8 octets */
struct mini_port_leaf {
	struct mini_port __rcu *ports[MINI_PORT_LEAF];
};

/* By number in host byte order; written by cmpxchg() alone, but for NULL */
struct mini_port_array {
	struct mini_port_leaf *leaves[MINI_PORT_LEAVES];
};

/**
 * struct mini_port_net - the ports of a namespace
 * @tables: one for each protocol
 * @next: RFC 6056's next_ephemeral
 */
struct mini_port_net {
	struct mini_port_array tables[MINI_PORT_TABLES];
	atomic_t next;
};

enum mini_port_mode {
	MINI_PORT_EXACT,	/* bind() to a number */
	MINI_PORT_ANY,		/* bind() to 0: nobody may overlap */
	MINI_PORT_CONNECT,	/* shared with connections */
};

/**
 * struct mini_port_want - how a port is asked for
 * @mode: which rule finds conflicts
 * @claim: for MINI_PORT_CONNECT
 * @arg: for @claim
 */
struct mini_port_want {
	enum mini_port_mode mode;
	int (*claim)(void *arg, __be16 port);
	void *arg;
};

static struct kmem_cache *mini_port_cache;

static struct mini_port_array *mini_port_table(struct mini_net *mn,
					       u8 protocol)
{
	enum mini_port_table table = MINI_PORT_TCP;

	if (protocol == IPPROTO_UDP)
		table = MINI_PORT_UDP;
	else if (protocol == IPPROTO_ICMP)
		table = MINI_PORT_ICMP;
	return &mn->port->tables[table];
}

/* Where the bucket of @num stands, or NULL: there never was one nearby. */
static struct mini_port __rcu **mini_port_slot(struct mini_port_array *table,
					       u16 num)
{
	struct mini_port_leaf *leaf;

	/* Pairs with cmpxchg() in mini_port_leaf_make(). */
	leaf = smp_load_acquire(&table->leaves[num >> MINI_PORT_LEAF_BITS]);
	return leaf ? &leaf->ports[num % MINI_PORT_LEAF] : NULL;
}

/* Context: rcu_read_lock(). */
static struct mini_port *mini_port_find(struct mini_port_array *table, u16 num)
{
	struct mini_port __rcu **slot = mini_port_slot(table, num);

	return slot ? rcu_dereference(*slot) : NULL;
}

/* Process context.  Return: 0 or -ENOMEM; there is a slot for @num then. */
static int mini_port_leaf_make(struct mini_port_array *table, u16 num)
{
	struct mini_port_leaf *leaf = kzalloc(sizeof(*leaf),
					      GFP_KERNEL_ACCOUNT);

	if (!leaf)
		return -ENOMEM;
	if (cmpxchg(&table->leaves[num >> MINI_PORT_LEAF_BITS], NULL, leaf))
		kfree(leaf);
	return 0;
}

/* Does @u keep connections from sharing its port? */
static bool mini_port_exclusive(const struct mini_port_user *u)
{
	return u->sk && !u->connected;
}

static bool mini_port_overlap(const struct mini_port_user *a,
			      const struct mini_port_user *b)
{
	if (a->ifindex && b->ifindex && a->ifindex != b->ifindex)
		return false;
	return mini_addr_any(&a->addr) || mini_addr_any(&b->addr) ||
	       mini_addr_equal(&a->addr, &b->addr);
}

/* A program may change its mind after bind(), and AF_INET heeds it. */
static bool mini_port_reuse(const struct mini_port_user *u)
{
	return u->sk ? u->sk->sk_reuse : u->reuse;
}

static bool mini_port_reuseport(const struct mini_port_user *u)
{
	return u->sk ? u->sk->sk_reuseport : u->reuseport;
}

static bool mini_port_conflict(const struct mini_port_user *u,
			       const struct mini_port_user *other)
{
	if (!mini_port_overlap(u, other))
		return false;
	if (mini_port_reuse(u)) {
		if (!other->sk)
			return false;
		if (mini_port_reuse(other) && !u->listening &&
		    !other->listening)
			return false;
	}
	return !(mini_port_reuseport(u) && mini_port_reuseport(other) &&
		 uid_eq(u->uid, other->uid));
}

static bool mini_port_refused(const struct hlist_head *list,
			      const struct mini_port_user *u,
			      enum mini_port_mode mode)
{
	const struct mini_port_user *other;

	hlist_for_each_entry(other, list, node) {
		if (mode == MINI_PORT_ANY ? mini_port_overlap(u, other) :
					    mini_port_conflict(u, other))
			return true;
	}
	return false;
}

static int mini_port_check(const struct mini_port *port,
			   const struct mini_port_user *u,
			   enum mini_port_mode mode)
{
	if (mode == MINI_PORT_CONNECT)
		return port->bound ? -EADDRNOTAVAIL : 0;
	if (mini_port_refused(&port->users, u, mode) ||
	    mini_port_refused(&port->guests, u, mode))
		return -EADDRINUSE;
	/* Thousands in TIME-WAIT, and not one in the way: do not look. */
	if (mode == MINI_PORT_EXACT && mini_port_reuse(u))
		return 0;
	return mini_port_refused(&port->records, u, mode) ? -EADDRINUSE : 0;
}

static void mini_port_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(mini_port_cache,
			container_of(rcu, struct mini_port, rcu));
}

/* One packet may be for either: addresses and devices equal, not only overlap. */
static bool mini_port_same_group(const struct mini_port_user *a,
				 const struct mini_port_user *b)
{
	return a->ifindex == b->ifindex && uid_eq(a->uid, b->uid) &&
	       mini_addr_equal(&a->addr, &b->addr);
}

/*
 * @u joins the group of its equals, or founds one.  The bucket's lock is held.
 * Return: 0 or -ENOMEM, and then it would never be chosen.
 */
static int mini_port_group_join(const struct mini_port *port,
				struct mini_port_user *u)
{
	bool any = mini_addr_any(&u->addr);
	const struct mini_port_user *other;

	if (!u->sk || !mini_port_reuseport(u))
		return 0;
	hlist_for_each_entry(other, &port->users, node) {
		if (other == u || !other->sk || !mini_port_reuseport(other) ||
		    !rcu_access_pointer(other->sk->sk_reuseport_cb) ||
		    other->listening != u->listening ||
		    !mini_port_same_group(u, other))
			continue;
		return reuseport_add_sock(u->sk, other->sk, any);
	}
	return reuseport_alloc(u->sk, any);
}

static void mini_port_group_leave(const struct mini_port_user *u)
{
	if (u->sk && rcu_access_pointer(u->sk->sk_reuseport_cb))
		reuseport_detach_sock(u->sk);
}

struct sock *mini_port_group_pick(struct sock *sk, u32 hash,
				  struct sk_buff *skb, int hdrlen)
{
	struct sock *found;

	if (likely(!rcu_access_pointer(sk->sk_reuseport_cb)))
		return sk;
	found = reuseport_select_sock(sk, hash, skb, hdrlen);
	return IS_ERR_OR_NULL(found) ? sk : found;
}

static void mini_port_add(struct mini_port *port, struct mini_port_user *u,
			  bool guest)
{
	WRITE_ONCE(u->port, port);
	port->bound += mini_port_exclusive(u);
	hlist_add_head_rcu(&u->node, !guest ? &port->users :
				     u->sk ? &port->guests : &port->records);
}

/* The bucket's lock is held, and was held since it was seen alive. */
static void mini_port_reap(struct mini_port *port)
{
	if (!hlist_empty(&port->users) || !hlist_empty(&port->guests) ||
	    !hlist_empty(&port->records))
		return;
	port->dead = true;
	RCU_INIT_POINTER(*mini_port_slot(port->table, ntohs(port->key.port)),
			 NULL);
	call_rcu(&port->rcu, mini_port_free_rcu);
}

/* Join a bucket found under RCU; -ESTALE: it was dead, look again. */
static int mini_port_enter(struct mini_port *port, struct mini_port_user *u,
			   const struct mini_port_want *want)
{
	int err = -ESTALE;

	spin_lock_bh(&port->lock);
	if (!port->dead) {
		err = mini_port_check(port, u, want->mode);
		if (!err && want->claim)
			err = want->claim(want->arg, port->key.port);
		if (!err && port->key.protocol == IPPROTO_UDP &&
		    want->mode != MINI_PORT_CONNECT)
			err = mini_port_group_join(port, u);
		if (!err) {
			u->connected = want->mode == MINI_PORT_CONNECT;
			mini_port_add(port, u, u->connected);
		}
		mini_port_reap(port);
	}
	spin_unlock_bh(&port->lock);
	return err;
}

/* Put an empty bucket in the table: 0; -EBUSY: there is one; -ENOMEM. */
static int mini_port_create(struct mini_port_array *table, u8 protocol,
			    u16 num)
{
	struct mini_port __rcu **slot = mini_port_slot(table, num);
	struct mini_port *port;

	if (unlikely(!slot)) {
		if (mini_port_leaf_make(table, num))
			return -ENOMEM;
		slot = mini_port_slot(table, num);
	}
	port = kmem_cache_alloc(mini_port_cache, GFP_KERNEL);
	if (!port)
		return -ENOMEM;
	port->key.port = htons(num);
	port->key.protocol = protocol;
	port->key.pad = 0;
	port->table = table;
	spin_lock_init(&port->lock);
	port->dead = false;
	port->bound = 0;
	INIT_HLIST_HEAD(&port->users);
	INIT_HLIST_HEAD(&port->guests);
	INIT_HLIST_HEAD(&port->records);
	if (!cmpxchg(slot, NULL, RCU_INITIALIZER(port)))
		return 0;
	kmem_cache_free(mini_port_cache, port);
	return -EBUSY;
}

/* Make @u a user of port @num, if nobody there objects. */
static int mini_port_take(struct mini_net *mn, u8 protocol, u16 num,
			  struct mini_port_user *u,
			  const struct mini_port_want *want)
{
	struct mini_port_array *table = mini_port_table(mn, protocol);
	struct mini_port *port;
	int err;

	for (;;) {
		rcu_read_lock();
		port = mini_port_find(table, num);
		err = port ? mini_port_enter(port, u, want) : -ENOENT;
		rcu_read_unlock();
		if (err == -ENOENT) {
			err = mini_port_create(table, protocol, num);
			if (err && err != -EBUSY)
				return err;
		} else if (err != -ESTALE) {
			return err;
		}
	}
}

/**
 * struct mini_port_range - the ports of one parity in ip_local_port_range
 * @first: lowest
 * @count: how many
 */
struct mini_port_range {
	u16 first;
	u16 count;
};

/*
 * @own: IP_LOCAL_PORT_RANGE, of which counts what lies within the namespace's.
 * @odd: those at odd distance from the lower end, else those at even.
 */
static struct mini_port_range mini_port_half(struct mini_net *mn, u32 own,
					     bool odd)
{
	int low = READ_ONCE(mn->sysctl.ip_local_port_range[0]);
	int high = READ_ONCE(mn->sysctl.ip_local_port_range[1]);
	struct mini_port_range range;

	/* The two ends are not written at once: never trust their order. */
	low = clamp(low, 1, U16_MAX);
	high = clamp(high, low, U16_MAX);
	if (unlikely(own)) {
		int own_low = own & U16_MAX;
		int own_high = own >> 16;

		if (own_low >= low && own_low <= high)
			low = own_low;
		if (own_high >= low && own_high <= high)
			high = own_high;
	}
	range.first = low + odd;
	range.count = (high - low + 2 - odd) / 2;
	return range;
}

/* Nobody gets it who did not ask for it by number. */
static bool mini_port_reserved(const struct mini_net *mn, u16 num)
{
	const unsigned long *ports;

	ports = READ_ONCE(mn->sysctl.ip_local_reserved_ports);
	return unlikely(ports) && test_bit(num, ports);
}

/*
 * Try every port of a half once, beginning at @start; @tried counts them.
 * Return: 0, @full when none is left, another error.
 */
static int mini_port_search(struct mini_net *mn, u8 protocol,
			    struct mini_port_user *u, bool odd, u32 start,
			    const struct mini_port_want *want, int full,
			    u32 *tried)
{
	struct mini_port_range range = mini_port_half(mn, u->range, odd);
	u32 i;

	for (i = 0; i < range.count; i++) {
		u16 num = range.first + 2 * ((start + i) % range.count);
		int err = full;

		if (!mini_port_reserved(mn, num))
			err = mini_port_take(mn, protocol, num, u, want);
		++*tried;
		if (err != full)
			return err;
		if (!(*tried % 128))
			cond_resched();
	}
	return full;
}

int mini_port_bind(struct mini_net *mn, u8 protocol, struct mini_port_user *u,
		   __be16 port)
{
	struct mini_port_want want = { .mode = MINI_PORT_EXACT };
	u32 start, tried = 0;
	int err;

	if (port)
		return mini_port_take(mn, protocol, ntohs(port), u, &want);

	want.mode = MINI_PORT_ANY;
	start = get_random_u32() / 2;
	err = mini_port_search(mn, protocol, u, true, start, &want, -EADDRINUSE,
			       &tried);
	if (err == -EADDRINUSE)
		err = mini_port_search(mn, protocol, u, false, start, &want,
				       -EADDRINUSE, &tried);
	return err;
}

int mini_port_connect(struct mini_net *mn, u8 protocol,
		      struct mini_port_user *u, u32 offset,
		      int (*claim)(void *arg, __be16 port), void *arg)
{
	struct mini_port_want want = {
		.mode = MINI_PORT_CONNECT,
		.claim = claim,
		.arg = arg,
	};
	/* Half of the number space: adding a count to it never wraps. */
	u32 start = (offset + (u32)atomic_read(&mn->port->next)) / 2;
	u32 tried = 0;
	int err;

	err = mini_port_search(mn, protocol, u, false, start, &want,
			       -EADDRNOTAVAIL, &tried);
	if (err == -EADDRNOTAVAIL)
		err = mini_port_search(mn, protocol, u, true, start, &want,
				       -EADDRNOTAVAIL, &tried);
	atomic_add(2 * tried, &mn->port->next);
	return err;
}

int mini_port_join(struct mini_port_user *u, struct mini_port *port)
{
	int err = -ESTALE;

	spin_lock_bh(&port->lock);
	if (!port->dead) {
		mini_port_add(port, u, true);
		err = 0;
	}
	spin_unlock_bh(&port->lock);
	return err;
}

int mini_port_listen_ok(struct mini_port_user *u)
{
	struct mini_port *port = u->port;
	struct mini_port_user *other;
	int err = 0;

	spin_lock_bh(&port->lock);
	hlist_for_each_entry(other, &port->users, node) {
		if (other == u || !other->listening ||
		    !mini_port_conflict(u, other))
			continue;
		err = -EADDRINUSE;
		break;
	}
	if (!err) {
		u->listening = 1;
		err = mini_port_group_join(port, u);
		if (err)
			u->listening = 0;
	}
	spin_unlock_bh(&port->lock);
	return err;
}

void mini_port_unlisten(struct mini_port_user *u)
{
	struct mini_port *port = u->port;

	if (!port) {
		u->listening = 0;
		return;
	}
	spin_lock_bh(&port->lock);
	u->listening = 0;
	mini_port_group_leave(u);
	spin_unlock_bh(&port->lock);
}

/*
 * Readers compare addresses without a lock.  IPv4's are told from "any" by
 * their last 8 octets alone, which a 64-bit machine writes at once; else a
 * packet that comes in just now may miss the socket, as if it had come earlier.
 */
static void mini_port_set_addr(struct mini_port_user *u,
			       const struct in6_addr *addr)
{
#ifdef CONFIG_64BIT
	u64 *to = (u64 *)&u->addr;
	u64 half[2];

	BUILD_BUG_ON(offsetof(struct mini_port_user, addr) % sizeof(u64));
	memcpy(half, addr, sizeof(half));
	WRITE_ONCE(to[0], half[0]);
	WRITE_ONCE(to[1], half[1]);
#else
	u->addr = *addr;
#endif
}

void mini_port_update(struct mini_port_user *u, const struct in6_addr *addr,
		      bool connected)
{
	struct mini_port *port = u->port;

	if (!port) {
		u->addr = *addr;
		u->connected = connected;
		return;
	}
	spin_lock_bh(&port->lock);
	port->bound -= mini_port_exclusive(u);
	mini_port_set_addr(u, addr);
	u->connected = connected;
	port->bound += mini_port_exclusive(u);
	spin_unlock_bh(&port->lock);
}

void mini_port_set_dev(struct mini_port_user *u, int ifindex)
{
	struct mini_port *port = u->port;

	if (!port) {
		u->ifindex = ifindex;
		return;
	}
	spin_lock_bh(&port->lock);
	WRITE_ONCE(u->ifindex, ifindex);
	spin_unlock_bh(&port->lock);
}

void mini_port_release(struct mini_port_user *u)
{
	struct mini_port *port = u->port;

	if (!port)
		return;
	spin_lock_bh(&port->lock);
	/* A reader that stands on it must still find the way on. */
	hlist_del_init_rcu(&u->node);
	mini_port_group_leave(u);
	port->bound -= mini_port_exclusive(u);
	WRITE_ONCE(u->port, NULL);
	mini_port_reap(port);
	spin_unlock_bh(&port->lock);
}

struct mini_port *mini_port_lookup(struct mini_net *mn, u8 protocol,
				   __be16 port)
{
	return mini_port_find(mini_port_table(mn, protocol), ntohs(port));
}

/*
 * @iter: the port, and below it how many of its users have been seen; all ones
 * at the end.
 */
#define MINI_PORT_ITER_BITS	(BITS_PER_LONG / 2)
#define MINI_PORT_ITER_MASK	((1UL << MINI_PORT_ITER_BITS) - 1)

int mini_port_walk(struct mini_net *mn, u8 protocol, unsigned long *iter,
		   int (*fn)(struct mini_port_user *u, void *arg), void *arg)
{
	unsigned long num = *iter >> MINI_PORT_ITER_BITS;
	unsigned long skip = *iter & MINI_PORT_ITER_MASK;
	struct mini_port_array *table = mini_port_table(mn, protocol);
	struct mini_port_user *u;
	struct mini_port *port;
	unsigned long seen;
	int err = 0;

	if (*iter == ULONG_MAX)
		return 0;
	rcu_read_lock();
	for (; num <= U16_MAX; num++, skip = 0) {
		if (!mini_port_slot(table, num)) {
			num |= MINI_PORT_LEAF - 1;
			continue;
		}
		port = mini_port_find(table, num);
		if (!port)
			continue;
		seen = 0;
		hlist_for_each_entry_rcu(u, &port->users, node) {
			/* Was it moved to another port while we stood on it? */
			if (READ_ONCE(u->port) != port || seen++ < skip)
				continue;
			err = fn(u, arg);
			if (err) {
				*iter = num << MINI_PORT_ITER_BITS | (seen - 1);
				goto out;
			}
		}
	}
	*iter = ULONG_MAX;
out:
	rcu_read_unlock();
	return err;
}

int mini_port_net_init(struct mini_net *mn)
{
	mn->port = kzalloc(sizeof(*mn->port), GFP_KERNEL);
	if (!mn->port)
		return -ENOMEM;
	atomic_set(&mn->port->next, get_random_u32());
	return 0;
}

static void mini_port_table_free(struct mini_port_array *table)
{
	unsigned int i, j;

	for (i = 0; i < MINI_PORT_LEAVES; i++) {
		struct mini_port_leaf *leaf = table->leaves[i];

		for (j = 0; leaf && j < MINI_PORT_LEAF; j++)
			WARN_ON_ONCE(rcu_access_pointer(leaf->ports[j]));
		kfree(leaf);
	}
}

void mini_port_net_exit(struct mini_net *mn)
{
	int i;

	for (i = 0; i < MINI_PORT_TABLES; i++)
		mini_port_table_free(&mn->port->tables[i]);
	kfree(mn->port);
	mn->port = NULL;
}

int mini_port_init(void)
{
	mini_port_cache = KMEM_CACHE(mini_port, 0);
	return mini_port_cache ? 0 : -ENOMEM;
}

void mini_port_exit(void)
{
	/* Buckets wait for readers. */
	rcu_barrier();
	kmem_cache_destroy(mini_port_cache);
}
