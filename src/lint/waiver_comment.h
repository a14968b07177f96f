/*
 * src/lint/waiver_comment.h
 *	  Waivers in the text itself:
 *
 *		-- waive: index-not-concurrent the table is small and stays so
 *
 * In the lines directly before a statement, in it, or behind it in the line
 * where it ends, such a comment is about that statement; anywhere else, that
 * is with a blank line between it and what follows, about the whole text.
 */
#ifndef HM_LINT_WAIVER_COMMENT_H
#define HM_LINT_WAIVER_COMMENT_H

#include "lint/lint.h"

#define HM_WAIVED_IN_FILE	"file"

/*
 * Marks the findings of this text that it waives itself, and reports waivers
 * that waive nothing.
 */
extern void hm_waiver_comments_apply(HmLint *lint);

/* A finding about a waiver that waives nothing. */
extern HmFinding *hm_waiver_unused(const HmScript *script, int line,
								   const char *rule, const char *why);

#endif							/* HM_LINT_WAIVER_COMMENT_H */
