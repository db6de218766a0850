// SPDX-License-Identifier: GPL-2.0
/*
 * Values: numbers, names and variables joined by + - * |, from left to right,
 * and conditions on them: any, =name, !5, >5, >=5, <5, <=5, 5..9.
 */
#include <ctype.h>

#include "ladder.h"

static const struct {
	const char *name;
	int64_t value;
} constants[] = {
	{ "ESTABLISHED", TCP_ESTABLISHED }, { "SYN_SENT", TCP_SYN_SENT },
	{ "SYN_RECV", TCP_SYN_RECV }, { "FIN_WAIT1", TCP_FIN_WAIT1 },
	{ "FIN_WAIT2", TCP_FIN_WAIT2 }, { "TIME_WAIT", TCP_TIME_WAIT },
	{ "CLOSE", TCP_CLOSE }, { "CLOSE_WAIT", TCP_CLOSE_WAIT },
	{ "LAST_ACK", TCP_LAST_ACK }, { "LISTEN", TCP_LISTEN },
	{ "CLOSING", TCP_CLOSING },
	{ "CA_OPEN", 0 }, { "CA_DISORDER", 1 }, { "CA_CWR", 2 },
	{ "CA_RECOVERY", 3 }, { "CA_LOSS", 4 },
	{ "OPT_TS", 1 }, { "OPT_SACK", 2 }, { "OPT_WSCALE", 4 },
	{ "OPT_ECN", 8 }, { "OPT_ECN_SEEN", 16 }, { "OPT_SYN_DATA", 32 },
};

struct variable *find_variable(struct ladder *l, const char *name, bool create)
{
	struct variable *v;

	for (int i = 0; i < l->variables; i++) {
		if (!strcmp(l->variable[i].name, name))
			return &l->variable[i];
	}
	if (!create)
		return NULL;
	if (l->variables == 64 || strlen(name) >= NAME_LEN)
		fail(l, "no room for a variable %s", name);
	v = &l->variable[l->variables++];
	strcpy(v->name, name);
	return v;
}

/* What the peer knows of the current connection. */
static bool known(struct ladder *l, const char *name, int64_t *value)
{
	const struct connection *c = l->c;
	int scale = c->syn_came ? c->host_wscale : 0;

	if (!strcmp(name, "hts"))
		*value = c->host_ts;
	else if (!strcmp(name, "pts"))
		*value = c->peer_ts;
	else if (!strcmp(name, "hseq"))
		*value = c->came;
	else if (!strcmp(name, "pseq"))
		*value = c->sent;
	else if (!strcmp(name, "hwin"))
		*value = (int64_t)c->last_win << scale;
	else if (!strcmp(name, "hedge"))
		*value = peer_rel(c, c->last_ack) +
			 ((int64_t)c->last_win << scale);
	else if (!strcmp(name, "written"))
		*value = c->written;
	else if (!strcmp(name, "hport"))
		*value = c->host_port;
	else
		return false;
	return true;
}

static int64_t term(struct ladder *l, const char *text, size_t len)
{
	char name[NAME_LEN] = {};
	struct variable *v;
	int64_t value;
	char *end;

	if (!len || len >= sizeof(name))
		fail(l, "a value: %.*s", (int)len, text);
	memcpy(name, text, len);
	if (isdigit(*name)) {
		value = strtoll(name, &end, 0);
		if (*end == 'k' && !end[1])
			return value * 1000;
		if (!*end)
			return value;
	}
	if (*name == '$') {
		v = find_variable(l, name + 1, false);
		if (v)
			return v->number;
		if (known(l, name + 1, &value))
			return value;
		fail(l, "no variable %s", name);
	}
	for (size_t i = 0; i < sizeof(constants) / sizeof(*constants); i++) {
		if (!strcmp(constants[i].name, name))
			return constants[i].value;
	}
	fail(l, "a value: %s", name);
}

int64_t eval(struct ladder *l, const char *expr)
{
	static const char operators[] = "+-*|";
	int64_t value = 0;
	char op = '+';

	/* A sign */
	if (*expr == '-')
		op = *expr++;
	while (*expr) {
		size_t len = strcspn(expr, operators);
		int64_t right = term(l, expr, len);

		switch (op) {
		case '+':
			value += right;
			break;
		case '-':
			value -= right;
			break;
		case '*':
			value *= right;
			break;
		default:
			value |= right;
		}
		expr += len;
		if (*expr)
			op = *expr++;
	}
	return value;
}

bool is_value(const char *word)
{
	return word && (isdigit(*word) || strchr("$=<>!-", *word) ||
			!strcmp(word, "any"));
}

bool holds(struct ladder *l, const char *word, int64_t value)
{
	char low[64];
	char *dots;

	if (!strcmp(word, "any"))
		return true;
	if (*word == '=') {
		find_variable(l, word + 1, true)->number = value;
		return true;
	}
	if (*word == '!')
		return value != eval(l, word + 1);
	if (!strncmp(word, ">=", 2))
		return value >= eval(l, word + 2);
	if (!strncmp(word, "<=", 2))
		return value <= eval(l, word + 2);
	if (*word == '>')
		return value > eval(l, word + 1);
	if (*word == '<')
		return value < eval(l, word + 1);
	snprintf(low, sizeof(low), "%s", word);
	dots = strstr(low, "..");
	if (!dots)
		return value == eval(l, low);
	*dots = '\0';
	return value >= eval(l, low) && value <= eval(l, dots + 2);
}

/* Octets: hexadecimal, or a variable's. */
size_t octets_of(struct ladder *l, const char *word, uint8_t *buf, size_t size)
{
	size_t len = strlen(word) / 2;
	unsigned int octet;

	if (*word == '$') {
		struct variable *v = find_variable(l, word + 1, false);

		if (!v || v->len > size)
			fail(l, "no octets in %s", word);
		memcpy(buf, v->octets, v->len);
		return v->len;
	}
	if (strlen(word) % 2 || len > size)
		fail(l, "octets in hexadecimal: %s", word);
	for (size_t i = 0; i < len; i++) {
		if (sscanf(word + 2 * i, "%2x", &octet) != 1)
			fail(l, "octets in hexadecimal: %s", word);
		buf[i] = octet;
	}
	return len;
}

bool octets_hold(struct ladder *l, const char *word, const uint8_t *buf,
		 size_t len)
{
	uint8_t want[40];

	if (!strcmp(word, "any"))
		return true;
	if (*word == '=') {
		struct variable *v = find_variable(l, word + 1, true);

		v->len = len;
		memcpy(v->octets, buf, len);
		return true;
	}
	if (*word == '!')
		return !octets_hold(l, word + 1, buf, len);
	return octets_of(l, word, want, sizeof(want)) == len &&
	       !memcmp(want, buf, len);
}

const char *errno_name(int err)
{
	const char *name = strerrorname_np(err);

	return name ? name : "?";
}

int errno_number(const char *name)
{
	if (*name != 'E')
		return 0;
	for (int err = 1; err < 134; err++) {
		if (!strcmp(errno_name(err), name))
			return err;
	}
	return 0;
}
