// SPDX-License-Identifier: GPL-2.0
/*
 * mini ss: one row a socket, as netstat and ss show them: own address and
 * port, the peer's, the state, and who holds it.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <linux/sock_diag.h>
#include <linux/tcp.h>

#include "owners.h"

#define STATE_ESTABLISHED	1
#define STATE_CLOSE	7	/* of UDP: not connected */
#define STATE_LISTEN	10
#define STATES		13

struct wish {
	bool tcp;
	bool udp;
	bool raw;
	bool listening;
	bool extended;
	bool timers;
	bool info;
	bool no_header;
	uint32_t states;
};

struct row {
	struct mini_diag_msg msg;
	struct tcp_info info;
	bool has_info;
	char cong[16];
};

struct table {
	struct row *rows;
	size_t n;
	size_t size;
	const struct wish *wish;
	struct owners owners;
};

static const char *const state_names[STATES] = {
	[STATE_ESTABLISHED] = "ESTABLISHED",
	[2]		= "SYN_SENT",
	[3]		= "SYN_RECV",
	[4]		= "FIN_WAIT1",
	[5]		= "FIN_WAIT2",
	[6]		= "TIME_WAIT",
	[STATE_CLOSE]	= "CLOSED",
	[8]		= "CLOSE_WAIT",
	[9]		= "LAST_ACK",
	[STATE_LISTEN]	= "LISTENING",
	[11]		= "CLOSING",
	[12]		= "SYN_RECV",	/* a half-open connection's record */
};

static const char *const timer_names[] = {
	[MINI_DIAG_TIMER_OFF]		= "off",
	[MINI_DIAG_TIMER_RTO]		= "on",
	[MINI_DIAG_TIMER_KEEPALIVE]	= "keepalive",
	[MINI_DIAG_TIMER_TIMEWAIT]	= "timewait",
	[MINI_DIAG_TIMER_PERSIST]	= "persist",
};

static const char *proto_str(const struct mini_diag_msg *m, char *buf)
{
	switch (m->protocol) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_ICMP:
		return "icmp";
	case IPPROTO_RAW:
		return "raw";
	default:
		sprintf(buf, "%u", m->protocol);
		return buf;
	}
}

static const char *state_str(const struct mini_diag_msg *m)
{
	if (m->protocol != IPPROTO_TCP && m->state == STATE_CLOSE)
		return "UNCONN";
	if (m->state < STATES && state_names[m->state])
		return state_names[m->state];
	return "UNKNOWN";
}

static const char *timer_str(const struct mini_diag_msg *m)
{
	return m->timer < ARRAY_SIZE(timer_names) ? timer_names[m->timer] :
						    "unknown";
}

/* The address alone: IPv4 as such whatever the socket's domain. */
static const char *host_str(const struct mini_diag_msg *m,
			    const uint8_t addr[16], char *buf)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const uint8_t any[16];
	struct ip ip = { .len = 16 };

	if (!memcmp(addr, mapped, sizeof(mapped)) ||
	    (m->domain == AF_INET && !memcmp(addr, any, sizeof(any)))) {
		ip.len = 4;
		addr += 12;
	}
	memcpy(ip.octets, addr, ip.len);
	return ip_str(&ip, buf);
}

static bool has_peer(const struct mini_diag_msg *m)
{
	if (m->protocol == IPPROTO_ICMP || m->protocol == IPPROTO_RAW)
		return m->state == STATE_ESTABLISHED;
	return m->rport;
}

/* ADDRESS:PORT, [ADDRESS]:PORT, %DEV where the socket is bound to one. */
static const char *end_str(const struct mini_diag_msg *m, bool local,
			   char *buf, size_t size)
{
	char host[ADDR_STRLEN], name[IF_NAMESIZE], port[8] = "*";
	uint16_t number = ntohs(local ? m->lport : m->rport);
	bool colons;

	if (!local && !has_peer(m))
		return "*:*";
	if (number)
		sprintf(port, "%u", number);
	host_str(m, local ? m->laddr : m->raddr, host);
	colons = strchr(host, ':');
	snprintf(buf, size, "%s%s%s%s%s:%s", colons ? "[" : "", host,
		 colons ? "]" : "", local && m->ifindex ? "%" : "",
		 local && m->ifindex ? dev_str(m->ifindex, name) : "", port);
	return buf;
}

/* A program may name itself anything; a row stays a row. */
static void put_program(FILE *out, const char *program)
{
	for (; *program; program++) {
		unsigned char c = *program;

		fputc(c <= ' ' || c == 0x7f ? '?' : c, out);
	}
}

/* "PID/PROGRAM,...", to be freed. */
static char *owners_str(const struct owners *owners, uint32_t inode)
{
	const struct owner *owner;
	size_t n, len;
	char *text;
	FILE *out;

	out = open_memstream(&text, &len);
	if (!out)
		die("out of memory");
	owner = owners_of(owners, inode, &n);
	if (!owner)
		fputc('-', out);
	for (size_t i = 0; owner && i < n; i++) {
		fprintf(out, "%s%d/", i ? "," : "", owner[i].pid);
		put_program(out, owner[i].program);
	}
	if (fclose(out))
		die("out of memory");
	return text;
}

static unsigned long long cookie(const struct mini_diag_msg *m)
{
	return (unsigned long long)m->cookie[1] << 32 | m->cookie[0];
}

static double ms(uint32_t us)
{
	return us / 1000.0;
}

static void info_text(const struct row *row)
{
	const struct tcp_info *i = &row->info;

	printf("\t");
	if (*row->cong)
		printf(" %s", row->cong);
	if (i->tcpi_options & TCPI_OPT_TIMESTAMPS)
		printf(" ts");
	if (i->tcpi_options & TCPI_OPT_SACK)
		printf(" sack");
	if (i->tcpi_options & TCPI_OPT_WSCALE)
		printf(" wscale:%u,%u", i->tcpi_snd_wscale, i->tcpi_rcv_wscale);
	printf(" rto:%.3g rtt:%.3f/%.3f", ms(i->tcpi_rto), ms(i->tcpi_rtt),
	       ms(i->tcpi_rttvar));
	if (i->tcpi_min_rtt && i->tcpi_min_rtt != UINT32_MAX)
		printf(" minrtt:%.3f", ms(i->tcpi_min_rtt));
	printf(" mss:%u pmtu:%u rcvmss:%u cwnd:%u", i->tcpi_snd_mss,
	       i->tcpi_pmtu, i->tcpi_rcv_mss, i->tcpi_snd_cwnd);
	if (i->tcpi_snd_ssthresh < 0x7fffffff)
		printf(" ssthresh:%u", i->tcpi_snd_ssthresh);
	printf(" snd_wnd:%u rcv_space:%u", i->tcpi_snd_wnd, i->tcpi_rcv_space);
	printf(" bytes_sent:%llu bytes_acked:%llu bytes_received:%llu",
	       i->tcpi_bytes_sent,
	       i->tcpi_bytes_acked,
	       i->tcpi_bytes_received);
	printf(" segs_out:%u segs_in:%u unacked:%u lost:%u retrans:%u/%u\n",
	       i->tcpi_segs_out, i->tcpi_segs_in, i->tcpi_unacked,
	       i->tcpi_lost, i->tcpi_retrans, i->tcpi_total_retrans);
}

static void info_json(const struct row *row)
{
	const struct tcp_info *i = &row->info;

	json_open("tcp_info", '{');
	if (*row->cong)
		json_str("congestion", row->cong);
	json_bool("timestamps", i->tcpi_options & TCPI_OPT_TIMESTAMPS);
	json_bool("sack", i->tcpi_options & TCPI_OPT_SACK);
	json_uint("snd_wscale", i->tcpi_snd_wscale);
	json_uint("rcv_wscale", i->tcpi_rcv_wscale);
	json_uint("rto_us", i->tcpi_rto);
	json_uint("rtt_us", i->tcpi_rtt);
	json_uint("rttvar_us", i->tcpi_rttvar);
	json_uint("min_rtt_us", i->tcpi_min_rtt);
	json_uint("snd_mss", i->tcpi_snd_mss);
	json_uint("rcv_mss", i->tcpi_rcv_mss);
	json_uint("pmtu", i->tcpi_pmtu);
	json_uint("snd_cwnd", i->tcpi_snd_cwnd);
	json_uint("snd_ssthresh", i->tcpi_snd_ssthresh);
	json_uint("snd_wnd", i->tcpi_snd_wnd);
	json_uint("rcv_space", i->tcpi_rcv_space);
	json_uint("bytes_sent", i->tcpi_bytes_sent);
	json_uint("bytes_acked", i->tcpi_bytes_acked);
	json_uint("bytes_received", i->tcpi_bytes_received);
	json_uint("segs_out", i->tcpi_segs_out);
	json_uint("segs_in", i->tcpi_segs_in);
	json_uint("unacked", i->tcpi_unacked);
	json_uint("lost", i->tcpi_lost);
	json_uint("retrans", i->tcpi_retrans);
	json_uint("total_retrans", i->tcpi_total_retrans);
	json_close();
}

static void end_json(const struct mini_diag_msg *m, bool local)
{
	const char *address = local ? "local_address" : "foreign_address";
	const char *port = local ? "local_port" : "foreign_port";
	char buf[ADDR_STRLEN];

	if (!local && !has_peer(m)) {
		json_null(address);
		json_null(port);
		return;
	}
	json_str(address, host_str(m, local ? m->laddr : m->raddr, buf));
	json_uint(port, ntohs(local ? m->lport : m->rport));
}

static void row_json(const struct table *table, const struct row *row)
{
	const struct mini_diag_msg *m = &row->msg;
	const struct owner *owner;
	char buf[IF_NAMESIZE];
	size_t n;

	json_open(NULL, '{');
	json_str("proto", proto_str(m, buf));
	json_uint("recv_q", m->rqueue);
	json_uint("send_q", m->wqueue);
	end_json(m, true);
	end_json(m, false);
	if (m->ifindex)
		json_str("dev", dev_str(m->ifindex, buf));
	json_str("state", state_str(m));
	json_open("processes", '[');
	owner = owners_of(&table->owners, m->inode, &n);
	for (size_t i = 0; owner && i < n; i++) {
		json_open(NULL, '{');
		json_uint("pid", owner[i].pid);
		json_str("program", owner[i].program);
		json_close();
	}
	json_close();
	if (table->wish->extended) {
		json_uint("uid", m->uid);
		json_uint("inode", m->inode);
		json_uint("cookie", cookie(m));
	}
	if (table->wish->timers && m->timer) {
		json_str("timer", timer_str(m));
		json_uint("expires_ms", m->expires);
		json_uint("backoff", m->retrans);
	}
	if (row->has_info)
		info_json(row);
	json_close();
}

static void row_extras(const struct table *table, const struct row *row)
{
	const struct mini_diag_msg *m = &row->msg;

	if (table->wish->timers && m->timer)
		printf(" timer:(%s,%u.%03us,%u)", timer_str(m),
		       m->expires / 1000, m->expires % 1000, m->retrans);
	if (table->wish->extended)
		printf(" uid:%u ino:%u sk:%llx", m->uid, m->inode,
		       cookie(m));
	putchar('\n');
	if (row->has_info)
		info_text(row);
}

static void show_text(const struct table *table)
{
	char local[ADDR_STRLEN + IF_NAMESIZE], peer[ADDR_STRLEN], buf[8];
	const struct mini_diag_msg *m;
	int wl = strlen("Local Address"), wf = strlen("Foreign Address");
	const char *l, *f;
	char *who;

	for (size_t i = 0; i < table->n; i++) {
		m = &table->rows[i].msg;
		l = end_str(m, true, local, sizeof(local));
		f = end_str(m, false, peer, sizeof(peer));
		wl = (int)strlen(l) > wl ? (int)strlen(l) : wl;
		wf = (int)strlen(f) > wf ? (int)strlen(f) : wf;
	}
	if (!table->wish->no_header)
		printf("%-5s %6s %6s %-*s %-*s %-11s %s\n", "Proto", "Recv-Q",
		       "Send-Q", wl, "Local Address", wf, "Foreign Address",
		       "State", "PID/Program");
	for (size_t i = 0; i < table->n; i++) {
		m = &table->rows[i].msg;
		l = end_str(m, true, local, sizeof(local));
		f = end_str(m, false, peer, sizeof(peer));
		who = owners_str(&table->owners, m->inode);
		printf("%-5s %6u %6u %-*s %-*s %-11s %s", proto_str(m, buf),
		       m->rqueue, m->wqueue, wl, l, wf, f, state_str(m), who);
		free(who);
		row_extras(table, &table->rows[i]);
	}
}

/* -l: a listening TCP socket, any other that hears from anybody. */
static bool waits(const struct mini_diag_msg *m)
{
	if (m->protocol == IPPROTO_TCP)
		return m->state == STATE_LISTEN;
	return m->state == STATE_CLOSE;
}

static bool wanted(const struct wish *wish, const struct mini_diag_msg *m)
{
	if (wish->listening && !waits(m))
		return false;
	switch (m->protocol) {
	case IPPROTO_TCP:
		return wish->tcp;
	case IPPROTO_UDP:
		return wish->udp;
	default:
		return wish->raw;
	}
}

static void collect(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *tb[MINI_DIAG_MAX + 1];
	struct table *table = arg;
	const struct wish *wish = table->wish;
	struct row row = { 0 };
	size_t len;

	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(row.msg))
		return;
	memcpy(&row.msg, mnl_nlmsg_get_payload(nlh), sizeof(row.msg));
	if (!wanted(wish, &row.msg))
		return;
	nl_parse(nlh, sizeof(row.msg), tb, MINI_DIAG_MAX);
	if (tb[MINI_DIAG_INFO] && wish->info) {
		/* An older or newer kernel's struct is shorter or longer. */
		len = mnl_attr_get_payload_len(tb[MINI_DIAG_INFO]);
		if (len > sizeof(row.info))
			len = sizeof(row.info);
		memcpy(&row.info, mnl_attr_get_payload(tb[MINI_DIAG_INFO]), len);
		row.has_info = true;
	}
	snprintf(row.cong, sizeof(row.cong), "%s",
		 attr_str(tb[MINI_DIAG_CONG]));
	if (table->n == table->size) {
		table->size = table->size * 2 + 64;
		table->rows = xrealloc(table->rows, table->size,
				       sizeof(*table->rows));
	}
	table->rows[table->n++] = row;
}

/* By protocol, listening first, then by ports: the same rows, the same order. */
static int compare(const void *a, const void *b)
{
	const struct mini_diag_msg *x = &((const struct row *)a)->msg;
	const struct mini_diag_msg *y = &((const struct row *)b)->msg;
	int d;

	d = x->protocol - y->protocol;
	if (!d)
		d = waits(y) - waits(x);
	if (!d)
		d = ntohs(x->lport) - ntohs(y->lport);
	if (!d)
		d = memcmp(x->laddr, y->laddr, sizeof(x->laddr));
	if (!d)
		d = memcmp(x->raddr, y->raddr, sizeof(x->raddr));
	return d ? d : ntohs(x->rport) - ntohs(y->rport);
}

static void fetch(struct table *table)
{
	const struct wish *wish = table->wish;
	struct nl *nl = nl_open(NETLINK_SOCK_DIAG);
	struct mini_diag_req *req;
	struct nlmsghdr *nlh;

	nlh = nl_msg(nl, SOCK_DIAG_BY_FAMILY, 0);
	req = mnl_nlmsg_put_extra_header(nlh, sizeof(*req));
	req->family = mini_family();
	if (wish->tcp != wish->udp && !wish->raw)
		req->protocol = wish->tcp ? IPPROTO_TCP : IPPROTO_UDP;
	req->states = wish->states;
	if (wish->info)
		req->ext = 1 << (MINI_DIAG_INFO - 1) | 1 << (MINI_DIAG_CONG - 1);
	if (nl_dump(nl, nlh, collect, table))
		die("cannot read the sockets: %s", nl_why(nl));
	nl_close(nl);
	if (table->n)
		qsort(table->rows, table->n, sizeof(*table->rows), compare);
}

static uint32_t parse_state(const char *word)
{
	uint32_t states = 0;

	if (!strcasecmp(word, "listen"))
		return 1 << STATE_LISTEN;
	if (!strcasecmp(word, "unconn") || !strcasecmp(word, "close"))
		return 1 << STATE_CLOSE;
	for (int i = 1; i < STATES; i++) {
		const char *a = state_names[i], *b = word;

		/* "time-wait" as ss says it, "TIME_WAIT" as we do */
		while (*a && (strncasecmp(a, b, 1) == 0 ||
			      (*a == '_' && *b == '-'))) {
			a++;
			b++;
		}
		if (!*a && !*b)
			states |= 1 << i;
	}
	if (!states)
		die_usage("\"%s\" is not a state of a socket", word);
	return states;
}

static void parse_wish(struct args *args, struct wish *wish)
{
	static const struct option longs[] = {
		{ "tcp", no_argument, NULL, 't' },
		{ "udp", no_argument, NULL, 'u' },
		{ "raw", no_argument, NULL, 'w' },
		{ "listening", no_argument, NULL, 'l' },
		{ "all", no_argument, NULL, 'a' },
		{ "numeric", no_argument, NULL, 'n' },
		{ "processes", no_argument, NULL, 'p' },
		{ "extended", no_argument, NULL, 'e' },
		{ "options", no_argument, NULL, 'o' },
		{ "info", no_argument, NULL, 'i' },
		{ "no-header", no_argument, NULL, 'H' },
		{ "json", no_argument, NULL, 'j' },
		{ "pretty", no_argument, NULL, 'P' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	char **argv = args->argv - 1;	/* getopt passes the command's name */
	int argc = 1, c;

	while (argv[argc])
		argc++;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "tuwlanpeoiHjh", longs, NULL)) != -1)
		switch (c) {
		case 't':
			wish->tcp = true;
			break;
		case 'u':
			wish->udp = true;
			break;
		case 'w':
			wish->raw = true;
			break;
		case 'l':
			wish->listening = true;
			break;
		case 'e':
			wish->extended = true;
			break;
		case 'o':
			wish->timers = true;
			break;
		case 'i':
			wish->info = true;
			break;
		case 'H':
			wish->no_header = true;
			break;
		case 'j':
			options.json = true;
			break;
		case 'P':
			options.pretty = true;
			break;
		case 'h':
			fputs(args->usage, stdout);
			exit(EXIT_SUCCESS);
		case '?':
			if (optopt)
				die_usage("-%c is not an option of ss", optopt);
			die_usage("%s is not an option of ss",
				  argv[optind - 1]);
		default:
			break;	/* -a, -n, -p: so it is anyway */
		}
	args->argv = argv + optind;
}

int cmd_ss(struct args *args)
{
	struct wish wish = { 0 };
	struct table table = { .wish = &wish };
	const char *word;

	parse_wish(args, &wish);
	while ((word = args_next(args))) {
		if (!strcmp(word, "help")) {
			fputs(args->usage, stdout);
			return EXIT_SUCCESS;
		}
		if (strcmp(word, "state"))
			die_usage("\"%s\" is not expected here", word);
		wish.states |= parse_state(args_need(args, "the state"));
	}
	if (!wish.tcp && !wish.udp && !wish.raw) {
		wish.tcp = true;
		wish.udp = true;
		wish.raw = true;
	}
	fetch(&table);
	owners_scan(&table.owners);
	if (options.json) {
		json_open(NULL, '[');
		for (size_t i = 0; i < table.n; i++)
			row_json(&table, &table.rows[i]);
		json_close();
	} else {
		show_text(&table);
	}
	free(table.owners.list);
	free(table.rows);
	return EXIT_SUCCESS;
}
