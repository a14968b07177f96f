/*
 * src/lint/rules_column.c
 *	  Columns: adding them, changing their types, NOT NULL.
 */
#include "postgres.h"

#include "base/compat.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_policy.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_publication_rel.h"
#include "catalog/pg_rewrite.h"
#include "catalog/pg_trigger.h"
#include "lib/stringinfo.h"
#include "lint/column_type.h"
#include "lint/dependents.h"
#include "lint/lint.h"
#include "lint/rewrite.h"
#include "nodes/value.h"

/* Nothing to say of what is not there, or has no rows of its own. */
static bool
is_idle(const HmLint *lint)
{
	const HmRelation *relation = lint->relation;
	const AlterTableStmt *statement = (AlterTableStmt *) lint->statement;

	if (!IsA(statement, AlterTableStmt) ||
		statement->objtype == OBJECT_TYPE ||
		statement->objtype == OBJECT_FOREIGN_TABLE ||
		relation->kind == RELKIND_FOREIGN_TABLE)
		return true;
	return lint->world->catalogs && !relation->known && statement->missing_ok;
}

/* NOT NULL. */

static void
report_not_null(HmLint *lint, const char *column, HmWork work)
{
	HmCase		found = {.relation = lint->relation,.column = column};

	if (work.kind == HM_WORK_NONE || is_idle(lint) || column == NULL)
		return;

	/* What the statement itself adds is said of there. */
	if (lint->relation->known && hm_relation_columns(lint->relation) != NIL &&
		hm_relation_column(lint->relation, column) == NULL)
		return;
	found.name = psprintf("%s_not_null", column);
	hm_lint_report(lint, &found);
}

/* Also as a constraint with a name, as 18 has it. */
static void
check_set_not_null(HmLint *lint, Node *node)
{
	const AlterTableStmt *statement = (AlterTableStmt *) lint->statement;
	Constraint *constraint;

	if (IsA(node, AlterTableCmd))
	{
		AlterTableCmd *command = (AlterTableCmd *) node;

		report_not_null(lint, command->name,
						hm_work_of_command(lint->relation, statement,
										   command));
		return;
	}
	constraint = castNode(Constraint, node);
	if (!lint->creating && lint->column == NULL && constraint->keys != NIL)
		report_not_null(lint, strVal(linitial(constraint->keys)),
						hm_work_of_constraint(lint->relation, statement,
											  constraint, NULL));
}

/* ADD COLUMN. */

/* NULL: it is there already, or there is nothing to say of its table. */
static ColumnDef *
added_column(HmLint *lint, Node *node)
{
	ColumnDef  *column = castNode(ColumnDef, ((AlterTableCmd *) node)->def);

	if (is_idle(lint) || column->typeName == NULL ||
		hm_relation_column(lint->relation, column->colname))
		return NULL;
	return column;
}

static void
report_added(HmLint *lint, const ColumnDef *column, const char *detail)
{
	HmCase		found = {.relation = lint->relation,.column = column->colname};

	found.type = hm_type_display(column->typeName);
	found.location = column->location;
	found.detail = detail;
	hm_lint_report(lint, &found);
}

static bool
is_declared_not_null(const ColumnDef *column)
{
	ListCell   *cell;

	foreach(cell, column->constraints)
	{
		ConstrType	kind = lfirst_node(Constraint, cell)->contype;

		if (kind == CONSTR_NOTNULL || kind == CONSTR_PRIMARY)
			return true;
	}
	return false;
}

static bool
has_default(const ColumnDef *column)
{
	ListCell   *cell;

	foreach(cell, column->constraints)
	{
		if (lfirst_node(Constraint, cell)->contype == CONSTR_DEFAULT)
			return true;
	}
	return false;
}

static void
check_without_default(HmLint *lint, Node *node)
{
	ColumnDef  *column = added_column(lint, node);
	HmNewValue	value;

	if (column == NULL || !is_declared_not_null(column))
		return;
	value = hm_new_value(lint->world, column);
	if (value == HM_VALUE_NULL ||
		(value == HM_VALUE_CHECKED && !has_default(column)))
		report_added(lint, column, NULL);
}

static void
check_volatile_default(HmLint *lint, Node *node)
{
	ColumnDef  *column = added_column(lint, node);
	HmNewValue	value;

	if (column == NULL)
		return;
	value = hm_new_value(lint->world, column);
	if (value == HM_VALUE_VOLATILE || value == HM_VALUE_UNKNOWN)
		report_added(lint, column, value == HM_VALUE_UNKNOWN ?
					 "what it calls is not known" : NULL);
}

static void
check_generated(HmLint *lint, Node *node)
{
	AlterTableCmd *command = castNode(AlterTableCmd, node);
	HmCase		found = {.relation = lint->relation,.column = command->name};
	ColumnDef  *column;

	if (command->subtype == HM_AT_SET_EXPRESSION)
	{
		if (!is_idle(lint) &&
			hm_work_of_command(lint->relation,
							   (AlterTableStmt *) lint->statement,
							   command).kind == HM_WORK_REWRITE)
			hm_lint_report(lint, &found);
		return;
	}
	column = added_column(lint, node);
	if (column && hm_new_value(lint->world, column) == HM_VALUE_GENERATED)
		report_added(lint, column, NULL);
}

static void
check_numbered(HmLint *lint, Node *node)
{
	ColumnDef  *column = added_column(lint, node);

	if (column && hm_new_value(lint->world, column) == HM_VALUE_NUMBERED)
		report_added(lint, column, NULL);
}

static void
check_domain(HmLint *lint, Node *node)
{
	ColumnDef  *column = added_column(lint, node);

	if (column && hm_new_value(lint->world, column) == HM_VALUE_CHECKED)
		report_added(lint, column, NULL);
}

/* ALTER COLUMN ... TYPE. */

/* The server refuses what is not there. */
static bool
retypes(HmLint *lint, const AlterTableCmd *command)
{
	return !is_idle(lint) &&
		(!lint->relation->known ||
		 hm_relation_column(lint->relation, command->name) != NULL);
}

static bool
find_retype(HmLint *lint, AlterTableCmd *command, HmRetype *retype)
{
	if (!retypes(lint, command))
		return false;
	*retype = hm_retype_of(lint->relation, (AlterTableStmt *) lint->statement,
						   command);
	return true;
}

static HmCase
case_of_retype(HmLint *lint, const AlterTableCmd *command)
{
	const ColumnDef *definition = castNode(ColumnDef, command->def);
	HmCase		found = {.relation = lint->relation,.column = command->name};

	found.type = hm_type_display(definition->typeName);
	found.location = definition->location;
	return found;
}

static void
check_rewrite(HmLint *lint, Node *node)
{
	AlterTableCmd *command = castNode(AlterTableCmd, node);
	HmCase		found;
	HmRetype	retype;

	if (!find_retype(lint, command, &retype) ||
		retype.work.kind != HM_WORK_REWRITE)
		return;
	found = case_of_retype(lint, command);
	found.name = psprintf("%s_new", command->name);
	hm_lint_report(lint, &found);
}

static void
check_checks(HmLint *lint, Node *node)
{
	AlterTableCmd *command = castNode(AlterTableCmd, node);
	HmCase		found;
	HmRetype	retype;

	if (!find_retype(lint, command, &retype) ||
		retype.work.kind == HM_WORK_REWRITE || retype.checks == NIL)
		return;
	found = case_of_retype(lint, command);
	found.detail = hm_lint_names(retype.checks);
	hm_lint_report(lint, &found);
}

/* What makes the server refuse to change the type. */
static bool
forbids(const HmDependent *dependent)
{
	if (dependent->class == InvalidOid)
		return dependent->contype == '\0';
	if (dependent->class == RelationRelationId)
		return dependent->relkind == RELKIND_VIEW ||
			dependent->relkind == RELKIND_MATVIEW ||
			strcmp(dependent->kind, "generated column") == 0;
	return dependent->class == ProcedureRelationId ||
		dependent->class == RewriteRelationId ||
		dependent->class == TriggerRelationId ||
		dependent->class == PolicyRelationId ||
		dependent->class == PublicationRelRelationId;
}

static List *
forbidding(HmRelation *relation, const HmColumn *column)
{
	List	   *some = NIL;
	ListCell   *cell;

	foreach(cell, hm_dependents_of_column(relation, column))
	{
		if (forbids(lfirst(cell)))
			some = lappend(some, lfirst(cell));
	}
	return some;
}

static char *
followers(const HmRetype *retype)
{
	StringInfoData text;

	initStringInfo(&text);
	if (retype->indexes != NIL)
		appendStringInfo(&text, "builds again %s",
						 hm_lint_names(retype->indexes));
	if (retype->keys != NIL)
		appendStringInfo(&text, "%schecks again %s", text.len > 0 ? "; " : "",
						 hm_lint_names(retype->keys));
	return text.data;
}

/* What is built or checked again weighs by the table, as other work on it. */
static void
report_followers(HmLint *lint, const AlterTableCmd *command,
				 const HmRetype *retype)
{
	HmCase		found = case_of_retype(lint, command);
	HmLintRule	weighed = *lint->rule;
	HmSeverity	severity;

	if (hm_made(lint->relation->made) || lint->relation->temporary ||
		(retype->indexes == NIL && retype->keys == NIL))
		return;
	weighed.flags |= HM_RULE_TRAFFIC;
	severity = hm_lint_severity(&weighed, lint->relation, &found.why);
	found.raise = severity - lint->rule->severity;
	found.detail = followers(retype);
	hm_lint_report(lint, &found);
}

static void
check_dependents(HmLint *lint, Node *node)
{
	AlterTableCmd *command = castNode(AlterTableCmd, node);
	HmColumn   *column = hm_relation_column(lint->relation, command->name);
	HmCase		found;
	HmRetype	retype;
	List	   *some;

	if (!retypes(lint, command) || column == NULL)
		return;
	some = forbidding(lint->relation, column);
	if (some != NIL)
	{
		found = case_of_retype(lint, command);
		found.detail = psprintf("it fails, because of %s",
								hm_dependents_text(some));
		hm_lint_report(lint, &found);
		return;
	}
	retype = hm_retype_of(lint->relation, (AlterTableStmt *) lint->statement,
						  command);
	report_followers(lint, command, &retype);
}

/* ALTER COLUMN ... TYPE and SET NOT NULL in one statement. */
static void
check_together(HmLint *lint, Node *node)
{
	AlterTableStmt *statement = castNode(AlterTableStmt, node);
	AlterTableCmd *retype = NULL;
	AlterTableCmd *not_null = NULL;
	HmCase		found;
	ListCell   *cell;

	if (is_idle(lint))
		return;
	foreach(cell, statement->cmds)
	{
		AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);

		if ((command->subtype != AT_AlterColumnType &&
			 command->subtype != AT_SetNotNull) ||
			hm_work_of_command(lint->relation, statement,
							   command).kind == HM_WORK_NONE)
			continue;
		if (command->subtype == AT_AlterColumnType)
			retype = command;
		else
			not_null = command;
	}
	if (retype == NULL || not_null == NULL)
		return;
	found = case_of_retype(lint, retype);
	found.name = not_null->name;
	hm_lint_report(lint, &found);
}

static const HmLintRule rules[] = {
	{
		"set-not-null-scans", 14, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_ALTER(AT_SetNotNull), HM_ON_CONSTRAINT(CONSTR_NOTNULL)},
		check_set_not_null,
		"every row of {table} is read for NULL in {column} while nobody reads or writes the table",
		"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID; in another migration ALTER TABLE {table} VALIDATE CONSTRAINT {name}; then ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL; ALTER TABLE {table} DROP CONSTRAINT {name}",
		"SET NOT NULL reads the whole table under an ACCESS EXCLUSIVE lock, unless a validated CHECK proves it."
	},
	{
		"column-not-null-without-default", 15, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_ALTER(AT_AddColumn)}, check_without_default,
		"column {column} is added to {table} as NOT NULL without a default: it fails if the table has a row",
		"ALTER TABLE {table} ADD COLUMN {column} {type} NOT NULL DEFAULT <constant>; or ALTER TABLE {table} ADD COLUMN {column} {type}, fill it in a data migration, then make it NOT NULL",
		"The rows that are there get NULL in a new column without a default."
	},
	{
		"column-default-volatile", 16, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_ALTER(AT_AddColumn)}, check_volatile_default,
		"every row of {table} is written for the volatile default of {column}",
		"ALTER TABLE {table} ADD COLUMN {column} {type}; ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT ...; then fill it in a data migration",
		"A default that is the same for all rows is kept in the catalogs; a volatile one is computed and stored for each."
	},
	{
		"column-generated-stored", 17, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_ALTER(AT_AddColumn), HM_ON_ALTER(HM_AT_SET_EXPRESSION)},
		check_generated,
		"every row of {table} is written for the generated column {column}",
		"ALTER TABLE {table} ADD COLUMN {column} {type}, fill it by a trigger for new rows and in a data migration for the others; or compute it in a view",
		"A stored generated column is computed for each row under an ACCESS EXCLUSIVE lock."
	},
	{
		"column-numbered", 18, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_ALTER(AT_AddColumn)}, check_numbered,
		"every row of {table} is written to be numbered in {column}",
		"ALTER TABLE {table} ADD COLUMN {column} bigint; CREATE SEQUENCE ... OWNED BY {table}.{column}; ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT nextval(...); then fill it in a data migration",
		"serial and identity give a number of their own to each row that is there."
	},
	{
		"column-domain-constrained", 19, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_ALTER(AT_AddColumn)}, check_domain,
		"every row of {table} is written for {column}, because domain {type} has constraints",
		"ALTER TABLE {table} ADD COLUMN {column} <base type of {type}>; ALTER TABLE {table} ADD CHECK (...) NOT VALID; then VALIDATE CONSTRAINT in another migration",
		"The server writes every row when the type of a new column is a domain with constraints, even if it has no default."
	},
	{
		"column-type-rewrites", 20, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_ALTER(AT_AlterColumnType)}, check_rewrite,
		"every row of {table} is written when {column} becomes {type}",
		"ALTER TABLE {table} ADD COLUMN {name} {type}; keep it in step by a trigger, fill it in a data migration, let the application use it, then drop {column}",
		"The table and all its indexes are written anew under an ACCESS EXCLUSIVE lock."
	},
	{
		"column-type-checks", 21, HM_MEDIUM,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_ALTER(AT_AlterColumnType)}, check_checks,
		"every row of {table} is checked again when {column} becomes {type}, by {detail}",
		"drop {detail} and add it again as NOT VALID in the same migration, then VALIDATE CONSTRAINT in another",
		"Check constraints on a column are verified again when its type changes, even if no row is written."
	},
	{
		"column-type-dependents", 22, HM_HIGH, HM_RULE_CATALOG,
		{HM_ON_ALTER(AT_AlterColumnType)}, check_dependents,
		"what depends on {column} of {table} meets its new type {type}",
		"views, functions, policies, triggers and generated columns: drop them before, make them again after, in the same migration; indexes: build new ones concurrently on a new column",
		"The server refuses to change the type of a column that views, functions or policies use, and builds indexes and checks foreign keys anew."
	},
	{
		"column-type-with-not-null", 23, HM_MEDIUM,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON(AlterTableStmt)}, check_together,
		"the type of {column} and NOT NULL of {name} change in one statement on {table}",
		"two migrations: first the type, then NOT NULL, over a validated CHECK ({name} IS NOT NULL)",
		"Both hold an ACCESS EXCLUSIVE lock while they go through all rows, and neither can be done the safe way."
	},
};

HM_LINT_RULE_TABLE(hm_lint_rules_column, rules);
