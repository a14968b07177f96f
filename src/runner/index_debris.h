/*
 * src/runner/index_debris.h
 *	  Invalid indexes that a concurrent build left behind when it failed.
 *
 * For a worker at top level, outside a transaction.
 */
#ifndef HM_RUNNER_INDEX_DEBRIS_H
#define HM_RUNNER_INDEX_DEBRIS_H

#include "audit/scope.h"
#include "nodes/nodes.h"
#include "nodes/pg_list.h"

typedef struct HmIndexDebris
{
	Oid			table;			/* InvalidOid: no build, nothing to do */
	List	   *known;			/* OIDs of indexes invalid before the build */
	Oid			role;			/* of the migration */
	const HmScope *scope;		/* of the migration, which a failure leaves */
} HmIndexDebris;

/*
 * Before a statement that the role executes: notes which indexes of its table
 * are invalid already.  One that has the name the statement is about to create
 * is left from an earlier attempt and is dropped, for CREATE INDEX IF NOT
 * EXISTS would take it for done.
 */
extern HmIndexDebris *hm_index_debris_before(Node *statement, Oid role);

/*
 * After it failed: drops the indexes that have become invalid since, as a
 * part of the migration, or says that the next run does.
 */
extern void hm_index_debris_drop(HmIndexDebris *debris);

#endif							/* HM_RUNNER_INDEX_DEBRIS_H */
