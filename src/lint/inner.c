/*
 * src/lint/inner.c
 *	  Statements inside of statements.
 *
 * A DO block is executed where it stands.  A function is only stored: its
 * body is looked at when the plan makes it and then calls it.  What existed
 * before, and is called, is not looked into.
 */
#include "postgres.h"

#include "lint/inner.h"
#include "lint/plpgsql.h"
#include "nodes/nodeFuncs.h"
#include "nodes/value.h"

/* Functions that call each other, and DO in DO. */
#define MAX_DEPTH 8

#define OPAQUE_RULE "dynamic-sql-opaque"

static void
report_opaque(HmLint *lint, const HmInnerStatement *inner)
{
	HmCase		found = {0};

	if (lint->scope != HM_LINT_ALL)
		return;
	found.name = NULL;
	found.detail = inner->opaque;
	lint->rule = hm_lint_rule_find(OPAQUE_RULE);
	hm_lint_report(lint, &found);
}

/* An expression does what the functions do that it calls. */
static void
look_at_inner(HmLint *lint, const HmInnerStatement *inner)
{
	if (inner->opaque)
		report_opaque(lint, inner);
	else if (inner->expression)
		hm_lint_look_inside(lint, inner->raw->stmt);
	else
		hm_lint_statement(lint, inner->raw->stmt);
}

static void
look_at_text(HmLint *lint, HmInnerText *text, int first_line)
{
	HmLint		outer = *lint;
	ListCell   *cell;

	lint->depth++;
	foreach(cell, text->statements)
	{
		lint->inner = lfirst(cell);
		lint->line = first_line + lint->inner->line - 1;
		look_at_inner(lint, lint->inner);
	}
	foreach(cell, text->opaque)
	{
		lint->inner = lfirst(cell);
		lint->line = first_line + lint->inner->line - 1;
		look_at_inner(lint, lint->inner);
	}
	lint->depth = outer.depth;
	lint->inner = outer.inner;
	lint->line = outer.line;
	lint->statement = outer.statement;
	lint->relation = outer.relation;
}

static DefElem *
find_option(List *options, const char *name)
{
	ListCell   *cell;

	foreach(cell, options)
	{
		DefElem    *option = lfirst_node(DefElem, cell);

		if (strcmp(option->defname, name) == 0)
			return option;
	}
	return NULL;
}

static const char *
language_of(List *options, const char *otherwise)
{
	DefElem    *language = find_option(options, "language");

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

/* Where in the text the string literal begins. */
static int
first_line_of(const HmLint *lint, const DefElem *as)
{
	return hm_lint_line_at(lint, as->location);
}

static void
look_at_body(HmLint *lint, List *options, const char *otherwise,
			 int first_line)
{
	const char *language = language_of(options, otherwise);
	DefElem    *as = find_option(options, "as");

	if (as == NULL)
		return;
	if (first_line == 0)
		first_line = first_line_of(lint, as);
	if (strcmp(language, "plpgsql") == 0)
		look_at_text(lint, hm_plpgsql_look_inside(body_of(as)), first_line);
	else if (strcmp(language, "sql") == 0)
		look_at_text(lint, hm_plpgsql_look_inside_sql(body_of(as)),
					 first_line);
}

static bool
collect_call(Node *node, List **calls)
{
	if (node == NULL)
		return false;
	if (IsA(node, FuncCall))
		*calls = lappend(*calls, ((FuncCall *) node)->funcname);
	return raw_expression_tree_walker(node, collect_call, calls);
}

/* Statements that may call functions; of others we do not look. */
static List *
calls_of(Node *statement)
{
	List	   *calls = NIL;

	switch (nodeTag(statement))
	{
		case T_SelectStmt:
		case T_InsertStmt:
		case T_UpdateStmt:
		case T_DeleteStmt:
		case T_MergeStmt:
			(void) collect_call(statement, &calls);
			break;
		case T_CallStmt:
			calls = list_make1(((CallStmt *) statement)->funccall->funcname);
			break;
		default:
			break;
	}
	return calls;
}

/* Its statements show the line of the call. */
static void
look_at_calls(HmLint *lint, Node *statement)
{
	ListCell   *cell;

	foreach(cell, lint->world->routines ? calls_of(statement) : NIL)
	{
		HmRoutine  *routine = hm_world_routine(lint->world, lfirst(cell));

		if (routine)
			look_at_body(lint, routine->raw->options, "sql", lint->line);
	}
}

void
hm_lint_look_inside(HmLint *lint, Node *statement)
{
	if (lint->depth >= MAX_DEPTH)
		return;
	if (IsA(statement, DoStmt))
		look_at_body(lint, ((DoStmt *) statement)->args, "plpgsql",
					 lint->inner ? lint->line : 0);
	else
		look_at_calls(lint, statement);
}
