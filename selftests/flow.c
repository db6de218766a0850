// SPDX-License-Identifier: GPL-2.0
/*
 * flow [OPTIONS] FLOW...
 *	-s OCTETS	a flow carries so many (1000000)
 *	-t SECONDS	or so long
 *	-w SECONDS	the first of these do not count (with -t)
 *	-c NAME		the congestion control of all senders
 *	-g SECONDS	give up (120)
 *
 * FLOW is FROM,TO,ADDRESS,PORT[,LATER]: who sends and who receives, each as
 * inet@NETNS or mini@NETNS, a namespace of `ip netns`; the receiver's address
 * and port; it starts LATER seconds after the others.
 *
 * All flows run at once, each between two processes.  A line of key=value for
 * each tells its goodput: octets and the time from the end of connect() to
 * the last octet read, or with -t, while all flows run.  Each octet that
 * comes is compared with what was sent at its place in the stream, with -s
 * when the clock has stopped.
 */
#include <err.h>
#include <getopt.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "calls.h"

#define CHUNK		(256 * 1024)
#define PATTERN		(4 * 1024 * 1024 + 8)
#define US		1000000L

struct end {
	char stack[8];
	char netns[32];
};

/* Shared by the processes of a flow. */
struct flow {
	struct end from;
	struct end to;
	char address[16];
	int port;
	double later;
	volatile int listening;
	long origin;		/* when the first flows start */
	long started;
	long ended;
	long counted_from;
	long octets;		/* those that count */
	long sent;
	long came;
	bool wrong;
	char control[16];
	unsigned int retrans;
	unsigned int rtt_us;
	unsigned int cwnd;
};

static long octets = 1000000;
static double seconds;
static double warm_up;
static const char *control;
static int give_up = 120;
static unsigned char *pattern;
static struct flow *flows;
static int count;

static long now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * US + ts.tv_nsec / 1000;
}

/* Random, so that a piece in the wrong place cannot pass for the right one. */
static void make_pattern(void)
{
	uint64_t x = 88172645463325252ull;

	pattern = malloc(PATTERN + CHUNK);
	if (!pattern)
		err(1, "malloc");
	for (int i = 0; i < PATTERN; i += sizeof(x)) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		memcpy(pattern + i, &x, sizeof(x));
	}
	memcpy(pattern + PATTERN, pattern, CHUNK);
}

/* Are these the octets of the stream from this place on? */
static bool right(const unsigned char *data, long place, long len)
{
	for (long n; len > 0; len -= n, data += n, place += n) {
		n = len < CHUNK ? len : CHUNK;
		if (memcmp(data, pattern + place % PATTERN, n))
			return false;
	}
	return true;
}

static int enter(const struct end *end)
{
	char path[64];
	int fd;
	int family = family_by_name(end->stack);

	if (family < 0)
		errx(1, "mini.ko is not loaded");
	snprintf(path, sizeof(path), "/run/netns/%s", end->netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
	fd = tcp_socket(family);
	if (fd < 0)
		err(1, "socket");
	if (control && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, control,
				  strlen(control)))
		err(1, "%s as congestion control of %s", control, end->stack);
	return fd;
}

static void look(struct flow *f, int fd)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len);
	f->retrans = info.tcpi_total_retrans;
	f->rtt_us = info.tcpi_rtt;
	f->cwnd = info.tcpi_snd_cwnd;
	len = sizeof(f->control);
	getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, f->control, &len);
}

static void send_flow(struct flow *f)
{
	int fd = enter(&f->from);
	long wait = f->origin + f->later * US - now_us();
	long end;
	char byte;

	while (!f->listening)
		usleep(1000);
	if (wait > 0)
		usleep(wait);
	if (connect_to(fd, f->address, f->port))
		err(1, "connect");
	/* A SYN that was lost takes a second, and tells nothing of the flow. */
	f->started = now_us();
	end = f->started + seconds * US;
	while (seconds ? now_us() < end : f->sent < octets) {
		long n = CHUNK;

		if (!seconds && octets - f->sent < n)
			n = octets - f->sent;
		n = send(fd, pattern + f->sent % PATTERN, n, MSG_NOSIGNAL);
		if (n < 0)
			err(1, "send");
		f->sent += n;
	}
	if (shutdown(fd, SHUT_WR))
		err(1, "shutdown");
	look(f, fd);
	if (read(fd, &byte, 1))
		err(1, "the receiver did not close");
}

/* All of it is kept: to look at it now would cost the transfer time. */
static void receive_some(struct flow *f, int fd)
{
	unsigned char *data = malloc(octets + 1);
	ssize_t n;

	if (!data)
		err(1, "malloc");
	memset(data, 1, octets + 1);
	f->listening = 1;
	fd = accept(fd, NULL, NULL);
	if (fd < 0)
		err(1, "accept");
	do {
		long room = octets + 1 - f->came;

		n = recv(fd, data + f->came, room < CHUNK ? room : CHUNK, 0);
		if (n < 0)
			err(1, "recv");
		if (n > 0)
			f->ended = now_us();
		f->came += n;
	} while (n > 0 && f->came <= octets);
	close(fd);
	f->counted_from = f->started;
	f->octets = f->came;
	f->wrong = !right(data, 0, f->came);
}

static void receive_long(struct flow *f, int fd)
{
	unsigned char *data = malloc(CHUNK);
	long now, from;
	ssize_t n;

	f->listening = 1;
	fd = accept(fd, NULL, NULL);
	if (fd < 0)
		err(1, "accept");
	from = f->origin + warm_up * US;
	while ((n = recv(fd, data, CHUNK, 0)) > 0) {
		now = now_us();
		f->wrong |= !right(data, f->came, n);
		f->came += n;
		/* While all flows run */
		if (now < from || now > f->origin + seconds * US)
			continue;
		if (!f->counted_from)
			f->counted_from = now;
		else
			f->octets += n;
		f->ended = now;
	}
	if (n < 0)
		err(1, "recv");
	close(fd);
}

static void receive_flow(struct flow *f)
{
	int fd = enter(&f->to);

	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind_to(fd, f->address, f->port) || listen(fd, 1))
		err(1, "listen on %s:%d", f->address, f->port);
	if (seconds)
		receive_long(f, fd);
	else
		receive_some(f, fd);
}

static void in_process(void (*run)(struct flow *f), struct flow *f)
{
	pid_t pid = fork();

	if (pid < 0)
		err(1, "fork");
	if (pid)
		return;
	alarm(give_up);
	run(f);
	exit(0);
}

static bool show(const struct flow *f)
{
	bool same = !f->wrong && f->came == f->sent &&
		    (seconds || f->came == octets);
	double us = f->ended - f->counted_from;

	printf("from=%s to=%s octets=%ld us=%.0f kbit=%.0f ",
	       f->from.stack, f->to.stack, f->octets, us,
	       us > 0 ? f->octets * 8000.0 / us : 0);
	printf("retrans=%u rtt_us=%u cwnd=%u cc=%s ",
	       f->retrans, f->rtt_us, f->cwnd, f->control);
	printf("sent=%ld came=%ld data=%s\n", f->sent, f->came,
	       same ? "same" : "different");
	return same;
}

static void take_flow(char *arg, struct flow *f)
{
	if (sscanf(arg, "%7[a-z]@%31[^,],%7[a-z]@%31[^,],%15[0-9.],%d,%lf",
		   f->from.stack, f->from.netns, f->to.stack, f->to.netns,
		   f->address, &f->port, &f->later) < 6)
		errx(2, "not FROM,TO,ADDRESS,PORT[,LATER]: %s", arg);
}

int main(int argc, char **argv)
{
	int status = 0, failed = 0, opt;
	long origin;

	while ((opt = getopt(argc, argv, "s:t:w:c:g:")) != -1) {
		switch (opt) {
		case 's':
			octets = atol(optarg);
			break;
		case 't':
			seconds = atof(optarg);
			break;
		case 'w':
			warm_up = atof(optarg);
			break;
		case 'c':
			control = optarg;
			break;
		case 'g':
			give_up = atoi(optarg);
			break;
		default:
			return 2;
		}
	}
	count = argc - optind;
	if (count < 1)
		errx(2, "usage: flow [OPTIONS] FROM,TO,ADDRESS,PORT[,LATER]...");
	flows = mmap(NULL, count * sizeof(*flows), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (flows == MAP_FAILED)
		err(1, "mmap");
	make_pattern();
	for (int i = 0; i < count; i++) {
		take_flow(argv[optind + i], &flows[i]);
		in_process(receive_flow, &flows[i]);
	}
	/* No flow before all can be received */
	for (int i = 0; i < count; i++) {
		while (!flows[i].listening) {
			usleep(1000);
			if (waitpid(-1, &status, WNOHANG) > 0)
				errx(1, "a receiver ended early");
		}
	}
	origin = now_us();
	for (int i = 0; i < count; i++)
		flows[i].origin = origin;
	for (int i = 0; i < count; i++)
		in_process(send_flow, &flows[i]);
	while (wait(&status) > 0)
		failed |= status;
	for (int i = 0; i < count; i++)
		failed |= !show(&flows[i]);
	return !!failed;
}
