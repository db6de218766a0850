// SPDX-License-Identifier: GPL-2.0
/*
 * mini: look at and change the AF_MINI stack of a network namespace.
 *
 * This file finds the command; each command has a file of its own, and all of
 * them stand on args.c (words), nl.c (netlink) and json.c (output).
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mini.h"

#define VERSION "0.1"

struct options options;

struct command {
	const char *name;
	int (*run)(struct args *args);
	const char *usage;
};

/* The first name that an abbreviation fits is meant: order matters. */
static const struct command commands[] = {
	{ "addr", cmd_addr,
	  "Usage: mini addr [show [[dev] DEV]]\n"
	  "       mini addr add|del ADDRESS/BITS dev DEV [dad]\n" },
	{ "route", cmd_route,
	  "Usage: mini route [show [all] [dev DEV]]\n"
	  "       mini route add|del default|PREFIX [via GATEWAY] [dev DEV]\n"
	  "                          [metric N] [src ADDRESS]\n"
	  "                          [congctl NAME]\n"
	  "       mini route add|del PREFIX nexthop via GATEWAY [dev DEV]\n"
	  "                          [weight N] nexthop ...\n"
	  "       mini route add|del blackhole|unreachable|prohibit PREFIX\n"
	  "       mini route get ADDRESS [from ADDRESS] [oif DEV]\n"
	  "       mini route -batch FILE|-\n" },
	{ "neigh", cmd_neigh,
	  "Usage: mini [-s] neigh [show [[dev] DEV]]\n"
	  "       mini neigh add ADDRESS lladdr MAC dev DEV\n"
	  "       mini neigh del ADDRESS dev DEV\n" },
	{ "ss", cmd_ss,
	  "Usage: mini ss [OPTIONS] [state STATE]\n"
	  "       -t, --tcp        TCP sockets\n"
	  "       -u, --udp        UDP sockets\n"
	  "       -w, --raw        raw sockets, and those of echo requests\n"
	  "       -l, --listening  only sockets that wait for somebody\n"
	  "       -a, --all        every socket (default)\n"
	  "       -n, --numeric    numeric ports (default)\n"
	  "       -p, --processes  who holds the socket (default)\n"
	  "       -e, --extended   user, inode, cookie\n"
	  "       -o, --options    timers\n"
	  "       -i, --info       round-trip time, windows and counts of TCP\n"
	  "       -H, --no-header  no header line\n"
	  "       -j, --json       JSON; --pretty: for reading\n" },
	{ "stat", cmd_stat,
	  "Usage: mini stat [-a] [PATTERN...]\n"
	  "       -a, --all        zero counters too\n"
	  "A PATTERN is a shell pattern, or a part of a name.\n" },
	{ "dev", cmd_dev,
	  "Usage: mini dev [show [[dev] DEV]]\n"
	  "       mini dev set DEV proxy_arp on|off\n"
	  "       mini attach DEV [--take]\n"
	  "       mini detach DEV\n" },
	{ "monitor", cmd_monitor,
	  "Usage: mini [-j] monitor [-t] [-b OCTETS]\n"
	  "                         [all | dev | addr | route | neigh]...\n"
	  "       -t, --timestamp  when it happened, too\n"
	  "       -b, --buffer     for events not yet read (4 MiB)\n" },
	{ "maddr", cmd_maddr,
	  "Usage: mini [-s] maddr [show [[dev] DEV]]\n" },
	{ "attach", cmd_attach,
	  "Usage: mini attach DEV [--take]\n"
	  "       --take: move Linux's IPv4 addresses and routes of DEV over\n" },
	{ "detach", cmd_detach,
	  "Usage: mini detach DEV\n" },
};

static const char overview[] =
	"Usage: mini [OPTIONS] COMMAND [...]\n"
	"\n"
	"  attach DEV [--take]  give a device to the stack\n"
	"  detach DEV           give it back to Linux\n"
	"  dev                  attached devices\n"
	"  addr                 addresses: show, add, del\n"
	"  route                routes: show, add, del\n"
	"  neigh                neighbours (ARP): show, add, del\n"
	"  maddr                multicast groups that are heard\n"
	"  monitor              what happens to all of these, as it happens\n"
	"  ss                   sockets, and who holds them\n"
	"  stat                 counters\n"
	"\n"
	"  -j, --json           JSON; -p, --pretty: for reading\n"
	"  -s, --statistics     more about each row\n"
	"  -n, --netns NAME     in that network namespace\n"
	"  -V, --version        -h, --help\n"
	"\n"
	"Commands may be abbreviated; 'mini COMMAND help' tells more.\n";

static const struct command *find_command(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (abbreviates(word, commands[i].name))
			return &commands[i];
	return NULL;
}

static void enter_netns(const char *name)
{
	char path[4096];
	int fd;

	if (!*name || strchr(name, '/') || strlen(name) > 255)
		die_usage("\"%s\" is not the name of a network namespace",
			  name);
	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		die("network namespace %s: %s", name, strerror(errno));
	if (setns(fd, CLONE_NEWNET))
		die("cannot enter network namespace %s: %s", name,
		    strerror(errno));
	close(fd);
}

/* Output that did not arrive must not look like success. */
static int finish(int status)
{
	if (fflush(stdout) || ferror(stdout)) {
		complain("cannot write: %s", strerror(errno));
		return EXIT_FAILURE;
	}
	return status;
}

static int help(const char *word)
{
	const struct command *command = NULL;

	if (word) {
		command = find_command(word);
		if (!command)
			die_usage("\"%s\" is not a command", word);
	}
	fputs(command ? command->usage : overview, stdout);
	return finish(EXIT_SUCCESS);
}

/* Returns the first word that is not an option, NULL when all is said. */
static const char *leading_options(struct args *args)
{
	const char *word;

	while ((word = args_next(args)) && *word == '-') {
		if (!strcmp(word, "-V") || !strcmp(word, "--version")) {
			puts("mini " VERSION);
			exit(finish(EXIT_SUCCESS));
		}
		if (!strcmp(word, "-n") || !strcmp(word, "--netns"))
			enter_netns(args_need(args, "the name after -n"));
		else
			die_usage("\"%s\" is not an option", word);
	}
	return word;
}

int main(int argc, char **argv)
{
	struct args args = { .argv = argv + (argc > 0), .usage = overview };
	const struct command *command;
	const char *word;

	word = leading_options(&args);
	if (!word) {
		fputs(overview, stderr);
		return EXIT_USAGE;
	}
	if (abbreviates(word, "help"))
		return help(args_next(&args));
	command = find_command(word);
	if (!command)
		die_usage("\"%s\" is not a command; 'mini help' lists them",
			  word);
	args.usage = command->usage;
	return finish(command->run(&args));
}
