// SPDX-License-Identifier: GPL-2.0
/*
 * transfer inet|mini send ADDRESS PORT < data
 * transfer inet|mini receive ADDRESS PORT > data
 * transfer generate OCTETS > data
 *
 * One connection, one direction.  The sender tries until somebody listens, and
 * ends only when the receiver has read everything and closed, so that success
 * means that it arrived.
 */
#include <err.h>

#include "calls.h"

#define TRIES_MS 60000

static char buf[256 * 1024];

static void write_all(int fd, const char *data, ssize_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n < 0)
			err(1, "write");
		data += n;
		len -= n;
	}
}

static void copy(int from, int to)
{
	ssize_t n;

	while ((n = read(from, buf, sizeof(buf))) > 0)
		write_all(to, buf, n);
	if (n < 0)
		err(1, "read");
}

static void do_send(int family, const char *address, int port)
{
	long end = now_ms() + TRIES_MS;
	char byte;
	int fd;

	for (;;) {
		fd = tcp_socket(family);
		if (fd < 0)
			err(1, "socket");
		if (!connect_to(fd, address, port))
			break;
		/* Not there yet: its program, its address, its machine. */
		if ((errno != ECONNREFUSED && errno != EHOSTUNREACH) ||
		    now_ms() > end)
			err(1, "connect");
		close(fd);
		usleep(20000);
	}
	copy(0, fd);
	if (shutdown(fd, SHUT_WR))
		err(1, "shutdown");
	if (read(fd, &byte, 1))
		err(1, "the receiver did not close");
}

static void do_receive(int family, const char *address, int port)
{
	int fd = tcp_socket(family), conn;

	set_int(fd, SOL_SOCKET, SO_REUSEADDR, 1);
	if (fd < 0 || bind_to(fd, address, port) || listen(fd, 1))
		err(1, "listen");
	conn = accept(fd, NULL, NULL);
	if (conn < 0)
		err(1, "accept");
	copy(conn, 1);
}

/* Without pattern: a piece in the wrong place cannot pass for the right one. */
static void do_generate(long long octets)
{
	uint64_t x = 88172645463325252ull;

	while (octets > 0) {
		size_t n = octets < (long long)sizeof(buf) ? octets :
			   (long long)sizeof(buf);

		for (size_t i = 0; i < sizeof(buf); i += sizeof(x)) {
			x ^= x << 13;
			x ^= x >> 7;
			x ^= x << 17;
			memcpy(buf + i, &x, sizeof(x));
		}
		write_all(1, buf, n);
		octets -= n;
	}
}

int main(int argc, char **argv)
{
	int family;

	signal(SIGPIPE, SIG_IGN);
	if (argc == 3 && !strcmp(argv[1], "generate")) {
		do_generate(atoll(argv[2]));
		return 0;
	}
	if (argc != 5)
		errx(2, "usage: transfer inet|mini send|receive ADDRESS PORT");
	family = family_by_name(argv[1]);
	if (family < 0)
		errx(1, "mini.ko is not loaded");
	if (!strcmp(argv[2], "send"))
		do_send(family, argv[3], atoi(argv[4]));
	else
		do_receive(family, argv[3], atoi(argv[4]));
	return 0;
}
