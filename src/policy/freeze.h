/*
 * src/policy/freeze.h
 *	  Freezes: times in which nothing runs but under break-glass.
 */
#ifndef HM_POLICY_FREEZE_H
#define HM_POLICY_FREEZE_H

#include "datatype/timestamp.h"
#include "nodes/pg_list.h"
#include "policy/requirement.h"

typedef struct HmFreeze
{
	int64		freeze_id;
	TimestampTz since;
	TimestampTz until;			/* DT_NOEND: until it is ended */
	char	   *reason;
	char	   *created_by;
} HmFreeze;

/*
 * Of HmFreeze *, by their beginnings: all that have not ended, also those to
 * come.  In the current memory context; works on a standby.
 */
extern List *hm_freezes_load(void);

/* Returns its number; reason, since and until are set. */
extern int64 hm_freeze_order(const HmFreeze *freeze);

/*
 * Ends one that holds or is to come, or asks for it where that takes two
 * people: returns the number of the act, or 0.
 */
extern int64 hm_freeze_end(int64 freeze_id, const char *reason);

/* That which holds at the moment and lasts longest; NULL: none does. */
extern HmFreeze *hm_freeze_at(List *freezes, TimestampTz moment);

/* What is missing while it holds: its end. */
extern HmPolicyGap *hm_freeze_gap(const HmFreeze *freeze);

/* In _PG_init(). */
extern void hm_freeze_init(void);

#endif							/* HM_POLICY_FREEZE_H */
