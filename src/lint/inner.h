/*
 * src/lint/inner.h
 *	  Statements inside of statements: DO blocks, and functions that the plan
 *	  makes and calls.
 */
#ifndef HM_LINT_INNER_H
#define HM_LINT_INNER_H

#include "lint/lint.h"

/* lint.c: judges one statement and applies it; lint says where it stands. */
extern void hm_lint_statement(HmLint *lint, Node *statement);

/* Judges what the statement executes besides itself. */
extern void hm_lint_look_inside(HmLint *lint, Node *statement);

#endif							/* HM_LINT_INNER_H */
