// SPDX-License-Identifier: GPL-2.0
/*
 * The supervisor: answers the kernel's question "this program calls
 * socket(AF_INET, ...), what shall it get?" with a socket of AF_MINI.
 *
 * It makes the socket as the program would have: in its network namespace
 * and with its user id as the owner; and puts it in with ADDFD, which also
 * answers the call, so that nothing can come between.  It never waits for
 * anything but the next question, and so answers one after the other.
 *
 * It lives as long as any process is under the filter, and does not stand in
 * the way meanwhile: no terminal, no descriptor, no directory stays in use.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/audit.h>
#include <linux/seccomp.h>

#include "mini-run.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define HELPER_STACK	65536

static struct seccomp_notif_sizes sizes;

/* What a program called socket() with. */
struct call {
	uint32_t family;
	uint32_t type;
	uint32_t protocol;
};

struct joiner {
	int user_ns;
	int net_ns;
	int family;
	const struct call *call;
	int result;		/* a descriptor, or -errno */
};

static int make_socket(int family, const struct call *call)
{
	int fd = socket(family, call->type | SOCK_CLOEXEC, call->protocol);

	return fd < 0 ? -errno : fd;
}

static int join(void *arg)
{
	struct joiner *j = arg;

	if (setns(j->user_ns, CLONE_NEWUSER) || setns(j->net_ns, CLONE_NEWNET))
		j->result = -errno;
	else
		j->result = make_socket(j->family, j->call);
	return 0;
}

/*
 * A network namespace of another user namespace (unshare -Urn) opens only to
 * who joined that one first, and there is no way back from it: so a helper
 * goes, sharing our memory and our descriptors.
 */
static int socket_in_user_ns(struct joiner *j)
{
	char *stack = malloc(HELPER_STACK);
	pid_t pid;

	if (!stack)
		return -ENOMEM;
	pid = clone(join, stack + HELPER_STACK,
		    CLONE_VM | CLONE_VFORK | CLONE_FILES | SIGCHLD, j);
	if (pid < 0)
		j->result = -errno;
	else
		waitpid(pid, NULL, 0);
	free(stack);
	return j->result;
}

static bool still_asks(const struct supervisor *s,
		       const struct seccomp_notif *req)
{
	return !ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &req->id);
}

/* What is under /proc/PID is the caller's only if it is still there. */
static int open_ns(const struct supervisor *s, const struct seccomp_notif *req,
		   const char *kind)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%u/ns/%s", req->pid, kind);
	fd = openat(s->proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (still_asks(s, req))
		return fd;
	close(fd);
	return -ESRCH;
}

static int socket_in_net_ns(const struct supervisor *s,
			    const struct seccomp_notif *req,
			    const struct call *call)
{
	struct joiner j = { .family = s->family, .call = call };
	int fd;

	j.net_ns = open_ns(s, req, "net");
	if (j.net_ns < 0)
		return j.net_ns;
	if (!setns(j.net_ns, CLONE_NEWNET)) {
		fd = make_socket(s->family, call);
		if (setns(s->net_ns, CLONE_NEWNET))
			die("cannot return to the network namespace: %s",
			    strerror(errno));
	} else {
		j.user_ns = open_ns(s, req, "user");
		fd = j.user_ns;
		if (fd >= 0) {
			fd = socket_in_user_ns(&j);
			close(j.user_ns);
		}
	}
	close(j.net_ns);
	return fd;
}

/* The owner, as mini ss -e shows it; only root may choose. */
static void set_owner(uid_t uid, gid_t gid)
{
	setfsgid(gid);
	setfsuid(uid);
}

/* The socket that the caller of @req shall get, or -errno. */
static int socket_for(const struct supervisor *s,
		      const struct seccomp_notif *req, const struct call *call)
{
	struct stat caller, ns;
	char path[64];
	bool foreign;
	int fd;

	snprintf(path, sizeof(path), "%u", req->pid);
	if (fstatat(s->proc, path, &caller, 0))
		return -errno;
	snprintf(path, sizeof(path), "%u/ns/net", req->pid);
	if (fstatat(s->proc, path, &ns, 0))
		return -errno;
	if (!still_asks(s, req))
		return -ESRCH;
	foreign = caller.st_uid != s->uid || caller.st_gid != s->gid;
	if (foreign)
		set_owner(caller.st_uid, caller.st_gid);
	if (ns.st_dev == s->net_dev && ns.st_ino == s->net_ino)
		fd = make_socket(s->family, call);
	else
		fd = socket_in_net_ns(s, req, call);
	if (foreign)
		set_owner(s->uid, s->gid);
	return fd;
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
		       struct seccomp_notif_resp *resp, const struct call *call)
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
	if (got < 0)
		respond(s, req, resp, got, 0);
	return got;
}

/*
 * socketcall() has its arguments in memory, where the filter cannot look.
 * Returns what the filter would have said.  Another thread may change them
 * behind our back; it would only cheat itself.
 */
static uint32_t read_call(const struct seccomp_notif *req, struct call *call)
{
	struct iovec local = { .iov_base = call, .iov_len = sizeof(*call) };
	struct iovec remote = { .iov_len = sizeof(*call) };

	call->family = req->data.args[0];
	call->type = req->data.args[1];
	call->protocol = req->data.args[2];
	if (req->data.arch != AUDIT_ARCH_I386 ||
	    req->data.nr != I386_SOCKETCALL)
		return SECCOMP_RET_USER_NOTIF;
	remote.iov_base = (void *)(uintptr_t)(uint32_t)req->data.args[1];
	if (process_vm_readv(req->pid, &local, 1, &remote, 1, 0) !=
	    sizeof(*call))
		return SECCOMP_RET_ALLOW;	/* Linux will say EFAULT */
	return filter_verdict(call->family, call->type, call->protocol);
}

static void answer(const struct supervisor *s, const struct seccomp_notif *req,
		   struct seccomp_notif_resp *resp)
{
	struct call call;
	uint32_t verdict = read_call(req, &call);
	int got;

	if (verdict == SECCOMP_RET_ALLOW) {
		respond(s, req, resp, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE);
		return;
	}
	if (verdict != SECCOMP_RET_USER_NOTIF) {
		respond(s, req, resp, -(int)(verdict & SECCOMP_RET_DATA), 0);
		return;
	}
	got = give_socket(s, req, resp, &call);
	if (s->verbose)
		complain("%u: socket(AF_INET, %#x, %u) = %d%s%s", req->pid,
			 call.type, call.protocol, got < 0 ? -1 : got,
			 got < 0 ? " " : "", got < 0 ? strerror(-got) : "");
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
	drop_stdio(s->verbose);
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

	let_go(s);
	know_ourselves(s);
	size_messages(&req, &resp);
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
			s->verbose = false;
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
