/*
 * src/lint/triggers.h
 *	  The triggers of a table, as the catalogs have them.
 */
#ifndef HM_LINT_TRIGGERS_H
#define HM_LINT_TRIGGERS_H

#include "lint/world.h"

/*
 * Of char *, quoted: those that somebody made and that fire; sorted.  Not
 * those behind foreign keys.
 */
extern List *hm_triggers_of(HmRelation *relation);

#endif							/* HM_LINT_TRIGGERS_H */
