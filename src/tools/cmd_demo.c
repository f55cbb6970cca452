/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * pktt demo: a client, a router and a server as network namespaces, pkttd on the router, real transfers
 * through it. Everything is taken away at the end, whatever the end is.
 */
#include "tools/cmd_demo.h"

#include "base/own.h"
#include "base/str.h"
#include "tools/demo.h"
#include "tools/options.h"

#include <pktt/type.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SERVER_V4 "192.0.2.2"
#define SERVER_V6 "2001:db8:2::2"

enum { LARGE_MB = 200, PORT = 8080, CLOSED_PORT = 23 };

static const char policy[] =
	"# the policy of pktt demo\n"
	"*filter inet\n"
	":INPUT DROP\n"
	":FORWARD DROP\n"
	"-A INPUT -i lo -j ACCEPT\n"
	"-A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\n"
	"-A INPUT -p icmp -j ACCEPT\n"
	"-A INPUT -p ipv6-icmp -j ACCEPT\n"
	"-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT --name established\n"
	"-A FORWARD -i in0 -o out0 -p tcp --dport 8080 -j ACCEPT --name web\n"
	"-A FORWARD -i in0 -o out0 -p icmp -j ACCEPT\n"
	"-A FORWARD -i in0 -o out0 -p ipv6-icmp -j ACCEPT\n"
	"-A FORWARD -p tcp --dport 23 -j DROP --name no-telnet\n"
	"COMMIT\n"
	"*nat\n"
	"-A POSTROUTING -o out0 -j MASQUERADE --name nat\n"
	"COMMIT\n";

struct demo {
	struct demo_hosts hosts;
	char folder[32], pktt[PATH_MAX], pkttd[PATH_MAX];
	char conf[64], rules[64], pid_file[64], socket[64];
	pid_t server[2];
};

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

/* --- The daemon ------------------------------------------------------------------------------- */

static int put_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "we");

	if (!f)
		return -errno;
	fputs(text, f);
	return fclose(f) ? -errno : 0;
}

/* pkttd stands beside pktt where both were built, and in sbin where they were installed. */
static void find_programs(struct demo *d)
{
	ssize_t n = readlink("/proc/self/exe", d->pktt, sizeof(d->pktt) - 1);
	int slash;

	if (n < 0)
		return;
	d->pktt[n] = '\0';
	slash = (int)(strrchr(d->pktt, '/') - d->pktt);
	snprintf(d->pkttd, sizeof(d->pkttd), "%.*s/pkttd", slash, d->pktt);
	if (access(d->pkttd, X_OK) < 0)
		snprintf(d->pkttd, sizeof(d->pkttd), "%.*s/../sbin/pkttd", slash, d->pktt);
}

static int write_files(struct demo *d, struct pktt_error *err)
{
	struct str conf = STR_INIT;
	int r;

	snprintf(d->conf, sizeof(d->conf), "%s/conf", d->folder);
	snprintf(d->rules, sizeof(d->rules), "%s/rules", d->folder);
	snprintf(d->pid_file, sizeof(d->pid_file), "%s/pid", d->folder);
	snprintf(d->socket, sizeof(d->socket), "%s/socket", d->folder);
	str_putf(&conf,
		 "socket %s\nview-socket \"\"\nstate %s\nruntime %s\nrules %s\npid-file %s\n",
		 d->socket, d->folder, d->folder, d->rules, d->pid_file);
	str_puts(&conf, "on-stop open\ndatapath {\n\tinterface in0\n\tinterface out0\n}\n");
	r = conf.failed ? -ENOMEM : put_file(d->conf, str_text(&conf));
	if (r == 0)
		r = put_file(d->rules, policy);
	str_fini(&conf);
	return r ? pktt_fail(err, r, "%s: %s", d->folder, strerror(-r)) : 0;
}

static int start_daemon(struct demo *d, struct pktt_error *err)
{
	const char *word[] = { d->pkttd, "--config", d->conf, NULL };
	int r = write_files(d, err);

	if (r == 0)
		r = setenv("PKTT_SOCKET", d->socket, 1);
	if (r == 0 && demo_run(&d->hosts, DEMO_ROUTER, word) != 0)
		r = pktt_fail(err, -EIO, "%.200s does not run", d->pkttd);
	return r;
}

static void stop_daemon(const struct demo *d)
{
	FILE *f = fopen(d->pid_file, "re");
	int pid = 0;

	if (!f)
		return;
	if (fscanf(f, "%d", &pid) == 1 && pid > 1)
		kill(pid, SIGTERM);
	fclose(f);
	/* It takes its sockets away when everything else has been put back. */
	for (unsigned int i = 0; pid > 1 && i < 500 && kill(pid, 0) == 0; i++)
		usleep(10000);
}

/* --- What is shown ---------------------------------------------------------------------------- */

static void title(const char *text)
{
	printf("\n--- %s\n\n", text);
	fflush(stdout);
}

/* pktt itself, on the router, as a person would type it. */
static void show(const struct demo *d, const char *const *word)
{
	const char *words[16] = { d->pktt };
	unsigned int n = 1;

	printf("    router# pktt");
	for (; word[n - 1] && n < 15; n++) {
		words[n] = word[n - 1];
		printf(strchr(words[n], ' ') ? " '%s'" : " %s", words[n]);
	}
	printf("\n");
	fflush(stdout);
	demo_run(&d->hosts, DEMO_ROUTER, words);
	printf("\n");
}

static int transfer(const struct demo *d, const char *what, const char *address, uint16_t port,
		    uint64_t bytes)
{
	struct demo_talk talk = { address, port, bytes };
	pid_t pid;

	printf("    %-44s ", what);
	pid = demo_fork(&d->hosts, DEMO_CLIENT, demo_send, &talk);
	return pid < 0 ? (int)pid : demo_wait(pid);
}

static int talk(const struct demo *d, struct pktt_error *err)
{
	const uint64_t large = UINT64_C(1000000) * LARGE_MB;
	int r = transfer(d, "a small request, IPv4, masqueraded:", SERVER_V4, PORT, 100);

	if (r == 0)
		r = transfer(d, "200 MB, IPv4, masqueraded:", SERVER_V4, PORT, large);
	if (r == 0)
		r = transfer(d, "200 MB, IPv6:", SERVER_V6, PORT, large);
	if (r)
		return pktt_fail(err, -EIO, "a transfer failed that the policy allows");
	if (transfer(d, "telnet, which the policy drops:", SERVER_V4, CLOSED_PORT, 1) == 0)
		return pktt_fail(err, -EIO, "what the policy drops went through");
	return 0;
}

static int run_demo(struct demo *d, struct pktt_error *err)
{
	static const char *const list[] = { "-L", "FORWARD", "-v", "-n", "--family", "inet", NULL };
	static const char *const ct[] = { "ct", "list", NULL };
	static const char *const why[] = { "explain", "--in",
					   "in0",     "--out",
					   "out0",    "tcp 10.0.0.2:40112 > 192.0.2.2:23 syn",
					   NULL };
	struct demo_talk web[2] = { { SERVER_V4, PORT, 0 }, { SERVER_V6, PORT, 0 } };
	int r;

	printf("client 10.0.0.2 --- in0 router out0 --- server 192.0.2.2; IPv6 beside it.\n"
	       "pkttd judges every packet that the router forwards. The policy:\n\n%s",
	       strchr(policy, '\n') + 1);
	r = demo_hosts_make(&d->hosts, err);
	for (unsigned int i = 0; r == 0 && i < 2; i++)
		d->server[i] = demo_fork(&d->hosts, DEMO_SERVER, demo_serve, &web[i]);
	if (r == 0)
		r = start_daemon(d, err);
	if (r == 0 && !interrupted) {
		title("transfers from client to server");
		r = talk(d, err);
	}
	if (r || interrupted)
		return r;
	title("the rules, with what they counted");
	show(d, list);
	title("the connections");
	show(d, ct);
	title("why was telnet dropped?");
	show(d, why);
	return 0;
}

static void clean(struct demo *d)
{
	const char *word[] = { "rm", "-rf", d->folder, NULL };

	for (unsigned int i = 0; i < 2; i++)
		if (d->server[i] > 0) {
			kill(d->server[i], SIGKILL);
			demo_wait(d->server[i]);
		}
	stop_daemon(d);
	demo_hosts_remove(&d->hosts);
	demo_run(&d->hosts, DEMO_HOSTS, word);
}

static int run(const struct tool_args *args)
{
	struct demo d = { .folder = "/tmp/pktt-demo-XXXXXX" };
	const struct sigaction action = { .sa_handler = on_signal };
	struct pktt_error err = { 0 };
	int r;

	(void)args;
	if (geteuid() != 0) {
		fprintf(stderr, "pktt demo: needs root: it makes network namespaces of its own\n");
		return TOOL_REFUSED;
	}
	if (!mkdtemp(d.folder)) {
		fprintf(stderr, "pktt demo: %s: %s\n", d.folder, strerror(errno));
		return TOOL_REFUSED;
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	find_programs(&d);
	r = run_demo(&d, &err);
	clean(&d);
	if (r)
		fprintf(stderr, "pktt demo: %s\n", err.text);
	else if (!interrupted)
		printf("Everything has been removed again.\n");
	return r || interrupted ? TOOL_REFUSED : TOOL_OK;
}

const struct tool_command cmd_demo = {
	.name = "demo",
	.summary = "show a firewall at work, in network namespaces of its own",
	.text = "Makes a client, a router and a server as network namespaces, runs pkttd on the router "
		"with a small policy, sends real traffic through it, and shows the rules with their "
		"counters, the connections, and why a packet was dropped. Everything is removed at the "
		"end. Needs root; touches no interface and no rule of this machine.",
	.run = run,
};
