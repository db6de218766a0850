// SPDX-License-Identifier: GPL-2.0
/*
 * The size of packets that the path carries: what ICMP claims (RFC 1191,
 * believed as far as RFC 5927 section 7.2 does), and what is found out with
 * data of larger or smaller size (RFC 4821).  Sizes are of IP packets, octets.
 *
 * Locks on entry: the socket lock.
 */
#include <linux/tcp.h>

#include "recovery.h"

/* Bits of tp->mtu_watch: what an acknowledgment or time decides. */
#define WATCH_PROOF	BIT(0)	/* whether full segments arrive */
#define WATCH_CLAIM	BIT(1)	/* whether ICMP told the truth */
#define WATCH_PROBE	BIT(2)	/* whether the probe arrives */
#define WATCH_LEARNED	BIT(3)	/* when to forget what ICMP told */

/* Linux's net.ipv4.route.min_pmtu: below it routers may fragment. */
#define PMTU_MIN	552
/* RFC 1191 section 6.3. */
#define PMTU_LIFETIME	(600 * USEC_PER_SEC)
/* RFC 4821 section 7.4: what loss detection needs behind the probe, segments */
#define PROBE_BEHIND	4
#define PROBE_CWND	11	/* segments */

/* What a packet has before options and data. */
#define MTU_HDRS	((u32)(sizeof(struct iphdr) + sizeof(struct tcphdr)))

/* Headers of a data segment, IP's too. */
static u32 mtu_headers(const struct mini_tcp_sock *tp)
{
	return MTU_HDRS +
	       (tp->tstamp_ok ? MINI_WIRE_TCPOLEN_TSTAMP_ALIGNED : 0);
}

/* The MSS option's value for a packet size (RFC 9293 section 3.7.1). */
u32 mini_tcp_mss_for(u32 mtu)
{
	/* No path, no MTU: then 0 is given. */
	return clamp_t(u32, mtu, MTU_HDRS + MINI_TCP_MSS_MIN, U16_MAX) -
	       MTU_HDRS;
}

/* The way back of mini_tcp_mss_for(). */
static u32 mtu_for(u32 mss)
{
	return mss + MTU_HDRS;
}

/* The largest packet that the path is thought to carry, whole. */
u32 mini_tcp_mtu(const struct mini_tcp_sock *tp)
{
	return min(tp->ms.path.mtu, READ_ONCE(tp->pmtu));
}

/* The largest packet that both the path and the peer are thought to take. */
static u32 mtu_most(const struct mini_tcp_sock *tp)
{
	return min(mini_tcp_mtu(tp), mtu_for(tp->mss_peer));
}

/* The device's limits of a packet that is segmented on its way out. */
static void mtu_sync_gso(struct mini_tcp_sock *tp, struct mini_dev *mdev)
{
	u32 gso = GSO_LEGACY_MAX_SIZE;
	struct net_device *dev;
	u32 segs = U16_MAX;

	rcu_read_lock();
	dev = rcu_dereference(mdev->dev);
	if (dev) {
		gso = min_t(u32, gso, READ_ONCE(dev->gso_max_size));
		segs = READ_ONCE(dev->gso_max_segs);
	}
	rcu_read_unlock();
	/* An administrator may set a device's limit to anything. */
	gso -= min_t(u32, gso, sizeof(struct ipv6hdr) + MINI_TCP_HDR_MAX + 1);
	gso = min_t(u64, gso, (u64)segs * tp->cc.mss);
	tp->gso_max = max(gso / tp->cc.mss, 1U) * tp->cc.mss;
}

/**
 * mini_tcp_sync_mss() - from path, peer and options in use to mss and gso_max
 * @tp: connection, locked
 */
void mini_tcp_sync_mss(struct mini_tcp_sock *tp)
{
	struct mini_dev *mdev = tp->ms.path.mdev;
	u32 mtu = mini_tcp_mtu(tp);
	u32 half;
	u32 mss;

	if (!mdev)
		return;
	/* The path may be another one: no probe may be larger than it is. */
	tp->mtup_high = min(tp->mtup_high, mtu_most(tp));
	if (tp->mtup_on)
		mtu = min(mtu, tp->mtup_low);
	mss = min_t(u32, mini_tcp_mss_for(mtu), tp->mss_peer);
	if (tp->mss_user)
		mss = min_t(u32, mss, tp->mss_user);
	if (tp->tstamp_ok)
		mss -= MINI_WIRE_TCPOLEN_TSTAMP_ALIGNED;
	/* RFC 9293 3.8.6.2.1: half of a small window is worth a segment. */
	half = tp->max_wnd > MINI_TCP_MSS_DEFAULT ? tp->max_wnd / 2 :
						    tp->max_wnd;
	tp->mss_wnd = 0;
	if (half && half < mss) {
		mss = half;
		tp->mss_wnd = tp->max_wnd;
	}
	tp->cc.mss = max(mss, MINI_TCP_MSS_MIN);
	mtu = tp->cc.mss + mtu_headers(tp);
	if (mtu != tp->mtu_used) {
		tp->mtu_used = mtu;
		tp->mtu_sent = max(tp->mtu_sent, mtu);
		tp->mtu_watch &= ~WATCH_PROOF;
	}
	mtu_sync_gso(tp, mdev);
}

/**
 * mini_tcp_mtu_init() - nothing is known of a path yet
 * @tp: a new connection
 */
void mini_tcp_mtu_init(struct mini_tcp_sock *tp)
{
	tp->pmtu = U16_MAX;
	tp->mss_wnd = 0;
	tp->mtu_watch = 0;
	tp->mtu_used = 0;
	tp->mtu_sent = 0;
	tp->mtu_acked = 0;
	tp->mtup_on = 0;
	tp->mtup_size = 0;
	tp->mtup_when = 0;
	tp->df_off = 0;
}

/**
 * mini_tcp_mtu_start() - ESTABLISHED: sizes are agreed upon
 * @tp: connection, locked
 */
void mini_tcp_mtu_start(struct mini_tcp_sock *tp)
{
	struct mini_sysctl *ctl = &mini_tcp_mn(tp)->sysctl;

	tp->mtup_high = mtu_most(tp);
	tp->mtup_low = min(tp->mtup_high,
			   mtu_for(READ_ONCE(ctl->tcp_base_mss)));
	tp->mtup_on = READ_ONCE(ctl->tcp_mtu_probing) > 1;
	mini_tcp_sync_mss(tp);
}

/* Smaller packets from here on. */
static void mtu_apply(struct mini_tcp_sock *tp, u32 mtu, u64 now)
{
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_PMTU_REDUCED);
	WRITE_ONCE(tp->pmtu, mtu);
	tp->pmtu_expires = now + PMTU_LIFETIME;
	tp->mtu_acked = 0;
	tp->mtup_high = min(tp->mtup_high, mtu);
	tp->mtup_low = min(tp->mtup_low, mtu);
	tp->mtu_watch &= ~WATCH_CLAIM;
	tp->mtu_watch |= WATCH_LEARNED;
	mini_tcp_sync_mss(tp);
}

/*
 * Everything that was cut for larger packets is lost, but not to congestion:
 * it goes again at once, as far as cwnd lets it.
 */
static void mtu_resend(struct mini_tcp_sock *tp, u64 now)
{
	struct sk_buff *skb;

	for (skb = mini_tcp_rtx_head(tp); skb; skb = skb_rb_next(skb))
		if (skb->len > tp->cc.mss &&
		    !(mini_tcp_cb(skb)->mark & MINI_TCP_CB_SACKED))
			mini_tcp_mark_lost(tp, skb);
	mini_tcp_resend_lost(tp, now);
}

/* May the path's size be learned?  RFC 1191, unless the program knows better. */
static bool mtu_wanted(const struct mini_tcp_sock *tp)
{
	switch (tp->ms.pmtudisc) {
	case IP_PMTUDISC_DONT:
	case IP_PMTUDISC_INTERFACE:
	case IP_PMTUDISC_OMIT:
		return false;
	default:
		return true;
	}
}

/**
 * mini_tcp_mtu_claim() - ICMP says that a packet was too large
 * @tp: connection, locked
 * @mtu: what would pass, by its word
 * @len: size of the packet that it quotes
 * @seq: its sequence number, which is under way
 * @now: microseconds
 *
 * Anybody can write such a message (RFC 5927 section 7).  The packet must be
 * one that can have been sent; and a size below what is known to arrive is
 * believed only when the segment quoted has to be sent again by the clock.
 */
void mini_tcp_mtu_claim(struct mini_tcp_sock *tp, u32 mtu, u32 len, u32 seq,
			u64 now)
{
	struct mini_net *mn = mini_tcp_mn(tp);

	if (!mtu_wanted(tp))
		return;
	if (len <= mtu || len > max(tp->mtu_sent, tp->mtup_size) ||
	    mtu >= max(tp->mtu_used, tp->mtup_size)) {
		mini_inc(mn, MINI_MIB_TCP_PMTU_IGNORED);
		return;
	}
	/* The probe found its limit. */
	if (tp->mtup_size && mtu >= tp->mtu_used) {
		mini_tcp_mtu_probe_failed(tp);
		tp->mtup_high = max(mtu, tp->mtup_low);
		mtu_resend(tp, now);
		return;
	}
	if (mtu < PMTU_MIN) {
		mtu = min_t(u32, PMTU_MIN, tp->mtu_used);
		tp->df_off = 1;
	}
	if (mtu < tp->mtu_acked) {
		tp->claim_mtu = mtu;
		tp->claim_seq = seq;
		tp->mtu_watch |= WATCH_CLAIM;
		mini_inc(mn, MINI_MIB_TCP_PMTU_DOUBTED);
		return;
	}
	mtu_apply(tp, mtu, now);
	mtu_resend(tp, now);
	mini_tcp_rearm(tp, now);
}

/**
 * mini_tcp_mtu_sent() - a full segment left, of a size not known to arrive
 * @tp: connection, locked
 * @end_seq: one past it
 */
void mini_tcp_mtu_sent(struct mini_tcp_sock *tp, u32 end_seq)
{
	if (tp->mtu_watch & WATCH_PROOF)
		return;
	tp->proof_seq = end_seq;
	tp->mtu_watch |= WATCH_PROOF;
}

/**
 * mini_tcp_mtu_look() - have acknowledgments or time decided something?
 * @tp: connection, locked; its mtu_watch is not 0
 * @now: microseconds
 */
void mini_tcp_mtu_look(struct mini_tcp_sock *tp, u64 now)
{
	struct mini_net *mn = mini_tcp_mn(tp);

	if (tp->mtu_watch & WATCH_PROOF &&
	    !seq_before(tp->snd_una, tp->proof_seq)) {
		tp->mtu_watch &= ~WATCH_PROOF;
		tp->mtu_acked = tp->mtu_used;
	}
	if (tp->mtu_watch & WATCH_CLAIM &&
	    seq_after(tp->snd_una, tp->claim_seq)) {
		tp->mtu_watch &= ~WATCH_CLAIM;
		mini_inc(mn, MINI_MIB_TCP_PMTU_IGNORED);
	}
	if (tp->mtu_watch & WATCH_PROBE &&
	    !seq_before(tp->snd_una, tp->mtup_end)) {
		tp->mtu_watch &= ~WATCH_PROBE;
		tp->mtup_low = tp->mtup_size;
		tp->mtup_size = 0;
		mini_inc(mn, MINI_MIB_TCP_MTU_PROBES_OK);
		mini_tcp_sync_mss(tp);
	}
	if (tp->mtu_watch & WATCH_LEARNED && now >= tp->pmtu_expires) {
		tp->mtu_watch &= ~WATCH_LEARNED;
		WRITE_ONCE(tp->pmtu, U16_MAX);
		tp->df_off = 0;
		mini_tcp_sync_mss(tp);
	}
}

/**
 * mini_tcp_mtu_probe_failed() - the probe did not arrive
 * @tp: connection, locked
 */
void mini_tcp_mtu_probe_failed(struct mini_tcp_sock *tp)
{
	if (!tp->mtup_size)
		return;
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_MTU_PROBES_LOST);
	tp->mtup_high = tp->mtup_size - 1;
	tp->mtup_size = 0;
	tp->mtu_watch &= ~WATCH_PROBE;
}

/**
 * mini_tcp_mtu_probe_unsent() - the probe could not leave
 * @tp: connection, locked
 */
void mini_tcp_mtu_probe_unsent(struct mini_tcp_sock *tp)
{
	if (!tp->mtup_size || seq_before(tp->mtup_start, tp->snd_nxt))
		return;
	tp->mtup_size = 0;
	tp->mtu_watch &= ~WATCH_PROBE;
}

/**
 * mini_tcp_mtu_probe_lost() - is the first hole the probe, and nothing else?
 * @tp: connection, locked
 *
 * RFC 4821 section 7.5: that says nothing of congestion.  To be asked before
 * the window is reduced; if so, the first segment is to be sent again, and the
 * window stays.
 */
bool mini_tcp_mtu_probe_lost(struct mini_tcp_sock *tp)
{
	struct sk_buff *skb;

	if (likely(!tp->mtup_size) || tp->snd_una != tp->mtup_start ||
	    tp->lost_out > tp->mtup_end - tp->mtup_start)
		return false;
	/* It was one packet, into whatever it has been cut since. */
	for (skb = mini_tcp_rtx_head(tp);
	     skb && seq_before(mini_tcp_cb(skb)->seq, tp->mtup_end);
	     skb = skb_rb_next(skb))
		if (!(mini_tcp_cb(skb)->mark &
		      (MINI_TCP_CB_SACKED | MINI_TCP_CB_LOST)))
			mini_tcp_mark_lost(tp, skb);
	mini_tcp_mtu_probe_failed(tp);
	return true;
}

/**
 * mini_tcp_mtu_timeout() - the retransmission timer expired
 * @tp: connection, locked; its retransmits are those before
 * @now: microseconds
 *
 * A doubted claim gets its proof (RFC 5927 section 7.2).  After some timeouts
 * in a row large packets may vanish without a word (RFC 4821 section 7.7):
 * smaller ones are tried.
 */
void mini_tcp_mtu_timeout(struct mini_tcp_sock *tp, u64 now)
{
	struct mini_sysctl *ctl = &mini_tcp_mn(tp)->sysctl;
	u32 mss;

	mini_tcp_mtu_probe_failed(tp);
	if (tp->mtu_watch & WATCH_CLAIM &&
	    !seq_after(tp->snd_una, tp->claim_seq))
		mtu_apply(tp, tp->claim_mtu, now);
	if (!READ_ONCE(ctl->tcp_mtu_probing) ||
	    tp->retransmits < READ_ONCE(ctl->tcp_retries1))
		return;
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_MTU_BLACK_HOLES);
	if (!tp->mtup_on) {
		tp->mtup_on = 1;
	} else {
		mss = (tp->mtup_low - MTU_HDRS) / 2;
		mss = min_t(u32, mss, READ_ONCE(ctl->tcp_base_mss));
		mss = max3(mss, (u32)READ_ONCE(ctl->tcp_mtu_probe_floor),
			   MINI_TCP_MSS_MIN);
		tp->mtup_low = mtu_for(mss);
	}
	tp->mtup_when = now;
	mini_tcp_sync_mss(tp);
}

/* RFC 4821 section 7.3: the next size to try, 0: none now. */
static u32 mtu_next_size(struct mini_tcp_sock *tp, u64 now)
{
	struct mini_sysctl *ctl = &mini_tcp_mn(tp)->sysctl;
	u64 wait = (u64)READ_ONCE(ctl->tcp_probe_interval) * USEC_PER_SEC;

	if (tp->mtup_high >= tp->mtup_low &&
	    tp->mtup_high - tp->mtup_low >= READ_ONCE(ctl->tcp_probe_threshold))
		return (tp->mtup_high + tp->mtup_low) / 2;
	if (!tp->mtup_when)
		tp->mtup_when = now;
	if (now - tp->mtup_when < wait)
		return 0;
	/* The path may be another by now. */
	tp->mtup_when = now;
	tp->mtup_high = mtu_most(tp);
	return 0;
}

/**
 * mini_tcp_mtu_probe() - cut a probe off what is unsent, if it is time for one
 * @tp: connection, locked; mtup_on
 * @skb: head of what is unsent
 * @now: microseconds
 *
 * Return: payload octets of the probe, which @skb has now; 0: no probe.
 */
u32 mini_tcp_mtu_probe(struct mini_tcp_sock *tp, struct sk_buff *skb, u64 now)
{
	u32 inflight = mini_tcp_inflight(tp);
	u32 seq = mini_tcp_cb(skb)->seq;
	u32 size, len, need;

	if (tp->mtup_size || tp->cc.state != MINI_CC_OPEN || tp->dupacks ||
	    tp->cc.cwnd < PROBE_CWND * tp->cc.mss)
		return 0;
	size = mtu_next_size(tp, now);
	if (!size)
		return 0;
	len = size - mtu_headers(tp);
	need = len + PROBE_BEHIND * tp->cc.mss;
	if (len <= tp->cc.mss || skb->len < len ||
	    tp->write_seq - seq < need ||
	    seq_after(seq + need, tp->snd_una + tp->snd_wnd) ||
	    inflight + len > tp->cc.cwnd)
		return 0;
	if (len < skb->len && !mini_tcp_split(tp, skb, len, GFP_ATOMIC))
		return 0;
	tp->mtup_size = size;
	tp->mtup_start = seq;
	tp->mtup_end = seq + len;
	tp->mtu_sent = max(tp->mtu_sent, size);
	tp->mtu_watch |= WATCH_PROBE;
	mini_inc(mini_tcp_mn(tp), MINI_MIB_TCP_MTU_PROBES);
	return len;
}
