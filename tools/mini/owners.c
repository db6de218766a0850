// SPDX-License-Identifier: GPL-2.0
/*
 * Who holds a socket: every /proc/PID/fd link to "socket:[INODE]", of the
 * processes that we may look at.  They come and go while we read; what is gone
 * is left out.
 */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "owners.h"

static void read_program(int pid_dir, char *program, size_t size)
{
	int fd = openat(pid_dir, "comm", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, program, size - 1);

	if (fd >= 0)
		close(fd);
	if (n > 0 && program[n - 1] == '\n')
		n--;
	if (n <= 0) {
		snprintf(program, size, "?");
		return;
	}
	program[n] = '\0';
}

static void add(struct owners *owners, const struct owner *owner)
{
	if (owners->n == owners->size) {
		owners->size = owners->size * 2 + 64;
		owners->list = xrealloc(owners->list, owners->size,
					sizeof(*owners->list));
	}
	owners->list[owners->n++] = *owner;
}

static void scan_process(struct owners *owners, int pid_dir, pid_t pid)
{
	struct owner owner = { .pid = pid };
	int fd = openat(pid_dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	char link[64];
	ssize_t n;

	if (!dir) {
		if (fd >= 0)
			close(fd);
		return;
	}
	while ((entry = readdir(dir))) {
		n = readlinkat(fd, entry->d_name, link, sizeof(link) - 1);
		if (n <= 0)
			continue;
		link[n] = '\0';
		if (sscanf(link, "socket:[%u]", &owner.inode) != 1)
			continue;
		if (!*owner.program)
			read_program(pid_dir, owner.program,
				     sizeof(owner.program));
		add(owners, &owner);
	}
	closedir(dir);
}

static int compare(const void *a, const void *b)
{
	const struct owner *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* Two descriptors of one process are one owner. */
static void sort_unique(struct owners *owners)
{
	size_t kept = 0;

	if (!owners->n)
		return;
	qsort(owners->list, owners->n, sizeof(*owners->list), compare);
	for (size_t i = 1; i < owners->n; i++)
		if (compare(&owners->list[kept], &owners->list[i]))
			owners->list[++kept] = owners->list[i];
	owners->n = kept + 1;
}

void owners_scan(struct owners *owners)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	int fd;

	memset(owners, 0, sizeof(*owners));
	if (!proc)
		return;
	while ((entry = readdir(proc))) {
		if (!isdigit((unsigned char)*entry->d_name))
			continue;
		fd = openat(dirfd(proc), entry->d_name,
			    O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			continue;
		scan_process(owners, fd, atoi(entry->d_name));
		close(fd);
	}
	closedir(proc);
	sort_unique(owners);
}

/* The owners of @inode: the first of them, and how many follow each other. */
const struct owner *owners_of(const struct owners *owners, uint32_t inode,
			      size_t *n)
{
	size_t low = 0, high = owners->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (owners->list[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	for (*n = 0; low + *n < owners->n; (*n)++)
		if (owners->list[low + *n].inode != inode)
			break;
	return inode && *n ? &owners->list[low] : NULL;
}
