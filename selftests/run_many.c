// SPDX-License-Identifier: GPL-2.0
/*
 * Many socket() calls: whether all succeed, and whether as many descriptors
 * are there afterwards as were returned.
 *
 *	run_many threads THREADS CALLS		at the same time
 *	run_many signals restart|interrupt CALLS	under a storm of signals
 *	run_many cost CALLS			what one costs, in nanoseconds
 */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define BATCH	1000	/* sockets kept at a time, under signals */

static int calls;
static int domain;
static int succeeded, failed, interrupted;
static volatile sig_atomic_t signals;
static pthread_barrier_t start;

static int domain_of(int fd)
{
	socklen_t len = sizeof(int);
	int is = -1;

	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &is, &len);
	return is;
}

static int count_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int n = 0;

	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void count(int fd)
{
	if (fd >= 0 && domain_of(fd) == domain)
		__atomic_add_fetch(&succeeded, 1, __ATOMIC_RELAXED);
	else if (fd < 0 && errno == EINTR)
		__atomic_add_fetch(&interrupted, 1, __ATOMIC_RELAXED);
	else
		__atomic_add_fetch(&failed, 1, __ATOMIC_RELAXED);
}

static void *thread(void *arg)
{
	pthread_barrier_wait(&start);
	for (int i = 0; i < calls; i++)
		count(socket(AF_INET, i % 2 ? SOCK_STREAM : SOCK_DGRAM, 0));
	return arg;
}

static void run_threads(int n)
{
	struct rlimit limit = { n * calls + 100, n * calls + 100 };
	pthread_t *ids = calloc(n, sizeof(*ids));
	int before;

	setrlimit(RLIMIT_NOFILE, &limit);
	pthread_barrier_init(&start, NULL, n);
	before = count_fds();
	for (int i = 0; i < n; i++)
		if (pthread_create(&ids[i], NULL, thread, NULL))
			exit(1);
	for (int i = 0; i < n; i++)
		pthread_join(ids[i], NULL);
	printf("%d succeeded %d failed %d descriptors\n", succeeded,
	       failed + interrupted, count_fds() - before);
}

static void on_signal(int signal)
{
	(void)signal;
	signals++;
}

/*
 * Until enough calls and signals have been.  What was opened is closed from
 * time to time; the descriptors that are too many stay.
 */
static void run_signals(bool restart)
{
	const struct sigaction action = {
		.sa_handler = on_signal,
		.sa_flags = restart ? SA_RESTART : 0,
	};
	const struct itimerval often = { { 0, 1000 }, { 0, 1000 } };
	const struct itimerval never = { { 0, 0 }, { 0, 0 } };
	int fds[BATCH], n = 0, before = count_fds();

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	for (int i = 0; i < calls || signals < 100; i++) {
		fds[n] = socket(AF_INET, SOCK_STREAM, 0);
		count(fds[n]);
		if (fds[n] >= 0 && ++n == BATCH)
			while (n)
				close(fds[--n]);
	}
	setitimer(ITIMER_REAL, &never, NULL);
	while (n)
		close(fds[--n]);
	printf("%d failed %d too many\n", failed, count_fds() - before);
	fprintf(stderr, "# %d sockets, %d signals, %d EINTR\n", succeeded,
		signals, interrupted);
	exit(restart && interrupted);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static double cost_of(int family)
{
	double from = now();

	for (int i = 0; i < calls; i++)
		close(socket(family, SOCK_STREAM, 0));
	return (now() - from) / calls;
}

static double cost_of_getppid(void)
{
	double from = now();

	for (int i = 0; i < calls; i++)
		syscall(SYS_getppid);
	return (now() - from) / calls;
}

static void run_cost(void)
{
	cost_of(AF_INET);
	printf("AF_INET %.0f AF_UNIX %.0f getppid %.0f\n", cost_of(AF_INET),
	       cost_of(AF_UNIX), cost_of_getppid());
}

int main(int argc, char **argv)
{
	if (argc < 3) {
		fprintf(stderr, "run_many: threads N CALLS, signals HOW CALLS, cost CALLS\n");
		return 2;
	}
	domain = domain_of(socket(AF_INET, SOCK_STREAM, 0));
	calls = atoi(argv[argc - 1]);
	if (!strcmp(argv[1], "threads"))
		run_threads(atoi(argv[2]));
	else if (!strcmp(argv[1], "signals"))
		run_signals(!strcmp(argv[2], "restart"));
	else
		run_cost();
	return 0;
}
