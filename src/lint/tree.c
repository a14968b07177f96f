/*
 * src/lint/tree.c
 *	  What rules look for in parse trees.
 */
#include "postgres.h"

#include "base/names.h"
#include "catalog/pg_class.h"
#include "lib/stringinfo.h"
#include "lint/tree.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"
#include "utils/builtins.h"

static Node *
without_cast(Node *expression)
{
	while (expression && IsA(expression, TypeCast))
		expression = ((TypeCast *) expression)->arg;
	return expression;
}

static bool
is_string(const A_Const *constant)
{
	return !constant->isnull && nodeTag(&constant->val) == T_String;
}

const char *
hm_tree_string(Node *expression)
{
	expression = without_cast(expression);
	if (expression == NULL || !IsA(expression, A_Const) ||
		!is_string((A_Const *) expression))
		return NULL;
	return strVal(&((A_Const *) expression)->val);
}

bool
hm_tree_is_true(Node *expression)
{
	A_Const    *constant;

	expression = without_cast(expression);
	if (expression == NULL || !IsA(expression, A_Const))
		return false;
	constant = (A_Const *) expression;
	return !constant->isnull && nodeTag(&constant->val) == T_Boolean &&
		boolVal(&constant->val);
}

/* What is collected of a tree. */
typedef struct Collection
{
	NodeTag		tag;
	List	   *found;
	List	   *with;			/* of char *: names in WITH */
} Collection;

static bool
collect(Node *node, Collection *collection)
{
	if (node == NULL)
		return false;
	if (nodeTag(node) == collection->tag)
		collection->found = lappend(collection->found, node);
	if (IsA(node, CommonTableExpr))
		collection->with = lappend(collection->with,
								   ((CommonTableExpr *) node)->ctename);
	if (IsA(node, IntoClause))
		return false;
	return raw_expression_tree_walker(node, collect, collection);
}

static List *
collected(Node *tree, NodeTag tag)
{
	Collection	collection = {tag};

	(void) collect(tree, &collection);
	return collection.found;
}

List *
hm_tree_relations(Node *query)
{
	Collection	collection = {T_RangeVar};
	List	   *relations = NIL;
	ListCell   *cell;

	(void) collect(query, &collection);
	foreach(cell, collection.found)
	{
		RangeVar   *name = lfirst(cell);

		if (name->schemaname || !hm_names_have(collection.with, name->relname))
			relations = lappend(relations, name);
	}
	return relations;
}

List *
hm_tree_columns(Node *expression)
{
	return collected(expression, T_ColumnRef);
}

List *
hm_tree_calls(Node *expression)
{
	return collected(expression, T_FuncCall);
}

RangeVar *
hm_tree_written(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_InsertStmt:
			return ((InsertStmt *) statement)->relation;
		case T_UpdateStmt:
			return ((UpdateStmt *) statement)->relation;
		case T_DeleteStmt:
			return ((DeleteStmt *) statement)->relation;
		case T_MergeStmt:
			return ((MergeStmt *) statement)->relation;
		default:
			return NULL;
	}
}

bool
hm_tree_is_definition(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_CreateStmt:
			return ((CreateStmt *) statement)->relation->relpersistence !=
				RELPERSISTENCE_TEMP;
		case T_AlterDomainStmt:
		case T_AlterEnumStmt:
		case T_AlterFunctionStmt:
		case T_AlterObjectSchemaStmt:
		case T_AlterTableStmt:
		case T_CompositeTypeStmt:
		case T_CreateDomainStmt:
		case T_CreateEnumStmt:
		case T_CreateFunctionStmt:
		case T_CreatePolicyStmt:
		case T_CreateSchemaStmt:
		case T_CreateTrigStmt:
		case T_DropStmt:
		case T_IndexStmt:
		case T_RenameStmt:
		case T_ViewStmt:
			return true;
		default:
			return false;
	}
}

char *
hm_tree_dotted(List *names)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, names)
	{
		if (text.len > 0)
			appendStringInfoChar(&text, '.');
		appendStringInfoString(&text, quote_identifier(strVal(lfirst(cell))));
	}
	return text.data;
}
