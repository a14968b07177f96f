/*
 * src/lint/later.h
 *	  What the rest of the text does, which nobody outside sees before all of
 *	  it is done.
 *
 * Only for a text that runs in one transaction; of others nothing is known.
 */
#ifndef HM_LINT_LATER_H
#define HM_LINT_LATER_H

#include "lint/lint.h"

/*
 * The number of the statement, this one or a later one, that adds a constraint
 * of that name, or of the same kind on the same columns; 0: none does.
 */
extern int	hm_later_constraint(const HmLint *lint, HmRelation *relation,
								const char *name,
								const HmConstraint *constraint);

/*
 * That drops the relation, a column of the constraint, or the table that it
 * leads to; 0: none does.
 */
extern int	hm_later_drop(const HmLint *lint, HmRelation *relation,
						  const HmConstraint *constraint);

/* That makes a table of its name of a query, after its drop; 0: none does. */
extern int	hm_later_table(const HmLint *lint, const HmRelation *relation);

#endif							/* HM_LINT_LATER_H */
