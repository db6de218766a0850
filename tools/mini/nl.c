// SPDX-License-Identifier: GPL-2.0
/*
 * Netlink: one request at a time, an answer or the reason why not.
 *
 * Dumps are read to their end before the first row is handed out, so that one
 * which changed under our eyes can be asked for again and nothing is shown
 * twice or in halves.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include "mini.h"

/* The kernel fills a dump's messages up to 32 KiB. */
#define NL_RECEIVE	65536
#define NL_REQUEST	65536
#define NL_RETRIES	16
#define NL_GROUPS	8

struct nl {
	struct mnl_socket *sock;
	uint32_t portid;
	uint32_t seq;
	uint16_t family;	/* of generic netlink */
	struct nl_group {
		char name[GENL_NAMSIZ];
		uint32_t id;
	} groups[NL_GROUPS];	/* of the family, an empty name ends them */
	bool interrupted;	/* the dump, by a change */
	char why[256];
	uint32_t bad;		/* where in the request, 0: not told */
	char request[NL_REQUEST] __aligned(NLMSG_ALIGNTO);
	char receive[NL_RECEIVE] __aligned(NLMSG_ALIGNTO);
};

struct rows {
	char *data;
	size_t used;
	size_t size;
};

struct nl *nl_open(int bus)
{
	struct nl *nl = xrealloc(NULL, 1, sizeof(*nl));
	int on = 1;

	memset(nl, 0, sizeof(*nl));
	nl->sock = mnl_socket_open2(bus, SOCK_CLOEXEC);
	if (!nl->sock)
		die("cannot open a netlink socket: %s", strerror(errno));
	if (mnl_socket_bind(nl->sock, 0, MNL_SOCKET_AUTOPID) < 0)
		die("cannot bind a netlink socket: %s", strerror(errno));
	nl->portid = mnl_socket_get_portid(nl->sock);
	/* Only the reasons get poorer where these are not known. */
	mnl_socket_setsockopt(nl->sock, NETLINK_EXT_ACK, &on, sizeof(on));
	mnl_socket_setsockopt(nl->sock, NETLINK_CAP_ACK, &on, sizeof(on));
	return nl;
}

void nl_close(struct nl *nl)
{
	mnl_socket_close(nl->sock);
	free(nl);
}

const char *nl_why(const struct nl *nl)
{
	return nl->why;
}

/* Octets from the request's beginning to what was refused; 0: not told. */
uint32_t nl_bad(const struct nl *nl)
{
	return nl->bad;
}

struct nlmsghdr *nl_msg(struct nl *nl, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(nl->request);

	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | flags;
	nlh->nlmsg_seq = ++nl->seq;
	return nlh;
}

struct nlmsghdr *nl_cmd(struct nl *nl, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = nl_msg(nl, nl->family, flags);
	struct genlmsghdr *genl;

	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = MINI_GENL_VERSION;
	return nlh;
}

/* The kernel's own sentence about it, if it has one; and what it is about. */
static const char *extack(struct nl *nl, const struct nlmsghdr *nlh,
			  size_t skip)
{
	const char *text = NULL;
	const struct nlattr *a;

	if (!(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return NULL;
	mnl_attr_for_each(a, nlh, skip) {
		if (mnl_attr_get_type(a) == NLMSGERR_ATTR_MSG &&
		    mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
			text = mnl_attr_get_str(a);
		else if (mnl_attr_get_type(a) == NLMSGERR_ATTR_OFFS)
			nl->bad = attr_u32(a);
	}
	return text;
}

static int refused(struct nl *nl, int error, const char *text)
{
	if (text)
		snprintf(nl->why, sizeof(nl->why), "%s", text);
	else if (error == EPERM)
		snprintf(nl->why, sizeof(nl->why), "%s (are you root?)",
			 strerror(error));
	else
		snprintf(nl->why, sizeof(nl->why), "%s", strerror(error));
	return -error;
}

/* What an answer says: 0 or -errno. */
static int acknowledged(struct nl *nl, const struct nlmsghdr *nlh)
{
	const struct nlmsgerr *err = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(*err);
	const char *text;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*err))
		return refused(nl, EBADMSG, NULL);
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += MNL_ALIGN(err->msg.nlmsg_len - sizeof(err->msg));
	text = skip <= mnl_nlmsg_get_payload_len(nlh) ?
	       extack(nl, nlh, skip) : NULL;
	if (err->error)
		return refused(nl, -err->error, text);
	if (text)
		complain("warning: %s", text);
	return 0;
}

/* The end of a dump carries a status too. */
static int dumped(struct nl *nl, const struct nlmsghdr *nlh)
{
	const int *error = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*error) || *error >= 0)
		return 0;
	return refused(nl, -*error, extack(nl, nlh, sizeof(*error)));
}

static void keep(struct rows *rows, const struct nlmsghdr *nlh)
{
	size_t len = MNL_ALIGN(nlh->nlmsg_len);

	if (rows->size - rows->used < len) {
		rows->size = rows->size * 2 + len + NL_RECEIVE;
		rows->data = xrealloc(rows->data, rows->size, 1);
	}
	memcpy(rows->data + rows->used, nlh, nlh->nlmsg_len);
	rows->used += len;
}

/* Returns 0 or -errno when the answer is complete, 1 when more will come. */
static int take_message(struct nl *nl, const struct nlmsghdr *nlh,
			struct rows *rows)
{
	if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
		nl->interrupted = true;
	switch (nlh->nlmsg_type) {
	case NLMSG_NOOP:
		return 1;
	case NLMSG_ERROR:
		return acknowledged(nl, nlh);
	case NLMSG_DONE:
		return dumped(nl, nlh);
	case NLMSG_OVERRUN:
		return refused(nl, EOVERFLOW, NULL);
	default:
		if (rows)
			keep(rows, nlh);
		return 1;
	}
}

static int transact(struct nl *nl, struct nlmsghdr *nlh, struct rows *rows)
{
	const struct nlmsghdr *got;
	ssize_t n;
	int len, err;

	nl->why[0] = '\0';
	nl->bad = 0;
	if (mnl_socket_sendto(nl->sock, nlh, nlh->nlmsg_len) < 0)
		return refused(nl, errno, NULL);
	for (;;) {
		n = mnl_socket_recvfrom(nl->sock, nl->receive, NL_RECEIVE);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return refused(nl, errno, NULL);
		got = (const struct nlmsghdr *)nl->receive;
		for (len = n; mnl_nlmsg_ok(got, len);
		     got = mnl_nlmsg_next(got, &len)) {
			if (!mnl_nlmsg_seq_ok(got, nlh->nlmsg_seq) ||
			    !mnl_nlmsg_portid_ok(got, nl->portid))
				continue;
			err = take_message(nl, got, rows);
			if (err <= 0)
				return err;
		}
	}
}

int nl_ack(struct nl *nl, struct nlmsghdr *nlh)
{
	nlh->nlmsg_flags |= NLM_F_ACK;
	return transact(nl, nlh, NULL);
}

/* What is left of the buffer that a request is built in. */
size_t nl_room(const struct nl *nl, const struct nlmsghdr *nlh)
{
	return sizeof(nl->request) - nlh->nlmsg_len;
}

static int fetch(struct nl *nl, struct nlmsghdr *nlh, struct rows *rows)
{
	int err, tries = 0;

	nlh->nlmsg_flags |= NLM_F_DUMP;
	do {
		rows->used = 0;
		nl->interrupted = false;
		nlh->nlmsg_seq = ++nl->seq;
		err = transact(nl, nlh, rows);
	} while (!err && nl->interrupted && ++tries < NL_RETRIES);
	if (!err && nl->interrupted)
		complain("warning: it changes too fast to be shown as one");
	return err;
}

static void hand_out(const struct rows *rows, nl_row_t row, void *arg)
{
	const struct nlmsghdr *nlh;

	for (size_t at = 0; at < rows->used;) {
		nlh = (const struct nlmsghdr *)(rows->data + at);
		at += MNL_ALIGN(nlh->nlmsg_len);
		row(nlh, arg);
	}
}

/* A request with one answer. */
int nl_ask(struct nl *nl, struct nlmsghdr *nlh, nl_row_t row, void *arg)
{
	struct rows rows = { NULL };
	int err;

	nlh->nlmsg_flags |= NLM_F_ACK;
	err = transact(nl, nlh, &rows);
	if (!err)
		hand_out(&rows, row, arg);
	free(rows.data);
	return err;
}

int nl_dump(struct nl *nl, struct nlmsghdr *nlh, nl_row_t row, void *arg)
{
	struct rows rows = { NULL };
	int err = fetch(nl, nlh, &rows);

	if (!err)
		hand_out(&rows, row, arg);
	free(rows.data);
	return err;
}

/* Sort the attributes of one that has others inside. */
static void nested(const struct nlattr *outer, const struct nlattr **tb,
		   uint16_t max)
{
	const struct nlattr *a;

	memset(tb, 0, sizeof(*tb) * (max + 1));
	mnl_attr_for_each_nested(a, outer)
		if (mnl_attr_get_type(a) <= max)
			tb[mnl_attr_get_type(a)] = a;
}

static void family_groups(struct nl *nl, const struct nlattr *list)
{
	const struct nlattr *tb[CTRL_ATTR_MCAST_GRP_MAX + 1], *a;
	size_t n = 0;

	mnl_attr_for_each_nested(a, list) {
		if (n == NL_GROUPS)
			return;
		nested(a, tb, CTRL_ATTR_MCAST_GRP_MAX);
		snprintf(nl->groups[n].name, GENL_NAMSIZ, "%s",
			 attr_str(tb[CTRL_ATTR_MCAST_GRP_NAME]));
		nl->groups[n++].id = attr_u32(tb[CTRL_ATTR_MCAST_GRP_ID]);
	}
}

static void family_row(const struct nlmsghdr *nlh, struct nl *nl)
{
	const struct nlattr *tb[CTRL_ATTR_MAX + 1];

	nl_parse(nlh, sizeof(struct genlmsghdr), tb, CTRL_ATTR_MAX);
	if (tb[CTRL_ATTR_FAMILY_ID])
		nl->family = mnl_attr_get_u16(tb[CTRL_ATTR_FAMILY_ID]);
	if (tb[CTRL_ATTR_MCAST_GROUPS])
		family_groups(nl, tb[CTRL_ATTR_MCAST_GROUPS]);
}

struct nl *nl_open_mini(void)
{
	struct nl *nl = nl_open(NETLINK_GENERIC);
	struct rows rows = { NULL };
	struct nlmsghdr *nlh;
	int err;

	nl->family = GENL_ID_CTRL;
	nlh = nl_cmd(nl, CTRL_CMD_GETFAMILY, NLM_F_ACK);
	mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, MINI_GENL_NAME);
	err = transact(nl, nlh, &rows);
	if (err == -ENOENT)
		die("the module is not loaded (modprobe mini)");
	if (err)
		die("cannot find the module: %s", nl_why(nl));
	if (rows.used)
		family_row((struct nlmsghdr *)rows.data, nl);
	free(rows.data);
	return nl;
}

/* Ask for room to receive; root may have more than others. */
void nl_buffer(struct nl *nl, int octets)
{
	int fd = mnl_socket_get_fd(nl->sock);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &octets, sizeof(octets)))
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &octets, sizeof(octets));
}

int nl_join(struct nl *nl, const char *group)
{
	for (size_t i = 0; i < NL_GROUPS; i++) {
		uint32_t id = nl->groups[i].id;

		if (strcmp(nl->groups[i].name, group))
			continue;
		if (mnl_socket_setsockopt(nl->sock, NETLINK_ADD_MEMBERSHIP,
					  &id, sizeof(id)) < 0)
			return refused(nl, errno, NULL);
		return 0;
	}
	return refused(nl, EOPNOTSUPP, "the module in the kernel is older");
}

/*
 * Wait for events, hand out what came at once: 0, or -ENOBUFS if some were
 * lost, or another -errno.
 */
int nl_listen(struct nl *nl, void (*row)(const struct nlmsghdr *nlh))
{
	const struct nlmsghdr *got;
	ssize_t n;
	int len;

	n = mnl_socket_recvfrom(nl->sock, nl->receive, NL_RECEIVE);
	if (n < 0)
		return errno == EINTR ? 0 : refused(nl, errno, NULL);
	got = (const struct nlmsghdr *)nl->receive;
	for (len = n; mnl_nlmsg_ok(got, len); got = mnl_nlmsg_next(got, &len))
		if (got->nlmsg_type == nl->family)
			row(got);
	return 0;
}

/* What every show does: the rows of one dump, in JSON between brackets. */
void nl_show(uint8_t cmd, char bracket, nl_row_t row, void *arg)
{
	struct nl *nl = nl_open_mini();
	struct rows rows = { NULL };

	if (fetch(nl, nl_cmd(nl, cmd, 0), &rows))
		die("cannot read from the module: %s", nl_why(nl));
	if (options.json)
		json_open(NULL, bracket);
	hand_out(&rows, row, arg);
	if (options.json)
		json_close();
	free(rows.data);
	nl_close(nl);
}

void nl_parse(const struct nlmsghdr *nlh, size_t header,
	      const struct nlattr **tb, uint16_t max)
{
	const struct nlattr *a;

	memset(tb, 0, sizeof(*tb) * (max + 1));
	if (mnl_nlmsg_get_payload_len(nlh) < header)
		return;
	mnl_attr_for_each(a, nlh, header)
		if (mnl_attr_get_type(a) <= max)
			tb[mnl_attr_get_type(a)] = a;
}

static const void *attr_data(const struct nlattr *a, size_t len)
{
	if (!a || mnl_attr_get_payload_len(a) < len)
		return NULL;
	return mnl_attr_get_payload(a);
}

/* An attribute that is absent or too short reads as zero. */
uint8_t attr_u8(const struct nlattr *a)
{
	const uint8_t *data = attr_data(a, sizeof(*data));

	return data ? *data : 0;
}

uint32_t attr_u32(const struct nlattr *a)
{
	const void *data = attr_data(a, sizeof(uint32_t));
	uint32_t value = 0;

	if (data)
		memcpy(&value, data, sizeof(value));
	return value;
}

unsigned long long attr_u64(const struct nlattr *a)
{
	const void *data = attr_data(a, sizeof(uint64_t));
	uint64_t value = 0;

	if (data)
		memcpy(&value, data, sizeof(value));
	return value;
}

const char *attr_str(const struct nlattr *a)
{
	if (!a || mnl_attr_validate(a, MNL_TYPE_NUL_STRING) < 0)
		return "";
	return mnl_attr_get_str(a);
}

bool attr_ip(const struct nlattr *a, struct ip *ip)
{
	size_t len = a ? mnl_attr_get_payload_len(a) : 0;

	memset(ip, 0, sizeof(*ip));
	if (len != 4 && len != 16)
		return false;
	ip->len = len;
	memcpy(ip->octets, mnl_attr_get_payload(a), len);
	return true;
}

void put_ip(struct nlmsghdr *nlh, uint16_t type, const struct ip *ip)
{
	if (ip->len)
		mnl_attr_put(nlh, type, ip->len, ip->octets);
}

/* The number that AF_MINI has in this kernel. */
unsigned int mini_family(void)
{
	FILE *f = fopen("/sys/module/mini/parameters/family", "re");
	unsigned int family;

	if (!f && errno == ENOENT)
		die("the module is not loaded (modprobe mini)");
	if (!f || fscanf(f, "%u", &family) != 1)
		die("cannot read /sys/module/mini/parameters/family: %s",
		    strerror(errno));
	fclose(f);
	return family;
}
