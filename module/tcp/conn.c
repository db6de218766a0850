// SPDX-License-Identifier: GPL-2.0
/*
 * The connection table: one look-up finds what a segment belongs to, be it a
 * connection, a half-open one or a TIME-WAIT record.  Listeners are found by
 * their port instead.
 *
 * And what is hashed from the names of a connection: the initial sequence
 * number (RFC 6528), the timestamp's origin (RFC 7323 section 5.4) and the
 * first port to try (RFC 6056).
 *
 * Readers hold rcu_read_lock(); changes may be made in any context.
 */
#include <linux/once.h>
#include <linux/rhashtable.h>
#include <linux/siphash.h>

#include "open.h"

static hsiphash_key_t mini_tcp_table_key;
static siphash_aligned_key_t mini_tcp_isn_key;
static siphash_aligned_key_t mini_tcp_ts_key;
static siphash_aligned_key_t mini_tcp_port_key;

void mini_tcp_conn_init(void)
{
	get_random_bytes(&mini_tcp_table_key, sizeof(mini_tcp_table_key));
	get_random_bytes(&mini_tcp_isn_key, sizeof(mini_tcp_isn_key));
	get_random_bytes(&mini_tcp_ts_key, sizeof(mini_tcp_ts_key));
	get_random_bytes(&mini_tcp_port_key, sizeof(mini_tcp_port_key));
}

static u64 mini_tuple_hash(const struct mini_tuple *t,
			   const siphash_key_t *key)
{
	u32 ports = (__force u32)t->lport << 16 | (__force u32)t->rport;

	if (mini_addr_is_v4(&t->raddr))
		return siphash_3u32((__force u32)mini_addr_v4(&t->raddr),
				    (__force u32)mini_addr_v4(&t->laddr),
				    ports, key);
	return siphash(t, offsetofend(struct mini_tuple, lport), key);
}

/*
 * Which chain a row hangs in.  Peers choose the names, so it is keyed; it is
 * never told to anybody, so the short hash will do.
 */
static u32 mini_tcp_row_hash(const struct mini_tuple *t)
{
	u32 ports = (__force u32)t->lport << 16 | (__force u32)t->rport;

	if (mini_addr_is_v4(&t->raddr))
		return hsiphash_3u32((__force u32)mini_addr_v4(&t->raddr),
				     (__force u32)mini_addr_v4(&t->laddr),
				     ports, &mini_tcp_table_key);
	return hsiphash(t, offsetofend(struct mini_tuple, lport),
			&mini_tcp_table_key);
}

struct mini_conn_key {
	const struct mini_tuple *tuple;
	u32 hash;
};

static u32 mini_conn_key_hashfn(const void *data, u32 len, u32 seed)
{
	const struct mini_conn_key *key = data;

	return key->hash;
}

static u32 mini_conn_obj_hashfn(const void *data, u32 len, u32 seed)
{
	const struct mini_conn *conn = data;

	return conn->hash;
}

static int mini_conn_cmpfn(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct mini_tuple *key =
		((const struct mini_conn_key *)arg->key)->tuple;
	const struct mini_conn *conn = obj;

	return conn->tuple.rport != key->rport ||
	       conn->tuple.lport != key->lport ||
	       !mini_addr_equal(&conn->tuple.raddr, &key->raddr) ||
	       !mini_addr_equal(&conn->tuple.laddr, &key->laddr);
}

static const struct rhashtable_params mini_conn_params = {
	.head_offset = offsetof(struct mini_conn, node),
	.key_len = sizeof(struct mini_tuple),
	.hashfn = mini_conn_key_hashfn,
	.obj_hashfn = mini_conn_obj_hashfn,
	.obj_cmpfn = mini_conn_cmpfn,
	.nelem_hint = 512,
	.automatic_shrinking = true,
};

/**
 * mini_tcp_conn_insert() - add a row
 * Return: 0; -EEXIST if the tuple is taken; -ENOMEM; -E2BIG.
 * @mn: the instance
 * @conn: row
 */
int mini_tcp_conn_insert(struct mini_net *mn, struct mini_conn *conn)
{
	struct mini_conn_key key = {
		.tuple = &conn->tuple,
		.hash = mini_tcp_row_hash(&conn->tuple),
	};

	conn->hash = key.hash;
	return rhashtable_lookup_insert_key(&mn->tcp->conns, &key, &conn->node,
					    mini_conn_params);
}

/* True if this call removed it: the caller drops what the table held. */
bool mini_tcp_conn_remove(struct mini_net *mn, struct mini_conn *conn)
{
	return !rhashtable_remove_fast(&mn->tcp->conns, &conn->node,
				       mini_conn_params);
}

/* Put @new where @old stands, same tuple; false if @old had left already. */
bool mini_tcp_conn_replace(struct mini_net *mn, struct mini_conn *old,
			   struct mini_conn *new)
{
	new->hash = old->hash;
	return !rhashtable_replace_fast(&mn->tcp->conns, &old->node,
					&new->node, mini_conn_params);
}

struct mini_conn *mini_tcp_conn_lookup(struct mini_net *mn,
				       const struct mini_tuple *tuple)
{
	struct mini_conn_key key = {
		.tuple = tuple,
		.hash = mini_tcp_row_hash(tuple),
	};

	return rhashtable_lookup(&mn->tcp->conns, &key, mini_conn_params);
}

/* RFC 6528: a clock of 4 us plus a keyed hash of the connection's names. */
u32 mini_tcp_isn(const struct mini_tuple *tuple)
{
	return (u32)mini_tuple_hash(tuple, &mini_tcp_isn_key) +
	       (u32)(ktime_get_real_ns() >> 12);
}

/* Constant for a pair of hosts: TIME-WAIT reuse compares timestamps. */
u32 mini_tcp_ts_offset(const struct mini_tuple *tuple)
{
	struct mini_tuple hosts = *tuple;

	hosts.lport = 0;
	hosts.rport = 0;
	return mini_tuple_hash(&hosts, &mini_tcp_ts_key);
}

u32 mini_tcp_port_offset(const struct mini_tuple *tuple)
{
	struct mini_tuple peer = *tuple;

	peer.lport = 0;
	return mini_tuple_hash(&peer, &mini_tcp_port_key);
}

int mini_tcp_conn_walk(struct mini_net *mn, unsigned long *iter,
		       int (*fn)(const struct mini_conn *conn, void *arg),
		       void *arg)
{
	struct rhashtable_iter hti;
	struct mini_conn *conn;
	unsigned long seen = 0;
	int err = 0;

	rhashtable_walk_enter(&mn->tcp->conns, &hti);
	rhashtable_walk_start(&hti);
	while ((conn = rhashtable_walk_next(&hti)) != NULL) {
		/* The table was resized: the walk may show a row twice. */
		if (IS_ERR(conn))
			continue;
		if (seen++ < *iter)
			continue;
		err = fn(conn, arg);
		if (err)
			break;
		*iter = seen;
	}
	rhashtable_walk_stop(&hti);
	rhashtable_walk_exit(&hti);
	return err;
}

int mini_tcp_conn_net_init(struct mini_net *mn)
{
	return rhashtable_init(&mn->tcp->conns, &mini_conn_params);
}

/* The first socket of the table, held, or NULL. */
static struct sock *mini_tcp_conn_first(struct mini_net *mn)
{
	struct rhashtable_iter hti;
	struct mini_conn *conn;
	struct sock *sk = NULL;

	rhashtable_walk_enter(&mn->tcp->conns, &hti);
	rhashtable_walk_start(&hti);
	while ((conn = rhashtable_walk_next(&hti)) != NULL) {
		if (IS_ERR(conn) || conn->kind != MINI_CONN_SOCK)
			continue;
		sk = &container_of(conn, struct mini_sock, conn)->sk;
		if (refcount_inc_not_zero(&sk->sk_refcnt))
			break;
		sk = NULL;
	}
	rhashtable_walk_stop(&hti);
	rhashtable_walk_exit(&hti);
	return sk;
}

/**
 * mini_tcp_conn_abort_all() - end every connection of a namespace
 * @mn: the instance
 *
 * Programs hold the namespace and the module, so these are orphans.  Devices
 * are still there: peers get their RST.
 */
void mini_tcp_conn_abort_all(struct mini_net *mn)
{
	struct sock *sk;

	while ((sk = mini_tcp_conn_first(mn)) != NULL) {
		lock_sock(sk);
		/* The reference keeps it when the abort destroys it. */
		if (sk->sk_state != TCP_CLOSE)
			mini_tcp_abort(mini_tcp_sk(sk), ECONNABORTED);
		release_sock(sk);
		sock_put(sk);
		cond_resched();
	}
}

void mini_tcp_conn_net_exit(struct mini_net *mn)
{
	rhashtable_destroy(&mn->tcp->conns);
}
