/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The engine's side of l4_oracle.py. Standard input: "new" begins with nothing, and "set name=value"
 * behind it are settings; "> HEX" and "< HEX" are packets of 10.0.0.1 and 10.0.1.1 from layer 3 on;
 * "time NS" is what time it is. For every packet one line comes out.
 */
#include "../unit/sequence_bench.h"

#include "base/buf.h"
#include "conntrack/proto_tcp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { IP_LEN = 20, PROTOCOL_AT = 9 };

static void detail(const struct sequence_seen *seen, char *out, size_t size)
{
	const struct ct_tcp *tcp = &seen->l4.tcp;

	if (seen->protocol == IPPROTO_TCP)
		snprintf(out, size, " flags=%x/%x scale=%u/%u", tcp->seen[0].flags,
			 tcp->seen[1].flags, tcp->seen[0].scale, tcp->seen[1].scale);
	else if (seen->protocol == IPPROTO_SCTP)
		snprintf(out, size, " tags=%u/%u", ntohl(seen->l4.sctp.vtag[0]),
			 ntohl(seen->l4.sctp.vtag[1]));
}

static bool read_packet(const char *line, struct sequence_packet *p)
{
	unsigned int byte;
	uint8_t ip[IP_LEN];
	uint32_t n = 0;

	for (const char *hex = line + 2; sscanf(hex, "%2x", &byte) == 1; hex += 2, n++) {
		if (n < IP_LEN)
			ip[n] = (uint8_t)byte;
		else if (n - IP_LEN < sizeof(p->l4))
			p->l4[n - IP_LEN] = (uint8_t)byte;
	}
	if (n < IP_LEN || n - IP_LEN > sizeof(p->l4))
		return false;
	p->len = n - IP_LEN;
	p->protocol = ip[PROTOCOL_AT];
	p->dir = line[0] == '<';
	return true;
}

static void send_packet(struct sequence_bench *bench, const char *line)
{
	static const struct sequence_language language = { .detail = detail };
	struct sequence_packet p;
	struct sequence_seen seen;
	char out[160];

	if (!read_packet(line, &p))
		abort();
	sequence_send(bench, &p, &seen);
	sequence_outcome(&language, &seen, out, sizeof(out));
	puts(out);
}

int main(void)
{
	static char line[8192];
	struct sequence_bench bench;
	struct ct_settings settings;
	bool has_bench = false;

	setvbuf(stdout, NULL, _IOLBF, 0);
	ct_settings_init(&settings);
	while (fgets(line, sizeof(line), stdin)) {
		if (line[0] == 'n') {
			if (has_bench)
				sequence_fini(&bench);
			has_bench = false;
			ct_settings_init(&settings);
			continue;
		}
		if (line[0] == 's') {
			if (!sequence_set(&settings, line))
				return 2;
			continue;
		}
		if (!has_bench)
			sequence_init(&bench, &settings);
		has_bench = true;
		if (line[0] == 't')
			sequence_pass(&bench, strtoull(line + 5, NULL, 10) - bench.now_ns);
		else
			send_packet(&bench, line);
	}
	if (has_bench)
		sequence_fini(&bench);
	return 0;
}
