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
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/mini.h>

#include "mini-run.h"

#define VERSION "0.1"
#define FAMILY_FILE "/sys/module/mini/parameters/family"

static const char usage[] =
	"Usage: mini-run [OPTIONS] [--] PROGRAM [ARGUMENT...]\n"
	"       mini-run [OPTIONS] --shell\n"
	"\n"
	"Run PROGRAM, or a shell, so that its Internet sockets are AF_MINI's.\n"
	"\n"
	"  -s, --shell          an interactive shell, and all that it starts\n"
	"  -v, --verbose        say on standard error what became of each socket()\n"
	"  -d, --domain LIST    whose sockets: inet, inet6, or inet,inet6\n"
	"  -6, --linux-inet6    leave AF_INET6 to Linux, instead of refusing it\n"
	"  -p, --preload        dynamic programs make their sockets themselves: faster\n"
	"  -n, --no-filter      these alone, nobody watches the others: faster still\n"
	"      --no-io-uring    refuse io_uring, which makes sockets unseen\n"
	"      --unprivileged   run a set-user-ID program without its privileges\n"
	"      --family N       the number of AF_MINI, instead of the module's own\n"
	"  -V, --version        -h, --help\n";

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

/* Where /sys is not mounted: is the usual number the module's? */
static bool is_mini(int fd)
{
	int domain;
	socklen_t len = sizeof(domain);

	return !getsockopt(fd, SOL_MINI, MINI_DOMAIN, &domain, &len);
}

static int find_family(void)
{
	int family = read_family();
	int fd;

	if (family < 0) {
		/* An installed module is loaded by the first who asks. */
		fd = socket(AF_MINI, SOCK_STREAM | SOCK_CLOEXEC, 0);
		family = read_family();
		if (family < 0 && fd >= 0 && is_mini(fd))
			family = AF_MINI;
		if (fd >= 0)
			close(fd);
	}
	if (family < 0)
		die("the module is not loaded (modprobe mini)");
	return family;
}

/* Asked by trying: a module that has IPv6 takes the option. */
static bool has_inet6(int family)
{
	int domain = AF_INET6;
	int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool has = false;

	if (fd >= 0) {
		has = !setsockopt(fd, SOL_MINI, MINI_DOMAIN, &domain,
				  sizeof(domain));
		close(fd);
	}
	return has;
}

static void parse_domain(const char *list, struct choice *choice)
{
	static const char * const names[] = { "inet", "inet6" };
	bool *chosen[] = { &choice->inet, &choice->inet6 };
	size_t len, i;

	do {
		len = strcspn(list, ",");
		for (i = 0; i < ARRAY_SIZE(names); i++)
			if (len == strlen(names[i]) &&
			    !strncmp(list, names[i], len))
				break;
		if (i == ARRAY_SIZE(names))
			die("\"%.*s\" is not a domain: inet, inet6",
			    (int)len, list);
		*chosen[i] = true;
		list += len;
	} while (*list++);
}

/* What is left open: everything the module has. */
static void complete_choice(struct choice *choice, int family)
{
	bool asked = choice->inet || choice->inet6;

	if (choice->inet6 && choice->linux_inet6)
		die("AF_INET6 is either AF_MINI's or Linux's");
	if (choice->inet6 && !has_inet6(family))
		die("the module has no IPv6");
	if (!asked) {
		choice->inet = true;
		choice->inet6 = !choice->linux_inet6 && has_inet6(family);
	}
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

/*
 * Whether our own sockets are AF_MINI's already: mini-run in mini-run.  That is
 * for the kernel to say, not for a library that the outer one had us load.
 */
static bool nested(int family)
{
	int fd = syscall(SYS_socket, AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
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

/* Returns whether the program can gain no privileges by execve(). */
static bool redirect_sockets(struct supervisor *s)
{
	bool no_new_privs;
	int listener, pair[2];
	char byte;

	s->proc = open_proc();
	s->program = syscall(SYS_pidfd_open, getpid(), 0);
	if (s->program < 0)
		die("cannot watch the program: %s", strerror(errno));
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		die("cannot make a socket pair: %s", strerror(errno));
	start_supervisor(s, pair[0], pair[1]);
	s->choice.ask_reuseport = core_keeps_reuseport(s->family);
	listener = filter_install(&s->choice, &no_new_privs);
	if (listener < 0 && errno == EBUSY && nested(s->family)) {
		close(pair[0]);
		if (s->choice.verbose)
			complain("in another mini-run, whose choices are in force");
	} else if (listener < 0 && errno == EBUSY) {
		die("another supervisor watches these system calls already (a container's?)");
	} else if (listener < 0) {
		die("cannot install the seccomp filter: %s", strerror(errno));
	} else {
		if (send_fd(pair[0], listener) || read(pair[0], &byte, 1) != 1)
			die("the supervisor does not answer");
		close(listener);
		close(pair[0]);
		/* An outer --no-filter's choices end here. */
		unsetenv(PRELOAD_VARIABLE);
	}
	close(s->program);
	close(s->proc);
	return no_new_privs;
}

/*
 * Why a program would not load our library: what only that stands in the way of
 * would get Linux's sockets in silence.  NULL: nothing known.
 */
static const char *unreachable(const char *path)
{
	const char *why = loads_nothing(path);

	if (!why && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		why = privilege_of(path, getuid());
	if (!why && (getuid() != geteuid() || getgid() != getegid()))
		why = "runs with another effective user or group";
	return why;
}

/* Better a clear word now than a strange failure of the program's. */
static void refuse(const char *name, bool no_filter)
{
	char path[PATH_MAX];
	const char *why;

	if (!find_program(name, path, sizeof(path)))
		return;
	why = no_filter ? unreachable(path) : privilege_of(path, true);
	if (!why)
		return;
	complain("%s %s, and would %s", path, why, no_filter ?
		 "not load our library: not with --no-filter" :
		 "run without: only root can have it here (--unprivileged tries)");
	_exit(EXIT_NOEXEC);
}

struct options {
	struct choice choice;
	int family;
	bool shell;
	bool preload;
	bool no_filter;
	bool unprivileged;
};

static void greet(const struct options *o, bool no_new_privs)
{
	if (isatty(STDERR_FILENO))
		complain("sockets of this shell's%s programs are AF_MINI's%s; \"exit\" ends it",
			 o->no_filter ? " dynamically linked" : "",
			 no_new_privs ? ", set-user-ID has no effect" : "");
}

/* Returns where the program's words start. */
static int parse_options(int argc, char **argv, struct options *o)
{
	static const struct option longs[] = {
		{ "shell", no_argument, NULL, 's' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "domain", required_argument, NULL, 'd' },
		{ "linux-inet6", no_argument, NULL, '6' },
		{ "preload", no_argument, NULL, 'p' },
		{ "no-filter", no_argument, NULL, 'n' },
		{ "no-io-uring", no_argument, NULL, 'u' },
		{ "unprivileged", no_argument, NULL, 'U' },
		{ "family", required_argument, NULL, 'f' },
		{ "version", no_argument, NULL, 'V' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	bool program;
	int c;

	while ((c = getopt_long(argc, argv, "+svd:6pnVh", longs, NULL)) != -1)
		switch (c) {
		case 's':
			o->shell = true;
			break;
		case 'v':
			o->choice.verbose = true;
			break;
		case 'd':
			parse_domain(optarg, &o->choice);
			break;
		case '6':
			o->choice.linux_inet6 = true;
			break;
		case 'u':
			o->choice.no_io_uring = true;
			break;
		case 'p':
			o->preload = true;
			break;
		case 'n':
			o->no_filter = true;
			break;
		case 'U':
			o->unprivileged = true;
			break;
		case 'f':
			o->family = parse_family(optarg);
			break;
		case 'V':
			puts("mini-run " VERSION);
			exit(EXIT_SUCCESS);
		case 'h':
			fputs(usage, stdout);
			exit(EXIT_SUCCESS);
		default:
			fputs(usage, stderr);
			exit(EXIT_OURSELVES);
		}
	program = optind < argc;
	if (o->shell == program) {
		fputs(usage, stderr);
		exit(EXIT_OURSELVES);
	}
	return optind;
}

/* Returns whether the program can gain no privileges by execve(). */
static bool redirect(struct supervisor *s, const struct options *o)
{
	bool no_new_privs;

	if (o->no_filter) {
		preload(s->family, &s->choice);
		return false;
	}
	no_new_privs = redirect_sockets(s);
	/* What is to be told of each socket() is seen by the supervisor. */
	if (o->preload && s->choice.inet && !s->choice.verbose)
		preload(s->family, NULL);
	return no_new_privs;
}

int main(int argc, char **argv)
{
	struct options o = { .family = -1 };
	char *shell[2];
	struct supervisor s = { 0 };
	bool no_new_privs;
	int error;

	argv += parse_options(argc, argv, &o);
	if (o.no_filter && (o.choice.verbose || o.choice.no_io_uring))
		die("--verbose and --no-io-uring need the filter");
	if (o.no_filter && o.unprivileged && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		die("cannot give up privileges: %s", strerror(errno));
	s.family = o.family < 0 ? find_family() : o.family;
	complete_choice(&o.choice, s.family);
	s.choice = o.choice;
	no_new_privs = redirect(&s, &o);
	if (o.shell) {
		shell[0] = (char *)users_shell();
		shell[1] = NULL;
		argv = shell;
		greet(&o, no_new_privs);
	}
	if (o.no_filter || (no_new_privs && !o.shell && !o.unprivileged))
		refuse(argv[0], o.no_filter);
	execvp(argv[0], argv);
	error = errno;
	complain("%s: %s", argv[0], strerror(error));
	return error == ENOENT ? EXIT_NOTFOUND : EXIT_NOEXEC;
}
