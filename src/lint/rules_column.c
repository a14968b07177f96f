/*
 * src/lint/rules_column.c
 *	  Columns.
 */
#include "postgres.h"

#include "lint/lint.h"

const HmLintRuleTable hm_lint_rules_column = {NULL, 0};
