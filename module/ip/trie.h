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

/* @node, if it is a prefix of @addr. */
static inline struct mini_trie_node *
mini_trie_check(struct mini_trie_node *node, const struct in6_addr *addr)
{
	if (node && !ipv6_prefix_equal(&node->key, addr, node->plen))
		return NULL;
	return node;
}

/**
 * mini_trie_top() - the shortest prefix of an address
 * @t: the trie
 * @addr: the address
 *
 * With mini_trie_down() it walks all prefixes of an address, shortest first;
 * a node may have no entries.  The last one with an entry that suits is the
 * longest match.
 *
 * Context: rcu_read_lock().  Return: a node or NULL.
 */
static inline struct mini_trie_node *
mini_trie_top(const struct mini_trie *t, const struct in6_addr *addr)
{
	return mini_trie_check(rcu_dereference(t->root), addr);
}

/* The next longer prefix of an address, or NULL; as mini_trie_top(). */
static inline struct mini_trie_node *
mini_trie_down(const struct mini_trie_node *node, const struct in6_addr *addr)
{
	unsigned int bit;

	if (node->plen == 128)
		return NULL;
	bit = mini_trie_bit(addr, node->plen);
	return mini_trie_check(rcu_dereference(node->child[bit]), addr);
}

#endif /* _MINI_TRIE_H */
