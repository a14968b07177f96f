/*
 * src/lint/constant_text.h
 *	  The value of an expression that is made of constants.
 */
#ifndef HM_LINT_CONSTANT_TEXT_H
#define HM_LINT_CONSTANT_TEXT_H

#include "lib/stringinfo.h"
#include "nodes/nodes.h"

/*
 * Appends what the raw expression is as text: literals, ||, concat(),
 * format(), quote_ident(), quote_literal() of such, and casts to text.  False
 * where anything else is in it, or it is too long: then what was appended is
 * how the value begins.
 */
extern bool hm_constant_text_append(StringInfo text, Node *expression);

#endif							/* HM_LINT_CONSTANT_TEXT_H */
