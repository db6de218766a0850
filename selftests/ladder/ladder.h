/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Ladders: TCP scenarios as text, Documentation/ladder.rst.
 *
 *	main.c		command line, one process a scenario, TAP
 *	text.c		scenario files: lines and words
 *	value.c		numbers, names, variables, what a value must be
 *	wire.c		connections, frames out and in with their times
 *	segment.c	a segment's words: to send it, to hold one against it
 *	options.c	TCP options in segments
 *	run.c		a scenario from line to line
 *	call.c		socket calls
 *	names.c		socket options by name
 *	info.c		struct tcp_info by name
 *
 * A process runs one scenario over one family, so that what fails may simply
 * tell why and end it.
 */
#ifndef SELFTESTS_LADDER_H
#define SELFTESTS_LADDER_H

#include "../frames.h"

/* More of TCP's flags; AE is bit 8 of the header's 12 bits of flags. */
#define URG	0x20
#define ECE	0x40
#define CWR	0x80
#define AE	0x100

#define WORDS		48
#define NAME_LEN	24
#define US		1000	/* in a millisecond */

struct line {
	int number;
	char *text;		/* without comment, for people */
	char *word[WORDS];
	int words;
};

struct scenario {
	const char *file;
	int number;		/* of its first line */
	char *title;
	struct line *line;
	int lines;
	const char *only;	/* a family; NULL: both */
	const char *reason;
	const char *fails;	/* it must, and say this */
};

struct variable {
	char name[NAME_LEN];
	int64_t number;
	uint8_t octets[40];
	size_t len;
};

/* A segment with all that struct segment lacks. */
struct seen {
	struct seen *next;
	struct segment s;
	int flags;		/* AE, too */
	uint16_t urg;
	uint8_t tos;
	bool df;
	int64_t at;		/* us of CLOCK_REALTIME */
};

struct range {
	int64_t from;
	int64_t to;
};

/* A connection as the peer sees it; numbers are relative to the two ISS. */
struct connection {
	struct connection *next;
	char name[NAME_LEN];
	int fd;			/* the host's socket, -1: none */
	uint16_t peer_port;
	uint16_t host_port;	/* 0: not known yet */
	uint32_t peer_iss;
	uint32_t host_iss;
	bool host_iss_known;
	struct seen *first;	/* arrived, not expected yet */
	struct seen **last;

	int64_t sent;		/* peer's SND.NXT */
	struct range hole[64];	/* sent beyond a hole */
	int holes;
	int64_t sent_whole;	/* what the host can acknowledge */
	int64_t came;		/* host's SND.NXT */
	int64_t came_whole;	/* what the peer acknowledges */
	uint16_t win;
	bool ts_sent;		/* in the peer's SYN */
	bool ts_came;		/* in the host's */
	uint32_t peer_ts;
	uint32_t ts_offset;
	uint32_t host_ts;
	uint32_t last_ack;
	uint16_t last_win;
	uint8_t host_wscale;
	bool syn_came;

	int64_t written;	/* by the program of the host */
	int64_t read;		/* by it, and urgent octets skipped */
	int64_t urgent;		/* offset of the urgent octet, -1: none */
	bool oob_inline;
};

struct ladder {
	const struct scenario *scenario;
	const struct line *line;
	struct wire w;
	int tap;		/* packet socket with the kernel's time stamps */
	bool mini;
	bool verbose;
	int tolerance;		/* ms */
	int listener;
	bool on_listener;	/* this line is about the listener */
	const char *nested;	/* a call that is part of this line */
	struct connection *connections;
	struct connection *c;	/* the current one */
	struct variable variable[64];
	int variables;
	/* When the event before began and ended, us. */
	int64_t since;
	int64_t until;
	int64_t begin;		/* of the scenario */
	FILE *trace;
	char *traced;
	size_t traced_len;
};

/* Words of a segment, to send one or to expect one. */
struct wanted {
	int flags;
	int maybe;		/* flags that need not be there */
	bool ack_flag;
	const char *seq;
	const char *end;
	const char *ack;
	const char *win;
	const char *urg;
	const char *each;
	const char *times;
	int psh;		/* 1: must be set, -1: must not, 0: may */
	int ecn;		/* codepoint, -1: any */
	int df;			/* as psh */
	bool again;
	bool pieces;
	bool badsum;
	struct {
		const char *word;
		const char *arg;
		bool no;
	} option[20];
	int options;
	/* Time since the event before, ms; -1: any. */
	int64_t early;
	int64_t late;
	const char *mark;
};

/* Tell what is wrong and end the process. */
void fail(struct ladder *l, const char *fmt, ...)
	__attribute__((noreturn, format(printf, 2, 3)));
void trace(struct ladder *l, int64_t at, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int64_t now_us(void);

/* text.c: false: told on standard error */
bool text_read(const char *file, struct scenario **list, int *count);

/* value.c */
bool is_value(const char *word);
int64_t eval(struct ladder *l, const char *expr);
/* Is the value what @word says?  Variables are set on the way: =name */
bool holds(struct ladder *l, const char *word, int64_t value);
size_t octets_of(struct ladder *l, const char *word, uint8_t *buf, size_t size);
bool octets_hold(struct ladder *l, const char *word, const uint8_t *buf,
		 size_t len);
struct variable *find_variable(struct ladder *l, const char *name, bool create);
const char *errno_name(int err);
/* An errno by its name, 0: no such */
int errno_number(const char *name);

/* wire.c */
void wire_start(struct ladder *l, const char *family);
struct connection *find_connection(struct ladder *l, const char *name,
				   const char *like);
int64_t peer_rel(const struct connection *c, uint32_t seq);
int64_t host_rel(const struct connection *c, uint32_t seq);
/* The current connection's next segment, or NULL at @deadline. */
struct seen *next_seen(struct ladder *l, int64_t deadline);
void put_back(struct connection *c, struct seen *s);
/* The peer and the host's segments as they pass are noted here. */
void note_sent(struct connection *c, int64_t from, int64_t to);
void note_came(struct connection *c, const struct seen *s);
void fill(uint8_t *buf, int64_t offset, size_t len);
void send_icmp(struct ladder *l, char **word, int words);

/* segment.c */
void parse_wanted(struct ladder *l, char **word, int words, struct wanted *w);
void send_wanted(struct ladder *l, struct wanted *w);
void expect_wanted(struct ladder *l, struct wanted *w, bool eventually);
/* Take and acknowledge all that comes, up to a number. */
void drain(struct ladder *l, int64_t end);
/* Send segments of so many octets until the host's window is shut. */
void flood(struct ladder *l, int64_t size);
void expect_silence(struct ladder *l, int64_t ms);
void render(const struct connection *c, const struct seen *s, char *buf,
	    size_t size);
/* Is an interval what @w allows? */
void check_time(struct ladder *l, const struct wanted *w, int64_t at,
		const char *what);

/* options.c */
bool is_option(const char *word);
bool option_takes_value(const char *word);
void options_build(struct ladder *l, const struct wanted *w, struct seen *s);
bool options_hold(struct ladder *l, const struct wanted *w,
		  const struct seen *s);
void options_render(const struct connection *c, const struct seen *s, char *buf,
		    size_t size);

/* run.c */
void run_scenario(struct ladder *l, const char *family);

/* call.c: false: no such call */
bool call(struct ladder *l, char **word, int words);

/* names.c */
int set_option(struct ladder *l, int fd, char **word, int words);
int get_option(struct ladder *l, int fd, char **word, int words, bool *right,
	       char *said, size_t size);

/* info.c: false: no such field */
bool info_field(const void *info, const char *name, int64_t *value);

#endif /* SELFTESTS_LADDER_H */
