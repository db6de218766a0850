// SPDX-License-Identifier: GPL-2.0
/*
 * The part of a socket that both transports share: its life, its names.
 *
 * Locks on entry: the socket lock where a function changes the socket.
 */
#include "sock.h"

atomic_t mini_sk_count = ATOMIC_INIT(0);
DECLARE_WAIT_QUEUE_HEAD(mini_sk_wait);

void mini_sk_init(struct mini_sock *ms, struct mini_net *mn)
{
	atomic_inc(&mini_sk_count);
	ms->mn = mn;
	ms->conn.kind = MINI_CONN_SOCK;
	memset(&ms->conn.tuple, 0, sizeof(ms->conn.tuple));
	memset(&ms->bound, 0, sizeof(ms->bound));
	memset(&ms->path, 0, sizeof(ms->path));
	memset(&ms->port, 0, sizeof(ms->port));
	ms->port.sk = &ms->sk;
	ms->domain = AF_INET;
	ms->ttl = -1;
	ms->tos = 0;
	ms->pmtudisc = IP_PMTUDISC_WANT;
	ms->sk.sk_destruct = mini_sk_destruct;
	/* Readers find sockets in tables and lists under RCU. */
	sock_set_flag(&ms->sk, SOCK_RCU_FREE);
}

void mini_sk_destruct(struct sock *sk)
{
	struct mini_sock *ms = mini_sk(sk);

	__skb_queue_purge(&sk->sk_receive_queue);
	__skb_queue_purge(&sk->sk_error_queue);
	mini_port_release(&ms->port);
	mini_path_release(&ms->path);
	if (atomic_dec_and_test(&mini_sk_count))
		wake_up_all(&mini_sk_wait);
}
