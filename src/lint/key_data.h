/*
 * src/lint/key_data.h
 *	  Whether the rows that are there would break a new key.
 */
#ifndef HM_LINT_KEY_DATA_H
#define HM_LINT_KEY_DATA_H

#include "lint/lint.h"

/*
 * Why, as a text, or NULL when nothing says so.  The table is not read: it is
 * judged by what ANALYZE has seen, unless the text itself changes rows first.
 */
extern char *hm_key_broken_by(const HmLint *lint, HmRelation *relation,
							  List *columns, bool primary);

#endif							/* HM_LINT_KEY_DATA_H */
