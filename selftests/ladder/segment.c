// SPDX-License-Identifier: GPL-2.0
/*
 * A segment in words: sent by the peer as they say, or held against one that
 * came from the host.  What the words leave open is filled in when it is sent,
 * and free when it is expected; but sequence numbers, the acknowledgment and
 * flags always count, and if not named are those of a lossless exchange.
 */
#include "ladder.h"

static const struct {
	const char *word;
	int flag;
} flags[] = {
	{ "syn", SYN }, { "fin", FIN }, { "rst", RST }, { "ack", ACK },
	{ "psh", PSH }, { "urg", URG }, { "ece", ECE }, { "cwr", CWR },
	{ "ae", AE },
};

static const char * const codepoints[] = { "notect", "ect1", "ect0", "ce" };

static int flag_of(const char *word)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		if (!strcmp(flags[i].word, word))
			return flags[i].flag;
	}
	return 0;
}

static int codepoint_of(const char *word)
{
	for (int i = 0; i < 4; i++) {
		if (!strcmp(codepoints[i], word))
			return i;
	}
	return -1;
}

/* What follows "no" */
static void parse_no(struct ladder *l, const char *word, struct wanted *w)
{
	if (!strcmp(word, "psh")) {
		w->psh = -1;
	} else if (!strcmp(word, "ack")) {
		w->ack_flag = false;
		w->flags &= ~ACK;
	} else if (!strcmp(word, "df")) {
		w->df = -1;
	} else if (is_option(word)) {
		w->option[w->options].word = word;
		w->option[w->options++].no = true;
	} else {
		fail(l, "no %s", word);
	}
}

static void parse_flag(char **word, int *i, int flag, struct wanted *w)
{
	w->flags |= flag;
	if (flag == ACK && is_value(word[*i + 1]))
		w->ack = word[++*i];
	else if (flag == URG && is_value(word[*i + 1]))
		w->urg = word[++*i];
	else if (flag == PSH)
		w->psh = 1;
}

/* after 100 or after 100..200 */
static void parse_after(struct ladder *l, char *word, struct wanted *w)
{
	char *dots = strstr(word, "..");

	if (dots) {
		w->late = eval(l, dots + 2);
		*dots = '\0';
	}
	w->early = eval(l, word);
	if (dots)
		*dots = '.';
}

/* Words with a value; false: not one of them. */
static bool parse_value(struct ladder *l, const char *word, char *arg,
			struct wanted *w)
{
	if (!strcmp(word, "win"))
		w->win = arg;
	else if (!strcmp(word, "each"))
		w->each = arg;
	else if (!strcmp(word, "times"))
		w->times = arg;
	else if (!strcmp(word, "since"))
		w->mark = arg;
	else if (!strcmp(word, "within"))
		w->late = arg ? eval(l, arg) : -1;
	else if (!strcmp(word, "after") && arg)
		parse_after(l, arg, w);
	else
		return false;
	if (!arg)
		fail(l, "%s needs a value", word);
	return true;
}

/* fin?: it may be set or not */
static int maybe_flag(const char *word)
{
	char name[8] = {};
	size_t len = strlen(word);

	if (len < 2 || len > sizeof(name) || word[len - 1] != '?')
		return 0;
	memcpy(name, word, len - 1);
	return flag_of(name);
}

static bool parse_plain(const char *word, struct wanted *w)
{
	if (maybe_flag(word))
		w->maybe |= maybe_flag(word);
	else if (!strcmp(word, "again"))
		w->again = true;
	else if (!strcmp(word, "pieces"))
		w->pieces = true;
	else if (!strcmp(word, "badsum"))
		w->badsum = true;
	else if (!strcmp(word, "df"))
		w->df = 1;
	else
		return false;
	return true;
}

static void parse_option(struct ladder *l, char **word, int *i,
			 struct wanted *w)
{
	const char *name = word[*i];
	const char *next = word[*i + 1];

	w->option[w->options].word = name;
	if (option_takes_value(name) ||
	    (!strcmp(name, "tfo") && next && !flag_of(next) &&
	     !is_option(next) && codepoint_of(next) < 0 &&
	     (is_value(next) || strlen(next) >= 8))) {
		if (!next)
			fail(l, "%s needs a value", name);
		w->option[w->options].arg = word[++*i];
	}
	w->options++;
}

static void parse_seq(struct ladder *l, char *word, struct wanted *w)
{
	char *colon = strchr(word, ':');

	if (w->seq)
		fail(l, "two sequence numbers: %s", word);
	w->seq = word;
	if (colon) {
		w->seq = strndup(word, colon - word);
		w->end = colon + 1;
	}
}

void parse_wanted(struct ladder *l, char **word, int words, struct wanted *w)
{
	bool ack_named;

	memset(w, 0, sizeof(*w));
	w->ecn = -1;
	w->early = -1;
	w->late = -1;
	w->ack_flag = true;
	for (int i = 0; i < words; i++) {
		int flag = flag_of(word[i]);

		if (w->options == 20)
			fail(l, "too many options");
		if (flag)
			parse_flag(word, &i, flag, w);
		else if (!strcmp(word[i], "no") && i + 1 < words)
			parse_no(l, word[++i], w);
		else if (codepoint_of(word[i]) >= 0)
			w->ecn = codepoint_of(word[i]);
		else if (parse_plain(word[i], w))
			continue;
		else if (is_option(word[i]))
			parse_option(l, word, &i, w);
		else if (is_value(word[i]))
			parse_seq(l, word[i], w);
		else if (parse_value(l, word[i], word[i + 1], w))
			i++;
		else
			fail(l, "no word of a segment: %s", word[i]);
	}
	/* Only a SYN and a RST go without ACK unless it is named. */
	ack_named = w->flags & ACK;
	if (w->ack_flag && !(w->flags & (SYN | RST)))
		w->flags |= ACK;
	w->ack_flag = ack_named || w->flags & ACK;
}

void render(const struct connection *c, const struct seen *s, char *buf,
	    size_t size)
{
	bool from_host = s->s.dport == c->peer_port;
	uint32_t iss = from_host ? c->host_iss : c->peer_iss;
	uint32_t other = from_host ? c->peer_iss : c->host_iss;
	int64_t seq = (int32_t)(s->s.seq - iss);
	char options[256];
	int n;

	n = snprintf(buf, size, "%s", from_host ? "-->" : "<--");
	for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
		int flag = flags[i].flag;

		if (s->flags & flag && flag != ACK && flag != URG)
			n += snprintf(buf + n, size - n, " %s", flags[i].word);
	}
	n += snprintf(buf + n, size - n, " %ld", (long)seq);
	if (s->s.len)
		n += snprintf(buf + n, size - n, ":%ld",
			      (long)(seq + s->s.len));
	if (s->flags & ACK)
		n += snprintf(buf + n, size - n, " ack %d",
			      (int32_t)(s->s.ack - other));
	n += snprintf(buf + n, size - n, " win %u", s->s.win);
	if (s->flags & URG)
		n += snprintf(buf + n, size - n, " urg %u", s->urg);
	options_render(c, s, options, sizeof(options));
	snprintf(buf + n, size - n, "%s%s%s", options, s->tos & 3 ? " " : "",
		 s->tos & 3 ? codepoints[s->tos & 3] : "");
}

static void send_one(struct ladder *l, const struct wanted *w, int64_t seq,
		     int64_t len)
{
	struct connection *c = l->c;
	struct seen s = { .flags = w->flags, .tos = w->ecn > 0 ? w->ecn : 0 };
	char text[512];
	struct packet p;
	struct tcphdr *tcp;

	if (!c->host_port)
		c->host_port = 8080;
	if (len < 0 || len > (int64_t)sizeof(s.s.data))
		fail(l, "%ld octets in a segment", (long)len);
	s.s.sport = c->peer_port;
	s.s.dport = c->host_port;
	s.s.seq = c->peer_iss + seq;
	if (w->flags & ACK)
		s.s.ack = c->host_iss + (w->ack ? eval(l, w->ack) :
					 c->came_whole);
	s.s.flags = w->flags;
	s.s.win = c->win;
	s.s.len = len;
	s.urg = w->urg ? eval(l, w->urg) : 0;
	fill(s.s.data, seq + !!(w->flags & SYN) - 1, len);
	options_build(l, w, &s);
	make_tcp(&l->w, &p, &s.s);
	tcp = (void *)(p.buf + p.l4);
	tcp->th_urp = htons(s.urg);
	if (w->flags & AE)
		p.buf[p.l4 + 12] |= 1;
	ip_of(&p)->tos = s.tos;
	fix_ip(&p);
	fix_l4(&p);
	if (w->badsum)
		tcp->th_sum = htons(ntohs(tcp->th_sum) ^ 0x55);
	/* The octet before the one the pointer points to, or the first */
	if (w->flags & URG)
		c->urgent = seq - 1 + (s.urg ? s.urg - 1 : 0);
	render(c, &s, text, sizeof(text));
	trace(l, now_us(), "%s%s", text, w->badsum ? " badsum" : "");
	wire_send(&l->w, &p);
	if (!(w->flags & RST) && !w->badsum)
		note_sent(c, seq, seq + len + !!(w->flags & SYN) +
			  !!(w->flags & FIN));
}

void send_wanted(struct ladder *l, struct wanted *w)
{
	int64_t times = w->times ? eval(l, w->times) : 1;
	int64_t seq, end, each;

	seq = w->seq ? eval(l, w->seq) : w->flags & SYN ? 0 : l->c->sent;
	end = w->end ? eval(l, w->end) : seq;
	each = w->each ? eval(l, w->each) : end - seq;
	if (w->win)
		l->c->win = eval(l, w->win);
	while (times--) {
		int64_t at = seq;

		do {
			int64_t len = end - at < each ? end - at : each;

			send_one(l, w, at, len);
			at += len;
		} while (at < end);
	}
}

/* Milliseconds since the event before, or since a mark */
void check_time(struct ladder *l, const struct wanted *w, int64_t at,
		const char *what)
{
	int64_t since = l->since, until = l->until;

	if (w->mark) {
		struct variable *v = find_variable(l, w->mark, false);

		if (!v)
			fail(l, "no mark %s", w->mark);
		since = v->number;
		until = v->number;
	}
	if (w->early >= 0 && at - since < (w->early - 10) * US)
		fail(l, "too early, after %ld ms: %s", (long)(at - since) / US,
		     what);
	if (w->late >= 0 && at - until > (w->late + l->tolerance) * US)
		fail(l, "too late, after %ld ms: %s", (long)(at - until) / US,
		     what);
}

static int64_t deadline_of(struct ladder *l, const struct wanted *w)
{
	int64_t ms = ANSWER_MS;

	if (w->late >= 0)
		ms = w->late + l->tolerance + 1000;
	else if (w->early >= 0)
		ms = w->early + ANSWER_MS;
	if (w->mark)
		return find_variable(l, w->mark, true)->number + ms * US;
	return now_us() + ms * US;
}

/* The stream's octets must be those that the program wrote. */
static bool data_right(const struct connection *c, const struct seen *s)
{
	int64_t at = host_rel(c, s->s.seq) + !!(s->flags & SYN) - 1;
	uint8_t want[sizeof(s->s.data)];

	/* An octet beyond what was written probes a window. */
	if (!s->s.len || at < 0)
		return true;
	fill(want, at, s->s.len);
	return !memcmp(want, s->s.data, s->s.len);
}

/* NULL, or what is wrong with it */
static const char *differs(struct ladder *l, const struct wanted *w,
			   const struct seen *s, int64_t seq, int64_t len)
{
	const struct connection *c = l->c;
	int64_t at = host_rel(c, s->s.seq);
	int64_t ack = peer_rel(c, s->s.ack);

	if ((s->flags ^ w->flags) & ~(PSH | w->maybe))
		return "the flags";
	if (w->psh && w->psh != (s->flags & PSH ? 1 : -1))
		return "PSH";
	if (w->seq ? !holds(l, w->seq, at) : at != seq)
		return "the sequence number";
	if (len >= 0 && (int64_t)s->s.len != len)
		return "the length";
	if (w->flags & ACK &&
	    (w->ack ? !holds(l, w->ack, ack) : ack != c->sent_whole))
		return "the acknowledgment";
	if (w->win && !holds(l, w->win, s->s.win))
		return "the window";
	if (w->urg && !holds(l, w->urg, s->urg))
		return "the urgent pointer";
	if (w->ecn >= 0 && w->ecn != (s->tos & 3))
		return "the ECN codepoint";
	if (w->df && w->df != (s->df ? 1 : -1))
		return "the bit that forbids fragments";
	if (!options_hold(l, w, s))
		return "an option";
	if (w->again && at + (int64_t)s->s.len > c->came)
		return "it was not sent before";
	return NULL;
}

/* Take one segment that is as wanted, or fail. */
static struct seen *take(struct ladder *l, const struct wanted *w, int64_t seq,
			 int64_t len, bool eventually)
{
	struct connection *c = l->c;
	int64_t deadline = deadline_of(l, w);
	const char *wrong = NULL;
	char text[512];
	struct seen *s;

	for (;;) {
		uint32_t iss = c->host_iss;
		bool learned;

		s = next_seen(l, deadline);
		if (!s)
			fail(l, "nothing came%s", eventually ? " that fits" :
			     "");
		/* A SYN says where the host's numbers start. */
		learned = s->flags & SYN && !c->host_iss_known;
		if (learned)
			c->host_iss = s->s.seq;
		render(c, s, text, sizeof(text));
		wrong = differs(l, w, s, seq, len);
		if (!wrong || !eventually)
			break;
		c->host_iss = learned ? iss : c->host_iss;
		trace(l, s->at, "%s   (passed over)", text);
		note_came(c, s);
		free(s);
	}
	trace(l, s->at, "%s", text);
	if (wrong)
		fail(l, "%s: came %s", wrong, text);
	if (!data_right(c, s))
		fail(l, "the octets: came %s", text);
	check_time(l, w, s->at, text);
	return s;
}

static void took(struct ladder *l, struct seen *s)
{
	struct connection *c = l->c;
	const uint8_t *ts = option_of(&s->s, 8, NULL);
	const uint8_t *scale = option_of(&s->s, 3, NULL);
	uint32_t val;

	note_came(c, s);
	if (ts) {
		memcpy(&val, ts + 2, sizeof(val));
		c->host_ts = ntohl(val);
	}
	if (s->flags & SYN) {
		c->ts_came = ts;
		c->host_wscale = scale ? scale[2] : 0;
	} else {
		c->syn_came = true;
	}
	l->since = s->at;
	l->until = s->at;
	free(s);
}

/* Not a condition: it can be reckoned with. */
static bool is_number(const char *word)
{
	return !strchr("=<>!", *word) && strcmp(word, "any") &&
	       !strstr(word, "..");
}

void expect_wanted(struct ladder *l, struct wanted *w, bool eventually)
{
	int64_t times = w->times ? eval(l, w->times) : 1;
	int64_t each = w->each ? eval(l, w->each) : 0;
	struct seen *s;
	int64_t at, end;

	if (w->each || w->pieces) {
		at = w->seq ? eval(l, w->seq) : l->c->came;
		end = w->end ? eval(l, w->end) : at;
		w->seq = NULL;
		while (at < end) {
			int64_t len = w->pieces ? -1 :
				      each < end - at ? each : end - at;

			s = take(l, w, at, len, eventually);
			at += s->s.len;
			if (!s->s.len || at > end)
				fail(l, "a piece of %zu octets", s->s.len);
			took(l, s);
		}
		return;
	}
	while (times--) {
		int64_t len = 0;

		at = w->flags & SYN ? 0 : l->c->came;
		if (w->end && is_number(w->seq) && is_number(w->end))
			len = eval(l, w->end) - eval(l, w->seq);
		else if (w->end)
			len = -1;
		s = take(l, w, at, len, eventually);
		end = host_rel(l->c, s->s.seq) + s->s.len;
		if (w->end && !holds(l, w->end, end))
			fail(l, "ends at %ld", (long)end);
		took(l, s);
	}
}

void drain(struct ladder *l, int64_t end)
{
	struct connection *c = l->c;
	struct wanted ack;
	char text[512];
	struct seen *s;

	parse_wanted(l, NULL, 0, &ack);
	while (c->came_whole < end) {
		s = next_seen(l, now_us() + ANSWER_MS * US);
		if (!s)
			fail(l, "nothing came behind %ld", (long)c->came_whole);
		render(c, s, text, sizeof(text));
		trace(l, s->at, "%s", text);
		if (s->flags & RST)
			fail(l, "came %s", text);
		if (!data_right(c, s))
			fail(l, "the octets: came %s", text);
		took(l, s);
		send_wanted(l, &ack);
	}
}

/* What comes within @ms is taken, up to an ACK of all that was sent. */
static void take_acks(struct ladder *l, int64_t ms)
{
	struct connection *c = l->c;
	int64_t end = now_us() + ms * US;
	char text[512];
	struct seen *s;

	while ((s = next_seen(l, end))) {
		render(c, s, text, sizeof(text));
		trace(l, s->at, "%s", text);
		if (s->flags & RST)
			fail(l, "came %s", text);
		took(l, s);
		if (peer_rel(c, c->last_ack) >= c->sent)
			break;
	}
}

void flood(struct ladder *l, int64_t size)
{
	struct connection *c = l->c;
	struct wanted w;
	int64_t edge;

	parse_wanted(l, NULL, 0, &w);
	for (int round = 0; round < 100; round++) {
		int64_t at = peer_rel(c, c->last_ack);

		edge = eval(l, "$hedge");
		if (at >= edge) {
			/* The rest was refused. */
			c->sent = at;
			c->sent_whole = at;
			return;
		}
		/* What was not acknowledged is sent again. */
		for (; at < edge; at += size)
			send_one(l, &w, at, edge - at < size ? edge - at : size);
		take_acks(l, 300);
	}
	fail(l, "the window does not shut");
}

void expect_silence(struct ladder *l, int64_t ms)
{
	int64_t end = l->until + ms * US;
	struct seen *s = next_seen(l, end);
	char text[512];

	if (s && s->at <= end) {
		render(l->c, s, text, sizeof(text));
		trace(l, s->at, "%s", text);
		fail(l, "no silence: after %ld ms came %s",
		     (long)(s->at - l->until) / US, text);
	}
	if (s)
		put_back(l->c, s);
	while (now_us() < end)
		usleep(1000);
	l->since = end;
	l->until = end;
}
