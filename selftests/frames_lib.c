// SPDX-License-Identifier: GPL-2.0
/* The peer of frames.h: its device, its packets. */
#include <glob.h>
#include <sched.h>
#include <stdarg.h>
#include <linux/if_tun.h>

#include "frames.h"

bool run(const char *fmt, ...)
{
	char command[256];
	va_list ap;
	int status;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	fflush(stdout);
	status = system(command);
	if (status)
		fprintf(stderr, "# %s: status %d\n", command, status);
	return !status;
}

/* @name is below /proc/sys, with slashes. */
bool sysctl_set(const char *name, long value)
{
	char path[128];
	FILE *file;
	bool ok;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	file = fopen(path, "w");
	if (!file)
		return false;
	ok = fprintf(file, "%ld\n", value) > 0;
	return !fclose(file) && ok;
}

bool wire_knob(const struct wire *w, const char *name, long value)
{
	char path[96];
	glob_t found;
	bool ok = true;

	if (w->family != AF_INET) {
		snprintf(path, sizeof(path), "net/mini/%s", name);
		return sysctl_set(path, value);
	}
	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/conf/*/%s", name);
	if (glob(path, 0, NULL, &found))
		return false;
	for (size_t i = 0; i < found.gl_pathc; i++)
		ok &= sysctl_set(found.gl_pathv[i] + strlen("/proc/sys/"),
				 value);
	globfree(&found);
	return ok;
}

static bool up(struct wire *w, int fd)
{
	struct ifreq ifr = {};

	strcpy(ifr.ifr_name, w->name);
	if (ioctl(fd, SIOCGIFINDEX, &ifr))
		return false;
	w->ifindex = ifr.ifr_ifindex;
	if (!w->tun) {
		if (ioctl(fd, SIOCGIFHWADDR, &ifr))
			return false;
		memcpy(w->host_mac, ifr.ifr_hwaddr.sa_data, ETH_ALEN);
	}
	if (ioctl(fd, SIOCGIFFLAGS, &ifr))
		return false;
	ifr.ifr_flags |= IFF_UP | IFF_RUNNING;
	return !ioctl(fd, SIOCSIFFLAGS, &ifr);
}

static bool give_to_linux(struct wire *w, int fd)
{
	struct sockaddr_in sin = name_of("0.0.0.0", 0);
	struct ifreq ifr = {};

	sin.sin_addr.s_addr = w->host;
	strcpy(ifr.ifr_name, w->name);
	memcpy(&ifr.ifr_addr, &sin, sizeof(sin));
	if (ioctl(fd, SIOCSIFADDR, &ifr))
		return false;
	sin = name_of("255.255.255.0", 0);
	memcpy(&ifr.ifr_netmask, &sin, sizeof(sin));
	return !ioctl(fd, SIOCSIFNETMASK, &ifr);
}

bool wire_to_mini(struct wire *w)
{
	int fd = genl_open(), id = genl_family(fd), err;
	struct request r;

	request_init(&r, id, MINI_CMD_DEV_ATTACH, 0);
	put_u32(&r, MINI_A_DEV_IFINDEX, w->ifindex);
	err = talk(fd, &r, NULL, NULL);
	request_init(&r, id, MINI_CMD_ADDR_ADD, 0);
	put_u32(&r, MINI_A_ADDR_IFINDEX, w->ifindex);
	put(&r, MINI_A_ADDR_ADDRESS, &w->host, sizeof(w->host));
	put_u8(&r, MINI_A_ADDR_PREFIXLEN, 24);
	if (!err)
		err = talk(fd, &r, NULL, NULL);
	close(fd);
	errno = -err;
	return !err;
}

/* A device with an address, in this namespace. */
static bool wire_device(struct wire *w, const char *name)
{
	struct ifreq ifr = {};
	int fd;
	bool ok;

	w->fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (w->fd < 0)
		return false;
	ifr.ifr_flags = (w->tun ? IFF_TUN : IFF_TAP) | IFF_NO_PI;
	strcpy(ifr.ifr_name, name);
	if (ioctl(w->fd, TUNSETIFF, &ifr))
		return false;
	strcpy(w->name, ifr.ifr_name);
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ok = up(w, fd);
	if (ok && w->family == AF_INET)
		ok = give_to_linux(w, fd);
	else if (ok)
		ok = wire_to_mini(w);
	close(fd);
	return ok;
}

bool wire_open(struct wire *w, const char *family, bool tun)
{
	memset(w, 0, sizeof(*w));
	w->fd = -1;
	w->tun = tun;
	w->family = family_by_name(family);
	w->host = inet_addr(HOST);
	w->peer = inet_addr(PEER);
	memcpy(w->peer_mac, "\2\0\0\0\0\2", ETH_ALEN);
	if (w->family < 0 || unshare(CLONE_NEWNET))
		return false;
	loopback_up();
	/* Linux has no other address or packet to send: no IPv6. */
	sysctl_set("net/ipv6/conf/default/disable_ipv6", 1);
	return wire_device(w, tun ? "tun0" : "tap0");
}

bool wire_open_more(struct wire *w, const struct wire *first, const char *name,
		    const char *host, const char *peer)
{
	memset(w, 0, sizeof(*w));
	w->fd = -1;
	w->tun = first->tun;
	w->family = first->family;
	w->host = inet_addr(host);
	w->peer = inet_addr(peer);
	memcpy(w->peer_mac, "\2\0\0\0\1\2", ETH_ALEN);
	return wire_device(w, name);
}

void wire_close(struct wire *w)
{
	if (w->fd >= 0)
		close(w->fd);
}

uint16_t checksum(const void *data, size_t len, uint32_t sum)
{
	const uint8_t *octet = data;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 ? octet[i] : octet[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

void fix_ip(struct packet *p)
{
	struct iphdr *ip = ip_of(p);

	ip->check = 0;
	ip->check = htons(checksum(ip, ip->ihl * 4, 0));
}

/* Over what the frame holds; ICMP and IGMP have no pseudo header. */
static uint16_t l4_sum(struct packet *p)
{
	struct iphdr *ip = ip_of(p);
	size_t len = p->len - p->l4;
	uint32_t sum = 0;

	if (ip->protocol != IPPROTO_ICMP && ip->protocol != IPPROTO_IGMP)
		sum = (uint16_t)~checksum(&ip->saddr, 8, ip->protocol + len);
	return checksum(p->buf + p->l4, len, sum);
}

static uint16_t *l4_field(struct packet *p)
{
	static const uint8_t offset[] = {
		[IPPROTO_ICMP] = 2, [IPPROTO_IGMP] = 2, [IPPROTO_TCP] = 16,
		[IPPROTO_UDP] = 6,
	};

	return (uint16_t *)(p->buf + p->l4 + offset[ip_of(p)->protocol]);
}

void fix_l4(struct packet *p)
{
	uint16_t sum;

	*l4_field(p) = 0;
	sum = l4_sum(p);
	*l4_field(p) = htons(sum ? sum : 0xffff);
}

void make_ip(const struct wire *w, struct packet *p, int protocol,
	     const void *payload, size_t len)
{
	static uint16_t id;
	struct iphdr *ip;

	memset(p, 0, sizeof(*p));
	p->ip = w->tun ? 0 : ETH_HLEN;
	p->l4 = p->ip + sizeof(*ip);
	p->len = p->l4 + len;
	if (!w->tun) {
		memcpy(eth_of(p)->h_dest, w->host_mac, ETH_ALEN);
		memcpy(eth_of(p)->h_source, w->peer_mac, ETH_ALEN);
		eth_of(p)->h_proto = htons(ETH_P_IP);
	}
	ip = ip_of(p);
	ip->version = 4;
	ip->ihl = 5;
	ip->ttl = 64;
	ip->id = htons(++id);
	ip->protocol = protocol;
	ip->tot_len = htons(sizeof(*ip) + len);
	ip->saddr = w->peer;
	ip->daddr = w->host;
	memcpy(p->buf + p->l4, payload, len);
	fix_ip(p);
}

void make_udp(const struct wire *w, struct packet *p, int sport, int dport,
	      const void *data, size_t len)
{
	uint8_t buf[1600];
	struct udphdr udp = {
		.source = htons(sport),
		.dest = htons(dport),
		.len = htons(sizeof(udp) + len),
	};

	memcpy(buf, &udp, sizeof(udp));
	memcpy(buf + sizeof(udp), data, len);
	make_ip(w, p, IPPROTO_UDP, buf, sizeof(udp) + len);
	p->data = p->l4 + sizeof(udp);
	fix_l4(p);
}

void make_icmp(const struct wire *w, struct packet *p, int type, int code,
	       uint32_t rest, const void *data, size_t len)
{
	uint8_t buf[1600] = { type, code };

	rest = htonl(rest);
	memcpy(buf + 4, &rest, sizeof(rest));
	memcpy(buf + 8, data, len);
	make_ip(w, p, IPPROTO_ICMP, buf, 8 + len);
	p->data = p->l4 + 8;
	fix_l4(p);
}

void make_tcp(const struct wire *w, struct packet *p, const struct segment *s)
{
	size_t header = 20 + (s->optlen + 3) / 4 * 4;
	uint8_t buf[1700] = {};
	struct tcphdr tcp = {
		.th_sport = htons(s->sport),
		.th_dport = htons(s->dport),
		.th_seq = htonl(s->seq),
		.th_ack = htonl(s->ack),
		.th_off = header / 4,
		.th_flags = s->flags,
		.th_win = htons(s->win),
	};

	memcpy(buf, &tcp, sizeof(tcp));
	memcpy(buf + sizeof(tcp), s->opts, s->optlen);
	memcpy(buf + header, s->data, s->len);
	make_ip(w, p, IPPROTO_TCP, buf, header + s->len);
	p->data = p->l4 + header;
	fix_l4(p);
}

/* A request is broadcast, a reply is not. */
void make_arp(const struct wire *w, struct packet *p, int op, const char *sip,
	      const char *tip)
{
	in_addr_t from = inet_addr(sip);
	in_addr_t to = inet_addr(tip);
	struct arp *arp;

	memset(p, 0, sizeof(*p));
	p->len = ETH_HLEN + sizeof(*arp);
	memset(eth_of(p)->h_dest, 0xff, ETH_ALEN);
	if (op == 2)
		memcpy(eth_of(p)->h_dest, w->host_mac, ETH_ALEN);
	memcpy(eth_of(p)->h_source, w->peer_mac, ETH_ALEN);
	eth_of(p)->h_proto = htons(ETH_P_ARP);
	arp = arp_of(p);
	arp->hrd = htons(1);
	arp->pro = htons(ETH_P_IP);
	arp->hln = ETH_ALEN;
	arp->pln = 4;
	arp->op = htons(op);
	memcpy(arp->sha, w->peer_mac, ETH_ALEN);
	memcpy(arp->sip, &from, sizeof(from));
	if (op == 2)
		memcpy(arp->tha, w->host_mac, ETH_ALEN);
	memcpy(arp->tip, &to, sizeof(to));
}

void wire_send(struct wire *w, const struct packet *p)
{
	if (write(w->fd, p->buf, p->len) != (ssize_t)p->len)
		fprintf(stderr, "# %s takes no frame of %zu octets: %s\n",
			w->name, p->len, strerror(errno));
}

static void answer_arp(struct wire *w, struct packet *p)
{
	struct packet reply;

	if (w->mute || arp_of(p)->op != htons(1) ||
	    memcmp(arp_of(p)->tip, &w->peer, 4))
		return;
	make_arp(w, &reply, 2, PEER, HOST);
	memcpy(arp_of(&reply)->sip, &w->peer, 4);
	memcpy(arp_of(&reply)->tip, &w->host, 4);
	wire_send(w, &reply);
}

bool wire_dissect(struct wire *w, struct packet *p)
{
	p->ip = w->tun ? 0 : ETH_HLEN;
	p->l4 = 0;
	p->data = 0;
	if (!w->tun && eth_of(p)->h_proto == htons(ETH_P_ARP)) {
		p->ip = 0;
		return p->len >= ETH_HLEN + sizeof(struct arp);
	}
	if (!w->tun && eth_of(p)->h_proto != htons(ETH_P_IP))
		return false;
	if (p->len < p->ip + sizeof(struct iphdr) || ip_of(p)->version != 4)
		return false;
	p->l4 = p->ip + ip_of(p)->ihl * 4;
	return true;
}

bool wire_next(struct wire *w, struct packet *p, int ms)
{
	long end = now_ms() + ms;

	for (;;) {
		ssize_t n = read(w->fd, p->buf, sizeof(p->buf));
		long left = end - now_ms();

		if (n >= 0) {
			p->len = n;
			if (!wire_dissect(w, p))
				continue;
			if (!p->l4)
				answer_arp(w, p);
			return true;
		}
		if (left < 0 || errno != EAGAIN)
			return false;
		poll_for(w->fd, POLLIN, left + 1);
	}
}

bool sums_right(struct packet *p)
{
	struct iphdr *ip = ip_of(p);

	if (ntohs(ip->tot_len) != p->len - p->ip) {
		fprintf(stderr, "# total length %u in a packet of %zu\n",
			ntohs(ip->tot_len), p->len - p->ip);
		return false;
	}
	if (checksum(ip, ip->ihl * 4, 0)) {
		fprintf(stderr, "# IP checksum is wrong\n");
		return false;
	}
	if (l4_sum(p) && *l4_field(p)) {
		fprintf(stderr, "# checksum of protocol %u is wrong\n",
			ip->protocol);
		return false;
	}
	return true;
}

bool wire_expect(struct wire *w, struct packet *p, int protocol, int ms)
{
	long end = now_ms() + ms;

	while (wire_next(w, p, end > now_ms() ? end - now_ms() : 0)) {
		if (!p->l4 && !protocol)
			return true;
		if (!p->l4 || ip_of(p)->protocol != protocol)
			continue;
		return sums_right(p);
	}
	return false;
}

bool wire_silent(struct wire *w, int protocol, int ms)
{
	const struct tcphdr *tcp;
	struct packet p;

	if (!wire_expect(w, &p, protocol, ms))
		return true;
	tcp = (void *)(p.buf + p.l4);
	if (protocol == IPPROTO_TCP)
		fprintf(stderr, "# came: flags %#x seq %u ack %u, %zu octets\n",
			tcp->th_flags, ntohl(tcp->th_seq), ntohl(tcp->th_ack),
			p.len - p.l4 - tcp->th_off * 4);
	return false;
}

bool expect_segment(struct wire *w, struct segment *s, int ms)
{
	const struct tcphdr *tcp;
	struct packet p;
	size_t header;

	if (!wire_expect(w, &p, IPPROTO_TCP, ms))
		return false;
	tcp = (void *)(p.buf + p.l4);
	header = tcp->th_off * 4;
	memset(s, 0, sizeof(*s));
	s->sport = ntohs(tcp->th_sport);
	s->dport = ntohs(tcp->th_dport);
	s->seq = ntohl(tcp->th_seq);
	s->ack = ntohl(tcp->th_ack);
	s->flags = tcp->th_flags;
	s->win = ntohs(tcp->th_win);
	s->optlen = header - sizeof(*tcp);
	s->len = p.len - p.l4 - header;
	if (header < sizeof(*tcp) || s->len > sizeof(s->data))
		return false;
	memcpy(s->opts, tcp + 1, s->optlen);
	memcpy(s->data, p.buf + p.l4 + header, s->len);
	return true;
}

static void segment_of(const struct conn *c, struct segment *s, int flags)
{
	memset(s, 0, sizeof(*s));
	s->sport = c->port;
	s->dport = c->host_port;
	s->seq = c->seq;
	s->ack = flags & ACK ? c->ack : 0;
	s->flags = flags;
	s->win = c->win;
}

void conn_send_at(struct conn *c, int32_t at, int flags, const void *data,
		  size_t len)
{
	struct packet p;
	struct segment s;

	segment_of(c, &s, flags);
	s.seq += at;
	memcpy(s.opts, c->opts, c->optlen);
	s.optlen = c->optlen;
	memcpy(s.data, data, len);
	s.len = len;
	make_tcp(c->w, &p, &s);
	wire_send(c->w, &p);
}

void conn_send(struct conn *c, int flags, const void *data, size_t len)
{
	conn_send_at(c, 0, flags, data, len);
	c->seq += len + !!(flags & SYN) + !!(flags & FIN);
}

static const char *flags_str(int flags)
{
	static char buf[16];

	snprintf(buf, sizeof(buf), "%s%s%s%s", flags & SYN ? "S" : "",
		 flags & FIN ? "F" : "", flags & RST ? "R" : "",
		 flags & ACK ? "." : "");
	return buf;
}

bool conn_expect_within(struct conn *c, int flags, size_t len, int ms)
{
	struct segment *s = &c->last;

	do {
		if (!expect_segment(c->w, s, ms)) {
			fprintf(stderr, "# no segment came; expected [%s] %zu\n",
				flags_str(flags), len);
			return false;
		}
	} while (s->dport != c->port || s->sport != c->host_port);
	if ((s->flags & ~PSH) != flags || s->len != len || s->seq != c->ack) {
		fprintf(stderr, "# expected [%s] %zu at %u,",
			flags_str(flags), len, c->ack);
		fprintf(stderr, " came [%s] %zu at %u ack %u\n",
			flags_str(s->flags), s->len, s->seq, s->ack);
		return false;
	}
	c->ack += len + !!(flags & SYN) + !!(flags & FIN);
	return true;
}

bool conn_expect(struct conn *c, int flags, size_t len)
{
	return conn_expect_within(c, flags, len, ANSWER_MS);
}

bool conn_expect_ack(struct conn *c)
{
	if (!conn_expect(c, ACK, 0))
		return false;
	if (c->last.ack != c->seq)
		fprintf(stderr, "# acknowledged %u, expected %u\n",
			c->last.ack, c->seq);
	return c->last.ack == c->seq;
}

bool conn_open(struct wire *w, struct conn *c, uint32_t seq, const char *opts,
	       size_t optlen)
{
	struct segment s;
	struct packet p;

	memset(c, 0, sizeof(*c));
	c->w = w;
	c->fd = -1;
	c->seq = seq;
	c->win = 65535;
	c->port = 40000;
	c->listener = tcp_listener(w->family, HOST, 8);
	if (c->listener < 0)
		return false;
	timeout_ms(c->listener, SO_RCVTIMEO, ANSWER_MS);
	c->host_port = local_port(c->listener);
	segment_of(c, &s, SYN);
	memcpy(s.opts, opts, optlen);
	s.optlen = optlen;
	make_tcp(w, &p, &s);
	wire_send(w, &p);
	c->seq++;
	/* The host chooses its first sequence number. */
	do {
		if (!expect_segment(w, &c->last, ANSWER_MS)) {
			fprintf(stderr, "# no SYN-ACK came\n");
			return false;
		}
	} while (c->last.dport != c->port);
	if (c->last.flags != (SYN | ACK) || c->last.ack != c->seq) {
		fprintf(stderr, "# [%s] instead of a SYN-ACK\n",
			flags_str(c->last.flags));
		return false;
	}
	c->ack = c->last.seq + 1;
	return true;
}

bool conn_accept(struct conn *c)
{
	conn_send(c, ACK, "", 0);
	c->fd = accept(c->listener, NULL, NULL);
	if (c->fd < 0)
		fprintf(stderr, "# accept: %s\n", strerror(errno));
	timeout_ms(c->fd, SO_RCVTIMEO, ANSWER_MS);
	timeout_ms(c->fd, SO_SNDTIMEO, ANSWER_MS);
	return c->fd >= 0;
}

bool conn_establish(struct wire *w, struct conn *c)
{
	return conn_open(w, c, 1000, MSS_1460, 4) && conn_accept(c);
}

bool conn_await_syn(struct wire *w, struct conn *c, uint32_t seq)
{
	struct sockaddr_in sin = name_of(PEER, 80);

	memset(c, 0, sizeof(*c));
	c->w = w;
	c->listener = -1;
	c->seq = seq;
	c->win = 65535;
	c->port = 80;
	c->fd = tcp_socket(w->family);
	nonblocking(c->fd, true);
	if (!connect(c->fd, SA(sin)) || errno != EINPROGRESS) {
		fprintf(stderr, "# connect: %s\n", strerror(errno));
		return false;
	}
	if (!expect_segment(w, &c->last, ANSWER_MS) || c->last.flags != SYN) {
		fprintf(stderr, "# no SYN came\n");
		return false;
	}
	c->host_port = c->last.sport;
	c->ack = c->last.seq + 1;
	return true;
}

bool conn_answer(struct conn *c, const char *opts, size_t optlen)
{
	uint8_t kept[40];
	size_t keptlen = c->optlen;

	memcpy(kept, c->opts, sizeof(kept));
	memcpy(c->opts, opts, optlen);
	c->optlen = optlen;
	conn_send(c, SYN | ACK, "", 0);
	memcpy(c->opts, kept, sizeof(kept));
	c->optlen = keptlen;
	if (!conn_expect_ack(c))
		return false;
	nonblocking(c->fd, false);
	timeout_ms(c->fd, SO_RCVTIMEO, ANSWER_MS);
	timeout_ms(c->fd, SO_SNDTIMEO, ANSWER_MS);
	return poll_for(c->fd, POLLOUT, ANSWER_MS) == POLLOUT;
}

void conn_unreachable(struct conn *c, int code, uint32_t seq)
{
	struct segment s = {
		.sport = c->host_port, .dport = c->port, .seq = seq,
	};
	struct packet quoted, p;

	make_tcp(c->w, &quoted, &s);
	ip_of(&quoted)->saddr = c->w->host;
	ip_of(&quoted)->daddr = c->w->peer;
	fix_ip(&quoted);
	make_icmp(c->w, &p, ICMP_DEST_UNREACH, code, 0, quoted.buf + quoted.ip,
		  28);
	wire_send(c->w, &p);
}

void conn_close(struct conn *c)
{
	close(c->fd);
	close(c->listener);
}

/* Acknowledgements of the octet sent may come with the host's own or not. */
bool conn_alive(struct conn *c)
{
	char byte = 0;

	conn_send(c, ACK | PSH, "a", 1);
	if (recv(c->fd, &byte, 1, 0) != 1 || byte != 'a') {
		fprintf(stderr, "# not alive: nothing received: %s\n",
			strerror(errno));
		return false;
	}
	if (send(c->fd, "b", 1, MSG_NOSIGNAL) != 1) {
		fprintf(stderr, "# not alive: send: %s\n", strerror(errno));
		return false;
	}
	do {
		if (!expect_segment(c->w, &c->last, ANSWER_MS))
			return false;
	} while (c->last.len != 1 || c->last.seq != c->ack);
	c->ack++;
	conn_send(c, ACK, "", 0);
	return c->last.ack == c->seq && c->last.data[0] == 'b';
}

const uint8_t *option_of(const struct segment *s, int kind, size_t *len)
{
	for (size_t i = 0; i < s->optlen;) {
		size_t n = s->opts[i] <= 1 ? 1 :
			   i + 1 < s->optlen ? s->opts[i + 1] : 0;

		if (!s->opts[i] || !n || i + n > s->optlen)
			break;
		if (s->opts[i] == kind) {
			if (len)
				*len = n;
			return s->opts + i;
		}
		i += n;
	}
	return NULL;
}
