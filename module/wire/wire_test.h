/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the tests of headers share.
 */
#ifndef _MINI_WIRE_TEST_H
#define _MINI_WIRE_TEST_H

#include <kunit/test.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "wire.h"

/*
 * The octets that a parser is shown, in an allocation of exactly that size: a
 * kernel with KASAN sees any look beyond the end.  Freed by kfree().
 */
static inline u8 *test_exact(struct kunit *test, const void *data, size_t len)
{
	u8 *p = kmalloc(len, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, p);
	memcpy(p, data, len);
	return p;
}

#endif /* _MINI_WIRE_TEST_H */
