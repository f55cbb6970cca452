/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Options of pktt ct: a table of what sets which attribute, and the few that are more than a number. */
#include "tools/ct_request.h"
#include "tools/refused.h"

#include "desc/ct_view.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* --- Words --------------------------------------------------------------------------------------- */

static int number(const char *text, uint64_t max, uint64_t *ret, struct pktt_error *err)
{
	char *end;

	errno = 0;
	*ret = strtoull(text, &end, 0);
	if (end == text || *end || errno || text[0] == '-' || *ret > max)
		return pktt_fail(err, -EINVAL, "%.60s is no number from 0 to %llu", text,
				 (unsigned long long)max);
	return 0;
}

/* ADDR[/LEN] */
static int prefix(const char *text, struct pktt_prefix *ret, struct pktt_error *err)
{
	const char *slash = strchr(text, '/');
	size_t len = slash ? (size_t)(slash - text) : strlen(text);
	uint64_t bits;
	char addr[64];

	if (len >= sizeof(addr))
		return pktt_fail(err, -EINVAL, "%.60s is no address", text);
	memcpy(addr, text, len);
	addr[len] = '\0';
	memset(ret, 0, sizeof(*ret));
	if (inet_pton(AF_INET, addr, ret->addr.byte) == 1)
		ret->addr.len = 4;
	else if (inet_pton(AF_INET6, addr, ret->addr.byte) == 1)
		ret->addr.len = 16;
	else
		return pktt_fail(err, -EINVAL, "%.60s is no address", text);
	bits = 8 * ret->addr.len;
	if (slash && number(slash + 1, bits, &bits, err))
		return -EINVAL;
	ret->mask.len = ret->addr.len;
	for (unsigned int i = 0; i < bits; i++)
		ret->mask.byte[i / 8] |= (uint8_t)(0x80 >> i % 8);
	return 0;
}

static bool is_host(const struct pktt_prefix *p)
{
	for (unsigned int i = 0; i < p->mask.len; i++)
		if (p->mask.byte[i] != 0xff)
			return false;
	return true;
}

struct word {
	const char *name;
	unsigned int value;
};

/* Names joined by commas, the sum of their values. */
static int words(const char *text, const struct word *word, unsigned int *ret,
		 struct pktt_error *err)
{
	char copy[256], *more = NULL;

	if (strlen(text) >= sizeof(copy))
		return pktt_fail(err, -EINVAL, "%.60s... is too long", text);
	strcpy(copy, text);
	for (char *w = strtok_r(copy, ",", &more); w; w = strtok_r(NULL, ",", &more)) {
		const struct word *at = word;

		while (at->name && strcasecmp(at->name, w) != 0)
			at++;
		if (!at->name)
			return pktt_fail(err, -EINVAL, "there is no %.60s", w);
		*ret |= at->value;
	}
	return 0;
}

static const struct word status_words[] = {
	{ "SEEN_REPLY", CT_SEEN_REPLY },
	{ "ASSURED", CT_ASSURED },
	{ "FIXED_TIMEOUT", CT_FIXED_TIMEOUT },
	{ "EXPECTED", CT_EXPECTED },
	{ "CONFIRMED", CT_CONFIRMED },
	{ "SRC_NAT", CT_SRC_NAT },
	{ "DST_NAT", CT_DST_NAT },
	{ "SEQ_ADJUST", CT_SEQ_ADJUST },
	{ "HELPER", CT_HELPER },
	{ "OFFLOAD", CT_OFFLOAD },
	{ "HW_OFFLOAD", CT_HW_OFFLOAD },
	{ "UNSET", 0 },
	{ NULL, 0 },
};

enum { FORM_XML = 1 << 16, FORM_SAVE = 1 << 17 };
static const struct word output_words[] = {
	{ "extended", CTNL_EXTENDED },	 { "id", CTNL_SHOW_ID },
	{ "labels", CTNL_LABELS },	 { "ktimestamp", CTNL_KTIMESTAMP },
	{ "timestamp", CTNL_TIMESTAMP }, { "xml", FORM_XML },
	{ "save", FORM_SAVE },		 { NULL, 0 },
};

static const struct word event_words[] = {
	{ "NEW", CTNL_EVENT_NEW | CTNL_EVENT_EXP_NEW },
	{ "UPDATES", CTNL_EVENT_UPDATE },
	{ "UPDATE", CTNL_EVENT_UPDATE },
	{ "DESTROY", CTNL_EVENT_DESTROY | CTNL_EVENT_EXP_DESTROY },
	{ "ALL", CTNL_EVENT_ALL },
	{ NULL, 0 },
};

/* --- Options that are a number ---------------------------------------------------------------------- */

static const struct {
	size_t option;
	enum ctnl_attr attr;
	uint64_t max;
	bool is_compared;
} numbers[] = {
	{ CT_OPTION_SPORT, CTNL_ORIG_SPORT, UINT16_MAX, true },
	{ CT_OPTION_DPORT, CTNL_ORIG_DPORT, UINT16_MAX, true },
	{ CT_OPTION_REPLY_SPORT, CTNL_REPLY_SPORT, UINT16_MAX, true },
	{ CT_OPTION_REPLY_DPORT, CTNL_REPLY_DPORT, UINT16_MAX, true },
	{ CT_OPTION_SRCKEY, CTNL_ORIG_SPORT, UINT16_MAX, true },
	{ CT_OPTION_DSTKEY, CTNL_ORIG_DPORT, UINT16_MAX, true },
	{ CT_OPTION_ICMP_TYPE, CTNL_ICMP_TYPE, UINT8_MAX, true },
	{ CT_OPTION_ICMP_CODE, CTNL_ICMP_CODE, UINT8_MAX, true },
	{ CT_OPTION_ICMP_ID, CTNL_ICMP_ID, UINT16_MAX, true },
	{ CT_OPTION_TIMEOUT, CTNL_TIMEOUT, UINT32_MAX, false },
	{ CT_OPTION_ZONE, CTNL_ZONE, UINT16_MAX, true },
	{ CT_OPTION_ORIG_ZONE, CTNL_ORIG_ZONE, UINT16_MAX, true },
	{ CT_OPTION_REPLY_ZONE, CTNL_REPLY_ZONE, UINT16_MAX, true },
	{ CT_OPTION_ID, CTNL_ID, UINT32_MAX, true },
	{ CT_OPTION_ORIG_VTAG, CTNL_SCTP_ORIG_VTAG, UINT32_MAX, false },
	{ CT_OPTION_REPLY_VTAG, CTNL_SCTP_REPLY_VTAG, UINT32_MAX, false },
};

static int take_numbers(struct ct_request *req, const struct tool_args *args,
			struct pktt_error *err)
{
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		const char *text = tool_args_value(args, numbers[i].option);
		uint64_t n;

		if (!text)
			continue;
		if (number(text, numbers[i].max, &n, err))
			return -EINVAL;
		(void)ctnl_conn_set(req->conn, numbers[i].attr, n);
		if (numbers[i].is_compared)
			(void)ctnl_conn_set(req->filter, numbers[i].attr, n);
	}
	return 0;
}

/* --- The others --------------------------------------------------------------------------- */

static int take_sides(struct ct_request *req, const struct tool_args *args, struct pktt_error *err)
{
	static const struct {
		size_t option;
		enum ctnl_attr attr;
	} sides[CT_SIDES] = {
		{ CT_OPTION_SRC, CTNL_ORIG_SRC },
		{ CT_OPTION_DST, CTNL_ORIG_DST },
		{ CT_OPTION_REPLY_SRC, CTNL_REPLY_SRC },
		{ CT_OPTION_REPLY_DST, CTNL_REPLY_DST },
	};

	for (size_t i = 0; i < CT_SIDES; i++) {
		const char *text = tool_args_value(args, sides[i].option);
		struct pktt_prefix *p = &req->side[i];

		if (!text)
			continue;
		if (prefix(text, p, err))
			return -EINVAL;
		if (is_host(p) &&
		    (ctnl_conn_set_addr(req->conn, sides[i].attr, p->addr.byte, p->addr.len) ||
		     ctnl_conn_set_addr(req->filter, sides[i].attr, p->addr.byte, p->addr.len)))
			return pktt_fail(err, -EINVAL, "%.60s is of the other family", text);
	}
	return 0;
}

static int take_protocol(struct ct_request *req, const struct tool_args *args,
			 struct pktt_error *err)
{
	const char *text = tool_args_value(args, CT_OPTION_PROTO);
	const char *state = tool_args_value(args, CT_OPTION_STATE);
	int protocol, n;

	if (req->live.has_family) {
		uint64_t family = req->live.family == PKTT_IPV6 ? AF_INET6 : AF_INET;

		(void)ctnl_conn_set(req->conn, CTNL_FAMILY, family);
		if (ctnl_conn_set(req->filter, CTNL_FAMILY, family))
			return pktt_fail(err, -EINVAL, "an address is of the other family");
	}
	if (text) {
		protocol = ctnl_protocol_number(text);
		if (protocol < 0)
			return pktt_fail(err, -EINVAL, "there is no protocol %.60s", text);
		(void)ctnl_conn_set(req->conn, CTNL_PROTOCOL, (uint64_t)protocol);
		(void)ctnl_conn_set(req->filter, CTNL_PROTOCOL, (uint64_t)protocol);
	}
	if (!state)
		return 0;
	if (!text)
		return pktt_fail(err, -EINVAL, "--state needs --proto");
	n = ctnl_state_number((unsigned int)protocol, state);
	if (n < 0)
		return pktt_fail(err, -EINVAL, "%.60s has no state %.60s", text, state);
	(void)ctnl_conn_set(req->conn, CTNL_STATE, (uint64_t)n);
	(void)ctnl_conn_set(req->filter, CTNL_STATE, (uint64_t)n);
	return 0;
}

static int take_mark(struct ct_request *req, const struct tool_args *args, struct pktt_error *err)
{
	const char *text = tool_args_value(args, CT_OPTION_MARK), *slash;
	uint64_t mark, mask = UINT32_MAX;
	char first[32];

	if (!text)
		return 0;
	slash = strchr(text, '/');
	snprintf(first, sizeof(first), "%.*s", slash ? (int)(slash - text) : 31, text);
	if (number(first, UINT32_MAX, &mark, err) ||
	    (slash && number(slash + 1, UINT32_MAX, &mask, err)))
		return -EINVAL;
	for (unsigned int i = 0; i < 2; i++) {
		struct ctnl_conn *to = i ? req->filter : req->conn;

		(void)ctnl_conn_set(to, CTNL_MARK, mark);
		if (slash)
			(void)ctnl_conn_set(to, CTNL_MARK_MASK, mask);
	}
	return 0;
}

static int take_labels(struct ct_request *req, const struct tool_args *args, struct pktt_error *err)
{
	const char *text = tool_args_value(args, CT_OPTION_LABEL);
	uint64_t label[2] = { 0, 0 }, n;
	char copy[512], *more = NULL;

	if (!text)
		return 0;
	snprintf(copy, sizeof(copy), "%s", text);
	for (char *w = strtok_r(copy, ",", &more); w; w = strtok_r(NULL, ",", &more)) {
		if (number(w, 127, &n, err))
			return -EINVAL;
		label[n / 64] |= UINT64_C(1) << n % 64;
	}
	for (unsigned int i = 0; i < 2; i++) {
		struct ctnl_conn *to = i ? req->filter : req->conn;

		(void)ctnl_conn_set(to, CTNL_LABELS_LOW, label[0]);
		(void)ctnl_conn_set(to, CTNL_LABELS_HIGH, label[1]);
	}
	return 0;
}

static int take_status(struct ct_request *req, const struct tool_args *args, struct pktt_error *err)
{
	const char *text = tool_args_value(args, CT_OPTION_STATUS);
	unsigned int status = 0;

	if (!text)
		return 0;
	if (words(text, status_words, &status, err))
		return -EINVAL;
	(void)ctnl_conn_set(req->conn, CTNL_STATUS, status | CT_CONFIRMED);
	if (status) {
		(void)ctnl_conn_set(req->filter, CTNL_STATUS, status);
		(void)ctnl_conn_set(req->filter, CTNL_STATUS_MASK, status);
	}
	return 0;
}

/* ADDR, ADDR:PORT, [ADDR]:PORT */
static int take_nat(struct ct_request *req, const char *text, enum ctnl_attr addr,
		    enum ctnl_attr port, struct pktt_error *err)
{
	const char *end = text && text[0] == '[' ? strchr(text, ']') : NULL;
	const char *colon = text ? strrchr(end ? end : text, ':') : NULL;
	struct pktt_prefix p;
	char host[64];
	uint64_t n;

	if (!text)
		return 0;
	/* Several colons without brackets are an address of IPv6. */
	if (!end && colon && strchr(text, ':') != colon)
		colon = NULL;
	snprintf(host, sizeof(host), "%.*s",
		 end	 ? (int)(end - text - 1)
		 : colon ? (int)(colon - text)
			 : 63,
		 text + (end != NULL));
	if (prefix(host, &p, err) || (colon && number(colon + 1, UINT16_MAX, &n, err)))
		return -EINVAL;
	if (ctnl_conn_set_addr(req->conn, addr, p.addr.byte, p.addr.len))
		return pktt_fail(err, -EINVAL, "%.60s is of the other family", text);
	if (colon)
		(void)ctnl_conn_set(req->conn, port, n);
	return 0;
}

static int take_output(struct ct_request *req, const struct tool_args *args, struct pktt_error *err)
{
	const char *events = tool_args_value(args, CT_OPTION_EVENTS);
	const char *text = tool_args_value(args, CT_OPTION_OUTPUT);
	const char *buffer = tool_args_value(args, CT_OPTION_BUFFER);
	unsigned int flags = 0;
	uint64_t room = 0;

	if (text && words(text, output_words, &flags, err))
		return -EINVAL;
	if (flags & FORM_SAVE && flags != FORM_SAVE)
		return pktt_fail(err, -EINVAL, "save cannot be combined with another form");
	if (events && words(events, event_words, &req->events, err))
		return -EINVAL;
	if (buffer && number(buffer, UINT32_MAX, &room, err))
		return -EINVAL;
	req->buffer = (unsigned int)room;
	req->events = events ? req->events : CTNL_EVENT_ALL;
	req->flags = flags & 0xffff;
	req->form = req->live.json	? CTNL_FORM_JSON
		    : flags & FORM_XML	? CTNL_FORM_XML
		    : flags & FORM_SAVE ? CTNL_FORM_SAVE
					: CTNL_FORM_LINE;
	return 0;
}

static int take_rest(struct ct_request *req, const struct tool_args *args, struct pktt_error *err)
{
	const char *helper = tool_args_value(args, CT_OPTION_HELPER);

	req->zero = tool_args_has(args, CT_OPTION_ZERO);
	req->snat = tool_args_has(args, CT_OPTION_SNATTED);
	req->dnat = tool_args_has(args, CT_OPTION_DNATTED);
	req->kernel = tool_args_has(args, CT_OPTION_KERNEL);
	if (helper && (ctnl_conn_set_text(req->conn, CTNL_HELPER, helper) ||
		       ctnl_conn_set_text(req->filter, CTNL_HELPER, helper)))
		return pktt_fail(err, -EINVAL, "no helper has a name as long as %.60s", helper);
	if (take_nat(req, tool_args_value(args, CT_OPTION_SRC_NAT), CTNL_SNAT_ADDR, CTNL_SNAT_PORT,
		     err))
		return -EINVAL;
	return take_nat(req, tool_args_value(args, CT_OPTION_DST_NAT), CTNL_DNAT_ADDR,
			CTNL_DNAT_PORT, err);
}

int ct_request_read(struct ct_request *req, const struct tool_args *args)
{
	static int (*const take[])(struct ct_request * req, const struct tool_args *args,
				   struct pktt_error *err) = {
		take_sides,  take_protocol, take_numbers, take_mark,
		take_labels, take_status,   take_output,  take_rest,
	};
	struct pktt_error err = { 0 };

	req->conn = ctnl_conn_new();
	req->filter = ctnl_conn_new();
	if (!req->conn || !req->filter)
		return live_refused(&req->live, -ENOMEM, "no memory");
	for (size_t i = 0; i < sizeof(take) / sizeof(take[0]); i++)
		if (take[i](req, args, &err))
			return tool_usage_error(args->command, &err);
	return TOOL_OK;
}

void ct_request_fini(struct ct_request *req)
{
	ctnl_conn_free(&req->conn);
	ctnl_conn_free(&req->filter);
	refused_free(&req->refused);
	ctnl_close(&req->nl);
}

static bool side_fits(const struct pktt_prefix *p, const struct ctnl_conn *conn,
		      enum ctnl_attr attr)
{
	uint8_t addr[16];

	if (!p->addr.len)
		return true;
	if (ctnl_conn_get_addr(conn, attr, addr) != p->addr.len)
		return false;
	for (unsigned int i = 0; i < p->addr.len; i++)
		if ((addr[i] ^ p->addr.byte[i]) & p->mask.byte[i])
			return false;
	return true;
}

bool ct_request_fits(const struct ct_request *req, const struct ctnl_conn *conn)
{
	uint64_t status = ctnl_conn_get(conn, CTNL_STATUS);

	if (req->snat || req->dnat || req->any_nat) {
		uint32_t wanted = (req->snat ? CT_SRC_NAT : 0) | (req->dnat ? CT_DST_NAT : 0);

		if (!(status & (wanted ? wanted : CT_NAT_MASK)))
			return false;
	}
	return side_fits(&req->side[0], conn, CTNL_ORIG_SRC) &&
	       side_fits(&req->side[1], conn, CTNL_ORIG_DST) &&
	       side_fits(&req->side[2], conn, CTNL_REPLY_SRC) &&
	       side_fits(&req->side[3], conn, CTNL_REPLY_DST) &&
	       (!req->refused || refused_is(req->refused, conn));
}
