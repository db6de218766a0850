// SPDX-License-Identifier: GPL-2.0
/*
 * SOCK_RAW: the socket's life, its own address and options; the folder's own
 * life.
 *
 * Locks on entry: none; bind and setsockopt take the socket lock.
 */
#include <asm/ioctls.h>
#include <linux/icmp.h>
#include <linux/sockios.h>
#include <linux/uaccess.h>
#include <net/raw.h>
#include <net/tcp_states.h>

#include "raw_int.h"

/* A raw socket hears from its beginning; its protocol stands for the port. */
static int raw_sock_init(struct sock *sk)
{
	struct mini_raw_sock *rs = mini_raw_sk(sk);

	sk->sk_reuse = SK_CAN_REUSE;
	rs->icmp_filter = 0;
	rs->ms.hdrincl = sk->sk_protocol == IPPROTO_RAW;
	rs->ms.conn.tuple.lport = htons(sk->sk_protocol);
	mini_raw_hash(rs);
	return 0;
}

/* As AF_INET: the family is not looked at, and one may bind again. */
static int raw_bind_locked(struct mini_sock *ms, __be32 v4)
{
	struct in6_addr addr = in6addr_any;
	u8 type = MINI_ROUTE_LOCAL;

	if (ms->sk.sk_state != TCP_CLOSE)
		return -EINVAL;
	if (v4) {
		mini_addr_set_v4(&addr, v4);
		type = mini_addr_type(ms->mn, &addr);
	}
	if (type == MINI_ROUTE_UNICAST && !ms->freebind)
		return -EADDRNOTAVAIL;
	ms->bound = addr;
	/* To a group or a broadcast address: from there one only hears. */
	ms->conn.tuple.laddr =
		type == MINI_ROUTE_LOCAL || type == MINI_ROUTE_UNICAST ?
		addr : in6addr_any;
	return 0;
}

static int raw_bind(struct sock *sk, mini_sockaddr *uaddr, int len)
{
	const struct sockaddr_in *sin = (const struct sockaddr_in *)uaddr;
	int err;

	if (len < (int)sizeof(*sin))
		return -EINVAL;
	lock_sock(sk);
	err = raw_bind_locked(mini_sk(sk), sin->sin_addr.s_addr);
	release_sock(sk);
	return err;
}

static int raw_recvmsg(struct sock *sk, struct msghdr *msg, size_t len,
		       int flags)
{
	unsigned int full;
	int ret;

	ret = mini_raw_recv(sk, msg, len, flags, &full);
	if (ret >= 0 && flags & MSG_TRUNC && !(flags & MSG_ERRQUEUE))
		return full;
	return ret;
}

static int raw_setsockopt(struct sock *sk, int level, int name,
			  sockptr_t optval, unsigned int len)
{
	struct mini_raw_sock *rs = mini_raw_sk(sk);
	u32 filter;
	int err = 0;

	if (name != ICMP_FILTER)
		return -ENOPROTOOPT;
	if (sk->sk_protocol != IPPROTO_ICMP)
		return -EOPNOTSUPP;
	lock_sock(sk);
	/* Less than four octets change as many. */
	filter = rs->icmp_filter;
	if (copy_from_sockptr(&filter, optval, min_t(u32, len, sizeof(filter))))
		err = -EFAULT;
	else
		WRITE_ONCE(rs->icmp_filter, filter);
	release_sock(sk);
	return err;
}

static int raw_getsockopt(struct sock *sk, int level, int name,
			  char __user *optval, int __user *optlen)
{
	u32 filter = READ_ONCE(mini_raw_sk(sk)->icmp_filter);
	int len;

	if (name != ICMP_FILTER)
		return -ENOPROTOOPT;
	if (sk->sk_protocol != IPPROTO_ICMP)
		return -EOPNOTSUPP;
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	len = min_t(int, len, sizeof(filter));
	if (put_user(len, optlen) || copy_to_user(optval, &filter, len))
		return -EFAULT;
	return 0;
}

static int raw_do_ioctl(struct sock *sk, int cmd, int *karg)
{
	struct sk_buff *skb;

	switch (cmd) {
	case SIOCOUTQ:
		*karg = sk_wmem_alloc_get(sk);
		return 0;
	case SIOCINQ:
		spin_lock_bh(&sk->sk_receive_queue.lock);
		skb = skb_peek(&sk->sk_receive_queue);
		*karg = skb ? skb->len : 0;
		spin_unlock_bh(&sk->sk_receive_queue.lock);
		return 0;
	default:
		return -ENOIOCTLCMD;
	}
}

MINI_DEFINE_PROTO_IOCTL(raw_ioctl, raw_do_ioctl)
MINI_DEFINE_PROTO_RECVMSG(raw_prot_recvmsg, raw_recvmsg)

struct proto mini_raw_prot = {
	.name		= "MINI-RAW",
	/* NULL: open sockets pin the module by their family. */
	.owner		= NULL,
	.obj_size	= sizeof(struct mini_raw_sock),
	.init		= raw_sock_init,
	.close		= mini_raw_close,
	.bind		= raw_bind,
	.connect	= mini_raw_connect,
	.disconnect	= mini_raw_disconnect,
	.sendmsg	= mini_raw_sendmsg,
	.recvmsg	= raw_prot_recvmsg,
	.setsockopt	= raw_setsockopt,
	.getsockopt	= raw_getsockopt,
	.ioctl		= raw_ioctl,
	.unhash		= mini_raw_unhash,
};

int mini_raw_init(void)
{
	int err;

	err = proto_register(&mini_raw_prot, 1);
	if (err)
		return err;
	err = proto_register(&mini_ping_prot, 1);
	if (err) {
		proto_unregister(&mini_raw_prot);
		return err;
	}
	mini_ip_set_tap(&mini_raw_tap);
	mini_icmp_set_ping(&mini_ping_handler);
	return 0;
}

void mini_raw_exit(void)
{
	proto_unregister(&mini_ping_prot);
	proto_unregister(&mini_raw_prot);
}
