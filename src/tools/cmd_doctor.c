/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pktt doctor: what of the kernel, its settings and its own rulesets concerns pkttables. */
#include "tools/cmd_doctor.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "tools/live_rules.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

static const struct tool_option options[] = { LIVE_OPTIONS };

enum grade { GOOD, NOTE, WARNING };

struct doctor {
	struct live *live;
	struct json json;
	struct str out;
	unsigned int warnings;
};

/* One line: what was found, and what to do about it. */
static void tell(struct doctor *d, enum grade grade, const char *topic, const char *found,
		 const char *advice)
{
	static const char *const word[] = { "ok", "note", "warning" };
	static const char *const color[] = { "\x1b[32m", "\x1b[36m", "\x1b[33m" };

	d->warnings += grade == WARNING;
	if (d->live->json) {
		json_begin_object(&d->json);
		json_put_text(&d->json, "grade", word[grade]);
		json_put_text(&d->json, "topic", topic);
		json_put_text(&d->json, "found", found);
		if (advice)
			json_put_text(&d->json, "advice", advice);
		json_end_object(&d->json);
		return;
	}
	if (d->live->quiet && grade != WARNING)
		return;
	str_putf(&d->out, "%s%-7s%s  %-12s ", d->live->color ? color[grade] : "", word[grade],
		 d->live->color ? "\x1b[0m" : "", topic);
	str_put_escaped(&d->out, found, strlen(found));
	if (advice)
		str_putf(&d->out, " - %s", advice);
	str_putc(&d->out, '\n');
}

/* The first line of a small file; false = it is not there. */
static bool read_line(const char *path, char *line, size_t room)
{
	FILE *f = fopen(path, "re");
	bool good = f && fgets(line, (int)room, f);

	if (f)
		fclose(f);
	if (good)
		line[strcspn(line, "\n")] = '\0';
	return good;
}

/* --- Kernel ----------------------------------------------------------------------------------------- */

static void look_at_kernel(struct doctor *d)
{
	struct utsname name;
	unsigned int major = 0, minor = 0;
	char text[200];

	if (uname(&name))
		return;
	(void)!sscanf(name.release, "%u.%u", &major, &minor);
	snprintf(text, sizeof(text), "Linux %.100s", name.release);
	if (major > 5 || (major == 5 && minor >= 15))
		tell(d, GOOD, "kernel", text, NULL);
	else
		tell(d, WARNING, "kernel", text, "the live datapath wants 5.15 or newer");
	if (access("/sys/kernel/btf/vmlinux", R_OK) == 0)
		tell(d, GOOD, "kernel", "type information (BTF) is there", NULL);
	else
		tell(d, NOTE, "kernel", "no type information (BTF)",
		     "the fast path's programs need a kernel built with CONFIG_DEBUG_INFO_BTF");
	if (access("/dev/net/tun", F_OK) == 0)
		tell(d, GOOD, "kernel", "/dev/net/tun is there", NULL);
	else
		tell(d, WARNING, "kernel", "no /dev/net/tun", "modprobe tun");
}

/* --- Interfaces ------------------------------------------------------------------------------------- */

static void look_at_interface(struct doctor *d, const struct if_nameindex *i)
{
	char path[128], state[32] = "?", master[256], text[400];
	ssize_t len;

	snprintf(path, sizeof(path), "/sys/class/net/%.15s/operstate", i->if_name);
	(void)!read_line(path, state, sizeof(state));
	snprintf(path, sizeof(path), "/sys/class/net/%.15s/master", i->if_name);
	len = readlink(path, master, sizeof(master) - 1);
	master[len > 0 ? len : 0] = '\0';
	snprintf(text, sizeof(text), "%s is %s%s%s", i->if_name, state, len > 0 ? ", port of " : "",
		 len > 0 ? strrchr(master, '/') + 1 : "");
	tell(d, NOTE, "interface", text, NULL);
}

static void look_at_interfaces(struct doctor *d)
{
	struct if_nameindex *all = if_nameindex();

	for (struct if_nameindex *i = all; i && i->if_index; i++)
		if (strcmp(i->if_name, "lo") != 0)
			look_at_interface(d, i);
	if (all)
		if_freenameindex(all);
}

/* --- Settings --------------------------------------------------------------------------------------- */

/* A setting of which one value wants a word. */
static const struct {
	const char *path, *name, *value, *advice;
	enum grade grade;
} settings[] = {
	{ "/proc/sys/net/ipv4/ip_forward", "net.ipv4.ip_forward", "0",
	  "this host forwards no IPv4: sysctl -w net.ipv4.ip_forward=1 makes it a router", NOTE },
	{ "/proc/sys/net/ipv6/conf/all/forwarding", "net.ipv6.conf.all.forwarding", "0",
	  "this host forwards no IPv6", NOTE },
	{ "/proc/sys/net/bridge/bridge-nf-call-iptables", "net.bridge.bridge-nf-call-iptables", "1",
	  "the kernel's own iptables sees bridged packets too: set it to 0 unless Docker needs it",
	  WARNING },
	{ "/proc/sys/net/bridge/bridge-nf-call-ip6tables", "net.bridge.bridge-nf-call-ip6tables",
	  "1", "the kernel's own ip6tables sees bridged packets too", WARNING },
	{ "/proc/sys/net/ipv4/conf/all/rp_filter", "net.ipv4.conf.all.rp_filter", "1",
	  "strict: packets whose answer would leave elsewhere are dropped before any rule", NOTE },
	{ "/proc/sys/net/ipv4/conf/all/accept_redirects", "net.ipv4.conf.all.accept_redirects", "1",
	  "a router should not take redirects: set it to 0", NOTE },
	{ "/proc/sys/net/ipv4/tcp_syncookies", "net.ipv4.tcp_syncookies", "0",
	  "set it to 1 against floods of SYN", WARNING },
};

static void look_at_settings(struct doctor *d)
{
	char value[64], text[200];

	for (size_t i = 0; i < pktt_countof(settings); i++) {
		bool hits;

		if (!read_line(settings[i].path, value, sizeof(value)))
			continue;
		hits = strcmp(value, settings[i].value) == 0;
		snprintf(text, sizeof(text), "%s = %s", settings[i].name, value);
		tell(d, hits ? settings[i].grade : GOOD, "setting", text,
		     hits ? settings[i].advice : NULL);
	}
}

static void look_at_conntrack(struct doctor *d)
{
	char count[32], max[32], text[200];

	if (!read_line("/proc/sys/net/netfilter/nf_conntrack_count", count, sizeof(count)) ||
	    !read_line("/proc/sys/net/netfilter/nf_conntrack_max", max, sizeof(max))) {
		tell(d, GOOD, "tracking", "the kernel's own connection tracking is not loaded",
		     NULL);
		return;
	}
	snprintf(text, sizeof(text), "the kernel tracks %s of at most %s connections", count, max);
	if (strtoull(max, NULL, 10) && strtoull(count, NULL, 10) * 5 > strtoull(max, NULL, 10) * 4)
		tell(d, WARNING, "tracking", text,
		     "its table is nearly full: raise nf_conntrack_max, or unload its rules");
	else
		tell(d, NOTE, "tracking", text,
		     "pkttd tracks by itself: without other rulesets nf_conntrack can be unloaded");
}

/* --- Other rulesets --------------------------------------------------------------------------------- */

struct tables {
	struct str names;
	unsigned int n;
	bool is_docker;
};

static int take_name(const struct nlattr *attr, void *data)
{
	if (mnl_attr_get_type(attr) == NFTA_TABLE_NAME &&
	    mnl_attr_validate(attr, MNL_TYPE_STRING) >= 0)
		*(const char **)data = mnl_attr_get_str(attr);
	return MNL_CB_OK;
}

static int take_nft_table(const struct nlmsghdr *nlh, void *data)
{
	static const struct {
		uint8_t family;
		const char *name;
	} families[] = { { 1, "inet" },	  { 2, "ip" },	   { 3, "arp" },
			 { 5, "netdev" }, { 7, "bridge" }, { 10, "ip6" } };
	const struct nfgenmsg *nfg = mnl_nlmsg_get_payload(nlh);
	struct tables *t = data;
	const char *name = NULL, *family = "?";

	mnl_attr_parse(nlh, sizeof(*nfg), take_name, &name);
	for (size_t i = 0; i < pktt_countof(families); i++)
		if (families[i].family == nfg->nfgen_family)
			family = families[i].name;
	str_putf(&t->names, "%s%s %.60s", t->n++ ? ", " : "", family, name ? name : "?");
	return MNL_CB_OK;
}

static int list_nft(struct tables *t)
{
	static char buf[32768] __attribute__((aligned(8)));
	struct mnl_socket *nl = mnl_socket_open(NETLINK_NETFILTER);
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct nfgenmsg *nfg;
	ssize_t len = -1;

	if (!nl || mnl_socket_bind(nl, 0, MNL_SOCKET_AUTOPID) < 0) {
		if (nl)
			mnl_socket_close(nl);
		return -errno;
	}
	nlh->nlmsg_type = NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_GETTABLE;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
	nlh->nlmsg_seq = 1;
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = AF_UNSPEC;
	if (mnl_socket_sendto(nl, nlh, nlh->nlmsg_len) >= 0)
		while ((len = mnl_socket_recvfrom(nl, buf, sizeof(buf))) > 0) {
			len = mnl_cb_run(buf, (size_t)len, 1, mnl_socket_get_portid(nl),
					 take_nft_table, t);
			if (len <= MNL_CB_STOP)
				break;
		}
	mnl_socket_close(nl);
	return len < 0 ? -errno : 0;
}

static void look_at_nft(struct doctor *d)
{
	struct tables t = { .names = STR_INIT };
	struct str text = STR_INIT;
	int r = list_nft(&t);

	if (r == -EPERM)
		tell(d, NOTE, "nftables", "cannot be asked", "run as root");
	else if (r)
		tell(d, GOOD, "nftables", "is not in the kernel", NULL);
	else if (t.n == 0)
		tell(d, GOOD, "nftables", "has no tables", NULL);
	if (t.n) {
		str_putf(&text, "%u table%s: %s", t.n, t.n == 1 ? "" : "s", str_text(&t.names));
		tell(d, WARNING, "nftables", str_text(&text),
		     "these rules apply beside ours: nft list ruleset, then nft flush ruleset if they "
		     "are not wanted");
	}
	str_fini(&text);
	str_fini(&t.names);
}

static void look_at_legacy(struct doctor *d, const char *path, const char *program)
{
	struct str names = STR_INIT;
	FILE *f = fopen(path, "re");
	char line[64], text[300], advice[120];

	while (f && fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		str_putf(&names, "%s%s", names.len ? ", " : "", line);
	}
	if (f)
		fclose(f);
	if (!f && errno == EACCES)
		tell(d, NOTE, program, "cannot be asked", "run as root");
	else if (!names.len)
		tell(d, GOOD, program, "no tables in the kernel", NULL);
	if (names.len) {
		snprintf(text, sizeof(text), "tables in the kernel: %.200s", str_text(&names));
		snprintf(advice, sizeof(advice), "see %s-legacy-save; its rules apply beside ours",
			 program);
		tell(d, WARNING, program, text, advice);
	}
	str_fini(&names);
}

static void look_at_docker(struct doctor *d)
{
	bool has_bridge = if_nametoindex("docker0") != 0;
	bool has_socket = access("/run/docker.sock", F_OK) == 0;

	if (has_bridge || has_socket)
		tell(d, WARNING, "docker", has_bridge ? "docker0 is there" : "dockerd is there",
		     "its chains (DOCKER, DOCKER-USER) publish ports past other firewalls: set "
		     "\"iptables\": false, or put our iptables first in its PATH");
	else
		tell(d, GOOD, "docker", "is not here", NULL);
	if (access("/run/firewalld", F_OK) == 0)
		tell(d, WARNING, "firewalld", "seems to run", "systemctl disable --now firewalld");
	if (access("/etc/ufw/ufw.conf", R_OK) == 0)
		tell(d, NOTE, "ufw", "is installed",
		     "it works over our iptables if that is first in its PATH");
}

/* --- pkttd ------------------------------------------------------------------------------------------ */

static void look_at_daemon(struct doctor *d)
{
	struct pkttnl *nl = NULL;
	struct pkttnl_error err = { 0 };
	uint64_t generation = 0;
	char text[400];
	int r = pkttnl_open(&nl, NULL, "pktt", 0, &err);

	if (r) {
		snprintf(text, sizeof(text), "no pkttd answers at %.200s", d->live->socket);
		tell(d, WARNING, "pkttd", text,
		     r == -EACCES ? "be root or of group pkttables" : "systemctl start pkttd");
	} else if (pkttnl_generation(nl, &generation, &err)) {
		tell(d, WARNING, "pkttd", err.text, "see journalctl -u pkttd");
	} else {
		snprintf(text, sizeof(text), "answers at %.200s, generation %" PRIu64,
			 d->live->socket, generation);
		tell(d, GOOD, "pkttd", text, NULL);
	}
	pkttnl_close(&nl);
}

static int run(const struct tool_args *args)
{
	struct live live;
	struct doctor d = { .live = &live };
	int status = live_begin(&live, args);

	if (status)
		return status;
	d.json = json_to(&d.out);
	if (live.json)
		json_begin_array(&d.json);
	look_at_kernel(&d);
	look_at_daemon(&d);
	look_at_interfaces(&d);
	look_at_settings(&d);
	look_at_conntrack(&d);
	look_at_nft(&d);
	look_at_legacy(&d, "/proc/net/ip_tables_names", "iptables");
	look_at_legacy(&d, "/proc/net/ip6_tables_names", "ip6tables");
	look_at_docker(&d);
	if (live.json) {
		json_end_array(&d.json);
		str_putc(&d.out, '\n');
	}
	fputs(str_text(&d.out), stdout);
	str_fini(&d.out);
	return d.warnings ? TOOL_REFUSED : TOOL_OK;
}

const struct tool_command cmd_doctor = {
	.name = "doctor",
	.summary = "say what of this host concerns pkttables, with advice",
	.text = "Looks at the kernel, interfaces, settings, other rulesets in the kernel (nftables, "
		"iptables, Docker's) and whether pkttd answers. Changes nothing. Exit status 1 if "
		"something wants attention.",
	.options = options,
	.noptions = pktt_countof(options),
	.run = run,
};
