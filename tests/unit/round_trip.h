/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What must come back unchanged: a command as text and as JSON. */
#ifndef PKTT_TEST_ROUND_TRIP_H
#define PKTT_TEST_ROUND_TRIP_H

#include "desc/command.h"

/* All extensions of the program, registered once; aborts where one has a fault. */
const struct pktt_catalog *round_trip_catalog(void);
/*
 * Print the command's rule, read that, print it again; write the command as JSON, read that, write
 * it again. False with the two texts in *why where one differs.
 */
bool round_trip_check(const struct pktt_command *cmd, struct str *why);
/* A receiver that checks every command and aborts where something is lost. */
extern const struct pktt_receiver round_trip_receiver;

#endif
