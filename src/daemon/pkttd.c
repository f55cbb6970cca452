/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pkttd's command line, and the process around the daemon. */
#include "daemon/daemon.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <urcu-qsbr.h>

#include "base/own.h"
#include "base/str.h"
#include "core/engine.h"
#include "daemon/journal.h"
#include "daemon/notify.h"
#include "daemon/options.h"
#include "daemon/rules.h"
#include "daemon/stop.h"
#include "datapath/replay/router.h"
#include "desc/command.h"
#include "desc/source.h"

#define CONFIG "/etc/pkttables/pkttables.conf"

enum { EXIT_REFUSED = 1, EXIT_USAGE = 2 };

/* --- Configuration ---------------------------------------------------------------------------- */

static void put_text(char *to, size_t size, const char *text)
{
	if (text)
		snprintf(to, size, "%s", text);
}

/* The command line has the last word. */
static int overrule(struct daemon_config *c, const struct daemon_options *o)
{
	int r = 0;

	put_text(c->socket, sizeof(c->socket), o->socket);
	put_text(c->rules, sizeof(c->rules), o->rules);
	put_text(c->plugins, sizeof(c->plugins), o->plugins);
	put_text(c->pid_file, sizeof(c->pid_file), o->pid_file);
	/* A full socket elsewhere has its view beside it. */
	if (o->socket) {
		const char *slash = strrchr(c->socket, '/');

		snprintf(c->view_socket, sizeof(c->view_socket), "%.*sview.sock",
			 slash ? (int)(slash + 1 - c->socket) : 0, c->socket);
	}
	for (size_t i = 0; r == 0 && i < o->nwords; i++) {
		bool is_machine =
			o->word[i].kind == DAEMON_OPTION_INTERFACE && !strchr(o->word[i].text, '=');
		struct daemon_words *of[] = {
			[DAEMON_OPTION_INTERFACE] = &c->router.interface,
			[DAEMON_OPTION_BRIDGE] = &c->router.bridge,
			[DAEMON_OPTION_ROUTE] = &c->router.route,
		};

		r = daemon_config_add(is_machine ? &c->datapath.interface : of[o->word[i].kind],
				      o->word[i].text, NULL);
	}
	return r;
}

static int set_router(struct daemon_config *c, const struct daemon_options *o)
{
	struct pktt_error err = { 0 };

	for (size_t i = 0; i < o->nsettings; i++)
		if (replay_settings_set(&c->router.settings, o->setting[i], &err)) {
			fprintf(stderr, "pkttd: %s\n", err.text);
			return -EINVAL;
		}
	return 0;
}

/* Without --config it may be missing. */
static int read_config(struct daemon_config *c, const struct daemon_options *o,
		       struct pktt_sources **ret)
{
	struct pktt_sources *sources = NULL;
	struct pktt_errors errs = { 0 };
	struct str out = STR_INIT;
	int r = pktt_sources_new(&sources);

	*ret = sources;

	daemon_config_init(c);
	if (r == 0)
		r = daemon_config_read(c, o->config ? o->config : CONFIG, sources, &errs);
	if (r == -ENOENT && !errs.count) {
		if (o->config)
			fprintf(stderr, "pkttd: there is no %s\n", o->config);
		else
			r = 0;
	}
	if (errs.count) {
		pktt_errors_print(&errs, pktt_sources_line, sources, &out);
		fputs(str_text(&out), stderr);
		str_fini(&out);
	}
	if (r == 0)
		r = overrule(c, o);
	return r ? r : set_router(c, o);
}

/* --- --check ---------------------------------------------------------------------------------- */

static int check_router(const struct daemon_config *c, struct pktt_engine *engine)
{
	struct pktt_error err = { 0 };
	void *datapath = NULL;
	int r = datapath_replay.make(&datapath, engine, c, &packets_upcalls, &err);

	if (r && err.place.file)
		fprintf(stderr, "%s:%u:%u: error: %s\n", err.place.file, err.place.line,
			err.place.column, err.text);
	else if (r)
		fprintf(stderr, "pkttd: %s\n", err.text);
	else
		datapath_replay.free(datapath);
	return r;
}

static int check(const struct daemon_config *c)
{
	const struct pktt_engine_config config = {
		.workers = 1,
		.plugin_folder = c->plugins[0] ? c->plugins : NULL,
		.osf_file = c->osf[0] ? c->osf : NULL,
	};
	struct pktt_engine *engine = NULL;
	struct pktt_error err = { 0 };
	struct str why = STR_INIT;
	int r;

	rcu_register_thread();
	r = pktt_engine_new(&engine, &config, &err);
	if (r)
		fprintf(stderr, "pkttd: %s\n", err.text);
	else
		r = check_router(c, engine);
	pktt_engine_free(&engine);
	if (r == 0)
		r = rules_check(&config, c->rules, &why);
	if (r == -ENOENT && !why.len)
		printf("there is no %s: pkttd would start open\n", c->rules);
	fputs(str_text(&why), stderr);
	rcu_unregister_thread();
	str_fini(&why);
	return r && r != -ENOENT ? EXIT_REFUSED : EXIT_SUCCESS;
}

/* --- The process ------------------------------------------------------------------------------ */

/*
 * Into the background. The first process waits for a byte that says whether the start went well: whoever
 * started it may believe its exit status.
 */
static int daemonize(int *tell)
{
	int fd[2];
	char result = EXIT_REFUSED;
	pid_t pid;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -errno;
	pid = fork();
	if (pid < 0)
		return -errno;
	if (pid > 0) {
		close(fd[1]);
		if (read(fd[0], &result, 1) != 1)
			result = EXIT_REFUSED;
		_exit(result);
	}
	close(fd[0]);
	setsid();
	pid = fork();
	if (pid != 0)
		_exit(pid < 0 ? EXIT_REFUSED : EXIT_SUCCESS);
	if (chdir("/") < 0)
		return -errno;
	umask(027);
	*tell = fd[1];
	return 0;
}

/* Only when the start has gone well: until then complaints go where people see them. */
static void leave_terminal(int tell)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	char ok = EXIT_SUCCESS;

	if (null >= 0)
		for (int fd = 0; fd < 3; fd++)
			(void)!dup2(null, fd);
	if (null > 2)
		close(null);
	(void)!write(tell, &ok, 1);
	close(tell);
}

static int write_pid(const char *path, struct pktt_error *err)
{
	FILE *f = *path ? fopen(path, "we") : NULL;

	if (!*path)
		return 0;
	if (!f)
		return pktt_fail(err, -errno, "%.150s: %s", path, strerror(errno));
	fprintf(f, "%d\n", (int)getpid());
	return fclose(f) ? pktt_fail(err, -errno, "%.150s: %s", path, strerror(errno)) : 0;
}

static void tell_ready(const struct daemon *d)
{
	char text[400];

	snprintf(text, sizeof(text), "READY=1\nSTATUS=generation %llu%s%.240s",
		 (unsigned long long)pktt_engine_generation(d->engine), d->why[0] ? "; " : "",
		 d->why);
	notify_send(text);
	journal_say(LOG_NOTICE, "pkttd " PKTT_VERSION " runs: %s, generation %llu",
		    d->config.socket, (unsigned long long)pktt_engine_generation(d->engine));
}

static int serve(struct daemon *d, bool is_foreground)
{
	struct pktt_error err = { 0 };
	int tell = -1, r = is_foreground ? 0 : daemonize(&tell);
	bool is_begun;

	if (r)
		return EXIT_REFUSED;
	journal_open(is_foreground);
	journal_set_rate(d->config.limits.log_rate, d->config.limits.client_log_rate);
	r = write_pid(d->config.pid_file, &err);
	if (r == 0)
		r = daemon_signals(d, &err);
	is_begun = r == 0;
	if (r == 0)
		r = daemon_start(d, &err);
	if (r == 0) {
		tell_ready(d);
		if (!is_foreground)
			leave_terminal(tell);
		r = daemon_run(d, &err);
	}
	if (r && !is_foreground && tell >= 0)
		fprintf(stderr, "pkttd: %s\n", err.text);
	if (r)
		journal_say(LOG_ERR, "%s", err.text);
	notify_send("STOPPING=1");
	if (is_begun)
		daemon_stop(d);
	if (d->config.pid_file[0])
		(void)unlink(d->config.pid_file); /* a folder that we gave up keeps it */
	journal_say(LOG_NOTICE, "pkttd has ended");
	journal_close();
	return r ? EXIT_REFUSED : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	struct daemon_options options = { 0 };
	struct pktt_sources *sources = NULL; /* places of the router's words point into them */
	int status = daemon_options_parse(&options, argc, argv);

	if (status == DAEMON_OPTIONS_RUN) {
		pkttd.config_path = options.config ? options.config : CONFIG;
		pkttd.keeps_rules_path = options.rules != NULL;
		if (read_config(&pkttd.config, &options, &sources))
			status = EXIT_REFUSED;
		else if (options.stop)
			status = daemon_stop_other(&pkttd.config);
		else
			status = options.check ? check(&pkttd.config)
					       : serve(&pkttd, options.foreground);
		daemon_config_fini(&pkttd.config);
		pktt_sources_free(&sources);
	}
	daemon_options_fini(&options);
	return status;
}
