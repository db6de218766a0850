// SPDX-License-Identifier: GPL-2.0
/*
 * congctl inet|mini send ADDRESS PORT MS INTERVAL [CONTROL]
 * congctl inet|mini receive ADDRESS PORT
 *
 * One connection, whose sender writes for MS milliseconds, with the congestion
 * control of that name if there is one.  Each INTERVAL milliseconds, if it is
 * not 0, it prints a line: ms, cwnd and ssthresh in segments, round trip in us,
 * segments sent again.  Both print a line at the end, "control NAME ...".
 */
#include <err.h>

#include "calls.h"

/* Where the kernel's struct tcp_info, larger than libc's, has it. */
#define DELIVERED_CE	196

static char buf[65536];

static void print_end(int fd, long long octets)
{
	struct tcp_info info = {};
	char name[16] = {};
	char all[256] = {};
	uint32_t ce;
	socklen_t len;

	len = sizeof(name);
	if (getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &len))
		err(1, "TCP_CONGESTION");
	len = sizeof(all);
	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, all, &len))
		err(1, "TCP_INFO");
	memcpy(&info, all, sizeof(info));
	memcpy(&ce, all + DELIVERED_CE, sizeof(ce));
	printf("control %s octets %lld retrans %u ecn %d seen %d ce %u\n",
	       name, octets, info.tcpi_total_retrans,
	       !!(info.tcpi_options & TCPI_OPT_ECN),
	       !!(info.tcpi_options & TCPI_OPT_ECN_SEEN), ce);
}

static void print_now(int fd, long ms)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len))
		err(1, "TCP_INFO");
	printf("%ld %u %u %u %u\n", ms, info.tcpi_snd_cwnd,
	       info.tcpi_snd_ssthresh, info.tcpi_rtt, info.tcpi_total_retrans);
}

static void do_send(int family, const char *address, int port, long ms,
		    long interval, const char *control)
{
	struct pollfd p = { .events = POLLOUT };
	long begun, now, next = 0;
	long long octets = 0;
	ssize_t n;
	int fd;

	fd = tcp_socket(family);
	if (fd < 0)
		err(1, "socket");
	if (control && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, control,
				  strlen(control)))
		err(1, "TCP_CONGESTION %s", control);
	if (connect_to(fd, address, port))
		err(1, "connect");
	fcntl(fd, F_SETFL, O_NONBLOCK);
	p.fd = fd;
	begun = now_ms();
	while ((now = now_ms() - begun) < ms) {
		if (interval && now >= next) {
			print_now(fd, now);
			next += interval;
		}
		n = write(fd, buf, sizeof(buf));
		if (n < 0 && errno != EAGAIN)
			err(1, "write");
		if (n < 0)
			poll(&p, 1, 5);
		else
			octets += n;
	}
	fcntl(fd, F_SETFL, 0);
	shutdown(fd, SHUT_WR);
	if (read(fd, buf, 1) < 0)
		err(1, "read");
	print_end(fd, octets);
}

static void do_receive(int family, const char *address, int port)
{
	long long octets = 0;
	ssize_t n;
	int lfd, fd;

	lfd = tcp_socket(family);
	if (lfd < 0 || bind_to(lfd, address, port) || listen(lfd, 1))
		err(1, "listen");
	fd = accept(lfd, NULL, NULL);
	if (fd < 0)
		err(1, "accept");
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		octets += n;
	if (n < 0)
		err(1, "read");
	print_end(fd, octets);
}

int main(int argc, char **argv)
{
	int family;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 5)
		errx(2, "usage: congctl inet|mini send|receive ADDRESS PORT ...");
	family = family_by_name(argv[1]);
	if (family < 0)
		errx(1, "no family %s", argv[1]);
	if (argc >= 7 && !strcmp(argv[2], "send"))
		do_send(family, argv[3], atoi(argv[4]), atol(argv[5]),
			atol(argv[6]), argc > 7 ? argv[7] : NULL);
	else if (!strcmp(argv[2], "receive"))
		do_receive(family, argv[3], atoi(argv[4]));
	else
		errx(2, "send or receive");
	return 0;
}
