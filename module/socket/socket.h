/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The family: socket(), names, options, and the calls common to transports.
 */
#ifndef _MINI_SOCKET_H
#define _MINI_SOCKET_H

#include "../mini.h"
#include "../sock.h"

int mini_socket_init(void);
void mini_socket_exit(void);

#endif /* _MINI_SOCKET_H */
