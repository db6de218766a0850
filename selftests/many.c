// SPDX-License-Identifier: GPL-2.0
/*
 * many inet|mini serve ADDRESS PORT COUNT
 * many inet|mini connect ADDRESS PORT COUNT
 *
 * COUNT connections at the same time, by epoll: the server answers nobody
 * before all of them are there, the client closes none before all of them are
 * answered.  Each carries a message of its own.
 */
#include <err.h>

#include "calls.h"

#define MESSAGE		512
#define GIVE_UP_MS	120000

struct peer {
	int fd;
	size_t in;
	size_t out;
	unsigned char data[MESSAGE];
};

static struct peer *peers;
static int count;
static int ep;

static void fill(unsigned char *data, int number)
{
	for (int i = 0; i < MESSAGE; i++)
		data[i] = number * 31 + i * (number % 7 + 1);
}

static void watch(int fd, void *data, unsigned int events, int op)
{
	struct epoll_event ev = { .events = events, .data.ptr = data };

	if (epoll_ctl(ep, op, fd, &ev))
		err(1, "epoll_ctl");
}

static struct peer *next_peer(unsigned int *events)
{
	struct epoll_event ev;

	if (epoll_wait(ep, &ev, 1, GIVE_UP_MS) != 1)
		errx(1, "nothing happened for %d s", GIVE_UP_MS / 1000);
	*events = ev.events;
	return ev.data.ptr;
}

/* True when all of it has gone. */
static bool put_message(struct peer *p)
{
	ssize_t n = send(p->fd, p->data + p->out, MESSAGE - p->out,
			 MSG_NOSIGNAL);

	if (n < 0 && errno != EAGAIN)
		err(1, "send");
	p->out += n > 0 ? n : 0;
	return p->out == MESSAGE;
}

static bool get_message(struct peer *p, unsigned char *to)
{
	ssize_t n = recv(p->fd, to + p->in, MESSAGE - p->in, 0);

	if (!n)
		errx(1, "a connection ended early");
	if (n < 0 && errno != EAGAIN)
		err(1, "recv");
	p->in += n > 0 ? n : 0;
	return p->in == MESSAGE;
}

static void accept_all(int listener)
{
	for (int i = 0; i < count; i++) {
		if (poll_for(listener, POLLIN, GIVE_UP_MS) != POLLIN)
			errx(1, "%d of %d connections came", i, count);
		peers[i].fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
		if (peers[i].fd < 0)
			err(1, "accept %d", i);
	}
}

static void serve(int family, const char *address, int port)
{
	int listener = tcp_socket(family);
	unsigned int events;
	int open = count;
	char byte;

	set_int(listener, SOL_SOCKET, SO_REUSEADDR, 1);
	if (bind_to(listener, address, port) || listen(listener, count))
		err(1, "listen");
	accept_all(listener);
	for (int i = 0; i < count; i++)
		watch(peers[i].fd, &peers[i], EPOLLIN, EPOLL_CTL_ADD);
	while (open) {
		struct peer *p = next_peer(&events);

		if (p->out == MESSAGE) {
			/* Answered: now it is for the client to close. */
			if (recv(p->fd, &byte, 1, 0))
				err(1, "not closed by the client");
			close(p->fd);
			open--;
		} else if (p->in == MESSAGE || get_message(p, p->data)) {
			watch(p->fd, p, put_message(p) ? EPOLLIN : EPOLLOUT,
			      EPOLL_CTL_MOD);
		}
	}
}

static void check_answer(int number, const unsigned char *answer)
{
	if (memcmp(answer, peers[number].data, MESSAGE))
		errx(1, "connection %d got the answer of another", number);
}

static void start_one(struct peer *p, int family, const char *address,
		      int port)
{
	p->fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
	if (p->fd < 0)
		err(1, "socket");
	if (connect_to(p->fd, address, port) && errno != EINPROGRESS)
		err(1, "connect");
	watch(p->fd, p, EPOLLOUT, EPOLL_CTL_ADD);
}

static void connect_all(int family, const char *address, int port)
{
	unsigned char (*answers)[MESSAGE] = calloc(count, MESSAGE);
	unsigned int events;
	int open = count;

	for (int i = 0; i < count; i++) {
		fill(peers[i].data, i);
		start_one(&peers[i], family, address, port);
	}
	while (open) {
		struct peer *p = next_peer(&events);
		int number = p - peers;
		int error = so_error(p->fd);

		if (error)
			errx(1, "connection %d: %s", number, strerror(error));
		if (p->out < MESSAGE) {
			if (put_message(p))
				watch(p->fd, p, EPOLLIN, EPOLL_CTL_MOD);
		} else if (get_message(p, answers[number])) {
			check_answer(number, answers[number]);
			watch(p->fd, p, 0, EPOLL_CTL_MOD);
			open--;
		}
	}
	for (int i = 0; i < count; i++)
		close(peers[i].fd);
	free(answers);
}

int main(int argc, char **argv)
{
	int family;

	if (argc != 6)
		errx(2, "usage: many inet|mini serve|connect ADDRESS PORT COUNT");
	family = family_by_name(argv[1]);
	if (family < 0)
		errx(1, "mini.ko is not loaded");
	count = atoi(argv[5]);
	peers = calloc(count, sizeof(*peers));
	ep = epoll_create1(0);
	if (!peers || ep < 0)
		err(1, "start");
	if (!strcmp(argv[2], "serve"))
		serve(family, argv[3], atoi(argv[4]));
	else
		connect_all(family, argv[3], atoi(argv[4]));
	return 0;
}
