// SPDX-License-Identifier: GPL-2.0
/*
 * soak [OPTIONS] FROM TO ADDRESS PORT
 *	-n COUNT	connections at a time (2000)
 *	-t SECONDS	for so long new ones take the place of those that end (60)
 *	-m MS		what a connection lives on the average (4000)
 *	-r SEED		of everything that is random (1)
 *	-g SECONDS	what the last ones have to end (300)
 *
 * FROM connects, TO listens; inet@NETNS or mini@NETNS.  Two processes talk over
 * connections whose ends behave each in a way of its own (enum way), known to
 * both from the number of the connection.  Every octet that comes is compared
 * with what its place in the stream says.  Where both ways are orderly nothing
 * but everything and then the end may come; of the other connections, it is
 * only the error that is open.
 */
#include <err.h>
#include <getopt.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "calls.h"

#define PATTERN		65521
#define MOST		32768	/* octets a connection carries one way */
#define PIECE		4096
#define HEADER		8
#define TICK_MS		20
#define COMPLAINTS	20	/* of many alike the first will do */
#define MAGIC		0x50a4c0deu

/* How an end behaves.  The first three are orderly. */
enum way {
	FINISH,		/* writes, shuts down, reads to the end, closes */
	SLOW,		/* the same, but reads little at a time, and late */
	PASSIVE,	/* writes, waits for the other's end, closes */
	CLOSE,		/* writes and closes, read or unread */
	BOTH,		/* writes, shutdown(SHUT_RDWR), closes */
	RESET,		/* closes in the middle, with SO_LINGER of 0 */
	ABANDON,	/* never reads; closes over unread data */
	HASTY,		/* closes before it has written; a client's only */
	WAYS
};

static const char *const names[WAYS] = {
	"finish", "slow", "passive", "close", "both", "reset", "abandon",
	"hasty",
};

struct conn {
	int fd;			/* -1: free */
	uint32_t id;
	bool client;
	bool known;		/* id and ways are; a server learns them */
	bool shut;
	bool ended;		/* the other's end was read */
	enum way mine;
	enum way other;
	uint32_t out;
	uint32_t out_len;
	uint32_t in;
	uint32_t in_len;
	uint32_t cut;		/* RESET: here */
	long next;		/* when to do something, ms */
	long patience;		/* PASSIVE, ABANDON: until then, ms */
	unsigned char header[HEADER];
};

/* Shared by both processes. */
struct shared {
	volatile int listening;
	volatile int stop;
	long opened, accepted;
	long orderly;		/* ends of connections of which both were */
	long reset_seen;
	long silent;		/* the server saw an end before a header */
	long way[2][WAYS];
	long octets;
	long wrong;
};

static int most = 2000;
static int seconds = 60;
static int life = 4000;
static unsigned int seed = 1;
static int patience = 300;
static struct shared *shared;
static unsigned char pattern[PATTERN + PIECE];
static struct conn *conns;
static int open_now;
static int ep;
static uint64_t rng;

static uint32_t mix(uint64_t x)
{
	x ^= x >> 33;
	x *= 0xff51afd7ed558ccdull;
	x ^= x >> 33;
	x *= 0xc4ceb9fe1a85ec53ull;
	return x >> 32;
}

static uint32_t rnd(uint32_t below)
{
	return mix(++rng) % below;
}

/* A property of a connection that both ends know */
static uint32_t prop(uint32_t id, int what)
{
	return mix(((uint64_t)seed << 40) + ((uint64_t)id << 4) + what);
}

static enum way way_of(uint32_t id, bool client)
{
	uint32_t x = prop(id, client ? 1 : 2) % 100;

	if (x < 40)
		return FINISH;
	if (x < 50)
		return SLOW;
	if (x < 65)
		return PASSIVE;
	if (x < 75)
		return CLOSE;
	if (x < 80)
		return BOTH;
	if (x < 90)
		return RESET;
	if (x < 95 || !client)
		return ABANDON;
	return HASTY;
}

static bool orderly(const struct conn *c)
{
	return c->known && c->mine <= PASSIVE && c->other <= PASSIVE;
}

/* Mostly little, at times much */
static uint32_t length_of(uint32_t id, bool client)
{
	uint32_t x = prop(id, client ? 3 : 4);

	return HEADER + (x % 8 ? x / 8 % 2048 : x / 8 % MOST);
}

static void know(struct conn *c, uint32_t id)
{
	uint32_t magic = MAGIC;

	c->id = id;
	c->known = true;
	c->mine = way_of(id, c->client);
	c->other = way_of(id, !c->client);
	c->out_len = length_of(id, c->client);
	c->in_len = length_of(id, !c->client);
	c->cut = HEADER + rnd(c->out_len - HEADER + 1);
	c->patience = now_ms() + rnd(2 * life);
	memcpy(c->header, &magic, 4);
	memcpy(c->header + 4, &id, 4);
	shared->way[c->client][c->mine]++;
}

static const unsigned char *stream(const struct conn *c, bool from_client,
				   uint32_t at)
{
	return pattern + (c->id * 7919ul + from_client * 31ul + at) % PATTERN;
}

static void complain(struct conn *c, const char *what)
{
	if (__atomic_add_fetch(&shared->wrong, 1, __ATOMIC_RELAXED) > COMPLAINTS)
		return;
	fprintf(stderr, "%s %u (%s, the other %s), out %u of %u, in %u of %u: %s\n",
		c->client ? "client" : "server", c->id,
		c->known ? names[c->mine] : "?",
		c->known ? names[c->other] : "?",
		c->out, c->out_len, c->in, c->in_len, what);
}

static void end(struct conn *c)
{
	close(c->fd);
	c->fd = -1;
	open_now--;
}

static void failed(struct conn *c, const char *call)
{
	char text[80];

	snprintf(text, sizeof(text), "%s: %s", call, strerror(errno));
	/* ENOTCONN: shutdown() after the reset */
	if (orderly(c) || (errno != ECONNRESET && errno != EPIPE &&
			   errno != ENOTCONN))
		complain(c, text);
	else
		__atomic_add_fetch(&shared->reset_seen, 1, __ATOMIC_RELAXED);
	end(c);
}

static void close_by_reset(struct conn *c)
{
	struct linger linger = { .l_onoff = 1 };

	setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	end(c);
}

/* Is it what the other end was to send?  Counts it. */
static bool take(struct conn *c, const unsigned char *data, uint32_t len)
{
	uint32_t magic, id;

	while (len && c->in < HEADER) {
		c->header[c->in++] = *data++;
		len--;
		if (c->in < HEADER)
			continue;
		memcpy(&magic, c->header, 4);
		memcpy(&id, c->header + 4, 4);
		if (magic != MAGIC || (c->client && id != c->id))
			return false;
		if (!c->client)
			know(c, id);
	}
	if (!len)
		return true;
	if (c->in + len > c->in_len ||
	    memcmp(data, stream(c, !c->client, c->in), len))
		return false;
	c->in += len;
	return true;
}

static void end_of_stream(struct conn *c)
{
	c->ended = true;
	if (!c->known) {
		shared->silent++;
		end(c);
		return;
	}
	/* Who closes without an RST has written all, or lost patience. */
	if (c->in != c->in_len && c->other != ABANDON) {
		complain(c, "the end came early");
		end(c);
		return;
	}
	c->next = 0;
}

static void read_some(struct conn *c, int pieces)
{
	unsigned char data[PIECE];
	ssize_t n;

	while (pieces-- && !c->ended) {
		n = recv(c->fd, data, c->mine == SLOW && c->known ? 512 : PIECE,
			 0);
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) {
			failed(c, "recv");
			return;
		}
		__atomic_add_fetch(&shared->octets, n, __ATOMIC_RELAXED);
		if (!n) {
			end_of_stream(c);
			return;
		}
		if (!take(c, data, n)) {
			complain(c, "what came is not what was sent");
			end(c);
			return;
		}
	}
}

/* True when nothing is left to write. */
static bool write_some(struct conn *c, uint32_t until)
{
	uint32_t len = 1 + rnd(PIECE);
	ssize_t n;

	if (len > until - c->out)
		len = until - c->out;
	if (!len)
		return true;
	if (c->out < HEADER) {
		uint32_t h[2] = { MAGIC, c->id };

		n = send(c->fd, (char *)h + c->out, HEADER - c->out,
			 MSG_NOSIGNAL);
	} else {
		n = send(c->fd, stream(c, c->client, c->out), len,
			 MSG_NOSIGNAL);
	}
	if (n < 0 && errno != EAGAIN) {
		failed(c, "send");
		return false;
	}
	c->out += n > 0 ? n : 0;
	return c->out == until;
}

static void written(struct conn *c, long now)
{
	switch (c->mine) {
	case PASSIVE:
		if (!c->ended && now < c->patience)
			break;
		/* fall through */
	case FINISH:
	case SLOW:
		if (!c->shut && shutdown(c->fd, SHUT_WR)) {
			failed(c, "shutdown");
			return;
		}
		c->shut = true;
		if (c->ended)
			end(c);
		break;
	case ABANDON:
		break;
	case BOTH:
		shutdown(c->fd, SHUT_RDWR);
		end(c);
		break;
	default:
		end(c);
	}
}

/* A connection's turn has come. */
static void act(struct conn *c, long now)
{
	int step = life / 8;

	c->next = now + rnd(2 * step) + 1;
	if (c->client && c->mine == HASTY) {
		end(c);
		return;
	}
	if (!c->client && !c->known)
		return;
	if (c->mine == SLOW) {
		read_some(c, 1);
		if (c->fd < 0)
			return;
		if (c->ended || c->in == c->in_len)
			read_some(c, 1);
		if (c->fd < 0)
			return;
		c->next = now + rnd(step / 4 + 1) + 1;
	}
	if (c->mine == ABANDON && now >= c->patience) {
		end(c);
		return;
	}
	if (c->mine == RESET) {
		if (write_some(c, c->cut) && c->fd >= 0)
			close_by_reset(c);
		return;
	}
	if (write_some(c, c->out_len) && c->fd >= 0)
		written(c, now);
}

static void ready(struct conn *c, unsigned int events)
{
	struct epoll_event ev = { .data.ptr = c };

	/* No end that does not read hears of more than errors. */
	if (c->known && (c->mine == ABANDON || c->mine == SLOW)) {
		if (events & EPOLLIN) {
			epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &ev);
		} else if (events & (EPOLLERR | EPOLLHUP)) {
			if (c->mine == SLOW)
				read_some(c, MOST / 512 + 2);
			else
				end(c);
		}
		return;
	}
	read_some(c, 2);
}

/* Some have small buffers, some no Nagle: more ways to be stopped. */
static void vary(int fd, uint32_t x)
{
	if (x % 8 == 0)
		set_int(fd, SOL_SOCKET, SO_RCVBUF, 4096);
	if (x % 8 == 1)
		set_int(fd, SOL_SOCKET, SO_SNDBUF, 4096);
	if (x / 8 % 2)
		set_int(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	/*
	 * A reset that was lost leaves an end that waits.  The answers to its
	 * probes may take long where the guest has too much to do.
	 */
	set_int(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
	set_int(fd, IPPROTO_TCP, TCP_KEEPIDLE, 5);
	set_int(fd, IPPROTO_TCP, TCP_KEEPINTVL, 2);
	set_int(fd, IPPROTO_TCP, TCP_KEEPCNT, 100);
}

static struct conn *begin(int fd, bool client, long now)
{
	struct epoll_event ev = { .events = EPOLLIN };
	struct conn *c = conns;

	while (c->fd >= 0)
		c++;
	memset(c, 0, sizeof(*c));
	c->fd = fd;
	c->client = client;
	c->next = now + rnd(life / 8);
	ev.data.ptr = c;
	if (epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev))
		err(1, "epoll_ctl");
	open_now++;
	return c;
}

static void open_one(int family, const struct sockaddr_in *to, long now)
{
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct conn *c;

	if (fd < 0)
		err(1, "socket");
	vary(fd, rnd(1 << 16));
	if (connect(fd, (struct sockaddr *)to, sizeof(*to)) &&
	    errno != EINPROGRESS) {
		if (errno != EADDRNOTAVAIL)
			err(1, "connect");
		close(fd);
		return;
	}
	c = begin(fd, true, now);
	know(c, ++shared->opened);
}

static void run(int listener, int family, const struct sockaddr_in *to)
{
	struct epoll_event events[256];
	long now = now_ms(), begun = now;
	long last = now + seconds * 1000L;
	bool full = false;
	int fd, n;

	for (;;) {
		/* All at once in the beginning, or they would end before */
		for (int i = 0; !listener && now < last && i < most &&
		     open_now < most; i++)
			open_one(family, to, now);
		full |= open_now == most;
		while (listener && open_now < 4 * most) {
			fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
			if (fd < 0)
				break;
			shared->accepted++;
			vary(fd, rnd(1 << 16));
			begin(fd, false, now);
		}
		n = epoll_wait(ep, events, 256, TICK_MS);
		for (int i = 0; i < n; i++) {
			struct conn *c = events[i].data.ptr;

			if (c && c->fd >= 0)
				ready(c, events[i].events);
		}
		now = now_ms();
		for (int i = 0, left = open_now; left > 0; i++) {
			struct conn *c = &conns[i];
			bool was = c->fd >= 0, good;

			left -= was;
			if (!was || c->next > now)
				continue;
			good = orderly(c);
			act(c, now);
			if (c->fd < 0 && good && c->ended)
				__atomic_add_fetch(&shared->orderly, 1,
						   __ATOMIC_RELAXED);
		}
		if (listener ? shared->stop && !open_now :
			       now >= last && !open_now)
			break;
		if (now > last + patience * 1000L)
			break;
	}
	for (int i = 0; i < 4 * most; i++)
		if (conns[i].fd >= 0)
			complain(&conns[i], "has not ended");
	if (!listener) {
		printf("# %ld s\n", (now - begun) / 1000);
		if (!full)
			errx(1, "never %d connections at a time", most);
	}
}

static int enter(const char *end)
{
	char stack[8], name[32], path[64];
	int fd, family;

	if (sscanf(end, "%7[a-z]@%31s", stack, name) != 2)
		errx(2, "not STACK@NETNS: %s", end);
	family = family_by_name(stack);
	if (family < 0)
		errx(1, "mini.ko is not loaded");
	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
	return family;
}

static int client(const char *end, const struct sockaddr_in *to)
{
	int family = enter(end);

	rng = (uint64_t)seed << 32;
	while (!shared->listening)
		usleep(1000);
	run(0, family, to);
	return 0;
}

static int server(const char *end, const struct sockaddr_in *at)
{
	int family = enter(end);
	int listener = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct epoll_event ev = { .events = EPOLLIN };

	rng = (uint64_t)seed << 33;
	set_int(listener, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind(listener, (const struct sockaddr *)at, sizeof(*at)) ||
	    listen(listener, 4096))
		err(1, "listen");
	if (epoll_ctl(ep, EPOLL_CTL_ADD, listener, &ev))
		err(1, "epoll_ctl");
	shared->listening = 1;
	run(listener, family, at);
	return 0;
}

static pid_t process(int (*f)(const char *, const struct sockaddr_in *),
		     const char *end, const struct sockaddr_in *sin)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		ep = epoll_create1(0);
		exit(f(end, sin));
	}
	return pid;
}

static int report(int status)
{
	printf("# opened %ld, accepted %ld, orderly ends %ld, resets %ld, silent %ld, octets %ld\n",
	       shared->opened, shared->accepted, shared->orderly,
	       shared->reset_seen, shared->silent, shared->octets);
	for (int i = 0; i < WAYS; i++)
		printf("# %s: %ld clients, %ld servers\n", names[i],
		       shared->way[1][i], shared->way[0][i]);
	/* A test in which nothing happened has shown nothing. */
	for (int i = 0; i < WAYS; i++) {
		if (!shared->way[1][i] || (i < HASTY && !shared->way[0][i]))
			errx(1, "nobody behaved as '%s'", names[i]);
	}
	if (!shared->orderly || !shared->reset_seen)
		errx(1, "too little happened");
	if (shared->silent > shared->way[1][HASTY] + shared->way[1][ABANDON])
		errx(1, "%ld connections said nothing", shared->silent);
	if (shared->wrong)
		errx(1, "%ld connections went wrong", shared->wrong);
	return !!status;
}

int main(int argc, char **argv)
{
	struct rlimit files = { 65536, 65536 };
	struct sockaddr_in sin;
	int status = 0, one, opt;
	pid_t from, to;

	while ((opt = getopt(argc, argv, "n:t:m:r:g:")) != -1) {
		switch (opt) {
		case 'n':
			most = atoi(optarg);
			break;
		case 't':
			seconds = atoi(optarg);
			break;
		case 'm':
			life = atoi(optarg);
			break;
		case 'r':
			seed = atoi(optarg);
			break;
		case 'g':
			patience = atoi(optarg);
			break;
		default:
			return 2;
		}
	}
	if (argc - optind != 4)
		errx(2, "usage: soak [OPTIONS] FROM TO ADDRESS PORT");
	setrlimit(RLIMIT_NOFILE, &files);
	sin = name_of(argv[optind + 2], atoi(argv[optind + 3]));
	for (int i = 0; i < PATTERN; i++)
		pattern[i] = mix(i);
	memcpy(pattern + PATTERN, pattern, PIECE);
	/* The server may still hold what the client has left. */
	conns = calloc(4 * most, sizeof(*conns));
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (!conns || shared == MAP_FAILED)
		err(1, "memory");
	for (int i = 0; i < 4 * most; i++)
		conns[i].fd = -1;
	to = process(server, argv[optind + 1], &sin);
	from = process(client, argv[optind], &sin);
	/* The server ends when the client has. */
	while ((opt = wait(&one)) > 0) {
		status |= one;
		if (opt == from)
			shared->stop = 1;
		if (opt == to && !shared->stop)
			kill(from, SIGKILL);
	}
	return report(status);
}
