/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The file of fingerprints: WINDOW:TTL:DF:LENGTH:OPTIONS:GENRE:VERSION:SUBTYPE:DETAILS, one a line;
 * empty lines and those that begin with # are none. Read as Linux's nfnl_osf(8) reads it.
 */
#include "ext/osf.h"

#include "base/own.h"
#include "core/engine.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { FIELDS = 9 };

static void read_window(struct osf_finger *f, const char *text)
{
	if (*text == 'S')
		f->window_kind = OSF_WINDOW_MSS;
	else if (*text == 'T')
		f->window_kind = OSF_WINDOW_MTU;
	else if (*text == '%')
		f->window_kind = OSF_WINDOW_MODULO;
	if (!isdigit((unsigned char)*text))
		text += text[0] && text[1] == '%' ? 2 : text[0] ? 1 : 0;
	f->window = (uint32_t)strtoul(text, NULL, 10);
}

/* Letters stand for options of the usual length; what follows the letter does not count. */
static bool read_options(struct osf_finger *f, char *text)
{
	static const struct {
		char letter;
		uint8_t kind, len;
	} known[] = { { 'N', 1, 1 }, { 'S', 4, 2 }, { 'T', 8, 10 },
		      { 'W', 3, 3 }, { 'M', 2, 4 }, { 'E', 0, 1 } };

	for (char *save = NULL, *opt = strtok_r(text, ", ", &save); opt;
	     opt = strtok_r(NULL, ", ", &save))
		for (size_t i = 0; i < pktt_countof(known); i++) {
			if (known[i].letter != *opt)
				continue;
			if (f->nopts == OSF_OPTS_MAX)
				return false;
			f->opt[f->nopts].kind = known[i].kind;
			f->opt[f->nopts++].len = known[i].len;
			f->opt_len += known[i].len;
		}
	return f->opt_len <= OSF_OPTS_MAX;
}

static void copy_name(char *to, size_t room, const char *from)
{
	snprintf(to, room, "%s", from);
}

static bool read_line(struct osf_finger *f, char *line)
{
	char *field[FIELDS], *rest = line;
	unsigned int n = 0;

	while (n < FIELDS && rest)
		field[n++] = strsep(&rest, ":");
	if (n < FIELDS || rest)
		return false;
	read_window(f, field[0]);
	f->ttl = (uint8_t)strtoul(field[1], NULL, 10);
	f->dont_fragment = strtoul(field[2], NULL, 10) != 0;
	f->total = (uint16_t)strtoul(field[3], NULL, 10);
	copy_name(f->genre, sizeof(f->genre), field[5] + strspn(field[5], "@*"));
	copy_name(f->version, sizeof(f->version), field[6]);
	copy_name(f->subtype, sizeof(f->subtype), field[7]);
	if (f->window_kind == OSF_WINDOW_MODULO && f->window == 0)
		return false;
	return read_options(f, field[4]);
}

static int read_file(struct osf_fingers *fingers, FILE *in, const char *name,
		     struct pktt_error *err)
{
	struct osf_finger **end = &fingers->first;
	unsigned int number = 0;
	char line[1024];

	while (fgets(line, sizeof(line), in)) {
		struct osf_finger *f;

		number++;
		line[strcspn(line, "\r\n")] = '\0';
		if (*line == '#' || *line == '\0')
			continue;
		f = calloc(1, sizeof(*f));
		if (!f)
			return pktt_fail(err, -ENOMEM, "no memory for the fingerprints of %s",
					 name);
		*end = f;
		end = &f->next;
		if (!read_line(f, line))
			return pktt_fail(err, -EINVAL, "%s:%u: this is no fingerprint", name,
					 number);
	}
	return 0;
}

void osf_fingers_free(void *object)
{
	struct osf_fingers *fingers = object;

	while (fingers->first) {
		struct osf_finger *f = fingers->first;

		fingers->first = f->next;
		free(f);
	}
	free(fingers);
}

static void close_file(FILE **in)
{
	if (*in)
		fclose(*in);
}

int osf_fingers_new(void **ret, struct pktt_engine *engine, const void *args,
		    struct pktt_error *err)
{
	const char *name = pktt_engine_config(engine)->osf_file;
	PKTT_AUTO(close_file) FILE *in = NULL;
	struct osf_fingers *fingers;
	int r = 0;

	(void)args;
	if (name) {
		in = fopen(name, "re");
		if (!in)
			return pktt_fail(err, -errno, "%s: %s", name, strerror(errno));
	}
	fingers = calloc(1, sizeof(*fingers));
	if (!fingers)
		return pktt_fail(err, -ENOMEM, "no memory for fingerprints");
	if (in)
		r = read_file(fingers, in, name, err);
	if (r)
		osf_fingers_free(fingers);
	else
		*ret = fingers;
	return r;
}
