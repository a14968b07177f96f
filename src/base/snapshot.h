/*
 * src/base/snapshot.h
 *	  A snapshot for whoever writes a table that may have TOAST values.
 *
 * Statements have one; a procedure between its commits and a process of ours
 * may not.
 */
#ifndef HM_BASE_SNAPSHOT_H
#define HM_BASE_SNAPSHOT_H

#include "utils/snapmgr.h"

/* Makes one active if none is; returns what hm_snapshot_drop() takes. */
static inline bool
hm_snapshot_ensure(void)
{
	if (ActiveSnapshotSet())
		return false;
	PushActiveSnapshot(GetTransactionSnapshot());
	return true;
}

static inline void
hm_snapshot_drop(bool pushed)
{
	if (pushed)
		PopActiveSnapshot();
}

#endif							/* HM_BASE_SNAPSHOT_H */
