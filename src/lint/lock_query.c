/*
 * src/lint/lock_query.c
 *	  Locks of what reads and writes rows.
 *
 * As the server does it: SELECT takes ACCESS SHARE on all that it reads, or
 * ROW SHARE where it locks rows; what writes takes ROW EXCLUSIVE on its
 * target; what a view shows is locked like the view.
 */
#include "postgres.h"

#include "base/depend.h"
#include "base/names.h"
#include "catalog/pg_class.h"
#include "lint/lock_parts.h"
#include "miscadmin.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"

/* A part of a query, and what it stands under. */
typedef struct Reading
{
	HmLockList *list;
	bool		only_named;		/* what views show is not looked at */
	List	   *with;			/* of char *: names that are not tables */
	bool		lock_all;		/* FOR UPDATE and its like, of all in FROM */
	List	   *lock_named;		/* of char *: of these */
} Reading;

static bool read_node(Node *node, Reading *reading);
static void write_rows(Node *statement, Reading *reading);

/* Relations. */

static void
read_behind(HmLockList *list, HmRelation *relation, LOCKMODE mode)
{
	hm_lock_add_children(list, relation, mode);
	if (relation->kind == RELKIND_VIEW)
		hm_lock_behind_view(list, relation, mode);
}

static void
read_relation(const Reading *reading, const RangeVar *name)
{
	const char *shown = name->alias ? name->alias->aliasname : name->relname;
	LOCKMODE	mode = AccessShareLock;
	HmRelation *relation;

	if (name->schemaname == NULL && hm_names_have(reading->with, name->relname))
		return;
	if (reading->lock_all || hm_names_have(reading->lock_named, shown))
		mode = RowShareLock;
	relation = hm_world_relation(reading->list->world, name);
	hm_lock_add(reading->list, relation, mode, HM_LOCK_READ);
	if (reading->only_named)
		return;
	if (name->inh)
		read_behind(reading->list, relation, mode);
	else if (relation->kind == RELKIND_VIEW)
		hm_lock_behind_view(reading->list, relation, mode);
}

static void
look_behind(HmLockList *list, HmRelation *view, LOCKMODE mode)
{
	ListCell   *cell;

	check_stack_depth();
	if (view->query)
	{
		Reading		reading = {.list = list,.lock_all = mode == RowShareLock};

		(void) read_node(view->query, &reading);
		return;
	}
	if (!OidIsValid(view->oid))
		return;
	foreach(cell, hm_depend_read(view->oid))
	{
		HmRelation *relation = hm_world_relation_of(list->world,
													lfirst_oid(cell));

		if (relation == NULL || relation->kind == RELKIND_SEQUENCE)
			continue;
		hm_lock_add(list, relation, mode, HM_LOCK_VIEW);
		read_behind(list, relation, mode);
	}
}

/* OR REPLACE can make views that show each other, until one is asked. */
void
hm_lock_behind_view(HmLockList *list, HmRelation *view, LOCKMODE mode)
{
	if (list_member_ptr(list->views, view))
		return;
	list->views = lappend(list->views, view);
	look_behind(list, view, mode);
	list->views = list_delete_last(list->views);
}

/* Queries. */

/* An outer query's FOR UPDATE is of its own FROM only. */
static Reading
plain(const Reading *reading)
{
	Reading		inner = *reading;

	inner.lock_all = false;
	inner.lock_named = NIL;
	return inner;
}

static void
read_with(WithClause *with, Reading *reading)
{
	ListCell   *cell;

	foreach(cell, with ? with->ctes : NIL)
	{
		CommonTableExpr *query = lfirst_node(CommonTableExpr, cell);
		Reading		inner = plain(reading);
		List	   *known = lappend(list_copy(reading->with), query->ctename);

		if (with->recursive)
			inner.with = known;
		(void) read_node(query->ctequery, &inner);
		reading->with = known;
	}
}

static void
heed_locking(const SelectStmt *select, Reading *reading)
{
	ListCell   *clause;
	ListCell   *cell;

	foreach(clause, select->lockingClause)
	{
		LockingClause *locking = lfirst_node(LockingClause, clause);

		if (locking->lockedRels == NIL)
			reading->lock_all = true;
		foreach(cell, locking->lockedRels)
			reading->lock_named = lappend(reading->lock_named,
										  lfirst_node(RangeVar, cell)->relname);
	}
}

static void
read_select(SelectStmt *select, const Reading *outer)
{
	Reading		from = *outer;
	Reading		rest;

	read_with(select->withClause, &from);
	if (select->op != SETOP_NONE)
	{
		read_select(select->larg, &from);
		read_select(select->rarg, &from);
	}
	heed_locking(select, &from);
	(void) read_node((Node *) select->fromClause, &from);
	rest = plain(&from);
	(void) read_node((Node *) select->distinctClause, &rest);
	(void) read_node((Node *) select->targetList, &rest);
	(void) read_node(select->whereClause, &rest);
	(void) read_node((Node *) select->groupClause, &rest);
	(void) read_node(select->havingClause, &rest);
	(void) read_node((Node *) select->windowClause, &rest);
	(void) read_node((Node *) select->valuesLists, &rest);
	(void) read_node((Node *) select->sortClause, &rest);
	(void) read_node(select->limitOffset, &rest);
	(void) read_node(select->limitCount, &rest);
}

static void
read_subselect(RangeSubselect *range, const Reading *outer)
{
	Reading		inner = *outer;

	inner.lock_named = NIL;
	if (range->alias &&
		hm_names_have(outer->lock_named, range->alias->aliasname))
		inner.lock_all = true;
	(void) read_node(range->subquery, &inner);
}

static bool
read_node(Node *node, Reading *reading)
{
	Reading		inner;

	if (node == NULL)
		return false;
	check_stack_depth();
	switch (nodeTag(node))
	{
		case T_RangeVar:
			read_relation(reading, (RangeVar *) node);
			return false;
		case T_SelectStmt:
			read_select((SelectStmt *) node, reading);
			return false;
		case T_RangeSubselect:
			read_subselect((RangeSubselect *) node, reading);
			return false;
		case T_SubLink:
			inner = plain(reading);
			return raw_expression_tree_walker(node, read_node, &inner);
		case T_InsertStmt:
		case T_UpdateStmt:
		case T_DeleteStmt:
		case T_MergeStmt:
			inner = plain(reading);
			write_rows(node, &inner);
			return false;
		default:
			return raw_expression_tree_walker(node, read_node, reading);
	}
}

/* Rows are written through a simple view to what it shows. */
static void
write_target(Reading *reading, const RangeVar *name, bool has_children)
{
	HmRelation *target = hm_world_relation(reading->list->world, name);

	hm_lock_add(reading->list, target, RowExclusiveLock, HM_LOCK_NAMED);
	if (reading->only_named)
		return;
	if (target->kind == RELKIND_VIEW)
		hm_lock_behind_view(reading->list, target, RowExclusiveLock);
	if (name->inh &&
		(has_children || target->kind == RELKIND_PARTITIONED_TABLE))
		hm_lock_add_children(reading->list, target, RowExclusiveLock);
}

static void
write_rows(Node *statement, Reading *reading)
{
	switch (nodeTag(statement))
	{
		case T_InsertStmt:
			read_with(((InsertStmt *) statement)->withClause, reading);
			write_target(reading, ((InsertStmt *) statement)->relation, false);
			(void) read_node(((InsertStmt *) statement)->selectStmt, reading);
			(void) read_node((Node *) ((InsertStmt *) statement)->onConflictClause,
							 reading);
			break;
		case T_UpdateStmt:
			read_with(((UpdateStmt *) statement)->withClause, reading);
			write_target(reading, ((UpdateStmt *) statement)->relation, true);
			(void) read_node((Node *) ((UpdateStmt *) statement)->targetList,
							 reading);
			(void) read_node((Node *) ((UpdateStmt *) statement)->fromClause,
							 reading);
			(void) read_node(((UpdateStmt *) statement)->whereClause, reading);
			break;
		case T_DeleteStmt:
			read_with(((DeleteStmt *) statement)->withClause, reading);
			write_target(reading, ((DeleteStmt *) statement)->relation, true);
			(void) read_node((Node *) ((DeleteStmt *) statement)->usingClause,
							 reading);
			(void) read_node(((DeleteStmt *) statement)->whereClause, reading);
			break;
		case T_MergeStmt:
			read_with(((MergeStmt *) statement)->withClause, reading);
			write_target(reading, ((MergeStmt *) statement)->relation, true);
			(void) read_node(((MergeStmt *) statement)->sourceRelation,
							 reading);
			(void) read_node(((MergeStmt *) statement)->joinCondition,
							 reading);
			(void) read_node((Node *) ((MergeStmt *) statement)->mergeWhenClauses,
							 reading);
			break;
		default:
			break;
	}
}

void
hm_lock_query(HmLockList *list, Node *query)
{
	Reading		reading = {.list = list};

	/* What was prepared is not told. */
	if (!IsA(query, ExecuteStmt))
		(void) read_node(query, &reading);
}

void
hm_lock_stored_query(HmLockList *list, Node *query)
{
	Reading		reading = {.list = list,.only_named = true};

	(void) read_node(query, &reading);
}
