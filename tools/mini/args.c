// SPDX-License-Identifier: GPL-2.0
/*
 * The words of a command line: walking over them, turning each into a value
 * that is in range, and back into text.  A word that means nothing ends the
 * program with status 2 before anything was asked of the kernel.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mini.h"

/* Where what is complained of was read, or NULL: the command line. */
static const char *input_name;
static unsigned int input_line;

void args_from(const char *name, unsigned int line)
{
	input_name = name;
	input_line = line;
}

static void vcomplain(const char *fmt, va_list ap)
{
	fflush(stdout);
	fputs("mini: ", stderr);
	if (input_name)
		fprintf(stderr, "%s:%u: ", input_name, input_line);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
}

void complain(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vcomplain(fmt, ap);
	va_end(ap);
}

void die(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vcomplain(fmt, ap);
	va_end(ap);
	exit(EXIT_FAILURE);
}

void die_usage(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vcomplain(fmt, ap);
	va_end(ap);
	exit(EXIT_USAGE);
}

void *xrealloc(void *p, size_t n, size_t size)
{
	p = reallocarray(p, n, size);
	if (!p && n && size)
		die("out of memory");
	return p;
}

bool global_option(const char *word)
{
	if (!strcmp(word, "-j") || !strcmp(word, "--json"))
		options.json = true;
	else if (!strcmp(word, "-p") || !strcmp(word, "--pretty"))
		options.pretty = true;
	else if (!strcmp(word, "-s") || !strcmp(word, "--statistics"))
		options.stats = true;
	else
		return false;
	return true;
}

/* The next word; options that every command knows are taken on the way. */
const char *args_next(struct args *args)
{
	const char *word;

	while ((word = *args->argv)) {
		args->argv++;
		if (!strcmp(word, "-h") || !strcmp(word, "--help")) {
			fputs(args->usage, stdout);
			exit(EXIT_SUCCESS);
		}
		if (!global_option(word))
			return word;
	}
	return NULL;
}

const char *args_need(struct args *args, const char *what)
{
	const char *word = args_next(args);

	if (!word)
		die_usage("%s is missing", what);
	return word;
}

void args_end(struct args *args)
{
	const char *word = args_next(args);

	if (word)
		die_usage("\"%s\" is not expected here", word);
}

bool abbreviates(const char *word, const char *full)
{
	return *word && !strncmp(word, full, strlen(word));
}

/* show, add, del or help; no word, or the start of a filter, means show. */
enum action args_action(struct args *args)
{
	char **before = args->argv;
	const char *word = args_next(args);

	if (!word || abbreviates(word, "show") || abbreviates(word, "list") ||
	    !strcmp(word, "ls"))
		return ACTION_SHOW;
	if (abbreviates(word, "add"))
		return ACTION_ADD;
	if (abbreviates(word, "delete"))
		return ACTION_DEL;
	if (abbreviates(word, "help")) {
		fputs(args->usage, stdout);
		exit(EXIT_SUCCESS);
	}
	if (strcmp(word, "dev") && strcmp(word, "all"))
		die_usage("\"%s\" is neither show, add nor del", word);
	args->argv = before;
	return ACTION_SHOW;
}

/* The rest of "show [[dev] DEV]": an ifindex, 0 for all. */
uint32_t args_show_dev(struct args *args)
{
	const char *word = args_next(args);

	if (!word)
		return 0;
	if (!strcmp(word, "dev"))
		word = args_need(args, "the device after dev");
	args_end(args);
	return parse_dev(word);
}

/* Digits only: strtoul() would take signs, blanks and trailing junk. */
static bool digits_u32(const char *word, uint32_t max, uint32_t *value)
{
	uint64_t v = 0;

	if (!*word)
		return false;
	for (; *word; word++) {
		if (*word < '0' || *word > '9')
			return false;
		v = v * 10 + (*word - '0');
		if (v > max)
			return false;
	}
	*value = v;
	return true;
}

uint32_t parse_u32(const char *word, const char *what, uint32_t max)
{
	uint32_t value;

	if (!digits_u32(word, max, &value))
		die_usage("\"%s\" is not a %s (0 to %u)", word, what, max);
	return value;
}

static bool text_ip(const char *word, struct ip *ip)
{
	memset(ip, 0, sizeof(*ip));
	if (inet_pton(AF_INET, word, ip->octets) == 1)
		ip->len = 4;
	else if (inet_pton(AF_INET6, word, ip->octets) == 1)
		ip->len = 16;
	return ip->len;
}

void parse_ip(const char *word, struct ip *ip)
{
	if (!text_ip(word, ip))
		die_usage("\"%s\" is not an IP address", word);
}

/* ADDRESS/BITS; an address alone means all of its bits. */
void parse_prefix(const char *word, struct prefix *p)
{
	const char *slash = strchr(word, '/');
	size_t len = slash ? (size_t)(slash - word) : strlen(word);
	char address[ADDR_STRLEN];
	uint32_t bits;

	if (len >= sizeof(address))
		die_usage("\"%s\" is not an IP address", word);
	memcpy(address, word, len);
	address[len] = '\0';
	if (!text_ip(address, &p->ip))
		die_usage("\"%s\" is not an IP address", address);
	bits = p->ip.len * 8;
	if (slash && !digits_u32(slash + 1, bits, &bits))
		die_usage("\"%s\" is not a prefix length (0 to %d) in %s",
			  slash + 1, p->ip.len * 8, word);
	p->bits = bits;
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void parse_mac(const char *word, struct mac *mac)
{
	const char *s = word;

	for (size_t i = 0; i < sizeof(mac->octets); i++, s += 3) {
		int hi = hex_digit(s[0]);
		int lo = hi < 0 ? -1 : hex_digit(s[1]);

		if (lo < 0 ||
		    s[2] != (i + 1 < sizeof(mac->octets) ? ':' : '\0'))
			die_usage("\"%s\" is not a MAC address (02:00:00:00:00:01)",
				  word);
		mac->octets[i] = hi << 4 | lo;
	}
}

uint32_t parse_dev(const char *word)
{
	uint32_t ifindex = strlen(word) < IFNAMSIZ ? if_nametoindex(word) : 0;

	if (!ifindex)
		die("there is no device \"%s\"", word);
	return ifindex;
}

void prefix_mask(struct prefix *p)
{
	for (unsigned int i = 0; i < p->ip.len; i++) {
		unsigned int kept = p->bits > i * 8 ? p->bits - i * 8 : 0;

		if (kept < 8)
			p->ip.octets[i] &= 0xff00 >> kept;
	}
}

bool prefix_has_host_bits(const struct prefix *p)
{
	struct prefix net = *p;

	prefix_mask(&net);
	return !ip_equal(&net.ip, &p->ip);
}

bool ip_equal(const struct ip *a, const struct ip *b)
{
	return a->len == b->len && !memcmp(a->octets, b->octets, a->len);
}

const char *ip_str(const struct ip *ip, char *buf)
{
	if (!ip->len || !inet_ntop(ip->len == 4 ? AF_INET : AF_INET6,
				   ip->octets, buf, ADDR_STRLEN))
		snprintf(buf, ADDR_STRLEN, "-");
	return buf;
}

const char *prefix_str(const struct prefix *p, char *buf)
{
	size_t len;

	ip_str(&p->ip, buf);
	len = strlen(buf);
	snprintf(buf + len, ADDR_STRLEN - len, "/%u", p->bits);
	return buf;
}

/* @buf has IF_NAMESIZE octets.  A device may go while we look. */
const char *dev_str(uint32_t ifindex, char *buf)
{
	if (!if_indextoname(ifindex, buf)) {
		if (ifindex == LOOPBACK_IFINDEX)
			snprintf(buf, IF_NAMESIZE, "lo");
		else
			snprintf(buf, IF_NAMESIZE, "if%u", ifindex);
	}
	return buf;
}

const char *hw_str(const void *octets, size_t len, char *buf, size_t size)
{
	const uint8_t *o = octets;
	size_t at = 0;

	*buf = '\0';
	for (size_t i = 0; i < len && at + 4 <= size; i++)
		at += snprintf(buf + at, size - at, i ? ":%02x" : "%02x", o[i]);
	return buf;
}
