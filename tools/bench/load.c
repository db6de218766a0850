// SPDX-License-Identifier: GPL-2.0
/*
 * bench-load mini|inet FILE - load routes, and say what that took the kernel
 *
 * FILE has lines "add PREFIX via GATEWAY", as for `mini route -batch`.  The
 * messages are made before the clock starts, and go to the kernel some
 * thousand routes a call, to either stack: what is measured is not how a tool
 * reads its words.  Prints nanoseconds.
 */
#include <arpa/inet.h>
#include <err.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <linux/mini.h>

#define CALL_MAX	60000	/* octets */
#define ROUTE_MAX	128
#define ANSWER_MAX	65536	/* quotes what was refused */

struct route {
	struct in_addr dst;
	struct in_addr gateway;
	uint8_t plen;
};

/* One call's messages; an answer is wanted of the last. */
struct call {
	struct call *next;
	size_t len;
	char data[CALL_MAX] __attribute__((aligned(NLMSG_ALIGNTO)));
};

static struct mnl_socket *sock;
static uint16_t family;
static struct call *first, *last;
static struct nlmsghdr *message;	/* the last one */

static int heard(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *a;

	(void)arg;
	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(a) == CTRL_ATTR_FAMILY_ID)
			family = mnl_attr_get_u16(a);
	return MNL_CB_OK;
}

static void wait_for_answer(void)
{
	static char answer[ANSWER_MAX];
	ssize_t n;
	int ret;

	do {
		n = mnl_socket_recvfrom(sock, answer, sizeof(answer));
		if (n < 0)
			err(1, "netlink");
		ret = mnl_cb_run(answer, n, 0, mnl_socket_get_portid(sock),
				 heard, NULL);
		if (ret < 0)
			err(1, "refused");
	} while (ret != MNL_CB_STOP);
}

static struct nlmsghdr *put_genl(char *at, uint16_t type, uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(at);
	struct genlmsghdr *genl;

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = type == GENL_ID_CTRL ? 1 : MINI_GENL_VERSION;
	return nlh;
}

static void find_family(void)
{
	char ask[256] __attribute__((aligned(NLMSG_ALIGNTO)));
	struct nlmsghdr *nlh;

	nlh = put_genl(ask, GENL_ID_CTRL, CTRL_CMD_GETFAMILY);
	nlh->nlmsg_flags |= NLM_F_ACK;
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, MINI_GENL_NAME);
	if (mnl_socket_sendto(sock, nlh, nlh->nlmsg_len) < 0)
		err(1, "netlink");
	wait_for_answer();
	if (!family)
		errx(1, "the module is not loaded");
}

static bool new_call(void)
{
	struct call *c;

	if (last && last->len + ROUTE_MAX < CALL_MAX)
		return false;
	c = malloc(sizeof(*c));
	if (!c)
		errx(1, "out of memory");
	c->next = NULL;
	c->len = 0;
	if (last)
		last->next = c;
	else
		first = c;
	if (message)
		message->nlmsg_flags |= NLM_F_ACK;
	last = c;
	return true;
}

/* A nest of the call's only message */
static void put_mini(const struct route *r)
{
	struct nlattr *nest;

	if (new_call())
		message = put_genl(last->data, family, MINI_CMD_ROUTE_BATCH);
	nest = mnl_attr_nest_start(message, MINI_A_BATCH_ADD);
	mnl_attr_put(message, MINI_A_ROUTE_DST, sizeof(r->dst), &r->dst);
	mnl_attr_put_u8(message, MINI_A_ROUTE_PREFIXLEN, r->plen);
	mnl_attr_put(message, MINI_A_ROUTE_GATEWAY, sizeof(r->gateway),
		     &r->gateway);
	mnl_attr_nest_end(message, nest);
	last->len = message->nlmsg_len;
}

/* A message of its own */
static void put_inet(const struct route *r)
{
	struct rtmsg *rtm;

	new_call();
	message = mnl_nlmsg_put_header(last->data + last->len);
	message->nlmsg_type = RTM_NEWROUTE;
	message->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL;
	rtm = mnl_nlmsg_put_extra_header(message, sizeof(*rtm));
	rtm->rtm_family = AF_INET;
	rtm->rtm_dst_len = r->plen;
	rtm->rtm_table = RT_TABLE_MAIN;
	rtm->rtm_protocol = RTPROT_BOOT;
	rtm->rtm_scope = RT_SCOPE_UNIVERSE;
	rtm->rtm_type = RTN_UNICAST;
	mnl_attr_put(message, RTA_DST, sizeof(r->dst), &r->dst);
	mnl_attr_put(message, RTA_GATEWAY, sizeof(r->gateway), &r->gateway);
	last->len += NLMSG_ALIGN(message->nlmsg_len);
}

static void read_routes(const char *path, bool mini)
{
	char line[128], dst[32], gateway[32];
	FILE *file = fopen(path, "re");
	struct route r;

	if (!file)
		err(1, "%s", path);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "add %31[0-9.]/%hhu via %31s", dst, &r.plen,
			   gateway) != 3 ||
		    inet_pton(AF_INET, dst, &r.dst) != 1 ||
		    inet_pton(AF_INET, gateway, &r.gateway) != 1)
			errx(1, "%s: what is this? %s", path, line);
		if (mini)
			put_mini(&r);
		else
			put_inet(&r);
	}
	fclose(file);
	if (message)
		message->nlmsg_flags |= NLM_F_ACK;
}

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

int main(int argc, char **argv)
{
	uint64_t start;
	bool mini;

	if (argc != 3)
		errx(2, "Usage: bench-load mini|inet FILE");
	mini = !strcmp(argv[1], "mini");
	sock = mnl_socket_open(mini ? NETLINK_GENERIC : NETLINK_ROUTE);
	if (!sock || mnl_socket_bind(sock, 0, MNL_SOCKET_AUTOPID) < 0)
		err(1, "netlink");
	if (mini)
		find_family();
	read_routes(argv[2], mini);
	start = now();
	for (struct call *c = first; c; c = c->next) {
		if (mnl_socket_sendto(sock, c->data, c->len) < 0)
			err(1, "netlink");
		wait_for_answer();
	}
	printf("%llu\n", (unsigned long long)(now() - start));
	return 0;
}
