/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The manual page of pktt: what --help says of each command, from the same tables. */
#include "tools/command_doc.h"

#include "base/str.h"
#include "datapath/replay/craft.h"
#include "datapath/replay/settings.h"
#include "tools/command.h"

#include <string.h>

/* scdoc takes _ and * as markup, and \ as its escape. */
static void put(struct str *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("_*\\<>[]", *text))
			str_putc(out, '\\');
		str_putc(out, *text);
	}
}

static void put_option(const struct tool_option *o, struct str *out)
{
	str_puts(out, "*--");
	put(out, o->name);
	str_puts(out, "*");
	if (o->letter)
		str_putf(out, ", *-%c*", o->letter);
	if (o->value) {
		str_puts(out, " ");
		put(out, o->value);
	}
	str_puts(out, "\n\t");
	put(out, o->help);
	str_puts(out, o->is_repeatable ? "; may be repeated.\n\n" : ".\n\n");
}

static void put_command(const struct tool_command *c, struct str *out)
{
	str_putf(out, "## pktt %s", c->name);
	if (c->operands) {
		str_putc(out, ' ');
		put(out, c->operands);
	}
	str_puts(out, "\n\n");
	put(out, c->summary);
	str_puts(out, ".");
	if (c->text) {
		str_putc(out, ' ');
		put(out, c->text);
	}
	str_puts(out, "\n\n");
	for (size_t i = 0; i < c->noptions; i++)
		put_option(&c->options[i], out);
}

/* A list that help prints line by line, as a literal block. */
static void put_literal(void (*fn)(struct str *out), struct str *out)
{
	str_puts(out, "```\n");
	fn(out);
	str_puts(out, "```\n\n");
}

void command_doc(struct str *out)
{
	str_puts(
		out,
		"pktt(8)\n\n# NAME\n\npktt - packet tables for IPv4, IPv6, ARP and bridges\n\n"
		"# SYNOPSIS\n\n*pktt* _COMMAND_ [_OPTION_...]\n\n*pktt* [*-t* _TABLE_] "
		"*-A*|*-I*|*-D*|*-R*|*-C*|*-L*|*-S*|*-F*|*-N*|*-X*|*-P*|*-E*|*-Z* ...\n\n# DESCRIPTION\n\n"
		"Reads packet rules as iptables-save, ip6tables-save, arptables-save and ipset "
		"save print them, or in the native language of *pkttables-rules*(5), and says "
		"what they do to packets.\n\n# COMMANDS\n\n");
	for (size_t i = 0; tool_commands[i]; i++)
		put_command(tool_commands[i], out);
	str_puts(out, "# PACKETS IN ONE LINE\n\n");
	put_literal(craft_help, out);
	str_puts(out, "# SETTINGS\n\nWhat *--set* _KEY=VALUE_ of *pktt replay* takes:\n\n");
	put_literal(replay_settings_help, out);
	str_puts(
		out,
		"# EXIT STATUS\n\n*0* all is well, *1* a file or the ruleset is refused, an "
		"expectation is not met or the thing is absent, *2* wrong command line, *3* no pkttd "
		"answers, *4* the generation is another than was expected.\n\n"
		"# SEE ALSO\n\n*pkttables-rules*(5), *pktt-extensions*(7), *iptables*(8), "
		"*ipset*(8)\n");
}
