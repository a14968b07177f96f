/*
 * src/lint/rules_constraint.c
 *	  Constraints: how they are added to tables that hold rows.
 *
 * ADD UNIQUE, PRIMARY KEY, EXCLUDE and CHECK hold ACCESS EXCLUSIVE while they
 * build or read, ADD FOREIGN KEY holds SHARE ROW EXCLUSIVE on both tables.
 */
#include "postgres.h"

#include "base/settings.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "lint/choice.h"
#include "lint/column_type.h"
#include "lint/index_cover.h"
#include "lint/key_data.h"
#include "lint/lint.h"
#include "lint/proof.h"
#include "utils/builtins.h"

/* Common. */

static bool
is_skipped(const HmLint *lint)
{
	const AlterTableStmt *statement = (AlterTableStmt *) lint->statement;

	return IsA(statement, AlterTableStmt) && statement->missing_ok &&
		lint->world->catalogs && !lint->relation->known;
}

/* It is added to a table that is there, with a column that is not. */
static bool
is_added(HmLint *lint)
{
	if (lint->relation == NULL || lint->creating || is_skipped(lint) ||
		lint->relation->kind == RELKIND_FOREIGN_TABLE)
		return false;
	return lint->column == NULL ||
		hm_relation_column(lint->relation, lint->column->colname) == NULL;
}

static const char *
own_column(const HmLint *lint)
{
	return lint->column ? lint->column->colname : NULL;
}

static HmCase
case_of(HmLint *lint, const Constraint *constraint)
{
	HmCase		found = {0};

	found.relation = lint->relation;
	found.name = hm_choice_constraint_name(lint->relation, constraint,
										   own_column(lint));
	found.location = constraint->location;
	return found;
}

/* ALTER TABLE ONLY of a partitioned table builds nothing. */
static bool
is_only_parent(const HmLint *lint)
{
	const AlterTableStmt *statement = (AlterTableStmt *) lint->statement;

	return lint->relation->kind == RELKIND_PARTITIONED_TABLE &&
		IsA(statement, AlterTableStmt) && !statement->relation->inh;
}

/* UNIQUE and PRIMARY KEY. */

static bool
same_columns(List *left, List *right)
{
	ListCell   *first;
	ListCell   *second;

	if (list_length(left) != list_length(right))
		return false;
	forboth(first, left, second, right)
	{
		if (lfirst(first) == NULL || lfirst(second) == NULL ||
			strcmp(lfirst(first), lfirst(second)) != 0)
			return false;
	}
	return true;
}

/* A unique index that is nobody's yet and could be taken over. */
static HmIndex *
usable_index(HmRelation *relation, List *columns)
{
	ListCell   *cell;

	foreach(cell, hm_relation_indexes(relation))
	{
		HmIndex    *index = lfirst(cell);

		if (index->name && same_columns(index->columns, columns) &&
			hm_index_is_key(index) && hm_index_constraint(index) == NULL)
			return index;
	}
	return NULL;
}

/* Those that NULL may be in, as far as is known. */
static List *
nullable_columns(HmRelation *relation, List *names)
{
	List	   *nullable = NIL;
	ListCell   *cell;

	foreach(cell, names)
	{
		HmColumn   *column = lfirst(cell) ?
		hm_relation_column(relation, lfirst(cell)) : NULL;

		if (column && !hm_column_never_null(relation, column) &&
			!hm_proof_not_null(relation, column, NIL))
			nullable = lappend(nullable, column->name);
	}
	return nullable;
}

#define KEY_OF_PARTITIONS \
	"ALTER TABLE ONLY {table} ADD CONSTRAINT {name} %s (%s); then for each partition the same key from an index that was built concurrently, and ALTER INDEX {name} ATTACH PARTITION ..."
#define KEY_BY_NEW_INDEX \
	"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} (%s); in a migration of its own (-- transactional: no), then%s ALTER TABLE {table} ADD CONSTRAINT {name} %s USING INDEX {name}"
#define KEY_BY_INDEX \
	"%sALTER TABLE {table} ADD CONSTRAINT {name} %s USING INDEX %s"

static char *
safe_key(HmRelation *relation, List *columns, const char *word,
		 const char *not_null_first)
{
	char	   *list = hm_choice_column_list(columns);
	HmIndex    *index;

	if (relation->kind == RELKIND_PARTITIONED_TABLE)
		return psprintf(KEY_OF_PARTITIONS, word, list);
	index = usable_index(relation, columns);
	if (index)
		return psprintf(KEY_BY_INDEX, not_null_first, word,
						quote_identifier(index->name));
	return psprintf(KEY_BY_NEW_INDEX, list,
					not_null_first[0] ? " SET NOT NULL where it is proven, and"
					: "", word);
}

static void
check_unique(HmLint *lint, Node *node)
{
	Constraint *constraint = castNode(Constraint, node);
	HmCase		found;

	if (!is_added(lint) || constraint->indexname || is_only_parent(lint))
		return;
	found = case_of(lint, constraint);
	found.safe_way = safe_key(lint->relation,
							  hm_choice_constraint_columns(constraint,
														   own_column(lint)),
							  "UNIQUE", "");
	hm_lint_report(lint, &found);
}

static void
check_primary_key(HmLint *lint, Node *node)
{
	Constraint *constraint = castNode(Constraint, node);
	List	   *columns;
	List	   *nullable;
	HmCase		found;

	if (!is_added(lint) || constraint->indexname || is_only_parent(lint))
		return;
	columns = hm_choice_constraint_columns(constraint, own_column(lint));
	nullable = nullable_columns(lint->relation, columns);
	found = case_of(lint, constraint);
	if (nullable)
		found.detail = psprintf("it is read for NULL in %s, too",
								hm_choice_column_list(nullable));
	found.safe_way = safe_key(lint->relation, columns, "PRIMARY KEY",
							  nullable ? "SET NOT NULL where it is proven, then " : "");
	hm_lint_report(lint, &found);
}

/* The index is there; what is left to read for is NULL. */
static void
check_primary_key_index(HmLint *lint, Node *node)
{
	Constraint *constraint = castNode(Constraint, node);
	ListCell   *cell;

	if (!is_added(lint) || constraint->indexname == NULL)
		return;
	foreach(cell, hm_relation_indexes(lint->relation))
	{
		HmIndex    *index = lfirst(cell);
		List	   *nullable;
		HmCase		found;

		if (index->name == NULL ||
			strcmp(index->name, constraint->indexname) != 0)
			continue;
		nullable = nullable_columns(lint->relation, index->columns);
		if (nullable == NIL)
			return;
		found = case_of(lint, constraint);
		found.column = linitial(nullable);
		found.detail = hm_choice_column_list(nullable);
		hm_lint_report(lint, &found);
	}
}

/* FOREIGN KEY. */

static bool
has_default(const ColumnDef *column)
{
	ListCell   *cell;

	foreach(cell, column->constraints)
	{
		ConstrType	kind = lfirst_node(Constraint, cell)->contype;

		if (kind == CONSTR_DEFAULT || kind == CONSTR_GENERATED)
			return true;
	}
	return column->typeName && hm_is_serial(column->typeName);
}

/*
 * A new column that is NULL everywhere needs no look at the other table, and
 * the server takes none unless another command of the statement makes it.
 */
static bool
makes_server_look(const AlterTableCmd *command)
{
	if (command->subtype == AT_AddConstraint)
		return castNode(Constraint, command->def)->contype == CONSTR_FOREIGN;
	return command->subtype == AT_AddColumn &&
		has_default(castNode(ColumnDef, command->def));
}

static bool
is_checked_at_once(const HmLint *lint, const Constraint *constraint)
{
	ListCell   *cell;

	if (constraint->skip_validation)
		return false;
	if (lint->column == NULL || !IsA(lint->statement, AlterTableStmt))
		return true;
	foreach(cell, ((AlterTableStmt *) lint->statement)->cmds)
	{
		if (makes_server_look(lfirst_node(AlterTableCmd, cell)))
			return true;
	}
	return false;
}

/* Writes to the other table wait as long. */
static void
weigh_target(HmLint *lint, HmRelation *target, HmCase *found)
{
	double		rows = hm_relation_rows(lint->relation);
	const char *why;
	const char *target_why;
	int			more;

	if (!lint->relation->known || !target->known || hm_made(target->made) ||
		hm_relation_empty(lint->relation))
		return;
	if (rows >= 0 && rows < hm_setting_small_table &&
		!hm_relation_busy(target))
		return;
	more = (int) hm_lint_severity(lint->rule, target, &target_why) -
		(int) hm_lint_severity(lint->rule, lint->relation, &why);
	if (more <= 0)
		return;
	found->raise = more;
	found->why = psprintf("%s: %s", target->display,
						  target_why ? target_why : "the other table");
}

#define FOREIGN_KEY_OF_PARTITIONS \
	"for each partition ALTER TABLE ... ADD FOREIGN KEY ... NOT VALID, in another transaction VALIDATE CONSTRAINT; then ALTER TABLE {table} ADD CONSTRAINT {name} ..., which takes those over"

static void
check_foreign_key(HmLint *lint, Node *node)
{
	Constraint *constraint = castNode(Constraint, node);
	HmRelation *target;
	HmCase		found;

	if (!is_added(lint) || !is_checked_at_once(lint, constraint))
		return;
	target = hm_world_relation(lint->world, constraint->pktable);
	found = case_of(lint, constraint);
	found.detail = target->display;
	if (lint->relation->kind == RELKIND_PARTITIONED_TABLE)
		found.safe_way = FOREIGN_KEY_OF_PARTITIONS;
	weigh_target(lint, target, &found);
	hm_lint_report(lint, &found);
}

/* CHECK and EXCLUDE. */

/* A column's CHECK cannot be NOT VALID. */
#define CHECK_OF_NEW_COLUMN \
	"add the column without it, then ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (...) NOT VALID; in a later migration ALTER TABLE {table} VALIDATE CONSTRAINT {name}"

static void
check_check(HmLint *lint, Node *node)
{
	Constraint *constraint = castNode(Constraint, node);
	HmConstraint *same;
	HmCase		found;

	if (!is_added(lint) || constraint->skip_validation)
		return;
	found = case_of(lint, constraint);
	if (lint->column)
		found.safe_way = CHECK_OF_NEW_COLUMN;
	else
	{
		same = hm_proof_same_check(lint->relation, constraint->raw_expr);
		if (same)
			found.detail = psprintf("%s says the same already",
									same->name ? quote_identifier(same->name) :
									"another constraint");
	}
	hm_lint_report(lint, &found);
}

static void
check_exclude(HmLint *lint, Node *node)
{
	Constraint *constraint = castNode(Constraint, node);
	HmCase		found;

	if (!is_added(lint) || is_only_parent(lint))
		return;
	found = case_of(lint, constraint);
	hm_lint_report(lint, &found);
}

/* NOT VALID and VALIDATE. */

static bool
adds_not_valid(const Node *node, const char *name)
{
	const Constraint *constraint = (const Constraint *) node;

	return node && IsA(node, Constraint) && constraint->skip_validation &&
		constraint->conname && strcmp(constraint->conname, name) == 0;
}

static bool
is_added_by_statement(const HmLint *lint, const char *name)
{
	ListCell   *cell;

	foreach(cell, castNode(AlterTableStmt, lint->statement)->cmds)
	{
		const AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);

		if (command->subtype == AT_AddConstraint &&
			adds_not_valid(command->def, name))
			return true;
	}
	return false;
}

static void
check_validate(HmLint *lint, Node *node)
{
	AlterTableCmd *command = castNode(AlterTableCmd, node);
	HmConstraint *constraint;
	HmCase		found = {0};

	if (lint->relation == NULL || command->name == NULL || is_skipped(lint))
		return;
	constraint = hm_relation_constraint(lint->relation, command->name);
	if (!is_added_by_statement(lint, command->name) &&
		(constraint == NULL || constraint->validated ||
		 !hm_made_now(lint->world, constraint->made)))
		return;
	found.relation = lint->relation;
	found.name = command->name;
	hm_lint_report(lint, &found);
}

static bool
is_left_not_valid(const HmLint *lint, const HmConstraint *constraint)
{
	return !constraint->validated && constraint->name && constraint->raw &&
		constraint->made.migration == lint->world->now.migration &&
		((Constraint *) constraint->raw)->skip_validation &&
		(constraint->kind == CONSTRAINT_CHECK ||
		 constraint->kind == CONSTRAINT_FOREIGN);
}

static void
check_never_validated(HmLint *lint, Node *node)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, lint->world->changed)
	{
		HmRelation *relation = lfirst(cell);

		/* Of a table that the plan makes no rows were there before. */
		if (relation->gone || relation->temporary || hm_made(relation->made))
			continue;
		foreach(inner, hm_relation_constraints(relation))
		{
			HmConstraint *constraint = lfirst(inner);
			HmCase		found = {.relation = relation};

			if (!is_left_not_valid(lint, constraint))
				continue;
			found.name = constraint->name;
			found.made = &constraint->made;
			found.location = ((Constraint *) constraint->raw)->location;
			hm_lint_report(lint, &found);
		}
	}
}

/* Keys that the data would break. */

static void
report_broken(HmLint *lint, HmCase *found, List *columns, bool primary)
{
	found->detail = hm_key_broken_by(lint, found->relation, columns, primary);
	if (found->detail)
		hm_lint_report(lint, found);
}

static void
check_broken_key(HmLint *lint, Node *node)
{
	Constraint *constraint = castNode(Constraint, node);
	HmCase		found;

	if (!is_added(lint) || constraint->indexname || lint->column)
		return;
	found = case_of(lint, constraint);
	report_broken(lint, &found, hm_choice_constraint_columns(constraint, NULL),
				  constraint->contype == CONSTR_PRIMARY);
}

static void
check_broken_index(HmLint *lint, Node *node)
{
	IndexStmt  *statement = castNode(IndexStmt, node);
	List	   *columns = hm_choice_index_columns(statement->indexParams);
	HmCase		found = {0};

	if (!statement->unique || statement->whereClause)
		return;
	found.relation = hm_world_relation(lint->world, statement->relation);
	found.name = hm_choice_index_name(found.relation, statement);
	if (statement->if_not_exists &&
		hm_index_of_name(found.relation, found.name))
		return;
	report_broken(lint, &found, columns, false);
}

static void
check_broken(HmLint *lint, Node *node)
{
	if (IsA(node, IndexStmt))
		check_broken_index(lint, node);
	else
		check_broken_key(lint, node);
}

static const HmLintRule rules[] = {
	{
		"unique-not-using-index", 6, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_CONSTRAINT(CONSTR_UNIQUE)}, check_unique,
		"the index of {name} is built while nobody reads or writes {table}",
		"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} (...); in a migration of its own (-- transactional: no), then ALTER TABLE {table} ADD CONSTRAINT {name} UNIQUE USING INDEX {name}",
		"ADD UNIQUE builds its index under ACCESS EXCLUSIVE; an index that was built concurrently is taken over in an instant."
	},
	{
		"primary-key-not-using-index", 7, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_CONSTRAINT(CONSTR_PRIMARY)}, check_primary_key,
		"the index of {name} is built while nobody reads or writes {table}",
		"CREATE UNIQUE INDEX CONCURRENTLY {name} ON {table} (...); in a migration of its own (-- transactional: no), then ALTER TABLE {table} ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {name}",
		"ADD PRIMARY KEY builds its index, and reads the table for NULL, under ACCESS EXCLUSIVE."
	},
	{
		"primary-key-index-nullable", 8, HM_MEDIUM,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_CONSTRAINT(CONSTR_PRIMARY)}, check_primary_key_index,
		"{table} is read for NULL in {detail} while nobody reads or writes it",
		"ALTER TABLE {table} ADD CHECK ({column} IS NOT NULL) NOT VALID; in another transaction VALIDATE CONSTRAINT; then ADD PRIMARY KEY USING INDEX, and drop the check",
		"PRIMARY KEY USING INDEX sets its columns NOT NULL, and reads the table for that under ACCESS EXCLUSIVE unless a valid CHECK proves it."
	},
	{
		"foreign-key-not-valid-first", 9, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_CONSTRAINT(CONSTR_FOREIGN)}, check_foreign_key,
		"foreign key {name} is checked while writes to {table} and {detail} wait",
		"ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ... NOT VALID; in a later migration ALTER TABLE {table} VALIDATE CONSTRAINT {name}",
		"ADD FOREIGN KEY holds SHARE ROW EXCLUSIVE on both tables while all rows are checked; VALIDATE lets writes through."
	},
	{
		"check-not-valid-first", 10, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_CONSTRAINT(CONSTR_CHECK)}, check_check,
		"{table} is read for {name} while nobody reads or writes it",
		"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK (...) NOT VALID; in a later migration ALTER TABLE {table} VALIDATE CONSTRAINT {name}",
		"ADD CHECK reads the whole table under ACCESS EXCLUSIVE; VALIDATE reads it while others read and write."
	},
	{
		"exclude-constraint-locks", 11, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_CONSTRAINT(CONSTR_EXCLUSION)}, check_exclude,
		"the index of {name} is built while nobody reads or writes {table}",
		"there is no way online: run it in a maintenance window, or fill a new table that has the constraint from the start",
		"EXCLUDE can neither be NOT VALID nor take over an index, so that its index is built under ACCESS EXCLUSIVE."
	},
	{
		"validate-in-same-transaction", 12, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_ALTER(AT_ValidateConstraint)}, check_validate,
		"{name} is validated while {table} is still locked from adding it",
		"ALTER TABLE {table} VALIDATE CONSTRAINT {name} in a migration of its own, after the one that adds it",
		"What NOT VALID gains is lost when VALIDATE runs in the same transaction: the lock of ADD CONSTRAINT is held until it ends."
	},
	{
		"constraint-never-validated", 13, HM_LOW,
		HM_RULE_CATALOG,
		{HM_ON_END}, check_never_validated,
		"{name} of {table} is left not valid: rows that were there before are not checked",
		"ALTER TABLE {table} VALIDATE CONSTRAINT {name} in a later migration",
		"A constraint that is not valid says nothing of old rows, and the planner does not use it."
	},
	{
		"unique-duplicates-likely", 52, HM_MEDIUM,
		HM_RULE_CATALOG,
		{HM_ON_CONSTRAINT(CONSTR_UNIQUE), HM_ON_CONSTRAINT(CONSTR_PRIMARY),
		HM_ON(IndexStmt)}, check_broken,
		"{name} on {table} is likely to fail: {detail}",
		"look for them first: SELECT ..., count(*) FROM {table} GROUP BY ... HAVING count(*) > 1; and clean up in a data migration before",
		"The statistics say that the key does not hold for the rows that are there; the table itself is not read for this."
	},
};

HM_LINT_RULE_TABLE(hm_lint_rules_constraint, rules);
