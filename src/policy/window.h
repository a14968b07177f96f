/*
 * src/policy/window.h
 *	  Windows: when something may run.
 *
 * A window recurs by weekdays and times of day in a time zone of its own, or
 * is one span of time.  Whose session asks, and in which time zone, makes no
 * difference.  One that ends before it begins ends the next day.  Where the
 * clocks change: an hour that comes twice is meant the first time, a time
 * that does not come is the moment of the change; so a window opens once and
 * closes once.  Its end does not belong to it.
 *
 * A JSON array: [{"days": "mon-fri", "from": "18:00", "until": "06:00",
 * "zone": "America/New_York"}, {"since": "2027-01-09 22:00+01", "until":
 * "2027-01-10 04:00+01"}].  "days" is a list such as "mon-thu,sat", "daily"
 * if it is absent.  "always" instead of the array: at any time.
 */
#ifndef HM_POLICY_WINDOW_H
#define HM_POLICY_WINDOW_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "utils/jsonb.h"

/* windows: as the policy has them.  Half-open: [begins, ends). */
typedef struct HmWindowSpan
{
	TimestampTz begins;
	TimestampTz ends;
} HmWindowSpan;

/*
 * Those that overlap or touch are one.  Spans without an edge, and those with
 * none in the 400 days around, begin at DT_NOBEGIN and end at DT_NOEND.
 *
 * Windows that are not understood are never open; hm_requirement_windows does
 * not let them into the policy.
 */

/* Whether one is open; *span, if not NULL, is it. */
extern bool hm_window_open(Jsonb *windows, TimestampTz now,
						   HmWindowSpan *span);

/*
 * The same under freezes (of HmFreeze *, by their beginnings): *span is the
 * part that they leave.
 */
extern bool hm_window_usable(Jsonb *windows, List *freezes, TimestampTz now,
							 HmWindowSpan *span);

/*
 * The first that opens after now, in the next 400 days, cut to the first part
 * of it that freezes leave; false: none.
 */
extern bool hm_window_next(Jsonb *windows, List *freezes, TimestampTz now,
						   HmWindowSpan *span);

/* "2027-01-09 22:00:00+01": whole seconds, in the caller's time zone. */
extern char *hm_window_moment(TimestampTz moment);

#endif							/* HM_POLICY_WINDOW_H */
