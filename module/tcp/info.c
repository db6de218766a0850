// SPDX-License-Identifier: GPL-2.0
/*
 * What is told of a connection: TCP_INFO and sock_diag's row.
 *
 * Locks on entry: none needed; values that belong together may be read a
 * moment apart.
 */
#include "tcp_int.h"

static u32 mini_tcp_ms_since(u64 then, u64 now)
{
	return then && now > then ? div_u64(now - then, USEC_PER_MSEC) : 0;
}

static u8 mini_tcp_info_ca(const struct mini_tcp_sock *tp)
{
	switch (tp->cc.state) {
	case MINI_CC_RECOVERY:
		return TCP_CA_Recovery;
	case MINI_CC_LOSS:
		return TCP_CA_Loss;
	case MINI_CC_CWR:
		return TCP_CA_CWR;
	case MINI_CC_DISORDER:
		return TCP_CA_Disorder;
	default:
		return TCP_CA_Open;
	}
}

static void mini_tcp_info_conn(const struct mini_tcp_sock *tp,
			       struct tcp_info *info)
{
	u32 mss = max(tp->cc.mss, 1U);

	info->tcpi_ca_state = mini_tcp_info_ca(tp);
	info->tcpi_retransmits = tp->retransmits;
	info->tcpi_probes = tp->probes;
	info->tcpi_backoff = tp->backoff;
	if (tp->tstamp_ok)
		info->tcpi_options |= TCPI_OPT_TIMESTAMPS;
	if (tp->sack_ok)
		info->tcpi_options |= TCPI_OPT_SACK;
	if (tp->syn_data_acked)
		info->tcpi_options |= TCPI_OPT_SYN_DATA;
	if (tp->ecn_ok)
		info->tcpi_options |= TCPI_OPT_ECN;
	if (tp->ecn_seen)
		info->tcpi_options |= TCPI_OPT_ECN_SEEN;
	info->tcpi_delivered_ce = div_u64(tp->delivered_ce + mss - 1, mss);
	if (tp->wscale_ok) {
		info->tcpi_options |= TCPI_OPT_WSCALE;
		info->tcpi_snd_wscale = tp->snd_wscale;
		info->tcpi_rcv_wscale = tp->rcv_wscale;
	}
	info->tcpi_rto = tp->rto_us;
	info->tcpi_snd_mss = tp->cc.mss;
	info->tcpi_rcv_mss = tp->rcv_mss;
	info->tcpi_advmss = mini_tcp_mss_for(tp->ms.path.mtu);
	info->tcpi_pmtu = tp->ms.path.mtu;
	info->tcpi_unacked = DIV_ROUND_UP(tp->snd_nxt - tp->snd_una, mss);
	info->tcpi_rtt = tp->srtt_us >> 3;
	info->tcpi_rttvar = tp->rttvar_us >> 2;
	info->tcpi_rcv_rtt = tp->rcv_rtt_us;
	/* Linux's word for "not known yet". */
	info->tcpi_snd_ssthresh = tp->cc.ssthresh >= INT_MAX ? INT_MAX :
				  tp->cc.ssthresh / mss;
	info->tcpi_snd_cwnd = tp->cc.cwnd / mss;
	info->tcpi_reordering = MINI_TCP_DUPACKS;
	info->tcpi_rcv_space = mini_tcp_full_space(&tp->ms.sk);
	info->tcpi_total_retrans = tp->total_retrans;
	info->tcpi_bytes_sent = tp->bytes_sent;
	info->tcpi_bytes_retrans = tp->bytes_retrans;
	info->tcpi_bytes_acked = tp->bytes_acked;
	info->tcpi_bytes_received = tp->bytes_received;
	info->tcpi_segs_out = tp->segs_out;
	info->tcpi_segs_in = tp->segs_in;
	info->tcpi_snd_wnd = tp->snd_wnd;
	info->tcpi_notsent_bytes = tp->write_seq - tp->snd_nxt;
}

void mini_tcp_get_info(struct sock *sk, struct tcp_info *info)
{
	const struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	u64 now = mini_tcp_now();

	memset(info, 0, sizeof(*info));
	info->tcpi_state = READ_ONCE(sk->sk_state);
	if (info->tcpi_state == TCP_LISTEN) {
		/* As Linux: waiting, and how many may. */
		info->tcpi_unacked = READ_ONCE(tp->accept_count);
		info->tcpi_sacked = READ_ONCE(tp->backlog);
		return;
	}
	mini_tcp_info_conn(tp, info);
	info->tcpi_last_data_sent = mini_tcp_ms_since(tp->last_sent, now);
	info->tcpi_last_data_recv = mini_tcp_ms_since(tp->last_rcv, now);
	info->tcpi_last_ack_recv = info->tcpi_last_data_recv;
}

/* The deadline that says most about what the connection waits for. */
static void mini_tcp_diag_timer(const struct mini_tcp_sock *tp,
				struct mini_diag_msg *msg, u64 now)
{
	static const struct {
		u8 timer;
		u8 shown;
	} order[] = {
		{ MINI_TCP_T_RTO, MINI_DIAG_TIMER_RTO },
		{ MINI_TCP_T_TLP, MINI_DIAG_TIMER_RTO },
		{ MINI_TCP_T_PERSIST, MINI_DIAG_TIMER_PERSIST },
		{ MINI_TCP_T_FIN_WAIT, MINI_DIAG_TIMER_TIMEWAIT },
		{ MINI_TCP_T_KEEPALIVE, MINI_DIAG_TIMER_KEEPALIVE },
	};
	u64 when;
	int i;

	for (i = 0; i < ARRAY_SIZE(order); i++) {
		when = READ_ONCE(tp->deadline[order[i].timer]);
		if (!when)
			continue;
		msg->timer = order[i].shown;
		msg->expires = when > now ?
			       div_u64(when - now, USEC_PER_MSEC) : 0;
		break;
	}
	msg->retrans = msg->timer == MINI_DIAG_TIMER_RTO ? tp->retransmits :
						   tp->probes;
}

static void mini_tcp_diag_sock(const struct mini_sock *ms,
			       struct mini_diag_msg *msg)
{
	const struct mini_tcp_sock *tp = mini_tcp_sk(&ms->sk);

	msg->state = READ_ONCE(ms->sk.sk_state);
	msg->domain = ms->domain;
	msg->ifindex = READ_ONCE(ms->sk.sk_bound_dev_if);
	if (msg->state == TCP_LISTEN) {
		msg->rqueue = READ_ONCE(tp->accept_count);
		msg->wqueue = READ_ONCE(tp->backlog);
		return;
	}
	msg->rqueue = max_t(int, READ_ONCE(tp->rcv_nxt) -
			    READ_ONCE(tp->copied_seq), 0);
	msg->wqueue = READ_ONCE(tp->write_seq) - READ_ONCE(tp->snd_una);
	mini_tcp_diag_timer(tp, msg, mini_tcp_now());
}

static void mini_tcp_diag_req(const struct mini_tcp_req *req,
			      struct mini_diag_msg *msg)
{
	msg->state = TCP_SYN_RECV;
	msg->domain = mini_sk(req->listener)->domain;
	msg->timer = MINI_DIAG_TIMER_RTO;
	msg->retrans = req->retrans;
	msg->expires = timer_pending(&req->timer) ?
		       jiffies_to_msecs(max_t(long, req->timer.expires -
					      jiffies, 0)) : 0;
}

static void mini_tcp_diag_tw(const struct mini_tcp_tw *tw,
			     struct mini_diag_msg *msg)
{
	msg->state = READ_ONCE(tw->state);
	msg->domain = tw->domain;
	msg->timer = MINI_DIAG_TIMER_TIMEWAIT;
	msg->expires = mini_tcp_tw_left_ms(tw);
}

void mini_tcp_diag_fill(const struct mini_conn *conn,
			struct mini_diag_msg *msg)
{
	const struct mini_tuple *t = &conn->tuple;

	msg->family = mini_family;
	msg->protocol = IPPROTO_TCP;
	memcpy(msg->laddr, &t->laddr, sizeof(msg->laddr));
	memcpy(msg->raddr, &t->raddr, sizeof(msg->raddr));
	msg->lport = t->lport;
	msg->rport = t->rport;
	switch (conn->kind) {
	case MINI_CONN_SOCK:
		mini_tcp_diag_sock(container_of(conn, struct mini_sock, conn),
				   msg);
		break;
	case MINI_CONN_REQ:
		mini_tcp_diag_req(container_of(conn, struct mini_tcp_req,
					       conn), msg);
		break;
	case MINI_CONN_TW:
		mini_tcp_diag_tw(container_of(conn, struct mini_tcp_tw, conn),
				 msg);
		break;
	}
}
