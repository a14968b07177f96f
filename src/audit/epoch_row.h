/*
 * src/audit/epoch_row.h
 *	  Rows of audit_epoch, read and written.
 */
#ifndef HM_AUDIT_EPOCH_ROW_H
#define HM_AUDIT_EPOCH_ROW_H

#include "access/htup.h"
#include "nodes/pg_list.h"
#include "utils/snapshot.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

/* Texts as in the column state. */
#define HM_EPOCH_OPEN		"open"	/* events are appended to it */
#define HM_EPOCH_CLOSED		"closed"	/* not any more, not yet verified */
#define HM_EPOCH_ADOPTED	"adopted"	/* verified after it was closed */
#define HM_EPOCH_FAILED		"failed"	/* did not pass */

typedef struct HmEpoch
{
	pg_uuid_t	epoch;
	int64		ordinal;
	char	   *state;
	TimestampTz opened_at;
	TimestampTz closed_at;		/* 0: null */
	char	   *database;
	Oid			database_oid;
	int64		system_identifier;
	char	   *reason;
	HeapTuple	tuple;			/* the row it was read from */
} HmEpoch;

/* All of them, by ordinal, in the current memory context. */
extern List *hm_epoch_load_all(Snapshot snapshot);

extern HmEpoch *hm_epoch_find(List *epochs, const pg_uuid_t *epoch);

/* For who holds the seal lock. */
extern void hm_epoch_insert(const HmEpoch *epoch);
extern void hm_epoch_update(const HmEpoch *epoch);

#endif							/* HM_AUDIT_EPOCH_ROW_H */
