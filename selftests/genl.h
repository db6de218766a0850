/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Generic netlink with nothing between, so that a test can send what no
 * library would.
 */
#ifndef SELFTESTS_GENL_H
#define SELFTESTS_GENL_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <linux/genetlink.h>
#include <linux/mini.h>
#include <linux/netlink.h>

struct request {
	struct nlmsghdr nlh;
	struct genlmsghdr genl;
	char attrs[4096];
};

typedef void (*reply_t)(const struct nlmsghdr *nlh, void *arg);

static inline int genl_open(void)
{
	struct timeval tv = { .tv_sec = 10 };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

static inline void request_init(struct request *r, int family, int cmd,
				int flags)
{
	memset(r, 0, sizeof(*r));
	r->nlh.nlmsg_len = NLMSG_LENGTH(GENL_HDRLEN);
	r->nlh.nlmsg_type = family;
	r->nlh.nlmsg_flags = NLM_F_REQUEST | flags;
	r->nlh.nlmsg_seq = 1;
	r->genl.cmd = cmd;
	r->genl.version = MINI_GENL_VERSION;
}

static inline void put(struct request *r, int type, const void *data,
		       size_t len)
{
	struct nlattr *a = (void *)r + NLMSG_ALIGN(r->nlh.nlmsg_len);

	a->nla_type = type;
	a->nla_len = NLA_HDRLEN + len;
	memcpy((char *)a + NLA_HDRLEN, data, len);
	r->nlh.nlmsg_len = NLMSG_ALIGN(r->nlh.nlmsg_len) + NLA_ALIGN(a->nla_len);
}

static inline void put_u8(struct request *r, int type, uint8_t value)
{
	put(r, type, &value, sizeof(value));
}

static inline void put_u32(struct request *r, int type, uint32_t value)
{
	put(r, type, &value, sizeof(value));
}

/*
 * Send, and hand each message that comes back to @reply.  Return: 0 or
 * -errno, of the acknowledgment or of the end of the dump.
 */
static inline int talk(int fd, struct request *r, reply_t reply, void *arg)
{
	static char buf[65536] __attribute__((aligned(4)));

	if (!(r->nlh.nlmsg_flags & NLM_F_DUMP))
		r->nlh.nlmsg_flags |= NLM_F_ACK;
	if (send(fd, r, r->nlh.nlmsg_len, 0) < 0)
		return -errno;
	for (;;) {
		int len = recv(fd, buf, sizeof(buf), 0);
		struct nlmsghdr *nlh = (void *)buf;

		if (len < 0)
			return -errno;
		for (; NLMSG_OK(nlh, (unsigned int)len);
		     nlh = NLMSG_NEXT(nlh, len)) {
			if (nlh->nlmsg_type == NLMSG_ERROR ||
			    nlh->nlmsg_type == NLMSG_DONE)
				return *(int *)NLMSG_DATA(nlh);
			if (reply)
				reply(nlh, arg);
		}
	}
}

/* The payload of an attribute of a reply, its length in @len, or NULL. */
static inline const void *attr_of(const struct nlmsghdr *nlh, int type,
				  size_t *len)
{
	const char *at = (const char *)NLMSG_DATA(nlh) + GENL_HDRLEN;
	const char *end = (const char *)nlh + nlh->nlmsg_len;

	while (end - at >= NLA_HDRLEN) {
		const struct nlattr *a = (const void *)at;

		if (a->nla_len < NLA_HDRLEN || a->nla_len > end - at)
			break;
		if ((a->nla_type & NLA_TYPE_MASK) == type) {
			if (len)
				*len = a->nla_len - NLA_HDRLEN;
			return at + NLA_HDRLEN;
		}
		at += NLA_ALIGN(a->nla_len);
	}
	return NULL;
}

static inline void family_reply(const struct nlmsghdr *nlh, void *arg)
{
	const void *id = attr_of(nlh, CTRL_ATTR_FAMILY_ID, NULL);

	if (id)
		*(int *)arg = *(const uint16_t *)id;
}

/* The number of the family "mini", or -errno. */
static inline int genl_family(int fd)
{
	struct request r;
	int id = -ENOENT, err;

	request_init(&r, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 0);
	put(&r, CTRL_ATTR_FAMILY_NAME, MINI_GENL_NAME, sizeof(MINI_GENL_NAME));
	err = talk(fd, &r, family_reply, &id);
	return err ? err : id;
}

struct counter_query {
	const char *name;
	long long value;
};

static inline void counter_reply(const struct nlmsghdr *nlh, void *arg)
{
	const char *name = attr_of(nlh, MINI_A_STAT_NAME, NULL);
	const void *value = attr_of(nlh, MINI_A_STAT_VALUE, NULL);
	struct counter_query *q = arg;

	if (name && value && !strcmp(name, q->name))
		memcpy(&q->value, value, sizeof(q->value));
}

/* A counter of this namespace's stack; -1: there is none of that name. */
static inline long long counter(const char *name)
{
	struct counter_query q = { .name = name, .value = -1 };
	int fd = genl_open();
	struct request r;

	request_init(&r, genl_family(fd), MINI_CMD_STAT_GET, NLM_F_DUMP);
	talk(fd, &r, counter_reply, &q);
	close(fd);
	return q.value;
}

/* Wait until a counter is at least @value; ten seconds are enough. */
static inline bool counter_reaches(const char *name, long long value)
{
	for (int i = 0; i < 1000; i++) {
		if (counter(name) >= value)
			return true;
		usleep(10000);
	}
	return false;
}

#endif /* SELFTESTS_GENL_H */
