/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The one place where kernel versions differ: 6.1 to the newest that Debian
 * packages.  Each entry says from which version on which form holds; the rest
 * of the module uses the name given here.
 */
#ifndef _MINI_COMPAT_H
#define _MINI_COMPAT_H

#include <linux/version.h>
#include <linux/timer.h>

/* 6.2: timer_delete_sync() is the name; 6.15 removes del_timer_sync(). */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define timer_delete_sync(t)	del_timer_sync(t)
#define timer_delete(t)		del_timer(t)
#define timer_shutdown_sync(t)	del_timer_sync(t)
#endif

/* 6.16: from_timer() became timer_container_of(). */
#ifndef timer_container_of
#define timer_container_of(var, t, field) from_timer(var, t, field)
#endif

/* 6.19: bind and connect take struct sockaddr_unsized. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
typedef struct sockaddr_unsized mini_sockaddr;
#else
typedef struct sockaddr mini_sockaddr;
#endif

/* 6.5: proto->ioctl takes the argument in kernel memory. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 5, 0)
#define MINI_PROTO_IOCTL_KARG	1
#endif

/* 6.10: __assign_str() knows the source from __string(). */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define mini_assign_str(dst, src)	__assign_str(dst)
#else
#define mini_assign_str(dst, src)	__assign_str(dst, src)
#endif

#endif /* _MINI_COMPAT_H */
