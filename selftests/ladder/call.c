// SPDX-License-Identifier: GPL-2.0
/*
 * Socket calls of the host's program.  Each is one line, CALL ARGUMENTS, and
 * what must come of it behind "=": a number or an errno.
 */
#include <pthread.h>
#include <linux/sockios.h>

#include "ladder.h"

#define HOST_PORT	8080

/* One call on its way */
struct doing {
	struct ladder *l;
	char **word;		/* arguments */
	int words;
	const char *result;	/* behind "=", NULL: as usual */
	int fd;
	bool right;		/* what was asked about is as wanted */
	bool asks;		/* again until it is so */
	char said[128];
	long usual;		/* the result if none is named */
	/* In the background: */
	pthread_t thread;
	long (*run)(struct doing *d);
	long ret;
	int64_t ended;
	bool active;
};

static struct doing background;

static const char *arg(struct doing *d, int i)
{
	if (i >= d->words)
		fail(d->l, "an argument is missing");
	return d->word[i];
}

static bool has(const struct doing *d, const char *word)
{
	for (int i = 0; i < d->words; i++) {
		if (!strcmp(d->word[i], word))
			return true;
	}
	return false;
}

static long outcome(long ret)
{
	return ret < 0 ? -errno : ret;
}

static int new_socket(struct ladder *l)
{
	int fd = tcp_socket(l->w.family);

	if (fd < 0)
		fail(l, "socket: %s", strerror(errno));
	nonblocking(fd, true);
	return fd;
}

/* A socket to do something with, made if there is none */
static int own(struct doing *d)
{
	struct connection *c = d->l->c;

	if (c->fd < 0) {
		c->fd = new_socket(d->l);
		c->written = 0;
		c->read = 0;
	}
	d->fd = c->fd;
	return c->fd;
}

static long call_socket(struct doing *d)
{
	own(d);
	return 0;
}

static long call_bind(struct doing *d)
{
	int port = eval(d->l, arg(d, 0));

	d->l->c->host_port = port;
	return outcome(bind_to(own(d), HOST, port));
}

/* listen [BACKLOG] */
static long call_listen(struct doing *d)
{
	struct ladder *l = d->l;
	int backlog = d->words ? eval(l, d->word[0]) : 8;

	if (l->listener >= 0)
		return outcome(listen(l->listener, backlog));
	set_int(own(d), SOL_SOCKET, SO_REUSEADDR, 1);
	if (local_port(d->fd) == 0 && bind_to(d->fd, HOST, HOST_PORT))
		return -errno;
	if (listen(d->fd, backlog))
		return -errno;
	l->listener = l->c->fd;
	l->c->fd = -1;
	l->c->host_port = local_port(l->listener);
	return 0;
}

static long call_accept(struct doing *d)
{
	struct ladder *l = d->l;
	int fd = accept4(l->listener, NULL, NULL, SOCK_NONBLOCK);
	struct sockaddr_in sin = {};
	socklen_t len = sizeof(sin);

	if (fd < 0)
		return -errno;
	if (getpeername(fd, (struct sockaddr *)&sin, &len) == 0 &&
	    ntohs(sin.sin_port) != l->c->peer_port)
		fail(l, "accepted a connection of port %d",
		     ntohs(sin.sin_port));
	if (l->c->fd >= 0)
		close(l->c->fd);
	l->c->fd = fd;
	l->c->written = 0;
	l->c->read = 0;
	return 0;
}

static long call_connect(struct doing *d)
{
	struct ladder *l = d->l;
	struct sockaddr_in sin = name_of(PEER, l->c->peer_port);
	long ret = outcome(connect(own(d), SA(sin)));

	l->c->host_port = local_port(d->fd);
	if (ret == -EINPROGRESS && !d->result)
		return 0;
	return ret;
}

/* connect() to AF_UNSPEC */
static long call_disconnect(struct doing *d)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	return outcome(connect(d->fd, &sa, sizeof(sa)));
}

/* The connection stands, or failed: its error */
static long call_connected(struct doing *d)
{
	d->asks = true;
	d->right = poll_for(d->fd, POLLOUT, 0) & (POLLOUT | POLLERR | POLLHUP);
	return d->right ? -so_error(d->fd) : -EINPROGRESS;
}

/* write N [more] [oob] [dontwait] */
static long call_write(struct doing *d)
{
	struct ladder *l = d->l;
	size_t len = eval(l, arg(d, 0));
	uint8_t *buf = malloc(len + 1);
	int flags = MSG_NOSIGNAL;
	long ret;

	if (has(d, "more"))
		flags |= MSG_MORE;
	if (has(d, "oob"))
		flags |= MSG_OOB;
	fill(buf, l->c->written, len);
	d->usual = len;
	ret = outcome(send(d->fd, buf, len, flags));
	if (ret > 0)
		l->c->written += ret;
	free(buf);
	return ret;
}

/* fastopen N: sendto() with MSG_FASTOPEN */
static long call_fastopen(struct doing *d)
{
	struct ladder *l = d->l;
	struct sockaddr_in sin = name_of(PEER, l->c->peer_port);
	size_t len = eval(l, arg(d, 0));
	uint8_t *buf = malloc(len + 1);
	long ret;

	fill(buf, 0, len);
	d->usual = len;
	ret = outcome(sendto(own(d), buf, len, MSG_FASTOPEN | MSG_NOSIGNAL,
			     SA(sin)));
	l->c->host_port = local_port(d->fd);
	if (ret > 0)
		l->c->written += ret;
	free(buf);
	return ret;
}

/* Octets are those of the peer's stream, an urgent one left out. */
static long read_some(struct doing *d, size_t len, int flags)
{
	struct connection *c = d->l->c;
	uint8_t *buf = malloc(len + 1), *want = malloc(len + 1);
	long ret = outcome(recv(d->fd, buf, len, flags));

	if (ret > 0) {
		if (c->read == c->urgent && !c->oob_inline)
			c->read++;
		fill(want, c->read, ret);
		if (memcmp(buf, want, ret))
			fail(d->l, "read other octets than the peer sent");
		if (!(flags & MSG_PEEK))
			c->read += ret;
	}
	free(buf);
	free(want);
	return ret;
}

static long call_read(struct doing *d)
{
	size_t len = d->words ? eval(d->l, d->word[0]) : 1;
	long ret = 0, sum = 0;

	d->usual = len;
	if (d->result)
		return read_some(d, len, 0);
	/* All of it, as it comes */
	for (int64_t end = now_us() + ANSWER_MS * US; sum < (long)len;) {
		ret = read_some(d, len - sum, 0);
		if (ret > 0)
			sum += ret;
		else if (ret == -EAGAIN && now_us() < end)
			poll_for(d->fd, POLLIN, 10);
		else
			break;
	}
	return sum ? sum : ret;
}

static long call_peek(struct doing *d)
{
	size_t len = eval(d->l, arg(d, 0));

	d->usual = len;
	return read_some(d, len, MSG_PEEK);
}

/* The urgent octet */
static long call_readoob(struct doing *d)
{
	uint8_t got, want;
	long ret = outcome(recv(d->fd, &got, 1, MSG_OOB));

	d->usual = 1;
	fill(&want, d->l->c->urgent, 1);
	if (ret == 1 && got != want)
		fail(d->l, "another urgent octet than the peer sent");
	return ret;
}

static long call_shutdown(struct doing *d)
{
	const char *how = arg(d, 0);

	return outcome(shutdown(d->fd, !strcmp(how, "rd") ? SHUT_RD :
				!strcmp(how, "wr") ? SHUT_WR : SHUT_RDWR));
}

static long call_close(struct doing *d)
{
	if (d->fd == d->l->listener)
		d->l->listener = -1;
	else
		d->l->c->fd = -1;
	return outcome(close(d->fd));
}

static long call_setsockopt(struct doing *d)
{
	arg(d, 0);
	return set_option(d->l, d->fd, d->word, d->words);
}

static long call_getsockopt(struct doing *d)
{
	arg(d, 0);
	d->asks = true;
	return get_option(d->l, d->fd, d->word, d->words, &d->right, d->said,
			  sizeof(d->said));
}

static const struct {
	const char *name;
	int event;
} events[] = {
	{ "in", POLLIN }, { "out", POLLOUT }, { "pri", POLLPRI },
	{ "rdhup", POLLRDHUP }, { "err", POLLERR }, { "hup", POLLHUP },
};

/* poll EVENTS: exactly these are there; poll none */
static long call_poll(struct doing *d)
{
	int want = 0, all = 0, got;

	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		all |= events[i].event;
		if (has(d, events[i].name))
			want |= events[i].event;
	}
	d->asks = true;
	got = poll_for(d->fd, all, 0);
	d->right = got == want;
	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++) {
		if (got & events[i].event)
			strcat(strcat(d->said, " "), events[i].name);
	}
	return 0;
}

/* ioctl NAME VALUE */
static long call_ioctl(struct doing *d)
{
	static const struct {
		const char *name;
		unsigned long request;
	} requests[] = {
		{ "SIOCINQ", SIOCINQ }, { "SIOCOUTQ", SIOCOUTQ },
		{ "SIOCOUTQNSD", SIOCOUTQNSD }, { "SIOCATMARK", SIOCATMARK },
	};
	int value = -1;
	long ret;

	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		if (strcmp(requests[i].name, arg(d, 0)))
			continue;
		d->asks = true;
		ret = outcome(ioctl(d->fd, requests[i].request, &value));
		d->right = ret || d->words < 2 ||
			   holds(d->l, d->word[1], value);
		snprintf(d->said, sizeof(d->said), "%d", value);
		return ret;
	}
	fail(d->l, "no ioctl %s", d->word[0]);
}

/* info FIELD VALUE [FIELD VALUE]... */
static long call_info(struct doing *d)
{
	uint8_t info[512] __attribute__((aligned(8))) = {};
	socklen_t len = sizeof(info);
	int64_t value;

	d->asks = true;
	if (getsockopt(d->fd, IPPROTO_TCP, TCP_INFO, info, &len))
		return -errno;
	for (int i = 0; i + 1 < d->words; i += 2) {
		if (!info_field(info, d->word[i], &value))
			fail(d->l, "no field %s", d->word[i]);
		if (holds(d->l, d->word[i + 1], value))
			continue;
		d->right = false;
		snprintf(d->said, sizeof(d->said), "%s %ld", d->word[i],
			 (long)value);
	}
	return 0;
}

static long call_state(struct doing *d)
{
	int state = tcp_state(d->fd);

	d->asks = true;
	d->right = state >= 0 && holds(d->l, arg(d, 0), state);
	snprintf(d->said, sizeof(d->said), "state %d", state);
	return 0;
}

/* error NAME: SO_ERROR is that, and cleared */
static long call_error(struct doing *d)
{
	int err = so_error(d->fd);

	d->asks = !err;
	d->right = err == (!strcmp(arg(d, 0), "0") ? 0 :
			   errno_number(d->word[0]));
	snprintf(d->said, sizeof(d->said), "%s", err ? errno_name(err) : "0");
	return 0;
}

/* A counter of Linux: a line of names, a line of values */
static long long inet_counter(const char *file, const char *name)
{
	char names[8192], values[8192], *n, *v, *save_n, *save_v;
	long long found = -1;
	FILE *in = fopen(file, "r");

	while (in && fgets(names, sizeof(names), in) &&
	       fgets(values, sizeof(values), in)) {
		n = strtok_r(names, "\n ", &save_n);
		v = strtok_r(values, "\n ", &save_v);
		for (; n && v; n = strtok_r(NULL, "\n ", &save_n),
		     v = strtok_r(NULL, "\n ", &save_v)) {
			if (!strcmp(n, name))
				found = atoll(v);
		}
	}
	if (in)
		fclose(in);
	return found;
}

/* counter FAMILY NAME VALUE: nothing over the other family */
static long call_counter(struct doing *d)
{
	bool mini = !strcmp(arg(d, 0), "mini");
	long long value;

	if (mini != d->l->mini)
		return 0;
	value = mini ? counter(arg(d, 1)) :
		       inet_counter("/proc/net/netstat", arg(d, 1));
	if (!mini && value < 0)
		value = inet_counter("/proc/net/snmp", arg(d, 1));
	if (value < 0)
		fail(d->l, "no counter %s", arg(d, 1));
	d->asks = true;
	d->right = holds(d->l, arg(d, 2), value);
	snprintf(d->said, sizeof(d->said), "%lld", value);
	return 0;
}

static long call_join(struct doing *d)
{
	struct wanted w;

	if (!background.active)
		fail(d->l, "nothing in the background");
	pthread_join(background.thread, NULL);
	background.active = false;
	parse_wanted(d->l, d->word, d->words, &w);
	check_time(d->l, &w, background.ended, "the end of the call");
	d->usual = background.usual;
	return background.ret;
}

static const struct {
	const char *name;
	long (*run)(struct doing *d);
} calls[] = {
	{ "socket", call_socket }, { "bind", call_bind },
	{ "listen", call_listen }, { "accept", call_accept },
	{ "connect", call_connect }, { "disconnect", call_disconnect },
	{ "connected", call_connected },
	{ "write", call_write }, { "fastopen", call_fastopen },
	{ "read", call_read }, { "readoob", call_readoob },
	{ "peek", call_peek }, { "shutdown", call_shutdown },
	{ "close", call_close }, { "setsockopt", call_setsockopt },
	{ "getsockopt", call_getsockopt }, { "poll", call_poll },
	{ "ioctl", call_ioctl }, { "info", call_info },
	{ "state", call_state }, { "error", call_error },
	{ "counter", call_counter }, { "join", call_join },
};

static bool result_right(struct doing *d, long ret)
{
	if (!d->result)
		return ret == d->usual;
	if (errno_number(d->result))
		return ret == -errno_number(d->result);
	return (ret >= 0 || !strcmp(d->result, "any")) &&
	       holds(d->l, d->result, ret);
}

static void tell(struct doing *d, long ret)
{
	struct ladder *l = d->l;

	if (!result_right(d, ret) && ret < 0)
		fail(l, "%s", errno_name(-ret));
	if (!result_right(d, ret))
		fail(l, "%ld", ret);
	fail(l, "found: %s", d->said);
}

static void *background_run(void *arg)
{
	struct doing *d = arg;

	d->ret = d->run(d);
	d->ended = now_us();
	return NULL;
}

static void start_background(struct doing *d)
{
	static char *word[WORDS + 1];

	if (background.active)
		fail(d->l, "there is a call in the background");
	nonblocking(d->fd, false);
	background = *d;
	memcpy(word, d->word, d->words * sizeof(*word));
	background.word = word;
	/* One call, however long; not until it is as wanted */
	background.result = "any";
	background.active = true;
	if (pthread_create(&background.thread, NULL, background_run,
			   &background))
		fail(d->l, "no thread");
	usleep(5 * US);
}

/* Until it is right: the kernel may be at it on another CPU. */
static void perform(struct doing *d)
{
	struct ladder *l = d->l;
	int64_t end = now_us() + ANSWER_MS * US;
	const char *text = l->nested ? l->nested : l->line->text;
	long ret;

	for (;;) {
		d->right = true;
		d->asks = false;
		*d->said = '\0';
		d->usual = 0;
		ret = d->run(d);
		if (d->right && result_right(d, ret))
			break;
		if (now_us() > end || (!d->asks && ret != -EAGAIN))
			tell(d, ret);
		usleep(1000);
	}
	trace(l, now_us(), "%s%s%s", text, *d->said ? "   found " : "",
	      d->said);
}

static int target(struct doing *d)
{
	const struct ladder *l = d->l;

	if (l->on_listener || (l->c->fd < 0 && l->listener >= 0))
		return l->listener;
	return own(d);
}

bool call(struct ladder *l, char **word, int words)
{
	struct doing d = { .l = l, .right = true };
	bool in_background = !strcmp(word[0], "background");

	l->on_listener = !strcmp(word[0], "listener");
	if (in_background || l->on_listener) {
		word++;
		words--;
	}
	if (words > 2 && !strcmp(word[words - 2], "=")) {
		d.result = word[words - 1];
		words -= 2;
	}
	d.word = word + 1;
	d.words = words - 1;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (words < 1 || strcmp(calls[i].name, word[0]))
			continue;
		d.run = calls[i].run;
		d.fd = target(&d);
		l->since = now_us();
		if (in_background)
			start_background(&d);
		else
			perform(&d);
		l->until = now_us();
		return true;
	}
	return false;
}
