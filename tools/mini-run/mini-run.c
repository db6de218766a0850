// SPDX-License-Identifier: GPL-2.0
/*
 * mini-run: run a program that knows nothing of AF_MINI on AF_MINI.
 *
 *	mini-run ----------- filter, exec ----------> the program
 *	    \                  |
 *	     fork, fork        | "socket(AF_INET, ...)?"
 *	      \                v
 *	       supervisor: socket(AF_MINI, ...), ADDFD
 *
 * mini-run itself becomes the program, and its grandchild the supervisor.  So
 * there is nothing to pass on: signals, job control, the terminal and the exit
 * status are the program's own, and the program has no child it did not fork.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/mini.h>

#include "mini-run.h"

#define VERSION "0.1"
#define FAMILY_FILE "/sys/module/mini/parameters/family"

static const char usage[] =
	"Usage: mini-run [-v] [--] PROGRAM [ARGUMENT...]\n"
	"\n"
	"Run PROGRAM so that its IPv4 TCP and UDP sockets are AF_MINI's.\n"
	"\n"
	"  -v, --verbose    say on standard error what became of each socket()\n"
	"      --family N   the number of AF_MINI, instead of the module's own\n"
	"  -V, --version    -h, --help\n";

void complain(const char *fmt, ...)
{
	char line[512];
	va_list ap;

	/* One write: the program may be writing there as well. */
	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	dprintf(STDERR_FILENO, "mini-run: %s\n", line);
}

void die(const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	complain("%s", line);
	_exit(EXIT_OURSELVES);
}

static int read_family(void)
{
	FILE *f = fopen(FAMILY_FILE, "re");
	int family = -1;

	if (f) {
		if (fscanf(f, "%d", &family) != 1)
			family = -1;
		fclose(f);
	}
	return family;
}

static int find_family(void)
{
	int family = read_family();
	int fd;

	if (family < 0) {
		/* An installed module is loaded by the first who asks. */
		fd = socket(AF_MINI, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (fd >= 0)
			close(fd);
		family = read_family();
	}
	if (family < 0)
		die("the module is not loaded (modprobe mini)");
	return family;
}

static int parse_family(const char *word)
{
	unsigned long n;
	char *end;

	n = strtoul(word, &end, 10);
	if (*word < '0' || *word > '9' || *end || n > 255)
		die("\"%s\" is not the number of an address family", word);
	return n;
}

static int send_fd(int via, int fd)
{
	char byte = 0, control[CMSG_SPACE(sizeof(fd))] = { 0 };
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

	cmsg->cmsg_level = SOL_SOCKET;
	cmsg->cmsg_type = SCM_RIGHTS;
	cmsg->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	return sendmsg(via, &msg, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

static int receive_fd(int via)
{
	char byte, control[CMSG_SPACE(sizeof(int))];
	struct iovec iov = { .iov_base = &byte, .iov_len = 1 };
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	struct cmsghdr *cmsg;
	int fd;

	if (recvmsg(via, &msg, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg || cmsg->cmsg_type != SCM_RIGHTS)
		return -1;
	memcpy(&fd, CMSG_DATA(cmsg), sizeof(fd));
	return fd;
}

/* Does not return: becomes the supervisor, or ends if none is needed. */
static void become_supervisor(struct supervisor *s)
{
	s->listener = receive_fd(s->starter);
	if (s->listener < 0)
		_exit(EXIT_SUCCESS);
	supervise(s);
}

/* The grandchild belongs to init, not to the program. */
static void start_supervisor(struct supervisor *s, int ours, int theirs)
{
	pid_t pid = fork();
	int status;

	if (pid < 0)
		die("cannot fork: %s", strerror(errno));
	if (!pid) {
		pid = fork();
		if (pid < 0)
			die("cannot fork: %s", strerror(errno));
		if (pid)
			_exit(EXIT_SUCCESS);
		close(ours);
		s->starter = theirs;
		become_supervisor(s);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			die("cannot start the supervisor: %s", strerror(errno));
	if (status)
		_exit(EXIT_OURSELVES);
	close(theirs);
}

/* Whether our own sockets are AF_MINI's already: mini-run in mini-run. */
static bool nested(int family)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof(int);
	int domain = -1;

	if (fd < 0)
		return false;
	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	close(fd);
	return domain == family && family != AF_INET;
}

/* The numbers under /proc must be those that the kernel will tell us. */
static int open_proc(void)
{
	int fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char pid[32] = "";

	if (fd < 0 || readlinkat(fd, "self", pid, sizeof(pid) - 1) < 0)
		die("/proc is not mounted");
	if (atoi(pid) != getpid())
		die("/proc is that of another PID namespace");
	return fd;
}

static void redirect_sockets(struct supervisor *s)
{
	int listener, pair[2];
	char byte;

	s->proc = open_proc();
	s->program = syscall(SYS_pidfd_open, getpid(), 0);
	if (s->program < 0)
		die("cannot watch the program: %s", strerror(errno));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		die("cannot make a socket pair: %s", strerror(errno));
	start_supervisor(s, pair[0], pair[1]);
	listener = filter_install();
	if (listener < 0 && errno == EBUSY && nested(s->family)) {
		close(pair[0]);
	} else if (listener < 0 && errno == EBUSY) {
		die("another supervisor watches these system calls already (a container's?)");
	} else if (listener < 0) {
		die("cannot install the seccomp filter: %s", strerror(errno));
	} else {
		if (send_fd(pair[0], listener) || read(pair[0], &byte, 1) != 1)
			die("the supervisor does not answer");
		close(listener);
		close(pair[0]);
	}
	close(s->program);
	close(s->proc);
}

int main(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "verbose", no_argument, NULL, 'v' },
		{ "family", required_argument, NULL, 'f' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct supervisor s = { .family = -1 };
	int c;

	while ((c = getopt_long(argc, argv, "+vVh", longs, NULL)) != -1)
		switch (c) {
		case 'v':
			s.verbose = true;
			break;
		case 'f':
			s.family = parse_family(optarg);
			break;
		case 'V':
			puts("mini-run " VERSION);
			return EXIT_SUCCESS;
		case 'h':
			fputs(usage, stdout);
			return EXIT_SUCCESS;
		default:
			fputs(usage, stderr);
			return EXIT_OURSELVES;
		}
	if (optind >= argc) {
		fputs(usage, stderr);
		return EXIT_OURSELVES;
	}
	if (s.family < 0)
		s.family = find_family();
	redirect_sockets(&s);
	execvp(argv[optind], argv + optind);
	c = errno;
	complain("%s: %s", argv[optind], strerror(c));
	return c == ENOENT ? EXIT_NOTFOUND : EXIT_NOEXEC;
}
