// SPDX-License-Identifier: GPL-2.0
/* A scenario from line to line: arrows, openings, settings; calls elsewhere. */
#include <stdarg.h>

#include "ladder.h"

/* Lines of the ladder shown before what went wrong */
#define SHOWN	30

void trace(struct ladder *l, int64_t at, const char *fmt, ...)
{
	va_list ap;

	fprintf(l->trace, "# %9.1f  ", (at - l->begin) / 1000.0);
	va_start(ap, fmt);
	vfprintf(l->trace, fmt, ap);
	va_end(ap);
	fputc('\n', l->trace);
}

static void show_trace(struct ladder *l, int lines)
{
	char *at;

	fflush(l->trace);
	if (!l->traced_len)
		return;
	for (at = l->traced + l->traced_len - 1; at > l->traced; at--) {
		if (at[-1] == '\n' && !--lines)
			break;
	}
	fputs(at, stdout);
}

void fail(struct ladder *l, const char *fmt, ...)
{
	const struct scenario *s = l->scenario;
	const char *name = strrchr(s->file, '/');
	va_list ap;

	name = name ? name + 1 : s->file;
	printf("# the ladder so far, ms:\n");
	show_trace(l, l->verbose ? 100000 : SHOWN);
	if (l->line)
		printf("# %s:%d: %s\n", name, l->line->number, l->line->text);
	printf("# %s:%d: ", name, l->line ? l->line->number : s->number);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	printf("\n");
	fflush(stdout);
	_exit(1);
}

static int split(char *text, char **word)
{
	int words = 0;

	for (char *s = strtok(text, " "); s && words < WORDS;
	     s = strtok(NULL, " "))
		word[words++] = s;
	return words;
}

static void words_send(struct ladder *l, const char *text)
{
	char *copy = strdup(text), *word[WORDS + 1] = {};
	int words = split(copy, word);
	struct wanted w;

	parse_wanted(l, word, words, &w);
	send_wanted(l, &w);
	free(copy);
}

static void words_expect(struct ladder *l, const char *text)
{
	char *copy = strdup(text), *word[WORDS + 1] = {};
	int words = split(copy, word);
	struct wanted w;

	parse_wanted(l, word, words, &w);
	expect_wanted(l, &w, false);
	free(copy);
}

static void words_call(struct ladder *l, const char *text)
{
	char copy[64], *word[WORDS + 1] = {};
	int words;

	snprintf(copy, sizeof(copy), "%s", text);
	words = split(copy, word);
	l->nested = text;
	call(l, word, words);
	l->nested = NULL;
}

static const char *joined(char **word, int words)
{
	static char text[512];
	int n = 0;

	*text = '\0';
	for (int i = 0; i < words; i++)
		n += snprintf(text + n, sizeof(text) - n, " %s", word[i]);
	return text;
}

/* opened by peer WORDS, opened by host WORDS: the words are on its SYN. */
static void do_opening(struct ladder *l, char **word, int words)
{
	bool peer = words > 1 && !strcmp(word[1], "peer");
	char text[600];

	if (words < 2 || strcmp(word[0], "by") ||
	    (!peer && strcmp(word[1], "host")))
		fail(l, "opened by peer or opened by host");
	snprintf(text, sizeof(text), "syn%s%s", peer ? "" : " ack",
		 joined(word + 2, words - 2));
	if (peer) {
		if (l->listener < 0)
			words_call(l, "listen");
		words_send(l, text);
		words_expect(l, strstr(text, " ece") ?
			     "syn ack ece?" : "syn ack");
		words_send(l, "ack");
		words_call(l, "accept");
	} else {
		words_call(l, "connect");
		words_expect(l, "syn");
		words_send(l, text);
		words_expect(l, "ack");
		words_call(l, "connected");
	}
}

static bool write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	bool ok;

	if (!file)
		return false;
	ok = fprintf(file, "%s\n", text) > 0;
	return !fclose(file) && ok;
}

/*
 * sysctl NAME VALUE...: of net.ipv4 or net.mini; with slashes of any place;
 * NAME?: if there is one
 */
static void set_sysctl(struct ladder *l, char **word, int words)
{
	int len = strcspn(word[0], "?");
	char path[128];
	const char *text;

	if (words < 2)
		fail(l, "sysctl NAME VALUE");
	text = joined(word + 1, words - 1) + 1;
	if (strchr(word[0], '/'))
		snprintf(path, sizeof(path), "/proc/sys/%.*s", len, word[0]);
	else
		snprintf(path, sizeof(path), "/proc/sys/net/%s/%.*s",
			 l->mini ? "mini" : "ipv4", len, word[0]);
	if (word[0][len] && access(path, F_OK))
		return;
	/* Linux calls NewReno reno. */
	if (!l->mini && !strcmp(text, "newreno"))
		text = "reno";
	if (!write_file(path, text))
		fail(l, "%s: %s", path, strerror(errno));
}

/* run both|inet|mini COMMAND */
static void run_command(struct ladder *l, char **word, int words)
{
	if (words < 2)
		fail(l, "run both, inet or mini, and a command");
	if (strcmp(word[0], "both") &&
	    strcmp(word[0], l->mini ? "mini" : "inet"))
		return;
	if (!run("%s", joined(word + 1, words - 1)))
		fail(l, "the command failed");
}

static void set_variable(struct ladder *l, char **word, int words)
{
	if (words != 3 || strcmp(word[1], "="))
		fail(l, "let NAME = VALUE");
	find_variable(l, word[0], true)->number = eval(l, word[2]);
}

/* check VALUE CONDITION */
static void check_value(struct ladder *l, char **word, int words)
{
	if (words != 2)
		fail(l, "check VALUE CONDITION");
	if (!holds(l, word[1], eval(l, word[0])))
		fail(l, "it is %ld", (long)eval(l, word[0]));
}

static void select_connection(struct ladder *l, char **word, int words)
{
	const char *like = NULL;

	if (words == 3 && !strcmp(word[1], "like"))
		like = word[2];
	else if (words != 1)
		fail(l, "connection NAME [like NAME]");
	l->c = find_connection(l, word[0], like);
}

static void peer_setting(struct ladder *l, char **word, int words)
{
	if (words != 2)
		fail(l, "peer isn N, peer win N or peer port N");
	if (!strcmp(word[0], "isn"))
		l->c->peer_iss = eval(l, word[1]);
	else if (!strcmp(word[0], "win"))
		l->c->win = eval(l, word[1]);
	else if (!strcmp(word[0], "port"))
		l->c->peer_port = eval(l, word[1]);
	else
		fail(l, "no setting of the peer: %s", word[0]);
}

static void arrow_out(struct ladder *l, char **word, int words)
{
	struct wanted w;

	l->since = now_us();
	if (words && !strcmp(word[0], "icmp")) {
		trace(l, now_us(), "<-- %s", joined(word, words) + 1);
		send_icmp(l, word + 1, words - 1);
	} else {
		parse_wanted(l, word, words, &w);
		send_wanted(l, &w);
	}
	l->until = now_us();
}

static bool setting(struct ladder *l, char **word, int words)
{
	const char *verb = word[0];

	if (!strcmp(verb, "sysctl"))
		set_sysctl(l, word + 1, words - 1);
	else if (!strcmp(verb, "connection"))
		select_connection(l, word + 1, words - 1);
	else if (!strcmp(verb, "peer"))
		peer_setting(l, word + 1, words - 1);
	else if (!strcmp(verb, "let"))
		set_variable(l, word + 1, words - 1);
	else if (!strcmp(verb, "check"))
		check_value(l, word + 1, words - 1);
	else if (!strcmp(verb, "mtu") && words == 2)
		return run("ip link set mtu %s dev %s", word[1], l->w.name);
	else if (!strcmp(verb, "run"))
		run_command(l, word + 1, words - 1);
	else
		return false;
	return true;
}

static void run_line(struct ladder *l, char **word, int words)
{
	const char *verb = word[0];
	struct wanted w;

	if (!strcmp(verb, "<--")) {
		arrow_out(l, word + 1, words - 1);
	} else if (!strcmp(verb, "-->") || !strcmp(verb, "~~>")) {
		parse_wanted(l, word + 1, words - 1, &w);
		expect_wanted(l, &w, *verb == '~');
	} else if (!strcmp(verb, "silence") && words == 2) {
		expect_silence(l, eval(l, word[1]));
		trace(l, now_us(), "%s", l->line->text);
	} else if (!strcmp(verb, "drain") && words == 2) {
		drain(l, eval(l, word[1]));
	} else if (!strcmp(verb, "flood") && words == 2) {
		flood(l, eval(l, word[1]));
	} else if (!strcmp(verb, "wait") && words == 2) {
		l->since = now_us();
		usleep(eval(l, word[1]) * US);
		l->until = now_us();
	} else if (!strcmp(verb, "mark") && words == 2) {
		find_variable(l, word[1], true)->number = l->since;
	} else if (!strcmp(verb, "opened")) {
		do_opening(l, word + 1, words - 1);
	} else if (!setting(l, word, words) && !call(l, word, words)) {
		fail(l, "no such event: %s", verb);
	}
}

void run_scenario(struct ladder *l, const char *family)
{
	l->mini = !strcmp(family, "mini");
	l->listener = -1;
	l->trace = open_memstream(&l->traced, &l->traced_len);
	l->begin = now_us();
	wire_start(l, family);
	l->c = find_connection(l, "a", NULL);
	l->begin = now_us();
	l->since = l->begin;
	l->until = l->begin;
	for (int i = 0; i < l->scenario->lines; i++) {
		char *word[WORDS + 1] = {};

		l->line = &l->scenario->line[i];
		memcpy(word, l->line->word, l->line->words * sizeof(*word));
		run_line(l, word, l->line->words);
	}
	if (l->verbose)
		show_trace(l, 100000);
}
