/*
 * src/base/toplevel.c
 *	  Which statements cannot run inside a transaction block, and which
 *	  matter to nobody but their session.
 *
 * The server decides this while it executes (PreventInTransactionBlock());
 * here it is told from the parse tree, so that a migration is known to need
 * migrate_deploy() when it is registered.  What only the catalog knows, such
 * as REINDEX of a partitioned table, the author declares.
 */
#include "postgres.h"

#include "base/option.h"
#include "base/toplevel.h"
#include "commands/defrem.h"
#include "nodes/parsenodes.h"

/* A subscription reaches for its publisher unless told not to. */
static bool
connects(List *options)
{
	ListCell   *cell;

	foreach(cell, options)
	{
		DefElem    *option = lfirst_node(DefElem, cell);

		if ((strcmp(option->defname, "connect") == 0 ||
			 strcmp(option->defname, "create_slot") == 0 ||
			 strcmp(option->defname, "refresh") == 0) &&
			option->arg != NULL && !defGetBoolean(option))
			return false;
	}
	return true;
}

static bool
detaches_concurrently(AlterTableStmt *statement)
{
	ListCell   *cell;

	foreach(cell, statement->cmds)
	{
		AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);

		if (command->subtype == AT_DetachPartition &&
			((PartitionCmd *) command->def)->concurrent)
			return true;
	}
	return false;
}

static const char *
reindex_command(ReindexStmt *statement)
{
	if (hm_option_is_on(statement->params, "concurrently"))
		return "REINDEX CONCURRENTLY";
	if (statement->kind == REINDEX_OBJECT_SCHEMA)
		return "REINDEX SCHEMA";
	if (statement->kind == REINDEX_OBJECT_SYSTEM)
		return "REINDEX SYSTEM";
	if (statement->kind == REINDEX_OBJECT_DATABASE)
		return "REINDEX DATABASE";
	return NULL;
}

static const char *
alter_subscription_command(AlterSubscriptionStmt *statement)
{
	switch (statement->kind)
	{
		case ALTER_SUBSCRIPTION_REFRESH:
			return "ALTER SUBSCRIPTION ... REFRESH";
		case ALTER_SUBSCRIPTION_SET_PUBLICATION:
		case ALTER_SUBSCRIPTION_ADD_PUBLICATION:
		case ALTER_SUBSCRIPTION_DROP_PUBLICATION:
			return connects(statement->options) ?
				"ALTER SUBSCRIPTION with refresh" : NULL;
		default:
			return NULL;
	}
}

const char *
hm_toplevel_command(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_IndexStmt:
			return ((IndexStmt *) statement)->concurrent ?
				"CREATE INDEX CONCURRENTLY" : NULL;
		case T_DropStmt:
			return ((DropStmt *) statement)->concurrent ?
				"DROP INDEX CONCURRENTLY" : NULL;
		case T_ReindexStmt:
			return reindex_command((ReindexStmt *) statement);
		case T_AlterTableStmt:
			return detaches_concurrently((AlterTableStmt *) statement) ?
				"DETACH PARTITION CONCURRENTLY" : NULL;
		case T_VacuumStmt:
			return ((VacuumStmt *) statement)->is_vacuumcmd ?
				"VACUUM" : NULL;
		case T_ClusterStmt:
			return ((ClusterStmt *) statement)->relation == NULL ?
				"CLUSTER of all tables" : NULL;
		case T_CreatedbStmt:
			return "CREATE DATABASE";
		case T_DropdbStmt:
			return "DROP DATABASE";
		case T_AlterDatabaseStmt:
			return hm_option_find(((AlterDatabaseStmt *) statement)->options,
								  "tablespace") ?
				"ALTER DATABASE SET TABLESPACE" : NULL;
		case T_CreateTableSpaceStmt:
			return "CREATE TABLESPACE";
		case T_DropTableSpaceStmt:
			return "DROP TABLESPACE";
		case T_AlterSystemStmt:
			return "ALTER SYSTEM";
		case T_CreateSubscriptionStmt:
			return connects(((CreateSubscriptionStmt *) statement)->options) ?
				"CREATE SUBSCRIPTION" : NULL;
		case T_DropSubscriptionStmt:
			return "DROP SUBSCRIPTION";
		case T_AlterSubscriptionStmt:
			return alter_subscription_command((AlterSubscriptionStmt *) statement);
		default:
			return NULL;
	}
}

bool
hm_toplevel_touches_nothing(const Node *command)
{
	switch (nodeTag(command))
	{
		case T_TransactionStmt:
		case T_VariableShowStmt:
		case T_FetchStmt:
		case T_ClosePortalStmt:
		case T_PrepareStmt:
		case T_DeallocateStmt:
		case T_ConstraintsSetStmt:
		case T_ListenStmt:
		case T_UnlistenStmt:
		case T_NotifyStmt:
			return true;
		default:
			return false;
	}
}
