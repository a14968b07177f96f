/*
 * src/guard/command.c
 *	  What a utility command is to the guard.
 *
 * Whatever the server calls a definition is guarded: one that command_row.c
 * does not know is of class schema.
 */
#include "postgres.h"

#include "base/named.h"
#include "commands/prepare.h"
#include "guard/command.h"
#include "guard/command_option.h"
#include "guard/idle.h"
#include "nodes/parsenodes.h"
#include "nodes/plannodes.h"
#include "tcop/utility.h"
#include "utils/memutils.h"

/* An EXECUTE of itself, which the protocol allows, is not to hold us up. */
#define MAX_WRAPPINGS 16

/* The tree as parsed of what EXECUTE names, or NULL. */
static Node *
prepared_tree(const ExecuteStmt *statement)
{
	PreparedStatement *prepared = FetchPreparedStatement(statement->name,
														 false);

	if (prepared == NULL || prepared->plansource->raw_parse_tree == NULL)
		return NULL;
	return prepared->plansource->raw_parse_tree->stmt;
}

/* What it wraps and executes, or NULL. */
static Node *
unwrap(Node *tree)
{
	switch (nodeTag(tree))
	{
		case T_RawStmt:
			return ((RawStmt *) tree)->stmt;
		case T_PlannedStmt:
			return ((PlannedStmt *) tree)->utilityStmt;
		case T_Query:
			return ((Query *) tree)->utilityStmt;
		case T_ExplainStmt:
			return hm_command_analyzes(tree) ? ((ExplainStmt *) tree)->query :
				NULL;
		case T_ExecuteStmt:
			return prepared_tree((ExecuteStmt *) tree);
		default:
			return NULL;
	}
}

Node *
hm_guard_look_through(Node *tree)
{
	for (int i = 0; i < MAX_WRAPPINGS; i++)
	{
		Node	   *inner = unwrap(tree);

		if (inner == NULL)
			return tree;
		tree = inner;
	}
	return tree;
}

static CommandTag
tag_of(Node *tree)
{
	if (IsA(tree, SelectStmt) && hm_named_into((SelectStmt *) tree) != NULL)
		return CMDTAG_SELECT_INTO;
	return CreateCommandTag(tree);
}

/*
 * Temporary objects only.  What is missing, and may be, makes no difference
 * beside one of them.
 */
static bool
is_temporary(Node *tree, List *named)
{
	bool		found = false;
	bool		missing_ok = hm_guard_tolerates_missing(tree);
	ListCell   *cell;

	foreach(cell, named)
	{
		const HmNamed *object = lfirst(cell);

		if (object->temporary)
			found = true;
		else if (!missing_ok || OidIsValid(object->object))
			return false;
	}
	return found;
}

/*
 * A foreign table may be a file or a program of the server, also for a while.
 */
static bool
may_be_temporary(const HmCommandRow *row, Node *tree)
{
	if (IsA(tree, CreateForeignTableStmt) ||
		IsA(tree, ImportForeignSchemaStmt))
		return false;
	return !row->shared && (row->class == HM_CLASS_SCHEMA ||
							row->class == HM_CLASS_PRIVILEGE ||
							row->class == HM_CLASS_MAINTENANCE);
}

/* What catalogs have to say. */
static void
look_at_objects(HmGuardedCommand *command, const HmCommandRow *row, Node *tree)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "hipaa_migrate command",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	List	   *named = hm_named_by(tree);

	command->database = hm_command_database(tree);
	if (may_be_temporary(row, tree) && is_temporary(tree, named))
		command->class = HM_CLASS_FREE;
	else
		command->idle = hm_guard_is_idle(tree, named);
	MemoryContextSwitchTo(old);
	MemoryContextDelete(context);
}

void
hm_guard_classify(HmGuardedCommand *command, Node *tree)
{
	HmCommandRow row;

	memset(command, 0, sizeof(HmGuardedCommand));
	tree = hm_guard_look_through(tree);
	row = hm_command_row(tag_of(tree), hm_command_variant(tree));
	command->name = row.name;
	command->class = row.class;
	command->shared = row.shared;
	if (!row.known && GetCommandLogLevel(tree) != LOGSTMT_DDL &&
		!IsA(tree, SelectStmt))
		command->class = HM_CLASS_FREE;
	if (command->class != HM_CLASS_FREE)
		look_at_objects(command, &row, tree);
}
