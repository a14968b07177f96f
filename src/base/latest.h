/*
 * src/base/latest.h
 *	  What is in our tables now, whatever snapshot the caller has.
 */
#ifndef HM_BASE_LATEST_H
#define HM_BASE_LATEST_H

#include "base/query.h"

/*
 * As hm_query_run(), read-only, for rules: a transaction that holds an old
 * snapshot (REPEATABLE READ) must not go on by the rules of then.  Works on a
 * standby.
 */
extern uint64 hm_query_run_latest(HmStatement *statement, Datum *values,
								  const char *nulls);

#endif							/* HM_BASE_LATEST_H */
