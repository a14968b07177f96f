/*
 * src/base/interval.h
 *	  Intervals of the calendar: how long is long enough.
 *
 * PostgreSQL compares intervals as if a month had 30 days, so that '2555
 * days' >= '7 years' is true although two days may be missing.  Here one
 * interval covers another only if it does so counted back from any day.
 */
#ifndef HM_BASE_INTERVAL_H
#define HM_BASE_INTERVAL_H

#include "utils/timestamp.h"

/* The interval that a text means; false when it means none, or > 1000 years. */
extern bool hm_interval_parse(const char *text, Interval *interval);

/*
 * Whether what is older than a is never younger than what b asks for.  Two
 * intervals may each fail to cover the other.
 */
extern bool hm_interval_covers(const Interval *a, const Interval *b);

/* The moment that lies so far back, in the calendar of UTC. */
extern TimestampTz hm_interval_before(TimestampTz moment,
									  const Interval *interval);

#endif							/* HM_BASE_INTERVAL_H */
