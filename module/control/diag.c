// SPDX-License-Identifier: GPL-2.0
/*
 * sock_diag: one message a socket, half-open connection or TIME-WAIT record.
 *
 * A dump goes through five tables in turn: TCP's listeners (among the users of
 * its ports), TCP's connections, UDP's sockets (users of its ports), echo
 * sockets (users of ICMP's identifiers), raw sockets.
 *
 * Locks on entry: none.  Sockets are looked at under RCU, without their locks:
 * a message is a snapshot that may mix two moments.
 */
#include <linux/module.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>
#include <net/tcp_states.h>

#include "../raw/raw.h"
#include "../sock.h"
#include "../tcp/tcp.h"
#include "control_int.h"

enum mini_diag_phase {
	MINI_DIAG_LISTENERS,
	MINI_DIAG_CONNECTIONS,
	MINI_DIAG_DATAGRAM,
	MINI_DIAG_ECHO,
	MINI_DIAG_RAW,
	MINI_DIAG_DONE,
};

/**
 * struct mini_diag_place - where a dump is, kept in the callback's context
 * @phase: enum mini_diag_phase
 * @iter: the walk's own
 */
struct mini_diag_place {
	unsigned long phase;
	unsigned long iter[4];
};

/**
 * struct mini_diag_dump - what each call of a walk needs
 * @skb: messages go here
 * @cb: the dump
 * @req: what was asked for
 * @user_ns: of the one who asked: uids are told as seen there
 */
struct mini_diag_dump {
	struct sk_buff *skb;
	struct netlink_callback *cb;
	const struct mini_diag_req *req;
	struct user_namespace *user_ns;
};

static bool mini_diag_wanted(const struct mini_diag_req *req, u8 state)
{
	return !req->states || (state < 32 && (req->states & BIT(state)));
}

/* What every socket has. */
static void mini_diag_common(const struct mini_diag_dump *d, struct sock *sk,
			     struct mini_diag_msg *msg)
{
	const struct mini_sock *ms = mini_sk(sk);

	msg->family = mini_family;
	msg->domain = READ_ONCE(ms->domain);
	msg->protocol = sk->sk_protocol;
	msg->ifindex = READ_ONCE(sk->sk_bound_dev_if);
	msg->uid = from_kuid_munged(d->user_ns, READ_ONCE(sk->sk_uid));
	msg->inode = sock_i_ino(sk);
	sock_diag_save_cookie(sk, msg->cookie);
}

static int mini_diag_put_tcp(struct sk_buff *skb, struct sock *sk, u32 ext)
{
	if (ext & BIT(MINI_DIAG_INFO - 1)) {
		struct mini_tcp_info info;

		mini_tcp_get_info(sk, &info);
		if (nla_put(skb, MINI_DIAG_INFO, sizeof(info), &info))
			return -EMSGSIZE;
	}
	if (ext & BIT(MINI_DIAG_CONG - 1)) {
		const char *name = mini_tcp_cong_name(sk);

		if (name && nla_put_string(skb, MINI_DIAG_CONG, name))
			return -EMSGSIZE;
	}
	return 0;
}

/* @sk: for attributes; NULL where there is no TCP socket. */
static int mini_diag_put(const struct mini_diag_dump *d,
			 const struct mini_diag_msg *msg, struct sock *sk)
{
	struct nlmsghdr *nlh;

	nlh = nlmsg_put(d->skb, NETLINK_CB(d->cb->skb).portid,
			d->cb->nlh->nlmsg_seq, SOCK_DIAG_BY_FAMILY,
			sizeof(*msg), NLM_F_MULTI);
	if (!nlh)
		return -EMSGSIZE;
	memcpy(nlmsg_data(nlh), msg, sizeof(*msg));
	if (sk && mini_diag_put_tcp(d->skb, sk, d->req->ext)) {
		nlmsg_cancel(d->skb, nlh);
		return -EMSGSIZE;
	}
	nlmsg_end(d->skb, nlh);
	return 0;
}

/* A row of the connection table, or a listener's. */
static int mini_diag_conn(const struct mini_conn *conn, void *arg)
{
	const struct mini_diag_dump *d = arg;
	struct mini_diag_msg msg = {};
	struct sock *sk = NULL;

	mini_tcp_diag_fill(conn, &msg);
	if (!mini_diag_wanted(d->req, msg.state))
		return 0;
	if (conn->kind == MINI_CONN_SOCK) {
		sk = &container_of(conn, struct mini_sock, conn)->sk;
		mini_diag_common(d, sk, &msg);
	}
	return mini_diag_put(d, &msg, sk);
}

static int mini_diag_listener(struct mini_port_user *u, void *arg)
{
	if (!u->sk || !u->listening)
		return 0;
	return mini_diag_conn(&mini_sk(u->sk)->conn, arg);
}

static int mini_diag_packets(struct sock *sk, void *arg)
{
	const struct mini_diag_dump *d = arg;
	struct mini_diag_msg msg = {};
	const struct in6_addr *laddr;
	const struct mini_tuple *t;

	msg.state = READ_ONCE(sk->sk_state);
	if (!mini_diag_wanted(d->req, msg.state))
		return 0;
	mini_diag_common(d, sk, &msg);
	/* Its protocol stands where others have their port. */
	if (sk->sk_type == SOCK_RAW)
		msg.protocol = IPPROTO_RAW;
	t = &mini_sk(sk)->conn.tuple;
	/* Bound to a broadcast address, the source is another. */
	laddr = mini_addr_any(&t->laddr) ? &mini_sk(sk)->bound : &t->laddr;
	memcpy(msg.laddr, laddr, sizeof(msg.laddr));
	memcpy(msg.raddr, &t->raddr, sizeof(msg.raddr));
	msg.lport = t->lport;
	msg.rport = t->rport;
	msg.rqueue = sk_rmem_alloc_get(sk);
	msg.wqueue = sk_wmem_alloc_get(sk);
	return mini_diag_put(d, &msg, NULL);
}

static int mini_diag_datagram(struct mini_port_user *u, void *arg)
{
	return u->sk ? mini_diag_packets(u->sk, arg) : 0;
}

static int mini_diag_walk(struct mini_net *mn, struct mini_diag_place *place,
			  struct mini_diag_dump *d)
{
	u8 protocol = d->req->protocol;
	bool tcp = !protocol || protocol == IPPROTO_TCP;
	bool udp = !protocol || protocol == IPPROTO_UDP;
	bool echo = !protocol || protocol == IPPROTO_ICMP;
	bool raw = !protocol || protocol == IPPROTO_RAW;

	switch (place->phase) {
	case MINI_DIAG_LISTENERS:
		if (!tcp || !mini_diag_wanted(d->req, TCP_LISTEN))
			return 0;
		return mini_port_walk(mn, IPPROTO_TCP, place->iter,
				      mini_diag_listener, d);
	case MINI_DIAG_CONNECTIONS:
		if (!tcp)
			return 0;
		return mini_tcp_conn_walk(mn, place->iter, mini_diag_conn, d);
	case MINI_DIAG_DATAGRAM:
		if (!udp)
			return 0;
		return mini_port_walk(mn, IPPROTO_UDP, place->iter,
				      mini_diag_datagram, d);
	case MINI_DIAG_ECHO:
		if (!echo)
			return 0;
		return mini_port_walk(mn, IPPROTO_ICMP, place->iter,
				      mini_diag_datagram, d);
	case MINI_DIAG_RAW:
		if (!raw)
			return 0;
		return mini_raw_walk(mn, place->iter, mini_diag_packets, d);
	}
	return 0;
}

static int mini_diag_dump(struct sk_buff *skb, struct netlink_callback *cb)
{
	struct mini_diag_place *place = (void *)cb->ctx;
	struct mini_diag_dump d = {
		.skb = skb,
		.cb = cb,
		.req = nlmsg_data(cb->nlh),
		.user_ns = sk_user_ns(NETLINK_CB(cb->skb).sk),
	};

	BUILD_BUG_ON(sizeof(*place) > sizeof(cb->ctx));

	while (place->phase != MINI_DIAG_DONE) {
		if (mini_diag_walk(mini_genl_dump_net(cb), place, &d))
			break;
		place->phase++;
		memset(place->iter, 0, sizeof(place->iter));
	}
	return skb->len;
}

static int mini_diag_rcv(struct sk_buff *skb, struct nlmsghdr *nlh)
{
	struct netlink_dump_control control = {
		.dump = mini_diag_dump,
		.module = THIS_MODULE,
	};
	const struct mini_diag_req *req = nlmsg_data(nlh);

	if (nlmsg_len(nlh) < sizeof(*req) || req->pad)
		return -EINVAL;
	switch (req->protocol) {
	case 0:
	case IPPROTO_TCP:
	case IPPROTO_UDP:
	case IPPROTO_ICMP:
	case IPPROTO_RAW:
		break;
	default:
		return -EPROTONOSUPPORT;
	}
	if (!(nlh->nlmsg_flags & NLM_F_DUMP))
		return -EOPNOTSUPP;
	return netlink_dump_start(sock_net(skb->sk)->diag_nlsk, skb, nlh,
				  &control);
}

/* @family is known when the module's parameters are. */
static struct sock_diag_handler mini_diag_handler = {
	.owner = THIS_MODULE,
	.dump = mini_diag_rcv,
};

int mini_diag_open(void)
{
	mini_diag_handler.family = mini_family;
	return sock_diag_register(&mini_diag_handler);
}

void mini_diag_close(void)
{
	sock_diag_unregister(&mini_diag_handler);
}

/* A look at the sockets loads an installed module: AF_MINI's number. */
MODULE_ALIAS_NET_PF_PROTO_TYPE(PF_NETLINK, NETLINK_SOCK_DIAG, AF_MINI);
