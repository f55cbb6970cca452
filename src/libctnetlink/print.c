/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects as text. */
#include "libctnetlink/own.h"

#include "base/json.h"
#include "base/str.h"

#include <string.h>
#include <time.h>

_Static_assert((int)CTNL_EXTENDED == CT_TEXT_EXTENDED && (int)CTNL_TIMESTAMP == CT_TEXT_WHEN,
	       "flags are desc's");
_Static_assert((int)CTNL_DESTROY == CT_KIND_DESTROY, "kinds are desc's");

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (uint64_t)ts.tv_sec * 1000000000 + (uint64_t)ts.tv_nsec;
}

static size_t give_out(struct str *out, char *buf, size_t size)
{
	size_t len = out->failed ? 0 : out->len;

	if (size) {
		size_t fits = len < size ? len : size - 1;

		memcpy(buf, str_text(out), fits);
		buf[fits] = '\0';
	}
	str_fini(out);
	return len;
}

static struct json json_event(enum ctnl_kind kind, struct str *out)
{
	struct json j = json_to(out);

	json_begin_object(&j);
	if (kind)
		json_put_text(&j, "event", ct_event_kind_name((enum ct_event_kind)kind));
	return j;
}

size_t ctnl_conn_print(const struct ctnl_conn *conn, enum ctnl_form form, enum ctnl_kind kind,
		       unsigned int flags, char *buf, size_t size)
{
	uint64_t now = flags & CTNL_TIMESTAMP || conn->v.has & CTV_START ? now_ns() : 0;
	struct str out = STR_INIT;
	struct json j;

	switch (form) {
	case CTNL_FORM_LINE:
		if (kind)
			ct_event_prefix((enum ct_event_kind)kind, flags, now, &out);
		ct_view_text(&conn->v, flags, now, &out);
		break;
	case CTNL_FORM_XML:
		ct_view_xml(&conn->v, (enum ct_event_kind)kind, flags, now, &out);
		break;
	case CTNL_FORM_SAVE:
		ct_view_save(&conn->v, &out);
		break;
	case CTNL_FORM_JSON:
		j = json_event(kind, &out);
		ct_view_json_members(&conn->v, &j);
		json_end_object(&j);
		break;
	}
	return give_out(&out, buf, size);
}

size_t ctnl_expect_print(const struct ctnl_expect *expect, enum ctnl_form form, enum ctnl_kind kind,
			 unsigned int flags, char *buf, size_t size)
{
	uint64_t now = flags & CTNL_TIMESTAMP ? now_ns() : 0;
	struct str out = STR_INIT;
	struct json j;

	switch (form) {
	case CTNL_FORM_LINE:
	case CTNL_FORM_SAVE:
		if (kind)
			ct_event_prefix((enum ct_event_kind)kind, flags, now, &out);
		ct_expect_view_text(&expect->v, &out);
		break;
	case CTNL_FORM_XML:
		ct_expect_view_xml(&expect->v, (enum ct_event_kind)kind, flags, now, &out);
		break;
	case CTNL_FORM_JSON:
		j = json_event(kind, &out);
		json_key(&j, "expectation");
		ct_expect_view_json(&expect->v, &j);
		json_end_object(&j);
		break;
	}
	return give_out(&out, buf, size);
}

const char *ctnl_protocol_name(unsigned int protocol)
{
	const char *name = protocol < 256 ? ct_protocol_name((uint8_t)protocol) : "unknown";

	return strcmp(name, "unknown") == 0 ? NULL : name;
}

int ctnl_protocol_number(const char *name)
{
	uint8_t protocol;

	return ct_protocol_parse(name, &protocol) ? protocol : -1;
}

const char *ctnl_state_name(unsigned int protocol, unsigned int state)
{
	return protocol < 256 && state < 256 ? ct_state_name((uint8_t)protocol, (uint8_t)state)
					     : NULL;
}

int ctnl_state_number(unsigned int protocol, const char *name)
{
	return protocol < 256 ? ct_state_parse((uint8_t)protocol, name) : -1;
}
