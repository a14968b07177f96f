/*
 * src/lint/rules_change.c
 *	  What others have to follow: names, types, definitions.
 */
#include "postgres.h"

#include "lint/lint.h"

const HmLintRuleTable hm_lint_rules_change = {NULL, 0};
