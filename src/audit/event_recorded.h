/*
 * src/audit/event_recorded.h
 *	  Events on their way through the ring: the recorder's side.
 */
#ifndef HM_AUDIT_EVENT_RECORDED_H
#define HM_AUDIT_EVENT_RECORDED_H

#include "audit/event_row.h"

/*
 * For the table that follows events which come through the ring: called in the
 * recorder's transaction, with a snapshot, after the event was inserted.  An
 * error would lose the event.  In _PG_init().
 */
typedef void (*HmEventNote) (const HmEventRow *row);

extern void hm_event_recorded_note(HmEventKind kind, HmEventNote note);

/* In _PG_init: tells the recorder how to write events. */
extern void hm_event_recorded_init(void);

#endif							/* HM_AUDIT_EVENT_RECORDED_H */
