/*
 * src/audit/block_snapshot.h
 *	  The snapshot that a block was sealed with, with 64-bit identifiers.
 *
 * As text it looks like a pg_snapshot: "xmin:xmax:xip,xip".
 */
#ifndef HM_AUDIT_BLOCK_SNAPSHOT_H
#define HM_AUDIT_BLOCK_SNAPSHOT_H

#include "utils/snapshot.h"

typedef struct HmBlockSnapshot
{
	uint64		xmin;			/* all before are over */
	uint64		xmax;			/* none from here on is */
	int			nxip;
	uint64	   *xip;			/* in progress, between them; ascending */
} HmBlockSnapshot;

/* Of an MVCC snapshot just taken, on a primary. */
extern HmBlockSnapshot *hm_block_snapshot_build(Snapshot snapshot);

extern char *hm_block_snapshot_print(const HmBlockSnapshot *snapshot);

/* NULL when the text is not such a snapshot. */
extern HmBlockSnapshot *hm_block_snapshot_parse(const char *text);

#endif							/* HM_AUDIT_BLOCK_SNAPSHOT_H */
