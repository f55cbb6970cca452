/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt-run: runs a program whose netlink sockets of netfilter are connections to pkttd. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <pktt/wire.h>

#define SHIM_NAME "libpktt-shim.so"

static void print_help(FILE *to)
{
	fputs("usage: pktt-run [--socket PATH] PROGRAM [ARGUMENT...]\n"
	      "Runs a program of the netfilter family (conntrack, ulogd, iptstate, whatever uses\n"
	      "libnetfilter_* or libipq) against pkttd instead of the kernel.\n\n"
	      "  -s, --socket PATH  of pkttd (default " PKTT_SOCKET_PATH ", or $" PKTT_SOCKET_ENV
	      ")\n"
	      "  -h, --help         this text\n"
	      "  -V, --version      of pktt-run\n\n"
	      "Programs that are statically linked or change their user (set-uid) are not served.\n"
	      "Exit status: the program's; 2 for a wrong command line, 126 and 127 as of a shell\n"
	      "where the program cannot be run.\n",
	      to);
}

/* Beside this program as it is built, or where it is installed. */
static int find_shim(char *path, size_t room)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	char *slash;

	if (n > 0) {
		self[n] = '\0';
		slash = strrchr(self, '/');
		if (slash) {
			*slash = '\0';
			if (snprintf(path, room, "%s/" SHIM_NAME, self) < (int)room &&
			    access(path, R_OK) == 0)
				return 0;
		}
	}
	if (snprintf(path, room, "%s/" SHIM_NAME, PKTT_LIBDIR) < (int)room &&
	    access(path, R_OK) == 0)
		return 0;
	return -ENOENT;
}

/* In front of what is preloaded already. */
static int preload(const char *shim)
{
	const char *before = getenv("LD_PRELOAD");
	char *all;
	int r;

	if (!before || !*before)
		return setenv("LD_PRELOAD", shim, 1);
	if (asprintf(&all, "%s:%s", shim, before) < 0)
		return -1;
	r = setenv("LD_PRELOAD", all, 1);
	free(all);
	return r;
}

static int run(char **argv)
{
	char shim[PATH_MAX];

	if (find_shim(shim, sizeof(shim)) < 0) {
		fprintf(stderr, "pktt-run: " SHIM_NAME " is neither beside pktt-run nor in %s\n",
			PKTT_LIBDIR);
		return 126;
	}
	if (preload(shim) < 0) {
		perror("pktt-run");
		return 126;
	}
	execvp(argv[0], argv);
	fprintf(stderr, "pktt-run: %s: %s\n", argv[0], strerror(errno));
	return errno == ENOENT ? 127 : 126;
}

int main(int argc, char **argv)
{
	static const struct option options[] = { { "socket", required_argument, NULL, 's' },
						 { "help", no_argument, NULL, 'h' },
						 { "version", no_argument, NULL, 'V' },
						 { NULL, 0, NULL, 0 } };
	int c;

	while ((c = getopt_long(argc, argv, "+s:hV", options, NULL)) != -1) {
		if (c == 'h') {
			print_help(stdout);
			return 0;
		}
		if (c == 'V') {
			puts("pktt-run " PKTT_VERSION);
			return 0;
		}
		if (c != 's' || setenv(PKTT_SOCKET_ENV, optarg, 1) < 0) {
			fputs("For help: pktt-run --help\n", stderr);
			return 2;
		}
	}
	if (optind == argc) {
		print_help(stderr);
		return 2;
	}
	return run(argv + optind);
}
