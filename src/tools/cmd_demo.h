/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_CMD_DEMO_H
#define TOOLS_CMD_DEMO_H

#include "tools/command.h"

extern const struct tool_command cmd_demo;

#endif
