// SPDX-License-Identifier: GPL-2.0
/*
 * Connections and their frames.  The peer's go out through the tun device; the
 * host's are taken from a packet socket on it, where each has the time at which
 * the kernel sent it, however late this process gets to run.
 */
#include <linux/if_packet.h>

#include "ladder.h"

/* The peer's sequence numbers wrap after the first 1024 octets. */
#define PEER_ISS	0xfffffc00

int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

void wire_start(struct ladder *l, const char *family)
{
	struct sockaddr_ll sll = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ALL),
	};

	if (!wire_open(&l->w, family, true))
		fail(l, "no device for %s: %s", family, strerror(errno));
	l->tap = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK, 0);
	set_int(l->tap, SOL_SOCKET, SO_RCVBUFFORCE, 8 << 20);
	sll.sll_ifindex = l->w.ifindex;
	if (set_int(l->tap, SOL_SOCKET, SO_TIMESTAMPNS, 1) ||
	    bind(l->tap, (struct sockaddr *)&sll, sizeof(sll)))
		fail(l, "packet socket: %s", strerror(errno));
}

struct connection *find_connection(struct ladder *l, const char *name,
				   const char *like)
{
	struct connection *c, *other = NULL, **end = &l->connections;
	int number = 0;

	for (; *end; end = &(*end)->next, number++) {
		if (!strcmp((*end)->name, name))
			return *end;
		if (like && !strcmp((*end)->name, like))
			other = *end;
	}
	if (like && !other)
		fail(l, "no connection %s", like);
	c = calloc(1, sizeof(*c));
	snprintf(c->name, sizeof(c->name), "%s", name);
	c->fd = -1;
	c->peer_port = other ? other->peer_port : 20000 + number;
	c->host_port = other ? other->host_port : 0;
	c->peer_iss = PEER_ISS;
	c->last = &c->first;
	c->win = 65535;
	c->urgent = -1;
	c->ts_offset = other ? other->ts_offset : 1000;
	*end = c;
	return c;
}

static int64_t rel(uint32_t seq, uint32_t iss)
{
	return (int32_t)(seq - iss);
}

int64_t peer_rel(const struct connection *c, uint32_t seq)
{
	return rel(seq, c->peer_iss);
}

int64_t host_rel(const struct connection *c, uint32_t seq)
{
	return rel(seq, c->host_iss);
}

void note_sent(struct connection *c, int64_t from, int64_t to)
{
	bool joined = true;

	if (to > c->sent)
		c->sent = to;
	if (c->holes < 64)
		c->hole[c->holes++] = (struct range){ from, to };
	while (joined) {
		joined = false;
		for (int i = 0; i < c->holes; i++) {
			if (c->hole[i].from > c->sent_whole)
				continue;
			if (c->hole[i].to > c->sent_whole)
				c->sent_whole = c->hole[i].to;
			c->hole[i] = c->hole[--c->holes];
			joined = true;
		}
	}
}

void note_came(struct connection *c, const struct seen *s)
{
	int64_t from, to;

	if (s->flags & SYN && !c->host_iss_known) {
		c->host_iss = s->s.seq;
		c->host_iss_known = true;
	}
	if (s->flags & RST)
		return;
	from = host_rel(c, s->s.seq);
	to = from + s->s.len + !!(s->flags & SYN) + !!(s->flags & FIN);
	if (to > c->came)
		c->came = to;
	if (from <= c->came_whole && to > c->came_whole)
		c->came_whole = to;
	if (s->flags & ACK) {
		c->last_ack = s->s.ack;
		c->last_win = s->s.win;
	}
}

/* What a stream has at an offset; 251 is prime, so that shifts show. */
void fill(uint8_t *buf, int64_t offset, size_t len)
{
	for (size_t i = 0; i < len; i++)
		buf[i] = (offset + i) % 251;
}

static struct connection *connection_of(struct ladder *l, const struct seen *s)
{
	struct connection *c, *match = NULL;

	for (c = l->connections; c; c = c->next) {
		if (c->peer_port != s->s.dport)
			continue;
		/* connect() chose the port. */
		if (!c->host_port)
			c->host_port = s->s.sport;
		if (c->host_port == s->s.sport && (!match || c == l->c))
			match = c;
	}
	return match;
}

static struct seen *seen_of(struct ladder *l, struct packet *p, int64_t at)
{
	const struct tcphdr *tcp = (void *)(p->buf + p->l4);
	size_t header = tcp->th_off * 4;
	struct iphdr *ip = ip_of(p);
	struct seen *s;

	if (!sums_right(p))
		fail(l, "the host sent a packet with wrong sums");
	if (header < sizeof(*tcp) || p->l4 + header > p->len)
		fail(l, "the host sent a header of %zu octets", header);
	s = calloc(1, sizeof(*s));
	s->at = at;
	s->tos = ip->tos;
	s->df = ip->frag_off & htons(IP_DF);
	s->flags = tcp->th_flags | (p->buf[p->l4 + 12] & 1) << 8;
	s->urg = ntohs(tcp->th_urp);
	s->s.sport = ntohs(tcp->th_sport);
	s->s.dport = ntohs(tcp->th_dport);
	s->s.seq = ntohl(tcp->th_seq);
	s->s.ack = ntohl(tcp->th_ack);
	s->s.win = ntohs(tcp->th_win);
	s->s.optlen = header - sizeof(*tcp);
	memcpy(s->s.opts, tcp + 1, s->s.optlen);
	s->s.len = p->len - p->l4 - header;
	if (s->s.len > sizeof(s->s.data))
		fail(l, "the host sent %zu octets", s->s.len);
	memcpy(s->s.data, p->buf + p->l4 + header, s->s.len);
	return s;
}

static int64_t time_of(struct msghdr *msg)
{
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg);
	struct timespec ts;

	for (; cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
		if (cmsg->cmsg_level != SOL_SOCKET ||
		    cmsg->cmsg_type != SO_TIMESTAMPNS)
			continue;
		memcpy(&ts, CMSG_DATA(cmsg), sizeof(ts));
		return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
	}
	return now_us();
}

/* One frame of the packet socket; false: none there. */
static bool fetch(struct ladder *l)
{
	struct packet p;
	struct sockaddr_ll from;
	char control[256] __attribute__((aligned(8)));
	struct iovec iov = { p.buf, sizeof(p.buf) };
	struct msghdr msg = {
		.msg_name = &from,
		.msg_namelen = sizeof(from),
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	ssize_t n = recvmsg(l->tap, &msg, 0);
	struct connection *c;
	struct seen *s;

	/* What the device holds has been seen. */
	while (read(l->w.fd, control, sizeof(control)) > 0)
		;
	if (n < 0)
		return false;
	p.len = n;
	if (from.sll_pkttype != PACKET_OUTGOING || !wire_dissect(&l->w, &p) ||
	    ip_of(&p)->protocol != IPPROTO_TCP)
		return true;
	s = seen_of(l, &p, time_of(&msg));
	c = connection_of(l, s);
	if (!c)
		fail(l, "a segment from port %d to %d, where nobody is",
		     s->s.sport, s->s.dport);
	*c->last = s;
	c->last = &s->next;
	return true;
}

struct seen *next_seen(struct ladder *l, int64_t deadline)
{
	struct connection *c = l->c;
	struct seen *s;

	while (!c->first) {
		int64_t left = deadline - now_us();

		if (fetch(l))
			continue;
		if (left <= 0)
			return NULL;
		poll_for(l->tap, POLLIN, left / US + 1);
	}
	s = c->first;
	c->first = s->next;
	if (!c->first)
		c->last = &c->first;
	s->next = NULL;
	return s;
}

void put_back(struct connection *c, struct seen *s)
{
	s->next = c->first;
	if (!c->first)
		c->last = &s->next;
	c->first = s;
}

static const struct {
	const char *name;
	int type;
	int code;
} errors[] = {
	{ "net-unreachable", 3, 0 }, { "host-unreachable", 3, 1 },
	{ "protocol-unreachable", 3, 2 }, { "port-unreachable", 3, 3 },
	{ "frag-needed", 3, 4 }, { "source-route-failed", 3, 5 },
	{ "admin-prohibited", 3, 13 }, { "source-quench", 4, 0 },
	{ "ttl-exceeded", 11, 0 }, { "parameter-problem", 12, 0 },
};

/* ERROR [mtu N] [seq N] [quote N] */
void send_icmp(struct ladder *l, char **word, int words)
{
	struct connection *c = l->c;
	int64_t seq = 1, quote = 8, mtu = 0;
	struct wire back = l->w;
	struct segment s = {};
	struct packet p, q;
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(*errors); i++) {
		if (words && !strcmp(errors[i].name, word[0]))
			break;
	}
	if (i == sizeof(errors) / sizeof(*errors))
		fail(l, "no ICMP error %s", words ? word[0] : "");
	for (int n = 1; n + 1 < words; n += 2) {
		if (!strcmp(word[n], "mtu"))
			mtu = eval(l, word[n + 1]);
		else if (!strcmp(word[n], "seq"))
			seq = eval(l, word[n + 1]);
		else if (!strcmp(word[n], "quote"))
			quote = eval(l, word[n + 1]);
		else
			fail(l, "mtu, seq or quote, not %s", word[n]);
	}
	if (quote < 0 || quote > 1000)
		fail(l, "a quote of up to 1000 octets");
	/* The quote is a packet of the host. */
	back.host = l->w.peer;
	back.peer = l->w.host;
	s.sport = c->host_port;
	s.dport = c->peer_port;
	s.seq = c->host_iss + seq;
	s.ack = c->peer_iss + c->sent_whole;
	s.flags = ACK;
	s.len = 1000;
	make_tcp(&back, &q, &s);
	ip_of(&q)->frag_off = htons(IP_DF);
	fix_ip(&q);
	make_icmp(&l->w, &p, errors[i].type, errors[i].code, mtu, q.buf,
		  sizeof(struct iphdr) + quote);
	wire_send(&l->w, &p);
}
