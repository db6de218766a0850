// SPDX-License-Identifier: GPL-2.0
/*
 * What raw and echo sockets share: peer, receiving, errors, life.
 *
 * Locks on entry: none; connect and disconnect take the socket lock.
 */
#include <linux/icmp.h>
#include <net/tcp_states.h>

#include "raw_int.h"

static int raw_connect_locked(struct mini_sock *ms, const struct in6_addr *addr,
			      __be16 port)
{
	struct mini_tuple *tuple = &ms->conn.tuple;
	struct sock *sk = &ms->sk;
	struct mini_path path;
	struct mini_flow fl;
	int err;

	if (sk->sk_type == SOCK_DGRAM) {
		err = mini_ping_ident(ms, 0);
		if (err)
			return -EAGAIN;
	}
	mini_sk_flow(ms, addr, &fl);
	err = mini_path_lookup(ms->mn, &fl, &path);
	if (err)
		return err;
	if (path.type == MINI_ROUTE_BROADCAST &&
	    !sock_flag(sk, SOCK_BROADCAST)) {
		mini_path_release(&path);
		return -EACCES;
	}
	if (mini_addr_any(&tuple->laddr))
		tuple->laddr = path.src;
	tuple->raddr = path.dst;
	WRITE_ONCE(tuple->rport, port);
	/* Who sees the state sees the peer: mini_raw_match(). */
	smp_store_release(&sk->sk_state, TCP_ESTABLISHED);
	mini_path_release(&path);
	return 0;
}

int mini_raw_connect(struct sock *sk, mini_sockaddr *uaddr, int len)
{
	struct mini_sock *ms = mini_sk(sk);
	struct in6_addr addr;
	__be16 port;
	int err;

	err = mini_name_from_user(ms, uaddr, len, &addr, &port);
	if (err)
		return err;
	lock_sock(sk);
	err = raw_connect_locked(ms, &addr, port);
	release_sock(sk);
	return err;
}

/*
 * As AF_INET has it: the device is forgotten, the address unless an echo
 * socket was bound to it, and who was bound to no port leaves its table.  A
 * raw socket never is, and so hears nothing from then on.
 */
int mini_raw_disconnect(struct sock *sk, int flags)
{
	struct mini_sock *ms = mini_sk(sk);
	struct mini_tuple *tuple = &ms->conn.tuple;

	lock_sock(sk);
	WRITE_ONCE(sk->sk_state, TCP_CLOSE);
	WRITE_ONCE(sk->sk_bound_dev_if, 0);
	tuple->raddr = in6addr_any;
	WRITE_ONCE(tuple->rport, 0);
	if (!(sk->sk_userlocks & SOCK_BINDADDR_LOCK)) {
		tuple->laddr = in6addr_any;
		ms->bound = in6addr_any;
	}
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK)) {
		sk->sk_prot->unhash(sk);
		WRITE_ONCE(tuple->lport, 0);
	}
	release_sock(sk);
	return 0;
}

void mini_raw_close(struct sock *sk, long timeout)
{
	sk_common_release(sk);
}

int mini_raw_recv(struct sock *sk, struct msghdr *msg, size_t len, int flags,
		  unsigned int *full)
{
	struct mini_sock *ms = mini_sk(sk);
	struct in6_addr saddr;
	struct sk_buff *skb;
	size_t copied;
	int err;

	if (flags & MSG_OOB)
		return -EOPNOTSUPP;
	if (flags & MSG_ERRQUEUE)
		return mini_errqueue_recv(ms, msg, len);

	skb = skb_recv_datagram(sk, flags, &err);
	if (!skb)
		return err;
	*full = skb->len;
	copied = min_t(size_t, len, skb->len);
	if (copied < skb->len)
		msg->msg_flags |= MSG_TRUNC;
	err = mini_skb_read(skb, 0, msg, copied);
	if (!err) {
		sock_recv_cmsgs(msg, sk, skb);
		if (msg->msg_name) {
			mini_addr_set_v4(&saddr, ip_hdr(skb)->saddr);
			msg->msg_namelen = mini_name_to_user(ms, &saddr, 0,
							     msg->msg_name);
		}
		mini_cmsg_recv(ms, msg, skb);
	}
	skb_free_datagram(sk, skb);
	return err ? err : copied;
}

void mini_raw_sock_err(struct mini_sock *ms, const struct mini_icmp_err *e,
		       const u8 *data)
{
	bool mtu = e->type == ICMP_DEST_UNREACH && e->code == ICMP_FRAG_NEEDED;
	bool hard = e->hard || e->type == ICMP_PARAMETERPROB ||
		    (mtu && READ_ONCE(ms->pmtudisc) != IP_PMTUDISC_DONT);
	struct sock *sk = &ms->sk;

	if (sock_flag(sk, SOCK_DEAD))
		return;
	if (mtu)
		mini_pmtu_claim(ms->mn, e, READ_ONCE(ms->pmtudisc));
	if (ms->recverr)
		mini_errqueue_icmp(sk, e, 0, data);
	else if (!hard || READ_ONCE(sk->sk_state) != TCP_ESTABLISHED)
		return;
	WRITE_ONCE(sk->sk_err, e->errno_);
	sk_error_report(sk);
}
