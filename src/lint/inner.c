/*
 * src/lint/inner.c
 *	  Statements inside of statements.
 *
 * A DO block is executed where it stands.  A function is only stored: its
 * body is looked at when the plan makes it and then calls it.  What existed
 * before, and is called, is not looked into.
 */
#include "postgres.h"

#include "base/option.h"
#include "lint/constant_text.h"
#include "lint/inner.h"
#include "lint/plpgsql.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"

/* DO in DO. */
#define MAX_DEPTH 8

#define TOO_DEEP "it is nested too deeply"
#define OPAQUE_RULE "dynamic-sql-opaque"

static void
report_opaque(HmLint *lint, const char *why)
{
	HmCase		found = {0};

	if (lint->scope != HM_LINT_ALL)
		return;
	found.detail = why;
	lint->rule = hm_lint_rule_find(OPAQUE_RULE);
	hm_lint_report(lint, &found);
}

/* An expression does what the functions do that it calls. */
static void
look_at_inner(HmLint *lint, const HmInnerStatement *inner)
{
	if (inner->opaque)
		report_opaque(lint, inner->opaque);
	else if (inner->expression)
		hm_lint_look_inside(lint, inner->raw->stmt);
	else
		hm_lint_statement(lint, inner->raw->stmt);
}

/* With first_line 0, all of it stands on the line that lint is at. */
static void
look_at_list(HmLint *lint, List *statements, int first_line)
{
	int			line = lint->line;
	ListCell   *cell;

	foreach(cell, statements)
	{
		lint->inner = lfirst(cell);
		lint->line = first_line == 0 ? line :
			first_line + lint->inner->line - 1;
		look_at_inner(lint, lint->inner);
	}
	lint->line = line;
}

static void
look_at_text(HmLint *lint, HmInnerText *text, int first_line)
{
	HmLint		outer = *lint;

	lint->depth++;
	look_at_list(lint, text->statements, first_line);
	look_at_list(lint, text->opaque, first_line);
	lint->depth = outer.depth;
	lint->inner = outer.inner;
	lint->statement = outer.statement;
	lint->relation = outer.relation;
}

static const char *
language_of(List *options, const char *otherwise)
{
	DefElem    *language = hm_option_find(options, "language");

	return language ? strVal(language->arg) : otherwise;
}

/* The body of a DO block is a string, that of a function a list of one. */
static char *
body_of(const DefElem *as)
{
	Node	   *body = as->arg;

	if (IsA(body, List))
		body = linitial((List *) body);
	return strVal(body);
}

static void
look_at_body(HmLint *lint, List *options, const char *language,
			 int first_line)
{
	DefElem    *as = hm_option_find(options, "as");

	if (as == NULL)
		return;
	if (strcmp(language, "plpgsql") == 0)
		look_at_text(lint, hm_plpgsql_look_inside(body_of(as)), first_line);
	else if (strcmp(language, "sql") == 0)
		look_at_text(lint, hm_plpgsql_look_inside_sql(body_of(as)),
					 first_line);
	else
		report_opaque(lint, psprintf("it is in language %s", language));
}

static void
look_at_do(HmLint *lint, const DoStmt *statement)
{
	DefElem    *as = hm_option_find(statement->args, "as");

	if (as)
		look_at_body(lint, statement->args,
					 language_of(statement->args, "plpgsql"),
					 lint->inner ? 0 : hm_lint_line_at(lint, as->location));
}

static bool
collect_call(Node *node, List **calls)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncCall))
		*calls = lappend(*calls, node);
	return raw_expression_tree_walker(node, collect_call, calls);
}

/* The query of a statement that executes one, now or later. */
static Node *
query_of(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_CreateTableAsStmt:
			return ((CreateTableAsStmt *) statement)->query;
		case T_CopyStmt:
			return ((CopyStmt *) statement)->query;
		case T_DeclareCursorStmt:
			return ((DeclareCursorStmt *) statement)->query;
		case T_PrepareStmt:
			return ((PrepareStmt *) statement)->query;
		case T_ViewStmt:
			return ((ViewStmt *) statement)->query;
		default:
			return statement;
	}
}

/* Statements that may call functions; of others we do not look. */
static List *
calls_of(Node *statement)
{
	List	   *calls = NIL;
	Node	   *query = query_of(statement);

	if (query == NULL)
		return NIL;
	switch (nodeTag(query))
	{
		case T_SelectStmt:
		case T_InsertStmt:
		case T_UpdateStmt:
		case T_DeleteStmt:
		case T_MergeStmt:
			(void) collect_call(query, &calls);
			break;
		case T_CallStmt:
			(void) collect_call((Node *) ((CallStmt *) query)->funccall,
								&calls);
			break;
		default:
			break;
	}
	return calls;
}

/* Once for each call; not inside of itself. */
static void
look_at_routine(HmLint *lint, HmRoutine *routine)
{
	if (routine->looked_at)
		return;
	routine->looked_at = true;
	look_at_body(lint, routine->raw->options,
				 language_of(routine->raw->options, "sql"), 0);
	routine->looked_at = false;
}

/* hipaa_migrate.guarded(): without the schema, it may be. */
static bool
is_guarded(const FuncCall *call)
{
	return strcmp(strVal(llast(call->funcname)), "guarded") == 0 &&
		(list_length(call->funcname) == 1 ||
		 strcmp(strVal(linitial(call->funcname)), "hipaa_migrate") == 0);
}

/* The text that it executes, and where that stands if it is a literal. */
static char *
argument_of(const FuncCall *call, int *location)
{
	Node	   *argument = linitial(call->args);
	StringInfoData text;

	if (IsA(argument, NamedArgExpr))
		argument = (Node *) ((NamedArgExpr *) argument)->arg;
	*location = IsA(argument, A_Const) ? ((A_Const *) argument)->location : -1;
	initStringInfo(&text);
	return hm_constant_text_append(&text, argument) ? text.data : NULL;
}

static void
look_at_guarded(HmLint *lint, const FuncCall *call)
{
	int			location;
	char	   *argument;
	HmInnerText *text;
	ListCell   *cell;

	if (list_length(call->args) != 1)
		return;
	argument = argument_of(call, &location);
	if (argument == NULL)
	{
		report_opaque(lint, "its text is not constant");
		return;
	}
	text = hm_plpgsql_look_inside_sql(argument);
	foreach(cell, text->statements)
		((HmInnerStatement *) lfirst(cell))->compared = true;
	look_at_text(lint, text, lint->inner || location < 0 ? 0 :
				 hm_lint_line_at(lint, location));
}

static void
look_at_calls(HmLint *lint, Node *statement)
{
	ListCell   *cell;

	foreach(cell, calls_of(statement))
	{
		FuncCall   *call = lfirst_node(FuncCall, cell);
		HmRoutine  *routine = lint->world->routines ?
		hm_world_routine(lint->world, call->funcname) : NULL;

		if (routine == NULL && !is_guarded(call))
			continue;
		if (lint->depth >= MAX_DEPTH)
		{
			report_opaque(lint, TOO_DEEP);
			continue;
		}
		if (routine)
			look_at_routine(lint, routine);
		if (is_guarded(call))
			look_at_guarded(lint, call);
	}
}

void
hm_lint_look_inside(HmLint *lint, Node *statement)
{
	if (!IsA(statement, DoStmt))
		look_at_calls(lint, statement);
	else if (lint->depth >= MAX_DEPTH)
		report_opaque(lint, TOO_DEEP);
	else
		look_at_do(lint, (DoStmt *) statement);
}
