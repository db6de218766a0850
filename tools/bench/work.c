// SPDX-License-Identifier: GPL-2.0
/*
 * work [OPTIONS] WORK - measure what two sockets do with each other
 *
 * Does the same with AF_MINI, AF_INET and AF_UNIX, and prints how much of it
 * was done in a second.  The works are in the table at the end.
 */
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "work.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#endif

char buffer[1 << 20];
uint64_t done;
struct options opt = {
	.family = AF_INET, .address = "127.0.0.1", .dir = "/tmp",
	.warm_ms = 50, .ms = 200, .count = 1, .bytes = 1,
};

static volatile sig_atomic_t stop;
static struct signal_pipe ready, token;
static int sock, sock2;

static void on_alarm(int sig)
{
	(void)sig;
	stop = 1;
}

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* Do it again and again for so long; what was done in a second. */
static double rate_for(void (*op)(void), unsigned int ms)
{
	struct itimerval timer = {
		.it_value = { ms / 1000, ms % 1000 * 1000 },
	};
	uint64_t before = done;
	double start;

	stop = 0;
	if (setitimer(ITIMER_REAL, &timer, NULL))
		err(1, "setitimer");
	start = now();
	while (!stop)
		op();
	return (done - before) / (now() - start);
}

/* rate - what was done in a second, after some time that does not count */
double rate(void (*op)(void))
{
	rate_for(op, opt.warm_ms);
	return rate_for(op, opt.ms);
}

/* The other side, in its namespace and before this one goes on */
static void start(void (*body)(const char *netns), const char *netns)
{
	pipe_open(&ready);
	pipe_open(&token);
	child(body, netns);
	pipe_wait(&ready);
}

/* rr: a message there, one back */
static void rr_server(const char *netns)
{
	int listener, fd;

	enter(netns);
	listener = listen_on(FIRST_PORT);
	pipe_tell(&ready);
	fd = accept_one(listener);
	no_delay(fd);
	for (;;) {
		read_all(fd, opt.bytes);
		write_all(fd, opt.bytes);
	}
}

static void rr_once(void)
{
	write_all(sock, opt.bytes);
	read_all(sock, opt.bytes);
	done++;
}

static double rr(void)
{
	start(rr_server, opt.far);
	enter(opt.near);
	sock = connect_to(FIRST_PORT, true);
	no_delay(sock);
	return rate(rr_once);
}

/* crr: connect, a byte there, one back, close */
static void crr_server(const char *netns)
{
	int listener, fd;

	enter(netns);
	listener = listen_on(FIRST_PORT);
	pipe_tell(&ready);
	for (;;) {
		fd = accept_one(listener);
		read_all(fd, 1);
		write_all(fd, 1);
		close(fd);
	}
}

static void crr_once(void)
{
	int fd = connect_to(FIRST_PORT, true);

	write_all(fd, 1);
	read_all(fd, 1);
	close(fd);
	done++;
}

static double crr(void)
{
	start(crr_server, opt.far);
	enter(opt.near);
	return rate(crr_once);
}

/* storm: many connect at once, before any is accepted; then all close */
static void storm_client(const char *netns)
{
	struct pollfd *fds = calloc(opt.count, sizeof(*fds));

	if (!fds)
		err(1, "calloc");
	enter(netns);
	pipe_tell(&ready);
	for (;;) {
		pipe_wait(&token);
		for (unsigned int i = 0; i < opt.count; i++) {
			fds[i].fd = connect_to(FIRST_PORT, false);
			fds[i].events = POLLOUT;
		}
		for (unsigned int i = 0; i < opt.count; i++)
			if (poll(&fds[i], 1, -1) != 1 || fds[i].revents != POLLOUT)
				errx(1, "no connection %u", i);
		pipe_tell(&ready);
		pipe_wait(&token);
		for (unsigned int i = 0; i < opt.count; i++)
			close(fds[i].fd);
	}
}

static void storm_once(void)
{
	static int fds[4096];

	pipe_tell(&token);
	pipe_wait(&ready);
	for (unsigned int i = 0; i < opt.count; i++)
		fds[i] = accept_one(sock);
	pipe_tell(&token);
	for (unsigned int i = 0; i < opt.count; i++)
		close(fds[i]);
	done += opt.count;
}

static double storm(void)
{
	if (opt.count > 4096)
		errx(1, "no more than 4096 at once");
	enter(opt.far);
	sock = listen_on(FIRST_PORT);
	start(storm_client, opt.near);
	return rate(storm_once);
}

/* bulk: write as fast as it goes, 128 KB at a time; what arrives is counted */
static void bulk_sender(const char *netns)
{
	int fd;

	enter(netns);
	fd = connect_to(FIRST_PORT, true);
	pipe_tell(&ready);
	for (;;)
		write_all(fd, 128 << 10);
}

static void bulk_once(void)
{
	ssize_t n = read(sock, buffer, 128 << 10);

	if (n <= 0 && errno != EINTR)
		err(1, "read gave %zd", n);
	done += n;
}

static void bulk_many_once(void)
{
	struct epoll_event events[64];
	int n = epoll_wait(sock2, events, 64, -1);

	for (int i = 0; i < n; i++) {
		sock = events[i].data.fd;
		bulk_once();
	}
}

static double bulk(void)
{
	int listener;

	enter(opt.far);
	listener = listen_on(FIRST_PORT);
	if (opt.count > 1)
		sock2 = epoll_create1(EPOLL_CLOEXEC);
	for (unsigned int i = 0; i < opt.count; i++) {
		struct epoll_event event = { .events = EPOLLIN };

		start(bulk_sender, opt.near);
		sock = accept_one(listener);
		event.data.fd = sock;
		if (opt.count > 1 &&
		    epoll_ctl(sock2, EPOLL_CTL_ADD, sock, &event))
			err(1, "epoll_ctl");
	}
	return rate(opt.count > 1 ? bulk_many_once : bulk_once) * 8 / 1e6;
}

/* udprr: a datagram there, one back */
static void udprr_server(const char *netns)
{
	struct sockaddr_storage from;
	socklen_t len;
	ssize_t n;
	int fd;

	enter(netns);
	fd = bound_datagram(FIRST_PORT);
	pipe_tell(&ready);
	for (;;) {
		len = sizeof(from);
		n = recvfrom(fd, buffer, sizeof(buffer), 0,
			     (struct sockaddr *)&from, &len);
		if (n < 0 || sendto(fd, buffer, n, 0,
				    (struct sockaddr *)&from, len) != n)
			err(1, "echo");
	}
}

static void udprr_once(void)
{
	if (send(sock, buffer, opt.bytes, 0) != (ssize_t)opt.bytes ||
	    recv(sock, buffer, sizeof(buffer), 0) != (ssize_t)opt.bytes)
		err(1, "datagram");
	done++;
}

static double udprr(void)
{
	start(udprr_server, opt.far);
	enter(opt.near);
	sock = connected_datagram(FIRST_PORT);
	return rate(udprr_once);
}

/*
 * dgram: so many datagrams one after another, and when all have been read the
 * next: none is lost, so that each is paid from end to end.  With segment, one
 * call sends them all.
 */
static bool segment;

static void dgram_sender(const char *netns)
{
	size_t all = (size_t)opt.count * opt.bytes;
	int fd, size = opt.bytes;

	enter(netns);
	fd = connected_datagram(FIRST_PORT);
	if (segment && setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)))
		err(1, "UDP_SEGMENT");
	pipe_tell(&ready);
	for (;;) {
		if (segment && send(fd, buffer, all, 0) != (ssize_t)all)
			err(1, "send");
		for (unsigned int i = 0; !segment && i < opt.count; i++)
			if (send(fd, buffer, opt.bytes, 0) != (ssize_t)opt.bytes)
				err(1, "send");
		pipe_wait(&token);
	}
}

static void dgram_once(void)
{
	for (unsigned int i = 0; i < opt.count; i++)
		if (recv(sock, buffer, sizeof(buffer), 0) != (ssize_t)opt.bytes)
			err(1, "recv");
	done += opt.count;
	pipe_tell(&token);
}

static double dgram(void)
{
	enter(opt.far);
	sock = bound_datagram(FIRST_PORT);
	start(dgram_sender, opt.near);
	return rate(dgram_once);
}

static double gso(void)
{
	segment = true;
	return dgram();
}

static const struct {
	const char *name;
	double (*measure)(void);
	const char *what;
} works[] = {
	{ "rr", rr, "-b bytes there and back, exchanges" },
	{ "crr", crr, "connect, a byte there and back, close" },
	{ "storm", storm, "-n connections at once, accepted later" },
	{ "bulk", bulk, "-n flows of 128 KB writes, Mbit" },
	{ "udprr", udprr, "datagrams of -b bytes there and back" },
	{ "dgram", dgram, "-n datagrams of -b bytes and again, datagrams" },
	{ "gso", gso, "the same by UDP_SEGMENT" },
};

static void usage(void)
{
	fputs("Usage: work [OPTIONS] WORK\n"
	      "  -f mini|inet|unix  -c NETNS of what connects  -s NETNS of what listens\n"
	      "  -a ADDRESS there   -d DIRECTORY for AF_UNIX   -w, -t MS before, while measured\n"
	      "  -n COUNT           -b BYTES\n", stderr);
	for (size_t i = 0; i < sizeof(works) / sizeof(*works); i++)
		fprintf(stderr, "%-6s %s a second\n", works[i].name, works[i].what);
	fputs("idle   -n connections: bytes of slab and of pages for each\n", stderr);
	exit(2);
}

static void parse(int argc, char **argv)
{
	int c;

	while ((c = getopt(argc, argv, "f:c:s:a:d:w:t:n:b:")) != -1) {
		switch (c) {
		case 'f':
			opt.family = !strcmp(optarg, "mini") ? AF_MINI :
				     !strcmp(optarg, "unix") ? AF_UNIX : AF_INET;
			break;
		case 'c':
			opt.near = optarg;
			break;
		case 's':
			opt.far = optarg;
			break;
		case 'a':
			opt.address = optarg;
			break;
		case 'd':
			opt.dir = optarg;
			break;
		case 'w':
			opt.warm_ms = atoi(optarg);
			break;
		case 't':
			opt.ms = atoi(optarg);
			break;
		case 'n':
			opt.count = atoi(optarg);
			break;
		case 'b':
			opt.bytes = atoi(optarg);
			break;
		default:
			usage();
		}
	}
	if (argc != optind + 1 || !opt.count || !opt.ms || !opt.bytes ||
	    opt.bytes > sizeof(buffer))
		usage();
}

int main(int argc, char **argv)
{
	struct sigaction action = {
		.sa_handler = on_alarm, .sa_flags = SA_RESTART,
	};
	double result;

	parse(argc, argv);
	if (!strcmp(argv[optind], "idle"))
		return idle();
	sigaction(SIGALRM, &action, NULL);
	for (size_t i = 0; i < sizeof(works) / sizeof(*works); i++) {
		if (strcmp(argv[optind], works[i].name))
			continue;
		result = works[i].measure();
		end_children();
		printf("%.1f\n", result);
		return 0;
	}
	usage();
}
