/*
 * src/lint/rules_security.c
 *	  Privileges and code.
 */
#include "postgres.h"

#include "lint/lint.h"

const HmLintRuleTable hm_lint_rules_security = {NULL, 0};
