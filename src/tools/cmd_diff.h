/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_CMD_DIFF_H
#define TOOLS_CMD_DIFF_H

#include "tools/command.h"

extern const struct tool_command cmd_diff;
extern const struct tool_command cmd_compare;

#endif
