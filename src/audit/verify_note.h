/*
 * src/audit/verify_note.h
 *	  That the record was verified goes on record.
 */
#ifndef HM_AUDIT_VERIFY_NOTE_H
#define HM_AUDIT_VERIFY_NOTE_H

#include "audit/event_row.h"
#include "audit/verify.h"

/* Hands an event to the recorder, where there is one, and waits for nothing. */
extern void hm_verify_note(const HmVerifyOptions *options,
						   const HmVerifyReport *report);

/*
 * In the recorder, after the row was inserted: when it is such an event,
 * audit_state says so too, unless somebody else is changing that row.
 */
extern void hm_verify_note_in_state(const HmEventRow *row);

#endif							/* HM_AUDIT_VERIFY_NOTE_H */
