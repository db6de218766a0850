// SPDX-License-Identifier: GPL-2.0
/*
 * What is told of a connection: TCP_INFO and sock_diag's row.
 *
 * Locks on entry: none needed; values that belong together may be read a
 * moment apart.
 */
#include "open.h"

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

static u8 mini_tcp_info_options(const struct mini_tcp_sock *tp)
{
	u8 opts = 0;

	if (tp->tstamp_ok)
		opts |= TCPI_OPT_TIMESTAMPS;
	if (tp->sack_ok)
		opts |= TCPI_OPT_SACK;
	if (tp->wscale_ok)
		opts |= TCPI_OPT_WSCALE;
	if (tp->syn_data_acked)
		opts |= TCPI_OPT_SYN_DATA;
	if (tp->ecn_ok)
		opts |= TCPI_OPT_ECN;
	if (tp->ecn_seen)
		opts |= TCPI_OPT_ECN_SEEN;
	return opts;
}

/* Octets as segments; what is there counts as one at least. */
static u32 mini_tcp_segs(const struct mini_tcp_sock *tp, u64 octets)
{
	return div_u64(octets + tp->cc.mss - 1, tp->cc.mss);
}

/* The sender: what is under way, and how fast it may go. */
static void mini_tcp_info_send(const struct mini_tcp_sock *tp,
			       struct mini_tcp_info *info)
{
	u64 rate = mini_tcp_pacing_rate(tp);

	info->unacked = mini_tcp_segs(tp, tp->snd_nxt - tp->snd_una);
	info->snd_mss = tp->cc.mss;
	info->pmtu = mini_tcp_mtu(tp);
	info->advmss = mini_tcp_mss_for(tp->ms.path.mtu);
	/* Linux's word for "not known yet". */
	info->snd_ssthresh = tp->cc.ssthresh >= INT_MAX ? INT_MAX :
			     tp->cc.ssthresh / tp->cc.mss;
	info->snd_cwnd = tp->cc.cwnd / tp->cc.mss;
	info->snd_wnd = tp->snd_wnd;
	info->notsent_bytes = tp->write_seq - tp->snd_nxt;
	info->pacing_rate = rate ?: ~0ULL;
	info->max_pacing_rate = READ_ONCE(tp->ms.sk.sk_max_pacing_rate);
	if (info->max_pacing_rate == ~0UL)
		info->max_pacing_rate = ~0ULL;
	info->bytes_sent = tp->bytes_sent;
	info->bytes_retrans = tp->bytes_retrans;
	info->bytes_acked = tp->bytes_acked;
	info->segs_out = tp->segs_out;
	info->data_segs_out = tp->data_segs_out;
	info->total_retrans = tp->total_retrans;
	info->delivered = mini_tcp_segs(tp, tp->cc.delivered);
	info->delivered_ce = mini_tcp_segs(tp, tp->delivered_ce);
}

static void mini_tcp_info_loss(const struct mini_tcp_sock *tp,
			       struct mini_tcp_info *info, u64 now)
{
	u64 rate_us;

	info->ca_state = mini_tcp_info_ca(tp);
	info->retransmits = tp->retransmits;
	info->backoff = tp->backoff;
	info->rto = tp->rto_us;
	info->rtt = tp->srtt_us >> 3;
	info->rttvar = tp->rttvar_us >> 2;
	info->min_rtt = tp->cc.min_rtt_us;
	info->sacked = mini_tcp_segs(tp, tp->sacked_out);
	info->lost = mini_tcp_segs(tp, tp->lost_out);
	info->retrans = mini_tcp_segs(tp, tp->retrans_out);
	info->reordering = tp->reordering;
	info->reord_seen = tp->reord_seen;
	info->dsack_dups = tp->dsack_dups;
	info->total_rto = tp->total_rto;
	info->total_rto_recoveries = tp->total_rto_recoveries;
	info->total_rto_time = tp->total_rto_time +
			       mini_tcp_ms_since(tp->rto_stamp, now);
	/* Without the lock it may become 0 at any time. */
	rate_us = READ_ONCE(tp->rate_us);
	if (rate_us)
		info->delivery_rate = div64_u64(tp->rate_delivered *
						USEC_PER_SEC, rate_us);
	info->rate_app_limited = tp->rate_app_limited;
}

static void mini_tcp_info_rcv(const struct mini_tcp_sock *tp,
			      struct mini_tcp_info *info)
{
	info->ato = tp->ato_us;
	info->rcv_mss = tp->rcv_mss;
	info->rcv_rtt = tp->rcv_rtt_us;
	info->rcv_space = tp->rcvq_space;
	info->rcv_wnd = mini_tcp_rcv_wnd(tp);
	info->rcv_ssthresh = tp->rcv_wnd;
	info->bytes_received = tp->bytes_received;
	info->segs_in = tp->segs_in;
	info->data_segs_in = tp->data_segs_in;
	info->rcv_ooopack = tp->rcv_ooopack;
}

static void mini_tcp_info_time(const struct mini_tcp_sock *tp,
			       struct mini_tcp_info *info, u64 now)
{
	u64 us[MINI_TCP_CHRONOS];

	memcpy(us, tp->chrono_us, sizeof(us));
	if (tp->chrono_since && now > tp->chrono_since)
		us[tp->chrono] += now - tp->chrono_since;
	info->rwnd_limited = us[MINI_TCP_RWND_LIMITED];
	info->sndbuf_limited = us[MINI_TCP_SNDBUF_LIMITED];
	info->busy_time = us[MINI_TCP_BUSY] + info->rwnd_limited +
			  info->sndbuf_limited;
	info->last_data_sent = mini_tcp_ms_since(tp->last_sent, now);
	info->last_data_recv = mini_tcp_ms_since(tp->last_data_rcv, now);
	info->last_ack_recv = mini_tcp_ms_since(tp->last_rcv, now);
}

void mini_tcp_get_info(struct sock *sk, struct mini_tcp_info *info)
{
	const struct mini_tcp_sock *tp = mini_tcp_sk(sk);
	u64 now = mini_tcp_now();

	memset(info, 0, sizeof(*info));
	info->state = READ_ONCE(sk->sk_state);
	if (info->state == TCP_LISTEN) {
		/* As Linux: waiting, and how many may. */
		info->unacked = mini_tcp_accept_count(tp);
		info->sacked = READ_ONCE(sk->sk_max_ack_backlog);
		return;
	}
	info->probes = tp->probes;
	info->options = mini_tcp_info_options(tp);
	if (tp->wscale_ok) {
		info->snd_wscale = tp->snd_wscale;
		info->rcv_wscale = tp->rcv_wscale;
	}
	mini_tcp_info_send(tp, info);
	mini_tcp_info_loss(tp, info, now);
	mini_tcp_info_rcv(tp, info);
	mini_tcp_info_time(tp, info, now);
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
		msg->rqueue = mini_tcp_accept_count(tp);
		msg->wqueue = READ_ONCE(ms->sk.sk_max_ack_backlog);
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
