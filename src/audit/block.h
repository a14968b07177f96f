/*
 * src/audit/block.h
 *	  Blocks: rows of audit_block.
 *
 * A block holds the events that were committed since the block before it.
 * Its hash covers all else in it, the root of the tree over all leaves of the
 * epoch and the hash of the block before, so the hash of one block stands for
 * the whole record up to it.
 */
#ifndef HM_AUDIT_BLOCK_H
#define HM_AUDIT_BLOCK_H

#include "audit/merkle.h"
#include "utils/snapshot.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

typedef struct HmBlock
{
	pg_uuid_t	epoch;
	int64		block;			/* from 1 */
	TimestampTz sealed_at;
	char	   *snapshot;		/* see block_snapshot.h */
	int64		first_leaf;		/* leaves are numbered from 1 */
	int64		leaf_count;
	int64		tree_size;
	HmMerkleHash root;
	HmFrontier	frontier;		/* its size is tree_size */
	bool		has_previous;	/* not the first */
	HmMerkleHash previous;
	int64		lsn;
	int64		timeline;
	int64		system_identifier;
	HmMerkleHash fingerprint;
	TimestampTz anchored_at;
	HmMerkleHash hash;
} HmBlock;

/*
 * Reads with the given snapshot, into the current memory context; NULL when
 * the epoch has no block.  A row that the library cannot have written raises
 * data_corrupted.
 */
extern HmBlock *hm_block_load_last(const pg_uuid_t *epoch,
								   Snapshot snapshot);

/* Hash over all fields but hash itself. */
extern void hm_block_hash(const HmBlock *block, HmMerkleHash *hash);

extern void hm_block_insert(const HmBlock *block);

#endif							/* HM_AUDIT_BLOCK_H */
