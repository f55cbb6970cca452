/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/own.h"
#include "desc/family.h"

#define SECOND UINT64_C(1000000000)

const char *report_verdict(const struct replay_result *r)
{
	if (!r->has_verdict)
		return "none";
	switch (r->verdict) {
	case PKTT_ACCEPT:
		return "accept";
	case PKTT_REJECT:
		return "reject";
	case PKTT_STOLEN:
		return "stolen";
	case PKTT_QUEUE:
		return "queue";
	case PKTT_CONTINUE:
	case PKTT_DROP:
	case PKTT_REPEAT:
	case PKTT_RETURN:
		break;
	}
	return "drop";
}

const char *report_hook(const struct replay_result *r)
{
	static const char *const name[PKTT_HOOK_COUNT] = {
		[PKTT_PRE_ROUTING] = "prerouting",   [PKTT_LOCAL_IN] = "input",
		[PKTT_FORWARD] = "forward",	     [PKTT_LOCAL_OUT] = "output",
		[PKTT_POST_ROUTING] = "postrouting", [PKTT_BROUTING] = "brouting",
	};

	return r->has_hook ? name[r->hook] : "none";
}

static const char *log_kind(enum replay_log_kind kind)
{
	switch (kind) {
	case REPLAY_LOG:
		return "LOG";
	case REPLAY_NFLOG:
		return "NFLOG";
	case REPLAY_ULOG:
		return "ULOG";
	case REPLAY_TRACE:
		break;
	}
	return "TRACE";
}

static bool has_group(enum replay_log_kind kind)
{
	return kind == REPLAY_NFLOG || kind == REPLAY_ULOG;
}

/* --- JSON ------------------------------------------------------------------------------------- */

/* What the rules said: the rule, or the policy of a base chain. */
static struct replay_where where_of(const struct replay_result *r)
{
	const struct pktt_decision *d = &r->decision;
	struct replay_where w = { .is_there = d->base != NULL, .is_policy = !d->rule };
	const struct pktt_chain *chain = d->rule ? d->chain : d->base;

	if (!w.is_there)
		return r->where;
	w.family = pktt_table_family(pktt_chain_table(chain));
	strcpy(w.table, pktt_table_name(pktt_chain_table(chain)));
	strcpy(w.chain, pktt_chain_name(chain));
	if (d->rule) {
		pktt_chain_number(d->rule->chain);
		w.number = d->rule->number;
		w.handle = d->rule->handle;
		memcpy(w.name, d->rule->spec->name, sizeof(w.name));
	}
	return w;
}

static void put_where_json(const struct replay_where *w, struct json *j)
{
	json_begin_object(j);
	json_put_text(j, "family", pktt_family_name(w->family));
	json_put_text(j, "table", w->table);
	json_put_text(j, "chain", w->chain);
	if (w->is_policy) {
		json_put_bool(j, "policy", true);
	} else {
		if (w->number)
			json_put_uint(j, "number", w->number);
		json_put_uint(j, "handle", w->handle);
		if (w->name[0])
			json_put_text(j, "name", w->name);
	}
	json_end_object(j);
}

static void put_emitted(const struct replay_result *r, struct json *j)
{
	json_key(j, "emitted");
	json_begin_array(j);
	for (size_t i = 0; i < r->nemitted; i++) {
		const struct replay_emitted *e = &r->emitted[i];

		json_begin_object(j);
		json_put_text(j, "interface", e->out->name);
		if (e->is_frame)
			json_put_uint(j, "layer", 2);
		json_key(j, "data");
		json_hex(j, (const uint8_t *)r->bytes.data + e->at, e->len);
		json_end_object(j);
	}
	json_end_array(j);
}

static void put_log(const struct replay_result *r, const struct replay_log *log, struct json *j)
{
	json_begin_object(j);
	json_put_text(j, "kind", log_kind(log->kind));
	json_put_uint(j, has_group(log->kind) ? "group" : "level", log->number);
	json_key(j, has_group(log->kind) ? "prefix" : "text");
	json_textn(j, str_text(&r->bytes) + log->text_at, log->text_len);
	if (has_group(log->kind)) {
		json_key(j, "data");
		json_hex(j, (const uint8_t *)str_text(&r->bytes) + log->data_at, log->data_len);
	}
	json_end_object(j);
}

void report_json(const struct replay_result *r, struct str *out)
{
	struct json j = json_to(out);
	const struct pktt_decision *d = &r->decision;
	struct replay_where w = where_of(r);

	json_begin_object(&j);
	json_put_uint(&j, "packet", r->number);
	json_key(&j, "interface");
	if (r->interface)
		json_text(&j, r->interface);
	else
		json_none(&j);
	json_put_text(&j, "hook", report_hook(r));
	json_put_text(&j, "verdict", report_verdict(r));
	if (d->reason != PKTT_REASON_NONE)
		json_put_text(&j, "reason", pktt_reason_name(d->reason));
	put_emitted(r, &j);
	if (w.is_there) {
		/*
		 * A rule that could not read the packet did not judge it: "at" says where it was.
		 */
		json_key(&j, d->reason == PKTT_REASON_NONE ? "rule" : "at");
		put_where_json(&w, &j);
	}
	json_put_uint(&j, "mark", r->mark);
	tracking_json(r, &j);
	json_key(&j, "log");
	json_begin_array(&j);
	for (size_t i = 0; i < r->nlog; i++)
		put_log(r, &r->log[i], &j);
	json_end_array(&j);
	json_end_object(&j);
	str_putc(out, '\n');
}

/* --- Text ------------------------------------------------------------------------------------- */

static void put_clock(uint64_t time_ns, struct str *out)
{
	time_t s = (time_t)(time_ns / SECOND);
	struct tm tm = { 0 };

	gmtime_r(&s, &tm);
	str_putf(out, "%02d:%02d:%02d.%06u", tm.tm_hour, tm.tm_min, tm.tm_sec,
		 (unsigned int)(time_ns % SECOND / 1000));
}

static void put_where(const struct replay_where *w, struct str *out)
{
	str_putf(out, " %s/", w->table);
	str_put_escaped(out, w->chain, strlen(w->chain));
	if (w->is_policy) {
		str_puts(out, " policy");
		return;
	}
	if (w->number)
		str_putf(out, " #%" PRIu32, w->number);
	if (w->name[0]) {
		str_putc(out, ' ');
		str_put_escaped(out, w->name, strlen(w->name));
	}
}

static void put_leaving(const struct replay_result *r, struct str *out)
{
	for (size_t i = 0; i < r->nemitted; i++)
		str_putf(out, "%s%s%s", i ? ", " : " -> ",
			 r->emitted[i].is_reply ? "answer by " : "", r->emitted[i].out->name);
}

void report_text(const struct replay_result *r, struct str *out)
{
	const char *interface = r->interface ? r->interface : "-";
	struct replay_where w = where_of(r);

	str_putf(out, "%6" PRIu64 " ", r->number);
	put_clock(r->time_ns, out);
	str_putc(out, ' ');
	str_put_escaped(out, interface, strlen(interface));
	str_putf(out, " %s  %s", str_text(&r->words), report_verdict(r));
	if (r->has_hook)
		str_putf(out, " in %s", report_hook(r));
	if (w.is_there)
		put_where(&w, out);
	if (r->decision.reason != PKTT_REASON_NONE)
		str_putf(out, " (%s)", pktt_reason_name(r->decision.reason));
	put_leaving(r, out);
	str_putc(out, '\n');
}

void report_logs(const struct replay_result *r, struct str *out)
{
	for (size_t i = 0; i < r->nlog; i++) {
		const struct replay_log *log = &r->log[i];

		str_putf(out, "packet %" PRIu64 " %s ", r->number, log_kind(log->kind));
		if (has_group(log->kind))
			str_putf(out, "group %u, %zu bytes, prefix ", log->number, log->data_len);
		str_put_escaped(out, str_text(&r->bytes) + log->text_at, log->text_len);
		str_putc(out, '\n');
	}
}
