/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Control: generic netlink, sock_diag, sysctls, counters.
 */
#ifndef _MINI_CONTROL_H
#define _MINI_CONTROL_H

#include "../mini.h"

/*
 * In two steps: counters and the knobs' values must be there before the first
 * packet; netlink, and the files of the knobs, must not be there before
 * everything they configure is, nor after.
 */
int mini_control_open(void);
void mini_control_close(void);
int mini_control_init(void);
void mini_control_exit(void);
int mini_control_net_init(struct mini_net *mn);
void mini_control_net_exit(struct mini_net *mn);
int mini_control_net_open(struct mini_net *mn);
void mini_control_net_close(struct mini_net *mn);

#endif /* _MINI_CONTROL_H */
