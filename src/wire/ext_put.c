/* SPDX-License-Identifier: BSD-2-Clause */
/* An extension's table as attributes. */
#include "wire/ext.h"

#include "base/own.h"
#include "wire/ext_convert.h"

#include <endian.h>
#include <errno.h>
#include <linux/netlink.h>
#include <string.h>

struct out {
	char *buf;
	size_t len, room;
	bool failed;
};

/* Room for an attribute with len bytes of payload, zeroed; its payload, or NULL. */
static void *put_room(struct out *o, uint16_t type, size_t len)
{
	size_t whole = NLA_ALIGN(NLA_HDRLEN + len);
	struct nlattr attr = { .nla_type = type };

	if (o->failed || len > UINT16_MAX - NLA_HDRLEN || o->room - o->len < whole) {
		o->failed = true;
		return NULL;
	}
	attr.nla_len = (uint16_t)(NLA_HDRLEN + len);
	memset(o->buf + o->len, 0, whole);
	memcpy(o->buf + o->len, &attr, sizeof(attr));
	o->len += whole;
	return o->buf + o->len - whole + NLA_HDRLEN;
}

static void put(struct out *o, uint16_t type, const void *data, size_t len)
{
	void *at = put_room(o, type, len);

	if (at)
		memcpy(at, data, len);
}

static void put_text(struct out *o, uint16_t type, const char *text)
{
	if (text)
		put(o, type, text, strlen(text) + 1);
}

static void put_u32(struct out *o, uint16_t type, uint32_t v)
{
	uint32_t be = htobe32(v);

	if (v)
		put(o, type, &be, sizeof(be));
}

static void put_u64(struct out *o, uint16_t type, uint64_t v)
{
	uint64_t be = htobe64(v);

	if (v)
		put(o, type, &be, sizeof(be));
}

static void put_symbols(struct out *o, const struct pktt_symbol *symbols)
{
	for (const struct pktt_symbol *s = symbols; s && s->name; s++) {
		uint32_t be = htobe32(s->value);
		char *at = put_room(o, WIRE_PARAM_SYMBOL, sizeof(be) + strlen(s->name) + 1);

		if (!at)
			return;
		memcpy(at, &be, sizeof(be));
		memcpy(at + sizeof(be), s->name, strlen(s->name) + 1);
	}
}

static void put_type(struct out *o, const struct pktt_ext *ext, const struct pktt_param *p)
{
	put_text(o, WIRE_PARAM_TYPE, p->type->name);
	put_text(o, WIRE_PARAM_SYNTAX, p->type->syntax);
	put_u32(o, WIRE_PARAM_WORDS, p->type->words);
	if (!p->type->size)
		put_u32(o, WIRE_PARAM_SIZE, p->size);
	if (p->convert && p->same_as) {
		const char *name = wire_convert_name(p, &ext->params[p->same_as - 1]);

		put_text(o, WIRE_PARAM_CONVERT, name ? name : "");
	}
}

static void put_param(struct out *o, const struct pktt_ext *ext, const struct pktt_param *p)
{
	const uint8_t field[] = { (uint8_t)p->field.layer, p->field.offset, p->field.size };

	put_text(o, WIRE_PARAM_NAME, p->name);
	put_text(o, WIRE_PARAM_ALIASES, p->aliases);
	put_u32(o, WIRE_PARAM_LETTER, (unsigned char)p->letter);
	put_text(o, WIRE_PARAM_HELP, p->help);
	if (p->type)
		put_type(o, ext, p);
	put_text(o, WIRE_PARAM_DEFAULT, p->def);
	put_u32(o, WIRE_PARAM_FLAGS, p->flags);
	put_u32(o, WIRE_PARAM_FAMILIES, p->families);
	put_u64(o, WIRE_PARAM_EXCLUDES, p->excludes);
	put_u64(o, WIRE_PARAM_NEEDS, p->needs);
	put_u64(o, WIRE_PARAM_MIN, p->min);
	put_u64(o, WIRE_PARAM_MAX, p->max);
	if (p->field.layer != PKTT_NO_FIELD)
		put(o, WIRE_PARAM_FIELD, field, sizeof(field));
	put_u32(o, WIRE_PARAM_SAME_AS, p->same_as);
	put_u32(o, WIRE_PARAM_AGAIN, p->again);
	put_u32(o, WIRE_PARAM_NEGATE, p->negate);
	put_text(o, WIRE_PARAM_PRESET, p->preset);
	put_symbols(o, p->symbols);
}

static void put_params(struct out *o, const struct pktt_ext *ext)
{
	for (unsigned int n = 0; n < ext->nparams && !o->failed; n++) {
		size_t start = o->len;
		uint16_t len;

		put_room(o, WIRE_EXT_PARAM, 0);
		put_param(o, ext, &ext->params[n]);
		if (o->len - start > UINT16_MAX)
			o->failed = true;
		if (o->failed)
			return;
		len = (uint16_t)(o->len - start);
		memcpy(o->buf + start, &len, sizeof(len));
	}
}

long wire_ext_encode(const struct pktt_ext *ext, void *buf, size_t room)
{
	struct out o = { .buf = buf, .room = room };

	put_u32(&o, WIRE_EXT_KIND, ext->kind);
	put_text(&o, WIRE_EXT_NAME, ext->name);
	put_text(&o, WIRE_EXT_ALIASES, ext->aliases);
	put_text(&o, WIRE_EXT_SUMMARY, ext->summary);
	put_text(&o, WIRE_EXT_WHY, ext->why);
	put_u32(&o, WIRE_EXT_FAMILIES, ext->families);
	put_text(&o, WIRE_EXT_TABLES, ext->tables);
	put_u32(&o, WIRE_EXT_HOOKS, ext->hooks);
	if (ext->l4[0])
		put(&o, WIRE_EXT_L4, ext->l4, strnlen((const char *)ext->l4, sizeof(ext->l4)));
	put_u32(&o, WIRE_EXT_L4_MIN, ext->l4_min);
	put_u32(&o, WIRE_EXT_READS, ext->reads);
	put_u32(&o, WIRE_EXT_FLAGS, ext->flags);
	put_u32(&o, WIRE_EXT_VARIES, ext->l4_for ? WIRE_VARIES_L4 : 0);
	put_params(&o, ext);
	return o.failed ? -EMSGSIZE : (long)o.len;
}
