// SPDX-License-Identifier: GPL-2.0
/*
 * ladder [OPTIONS] [FILE]...: run TCP scenarios, Documentation/ladder.rst.
 *
 * A scenario is a process in a network namespace of its own; they mostly wait,
 * so many run at a time.
 */
#include <getopt.h>
#include <glob.h>
#include <sys/wait.h>

#include "ladder.h"

#define SECONDS		120	/* for a scenario */

/* A scenario over a family */
struct job {
	const struct scenario *scenario;
	const char *family;
	FILE *output;
	pid_t pid;
	bool done;
	bool skipped;
	int status;
};

static struct {
	const char *family;
	const char *title;
	int jobs;
	int tolerance;
	bool verbose;
	bool list;
} options = { .jobs = 8, .tolerance = 60 };

static void usage(void)
{
	puts("Usage: ladder [OPTIONS] [FILE]...\n"
	     "\n"
	     "Run the scenarios of the files, or of all in selftests/ladder.\n"
	     "\n"
	     "  -f, --family inet|mini   that one alone; or both\n"
	     "  -t, --title TEXT         those with this in their title\n"
	     "  -j, --jobs N             at a time (8)\n"
	     "  -s, --slack MS           later than \"within\" allows (60)\n"
	     "  -v, --verbose            show each ladder\n"
	     "  -l, --list               titles only\n"
	     "  -h, --help");
}

static bool parse(int argc, char **argv)
{
	static const struct option longs[] = {
		{ "family", required_argument, NULL, 'f' },
		{ "title", required_argument, NULL, 't' },
		{ "jobs", required_argument, NULL, 'j' },
		{ "slack", required_argument, NULL, 's' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "list", no_argument, NULL, 'l' },
		{ "help", no_argument, NULL, 'h' },
		{}
	};
	int c;

	/*
	 * A kernel that looks for leaks is slow, and not there to learn from
	 * what its AF_INET does.
	 */
	if (!access("/sys/kernel/debug/kmemleak", F_OK)) {
		options.tolerance = 300;
		options.family = "mini";
	}
	while ((c = getopt_long(argc, argv, "f:t:j:s:vlh", longs, NULL)) >= 0) {
		switch (c) {
		case 'f':
			options.family = optarg;
			break;
		case 't':
			options.title = optarg;
			break;
		case 'j':
			options.jobs = atoi(optarg);
			break;
		case 's':
			options.tolerance = atoi(optarg);
			break;
		case 'v':
			options.verbose = true;
			break;
		case 'l':
			options.list = true;
			break;
		case 'h':
			usage();
			exit(0);
		default:
			return false;
		}
	}
	return options.jobs > 0;
}

static void start(struct job *job)
{
	struct ladder l = {
		.scenario = job->scenario,
		.verbose = options.verbose,
		.tolerance = options.tolerance,
	};

	job->output = tmpfile();
	fflush(NULL);
	job->pid = fork();
	if (job->pid)
		return;
	dup2(fileno(job->output), STDOUT_FILENO);
	dup2(fileno(job->output), STDERR_FILENO);
	alarm(SECONDS);
	run_scenario(&l, job->family);
	fflush(stdout);
	_exit(0);
}

/* Did it fail as it must?  Its output is then of no more interest. */
static bool failed_right(struct job *job)
{
	bool right = false;
	char buf[512];

	rewind(job->output);
	while (fgets(buf, sizeof(buf), job->output))
		right |= strstr(buf, job->scenario->fails) && *buf == '#';
	if (!right)
		return false;
	fclose(job->output);
	job->output = NULL;
	return true;
}

/* One result of TAP; true if it is a failure. */
static bool report(struct job *job, int number)
{
	const struct scenario *s = job->scenario;
	const char *name = strrchr(s->file, '/');
	char buf[512];

	name = name ? name + 1 : s->file;
	if (s->fails && !job->skipped)
		job->status = job->status != 1 << 8 || !failed_right(job);
	printf("%s %d %s: %s: %.*s%s%s\n", job->status ? "not ok" : "ok",
	       number, job->family, s->title, (int)strcspn(name, "."), name,
	       job->skipped ? " # SKIP " : "",
	       job->skipped ? "mini.ko is not loaded" : "");
	if (job->output) {
		rewind(job->output);
		while (fgets(buf, sizeof(buf), job->output))
			fputs(buf, stdout);
		fclose(job->output);
	}
	if (WIFSIGNALED(job->status))
		printf("# ended by signal %d\n", WTERMSIG(job->status));
	fflush(stdout);
	return job->status;
}

static void reap(struct job *jobs, int count)
{
	int status;
	pid_t pid = wait(&status);

	for (int i = 0; i < count; i++) {
		if (jobs[i].pid != pid || jobs[i].done)
			continue;
		jobs[i].done = true;
		jobs[i].status = status;
	}
}

static bool run_all(struct job *jobs, int count)
{
	int next = 0, running = 0, told = 0;
	bool failed = false;

	printf("TAP version 13\n1..%d\n", count);
	while (told < count) {
		if (next < count && running < options.jobs) {
			if (!jobs[next].skipped) {
				start(&jobs[next]);
				running++;
			}
			next++;
		} else {
			reap(jobs, count);
			running--;
		}
		for (; told < next && jobs[told].done; told++)
			failed |= report(&jobs[told], told + 1);
	}
	return failed;
}

static struct job *all_jobs(struct scenario *list, int count, int *jobs)
{
	static const char * const families[] = { "inet", "mini" };
	struct job *job = calloc(2 * count + 1, sizeof(*job));

	*jobs = 0;
	for (int i = 0; i < 2 * count; i++) {
		const struct scenario *s = &list[i / 2];
		const char *family = families[i % 2];
		struct job *j = &job[*jobs];

		if (options.title && !strstr(s->title, options.title))
			continue;
		if (options.family && strcmp(options.family, family) &&
		    strcmp(options.family, "both"))
			continue;
		if (s->only && strcmp(s->only, family))
			continue;
		j->scenario = s;
		j->family = family;
		if (family_by_name(family) < 0) {
			j->skipped = true;
			j->done = true;
		}
		++*jobs;
	}
	return job;
}

/* The scenarios beside the sources: build/selftests/ladder is this program. */
static bool default_files(glob_t *g)
{
	char path[512] = {}, pattern[600];
	char *slash;

	if (readlink("/proc/self/exe", path, sizeof(path) - 1) < 0)
		return false;
	slash = strrchr(path, '/');
	*slash = '\0';
	snprintf(pattern, sizeof(pattern), "%s/../../selftests/ladder/*.ladder",
		 path);
	return !glob(pattern, 0, NULL, g);
}

int main(int argc, char **argv)
{
	struct scenario *list = NULL;
	int count = 0, number;
	struct job *jobs;
	glob_t g;

	if (!parse(argc, argv)) {
		usage();
		return 2;
	}
	if (optind < argc) {
		g.gl_pathc = argc - optind;
		g.gl_pathv = argv + optind;
	} else if (!default_files(&g)) {
		fprintf(stderr, "ladder: no scenarios\n");
		return 2;
	}
	for (size_t i = 0; i < g.gl_pathc; i++) {
		if (!text_read(g.gl_pathv[i], &list, &count))
			return 2;
	}
	if (options.list) {
		for (int i = 0; i < count; i++)
			printf("%s:%d: %s\n", list[i].file, list[i].number,
			       list[i].title);
		return 0;
	}
	jobs = all_jobs(list, count, &number);
	return run_all(jobs, number);
}
