// SPDX-License-Identifier: GPL-2.0
/* mini route: which packets leave by which device, through which router. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mini.h"

struct filter {
	uint32_t ifindex;	/* 0: any */
	bool all;		/* also what follows from addresses */
};

static void put_nexthop(struct nlmsghdr *nlh, const struct nexthop *nh)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, MINI_A_ROUTE_NEXTHOP);

	put_ip(nlh, MINI_A_NEXTHOP_GATEWAY, &nh->gateway);
	if (nh->ifindex)
		mnl_attr_put_u32(nlh, MINI_A_NEXTHOP_IFINDEX, nh->ifindex);
	mnl_attr_put_u32(nlh, MINI_A_NEXTHOP_WEIGHT, nh->weight);
	mnl_attr_nest_end(nlh, nest);
}

static void put_route(struct nlmsghdr *nlh, const struct route *r)
{
	put_ip(nlh, MINI_A_ROUTE_DST, &r->dst.ip);
	mnl_attr_put_u8(nlh, MINI_A_ROUTE_PREFIXLEN, r->dst.bits);
	put_ip(nlh, MINI_A_ROUTE_GATEWAY, &r->gateway);
	if (r->ifindex)
		mnl_attr_put_u32(nlh, MINI_A_ROUTE_IFINDEX, r->ifindex);
	if (r->has_metric)
		mnl_attr_put_u32(nlh, MINI_A_ROUTE_METRIC, r->metric);
	put_ip(nlh, MINI_A_ROUTE_PREFSRC, &r->src);
	if (r->congctl[0])
		mnl_attr_put_strz(nlh, MINI_A_ROUTE_CONGCTL, r->congctl);
	if (r->type)
		mnl_attr_put_u8(nlh, MINI_A_ROUTE_TYPE, r->type);
	for (unsigned int i = 0; i < r->n_nexthops; i++)
		put_nexthop(nlh, &r->nexthops[i]);
}

int route_change(struct nl *nl, uint8_t cmd, const struct route *r)
{
	struct nlmsghdr *nlh = nl_cmd(nl, cmd, 0);

	put_route(nlh, r);
	return nl_ack(nl, nlh);
}

static const char *dst_str(const struct prefix *dst, char *buf)
{
	if (!dst->bits)
		return "default";
	if (dst->bits == dst->ip.len * 8)
		return ip_str(&dst->ip, buf);
	return prefix_str(dst, buf);
}

/* As a user would write it. */
const char *route_str(const struct route *r, char *buf, size_t size)
{
	char text[ADDR_STRLEN], name[IF_NAMESIZE];
	size_t at;

	at = snprintf(buf, size, "%s", dst_str(&r->dst, text));
	if (at < size && r->gateway.len)
		at += snprintf(buf + at, size - at, " via %s",
			       ip_str(&r->gateway, text));
	if (at < size && r->ifindex)
		at += snprintf(buf + at, size - at, " dev %s",
			       dev_str(r->ifindex, name));
	if (at < size && r->src.len)
		at += snprintf(buf + at, size - at, " src %s",
			       ip_str(&r->src, text));
	if (at < size && r->metric)
		at += snprintf(buf + at, size - at, " metric %u", r->metric);
	if (at < size && r->congctl[0])
		snprintf(buf + at, size - at, " congctl %s", r->congctl);
	return buf;
}

static const char *type_str(uint8_t type)
{
	switch (type) {
	case MINI_ROUTE_LOCAL:
		return "local";
	case MINI_ROUTE_BROADCAST:
		return "broadcast";
	case MINI_ROUTE_BLACKHOLE:
		return "blackhole";
	case MINI_ROUTE_UNREACHABLE:
		return "unreachable";
	case MINI_ROUTE_PROHIBIT:
		return "prohibit";
	default:
		return "unicast";
	}
}

/* A type that a user may ask for; 0: none of that name. */
static uint8_t parse_type(const char *word)
{
	static const uint8_t types[] = {
		MINI_ROUTE_UNICAST, MINI_ROUTE_BLACKHOLE,
		MINI_ROUTE_UNREACHABLE, MINI_ROUTE_PROHIBIT,
	};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(word, type_str(types[i])))
			return types[i];
	return 0;
}

static const char *nexthop_state(uint32_t flags)
{
	if (flags & MINI_ROUTE_F_DOWN)
		return " down";
	return flags & MINI_ROUTE_F_DEAD ? " dead" : "";
}

/* Each of several next hops: a line, or an object. */
static void nexthop_row(const struct nlattr *nest)
{
	const struct nlattr *tb[MINI_A_NEXTHOP_MAX + 1] = { NULL }, *a;
	char text[ADDR_STRLEN], name[IF_NAMESIZE];
	struct ip gateway = { 0 };
	uint32_t flags;

	mnl_attr_for_each_nested(a, nest)
		if (mnl_attr_get_type(a) <= MINI_A_NEXTHOP_MAX)
			tb[mnl_attr_get_type(a)] = a;
	attr_ip(tb[MINI_A_NEXTHOP_GATEWAY], &gateway);
	flags = attr_u32(tb[MINI_A_NEXTHOP_FLAGS]);
	dev_str(attr_u32(tb[MINI_A_NEXTHOP_IFINDEX]), name);
	if (options.json) {
		json_open(NULL, '{');
		if (gateway.len)
			json_str("gateway", ip_str(&gateway, text));
		json_str("dev", name);
		json_uint("weight", attr_u32(tb[MINI_A_NEXTHOP_WEIGHT]));
		json_bool("down", flags & MINI_ROUTE_F_DOWN);
		json_bool("dead", flags & MINI_ROUTE_F_DEAD);
		json_close();
		return;
	}
	printf("\tnexthop");
	if (gateway.len)
		printf(" via %s", ip_str(&gateway, text));
	printf(" dev %s weight %u%s\n", name,
	       attr_u32(tb[MINI_A_NEXTHOP_WEIGHT]), nexthop_state(flags));
}

static void nexthop_rows(const struct nlmsghdr *nlh)
{
	const struct nlattr *a;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr))
		if (mnl_attr_get_type(a) == MINI_A_ROUTE_NEXTHOP)
			nexthop_row(a);
}

static void route_json(const struct nlmsghdr *nlh, const struct route *r,
		       uint8_t type, uint32_t flags)
{
	char text[ADDR_STRLEN], name[IF_NAMESIZE];

	json_str("type", type_str(type));
	json_str("dst", dst_str(&r->dst, text));
	if (r->gateway.len)
		json_str("gateway", ip_str(&r->gateway, text));
	if (r->ifindex)
		json_str("dev", dev_str(r->ifindex, name));
	if (r->src.len)
		json_str("prefsrc", ip_str(&r->src, text));
	json_uint("metric", r->metric);
	if (r->congctl[0])
		json_str("congctl", r->congctl);
	json_open("nexthops", '[');
	nexthop_rows(nlh);
	json_close();
	json_open("flags", '[');
	if (flags & MINI_ROUTE_F_AUTO)
		json_str(NULL, "auto");
	if (flags & MINI_ROUTE_F_DOWN)
		json_str(NULL, "down");
	json_close();
	json_close();
}

static void route_row(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[MINI_A_ROUTE_MAX + 1];
	const struct filter *filter = arg;
	struct route r = { 0 };
	uint8_t type;
	uint32_t flags;
	char buf[512];

	nl_parse(nlh, sizeof(struct genlmsghdr), tb, MINI_A_ROUTE_MAX);
	type = attr_u8(tb[MINI_A_ROUTE_TYPE]);
	if (!filter->all &&
	    (type == MINI_ROUTE_LOCAL || type == MINI_ROUTE_BROADCAST))
		return;
	r.ifindex = attr_u32(tb[MINI_A_ROUTE_IFINDEX]);
	if (filter->ifindex && filter->ifindex != r.ifindex)
		return;
	if (!attr_ip(tb[MINI_A_ROUTE_DST], &r.dst.ip))
		return;
	r.dst.bits = attr_u8(tb[MINI_A_ROUTE_PREFIXLEN]);
	attr_ip(tb[MINI_A_ROUTE_GATEWAY], &r.gateway);
	attr_ip(tb[MINI_A_ROUTE_PREFSRC], &r.src);
	r.metric = attr_u32(tb[MINI_A_ROUTE_METRIC]);
	flags = attr_u32(tb[MINI_A_ROUTE_FLAGS]);
	if (tb[MINI_A_ROUTE_CONGCTL])
		snprintf(r.congctl, sizeof(r.congctl), "%s",
			 mnl_attr_get_str(tb[MINI_A_ROUTE_CONGCTL]));
	row_begin();
	if (options.json) {
		route_json(nlh, &r, type, flags);
		return;
	}
	if (type != MINI_ROUTE_UNICAST)
		printf("%s ", type_str(type));
	printf("%s%s%s\n", route_str(&r, buf, sizeof(buf)),
	       flags & MINI_ROUTE_F_AUTO ? " auto" : "",
	       flags & MINI_ROUTE_F_DOWN ? " down" : "");
	nexthop_rows(nlh);
}

void route_event_row(const struct nlmsghdr *nlh)
{
	struct filter all = { .all = true };

	route_row(nlh, &all);
}

static int show(struct args *args)
{
	struct filter filter = { 0 };
	const char *word;

	while ((word = args_next(args))) {
		if (!strcmp(word, "all"))
			filter.all = true;
		else if (!strcmp(word, "dev") && !filter.ifindex)
			filter.ifindex = parse_dev(args_need(args, "the device after dev"));
		else
			die_usage("\"%s\" is not expected here", word);
	}
	nl_show(MINI_CMD_ROUTE_GET, '[', route_row, &filter);
	return EXIT_SUCCESS;
}

static void parse_dst(const char *word, struct route *r)
{
	char text[ADDR_STRLEN];
	struct prefix net;

	parse_prefix(word, &r->dst);
	if (!prefix_has_host_bits(&r->dst))
		return;
	net = r->dst;
	prefix_mask(&net);
	die_usage("%s names a host, not a network; do you mean %s?", word,
		  prefix_str(&net, text));
}

static void parse_metric(struct args *args, struct route *r)
{
	r->metric = parse_u32(args_need(args, "the number after metric"),
			      "metric", UINT32_MAX);
	r->has_metric = true;
}

static void parse_congctl(struct args *args, struct route *r)
{
	const char *name = args_need(args, "the name after congctl");

	if (!name[0] || strlen(name) >= sizeof(r->congctl))
		die_usage("\"%s\" is not a congestion control", name);
	strcpy(r->congctl, name);
}

/* nexthop [via GATEWAY] [dev DEV] [weight N], up to the next or the end */
static void parse_nexthop(struct args *args, struct route *r)
{
	struct nexthop *nh = &r->nexthops[r->n_nexthops];
	const char *word;

	if (r->n_nexthops == ARRAY_SIZE(r->nexthops))
		die_usage("a route has at most %zu next hops",
			  ARRAY_SIZE(r->nexthops));
	r->n_nexthops++;
	nh->weight = 1;
	while ((word = *args->argv)) {
		if (strcmp(word, "via") && strcmp(word, "dev") &&
		    strcmp(word, "weight"))
			break;
		args->argv++;
		if (!strcmp(word, "via"))
			parse_ip(args_need(args, "the address after via"),
				 &nh->gateway);
		else if (!strcmp(word, "dev"))
			nh->ifindex = parse_dev(args_need(args, "the device after dev"));
		else
			nh->weight = parse_u32(args_need(args, "the number after weight"),
					       "weight", 256);
	}
	if (!nh->gateway.len && !nh->ifindex)
		die_usage("a next hop needs via GATEWAY, dev DEV or both");
	if (!nh->weight)
		die_usage("a weight is at least 1");
}

static void parse_route(struct args *args, struct route *r)
{
	const char *dst = NULL, *word;

	while ((word = args_next(args))) {
		if (!strcmp(word, "via") && !r->gateway.len)
			parse_ip(args_need(args, "the address after via"),
				 &r->gateway);
		else if (!strcmp(word, "dev") && !r->ifindex)
			r->ifindex = parse_dev(args_need(args, "the device after dev"));
		else if (!strcmp(word, "src") && !r->src.len)
			parse_ip(args_need(args, "the address after src"),
				 &r->src);
		else if (!strcmp(word, "metric") && !r->has_metric)
			parse_metric(args, r);
		else if (!strcmp(word, "congctl") && !r->congctl[0])
			parse_congctl(args, r);
		else if (!strcmp(word, "nexthop"))
			parse_nexthop(args, r);
		else if (!dst && !r->type && parse_type(word))
			r->type = parse_type(word);
		else if (!dst)
			dst = word;
		else
			die_usage("\"%s\" is not expected here", word);
	}
	if (!dst)
		die_usage("which route? (default or PREFIX)");
	if (!strcmp(dst, "default"))
		r->dst.ip.len = r->gateway.len ? r->gateway.len : 4;
	else
		parse_dst(dst, r);
	if ((r->gateway.len && r->gateway.len != r->dst.ip.len) ||
	    (r->src.len && r->src.len != r->dst.ip.len))
		die_usage("IPv4 and IPv6 do not mix in one route");
}

static bool has_way(const struct route *r)
{
	return r->gateway.len || r->ifindex || r->n_nexthops ||
	       r->type > MINI_ROUTE_UNICAST;
}

#define BATCH_ROUTE_MAX	2048	/* octets that a route may need */
#define BATCH_ROUTES	2000	/* that a message may have */

/* A batch: as many lines as go into one message, so many messages. */
struct batch {
	struct nl *nl;
	struct nlmsghdr *nlh;
	const char *name;
	unsigned int line;
	unsigned int n;		/* routes in the message */
	struct {
		uint32_t end;	/* octets from the message's beginning */
		unsigned int line;
	} routes[BATCH_ROUTES];
};

static void batch_flush(struct batch *b)
{
	unsigned int i = 0;

	if (!b->n)
		return;
	if (nl_ack(b->nl, b->nlh)) {
		while (i < b->n && b->routes[i].end <= nl_bad(b->nl))
			i++;
		if (nl_bad(b->nl) && i < b->n)
			args_from(b->name, b->routes[i].line);
		else
			args_from(b->name, b->routes[0].line);
		die("%s", nl_why(b->nl));
	}
	b->n = 0;
}

static void batch_line(struct batch *b, struct args *args)
{
	const char *verb = args_need(args, "add or del");
	struct route r = { 0 };
	struct nlattr *nest;
	bool add;

	if (!strcmp(verb, "route"))
		verb = args_need(args, "add or del");
	add = abbreviates(verb, "add");
	if (!add && !abbreviates(verb, "delete"))
		die_usage("\"%s\" is neither add nor del", verb);
	parse_route(args, &r);
	if (add && !has_way(&r))
		die_usage("through what? (via GATEWAY, dev DEV or both)");
	if (!b->n)
		b->nlh = nl_cmd(b->nl, MINI_CMD_ROUTE_BATCH, 0);
	nest = mnl_attr_nest_start(b->nlh, add ? MINI_A_BATCH_ADD :
						 MINI_A_BATCH_DEL);
	put_route(b->nlh, &r);
	mnl_attr_nest_end(b->nlh, nest);
	b->routes[b->n].end = b->nlh->nlmsg_len;
	b->routes[b->n].line = b->line;
	b->n++;
	if (b->n == BATCH_ROUTES || nl_room(b->nl, b->nlh) < BATCH_ROUTE_MAX)
		batch_flush(b);
}

/* Lines "add ROUTE" and "del ROUTE"; # begins a comment. */
static int batch(const char *name)
{
	struct batch b = { .name = name };
	FILE *file = stdin;
	char *words[256], *line = NULL;
	size_t size = 0, n;

	if (strcmp(name, "-"))
		file = fopen(name, "re");
	if (!file)
		die("cannot read %s: %m", name);
	b.nl = nl_open_mini();
	while (getline(&line, &size, file) > 0) {
		struct args args = { .argv = words, .usage = "" };

		args_from(name, ++b.line);
		line[strcspn(line, "#")] = '\0';
		n = 0;
		for (char *w = strtok(line, " \t\n"); w;
		     w = strtok(NULL, " \t\n")) {
			if (n + 1 == ARRAY_SIZE(words))
				die_usage("too many words");
			words[n++] = w;
		}
		words[n] = NULL;
		if (n)
			batch_line(&b, &args);
	}
	args_from(NULL, 0);
	if (ferror(file))
		die("cannot read %s: %m", name);
	batch_flush(&b);
	free(line);
	nl_close(b.nl);
	return EXIT_SUCCESS;
}

/* What would a packet to ADDRESS do? */
static int route_get(struct args *args)
{
	struct ip dst = { 0 }, from = { 0 };
	const char *word = args_need(args, "the address after get");
	uint32_t oif = 0;
	struct filter all = { .all = true };
	struct nlmsghdr *nlh;
	struct nl *nl;

	parse_ip(word, &dst);
	while ((word = args_next(args))) {
		if (!strcmp(word, "from"))
			parse_ip(args_need(args, "the address after from"),
				 &from);
		else if (!strcmp(word, "oif") || !strcmp(word, "dev"))
			oif = parse_dev(args_need(args, "the device after oif"));
		else
			die_usage("\"%s\" is not expected here", word);
	}
	nl = nl_open_mini();
	nlh = nl_cmd(nl, MINI_CMD_ROUTE_GET, 0);
	put_ip(nlh, MINI_A_ROUTE_DST, &dst);
	put_ip(nlh, MINI_A_ROUTE_PREFSRC, &from);
	if (oif)
		mnl_attr_put_u32(nlh, MINI_A_ROUTE_IFINDEX, oif);
	if (options.json)
		json_open(NULL, '[');
	if (nl_ask(nl, nlh, route_row, &all))
		die("no way to there: %s", nl_why(nl));
	if (options.json)
		json_close();
	nl_close(nl);
	return EXIT_SUCCESS;
}

static int change(struct args *args, uint8_t cmd, const char *verb)
{
	struct route r = { 0 };
	struct nl *nl;
	char buf[512];

	parse_route(args, &r);
	if (cmd == MINI_CMD_ROUTE_ADD && !has_way(&r))
		die_usage("through what? (via GATEWAY, dev DEV or both)");
	nl = nl_open_mini();
	if (route_change(nl, cmd, &r))
		die("cannot %s route %s: %s", verb,
		    route_str(&r, buf, sizeof(buf)), nl_why(nl));
	nl_close(nl);
	return EXIT_SUCCESS;
}

int cmd_route(struct args *args)
{
	const char *word = *args->argv;

	if (word && (!strcmp(word, "-batch") || !strcmp(word, "-b"))) {
		args->argv++;
		word = args_need(args, "the file after -batch");
		args_end(args);
		return batch(word);
	}
	if (word && !strcmp(word, "get")) {
		args->argv++;
		return route_get(args);
	}
	switch (args_action(args)) {
	case ACTION_ADD:
		return change(args, MINI_CMD_ROUTE_ADD, "add");
	case ACTION_DEL:
		return change(args, MINI_CMD_ROUTE_DEL, "delete");
	default:
		return show(args);
	}
}
