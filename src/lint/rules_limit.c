/*
 * src/lint/rules_limit.c
 *	  Limits: how long a migration waits, works, and does nothing.
 */
#include "postgres.h"

#include "base/settings.h"
#include "lint/lint.h"
#include "lint/lock_level.h"
#include "lint/rewrite.h"
#include "nodes/value.h"

/* Others use it, or may. */
static bool
has_others(const HmRelation *relation)
{
	return !hm_made(relation->made) && !relation->temporary &&
		!relation->gone;
}

/* The value that a SET gives: -1 none, or not one that can be told. */
static int
value_set(const VariableSetStmt *statement)
{
	Node	   *value;

	if (statement->kind != VAR_SET_VALUE || list_length(statement->args) != 1)
		return statement->kind == VAR_SET_DEFAULT ||
			statement->kind == VAR_RESET ? 0 : -1;
	value = linitial(statement->args);
	if (!IsA(value, A_Const))
		return -1;
	if (IsA(&((A_Const *) value)->val, Integer))
		return intVal(&((A_Const *) value)->val) > 0;
	if (IsA(&((A_Const *) value)->val, String))
		return strtod(strVal(&((A_Const *) value)->val), NULL) > 0;
	return 1;
}

static bool
sets(Node *node, const char *setting)
{
	return IsA(node, VariableSetStmt) &&
		((VariableSetStmt *) node)->name != NULL &&
		pg_strcasecmp(((VariableSetStmt *) node)->name, setting) == 0;
}

/* What the text has said last; otherwise what the runner sets. */
static bool
has_limit(const HmLint *lint, const char *setting, int by_runner)
{
	for (int i = list_length(lint->sets) - 1; i >= 0; i--)
	{
		Node	   *statement = list_nth(lint->sets, i);

		if (sets(statement, setting))
			return value_set((VariableSetStmt *) statement) != 0;
	}
	return by_runner > 0;
}

/* The first table of others that the statement keeps them waiting for. */
static HmRelation *
blocked_by(HmLint *lint, Node *statement)
{
	ListCell   *cell;

	foreach(cell, hm_locks_of(lint->world, statement))
	{
		const HmLockTaken *taken = lfirst(cell);

		if (hm_lock_blocks_writes(taken->mode) &&
			has_others(taken->relation) &&
			!hm_relation_empty(taken->relation))
			return taken->relation;
	}
	return NULL;
}

static void
check_limit(HmLint *lint, Node *node, const char *setting, int by_runner)
{
	HmCase		found = {0};

	if (has_limit(lint, setting, by_runner) || hm_lint_is_said(lint))
		return;
	if (IsA(node, VariableSetStmt))
	{
		if (!sets(node, setting))
			return;
		found.detail = "the migration itself switches it off";
	}
	else
	{
		found.relation = blocked_by(lint, node);
		if (found.relation == NULL)
			return;
		found.detail = psprintf("%s is locked", found.relation->display);
	}
	hm_lint_report(lint, &found);
}

static void
check_lock_timeout(HmLint *lint, Node *node)
{
	check_limit(lint, node, "lock_timeout", hm_setting_lock_timeout);
}

static void
check_idle_timeout(HmLint *lint, Node *node)
{
	check_limit(lint, node, "idle_in_transaction_session_timeout",
				hm_setting_idle_timeout);
}

/* Without a limit only what takes long does harm. */
static bool
takes_long(HmRelation *relation)
{
	double		rows = relation ? hm_relation_rows(relation) : 0;

	return relation && (!relation->known || rows < 0 ||
						rows >= hm_setting_large_table ||
						hm_relation_busy(relation));
}

static void
check_statement_timeout(HmLint *lint, Node *node)
{
	HmRelation *relation = NULL;
	bool		slow = true;

	if (IsA(node, AlterTableStmt) || IsA(node, ClusterStmt) ||
		IsA(node, RefreshMatViewStmt))
		slow = hm_work_of_statement(lint->world, node, &relation).kind !=
			HM_WORK_NONE;
	if (IsA(node, VariableSetStmt) ||
		(slow && takes_long(blocked_by(lint, node))))
		check_limit(lint, node, "statement_timeout",
					hm_setting_statement_timeout);
}

/* That a command of ALTER TABLE waits for long is decided by the whole. */
#define PLACES_THAT_LOCK \
	HM_ON(AlterTableStmt), HM_ON(IndexStmt), HM_ON(DropStmt), \
	HM_ON(CreateTrigStmt), HM_ON(TruncateStmt), HM_ON(LockStmt), \
	HM_ON(CreateStmt), HM_ON(RenameStmt), HM_ON(RuleStmt), \
	HM_ON(CreatePolicyStmt), HM_ON(ClusterStmt), HM_ON(VariableSetStmt)

static const HmLintRule rules[] = {
	{
		"lock-timeout-missing", 34, HM_HIGH,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{PLACES_THAT_LOCK}, check_lock_timeout,
		"nothing limits how long this migration waits for a lock, and all others behind it",
		"hipaa_migrate.lock_timeout = '5s' in the configuration; SET LOCAL lock_timeout = '5s' in the text",
		"Who waits for a strong lock keeps all who come later waiting, even those who only read."
	},
	{
		"statement-timeout-missing", 34, HM_LOW,
		HM_RULE_CATALOG | HM_RULE_TRAFFIC,
		{HM_ON(AlterTableStmt), HM_ON(IndexStmt), HM_ON(ClusterStmt),
			HM_ON(RefreshMatViewStmt), HM_ON(ReindexStmt),
		HM_ON(VariableSetStmt)}, check_statement_timeout,
		"nothing limits how long this statement keeps others waiting",
		"hipaa_migrate.statement_timeout = '15min' in the configuration; SET LOCAL statement_timeout = '15min' in the text",
		"Work on all rows under a strong lock stops the application for as long as it takes."
	},
	{
		"idle-timeout-missing", 34, HM_LOW, HM_RULE_CATALOG,
		{PLACES_THAT_LOCK}, check_idle_timeout,
		"nothing limits how long the transaction may keep its locks and do nothing",
		"hipaa_migrate.idle_timeout = '1min' in the configuration",
		"A client that stops between two statements keeps all locks of its transaction."
	},
};

HM_LINT_RULE_TABLE(hm_lint_rules_limit, rules);
