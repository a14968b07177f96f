/*
 * src/lint/rules_guarded.c
 *	  Guarded forms: what can run twice.
 */
#include "postgres.h"

#include "lint/lint.h"

const HmLintRuleTable hm_lint_rules_guarded = {NULL, 0};
