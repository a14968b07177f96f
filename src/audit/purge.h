/*
 * src/audit/purge.h
 *	  Removal of events that are older than the retention.
 *
 * Whole sealed blocks go, from the first on, when the block and every event
 * in it are older than the retention by the clock of the record.  Events that
 * a hold covers stay, and so do record.purged and record.redacted, which say
 * why others are missing.  Leaves and blocks always stay: all proofs that do
 * not show a purged event itself still hold.
 *
 * The order is that of a decision that can be followed from outside: the
 * intent (record.purge_started) is recorded, sealed and, where digests are
 * handed out, handed out; then the events are verified and deleted, with
 * record.purged in the same transaction.
 */
#ifndef HM_AUDIT_PURGE_H
#define HM_AUDIT_PURGE_H

#include "utils/timestamp.h"

extern int64 hm_purge_request(TimestampTz before, const char *reason);

/* Registers act "purge". */
extern void hm_purge_init(void);

#endif							/* HM_AUDIT_PURGE_H */
