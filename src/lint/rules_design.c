/*
 * src/lint/rules_design.c
 *	  Design of tables.
 */
#include "postgres.h"

#include "lint/lint.h"

const HmLintRuleTable hm_lint_rules_design = {NULL, 0};
