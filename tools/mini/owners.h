/* SPDX-License-Identifier: GPL-2.0 */
/* Which processes hold which sockets. */
#ifndef OWNERS_H
#define OWNERS_H

#include <sys/types.h>

#include "mini.h"

struct owner {
	uint32_t inode;
	pid_t pid;
	char program[64];
};

struct owners {
	struct owner *list;	/* by inode, then pid */
	size_t n;
	size_t size;
};

void owners_scan(struct owners *owners);
const struct owner *owners_of(const struct owners *owners, uint32_t inode,
			      size_t *n);

#endif /* OWNERS_H */
