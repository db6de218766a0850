/* SPDX-License-Identifier: GPL-2.0 */
/* Which family number "inet" or "mini" is, and a loopback that is up. */
#ifndef SELFTESTS_FAMILY_H
#define SELFTESTS_FAMILY_H

#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define FAMILY_PARAMETER "/sys/module/mini/parameters/family"

/* -1: the module is not loaded. */
static inline int mini_family(void)
{
	FILE *file = fopen(FAMILY_PARAMETER, "r");
	int family = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%d", &family) != 1)
		family = -1;
	fclose(file);
	return family;
}

static inline int family_by_name(const char *name)
{
	return strcmp(name, "mini") ? AF_INET : mini_family();
}

/* Linux's loopback; AF_MINI's own needs no device. */
static inline void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ioctl(fd, SIOCGIFFLAGS, &ifr);
	ifr.ifr_flags |= IFF_UP;
	ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
}

#endif /* SELFTESTS_FAMILY_H */
