// SPDX-License-Identifier: GPL-2.0
/* Scenario files: what a line is, what a word is. */
#include <ctype.h>

#include "ladder.h"

static void *more(void *list, int count, size_t size)
{
	/* Room grows by 16. */
	if (count % 16)
		return list;
	list = realloc(list, (count + 16) * size);
	if (!list)
		exit(2);
	return list;
}

/* A # begins a comment where a word could begin. */
static void strip(char *text)
{
	for (char *s = text; *s; s++) {
		if (*s == '#' && (s == text || isspace(s[-1]))) {
			*s = '\0';
			break;
		}
	}
	for (size_t n = strlen(text); n && isspace(text[n - 1]); n--)
		text[n - 1] = '\0';
}

static bool complain(const char *file, int number, const char *what)
{
	fprintf(stderr, "%s:%d: %s\n", file, number, what);
	return false;
}

/* only mini: REASON */
static bool add_only(struct scenario *s, const char *file, int number,
		     char *text)
{
	char *colon = strchr(text, ':');

	if (!colon || !colon[strspn(colon, ": \t")])
		return complain(file, number, "only FAMILY: REASON");
	*colon = '\0';
	text += strlen("only");
	text += strspn(text, " \t");
	if (strcmp(text, "mini") && strcmp(text, "inet"))
		return complain(file, number, "only mini or only inet");
	s->only = strdup(text);
	s->reason = strdup(colon + 1 + strspn(colon + 1, " \t"));
	return true;
}

/* must fail: TEXT */
static bool add_fails(struct scenario *s, const char *file, int number,
		      const char *text)
{
	const char *colon = strchr(text, ':');

	if (!colon || !colon[strspn(colon, ": \t")])
		return complain(file, number, "must fail: TEXT");
	s->fails = strdup(colon + 1 + strspn(colon + 1, " \t"));
	return true;
}

static bool add_line(struct scenario *s, const char *file, int number,
		     const char *text)
{
	struct line *line;
	char *copy, *word;

	s->line = more(s->line, s->lines, sizeof(*s->line));
	line = &s->line[s->lines++];
	memset(line, 0, sizeof(*line));
	line->number = number;
	line->text = strdup(text);
	copy = strdup(text);
	for (word = strtok(copy, " \t"); word; word = strtok(NULL, " \t")) {
		if (line->words == WORDS - 1)
			return complain(file, number, "too many words");
		line->word[line->words++] = word;
	}
	return true;
}

bool text_read(const char *file, struct scenario **list, int *count)
{
	static const char start[] = "scenario ";
	struct scenario *s = NULL;
	char buf[512];
	int number = 0;
	FILE *in;
	bool ok = true;

	in = fopen(file, "r");
	if (!in) {
		perror(file);
		return false;
	}
	while (ok && fgets(buf, sizeof(buf), in)) {
		char *text = buf + strspn(buf, " \t");
		bool indented = text != buf;

		number++;
		strip(text);
		if (!*text)
			continue;
		if (!strncmp(text, start, strlen(start)) && !indented) {
			*list = more(*list, *count, sizeof(**list));
			s = &(*list)[(*count)++];
			memset(s, 0, sizeof(*s));
			s->file = file;
			s->number = number;
			s->title = strdup(text + strlen(start));
		} else if (!s || !indented) {
			ok = complain(file, number, "not \"scenario TITLE\"");
		} else if (!strncmp(text, "only ", 5)) {
			ok = add_only(s, file, number, text);
		} else if (!strncmp(text, "must fail:", 10)) {
			ok = add_fails(s, file, number, text);
		} else {
			ok = add_line(s, file, number, text);
		}
	}
	fclose(in);
	return ok;
}
