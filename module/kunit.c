// SPDX-License-Identifier: GPL-2.0
/*
 * The KUnit suites of the module; they run when it is loaded into a kernel
 * with CONFIG_KUNIT.  A module has one list of suites: this one.
 */
#include <kunit/test.h>

