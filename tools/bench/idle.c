// SPDX-License-Identifier: GPL-2.0
/*
 * work: what connections cost that do nothing.
 *
 * Both ends are held by this process, since only the kernel's memory counts.
 * Prints, for a connection, what the kernel's slabs and its pages have grown
 * by, and holds them until standard input ends.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "work.h"

/* A port can be that of so many connections from one address only. */
#define PORTS	16

struct memory {
	long slab;		/* kbytes in slabs */
	long used;		/* kbytes neither free nor of files */
};

static long field(const char *text, const char *name)
{
	const char *at = strstr(text, name);

	if (!at)
		errx(1, "/proc/meminfo has no %s", name);
	return atol(at + strlen(name));
}

static struct memory memory_now(void)
{
	struct timespec settle = { .tv_nsec = 300000000 };
	char text[8192];
	ssize_t n;
	int fd;

	/* What waits for RCU is freed soon. */
	nanosleep(&settle, NULL);
	fd = open("/proc/sys/vm/drop_caches", O_WRONLY);
	if (fd < 0 || write(fd, "3", 1) != 1)
		warn("drop_caches");
	close(fd);
	nanosleep(&settle, NULL);
	fd = open("/proc/meminfo", O_RDONLY);
	n = read(fd, text, sizeof(text) - 1);
	if (n <= 0)
		err(1, "/proc/meminfo");
	close(fd);
	text[n] = '\0';
	return (struct memory) {
		.slab = field(text, "\nSlab:"),
		.used = field(text, "MemTotal:") - field(text, "\nMemFree:") -
			field(text, "\nCached:") - field(text, "\nBuffers:"),
	};
}

/* The table of descriptors is as large as it will be. */
static void room_for(unsigned int files)
{
	struct rlimit limit = { .rlim_cur = files + 64, .rlim_max = files + 64 };

	if (setrlimit(RLIMIT_NOFILE, &limit))
		err(1, "room for %u files", files);
	if (dup2(0, files + 32) < 0)
		err(1, "dup2");
	close(files + 32);
}

int idle(void)
{
	struct memory before, after;
	int listener[PORTS];
	char c;

	room_for(2 * opt.count);
	enter(opt.far);
	for (unsigned int i = 0; i < PORTS; i++)
		listener[i] = listen_on(FIRST_PORT + 100 + i);
	enter(opt.near);
	before = memory_now();
	for (unsigned int i = 0; i < opt.count; i++) {
		connect_to(FIRST_PORT + 100 + i % PORTS, true);
		accept_one(listener[i % PORTS]);
	}
	after = memory_now();
	printf("%.0f %.0f\n", 1024. * (after.slab - before.slab) / opt.count,
	       1024. * (after.used - before.used) / opt.count);
	fflush(stdout);
	while (read(0, &c, 1) > 0)
		;
	return 0;
}
