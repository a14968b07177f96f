/*
 * src/lint/estimate.c
 *	  How many rows a statement would change, and what a query returns.
 *
 * A statement that writes is planned as the SELECT of the rows that it would
 * change: that needs no more than an ACCESS SHARE lock, also on a standby.
 * All locks go with the subtransaction.
 */
#include "postgres.h"

#include "access/transam.h"
#include "base/compat.h"
#include "base/resolve.h"
#include "lint/estimate.h"
#include "lint/harmless.h"
#include "lint/tree.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/plannodes.h"
#include "optimizer/optimizer.h"
#include "optimizer/planner.h"
#include "parser/analyze.h"
#include "parser/parse_node.h"
#include "storage/lmgr.h"
#include "tcop/tcopprot.h"
#include "utils/guc.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

/* What is locked behind what is named: as short as a wait can be. */
#define LONGEST_WAIT "1ms"

typedef struct Question
{
	Node	   *query;			/* raw, a SELECT */
	bool		planned;		/* rows are asked for, else columns */
	MemoryContext context;		/* of the answer */
	double		rows;
	List	   *columns;
	bool		held;			/* a named relation, by somebody else */
} Question;

static SelectStmt *
select_of(List *from, Node *where, WithClause *with)
{
	SelectStmt *select = makeNode(SelectStmt);

	select->fromClause = from;
	select->whereClause = where;
	select->withClause = with;
	return select;
}

static SelectStmt *
select_of_merge(const MergeStmt *statement)
{
	JoinExpr   *join = makeNode(JoinExpr);

	join->jointype = JOIN_LEFT;
	join->larg = statement->sourceRelation;
	join->rarg = (Node *) statement->relation;
	join->quals = statement->joinCondition;
	return select_of(list_make1(join), NULL, statement->withClause);
}

/* The rows that it would change, or NULL. */
static Node *
rows_of(Node *statement)
{
	statement = copyObject(statement);
	switch (nodeTag(statement))
	{
		case T_InsertStmt:
			return ((InsertStmt *) statement)->selectStmt;
		case T_UpdateStmt:
			{
				UpdateStmt *update = (UpdateStmt *) statement;

				return (Node *) select_of(lcons(update->relation,
												update->fromClause),
										  update->whereClause,
										  update->withClause);
			}
		case T_DeleteStmt:
			{
				DeleteStmt *delete = (DeleteStmt *) statement;

				return (Node *) select_of(lcons(delete->relation,
												delete->usingClause),
										  delete->whereClause,
										  delete->withClause);
			}
		case T_MergeStmt:
			return (Node *) select_of_merge((MergeStmt *) statement);
		default:
			return NULL;
	}
}

/* Most often it is a named relation itself that others hold. */
static bool
lock_named(Node *query)
{
	ListCell   *cell;

	foreach(cell, hm_tree_relations(query))
	{
		Oid			relid = hm_resolve_relation(lfirst_node(RangeVar, cell));

		if (OidIsValid(relid) &&
			!ConditionalLockRelationOid(relid, AccessShareLock))
			return false;
	}
	return true;
}

static bool
is_foreign(Oid function, void *context)
{
	return function >= FirstNormalObjectId;
}

/* Also by a function of the server's: jsonb_populate_record(). */
static bool
makes_harm(Node *node)
{
	switch (nodeTag(node))
	{
		case T_FuncExpr:
		case T_OpExpr:
		case T_CoerceViaIO:
		case T_ArrayCoerceExpr:
			return !hm_harmless_type(exprType(node));
		default:
			return false;
	}
}

/* The planner computes what it takes for constant. */
static bool
calls_foreign(Node *node, void *context)
{
	if (node == NULL)
		return false;
	if (IsA(node, Query))
		return query_tree_walker((Query *) node, calls_foreign, context, 0);
	if (makes_harm(node))
		return true;
	return check_functions_in_node(node, is_foreign, context) ||
		expression_tree_walker(node, calls_foreign, context);
}

static Query *
analyse(Node *raw)
{
	ParseState *state = make_parsestate(NULL);
	RawStmt    *statement = makeNode(RawStmt);
	Query	   *query;

	statement->stmt = raw;
	query = transformTopLevelStmt(state, statement);
	free_parsestate(state);
	return query;
}

/* What statistics say of a table is for those who may read it. */
static void
plan(Question *question, Query *query)
{
	ListCell   *cell;

	foreach(cell, pg_rewrite_query(query))
	{
		Query	   *rewritten = lfirst_node(Query, cell);
		PlannedStmt *planned;

		if (!rewritten->canSetTag || rewritten->commandType != CMD_SELECT ||
			calls_foreign((Node *) rewritten, NULL))
			continue;
		planned = standard_planner(rewritten, "", 0, NULL);
		if (hm_compat_may_execute(planned))
			question->rows = planned->planTree->plan_rows;
	}
}

static void
keep_columns(Question *question, Query *query)
{
	MemoryContext before = MemoryContextSwitchTo(question->context);
	ListCell   *cell;

	foreach(cell, query->targetList)
	{
		TargetEntry *entry = lfirst_node(TargetEntry, cell);

		if (!entry->resjunk)
			question->columns = lappend(question->columns, copyObject(entry));
	}
	MemoryContextSwitchTo(before);
}

static void
ask(void *argument)
{
	Question   *question = argument;
	MemoryContext before = MemoryContextSwitchTo(CurTransactionContext);
	bool		pushed = !ActiveSnapshotSet();
	Query	   *query;

	if (!lock_named(question->query))
	{
		question->held = true;
		MemoryContextSwitchTo(before);
		return;
	}
	(void) set_config_option("lock_timeout", LONGEST_WAIT, PGC_USERSET,
							 PGC_S_SESSION, GUC_ACTION_SAVE, true, 0, false);
	if (pushed)
		PushActiveSnapshot(GetTransactionSnapshot());
	query = hm_harmless_query(question->query) ?
		analyse(copyObject(question->query)) : NULL;
	if (query && query->commandType == CMD_SELECT)
	{
		if (question->planned)
			plan(question, query);
		else
			keep_columns(question, query);
	}
	if (pushed)
		PopActiveSnapshot();
	MemoryContextSwitchTo(before);
}

/* Its settings go back with the subtransaction, too. */
static void
put(Question *question)
{
	question->context = CurrentMemoryContext;
	(void) hm_harmless_attempt(ask, question);
}

/* As many as are written out. */
static double
count_values(Node *statement)
{
	SelectStmt *select;

	if (!IsA(statement, InsertStmt))
		return -1;
	select = (SelectStmt *) ((InsertStmt *) statement)->selectStmt;
	return select && IsA(select, SelectStmt) && select->valuesLists ?
		list_length(select->valuesLists) : -1;
}

/* As the server's analysis allows it in UPDATE and DELETE only. */
static bool
is_at_cursor(Node *statement)
{
	Node	   *condition = NULL;

	if (IsA(statement, UpdateStmt))
		condition = ((UpdateStmt *) statement)->whereClause;
	else if (IsA(statement, DeleteStmt))
		condition = ((DeleteStmt *) statement)->whereClause;
	return condition && IsA(condition, CurrentOfExpr);
}

double
hm_estimate_rows(Node *statement, bool *held)
{
	Question	question = {NULL, true,.rows = count_values(statement)};

	*held = false;
	if (is_at_cursor(statement))
		return 1;
	if (question.rows >= 0)
		return question.rows;
	question.query = rows_of(statement);
	if (question.query != NULL)
		put(&question);
	*held = question.held;
	return question.rows;
}

List *
hm_estimate_columns(Node *query)
{
	Question	question = {query, false};

	put(&question);
	return question.columns;
}
