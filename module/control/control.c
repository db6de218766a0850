// SPDX-License-Identifier: GPL-2.0
/*
 * Control as a layer: what it is made of comes and goes in order.
 *
 * Locks on entry: none.
 */
#include <linux/slab.h>

#include "control_int.h"

int mini_control_init(void)
{
	return 0;
}

void mini_control_exit(void)
{
}

int mini_control_net_init(struct mini_net *mn)
{
	int err;

	mn->control = kzalloc(sizeof(*mn->control), GFP_KERNEL);
	if (!mn->control)
		return -ENOMEM;
	mini_sysctl_net_init(mn);
	err = mini_stat_net_init(mn);
	if (err)
		kfree(mn->control);
	return err;
}

void mini_control_net_exit(struct mini_net *mn)
{
	mini_stat_net_exit(mn);
	kfree(mn->control);
}

int mini_control_net_open(struct mini_net *mn)
{
	return mini_sysctl_net_open(mn);
}

void mini_control_net_close(struct mini_net *mn)
{
	mini_sysctl_net_close(mn);
}

int mini_control_open(void)
{
	int err;

	err = mini_genl_open();
	if (err)
		return err;
	err = mini_diag_open();
	if (err)
		mini_genl_close();
	return err;
}

void mini_control_close(void)
{
	mini_diag_close();
	mini_genl_close();
}
