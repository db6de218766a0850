// SPDX-License-Identifier: GPL-2.0
/*
 * net.mini.*: the knobs of struct mini_sysctl, one set a namespace, each with
 * its range.  Documentation/control.rst lists them.
 *
 * Locks on entry: none.  A knob is one store; packets read it without a lock.
 */
#include <linux/bitmap.h>
#include <linux/rtnetlink.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <linux/user_namespace.h>

#include "../link/link.h"
#include "../mini.h"
#include "../ip/ip.h"
#include "../tcp/tcp.h"
#include "control_int.h"

/**
 * struct mini_knob - one line of net.mini
 * @name: file name
 * @handler: reads and writes it
 * @offset: in struct mini_sysctl
 * @size: there
 * @min: least value
 * @max: greatest value
 */
struct mini_knob {
	const char *name;
	proc_handler *handler;
	size_t offset;
	size_t size;
	int min;
	int max;
};

static int mini_proc_increasing(mini_ctl_table *table, int write, void *buffer,
				size_t *lenp, loff_t *ppos);
static int mini_proc_cong(mini_ctl_table *table, int write, void *buffer,
			  size_t *lenp, loff_t *ppos);
static int mini_proc_tcp_mem(mini_ctl_table *table, int write, void *buffer,
			     size_t *lenp, loff_t *ppos);
static int mini_proc_fo_key(mini_ctl_table *table, int write, void *buffer,
			    size_t *lenp, loff_t *ppos);
static int mini_proc_reserved(mini_ctl_table *table, int write, void *buffer,
			      size_t *lenp, loff_t *ppos);
static int mini_proc_ipfrag_mem(mini_ctl_table *table, int write, void *buffer,
				size_t *lenp, loff_t *ppos);
static int mini_proc_cong_list(mini_ctl_table *table, int write, void *buffer,
			       size_t *lenp, loff_t *ppos);
static int mini_proc_gids(mini_ctl_table *table, int write, void *buffer,
			  size_t *lenp, loff_t *ppos);
static int mini_proc_forward(mini_ctl_table *table, int write, void *buffer,
			     size_t *lenp, loff_t *ppos);

#define MINI_KNOB(field, octets, least, greatest, how)			\
	{								\
		.name = #field,						\
		.handler = how,						\
		.offset = offsetof(struct mini_sysctl, field),		\
		.size = octets,						\
		.min = least,						\
		.max = greatest,					\
	}
#define MINI_INT(field, least, greatest)				\
	MINI_KNOB(field, sizeof(int), least, greatest, proc_dointvec_minmax)
#define MINI_RISING(field, n, least, greatest)				\
	MINI_KNOB(field, (n) * sizeof(int), least, greatest,		\
		  mini_proc_increasing)

/* Names of congestion controls. */
#define MINI_CONG_MAX	sizeof_field(struct mini_sysctl, tcp_congestion_control)

#define MINI_CONG_LIST_MAX	256

/* xxxxxxxx-xxxxxxxx-xxxxxxxx-xxxxxxxx */
#define MINI_FO_KEY_CHARS	35

#define MINI_DAY	86400
#define MINI_BUF_MIN	2048
#define MINI_BUF_MAX	SZ_256M

static const struct mini_knob mini_knobs[] = {
	MINI_INT(ip_default_ttl, 1, 255),
	MINI_KNOB(ip_forward, sizeof(int), 0, 1, mini_proc_forward),
	MINI_INT(send_redirects, 0, 1),
	MINI_INT(accept_redirects, 0, 1),
	MINI_INT(rp_filter, 0, 2),
	MINI_INT(mtu_expires, 1, MINI_DAY),
	MINI_INT(min_pmtu, 68, 65535),
	MINI_INT(ipfrag_high_thresh, 0, MINI_BUF_MAX),
	MINI_INT(ipfrag_time, 1, 3600),
	MINI_INT(ipfrag_max_dist, 0, INT_MAX),
	{
		.name = "ipfrag_mem",
		.handler = mini_proc_ipfrag_mem,
		.offset = offsetof(struct mini_sysctl, ip_default_ttl),
		.size = sizeof(int),
	},
	MINI_INT(proxy_arp, 0, 1),
	MINI_INT(icmp_echo_ignore_all, 0, 1),
	MINI_INT(icmp_ratelimit, 0, 1000000),
	MINI_INT(icmp_burst, 1, 1000000),
	MINI_INT(igmp_qrv, 1, 255),
	MINI_INT(igmp_max_memberships, 0, SZ_1M),
	MINI_INT(igmp_max_msf, 0, SZ_4K),
	MINI_INT(force_igmp_version, 0, 3),
	MINI_INT(neigh_base_reachable_ms, 100, MINI_DAY * MSEC_PER_SEC),
	MINI_INT(neigh_retrans_ms, 10, MINI_DAY * MSEC_PER_SEC),
	MINI_INT(neigh_delay_probe_ms, 0, MINI_DAY * MSEC_PER_SEC),
	MINI_INT(neigh_ucast_probes, 0, 100),
	MINI_INT(neigh_mcast_probes, 1, 100),
	MINI_INT(neigh_gc_stale_ms, 100, MINI_DAY * MSEC_PER_SEC),
	MINI_INT(neigh_max_entries, 1, SZ_1M),
	MINI_INT(neigh_queue_bytes, 0, MINI_BUF_MAX),
	MINI_RISING(ip_local_port_range, 2, 1, 65535),
	MINI_KNOB(ip_local_reserved_ports, U16_MAX + 1, 0, 0,
		  mini_proc_reserved),
	MINI_INT(ip_unprivileged_port_start, 0, 65535),
	MINI_KNOB(ping_group_range, 2 * sizeof(kgid_t), 0, INT_MAX,
		  mini_proc_gids),
	MINI_INT(somaxconn, 1, 65535),
	MINI_INT(udp_rmem, MINI_BUF_MIN, MINI_BUF_MAX),
	MINI_INT(udp_wmem, MINI_BUF_MIN, MINI_BUF_MAX),
	MINI_RISING(tcp_rmem, 3, MINI_BUF_MIN, MINI_BUF_MAX),
	MINI_RISING(tcp_wmem, 3, MINI_BUF_MIN, MINI_BUF_MAX),
	{ .name = "tcp_mem", .handler = mini_proc_tcp_mem },
	MINI_INT(tcp_timestamps, 0, 1),
	MINI_INT(tcp_sack, 0, 1),
	MINI_INT(tcp_dsack, 0, 1),
	MINI_INT(tcp_window_scaling, 0, 1),
	MINI_INT(tcp_syn_retries, 1, 127),
	MINI_INT(tcp_synack_retries, 0, 127),
	MINI_INT(tcp_retries2, 1, 127),
	MINI_INT(tcp_orphan_retries, 0, 127),
	MINI_INT(tcp_fin_timeout, 1, MINI_DAY),
	MINI_INT(tcp_time_wait, 1, 3600),
	MINI_INT(tcp_max_tw_buckets, 0, SZ_4M),
	MINI_INT(tcp_tw_reuse, 0, 2),
	MINI_INT(tcp_rfc1337, 0, 1),
	MINI_INT(tcp_max_orphans, 0, SZ_1M),
	MINI_INT(tcp_max_syn_backlog, 1, SZ_1M),
	MINI_INT(tcp_syncookies, 0, 2),
	MINI_INT(tcp_abort_on_overflow, 0, 1),
	MINI_INT(tcp_fastopen, 0, 0x607),
	/* It stands nowhere: the other one leads to the namespace. */
	{
		.name = "tcp_fastopen_key",
		.handler = mini_proc_fo_key,
		.offset = offsetof(struct mini_sysctl, tcp_fastopen),
		.size = 2 * (MINI_FO_KEY_CHARS + 1),
	},
	MINI_INT(tcp_syn_linear_timeouts, 0, 127),
	MINI_INT(tcp_keepalive_time, 1, 32767),
	MINI_INT(tcp_keepalive_intvl, 1, 32767),
	MINI_INT(tcp_keepalive_probes, 1, 127),
	MINI_INT(tcp_challenge_ack_limit, 1, INT_MAX),
	MINI_INT(tcp_invalid_ratelimit_ms, 0, MINI_DAY * MSEC_PER_SEC),
	MINI_INT(tcp_delack_ms, 0, 499),
	MINI_INT(tcp_comp_sack_delay_ns, 0, NSEC_PER_SEC),
	MINI_INT(tcp_comp_sack_nr, 0, 255),
	MINI_INT(tcp_early_retrans, 0, 4),
	MINI_INT(tcp_frto, 0, 2),
	MINI_INT(tcp_slow_start_after_idle, 0, 1),
	MINI_INT(tcp_min_rtt_wlen, 0, MINI_DAY),
	MINI_KNOB(tcp_notsent_lowat, sizeof(u32), 0, 0, proc_douintvec),
	MINI_INT(tcp_ecn, 0, 2),
	MINI_INT(tcp_ecn_fallback, 0, 1),
	MINI_INT(tcp_ecn_abe, 0, 1),
	MINI_INT(tcp_limit_output_bytes, 0, INT_MAX),
	MINI_INT(tcp_retries1, 0, 255),
	MINI_INT(tcp_mtu_probing, 0, 2),
	MINI_INT(tcp_base_mss, 48, 65535),
	MINI_INT(tcp_mtu_probe_floor, 48, 65535),
	MINI_INT(tcp_probe_interval, 1, MINI_DAY),
	MINI_INT(tcp_probe_threshold, 1, 65535),
	MINI_KNOB(tcp_congestion_control, MINI_CONG_MAX, 0, 0, mini_proc_cong),
	{
		.name = "tcp_available_congestion_control",
		.handler = mini_proc_cong_list,
		.min = 0,
	}, {
		.name = "tcp_allowed_congestion_control",
		.handler = mini_proc_cong_list,
		.min = 1,
	},
};

static const struct mini_sysctl mini_sysctl_default = {
	.ip_default_ttl = 64,
	.send_redirects = 1,
	.accept_redirects = 1,
	.mtu_expires = 600,
	.min_pmtu = 552,
	.ipfrag_high_thresh = SZ_4M,
	.ipfrag_time = 30,
	.ipfrag_max_dist = 64,
	.icmp_ratelimit = 1000,
	.icmp_burst = 50,
	.igmp_qrv = 2,
	.igmp_max_memberships = 20,
	.igmp_max_msf = 10,
	.neigh_base_reachable_ms = 30000,
	.neigh_retrans_ms = 1000,
	.neigh_delay_probe_ms = 5000,
	.neigh_ucast_probes = 3,
	.neigh_mcast_probes = 3,
	.neigh_gc_stale_ms = 60000,
	.neigh_max_entries = 4096,
	.neigh_queue_bytes = 212992,
	.ip_local_port_range = { 32768, 60999 },
	.ip_unprivileged_port_start = 1024,
	.ping_group_range = { KGIDT_INIT(0), KGIDT_INIT(INT_MAX) },
	.somaxconn = 4096,
	.udp_rmem = 212992,
	.udp_wmem = 212992,
	.tcp_rmem = { 4096, 131072, 6291456 },
	.tcp_wmem = { 4096, 262144, 4194304 },
	.tcp_timestamps = 1,
	.tcp_sack = 1,
	.tcp_dsack = 1,
	.tcp_window_scaling = 1,
	.tcp_syn_retries = 7,
	.tcp_synack_retries = 5,
	.tcp_retries2 = 15,
	.tcp_orphan_retries = 8,
	.tcp_fin_timeout = 60,
	.tcp_time_wait = 60,
	.tcp_max_tw_buckets = 262144,
	.tcp_tw_reuse = 2,
	.tcp_rfc1337 = 1,
	.tcp_max_orphans = 16384,
	.tcp_max_syn_backlog = 4096,
	.tcp_syncookies = 1,
	.tcp_fastopen = 1,
	.tcp_keepalive_time = 7200,
	.tcp_keepalive_intvl = 75,
	.tcp_keepalive_probes = 9,
	.tcp_challenge_ack_limit = 1000,
	.tcp_invalid_ratelimit_ms = 500,
	.tcp_delack_ms = 40,
	.tcp_comp_sack_delay_ns = NSEC_PER_MSEC,
	.tcp_comp_sack_nr = 44,
	.tcp_early_retrans = 3,
	.tcp_frto = 2,
	.tcp_slow_start_after_idle = 1,
	.tcp_min_rtt_wlen = 300,
	.tcp_notsent_lowat = U32_MAX,
	.tcp_ecn = 2,
	.tcp_ecn_fallback = 1,
	.tcp_ecn_abe = 1,
	.tcp_limit_output_bytes = SZ_1M,
	.tcp_retries1 = 3,
	.tcp_base_mss = 1024,
	.tcp_mtu_probe_floor = 48,
	.tcp_probe_interval = 600,
	.tcp_probe_threshold = 8,
	.tcp_congestion_control = "cubic",
};

/*
 * Of host and router: a router knows its ways and takes no advice (RFC 1812
 * section 5.2.7.2), unless accept_redirects is set afterwards; and it wants
 * packets as they came.
 */
static int mini_proc_forward(mini_ctl_table *table, int write, void *buffer,
			     size_t *lenp, loff_t *ppos)
{
	struct mini_net *mn = container_of(table->data, struct mini_net,
					   sysctl.ip_forward);
	int old = READ_ONCE(mn->sysctl.ip_forward);
	int err;

	err = proc_dointvec_minmax(table, write, buffer, lenp, ppos);
	if (err || !write || READ_ONCE(mn->sysctl.ip_forward) == old)
		return err;
	WRITE_ONCE(mn->sysctl.accept_redirects, old);
	rtnl_lock();
	mini_dev_set_lro(mn);
	rtnl_unlock();
	return 0;
}

/* Several numbers, none of them below the one before: all or none change. */
static int mini_proc_increasing(mini_ctl_table *table, int write, void *buffer,
				size_t *lenp, loff_t *ppos)
{
	struct ctl_table tmp = *table;
	int *knob = table->data;
	int val[3];
	int err;
	int i;

	if (WARN_ON_ONCE(table->maxlen > sizeof(val)))
		return -EINVAL;
	for (i = 0; i < table->maxlen / sizeof(int); i++)
		val[i] = READ_ONCE(knob[i]);
	tmp.data = val;
	err = proc_dointvec_minmax(&tmp, write, buffer, lenp, ppos);
	if (err || !write)
		return err;

	for (i = 1; i < table->maxlen / sizeof(int); i++)
		if (val[i] < val[i - 1])
			return -EINVAL;
	for (i = 0; i < table->maxlen / sizeof(int); i++)
		WRITE_ONCE(knob[i], val[i]);
	return 0;
}

/* Two groups as the program's user namespace knows them; "1 0": none. */
static int mini_proc_gids(mini_ctl_table *table, int write, void *buffer,
			  size_t *lenp, loff_t *ppos)
{
	struct user_namespace *ns = current_user_ns();
	struct ctl_table tmp = *table;
	kgid_t *knob = table->data;
	kgid_t low, high;
	int val[2];
	int err;

	tmp.data = val;
	tmp.maxlen = sizeof(val);
	val[0] = from_kgid_munged(ns, knob[0]);
	val[1] = from_kgid_munged(ns, knob[1]);
	err = proc_dointvec_minmax(&tmp, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	low = make_kgid(ns, val[0]);
	high = make_kgid(ns, val[1]);
	if (!gid_valid(low) || !gid_valid(high))
		return -EINVAL;
	if (val[1] < val[0] || gid_lt(high, low)) {
		low = KGIDT_INIT(1);
		high = KGIDT_INIT(0);
	}
	WRITE_ONCE(knob[0].val, low.val);
	WRITE_ONCE(knob[1].val, high.val);
	return 0;
}

/* Octets of fragments that wait; the data are the namespace's first knob. */
static int mini_proc_ipfrag_mem(mini_ctl_table *table, int write, void *buffer,
				size_t *lenp, loff_t *ppos)
{
	struct mini_net *mn = container_of(table->data, struct mini_net,
					   sysctl.ip_default_ttl);
	struct ctl_table tmp = *table;
	unsigned long mem = mini_reass_mem(mn);

	if (write)
		return -EPERM;
	tmp.data = &mem;
	tmp.maxlen = sizeof(mem);
	tmp.extra1 = NULL;
	tmp.extra2 = NULL;
	return proc_doulongvec_minmax(&tmp, write, buffer, lenp, ppos);
}

/* The one knob that is not a namespace's: three rising numbers of pages. */
static int mini_proc_tcp_mem(mini_ctl_table *table, int write, void *buffer,
			     size_t *lenp, loff_t *ppos)
{
	struct ctl_table tmp = *table;
	unsigned long mem[3];
	int err;

	mini_tcp_mem_get(mem);
	tmp.data = mem;
	tmp.maxlen = sizeof(mem);
	tmp.extra1 = NULL;
	tmp.extra2 = NULL;
	err = proc_doulongvec_minmax(&tmp, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	if (mem[1] < mem[0] || mem[2] < mem[1])
		return -EINVAL;
	mini_tcp_mem_set(mem);
	return 0;
}

/* A congestion control that exists; connections opened from now on use it. */
static int mini_proc_cong(mini_ctl_table *table, int write, void *buffer,
			  size_t *lenp, loff_t *ppos)
{
	char name[MINI_CONG_MAX];
	struct ctl_table tmp = *table;
	int err;

	strscpy(name, table->data, sizeof(name));
	tmp.data = name;
	err = proc_dostring(&tmp, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	/* What the machine's administrator prefers is good for everybody. */
	err = mini_tcp_cong_default(name, capable(CAP_NET_ADMIN));
	if (err)
		return err;
	strscpy(table->data, name, table->maxlen);
	return 0;
}

/* The congestion controls there are; with extra1, those that all may choose. */
static int mini_proc_cong_list(mini_ctl_table *table, int write, void *buffer,
			       size_t *lenp, loff_t *ppos)
{
	bool allowed = *(const int *)table->extra1;
	struct ctl_table tmp = *table;
	int err;

	tmp.maxlen = MINI_CONG_LIST_MAX;
	tmp.data = kmalloc(tmp.maxlen, GFP_KERNEL);
	if (!tmp.data)
		return -ENOMEM;
	mini_tcp_cong_names(tmp.data, tmp.maxlen, allowed);
	err = proc_dostring(&tmp, write, buffer, lenp, ppos);
	if (!err && write)
		err = mini_tcp_cong_allow(tmp.data);
	kfree(tmp.data);
	return err;
}

static void mini_fo_key_print(char *buf, const u8 *key)
{
	snprintf(buf, MINI_FO_KEY_CHARS + 1, "%08x-%08x-%08x-%08x",
		 get_unaligned_le32(key), get_unaligned_le32(key + 4),
		 get_unaligned_le32(key + 8), get_unaligned_le32(key + 12));
}

static bool mini_fo_key_parse(const char *buf, u8 *key)
{
	u32 word[4];
	int n = 0;
	int i;

	if (sscanf(buf, "%8x-%8x-%8x-%8x%n", &word[0], &word[1], &word[2],
		   &word[3], &n) != 4 || buf[n])
		return false;
	for (i = 0; i < ARRAY_SIZE(word); i++)
		put_unaligned_le32(word[i], key + 4 * i);
	return true;
}

/* Fast Open's key, or two of them and a comma: the second opens only. */
static int mini_proc_fo_key(mini_ctl_table *table, int write, void *buffer,
			    size_t *lenp, loff_t *ppos)
{
	struct mini_net *mn = container_of(table->data, struct mini_net,
					   sysctl.tcp_fastopen);
	char buf[2 * (MINI_FO_KEY_CHARS + 1)] = "";
	u8 keys[2 * MINI_TCP_FO_KEY_LEN];
	struct ctl_table tmp = *table;
	char *second;
	int count;
	int err;

	tmp.data = buf;
	tmp.maxlen = sizeof(buf);
	if (!write) {
		count = mini_tcp_fastopen_get_net_keys(mn, keys);
		mini_fo_key_print(buf, keys);
		if (count == 2) {
			buf[MINI_FO_KEY_CHARS] = ',';
			mini_fo_key_print(buf + MINI_FO_KEY_CHARS + 1,
					  keys + MINI_TCP_FO_KEY_LEN);
		}
	}
	err = proc_dostring(&tmp, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	second = strchr(buf, ',');
	if (second)
		*second++ = '\0';
	if (!mini_fo_key_parse(strim(buf), keys) ||
	    (second && !mini_fo_key_parse(strim(second),
					  keys + MINI_TCP_FO_KEY_LEN)))
		return -EINVAL;
	return mini_tcp_fastopen_set_net_keys(mn, keys, second ? 2 : 1);
}

/*
 * Ports and ranges of them that nobody gets who has not asked for them.  Who
 * never looks at them does without the 8 KiB.
 */
static int mini_proc_reserved(mini_ctl_table *table, int write, void *buffer,
			      size_t *lenp, loff_t *ppos)
{
	unsigned long **map = table->data;
	struct ctl_table tmp = *table;
	unsigned long *ports;

	ports = READ_ONCE(*map);
	if (!ports) {
		ports = bitmap_zalloc(U16_MAX + 1, GFP_KERNEL_ACCOUNT);
		if (!ports)
			return -ENOMEM;
		if (cmpxchg(map, NULL, ports)) {
			bitmap_free(ports);
			ports = READ_ONCE(*map);
		}
	}
	tmp.data = &ports;
	return proc_do_large_bitmap(&tmp, write, buffer, lenp, ppos);
}

/*
 * What bounds memory that no container is charged for, the root of a container
 * may see but not raise.
 */
static umode_t mini_knob_mode(const struct mini_knob *knob,
			      const struct net *net)
{
	/* Of the machine, not of a namespace. */
	if (knob->handler == mini_proc_cong_list)
		return knob->min && net->user_ns == &init_user_ns ? 0644 : 0444;
	if (knob->handler == mini_proc_fo_key)
		return 0600;
	if (net->user_ns == &init_user_ns)
		return 0644;
	if (knob->handler == mini_proc_tcp_mem)
		return 0444;
	switch (knob->offset) {
	case offsetof(struct mini_sysctl, ipfrag_high_thresh):
	case offsetof(struct mini_sysctl, neigh_max_entries):
	case offsetof(struct mini_sysctl, neigh_queue_bytes):
	case offsetof(struct mini_sysctl, udp_rmem):
	case offsetof(struct mini_sysctl, udp_wmem):
		return 0444;
	default:
		return 0644;
	}
}

void mini_sysctl_net_init(struct mini_net *mn)
{
	mn->sysctl = mini_sysctl_default;
}

/* A program may write at once: all layers are there. */
int mini_sysctl_net_open(struct mini_net *mn)
{
	struct mini_control_net *mc = mn->control;
	int i;

	/* One more than there are: older kernels look for an empty one. */
	mc->table = kcalloc(ARRAY_SIZE(mini_knobs) + 1, sizeof(*mc->table),
			    GFP_KERNEL);
	if (!mc->table)
		return -ENOMEM;
	for (i = 0; i < ARRAY_SIZE(mini_knobs); i++) {
		const struct mini_knob *knob = &mini_knobs[i];
		struct ctl_table *entry = &mc->table[i];

		entry->procname = knob->name;
		entry->data = (char *)&mn->sysctl + knob->offset;
		entry->maxlen = knob->size;
		entry->mode = mini_knob_mode(knob, mn->net);
		entry->proc_handler = knob->handler;
		entry->extra1 = (void *)&knob->min;
		entry->extra2 = (void *)&knob->max;
	}
	mc->header = register_net_sysctl_sz(mn->net, "net/mini", mc->table,
					    ARRAY_SIZE(mini_knobs));
	if (!mc->header && IS_ENABLED(CONFIG_SYSCTL)) {
		kfree(mc->table);
		return -ENOMEM;
	}
	return 0;
}

/* Waits for who still reads or writes: all layers are there yet. */
void mini_sysctl_net_close(struct mini_net *mn)
{
	struct mini_control_net *mc = mn->control;

	if (mc->header)
		unregister_net_sysctl_table(mc->header);
	kfree(mc->table);
	bitmap_free(mn->sysctl.ip_local_reserved_ports);
	mn->sysctl.ip_local_reserved_ports = NULL;
}
