/*
 * src/guard/guarded.c
 *	  hipaa_migrate.guarded(): the guarded form of what has no syntax for one.
 */
#include "postgres.h"

#include "access/xact.h"
#include "guard/asked.h"
#include "guard/guarded.h"
#include "lint/guarded_form.h"
#include "nodes/plannodes.h"
#include "parser/parser.h"
#include "tcop/utility.h"
#include "utils/snapmgr.h"

/* The command that is being executed. */
static const Node *executed = NULL;

bool
hm_guarded_executes(const Node *tree)
{
	return tree == executed;
}

/* The text is not the one that the client knows. */
static void
show_statement(void *argument)
{
	const char *statement = argument;
	int			position = geterrposition();

	if (position > 0)
	{
		errposition(0);
		internalerrposition(position);
		internalerrquery(statement);
	}
}

static Node *
parse(const char *statement)
{
	List	   *trees = raw_parser(statement, RAW_PARSE_DEFAULT);
	HmGuardedForm form;
	Node	   *tree;

	if (list_length(trees) != 1)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("%d statements are to be guarded at once",
						list_length(trees)),
				 errhint("Call hipaa_migrate.guarded() for each.")));
	tree = linitial_node(RawStmt, trees)->stmt;
	for (int i = 0; i < hm_guarded_form_parts(tree); i++)
	{
		if (hm_guarded_form_find(tree, i, &form) &&
			form.kind == HM_FORM_BLOCK)
			return tree;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("%s needs no call of hipaa_migrate.guarded()",
					CreateCommandName(tree)),
			 hm_guarded_form_missing(tree, &form) ?
			 errhint("Write it with %s.", hm_guarded_form_name(form.kind)) :
			 0));
}

static void
execute(Node *tree, const char *text)
{
	PlannedStmt *statement = makeNode(PlannedStmt);
	const Node *outer = executed;

	statement->commandType = CMD_UTILITY;
	statement->canSetTag = false;
	statement->utilityStmt = tree;
	PushActiveSnapshot(GetTransactionSnapshot());
	executed = tree;
	PG_TRY();
	{
		ProcessUtility(statement, text, false, PROCESS_UTILITY_QUERY, NULL,
					   NULL, None_Receiver, NULL);
	}
	PG_FINALLY();
	{
		executed = outer;
	}
	PG_END_TRY();
	PopActiveSnapshot();
	CommandCounterIncrement();
}

static void
tell_skipped(const HmAsked *asked)
{
	ereport(NOTICE,
			(errmsg("%s is as asked for already, skipping",
					hm_asked_display(asked))));
}

/* False, with a notice, for what is done already. */
static bool
is_due(Node *tree, int part, const HmAskedText *text)
{
	HmAsked		asked = hm_asked_find(tree, part);

	if (asked.state == HM_ASKED_ABSENT ||
		(asked.state != HM_ASKED_DONE &&
		 !hm_asked_compare(tree, part, text, &asked)))
		return true;
	tell_skipped(&asked);
	return false;
}

/* Leaves what is due; false for nothing. */
static bool
filter_actions(AlterTableStmt *statement, const HmAskedText *text)
{
	AlterTableStmt *whole = copyObject(statement);
	List	   *due = NIL;

	for (int i = 0; i < list_length(whole->cmds); i++)
	{
		if (is_due((Node *) whole, i, text))
			due = lappend(due, list_nth(statement->cmds, i));
	}
	statement->cmds = due;
	return due != NIL;
}

void
hm_guarded_execute(const char *statement)
{
	HmAskedText text = {statement, -1, 0};
	ErrorContextCallback callback;
	Node	   *tree;

	callback.callback = show_statement;
	callback.arg = unconstify(char *, statement);
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	tree = parse(statement);
	CommandCounterIncrement();
	if (IsA(tree, AlterTableStmt) ?
		filter_actions((AlterTableStmt *) tree, &text) :
		is_due(tree, 0, &text))
		execute(tree, statement);
	error_context_stack = callback.previous;
}
