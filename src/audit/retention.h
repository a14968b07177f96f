/*
 * src/audit/retention.h
 *	  How long the record is kept, and by which clock.
 *
 * What holds is the greatest of seven years, what was ever in effect in this
 * database, and the setting; it only rises.  Age is counted by the anchored
 * clock, which the sealer moves: setting the server's clock forward makes
 * nothing older until two people have confirmed the step.
 */
#ifndef HM_AUDIT_RETENTION_H
#define HM_AUDIT_RETENTION_H

#include "utils/timestamp.h"

typedef struct HmRetention
{
	Interval	interval;		/* what holds */
	const char *text;			/* the same, as it was written */
	const char *kept;			/* what the state says holds */
	const char *seen;			/* the setting that was put on record, or NULL */
	bool		setting_ignored;	/* for it falls short of what holds */
	TimestampTz anchored_at;	/* the clock that counts */
	TimestampTz clock_pending;	/* a step to confirm, or 0 */
	TimestampTz cutoff;			/* what is older may go */
	bool		clone;			/* perhaps a copy, not confirmed */
} HmRetention;

/*
 * In the current memory context.  Raises when the record has no state.  With
 * from_record also what it says of times before a restore is looked for, all
 * through the record: for who is about to rely on it.
 */
extern HmRetention *hm_retention_load(bool from_record);

/* The same without looking through the record; NULL: there is no state. */
extern HmRetention *hm_retention_find(void);

/*
 * Has a setting that is raised and lowered again before a sealer has seen it
 * remembered until then.  Called in the launcher when settings were read.
 */
extern void hm_retention_note_setting(void);

/*
 * Puts on record that the setting was changed, or that what it says now is
 * ignored, and keeps what was raised.  Called in the sealer process with no
 * transaction open; cheap when nothing has changed.
 */
extern void hm_retention_visit(void);

/*
 * Raises, and records the refusal, unless everything before the moment may
 * be purged by the clock as it is anchored now.
 */
extern void hm_retention_require_past(int64 act_id,
									  const HmRetention *retention,
									  TimestampTz before);

/* Registers act "clock". */
extern void hm_retention_init(void);

extern int64 hm_retention_request_clock(const char *reason);

#endif							/* HM_AUDIT_RETENTION_H */
