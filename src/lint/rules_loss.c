/*
 * src/lint/rules_loss.c
 *	  What is lost.
 */
#include "postgres.h"

#include "lint/lint.h"

const HmLintRuleTable hm_lint_rules_loss = {NULL, 0};
