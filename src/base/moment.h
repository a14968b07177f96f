/*
 * src/base/moment.h
 *	  Moments as people read them.
 */
#ifndef HM_BASE_MOMENT_H
#define HM_BASE_MOMENT_H

#include "utils/timestamp.h"

/* The second that it is in; what is not finite stays. */
static inline TimestampTz
hm_moment_whole_seconds(TimestampTz moment)
{
	TimestampTz rest = moment % USECS_PER_SEC;

	if (TIMESTAMP_NOT_FINITE(moment))
		return moment;
	return moment - (rest < 0 ? rest + USECS_PER_SEC : rest);
}

#endif							/* HM_BASE_MOMENT_H */
