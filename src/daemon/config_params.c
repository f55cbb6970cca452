/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/config_params.h"

#include <pktt/wire.h>

#include "base/own.h"

#define TEXT(nm, field, dflt, hlp)                                                                 \
	{                                                                                          \
		.name = nm, .help = hlp, PKTT_STORE_TEXT(struct daemon_config, field), .def = dflt \
	}
#define NUMBER(nm, st, field, ty, dflt, hlp)                                    \
	{                                                                       \
		.name = nm, .help = hlp, PKTT_STORE(st, field, ty), .def = dflt \
	}

static const struct pktt_symbol failures[] = {
	{ "open", DAEMON_FAIL_OPEN },
	{ "closed", DAEMON_FAIL_CLOSED },
	{ "keep", DAEMON_FAIL_KEEP },
	{ NULL, 0 },
};

static const struct pktt_symbol orphans[] = { { "open", DAEMON_FAIL_OPEN },
					      { "closed", DAEMON_FAIL_CLOSED },
					      { NULL, 0 } };

static const struct pktt_symbol stops[] = {
	{ "keep", DAEMON_STOP_KEEP },
	{ "open", DAEMON_STOP_OPEN },
	{ "closed", DAEMON_STOP_CLOSED },
	{ NULL, 0 },
};

static const struct pktt_symbol switches[] = {
	{ "off", 0 }, { "on", 1 }, { "0", 0 }, { "1", 1 }, { "no", 0 }, { "yes", 1 }, { NULL, 0 },
};

static const struct pktt_param fixed[] = {
	TEXT("socket", socket, PKTT_SOCKET_PATH, "where programs connect that may do everything"),
	TEXT("view-socket", view_socket, PKTT_VIEW_PATH,
	     "where programs connect that may only look; none with \"\""),
	TEXT("group", group, "pkttables",
	     "whose members may use the socket, if there is such a group"),
	TEXT("view-group", view_group, "pkttables-view",
	     "whose members may use the view socket, if there is such a group"),
	TEXT("elements-group", elements_group, "pkttables-elements",
	     "whose members, on the socket, may look and change elements of sets, if there is such a group"),
	TEXT("user", user, "", "whose identity pkttd takes after its start; none with \"\""),
	TEXT("state", state, "/var/lib/pkttables",
	     "the folder of the last good rules and the history"),
	TEXT("runtime", runtime, "/run/pkttables", "the folder of dump.json"),
	TEXT("plugins", plugins, "", "a folder of extensions as shared objects"),
	TEXT("osf", osf, "", "fingerprints for the osf match, in the form of pf.os"),
	TEXT("pid-file", pid_file, "", "where the number of the process is written"),
	{
		.name = "workers",
		.help = "threads that judge packets",
		PKTT_STORE(struct daemon_config, workers, u32),
		.def = "1",
		.min = 1,
		.max = 256,
	},
	{
		.name = "seccomp",
		.help = "whether pkttd gives up the system calls that it does not need",
		.type = &pktt_type_enum8,
		.offset = offsetof(struct daemon_config, seccomp),
		.size = 1,
		.symbols = switches,
		.def = "on",
	},
};

static const struct pktt_param changing[] = {
	TEXT("rules", rules, "/etc/pkttables/pkttables.rules",
	     "the rules that are loaded at the start"),
	{
		.name = "on-failure",
		.help = "what holds where neither the rules nor the last good ones can be loaded",
		.type = &pktt_type_enum8,
		.offset = offsetof(struct daemon_config, on_failure),
		.size = 1,
		.symbols = failures,
		.def = "closed",
	},
	{
		.name = "on-stop",
		.help = "what becomes of packets when pkttd ends",
		.type = &pktt_type_enum8,
		.offset = offsetof(struct daemon_config, on_stop),
		.size = 1,
		.symbols = stops,
		.def = "keep",
	},
	{
		.name = "history",
		.help = "changes that can be taken back",
		PKTT_STORE(struct daemon_config, history, u32),
		.def = "1000",
		.max = 1000000,
	},
	NUMBER("history-bytes", struct daemon_config, history_bytes, u64, "67108864",
	       "memory that they may take"),
	{
		.name = "settle",
		.help = "seconds after which rules that still stand are the last good ones",
		PKTT_STORE(struct daemon_config, settle, duration),
		.def = "5",
		.max = 3600,
	},
};

#define LIMIT(nm, field, ty, dflt, hlp) NUMBER(nm, struct daemon_limits, field, ty, dflt, hlp)

static const struct pktt_param limits[] = {
	LIMIT("rules", rules, u64, "0", "rules in all; 0 is no limit, here and below"),
	LIMIT("chains", chains, u64, "0", "chains in all"),
	LIMIT("sets", sets, u64, "0", "sets in all"),
	LIMIT("elements", elements, u64, "0", "elements of all sets"),
	LIMIT("client-rules", client_rules, u64, "0", "rules that one user may have added"),
	LIMIT("client-chains", client_chains, u64, "0", "chains that one user may have added"),
	LIMIT("client-sets", client_sets, u64, "0", "sets that one user may have added"),
	LIMIT("client-elements", client_elements, u64, "0",
	      "elements that one user may have added"),
	LIMIT("clients", clients, u32, "4096", "programs that are connected"),
	{
		.name = "queue-length",
		.help = "packets that wait in a queue whose program does not say how many",
		PKTT_STORE(struct daemon_limits, queue_length, u32),
		.def = "1024",
		.min = 1,
		.max = UINT32_MAX,
	},
	LIMIT("queued", queued, u32, "0", "packets that wait in all queues"),
	LIMIT("client-queued", client_queued, u32, "0",
	      "packets that wait for one program, in all of its queues"),
	{
		.name = "queued-bytes",
		.help = "memory of packets that wait in all queues",
		PKTT_STORE(struct daemon_limits, queued_bytes, u64),
		.def = "268435456",
		.min = 1,
		.max = UINT64_MAX,
	},
	LIMIT("transaction", transaction, u64, "0",
	      "bytes of one transaction that is not finished"),
	LIMIT("event-room", event_room, u64, "1048576",
	      "bytes of events that wait for a slow program"),
	LIMIT("event-room-max", event_room_max, u64, "67108864", "the most that it may ask for"),
};

static const struct pktt_param limits_live[] = {
	LIMIT("log-rate", log_rate, u32, "200",
	      "lines in the journal a second; more are counted. A quarter is not for packets' lines"),
	LIMIT("client-log-rate", client_log_rate, u32, "100",
	      "lines in the journal a second about changes by one user; more are counted"),
};

#define WORDS(nm, field, hlp)                                                  \
	{                                                                      \
		.name = nm, .help = hlp, .type = &pktt_type_text,              \
		.offset = offsetof(struct daemon_config, field), .size = 1024, \
		.flags = PKTT_REPEATABLE                                       \
	}

static const struct pktt_param datapath_words[] = {
	WORDS("interface", datapath.interface,
	      "an interface of this machine, or with a + at its end all whose names begin so"),
};

static const struct pktt_param datapath_fixed[] = {
	{
		.name = "without-pkttd",
		.help = "what becomes of packets of no known flow while pkttd does not run",
		.type = &pktt_type_enum8,
		.offset = offsetof(struct daemon_config, datapath.orphans),
		.size = 1,
		.symbols = orphans,
		.def = "closed",
	},
};

static const struct pktt_param words[] = {
	WORDS("interface", router.interface,
	      "an interface: NAME=ADDR/LEN[,ADDR/LEN...][,mac=MAC][,mtu=N][,group=N]"),
	WORDS("bridge", router.bridge, "a bridge and its ports: NAME=PORT,..."),
	WORDS("route", router.route, "a route: PREFIX=NAME[,via ADDR]"),
};

const struct config_section config_sections[] = {
	{ "", "pkttd itself", fixed, pktt_countof(fixed), 0, 0, false },
	{ "", NULL, changing, pktt_countof(changing), 0, UINT64_MAX, false },
	{ "limits", "how much of it there may be", limits, pktt_countof(limits),
	  offsetof(struct daemon_config, limits), 0, false },
	{ "limits", NULL, limits_live, pktt_countof(limits_live),
	  offsetof(struct daemon_config, limits), UINT64_MAX, false },
	{ "conntrack", "connections, in the words of Linux's nf_conntrack_* settings", NULL, 0,
	  offsetof(struct daemon_config, router.settings.ct), 0, false },
	{ "datapath", "the interfaces whose packets are judged", datapath_words,
	  pktt_countof(datapath_words), 0, 0, true },
	{ "datapath", NULL, datapath_fixed, pktt_countof(datapath_fixed), 0, 0, false },
	{ "router",
	  "without interfaces of this machine, what stands around the rules: interfaces, addresses, routes",
	  words, pktt_countof(words), 0, 0, true },
	{ "router", NULL, NULL, 0, offsetof(struct daemon_config, router.settings), 0, false },
};
const size_t config_nsections = pktt_countof(config_sections);

struct config_section config_section_at(size_t n)
{
	struct config_section s = config_sections[n];

	if (s.param)
		return s;
	if (s.at == offsetof(struct daemon_config, router.settings.ct)) {
		s.param = ct_setting_params;
		s.count = ct_setting_count;
	} else {
		s.param = replay_setting_params;
		s.count = replay_setting_count;
	}
	return s;
}
