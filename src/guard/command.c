/*
 * src/guard/command.c
 *	  What a utility command is to the guard.
 */
#include "postgres.h"

#include "guard/command.h"
#include "tcop/utility.h"

void
hm_guard_classify(HmGuardedCommand *command, Node *tree)
{
	memset(command, 0, sizeof(HmGuardedCommand));
	command->name = CreateCommandName(tree);
	if (GetCommandLogLevel(tree) == LOGSTMT_DDL)
		command->class = HM_CLASS_SCHEMA;
}
