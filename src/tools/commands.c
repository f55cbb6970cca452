/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which commands there are. Each stands in its own cmd_NAME.c. */
#include "tools/cmd_check.h"
#include "tools/cmd_completion.h"
#include "tools/cmd_ct.h"
#include "tools/cmd_demo.h"
#include "tools/cmd_diff.h"
#include "tools/cmd_doctor.h"
#include "tools/cmd_explain.h"
#include "tools/cmd_history.h"
#include "tools/cmd_inject.h"
#include "tools/cmd_load.h"
#include "tools/cmd_modules.h"
#include "tools/cmd_monitor.h"
#include "tools/cmd_queue.h"
#include "tools/cmd_replay.h"
#include "tools/cmd_save.h"
#include "tools/cmd_set.h"
#include "tools/cmd_status.h"
#include "tools/cmd_test.h"
#include "tools/cmd_trace.h"
#include "tools/cmd_ulog.h"

#include <string.h>

const struct tool_command *const tool_commands[] = {
	&cmd_check, &cmd_load,	  &cmd_restore, &cmd_confirm,  &cmd_rollback, &cmd_history,
	&cmd_diff,  &cmd_compare, &cmd_save,	&cmd_set,      &cmd_status,   &cmd_stats,
	&cmd_top,   &cmd_metrics, &cmd_monitor, &cmd_ct,       &cmd_nat,      &cmd_queue,
	&cmd_ulog,  &cmd_trace,	  &cmd_explain, &cmd_test,     &cmd_replay,   &cmd_inject,
	&cmd_demo,  &cmd_doctor,  &cmd_modules, &cmd_describe, &cmd_help,     &cmd_completion,
	NULL,
};

const struct tool_command *tool_command_lookup(const char *name)
{
	for (size_t i = 0; tool_commands[i]; i++)
		if (strcmp(tool_commands[i]->name, name) == 0)
			return tool_commands[i];
	return NULL;
}
