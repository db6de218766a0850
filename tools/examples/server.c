// SPDX-License-Identifier: GPL-2.0
/* An echo server, one client after the other: server [PORT] */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <linux/mini.h>

int main(int argc, char **argv)
{
	struct sockaddr_in addr = { .sin_family = AF_INET }, peer;
	int on = 1, fd = socket(AF_MINI, SOCK_STREAM, 0);

	addr.sin_port = htons(argc > 1 ? atoi(argv[1]) : 7);
	if (fd < 0)
		err(1, "socket");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)))
		err(1, "SO_REUSEADDR");
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
		err(1, "bind");
	if (listen(fd, 8))
		err(1, "listen");
	for (;;) {
		socklen_t len = sizeof(peer);
		int client = accept(fd, (struct sockaddr *)&peer, &len);
		char buf[4096];
		ssize_t n;

		if (client < 0)
			err(1, "accept");
		printf("%s:%u\n", inet_ntoa(peer.sin_addr), ntohs(peer.sin_port));
		while ((n = read(client, buf, sizeof(buf))) > 0)
			if (write(client, buf, n) != n)
				break;
		close(client);
	}
}
