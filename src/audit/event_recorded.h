/*
 * src/audit/event_recorded.h
 *	  Events on their way through the ring: the recorder's side.
 */
#ifndef HM_AUDIT_EVENT_RECORDED_H
#define HM_AUDIT_EVENT_RECORDED_H

/* In _PG_init: tells the recorder how to write events. */
extern void hm_event_recorded_init(void);

#endif							/* HM_AUDIT_EVENT_RECORDED_H */
