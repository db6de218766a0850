// SPDX-License-Identifier: GPL-2.0
/*
 * bench-sample PERIOD MS - where the processor is, every PERIOD nanoseconds or so
 *
 * Prints for each sample of the processor 0, for MS milliseconds, a line of
 * the process's name and the addresses of the kernel's stack, the innermost
 * first; none if a program ran.  What perf record does, without the minute
 * that perf takes to start where instructions are counted.
 */
#include <err.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGES	2048

/*
 * What repeats itself could keep step with one clock: there are several, of
 * so many thousandths of the period.
 */
static const unsigned int clocks[] = { 1009, 1373, 1747, 2239 };

#define CLOCKS	(sizeof(clocks) / sizeof(*clocks))

/* As the attributes below ask for */
struct sample {
	struct perf_event_header header;
	uint32_t pid, tid;
	uint64_t nr;
	uint64_t ips[];
};

static const char *name_of(uint32_t pid)
{
	static uint32_t last = -1;
	static char name[32];
	char path[32];
	FILE *file;

	if (!pid)
		return "idle";
	if (pid == last)
		return name;
	last = pid;
	snprintf(path, sizeof(path), "/proc/%u/comm", pid);
	file = fopen(path, "r");
	if (!file || fscanf(file, "%31s", name) != 1)
		strcpy(name, "gone");
	if (file)
		fclose(file);
	return name;
}

static void show(const struct sample *s)
{
	/* The samples of this program say nothing. */
	if (s->pid == (uint32_t)getpid())
		return;
	fputs(name_of(s->pid), stdout);
	for (uint64_t i = 0; i < s->nr; i++)
		if (s->ips[i] < (uint64_t)PERF_CONTEXT_MAX)
			printf(" %llx", (unsigned long long)s->ips[i]);
	putchar('\n');
}

static struct perf_event_mmap_page *map[CLOCKS];
static int fds[CLOCKS];

static void open_clock(unsigned int i, unsigned long period)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK,
		.sample_period = period * clocks[i] / 1000,
		.sample_type = PERF_SAMPLE_TID | PERF_SAMPLE_CALLCHAIN,
		.exclude_callchain_user = 1, .disabled = 1,
	};
	size_t size = (PAGES + 1) * sysconf(_SC_PAGESIZE);

	fds[i] = syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (fds[i] < 0)
		err(1, "perf_event_open");
	map[i] = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fds[i], 0);
	if (map[i] == MAP_FAILED)
		err(1, "mmap");
}

static void read_clock(unsigned int i)
{
	const long page = sysconf(_SC_PAGESIZE);
	const char *data = (char *)map[i] + page;
	uint64_t head = map[i]->data_head, at = 0;

	if (head >= (uint64_t)PAGES * page)
		errx(1, "too many samples");
	while (at < head) {
		const struct perf_event_header *h = (void *)(data + at);

		if (h->type == PERF_RECORD_SAMPLE)
			show((const struct sample *)h);
		at += h->size;
	}
}

int main(int argc, char **argv)
{
	struct timespec wait;

	if (argc != 3)
		errx(2, "Usage: bench-sample PERIOD MS");
	wait.tv_sec = atol(argv[2]) / 1000;
	wait.tv_nsec = atol(argv[2]) % 1000 * 1000000;
	for (unsigned int i = 0; i < CLOCKS; i++)
		open_clock(i, atol(argv[1]));
	for (unsigned int i = 0; i < CLOCKS; i++)
		ioctl(fds[i], PERF_EVENT_IOC_ENABLE, 0);
	nanosleep(&wait, NULL);
	for (unsigned int i = 0; i < CLOCKS; i++)
		ioctl(fds[i], PERF_EVENT_IOC_DISABLE, 0);
	for (unsigned int i = 0; i < CLOCKS; i++)
		read_clock(i);
	return 0;
}
