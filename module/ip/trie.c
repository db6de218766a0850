// SPDX-License-Identifier: GPL-2.0
/*
 * A trie of prefixes: longest-prefix match without locks.
 *
 * A writer prepares what is new and publishes it with one store: an entry in
 * a slot, a node in its parent's value.  A value's number is given to nothing
 * else as long as its node lives; when the numbers are used up, the node is
 * written anew and the old one left to its readers.
 *
 * A prefix that longer ones of its node cover altogether is in no slot, but
 * still in the chain of their ->cover: all that are in a node and contain a
 * slot are in the chain which begins there.
 *
 * Locks on entry: writers are excluded by the caller; readers hold
 * rcu_read_lock().
 */
#include <linux/bitmap.h>
#include <linux/slab.h>

#include "trie.h"

/* The caller excludes writers: nothing changes under this reading. */
#define trie_deref(p)	rcu_dereference_protected(p, true)

static struct kmem_cache *trie_nodes __read_mostly;

int mini_trie_cache_init(void)
{
	/* Whoever may add routes pays for them. */
	trie_nodes = kmem_cache_create("mini_trie_node",
				       sizeof(struct mini_trie_node), 0,
				       SLAB_ACCOUNT, NULL);
	return trie_nodes ? 0 : -ENOMEM;
}

void mini_trie_cache_exit(void)
{
	rcu_barrier();
	kmem_cache_destroy(trie_nodes);
}

void mini_trie_init(struct mini_trie *t)
{
	RCU_INIT_POINTER(t->any, NULL);
	RCU_INIT_POINTER(t->root, NULL);
	t->entries = 0;
	t->nodes = 0;
}

/* Which octet a prefix ends in, how many of its values it covers, from where. */
static u8 trie_byte(u8 plen)
{
	return (plen - 1) / 8;
}

static unsigned int trie_width(u8 plen)
{
	return 1 << (8 * (trie_byte(plen) + 1) - plen);
}

static struct mini_trie_vals *trie_vals(const struct mini_trie_node *node)
{
	return trie_deref(node->vals);
}

static unsigned long trie_of_child(const struct mini_trie_node *node)
{
	return (unsigned long)node | MINI_TRIE_CHILD;
}

/* The longest prefix of the node itself that covers a slot. */
static struct mini_trie_entry *trie_top(const struct mini_trie_node *node,
					unsigned int octet)
{
	unsigned long v = mini_trie_value(node, octet);
	struct mini_trie_node *child = mini_trie_child(v);

	return child ? trie_deref(child->cover) : (struct mini_trie_entry *)v;
}

/* The chain from here on, without what is longer than @plen. */
static struct mini_trie_entry *trie_at_most(struct mini_trie_entry *e, u8 plen)
{
	while (e && e->plen > plen)
		e = trie_deref(e->cover);
	return e;
}

/* How many values to make room for: what kmalloc() gives anyway. */
static unsigned int trie_cap(unsigned int n)
{
	size_t size = struct_size((struct mini_trie_vals *)NULL, v, n);

	size = kmalloc_size_roundup(size);
	n = (size - sizeof(struct mini_trie_vals)) / sizeof(unsigned long);
	return min_t(unsigned int, n, MINI_TRIE_SLOTS);
}

/* A node with room for @n values; all slots have the first, which is 0. */
static struct mini_trie_node *trie_node_new(struct mini_trie *t,
					    const struct in6_addr *key,
					    u8 byte, unsigned int n)
{
	struct mini_trie_node *node = kmem_cache_zalloc(trie_nodes, GFP_KERNEL);
	unsigned int cap = trie_cap(n);
	struct mini_trie_vals *vals;

	if (!node)
		return NULL;
	vals = kmalloc(struct_size(vals, v, cap), GFP_KERNEL_ACCOUNT);
	if (!vals) {
		kmem_cache_free(trie_nodes, node);
		return NULL;
	}
	vals->v[0] = 0;
	RCU_INIT_POINTER(node->vals, vals);
	ipv6_addr_prefix(&node->key, key, byte * 8);
	node->byte = byte;
	node->n = 1;
	node->cap = cap;
	t->nodes++;
	return node;
}

static void trie_node_free_rcu(struct rcu_head *head)
{
	struct mini_trie_node *node = container_of(head, struct mini_trie_node,
						   rcu);

	kfree(rcu_dereference_raw(node->vals));
	kmem_cache_free(trie_nodes, node);
}

/* Its values live on in another node. */
static void trie_shell_free_rcu(struct rcu_head *head)
{
	kmem_cache_free(trie_nodes,
			container_of(head, struct mini_trie_node, rcu));
}

static void trie_node_free(struct mini_trie *t, struct mini_trie_node *node)
{
	t->nodes--;
	call_rcu(&node->rcu, trie_node_free_rcu);
}

/* One that nobody has seen. */
static void trie_node_drop(struct mini_trie *t, struct mini_trie_node *node)
{
	if (!node)
		return;
	t->nodes--;
	trie_node_free_rcu(&node->rcu);
}

/*
 * Let slots that have one value have another.  Numbers that no slot has any
 * more keep theirs: who still knows one came before the change, and what it
 * stands for waits for him.
 */
static void trie_change(struct mini_trie_node *node, unsigned int first,
			unsigned int width, unsigned long from,
			unsigned long to)
{
	struct mini_trie_vals *vals = trie_vals(node);
	unsigned int s;

	for (s = first; s < first + width; s++) {
		if (vals->v[node->slot[s]] != from)
			continue;
		/* What it stands for is there for who sees the value. */
		smp_store_release(&vals->v[node->slot[s]], to);
	}
}

/* Put another value where a child is. */
static void trie_change_child(struct mini_trie_node *parent,
			      const struct mini_trie_node *child,
			      unsigned long to)
{
	trie_change(parent, child->key.s6_addr[parent->byte], 1,
		    trie_of_child(child), to);
}

/* Put another node in the place of one. */
static void trie_replace(struct mini_trie *t, struct mini_trie_node *node,
			 struct mini_trie_node *by)
{
	by->parent = node->parent;
	if (node->parent)
		trie_change_child(node->parent, node, trie_of_child(by));
	else
		rcu_assign_pointer(t->root, by);
}

/* The children are told who their parent is now. */
static void trie_adopt(struct mini_trie_node *node)
{
	struct mini_trie_node *child;
	unsigned int s;

	for (s = 0; s < MINI_TRIE_SLOTS; s++) {
		child = mini_trie_child(mini_trie_value(node, s));
		if (child)
			child->parent = node;
	}
}

/* Does the value @v, an entry or a child, belong into a slot that has @old? */
static bool trie_beats(unsigned long v, unsigned long old)
{
	const struct mini_trie_entry *e = (struct mini_trie_entry *)v;
	const struct mini_trie_entry *o = (struct mini_trie_entry *)old;

	if (v & MINI_TRIE_CHILD)
		return true;
	if (old & MINI_TRIE_CHILD)
		return false;
	return !old || o->plen < e->plen;
}

/* Number a value; a node that is being made has room for it. */
static unsigned int trie_number(struct mini_trie_node *node, unsigned long v)
{
	struct mini_trie_vals *vals = trie_vals(node);
	unsigned int i;

	for (i = 0; i < node->n; i++) {
		if (vals->v[i] == v)
			return i;
	}
	vals->v[node->n] = v;
	return node->n++;
}

/* A value into the slots of a node that readers do not know yet. */
static void trie_fill(struct mini_trie_node *node, unsigned int first,
		      unsigned int width, unsigned long v)
{
	unsigned int i = trie_number(node, v);
	unsigned int s;

	for (s = first; s < first + width; s++) {
		if (trie_beats(v, mini_trie_value(node, s)))
			node->slot[s] = i;
	}
}

/* Write a node anew, with @v in its slots; numbers that nobody has are gone. */
static int trie_rewrite(struct mini_trie *t, struct mini_trie_node *node,
			unsigned int first, unsigned int width,
			unsigned long v)
{
	DECLARE_BITMAP(used, MINI_TRIE_SLOTS) = {};
	struct mini_trie_node *new;
	unsigned long old;
	unsigned int live;
	unsigned int s;

	for (s = 0; s < MINI_TRIE_SLOTS; s++)
		__set_bit(node->slot[s], used);
	live = bitmap_weight(used, MINI_TRIE_SLOTS);
	new = trie_node_new(t, &node->key, node->byte, live + 1 + live / 8);
	if (!new)
		return -ENOMEM;
	new->n = 0;
	for (s = 0; s < MINI_TRIE_SLOTS; s++) {
		old = mini_trie_value(node, s);
		if (s >= first && s < first + width && trie_beats(v, old))
			old = v;
		new->slot[s] = trie_number(new, old);
	}
	rcu_assign_pointer(new->cover, trie_deref(node->cover));
	trie_adopt(new);
	trie_replace(t, node, new);
	trie_node_free(t, node);
	return 0;
}

/* A new value into slots, where nothing longer is; the node may be replaced. */
static int trie_set(struct mini_trie *t, struct mini_trie_node *node,
		    unsigned int first, unsigned int width, unsigned long v)
{
	struct mini_trie_node *child = mini_trie_child(v);
	struct mini_trie_vals *vals = trie_vals(node);
	unsigned int s;

	if (node->n == node->cap)
		return trie_rewrite(t, node, first, width, v);
	if (child)
		child->parent = node;
	vals->v[node->n] = v;
	for (s = first; s < first + width; s++) {
		if (!trie_beats(v, mini_trie_value(node, s)))
			continue;
		/* The value is there for who sees the number. */
		smp_store_release(&node->slot[s], node->n);
	}
	node->n++;
	return 0;
}

/* Hang a node under another, where no child is. */
static int trie_hang(struct mini_trie *t, struct mini_trie_node *parent,
		     struct mini_trie_node *node)
{
	unsigned int s;

	if (!parent) {
		node->parent = NULL;
		rcu_assign_pointer(t->root, node);
		return 0;
	}
	s = node->key.s6_addr[parent->byte];
	RCU_INIT_POINTER(node->cover, trie_top(parent, s));
	return trie_set(t, parent, s, 1, trie_of_child(node));
}

/*
 * Put a new node over another.  This one goes on as a copy: it is covered by
 * prefixes of its new parent, and readers may still come to it by the old one.
 */
static int trie_push(struct mini_trie *t, struct mini_trie_node *node,
		     struct mini_trie_node *above)
{
	unsigned int s = node->key.s6_addr[above->byte];
	struct mini_trie_node *copy;

	copy = kmem_cache_alloc(trie_nodes, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	*copy = *node;
	RCU_INIT_POINTER(copy->cover, trie_top(above, s));
	trie_fill(above, s, 1, trie_of_child(copy));
	copy->parent = above;
	RCU_INIT_POINTER(above->cover, trie_deref(node->cover));
	trie_adopt(copy);
	trie_adopt(above);
	trie_replace(t, node, above);
	call_rcu(&node->rcu, trie_shell_free_rcu);
	return 0;
}

/*
 * A new prefix takes its place in the chains: it covers what is longer in its
 * slots.  Readers that follow a chain find it or what covers it.
 */
static void trie_chain(struct mini_trie_node *node, struct mini_trie_entry *new)
{
	unsigned int first = new->key.s6_addr[node->byte];
	unsigned int width = trie_width(new->plen);
	struct mini_trie_entry *cover;
	struct mini_trie_entry *e;
	unsigned int s;

	for (s = first; s < first + width; s++) {
		e = trie_top(node, s);
		if (!e || e->plen <= new->plen)
			continue;
		while ((cover = trie_deref(e->cover)) &&
		       cover->plen > new->plen)
			e = cover;
		if (cover != new)
			rcu_assign_pointer(e->cover, new);
	}
}

/* Children that it covers, and nothing longer. */
static void trie_cover(struct mini_trie_node *node, struct mini_trie_entry *new)
{
	unsigned int first = new->key.s6_addr[node->byte];
	unsigned int width = trie_width(new->plen);
	struct mini_trie_entry *cover;
	struct mini_trie_node *child;
	unsigned int s;

	for (s = first; s < first + width; s++) {
		child = mini_trie_child(mini_trie_value(node, s));
		if (!child)
			continue;
		cover = trie_deref(child->cover);
		if (!cover || cover->plen < new->plen)
			rcu_assign_pointer(child->cover, new);
	}
}

/*
 * A prefix of a node has another first entry, or none and what covers it
 * takes its place.
 */
static void trie_relink(struct mini_trie_node *node,
			struct mini_trie_entry *from,
			struct mini_trie_entry *to)
{
	unsigned int first = from->key.s6_addr[node->byte];
	unsigned int width = trie_width(from->plen);
	struct mini_trie_entry *cover;
	struct mini_trie_node *child;
	struct mini_trie_entry *e;
	unsigned int s;

	for (s = first; s < first + width; s++) {
		child = mini_trie_child(mini_trie_value(node, s));
		if (child && rcu_access_pointer(child->cover) == from)
			rcu_assign_pointer(child->cover, to);
		e = trie_top(node, s);
		while (e && e->plen > from->plen) {
			cover = trie_deref(e->cover);
			if (cover == from)
				rcu_assign_pointer(e->cover, to);
			e = cover;
		}
	}
	trie_change(node, first, width, (unsigned long)from,
		    (unsigned long)to);
}

/* Does a node have prefixes, or several children?  Else @only is the one. */
static bool trie_needed(const struct mini_trie_node *node,
			struct mini_trie_node **only)
{
	unsigned long v;
	unsigned int s;

	*only = NULL;
	for (s = 0; s < MINI_TRIE_SLOTS; s++) {
		v = mini_trie_value(node, s);
		if (!v)
			continue;
		if (*only || !mini_trie_child(v))
			return true;
		*only = mini_trie_child(v);
		if (rcu_access_pointer((*only)->cover))
			return true;
	}
	return false;
}

/* A node without prefixes is kept only where two children part. */
static void trie_prune(struct mini_trie *t, struct mini_trie_node *node)
{
	struct mini_trie_node *parent;
	struct mini_trie_node *child;

	while (node && !trie_needed(node, &child)) {
		parent = node->parent;
		if (child) {
			rcu_assign_pointer(child->cover,
					   trie_deref(node->cover));
			trie_replace(t, node, child);
		} else if (parent) {
			trie_change_child(parent, node, (unsigned long)
					  trie_deref(node->cover));
		} else {
			RCU_INIT_POINTER(t->root, NULL);
		}
		trie_node_free(t, node);
		node = parent;
	}
}

/* The child on the way to @key, or NULL. */
static struct mini_trie_node *trie_step(const struct mini_trie_node *node,
					const struct in6_addr *key)
{
	return mini_trie_child(mini_trie_value(node,
					       key->s6_addr[node->byte]));
}

/* The node that has the prefixes of an octet, below which @key is, or NULL. */
static struct mini_trie_node *trie_node_find(const struct mini_trie *t,
					     const struct in6_addr *key,
					     u8 byte)
{
	struct mini_trie_node *node = trie_deref(t->root);

	while (node && node->byte < byte)
		node = trie_step(node, key);
	return node && node->byte == byte && mini_trie_under(node, key) ?
	       node : NULL;
}

struct mini_trie_entry *mini_trie_find(const struct mini_trie *t,
				       const struct in6_addr *key, u8 plen)
{
	struct mini_trie_node *node;
	struct mini_trie_entry *e;

	if (!plen)
		return trie_deref(t->any);
	node = trie_node_find(t, key, trie_byte(plen));
	if (!node)
		return NULL;
	e = trie_at_most(trie_top(node, key->s6_addr[node->byte]), plen);
	return e && e->plen == plen ? e : NULL;
}

/* Another entry of a prefix that is there; @head is its first. */
static void trie_insert_more(struct mini_trie *t, struct mini_trie_entry *head,
			     struct mini_trie_entry *new)
{
	struct mini_trie_entry *prev = NULL;
	struct mini_trie_entry *e;

	for (e = head; e && e->order <= new->order; e = trie_deref(e->next))
		prev = e;
	RCU_INIT_POINTER(new->next, e);
	if (prev) {
		rcu_assign_pointer(prev->next, new);
		return;
	}
	RCU_INIT_POINTER(new->cover, trie_deref(head->cover));
	if (!new->plen) {
		rcu_assign_pointer(t->any, new);
		return;
	}
	trie_relink(trie_node_find(t, &new->key, trie_byte(new->plen)), head,
		    new);
}

/* The first entry of a prefix, into the node of its octet. */
static int trie_insert_into(struct mini_trie *t, struct mini_trie_node *node,
			    struct mini_trie_entry *new)
{
	unsigned int first = new->key.s6_addr[node->byte];
	int err;

	RCU_INIT_POINTER(new->cover, trie_at_most(trie_top(node, first),
						  new->plen));
	err = trie_set(t, node, first, trie_width(new->plen),
		       (unsigned long)new);
	if (err)
		return err;
	/* There was no room: another took the node's place. */
	node = trie_node_find(t, &new->key, trie_byte(new->plen));
	trie_chain(node, new);
	trie_cover(node, new);
	return 0;
}

/* The first octet, before @end, in which a node's key differs; else @end. */
static unsigned int trie_differs(const struct mini_trie_node *node,
				 const struct in6_addr *key, unsigned int end)
{
	unsigned int i;

	for (i = 0; i < end; i++) {
		if (node->key.s6_addr[i] != key->s6_addr[i])
			break;
	}
	return i;
}

/*
 * The first entry of a prefix whose octet has no node: one is made, under
 * @parent, and over or beside @node, which is there now, if any is.
 */
static int trie_insert_node(struct mini_trie *t, struct mini_trie_node *parent,
			    struct mini_trie_node *node,
			    struct mini_trie_entry *new)
{
	u8 byte = trie_byte(new->plen);
	struct mini_trie_node *fork = NULL;
	struct mini_trie_node *leaf;
	unsigned int at;
	int err = -ENOMEM;

	leaf = trie_node_new(t, &new->key, byte, 3);
	if (!leaf)
		return -ENOMEM;
	RCU_INIT_POINTER(new->cover, NULL);
	trie_fill(leaf, new->key.s6_addr[byte], trie_width(new->plen),
		  (unsigned long)new);
	if (!node) {
		err = trie_hang(t, parent, leaf);
	} else {
		at = trie_differs(node, &new->key,
				  min_t(unsigned int, node->byte, byte));
		if (at == byte) {
			err = trie_push(t, node, leaf);
		} else {
			fork = trie_node_new(t, &new->key, at, 3);
			if (fork) {
				trie_fill(fork, new->key.s6_addr[at], 1,
					  trie_of_child(leaf));
				err = trie_push(t, node, fork);
			}
		}
	}
	if (err) {
		trie_node_drop(t, fork);
		trie_node_drop(t, leaf);
	}
	return err;
}

static int trie_insert_first(struct mini_trie *t, struct mini_trie_entry *new)
{
	u8 byte = trie_byte(new->plen);
	struct mini_trie_node *parent = NULL;
	struct mini_trie_node *node = trie_deref(t->root);
	u8 octet;

	while (node && node->byte < byte && mini_trie_under(node, &new->key)) {
		parent = node;
		octet = new->key.s6_addr[node->byte];
		node = mini_trie_child(mini_trie_value(node, octet));
	}
	if (node && node->byte == byte && mini_trie_under(node, &new->key))
		return trie_insert_into(t, node, new);
	return trie_insert_node(t, parent, node, new);
}

int mini_trie_insert(struct mini_trie *t, const struct in6_addr *key, u8 plen,
		     struct mini_trie_entry *e)
{
	struct mini_trie_entry *head;
	int err;

	ipv6_addr_prefix(&e->key, key, plen);
	e->plen = plen;
	RCU_INIT_POINTER(e->next, NULL);
	RCU_INIT_POINTER(e->cover, NULL);
	head = mini_trie_find(t, &e->key, plen);
	if (head) {
		trie_insert_more(t, head, e);
	} else if (!plen) {
		rcu_assign_pointer(t->any, e);
	} else {
		err = trie_insert_first(t, e);
		if (err)
			return err;
	}
	t->entries++;
	return 0;
}

void mini_trie_remove(struct mini_trie *t, struct mini_trie_entry *e)
{
	struct mini_trie_entry *head = mini_trie_find(t, &e->key, e->plen);
	struct mini_trie_entry *next = trie_deref(e->next);
	struct mini_trie_node *node;

	t->entries--;
	if (head != e) {
		while (trie_deref(head->next) != e)
			head = trie_deref(head->next);
		rcu_assign_pointer(head->next, next);
		return;
	}
	if (!e->plen) {
		rcu_assign_pointer(t->any, next);
		return;
	}
	node = trie_node_find(t, &e->key, trie_byte(e->plen));
	if (next)
		rcu_assign_pointer(next->cover, trie_deref(e->cover));
	trie_relink(node, e, next ? next : trie_deref(e->cover));
	if (!next)
		trie_prune(t, node);
}

struct mini_trie_entry *mini_trie_lookup_max(const struct mini_trie *t,
					     const struct in6_addr *addr,
					     u8 max)
{
	struct mini_trie_entry *best = rcu_dereference(t->any);
	struct mini_trie_node *node = rcu_dereference(t->root);
	struct mini_trie_entry *e;
	unsigned long v;

	while (node) {
		for (e = rcu_dereference(node->cover); e && e->plen > max;)
			e = rcu_dereference(e->cover);
		if (e)
			best = e;
		if (node->byte * 8 >= max || !mini_trie_under(node, addr))
			break;
		v = mini_trie_value(node, addr->s6_addr[node->byte]);
		node = mini_trie_child(v);
		if (node)
			continue;
		e = (struct mini_trie_entry *)v;
		while (e && e->plen > max)
			e = rcu_dereference(e->cover);
		if (e)
			best = e;
	}
	return best;
}

/*
 * Of the prefixes of a node that begin with a slot, the shortest that follows
 * (@key, @plen); with no @key, the shortest.
 */
static struct mini_trie_entry *trie_begins(const struct mini_trie_node *node,
					   unsigned int octet,
					   const struct in6_addr *key, u8 plen)
{
	struct mini_trie_entry *found = NULL;
	struct mini_trie_entry *e;
	int cmp;

	for (e = trie_top(node, octet); e; e = trie_deref(e->cover)) {
		if (e->key.s6_addr[node->byte] != octet)
			break;
		cmp = key ? memcmp(&e->key, key, sizeof(*key)) : 1;
		if (cmp < 0 || (!cmp && e->plen <= plen))
			break;
		found = e;
	}
	return found;
}

/* The first prefix in a node and below it, from a slot on. */
static struct mini_trie_entry *trie_least(const struct mini_trie_node *node,
					  unsigned int octet)
{
	struct mini_trie_entry *e;
	struct mini_trie_node *child;

	while (octet < MINI_TRIE_SLOTS) {
		e = trie_begins(node, octet, NULL, 0);
		if (e)
			return e;
		child = mini_trie_child(mini_trie_value(node, octet));
		octet++;
		if (child) {
			node = child;
			octet = 0;
		}
	}
	return NULL;
}

struct mini_trie_entry *mini_trie_next(const struct mini_trie *t,
				       const struct in6_addr *key, u8 plen)
{
	const struct mini_trie_node *node = trie_deref(t->root);
	const struct mini_trie_node *last = NULL;
	struct mini_trie_entry *e;
	int cmp;

	/* Down to where the prefix is or would be. */
	while (node) {
		cmp = memcmp(&node->key, key, node->byte);
		if (cmp > 0)
			return trie_least(node, 0);
		if (cmp < 0)
			break;
		e = trie_begins(node, key->s6_addr[node->byte], key, plen);
		if (e)
			return e;
		last = node;
		node = trie_step(node, key);
	}
	/* Up again, to the right of it. */
	for (node = last; node; node = node->parent) {
		e = trie_least(node, key->s6_addr[node->byte] + 1);
		if (e)
			return e;
	}
	return NULL;
}

struct mini_trie_entry *mini_trie_first(const struct mini_trie *t)
{
	const struct mini_trie_node *root = trie_deref(t->root);

	if (rcu_access_pointer(t->any))
		return trie_deref(t->any);
	return root ? trie_least(root, 0) : NULL;
}
