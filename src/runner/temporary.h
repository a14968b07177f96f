/*
 * src/runner/temporary.h
 *	  Keeps temporary relations of the session and of migrations apart.
 *
 * A migration's text must mean the same in every session, so the temporary
 * tables, views, sequences and indexes that were there before it bear other
 * names while it runs: what they were called stands for the permanent
 * objects again, or for nothing, also in DO blocks and functions.  What a
 * migration makes in the temporary schema is gone when it ends.
 *
 * All changes are part of the transaction: after an error it takes them
 * back.  A session without temporary objects pays nothing.
 */
#ifndef HM_RUNNER_TEMPORARY_H
#define HM_RUNNER_TEMPORARY_H

#include "nodes/pg_list.h"

typedef struct HmTemporary
{
	Oid			schema;			/* InvalidOid: the session has none yet */
	List	   *relations;		/* hidden: OIDs, */
	List	   *names;			/* and what they are called */
	List	   *objects;		/* everything: FormData_pg_depend * */
} HmTemporary;

/* In the current memory context. */
extern HmTemporary *hm_temporary_hide(void);

/* Drops what has come since, and gives the hidden their names back. */
extern void hm_temporary_show(const HmTemporary *temporary);

#endif							/* HM_RUNNER_TEMPORARY_H */
