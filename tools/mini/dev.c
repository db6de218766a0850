// SPDX-License-Identifier: GPL-2.0
/* mini attach, detach, dev: which devices the stack has. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mini.h"

struct shown {
	uint32_t ifindex;	/* 0: all */
	bool found;
};

static const struct {
	uint32_t flag;
	const char *name;
} dev_flags[] = {
	{ MINI_DEV_F_UP,	"UP" },
	{ MINI_DEV_F_CARRIER,	"CARRIER" },
	{ MINI_DEV_F_LOOPBACK,	"LOOPBACK" },
	{ MINI_DEV_F_NOARP,	"NOARP" },
	{ MINI_DEV_F_PROXY_ARP,	"PROXY_ARP" },
};

/* What an event says that changed, beside flags that are gone or have come. */
static const struct {
	uint32_t bit;
	const char *name;
} dev_changes[] = {
	{ MINI_DEV_C_MTU,	"mtu" },
	{ MINI_DEV_C_HWADDR,	"lladdr" },
	{ MINI_DEV_C_NAME,	"name" },
};

int dev_change(struct nl *nl, uint8_t cmd, uint32_t ifindex)
{
	struct nlmsghdr *nlh = nl_cmd(nl, cmd, 0);

	mnl_attr_put_u32(nlh, MINI_A_DEV_IFINDEX, ifindex);
	return nl_ack(nl, nlh);
}

/* "up", "no-carrier", "mtu": calls @say with each word of an event */
static void dev_changed(const struct nlattr **tb, void (*say)(const char *word))
{
	uint32_t changed = attr_u32(tb[MINI_A_DEV_CHANGED]);
	uint32_t flags = attr_u32(tb[MINI_A_DEV_FLAGS]);

	if (changed & MINI_DEV_F_UP)
		say(flags & MINI_DEV_F_UP ? "up" : "down");
	if (changed & MINI_DEV_F_CARRIER)
		say(flags & MINI_DEV_F_CARRIER ? "carrier" : "no-carrier");
	if (changed & MINI_DEV_F_NOARP)
		say(flags & MINI_DEV_F_NOARP ? "noarp" : "arp");
	if (changed & MINI_DEV_F_PROXY_ARP)
		say(flags & MINI_DEV_F_PROXY_ARP ? "proxy_arp" :
						   "no-proxy_arp");
	for (size_t i = 0; i < ARRAY_SIZE(dev_changes); i++)
		if (changed & dev_changes[i].bit)
			say(dev_changes[i].name);
}

static void say_json(const char *word)
{
	json_str(NULL, word);
}

static void say_text(const char *word)
{
	printf("%s ", word);
}

static void dev_json(const struct nlattr **tb, const char *name,
		     const char *hwaddr)
{
	uint32_t flags = attr_u32(tb[MINI_A_DEV_FLAGS]);

	if (tb[MINI_A_DEV_CHANGED]) {
		json_open("changed", '[');
		dev_changed(tb, say_json);
		json_close();
	}
	json_uint("ifindex", attr_u32(tb[MINI_A_DEV_IFINDEX]));
	json_str("dev", name);
	json_open("flags", '[');
	for (size_t i = 0; i < ARRAY_SIZE(dev_flags); i++)
		if (flags & dev_flags[i].flag)
			json_str(NULL, dev_flags[i].name);
	json_close();
	json_uint("mtu", attr_u32(tb[MINI_A_DEV_MTU]));
	if (*hwaddr)
		json_str("lladdr", hwaddr);
	if (tb[MINI_A_DEV_RX_PACKETS]) {
		json_uint("rx_packets", attr_u64(tb[MINI_A_DEV_RX_PACKETS]));
		json_uint("rx_bytes", attr_u64(tb[MINI_A_DEV_RX_BYTES]));
		json_uint("tx_packets", attr_u64(tb[MINI_A_DEV_TX_PACKETS]));
		json_uint("tx_bytes", attr_u64(tb[MINI_A_DEV_TX_BYTES]));
	}
	json_close();
}

static void dev_text(const struct nlattr **tb, const char *name,
		     const char *hwaddr)
{
	uint32_t flags = attr_u32(tb[MINI_A_DEV_FLAGS]);
	const char *sep = "";

	dev_changed(tb, say_text);
	printf("%u: %s <", attr_u32(tb[MINI_A_DEV_IFINDEX]), name);
	for (size_t i = 0; i < ARRAY_SIZE(dev_flags); i++) {
		if (!(flags & dev_flags[i].flag))
			continue;
		printf("%s%s", sep, dev_flags[i].name);
		sep = ",";
	}
	printf("> mtu %u", attr_u32(tb[MINI_A_DEV_MTU]));
	if (*hwaddr)
		printf(" lladdr %s", hwaddr);
	putchar('\n');
	if (!tb[MINI_A_DEV_RX_PACKETS])
		return;
	printf("    rx %llu packets %llu bytes  tx %llu packets %llu bytes\n",
	       attr_u64(tb[MINI_A_DEV_RX_PACKETS]),
	       attr_u64(tb[MINI_A_DEV_RX_BYTES]),
	       attr_u64(tb[MINI_A_DEV_TX_PACKETS]),
	       attr_u64(tb[MINI_A_DEV_TX_BYTES]));
}

static void dev_row(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[MINI_A_DEV_MAX + 1], *hw;
	char hwaddr[3 * 32 + 1] = "", buf[IF_NAMESIZE];
	struct shown *shown = arg;
	const char *name;
	uint32_t ifindex;

	nl_parse(nlh, sizeof(struct genlmsghdr), tb, MINI_A_DEV_MAX);
	ifindex = attr_u32(tb[MINI_A_DEV_IFINDEX]);
	if (shown->ifindex && shown->ifindex != ifindex)
		return;
	shown->found = true;
	name = attr_str(tb[MINI_A_DEV_NAME]);
	if (!*name)
		name = dev_str(ifindex, buf);
	hw = tb[MINI_A_DEV_HWADDR];
	if (hw)
		hw_str(mnl_attr_get_payload(hw), mnl_attr_get_payload_len(hw),
		       hwaddr, sizeof(hwaddr));
	row_begin();
	if (options.json)
		dev_json(tb, name, hwaddr);
	else
		dev_text(tb, name, hwaddr);
}

void dev_event_row(const struct nlmsghdr *nlh)
{
	struct shown all = { 0 };

	dev_row(nlh, &all);
}

static bool on_or_off(struct args *args)
{
	const char *word = args_need(args, "on or off");

	if (strcmp(word, "on") && strcmp(word, "off"))
		die_usage("\"%s\" is neither on nor off", word);
	return !strcmp(word, "on");
}

/* set DEV proxy_arp on|off */
static int dev_set(struct args *args)
{
	struct nlmsghdr *nlh;
	uint32_t ifindex;
	const char *name;
	const char *what;
	struct nl *nl;
	bool on;

	args_next(args);
	name = args_need(args, "the device");
	if (!strcmp(name, "dev"))
		name = args_need(args, "the device after dev");
	what = args_need(args, "proxy_arp");
	if (strcmp(what, "proxy_arp"))
		die_usage("\"%s\" cannot be set; proxy_arp can", what);
	on = on_or_off(args);
	args_end(args);
	ifindex = parse_dev(name);
	nl = nl_open_mini();
	nlh = nl_cmd(nl, MINI_CMD_DEV_SET, 0);
	mnl_attr_put_u32(nlh, MINI_A_DEV_IFINDEX, ifindex);
	mnl_attr_put_u8(nlh, MINI_A_DEV_PROXY_ARP, on);
	if (nl_ack(nl, nlh))
		die("cannot set %s of %s: %s", what, name, nl_why(nl));
	nl_close(nl);
	return EXIT_SUCCESS;
}

int cmd_dev(struct args *args)
{
	struct shown shown = { 0 };
	char name[IF_NAMESIZE];

	if (*args->argv && !strcmp(*args->argv, "set"))
		return dev_set(args);
	if (args_action(args) != ACTION_SHOW)
		die_usage("devices are attached and detached; 'mini dev help'");
	shown.ifindex = args_show_dev(args);
	nl_show(MINI_CMD_DEV_GET, '[', dev_row, &shown);
	if (shown.ifindex && !shown.found)
		die("%s is not attached", dev_str(shown.ifindex, name));
	return EXIT_SUCCESS;
}

static const char *attach_words(struct args *args, bool *take)
{
	const char *name = NULL, *word;

	while ((word = args_next(args))) {
		if (take && !strcmp(word, "--take"))
			*take = true;
		else if (!strcmp(word, "help") && !name)
			return NULL;
		else if (*word == '-' || name)
			die_usage("\"%s\" is not expected here", word);
		else
			name = word;
	}
	if (!name)
		die_usage("which device?");
	return name;
}

int cmd_attach(struct args *args)
{
	uint32_t ifindex;
	const char *name;
	bool take = false;
	struct nl *nl;

	name = attach_words(args, &take);
	if (!name) {
		fputs(args->usage, stdout);
		return EXIT_SUCCESS;
	}
	ifindex = parse_dev(name);
	if (take)
		return dev_take(name, ifindex);
	nl = nl_open_mini();
	if (dev_change(nl, MINI_CMD_DEV_ATTACH, ifindex))
		die("cannot attach %s: %s", name, nl_why(nl));
	nl_close(nl);
	return EXIT_SUCCESS;
}

int cmd_detach(struct args *args)
{
	const char *name = attach_words(args, NULL);
	uint32_t ifindex;
	struct nl *nl;

	if (!name) {
		fputs(args->usage, stdout);
		return EXIT_SUCCESS;
	}
	ifindex = parse_dev(name);
	nl = nl_open_mini();
	if (dev_change(nl, MINI_CMD_DEV_DETACH, ifindex))
		die("cannot detach %s: %s", name, nl_why(nl));
	nl_close(nl);
	return EXIT_SUCCESS;
}
