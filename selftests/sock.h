/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For programs that hold AF_MINI's sockets against AF_INET's: each test runs
 * once over each family, on that stack's own loopback.  What AF_INET does is
 * what is expected, so a test that fails there is wrong itself.
 */
#ifndef SELFTESTS_SOCK_H
#define SELFTESTS_SOCK_H

#include "kselftest_harness.h"
#include "calls.h"

FIXTURE(sock) {
	int family;
};

FIXTURE_VARIANT(sock) {
	const char *family;
};

FIXTURE_VARIANT_ADD(sock, inet) {
	.family = "inet",
};

FIXTURE_VARIANT_ADD(sock, mini) {
	.family = "mini",
};

FIXTURE_SETUP(sock)
{
	loopback_up();
	self->family = family_by_name(variant->family);
	if (self->family < 0)
		SKIP(return, "mini.ko is not loaded");
}

FIXTURE_TEARDOWN(sock)
{
}

#endif /* SELFTESTS_SOCK_H */
