// SPDX-License-Identifier: GPL-2.0
/* Say a line to an echo server, print what comes back: client ADDRESS PORT LINE */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/mini.h>

int main(int argc, char **argv)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	char buf[4096];
	ssize_t n;
	int fd;

	if (argc != 4 || !inet_aton(argv[1], &addr.sin_addr))
		errx(2, "usage: client ADDRESS PORT LINE");
	addr.sin_port = htons(atoi(argv[2]));
	fd = socket(AF_MINI, SOCK_STREAM, 0);
	if (fd < 0)
		err(1, "socket");
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)))
		err(1, "connect");
	if (write(fd, argv[3], strlen(argv[3])) < 0)
		err(1, "write");
	if (shutdown(fd, SHUT_WR))
		err(1, "shutdown");
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		fwrite(buf, 1, n, stdout);
	if (n < 0)
		err(1, "read");
	return putchar('\n') == EOF;
}
