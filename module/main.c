// SPDX-License-Identifier: GPL-2.0
/*
 * The life of the module and of its instances, one a network namespace.
 *
 * Layers start from the wire up and end from the sockets down.
 */
#define pr_fmt(fmt) "mini: " fmt

#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/socket.h>
#include <net/genetlink.h>

#include "mini.h"
#include "pages.h"
#include "sock.h"
#include "link/link.h"
#include "ip/ip.h"
#include "port/port.h"
#include "udp/udp.h"
#include "tcp/tcp.h"
#include "raw/raw.h"
#include "socket/socket.h"
#include "control/control.h"

unsigned int mini_net_id;

int mini_family = AF_MINI;
module_param_named(family, mini_family, int, 0444);
MODULE_PARM_DESC(family, "address family number to register");

/**
 * struct mini_layer - what main.c calls of a layer; any may be missing
 * @init: once, at insmod
 * @exit: once, at rmmod
 * @net_init: for each namespace
 * @net_stop: the namespace ends: nothing new begins; all layers are still
 *	there, so that peers can be told
 * @net_exit: for each namespace; what the layer keeps there is freed
 */
struct mini_layer {
	int (*init)(void);
	void (*exit)(void);
	int (*net_init)(struct mini_net *mn);
	void (*net_stop)(struct mini_net *mn);
	void (*net_exit)(struct mini_net *mn);
};

/* Control comes first: its counters serve all the others. */
static const struct mini_layer mini_layers[] = {
	{
		.init = mini_pages_init,
		.exit = mini_pages_exit,
	}, {
		.init = mini_control_init,
		.exit = mini_control_exit,
		.net_init = mini_control_net_init,
		.net_exit = mini_control_net_exit,
	}, {
		.init = mini_link_init,
		.exit = mini_link_exit,
		.net_init = mini_link_net_init,
		.net_stop = mini_link_net_stop,
		.net_exit = mini_link_net_exit,
	}, {
		.init = mini_ip_init,
		.exit = mini_ip_exit,
		.net_init = mini_ip_net_init,
		.net_stop = mini_ip_net_stop,
		.net_exit = mini_ip_net_exit,
	}, {
		.init = mini_port_init,
		.exit = mini_port_exit,
		.net_init = mini_port_net_init,
		.net_exit = mini_port_net_exit,
	}, {
		.init = mini_udp_init,
		.exit = mini_udp_exit,
		.net_init = mini_udp_net_init,
		.net_exit = mini_udp_net_exit,
	}, {
		.init = mini_tcp_init,
		.exit = mini_tcp_exit,
		.net_init = mini_tcp_net_init,
		.net_stop = mini_tcp_net_stop,
		.net_exit = mini_tcp_net_exit,
	}, {
		.init = mini_raw_init,
		.exit = mini_raw_exit,
		.net_init = mini_raw_net_init,
		.net_exit = mini_raw_net_exit,
	}, {
		/* Files whose writers reach into all the others. */
		.net_init = mini_control_net_open,
		.net_exit = mini_control_net_close,
	},
};

static void mini_net_unwind(struct mini_net *mn, int i)
{
	while (i--)
		if (mini_layers[i].net_exit)
			mini_layers[i].net_exit(mn);
}

static int __net_init mini_net_init(struct net *net)
{
	struct mini_net *mn = mini_pernet(net);
	int err;
	int i;

	mn->net = net;
	atomic_set(&mn->genid, 1);
	for (i = 0; i < ARRAY_SIZE(mini_layers); i++) {
		if (!mini_layers[i].net_init)
			continue;
		err = mini_layers[i].net_init(mn);
		if (err) {
			mini_net_unwind(mn, i);
			return err;
		}
	}
	return 0;
}

static void __net_exit mini_net_exit(struct net *net)
{
	struct mini_net *mn = mini_pernet(net);
	int i = ARRAY_SIZE(mini_layers);

	/* Transports first: then the devices go, and no packet comes any more */
	while (i--)
		if (mini_layers[i].net_stop)
			mini_layers[i].net_stop(mn);
	mini_net_unwind(mn, ARRAY_SIZE(mini_layers));
}

/* As a device's operations: they end before the namespace's devices do. */
static struct pernet_operations mini_net_ops = {
	.init = mini_net_init,
	.exit = mini_net_exit,
	.id = &mini_net_id,
	.size = sizeof(struct mini_net),
};

static void mini_layers_unwind(int i)
{
	while (i--)
		if (mini_layers[i].exit)
			mini_layers[i].exit();
}

static int __init mini_init(void)
{
	int err;
	int i;

	if (mini_family <= AF_UNSPEC || mini_family >= AF_MAX)
		return -EINVAL;

	for (i = 0; i < ARRAY_SIZE(mini_layers); i++) {
		if (!mini_layers[i].init)
			continue;
		err = mini_layers[i].init();
		if (err)
			goto err_layers;
	}
	err = register_pernet_device(&mini_net_ops);
	if (err)
		goto err_layers;
	/* Programs and administrators come in last. */
	err = mini_socket_init();
	if (err)
		goto err_pernet;
	err = mini_control_open();
	if (err)
		goto err_socket;
	pr_info("registered as address family %d\n", mini_family);
	return 0;

err_socket:
	mini_socket_exit();
err_pernet:
	unregister_pernet_device(&mini_net_ops);
	i = ARRAY_SIZE(mini_layers);
err_layers:
	mini_layers_unwind(i);
	rcu_barrier();
	return err;
}

static void __exit mini_exit(void)
{
	mini_control_close();
	mini_socket_exit();
	unregister_pernet_device(&mini_net_ops);
	/* Packets still in a qdisc hold the last orphans. */
	wait_event(mini_sk_wait, !atomic_read(&mini_sk_count));
	/* A timer that runs may still queue a callback: RCU waits for softirqs. */
	synchronize_rcu();
	rcu_barrier();
	mini_layers_unwind(ARRAY_SIZE(mini_layers));
	rcu_barrier();
}

module_init(mini_init);
module_exit(mini_exit);

MODULE_DESCRIPTION("AF_MINI, an independent Internet protocol stack");
MODULE_LICENSE("GPL");
MODULE_ALIAS_NETPROTO(AF_MINI);
MODULE_ALIAS_GENL_FAMILY(MINI_GENL_NAME);
