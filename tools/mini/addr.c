// SPDX-License-Identifier: GPL-2.0
/* mini addr: the addresses of this host on this stack. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mini.h"

int addr_change(struct nl *nl, uint8_t cmd, const struct prefix *p,
		uint32_t ifindex, bool dad)
{
	struct nlmsghdr *nlh = nl_cmd(nl, cmd, 0);

	put_ip(nlh, MINI_A_ADDR_ADDRESS, &p->ip);
	mnl_attr_put_u8(nlh, MINI_A_ADDR_PREFIXLEN, p->bits);
	mnl_attr_put_u32(nlh, MINI_A_ADDR_IFINDEX, ifindex);
	if (dad)
		mnl_attr_put_u32(nlh, MINI_A_ADDR_FLAGS, MINI_ADDR_F_DAD);
	return nl_ack(nl, nlh);
}

static void addr_row(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[MINI_A_ADDR_MAX + 1];
	char text[ADDR_STRLEN], name[IF_NAMESIZE];
	const uint32_t *only = arg;
	uint32_t ifindex, flags;
	struct prefix p;

	nl_parse(nlh, sizeof(struct genlmsghdr), tb, MINI_A_ADDR_MAX);
	ifindex = attr_u32(tb[MINI_A_ADDR_IFINDEX]);
	if ((*only && *only != ifindex) ||
	    !attr_ip(tb[MINI_A_ADDR_ADDRESS], &p.ip))
		return;
	p.bits = attr_u8(tb[MINI_A_ADDR_PREFIXLEN]);
	flags = attr_u32(tb[MINI_A_ADDR_FLAGS]);
	dev_str(ifindex, name);
	row_begin();
	if (!options.json) {
		printf("%s dev %s%s%s\n", prefix_str(&p, text), name,
		       flags & MINI_ADDR_F_TENTATIVE ? " TENTATIVE" : "",
		       flags & MINI_ADDR_F_DUPLICATE ? " DUPLICATE" : "");
		return;
	}
	json_str("address", ip_str(&p.ip, text));
	json_uint("prefixlen", p.bits);
	json_str("dev", name);
	json_bool("tentative", flags & MINI_ADDR_F_TENTATIVE);
	json_bool("duplicate", flags & MINI_ADDR_F_DUPLICATE);
	json_close();
}

void addr_event_row(const struct nlmsghdr *nlh)
{
	uint32_t any = 0;

	addr_row(nlh, &any);
}

static int change(struct args *args, uint8_t cmd, const char *verb)
{
	const char *word = NULL, *dev = NULL, *w;
	char text[ADDR_STRLEN];
	struct prefix p;
	uint32_t ifindex;
	bool dad = false;
	struct nl *nl;

	while ((w = args_next(args))) {
		if (!strcmp(w, "dev") && !dev)
			dev = args_need(args, "the device after dev");
		else if (!strcmp(w, "dad") && cmd == MINI_CMD_ADDR_ADD)
			dad = true;
		else if (word)
			die_usage("\"%s\" is not expected here", w);
		else
			word = w;
	}
	if (!word)
		die_usage("which address?");
	parse_prefix(word, &p);
	if (!dev)
		die_usage("on which device? (dev DEV)");
	ifindex = parse_dev(dev);
	nl = nl_open_mini();
	if (addr_change(nl, cmd, &p, ifindex, dad))
		die("cannot %s address %s on %s: %s", verb,
		    prefix_str(&p, text), dev, nl_why(nl));
	nl_close(nl);
	return EXIT_SUCCESS;
}

int cmd_addr(struct args *args)
{
	uint32_t only;

	switch (args_action(args)) {
	case ACTION_ADD:
		return change(args, MINI_CMD_ADDR_ADD, "add");
	case ACTION_DEL:
		return change(args, MINI_CMD_ADDR_DEL, "delete");
	case ACTION_SHOW:
		break;
	}
	only = args_show_dev(args);
	nl_show(MINI_CMD_ADDR_GET, '[', addr_row, &only);
	return EXIT_SUCCESS;
}
