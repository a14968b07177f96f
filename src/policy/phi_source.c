/*
 * src/policy/phi_source.c
 *	  Which columns of tables a column of a view shows.
 *
 * The query of the view's rule is walked as the parser left it, from the
 * column's expression downwards.
 */
#include "postgres.h"

#include "access/relation.h"
#include "base/compat.h"
#include "catalog/pg_class.h"
#include "lint/phi.h"
#include "nodes/nodeFuncs.h"
#include "parser/parsetree.h"
#include "policy/phi_source.h"
#include "rewrite/prs2lock.h"
#include "utils/lsyscache.h"
#include "utils/rel.h"

/* A column of a query that was looked into, for it may be read many times. */
typedef struct Visit
{
	const Query *query;
	int			column;
} Visit;

typedef struct Search
{
	List	   *queries;		/* what a Var may mean, innermost first */
	List	   *visits;			/* of Visit *, in this view */
	List	   *sources;		/* of HmPhiSource * */
} Search;

static bool walk(Node *node, void *context);
static void walk_operation(Search *search, Query *query, Node *operation,
						   int column);
static void walk_view(Search *search, Relation view, AttrNumber attnum);

static bool
is_visited(Search *search, const Query *query, int column)
{
	Visit	   *visit;
	ListCell   *cell;

	foreach(cell, search->visits)
	{
		visit = lfirst(cell);
		if (visit->query == query && visit->column == column)
			return true;
	}
	visit = palloc(sizeof(Visit));
	visit->query = query;
	visit->column = column;
	search->visits = lappend(search->visits, visit);
	return false;
}

/* False: it was there. */
static bool
add_source(Search *search, Oid relid, AttrNumber attnum)
{
	HmPhiSource *source;
	ListCell   *cell;

	foreach(cell, search->sources)
	{
		source = lfirst(cell);
		if (source->relid == relid && source->attnum == attnum)
			return false;
	}
	source = palloc(sizeof(HmPhiSource));
	source->relid = relid;
	source->attnum = attnum;
	search->sources = lappend(search->sources, source);
	return true;
}

/*
 * A column of a query, or all when it is 0.  The queries around it are those
 * in which it stands.
 */
static void
walk_query(Search *search, List *around, Query *query, int column)
{
	List	   *caller = search->queries;
	ListCell   *cell;

	CHECK_FOR_INTERRUPTS();
	if (is_visited(search, query, column))
		return;
	search->queries = lcons(query, list_copy(around));
	if (query->setOperations != NULL)
		walk_operation(search, query, query->setOperations, column);
	else
		foreach(cell, query->targetList)
	{
		TargetEntry *entry = lfirst_node(TargetEntry, cell);

		if (column == 0 ? !entry->resjunk : entry->resno == column)
			(void) walk((Node *) entry->expr, search);
	}
	list_free(search->queries);
	search->queries = caller;
}

/* All queries that set operations are made of. */
static void
walk_operation(Search *search, Query *query, Node *operation, int column)
{
	if (IsA(operation, RangeTblRef))
	{
		RangeTblEntry *rte = rt_fetch(((RangeTblRef *) operation)->rtindex,
									  query->rtable);

		walk_query(search, search->queries, rte->subquery, column);
	}
	else
	{
		SetOperationStmt *both = castNode(SetOperationStmt, operation);

		walk_operation(search, query, both->larg, column);
		walk_operation(search, query, both->rarg, column);
	}
}

/* WITH is found in the query that many levels out. */
static void
walk_cte(Search *search, const RangeTblEntry *rte, int column)
{
	List	   *around = list_copy_tail(search->queries, rte->ctelevelsup);
	ListCell   *cell;

	foreach(cell, linitial_node(Query, around)->cteList)
	{
		CommonTableExpr *cte = lfirst_node(CommonTableExpr, cell);

		/* SEARCH and CYCLE add columns, which show nothing of their own. */
		if (strcmp(cte->ctename, rte->ctename) == 0 &&
			IsA(cte->ctequery, Query))
			walk_query(search, around, (Query *) cte->ctequery, column);
	}
	list_free(around);
}

/* System columns show nothing. */
static void
walk_relation(Search *search, Oid relid, AttrNumber attnum)
{
	char		relkind = get_rel_relkind(relid);
	Relation	view;

	if (attnum < 0 || !add_source(search, relid, attnum) ||
		(relkind != RELKIND_VIEW && relkind != RELKIND_MATVIEW) ||
		hm_phi_level_of(relid, attnum) == HM_PHI_NONE)
		return;
	view = try_relation_open(relid, AccessShareLock);
	if (view == NULL)
		return;
	walk_view(search, view, attnum);
	relation_close(view, AccessShareLock);
}

/* A column that a JOIN or GROUP BY made stands for an expression. */
static void
walk_expressions(Search *search, List *expressions, AttrNumber attnum)
{
	if (attnum == 0)
		(void) walk((Node *) expressions, search);
	else if (attnum <= list_length(expressions))
		(void) walk(list_nth(expressions, attnum - 1), search);
}

static void
walk_entry(Search *search, RangeTblEntry *rte, AttrNumber attnum)
{
	switch (rte->rtekind)
	{
		case RTE_RELATION:
			walk_relation(search, rte->relid, attnum);
			break;
		case RTE_SUBQUERY:
			walk_query(search, search->queries, rte->subquery, attnum);
			break;
		case RTE_JOIN:
			walk_expressions(search, rte->joinaliasvars, attnum);
			break;
		case RTE_CTE:
			walk_cte(search, rte, attnum);
			break;
		default:
			if (hm_compat_grouped(rte) != NIL)
				walk_expressions(search, hm_compat_grouped(rte), attnum);
			else				/* VALUES, functions: all that goes in */
				(void) range_table_entry_walker(rte, walk, search, 0);
			break;
	}
}

/* The rest of the search is in the query that the Var belongs to. */
static void
walk_var(Search *search, const Var *var)
{
	List	   *caller = search->queries;
	Query	   *query;

	search->queries = list_copy_tail(caller, var->varlevelsup);
	query = linitial_node(Query, search->queries);
	walk_entry(search, rt_fetch(var->varno, query->rtable), var->varattno);
	list_free(search->queries);
	search->queries = caller;
}

static bool
walk(Node *node, void *context)
{
	Search	   *search = context;

	if (node == NULL)
		return false;
	if (IsA(node, Var))
		walk_var(search, (Var *) node);
	else if (IsA(node, Query))
		walk_query(search, search->queries, (Query *) node, 0);
	else
		return expression_tree_walker(node, walk, context);
	return false;
}

/*
 * The relation stays open as long as its rule is looked at, and its queries
 * mean nothing afterwards.
 */
static void
walk_view(Search *search, Relation view, AttrNumber attnum)
{
	RuleLock   *rules = view->rd_rules;
	List	   *visits = search->visits;

	check_stack_depth();
	search->visits = NIL;
	for (int i = 0; rules != NULL && i < rules->numLocks; i++)
	{
		if (rules->rules[i]->event == CMD_SELECT)
			walk_query(search, NIL,
					   linitial_node(Query, rules->rules[i]->actions), attnum);
	}
	list_free_deep(search->visits);
	search->visits = visits;
}

List *
hm_phi_sources_of(Relation view, AttrNumber attnum)
{
	Search		search = {0};

	walk_view(&search, view, attnum);
	return search.sources;
}
