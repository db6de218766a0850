// SPDX-License-Identifier: GPL-2.0
/* mini neigh: which MAC address has which IP address, and how sure we are. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mini.h"

static const char *const states[] = {
	[MINI_NEIGH_NONE]	= "NONE",
	[MINI_NEIGH_INCOMPLETE]	= "INCOMPLETE",
	[MINI_NEIGH_REACHABLE]	= "REACHABLE",
	[MINI_NEIGH_STALE]	= "STALE",
	[MINI_NEIGH_DELAY]	= "DELAY",
	[MINI_NEIGH_PROBE]	= "PROBE",
	[MINI_NEIGH_FAILED]	= "FAILED",
	[MINI_NEIGH_PERMANENT]	= "PERMANENT",
};

struct neigh {
	struct ip ip;
	char dev[IF_NAMESIZE];
	char mac[3 * 8];
	const char *state;
	uint32_t confirmed;
	uint32_t used;
	uint32_t queued;
	uint8_t probes;
	bool has_times;
};

static void neigh_json(const struct neigh *n)
{
	char text[ADDR_STRLEN];

	json_str("dst", ip_str(&n->ip, text));
	json_str("dev", n->dev);
	if (*n->mac)
		json_str("lladdr", n->mac);
	json_str("state", n->state);
	if (n->has_times) {
		json_uint("confirmed_ms", n->confirmed);
		json_uint("used_ms", n->used);
	}
	json_uint("probes", n->probes);
	json_uint("queued", n->queued);
	json_close();
}

static void neigh_text(const struct neigh *n)
{
	char text[ADDR_STRLEN];

	printf("%s dev %s", ip_str(&n->ip, text), n->dev);
	if (*n->mac)
		printf(" lladdr %s", n->mac);
	printf(" %s", n->state);
	if (options.stats) {
		if (n->has_times)
			printf(" confirmed %u.%03us used %u.%03us",
			       n->confirmed / 1000, n->confirmed % 1000,
			       n->used / 1000, n->used % 1000);
		printf(" probes %u queued %u", n->probes, n->queued);
	}
	putchar('\n');
}

static void neigh_row(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[MINI_A_NEIGH_MAX + 1], *hw;
	const uint32_t *only = arg;
	struct neigh n = { 0 };
	uint32_t ifindex;
	uint8_t state;

	nl_parse(nlh, sizeof(struct genlmsghdr), tb, MINI_A_NEIGH_MAX);
	ifindex = attr_u32(tb[MINI_A_NEIGH_IFINDEX]);
	if ((*only && *only != ifindex) ||
	    !attr_ip(tb[MINI_A_NEIGH_ADDRESS], &n.ip))
		return;
	dev_str(ifindex, n.dev);
	hw = tb[MINI_A_NEIGH_LLADDR];
	if (hw)
		hw_str(mnl_attr_get_payload(hw), mnl_attr_get_payload_len(hw),
		       n.mac, sizeof(n.mac));
	state = attr_u8(tb[MINI_A_NEIGH_STATE]);
	n.state = state < ARRAY_SIZE(states) ? states[state] : "UNKNOWN";
	n.has_times = tb[MINI_A_NEIGH_CONFIRMED];
	n.confirmed = attr_u32(tb[MINI_A_NEIGH_CONFIRMED]);
	n.used = attr_u32(tb[MINI_A_NEIGH_USED]);
	n.probes = attr_u8(tb[MINI_A_NEIGH_PROBES]);
	n.queued = attr_u32(tb[MINI_A_NEIGH_QUEUED]);
	row_begin();
	if (options.json)
		neigh_json(&n);
	else
		neigh_text(&n);
}

void neigh_event_row(const struct nlmsghdr *nlh)
{
	uint32_t any = 0;

	neigh_row(nlh, &any);
}

static int change(struct args *args, uint8_t cmd, const char *verb)
{
	const char *word = NULL, *dev = NULL, *lladdr = NULL, *w;
	struct nlmsghdr *nlh;
	struct mac mac;
	struct ip ip;
	struct nl *nl;

	while ((w = args_next(args))) {
		if (!strcmp(w, "dev") && !dev)
			dev = args_need(args, "the device after dev");
		else if (!strcmp(w, "lladdr") && !lladdr)
			lladdr = args_need(args, "the MAC address after lladdr");
		else if (word)
			die_usage("\"%s\" is not expected here", w);
		else
			word = w;
	}
	if (!word)
		die_usage("which neighbour? (its IP address)");
	parse_ip(word, &ip);
	if (lladdr)
		parse_mac(lladdr, &mac);
	else if (cmd == MINI_CMD_NEIGH_ADD)
		die_usage("at which MAC address? (lladdr MAC)");
	if (!dev)
		die_usage("on which device? (dev DEV)");
	nl = nl_open_mini();
	nlh = nl_cmd(nl, cmd, 0);
	put_ip(nlh, MINI_A_NEIGH_ADDRESS, &ip);
	mnl_attr_put_u32(nlh, MINI_A_NEIGH_IFINDEX, parse_dev(dev));
	if (lladdr && cmd == MINI_CMD_NEIGH_ADD)
		mnl_attr_put(nlh, MINI_A_NEIGH_LLADDR, sizeof(mac.octets),
			     mac.octets);
	if (nl_ack(nl, nlh))
		die("cannot %s neighbour %s on %s: %s", verb, word, dev,
		    nl_why(nl));
	nl_close(nl);
	return EXIT_SUCCESS;
}

int cmd_neigh(struct args *args)
{
	uint32_t only;

	switch (args_action(args)) {
	case ACTION_ADD:
		return change(args, MINI_CMD_NEIGH_ADD, "add");
	case ACTION_DEL:
		return change(args, MINI_CMD_NEIGH_DEL, "delete");
	case ACTION_SHOW:
		break;
	}
	only = args_show_dev(args);
	nl_show(MINI_CMD_NEIGH_GET, '[', neigh_row, &only);
	return EXIT_SUCCESS;
}
