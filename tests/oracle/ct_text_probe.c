/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads lines of conntrack -L (argument "expect": of conntrack -L expect), makes the same connection or
 * expectation by the manipulation interface in an engine of its own, and prints it as the engine does.
 * Further arguments: extended id labels ktimestamp.
 */
#include "base/own.h"
#include "base/str.h"
#include "conntrack/helper.h"
#include "conntrack/proto_tcp.h"
#include "conntrack/query.h"
#include "conntrack/sctp_state.h"
#include "conntrack/text.h"
#include "core/engine.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS UINT64_C(1000000000)

/* What a line says. */
struct line {
	struct ct_tuple tuple[3]; /* original, reply; expectation, mask, master */
	unsigned int side;	  /* that is being read */
	struct ct_change change;
	struct ct_settings settings;
	uint64_t now;
	uint64_t delta;
	uint8_t protocol, class, flags;
	char helper[32];
	char state[32];
};

static const struct ct_expect_policy classes[CT_EXPECT_CLASSES] = {
	{ "a", 9, 1 }, { "b", 9, 1 }, { "c", 9, 1 }, { "d", 9, 1 }
};

static void read_address(struct line *l, const char *key, const char *text)
{
	struct ct_tuple *t = &l->tuple[l->side];
	bool is_v6 = strchr(text, ':');
	uint8_t *at = strstr(key, "src") ? t->src : t->dst;

	t->family = is_v6 ? PKTT_IPV6 : PKTT_IPV4;
	t->protocol = l->protocol;
	if (inet_pton(is_v6 ? AF_INET6 : AF_INET, text, at) != 1)
		abort();
}

static bool read_l4(struct ct_tuple *t, const char *key, const char *text)
{
	uint16_t n = htons((uint16_t)strtoul(text, NULL, 0));

	if (strcmp(key, "sport") == 0 || strcmp(key, "srckey") == 0 || strcmp(key, "id") == 0)
		t->sport = n;
	else if (strcmp(key, "dport") == 0 || strcmp(key, "dstkey") == 0)
		t->dport = n;
	else if (strcmp(key, "type") == 0)
		((uint8_t *)&t->dport)[0] = (uint8_t)ntohs(n);
	else if (strcmp(key, "code") == 0)
		((uint8_t *)&t->dport)[1] = (uint8_t)ntohs(n);
	else
		return false;
	return true;
}

static void read_labels(struct line *l, char *text)
{
	char *more = NULL;

	for (char *bit = strtok_r(text, ",", &more); bit; bit = strtok_r(NULL, ",", &more)) {
		unsigned int n = (unsigned int)atoi(bit);

		l->change.label[n / 64] |= UINT64_C(1) << n % 64;
	}
	l->change.has |= CT_HAS_LABEL;
}

static bool read_meta(struct line *l, const char *key, char *text)
{
	struct ct_change *c = &l->change;
	uint64_t n = strtoull(text, NULL, 0);

	if (strcmp(key, "packets") == 0)
		c->counter[l->side].packets = n;
	else if (strcmp(key, "bytes") == 0)
		c->counter[l->side].bytes = n;
	else if (strcmp(key, "mark") == 0)
		c->mark = (uint32_t)n;
	else if (strcmp(key, "zone") == 0)
		l->tuple[0].zone = l->tuple[1].zone = (uint16_t)n;
	else if (strncmp(key, "zone-", 5) == 0)
		l->tuple[l->side].zone = (uint16_t)n;
	else if (strcmp(key, "delta-time") == 0)
		l->delta = n;
	else if (strcmp(key, "helper") == 0)
		snprintf(l->helper, sizeof(l->helper), "%s", text);
	else if (strcmp(key, "labels") == 0)
		read_labels(l, text);
	else if (strcmp(key, "class") == 0)
		l->class = (uint8_t)n;
	else
		return strcmp(key, "use") == 0 || strcmp(key, "proto") == 0;
	l->settings.acct |= strcmp(key, "packets") == 0;
	l->settings.timestamp |= strcmp(key, "delta-time") == 0;
	return true;
}

static void read_pair(struct line *l, char *word, bool *has_src)
{
	char *text = strchr(word, '=');

	*text++ = '\0';
	if (strstr(word, "src") && !strstr(word, "key") && (*has_src || strchr(word, '-')))
		l->side++;
	*has_src |= strcmp(word, "src") == 0;
	if (strcmp(word, "proto") == 0)
		l->protocol = (uint8_t)atoi(text);
	if ((strstr(word, "src") || strstr(word, "dst")) && !strstr(word, "key"))
		read_address(l, word, text);
	else if (!(strcmp(word, "id") == 0 && l->settings.max) &&
		 !read_l4(&l->tuple[l->side], word, text) && !read_meta(l, word, text))
		abort();
}

/* What stands before the first pair: family, protocol, timeout, state. */
static char *read_head(struct line *l, char *at)
{
	char name[32];
	unsigned int number, seconds;
	int used = 0;

	if (strncmp(at, "ipv", 3) == 0)
		at += 9 + strcspn(at + 9, " ");
	if (sscanf(at, "%31s %u %u %n", name, &number, &seconds, &used) != 3)
		abort();
	l->protocol = (uint8_t)number;
	l->change.timeout = seconds;
	at += used;
	if (at[0] >= 'A' && at[0] <= 'Z') {
		size_t len = strcspn(at, " ");

		if (len >= sizeof(l->state))
			abort();
		memcpy(l->state, at, len);
		l->state[len] = '\0';
		at += len;
	}
	return at;
}

static uint64_t read_date(const char *text)
{
	struct tm tm = { .tm_isdst = -1 };

	if (!strptime(text, "%a %b %d %H:%M:%S %Y", &tm))
		abort();
	return (uint64_t)mktime(&tm) * NS;
}

static void read_word(struct line *l, char *word, bool *has_src)
{
	if (strcmp(word, "[UNREPLIED]") == 0)
		l->change.status &= ~(uint32_t)CT_SEEN_REPLY;
	else if (strcmp(word, "[ASSURED]") == 0)
		l->change.status |= CT_ASSURED;
	else if (strchr(word, '='))
		read_pair(l, word, has_src);
	else if (strstr(word, "PERMANENT") || strstr(word, "INACTIVE"))
		l->flags = (strstr(word, "PERMANENT") ? CT_EXPECT_PERMANENT : 0) |
			   (strstr(word, "INACTIVE") ? CT_EXPECT_INACTIVE : 0);
	else
		abort();
}

static void read_line(struct line *l, char *at, bool is_expect)
{
	char *start, *more = NULL;
	bool has_src = false;

	*l = (struct line){ .now = UINT64_C(1700000000) * NS };
	ct_settings_init(&l->settings);
	l->settings.acct = l->settings.timestamp = false;
	l->change.has = CT_HAS_TIMEOUT | CT_HAS_STATUS | CT_HAS_MARK | CT_HAS_COUNTERS;
	l->change.status = CT_CONFIRMED | CT_SEEN_REPLY;
	if (is_expect)
		l->change.timeout = (uint32_t)strtoul(at, &at, 10);
	else
		at = read_head(l, at);
	start = strstr(at, "[start=");
	if (start) {
		l->now = read_date(start + 7);
		memset(start, ' ', strcspn(start, "]") + 1);
	}
	/* "id" is the ICMP's before the second tuple has ended, the connection's after use= */
	l->settings.max = 0;
	for (char *w = strtok_r(at, " ", &more); w; w = strtok_r(NULL, " ", &more)) {
		l->settings.max |= strncmp(w, "use=", 4) == 0;
		read_word(l, w, &has_src);
	}
	l->settings.max = 16;
	if (start)
		l->now += l->delta * NS;
	l->change.start_ns = l->now - l->delta * NS;
	l->change.has |= CT_HAS_START;
}

static void set_state(struct line *l)
{
	if (!l->state[0])
		return;
	l->change.has |= CT_HAS_PROTOINFO;
	l->change.l4_has = CT_L4_STATE;
	for (unsigned int i = 0; i < 10; i++) {
		if (l->protocol == 6 && !strcmp(ct_tcp_state_name(i), l->state))
			l->change.l4.tcp.state = (uint8_t)i;
		if (l->protocol == 132 && i < CT_SCTP_STATE_COUNT &&
		    !strcmp(ct_sctp_state_name(i), l->state))
			l->change.l4.sctp.state = (uint8_t)i;
	}
}

static void fail(const struct pktt_error *err)
{
	printf("%s\n", err->text);
	exit(1);
}

static struct conn *create(struct conntrack *ct, struct line *l, const struct ct_tuple *original,
			   const struct ct_tuple *reply)
{
	static struct ct_helper helper;
	struct pktt_error err = { 0 };
	struct conn *conn;

	if (l->helper[0]) {
		helper = (struct ct_helper){ .name = l->helper,
					     .classes = classes,
					     .nclasses = CT_EXPECT_CLASSES };
		helper.families = PKTT_FAM_V4 | PKTT_FAM_V6;
		helper.protocol[0] = original->protocol;
		l->change.helper = &helper;
		l->change.has |= CT_HAS_HELPER;
	}
	set_state(l);
	if (ct_query_create(ct, original, reply, &l->change, &conn, &err))
		fail(&err);
	return conn;
}

static void print_expect(struct conntrack *ct, struct line *l, struct str *out)
{
	struct pktt_error err = { 0 };
	struct expect *expect;
	struct conn *master;

	master = create(ct, l, &l->tuple[2], NULL);
	expect = expect_new(ct, master);
	expect->tuple = l->tuple[0];
	expect->mask = l->tuple[1];
	expect->class = l->class;
	expect->flags = l->flags;
	if (ct_query_expect_create(ct, expect, l->change.timeout, &err))
		fail(&err);
	expect_text(ct, expect, out);
	expect_put(&expect);
	conn_put(conntrack_db(ct), &master);
}

static void print_again(char *text, bool is_expect, unsigned int flags)
{
	struct pktt_engine_config config = { .workers = 1 };
	struct str out = STR_INIT;
	struct pktt_engine *engine;
	struct conntrack *ct;
	struct line l;

	read_line(&l, text, is_expect);
	if (pktt_engine_new(&engine, &config, NULL) || conntrack_attach(engine, &l.settings, NULL))
		abort();
	ct = conntrack_of(engine);
	conntrack_advance(ct, l.now);
	if (is_expect) {
		/* the master's protocol is the helper's: both of TCP or UDP here */
		print_expect(ct, &l, &out);
	} else {
		struct conn *conn = create(ct, &l, &l.tuple[0], &l.tuple[1]);

		conn_text(ct, conn, flags, &out);
		conn_put(conntrack_db(ct), &conn);
	}
	puts(str_text(&out));
	str_fini(&out);
	pktt_engine_free(&engine);
}

int main(int argc, char **argv)
{
	bool is_expect = false;
	unsigned int flags = 0;
	char line[4096];

	for (int i = 1; i < argc; i++) {
		is_expect |= strcmp(argv[i], "expect") == 0;
		flags |= strcmp(argv[i], "extended") == 0     ? CT_TEXT_EXTENDED
			 : strcmp(argv[i], "id") == 0	      ? CT_TEXT_ID
			 : strcmp(argv[i], "labels") == 0     ? CT_TEXT_LABELS
			 : strcmp(argv[i], "ktimestamp") == 0 ? CT_TEXT_TIMESTAMP
							      : 0;
	}
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = '\0';
		print_again(line, is_expect, flags);
	}
	return 0;
}
