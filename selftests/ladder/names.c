// SPDX-License-Identifier: GPL-2.0
/* Socket options by the names of their constants. */
#include "ladder.h"

enum kind { INT, STRING, LINGER, TIME, OCTETS };

/* What <netinet/tcp.h> may not have */
#ifndef TCP_TX_DELAY
#define TCP_TX_DELAY	37
#endif

#define SO(name, kind)	{ #name, SOL_SOCKET, name, kind }
#define IP(name)	{ #name, IPPROTO_IP, name, INT }
#define TCP(name, kind)	{ #name, IPPROTO_TCP, name, kind }

static const struct {
	const char *name;
	int level;
	int option;
	enum kind kind;
} options[] = {
	SO(SO_REUSEADDR, INT), SO(SO_REUSEPORT, INT), SO(SO_SNDBUF, INT),
	SO(SO_RCVBUF, INT), SO(SO_KEEPALIVE, INT), SO(SO_OOBINLINE, INT),
	SO(SO_RCVLOWAT, INT), SO(SO_ERROR, INT), SO(SO_PRIORITY, INT),
	SO(SO_MARK, INT), SO(SO_ACCEPTCONN, INT), SO(SO_MAX_PACING_RATE, INT),
	SO(SO_LINGER, LINGER), SO(SO_RCVTIMEO, TIME), SO(SO_SNDTIMEO, TIME),
	SO(SO_SNDBUFFORCE, INT), SO(SO_RCVBUFFORCE, INT),
	IP(IP_TOS), IP(IP_TTL), IP(IP_MTU_DISCOVER), IP(IP_MTU), IP(IP_RECVERR),
	IP(IP_FREEBIND), IP(IP_BIND_ADDRESS_NO_PORT),
	TCP(TCP_NODELAY, INT), TCP(TCP_MAXSEG, INT), TCP(TCP_CORK, INT),
	TCP(TCP_KEEPIDLE, INT), TCP(TCP_KEEPINTVL, INT), TCP(TCP_KEEPCNT, INT),
	TCP(TCP_SYNCNT, INT), TCP(TCP_LINGER2, INT),
	TCP(TCP_DEFER_ACCEPT, INT), TCP(TCP_WINDOW_CLAMP, INT),
	TCP(TCP_QUICKACK, INT), TCP(TCP_CONGESTION, STRING),
	TCP(TCP_USER_TIMEOUT, INT), TCP(TCP_FASTOPEN, INT),
	TCP(TCP_FASTOPEN_CONNECT, INT), TCP(TCP_FASTOPEN_KEY, OCTETS),
	TCP(TCP_FASTOPEN_NO_COOKIE, INT), TCP(TCP_NOTSENT_LOWAT, INT),
	TCP(TCP_TIMESTAMP, INT), TCP(TCP_INQ, INT), TCP(TCP_SAVE_SYN, INT),
	TCP(TCP_THIN_LINEAR_TIMEOUTS, INT), TCP(TCP_TX_DELAY, INT),
};

static int find(struct ladder *l, const char *name)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
		if (!strcmp(options[i].name, name))
			return i;
	}
	fail(l, "no socket option %s", name);
}

/* Linux calls NewReno reno. */
static const char *control(const struct ladder *l, const char *name)
{
	return strcmp(name, "newreno") || l->mini ? name : "reno";
}

/* 0 or -errno */
int set_option(struct ladder *l, int fd, char **word, int words)
{
	int i = find(l, word[0]);
	int level = options[i].level;
	int option = options[i].option;
	const char *text;
	uint8_t octets[40];
	struct linger linger;
	socklen_t len;
	int value;
	int ret;

	if (words < 2)
		fail(l, "%s needs a value", word[0]);
	switch (options[i].kind) {
	case STRING:
		text = control(l, word[1]);
		ret = setsockopt(fd, level, option, text, strlen(text));
		break;
	case LINGER:
		linger.l_onoff = eval(l, word[1]);
		linger.l_linger = words > 2 ? eval(l, word[2]) : 0;
		ret = setsockopt(fd, level, option, &linger, sizeof(linger));
		break;
	case TIME:
		timeout_ms(fd, option, eval(l, word[1]));
		return 0;
	case OCTETS:
		len = octets_of(l, word[1], octets, sizeof(octets));
		ret = setsockopt(fd, level, option, octets, len);
		break;
	default:
		value = eval(l, word[1]);
		ret = set_int(fd, level, option, value);
		if (!ret && level == SOL_SOCKET && option == SO_OOBINLINE)
			l->c->oob_inline = value;
	}
	return ret ? -errno : 0;
}

/* 0 or -errno; what was found is compared and told in @said. */
int get_option(struct ladder *l, int fd, char **word, int words, bool *right,
	       char *said, size_t size)
{
	int i = find(l, word[0]);
	uint8_t buf[64] = {};
	socklen_t len = sizeof(buf);
	struct linger linger;
	struct timeval tv;
	int value;

	*right = true;
	*said = '\0';
	if (getsockopt(fd, options[i].level, options[i].option, buf, &len))
		return -errno;
	if (words < 2)
		return 0;
	switch (options[i].kind) {
	case STRING:
		*right = !strcmp((char *)buf, control(l, word[1]));
		snprintf(said, size, "%s", buf);
		break;
	case LINGER:
		memcpy(&linger, buf, sizeof(linger));
		*right = holds(l, word[1], linger.l_onoff) &&
			 (words < 3 || holds(l, word[2], linger.l_linger));
		snprintf(said, size, "%d %d", linger.l_onoff, linger.l_linger);
		break;
	case TIME:
		memcpy(&tv, buf, sizeof(tv));
		*right = holds(l, word[1], tv.tv_sec * 1000 + tv.tv_usec / 1000);
		snprintf(said, size, "%ld s %ld us", (long)tv.tv_sec,
			 (long)tv.tv_usec);
		break;
	case OCTETS:
		*right = octets_hold(l, word[1], buf, len);
		snprintf(said, size, "%u octets", len);
		break;
	default:
		memcpy(&value, buf, sizeof(value));
		*right = holds(l, word[1], value);
		snprintf(said, size, "%d", value);
	}
	return 0;
}
