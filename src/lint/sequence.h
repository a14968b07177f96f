/*
 * src/lint/sequence.h
 *	  How far the sequence of a column has got.
 */
#ifndef HM_LINT_SEQUENCE_H
#define HM_LINT_SEQUENCE_H

#include "lint/world.h"

/*
 * The last value of the sequence that the column owns; -1 when there is none,
 * when it was not used yet, may not be read, or is locked.
 */
extern int64 hm_sequence_last(HmRelation *relation, const HmColumn *column);

#endif							/* HM_LINT_SEQUENCE_H */
