/*
 * src/lint/harmless.c
 *	  Asking the server about a text without running what anybody wrote.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/transam.h"
#include "base/attempt.h"
#include "base/resolve.h"
#include "catalog/namespace.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "lint/harmless.h"
#include "lint/tree.h"
#include "miscadmin.h"
#include "nodes/makefuncs.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
#include "utils/typcache.h"

/* Types. */

/* Inside of another value it is checked as soon as that one is read. */
static bool
is_harmless_inside(Oid type)
{
	return get_typtype(type) != TYPTYPE_DOMAIN && hm_harmless_type(type);
}

static int
count_columns(Oid relation)
{
	HeapTuple	tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relation));
	int			count;

	if (!HeapTupleIsValid(tuple))
		return 0;
	count = ((Form_pg_class) GETSTRUCT(tuple))->relnatts;
	ReleaseSysCache(tuple);
	return count;
}

static bool
has_harmless_columns(Oid relation)
{
	int			natts = count_columns(relation);

	for (int i = 1; i <= natts; i++)
	{
		Oid			type = get_atttype(relation, i);

		if (OidIsValid(type) && !is_harmless_inside(type))
			return false;
	}
	return true;
}

bool
hm_harmless_type(Oid type)
{
	Oid			inside;

	check_stack_depth();
	if (type < FirstNormalObjectId)
		return true;
	switch (get_typtype(type))
	{
		case TYPTYPE_DOMAIN:
			return hm_harmless_type(getBaseType(type));
		case TYPTYPE_COMPOSITE:
			return has_harmless_columns(get_typ_typrelid(type));
		case TYPTYPE_RANGE:
			return is_harmless_inside(get_range_subtype(type));
		case TYPTYPE_MULTIRANGE:
			return hm_harmless_type(get_multirange_range(type));
		default:
			inside = get_element_type(type);
			return !OidIsValid(inside) || is_harmless_inside(inside);
	}
}

/* Trees. */

/* name('literal') may be a cast. */
static bool
is_harmless_call(FuncCall *call)
{
	FuncCandidateList candidate = FuncnameGetCandidates(call->funcname, -1, NIL,
														false, false, false,
														true);

	for (; candidate; candidate = candidate->next)
	{
		if (candidate->oid < FirstNormalObjectId)
			continue;
		if (!hm_harmless_type(get_func_rettype(candidate->oid)))
			return false;
		for (int i = 0; i < candidate->nargs; i++)
		{
			if (!hm_harmless_type(candidate->args[i]))
				return false;
		}
	}
	return hm_harmless_type(hm_resolve_type(makeTypeNameFromNameList(call->funcname)));
}

static bool
is_harmless_operator(List *name)
{
	static const char kinds[] = {'b', 'l'};

	for (int i = 0; i < lengthof(kinds); i++)
	{
		FuncCandidateList candidate = OpernameGetCandidates(name, kinds[i],
															true);

		for (; candidate; candidate = candidate->next)
		{
			if (candidate->oid >= FirstNormalObjectId &&
				!(hm_harmless_type(candidate->args[0]) &&
				  hm_harmless_type(candidate->args[1])))
				return false;
		}
	}
	return true;
}

static bool
finds_harm(Node *node, void *argument)
{
	if (node == NULL)
		return false;
	check_stack_depth();
	switch (nodeTag(node))
	{
		case T_TypeName:
			if (!hm_harmless_type(hm_resolve_type((TypeName *) node)))
				return true;
			break;
		case T_FuncCall:
			if (!is_harmless_call((FuncCall *) node))
				return true;
			break;
		case T_A_Expr:
			if (!is_harmless_operator(((A_Expr *) node)->name))
				return true;
			break;
		case T_SubLink:
			if (((SubLink *) node)->operName != NIL &&
				!is_harmless_operator(((SubLink *) node)->operName))
				return true;
			break;
		case T_RangeTableFunc:

			/* The walker does not show the types of its columns. */
			return true;
		default:
			break;
	}
	return raw_expression_tree_walker(node, finds_harm, argument);
}

bool
hm_harmless_tree(Node *raw)
{
	return !finds_harm(raw, NULL);
}

static bool
is_literal(Node *node, void *argument)
{
	if (node == NULL)
		return false;
	if (IsA(node, A_Const))
	{
		A_Const    *constant = (A_Const *) node;

		return !constant->isnull && IsA(&constant->val, String);
	}
	return raw_expression_tree_walker(node, is_literal, argument);
}

bool
hm_harmless_is_free_of_literals(Node *raw)
{
	return !is_literal(raw, NULL);
}

/* Queries. */

static bool
names_row(Node *node, void *argument)
{
	List	   *relations = argument;
	Node	   *last;
	ListCell   *cell;

	if (node == NULL)
		return false;
	if (!IsA(node, ColumnRef))
		return raw_expression_tree_walker(node, names_row, argument);
	last = llast(((ColumnRef *) node)->fields);
	if (!IsA(last, String))
		return list_length(((ColumnRef *) node)->fields) > 1;
	foreach(cell, relations)
	{
		RangeVar   *relation = lfirst_node(RangeVar, cell);

		if (strcmp(strVal(last), relation->alias ? relation->alias->aliasname :
				   relation->relname) == 0)
			return true;
	}
	return false;
}

static bool
is_harmless_relation(Oid relation, bool as_row)
{
	int			natts;

	if (!OidIsValid(relation))
		return true;
	if (as_row)
		return has_harmless_columns(relation);
	natts = count_columns(relation);
	for (int i = 1; i <= natts; i++)
	{
		if (!hm_harmless_type(get_atttype(relation, i)))
			return false;
	}
	return true;
}

bool
hm_harmless_query(Node *raw)
{
	List	   *relations;
	bool		as_row;
	ListCell   *cell;

	if (hm_harmless_is_free_of_literals(raw))
		return true;
	relations = hm_tree_relations(raw);
	as_row = names_row(raw, relations);
	foreach(cell, relations)
	{
		if (!is_harmless_relation(hm_resolve_relation(lfirst_node(RangeVar,
																  cell)),
								  as_row))
			return false;
	}
	return hm_harmless_tree(raw);
}

/* Calls. */

static needs_fmgr_hook_type next_needs_hook = NULL;
static fmgr_hook_type next_hook = NULL;
static bool asking = false;

/* A function in C, nobody but a superuser can have made. */
static bool
is_refused(Oid function)
{
	HeapTuple	tuple;
	Oid			language;

	if (!asking || function < FirstNormalObjectId)
		return false;
	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	if (!HeapTupleIsValid(tuple))
		return false;
	language = ((Form_pg_proc) GETSTRUCT(tuple))->prolang;
	ReleaseSysCache(tuple);
	return language != INTERNALlanguageId && language != ClanguageId;
}

static bool
needs_hook(Oid function)
{
	return (next_needs_hook && next_needs_hook(function)) ||
		is_refused(function);
}

static void
refuse_call(FmgrHookEventType event, FmgrInfo *function, Datum *argument)
{
	if (event == FHET_START && is_refused(function->fn_oid))
		ereport(ERROR,
				(errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
				 errmsg("function %u is not called while a text is judged",
						function->fn_oid)));
	if (next_hook)
		next_hook(event, function, argument);
}

bool
hm_harmless_attempt(void (*attempt) (void *argument), void *argument)
{
	bool		before = asking;
	bool		result;

	PG_TRY();
	{
		asking = true;
		result = hm_attempt_quietly(attempt, argument);
	}
	PG_FINALLY();
	{
		asking = before;
	}
	PG_END_TRY();
	return result;
}

typedef struct DomainQuestion
{
	Oid			domain;
	bool		checked;
} DomainQuestion;

static void
ask_domain(void *argument)
{
	DomainQuestion *question = argument;

	question->checked = DomainHasConstraints(question->domain);
}

bool
hm_harmless_domain_is_checked(Oid type)
{
	DomainQuestion question = {type};

	if (get_typtype(type) != TYPTYPE_DOMAIN)
		return false;
	return !hm_harmless_attempt(ask_domain, &question) || question.checked;
}

void
hm_harmless_init(void)
{
	next_needs_hook = needs_fmgr_hook;
	needs_fmgr_hook = needs_hook;
	next_hook = fmgr_hook;
	fmgr_hook = refuse_call;
}
