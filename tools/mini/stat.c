// SPDX-License-Identifier: GPL-2.0
/* mini stat: the stack's counters, drops with their reasons among them. */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "mini.h"

struct wanted {
	char **patterns;	/* ends with NULL; empty: every counter */
	bool zeros;
	bool matched;
};

enum match {
	MATCH_NONE,
	MATCH_SOME,
	MATCH_EXACT,
};

/* A plain word is looked for in the name; its own name shows a zero too. */
static enum match match(const char *name, char **patterns)
{
	enum match best = *patterns ? MATCH_NONE : MATCH_SOME;

	for (; *patterns; patterns++) {
		if (!strcasecmp(*patterns, name))
			return MATCH_EXACT;
		if (!fnmatch(*patterns, name, FNM_CASEFOLD) ||
		    (!strpbrk(*patterns, "*?[") && strcasestr(name, *patterns)))
			best = MATCH_SOME;
	}
	return best;
}

static void stat_row(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[MINI_A_STAT_MAX + 1];
	struct wanted *wanted = arg;
	const char *name;
	enum match found;
	unsigned long long value;

	nl_parse(nlh, sizeof(struct genlmsghdr), tb, MINI_A_STAT_MAX);
	name = attr_str(tb[MINI_A_STAT_NAME]);
	value = attr_u64(tb[MINI_A_STAT_VALUE]);
	found = match(name, wanted->patterns);
	if (found == MATCH_NONE)
		return;
	wanted->matched = true;
	if (!value && !wanted->zeros && found != MATCH_EXACT)
		return;
	if (options.json)
		json_uint(name, value);
	else
		printf("%-32s %llu\n", name, value);
}

int cmd_stat(struct args *args)
{
	struct wanted wanted = { .patterns = args->argv };
	char **end = wanted.patterns;
	const char *word;

	/* The words that are patterns move to the front of argv. */
	while ((word = args_next(args))) {
		if (!strcmp(word, "-a") || !strcmp(word, "--all") ||
		    !strcmp(word, "-z"))
			wanted.zeros = true;
		else if (*word == '-')
			die_usage("\"%s\" is not an option", word);
		else
			*end++ = (char *)word;
	}
	*end = NULL;
	if (*wanted.patterns && !strcmp(*wanted.patterns, "help")) {
		fputs(args->usage, stdout);
		return EXIT_SUCCESS;
	}
	nl_show(MINI_CMD_STAT_GET, '{', stat_row, &wanted);
	if (*wanted.patterns && !wanted.matched)
		die("no counter matches");
	return EXIT_SUCCESS;
}
