/*
 * src/lint/rules_lock.c
 *	  Locks and transactions.
 */
#include "postgres.h"

#include "lint/lint.h"

const HmLintRuleTable hm_lint_rules_lock = {NULL, 0};
