/* SPDX-License-Identifier: GPL-2.0 */
/* Pages for what programs send (pages.c). */
#ifndef _MINI_PAGES_H
#define _MINI_PAGES_H

#include <linux/types.h>

struct page_frag;
struct sock;

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

/** mini_pages_flush() - give all back; the last time when no socket is left. */
void mini_pages_flush(void);

#endif
