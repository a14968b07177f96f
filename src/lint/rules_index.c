/*
 * src/lint/rules_index.c
 *	  Indexes.
 */
#include "postgres.h"

#include "base/option.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "lint/choice.h"
#include "lint/index_cover.h"
#include "lint/lint.h"
#include "lint/tree.h"
#include "miscadmin.h"
#include "nodes/value.h"
#include "utils/builtins.h"

/* CREATE INDEX. */

#define INDEX_OF_PARTITIONS \
	"CREATE {type} {name} ON ONLY {table} ...; then for each partition CREATE {type} CONCURRENTLY in a migration of its own (-- transactional: no), and ALTER INDEX {name} ATTACH PARTITION ..."

/* Of a partitioned table the server refuses CONCURRENTLY. */
static void
check_create(HmLint *lint, Node *node)
{
	IndexStmt  *statement = castNode(IndexStmt, node);
	HmCase		found = {0};

	/* ON ONLY a partitioned table builds nothing. */
	if (statement->concurrent || !statement->relation->inh)
		return;
	found.relation = hm_world_relation(lint->world, statement->relation);
	found.name = hm_choice_index_name(found.relation, statement);
	found.type = statement->unique ? "UNIQUE INDEX" : "INDEX";
	if (statement->if_not_exists &&
		hm_index_of_name(found.relation, found.name))
		return;
	if (found.relation->kind == RELKIND_PARTITIONED_TABLE)
		found.safe_way = INDEX_OF_PARTITIONS;
	hm_lint_report(lint, &found);
}

/* DROP INDEX. */

static bool
is_of_partitions(HmLint *lint, const RangeVar *name)
{
	return hm_world_relation(lint->world, name)->kind ==
		RELKIND_PARTITIONED_INDEX;
}

static void
check_drop(HmLint *lint, Node *node)
{
	DropStmt   *statement = castNode(DropStmt, node);
	ListCell   *cell;

	if (statement->concurrent)
		return;
	foreach(cell, statement->objects)
	{
		RangeVar   *name = makeRangeVarFromNameList(lfirst(cell));
		HmIndex    *index = hm_world_index(lint->world, name);
		HmCase		found = {.name = name->relname};

		if (index == NULL && statement->missing_ok && lint->world->catalogs)
			continue;
		found.relation = index ? index->table : NULL;
		found.table = index ? NULL : "its table";
		if (is_of_partitions(lint, name))
			found.safe_way = "SET LOCAL lock_timeout and try again: of a partitioned table no index is dropped concurrently";
		hm_lint_report(lint, &found);
	}
}

/* REINDEX. */

static bool
is_concurrent(const ReindexStmt *statement)
{
	return hm_option_is_on(statement->params, "concurrently");
}

static const char *
what_is_rebuilt(const ReindexStmt *statement)
{
	switch (statement->kind)
	{
		case REINDEX_OBJECT_INDEX:
			return "INDEX";
		case REINDEX_OBJECT_TABLE:
			return "TABLE";
		case REINDEX_OBJECT_SCHEMA:
			return "SCHEMA";
		case REINDEX_OBJECT_SYSTEM:
			return "SYSTEM";
		default:
			return "DATABASE";
	}
}

static char *
shown_range(const RangeVar *name)
{
	return quote_qualified_identifier(name->schemaname, name->relname);
}

static void
check_reindex(HmLint *lint, Node *node)
{
	ReindexStmt *statement = castNode(ReindexStmt, node);
	HmIndex    *index;
	HmCase		found = {0};

	if (is_concurrent(statement))
		return;
	found.type = what_is_rebuilt(statement);
	found.detail = statement->relation ? shown_range(statement->relation) :
		statement->name ? quote_identifier(statement->name) : "";
	if (statement->kind == REINDEX_OBJECT_INDEX)
	{
		index = hm_world_index(lint->world, statement->relation);
		found.relation = index ? index->table : NULL;
		found.name = statement->relation->relname;
	}
	else if (statement->kind == REINDEX_OBJECT_TABLE)
		found.relation = hm_world_relation(lint->world, statement->relation);
	else
		found.name = statement->name;
	if (statement->kind == REINDEX_OBJECT_SYSTEM)
		found.safe_way = "system catalogs are not rebuilt concurrently: run it in a maintenance window";
	hm_lint_report(lint, &found);
}

/* Indexes that are not valid. */

static void
check_invalid_skipped(HmLint *lint, Node *node)
{
	IndexStmt  *statement = castNode(IndexStmt, node);
	HmRelation *table = hm_world_relation(lint->world, statement->relation);
	HmIndex    *index;
	HmCase		found = {.relation = table};

	if (!statement->if_not_exists)
		return;
	found.name = hm_choice_index_name(table, statement);
	index = hm_index_of_name(table, found.name);
	if (index && !index->valid)
		hm_lint_report(lint, &found);
}

/*
 * An index that was there before and is so still.  That of a partitioned
 * table is not valid until all partitions have theirs.
 */
static void
check_invalid_left(HmLint *lint, Node *node)
{
	ListCell   *cell;
	ListCell   *inner;

	foreach(cell, lint->world->changed)
	{
		HmRelation *relation = lfirst(cell);

		if (relation->gone || relation->temporary ||
			relation->kind == RELKIND_PARTITIONED_TABLE)
			continue;
		foreach(inner, hm_relation_indexes(relation))
		{
			HmIndex    *index = lfirst(inner);
			HmCase		found = {.relation = relation,.name = index->name};

			if (!index->valid)
				hm_lint_report(lint, &found);
		}
	}
}

/* Indexes that do what others do. */

static bool
is_new(const HmLint *lint, const HmIndex *index)
{
	return index->made.migration == lint->world->now.migration;
}

/* Of two that are alike, the one that may go: the new one, or the loose one. */
static bool
goes_first(const HmLint *lint, const HmIndex *index, const HmIndex *other)
{
	bool		bound = hm_index_constraint(index) != NULL;
	bool		other_bound = hm_index_constraint(other) != NULL;

	if (bound != other_bound)
		return other_bound;
	if (is_new(lint, index) != is_new(lint, other))
		return is_new(lint, index);
	return index->made.statement > other->made.statement ||
		(index->made.statement == other->made.statement &&
		 strcmp(index->name, other->name) > 0);
}

/* What the other can do instead, by this migration's doing; or NULL. */
static HmIndex *
covered_by(const HmLint *lint, HmRelation *relation, HmIndex *index)
{
	ListCell   *cell;

	foreach(cell, hm_relation_indexes(relation))
	{
		HmIndex    *other = lfirst(cell);

		CHECK_FOR_INTERRUPTS();
		if (other != index && other->name &&
			(is_new(lint, index) || is_new(lint, other)) &&
			hm_index_covers(other, index) &&
			(!hm_index_covers(index, other) || goes_first(lint, index, other)))
			return other;
	}
	return NULL;
}

static void
check_redundant_of(HmLint *lint, HmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, hm_relation_indexes(relation))
	{
		HmIndex    *index = lfirst(cell);
		HmIndex    *other;
		HmCase		found = {.relation = relation,.name = index->name};

		if (index->primary || index->name == NULL)
			continue;
		other = covered_by(lint, relation, index);
		if (other == NULL)
			continue;
		found.made = is_new(lint, index) ? &index->made : &other->made;
		found.detail = quote_identifier(other->name);
		if (hm_index_constraint(index))
			found.safe_way = "ALTER TABLE {table} DROP CONSTRAINT {name}, or do not add it";
		hm_lint_report(lint, &found);
	}
}

static void
check_redundant(HmLint *lint, Node *node)
{
	ListCell   *cell;

	foreach(cell, lint->world->changed)
	{
		HmRelation *relation = lfirst(cell);

		if (!relation->gone && !relation->temporary)
			check_redundant_of(lint, relation);
	}
}

static const HmLintRule rules[] = {
	{
		"index-not-concurrent", 1, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON(IndexStmt)}, check_create,
		"index {name} is built while writes to {table} wait",
		"CREATE {type} CONCURRENTLY {name} ON {table} ...; in a migration of its own (-- transactional: no)",
		"CREATE INDEX holds a SHARE lock until the transaction ends: nobody writes to the table while it is built."
	},
	{
		"index-drop-not-concurrent", 2, HM_MEDIUM,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON_DROP(OBJECT_INDEX)}, check_drop,
		"index {name} is dropped while nobody reads or writes {table}",
		"DROP INDEX CONCURRENTLY {name}; in a migration of its own (-- transactional: no)",
		"DROP INDEX waits for all who use the table, and all who come later wait behind it."
	},
	{
		"reindex-not-concurrent", 3, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON(ReindexStmt)}, check_reindex,
		"what REINDEX {type} {detail} rebuilds is locked against writes, and mostly against reads",
		"REINDEX {type} CONCURRENTLY {detail}; in a migration of its own (-- transactional: no)",
		"REINDEX locks tables against writes and each index against all use while it is rebuilt; planning a query takes locks on all indexes of its tables."
	},
	{
		"index-invalid-skipped", 5, HM_HIGH,
		HM_RULE_CATALOG,
		{HM_ON(IndexStmt)}, check_invalid_skipped,
		"index {name} on {table} is there but not valid, and IF NOT EXISTS keeps it so",
		"DROP INDEX CONCURRENTLY {name}; then create it again, or REINDEX INDEX CONCURRENTLY {name}",
		"CREATE INDEX CONCURRENTLY leaves an invalid index when it fails, which is kept up but never used; IF NOT EXISTS looks at the name only."
	},
	{
		"index-invalid-left", 5, HM_HIGH,
		HM_RULE_CATALOG,
		{HM_ON_END}, check_invalid_left,
		"index {name} on {table} is not valid: its build failed, or is still running",
		"DROP INDEX CONCURRENTLY {name}; then create it again, or REINDEX INDEX CONCURRENTLY {name}",
		"An invalid index costs every write and serves no query, and a unique one may refuse rows."
	},
	{
		"index-redundant", 85, HM_LOW,
		HM_RULE_CATALOG,
		{HM_ON_END}, check_redundant,
		"index {name} on {table} does nothing that {detail} does not do",
		"do without {name}: DROP INDEX CONCURRENTLY {name}",
		"An index whose columns are the same as, or the first of, another's costs every write and gives queries nothing."
	},
};

HM_LINT_RULE_TABLE(hm_lint_rules_index, rules);
