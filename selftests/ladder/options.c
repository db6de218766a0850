// SPDX-License-Identifier: GPL-2.0
/*
 * TCP options in segments: mss N, wscale N, sackok, ts, tsval N, tsecr N,
 * sack A:B,C:D, tfo [COOKIE], opt OCTETS.
 */
#include "ladder.h"

enum { NOP = 1, MSS, WSCALE, SACKOK, SACK, TS = 8, TFO = 34 };

static const struct {
	const char *word;
	int kind;
	bool value;		/* must follow, not only may */
} words[] = {
	{ "mss", MSS, true }, { "wscale", WSCALE, true },
	{ "sackok", SACKOK, false }, { "sack", SACK, true },
	{ "ts", TS, false }, { "tsval", TS, true }, { "tsecr", TS, true },
	{ "tfo", TFO, false }, { "opt", 0, true },
};

static int lookup(const char *word)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		if (!strcmp(words[i].word, word))
			return i;
	}
	return -1;
}

bool is_option(const char *word)
{
	return lookup(word) >= 0;
}

bool option_takes_value(const char *word)
{
	return words[lookup(word)].value;
}

static uint32_t get32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return ntohl(v);
}

static void put32(uint8_t *p, uint32_t v)
{
	v = htonl(v);
	memcpy(p, &v, sizeof(v));
}

static void append(struct ladder *l, struct segment *s, const uint8_t *option,
		   size_t len)
{
	if (s->optlen + len > sizeof(s->opts))
		fail(l, "more than 40 octets of options");
	memcpy(s->opts + s->optlen, option, len);
	s->optlen += len;
}

/* A:B,C:D to octets; the numbers are of one side's sequence space. */
static size_t blocks(struct ladder *l, const char *list, uint32_t iss,
		     uint8_t *buf)
{
	char copy[256];
	char *block, *colon;
	size_t len = 0;

	snprintf(copy, sizeof(copy), "%s", list);
	for (block = strtok(copy, ","); block; block = strtok(NULL, ",")) {
		colon = strchr(block, ':');
		if (!colon || len > 24)
			fail(l, "sack A:B,C:D, four at most: %s", list);
		*colon = '\0';
		put32(buf + len, iss + eval(l, block));
		put32(buf + len + 4, iss + eval(l, colon + 1));
		len += 8;
	}
	return len;
}

/* The arguments of a segment's option words, by word */
static const char *arg_of(const struct wanted *w, const char *word, bool no)
{
	for (int i = 0; i < w->options; i++) {
		if (!strcmp(w->option[i].word, word) && w->option[i].no == no)
			return w->option[i].arg ? w->option[i].arg : "any";
	}
	return NULL;
}

static void build_ts(struct ladder *l, const struct wanted *w, struct seen *s)
{
	const char *val = arg_of(w, "tsval", false);
	const char *ecr = arg_of(w, "tsecr", false);
	uint8_t ts[12] = { NOP, NOP, TS, 10 };
	struct connection *c = l->c;

	uint32_t clock = (now_us() - l->begin) / US;

	/* A clock of milliseconds, which goes on from where the SYN was. */
	c->peer_ts = val ? eval(l, val) : clock + c->ts_offset;
	if (val && s->flags & SYN)
		c->ts_offset = c->peer_ts - clock;
	put32(ts + 4, c->peer_ts);
	put32(ts + 8, ecr ? eval(l, ecr) : c->host_ts);
	append(l, &s->s, ts, sizeof(ts));
	if (s->flags & SYN)
		c->ts_sent = true;
}

static void build_one(struct ladder *l, int kind, const char *arg,
		      struct seen *s)
{
	uint8_t option[40] = { kind };
	size_t len = 2;
	int value;

	switch (kind) {
	case MSS:
		value = eval(l, arg);
		option[2] = value >> 8;
		option[3] = value;
		len = 4;
		break;
	case WSCALE:
		option[2] = eval(l, arg);
		len = 3;
		break;
	case SACK:
		len += blocks(l, arg, l->c->host_iss, option + 2);
		break;
	case TFO:
		if (arg)
			len += octets_of(l, arg, option + 2, 38);
		break;
	case 0:
		len = octets_of(l, arg, option, sizeof(option));
		append(l, &s->s, option, len);
		return;
	}
	option[1] = len;
	append(l, &s->s, option, len);
}

void options_build(struct ladder *l, const struct wanted *w, struct seen *s)
{
	static const uint8_t nop = NOP;
	bool ts = l->c->ts_sent && l->c->ts_came && !(s->flags & SYN);

	for (int i = 0; i < w->options; i++) {
		int kind = words[lookup(w->option[i].word)].kind;

		if (kind == TS)
			ts = !w->option[i].no;
		else if (w->option[i].no)
			fail(l, "the peer sends no option not named");
		else
			build_one(l, kind, w->option[i].arg, s);
	}
	if (ts)
		build_ts(l, w, s);
	while (s->s.optlen % 4)
		append(l, &s->s, &nop, 1);
}

static bool raw_holds(struct ladder *l, const char *arg,
		      const struct segment *s)
{
	uint8_t want[40];
	size_t n = octets_of(l, arg, want, sizeof(want));
	size_t len;
	const uint8_t *option = option_of(s, want[0], &len);

	return option && len == n && !memcmp(option, want, n);
}

static bool one_holds(struct ladder *l, const char *word, int kind,
		      const char *arg, const struct segment *s)
{
	uint8_t want[40];
	const uint8_t *option;
	size_t len;

	if (!kind)
		return raw_holds(l, arg, s);
	option = option_of(s, kind, &len);
	if (!option)
		return false;
	if (!arg || !strcmp(arg, "any"))
		return true;
	switch (kind) {
	case MSS:
		return holds(l, arg, option[2] << 8 | option[3]);
	case WSCALE:
		return holds(l, arg, option[2]);
	case TS:
		return holds(l, arg, get32(option + (word[2] == 'v' ? 2 : 6)));
	case SACK:
		return blocks(l, arg, l->c->peer_iss, want) == len - 2 &&
		       !memcmp(option + 2, want, len - 2);
	default:
		return octets_hold(l, arg, option + 2, len - 2);
	}
}

bool options_hold(struct ladder *l, const struct wanted *w,
		  const struct seen *s)
{
	for (int i = 0; i < w->options; i++) {
		const char *word = w->option[i].word;
		int kind = words[lookup(word)].kind;
		bool there = one_holds(l, word, kind, w->option[i].arg, &s->s);

		if (there == w->option[i].no)
			return false;
	}
	return true;
}

static int render_one(const struct seen *s, uint32_t iss, const uint8_t *option,
		      size_t len, char *buf, size_t size)
{
	int n;

	switch (option[0]) {
	case MSS:
		return snprintf(buf, size, " mss %d",
				option[2] << 8 | option[3]);
	case WSCALE:
		return snprintf(buf, size, " wscale %d", option[2]);
	case SACKOK:
		return snprintf(buf, size, " sackok");
	case TS:
		return snprintf(buf, size, " tsval %u tsecr %u",
				get32(option + 2), get32(option + 6));
	case SACK:
		n = snprintf(buf, size, " sack ");
		for (size_t i = 2; i + 8 <= len && n < (int)size; i += 8)
			n += snprintf(buf + n, size - n, "%s%d:%d",
				      i > 2 ? "," : "",
				      (int32_t)(get32(option + i) - iss),
				      (int32_t)(get32(option + i + 4) - iss));
		return n;
	default:
		n = snprintf(buf, size,
			     option[0] == TFO ? " tfo " : " opt ");
		for (size_t i = option[0] == TFO ? 2 : 0;
		     i < len && n < (int)size; i++)
			n += snprintf(buf + n, size - n, "%02x", option[i]);
		return n;
	}
}

/* Sequence numbers in options are of the other side's space. */
void options_render(const struct connection *c, const struct seen *s, char *buf,
		    size_t size)
{
	bool from_host = s->s.dport == c->peer_port;
	uint32_t iss = from_host ? c->peer_iss : c->host_iss;
	size_t i = 0;
	int n = 0;

	*buf = '\0';
	while (i < s->s.optlen && n < (int)size) {
		const uint8_t *option = s->s.opts + i;
		size_t len = option[0] <= NOP ? 1 : option[1];

		if (option[0] == 0 || !len || i + len > s->s.optlen)
			break;
		if (option[0] > NOP)
			n += render_one(s, iss, option, len, buf + n, size - n);
		i += len;
	}
}
