/*
 * src/lint/rules_phi.c
 *	  Health information.
 */
#include "postgres.h"

#include "lint/lint.h"

const HmLintRuleTable hm_lint_rules_phi = {NULL, 0};
