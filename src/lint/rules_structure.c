/*
 * src/lint/rules_structure.c
 *	  How a migration is written.
 */
#include "postgres.h"

#include "lint/lint.h"

static const HmLintRule rules[] = {
	{
		"waiver-unused", 73, HM_LOW, HM_RULE_DOWN,
		{HM_ON_END}, NULL,		/* waiver_comment.c and the plan report it */
		"waiver of {table} waives nothing",
		"take the waiver out: a comment by editing the file, one that was given by migrate_waive_end()",
		"A waiver that nobody needs hides what comes later."
	},
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
