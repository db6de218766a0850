// SPDX-License-Identifier: GPL-2.0
/*
 * What we are about to become: which file it is, whether that file counts on
 * privileges that execve() will not give it here, and what it shall load.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "mini-run.h"

#define PRELOADED "libmini-run.so"

static bool executable(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* The file that execvp() would take. */
bool find_program(const char *name, char *path, size_t size)
{
	const char *dirs = getenv("PATH");
	int len;

	if (strchr(name, '/')) {
		len = snprintf(path, size, "%s", name);
		return len > 0 && (size_t)len < size && executable(path);
	}
	for (dirs = dirs ? dirs : "/bin:/usr/bin"; dirs;) {
		len = strcspn(dirs, ":");
		len = snprintf(path, size, "%.*s%s%s", len, dirs,
			       len ? "/" : "", name);
		if (len > 0 && (size_t)len < size && executable(path))
			return true;
		dirs = strchr(dirs, ':');
		if (dirs)
			dirs++;
	}
	return false;
}

/* The kernel gives a script its interpreter's privileges, not its own. */
static bool is_script(const char *path)
{
	char start[2] = "";
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	bool script = false;

	if (fd >= 0) {
		script = read(fd, start, 2) == 2 && !memcmp(start, "#!", 2);
		close(fd);
	}
	return script;
}

/*
 * What execve() of this file would add to what we may do; NULL: nothing.
 * @caps: capabilities are more than we have
 */
const char *privilege_of(const char *path, bool caps)
{
	struct statvfs fs;
	struct stat st;

	if (stat(path, &st) || is_script(path))
		return NULL;
	if (!statvfs(path, &fs) && (fs.f_flag & ST_NOSUID))
		return NULL;
	if ((st.st_mode & S_ISUID) && st.st_uid != geteuid())
		return "is set-user-ID";
	if ((st.st_mode & S_ISGID) && (st.st_mode & 0010) &&
	    st.st_gid != getegid())
		return "is set-group-ID";
	if (caps && getxattr(path, "security.capability", NULL, 0) > 0)
		return "has file capabilities";
	return NULL;
}

const char *users_shell(void)
{
	const char *shell = getenv("SHELL");
	const struct passwd *user;

	if (!shell || !*shell) {
		user = getpwuid(getuid());
		shell = user ? user->pw_shell : NULL;
	}
	return shell && *shell ? shell : "/bin/sh";
}

/* Beside us where we were built, or where both are installed */
static bool find_preloaded(char *path, size_t size)
{
	static const char * const places[] = {
		PRELOADED, "../lib/mini/" PRELOADED
	};
	char *name;
	ssize_t len;

	len = readlink("/proc/self/exe", path, size);
	if (len <= 0 || (size_t)len >= size)
		return false;
	path[len] = '\0';
	name = strrchr(path, '/') + 1;
	size -= name - path;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		if ((size_t)snprintf(name, size, "%s", places[i]) < size &&
		    !access(path, R_OK))
			return true;
	}
	return false;
}

/* Whether an ELF file asks for an interpreter, which loads what it needs. */
static bool is_dynamic(int fd, const Elf64_Ehdr *head)
{
	Elf64_Phdr part;

	for (unsigned int i = 0; i < head->e_phnum; i++) {
		if (pread(fd, &part, sizeof(part),
			  head->e_phoff + i * sizeof(part)) != sizeof(part))
			break;
		if (part.p_type == PT_INTERP)
			return true;
	}
	return false;
}

/*
 * Why this program would load no library of ours; NULL: nothing known.  Of a
 * script the interpreter would have to be asked, and of that what it starts.
 */
const char *loads_nothing(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	const char *why = NULL;
	Elf64_Ehdr head;

	if (fd < 0)
		return NULL;
	if (pread(fd, &head, sizeof(head), 0) == sizeof(head) &&
	    !memcmp(head.e_ident, ELFMAG, SELFMAG)) {
		if (head.e_ident[EI_CLASS] != ELFCLASS64)
			why = "is a 32-bit program";
		else if (!is_dynamic(fd, &head))
			why = "is statically linked";
	}
	close(fd);
	return why;
}

/* What to tell the library: see PRELOAD_VARIABLE. */
static bool tell_library(int family, const struct choice *alone)
{
	char word[16], *at = word;

	at += snprintf(word, sizeof(word) - 4, "%d", family);
	if (alone) {
		*at++ = PRELOAD_ALONE;
		if (alone->inet)
			*at++ = PRELOAD_INET;
		if (alone->inet6)
			*at++ = PRELOAD_INET6;
		else if (alone->linux_inet6)
			*at++ = PRELOAD_LINUX_INET6;
		*at = '\0';
	}
	return !setenv(PRELOAD_VARIABLE, word, 1);
}

/*
 * Before whatever the user wants preloaded: neither minds the other.
 * @alone: what is chosen, if there is no filter
 */
void preload(int family, const struct choice *alone)
{
	const char *others = getenv("LD_PRELOAD");
	char path[PATH_MAX];
	char *list;

	if (!find_preloaded(path, sizeof(path)))
		die("there is no " PRELOADED " beside mini-run, nor in ../lib/mini");
	/* The loader takes these for something else. */
	if (strpbrk(path, " :$"))
		die("cannot be preloaded from there: \"%s\"", path);
	if (asprintf(&list, "%s%s%s", path, others && *others ? ":" : "",
		     others ? others : "") < 0 ||
	    setenv("LD_PRELOAD", list, 1) || !tell_library(family, alone))
		die("out of memory");
	free(list);
}
