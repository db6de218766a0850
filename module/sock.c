// SPDX-License-Identifier: GPL-2.0
/*
 * The part of a socket that both transports share: its life, its names.
 *
 * Locks on entry: the socket lock where a function changes the socket.
 */
#include <linux/slab.h>

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
	RCU_INIT_POINTER(ms->ipopts, NULL);
	ms->domain = AF_INET;
	ms->ttl = -1;
	ms->tos = 0;
	ms->pmtudisc = IP_PMTUDISC_WANT;
	ms->mc_ttl = 1;
	INIT_HLIST_HEAD(&ms->groups);
	ms->mc_loop = 1;
	ms->mc_all = 1;
	ms->sk.sk_destruct = mini_sk_destruct;
	/* Readers find sockets in tables and lists under RCU. */
	sock_set_flag(&ms->sk, SOCK_RCU_FREE);
}

void mini_sk_flow_if(const struct mini_sock *ms, struct mini_flow *fl)
{
	bool group = mini_addr_is_v4(&fl->dst) ?
		     ipv4_is_multicast(mini_addr_v4(&fl->dst)) :
		     ipv6_addr_is_multicast(&fl->dst);

	if (!fl->oif)
		fl->oif = READ_ONCE(*(group ? &ms->mc_index : &ms->uc_index));
	if (group && mini_addr_any(&fl->src))
		fl->src = ms->mc_addr;
}

int mini_name_from_user(const struct mini_sock *ms, const void *uaddr, int len,
			struct in6_addr *addr, __be16 *port)
{
	const struct sockaddr_in *sin = uaddr;

	if (len < (int)sizeof(*sin))
		return -EINVAL;
	if (sin->sin_family != AF_INET && sin->sin_family != mini_family)
		return -EAFNOSUPPORT;
	if (sin->sin_addr.s_addr == htonl(INADDR_ANY))
		*addr = in6addr_any;
	else
		mini_addr_set_v4(addr, sin->sin_addr.s_addr);
	*port = sin->sin_port;
	return 0;
}

int mini_name_to_user(const struct mini_sock *ms, const struct in6_addr *addr,
		      __be16 port, void *uaddr)
{
	struct sockaddr_in *sin = uaddr;

	memset(sin, 0, sizeof(*sin));
	sin->sin_family = AF_INET;
	sin->sin_port = port;
	sin->sin_addr.s_addr = mini_addr_v4(addr);
	return sizeof(*sin);
}

void mini_sk_port_fill(struct mini_sock *ms)
{
	struct mini_port_user *u = &ms->port;

	u->sk = &ms->sk;
	u->addr = ms->bound;
	u->ifindex = ms->sk.sk_bound_dev_if;
	u->uid = ms->sk.sk_uid;
	u->reuse = !!ms->sk.sk_reuse;
	u->reuseport = ms->sk.sk_reuseport;
	u->listening = 0;
	u->connected = 0;
}

void mini_sk_rehash(struct sock *sk)
{
	mini_port_set_dev(&mini_sk(sk)->port, sk->sk_bound_dev_if);
}

int mini_sk_autobind(struct mini_sock *ms)
{
	int err;

	if (ms->port.port)
		return 0;
	mini_sk_port_fill(ms);
	err = mini_port_bind(ms->mn, ms->sk.sk_protocol, &ms->port, 0);
	if (err)
		return err;
	ms->conn.tuple.lport = mini_port_num(&ms->port);
	return 0;
}

/* Can all of it be read from where it is? */
static bool mini_skb_is_flat(const struct sk_buff *skb)
{
	return !skb_has_frag_list(skb) && skb_frags_readable(skb) &&
	       !IS_ENABLED(CONFIG_HIGHMEM);
}

int mini_skb_read(const struct sk_buff *skb, unsigned int offset,
		  struct msghdr *msg, size_t len)
{
	const struct skb_shared_info *shinfo = skb_shinfo(skb);
	size_t size = skb_headlen(skb);
	const void *from = skb->data;
	size_t done = 0, n;
	int i = 0;

	if (unlikely(!mini_skb_is_flat(skb)))
		return skb_copy_datagram_msg(skb, offset, msg, len);
	while (done < len) {
		if (offset < size) {
			n = min(size - offset, len - done);
			done += n;
			n -= _copy_to_iter(from + offset, n, &msg->msg_iter);
			if (unlikely(n))
				goto fault;
			offset = size;
			continue;
		}
		if (unlikely(i == shinfo->nr_frags))
			goto short_skb;
		offset -= size;
		size = skb_frag_size(&shinfo->frags[i]);
		from = skb_frag_address(&shinfo->frags[i++]);
	}
	return 0;

fault:
	done -= n;
short_skb:
	iov_iter_revert(&msg->msg_iter, done);
	return -EFAULT;
}

unsigned int mini_sk_options_len(const struct mini_sock *ms)
{
	const struct mini_ip_opts *opts;
	unsigned int len = 0;

	if (likely(!rcu_access_pointer(ms->ipopts)))
		return 0;
	rcu_read_lock();
	opts = rcu_dereference(ms->ipopts);
	if (opts)
		len = opts->len;
	rcu_read_unlock();
	return len;
}

int mini_sk_xmit_options(const struct mini_sock *ms,
			 const struct mini_path *path, struct sk_buff *skb,
			 struct mini_ip_hdr *h)
{
	int err;

	rcu_read_lock();
	h->opts = rcu_dereference(ms->ipopts);
	err = mini_ip_xmit(ms->mn, path, skb, h);
	h->opts = NULL;
	rcu_read_unlock();
	return err;
}

void mini_sk_destruct(struct sock *sk)
{
	struct mini_sock *ms = mini_sk(sk);

	__skb_queue_purge(&sk->sk_receive_queue);
	__skb_queue_purge(&sk->sk_error_queue);
	/* What was charged for them goes back to all sockets. */
	sk_mem_reclaim_final(sk);
	mini_port_release(&ms->port);
	mini_path_release(&ms->path);
	kfree(rcu_dereference_protected(ms->ipopts, true));
	if (atomic_dec_and_test(&mini_sk_count))
		wake_up_all(&mini_sk_wait);
}
