/*
 * src/audit/state_row.h
 *	  The row of audit_state, read and written.
 *
 * Whoever writes it holds its lock from before the row is read until the
 * transaction ends, so that nothing is written that another has changed.
 * Statements that UPDATE the table conflict with the lock too.
 */
#ifndef HM_AUDIT_STATE_ROW_H
#define HM_AUDIT_STATE_ROW_H

#include "access/htup.h"
#include "utils/snapshot.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

/* Times that are 0 and texts that are NULL are null in the row. */
typedef struct HmState
{
	pg_uuid_t	epoch;
	Oid			database;
	int64		system_identifier;
	char	   *host;
	char	   *data_directory;
	int64		next_xid;
	bool		clone;
	TimestampTz anchored_at;
	TimestampTz clock_pending;
	TimestampTz verified_at;
	char	   *verified_outcome;
	int64		digest_block;	/* 0: none */
	TimestampTz digest_at;
	int64		digest_failures;
	TimestampTz clock_server;	/* see clock.h */
	int64		clock_offset;
	HeapTuple	tuple;			/* the row it was read from */
} HmState;

/* Locks the row for writing; the first does not wait. */
extern bool hm_state_try_lock(void);
extern void hm_state_lock(void);

/* False when there is no row.  Into the current memory context. */
extern bool hm_state_load(HmState *state, Snapshot snapshot);

extern void hm_state_insert(const HmState *state);
extern void hm_state_update(const HmState *state);

/* Fills in where this server is, and its next transaction. */
extern void hm_state_put_identity(HmState *state);

#endif							/* HM_AUDIT_STATE_ROW_H */
