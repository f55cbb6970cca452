/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes what derives from the tables and is needed as a file: run by the build only.
 *
 *	gen-doc man      pktt-extensions(7) in scdoc's language
 *	gen-doc pktt     pktt(8), the same
 *	gen-doc schema   the JSON Schema of pktt's documents
 *	gen-doc params   kind, extension, number, name and type of every parameter, which a test holds
 *	                 against those of the last release: numbers are the wire format
 */
#include "base/str.h"
#include "core/ext.h"
#include "desc/args_value.h"
#include "desc/catalog.h"
#include "desc/command.h"
#include "desc/describe.h"
#include "tools/command_doc.h"

#include <stdio.h>
#include <string.h>

static const char *const kinds[] = {
	[PKTT_KIND_HEAD] = "head",
	[PKTT_KIND_MATCH] = "match",
	[PKTT_KIND_TARGET] = "target",
	[PKTT_KIND_SET] = "set",
};

static void put_section(const struct pktt_catalog *cat, enum pktt_ext_kind kind, const char *title,
			struct str *out)
{
	const struct pktt_ext *ext;

	str_putf(out, "# %s\n\n", title);
	for (size_t i = 0; (ext = pktt_catalog_at(cat, i)); i++)
		if (ext->kind == kind)
			pktt_describe_scdoc(ext, out);
}

static void put_man(const struct pktt_catalog *cat, struct str *out)
{
	str_puts(
		out,
		"pktt-extensions(7)\n\n# NAME\n\n"
		"pktt-extensions - conditions, matches, targets and sets of packet rules\n\n"
		"# DESCRIPTION\n\n"
		"A rule has conditions that need no *-m*, matches (*-m* _NAME_) and targets\n"
		"(*-j* _NAME_). Options are spelt as iptables, ip6tables, arptables and ebtables\n"
		"spell them; a set is made by *create* _NAME_ _TYPE_ and its options, as ipset does\n"
		"it. *!* before an option marked \\[*!*\\] means its opposite; a packet that\n"
		"cannot be read is dropped, with or without it. What is said here is what *pktt\n"
		"help* _NAME_ says: both come from the table that the program itself works by.\n\n");
	put_section(cat, PKTT_KIND_HEAD, "CONDITIONS", out);
	put_section(cat, PKTT_KIND_MATCH, "MATCHES", out);
	put_section(cat, PKTT_KIND_TARGET, "TARGETS", out);
	put_section(cat, PKTT_KIND_SET, "SETS", out);
	str_puts(out, "# SEE ALSO\n\n*pktt*(8), *pkttables-rules*(5)\n");
}

static void put_params(const struct pktt_catalog *cat, struct str *out)
{
	const struct pktt_ext *ext;

	for (size_t i = 0; (ext = pktt_catalog_at(cat, i)); i++) {
		str_putf(out, "%s %s %u\n", kinds[ext->kind], ext->name, ext->families);
		for (unsigned int n = 0; n < ext->nparams; n++) {
			const struct pktt_param *p = &ext->params[n];

			str_putf(out, "\t%u %s %s\n", n + 1, p->name,
				 p->same_as ? "synonym" : p->type->name);
		}
	}
}

static int generate(const char *what, const struct pktt_catalog *cat)
{
	struct str out = STR_INIT;
	int bad;

	if (strcmp(what, "man") == 0)
		put_man(cat, &out);
	else if (strcmp(what, "pktt") == 0)
		command_doc(&out);
	else if (strcmp(what, "schema") == 0)
		pktt_schema_print(cat, &out);
	else
		put_params(cat, &out);
	bad = out.failed || fwrite(str_text(&out), 1, out.len, stdout) != out.len ||
	      fflush(stdout) != 0;
	str_fini(&out);
	return bad;
}

int main(int argc, char **argv)
{
	struct pktt_catalog *cat = NULL;
	struct pktt_error err = { .text = "no memory" };
	int bad;

	if (argc != 2 || (strcmp(argv[1], "man") != 0 && strcmp(argv[1], "pktt") != 0 &&
			  strcmp(argv[1], "schema") != 0 && strcmp(argv[1], "params") != 0)) {
		fputs("usage: gen-doc man|pktt|schema|params\n", stderr);
		return 2;
	}
	if (pktt_catalog_new(&cat) || pktt_ext_register_builtin(cat, &err)) {
		fprintf(stderr, "gen-doc: %s\n", err.text);
		pktt_catalog_free(&cat);
		return 1;
	}
	bad = generate(argv[1], cat);
	pktt_catalog_free(&cat);
	return bad;
}
