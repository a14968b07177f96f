/*
 * src/lint/rules_loss.c
 *	  What is lost.
 */
#include "postgres.h"

#include "base/names.h"
#include "base/settings.h"
#include "catalog/heap.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "lint/dependents.h"
#include "lint/drop_target.h"
#include "lint/estimate.h"
#include "lint/inheritors.h"
#include "lint/later.h"
#include "lint/lint.h"
#include "lint/statistics.h"
#include "lint/tree.h"
#include "miscadmin.h"
#include "utils/builtins.h"

/* Nothing goes that is not there, and nobody misses what the plan made. */
static bool
matters(const DropStmt *statement, const HmDropTarget *target)
{
	return !target->made && !(target->absent && statement->missing_ok);
}

static char *
about_rows(HmRelation *relation)
{
	double		rows = hm_relation_rows(relation);

	if (rows < 1 || hm_relation_empty(relation))
		return NULL;
	return psprintf("about %.0f rows", rows);
}

/* Two clauses, either of which may be missing. */
static char *
joined(char *first, char *second)
{
	if (first == NULL || second == NULL)
		return first ? first : second;
	return psprintf("%s; %s", first, second);
}

static void
check_table(HmLint *lint, Node *node)
{
	DropStmt   *statement = castNode(DropStmt, node);
	List	   *targets = hm_drop_targets(lint->world, statement);
	ListCell   *cell;

	foreach(cell, targets)
	{
		HmDropTarget *target = lfirst(cell);
		HmCase		found = {.relation = target->relation};
		char	   *needed;
		int			again;

		if (!matters(statement, target))
			continue;
		needed = hm_drop_takes(lint->world, targets, target);
		if (needed && statement->behavior != DROP_CASCADE)
			found.detail = psprintf("refused while it is needed by %s",
									needed);
		found.detail = joined(about_rows(target->relation),
							  (char *) found.detail);
		again = target->relation ? hm_later_table(lint, target->relation) : 0;
		if (again)
		{
			found.raise = -1;
			found.why = "it is made anew of a query";
			found.detail = joined((char *) found.detail,
								  psprintf("statement %d makes it anew of a query", again));
		}
		hm_lint_report(lint, &found);
	}
}

static void
check_column(HmLint *lint, Node *node)
{
	AlterTableCmd *command = castNode(AlterTableCmd, node);
	HmRelation *relation = lint->relation;
	HmColumn   *column = hm_relation_column(relation, command->name);
	HmCase		found = {.relation = relation,.column = command->name};
	char	   *with;

	if ((relation->known && column == NULL && command->missing_ok) ||
		(column && hm_made(column->made)))
		return;
	if (column)
	{
		with = hm_dependents_text(hm_dependents_of_column(relation, column));
		found.detail = with ? psprintf("it is used by %s", with) : NULL;
		if (hm_statistics_all_null(relation, column))
		{
			found.raise = -1;
			found.why = "the statistics have only nulls in it";
		}
	}
	hm_lint_report(lint, &found);
}

static void
check_schema(HmLint *lint, Node *node)
{
	DropStmt   *statement = castNode(DropStmt, node);
	List	   *targets = hm_drop_targets(lint->world, statement);
	ListCell   *cell;

	foreach(cell, targets)
	{
		HmDropTarget *target = lfirst(cell);
		HmCase		found = {.table = target->name};

		if (!matters(statement, target))
			continue;
		found.detail = hm_drop_takes(lint->world, targets, target);
		if (OidIsValid(target->object) && found.detail == NULL)
		{
			found.raise = HM_LOW - HM_CRITICAL;
			found.why = "the schema is empty";
		}
		hm_lint_report(lint, &found);
	}
}

static void
check_database(HmLint *lint, Node *node)
{
	HmCase		found = {.name = castNode(DropdbStmt, node)->dbname};

	hm_lint_report(lint, &found);
}

/* CASCADE. */

/* Known to take nothing along: it says so for whoever runs it elsewhere. */
static void
report_cascade(HmLint *lint, HmCase *found, char *takes, bool known)
{
	found->detail = takes;
	if (known && takes == NULL)
	{
		found->raise = HM_LOW - HM_CRITICAL;
		found->why = "nothing depends on it now";
	}
	hm_lint_report(lint, found);
}

static void
check_drop_cascade(HmLint *lint, DropStmt *statement)
{
	List	   *targets = NIL;
	List	   *names = NIL;
	bool		known = true;
	HmCase		found = {0};
	ListCell   *cell;

	if (statement->behavior != DROP_CASCADE)
		return;
	foreach(cell, hm_drop_targets(lint->world, statement))
	{
		HmDropTarget *target = lfirst(cell);

		if (!matters(statement, target))
			continue;
		targets = lappend(targets, target);
		names = lappend(names, target->name);
		known &= OidIsValid(target->object);
	}
	if (targets == NIL)
		return;
	found.table = hm_lint_names(names);
	report_cascade(lint, &found, hm_drop_takes(lint->world, targets, NULL),
				   known);
}

static void
check_part_cascade(HmLint *lint, AlterTableCmd *command)
{
	HmRelation *relation = lint->relation;
	HmCase		found = {.table = relation->display};
	HmColumn   *column = NULL;
	HmConstraint *constraint = NULL;
	List	   *takes = NIL;

	if (command->behavior != DROP_CASCADE || hm_made(relation->made) ||
		relation->temporary)
		return;
	if (command->subtype == AT_DropColumn)
		column = hm_relation_column(relation, command->name);
	else
		constraint = hm_relation_constraint(relation, command->name);
	if (relation->known && column == NULL && constraint == NULL)
		return;
	if (column)
		takes = hm_dependents_cascade(relation, column);
	else if (constraint && OidIsValid(constraint->oid))
		takes = hm_dependents_cascade_of_object(lint->world,
												ConstraintRelationId,
												constraint->oid);
	found.table = psprintf("%s.%s", relation->display,
						   quote_identifier(command->name));
	report_cascade(lint, &found,
				   hm_dependents_list(hm_dependents_foreign(takes)),
				   column || constraint);
}

static void
check_owned(HmLint *lint, DropOwnedStmt *statement)
{
	HmCase		found = {.table = "what the role owns"};

	if (statement->behavior == DROP_CASCADE)
		hm_lint_report(lint, &found);
}

static void
check_cascade(HmLint *lint, Node *node)
{
	if (IsA(node, DropStmt))
		check_drop_cascade(lint, (DropStmt *) node);
	else if (IsA(node, AlterTableCmd))
		check_part_cascade(lint, (AlterTableCmd *) node);
	else
		check_owned(lint, castNode(DropOwnedStmt, node));
}

/* TRUNCATE. */

/* All that TRUNCATE ... CASCADE empties besides, by foreign keys. */
static List *
find_referring(HmRelation *relation)
{
	List	   *emptied = hm_inheritors_all(relation->oid);
	List	   *referring = NIL;
	List	   *next = emptied;

	while (next != NIL)
	{
		ListCell   *cell;

		CHECK_FOR_INTERRUPTS();
		next = list_difference_oid(heap_truncate_find_FKs(next), emptied);
		referring = list_concat(referring, next);
		emptied = list_concat(emptied, next);
		foreach(cell, next)
			emptied = list_concat_unique_oid(emptied,
											 hm_inheritors_all(lfirst_oid(cell)));
	}
	return referring;
}

static int
compare_names(const ListCell *a, const ListCell *b)
{
	return strcmp(lfirst(a), lfirst(b));
}

#define MAX_LISTED 10

static char *
list_tables(HmWorld *world, List *relids)
{
	List	   *names = NIL;
	ListCell   *cell;

	foreach(cell, relids)
	{
		HmRelation *relation = hm_world_relation_of(world, lfirst_oid(cell));

		if (relation && !relation->gone)
			names = lappend(names, relation->display);
	}
	if (names == NIL)
		return NULL;
	list_sort(names, compare_names);
	return hm_names_join_first(names, MAX_LISTED);
}

static void
check_truncate(HmLint *lint, Node *node)
{
	TruncateStmt *statement = castNode(TruncateStmt, node);
	ListCell   *cell;

	foreach(cell, statement->relations)
	{
		HmRelation *relation = hm_world_relation(lint->world,
												 lfirst_node(RangeVar, cell));
		HmCase		found = {.relation = relation};
		char	   *others = NULL;

		if (relation->gone)
			continue;
		if (statement->behavior == DROP_CASCADE && OidIsValid(relation->oid))
			others = list_tables(lint->world, find_referring(relation));
		found.detail = joined(about_rows(relation),
							  others ? psprintf("and with it %s", others) :
							  NULL);
		hm_lint_report(lint, &found);
	}
}

/* Changes of rows. */

static Node *
where_of(Node *statement)
{
	return IsA(statement, UpdateStmt) ?
		((UpdateStmt *) statement)->whereClause :
		((DeleteStmt *) statement)->whereClause;
}

static bool
changes_all(Node *statement)
{
	Node	   *where;

	if (!IsA(statement, UpdateStmt) && !IsA(statement, DeleteStmt))
		return false;
	where = where_of(statement);
	return where == NULL || hm_tree_is_true(where);
}

static void
check_where(HmLint *lint, Node *node)
{
	HmRelation *relation = hm_world_relation(lint->world,
											 hm_tree_written(node));
	HmCase		found = {.relation = relation};

	if (!changes_all(node) || relation->gone)
		return;
	found.type = IsA(node, UpdateStmt) ? "UPDATE" : "DELETE";
	found.detail = about_rows(relation);
	hm_lint_report(lint, &found);
}

/*
 * The planner does not know what the plan has yet to make: then all rows of
 * the table are what it can be at most.  In PL/pgSQL a statement may run for
 * each of many rows, and its variables mean nothing to the planner.
 */
static double
rows_changed(HmLint *lint, Node *node, HmRelation *relation, bool *at_most)
{
	bool		held;
	double		rows = hm_estimate_rows(node, &held);

	double		all = hm_relation_rows(relation);

	*at_most = rows < 0 && !held && !lint->inner && !IsA(node, InsertStmt);
	if (*at_most)
		return all;

	/* Of a join, but each row is changed only once. */
	return IsA(node, InsertStmt) || all < 0 ? rows : Min(rows, all);
}

static void
check_change(HmLint *lint, Node *node)
{
	HmRelation *relation = hm_world_relation(lint->world,
											 hm_tree_written(node));
	HmCase		found = {.relation = relation};
	double		rows;
	bool		at_most;

	if (!lint->world->catalogs || changes_all(node) || relation->gone ||
		relation->temporary || hm_made(relation->made) ||
		(!IsA(node, InsertStmt) && hm_relation_empty(relation)))
		return;
	rows = rows_changed(lint, node, relation, &at_most);
	if (rows < hm_setting_large_change)
		return;
	found.detail = psprintf(at_most ? "up to %.0f rows" : "about %.0f rows",
							rows);
	if (rows >= hm_setting_large_table)
	{
		found.raise = 1;
		found.why = "it changes very many rows";
	}
	hm_lint_report(lint, &found);
}

static const HmLintRule rules[] = {
	{
		"drop-table", 40, HM_CRITICAL,
		HM_RULE_CATALOG | HM_RULE_ROWS,
		{HM_ON_DROP(OBJECT_TABLE)}, check_table,
		"table {table} is dropped with its rows",
		"ALTER TABLE {table} RENAME TO ...; keep it until a backup of it is proven and nobody has missed it, then drop it in a later migration",
		"A dropped table comes back only from a backup, without what was written since."
	},
	{
		"drop-column", 41, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_ROWS,
		{HM_ON_ALTER(AT_DropColumn)}, check_column,
		"column {column} of {table} is dropped with its values",
		"first deploy what neither reads nor writes {column}, then drop it in a later migration, with a copy: CREATE TABLE ... AS SELECT the key, {column} FROM {table}",
		"The values are lost, and programs that still name the column fail at once."
	},
	{
		"drop-schema", 42, HM_CRITICAL,
		HM_RULE_CATALOG,
		{HM_ON_DROP(OBJECT_SCHEMA)}, check_schema,
		"schema {table} is dropped",
		"drop what is in {table} by name, in a migration that can be read; then the empty schema",
		"What is in a schema goes without anybody having named it."
	},
	{
		"drop-database", 42, HM_CRITICAL, 0,
		{HM_ON(DropdbStmt)}, check_database,
		"database {name} is dropped",
		"leave databases to those who run the server",
		"A migration belongs to one database and has no business with another."
	},
	{
		"drop-cascade", 43, HM_CRITICAL,
		HM_RULE_CATALOG,
		{HM_ON(DropStmt), HM_ON_ALTER(AT_DropColumn),
		HM_ON_ALTER(AT_DropConstraint), HM_ON(DropOwnedStmt)}, check_cascade,
		"CASCADE drops whatever depends on {table}",
		"drop the dependents by name first, then {table} without CASCADE",
		"What CASCADE takes along stands nowhere in the text that was approved."
	},
	{
		"truncate", 44, HM_CRITICAL,
		HM_RULE_CATALOG | HM_RULE_ROWS,
		{HM_ON(TruncateStmt)}, check_truncate,
		"all rows of {table} are removed",
		"DELETE FROM {table} WHERE ... in batches, after a copy: CREATE TABLE ... AS TABLE {table}",
		"TRUNCATE removes every row without reading it, fires no row triggers, and locks the table."
	},
	{
		"change-without-where", 45, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON(UpdateStmt), HM_ON(DeleteStmt)}, check_where,
		"{type} without WHERE changes every row of {table}",
		"say which rows: {type} ... WHERE ...; many of them in batches, in a data migration",
		"A forgotten WHERE looks the same as one that was left out, and all rows stay locked until the end."
	},
	{
		"large-change", 46, HM_HIGH,
		HM_RULE_CATALOG,
		{HM_ON(InsertStmt), HM_ON(UpdateStmt), HM_ON(DeleteStmt),
		HM_ON(MergeStmt)}, check_change,
		"many rows of {table} are changed in one transaction",
		"in batches of a few thousand rows, each committed, in a data migration",
		"One transaction that changes many rows holds their locks, holds back vacuum and fills the log until it ends."
	},
};

HM_LINT_RULE_TABLE(hm_lint_rules_loss, rules);
