/* SPDX-License-Identifier: GPL-2.0 */
/* Pages for what programs send (pages.c). */
#ifndef _MINI_PAGES_H
#define _MINI_PAGES_H

#include <linux/types.h>

struct page_frag;
struct sock;
struct work_struct;

/* A processor keeps no more; tests lower it. */
extern unsigned int mini_pages_most;

/**
 * mini_page_frag_refill() - room for a program's octets
 * @sk: socket, locked
 * @pfrag: sk_page_frag(@sk)
 *
 * What sk_page_frag_refill() does, but that a full page is kept, to be used
 * again when no packet refers to it any more.
 *
 * Context: process.
 * Return: false if there is no memory.
 */
bool mini_page_frag_refill(struct sock *sk, struct page_frag *pfrag);

/** mini_pages_init() - rings for all processors.  Return: 0 or -ENOMEM. */
int mini_pages_init(void);
/** mini_pages_exit() - no socket is left. */
void mini_pages_exit(void);

/**
 * mini_pages_age() - once a second: no more stay than were asked for since
 * @work: unused
 */
void mini_pages_age(struct work_struct *work);
/** mini_pages_flush() - give all back. */
void mini_pages_flush(void);

#endif
