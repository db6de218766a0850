/* SPDX-License-Identifier: GPL-2.0 */
/* What the parts of mini share: arguments, netlink, output. */
#ifndef MINI_H
#define MINI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <net/if.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/mini.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define __printf(fmt, first)	__attribute__((__format__(__printf__, fmt, first)))
#define __noreturn		__attribute__((__noreturn__))
#define __aligned(octets)	__attribute__((__aligned__(octets)))
#define EXIT_USAGE	2

/* The stack's own loopback, whatever Linux calls its device 1. */
#define LOOPBACK_IFINDEX	1

struct options {
	bool json;
	bool pretty;
	bool stats;
};

extern struct options options;

/* args.c: the words of a command, and what they may mean */

struct args {
	char **argv;		/* what is left, ends with NULL */
	const char *usage;	/* of the command */
};

enum action {
	ACTION_SHOW,
	ACTION_ADD,
	ACTION_DEL,
};

struct ip {
	uint8_t len;		/* 4 or 16 octets, 0: none given */
	uint8_t octets[16];
};

struct prefix {
	struct ip ip;
	uint8_t bits;
};

struct mac {
	uint8_t octets[6];
};

#define ADDR_STRLEN	64	/* an address, "/", a prefix length or ":port" */

void complain(const char *fmt, ...) __printf(1, 2);
void die(const char *fmt, ...) __printf(1, 2) __noreturn;
void die_usage(const char *fmt, ...) __printf(1, 2) __noreturn;
void *xrealloc(void *p, size_t n, size_t size);

const char *args_next(struct args *args);
void args_from(const char *name, unsigned int line);
const char *args_need(struct args *args, const char *what);
void args_end(struct args *args);
enum action args_action(struct args *args);
uint32_t args_show_dev(struct args *args);
bool global_option(const char *word);
bool abbreviates(const char *word, const char *full);

uint32_t parse_u32(const char *word, const char *what, uint32_t max);
void parse_ip(const char *word, struct ip *ip);
void parse_prefix(const char *word, struct prefix *p);
void parse_mac(const char *word, struct mac *mac);
uint32_t parse_dev(const char *word);

bool prefix_has_host_bits(const struct prefix *p);
void prefix_mask(struct prefix *p);
bool ip_equal(const struct ip *a, const struct ip *b);
const char *ip_str(const struct ip *ip, char *buf);
const char *prefix_str(const struct prefix *p, char *buf);
const char *dev_str(uint32_t ifindex, char *buf);
const char *hw_str(const void *octets, size_t len, char *buf, size_t size);

/* json.c: a writer that keeps commas and indentation in order */

void json_open(const char *key, char bracket);
void json_close(void);
void json_str(const char *key, const char *value);
void json_uint(const char *key, unsigned long long value);
void json_bool(const char *key, bool value);
void json_null(const char *key);

/* nl.c: requests, dumps, and why the kernel refused */

struct nl;
typedef void (*nl_row_t)(const struct nlmsghdr *nlh, void *arg);

struct nl *nl_open(int bus);
struct nl *nl_open_mini(void);
void nl_close(struct nl *nl);
struct nlmsghdr *nl_msg(struct nl *nl, uint16_t type, uint16_t flags);
struct nlmsghdr *nl_cmd(struct nl *nl, uint8_t cmd, uint16_t flags);
int nl_ack(struct nl *nl, struct nlmsghdr *nlh);
int nl_ask(struct nl *nl, struct nlmsghdr *nlh, nl_row_t row, void *arg);
size_t nl_room(const struct nl *nl, const struct nlmsghdr *nlh);
int nl_dump(struct nl *nl, struct nlmsghdr *nlh, nl_row_t row, void *arg);
void nl_show(uint8_t cmd, char bracket, nl_row_t row, void *arg);
const char *nl_why(const struct nl *nl);
uint32_t nl_bad(const struct nl *nl);
void nl_buffer(struct nl *nl, int octets);
int nl_join(struct nl *nl, const char *group);
int nl_listen(struct nl *nl, void (*row)(const struct nlmsghdr *nlh));

void nl_parse(const struct nlmsghdr *nlh, size_t header,
	      const struct nlattr **tb, uint16_t max);
uint8_t attr_u8(const struct nlattr *a);
uint32_t attr_u32(const struct nlattr *a);
unsigned long long attr_u64(const struct nlattr *a);
const char *attr_str(const struct nlattr *a);
bool attr_ip(const struct nlattr *a, struct ip *ip);
void put_ip(struct nlmsghdr *nlh, uint16_t type, const struct ip *ip);

unsigned int mini_family(void);

/* What a command changes, in a form that take.c can apply and undo too. */

struct nexthop {
	struct ip gateway;
	uint32_t ifindex;
	uint32_t weight;
};

struct route {
	struct prefix dst;
	struct ip gateway;
	struct ip src;
	uint32_t ifindex;
	uint32_t metric;
	bool has_metric;
	char congctl[16];
	uint8_t type;		/* 0: unicast */
	unsigned int n_nexthops;
	struct nexthop nexthops[32];
};

int dev_change(struct nl *nl, uint8_t cmd, uint32_t ifindex);
int addr_change(struct nl *nl, uint8_t cmd, const struct prefix *p,
		uint32_t ifindex, bool dad);
int route_change(struct nl *nl, uint8_t cmd, const struct route *r);
const char *route_str(const struct route *r, char *buf, size_t size);

/* monitor.c: every row starts with it; events with what happened */

void row_begin(void);

/* Events: one row, whatever it is of. */
void dev_event_row(const struct nlmsghdr *nlh);
void addr_event_row(const struct nlmsghdr *nlh);
void route_event_row(const struct nlmsghdr *nlh);
void neigh_event_row(const struct nlmsghdr *nlh);

int dev_take(const char *name, uint32_t ifindex);

/* The commands: what is left of the command line, to an exit status. */

int cmd_attach(struct args *args);
int cmd_detach(struct args *args);
int cmd_dev(struct args *args);
int cmd_addr(struct args *args);
int cmd_route(struct args *args);
int cmd_neigh(struct args *args);
int cmd_maddr(struct args *args);
int cmd_monitor(struct args *args);
int cmd_ss(struct args *args);
int cmd_stat(struct args *args);

#endif /* MINI_H */
