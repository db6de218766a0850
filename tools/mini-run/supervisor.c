// SPDX-License-Identifier: GPL-2.0
/*
 * The supervisor: answers the kernel's question "this program calls
 * socket(AF_INET, ...), what shall it get?" with a socket of AF_MINI; and
 * where the kernel asks of SO_REUSEPORT, sets it (reuseport.c).
 *
 * It makes the socket as the program would have (caller.c), and puts it in
 * with ADDFD, which also answers the call, so that nothing can come between:
 * a signal, or the end of the caller, leaves no descriptor behind.  It never
 * waits for anything but the next question, and so answers one after the
 * other.
 *
 * It lives as long as any process is under the filter, and does not stand in
 * the way meanwhile: no terminal, no descriptor, no directory stays in use.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#include <linux/audit.h>

#include "mini-run.h"

#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS	SECCOMP_IOW(4, __u64)
#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP	1
#endif

static struct seccomp_notif_sizes sizes;

/* The caller may have been killed, and its number given to another. */
bool still_asks(const struct supervisor *s, const struct seccomp_notif *req)
{
	return !ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &req->id);
}

/* Nobody may be there to hear it: the caller was killed meanwhile. */
static void respond(const struct supervisor *s, const struct seccomp_notif *req,
		    struct seccomp_notif_resp *resp, int error, uint32_t flags)
{
	memset(resp, 0, sizes.seccomp_notif_resp);
	resp->id = req->id;
	resp->error = error;
	resp->flags = flags;
	ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SEND, resp);
}

/* Returns the descriptor's number at the caller, or -errno. */
static int give_socket(const struct supervisor *s,
		       const struct seccomp_notif *req,
		       const struct call *call)
{
	struct seccomp_notif_addfd add = {
		.id = req->id,
		.flags = SECCOMP_ADDFD_FLAG_SEND,
	};
	int fd = socket_for(s, req, call);
	int got = fd;

	if (fd >= 0) {
		add.srcfd = fd;
		if (call->type & SOCK_CLOEXEC)
			add.newfd_flags = O_CLOEXEC;
		got = ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &add);
		if (got < 0)
			got = -errno;
		close(fd);
	}
	return got;
}

/* From the caller's address space; still_asks() says whether it was that. */
int read_memory(const struct seccomp_notif *req, uint64_t from, void *to,
		size_t size)
{
	struct iovec local = { .iov_base = to, .iov_len = size };
	struct iovec remote = {
		.iov_base = (void *)(uintptr_t)from,
		.iov_len = size,
	};
	ssize_t got = process_vm_readv(req->pid, &local, 1, &remote, 1, 0);

	if (got == (ssize_t)size)
		return 0;
	return got < 0 ? -errno : -EFAULT;
}

bool is_socketcall(const struct seccomp_data *data)
{
	return data->arch == AUDIT_ARCH_I386 && data->nr == I386_SOCKETCALL;
}

/*
 * socketcall() has its arguments in memory, where the filter cannot look.
 * Another thread may change them behind our back; it would only cheat itself.
 * Returns 0 or -errno.
 */
static int read_call(const struct seccomp_notif *req, struct call *call)
{
	if (is_socketcall(&req->data))
		return read_memory(req, (uint32_t)req->data.args[1], call,
				   sizeof(*call));
	call->family = req->data.args[0];
	call->type = req->data.args[1];
	call->protocol = req->data.args[2];
	return 0;
}

static void answer(const struct supervisor *s, const struct seccomp_notif *req,
		   struct seccomp_notif_resp *resp)
{
	uint32_t verdict;
	struct call call;
	int got;

	if (filter_is_setsockopt(&req->data)) {
		got = set_reuseport(s, req);
		respond(s, req, resp, got == LEFT_TO_LINUX ? 0 : got,
			got == LEFT_TO_LINUX ?
			SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0);
		return;
	}
	got = read_call(req, &call);
	if (got) {
		respond(s, req, resp, got, 0);
		return;
	}
	verdict = rules_verdict(&s->choice, &call);
	if (verdict == SECCOMP_RET_ALLOW) {
		respond(s, req, resp, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
		return;
	}
	if (verdict != SECCOMP_RET_USER_NOTIF)
		got = -(int)(verdict & SECCOMP_RET_DATA);
	else
		got = give_socket(s, req, &call);
	if (got < 0 && module_has_none(&call, got))
		got = LEFT_TO_LINUX;
	if (s->choice.verbose)
		say_call(s, req->pid, &call, got);
	if (got == LEFT_TO_LINUX)
		respond(s, req, resp, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
	else if (got < 0)
		respond(s, req, resp, got, 0);
}

static void drop_stdio(bool keep_stderr)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd < (keep_stderr ? 2 : 3); fd++)
		if (null < 0 || dup2(null, fd) < 0)
			close(fd);
	if (null > 2)
		close(null);
}

/*
 * The program's limits are not meant for us, nor is its place in the queue
 * for a processor: it waits for us, and a signal may find it waiting.  And
 * whoever else runs out of memory, ending us would end all its future sockets.
 * Only root is believed in the last two.
 */
static void lift_limits(const struct supervisor *s)
{
	static const int lifted[] = { RLIMIT_NOFILE, RLIMIT_CPU };
	struct rlimit limit;
	int fd;

	for (size_t i = 0; i < ARRAY_SIZE(lifted); i++)
		if (!getrlimit(lifted[i], &limit)) {
			limit.rlim_cur = limit.rlim_max;
			setrlimit(lifted[i], &limit);
		}
	setpriority(PRIO_PROCESS, 0, -20);
	fd = openat(s->proc, "self/oom_score_adj", O_WRONLY | O_CLOEXEC);
	if (fd >= 0) {
		if (write(fd, "-1000", 5) < 0)
			errno = 0;
		close(fd);
	}
}

/*
 * What we inherited from who started the program is the program's: a pipe's
 * reader must see its end when the program closes it, a file system must be
 * free to be unmounted.  Signals sent to a group mean the program as well; we
 * end when it has.
 */
static void let_go(struct supervisor *s)
{
	int *kept[] = { &s->listener, &s->program, &s->proc, &s->starter };
	int top = STDERR_FILENO;
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	if (chdir("/"))
		complain("cannot leave the directory: %s", strerror(errno));
	drop_stdio(s->choice.verbose);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
		if (*kept[i] > top)
			top = *kept[i];
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		*kept[i] = dup3(*kept[i], top + 1 + i, O_CLOEXEC);
		if (*kept[i] < 0)
			die("cannot keep a descriptor: %s", strerror(errno));
	}
	close_range(STDERR_FILENO + 1, top, 0);
	close_range(top + 1 + ARRAY_SIZE(kept), ~0U, 0);
}

/* The kernel's structs may have grown since we were built. */
static void size_messages(struct seccomp_notif **req,
			  struct seccomp_notif_resp **resp)
{
	if (syscall(SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &sizes))
		die("cannot get the size of messages: %s", strerror(errno));
	if (sizes.seccomp_notif < sizeof(**req))
		sizes.seccomp_notif = sizeof(**req);
	if (sizes.seccomp_notif_resp < sizeof(**resp))
		sizes.seccomp_notif_resp = sizeof(**resp);
	*req = malloc(sizes.seccomp_notif);
	*resp = malloc(sizes.seccomp_notif_resp);
	if (!*req || !*resp)
		die("out of memory");
}

static bool serve_one(const struct supervisor *s, struct seccomp_notif *req,
		      struct seccomp_notif_resp *resp)
{
	memset(req, 0, sizes.seccomp_notif);
	if (!ioctl(s->listener, SECCOMP_IOCTL_NOTIF_RECV, req))
		answer(s, req, resp);
	else if (errno != ENOENT && errno != EINTR)
		return false;
	return true;
}

/* Where and as whom we are: most callers are there too. */
static void know_ourselves(struct supervisor *s)
{
	struct stat ns;

	s->uid = geteuid();
	s->gid = getegid();
	s->net_ns = openat(s->proc, "self/ns/net", O_RDONLY | O_CLOEXEC);
	if (s->net_ns < 0 || fstat(s->net_ns, &ns))
		die("cannot read the network namespace: %s", strerror(errno));
	s->net_dev = ns.st_dev;
	s->net_ino = ns.st_ino;
}

void supervise(struct supervisor *s)
{
	struct seccomp_notif_resp *resp;
	struct seccomp_notif *req;
	struct pollfd polls[2];
	uint64_t flags = SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP;

	lift_limits(s);
	/* Our helpers visit the program's user namespace: none to be traced. */
	prctl(PR_SET_DUMPABLE, 0);
	let_go(s);
	know_ourselves(s);
	size_messages(&req, &resp);
	/* Since 6.6: the caller's processor goes on with us, and back. */
	ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, flags);
	/* From here on questions are answered: the program may start. */
	if (write(s->starter, "", 1) != 1)
		_exit(EXIT_OURSELVES);
	close(s->starter);
	polls[0] = (struct pollfd){ .fd = s->listener, .events = POLLIN };
	polls[1] = (struct pollfd){ .fd = s->program, .events = POLLIN };
	for (;;) {
		if (poll(polls, 2, -1) < 0)
			continue;
		if (polls[1].revents) {
			/* Daemons it left behind have no claim to stderr. */
			drop_stdio(false);
			s->choice.verbose = false;
			polls[1].fd = -1;
		}
		if (polls[0].revents & POLLIN) {
			if (!serve_one(s, req, resp))
				break;
		} else if (polls[0].revents) {
			break;		/* nobody is under the filter any more */
		}
	}
	_exit(EXIT_SUCCESS);
}
