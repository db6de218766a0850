// SPDX-License-Identifier: GPL-2.0
/*
 * What programs do to get a socket: one way each, and what came of it on
 * standard output, as the domain of the socket (2 is AF_INET's, 18 AF_MINI's)
 * or the name of the error.  selftests/run.sh runs it with and without
 * mini-run; built twice, dynamic and static.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <grp.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/filter.h>
#include <linux/io_uring.h>
#include <linux/mini.h>
#include <linux/seccomp.h>
#include <netinet/in.h>

#ifndef SO_NETNS_COOKIE
#define SO_NETNS_COOKIE 71
#endif

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

static int number(char **words, int n)
{
	return words[n] ? atoi(words[n]) : 0;
}

static int domain_of(int fd)
{
	socklen_t len = sizeof(int);
	int domain = -1;

	getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len);
	return domain;
}

/* @fd: a socket, or -1 and errno */
static int tell(int fd)
{
	if (fd < 0)
		printf("%s", strerrorname_np(errno));
	else
		printf("%d", domain_of(fd));
	return fd;
}

static int inet(void)
{
	return socket(AF_INET, SOCK_STREAM, 0);
}

/* open FAMILY TYPE PROTOCOL, in numbers */
static int run_open(char **words)
{
	int fd = tell(socket(number(words, 0), number(words, 1),
			     number(words, 2)));

	if (fd >= 0 && (fcntl(fd, F_GETFL) & O_NONBLOCK))
		printf(" nonblock");
	if (fd >= 0 && (fcntl(fd, F_GETFD) & FD_CLOEXEC))
		printf(" cloexec");
	return 0;
}

/* The instruction itself, as Go does it; noise in the upper halves. */
static int run_instruction(char **words)
{
	long fd;

	(void)words;
#ifdef __x86_64__
	asm volatile("syscall" : "=a"(fd)
		     : "0"((long)SYS_socket),
		       "D"((1L << 40) | AF_INET), "S"(3L << 32 | SOCK_STREAM),
		       "d"(7L << 33)
		     : "rcx", "r11", "memory");
#else
	fd = syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
	if (fd < 0)
		fd = -errno;
#endif
	errno = -fd;
	tell(fd < 0 ? -1 : fd);
	return 0;
}

/* i386 FAMILY: by both calls that 32-bit programs have */
static int run_i386(char **words)
{
#ifdef __x86_64__
	unsigned int *args = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT,
				  -1, 0);
	long fd;

	args[0] = number(words, 0);
	args[1] = SOCK_STREAM;
	args[2] = 0;
	asm volatile("int $0x80" : "=a"(fd)
		     : "0"(102L), "b"(1L), "c"((long)args) : "memory");
	fd = (int)fd;
	errno = -fd;
	tell(fd < 0 ? -1 : fd);
	printf(" ");
	asm volatile("int $0x80" : "=a"(fd)
		     : "0"(359L), "b"((long)args[0]), "c"((long)args[1]),
		       "d"(0L) : "memory");
	fd = (int)fd;
	errno = -fd;
	tell(fd < 0 ? -1 : fd);
	asm volatile("int $0x80" : "=a"(fd)
		     : "0"(102L), "b"(1L), "c"(4L) : "memory");
	errno = -(int)fd;
	printf(" %s", strerrorname_np(errno));
#else
	(void)words;
	printf("none");
#endif
	return 0;
}

static int run_vfork(char **words)
{
	pid_t pid = vfork();
	int status;

	(void)words;
	if (!pid) {
		int fd = syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);

		_exit(fd < 0 ? 255 : domain_of(fd));
	}
	waitpid(pid, &status, 0);
	printf("%d", WEXITSTATUS(status));
	return 0;
}

static int run_spawn(char **words)
{
	static char *const argv[] = { "run_calls", "open", "2", "1", "0", NULL };
	int status;
	pid_t pid;

	(void)words;
	if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ))
		return 1;
	waitpid(pid, &status, 0);
	_exit(WEXITSTATUS(status));
}

static int in_clone(void *fd)
{
	*(int *)fd = syscall(SYS_socket, AF_INET, SOCK_STREAM, 0);
	return 0;
}

/* A process that shares memory and descriptors. */
static int run_clone(char **words)
{
	char *stack = malloc(65536);
	int fd = -1;
	pid_t pid;

	(void)words;
	pid = clone(in_clone, stack + 65536,
		    CLONE_VM | CLONE_FILES | CLONE_FS | SIGCHLD, &fd);
	waitpid(pid, NULL, 0);
	tell(fd);
	return 0;
}

/* What is allowed is enough to make a socket, and to say what it is. */
static int install_filter(unsigned int flags)
{
#define NR_ALLOWED(nr) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1), \
		       BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		NR_ALLOWED(SYS_socket),
		NR_ALLOWED(SYS_getsockopt),
		NR_ALLOWED(SYS_write),
		NR_ALLOWED(SYS_exit_group),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog prog = {
		.len = ARRAY_SIZE(code),
		.filter = code,
	};

	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

/* A program that puts itself under a filter of its own, and breaks it */
static int run_filter(char **words)
{
	pid_t pid = fork();
	int status;

	(void)words;
	if (!pid) {
		char word[16];

		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (install_filter(0))
			_exit(1);
		snprintf(word, sizeof(word), "%d ", domain_of(inet()));
		if (write(1, word, strlen(word)) < 0)
			_exit(1);
		getppid();
		_exit(1);
	}
	waitpid(pid, &status, 0);
	printf("%s", WIFSIGNALED(status) ? sigabbrev_np(WTERMSIG(status)) :
					   "alive");
	return 0;
}

/* A supervisor of its own */
static int run_listener(char **words)
{
	(void)words;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (install_filter(SECCOMP_FILTER_FLAG_NEW_LISTENER) >= 0)
		_exit(write(1, "installed\n", 10) != 10);
	printf("%s", strerrorname_np(errno));
	return 0;
}

static int drop_to(int id)
{
	return setgroups(0, NULL) || setgid(id) || setuid(id);
}

/* user ID [TYPE PROTOCOL]: gives up root first; tells the socket's owner */
static int run_user(char **words)
{
	struct stat st;
	int fd;

	if (drop_to(number(words, 0)))
		return 1;
	fd = words[1] ? socket(AF_INET, number(words, 1), number(words, 2)) :
			inet();
	tell(fd);
	if (fd >= 0 && !fstat(fd, &st))
		printf(" owner %u", st.st_uid);
	return 0;
}

static int run_chroot(char **words)
{
	if (!words[0] || chroot(words[0]) || chdir("/"))
		return 1;
	tell(inet());
	return 0;
}

static uint64_t cookie_of(int fd)
{
	socklen_t len = sizeof(uint64_t);
	uint64_t cookie = 0;

	getsockopt(fd, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len);
	return cookie;
}

/* namespace [user]: is the socket in the one that we have moved to? */
static int run_namespace(char **words)
{
	uint64_t before = cookie_of(socket(AF_UNIX, SOCK_DGRAM, 0)), here;
	int flags = CLONE_NEWNET | (words[0] ? CLONE_NEWUSER : 0);
	int type = words[0] && words[1] ? number(words, 1) : SOCK_STREAM;
	int fd;

	if (words[0] && drop_to(65534))
		return 1;
	prctl(PR_SET_DUMPABLE, 1);
	if (unshare(flags))
		return tell(-1);
	here = cookie_of(socket(AF_UNIX, SOCK_DGRAM, 0));
	fd = tell(socket(AF_INET, type, type == SOCK_RAW ? IPPROTO_ICMP : 0));
	printf(" %s %s", here != before ? "moved" : "stayed",
	       cookie_of(fd) == here ? "here" : "elsewhere");
	return 0;
}

/* daemon FIFO FILE: its parent ends at once; it goes on when FIFO ends */
static int run_daemon(char **words)
{
	char byte;
	int fifo;

	if (!words[0] || !words[1])
		return 1;
	if (fork())
		_exit(0);
	setsid();
	fifo = open(words[0], O_RDONLY);
	while (read(fifo, &byte, 1) > 0)
		;
	if (!freopen(words[1], "w", stdout))
		return 1;
	tell(inet());
	return 0;
}

/* No more descriptors than the limit, none lost on the way. */
static int run_limit(char **words)
{
	struct rlimit limit = { 64, 64 };
	int open = 0;

	(void)words;
	setrlimit(RLIMIT_NOFILE, &limit);
	while (inet() >= 0)
		;
	printf("%s ", strerrorname_np(errno));
	for (int fd = 0; fd < 64; fd++)
		open += fcntl(fd, F_GETFD) >= 0;
	printf("%d ", open);
	close(63);
	tell(inet());
	return 0;
}

static int run_hidden(char **words)
{
	(void)words;
	prctl(PR_SET_DUMPABLE, 0);
	tell(inet());
	return 0;
}

static int run_pair(char **words)
{
	int pair[2];

	(void)words;
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		return tell(-1);
	tell(pair[0]);
	printf(" ");
	tell(pair[1]);
	printf(" ");
	tell(socketpair(AF_INET, SOCK_STREAM, 0, pair));
	return 0;
}

typedef long setter(int fd, const void *value, long len);

static long set_by_libc(int fd, const void *value, long len)
{
	return setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, value, len) ?
	       -errno : 0;
}

#ifdef __x86_64__
static long set_by_i386(int fd, const void *value, long len)
{
	long got;

	asm volatile("int $0x80" : "=a"(got)
		     : "0"(366L), "b"((long)fd), "c"((long)SOL_SOCKET),
		       "d"((long)SO_REUSEPORT), "S"(value), "D"(len)
		     : "memory");
	return (int)got;
}

/* The arguments lie behind the value. */
static long set_by_socketcall(int fd, const void *value, long len)
{
	unsigned int *args = (unsigned int *)((uintptr_t)value | 64);
	long got;

	if (!value)
		return -EFAULT;
	args[0] = fd;
	args[1] = SOL_SOCKET;
	args[2] = SO_REUSEPORT;
	args[3] = (uintptr_t)value;
	args[4] = len;
	asm volatile("int $0x80" : "=a"(got)
		     : "0"(102L), "b"(14L), "c"((long)args) : "memory");
	return (int)got;
}
#endif

/* What the call returns, and what the option is then. */
static void tell_reuseport(setter *set, int fd, const int *value, long len)
{
	long got = set(fd, value, len);
	socklen_t size = sizeof(int);
	int is = -1;

	printf("%s", got ? strerrorname_np(-got) : "0");
	if (!getsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &is, &size))
		printf("/%d", is);
	printf(" ");
}

/* @value: where there is room for it, and 128 octets behind */
static void try_reuseport(setter *set, int *value)
{
	int fd = inet();

	*value = 1;
	tell_reuseport(set, fd, value, sizeof(*value));
	*value = 0;
	tell_reuseport(set, fd, value, sizeof(*value));
	*value = 1;
	tell_reuseport(set, fd, value, 3);
	tell_reuseport(set, fd, value, -1);
	tell_reuseport(set, fd, NULL, sizeof(*value));
	tell_reuseport(set, 0, value, sizeof(*value));
	tell_reuseport(set, 99, value, sizeof(*value));
	tell_reuseport(set, socket(AF_UNIX, SOCK_DGRAM, 0), value,
		       sizeof(*value));
}

static void *reuseport_in_thread(void *value)
{
	try_reuseport(set_by_libc, value);
	return NULL;
}

/* reuseport [thread|i386|socketcall]: by whom or how SO_REUSEPORT is set */
static int run_reuseport(char **words)
{
	setter *set = set_by_libc;
	pthread_t thread;
	void *value;

	value = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS
#ifdef __x86_64__
		     | MAP_32BIT
#endif
		     , -1, 0);
	if (value == MAP_FAILED)
		return 1;
	if (words[0] && !strcmp(words[0], "thread"))
		return pthread_create(&thread, NULL, reuseport_in_thread,
				      value) || pthread_join(thread, NULL);
#ifdef __x86_64__
	if (words[0] && !strcmp(words[0], "i386"))
		set = set_by_i386;
	if (words[0] && !strcmp(words[0], "socketcall"))
		set = set_by_socketcall;
#endif
	try_reuseport(set, value);
	return 0;
}

/* uring FAMILY: IORING_OP_SOCKET */
static int run_uring(char **words)
{
	struct io_uring_params p = { 0 };
	int ring = syscall(SYS_io_uring_setup, 1, &p);
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *cqe;
	unsigned int *array;
	char *queues;
	int fd;

	if (ring < 0) {
		printf("setup ");
		return tell(-1);
	}
	queues = mmap(NULL, p.cq_off.cqes + p.cq_entries * sizeof(*cqe) +
		      p.sq_off.array + 4096, PROT_READ | PROT_WRITE,
		      MAP_SHARED, ring, IORING_OFF_SQ_RING);
	sqe = mmap(NULL, sizeof(*sqe), PROT_READ | PROT_WRITE, MAP_SHARED,
		   ring, IORING_OFF_SQES);
	if (queues == MAP_FAILED || sqe == MAP_FAILED)
		return 1;
	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = IORING_OP_SOCKET;
	sqe->fd = number(words, 0);
	sqe->off = SOCK_STREAM;
	array = (unsigned int *)(queues + p.sq_off.array);
	array[0] = 0;
	__atomic_store_n((unsigned int *)(queues + p.sq_off.tail), 1,
			 __ATOMIC_RELEASE);
	if (syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS,
		    NULL, 0) != 1)
		return 1;
	cqe = (struct io_uring_cqe *)(queues + p.cq_off.cqes);
	fd = cqe->res;
	errno = -fd;
	tell(fd < 0 ? -1 : fd);
	return 0;
}

static const struct {
	const char *name;
	int (*run)(char **words);
} ways[] = {
	{ "open", run_open },
	{ "instruction", run_instruction },
	{ "i386", run_i386 },
	{ "vfork", run_vfork },
	{ "spawn", run_spawn },
	{ "clone", run_clone },
	{ "filter", run_filter },
	{ "listener", run_listener },
	{ "user", run_user },
	{ "chroot", run_chroot },
	{ "namespace", run_namespace },
	{ "daemon", run_daemon },
	{ "limit", run_limit },
	{ "hidden", run_hidden },
	{ "pair", run_pair },
	{ "reuseport", run_reuseport },
	{ "uring", run_uring },
};

static int go(char **words)
{
	int status = 2;

	for (size_t i = 0; words[0] && i < ARRAY_SIZE(ways); i++)
		if (!strcmp(words[0], ways[i].name))
			status = ways[i].run(words + 1);
	if (status == 2)
		fprintf(stderr, "run_calls: no such way\n");
	else
		printf("\n");
	fflush(stdout);
	return status;
}

/* Each in a process of its own, which it may leave in any state. */
static void go_apart(char *way)
{
	char *words[8] = { NULL }, *rest = NULL;
	pid_t pid = fork();

	if (pid) {
		waitpid(pid, NULL, 0);
		return;
	}
	words[0] = strtok_r(way, " ", &rest);
	for (size_t i = 1; words[i - 1] && i < ARRAY_SIZE(words) - 1; i++)
		words[i] = strtok_r(NULL, " ", &rest);
	exit(go(words));
}

/* run_calls WAY WORD...; or run_calls each "WAY WORD..."..., a line for each */
int main(int argc, char **argv)
{
	if (argc < 2 || strcmp(argv[1], "each"))
		return go(argv + 1);
	for (int i = 2; i < argc; i++)
		go_apart(argv[i]);
	return 0;
}
