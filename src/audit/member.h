/*
 * src/audit/member.h
 *	  Members of a block: events that were committed since the seal before,
 *	  and their leaves, rows of audit_leaf.
 */
#ifndef HM_AUDIT_MEMBER_H
#define HM_AUDIT_MEMBER_H

#include "audit/block.h"
#include "audit/block_snapshot.h"

/* The hash as it stands in a row of type bytea. */
typedef struct HmLeafHash
{
	int32		header;
	HmMerkleHash hash;
} HmLeafHash;

typedef struct HmMember
{
	int64		event_id;
	int64		xid;
	HmLeafHash	leaf;
} HmMember;

typedef struct HmMembers
{
	int64		count;
	int64		capacity;
	HmMember   *items;			/* by event_id */
} HmMembers;

/*
 * Those of the epoch that snapshot shows, of transactions that were not over
 * in the snapshot of the block before, or all if that is NULL.
 */
extern HmMembers *hm_members_load(const pg_uuid_t *epoch,
								  const HmBlockSnapshot *before,
								  Snapshot snapshot);

extern void hm_members_insert_leaves(const HmMembers *members,
									 const HmBlock *block);

#endif							/* HM_AUDIT_MEMBER_H */
