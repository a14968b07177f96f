/*
 * src/lint/parse.h
 *	  The server's grammar, without its errors.
 */
#ifndef HM_LINT_PARSE_H
#define HM_LINT_PARSE_H

#include "parser/parser.h"

/*
 * False where raw_parser() raises what is about the text.  No subtransaction
 * is needed: the grammar takes nothing but memory, of the current context.
 */
extern bool hm_lint_parse(const char *text, RawParseMode mode, List **parsed);

#endif							/* HM_LINT_PARSE_H */
