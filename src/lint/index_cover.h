/*
 * src/lint/index_cover.h
 *	  Which indexes can do what others are there for.
 */
#ifndef HM_LINT_INDEX_COVER_H
#define HM_LINT_INDEX_COVER_H

#include "lint/world.h"

/*
 * All that the other is asked for, the keeper can answer, and what it
 * guarantees, the keeper guarantees.  False where that is not certain.
 */
extern bool hm_index_covers(const HmIndex *keeper, const HmIndex *other);

/* What CREATE INDEX of that name on the table would find there, or NULL. */
extern HmIndex *hm_index_of_name(HmRelation *table, const char *name);

/* It belongs to a constraint: then that constraint, else NULL. */
extern HmConstraint *hm_index_constraint(const HmIndex *index);

/* Valid, unique for all rows, by plain columns: fit for USING INDEX. */
extern bool hm_index_is_key(const HmIndex *index);

/* Rows are found by equality of all these columns. */
extern bool hm_index_finds(const HmIndex *index, List *columns);

/* It is of any use where that column is asked for. */
extern bool hm_index_mentions(const HmIndex *index, const char *column);

#endif							/* HM_LINT_INDEX_COVER_H */
