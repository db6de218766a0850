// SPDX-License-Identifier: GPL-2.0
/* JSON to standard output: commas, indentation and escapes. */
#include <stdio.h>
#include <string.h>

#include "mini.h"

/* Our own rows nest no deeper than this. */
#define MAX_DEPTH 8

static struct {
	unsigned int depth;
	bool filled[MAX_DEPTH + 1];
	char closing[MAX_DEPTH + 1];
} json;

static void newline(void)
{
	if (!options.pretty)
		return;
	putchar('\n');
	for (unsigned int i = 0; i < json.depth; i++)
		fputs("    ", stdout);
}

/* The length of the UTF-8 sequence at @s, 0 if it is none. */
static size_t utf8(const unsigned char *s)
{
	size_t n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	/* Overlong forms, surrogates, and what is beyond Unicode. */
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static void quoted(const char *value)
{
	const unsigned char *s = (const unsigned char *)value;

	putchar('"');
	while (*s) {
		size_t n = *s < 0x80 ? 1 : utf8(s);

		if (!n) {
			fputs("\\ufffd", stdout);
			n = 1;
		} else if (*s == '"' || *s == '\\') {
			printf("\\%c", *s);
		} else if (*s < 0x20 || *s == 0x7f) {
			printf("\\u%04x", *s);
		} else {
			fwrite(s, 1, n, stdout);
		}
		s += n;
	}
	putchar('"');
}

static void item(const char *key)
{
	if (json.filled[json.depth])
		putchar(',');
	json.filled[json.depth] = true;
	if (json.depth)
		newline();
	if (key) {
		quoted(key);
		fputs(options.pretty ? ": " : ":", stdout);
	}
}

/* @bracket is '{' or '['; json_close() knows which to close. */
void json_open(const char *key, char bracket)
{
	item(key);
	putchar(bracket);
	if (json.depth < MAX_DEPTH)
		json.depth++;
	json.filled[json.depth] = false;
	json.closing[json.depth] = bracket == '{' ? '}' : ']';
}

void json_close(void)
{
	char closing = json.closing[json.depth];
	bool filled = json.filled[json.depth];

	if (json.depth)
		json.depth--;
	if (filled)
		newline();
	putchar(closing);
	if (!json.depth) {
		putchar('\n');
		json.filled[0] = false;
	}
}

void json_str(const char *key, const char *value)
{
	item(key);
	quoted(value);
}

void json_uint(const char *key, unsigned long long value)
{
	item(key);
	printf("%llu", value);
}

void json_bool(const char *key, bool value)
{
	item(key);
	fputs(value ? "true" : "false", stdout);
}

void json_null(const char *key)
{
	item(key);
	fputs("null", stdout);
}
