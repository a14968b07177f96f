/*
 * src/lint/rules_change.c
 *	  What breaks those who use the schema as it was.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/names.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "lint/dependents.h"
#include "lint/later.h"
#include "lint/drop_target.h"
#include "lint/enum_use.h"
#include "lint/lint.h"
#include "lint/replaced.h"
#include "lint/tree.h"
#include "lint/world_parts.h"
#include "nodes/primnodes.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/syscache.h"

/* Nobody uses it yet, or nobody else ever can. */
static bool
is_new(const HmRelation *relation)
{
	return hm_made(relation->made) || relation->temporary;
}

static bool
is_absent(const HmLint *lint, const HmRelation *relation)
{
	return relation->gone || (lint->world->catalogs && !relation->known);
}

/* NOT NULL. */

static void
check_column_null(HmLint *lint, AlterTableCmd *command)
{
	HmRelation *relation = lint->relation;
	HmColumn   *column = hm_relation_column(relation, command->name);
	HmCase		found = {.relation = relation,.column = command->name};

	if (is_new(relation) ||
		(column && (hm_made(column->made) || !column->not_null)))
		return;
	hm_lint_report(lint, &found);
}

static void
check_domain_null(HmLint *lint, AlterDomainStmt *statement)
{
	TypeName	name = {.type = T_TypeName};
	HmCase		found = {.column = "value"};
	HmType	   *type;

	name.names = statement->typeName;
	name.typemod = -1;
	type = hm_world_type(lint->world, &name);
	if (statement->subtype != 'N' || (type && hm_made(type->made)))
		return;
	found.table = hm_tree_dotted(statement->typeName);
	hm_lint_report(lint, &found);
}

static void
check_null(HmLint *lint, Node *node)
{
	if (IsA(node, AlterTableCmd))
		check_column_null(lint, (AlterTableCmd *) node);
	else
		check_domain_null(lint, castNode(AlterDomainStmt, node));
}

/* Constraints. */

static Node *
load_expression(Oid constraint)
{
	HeapTuple	tuple = SearchSysCache1(CONSTROID,
										ObjectIdGetDatum(constraint));
	Node	   *expression = NULL;
	bool		isnull;
	Datum		stored;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	stored = SysCacheGetAttr(CONSTROID, tuple, Anum_pg_constraint_conbin,
							 &isnull);
	if (!isnull)
		expression = stringToNode(TextDatumGetCString(stored));
	ReleaseSysCache(tuple);
	return expression;
}

/*
 * CHECK (column IS NOT NULL) of a column that is: what remains of the safe
 * way to SET NOT NULL.
 */
static bool
is_idle(HmRelation *relation, const HmConstraint *constraint)
{
	Node	   *expression;
	HmColumn   *column;

	if (constraint->kind != CONSTRAINT_CHECK ||
		list_length(constraint->columns) != 1 ||
		!OidIsValid(constraint->oid))
		return false;
	column = hm_relation_column(relation, linitial(constraint->columns));
	if (column == NULL || !column->not_null)
		return false;
	expression = load_expression(constraint->oid);
	return expression && IsA(expression, NullTest) &&
		((NullTest *) expression)->nulltesttype == IS_NOT_NULL;
}

static bool
is_replica_identity(const HmRelation *relation, const HmConstraint *constraint)
{
	return constraint->kind == CONSTRAINT_PRIMARY &&
		relation->replica_identity == REPLICA_IDENTITY_DEFAULT;
}

static char *
describe_constraint(HmLint *lint, HmRelation *relation,
					const HmConstraint *constraint)
{
	char	   *text = OidIsValid(constraint->oid) ?
	hm_dependents_text(hm_dependents_foreign(hm_dependents_cascade_of_object(lint->world,
																			 ConstraintRelationId,
																			 constraint->oid))) :
	NULL;

	if (text)
		text = psprintf("it is needed by %s", text);
	if (!is_replica_identity(relation, constraint))
		return text;
	return text ? psprintf("it is the replica identity; %s", text) :
		pstrdup("it is the replica identity");
}

static void
check_constraint(HmLint *lint, Node *node)
{
	AlterTableCmd *command = castNode(AlterTableCmd, node);
	HmRelation *relation = lint->relation;
	HmConstraint *constraint = hm_relation_constraint(relation,
													  command->name);
	HmCase		found = {.relation = relation,.name = command->name};
	int			again;

	if (is_new(relation) || (constraint && hm_made(constraint->made)) ||
		(relation->known && constraint == NULL && command->missing_ok) ||
		(constraint && is_idle(relation, constraint)) ||
		hm_later_drop(lint, relation, constraint))
		return;
	if (constraint)
		found.detail = describe_constraint(lint, relation, constraint);
	again = hm_later_constraint(lint, relation, command->name, constraint);
	if (found.detail == NULL && again)
	{
		found.raise = HM_LOW - HM_HIGH;
		found.why = "another takes its place";
		found.detail = psprintf("statement %d adds another in its place",
								again);
	}
	if (found.detail == NULL)
		found.detail = "it keeps nothing out any more";
	hm_lint_report(lint, &found);
}

/* Names. */

static char *
describe_followers(List *dependents)
{
	char	   *text = hm_dependents_text(hm_dependents_foreign(dependents));

	return text ? psprintf("these follow, bodies of functions do not: %s",
						   text) : NULL;
}

static void
check_rename_table(HmLint *lint, Node *node)
{
	RenameStmt *statement = castNode(RenameStmt, node);
	HmRelation *relation = hm_world_relation(lint->world,
											 statement->relation);
	HmCase		found = {
		.relation = relation,
		.type = quote_identifier(statement->newname)
	};

	if (is_new(relation) || relation->kind == RELKIND_INDEX ||
		relation->kind == RELKIND_PARTITIONED_INDEX ||
		(is_absent(lint, relation) && statement->missing_ok))
		return;
	if (relation->kind == RELKIND_SEQUENCE)
	{
		found.raise = HM_LOW - HM_HIGH;
		found.why = "sequences are mostly used by the default of a column";
	}
	found.detail = describe_followers(hm_dependents_of(relation));
	hm_lint_report(lint, &found);
}

static void
check_rename_column(HmLint *lint, Node *node)
{
	RenameStmt *statement = castNode(RenameStmt, node);
	HmRelation *relation = hm_world_relation(lint->world,
											 statement->relation);
	HmColumn   *column = hm_relation_column(relation, statement->subname);
	HmCase		found = {
		.relation = relation,
		.column = statement->subname,
		.name = statement->newname
	};

	if (is_new(relation) || (column && hm_made(column->made)) ||
		(is_absent(lint, relation) && statement->missing_ok))
		return;
	if (column)
		found.detail = describe_followers(hm_dependents_of_column(relation,
																  column));
	hm_lint_report(lint, &found);
}

static void
check_rename_schema(HmLint *lint, Node *node)
{
	RenameStmt *statement = castNode(RenameStmt, node);
	HmCase		found = {
		.table = quote_identifier(statement->subname),
		.type = quote_identifier(statement->newname)
	};

	if (!hm_world_schema_made(lint->world, statement->subname))
		hm_lint_report(lint, &found);
}

static void
check_rename_label(HmLint *lint, Node *node)
{
	AlterEnumStmt *statement = castNode(AlterEnumStmt, node);
	TypeName	name = {.type = T_TypeName};
	HmCase		found = {0};
	HmType	   *type;

	if (statement->oldVal == NULL)
		return;
	name.names = statement->typeName;
	name.typemod = -1;
	type = hm_world_type(lint->world, &name);
	if (type && (hm_made(type->made) ||
				 hm_names_have(type->labels, statement->oldVal)))
		return;
	found.table = hm_tree_dotted(statement->typeName);
	found.type = quote_literal_cstr(statement->oldVal);
	found.detail = quote_literal_cstr(statement->newVal);
	hm_lint_report(lint, &found);
}

/* Enums. */

static void
check_new_label(HmLint *lint, Node *node)
{
	HmEnumUse	use;
	HmCase		found = {0};

	if (!hm_enum_use_find(lint, node, &use))
		return;
	found.table = quote_qualified_identifier(use.type->schema,
											 use.type->name);
	found.type = quote_literal_cstr(use.label);
	found.location = use.location;
	hm_lint_report(lint, &found);
}

/* OR REPLACE. */

static void
check_replace_view(HmLint *lint, ViewStmt *statement)
{
	HmRelation *view = hm_world_creation(lint->world, statement->view);
	HmCase		found = {.table = view->display};

	if (!statement->replace || view->gone || !view->known)
		return;
	found.detail = hm_replaced_view_difference(view, statement);
	if (found.detail)
		hm_lint_report(lint, &found);
}

static void
check_replace_function(HmLint *lint, CreateFunctionStmt *statement)
{
	HmCase		found = {.table = hm_tree_dotted(statement->funcname)};

	if (!statement->replace || !lint->world->catalogs ||
		hm_world_routine(lint->world, statement->funcname) ||
		hm_names_have(lint->world->routines_gone,
					  strVal(llast(statement->funcname))))
		return;
	found.detail = hm_replaced_function_difference(lint->world, statement);
	if (found.detail)
		hm_lint_report(lint, &found);
}

static void
check_replace(HmLint *lint, Node *node)
{
	if (IsA(node, ViewStmt))
		check_replace_view(lint, (ViewStmt *) node);
	else
		check_replace_function(lint, castNode(CreateFunctionStmt, node));
}

/* Dropping what is not a table. */

static void
check_drop(HmLint *lint, Node *node)
{
	DropStmt   *statement = castNode(DropStmt, node);
	List	   *targets = hm_drop_targets(lint->world, statement);
	ListCell   *cell;

	if (statement->behavior == DROP_CASCADE)
		return;
	foreach(cell, targets)
	{
		HmDropTarget *target = lfirst(cell);
		HmCase		found = {.table = target->name};

		if (target->made || target->absent || !lint->world->catalogs)
			continue;
		found.type = target->kind;
		found.detail = hm_drop_takes(lint->world, targets, target);
		if (found.detail)
			hm_lint_report(lint, &found);
	}
}

static const HmLintRule rules[] = {
	{
		"drop-not-null", 47, HM_MEDIUM,
		HM_RULE_CATALOG,
		{HM_ON_ALTER(AT_DropNotNull), HM_ON(AlterDomainStmt)}, check_null,
		"{column} of {table} may be null from now on",
		"first deploy programs that expect a null in {column}; later back by CHECK ({column} IS NOT NULL) NOT VALID, VALIDATE, SET NOT NULL",
		"Programs that have never met a null here meet one, and there is no way back once nulls are stored."
	},
	{
		"drop-constraint", 48, HM_HIGH,
		HM_RULE_CATALOG,
		{HM_ON_ALTER(AT_DropConstraint)}, check_constraint,
		"constraint {name} of {table} is dropped",
		"ALTER TABLE {table} ADD CONSTRAINT ... NOT VALID, VALIDATE what shall hold instead, and drop {name} in the same migration",
		"Rows that break it are stored at once, and then it cannot be added again."
	},
	{
		"rename-table", 49, HM_HIGH,
		HM_RULE_CATALOG,
		{HM_ON_RENAME(OBJECT_TABLE), HM_ON_RENAME(OBJECT_VIEW),
			HM_ON_RENAME(OBJECT_MATVIEW), HM_ON_RENAME(OBJECT_FOREIGN_TABLE),
		HM_ON_RENAME(OBJECT_SEQUENCE)}, check_rename_table,
		"programs that say {table} fail from the moment it is called {type}",
		"rename, and in the same migration CREATE VIEW {table} AS SELECT * FROM {type}; drop the view when nobody uses it any more",
		"Programs of before and of after run side by side while they are deployed, and only one of the names exists."
	},
	{
		"rename-column", 49, HM_HIGH,
		HM_RULE_CATALOG,
		{HM_ON_RENAME(OBJECT_COLUMN), HM_ON_RENAME(OBJECT_ATTRIBUTE)},
		check_rename_column,
		"programs that say {column} of {table} fail from the moment it is called {name}",
		"expand and contract: add {name}, keep both the same by a trigger, copy in batches, deploy programs that use {name}, drop {column} later",
		"Programs of before and of after run side by side while they are deployed, and only one of the names exists."
	},
	{
		"rename-schema", 50, HM_HIGH,
		HM_RULE_CATALOG,
		{HM_ON_RENAME(OBJECT_SCHEMA)}, check_rename_schema,
		"every name in schema {table} changes at once, to {type}",
		"CREATE SCHEMA {type}; move or re-create its objects one by one, with views of the old names in {table}",
		"search_path of roles, databases and functions still says the old name, and so do all programs."
	},
	{
		"rename-enum-value", 50, HM_HIGH,
		HM_RULE_CATALOG,
		{HM_ON(AlterEnumStmt)}, check_rename_label,
		"value {type} of {table} becomes {detail} in all rows at once",
		"ALTER TYPE {table} ADD VALUE {detail}; change the rows in batches in a later migration, when programs know both",
		"Programs that send or expect the old value fail at once."
	},
	{
		"enum-value-used-at-once", 51, HM_MEDIUM,
		HM_RULE_CATALOG,
		{HM_ON(SelectStmt), HM_ON(InsertStmt), HM_ON(UpdateStmt),
			HM_ON(DeleteStmt), HM_ON(MergeStmt), HM_ON(ViewStmt),
			HM_ON(CreateTableAsStmt), HM_ON(IndexStmt),
			HM_ON_ALTER(AT_ColumnDefault), HM_ON_CONSTRAINT(CONSTR_DEFAULT),
		HM_ON_CONSTRAINT(CONSTR_CHECK)}, check_new_label,
		"{type} was added to {table} by this transaction, so that it cannot be used yet",
		"ALTER TYPE {table} ADD VALUE {type} in a migration of its own, used by a later one",
		"The server refuses to use a new value before its transaction has committed (55P04)."
	},
	{
		"replace-refused", 53, HM_MEDIUM,
		HM_RULE_CATALOG,
		{HM_ON(ViewStmt), HM_ON(CreateFunctionStmt)}, check_replace,
		"OR REPLACE of {table} will be refused",
		"add columns only at the end, and keep names and types; else create {table} under a new name, or drop it first with all that uses it",
		"OR REPLACE changes what is behind a name, not what it looks like."
	},
	{
		"drop-needed", 54, HM_MEDIUM,
		HM_RULE_CATALOG,
		{HM_ON_DROP(OBJECT_VIEW), HM_ON_DROP(OBJECT_MATVIEW),
			HM_ON_DROP(OBJECT_FUNCTION), HM_ON_DROP(OBJECT_PROCEDURE),
			HM_ON_DROP(OBJECT_ROUTINE), HM_ON_DROP(OBJECT_AGGREGATE),
			HM_ON_DROP(OBJECT_TYPE), HM_ON_DROP(OBJECT_DOMAIN),
			HM_ON_DROP(OBJECT_SEQUENCE), HM_ON_DROP(OBJECT_FOREIGN_TABLE),
		HM_ON_DROP(OBJECT_EXTENSION)}, check_drop,
		"DROP of {type} {table} will be refused, others need it",
		"drop or replace those by name first, then {table}",
		"What depends on it has to go first, or be made to do without it."
	},
};

HM_LINT_RULE_TABLE(hm_lint_rules_change, rules);
