/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What pkttd says to people: lines to standard error (with <N> where systemd reads them), to syslog, or,
 * where the journal of systemd listens, records with fields, so that `journalctl PKTT_GENERATION=7`
 * works.
 *
 * Synchronization: any thread.
 */
#ifndef DAEMON_JOURNAL_H
#define DAEMON_JOURNAL_H

#include <syslog.h>

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nfnl_who;

/* A field of the journal; is_number: number, else text. */
struct journal_field {
	const char *name;
	const char *text; /* NULL = number */
	uint64_t number;
};

/* to_stderr: a terminal or systemd reads it; else syslog. */
void journal_open(bool to_stderr);
void journal_close(void);
/* USR2: after this, lines go to what is there now. */
void journal_reopen(void);
/*
 * Lines a second, 0 = no limit; what is beyond is counted, and the number told when there is room. A
 * quarter of the lines is kept from those of packets, and of_one_user is what one uid's changes may take:
 * neither can hide what another does. pkttd's own errors are always told.
 */
void journal_set_rate(uint32_t lines, uint32_t of_one_user);
uint64_t journal_count(int level); /* lines of a level since the start */
uint64_t journal_lost(void);

void journal_say(int level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A line with fields, of a packet. */
void journal_packet(int level, const struct journal_field *field, size_t nfields, const char *text);
/* Somebody (NULL: pkttd itself) changed the rules. */
void journal_change(const struct nfnl_who *who, uint64_t generation, const char *what);

#endif
