/*
 * src/audit/state.h
 *	  audit_state: where the record of this database stands.
 */
#ifndef HM_AUDIT_STATE_H
#define HM_AUDIT_STATE_H

#include "utils/uuid.h"

/*
 * The epoch that events are appended to.  Kept until the relation cache
 * entry of audit_state is invalidated, which whoever opens an epoch does
 * (CacheInvalidateRelcacheByRelid), holding a lock on audit_event that
 * conflicts with RowExclusiveLock, so that no append is under way.  Call it
 * with audit_event locked.  Raises when the record has no state.
 */
extern pg_uuid_t *hm_state_epoch(void);

/* Whether it would not raise: the database must have a record. */
extern bool hm_state_exists(void);

#endif							/* HM_AUDIT_STATE_H */
