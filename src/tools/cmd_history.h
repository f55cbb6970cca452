/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_CMD_HISTORY_H
#define TOOLS_CMD_HISTORY_H

#include "tools/command.h"

extern const struct tool_command cmd_confirm;
extern const struct tool_command cmd_rollback;
extern const struct tool_command cmd_history;

#endif
