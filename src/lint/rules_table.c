/*
 * src/lint/rules_table.c
 *	  Tables, partitions, triggers, domains.
 */
#include "postgres.h"

#include "lint/lint.h"

const HmLintRuleTable hm_lint_rules_table = {NULL, 0};
