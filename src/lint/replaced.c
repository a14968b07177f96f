/*
 * src/lint/replaced.c
 *	  What OR REPLACE meets: whether the server will take it.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/resolve.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "funcapi.h"
#include "lint/column_type.h"
#include "lint/estimate.h"
#include "lint/replaced.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

/* Views. */

/* A list of names in the statement comes before those of the query. */
static const char *
name_of(const ViewStmt *statement, int position, const TargetEntry *entry)
{
	return position < list_length(statement->aliases) ?
		strVal(list_nth(statement->aliases, position)) : entry->resname;
}

static char *
compare_column(const HmColumn *column, const char *name, Node *expression)
{
	if (strcmp(column->name, name) != 0)
		return psprintf("column %s would become %s",
						quote_identifier(column->name),
						quote_identifier(name));
	if (OidIsValid(column->type) &&
		(column->type != exprType(expression) ||
		 column->typmod != exprTypmod(expression)))
		return psprintf("column %s would change from %s to %s",
						quote_identifier(column->name),
						format_type_with_typemod(column->type,
												 column->typmod),
						format_type_with_typemod(exprType(expression),
												 exprTypmod(expression)));
	return NULL;
}

char *
hm_replaced_view_difference(HmRelation *view, const ViewStmt *statement)
{
	List	   *before = hm_relation_columns(view);
	List	   *after;

	if (view->kind != RELKIND_VIEW)
		return pstrdup("it is no view");
	if (!OidIsValid(view->oid) || hm_made(view->made) || view->query ||
		!IsA(statement->query, SelectStmt))
		return NULL;
	after = hm_estimate_columns(statement->query);
	if (after == NIL)
		return NULL;
	for (int i = 0; i < list_length(before); i++)
	{
		HmColumn   *column = list_nth(before, i);
		TargetEntry *entry;
		char	   *difference;

		if (i >= list_length(after))
			return psprintf("column %s would go",
							quote_identifier(column->name));
		entry = list_nth_node(TargetEntry, after, i);
		difference = compare_column(column, name_of(statement, i, entry),
									(Node *) entry->expr);
		if (difference)
			return difference;
	}
	return NULL;
}

/* Functions. */

static bool
is_input(const FunctionParameter *parameter)
{
	return parameter->mode != FUNC_PARAM_OUT &&
		parameter->mode != FUNC_PARAM_TABLE;
}

static Oid
find_function(const CreateFunctionStmt *statement)
{
	ObjectWithArgs *name = makeNode(ObjectWithArgs);
	ListCell   *cell;
	Oid			schema;

	name->objname = statement->funcname;
	foreach(cell, statement->parameters)
	{
		FunctionParameter *parameter = lfirst_node(FunctionParameter, cell);

		if (is_input(parameter))
			name->objargs = lappend(name->objargs, parameter->argType);
	}
	return hm_resolve_function(OBJECT_ROUTINE, name, &schema);
}

/* RETURNS of a function without OUT arguments, whose type makes it up. */
static char *
compare_result(HmWorld *world, const CreateFunctionStmt *statement,
			   Form_pg_proc form)
{
	int32		typmod;
	Oid			type;
	ListCell   *cell;

	foreach(cell, statement->parameters)
	{
		if (lfirst_node(FunctionParameter, cell)->mode == FUNC_PARAM_OUT ||
			lfirst_node(FunctionParameter, cell)->mode == FUNC_PARAM_INOUT ||
			lfirst_node(FunctionParameter, cell)->mode == FUNC_PARAM_TABLE)
			return NULL;
	}
	if (statement->is_procedure || statement->returnType == NULL)
		return NULL;
	type = hm_column_type(world, statement->returnType, &typmod);
	if (OidIsValid(type) && (type != form->prorettype ||
							 statement->returnType->setof != form->proretset))
		return psprintf("it would return %s%s instead of %s%s",
						statement->returnType->setof ? "SETOF " : "",
						format_type_be(type),
						form->proretset ? "SETOF " : "",
						format_type_be(form->prorettype));
	return NULL;
}

/* The name of an input argument is part of what callers may write. */
static char *
compare_names(const CreateFunctionStmt *statement, HeapTuple tuple)
{
	Oid		   *types;
	char	  **names;
	char	   *modes;
	int			count = get_func_arg_info(tuple, &types, &names, &modes);
	int			i = 0;
	ListCell   *cell;

	foreach(cell, names ? statement->parameters : NIL)
	{
		FunctionParameter *parameter = lfirst_node(FunctionParameter, cell);

		if (!is_input(parameter))
			continue;
		while (i < count && modes && (modes[i] == PROARGMODE_OUT ||
									  modes[i] == PROARGMODE_TABLE))
			i++;
		if (i >= count)
			break;
		if (names[i] && names[i][0] != '\0' &&
			(parameter->name == NULL ||
			 strcmp(parameter->name, names[i]) != 0))
			return psprintf("argument %s would become %s",
							quote_identifier(names[i]), parameter->name ?
							quote_identifier(parameter->name) : "nameless");
		i++;
	}
	return NULL;
}

static char *
compare_defaults(const CreateFunctionStmt *statement, Form_pg_proc form)
{
	int			count = 0;
	ListCell   *cell;

	foreach(cell, statement->parameters)
	{
		if (lfirst_node(FunctionParameter, cell)->defexpr)
			count++;
	}
	return count < form->pronargdefaults ?
		pstrdup("an argument would lose its default") : NULL;
}

char *
hm_replaced_function_difference(HmWorld *world,
								const CreateFunctionStmt *statement)
{
	Oid			function = find_function(statement);
	HeapTuple	tuple = OidIsValid(function) ?
	SearchSysCache1(PROCOID, ObjectIdGetDatum(function)) : NULL;
	Form_pg_proc form;
	char	   *difference;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	form = (Form_pg_proc) GETSTRUCT(tuple);
	if ((form->prokind == PROKIND_PROCEDURE) != statement->is_procedure)
		difference = psprintf("it is a %s", statement->is_procedure ?
							  "function" : "procedure");
	else
		difference = compare_result(world, statement, form);
	if (difference == NULL)
		difference = compare_names(statement, tuple);
	if (difference == NULL)
		difference = compare_defaults(statement, form);
	ReleaseSysCache(tuple);
	return difference;
}
