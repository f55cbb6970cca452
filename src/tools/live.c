/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/live.h"

#include "base/str.h"
#include "desc/family.h"

#include <pktt/wire.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *command_of(const struct live *live)
{
	return live->command ? live->command : "";
}

static void say(const struct live *live, const char *text)
{
	struct str out = STR_INIT;

	str_put_escaped(&out, text, strlen(text));
	fprintf(stderr, "pktt%s%s: %s\n", live->command ? " " : "", command_of(live),
		str_text(&out));
	str_fini(&out);
}

int live_refused(const struct live *live, int code, const char *sentence)
{
	say(live, sentence);
	return code == -ESTALE || code == ESTALE ? TOOL_CONFLICT : TOOL_REFUSED;
}

int live_no_daemon(const struct live *live, int code)
{
	int e = code < 0 ? -code : code;
	struct str text = STR_INIT;

	if (e == ENOENT || e == ECONNREFUSED)
		str_putf(&text,
			 "no pkttd answers at %s; start it (systemctl start pkttd), or name its "
			 "socket by --socket or PKTT_SOCKET",
			 live->socket);
	else if (e == EACCES || e == EPERM)
		str_putf(&text,
			 "this user may not speak with pkttd at %s; be root or of group pkttables",
			 live->socket);
	else
		str_putf(&text, "cannot speak with pkttd at %s: %s", live->socket, strerror(e));
	say(live, str_text(&text));
	str_fini(&text);
	return TOOL_NO_DAEMON;
}

uint64_t live_now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* --- Options -------------------------------------------------------------------------------------- */

/* As ip netns has them: a name stands for a file of /run/netns. */
static int enter_netns(const struct live *live)
{
	char path[512], text[640];
	int fd, r;

	if (!live->netns)
		return TOOL_OK;
	if (strchr(live->netns, '/'))
		snprintf(path, sizeof(path), "%s", live->netns);
	else
		snprintf(path, sizeof(path), "/run/netns/%s", live->netns);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	r = fd < 0 ? -1 : setns(fd, CLONE_NEWNET);
	if (r < 0)
		snprintf(text, sizeof(text), "cannot enter network namespace %.200s: %s",
			 live->netns, strerror(errno));
	if (fd >= 0)
		close(fd);
	return r < 0 ? live_refused(live, 0, text) : TOOL_OK;
}

int live_enter(struct live *live)
{
	const char *env = getenv(PKTT_SOCKET_ENV);

	if (live->socket && setenv(PKTT_SOCKET_ENV, live->socket, 1))
		return live_refused(live, 0, "no memory");
	if (!live->socket)
		live->socket = env && env[0] ? env : PKTT_SOCKET_PATH;
	return enter_netns(live);
}

static int take_color(struct live *live, const char *when, struct pktt_error *err)
{
	live->color = isatty(STDOUT_FILENO) && !getenv("NO_COLOR");
	if (!when || strcmp(when, "auto") == 0)
		return 0;
	live->color = strcmp(when, "always") == 0;
	if (!live->color && strcmp(when, "never") != 0)
		return pktt_fail(err, -EINVAL, "--color is auto, always or never");
	return 0;
}

static int take_family(struct live *live, const struct tool_args *args, struct pktt_error *err)
{
	const char *name = tool_args_value(args, LIVE_FAMILY);

	live->has_family = name || tool_args_has(args, LIVE_IPV4) || tool_args_has(args, LIVE_IPV6);
	if (tool_args_has(args, LIVE_IPV6))
		live->family = PKTT_IPV6;
	if (name && pktt_family_parse(name, &live->family))
		return pktt_fail(err, -EINVAL, "there is no family %.60s", name);
	return 0;
}

int live_begin(struct live *ret, const struct tool_args *args)
{
	struct live live = {
		.command = args->command->name,
		.socket = tool_args_value(args, LIVE_SOCKET),
		.netns = tool_args_value(args, LIVE_NETNS),
		.json = tool_args_has(args, LIVE_JSON),
		.numeric = tool_args_has(args, LIVE_NUMERIC),
		.quiet = tool_args_has(args, LIVE_QUIET),
		.verbose = tool_args_has(args, LIVE_VERBOSE),
	};
	struct pktt_error err = { 0 };
	int status;

	if (take_color(&live, tool_args_value(args, LIVE_COLOR), &err) ||
	    take_family(&live, args, &err))
		return tool_usage_error(args->command, &err);
	status = live_enter(&live);
	*ret = live;
	return status;
}
