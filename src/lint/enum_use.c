/*
 * src/lint/enum_use.c
 *	  Labels that the present transaction has added to an enum, and uses.
 */
#include "postgres.h"

#include "base/names.h"
#include "base/compat.h"
#include "lint/enum_use.h"
#include "lint/tree.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"

typedef struct Search
{
	HmLint	   *lint;
	HmType	   *type;
	bool		by_column;		/* a column of the enum is in play */
	HmEnumUse  *use;
} Search;

static bool
is_of_type(HmLint *lint, const TypeName *name, const HmType *type)
{
	return name != NULL && hm_world_type(lint->world, name) == type;
}

static bool
is_use(Search *search, Node *constant)
{
	const char *label = hm_tree_string(constant);

	if (label == NULL || !hm_names_have(search->type->added_labels, label))
		return false;
	search->use->type = search->type;
	search->use->label = label;
	search->use->location = exprLocation(constant);
	return true;
}

static bool
look(Node *node, Search *search)
{
	if (node == NULL)
		return false;
	if (IsA(node, TypeCast) &&
		is_of_type(search->lint, ((TypeCast *) node)->typeName, search->type))
	{
		if (is_use(search, ((TypeCast *) node)->arg))
			return true;
	}
	else if (IsA(node, TypeCast))
		return false;
	if (search->by_column && IsA(node, A_Const) && is_use(search, node))
		return true;
	return raw_expression_tree_walker(node, look, search);
}

static bool
column_has_type(HmLint *lint, const HmColumn *column, const HmType *type)
{
	if (OidIsValid(column->type))
		return column->type == type->oid;
	return is_of_type(lint, column->type_name, type);
}

static bool
relation_has_type(HmLint *lint, HmRelation *relation, const HmType *type)
{
	ListCell   *cell;

	foreach(cell, relation ? hm_relation_columns(relation) : NIL)
	{
		if (column_has_type(lint, lfirst(cell), type))
			return true;
	}
	return false;
}

static bool
query_has_type(HmLint *lint, Node *query, const HmType *type)
{
	ListCell   *cell;

	foreach(cell, hm_tree_relations(query))
	{
		if (relation_has_type(lint,
							  hm_world_relation(lint->world,
												lfirst_node(RangeVar, cell)),
							  type))
			return true;
	}
	return false;
}

/* Of a default that is set: of the column that it is for. */
static bool
default_has_type(HmLint *lint, const AlterTableCmd *command,
				 const HmType *type)
{
	HmColumn   *column = lint->relation ?
	hm_relation_column(lint->relation, command->name) : NULL;

	return column && column_has_type(lint, column, type);
}

/* What is to be looked through, and whether the enum's columns are in it. */
static Node *
expression_of(HmLint *lint, Node *node, const HmType *type, bool *by_column)
{
	Node	   *query = node;

	switch (nodeTag(node))
	{
		case T_AlterTableCmd:
			*by_column = default_has_type(lint, (AlterTableCmd *) node, type);
			return ((AlterTableCmd *) node)->def;
		case T_Constraint:
			*by_column = lint->column ?
				is_of_type(lint, lint->column->typeName, type) :
				relation_has_type(lint, lint->relation, type);
			return ((Constraint *) node)->raw_expr;
		case T_IndexStmt:
			*by_column = relation_has_type(lint,
										   hm_world_relation(lint->world,
															 ((IndexStmt *) node)->relation),
										   type);
			return ((IndexStmt *) node)->whereClause;
		case T_ViewStmt:
			query = ((ViewStmt *) node)->query;
			break;
		case T_CreateTableAsStmt:
			query = ((CreateTableAsStmt *) node)->query;
			if (!IsA(query, SelectStmt))
				return NULL;
			break;
		default:
			break;
	}
	*by_column = query_has_type(lint, query, type);
	return query;
}

bool
hm_enum_use_find(HmLint *lint, Node *node, HmEnumUse *use)
{
	ListCell   *cell;

	foreach(cell, lint->world->labels_added ? lint->world->types : NIL)
	{
		HmType	   *type = lfirst(cell);
		Search		search = {lint, type,.use = use};
		Node	   *expression;

		if (type->added_labels == NIL || type->gone ||
			(hm_compat_new_enum_is_usable() &&
			 hm_made_now(lint->world, type->made)))
			continue;
		expression = expression_of(lint, node, type, &search.by_column);
		if (expression && look(expression, &search))
			return true;
	}
	return false;
}
