/*
 * src/lint/rules_migration.c
 *	  A migration as a whole: its way back, its name, what it mixes.
 */
#include "postgres.h"

#include "catalog/catalog.h"
#include "catalog/pg_class.h"
#include "lint/lint.h"
#include "lint/tree.h"
#include "nodes/value.h"
#include "registry/name.h"

/* The way back. */

static void
check_down(HmLint *lint, Node *node)
{
	HmCase		found = {.table = lint->migration->name};

	if (!lint->migration->reversible &&
		strcmp(lint->migration->kind, "repeatable") != 0)
		hm_lint_report(lint, &found);
}

/* The last part of a name, which is what both directions call it by. */
static bool
is_named(const RangeVar *name, const char *table)
{
	return name != NULL && strcmp(name->relname, table) == 0;
}

static bool
puts_back(Node *statement, const char *table)
{
	RenameStmt *rename = (RenameStmt *) statement;

	switch (nodeTag(statement))
	{
		case T_InsertStmt:
		case T_UpdateStmt:
		case T_DeleteStmt:
		case T_MergeStmt:
			return is_named(hm_tree_written(statement), table);
		case T_CreateTableAsStmt:
			return is_named(((CreateTableAsStmt *) statement)->into->rel,
							table);
		case T_CopyStmt:
			return is_named(((CopyStmt *) statement)->relation, table);
		case T_RenameStmt:
			return rename->renameType == OBJECT_TABLE &&
				strcmp(rename->newname, table) == 0;
		case T_AlterObjectSchemaStmt:
			return is_named(((AlterObjectSchemaStmt *) statement)->relation,
							table);
		case T_DoStmt:
		case T_CallStmt:
		case T_SelectStmt:
			return true;		/* nobody can tell */
		default:
			return false;
	}
}

/* What the down does to the table besides making it again. */
static bool
down_puts_back(const HmScript *down, const char *table)
{
	for (int i = 0; i < down->nstatements; i++)
	{
		if (puts_back(down->statements[i].raw->stmt, table))
			return true;
	}
	return false;
}

/* Not there, or of the server's own. */
static bool
is_nobodys(const HmLint *lint, const HmRelation *relation)
{
	if (OidIsValid(relation->oid))
		return IsCatalogRelationOid(relation->oid);
	return lint->world->catalogs && !relation->known;
}

/* Rows that were somebody's: not what the plan has made itself. */
static void
check_loss(HmLint *lint, HmRelation *relation, const char *what, int raise)
{
	HmCase		found = {.relation = relation,.detail = what,.raise = raise};

	if (is_nobodys(lint, relation) || hm_made(relation->made) || relation->temporary || relation->gone ||
		hm_relation_empty(relation) || hm_lint_is_said_of(lint, relation) ||
		down_puts_back(lint->migration->down, relation->name))
		return;
	hm_lint_report(lint, &found);
}

static void
check_lost_column(HmLint *lint, const AlterTableCmd *command)
{
	HmColumn   *column = hm_relation_column(lint->relation, command->name);

	if (lint->relation->known && (column == NULL || hm_made(column->made)))
		return;
	check_loss(lint, lint->relation, "a column is dropped", 0);
}

static void
check_lost_tables(HmLint *lint, DropStmt *statement)
{
	ListCell   *cell;

	foreach(cell, statement->objects)
		check_loss(lint, hm_world_relation_named(lint->world,
												 lfirst_node(List, cell)),
				   "the table is dropped", 0);
}

static void
check_truncated(HmLint *lint, TruncateStmt *statement)
{
	ListCell   *cell;

	foreach(cell, statement->relations)
		check_loss(lint, hm_world_relation(lint->world,
										   lfirst_node(RangeVar, cell)),
				   "the table is truncated", 0);
}

/* column IS NULL, alone or with AND. */
static bool
wants_null(Node *condition, const char *column)
{
	ListCell   *cell;

	if (condition == NULL)
		return false;
	if (IsA(condition, BoolExpr))
	{
		if (((BoolExpr *) condition)->boolop != AND_EXPR)
			return false;
		foreach(cell, ((BoolExpr *) condition)->args)
		{
			if (wants_null(lfirst(cell), column))
				return true;
		}
		return false;
	}
	if (!IsA(condition, NullTest) ||
		((NullTest *) condition)->nulltesttype != IS_NULL ||
		!IsA(((NullTest *) condition)->arg, ColumnRef))
		return false;
	condition = llast(((ColumnRef *) ((NullTest *) condition)->arg)->fields);
	return IsA(condition, String) && strcmp(strVal(condition), column) == 0;
}

/* What it writes over is of the plan's own making, or was NULL. */
static bool
writes_over_nothing(HmLint *lint, UpdateStmt *statement)
{
	HmRelation *relation = hm_world_relation(lint->world, statement->relation);
	ListCell   *cell;

	foreach(cell, statement->targetList)
	{
		const char *name = lfirst_node(ResTarget, cell)->name;
		HmColumn   *column = hm_relation_column(relation, name);

		if ((column == NULL || !hm_made(column->made)) &&
			!wants_null(statement->whereClause, name))
			return false;
	}
	return true;
}

static void
check_changed_rows(HmLint *lint, UpdateStmt *statement)
{
	if (!writes_over_nothing(lint, statement))
		check_loss(lint, hm_world_relation(lint->world, statement->relation),
				   "rows are changed", -1);
}

static void
check_restore(HmLint *lint, Node *node)
{
	if (lint->migration == NULL || !lint->migration->reversible ||
		lint->migration->down == NULL)
		return;
	if (IsA(node, AlterTableCmd))
		check_lost_column(lint, (AlterTableCmd *) node);
	else if (IsA(node, DropStmt))
		check_lost_tables(lint, (DropStmt *) node);
	else if (IsA(node, TruncateStmt))
		check_truncated(lint, (TruncateStmt *) node);
	else if (IsA(node, UpdateStmt))
		check_changed_rows(lint, (UpdateStmt *) node);
	else
		check_loss(lint, hm_world_relation(lint->world, hm_tree_written(node)),
				   "rows are deleted", 0);
}

/* What it mixes. */

/* Rows of a table that others use, not the first ones of a new table. */
static bool
changes_rows(HmLint *lint, Node *statement, HmRelation **relation)
{
	RangeVar   *written = hm_tree_written(statement);

	if (written == NULL)
		return false;
	*relation = hm_world_relation(lint->world, written);
	return !hm_made((*relation)->made) && !(*relation)->temporary &&
		!(*relation)->gone && !is_nobodys(lint, *relation);
}

/* That both happen to one table, under its lock, weighs more. */
static bool
is_said_elsewhere(const HmLint *lint, const HmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, lint->findings)
	{
		HmFinding  *finding = lfirst(cell);

		if (strcmp(finding->rule->slug, "backfill-with-ddl") == 0 &&
			finding->object &&
			strcmp(finding->object, relation->display) == 0)
			return true;
	}
	return false;
}

static void
check_mixed(HmLint *lint, Node *node)
{
	HmCase		found = {0};
	bool		defines = false;
	ListCell   *cell;

	foreach(cell, lint->statements)
	{
		HmRelation *relation;

		if (hm_tree_is_definition(lfirst(cell)))
			defines = true;
		else if (found.relation == NULL &&
				 changes_rows(lint, lfirst(cell), &relation) &&
				 !is_said_elsewhere(lint, relation))
			found.relation = relation;
	}
	if (defines && found.relation)
		hm_lint_report(lint, &found);
}

/* Its name. */

static void
check_name(HmLint *lint, Node *node)
{
	HmCase		found = {.table = lint->migration->name};

	if (!hm_name_is_strict(lint->migration->name))
		hm_lint_report(lint, &found);
}

static void
check_order(HmLint *lint, Node *node)
{
	ListCell   *cell;

	foreach(cell, lint->migration->depends_on)
	{
		HmCase		found = {
			.table = lint->migration->name,
			.type = lfirst(cell)
		};

		if (strcmp(lint->migration->name, lfirst(cell)) < 0)
			hm_lint_report(lint, &found);
	}
}

static const HmLintRule rules[] = {
	{
		"down-missing", 55, HM_HIGH, 0,
		{HM_ON_MIGRATION}, check_down,
		"there is no way back from {table}",
		"migrate_register('{table}', ..., down => '...'); or a waiver that says why it takes none",
		"When it goes wrong at night, whoever is called has to write the way back under pressure."
	},
	{
		"down-cannot-restore", 55, HM_HIGH,
		HM_RULE_CATALOG,
		{HM_ON_ALTER(AT_DropColumn), HM_ON_DROP(OBJECT_TABLE),
		HM_ON(TruncateStmt), HM_ON(UpdateStmt), HM_ON(DeleteStmt)},
		check_restore,
		"the down cannot bring back what is lost of {table}: {detail}",
		"CREATE TABLE ... AS SELECT what goes FROM {table} first, and have the down put it back; or drop in a later migration, when nobody needs the way back",
		"A down that makes an empty column or table looks like a way back, and is none."
	},
	{
		"schema-and-data", 71, HM_MEDIUM,
		HM_RULE_CATALOG,
		{HM_ON_END}, check_mixed,
		"the schema and rows of {table} are changed in one migration",
		"two migrations: one for the schema, then one of kind data for the rows of {table}",
		"The locks of the first part are held while the second works, and neither can be done again without the other."
	},
	{
		"migration-name", 72, HM_MEDIUM, 0,
		{HM_ON_MIGRATION}, check_name,
		"name {table} is not 14 digits, a dash and lower-case words",
		"call it like 20250103000000-create-base-schema",
		"Names are the order of what depends on nothing, and what people look for."
	},
	{
		"name-before-dependency", 72, HM_MEDIUM, 0,
		{HM_ON_MIGRATION}, check_order,
		"{table} depends on {type}, which sorts after it",
		"give {table} a time after that of {type}",
		"Whoever reads the list reads it in the wrong order."
	},
};

HM_LINT_RULE_TABLE(hm_lint_rules_migration, rules);
