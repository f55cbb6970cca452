/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tools/explain_view.h"

#include "base/json.h"
#include "base/own.h"
#include "base/str.h"
#include "core/engine.h"
#include "desc/args.h"
#include "desc/family.h"
#include "tools/condition.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/*
 * Rules of a chain that are shown one by one; of more, those near a hit and a count of the
 * others.
 */
#define SHOWN_MAX 12u

void explain_view_fini(struct explain_view *view)
{
	for (size_t i = 0; i < view->nrules; i++) {
		free(view->rule[i].condition);
		free(view->rule[i].packet);
		free(view->rule[i].remedy);
	}
	for (size_t i = 0; i < view->nsteps; i++)
		free(view->step[i].text);
	free(view->step);
	free(view->rule);
	free(view->chain);
	*view = (struct explain_view){ 0 };
}

/* One more element at the end of an array, or NULL and failed. */
static void *grow(struct explain_view *view, void *array, size_t n, size_t *room, size_t size)
{
	size_t more = *room ? *room * 2 : 32;
	void *p = array;

	if (n == *room) {
		p = realloc(array, more * size);
		if (p)
			*room = more;
		else
			view->failed = true;
	}
	return p;
}

static struct seen_chain *add_chain(struct explain_view *view, const struct pktt_chain *chain)
{
	struct seen_chain *c =
		grow(view, view->chain, view->nchains, &view->chain_room, sizeof(*view->chain));

	if (!c)
		return NULL;
	view->chain = c;
	c += view->nchains++;
	*c = (struct seen_chain){ .chain = chain, .first = view->nrules };
	return c;
}

static char *text_of(struct str *s)
{
	char *text = strdup(str_text(s));

	str_fini(s);
	return text;
}

static void note_miss(struct seen_rule *seen, struct pktt_packet *pkt,
		      const struct pktt_use *missed)
{
	struct str a = STR_INIT, b = STR_INIT, c = STR_INIT;
	struct condition cond = { 0 };

	seen->misses = condition_misses(seen->rule, pkt, missed, &cond);
	if (cond.use) {
		condition_print(&cond, seen->rule->spec->family, &a);
		condition_print_packet(&cond, pkt, &b);
		condition_print_remedy(&cond, pkt, &c);
	}
	seen->condition = text_of(&a);
	seen->packet = text_of(&b);
	seen->remedy = text_of(&c);
}

void explain_view_look(struct explain_view *view, struct pktt_packet *pkt,
		       const struct pktt_chain *chain, const struct pktt_rule *rule,
		       const struct pktt_use *missed, enum pktt_hit hit)
{
	struct seen_chain *c = view->nchains ? &view->chain[view->nchains - 1] : NULL;
	struct seen_rule *r;

	if (!c || c->chain != chain || c->has_policy)
		c = add_chain(view, chain);
	r = c ? grow(view, view->rule, view->nrules, &view->rule_room, sizeof(*view->rule)) : NULL;
	if (!r)
		return;
	view->rule = r;
	r += view->nrules++;
	c->count++;
	*r = (struct seen_rule){ .rule = rule,
				 .is_hit = hit == PKTT_HIT,
				 .is_bad = hit == PKTT_BAD };
	r->conditions = condition_count(rule);
	if (hit == PKTT_MISS)
		note_miss(r, pkt, missed);
}

void explain_view_policy(struct explain_view *view, const struct pktt_step *step)
{
	struct seen_chain *c = view->nchains ? &view->chain[view->nchains - 1] : NULL;

	if (step->kind != PKTT_STEP_POLICY)
		return;
	if (!c || c->chain != step->base || c->has_policy)
		c = add_chain(view, step->base);
	if (!c)
		return;
	c->has_policy = true;
	c->policy = step->verdict;
}

/* Called before the function runs (CONTINUE) and after. */
void explain_view_beside(struct explain_view *view, const struct pktt_packet *pkt,
			 const struct pktt_hook_fn *fn, enum pktt_verdict verdict)
{
	struct str text = STR_INIT;
	struct seen_step *s;

	if (!view->packet)
		view->packet = pkt;
	if (view->packet != pkt)
		return;
	if (verdict == PKTT_CONTINUE) {
		beside_before(&view->before, pkt);
		return;
	}
	beside_print(&view->before, pkt, fn, verdict, &text);
	if (!text.len)
		return;
	s = grow(view, view->step, view->nsteps, &view->step_room, sizeof(*view->step));
	if (s) {
		view->step = s;
		s += view->nsteps++;
		*s = (struct seen_step){ .fn = fn, .at = view->nchains, .text = text_of(&text) };
	}
	str_fini(&text);
}

/* --- The screen ------------------------------------------------------------------------------- */

void explain_rule_name(const struct pktt_rule *rule, struct str *out)
{
	str_putf(out, "#%" PRIu32, rule->number);
	if (rule->spec->name[0]) {
		str_puts(out, " \"");
		str_put_escaped(out, rule->spec->name, strlen(rule->spec->name));
		str_putc(out, '"');
	}
}

static void put_targets(const struct pktt_rule *rule, struct str *out)
{
	for (unsigned int i = 0; i < rule->spec->ntargets; i++) {
		const struct pktt_use *t = &rule->spec->target[i];
		const struct pktt_jump_args *jump = t->args;
		struct str args = STR_INIT;

		if (i)
			str_putc(out, ' ');
		if (t->ext->flags & PKTT_EXT_JUMP) {
			str_putf(out, "-%c %s", jump->is_goto ? 'g' : 'j', jump->chain);
			continue;
		}
		pktt_args_print(t->ext, rule->spec->family, t->args, &args);
		str_putf(out, "-j %s%s%s", t->ext->name, args.len ? " " : "", str_text(&args));
		str_fini(&args);
	}
	if (rule->spec->ntargets == 0)
		str_puts(out, "(no target)");
}

static void put_place(const struct pktt_rule *rule, struct str *out)
{
	const struct pktt_place *p = &rule->spec->place;

	if (p->file && p->line)
		str_putf(out, "%s:%" PRIu32 ":%" PRIu32, p->file, p->line,
			 p->column ? p->column : 1);
}

static void put_cells(const char *a, const char *b, const char *c, const char *d, struct str *out)
{
	size_t start = out->len;

	str_putf(out, "%-16s %-5s %-38s %s", a, b, c, d);
	while (out->len > start && out->data[out->len - 1] == ' ')
		out->data[--out->len] = '\0';
	str_putc(out, '\n');
}

static void put_rule(const struct seen_rule *r, struct str *out)
{
	struct str name = STR_INIT, what = STR_INIT, why = STR_INIT;

	str_putf(&name, "#%" PRIu32 " ", r->rule->number);
	str_put_escaped(&name, r->rule->spec->name, strlen(r->rule->spec->name));
	if (r->is_hit) {
		put_targets(r->rule, &what);
		put_place(r->rule, &why);
	} else if (r->is_bad) {
		str_puts(&why, "the packet cannot be read: dropped");
	} else {
		str_puts(&what, r->condition ? r->condition : "");
		str_puts(&why, r->packet ? r->packet : "");
		if (r->misses == 1 && r->rule->spec->nmatches > 0)
			str_puts(&why, why.len ? "   (all else matched)" : "(all else matched)");
	}
	put_cells(str_text(&name),
		  r->is_hit   ? "YES"
		  : r->is_bad ? "BAD"
			      : "no",
		  str_text(&what), str_text(&why), out);
	str_fini(&name);
	str_fini(&what);
	str_fini(&why);
}

/* All of a short chain; of a long one the hits and the near misses. */
static bool is_shown(const struct seen_chain *c, const struct seen_rule *r)
{
	return c->count <= SHOWN_MAX || r->is_hit || r->is_bad || r->misses == 1;
}

static unsigned int hits(const struct explain_view *view, const struct seen_chain *c)
{
	unsigned int n = 0;

	for (size_t i = c->first; i < c->first + c->count; i++)
		n += view->rule[i].is_hit;
	return n;
}

static void put_chain_name(const struct pktt_chain *chain, struct str *out)
{
	str_putf(out, "%s/%s", pktt_table_name(pktt_chain_table(chain)), pktt_chain_name(chain));
}

static void put_chain(const struct explain_view *view, const struct seen_chain *c, struct str *out)
{
	struct str name = STR_INIT;
	size_t shown = 0, hidden = 0;

	put_chain_name(c->chain, &name);
	for (size_t i = c->first; i < c->first + c->count; i++) {
		if (!is_shown(c, &view->rule[i]) ||
		    (hits(view, c) == 0 && view->rule[i].misses > 1)) {
			hidden++;
			continue;
		}
		str_putf(out, " %-22s ", shown++ ? "" : str_text(&name));
		put_rule(&view->rule[i], out);
	}
	if (shown == 0)
		str_putf(out, " %-22s %u of %zu rules matched%s%s\n", str_text(&name),
			 hits(view, c), c->count, c->has_policy ? ", policy " : "",
			 !c->has_policy		  ? ""
			 : c->policy == PKTT_DROP ? "DROP"
						  : "ACCEPT");
	else if (hidden || c->has_policy)
		str_putf(out, " %-22s %s%.0zu%s%s%s\n", "", hidden ? "and " : "", hidden,
			 hidden ? " others that did not match" : "",
			 c->has_policy ? (hidden ? ", policy " : "policy ") : "",
			 !c->has_policy		  ? ""
			 : c->policy == PKTT_DROP ? "DROP"
						  : "ACCEPT");
	str_fini(&name);
}

void explain_view_text(const struct explain_view *view, struct str *out)
{
	size_t step = 0;

	for (size_t i = 0; i <= view->nchains; i++) {
		for (; step < view->nsteps && view->step[step].at == i; step++)
			str_putf(out, " %-22s %s\n", view->step[step].fn->name,
				 view->step[step].text ? view->step[step].text : "");
		if (i < view->nchains)
			put_chain(view, &view->chain[i], out);
	}
}

/* --- JSON ------------------------------------------------------------------------------------- */

static void put_rule_json(const struct seen_rule *r, struct json *j)
{
	json_begin_object(j);
	json_put_uint(j, "number", r->rule->number);
	json_put_uint(j, "handle", r->rule->handle);
	if (r->rule->spec->name[0])
		json_put_text(j, "name", r->rule->spec->name);
	json_put_text(j, "result", r->is_hit ? "hit" : r->is_bad ? "bad" : "miss");
	if (!r->is_hit && !r->is_bad) {
		json_put_uint(j, "misses", r->misses);
		json_put_text(j, "condition", r->condition ? r->condition : "");
		json_put_text(j, "packet", r->packet ? r->packet : "");
	}
	if (r->rule->spec->place.file) {
		json_put_text(j, "file", r->rule->spec->place.file);
		json_put_uint(j, "line", r->rule->spec->place.line);
	}
	json_end_object(j);
}

void explain_view_json(const struct explain_view *view, struct json *j)
{
	json_begin_array(j);
	for (size_t i = 0; i < view->nchains; i++) {
		const struct seen_chain *c = &view->chain[i];
		const struct pktt_table *t = pktt_chain_table(c->chain);

		json_begin_object(j);
		json_put_text(j, "family", pktt_family_name(pktt_table_family(t)));
		json_put_text(j, "table", pktt_table_name(t));
		json_put_text(j, "chain", pktt_chain_name(c->chain));
		json_key(j, "rules");
		json_begin_array(j);
		for (size_t k = c->first; k < c->first + c->count; k++)
			put_rule_json(&view->rule[k], j);
		json_end_array(j);
		if (c->has_policy)
			json_put_text(j, "policy", c->policy == PKTT_DROP ? "DROP" : "ACCEPT");
		json_end_object(j);
	}
	json_end_array(j);
}

void explain_view_steps_json(const struct explain_view *view, struct json *j)
{
	static const char *const hook[PKTT_HOOK_COUNT] = {
		"prerouting", "input", "forward", "output", "postrouting", "brouting"
	};

	json_begin_array(j);
	for (size_t i = 0; i < view->nsteps; i++) {
		const struct seen_step *s = &view->step[i];

		json_begin_object(j);
		json_put_text(j, "step", s->fn->name);
		json_put_text(j, "hook", hook[s->fn->hook]);
		json_put_uint(j, "after_chains", s->at);
		json_put_text(j, "text", s->text ? s->text : "");
		json_end_object(j);
	}
	json_end_array(j);
}

/* --- The nearest rule ------------------------------------------------------------------------- */

static bool accepts(const struct pktt_rule *rule)
{
	return rule->spec->ntargets &&
	       strcmp(rule->spec->target[rule->spec->ntargets - 1].ext->name, "ACCEPT") == 0;
}

const struct seen_rule *explain_view_nearest(const struct explain_view *view)
{
	const struct seen_rule *best = NULL;

	for (size_t i = 0; i < view->nrules; i++) {
		const struct seen_rule *r = &view->rule[i];

		/* A rule of one condition is not near: without it, it would admit everything. */
		if (r->is_hit || r->misses != 1 || r->conditions < 2 || !accepts(r->rule))
			continue;
		if (!best || r->conditions >= best->conditions)
			best = r;
	}
	return best;
}

bool explain_view_remedy(const struct seen_rule *seen, struct str *out)
{
	struct str text = STR_INIT;
	const char *at;
	bool can = seen->remedy && seen->remedy[0];

	pktt_rule_spec_print(seen->rule->spec, &text);
	at = can ? strstr(str_text(&text), seen->condition) : NULL;
	if (at) {
		str_putf(out, "-I %s %" PRIu32 " ", pktt_chain_name(seen->rule->chain),
			 seen->rule->number);
		str_putn(out, str_text(&text), (size_t)(at - str_text(&text)));
		str_puts(out, seen->remedy);
		str_puts(out, at + strlen(seen->condition));
	}
	str_fini(&text);
	return at;
}
