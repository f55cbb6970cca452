/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/demo.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <pktt/type.h>

#include "base/own.h"

enum { WORDS_MAX = 24, WORD_MAX = 48 };

extern char **environ;

int demo_wait(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EINTR;
}

static int run(char *const *argv)
{
	pid_t pid;
	int r = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);

	return r ? -r : demo_wait(pid);
}

int demo_run(const struct demo_hosts *hosts, enum demo_host where, const char *const *word)
{
	const char *before[] = { "ip", "netns", "exec", NULL };
	union {
		const char *of[WORDS_MAX + 5];
		char *argv[WORDS_MAX + 5];
	} words;
	unsigned int n = 0;

	if (where != DEMO_HOSTS) {
		before[3] = hosts->name[where];
		for (; n < 4; n++)
			words.of[n] = before[n];
	}
	for (unsigned int i = 0; i < WORDS_MAX && word[i]; i++)
		words.of[n++] = word[i];
	words.of[n] = NULL;
	return run(words.argv);
}

/* A line of words, of which @0, @1 and @2 are the names of the hosts. */
static int ip(const struct demo_hosts *hosts, const char *line, struct pktt_error *err)
{
	const char *word[WORDS_MAX + 1] = { NULL };
	char text[256];
	char *rest = NULL;
	unsigned int n = 0;
	int r;

	snprintf(text, sizeof(text), "%s", line);
	for (char *w = strtok_r(text, " ", &rest); w && n < WORDS_MAX;
	     w = strtok_r(NULL, " ", &rest))
		word[n++] = w[0] == '@' ? hosts->name[w[1] - '0'] : w;
	r = demo_run(hosts, DEMO_HOSTS, word);
	if (r == -ENOENT)
		return pktt_fail(err, r, "there is no ip(8): install iproute2");
	return r ? pktt_fail(err, -EIO, "%.200s: failed", line) : 0;
}

static int make_namespaces(struct demo_hosts *hosts, struct pktt_error *err)
{
	static const char *const role[] = { "client", "router", "server" };
	int r = 0;

	for (unsigned int i = 0; r == 0 && i < DEMO_HOSTS; i++) {
		char line[64];

		snprintf(hosts->name[i], sizeof(hosts->name[i]), "pktt-%s-%d", role[i],
			 (int)getpid());
		snprintf(line, sizeof(line), "ip netns add @%u", i);
		r = ip(hosts, line, err);
		hosts->made += r == 0;
	}
	return r;
}

int demo_hosts_make(struct demo_hosts *hosts, struct pktt_error *err)
{
	static const char *const lines[] = {
		/* Addresses of links are good at once. */
		"ip netns exec @0 sysctl -qw net.ipv6.conf.default.accept_dad=0",
		"ip netns exec @1 sysctl -qw net.ipv6.conf.default.accept_dad=0",
		"ip netns exec @2 sysctl -qw net.ipv6.conf.default.accept_dad=0",
		"ip link add eth0 netns @0 type veth peer name in0 netns @1",
		"ip link add eth0 netns @2 type veth peer name out0 netns @1",
		"ip -n @0 link set eth0 up",
		"ip -n @1 link set in0 up",
		"ip -n @1 link set out0 up",
		"ip -n @2 link set eth0 up",
		"ip -n @0 addr add 10.0.0.2/24 dev eth0",
		"ip -n @0 addr add 2001:db8:1::2/64 dev eth0 nodad",
		"ip -n @1 addr add 10.0.0.1/24 dev in0",
		"ip -n @1 addr add 2001:db8:1::1/64 dev in0 nodad",
		"ip -n @1 addr add 192.0.2.1/24 dev out0",
		"ip -n @1 addr add 2001:db8:2::1/64 dev out0 nodad",
		"ip -n @2 addr add 192.0.2.2/24 dev eth0",
		"ip -n @2 addr add 2001:db8:2::2/64 dev eth0 nodad",
		"ip -n @0 link set lo up",
		"ip -n @1 link set lo up",
		"ip -n @2 link set lo up",
		"ip -n @0 route add default via 10.0.0.1",
		"ip -n @0 route add default via 2001:db8:1::1",
		"ip -n @2 route add default via 2001:db8:2::1",
		"ip netns exec @1 sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1",
	};
	int r = make_namespaces(hosts, err);

	for (size_t i = 0; r == 0 && i < pktt_countof(lines); i++)
		r = ip(hosts, lines[i], err);
	return r;
}

void demo_hosts_remove(struct demo_hosts *hosts)
{
	while (hosts->made) {
		const char *word[] = { "ip", "netns", "del", hosts->name[--hosts->made], NULL };

		demo_run(hosts, DEMO_HOSTS, word);
	}
}

static int enter(const char *name)
{
	char path[64];
	int fd, r;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	r = fd < 0 ? -1 : setns(fd, CLONE_NEWNET);
	if (fd >= 0)
		close(fd);
	return r;
}

pid_t demo_fork(const struct demo_hosts *hosts, enum demo_host where, int (*what)(void *ctx),
		void *ctx)
{
	pid_t pid;
	int r;

	fflush(stdout);
	pid = fork();
	if (pid)
		return pid < 0 ? -errno : pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	r = enter(hosts->name[where]) == 0 ? what(ctx) : -errno;
	fflush(stdout);
	_exit(r ? EXIT_FAILURE : EXIT_SUCCESS);
}
