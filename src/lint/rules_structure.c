/*
 * src/lint/rules_structure.c
 *	  How a migration is written.
 */
#include "postgres.h"

#include "lint/lint.h"

static const HmLintRule rules[] = {
	{
		"dynamic-sql-opaque", 74, HM_MEDIUM,
		HM_RULE_DOWN,
		{HM_ON(DoStmt)}, NULL,	/* inner.c reports it */
		"what is executed here cannot be told before it runs",
		"write the statement out, or EXECUTE a constant; what runs is checked again then",
		"The text of EXECUTE is computed, so nobody who approves the migration can read it."
	},
};

HM_LINT_RULE_TABLE(hm_lint_rules_structure, rules);
