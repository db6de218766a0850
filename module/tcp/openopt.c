// SPDX-License-Identifier: GPL-2.0
/*
 * The options of IPPROTO_TCP that concern how a connection opens, with Linux's
 * names, numbers, ranges and errnos.
 *
 * Context: process.  Locks on entry: the socket lock.
 */
#include "open.h"

/*
 * TCP_DEFER_ACCEPT is given in seconds and kept in time-outs of the SYN-ACK's
 * timer, each twice the one before: the fewest that last as long.
 */
static u8 mini_tcp_secs_to_timeouts(int secs)
{
	const int longest = MINI_TCP_RTO_MAX / USEC_PER_SEC;
	int period = MINI_TCP_RTO_INITIAL / USEC_PER_SEC;
	int sum = period;
	u8 n = 1;

	if (secs <= 0)
		return 0;
	for (; sum < secs && n < U8_MAX; n++) {
		period = min(2 * period, longest);
		sum += period;
	}
	return n;
}

static int mini_tcp_timeouts_to_secs(u8 n)
{
	const int longest = MINI_TCP_RTO_MAX / USEC_PER_SEC;
	int period = MINI_TCP_RTO_INITIAL / USEC_PER_SEC;
	int sum = 0;

	for (; n; n--) {
		sum += period;
		period = min(2 * period, longest);
	}
	return sum;
}

/* As many requests at a time as the program wants, and somaxconn allows. */
static int mini_tcp_set_fastopen(struct mini_tcp_sock *tp, int val)
{
	int most = READ_ONCE(mini_tcp_mn(tp)->sysctl.somaxconn);

	if (val < 0 ||
	    !((1 << tp->ms.sk.sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		return -EINVAL;
	if (mini_tcp_lsn_get(tp))
		return -ENOMEM;
	WRITE_ONCE(tp->lsn->fo_max, min(val, most));
	return 0;
}

static int mini_tcp_set_fastopen_connect(struct mini_tcp_sock *tp, int val)
{
	if (val < 0 || val > 1)
		return -EINVAL;
	if (!(READ_ONCE(mini_tcp_mn(tp)->sysctl.tcp_fastopen) &
	      MINI_TCP_FO_CLIENT))
		return -EOPNOTSUPP;
	if (tp->ms.sk.sk_state != TCP_CLOSE)
		return -EINVAL;
	tp->fo_connect = val;
	return 0;
}

static int mini_tcp_set_fastopen_no_cookie(struct mini_tcp_sock *tp, int val)
{
	if (val < 0 || val > 1 ||
	    !((1 << tp->ms.sk.sk_state) & (TCPF_CLOSE | TCPF_LISTEN)))
		return -EINVAL;
	tp->fo_no_cookie = val;
	return 0;
}

/**
 * mini_tcp_fastopen_set_key() - TCP_FASTOPEN_KEY: the listener's own
 * @tp: socket, locked
 * @optval: one key or two
 * @optlen: octets there
 *
 * Return: 0, -EINVAL, -EFAULT, -ENOMEM.
 */
int mini_tcp_fastopen_set_key(struct mini_tcp_sock *tp, sockptr_t optval,
			      unsigned int optlen)
{
	u8 data[2 * MINI_TCP_FO_KEY_LEN];

	if (optlen != MINI_TCP_FO_KEY_LEN && optlen != sizeof(data))
		return -EINVAL;
	if (copy_from_sockptr(data, optval, optlen))
		return -EFAULT;
	if (mini_tcp_lsn_get(tp))
		return -ENOMEM;
	return mini_tcp_fo_set_keys(&tp->lsn->fo_keys, data,
				    optlen / MINI_TCP_FO_KEY_LEN);
}

/**
 * mini_tcp_fastopen_get_key() - TCP_FASTOPEN_KEY: those that count
 * @tp: socket, locked
 * @len: room at @optval
 * @optval: the program's
 * @optlen: receives how much was written
 *
 * Return: 0, -EFAULT.
 */
int mini_tcp_fastopen_get_key(struct mini_tcp_sock *tp, int len,
			      char __user *optval, int __user *optlen)
{
	u8 data[2 * MINI_TCP_FO_KEY_LEN];
	int count = mini_tcp_fo_get_keys(tp, mini_tcp_mn(tp), data);

	len = min(len, count * MINI_TCP_FO_KEY_LEN);
	if (put_user(len, optlen) || copy_to_user(optval, data, len))
		return -EFAULT;
	return 0;
}

/**
 * mini_tcp_open_set() - setsockopt()
 * @tp: socket, locked
 * @optname: TCP_*
 * @val: the value
 *
 * Return: 0, -EINVAL, -EOPNOTSUPP, -ENOMEM, -ENOPROTOOPT.
 */
int mini_tcp_open_set(struct mini_tcp_sock *tp, int optname, int val)
{
	switch (optname) {
	case TCP_DEFER_ACCEPT:
		WRITE_ONCE(tp->defer_accept, mini_tcp_secs_to_timeouts(val));
		return 0;
	case TCP_SAVE_SYN:
		if (val < 0 || val > 2)
			return -EINVAL;
		WRITE_ONCE(tp->save_syn, val);
		return 0;
	case TCP_FASTOPEN:
		return mini_tcp_set_fastopen(tp, val);
	case TCP_FASTOPEN_CONNECT:
		return mini_tcp_set_fastopen_connect(tp, val);
	case TCP_FASTOPEN_NO_COOKIE:
		return mini_tcp_set_fastopen_no_cookie(tp, val);
	default:
		return -ENOPROTOOPT;
	}
}

/**
 * mini_tcp_open_get() - getsockopt()
 * @tp: socket, locked
 * @optname: TCP_*
 * @val: receives the value
 *
 * Return: 0, -ENOPROTOOPT.
 */
int mini_tcp_open_get(struct mini_tcp_sock *tp, int optname, int *val)
{
	switch (optname) {
	case TCP_DEFER_ACCEPT:
		*val = mini_tcp_timeouts_to_secs(tp->defer_accept);
		return 0;
	case TCP_SAVE_SYN:
		*val = tp->save_syn;
		return 0;
	case TCP_FASTOPEN:
		*val = tp->lsn ? tp->lsn->fo_max : 0;
		return 0;
	case TCP_FASTOPEN_CONNECT:
		*val = tp->fo_connect;
		return 0;
	case TCP_FASTOPEN_NO_COOKIE:
		*val = tp->fo_no_cookie;
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

/**
 * mini_tcp_get_saved_syn() - TCP_SAVED_SYN: once, the headers of the SYN
 * @tp: socket, locked
 * @len: room at @optval
 * @optval: the program's
 * @optlen: receives the length; 0: nothing was saved, or it was read
 *
 * Return: 0; -EINVAL with the length needed if the room is too small; -EFAULT.
 */
int mini_tcp_get_saved_syn(struct mini_tcp_sock *tp, int len,
			   char __user *optval, int __user *optlen)
{
	struct mini_tcp_saved_syn *saved = tp->saved_syn;

	if (put_user(saved ? saved->len : 0, optlen))
		return -EFAULT;
	if (!saved)
		return 0;
	if (len < saved->len)
		return -EINVAL;
	if (copy_to_user(optval, saved->data, saved->len))
		return -EFAULT;
	tp->saved_syn = NULL;
	kfree(saved);
	return 0;
}
