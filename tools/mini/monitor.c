// SPDX-License-Identifier: GPL-2.0
/*
 * mini monitor: what happens to devices, addresses, routes and neighbours, a
 * line each, as it happens.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "mini.h"

/* Room for many changes at once; the kernel may grant less. */
#define MONITOR_RCVBUF	(4 * 1024 * 1024)

static const struct kind {
	const char *name;	/* what the user says, and JSON */
	const char *label;
	const char *group;
} kinds[] = {
	{ "dev",	"DEV",		MINI_GENL_MCGRP_DEV },
	{ "addr",	"ADDR",		MINI_GENL_MCGRP_ADDR },
	{ "route",	"ROUTE",	MINI_GENL_MCGRP_ROUTE },
	{ "neigh",	"NEIGH",	MINI_GENL_MCGRP_NEIGH },
};

enum { KIND_DEV, KIND_ADDR, KIND_ROUTE, KIND_NEIGH };

static const struct {
	uint8_t kind;
	const char *what;
	void (*row)(const struct nlmsghdr *nlh);
} events[] = {
	[MINI_CMD_DEV_ADD_NTF]	= { KIND_DEV, "attach", dev_event_row },
	[MINI_CMD_DEV_DEL_NTF]	= { KIND_DEV, "detach", dev_event_row },
	[MINI_CMD_DEV_CHANGE_NTF] = { KIND_DEV, "change", dev_event_row },
	[MINI_CMD_ADDR_ADD_NTF]	= { KIND_ADDR, "add", addr_event_row },
	[MINI_CMD_ADDR_DEL_NTF]	= { KIND_ADDR, "del", addr_event_row },
	[MINI_CMD_ADDR_CHANGE_NTF] = { KIND_ADDR, "change", addr_event_row },
	[MINI_CMD_ROUTE_ADD_NTF] = { KIND_ROUTE, "add", route_event_row },
	[MINI_CMD_ROUTE_DEL_NTF] = { KIND_ROUTE, "del", route_event_row },
	[MINI_CMD_NEIGH_CHANGE_NTF] = { KIND_NEIGH, "change", neigh_event_row },
	[MINI_CMD_NEIGH_DEL_NTF] = { KIND_NEIGH, "del", neigh_event_row },
};

/* What the rows in work are about, for event_begin(). */
static const struct kind *now_kind;
static const char *now_what;
static bool timestamps;
static uint32_t buffer = MONITOR_RCVBUF;

static const char *timestamp(char *buf, size_t size)
{
	struct timespec ts;
	struct tm tm;
	size_t at;

	clock_gettime(CLOCK_REALTIME, &ts);
	localtime_r(&ts.tv_sec, &tm);
	at = strftime(buf, size, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf + at, size - at, ".%06ld", ts.tv_nsec / 1000);
	return buf;
}

/* How a row begins: in a list as always, of an event with what happened. */
void row_begin(void)
{
	char buf[64];

	if (!options.json) {
		if (!now_kind)
			return;
		if (timestamps)
			printf("[%s] ", timestamp(buf, sizeof(buf)));
		printf("[%s] %s ", now_kind->label, now_what);
		return;
	}
	json_open(NULL, '{');
	if (!now_kind)
		return;
	if (timestamps)
		json_str("timestamp", timestamp(buf, sizeof(buf)));
	json_str("object", now_kind->name);
	json_str("event", now_what);
}

static void event(const struct nlmsghdr *nlh)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*genl) ||
	    genl->cmd >= ARRAY_SIZE(events) || !events[genl->cmd].row)
		return;
	now_kind = &kinds[events[genl->cmd].kind];
	now_what = events[genl->cmd].what;
	events[genl->cmd].row(nlh);
}

/* Silence would look as if nothing had happened. */
static void say_lost(void)
{
	static const struct kind nothing = { "monitor", "MONITOR", NULL };

	complain("events were lost: they came faster than they were read");
	if (!options.json)
		return;
	now_kind = &nothing;
	now_what = "lost";
	row_begin();
	json_close();
}

static unsigned int monitor_words(struct args *args)
{
	unsigned int wanted = 0;
	const char *word;
	size_t i;

	while ((word = args_next(args))) {
		if (!strcmp(word, "-t") || !strcmp(word, "--timestamp")) {
			timestamps = true;
			continue;
		}
		if (!strcmp(word, "-b") || !strcmp(word, "--buffer")) {
			buffer = parse_u32(args_need(args, "the octets after -b"),
					   "buffer size", INT32_MAX);
			continue;
		}
		if (!strcmp(word, "help"))
			return 0;
		if (!strcmp(word, "all")) {
			wanted |= (1 << ARRAY_SIZE(kinds)) - 1;
			continue;
		}
		for (i = 0; i < ARRAY_SIZE(kinds); i++)
			if (abbreviates(word, kinds[i].name))
				break;
		if (i == ARRAY_SIZE(kinds))
			die_usage("\"%s\" is neither dev, addr, route nor neigh",
				  word);
		wanted |= 1 << i;
	}
	return wanted ? wanted : (1 << ARRAY_SIZE(kinds)) - 1;
}

int cmd_monitor(struct args *args)
{
	unsigned int wanted = monitor_words(args);
	struct nl *nl;
	int err;

	if (!wanted) {
		fputs(args->usage, stdout);
		return EXIT_SUCCESS;
	}
	nl = nl_open_mini();
	nl_buffer(nl, buffer);
	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (wanted & 1 << i && nl_join(nl, kinds[i].group))
			die("cannot listen to events of %s: %s", kinds[i].name,
			    nl_why(nl));
	for (;;) {
		err = nl_listen(nl, event);
		if (err == -ENOBUFS)
			say_lost();
		else if (err)
			die("cannot read events: %s", nl_why(nl));
		/* Whoever reads a pipe wants it now. */
		if (fflush(stdout))
			die("cannot write: %s", strerror(errno));
	}
}
