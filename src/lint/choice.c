/*
 * src/lint/choice.c
 *	  Names that the server chooses where a statement gives none.
 */
#include "postgres.h"

#include "base/names.h"
#include "commands/defrem.h"
#include "lib/stringinfo.h"
#include "lint/choice.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"
#include "utils/builtins.h"

/* Columns. */

static bool
collect_column(Node *node, List **columns)
{
	if (node == NULL)
		return false;
	if (IsA(node, ColumnRef))
	{
		Node	   *last = llast(((ColumnRef *) node)->fields);

		if (IsA(last, String) && !hm_names_have(*columns, strVal(last)))
			*columns = lappend(*columns, pstrdup(strVal(last)));
		return false;
	}
	return raw_expression_tree_walker(node, collect_column, columns);
}

List *
hm_choice_index_columns(List *elements)
{
	List	   *columns = NIL;
	ListCell   *cell;

	foreach(cell, elements)
	{
		IndexElem  *element = lfirst_node(IndexElem, cell);

		columns = lappend(columns,
						  element->name ? pstrdup(element->name) : NULL);
	}
	return columns;
}

static List *
excluded_columns(List *exclusions)
{
	List	   *elements = NIL;
	ListCell   *cell;

	foreach(cell, exclusions)
		elements = lappend(elements, linitial(lfirst_node(List, cell)));
	return hm_choice_index_columns(elements);
}

List *
hm_choice_constraint_columns(const Constraint *constraint, const char *column)
{
	List	   *columns = NIL;

	if (constraint->contype == CONSTR_CHECK)
	{
		(void) collect_column(constraint->raw_expr, &columns);
		return columns;
	}
	if (column)
		return list_make1(pstrdup(column));
	switch (constraint->contype)
	{
		case CONSTR_FOREIGN:
			return hm_names_of(constraint->fk_attrs);
		case CONSTR_EXCLUSION:
			return excluded_columns(constraint->exclusions);
		default:
			return hm_names_of(constraint->keys);
	}
}

char *
hm_choice_column_list(List *columns)
{
	StringInfoData list;
	ListCell   *cell;

	initStringInfo(&list);
	foreach(cell, columns)
	{
		if (list.len > 0)
			appendStringInfoString(&list, ", ");
		appendStringInfoString(&list, lfirst(cell) ?
							   quote_identifier(lfirst(cell)) : "...");
	}
	return list.data;
}

/* Names. */

static char *
joined(List *columns)
{
	StringInfoData name;
	ListCell   *cell;

	initStringInfo(&name);
	foreach(cell, columns)
	{
		if (name.len > 0)
			appendStringInfoChar(&name, '_');
		appendStringInfoString(&name, lfirst(cell) ? lfirst(cell) : "expr");
		if (name.len >= NAMEDATALEN)
			break;
	}
	return name.data;
}

char *
hm_choice_name(const HmRelation *relation, List *columns, const char *label)
{
	return makeObjectName(relation->name, columns ? joined(columns) : NULL,
						  label);
}

static const char *
label_of(const Constraint *constraint)
{
	switch (constraint->contype)
	{
		case CONSTR_PRIMARY:
			return "pkey";
		case CONSTR_UNIQUE:
			return "key";
		case CONSTR_EXCLUSION:
			return "excl";
		case CONSTR_FOREIGN:
			return "fkey";
		case CONSTR_NOTNULL:
			return "not_null";
		default:
			return "check";
	}
}

char *
hm_choice_constraint_name(const HmRelation *relation,
						  const Constraint *constraint, const char *column)
{
	List	   *columns;

	if (constraint->conname)
		return pstrdup(constraint->conname);
	columns = hm_choice_constraint_columns(constraint, column);
	if (constraint->contype == CONSTR_PRIMARY ||
		(constraint->contype == CONSTR_CHECK && list_length(columns) != 1))
		columns = NIL;
	return hm_choice_name(relation, columns, label_of(constraint));
}

char *
hm_choice_index_name(const HmRelation *relation, const IndexStmt *statement)
{
	if (statement->idxname)
		return pstrdup(statement->idxname);
	return hm_choice_name(relation,
						  hm_choice_index_columns(statement->indexParams),
						  "idx");
}
