/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which commands there are. Each stands in its own cmd_NAME.c. */
#include "tools/cmd_check.h"
#include "tools/cmd_explain.h"
#include "tools/cmd_modules.h"
#include "tools/cmd_queue.h"
#include "tools/cmd_replay.h"
#include "tools/cmd_save.h"
#include "tools/cmd_test.h"
#include "tools/cmd_ulog.h"

#include <string.h>

const struct tool_command *const tool_commands[] = {
	&cmd_replay, &cmd_explain, &cmd_test,	  &cmd_check, &cmd_save, &cmd_queue,
	&cmd_ulog,   &cmd_modules, &cmd_describe, &cmd_help,  NULL,
};

const struct tool_command *tool_command_lookup(const char *name)
{
	for (size_t i = 0; tool_commands[i]; i++)
		if (strcmp(tool_commands[i]->name, name) == 0)
			return tool_commands[i];
	return NULL;
}
