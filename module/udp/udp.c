// SPDX-License-Identifier: GPL-2.0
/*
 * UDP sockets (RFC 768): life, peer, options; the layer's own life.
 *
 * Locks on entry: none; connect and disconnect take the socket lock.
 */
#include <asm/ioctls.h>
#include <linux/mm.h>
#include <linux/sockios.h>
#include <linux/swap.h>
#include <net/tcp_states.h>

#include "udp_int.h"

static atomic_long_t mini_udp_memory;
static DEFINE_PER_CPU(int, mini_udp_memory_cpu);
static long mini_udp_mem[3] __read_mostly;
/* What each socket may have whatever the others take. */
static int mini_udp_mem_min __read_mostly = PAGE_SIZE;

static int mini_udp_sock_init(struct sock *sk)
{
	struct mini_udp_sock *us = mini_udp_sk(sk);
	const struct mini_sysctl *sysctl = &us->ms.mn->sysctl;

	RCU_INIT_POINTER(us->way, NULL);
	us->cork = NULL;
	us->last = 0;
	us->gso_size = 0;
	us->corkflag = 0;
	us->gro = 0;
	us->no_check6_tx = 0;
	us->no_check6_rx = 0;
	WRITE_ONCE(sk->sk_rcvbuf, READ_ONCE(sysctl->udp_rmem));
	WRITE_ONCE(sk->sk_sndbuf, READ_ONCE(sysctl->udp_wmem));
	return 0;
}

static void mini_udp_destroy(struct sock *sk)
{
	mini_udp_cork_drop(mini_udp_sk(sk));
	mini_udp_way_clear(mini_udp_sk(sk));
}

static void mini_udp_unhash(struct sock *sk)
{
	mini_port_release(&mini_sk(sk)->port);
}

static void mini_udp_rehash(struct sock *sk)
{
	mini_port_set_dev(&mini_sk(sk)->port, sk->sk_bound_dev_if);
}

static void mini_udp_close(struct sock *sk, long timeout)
{
	sk_common_release(sk);
}

/*
 * The source that bind() asked for: any, if packets cannot carry what it said
 * (a broadcast or multicast address, to receive from).
 */
static const struct in6_addr *mini_udp_source(const struct mini_sock *ms)
{
	u8 type;

	if (mini_addr_any(&ms->bound))
		return &ms->bound;
	type = mini_addr_type(ms->mn, &ms->bound);
	if (type == MINI_ROUTE_LOCAL ||
	    (type == MINI_ROUTE_UNICAST && ms->freebind))
		return &ms->bound;
	return &in6addr_any;
}

/* The way to a peer; the caller releases it. */
static int mini_udp_find_peer(struct mini_sock *ms, const struct in6_addr *addr,
			      __be16 port, struct mini_flow *fl,
			      struct mini_path *path)
{
	int err;

	mini_sk_flow(ms, addr, fl);
	fl->hash = mini_sk_flow_hash(ms, port);
	/* An earlier connect() may have chosen another source. */
	fl->src = *mini_udp_source(ms);
	err = mini_path_lookup(ms->mn, fl, path);
	if (err)
		return err;
	if (path->type == MINI_ROUTE_BROADCAST &&
	    !sock_flag(&ms->sk, SOCK_BROADCAST)) {
		mini_path_release(path);
		return -EACCES;
	}
	/* As sendmsg() will ask. */
	fl->src = path->src;
	return 0;
}

static int mini_udp_connect_locked(struct sock *sk, struct in6_addr *addr,
				   __be16 port)
{
	struct mini_sock *ms = mini_sk(sk);
	struct mini_tuple *tuple = &ms->conn.tuple;
	struct mini_path path;
	struct mini_flow fl;
	int err;

	mini_sk_dest(ms, addr);
	err = mini_sk_autobind(ms);
	if (err)
		return err;
	err = mini_udp_find_peer(ms, addr, port, &fl, &path);
	if (err)
		return err;

	tuple->laddr = path.src;
	tuple->raddr = *addr;
	WRITE_ONCE(tuple->rport, port);
	mini_port_update(&ms->port, mini_addr_any(&ms->bound) ? &path.src :
								&ms->bound,
			 true);
	/* Who sees the state sees the peer: mini_udp_score(). */
	smp_store_release(&sk->sk_state, TCP_ESTABLISHED);
	/* Without memory the way is looked up again when it is needed. */
	mini_udp_way_set(mini_udp_sk(sk), &fl, &path);
	return 0;
}

static int mini_udp_connect(struct sock *sk, mini_sockaddr *uaddr, int len)
{
	struct in6_addr addr;
	__be16 port;
	int err;

	err = mini_name_from_user(mini_sk(sk), uaddr, len, &addr, &port);
	if (err)
		return err;
	lock_sock(sk);
	err = mini_udp_connect_locked(sk, &addr, port);
	release_sock(sk);
	return err;
}

static int mini_udp_disconnect(struct sock *sk, int flags)
{
	struct mini_sock *ms = mini_sk(sk);
	struct mini_tuple *tuple = &ms->conn.tuple;

	lock_sock(sk);
	WRITE_ONCE(sk->sk_state, TCP_CLOSE);
	tuple->laddr = *mini_udp_source(ms);
	tuple->raddr = in6addr_any;
	WRITE_ONCE(tuple->rport, 0);
	/* As AF_INET: the device is forgotten, too. */
	WRITE_ONCE(sk->sk_bound_dev_if, 0);
	mini_port_set_dev(&ms->port, 0);
	mini_port_update(&ms->port, &ms->bound, false);
	mini_udp_way_clear(mini_udp_sk(sk));
	/* A port that no bind() asked for goes back. */
	if (!(sk->sk_userlocks & SOCK_BINDPORT_LOCK)) {
		mini_port_release(&ms->port);
		WRITE_ONCE(tuple->lport, 0);
	}
	release_sock(sk);
	return 0;
}

static void mini_udp_set_cork(struct mini_udp_sock *us, bool on)
{
	struct sock *sk = &us->ms.sk;

	WRITE_ONCE(us->corkflag, on);
	if (on)
		return;
	lock_sock(sk);
	mini_udp_cork_push(us);
	release_sock(sk);
}

static int mini_udp_setsockopt(struct sock *sk, int level, int optname,
			       sockptr_t optval, unsigned int optlen)
{
	struct mini_udp_sock *us = mini_udp_sk(sk);
	int val;

	if (optlen < sizeof(val))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	switch (optname) {
	case UDP_CORK:
		mini_udp_set_cork(us, val);
		return 0;
	case UDP_SEGMENT:
		if (val < 0 || val > USHRT_MAX)
			return -EINVAL;
		WRITE_ONCE(us->gso_size, val);
		return 0;
	case UDP_GRO:
		WRITE_ONCE(us->gro, !!val);
		return 0;
	case UDP_NO_CHECK6_TX:
		WRITE_ONCE(us->no_check6_tx, !!val);
		return 0;
	case UDP_NO_CHECK6_RX:
		WRITE_ONCE(us->no_check6_rx, !!val);
		return 0;
	case UDP_ENCAP:
		/* None, as it is. */
		return val ? -ENOPROTOOPT : 0;
	default:
		return -ENOPROTOOPT;
	}
}

static int mini_udp_getsockopt(struct sock *sk, int level, int optname,
			       char __user *optval, int __user *optlen)
{
	const struct mini_udp_sock *us = mini_udp_sk(sk);
	int val, len;

	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	len = min_t(int, len, sizeof(val));
	switch (optname) {
	case UDP_CORK:
		val = READ_ONCE(us->corkflag);
		break;
	case UDP_SEGMENT:
		val = READ_ONCE(us->gso_size);
		break;
	case UDP_GRO:
		val = READ_ONCE(us->gro);
		break;
	case UDP_NO_CHECK6_TX:
		val = READ_ONCE(us->no_check6_tx);
		break;
	case UDP_NO_CHECK6_RX:
		val = READ_ONCE(us->no_check6_rx);
		break;
	case UDP_ENCAP:
		val = 0;
		break;
	default:
		return -ENOPROTOOPT;
	}
	if (put_user(len, optlen) || copy_to_user(optval, &val, len))
		return -EFAULT;
	return 0;
}

static int mini_udp_do_ioctl(struct sock *sk, int cmd, int *karg)
{
	switch (cmd) {
	case SIOCINQ:
		*karg = mini_udp_first_len(sk);
		return 0;
	case SIOCOUTQ:
		*karg = sk_wmem_alloc_get(sk);
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
}

MINI_DEFINE_PROTO_IOCTL(mini_udp_ioctl, mini_udp_do_ioctl)
MINI_DEFINE_PROTO_RECVMSG(mini_udp_prot_recvmsg, mini_udp_recvmsg)

struct proto mini_udp_prot = {
	.name			= "MINI-UDP",
	/* NULL: open sockets pin the module by their family, orphans do not. */
	.owner			= NULL,
	.obj_size		= sizeof(struct mini_udp_sock),
	.init			= mini_udp_sock_init,
	.destroy		= mini_udp_destroy,
	.close			= mini_udp_close,
	.connect		= mini_udp_connect,
	.disconnect		= mini_udp_disconnect,
	.sendmsg		= mini_udp_sendmsg,
	.recvmsg		= mini_udp_prot_recvmsg,
	.setsockopt		= mini_udp_setsockopt,
	.getsockopt		= mini_udp_getsockopt,
	.ioctl			= mini_udp_ioctl,
	.unhash			= mini_udp_unhash,
	.rehash			= mini_udp_rehash,
	.memory_allocated	= &mini_udp_memory,
	.per_cpu_fw_alloc	= &mini_udp_memory_cpu,
	.sysctl_mem		= mini_udp_mem,
	.sysctl_wmem		= &mini_udp_mem_min,
	.sysctl_rmem		= &mini_udp_mem_min,
};

static const struct mini_proto mini_udp_proto = {
	.protocol	= IPPROTO_UDP,
	.rcv		= mini_udp_rcv,
	.err		= mini_udp_err,
};

int mini_udp_init(void)
{
	/* An eighth of the memory for all sockets together. */
	unsigned long limit = max(nr_free_buffer_pages() / 8, 128UL);
	int err;

	mini_udp_mem[0] = limit / 4 * 3;
	mini_udp_mem[1] = limit;
	mini_udp_mem[2] = mini_udp_mem[0] * 2;

	err = proto_register(&mini_udp_prot, 1);
	if (err)
		return err;
	mini_ip_register(&mini_udp_proto);
	return 0;
}

void mini_udp_exit(void)
{
	proto_unregister(&mini_udp_prot);
	mini_udp_recycle_exit();
}

int mini_udp_net_init(struct mini_net *mn)
{
	return 0;
}

void mini_udp_net_exit(struct mini_net *mn)
{
}
