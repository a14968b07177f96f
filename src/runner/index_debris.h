/*
 * src/runner/index_debris.h
 *	  Invalid indexes that a concurrent build left behind when it failed.
 *
 * For a worker at top level, outside a transaction.
 */
#ifndef HM_RUNNER_INDEX_DEBRIS_H
#define HM_RUNNER_INDEX_DEBRIS_H

#include "nodes/nodes.h"
#include "nodes/pg_list.h"

typedef struct HmIndexDebris
{
	Oid			table;			/* InvalidOid: no build, nothing to do */
	List	   *known;			/* OIDs of indexes invalid before the build */
} HmIndexDebris;

/*
 * Before a statement: notes which indexes of its table are invalid already.
 * One that has the name the statement is about to create is left from an
 * earlier attempt and is dropped, for CREATE INDEX IF NOT EXISTS would take
 * it for done.
 */
extern HmIndexDebris *hm_index_debris_before(Node *statement);

/* After it failed: drops the indexes that have become invalid since. */
extern void hm_index_debris_drop(HmIndexDebris *debris);

#endif							/* HM_RUNNER_INDEX_DEBRIS_H */
