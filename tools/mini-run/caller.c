// SPDX-License-Identifier: GPL-2.0
/*
 * The socket that a caller would have made: in its network namespace, owned
 * by its user, and, where the kernel asks for more than that, with no more
 * privileges than it has.
 *
 * TCP and UDP sockets are anybody's: there only the owner is set, and all is
 * done at once.  Raw ones ask for CAP_NET_RAW and pings for a group; and the
 * namespaces of another user namespace open only to who joined that one
 * first, from which there is no way back.  For these a helper goes: a process
 * that shares our memory and our descriptors, and takes the caller's
 * identity.
 */
#include <errno.h>
#include <fcntl.h>
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
#include <sys/wait.h>
#include <unistd.h>
#include <linux/capability.h>
#include <linux/mini.h>
#include <netinet/in.h>

#include "mini-run.h"

#define HELPER_STACK	65536

/* What socket() may ask about beyond the owner. */
struct identity {
	gid_t gid;
	gid_t *groups;
	size_t nr_groups;
	uint64_t caps;		/* effective */
};

struct joiner {
	int user_ns;		/* or -1 */
	int net_ns;		/* or -1 */
	const struct identity *identity;	/* or NULL */
	int family;
	const struct call *call;
	int result;		/* a descriptor, or -errno */
};

static int make_socket(int family, const struct call *call)
{
	int domain = call->family, error;
	int fd = socket(family, call->type | SOCK_CLOEXEC, call->protocol);

	if (fd < 0)
		return -errno;
	if (domain != AF_INET &&
	    setsockopt(fd, SOL_MINI, MINI_DOMAIN, &domain, sizeof(domain))) {
		error = errno;
		close(fd);
		return -error;
	}
	return fd;
}

/* Of what we have here, keep what the caller has. */
static int limit_caps(uint64_t caps)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data))
		return -1;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		data[i].effective = data[i].permitted & (caps >> 32 * i);
		data[i].permitted = data[i].effective;
		data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &header, data);
}

/* By the system calls themselves: the library would change all threads. */
static int join(void *arg)
{
	struct joiner *j = arg;
	const struct identity *id = j->identity;

	if (id) {
		/* Who may not change groups serves those who may not either. */
		syscall(SYS_setgroups, id->nr_groups, id->groups);
		syscall(SYS_setresgid, -1, id->gid, -1);
	}
	if ((j->user_ns >= 0 && setns(j->user_ns, CLONE_NEWUSER)) ||
	    (j->net_ns >= 0 && setns(j->net_ns, CLONE_NEWNET)) ||
	    (id && limit_caps(id->caps)))
		j->result = -errno;
	else
		j->result = make_socket(j->family, j->call);
	return 0;
}

static int send_helper(struct joiner *j)
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

/* What is under /proc/PID is the caller's only if it is still there. */
int open_of(const struct supervisor *s, const struct seccomp_notif *req,
	    const char *what)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "%u/%s", req->pid, what);
	fd = openat(s->proc, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (still_asks(s, req))
		return fd;
	close(fd);
	return -ESRCH;
}

/*
 * Is the caller's namespace of this kind another than ours?  Who hides itself
 * from its own user (PR_SET_DUMPABLE) and is served by that user is taken to
 * be where we are.
 */
static int is_elsewhere(const struct supervisor *s,
			const struct seccomp_notif *req, const char *kind)
{
	struct stat ours, theirs;
	char path[64];

	snprintf(path, sizeof(path), "%u/ns/%s", req->pid, kind);
	if (fstatat(s->proc, path, &theirs, 0))
		return errno == EACCES ? 0 : -errno;
	if (!strcmp(kind, "net"))
		return theirs.st_dev != s->net_dev ||
		       theirs.st_ino != s->net_ino;
	snprintf(path, sizeof(path), "self/ns/%s", kind);
	if (fstatat(s->proc, path, &ours, 0))
		return -errno;
	return theirs.st_dev != ours.st_dev || theirs.st_ino != ours.st_ino;
}

static int read_groups(struct identity *id, char *words)
{
	char *word, *rest = NULL;
	gid_t *more;

	for (word = strtok_r(words, " \t\n", &rest); word;
	     word = strtok_r(NULL, " \t\n", &rest)) {
		more = realloc(id->groups, (id->nr_groups + 1) * sizeof(*more));
		if (!more)
			return -ENOMEM;
		id->groups = more;
		id->groups[id->nr_groups++] = strtoul(word, NULL, 10);
	}
	return 0;
}

static int read_identity(const struct supervisor *s,
			 const struct seccomp_notif *req, struct identity *id)
{
	int fd = open_of(s, req, "status");
	char *line = NULL;
	size_t size = 0;
	int error = 0;
	FILE *f;

	if (fd < 0)
		return fd;
	f = fdopen(fd, "r");
	if (!f) {
		close(fd);
		return -ENOMEM;
	}
	while (!error && getline(&line, &size, f) > 0) {
		if (!strncmp(line, "Groups:", 7))
			error = read_groups(id, line + 7);
		else if (!strncmp(line, "CapEff:", 7))
			id->caps = strtoull(line + 7, NULL, 16);
	}
	free(line);
	fclose(f);
	return error;
}

static int socket_by_identity(const struct supervisor *s,
			      const struct seccomp_notif *req,
			      struct joiner *j, gid_t gid, bool foreign_net)
{
	struct identity id = { .gid = gid };
	int fd = read_identity(s, req, &id);
	int foreign_user = is_elsewhere(s, req, "user");

	j->identity = &id;
	if (!fd && foreign_user < 0)
		fd = foreign_user;
	if (!fd && foreign_user) {
		j->user_ns = open_of(s, req, "ns/user");
		fd = j->user_ns < 0 ? j->user_ns : 0;
	}
	if (!fd && foreign_net) {
		j->net_ns = open_of(s, req, "ns/net");
		fd = j->net_ns < 0 ? j->net_ns : 0;
	}
	if (!fd)
		fd = send_helper(j);
	if (j->user_ns >= 0)
		close(j->user_ns);
	if (j->net_ns >= 0)
		close(j->net_ns);
	free(id.groups);
	return fd;
}

static int socket_in_net_ns(const struct supervisor *s,
			    const struct seccomp_notif *req, struct joiner *j)
{
	int fd;

	j->net_ns = open_of(s, req, "ns/net");
	if (j->net_ns < 0)
		return j->net_ns;
	if (!setns(j->net_ns, CLONE_NEWNET)) {
		fd = make_socket(s->family, j->call);
		if (setns(s->net_ns, CLONE_NEWNET))
			die("cannot return to the network namespace: %s",
			    strerror(errno));
	} else {
		j->user_ns = open_of(s, req, "ns/user");
		fd = j->user_ns;
		if (fd >= 0) {
			fd = send_helper(j);
			close(j->user_ns);
		}
	}
	close(j->net_ns);
	return fd;
}

/* The owner, as mini ss -e shows it; only root may choose. */
static void set_owner(uid_t uid, gid_t gid)
{
	setfsgid(gid);
	setfsuid(uid);
}

/* The socket that the caller of @req shall get, or -errno. */
int socket_for(const struct supervisor *s, const struct seccomp_notif *req,
	       const struct call *call)
{
	struct joiner j = {
		.user_ns = -1,
		.net_ns = -1,
		.family = s->family,
		.call = call,
	};
	struct stat caller;
	bool foreign_owner;
	int foreign_net, fd;
	char path[32];

	snprintf(path, sizeof(path), "%u", req->pid);
	if (fstatat(s->proc, path, &caller, 0))
		return -errno;
	foreign_net = is_elsewhere(s, req, "net");
	if (foreign_net < 0)
		return foreign_net;
	if (!still_asks(s, req))
		return -ESRCH;
	foreign_owner = caller.st_uid != s->uid || caller.st_gid != s->gid;
	if (foreign_owner)
		set_owner(caller.st_uid, caller.st_gid);
	if (needs_identity(call))
		fd = socket_by_identity(s, req, &j, caller.st_gid, foreign_net);
	else if (foreign_net)
		fd = socket_in_net_ns(s, req, &j);
	else
		fd = make_socket(s->family, call);
	if (foreign_owner)
		set_owner(s->uid, s->gid);
	return fd;
}
