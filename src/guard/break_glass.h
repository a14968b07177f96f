/*
 * src/guard/break_glass.h
 *	  Break-glass: in an emergency somebody opens the guard, for one session.
 *
 * What is open is C state of this backend, for its authenticated user: no
 * setting, no row and no worker of it carries it.  It is put on record before
 * it is open and ends
 *
 *	- when it is ended, or the session runs DISCARD ALL,
 *	- when it expires,
 *	- when the transaction, or subtransaction, that opened it rolls back,
 *	- with the session.
 *
 * An exercise (drill) has the same life, and opens nothing.
 *
 * Table break_glass has a row for each, which the recorder writes together
 * with the events of its opening and end.  So it is there before anything is
 * open, and stays when the transaction rolls back or the server crashes: what
 * was done meanwhile outside of the transaction is reviewed all the same.
 */
#ifndef HM_GUARD_BREAK_GLASS_H
#define HM_GUARD_BREAK_GLASS_H

#include "utils/timestamp.h"

typedef struct HmBreakGlass
{
	int64		id;
	Oid			role;
	const char *opened_by;
	const char *authn_id;		/* or NULL */
	TimestampTz opened_at;
	TimestampTz expires_at;
	TimestampTz review_due;
	const char *severity;		/* P0 to P3 */
	const char *ticket;			/* or NULL */
	const char *reason;
	bool		drill;

	/* Once it has ended. */
	TimestampTz ended_at;		/* 0: it has not */
	const char *ended_how;
	const char *end_reason;		/* or NULL */
} HmBreakGlass;

/*
 * The number of what is open for this session; 0: nothing.  Cheap.  Looks at
 * catalogs if something is open, so it needs a transaction that has not
 * failed then.
 */
extern int64 hm_break_glass_current(void);

/* The same, with its facts, or NULL; valid until it ends. */
extern const HmBreakGlass *hm_break_glass_find(void);

/* After DISCARD ALL. */
extern void hm_break_glass_discard(void);

/*
 * Opens it for the session, which holds capability breaker; the caller fills
 * in severity, ticket, reason, drill and expires_at.  Raises if something is
 * open already, a drill included, or break_glass_rules.h is against it.
 */
extern const HmBreakGlass *hm_break_glass_open(const HmBreakGlass *request);

/* Raises unless this session opened it; id 0: whichever it has open. */
extern void hm_break_glass_end(int64 id, const char *reason);

/* Puts the finding of another person's review on record. */
extern void hm_break_glass_close(int64 id, const char *finding);

/*
 * SQL: whether row b may still be open in its session.  On a standby the
 * sessions of the primary are not known.
 */
#define HM_BREAK_GLASS_OPEN \
	"(b.ended_at IS NULL" \
	" AND b.expires_at > pg_catalog.clock_timestamp()" \
	" AND (pg_catalog.pg_is_in_recovery()" \
	"      OR EXISTS (SELECT FROM pg_catalog.pg_stat_get_activity(b.pid) AS a" \
	"                  WHERE a.backend_start IS NULL" \
	"                     OR a.backend_start <= b.opened_at)))"

extern void hm_break_glass_init(void);

#endif							/* HM_GUARD_BREAK_GLASS_H */
