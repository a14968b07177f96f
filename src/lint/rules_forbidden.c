/*
 * src/lint/rules_forbidden.c
 *	  What no migration may do, whoever has approved it.
 *
 * The plan does not run what these find (plan/forbidden_step.h), and what a
 * text computes meets the same when it runs (guard/frame.c).
 */
#include "postgres.h"

#include "lint/forbidden.h"
#include "lint/lint.h"

static void
check(HmLint *lint, Node *node, HmForbidden which)
{
	char	   *name;
	HmCase		found = {0};

	if (hm_forbidden_in(node, lint->suspicion, &name) != which)
		return;
	found.name = name;
	hm_lint_report(lint, &found);
}

static void
check_extension(HmLint *lint, Node *node)
{
	if (lint->suspicion)
		check(lint, node, HM_FORBIDDEN_EXTENSION);
}

static void
check_trigger(HmLint *lint, Node *node)
{
	check(lint, node, HM_FORBIDDEN_EVENT_TRIGGER);
}

static void
check_setting(HmLint *lint, Node *node)
{
	check(lint, node, HM_FORBIDDEN_SETTING);
}

#define BY_HAND \
	"take it out of the migration and do it by hand, under your own name; where the guard is armed, after SELECT * FROM migrate_break_glass('reason', ticket => 'ticket')"

static const HmLintRule rules[] = {
	{
		"own-extension", 95, HM_CRITICAL,
		HM_RULE_DOWN | HM_RULE_FORBIDDEN,
		{HM_ON_STATEMENT}, check_extension,
		"extension {name}, or what is in its schema, is changed",
		BY_HAND,
		"A migration that changes what judges and records migrations would be beyond both."
	},
	{
		"event-trigger", 95, HM_CRITICAL,
		HM_RULE_DOWN | HM_RULE_FORBIDDEN,
		{HM_ON(CreateEventTrigStmt), HM_ON(AlterEventTrigStmt),
			HM_ON_DROP(OBJECT_EVENT_TRIGGER),
		HM_ON_RENAME(OBJECT_EVENT_TRIGGER), HM_ON(AlterOwnerStmt)},
		check_trigger,
		"event trigger {name} is made, changed or dropped",
		BY_HAND,
		"Event triggers watch over every command, those that follow in this migration included."
	},
	{
		"guarded-setting", 95, HM_CRITICAL,
		HM_RULE_DOWN | HM_RULE_FORBIDDEN,
		{HM_ON(VariableSetStmt), HM_ON(AlterSystemStmt),
			HM_ON(AlterRoleSetStmt), HM_ON(AlterDatabaseSetStmt),
			HM_ON(CreateFunctionStmt), HM_ON(AlterFunctionStmt),
			HM_ON(GrantStmt), HM_ON(SelectStmt), HM_ON(InsertStmt),
		HM_ON(UpdateStmt), HM_ON(DeleteStmt), HM_ON(MergeStmt)},
		check_setting,
		"guarded setting {name} is changed",
		BY_HAND,
		"Such a setting switches off triggers, foreign keys or the guard, or names code to load: hipaa_migrate.guarded_setting lists them."
	},
};

HM_LINT_RULE_TABLE(hm_lint_rules_forbidden, rules);
