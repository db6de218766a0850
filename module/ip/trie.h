/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A trie of prefixes over 128-bit keys: what the routing table is made of.
 *
 * Path-compressed and binary: a node is a prefix that has entries, or the
 * point where two such prefixes part.  Each prefix may have several entries,
 * the one with the least order first.
 *
 * Readers hold rcu_read_lock() and no lock; they may see a change half made
 * only in the sense that they see the prefix before or after it.  Writers
 * exclude each other (RTNL for the routing table).
 */
#ifndef _MINI_TRIE_H
#define _MINI_TRIE_H

#include <linux/in6.h>
#include <linux/rculist.h>
#include <net/ipv6.h>

/**
 * struct mini_trie_node - a prefix
 * @child: longer prefixes, by the first bit after this one's
 * @key: the prefix, bits after @plen zero
 * @plen: its bits, 0-128
 * @entries: struct mini_trie_entry, by order; empty where two prefixes part
 * @parent: shorter prefix, for writers
 */
struct mini_trie_node {
	struct mini_trie_node __rcu *child[2];
	struct in6_addr key;
	u8 plen;
	struct hlist_head entries;
	struct mini_trie_node *parent;
	struct rcu_head rcu;
};

/**
 * struct mini_trie_entry - what the trie's user embeds in its objects
 * @list: among the entries of the prefix
 * @node: the prefix, for writers
 * @order: less comes first; equal ones in the order of insertion
 */
struct mini_trie_entry {
	struct hlist_node list;
	struct mini_trie_node *node;
	u32 order;
};

struct mini_trie {
	struct mini_trie_node __rcu *root;
	unsigned int entries;
	unsigned int nodes;
};

void mini_trie_init(struct mini_trie *t);

/**
 * mini_trie_insert() - add an entry to a prefix
 * @t: the trie; writers excluded
 * @key: prefix; bits after @plen are ignored
 * @plen: its bits, 0-128
 * @e: entry, @e->order set
 *
 * Return: 0 or -ENOMEM.
 */
int mini_trie_insert(struct mini_trie *t, const struct in6_addr *key, u8 plen,
		     struct mini_trie_entry *e);

/**
 * mini_trie_remove() - take an entry out
 * @t: the trie; writers excluded
 * @e: entry; its owner frees it after a grace period
 */
void mini_trie_remove(struct mini_trie *t, struct mini_trie_entry *e);

/**
 * mini_trie_find() - the node of exactly this prefix
 * @t: the trie
 * @key: prefix; bits after @plen are ignored
 * @plen: its bits
 *
 * Context: writers excluded.  Return: a node with entries, or NULL.
 */
struct mini_trie_node *mini_trie_find(const struct mini_trie *t,
				      const struct in6_addr *key, u8 plen);

/* In the order of prefixes, shorter first; writers excluded. */
struct mini_trie_node *mini_trie_first(const struct mini_trie *t);
struct mini_trie_node *mini_trie_next(const struct mini_trie_node *node);

static inline unsigned int mini_trie_bit(const struct in6_addr *a,
					 unsigned int i)
{
	return (ntohl(a->s6_addr32[i >> 5]) >> (31 - (i & 31))) & 1;
}

/* A node on the way down to @key, if @node is a prefix of it. */
static inline struct mini_trie_node *
mini_trie_check(struct mini_trie_node *node, const struct in6_addr *key)
{
	if (node && !ipv6_prefix_equal(&node->key, key, node->plen))
		return NULL;
	return node;
}

static inline struct mini_trie_node *
mini_trie_descend(const struct mini_trie_node *node, const struct in6_addr *key)
{
	unsigned int bit;

	if (node->plen == 128)
		return NULL;
	bit = mini_trie_bit(key, node->plen);
	return mini_trie_check(rcu_dereference(node->child[bit]), key);
}

/**
 * mini_trie_for_each_match() - the prefixes of an address, shortest first
 * @node: struct mini_trie_node cursor; may have no entries
 * @t: the trie
 * @addr: the address
 *
 * The last node with an entry that suits is the longest match.
 * Context: rcu_read_lock().
 */
#define mini_trie_for_each_match(node, t, addr)				\
	for ((node) = mini_trie_check(rcu_dereference((t)->root), addr); \
	     (node); (node) = mini_trie_descend(node, addr))

#endif /* _MINI_TRIE_H */
