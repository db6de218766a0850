/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A peer made of frames: the other end of a tun or tap device that belongs to
 * AF_MINI (or to Linux, to see that a test is right).  Tests write what it
 * sends and say what must come back:
 *
 *	host, 10.0.0.1 <-- tap0 or tun0 --> peer, 10.0.0.2, this program
 *
 * Packets are built valid; a test then spoils the octet it is about.
 */
#ifndef SELFTESTS_FRAMES_H
#define SELFTESTS_FRAMES_H

#include <linux/if_ether.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <netinet/udp.h>

#include "calls.h"
#include "genl.h"

#define HOST		"10.0.0.1"
#define PEER		"10.0.0.2"

/* How long an answer may take, and how long silence is watched. */
#define ANSWER_MS	5000
#define SILENCE_MS	150

struct wire {
	int fd;			/* of the tun or tap */
	int family;		/* whose the device is */
	bool tun;		/* no link header */
	bool mute;		/* do not answer ARP by itself */
	char name[IFNAMSIZ];
	unsigned int ifindex;
	unsigned char host_mac[ETH_ALEN];
	unsigned char peer_mac[ETH_ALEN];
	in_addr_t host;
	in_addr_t peer;
};

/* A frame and where its headers start, 0: it has none. */
struct packet {
	unsigned char buf[2048] __attribute__((aligned(4)));
	size_t len;
	size_t ip;
	size_t l4;
	size_t data;
};

struct arp {
	uint16_t hrd;
	uint16_t pro;
	uint8_t hln;
	uint8_t pln;
	uint16_t op;
	uint8_t sha[ETH_ALEN];
	uint8_t sip[4];
	uint8_t tha[ETH_ALEN];
	uint8_t tip[4];
} __attribute__((packed));

/* TCP's, as <netinet/tcp.h> has them not. */
#define FIN	0x01
#define SYN	0x02
#define RST	0x04
#define PSH	0x08
#define ACK	0x10

struct segment {
	uint16_t sport;
	uint16_t dport;
	uint32_t seq;
	uint32_t ack;
	uint8_t flags;
	uint16_t win;
	uint8_t opts[40];
	size_t optlen;
	uint8_t data[1600];
	size_t len;
};

/* Life of the wire: its own network namespace.  False: see errno. */
bool wire_open(struct wire *w, const char *family, bool tun);
/* Attach the device as `mini attach` does, with its address. */
bool wire_to_mini(struct wire *w);
/* One more device of the same stack in the same namespace. */
bool wire_open_more(struct wire *w, const struct wire *first, const char *name,
		    const char *host, const char *peer);
void wire_close(struct wire *w);
/* Run a command; true if it ended with 0. */
bool run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
bool sysctl_set(const char *name, long value);
/* A knob of the wire's stack; AF_INET's are set for each device there is. */
bool wire_knob(const struct wire *w, const char *name, long value);

/* Building. */
void make_ip(const struct wire *w, struct packet *p, int protocol,
	     const void *payload, size_t len);
void make_udp(const struct wire *w, struct packet *p, int sport, int dport,
	      const void *data, size_t len);
void make_icmp(const struct wire *w, struct packet *p, int type, int code,
	       uint32_t rest, const void *data, size_t len);
void make_tcp(const struct wire *w, struct packet *p, const struct segment *s);
void make_arp(const struct wire *w, struct packet *p, int op, const char *sip,
	      const char *tip);
static inline struct iphdr *ip_of(struct packet *p)
{
	return (void *)(p->buf + p->ip);
}

static inline struct udphdr *udp_of(struct packet *p)
{
	return (void *)(p->buf + p->l4);
}

static inline struct arp *arp_of(struct packet *p)
{
	return (void *)(p->buf + ETH_HLEN);
}

static inline struct ethhdr *eth_of(struct packet *p)
{
	return (void *)p->buf;
}

/* Checksums again, after a header was changed. */
void fix_ip(struct packet *p);
void fix_l4(struct packet *p);
uint16_t checksum(const void *data, size_t len, uint32_t sum);

/* Sending and receiving. */
void wire_send(struct wire *w, const struct packet *p);
/* The next IPv4 or ARP frame; ARP is answered on the way unless mute. */
bool wire_next(struct wire *w, struct packet *p, int ms);
/* The next packet of a protocol whose checksums are right; 0: ARP. */
bool wire_expect(struct wire *w, struct packet *p, int protocol, int ms);
/* True if no packet of that protocol comes. */
bool wire_silent(struct wire *w, int protocol, int ms);
bool expect_segment(struct wire *w, struct segment *s, int ms);
/* Where the headers of a received frame are; false: not IPv4 or ARP. */
bool wire_dissect(struct wire *w, struct packet *p);
/* What the host sends must be right to the last octet. */
bool sums_right(struct packet *p);

/* One TCP connection, from the peer's side. */
struct conn {
	struct wire *w;
	int fd;			/* the host's socket, -1: none yet */
	int listener;		/* the host's, -1: none */
	uint16_t port;		/* the peer's */
	uint16_t host_port;
	uint32_t seq;		/* of the next octet to send */
	uint32_t ack;		/* of the next octet expected */
	uint16_t win;		/* as advertised by the peer */
	uint8_t opts[40];	/* of every segment but the SYN */
	size_t optlen;
	struct segment last;	/* received */
};

#define MSS_1460	"\2\4\5\264"

/*
 * The peer opens a connection to a listener of the host: SYN with @opts, and
 * the SYN-ACK is in c->last.  False if that does not happen.
 */
bool conn_open(struct wire *w, struct conn *c, uint32_t seq, const char *opts,
	       size_t optlen);
/* ... it acknowledges, and the program of the host accepts. */
bool conn_accept(struct conn *c);
/* Both at once, with nothing but an MSS agreed upon. */
bool conn_establish(struct wire *w, struct conn *c);
/* The host has started to connect: its SYN is awaited, c->last. */
bool conn_await_syn(struct wire *w, struct conn *c, uint32_t seq);
/* ... and answered. */
bool conn_answer(struct conn *c, const char *opts, size_t optlen);
void conn_close(struct conn *c);
/* A router says that a segment of the stack with @seq cannot arrive. */
void conn_unreachable(struct conn *c, int code, uint32_t seq);

/* Send with flags at c->seq + @at; conn_send() moves c->seq on. */
void conn_send_at(struct conn *c, int32_t at, int flags, const void *data,
		  size_t len);
void conn_send(struct conn *c, int flags, const void *data, size_t len);
/*
 * A segment with exactly these flags, PSH aside, and this much data comes, at
 * the sequence number expected; c->ack moves on.  Else it is told and false.
 */
bool conn_expect(struct conn *c, int flags, size_t len);
bool conn_expect_within(struct conn *c, int flags, size_t len, int ms);
/* An acknowledgment of all that was sent comes. */
bool conn_expect_ack(struct conn *c);
/* An octet from each side still reaches the other. */
bool conn_alive(struct conn *c);
/* An option of a segment, its length in @len, or NULL. */
const uint8_t *option_of(const struct segment *s, int kind, size_t *len);

#endif /* SELFTESTS_FRAMES_H */
