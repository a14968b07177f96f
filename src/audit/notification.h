/*
 * src/audit/notification.h
 *	  Tells whoever listens on channel hipaa_migrate what went on record.
 *
 * Kinds of events that say so in kind.c are told when the transaction that
 * appended them commits, as a JSON object of names, numbers and moments:
 * everybody who may connect may listen, so nothing is in it that not everybody
 * may know, and everybody may notify, so it proves nothing.  What happened is
 * in the record.
 *
 * The record never depends on it.  Nothing is told while the server's queue
 * is half full, nor of a transaction that is prepared, which after a NOTIFY
 * could not be; and the recorder tells in a transaction of its own.
 */
#ifndef HM_AUDIT_NOTIFICATION_H
#define HM_AUDIT_NOTIFICATION_H

#include "audit/event_row.h"

#define HM_NOTIFICATION_CHANNEL "hipaa_migrate"

/* The current transaction has inserted that row. */
extern void hm_notification_note(const HmEventRow *row);

/*
 * From now on, in this process, nothing is told before hm_notification_send()
 * is called, outside of a transaction.  That raises nothing.
 */
extern void hm_notification_defer(void);
extern void hm_notification_send(void);

/* In _PG_init(), before what appends events at the end of a transaction. */
extern void hm_notification_init(void);

#endif							/* HM_AUDIT_NOTIFICATION_H */
