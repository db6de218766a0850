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
	bool again;		/* failed once */
	FILE *first;		/* ... saying this */
	bool waiting;		/* ... and will be started again */
	int status;
};

static struct {
	const char *family;
	const char *title;
	int jobs;
	int tolerance;
	bool verbose;
	bool list;
	bool once;
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
	     "  -1, --once               what fails is not run again\n"
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
		{ "once", no_argument, NULL, '1' },
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
		options.jobs = 6;
	}
	while ((c = getopt_long(argc, argv, "f:t:j:1s:vlh", longs, NULL)) >= 0) {
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
		case '1':
			options.once = true;
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

static bool says(struct job *job, const char *text)
{
	bool found = false;
	char buf[512];

	rewind(job->output);
	while (fgets(buf, sizeof(buf), job->output))
		found |= *buf == '#' && strstr(buf, text);
	return found;
}

static bool passed(struct job *job)
{
	const char *text = job->scenario->fails;

	if (job->skipped || !text)
		return !job->status;
	return WIFEXITED(job->status) && WEXITSTATUS(job->status) == 1 &&
	       says(job, text);
}

static void show(FILE *output)
{
	char buf[512];

	rewind(output);
	while (fgets(buf, sizeof(buf), output))
		fputs(buf, stdout);
}

/* One result of TAP; true if it is a failure. */
static bool report(struct job *job, int number)
{
	const struct scenario *s = job->scenario;
	const char *name = strrchr(s->file, '/');
	bool ok = passed(job);

	name = name ? name + 1 : s->file;
	printf("%s %d %s: %s: %.*s%s%s\n", ok ? "ok" : "not ok", number,
	       job->family, s->title, (int)strcspn(name, "."), name,
	       job->skipped ? " # SKIP " : "",
	       job->skipped ? "mini.ko is not loaded" : "");
	if (job->again && ok) {
		printf("# in the second run; the first one said:\n");
		show(job->first);
	}
	if (job->output && (!ok || !s->fails))
		show(job->output);
	if (WIFSIGNALED(job->status))
		printf("# ended by signal %d\n", WTERMSIG(job->status));
	fflush(stdout);
	return !ok;
}

static void reap(struct job *jobs, int count)
{
	int status;
	pid_t pid = wait(&status);

	for (int i = 0; i < count; i++) {
		struct job *job = &jobs[i];

		if (job->pid != pid || job->done || job->waiting)
			continue;
		job->status = status;
		if (!options.once && !job->again && !passed(job)) {
			job->first = job->output;
			job->again = true;
			job->waiting = true;
		} else {
			job->done = true;
		}
	}
}

/* The next to start, NULL: none that may be started now */
static struct job *choose(struct job *jobs, int count, int *next, int running)
{
	if (*next < count)
		return running < options.jobs ? &jobs[(*next)++] : NULL;
	/* On a busy machine times are not kept: another go at the end */
	for (int i = 0; i < count && running < 2; i++) {
		if (!jobs[i].waiting)
			continue;
		jobs[i].waiting = false;
		return &jobs[i];
	}
	return NULL;
}

static bool run_all(struct job *jobs, int count)
{
	int next = 0, running = 0, told = 0;
	bool failed = false;
	struct job *job;

	printf("TAP version 13\n1..%d\n", count);
	while (told < count) {
		job = choose(jobs, count, &next, running);
		if (job && !job->skipped) {
			start(job);
			running++;
		} else if (!job) {
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
