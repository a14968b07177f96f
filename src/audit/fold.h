/*
 * src/audit/fold.h
 *	  Which messages of a flood still go one by one.
 */
#ifndef HM_AUDIT_FOLD_H
#define HM_AUDIT_FOLD_H

#include "utils/timestamp.h"

#define HM_FOLD_FIRST	5		/* messages of a key that go by themselves */
#define HM_FOLD_MINUTE	(60 * USECS_PER_SEC)	/* ... in this time */
#define HM_FOLD_QUIET	(10 * USECS_PER_SEC)	/* then a flood has ended */

/* Keys that share a bucket; the oldest gives way to a new one. */
#define HM_FOLD_BUCKETS 64
#define HM_FOLD_WAYS	8

typedef struct HmFoldKey
{
	Oid			database;
	int			sent;
	uint64		key;
	TimestampTz since;
} HmFoldKey;

typedef struct HmFoldTable
{
	HmFoldKey	keys[HM_FOLD_BUCKETS][HM_FOLD_WAYS];
} HmFoldTable;

/*
 * Counts a message; false when it is one too many of this minute.  The lock
 * of shared.h is held exclusively.
 */
extern bool hm_fold_passes(HmFoldTable *table, Oid database, uint64 key,
						   TimestampTz now);

#endif							/* HM_AUDIT_FOLD_H */
