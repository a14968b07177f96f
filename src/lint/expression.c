/*
 * src/lint/expression.c
 *	  Expressions of a migration, as the server itself would understand them.
 */
#include "postgres.h"

#include "access/transam.h"
#include "base/resolve.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_proc.h"
#include "lint/expression.h"
#include "lint/harmless.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"
#include "optimizer/optimizer.h"
#include "parser/parse_coerce.h"
#include "parser/parse_collate.h"
#include "parser/parse_expr.h"
#include "parser/parse_node.h"
#include "utils/fmgroids.h"
#include "utils/lsyscache.h"
#include "utils/timestamp.h"

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

/* (t).a, of a row as a whole: the same as a. */
static Node *
without_row(const Question *question)
{
	A_Indirection *whole = (A_Indirection *) question->raw;
	ColumnRef  *row;
	ColumnRef  *column;

	if (!IsA(whole, A_Indirection) || list_length(whole->indirection) != 1 ||
		!IsA(linitial(whole->indirection), String) ||
		!IsA(whole->arg, ColumnRef) || question->relation == NULL)
		return question->raw;
	row = (ColumnRef *) whole->arg;
	if (list_length(row->fields) != 1 || !IsA(linitial(row->fields), String) ||
		strcmp(strVal(linitial(row->fields)), question->relation->name) != 0)
		return question->raw;
	column = makeNode(ColumnRef);
	column->fields = whole->indirection;
	column->location = row->location;
	return (Node *) column;
}

static bool
is_foreign(Oid function, void *argument)
{
	return function >= FirstNormalObjectId;
}

static bool
calls_foreign(Node *node, void *argument)
{
	if (node == NULL)
		return false;
	return check_functions_in_node(node, is_foreign, argument) ||
		expression_tree_walker(node, calls_foreign, argument);
}

Node *
hm_expression_simplify(Node *expression)
{
	return calls_foreign(expression, NULL) ? expression :
		(Node *) expression_planner((Expr *) expression);
}

static bool
is_harmless(const Question *question)
{
	ListCell   *cell;

	if (question->raw == NULL ||
		hm_harmless_is_free_of_literals(question->raw))
		return true;
	foreach(cell, question->relation ?
			hm_relation_columns(question->relation) : NIL)
	{
		if (!hm_harmless_type(((HmColumn *) lfirst(cell))->type))
			return false;
	}
	return hm_harmless_type(question->type) && hm_harmless_tree(question->raw);
}

static Node *
analyse(Question *question)
{
	ParseState *state;
	Node	   *expression;

	if (!is_harmless(question))
		return NULL;
	state = make_parsestate(NULL);

	state->p_ref_hook_state = question;
	state->p_pre_columnref_hook = find_column;
	if (question->raw)
		expression = transformExpr(state, copyObject(without_row(question)),
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
		expression = hm_expression_simplify(expression);
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

	return hm_harmless_attempt(ask, &question) ? question.answer : NULL;
}

/* What functions an expression calls, by their names. */
typedef struct Calls
{
	HmWorld    *world;
	bool		made;			/* one that the plan makes */
	bool		is_volatile;
	bool		unknown;		/* one that is not there */
} Calls;

/*
 * Names without a schema, without the catalogs: the server's own functions
 * are what they are in every database.
 */
static List *
names_of_function(HmWorld *world, List *names)
{
	return world->catalogs || list_length(names) > 1 ? names :
		list_make2(makeString("pg_catalog"), linitial(names));
}

static void
note_call(Calls *calls, List *names)
{
	HmRoutine  *routine = hm_world_routine(calls->world, names);
	FuncCandidateList candidate;

	if (routine)
	{
		calls->made = true;
		calls->is_volatile |= routine->provolatile == PROVOLATILE_VOLATILE;
		return;
	}
	candidate = FuncnameGetCandidates(names_of_function(calls->world, names),
									  -1, NIL, false, false, false, true);
	calls->unknown |= candidate == NULL;
	for (; candidate; candidate = candidate->next)
		calls->is_volatile |= func_volatile(candidate->oid) ==
			PROVOLATILE_VOLATILE;
}

static bool
look_for_calls(Node *node, void *argument)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncCall))
		note_call(argument, ((FuncCall *) node)->funcname);
	return raw_expression_tree_walker(node, look_for_calls, argument);
}

/* As the names say; what is not there may be anything. */
static HmVolatility
volatility_by_names(const Calls *calls)
{
	if (calls->is_volatile)
		return HM_VOLATILE;
	return calls->unknown ? HM_VOLATILITY_UNKNOWN : HM_NOT_VOLATILE;
}

/* Nothing of a user's is called to make such a value. */
static bool
is_plain_constant(Node *raw, Oid type)
{
	return IsA(raw, A_Const) && type < FirstNormalObjectId;
}

HmVolatility
hm_expression_volatility(HmWorld *world, Node *raw, Oid type, int32 typmod)
{
	Calls		calls = {world};
	Node	   *expression;

	if (is_plain_constant(raw, type))
		return HM_NOT_VOLATILE;
	(void) look_for_calls(raw, &calls);
	if (!world->catalogs || calls.made)
		return volatility_by_names(&calls);
	expression = hm_expression_understand(NULL, raw, type, typmod);
	if (expression == NULL)
		return volatility_by_names(&calls);
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
		!hm_harmless_domain_is_checked(((CoerceToDomain *) node)->resulttype))
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
		hm_harmless_attempt(ask, &question) && question.answer != NULL;
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
