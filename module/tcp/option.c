// SPDX-License-Identifier: GPL-2.0
/*
 * Socket options of level IPPROTO_TCP, with Linux's names, numbers, ranges
 * and errnos.
 *
 * Context: process.  Locks on entry: none; the socket lock is taken here.
 */
#include "open.h"

#define MINI_TCP_LINGER2_MAX	120	/* seconds */

static int mini_tcp_set_congestion(struct sock *sk, sockptr_t optval,
				   unsigned int optlen)
{
	char name[sizeof_field(struct mini_cc_ops, name)];
	bool any;
	int n;
	int err;

	if (!optlen)
		return -EINVAL;
	n = strncpy_from_sockptr(name, optval,
				 min_t(unsigned int, optlen, sizeof(name) - 1));
	if (n < 0)
		return -EFAULT;
	name[n] = '\0';
	any = ns_capable(sock_net(sk)->user_ns, CAP_NET_ADMIN);
	mini_tcp_cong_load(name);
	lock_sock(sk);
	err = mini_tcp_cong_choose(mini_tcp_sk(sk), name, any);
	release_sock(sk);
	return err;
}

/* Is there a peer to send to? */
static bool mini_tcp_sending(const struct mini_tcp_sock *tp)
{
	return (1 << tp->ms.sk.sk_state) &
	       ~(TCPF_CLOSE | TCPF_LISTEN | TCPF_SYN_SENT | TCPF_SYN_RECV);
}

static int mini_tcp_set_cork(struct mini_tcp_sock *tp, bool on, u64 now)
{
	tp->cork = on;
	if (!on && mini_tcp_sending(tp)) {
		mini_tcp_push(tp, now);
		mini_tcp_rearm(tp, now);
	}
	return 0;
}

/* What is queued leaves even if it is corked; what follows waits again. */
static int mini_tcp_set_nodelay(struct mini_tcp_sock *tp, bool on, u64 now)
{
	tp->nodelay = on;
	if (on && mini_tcp_sending(tp)) {
		mini_tcp_push_nodelay(tp, now);
		mini_tcp_rearm(tp, now);
	}
	return 0;
}

static int mini_tcp_set_keepidle(struct mini_tcp_sock *tp, int val, u64 now)
{
	if (val < 1 || val > 32767)
		return -EINVAL;
	tp->keepalive_time = val;
	if (!((1 << tp->ms.sk.sk_state) &
	      (TCPF_CLOSE | TCPF_LISTEN | TCPF_SYN_SENT))) {
		mini_tcp_arm_keepalive(tp, now);
		mini_tcp_rearm(tp, now);
	}
	return 0;
}

static int mini_tcp_set_linger2(struct mini_tcp_sock *tp, int val)
{
	tp->linger2 = val < 0 ? -1 : min(val, MINI_TCP_LINGER2_MAX);
	return 0;
}

static int mini_tcp_set_maxseg(struct mini_tcp_sock *tp, int val)
{
	const int least = MINI_TCP_MSS_MIN * 2 - 8;

	if (val && (val < least || val > 32767))
		return -EINVAL;
	tp->mss_user = val;
	mini_tcp_sync_mss(tp);
	return 0;
}

static int mini_tcp_set_ranged(u8 *field, int val, int max)
{
	if (val < 1 || val > max)
		return -EINVAL;
	*field = val;
	return 0;
}

/*
 * What is not offered.  A connection cannot be taken out and put back (CRIU's
 * repair): nobody is trusted enough.
 */
static int mini_tcp_set_none(const struct mini_tcp_sock *tp, int optname)
{
	switch (optname) {
	case TCP_REPAIR:
	case TCP_REPAIR_QUEUE:
	case TCP_REPAIR_WINDOW:
	case TCP_TIMESTAMP:
		return -EPERM;
	case TCP_QUEUE_SEQ:
		return tp->ms.sk.sk_state == TCP_CLOSE ? -EINVAL : -EPERM;
	case TCP_REPAIR_OPTIONS:
		return -EINVAL;
	default:
		return -ENOPROTOOPT;
	}
}

/* No protocol lies above TCP here: as where its module is not installed. */
static int mini_tcp_set_ulp(sockptr_t optval, unsigned int optlen)
{
	char name[16];

	if (!optlen)
		return -EINVAL;
	if (strncpy_from_sockptr(name, optval,
				 min_t(unsigned int, optlen,
				       sizeof(name) - 1)) < 0)
		return -EFAULT;
	return -ENOENT;
}

static int mini_tcp_setsockopt_locked(struct mini_tcp_sock *tp, int optname,
				      int val)
{
	u64 now = mini_tcp_now();
	int err;

	switch (optname) {
	case TCP_NODELAY:
		return mini_tcp_set_nodelay(tp, val, now);
	case TCP_CORK:
		return mini_tcp_set_cork(tp, val, now);
	case TCP_MAXSEG:
		return mini_tcp_set_maxseg(tp, val);
	case TCP_KEEPIDLE:
		return mini_tcp_set_keepidle(tp, val, now);
	case TCP_KEEPINTVL:
		if (val < 1 || val > 32767)
			return -EINVAL;
		tp->keepalive_intvl = val;
		return 0;
	case TCP_KEEPCNT:
		return mini_tcp_set_ranged(&tp->keepalive_probes, val, 127);
	case TCP_SYNCNT:
		return mini_tcp_set_ranged(&tp->syn_retries, val, 127);
	case TCP_LINGER2:
		return mini_tcp_set_linger2(tp, val);
	case TCP_QUICKACK:
		mini_tcp_set_quickack(tp, val, now);
		return 0;
	case TCP_WINDOW_CLAMP:
		return mini_tcp_set_window_clamp(tp, val);
	case TCP_USER_TIMEOUT:
		if (val < 0)
			return -EINVAL;
		tp->user_timeout = val;
		return 0;
	case TCP_NOTSENT_LOWAT:
		WRITE_ONCE(tp->notsent_lowat, val);
		mini_tcp_to_sk(tp)->sk_write_space(mini_tcp_to_sk(tp));
		return 0;
	case TCP_INQ:
		if (val & ~1)
			return -EINVAL;
		tp->inq = val;
		return 0;
	case TCP_THIN_LINEAR_TIMEOUTS:
	case TCP_THIN_DUPACK:
		/* Early retransmit serves thin streams as all others. */
		if (val & ~1)
			return -EINVAL;
		if (optname == TCP_THIN_LINEAR_TIMEOUTS)
			tp->thin_lto = val;
		return 0;
	default:
		err = mini_tcp_open_set(tp, optname, val);
		return err == -ENOPROTOOPT ? mini_tcp_set_none(tp, optname) :
					     err;
	}
}

int mini_tcp_setsockopt(struct sock *sk, int level, int optname,
			sockptr_t optval, unsigned int optlen)
{
	int val;
	int err;

	if (level != IPPROTO_TCP)
		return -ENOPROTOOPT;
	if (optname == TCP_CONGESTION)
		return mini_tcp_set_congestion(sk, optval, optlen);
	if (optname == TCP_ULP)
		return mini_tcp_set_ulp(optval, optlen);
	if (optname == TCP_FASTOPEN_KEY) {
		lock_sock(sk);
		err = mini_tcp_fastopen_set_key(mini_tcp_sk(sk), optval,
						optlen);
		release_sock(sk);
		return err;
	}
	if (optlen < sizeof(int))
		return -EINVAL;
	if (copy_from_sockptr(&val, optval, sizeof(val)))
		return -EFAULT;
	lock_sock(sk);
	err = mini_tcp_setsockopt_locked(mini_tcp_sk(sk), optname, val);
	release_sock(sk);
	return err;
}

static int mini_tcp_copy_out(const void *src, int size, int len,
			     char __user *optval, int __user *optlen)
{
	len = min(len, size);
	if (put_user(len, optlen) || copy_to_user(optval, src, len))
		return -EFAULT;
	return 0;
}

static int mini_tcp_get_value(struct mini_tcp_sock *tp, int optname, int *val)
{
	struct mini_sysctl *ctl = &mini_tcp_mn(tp)->sysctl;

	switch (optname) {
	case TCP_NODELAY:
		*val = tp->nodelay;
		break;
	case TCP_CORK:
		*val = tp->cork;
		break;
	case TCP_MAXSEG:
		*val = tp->cc.mss;
		if (tp->mss_user && (1 << tp->ms.sk.sk_state) &
				    (TCPF_CLOSE | TCPF_LISTEN))
			*val = tp->mss_user;
		break;
	case TCP_KEEPIDLE:
		*val = tp->keepalive_time ?: READ_ONCE(ctl->tcp_keepalive_time);
		break;
	case TCP_KEEPINTVL:
		*val = tp->keepalive_intvl ?:
		       READ_ONCE(ctl->tcp_keepalive_intvl);
		break;
	case TCP_KEEPCNT:
		*val = tp->keepalive_probes ?:
		       READ_ONCE(ctl->tcp_keepalive_probes);
		break;
	case TCP_SYNCNT:
		*val = tp->syn_retries ?: READ_ONCE(ctl->tcp_syn_retries);
		break;
	case TCP_LINGER2:
		*val = tp->linger2 ?: READ_ONCE(ctl->tcp_fin_timeout);
		break;
	case TCP_QUICKACK:
		*val = !tp->pingpong;
		break;
	case TCP_WINDOW_CLAMP:
		*val = tp->window_clamp;
		break;
	case TCP_USER_TIMEOUT:
		*val = tp->user_timeout;
		break;
	case TCP_NOTSENT_LOWAT:
		*val = tp->notsent_lowat;
		break;
	case TCP_INQ:
		*val = tp->inq;
		break;
	case TCP_THIN_LINEAR_TIMEOUTS:
		*val = tp->thin_lto;
		break;
	case TCP_THIN_DUPACK:
	case TCP_REPAIR:
	case TCP_TX_DELAY:
		*val = 0;
		break;
	case TCP_REPAIR_QUEUE:
	case TCP_QUEUE_SEQ:
		/* Of a connection under repair only. */
		return -EINVAL;
	case TCP_TIMESTAMP:
		*val = mini_tcp_tsval(tp->ts_off, mini_tcp_now());
		break;
	default:
		return mini_tcp_open_get(tp, optname, val);
	}
	return 0;
}

int mini_tcp_getsockopt(struct sock *sk, int level, int optname,
			char __user *optval, int __user *optlen)
{
	struct mini_tcp_info info;
	int val = 0;
	int len;
	int err;

	if (level != IPPROTO_TCP)
		return -ENOPROTOOPT;
	if (get_user(len, optlen))
		return -EFAULT;
	if (len < 0)
		return -EINVAL;
	switch (optname) {
	case TCP_REPAIR_WINDOW:
		return len == sizeof(struct tcp_repair_window) ? -EPERM :
								 -EINVAL;
	case TCP_INFO:
		lock_sock(sk);
		mini_tcp_get_info(sk, &info);
		release_sock(sk);
		return mini_tcp_copy_out(&info, sizeof(info), len, optval,
					 optlen);
	case TCP_FASTOPEN_KEY:
		lock_sock(sk);
		err = mini_tcp_fastopen_get_key(mini_tcp_sk(sk), len, optval,
						optlen);
		release_sock(sk);
		return err;
	case TCP_CC_INFO:
	case TCP_ULP:
		/* No control tells more, and nothing lies above TCP. */
		return put_user(0, optlen) ? -EFAULT : 0;
	case TCP_SAVED_SYN:
		lock_sock(sk);
		err = mini_tcp_get_saved_syn(mini_tcp_sk(sk), len, optval,
					     optlen);
		release_sock(sk);
		return err;
	case TCP_CONGESTION: {
		char name[sizeof_field(struct mini_cc_ops, name)] = {};

		lock_sock(sk);
		strscpy(name, mini_tcp_cong_name(sk), sizeof(name));
		release_sock(sk);
		return mini_tcp_copy_out(name, sizeof(name), len, optval,
					 optlen);
	}
	}
	lock_sock(sk);
	err = mini_tcp_get_value(mini_tcp_sk(sk), optname, &val);
	release_sock(sk);
	if (err)
		return err;
	return mini_tcp_copy_out(&val, sizeof(val), len, optval, optlen);
}
