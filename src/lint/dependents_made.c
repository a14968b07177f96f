/*
 * src/lint/dependents_made.c
 *	  What the plan makes depend on a relation or a column: views and foreign
 *	  keys.
 */
#include "postgres.h"

#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "lint/dependents.h"
#include "lint/world_parts.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"
#include "utils/builtins.h"

typedef struct Mention
{
	HmRelation *relation;
	const char *column;			/* or NULL */
	List	   *names;			/* of char *: what the query calls it */
	List	   *queries;		/* of SelectStmt *: that are being looked at,
								 * innermost last */
	bool		of_column;
} Mention;

static bool
is_relation(const Mention *mention, const RangeVar *name)
{
	return hm_world_relation(mention->relation->world, name) ==
		mention->relation;
}

static bool
collect_tables(Node *node, void *argument)
{
	List	  **tables = argument;

	if (node == NULL)
		return false;
	if (IsA(node, RangeVar))
		*tables = lappend(*tables, node);
	return raw_expression_tree_walker(node, collect_tables, tables);
}

/* What the query of a view mentions; looked up once. */
static List *
tables_of(HmRelation *view)
{
	if (!view->query_read)
	{
		MemoryContext before = MemoryContextSwitchTo(view->world->context);

		view->query_read = true;
		(void) collect_tables(view->query, &view->query_tables);
		MemoryContextSwitchTo(before);
	}
	return view->query_tables;
}

static void
collect_names(Mention *mention, HmRelation *view)
{
	ListCell   *cell;

	foreach(cell, tables_of(view))
	{
		RangeVar   *name = lfirst_node(RangeVar, cell);

		if (is_relation(mention, name))
			mention->names = lappend(mention->names, name->alias ?
									 name->alias->aliasname : name->relname);
	}
}

/* Directly in this FROM, not in a query inside of it. */
static bool
selects_from(const Mention *mention, const Node *item)
{
	if (IsA(item, RangeVar))
		return is_relation(mention, (const RangeVar *) item);
	return IsA(item, JoinExpr) &&
		(selects_from(mention, ((const JoinExpr *) item)->larg) ||
		 selects_from(mention, ((const JoinExpr *) item)->rarg));
}

/* SELECT * is all columns of what this query is FROM. */
static bool
takes_all(const Mention *mention, const SelectStmt *query)
{
	bool		from = false;
	ListCell   *cell;

	foreach(cell, query->fromClause)
		from |= selects_from(mention, lfirst(cell));
	foreach(cell, from ? query->targetList : NIL)
	{
		Node	   *value = lfirst_node(ResTarget, cell)->val;

		if (IsA(value, ColumnRef) &&
			IsA(linitial(((ColumnRef *) value)->fields), A_Star))
			return true;
	}
	return false;
}

static bool
has_column(const Mention *mention, const Node *item)
{
	if (IsA(item, RangeVar))
		return hm_relation_column(hm_world_relation(mention->relation->world,
													(const RangeVar *) item),
								  mention->column) != NULL;
	return IsA(item, JoinExpr) &&
		(has_column(mention, ((const JoinExpr *) item)->larg) ||
		 has_column(mention, ((const JoinExpr *) item)->rarg));
}

/* A name without a table: of the innermost query that has such a column. */
static bool
is_found_here(const Mention *mention)
{
	for (int i = list_length(mention->queries) - 1; i >= 0; i--)
	{
		const SelectStmt *query = list_nth(mention->queries, i);
		ListCell   *cell;

		foreach(cell, query->fromClause)
		{
			if (selects_from(mention, lfirst(cell)))
				return true;
		}
		foreach(cell, query->fromClause)
		{
			if (has_column(mention, lfirst(cell)))
				return false;
		}
	}
	return false;
}

static bool
is_column(const Mention *mention, const ColumnRef *reference)
{
	int			count = list_length(reference->fields);
	Node	   *last = llast(reference->fields);

	if (!IsA(last, A_Star) && strcmp(strVal(last), mention->column) != 0)
		return false;
	if (count == 1)
		return !IsA(last, A_Star) && is_found_here(mention);
	return hm_names_have(mention->names,
						 strVal(list_nth(reference->fields, count - 2)));
}

static bool
look_for_column(Node *node, void *argument)
{
	Mention    *mention = argument;

	if (node == NULL)
		return false;
	if (IsA(node, ColumnRef))
		mention->of_column |= is_column(mention, (ColumnRef *) node);
	if (!IsA(node, SelectStmt))
		return raw_expression_tree_walker(node, look_for_column, mention);
	mention->of_column |= takes_all(mention, (SelectStmt *) node);
	mention->queries = lappend(mention->queries, node);
	(void) raw_expression_tree_walker(node, look_for_column, mention);
	mention->queries = list_delete_last(mention->queries);
	return false;
}

static bool
mentions(Mention *mention, HmRelation *view)
{
	collect_names(mention, view);
	if (mention->names == NIL || mention->column == NULL)
		return mention->names != NIL;
	(void) look_for_column(view->query, mention);
	return mention->of_column;
}

static HmDependent *
add_made(List **found, HmRelation *holder, const char *kind, char *name)
{
	HmDependent *dependent = palloc0(sizeof(HmDependent));

	dependent->kind = kind;
	dependent->name = name;
	dependent->relation = holder;
	dependent->relkind = holder->kind;
	*found = lappend(*found, dependent);
	return dependent;
}

static void
add_made_keys(List **found, HmRelation *holder, HmRelation *relation,
			  const char *column)
{
	ListCell   *cell;

	foreach(cell, holder->constraints)
	{
		HmConstraint *constraint = lfirst(cell);

		if (!hm_made(constraint->made) || constraint->target == NULL ||
			strcmp(constraint->target, relation->display) != 0 ||
			(column && !hm_names_have(constraint->target_columns, column)))
			continue;
		add_made(found, holder, "foreign key",
				 psprintf("%s on %s", constraint->name ?
						  quote_identifier(constraint->name) : "",
						  holder->display))->contype = CONSTRAINT_FOREIGN;
	}
}

List *
hm_dependents_made(HmRelation *relation, const char *column)
{
	List	   *found = NIL;
	ListCell   *cell;

	foreach(cell, hm_world_relations(relation->world))
	{
		HmRelation *holder = lfirst(cell);
		Mention		mention = {relation, column};

		if (holder->gone || holder == relation)
			continue;
		add_made_keys(&found, holder, relation, column);
		if (holder->query == NULL || (holder->kind != RELKIND_VIEW &&
									  holder->kind != RELKIND_MATVIEW))
			continue;
		if (mentions(&mention, holder))
			add_made(&found, holder, hm_kind_of_relation(holder->kind),
					 pstrdup(holder->display));
	}
	return found;
}
