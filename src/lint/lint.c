/*
 * src/lint/lint.c
 *	  Judges the statements of a text, one by one, by all rules.
 */
#include "postgres.h"

#include "lint/forbidden.h"
#include "lint/inner.h"
#include "lint/lint.h"
#include "lint/lock_level.h"
#include "lint/waiver_comment.h"
#include "miscadmin.h"
#include "utils/guc.h"

static void look_at_statement(HmLint *lint, Node *statement);

/* Nodes. */

static int
kind_of(const Node *node)
{
	switch (nodeTag(node))
	{
		case T_AlterTableCmd:
			return ((const AlterTableCmd *) node)->subtype + 1;
		case T_Constraint:
			return ((const Constraint *) node)->contype + 1;
		case T_DropStmt:
			return ((const DropStmt *) node)->removeType + 1;
		case T_RenameStmt:
			return ((const RenameStmt *) node)->renameType + 1;
		default:
			return 0;
	}
}

typedef struct Visit
{
	HmLint	   *lint;
	Node	   *node;
} Visit;

static void
check_rule(const HmLintRule *rule, void *argument)
{
	Visit	   *visit = argument;

	if (rule->check == NULL ||
		(visit->lint->scope == HM_LINT_BESIDE &&
		 (rule->flags & HM_RULE_DOWN) == 0))
		return;
	visit->lint->rule = rule;
	rule->check(visit->lint, visit->node);
}

static void
look_at(HmLint *lint, Node *node)
{
	Visit		visit = {lint, node};

	hm_lint_rules_at(nodeTag(node), kind_of(node), check_rule, &visit);
}

static void
look_at_column(HmLint *lint, ColumnDef *column)
{
	ListCell   *cell;

	lint->column = column;
	look_at(lint, (Node *) column);
	foreach(cell, column->constraints)
		look_at(lint, lfirst(cell));
	lint->column = NULL;
}

static void
look_at_element(HmLint *lint, Node *element)
{
	if (IsA(element, ColumnDef))
		look_at_column(lint, (ColumnDef *) element);
	else
		look_at(lint, element);
}

static void
look_at_create_table(HmLint *lint, CreateStmt *statement)
{
	ListCell   *cell;

	lint->relation = hm_world_creation(lint->world, statement->relation);
	lint->creating = true;
	look_at(lint, (Node *) statement);
	foreach(cell, statement->tableElts)
		look_at_element(lint, lfirst(cell));
	foreach(cell, statement->constraints)
		look_at_element(lint, lfirst(cell));
	lint->creating = false;
	lint->relation = NULL;
}

/* The Constraint of ALTER CONSTRAINT has a name and nothing else. */
static bool
brings_element(const AlterTableCmd *command)
{
	if (command->def == NULL)
		return false;
	return IsA(command->def, Constraint) ?
		command->subtype != AT_AlterConstraint :
		IsA(command->def, ColumnDef) && command->subtype == AT_AddColumn;
}

/* What a command brings with it is looked at as part of it. */
static void
look_at_alter_table(HmLint *lint, AlterTableStmt *statement)
{
	ListCell   *cell;

	lint->relation = hm_world_relation(lint->world, statement->relation);
	look_at(lint, (Node *) statement);
	foreach(cell, statement->cmds)
	{
		AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);

		look_at(lint, (Node *) command);
		if (brings_element(command))
			look_at_element(lint, command->def);
	}
	lint->relation = NULL;
}

static void
look_at_create_schema(HmLint *lint, CreateSchemaStmt *statement)
{
	ListCell   *cell;

	look_at(lint, (Node *) statement);
	foreach(cell, statement->schemaElts)
		look_at_statement(lint, hm_world_element(statement, lfirst(cell)));
}

static WithClause *
with_clause_of(Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_SelectStmt:
			return ((SelectStmt *) statement)->withClause;
		case T_InsertStmt:
			return ((InsertStmt *) statement)->withClause;
		case T_UpdateStmt:
			return ((UpdateStmt *) statement)->withClause;
		case T_DeleteStmt:
			return ((DeleteStmt *) statement)->withClause;
		case T_MergeStmt:
			return ((MergeStmt *) statement)->withClause;
		default:
			return NULL;
	}
}

/* What writes inside WITH is executed like what stands by itself. */
static void
look_at_query(HmLint *lint, Node *statement)
{
	WithClause *with = with_clause_of(statement);
	ListCell   *cell;

	foreach(cell, with ? with->ctes : NIL)
	{
		Node	   *query = lfirst_node(CommonTableExpr, cell)->ctequery;

		if (!IsA(query, SelectStmt))
			look_at(lint, query);
	}
	look_at(lint, statement);
}

static void
look_at_statement(HmLint *lint, Node *statement)
{
	Visit		visit = {lint, statement};

	lint->statement = statement;
	lint->statements = lappend(lint->statements, statement);
	if (IsA(statement, VariableSetStmt))
		lint->sets = lappend(lint->sets, statement);
	hm_lint_rules_at(T_Invalid, HM_AT_STATEMENT, check_rule, &visit);
	switch (nodeTag(statement))
	{
		case T_CreateStmt:
		case T_CreateForeignTableStmt:
			look_at_create_table(lint, (CreateStmt *) statement);
			break;
		case T_AlterTableStmt:
			look_at_alter_table(lint, (AlterTableStmt *) statement);
			break;
		case T_CreateSchemaStmt:
			look_at_create_schema(lint, (CreateSchemaStmt *) statement);
			break;
		default:
			look_at_query(lint, statement);
			break;
	}
}

/* EXPLAIN ANALYZE executes what it explains. */
static Node *
executed_by(Node *statement)
{
	while (IsA(statement, ExplainStmt))
		statement = ((ExplainStmt *) statement)->query;
	return statement;
}

/* Judged, then done: what comes next meets what it leaves. */
void
hm_lint_statement(HmLint *lint, Node *statement)
{
	List	   *locks = NIL;

	check_stack_depth();
	statement = executed_by(statement);
	if (lint->scope != HM_LINT_NOTHING)
	{
		look_at_statement(lint, statement);
		locks = hm_locks_of(lint->world, statement);
	}
	if (lint->world->watch)
		lint->world->watch(lint->world, statement, locks, lint->line,
						   lint->world->watch_argument);
	hm_lint_look_inside(lint, statement);
	hm_locks_take(lint->world, locks);
	hm_world_apply(lint->world, statement);
}

static void
begin_statement(HmWorld *world, bool transactional, int number)
{
	if (!transactional || number == 1)
		hm_world_begin_transaction(world);
	hm_world_begin_statement(world, number);
}

/* The text as a whole; and once more, as the migration that it is. */
static void
look_at_end(HmLint *lint)
{
	Visit		visit = {lint, NULL};

	if (lint->scope == HM_LINT_NOTHING)
		return;
	lint->statement_no = 0;
	lint->line = lint->script->origin.first_line;
	hm_lint_rules_at(T_Invalid, HM_AT_END, check_rule, &visit);
	if (lint->migration)
		hm_lint_rules_at(T_Invalid, HM_AT_MIGRATION, check_rule, &visit);
}

static int
compare_findings(const ListCell *a, const ListCell *b)
{
	const HmFinding *left = lfirst(a);
	const HmFinding *right = lfirst(b);

	if (left->statement_no != right->statement_no)
		return left->statement_no - right->statement_no;
	if (left->line != right->line)
		return left->line - right->line;
	if (left->rule->number != right->rule->number)
		return left->rule->number - right->rule->number;
	return left->number - right->number;
}

List *
hm_lint_script(HmWorld *world, const HmScript *script, bool transactional,
			   HmLintScope scope, const HmLintMigration *migration)
{
	int			guc_level = NewGUCNestLevel();
	HmLint		lint = {
		.world = world,
		.script = script,
		.transactional = transactional,
		.scope = scope,
		.migration = migration,
		.suspicion = scope != HM_LINT_NOTHING &&
		hm_forbidden_suspicion(script->text, strlen(script->text))
	};

	hm_script_pin_settings();
	hm_world_begin_migration(world);
	for (int i = 0; i < script->nstatements; i++)
	{
		CHECK_FOR_INTERRUPTS();
		begin_statement(world, transactional, i + 1);
		lint.statement_no = i + 1;
		lint.line = script->statements[i].line;
		hm_lint_statement(&lint, script->statements[i].raw->stmt);
	}
	look_at_end(&lint);
	hm_waiver_comments_apply(&lint);
	AtEOXact_GUC(false, guc_level);
	list_sort(lint.findings, compare_findings);
	return lint.findings;
}
