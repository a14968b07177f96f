/*
 * src/base/latest.c
 *	  What is in our tables now, whatever snapshot the caller has.
 */
#include "postgres.h"

#include "access/xact.h"
#include "base/latest.h"
#include "utils/snapmgr.h"

/* A parallel operation has one snapshot, and none of ours decides there. */
uint64
hm_query_run_latest(HmStatement *statement, Datum *values, const char *nulls)
{
	uint64		processed;

	if (IsInParallelMode())
		return hm_query_run(statement, values, nulls, true);
	PushActiveSnapshot(GetLatestSnapshot());
	processed = hm_query_run(statement, values, nulls, true);
	PopActiveSnapshot();
	return processed;
}
