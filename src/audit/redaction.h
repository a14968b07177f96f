/*
 * src/audit/redaction.h
 *	  Removal of the payload of one event, by two people.
 *
 * For what should never have been recorded, such as a patient's data in a
 * text.  The leaf stays, so every proof that does not show the event itself
 * still holds.  Events of the record's own life are not redacted: they say
 * why others are missing.
 */
#ifndef HM_AUDIT_REDACTION_H
#define HM_AUDIT_REDACTION_H

#include "audit/kind.h"
#include "utils/uuid.h"

/* epoch NULL: the only one that has an event of this number. */
extern int64 hm_redaction_request(int64 event_id, const pg_uuid_t *epoch,
								  const char *reason);

/*
 * For the table with texts of which an event has hashes only: called with the
 * details (or NULL) of an event of that kind that is redacted, in the
 * transaction of the confirmation.  In _PG_init().
 */
typedef void (*HmRedactionFollower) (const char *details);

extern void hm_redaction_follow(HmEventKind kind, HmRedactionFollower follow);

/* Registers act "redact". */
extern void hm_redaction_init(void);

#endif							/* HM_AUDIT_REDACTION_H */
