// SPDX-License-Identifier: GPL-2.0
/*
 * A trie of prefixes: longest-prefix match without locks.
 *
 * A writer prepares what is new and publishes it with one pointer, so that a
 * reader finds the old or the new shape, both complete.  A node that left
 * keeps its pointers until its readers are gone.
 *
 * Locks on entry: writers are excluded by the caller; readers hold
 * rcu_read_lock().
 */
#include <linux/slab.h>

#include "trie.h"

/* The caller excludes writers: nothing changes under this reading. */
#define trie_deref(p)	rcu_dereference_protected(p, true)

void mini_trie_init(struct mini_trie *t)
{
	RCU_INIT_POINTER(t->root, NULL);
	t->entries = 0;
	t->nodes = 0;
}

static struct mini_trie_node *trie_node_new(struct mini_trie *t,
					    const struct in6_addr *key, u8 plen)
{
	struct mini_trie_node *node;

	/* Whoever may add routes pays for them. */
	node = kzalloc(sizeof(*node), GFP_KERNEL_ACCOUNT);
	if (!node)
		return NULL;
	ipv6_addr_prefix(&node->key, key, plen);
	node->plen = plen;
	INIT_HLIST_HEAD(&node->entries);
	t->nodes++;
	return node;
}

static void trie_node_free(struct mini_trie *t, struct mini_trie_node *node)
{
	t->nodes--;
	kfree_rcu(node, rcu);
}

/* The bits that a node and a prefix have in common. */
static unsigned int trie_common(const struct mini_trie_node *node,
				const struct in6_addr *key, u8 plen)
{
	unsigned int max = min(node->plen, plen);

	return min_t(unsigned int, ipv6_addr_diff(&node->key, key), max);
}

static void trie_adopt(struct mini_trie_node *parent,
		       struct mini_trie_node *child)
{
	unsigned int bit = mini_trie_bit(&child->key, parent->plen);

	rcu_assign_pointer(parent->child[bit], child);
	child->parent = parent;
}

/* Where the pointer to a node is. */
static struct mini_trie_node __rcu **trie_slot(struct mini_trie *t,
					       struct mini_trie_node *node)
{
	struct mini_trie_node *parent = node->parent;

	if (!parent)
		return &t->root;
	return &parent->child[mini_trie_bit(&node->key, parent->plen)];
}

/* Find the node of a prefix; make it if there is none. */
static struct mini_trie_node *trie_get(struct mini_trie *t,
				       const struct in6_addr *key, u8 plen)
{
	struct mini_trie_node __rcu **slot = &t->root;
	struct mini_trie_node *parent = NULL;
	struct mini_trie_node *node;
	struct mini_trie_node *new;
	struct mini_trie_node *fork;
	unsigned int common = 0;

	while ((node = trie_deref(*slot))) {
		common = trie_common(node, key, plen);
		if (common < node->plen)
			break;
		if (node->plen == plen)
			return node;
		parent = node;
		slot = &node->child[mini_trie_bit(key, node->plen)];
	}

	new = trie_node_new(t, key, plen);
	if (!new)
		return NULL;
	if (!node) {
		new->parent = parent;
		rcu_assign_pointer(*slot, new);
		return new;
	}
	if (common == plen) {
		/* The new prefix contains the node's. */
		trie_adopt(new, node);
		new->parent = parent;
		rcu_assign_pointer(*slot, new);
		return new;
	}
	fork = trie_node_new(t, key, common);
	if (!fork) {
		trie_node_free(t, new);
		return NULL;
	}
	trie_adopt(fork, node);
	trie_adopt(fork, new);
	fork->parent = parent;
	rcu_assign_pointer(*slot, fork);
	return new;
}

/* A node without entries is kept only where two prefixes part. */
static void trie_prune(struct mini_trie *t, struct mini_trie_node *node)
{
	struct mini_trie_node *parent;
	struct mini_trie_node *left;
	struct mini_trie_node *right;
	struct mini_trie_node *child;

	while (node && hlist_empty(&node->entries)) {
		left = trie_deref(node->child[0]);
		right = trie_deref(node->child[1]);
		if (left && right)
			return;
		parent = node->parent;
		child = left ? left : right;
		rcu_assign_pointer(*trie_slot(t, node), child);
		if (child)
			child->parent = parent;
		trie_node_free(t, node);
		node = parent;
	}
}

int mini_trie_insert(struct mini_trie *t, const struct in6_addr *key, u8 plen,
		     struct mini_trie_entry *e)
{
	struct mini_trie_entry *last = NULL;
	struct mini_trie_entry *pos;
	struct mini_trie_node *node;

	node = trie_get(t, key, plen);
	if (!node)
		return -ENOMEM;
	hlist_for_each_entry(pos, &node->entries, list) {
		if (pos->order > e->order)
			break;
		last = pos;
	}
	e->node = node;
	if (last)
		hlist_add_behind_rcu(&e->list, &last->list);
	else
		hlist_add_head_rcu(&e->list, &node->entries);
	t->entries++;
	return 0;
}

void mini_trie_remove(struct mini_trie *t, struct mini_trie_entry *e)
{
	hlist_del_rcu(&e->list);
	t->entries--;
	trie_prune(t, e->node);
}

struct mini_trie_node *mini_trie_find(const struct mini_trie *t,
				      const struct in6_addr *key, u8 plen)
{
	struct mini_trie_node *node = trie_deref(t->root);

	while (node && node->plen <= plen &&
	       ipv6_prefix_equal(&node->key, key, node->plen)) {
		if (node->plen == plen)
			return hlist_empty(&node->entries) ? NULL : node;
		node = trie_deref(node->child[mini_trie_bit(key, node->plen)]);
	}
	return NULL;
}

struct mini_trie_node *mini_trie_next(const struct mini_trie_node *node)
{
	struct mini_trie_node *next;

	do {
		next = trie_deref(node->child[0]);
		if (!next)
			next = trie_deref(node->child[1]);
		while (!next && node->parent) {
			/* Up, until there is a right side not yet walked. */
			if (trie_deref(node->parent->child[0]) == node)
				next = trie_deref(node->parent->child[1]);
			node = node->parent;
		}
		node = next;
	} while (node && hlist_empty(&node->entries));
	return next;
}

struct mini_trie_node *mini_trie_first(const struct mini_trie *t)
{
	struct mini_trie_node *node = trie_deref(t->root);

	if (node && hlist_empty(&node->entries))
		node = mini_trie_next(node);
	return node;
}
