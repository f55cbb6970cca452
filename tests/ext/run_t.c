/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs .t files: what an extension accepts, prints, refuses, and what it says of packets.
 *
 *   : ipv4,ipv6 filter/INPUT                      where the lines below apply
 *   -p tcp --dport 22 ; -p tcp -m tcp --dport 22 ; ok        "=" repeats the input
 *   -p tcp --dport 70000 ; ; error: is outside               a part of the sentence
 *   -p tcp --dport 22 | tcp 10.0.0.1:1 > 10.0.0.2:22 ; hit   or miss, or bad
 *   -j TTL --ttl-set 9 | ... ; continue -> HEX               a verdict, and layer 3 after it
 *   -j REJECT | ... ; reject => HEX                          a verdict, and layer 3 of the answer
 *   -j LOG | ... ; continue log [TEXT]                       a verdict, and the line of the log
 *   + create admins hash:ip                                  a line of ipset save, for the rest of
 *                                                            the file
 *
 * The router that the packets meet has the addresses 192.0.2.1 and 2001:db8::1 and an MTU of 1500.
 *
 * One line is one test of the TAP output; a folder's files need no registration.
 */
#include "base/own.h"
#include "base/str.h"
#include "core/engine.h"
#include "core/env.h"
#include "datapath/replay/craft.h"
#include "desc/family.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <urcu-qsbr.h>

struct bench {
	struct pktt_env env; /* first: the callbacks get it back */
	uint64_t seed;
	unsigned int emitted;
	struct str reply; /* the last one's layer 3 (or frame), as hex; "" = none */
	struct str log;	  /* all lines, joined */
};

struct run {
	const char *file;
	char labels[512]; /* names of connection labels, beside the .t files */
	unsigned int line, total, failed;
	enum pktt_family family[PKTT_FAMILY_COUNT];
	unsigned int nfamilies;
	char table[32], chain[32];
	struct str sets; /* the file's "+" lines so far */
	struct str why; /* of the failure of this line */
};

/* --- What stands around the packets --------------------------------------------------------- */

static uint32_t bench_random(struct pktt_env *env)
{
	struct bench *b = pktt_container_of(env, struct bench, env);

	b->seed = b->seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(b->seed >> 32);
}

static void put_hex(struct str *out, const struct pktt_packet *pkt, uint32_t from)
{
	for (uint32_t i = from; i < pkt->end; i++)
		str_putf(out, "%02x", pkt->buf[i]);
}

static void take_reply(struct pktt_env *env, struct pktt_packet **reply, uint32_t from)
{
	struct bench *b = pktt_container_of(env, struct bench, env);

	b->emitted++;
	str_clear(&b->reply);
	put_hex(&b->reply, *reply, from);
	pktt_packet_free(reply);
}

static void bench_emit(struct pktt_env *env, struct pktt_packet **reply,
		       const struct pktt_packet *cause)
{
	(void)cause;
	take_reply(env, reply, (*reply)->l3);
}

static int bench_route(struct pktt_env *env, const struct pktt_route_query *q,
		       struct pktt_route *ret)
{
	static const struct pktt_addr v4 = { 4, { 192, 0, 2, 1 } };
	static const struct pktt_addr v6 = { 16, { 0x20, 1, 0xd, 0xb8, [15] = 1 } };

	(void)env;
	*ret = (struct pktt_route){
		.type = PKTT_ROUTE_UNICAST,
		.preferred = q->family == PKTT_IPV6 ? v6 : v4,
		.mtu = 1500,
	};
	return 0;
}

static void bench_log(struct pktt_env *env, const struct pktt_log *log)
{
	str_putf(&pktt_container_of(env, struct bench, env)->log, "[%s]", log->text);
}

static void bench_nflog(struct pktt_env *env, const struct pktt_nflog *log)
{
	str_putf(&pktt_container_of(env, struct bench, env)->log, "%s group=%u range=%u prefix=%s",
		 log->is_ulog ? "ulog" : "nflog", log->group, log->range, log->prefix);
}

static void bench_tee(struct pktt_env *env, struct pktt_packet **copy,
		      const struct pktt_addr *gateway, const char *oif)
{
	(void)gateway, (void)oif;
	bench_emit(env, copy, NULL);
}

static void bench_frame(struct pktt_env *env, struct pktt_packet **frame,
			const struct pktt_iface *out)
{
	(void)out;
	take_reply(env, frame, (*frame)->l2);
}

static const struct pktt_env_ops ops = {
	.random = bench_random,
	.route = bench_route,
	.emit = bench_emit,
	.log = bench_log,
	.nflog = bench_nflog,
	.tee = bench_tee,
	.emit_frame = bench_frame,
};

/* --- A rule in an engine of its own ----------------------------------------------------------- */

struct receiver {
	struct pktt_txn *txn;
	struct str *printed;
};

static int receive(void *ctx, struct pktt_command *cmd, struct pktt_error *err)
{
	struct receiver *r = ctx;

	if (cmd->verb == PKTT_RULE_APPEND)
		pktt_rule_spec_print(cmd->rule, r->printed);
	return pktt_txn_apply(r->txn, cmd, 0, err);
}

static struct pktt_engine *load(const struct run *run, enum pktt_family family, const char *rule,
				struct str *printed, struct pktt_errors *errs)
{
	struct pktt_engine_config config = { .workers = 1, .label_file = run->labels };
	struct pktt_engine *engine = NULL;
	struct pktt_error err = { 0 };
	struct str text = STR_INIT;
	struct receiver r = { .printed = printed };
	struct pktt_receiver to = { receive, &r };
	struct pktt_source src = { .name = run->file, .family = family, .is_native = true };

	if (pktt_engine_new(&engine, &config, &err) || pktt_txn_begin(&r.txn, engine, &err)) {
		pktt_errors_add(errs, &err);
		return engine;
	}
	src.catalog = pktt_engine_catalog(engine);
	str_puts(&text, str_text(&run->sets));
	str_putf(&text, "*%s\n-A %s %s\nCOMMIT\n", run->table, run->chain, rule);
	if (pktt_text_read(&src, text.data, text.len, &to, errs))
		pktt_txn_abort(&r.txn);
	else
		(void)!pktt_txn_commit(&r.txn, errs);
	str_fini(&text);
	return engine;
}

static void check_text(struct run *run, enum pktt_family family, const char *rule,
		       const char *canonical, const char *result)
{
	struct pktt_errors errs = { 0 };
	struct str printed = STR_INIT;
	struct pktt_engine *engine = load(run, family, rule, &printed, &errs);
	const char *want = strcmp(canonical, "=") == 0 ? rule : canonical;

	if (strcmp(result, "ok") == 0) {
		if (errs.count)
			str_putf(&run->why, "%s: refused: %s\n", pktt_family_name(family),
				 errs.item[0].text);
		else if (strcmp(str_text(&printed), want) != 0)
			str_putf(&run->why, "%s: printed as: %s\n", pktt_family_name(family),
				 str_text(&printed));
	} else if (strncmp(result, "error: ", 7) != 0) {
		str_putf(&run->why, "the result is ok or error: ..., not '%s'\n", result);
	} else if (errs.count == 0) {
		str_putf(&run->why, "%s: accepted\n", pktt_family_name(family));
	} else if (!strstr(errs.item[0].text, result + 7)) {
		str_putf(&run->why, "%s: the error is: %s\n", pktt_family_name(family),
			 errs.item[0].text);
	}
	str_fini(&printed);
	pktt_engine_free(&engine);
}

/* --- Packets ---------------------------------------------------------------------------------- */

static const char *verdict_name(enum pktt_verdict v)
{
	static const char *const name[] = {
		[PKTT_CONTINUE] = "continue", [PKTT_ACCEPT] = "accept", [PKTT_DROP] = "drop",
		[PKTT_REJECT] = "reject",     [PKTT_STOLEN] = "stolen", [PKTT_QUEUE] = "queue",
		[PKTT_REPEAT] = "repeat",     [PKTT_RETURN] = "return",
	};

	return name[v];
}

static const char *outcome(const struct pktt_packet *pkt, enum pktt_verdict v, bool counted,
			   bool has_target)
{
	if (pkt->decision.reason == PKTT_REASON_UNREADABLE)
		return "bad";
	if (!has_target)
		return counted ? "hit" : "miss";
	if (!counted)
		return "miss";
	/* The policy gave the verdict: the rule went on, or returned. */
	return pkt->decision.rule ? verdict_name(v) : "continue";
}

static void set_iface(struct pktt_iface *iface, const char *name, const char *otherwise,
		      uint32_t index, const struct pktt_iface **slot)
{
	if (!*name && !otherwise)
		return;
	*iface = (struct pktt_iface){ .index = index, .mtu = 1500, .arphrd = 1 };
	snprintf(iface->name, sizeof(iface->name), "%s", *name ? name : otherwise);
	*slot = iface;
}

static void compare(struct run *run, const char *what, const struct str *got, const char *want)
{
	if (strcmp(str_text(got), want) != 0)
		str_putf(&run->why, "%s: %s\n", what, str_text(got));
}

/* What a result says beside the verdict. */
static void compare_rest(struct run *run, const struct pktt_packet *pkt, const struct bench *bench,
			 const char *rest)
{
	struct str bytes = STR_INIT;

	put_hex(&bytes, pkt, pkt->l3);
	if (strncmp(rest, "-> ", 3) == 0)
		compare(run, "the bytes are", &bytes, rest + 3);
	else if (strncmp(rest, "=>", 2) == 0)
		compare(run, "the answer is", &bench->reply, rest + 2 + strspn(rest + 2, " "));
	else if (strncmp(rest, "log ", 4) == 0)
		compare(run, "the log is", &bench->log, rest + 4);
	else
		str_puts(&run->why, "after the verdict stands -> HEX, => HEX or log TEXT\n");
	str_fini(&bytes);
}

static void judge(struct run *run, struct pktt_engine *engine, enum pktt_family family,
		  struct pktt_packet *pkt, const struct craft_where *where, const char *result)
{
	struct pktt_table *table = pktt_table_lookup(engine, family, run->table);
	struct pktt_chain *chain = table ? pktt_chain_lookup(table, run->chain) : NULL;
	struct pktt_rule *rule = chain ? pktt_rule_next(chain, NULL) : NULL;
	struct bench bench = { .env = { .ops = &ops }, .seed = 1 };
	struct pktt_iface in, out, physin, physout;
	struct pktt_counters counters;
	size_t len = strcspn(result, " ");
	const char *rest = result + len + strspn(result + len, " "), *got;
	enum pktt_hook hook;
	enum pktt_verdict v;

	if (!rule) {
		str_puts(&run->why, "the rule is not there\n");
		return;
	}
	hook = pktt_chain_hook(chain);
	bench.env.generation = pktt_engine_generation(engine);
	pkt->env = &bench.env;
	pkt->time_ns = 1795435200u * 1000000000ull; /* Monday 2026-11-23 12:00:00 UTC */
	set_iface(&in, where->in,
		  hook == PKTT_LOCAL_OUT || hook == PKTT_POST_ROUTING ? NULL : "eth0", 1, &pkt->in);
	set_iface(&out, where->out,
		  hook == PKTT_PRE_ROUTING || hook == PKTT_LOCAL_IN ? NULL : "eth1", 2, &pkt->out);
	set_iface(&physin, where->physin, NULL, 3, &pkt->physin);
	set_iface(&physout, where->physout, NULL, 4, &pkt->physout);
	if (family == PKTT_BRIDGE) {
		pkt->family = PKTT_BRIDGE;
		pkt->physin = pkt->in;
		pkt->physout = pkt->out;
	}
	v = pktt_hook_run(engine, pkt, hook);
	pktt_rule_counters(rule, &counters);
	got = outcome(pkt, v, counters.packets > 0, rule->spec->ntargets > 0);
	if (strlen(got) != len || strncmp(got, result, len) != 0)
		str_putf(&run->why, "%s: it is a %s\n", pktt_family_name(family), got);
	else if (*rest)
		compare_rest(run, pkt, &bench, rest);
	str_fini(&bench.reply);
	str_fini(&bench.log);
}

static void check_packet(struct run *run, enum pktt_family family, const char *rule,
			 const char *packet, const char *result)
{
	struct pktt_errors errs = { 0 };
	struct str printed = STR_INIT;
	struct pktt_engine *engine = load(run, family, rule, &printed, &errs);
	struct pktt_packet *pkt = NULL;
	struct craft_where where;
	struct pktt_error err;

	if (errs.count)
		str_putf(&run->why, "%s: refused: %s\n", pktt_family_name(family),
			 errs.item[0].text);
	else if (craft_packet(&pkt, &where, packet, &err))
		str_putf(&run->why, "the packet: %s\n", err.text);
	else if (family == PKTT_BRIDGE || pkt->family == family ||
		 (family == PKTT_INET && pkt->family != PKTT_ARP))
		judge(run, engine, family, pkt, &where, result);
	pktt_packet_free(&pkt);
	str_fini(&printed);
	pktt_engine_free(&engine);
}

/* --- Files ------------------------------------------------------------------------------------ */

static char *trim(char *s)
{
	size_t len;

	s += strspn(s, " \t");
	len = strlen(s);
	while (len && (s[len - 1] == ' ' || s[len - 1] == '\t' || s[len - 1] == '\n'))
		s[--len] = '\0';
	return s;
}

/* Cut at the separator between blanks, or at a final one; NULL where it does not stand. */
static char *cut(char *s, char sep)
{
	char between[4] = { ' ', sep, ' ', '\0' };
	char *at = strstr(s, between);

	if (s[0] == sep && s[1] == ' ') { /* "RULE ; ; error: ...": nothing between two */
		*s = '\0';
		return s + 2;
	}
	if (!at)
		return NULL;
	*at = '\0';
	return at + 3;
}

static int set_place(struct run *run, char *text)
{
	char *names = trim(text), *place = names + strcspn(names, " \t");
	char *slash;

	if (*place)
		*place++ = '\0';
	place = trim(place);
	slash = strchr(place, '/');
	if (!slash)
		return -EINVAL;
	*slash++ = '\0';
	snprintf(run->table, sizeof(run->table), "%s", place);
	snprintf(run->chain, sizeof(run->chain), "%s", slash);
	run->nfamilies = 0;
	for (char *save = NULL, *n = strtok_r(names, ",", &save); n;
	     n = strtok_r(NULL, ",", &save)) {
		if (run->nfamilies == PKTT_FAMILY_COUNT ||
		    pktt_family_parse(n, &run->family[run->nfamilies]))
			return -EINVAL;
		run->nfamilies++;
	}
	return 0;
}

static void check_line(struct run *run, char *text)
{
	char *second = cut(text, ';'), *third = second ? cut(second, ';') : NULL;
	char *packet = cut(text, '|');

	if (!second || (packet && third) || (!packet && !third)) {
		str_puts(&run->why,
			 "a line is RULE ; CANONICAL ; RESULT or RULE | PACKET ; RESULT\n");
		return;
	}
	for (unsigned int i = 0; i < run->nfamilies; i++)
		if (packet)
			check_packet(run, run->family[i], trim(text), trim(packet), trim(second));
		else
			check_text(run, run->family[i], trim(text), trim(second), trim(third));
}

static void report(struct run *run, const char *line)
{
	bool ok = run->why.len == 0;

	run->total++;
	run->failed += !ok;
	printf("%sok %u - %s:%u: %s\n", ok ? "" : "not ", run->total, run->file, run->line, line);
	for (char *save = NULL, *l = ok ? NULL : strtok_r(run->why.data, "\n", &save); l;
	     l = strtok_r(NULL, "\n", &save))
		printf("# %s\n", l);
	str_clear(&run->why);
}

static void run_file(struct run *run, const char *folder, const char *name)
{
	char path[4096], line[8192], shown[8192];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "re");
	run->file = name;
	run->line = run->nfamilies = 0;
	str_clear(&run->sets);
	while (f && fgets(line, sizeof(line), f)) {
		char *text = trim(line);

		run->line++;
		if (!*text || *text == '#')
			continue;
		if (*text == '+') {
			str_putf(&run->sets, "%s\n", trim(text + 1));
			continue;
		}
		snprintf(shown, sizeof(shown), "%s", text);
		if (*text != ':')
			check_line(run, text);
		else if (set_place(run, text + 1) == 0)
			continue;
		else
			str_puts(&run->why, "a place is : FAMILY[,FAMILY] TABLE/CHAIN\n");
		report(run, shown);
	}
	if (f)
		fclose(f);
}

static int is_t(const struct dirent *d)
{
	size_t len = strlen(d->d_name);

	return len > 2 && strcmp(d->d_name + len - 2, ".t") == 0;
}

int main(int argc, char **argv)
{
	struct dirent **entry = NULL;
	struct run run = { .why = STR_INIT };
	int n = argc > 1 ? scandir(argv[1], &entry, is_t, alphasort) : -1;

	if (n < 0) {
		fprintf(stderr, "usage: run_t FOLDER [FILE.t]\n");
		return 2;
	}
	snprintf(run.labels, sizeof(run.labels), "%s/connlabel.conf", argv[1]);
	rcu_register_thread();
	for (int i = 0; i < n; i++) {
		if (argc < 3 || strcmp(argv[2], entry[i]->d_name) == 0)
			run_file(&run, argv[1], entry[i]->d_name);
		free(entry[i]);
	}
	free(entry);
	rcu_unregister_thread();
	printf("1..%u\n", run.total);
	str_fini(&run.sets);
	str_fini(&run.why);
	return run.failed != 0;
}
