/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A trie of prefixes over 128-bit keys: what the routing table is made of.
 *
 * A node stands for one octet of the key.  It has the prefixes that end in
 * this octet, of 1 to 8 of its bits, each written into all the slots that it
 * covers and that no longer one does: so one load finds the longest of them.
 * Octets in which no two prefixes differ and none ends have no node.  A slot
 * is a number of one octet; it tells a value in an array as long as there are
 * different ones.
 *
 * Each prefix may have several entries, the one with the least order first.
 *
 * Readers hold rcu_read_lock() and no lock: to them each prefix is there or
 * not.  Writers exclude each other (RTNL for the routing table).
 */
#ifndef _MINI_TRIE_H
#define _MINI_TRIE_H

#include <linux/in6.h>
#include <linux/rcupdate.h>
#include <net/ipv6.h>

#define MINI_TRIE_SLOTS	256

/**
 * struct mini_trie_entry - what the trie's user embeds in its objects
 * @key: the prefix, bits after @plen zero; for writers
 * @rcu: for who frees it, once it has been taken out
 * @next: entry of the same prefix, by order
 * @cover: of a prefix's first entry: that of the next shorter prefix which
 *	contains it and ends in the same octet, or NULL
 * @order: less comes first; equal ones in the order of insertion
 * @plen: bits of the prefix, 0-128
 */
struct mini_trie_entry {
	union {
		struct in6_addr key;
		struct rcu_head rcu;
	};
	struct mini_trie_entry __rcu *next;
	struct mini_trie_entry __rcu *cover;
	u32 order;
	u8 plen;
};

/**
 * struct mini_trie_vals - the different values of a node's slots
 * @rcu: frees it
 * @v: struct mini_trie_entry, struct mini_trie_node with MINI_TRIE_CHILD, or 0
 */
struct mini_trie_vals {
	struct rcu_head rcu;
	unsigned long v[];
};

#define MINI_TRIE_CHILD	1UL

/**
 * struct mini_trie_node - the prefixes that end in an octet
 * @slot: by the octet: which of @vals
 * @vals: values; none is used for another while readers may know its number
 * @cover: the longest prefix of the parent that covers the slot it is in
 * @key: what all prefixes below have in common, zero from @byte on
 * @byte: which octet
 * @parent: the node above; for writers, as @n and @cap
 * @n: values in use
 * @cap: room for values
 * @rcu: frees it
 */
struct mini_trie_node {
	u8 slot[MINI_TRIE_SLOTS];
	struct mini_trie_vals __rcu *vals;
	struct mini_trie_entry __rcu *cover;
	struct in6_addr key;
	u8 byte;
	union {
		struct {
			struct mini_trie_node *parent;
			u16 n;
			u16 cap;
		};
		struct rcu_head rcu;
	};
};

/**
 * struct mini_trie - the trie
 * @any: entries of the prefix of no bits
 * @root: the topmost node
 * @entries: how many
 * @nodes: how many
 */
struct mini_trie {
	struct mini_trie_entry __rcu *any;
	struct mini_trie_node __rcu *root;
	unsigned int entries;
	unsigned int nodes;
};

int mini_trie_cache_init(void);
void mini_trie_cache_exit(void);

void mini_trie_init(struct mini_trie *t);

/**
 * mini_trie_insert() - add an entry to a prefix
 * @t: the trie; writers excluded
 * @key: prefix; bits after @plen are ignored
 * @plen: its bits, 0-128
 * @e: entry, @e->order set
 *
 * Context: process.  Return: 0 or -ENOMEM, and nothing has changed.
 */
int mini_trie_insert(struct mini_trie *t, const struct in6_addr *key, u8 plen,
		     struct mini_trie_entry *e);

/**
 * mini_trie_remove() - take an entry out
 * @t: the trie; writers excluded
 * @e: entry; its owner frees it after a grace period, by @e->rcu if he likes
 */
void mini_trie_remove(struct mini_trie *t, struct mini_trie_entry *e);

/**
 * mini_trie_find() - the first entry of exactly this prefix
 * @t: the trie
 * @key: prefix, bits after @plen zero
 * @plen: its bits
 *
 * Context: writers excluded.  Return: an entry or NULL.
 */
struct mini_trie_entry *mini_trie_find(const struct mini_trie *t,
				       const struct in6_addr *key, u8 plen);

/**
 * mini_trie_next() - the first entry of the prefix that follows
 * @t: the trie
 * @key: a prefix, bits after @plen zero; it need not be there
 * @plen: its bits
 *
 * In the order of keys, the shorter first where they are equal.
 *
 * Context: writers excluded.  Return: an entry or NULL.
 */
struct mini_trie_entry *mini_trie_next(const struct mini_trie *t,
				       const struct in6_addr *key, u8 plen);
struct mini_trie_entry *mini_trie_first(const struct mini_trie *t);

/* The longest prefix of at most @max bits; as mini_trie_lookup(). */
struct mini_trie_entry *mini_trie_lookup_max(const struct mini_trie *t,
					     const struct in6_addr *addr,
					     u8 max);

/* A slot's value: an entry, a child, or nothing. */
static inline unsigned long mini_trie_value(const struct mini_trie_node *node,
					    u8 octet)
{
	/* The array that is seen then has what the number stands for. */
	unsigned int i = smp_load_acquire(&node->slot[octet]);

	return READ_ONCE(rcu_dereference_raw(node->vals)->v[i]);
}

static inline struct mini_trie_node *mini_trie_child(unsigned long v)
{
	return v & MINI_TRIE_CHILD ?
	       (struct mini_trie_node *)(v & ~MINI_TRIE_CHILD) : NULL;
}

static inline bool mini_trie_under(const struct mini_trie_node *node,
				   const struct in6_addr *addr)
{
	return ipv6_prefix_equal(&node->key, addr, node->byte * 8);
}

/**
 * mini_trie_lookup() - the longest prefix of an address
 * @t: the trie
 * @addr: the address
 *
 * Context: rcu_read_lock().  Return: its first entry, or NULL.
 */
static inline struct mini_trie_entry *
mini_trie_lookup(const struct mini_trie *t, const struct in6_addr *addr)
{
	struct mini_trie_entry *best = rcu_dereference(t->any);
	struct mini_trie_node *node = rcu_dereference(t->root);
	struct mini_trie_entry *cover;
	unsigned int byte = 0;
	unsigned long v;

	while (node) {
		cover = rcu_dereference(node->cover);
		if (cover)
			best = cover;
		/* Octets were left out: do they agree? */
		if (unlikely(node->byte != byte) &&
		    !mini_trie_under(node, addr))
			break;
		byte = node->byte + 1;
		v = mini_trie_value(node, addr->s6_addr[node->byte]);
		node = mini_trie_child(v);
		if (!node && v)
			best = (struct mini_trie_entry *)v;
	}
	return best;
}

#endif /* _MINI_TRIE_H */
