// SPDX-License-Identifier: GPL-2.0
/* mini maddr: which multicast groups are heard on which device, from whom. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/in.h>

#include "mini.h"

/* What the rows before this one were of. */
struct maddr {
	uint32_t only;
	uint32_t ifindex;
};

static int is_source(const struct nlattr *a, void *arg)
{
	void (*show)(const char *source) = arg;
	char text[ADDR_STRLEN];
	struct ip ip;

	if (mnl_attr_get_type(a) == MINI_A_GROUP_SOURCE && attr_ip(a, &ip))
		show(ip_str(&ip, text));
	return MNL_CB_OK;
}

static void source_json(const char *source)
{
	json_str(NULL, source);
}

static void source_text(const char *source)
{
	printf(" %s", source);
}

static void sources(const struct nlmsghdr *nlh, void (*show)(const char *))
{
	mnl_attr_parse(nlh, sizeof(struct genlmsghdr), is_source, show);
}

static void maddr_json(const struct nlmsghdr *nlh, const struct nlattr **tb,
		       const char *mode)
{
	char text[ADDR_STRLEN];
	struct ip ip;

	json_open(NULL, '{');
	json_str("family", "inet");
	attr_ip(tb[MINI_A_GROUP_ADDRESS], &ip);
	json_str("address", ip_str(&ip, text));
	json_uint("users", attr_u32(tb[MINI_A_GROUP_USERS]));
	if (tb[MINI_A_GROUP_TIMER])
		json_uint("report_ms", attr_u32(tb[MINI_A_GROUP_TIMER]));
	json_str("mode", mode);
	json_uint("n_sources", attr_u32(tb[MINI_A_GROUP_SOURCES]));
	json_open("sources", '[');
	sources(nlh, source_json);
	json_close();
	json_close();
}

static void maddr_text(const struct nlmsghdr *nlh, const struct nlattr **tb,
		       const char *mode)
{
	uint32_t users = attr_u32(tb[MINI_A_GROUP_USERS]);
	uint32_t n = attr_u32(tb[MINI_A_GROUP_SOURCES]);
	uint32_t ms = attr_u32(tb[MINI_A_GROUP_TIMER]);
	char text[ADDR_STRLEN];
	struct ip ip;

	attr_ip(tb[MINI_A_GROUP_ADDRESS], &ip);
	printf("\tinet  %s", ip_str(&ip, text));
	if (users != 1)
		printf(" users %u", users);
	if (n) {
		printf(" %s", mode);
		if (options.stats)
			sources(nlh, source_text);
		else
			printf(" %u sources", n);
	}
	if (tb[MINI_A_GROUP_TIMER])
		printf(" report %u.%03us", ms / 1000, ms % 1000);
	putchar('\n');
}

/* Rows of a device come together: what is its own is said once. */
static void device(struct maddr *m, uint32_t ifindex, uint8_t igmp)
{
	char dev[IF_NAMESIZE];

	if (m->ifindex == ifindex)
		return;
	if (m->ifindex && options.json) {
		json_close();
		json_close();
	}
	m->ifindex = ifindex;
	dev_str(ifindex, dev);
	if (options.json) {
		json_open(NULL, '{');
		json_uint("ifindex", ifindex);
		json_str("ifname", dev);
		if (igmp)
			json_uint("igmp", igmp);
		json_open("maddr", '[');
		return;
	}
	printf("%u:\t%s", ifindex, dev);
	if (igmp)
		printf(" igmp v%u", igmp);
	putchar('\n');
}

static void maddr_row(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[MINI_A_GROUP_MAX + 1];
	struct maddr *m = arg;
	const char *mode;
	uint32_t ifindex;
	struct ip ip;

	nl_parse(nlh, sizeof(struct genlmsghdr), tb, MINI_A_GROUP_MAX);
	ifindex = attr_u32(tb[MINI_A_GROUP_IFINDEX]);
	if ((m->only && m->only != ifindex) ||
	    !attr_ip(tb[MINI_A_GROUP_ADDRESS], &ip))
		return;
	device(m, ifindex, attr_u8(tb[MINI_A_GROUP_VERSION]));
	mode = attr_u8(tb[MINI_A_GROUP_MODE]) == MCAST_INCLUDE ? "include" :
								 "exclude";
	if (options.json)
		maddr_json(nlh, tb, mode);
	else
		maddr_text(nlh, tb, mode);
}

int cmd_maddr(struct args *args)
{
	struct maddr m = { 0 };

	if (args_action(args) != ACTION_SHOW)
		die_usage("programs join groups, and leave them");
	m.only = args_show_dev(args);
	nl_show(MINI_CMD_GROUP_GET, '[', maddr_row, &m);
	/* The last device is open still, and its groups. */
	if (m.ifindex && options.json) {
		json_close();
		json_close();
	}
	return EXIT_SUCCESS;
}
