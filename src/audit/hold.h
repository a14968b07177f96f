/*
 * src/audit/hold.h
 *	  Legal holds: what they cover is neither purged nor redacted.
 *
 * A hold covers events by object, person, migration or time.  Where a name
 * could be read in more than one way it covers more rather than less: what
 * is in an object, and who took part in whatever role.
 *
 * Whoever removes payload holds HM_HOLD_LOCK on audit_hold to the end of its
 * transaction, so that a hold placed meanwhile waits for it instead of being
 * passed over.
 */
#ifndef HM_AUDIT_HOLD_H
#define HM_AUDIT_HOLD_H

#include "utils/timestamp.h"

#define HM_HOLD_LOCK	ShareRowExclusiveLock

typedef struct HmHold
{
	const char *kind;			/* object | person | period | migration */
	const char *value;			/* NULL for a period */
	TimestampTz since;			/* DT_NOBEGIN: from the beginning */
	TimestampTz until;			/* DT_NOEND: without end */
} HmHold;

/* SQL: the names of what event e touched, as words between spaces. */
#define HM_HOLD_EVENT_OBJECTS \
	"(' ' || pg_catalog.translate(" \
	"pg_catalog.concat_ws(' ', e.object, e.objects), E'\\n', ' ') || ' ')"

/* SQL: whether hold h, which has not ended, covers event e. */
#define HM_HOLD_COVERS \
	"(h.ended_at IS NULL" \
	" AND (h.since IS NULL OR e.occurred_at >= h.since)" \
	" AND (h.until IS NULL OR e.occurred_at < h.until)" \
	" AND CASE h.kind" \
	"     WHEN 'period' THEN true" \
	"     WHEN 'migration' THEN h.value = e.migration" \
	"       OR pg_catalog.right(e.migration, pg_catalog.length(h.value) + 1)" \
	"          = ':' || h.value" \
	"     WHEN 'person' THEN h.value IN (e.actor, e.session_role," \
	"               e.effective_role, e.authn_id, e.author)" \
	"       OR pg_catalog.strpos(e.approvers, h.value) > 0" \
	"     ELSE pg_catalog.strpos(" HM_HOLD_EVENT_OBJECTS ", ' ' || h.value || ' ') > 0" \
	"       OR pg_catalog.strpos(" HM_HOLD_EVENT_OBJECTS ", ' ' || h.value || '.') > 0" \
	"       OR pg_catalog.strpos(" HM_HOLD_EVENT_OBJECTS ", ' ' || h.value || '(') > 0" \
	"     END)"

/* SQL: whether any hold covers event e. */
#define HM_HOLD_ON_EVENT \
	"EXISTS (SELECT FROM hipaa_migrate.audit_hold AS h WHERE " \
	HM_HOLD_COVERS ")"

extern int64 hm_hold_place(const HmHold *hold, const char *reason);
extern void hm_hold_end(int64 hold_id, const char *reason);

/* Takes HM_HOLD_LOCK. */
extern void hm_hold_lock(void);

#endif							/* HM_AUDIT_HOLD_H */
