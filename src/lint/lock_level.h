/*
 * src/lint/lock_level.h
 *	  The lock that each statement takes on each relation.
 *
 * Told are the locks on tables, views, materialized views, sequences and
 * foreign tables, and on an index that the statement names: those that the
 * command takes whatever the rows are.  Not told are the indexes behind a
 * table, TOAST tables, system catalogs, what the statement itself makes, and
 * what triggers and foreign keys do row by row.
 */
#ifndef HM_LINT_LOCK_LEVEL_H
#define HM_LINT_LOCK_LEVEL_H

#include "lint/world.h"

typedef struct HmLockTaken
{
	HmRelation *relation;
	LOCKMODE	mode;
	bool		to_the_end;		/* of the transaction; false: let go between
								 * phases, as CONCURRENTLY does */
	const char *why;			/* NULL: the statement names it */
} HmLockTaken;

/* Of HmLockTaken *, each relation once with its strongest. */
extern List *hm_locks_of(HmWorld *world, Node *statement);

/* The transaction has them from now on: HmRelation.held. */
extern void hm_locks_take(HmWorld *world, List *locks);

/* "ACCESS EXCLUSIVE"; what waits behind it: reads, writes or neither. */
extern const char *hm_lock_name(LOCKMODE mode);
extern bool hm_lock_blocks_reads(LOCKMODE mode);
extern bool hm_lock_blocks_writes(LOCKMODE mode);

#endif							/* HM_LINT_LOCK_LEVEL_H */
