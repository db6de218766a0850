/* SPDX-License-Identifier: GPL-2.0 */
/* For programs that send ICMP messages and IP packets of their own. */
#ifndef SELFTESTS_ICMP_H
#define SELFTESTS_ICMP_H

#include <stddef.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <linux/errqueue.h>

#include "sock.h"

/* <linux/icmp.h> clashes with the C library's. */
#ifndef ICMP_FILTER
#define ICMP_FILTER	1
#endif

/* An echo message as all these tests send it. */
struct echo {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	uint16_t id;
	uint16_t seq;
	char data[24];
};

/* RFC 1071; of what has a right checksum in it, it is 0. */
static inline uint16_t in_checksum(const void *data, size_t len)
{
	const uint8_t *octets = data;
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i += 2)
		sum += octets[i] << 8 | (i + 1 < len ? octets[i + 1] : 0);
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum);
}

static inline struct echo echo_request(int id, int seq)
{
	struct echo echo = {
		.type = ICMP_ECHO,
		.id = htons(id),
		.seq = htons(seq),
		.data = "what was sent comes back",
	};

	echo.checksum = in_checksum(&echo, sizeof(echo));
	return echo;
}

static inline ssize_t send_to(int fd, const char *address, const void *data,
			      size_t len)
{
	struct sockaddr_in sin = name_of(address, 0);

	return sendto(fd, data, len, 0, SA(sin));
}

static inline int raw_socket(int family, int protocol)
{
	int fd = socket(family, SOCK_RAW, protocol);

	timeout_ms(fd, SO_RCVTIMEO, LONG_MS);
	return fd;
}

static inline int ping_socket(int family)
{
	int fd;

	ping_groups(family, "0 2147483647");
	fd = socket(family, SOCK_DGRAM, IPPROTO_ICMP);
	timeout_ms(fd, SO_RCVTIMEO, LONG_MS);
	return fd;
}

/* The control message of a received packet, or NULL. */
static inline void *find_cmsg(struct msghdr *msg, int level, int type)
{
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c))
		if (c->cmsg_level == level && c->cmsg_type == type)
			return CMSG_DATA(c);
	return NULL;
}

/*
 * As a router would: an ICMP error from and to 127.0.0.1 that quotes a packet
 * with an IP header and @len octets from there to 127.0.0.@last.
 */
static inline ssize_t send_error(int raw, int type, int code, uint32_t rest,
				 int protocol, int last, const void *data,
				 size_t len)
{
	struct {
		uint8_t type;
		uint8_t code;
		uint16_t checksum;
		uint32_t rest;
		struct iphdr ip;
		char data[64];
	} error = {
		.type = type, .code = code, .rest = htonl(rest),
		.ip = {
			.version = 4, .ihl = 5, .ttl = 1,
			.protocol = protocol, .tot_len = htons(20 + len),
			.saddr = htonl(INADDR_LOOPBACK),
			.daddr = htonl(0x7f000000 | last),
		},
	};

	memcpy(error.data, data, len);
	error.ip.check = in_checksum(&error.ip, sizeof(error.ip));
	len += offsetof(typeof(error), data);
	error.checksum = in_checksum(&error, len);
	return send_to(raw, "127.0.0.1", &error, len);
}

/* An entry of an error queue. */
struct entry {
	struct sock_extended_err ee;
	struct sockaddr_in offender;
	struct sockaddr_in name;
	char data[128];
	ssize_t len;
	int flags;
};

/* False: there is none. */
static inline bool read_entry(int fd, struct entry *entry)
{
	union {
		char buf[512];
		struct cmsghdr align;
	} control;
	struct iovec iov = { entry->data, sizeof(entry->data) };
	struct msghdr msg = {
		.msg_name = &entry->name, .msg_namelen = sizeof(entry->name),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = &control, .msg_controllen = sizeof(control),
	};
	char *told;

	memset(entry, 0, sizeof(*entry));
	entry->len = recvmsg(fd, &msg, MSG_ERRQUEUE);
	if (entry->len < 0)
		return false;
	entry->flags = msg.msg_flags;
	told = find_cmsg(&msg, IPPROTO_IP, IP_RECVERR);
	if (!told)
		return false;
	memcpy(&entry->ee, told, sizeof(entry->ee));
	memcpy(&entry->offender, told + sizeof(entry->ee),
	       sizeof(entry->offender));
	return true;
}

/* RFC 3692: for experiments; nobody on this host takes it. */
#define MINE	253

/* A received packet of MINE. */
struct packet {
	struct iphdr ip;
	char data[64];
};

static inline ssize_t get_packet(int fd, struct packet *p)
{
	memset(p, 0, sizeof(*p));
	return recv(fd, p, sizeof(*p), 0);
}

/* Nothing came; the caller has seen what is sent arrive elsewhere. */
static inline bool silent(int fd)
{
	char byte;

	return recv(fd, &byte, 1, MSG_DONTWAIT) == -1 && errno == EAGAIN;
}

/* A datagram to a port that nobody has; the refusal has come back. */
static inline bool udp_refused(int family)
{
	int fd = socket(family, SOCK_DGRAM, 0);
	bool refused;
	char byte;

	timeout_ms(fd, SO_RCVTIMEO, LONG_MS);
	refused = !connect_to(fd, "127.0.0.1", 9) && send(fd, "x", 1, 0) == 1 &&
		  recv(fd, &byte, 1, 0) == -1 && errno == ECONNREFUSED;
	close(fd);
	return refused;
}

#endif /* SELFTESTS_ICMP_H */
