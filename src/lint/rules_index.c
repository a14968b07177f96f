/*
 * src/lint/rules_index.c
 *	  Indexes.
 */
#include "postgres.h"

#include "catalog/namespace.h"
#include "lint/lint.h"

/* Of a partitioned table the server refuses CONCURRENTLY. */
static void
check_create(HmLint *lint, Node *node)
{
	IndexStmt  *statement = castNode(IndexStmt, node);
	HmCase		found = {0};

	if (statement->concurrent)
		return;
	found.relation = hm_world_relation(lint->world, statement->relation);
	found.name = statement->idxname;
	hm_lint_report(lint, &found);
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

		if (index && hm_made(index->made))
			continue;
		found.relation = index ? index->table : NULL;
		hm_lint_report(lint, &found);
	}
}

static const HmLintRule rules[] = {
	{
		"index-not-concurrent", 1, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON(IndexStmt)}, check_create,
		"index {name} is built while writes to {table} wait",
		"CREATE INDEX CONCURRENTLY {name} ON {table} ...; in a migration of its own (-- transactional: no); of a partitioned table: ON ONLY, then one for each partition, then ALTER INDEX ... ATTACH PARTITION",
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
};

HM_LINT_RULE_TABLE(hm_lint_rules_index, rules);
