/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes what derives from pkttd's tables: run by the build only.
 *
 *	gen-daemon-doc conf    pkttables.conf(5) in scdoc's language
 *	gen-daemon-doc pkttd   pkttd(8), the same
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "daemon/config.h"
#include "daemon/options.h"

static void put_conf(struct str *out)
{
	str_puts(
		out,
		"pkttables.conf(5)\n\n# NAME\n\npkttables.conf - configuration of pkttd\n\n"
		"# DESCRIPTION\n\n"
		"A line is the name of a setting and its value; _NAME_ *{* begins a block of them, which\n"
		"*}* ends. Values with blanks are quoted by *\"*. *#* begins a comment. The file belongs\n"
		"to root, and nobody else may write it. *pkttd --check* says what is wrong in it, with\n"
		"the place; a reload (SIGHUP) with a bad file changes nothing.\n\n");
	daemon_config_scdoc(out);
	str_puts(out, "# EXAMPLE\n\n```\n"
		      "group pkttables\non-failure closed\n\nlimits {\n\tclient-rules 10000\n}\n\n"
		      "conntrack {\n\tmax 262144\n}\n\ndatapath {\n"
		      "\tinterface eth0\n\tinterface wg+\n}\n```\n\n"
		      "# SEE ALSO\n\n*pkttd*(8), *pkttables-rules*(5), *pktt*(8)\n");
}

static void put_pkttd(struct str *out)
{
	str_puts(
		out,
		"pkttd(8)\n\n# NAME\n\npkttd - the daemon of packet tables\n\n"
		"# SYNOPSIS\n\n*pkttd* [_OPTION_...]\n\n"
		"# DESCRIPTION\n\n"
		"pkttd holds rules, sets and connections, and lets programs look at them and change them\n"
		"over a local socket. It judges every packet that comes or goes by the interfaces that\n"
		"are named (*--interface*, or *interface* in the block *datapath*), forwarded, for this\n"
		"machine, or of it. Without any, packets that programs hand in (*pktt inject*) pass\n"
		"through a model of a router with the configured interfaces and routes, as in *pktt\n"
		"replay*. A packet that a rule leaves to a program waits for it.\n\n"
		"# OPTIONS\n\n");
	daemon_options_scdoc(out);
	str_puts(
		out,
		"# START\n\n"
		"The rules file is loaded. There is none: everything passes, with a warning. It is bad:\n"
		"the last good rules hold, which are what was confirmed last, or has stood for the time\n"
		"*settle*. There are none: what *on-failure* says. A load that nobody confirmed in time,\n"
		"or before pkttd ended, is taken back.\n\n"
		"# SIGNALS\n\n"
		"*HUP*\n\tread configuration and rules again, all or nothing.\n\n"
		"*TERM*, *INT*\n\tend in order.\n\n"
		"*USR1*\n\twrite rules and sets as JSON to dump.json in the runtime folder.\n\n"
		"*USR2*\n\tconnect to syslog or the journal anew.\n\n"
		"# FILES\n\n"
		"/etc/pkttables/pkttables.conf\n\tconfiguration, *pkttables.conf*(5).\n\n"
		"/etc/pkttables/pkttables.rules\n\trules, *pkttables-rules*(5).\n\n"
		"/run/pkttables/pkttables.sock, view.sock\n\twhere programs connect; members of the\n"
		"\tgroup pkttables may do everything on the first, those of pkttables-elements may look\n"
		"\tand change elements of sets; the second answers questions only.\n\n"
		"/var/lib/pkttables/good\n\tthe last good rules.\n\n"
		"/var/lib/pkttables/history/\n\tthe rules when they were confirmed and when pkttd\n"
		"\tended.\n\n"
		"/var/lib/pkttables/pending\n\twhat held before a load that waits to be confirmed.\n\n"
		"# EXIT STATUS\n\n"
		"*0* it ended by a signal; *1* it could not start, or --check found something; *2* wrong\n"
		"command line.\n\n"
		"# SEE ALSO\n\n*pktt*(8), *pkttables.conf*(5), *pkttables-rules*(5)\n");
}

int main(int argc, char **argv)
{
	struct str out = STR_INIT;

	if (argc == 2 && strcmp(argv[1], "conf") == 0)
		put_conf(&out);
	else if (argc == 2 && strcmp(argv[1], "pkttd") == 0)
		put_pkttd(&out);
	else
		return 2;
	fputs(str_text(&out), stdout);
	str_fini(&out);
	return out.failed;
}
