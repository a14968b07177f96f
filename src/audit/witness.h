/*
 * src/audit/witness.h
 *	  The second witness: the WAL, for what is not, or not yet, in a row.
 */
#ifndef HM_AUDIT_WITNESS_H
#define HM_AUDIT_WITNESS_H

#include "audit/ring.h"

/*
 * Puts the message into the WAL and says so in the log, with the reason.
 * On a standby only the log has it.  Raises nothing.
 */
extern void hm_witness(Oid database, HmMessageKind kind, const char *bytes,
					   Size length, const char *reason);

/* Counts messages that will be in no row.  The lock is held exclusively. */
extern void hm_witness_count_lost(HmDatabase *entry, int64 count,
								  TimestampTz now);

#endif							/* HM_AUDIT_WITNESS_H */
