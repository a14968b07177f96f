/*
 * src/lint/rules_lock.c
 *	  Locks and transactions.
 */
#include "postgres.h"

#include "base/option.h"
#include "base/settings.h"
#include "catalog/pg_class.h"
#include "lint/lint.h"
#include "lint/lock_level.h"
#include "lint/rewrite.h"
#include "lint/tree.h"

/* Others use it, or may. */
static bool
has_others(const HmRelation *relation)
{
	return !hm_made(relation->made) && !relation->temporary &&
		!relation->gone;
}

static bool
is_table(const HmRelation *relation)
{
	return relation->kind == RELKIND_RELATION ||
		relation->kind == RELKIND_PARTITIONED_TABLE ||
		relation->kind == RELKIND_MATVIEW ||
		relation->kind == RELKIND_FOREIGN_TABLE || relation->kind == '\0';
}

/* Enough rows for work on all of them to take its time. */
static bool
has_many_rows(HmRelation *relation)
{
	double		rows;

	if (hm_relation_empty(relation))
		return false;
	rows = hm_relation_rows(relation);
	return rows < 0 || !relation->known || rows >= hm_setting_small_table;
}

/* CONCURRENTLY. */

/* What it is called, or NULL: it is not. */
static const char *
concurrent_command(Node *node)
{
	switch (nodeTag(node))
	{
		case T_IndexStmt:
			return ((IndexStmt *) node)->concurrent ?
				"CREATE INDEX CONCURRENTLY" : NULL;
		case T_DropStmt:
			return ((DropStmt *) node)->concurrent ?
				"DROP INDEX CONCURRENTLY" : NULL;
		case T_ReindexStmt:
			return hm_option_is_on(((ReindexStmt *) node)->params,
								   "concurrently") ?
				"REINDEX CONCURRENTLY" : NULL;
		case T_AlterTableCmd:
			return ((PartitionCmd *) ((AlterTableCmd *) node)->def)->concurrent ?
				"DETACH PARTITION CONCURRENTLY" : NULL;
		default:
			return NULL;
	}
}

/* A block or function is one transaction, whatever the migration is. */
static void
check_concurrently(HmLint *lint, Node *node)
{
	HmCase		found = {0};

	found.detail = concurrent_command(node);
	if (found.detail && (lint->transactional || lint->inner))
		hm_lint_report(lint, &found);
}

/* Slow work under a lock. */

static bool
reads_rows(Node *query)
{
	return query && IsA(query, SelectStmt) &&
		(((SelectStmt *) query)->fromClause != NIL ||
		 ((SelectStmt *) query)->op != SETOP_NONE);
}

/* Whether what a query reads is more than a little. */
static bool
reads_many_rows(HmLint *lint, Node *statement)
{
	ListCell   *cell;

	foreach(cell, hm_locks_of(lint->world, statement))
	{
		HmRelation *relation = ((HmLockTaken *) lfirst(cell))->relation;

		if (is_table(relation) && !hm_made(relation->made) &&
			has_many_rows(relation))
			return true;
	}
	return false;
}

static const RangeVar *
written_by(Node *statement)
{
	if (IsA(statement, InsertStmt) &&
		!reads_rows(((InsertStmt *) statement)->selectStmt))
		return NULL;
	return hm_tree_written(statement);
}

static const char *
slow_writing(HmLint *lint, Node *statement)
{
	const RangeVar *name = written_by(statement);
	HmRelation *relation;

	if (name == NULL)
		return NULL;
	relation = hm_world_relation(lint->world, name);
	if (IsA(statement, InsertStmt))
		return reads_many_rows(lint, ((InsertStmt *) statement)->selectStmt) ?
			psprintf("rows are put into %s", relation->display) : NULL;
	return has_many_rows(relation) && !hm_made(relation->made) ?
		psprintf("rows of %s are written", relation->display) : NULL;
}

static const char *
slow_alteration(HmLint *lint, Node *statement)
{
	HmRelation *relation = NULL;
	HmWork		work = hm_work_of_statement(lint->world, statement, &relation);

	if (work.kind == HM_WORK_NONE || relation == NULL ||
		hm_made(relation->made) || !has_many_rows(relation))
		return NULL;
	return psprintf("%s is %s", relation->display,
					work.kind == HM_WORK_SCAN ? "read as a whole" :
					work.kind == HM_WORK_INDEXES ? "indexed" : "rewritten");
}

static const char *
slow_index(HmLint *lint, const RangeVar *name)
{
	HmRelation *relation = name ? hm_world_relation(lint->world, name) : NULL;

	if (relation && relation->index)
		relation = relation->index->table;
	return relation && !hm_made(relation->made) && has_many_rows(relation) ?
		psprintf("%s is indexed", relation->display) : NULL;
}

/* What takes long in the statement, or NULL. */
static const char *
slow_work(HmLint *lint, Node *statement)
{
	switch (nodeTag(statement))
	{
		case T_IndexStmt:
			return slow_index(lint, ((IndexStmt *) statement)->relation);
		case T_ReindexStmt:
			return slow_index(lint, ((ReindexStmt *) statement)->relation);
		case T_CreateTableAsStmt:
			return !((CreateTableAsStmt *) statement)->into->skipData &&
				reads_many_rows(lint, statement) ?
				"the rows of a query are stored" : NULL;
		case T_CopyStmt:
			return ((CopyStmt *) statement)->is_from ?
				"rows are copied in" : NULL;
		case T_AlterTableStmt:
		case T_ClusterStmt:
		case T_RefreshMatViewStmt:
			return slow_alteration(lint, statement);
		default:
			return slow_writing(lint, statement);
	}
}

/* Other than one, which may be NULL. */
static HmRelation *
held_exclusively(const HmLint *lint, const HmRelation *other)
{
	ListCell   *cell;

	foreach(cell, lint->world->touched)
	{
		HmRelation *relation = lfirst(cell);

		if (relation->held == AccessExclusiveLock && relation != other &&
			is_table(relation) && has_others(relation) &&
			!hm_relation_empty(relation))
			return relation;
	}
	return NULL;
}

/*
 * What takes the same lock for its work would keep others waiting by itself,
 * and of rows that are written under their table's lock backfill-with-ddl
 * tells.
 */
static HmRelation *
locked_by_itself(HmLint *lint, Node *statement)
{
	const RangeVar *name = IsA(statement, AlterTableStmt) ?
	((AlterTableStmt *) statement)->relation : written_by(statement);

	return name ? hm_world_relation(lint->world, name) : NULL;
}

/* Said of the first such work: all that follows makes it longer. */
static void
check_work_under_lock(HmLint *lint, Node *node)
{
	HmCase		found = {0};
	const char *work;

	if (hm_lint_is_said(lint))
		return;
	found.relation = held_exclusively(lint, locked_by_itself(lint, node));
	if (found.relation == NULL)
		return;
	work = slow_work(lint, node);
	if (work == NULL)
		return;
	found.detail = psprintf("%s; the lock is held since statement %d", work,
							found.relation->held_since.statement);
	hm_lint_report(lint, &found);
}

/* Two tables. */

static bool
is_exclusive(const HmLockTaken *taken)
{
	return taken->mode == AccessExclusiveLock && taken->to_the_end &&
		taken->why == NULL && is_table(taken->relation) &&
		has_others(taken->relation) && !hm_relation_empty(taken->relation);
}

static int
count_held_exclusively(const HmLint *lint)
{
	int			count = 0;
	ListCell   *cell;

	foreach(cell, lint->world->touched)
	{
		HmRelation *relation = lfirst(cell);

		count += relation->held == AccessExclusiveLock &&
			is_table(relation) && has_others(relation) &&
			!hm_relation_empty(relation);
	}
	return count;
}

/* Said of the second table; of the third there is nothing new to say. */
static void
check_two_tables(HmLint *lint, Node *node)
{
	HmRelation *first = held_exclusively(lint, NULL);
	HmCase		found = {0};
	ListCell   *cell;

	if (hm_lint_is_said(lint) || count_held_exclusively(lint) > 1 ||
		!(lint->transactional || lint->inner))
		return;
	foreach(cell, hm_locks_of(lint->world, node))
	{
		const HmLockTaken *taken = lfirst(cell);

		if (!is_exclusive(taken) || taken->relation == first)
			continue;
		if (first && taken->relation->held < AccessExclusiveLock)
		{
			found.relation = taken->relation;
			found.name = NULL;
			found.detail = first->display;
			hm_lint_report(lint, &found);
			return;
		}
		first = taken->relation;
	}
}

/* Rows and structure in one transaction. */

static void
check_backfill(HmLint *lint, Node *node)
{
	const RangeVar *name = written_by(node);
	HmCase		found = {0};

	if (name == NULL || !(lint->transactional || lint->inner))
		return;
	found.relation = hm_world_relation(lint->world, name);
	if (found.relation->held < ShareLock || hm_lint_is_said_of(lint, found.relation))
		return;
	found.detail = psprintf("statement %d locks it",
							found.relation->held_since.statement);
	hm_lint_report(lint, &found);
}

/* An INSERT of VALUES is no backfill. */
static bool
wrote_before(HmLint *lint, const HmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, lint->statements)
	{
		const RangeVar *name = written_by(lfirst(cell));

		if (name && hm_world_relation(lint->world, name) == relation)
			return true;
	}
	return false;
}

/* The other way round: what was written waits for nobody, the DDL does. */
static void
check_backfill_before(HmLint *lint, AlterTableStmt *statement)
{
	HmCase		found = {.relation = lint->relation};
	ListCell   *cell;

	if (lint->relation->held != RowExclusiveLock ||
		!(lint->transactional || lint->inner) ||
		!wrote_before(lint, lint->relation) ||
		hm_lint_is_said_of(lint, lint->relation))
		return;
	foreach(cell, hm_locks_of(lint->world, (Node *) statement))
	{
		const HmLockTaken *taken = lfirst(cell);

		if (taken->relation != lint->relation || taken->mode < ShareLock)
			continue;
		found.detail = psprintf("statement %d writes it",
								lint->relation->held_since.statement);
		hm_lint_report(lint, &found);
	}
}

static void
check_backfill_with_ddl(HmLint *lint, Node *node)
{
	if (IsA(node, AlterTableStmt))
		check_backfill_before(lint, (AlterTableStmt *) node);
	else
		check_backfill(lint, node);
}

/* Several ALTER TABLE. */

/* Some stand alone: for the grammar, or because that is their point. */
static bool
can_be_merged(const AlterTableStmt *statement)
{
	ListCell   *cell;

	if (statement->objtype != OBJECT_TABLE)
		return false;
	foreach(cell, statement->cmds)
	{
		switch (lfirst_node(AlterTableCmd, cell)->subtype)
		{
			case AT_AttachPartition:
			case AT_DetachPartition:
			case AT_DetachPartitionFinalize:
			case AT_ValidateConstraint:
				return false;
			default:
				break;
		}
	}
	return true;
}

/* Foreign keys are proven one by one, whatever they stand in. */
static bool
only_adds_keys(const AlterTableStmt *statement)
{
	ListCell   *cell;

	foreach(cell, statement->cmds)
	{
		AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);

		if (command->subtype != AT_AddConstraint ||
			castNode(Constraint, command->def)->contype != CONSTR_FOREIGN)
			return false;
	}
	return true;
}

/* It reads or writes all rows, as another could do in passing. */
static bool
passes_over_rows(HmLint *lint, AlterTableStmt *statement)
{
	HmRelation *relation;
	HmWork		work = hm_work_of_statement(lint->world, (Node *) statement,
											&relation);

	return (work.kind == HM_WORK_SCAN || work.kind == HM_WORK_REWRITE) &&
		!only_adds_keys(statement);
}

/* Said of the second that passes over the rows. */
static void
check_merge(HmLint *lint, Node *node)
{
	AlterTableStmt *statement = castNode(AlterTableStmt, node);

	if (!lint->transactional || lint->inner || !has_others(lint->relation) ||
		hm_relation_empty(lint->relation) ||
		!can_be_merged(statement) || !passes_over_rows(lint, statement))
		return;
	if (!list_member_ptr(lint->passed, lint->relation))
		lint->passed = lappend(lint->passed, lint->relation);
	else if (!hm_lint_is_said_of(lint, lint->relation))
		hm_lint_report_on(lint, lint->relation, NULL);
}

/* LOCK TABLE. */

static void
check_lock_table(HmLint *lint, Node *node)
{
	LockStmt   *statement = castNode(LockStmt, node);
	ListCell   *cell;

	if (!hm_lock_blocks_writes(statement->mode))
		return;
	foreach(cell, statement->relations)
	{
		HmCase		found = {.type = hm_lock_name(statement->mode)};

		found.relation = hm_world_relation(lint->world,
										   lfirst_node(RangeVar, cell));
		hm_lint_report(lint, &found);
	}
}

static const HmLintRule rules[] = {
	{
		"concurrently-in-transaction", 4, HM_CRITICAL, 0,
		{HM_ON(IndexStmt), HM_ON(DropStmt), HM_ON(ReindexStmt),
		HM_ON_ALTER(AT_DetachPartition)}, check_concurrently,
		"{detail} cannot run inside a transaction, a function or a DO block",
		"put it into a migration of its own, at top level (-- transactional: no)",
		"What is done CONCURRENTLY commits between its phases, so it fails inside of a transaction."
	},
	{
		"work-under-exclusive-lock", 35, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON(AlterTableStmt), HM_ON(IndexStmt), HM_ON(UpdateStmt),
			HM_ON(DeleteStmt), HM_ON(InsertStmt), HM_ON(MergeStmt),
			HM_ON(CopyStmt), HM_ON(CreateTableAsStmt),
			HM_ON(RefreshMatViewStmt), HM_ON(ClusterStmt),
		HM_ON(ReindexStmt)}, check_work_under_lock,
		"slow work while nobody reads or writes {table}: {detail}",
		"put the slow work into a migration before the one that locks {table}, or after it; migrate_deploy() runs each in a transaction of its own",
		"A lock is held until the transaction ends, so all that comes after it makes others wait longer."
	},
	{
		"two-tables-exclusive", 36, HM_MEDIUM,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON(AlterTableStmt), HM_ON(DropStmt), HM_ON(TruncateStmt),
			HM_ON(LockStmt), HM_ON(RenameStmt), HM_ON(AlterObjectSchemaStmt),
			HM_ON(RuleStmt), HM_ON(CreatePolicyStmt), HM_ON(AlterPolicyStmt),
		HM_ON(ClusterStmt), HM_ON(RefreshMatViewStmt)},
		check_two_tables,
		"waits for an exclusive lock on {table} while it holds one on {detail}",
		"one migration for each of {table} and {detail}; migrate_deploy() runs each in a transaction of its own",
		"Whoever uses the two tables in the other order makes a deadlock, and while the second lock is waited for, nobody uses the first."
	},
	{
		"backfill-with-ddl", 37, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON(UpdateStmt), HM_ON(DeleteStmt), HM_ON(InsertStmt),
		HM_ON(MergeStmt), HM_ON(AlterTableStmt)}, check_backfill_with_ddl,
		"rows and structure of {table} are changed in one transaction: {detail}",
		"change the rows of {table} in a migration of their own (-- kind: data), in batches",
		"The lock of the DDL is held for as long as the rows are written."
	},
	{
		"alter-table-merge", 38, HM_LOW, HM_RULE_CATALOG,
		{HM_ON(AlterTableStmt)}, check_merge,
		"all rows of {table} are gone through by more than one ALTER TABLE",
		"ALTER TABLE {table} ..., ...; the actions in one statement",
		"One ALTER TABLE reads or rewrites the table once for all of its actions."
	},
	{
		"explicit-lock-table", 39, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON(LockStmt)}, check_lock_table,
		"{table} is locked in {type} mode until the transaction ends",
		"leave LOCK TABLE {table} out: each statement takes the lock that it needs",
		"An explicit lock is stronger, or held for longer, than what the statements need."
	},
};

HM_LINT_RULE_TABLE(hm_lint_rules_lock, rules);
