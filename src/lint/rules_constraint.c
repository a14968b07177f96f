/*
 * src/lint/rules_constraint.c
 *	  Constraints.
 */
#include "postgres.h"

#include "lint/lint.h"

const HmLintRuleTable hm_lint_rules_constraint = {NULL, 0};
