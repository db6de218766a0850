/* SPDX-License-Identifier: GPL-2.0 */
/* Datagrams with control messages, for the tests of them. */
#ifndef SELFTESTS_DGRAM_H
#define SELFTESTS_DGRAM_H

#include "sock.h"

#ifndef SOL_UDP
#define SOL_UDP		17
#endif
#ifndef UDP_CORK
#define UDP_CORK	1
#endif
#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#endif
#ifndef UDP_GRO
#define UDP_GRO		104
#endif

/* A message with room for control messages, and one buffer. */
struct dgram {
	struct msghdr msg;
	struct iovec iov;
	struct sockaddr_in name;
	union {
		struct cmsghdr align;
		char control[512];
	};
};

static inline void dgram_init(struct dgram *d, void *data, size_t len)
{
	memset(d, 0, sizeof(*d));
	d->iov = (struct iovec){ data, len };
	d->msg.msg_iov = &d->iov;
	d->msg.msg_iovlen = 1;
}

/* One more control message to be sent. */
static inline void dgram_ask(struct dgram *d, int level, int type,
			     const void *value, size_t len)
{
	struct cmsghdr *c = (void *)(d->control + d->msg.msg_controllen);

	c->cmsg_level = level;
	c->cmsg_type = type;
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), value, len);
	d->msg.msg_control = d->control;
	d->msg.msg_controllen += CMSG_SPACE(len);
}

static inline void dgram_ask_int(struct dgram *d, int level, int type,
				 int value)
{
	dgram_ask(d, level, type, &value, sizeof(value));
}

static inline ssize_t dgram_recv(int fd, struct dgram *d, void *data,
				 size_t len, int flags)
{
	dgram_init(d, data, len);
	d->msg.msg_name = &d->name;
	d->msg.msg_namelen = sizeof(d->name);
	d->msg.msg_control = d->control;
	d->msg.msg_controllen = sizeof(d->control);
	return recvmsg(fd, &d->msg, flags);
}

/* The value of a control message, at most @len octets of it; -1: not there. */
static inline int dgram_told(struct dgram *d, int level, int type, void *value,
			     size_t len)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&d->msg); c;
	     c = CMSG_NXTHDR(&d->msg, c)) {
		size_t have = c->cmsg_len - CMSG_LEN(0);

		if (c->cmsg_level != level || c->cmsg_type != type)
			continue;
		memcpy(value, CMSG_DATA(c), have < len ? have : len);
		return have;
	}
	return -1;
}

/* The same of an int; -1: not there, or of another length. */
static inline int dgram_told_int(struct dgram *d, int level, int type)
{
	int value;

	if (dgram_told(d, level, type, &value, sizeof(value)) != sizeof(value))
		return -1;
	return value;
}

static inline int dgram_controls(struct dgram *d)
{
	int n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(&d->msg); c;
	     c = CMSG_NXTHDR(&d->msg, c))
		n++;
	return n;
}

/* A socket that is bound, and one that is connected to it. */
struct flow {
	int from;
	int to;
};

static inline struct flow flow_open(int family)
{
	struct flow f = { .to = udp_bound(family, "127.0.0.1") };

	f.from = udp_socket(family);
	timeout_ms(f.from, SO_RCVTIMEO, LONG_MS);
	if (connect_to(f.from, "127.0.0.1", local_port(f.to)))
		perror("connect");
	return f;
}

static inline void flow_close(const struct flow *f)
{
	close(f->from);
	close(f->to);
}

#endif /* SELFTESTS_DGRAM_H */
