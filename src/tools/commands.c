/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which commands there are. Each stands in its own cmd_NAME.c. */
#include "tools/command.h"

#include <string.h>

const struct tool_command *const tool_commands[] = {
	NULL,
};

const struct tool_command *tool_command_lookup(const char *name)
{
	for (size_t i = 0; tool_commands[i]; i++)
		if (strcmp(tool_commands[i]->name, name) == 0)
			return tool_commands[i];
	return NULL;
}
