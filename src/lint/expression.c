/*
 * src/lint/expression.c
 *	  Expressions of a migration, as the server itself would understand them.
 */
#include "postgres.h"

#include "base/attempt.h"
#include "base/resolve.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_proc.h"
#include "lint/expression.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_node.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"

typedef struct Question
{
	HmRelation *relation;
	Node	   *raw;			/* NULL: the column itself */
	const HmColumn *column;
	Oid			type;
	int32		typmod;
	Oid			collation;
	Node	   *answer;
} Question;

static int
position_of(HmRelation *relation, const HmColumn *column)
{
	int			position = 1;
	ListCell   *cell;

	foreach(cell, hm_relation_columns(relation))
	{
		if (lfirst(cell) == column)
			break;
		position++;
	}
	return position;
}

Var *
hm_expression_column(HmRelation *relation, const HmColumn *column)
{
	return makeVar(1, position_of(relation, column), column->type,
				   column->typmod, column->collation, 0);
}

/* Columns of our relation, before the server looks in its own range table. */
static Node *
find_column(ParseState *state, ColumnRef *reference)
{
	Question   *question = state->p_ref_hook_state;
	Node	   *last = llast(reference->fields);
	HmColumn   *column;

	if (question->relation == NULL || !IsA(last, String))
		return NULL;
	column = hm_relation_column(question->relation, strVal(last));
	return column == NULL || !OidIsValid(column->type) ? NULL :
		(Node *) hm_expression_column(question->relation, column);
}

static Node *
analyse(Question *question)
{
	ParseState *state = make_parsestate(NULL);
	Node	   *expression;

	state->p_ref_hook_state = question;
	state->p_pre_columnref_hook = find_column;
	if (question->raw)
		expression = transformExpr(state, copyObject(question->raw),
								   EXPR_KIND_ALTER_COL_TRANSFORM);
	else
		expression = (Node *) hm_expression_column(question->relation,
												   question->column);
	if (OidIsValid(question->type))
		expression = coerce_to_target_type(state, expression,
										   exprType(expression),
										   question->type, question->typmod,
										   COERCION_ASSIGNMENT,
										   COERCE_IMPLICIT_CAST, -1);
	if (expression)
	{
		assign_expr_collations(state, expression);
		expression = (Node *) expression_planner((Expr *) expression);
	}
	free_parsestate(state);
	return expression;
}

static void
ask(void *argument)
{
	Question   *question = argument;

	question->answer = analyse(question);
}

Node *
hm_expression_understand(HmRelation *relation, Node *raw, Oid type,
						 int32 typmod)
{
	Question	question = {relation, raw, NULL, type, typmod};

	return hm_attempt_quietly(ask, &question) ? question.answer : NULL;
}

/* A call of something that the plan makes, and that is volatile. */
typedef struct Call
{
	HmWorld    *world;
	bool		found;			/* a routine of the plan's */
	bool		is_volatile;
} Call;

static bool
look_at_call(Node *node, void *argument)
{
	Call	   *call = argument;
	HmRoutine  *routine;

	if (node == NULL)
		return false;
	if (IsA(node, FuncCall))
	{
		routine = hm_world_routine(call->world, ((FuncCall *) node)->funcname);
		call->found |= routine != NULL;
		call->is_volatile |= routine != NULL &&
			routine->provolatile == PROVOLATILE_VOLATILE;
	}
	return raw_expression_tree_walker(node, look_at_call, call);
}

HmVolatility
hm_expression_volatility(HmWorld *world, Node *raw, Oid type, int32 typmod)
{
	Call		call = {world};
	Node	   *expression;

	(void) look_at_call(raw, &call);
	if (call.is_volatile)
		return HM_VOLATILE;
	if (!world->catalogs)
		return IsA(raw, A_Const) ? HM_NOT_VOLATILE : HM_VOLATILITY_UNKNOWN;
	expression = hm_expression_understand(NULL, raw, type, typmod);
	if (expression == NULL)
		return call.found ? HM_NOT_VOLATILE : HM_VOLATILITY_UNKNOWN;
	return contain_volatile_functions(expression) ? HM_VOLATILE :
		HM_NOT_VOLATILE;
}

/* What the server looks through: the same bytes stay right. */
static Node *
next_inside(Node *node)
{
	if (IsA(node, RelabelType))
		return (Node *) ((RelabelType *) node)->arg;
	if (IsA(node, CoerceToDomain) &&
		!DomainHasConstraints(((CoerceToDomain *) node)->resulttype))
		return (Node *) ((CoerceToDomain *) node)->arg;
	if (IsA(node, FuncExpr))
	{
		FuncExpr   *call = (FuncExpr *) node;

		if ((call->funcid == F_TIMESTAMPTZ_TIMESTAMP ||
			 call->funcid == F_TIMESTAMP_TIMESTAMPTZ) &&
			!TimestampTimestampTzRequiresRewrite())
			return linitial(call->args);
	}
	return NULL;
}

bool
hm_expression_rewrites(HmRelation *relation, const HmColumn *column,
					   Node *using, Oid type, int32 typmod, Oid collation,
					   bool *understood)
{
	Question	question = {relation, using, column, type, typmod, collation};
	Node	   *node;
	int			position;

	*understood = OidIsValid(column->type) && OidIsValid(type) &&
		hm_attempt_quietly(ask, &question) && question.answer != NULL;
	if (!*understood)
		return true;
	position = position_of(relation, column);
	for (node = question.answer; node; node = next_inside(node))
	{
		if (IsA(node, Var))
			return ((Var *) node)->varattno != position;
	}
	return true;
}

bool
hm_expression_same(HmRelation *relation, Node *left, Node *right)
{
	Node	   *first = hm_expression_understand(relation, left, InvalidOid, -1);
	Node	   *second = hm_expression_understand(relation, right, InvalidOid,
												  -1);

	return first && second && equal(first, second);
}
