/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_CMD_STATUS_H
#define TOOLS_CMD_STATUS_H

#include "tools/command.h"

extern const struct tool_command cmd_status;
extern const struct tool_command cmd_stats;
extern const struct tool_command cmd_metrics;
extern const struct tool_command cmd_top;

#endif
