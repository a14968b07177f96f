/*
 * src/audit/seal.h
 *	  Sealing: what was committed since the last seal becomes a block.
 *
 * Only a sealer process seals, in a transaction of its own, so:
 *
 *	1.	The seal lock is taken.
 *	2.	With no transaction identifier assigned, one fresh snapshot S(n) is
 *		taken.  It shows the block before, it scans, and it is stored with
 *		the new block.
 *	3.	Members are the events that S(n) shows, of transactions that were not
 *		over in S(n-1): each committed event is in one block, and none of an
 *		aborted one in any.
 *	4.	Leaves and block are written, by ascending event_id.  No event is
 *		appended in this transaction.
 *	5.	It commits, after the events' own commits in the write-ahead log.
 *
 * Appenders wait for none of this.
 */
#ifndef HM_AUDIT_SEAL_H
#define HM_AUDIT_SEAL_H

#include "audit/state_row.h"

/*
 * Seals one block with everything that is committed; false when that was
 * nothing.  To be called with no transaction open; leaves none.
 */
extern bool hm_seal(void);

/*
 * The seal lock, until the transaction ends: who holds it may add blocks and
 * change the epoch.  Shown in pg_locks as a lock on the extension.
 */
extern bool hm_seal_try_lock(void);

/*
 * For who closes an epoch: steps 2 to 4 within the caller's transaction, which
 * has the seal lock, the lock of the state, no identifier, and this snapshot,
 * taken after the locks.  Changes *state, and leaves storing it to the caller.
 */
extern bool hm_seal_add_block(HmState *state, Snapshot snapshot);

/* Puts on record what the seals since the last call have noticed. */
extern void hm_seal_report(void);

#endif							/* HM_AUDIT_SEAL_H */
