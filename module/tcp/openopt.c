// SPDX-License-Identifier: GPL-2.0
/*
 * The options of IPPROTO_TCP that concern how a connection opens, with Linux's
 * names, numbers, ranges and errnos.
 *
 * Context: process.  Locks on entry: the socket lock.
 */
#include "tcp_int.h"

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

/**
 * mini_tcp_open_set() - setsockopt()
 * @tp: socket, locked
 * @optname: TCP_*
 * @val: the value
 *
 * Return: 0, -EINVAL, -ENOPROTOOPT.
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
