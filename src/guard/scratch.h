/*
 * src/guard/scratch.h
 *	  A schema in which what a command asks for is made, to be looked at.
 *
 * To be used inside a subtransaction that is rolled back.  No hook of others
 * and no event trigger sees what is done here, and rows are not touched:
 * tables are copied without them.
 */
#ifndef HM_GUARD_SCRATCH_H
#define HM_GUARD_SCRATCH_H

#include "guard/asked.h"

typedef struct HmScratch
{
	char		schema[NAMEDATALEN];
	const char *query;			/* that the command was parsed from */
} HmScratch;

/* Makes the schema, owned by the current user. */
extern void hm_scratch_begin(HmScratch *scratch, const char *query);

/*
 * Makes what the command (of ALTER TABLE: the action) asks for, and says what
 * that is; state HM_ASKED_ABSENT when this kind cannot be made.  existing is
 * what bears the name outside.
 */
extern HmAsked hm_scratch_make(HmScratch *scratch, Node *tree, int part,
							   const HmAsked *existing);

#endif							/* HM_GUARD_SCRATCH_H */
