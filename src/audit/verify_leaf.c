/*
 * src/audit/verify_leaf.c
 *	  The leaf list: dense, in its blocks, and the trees over it.
 *
 * Leaves stand in the order of their numbers, for each seal appends its own.
 * What is out of order is parked until its turn comes.  When too much is
 * parked, or nothing is left, the leaves in between are missing: the tree of
 * that block cannot be computed, and goes on from the frontier that the block
 * itself holds, so that one missing leaf is one failure.
 */
#include "postgres.h"

#include "audit/verify_work.h"
#include "utils/hsearch.h"
#include "utils/uuid.h"

#define MAX_PARKED 100000

/* After so many gaps nothing is gained by naming more. */
#define MAX_GAPS 1000

typedef struct ParkedKey
{
	int64		epoch;
	int64		seq;
} ParkedKey;

typedef struct Parked
{
	ParkedKey	key;
	HmMerkleHash hash;
} Parked;

typedef struct LeafEpoch
{
	HmFrontier	frontier;
	int			block;			/* whose leaves are awaited */
	int			end;			/* behind the last block */
	int64		next;			/* the leaf that is awaited */
	int			nparked;
	int			ngaps;
	bool		broken;			/* leaves of this block are missing */
} LeafEpoch;

typedef struct LeafList
{
	HTAB	   *parked;
	LeafEpoch  *epochs;
} LeafList;

/* ---- trees ---- */

static void
end_block(HmVerify *verify, LeafEpoch *list)
{
	HmVerifyBlock *block = &verify->blocks[list->block];
	HmMerkleHash root;

	verify->report->checks[HM_CHECK_TREE].checked++;
	hm_frontier_root(&list->frontier, &root);
	if (list->broken)
		hm_verify_fail(verify, HM_CHECK_TREE, 0,
					   "the root of %s cannot be computed: leaves are missing",
					   hm_verify_block_name(verify, list->block));
	else if (!hm_merkle_equal(&root, &block->root))
		hm_verify_fail(verify, HM_CHECK_TREE, 0,
					   "the leaves of %s do not have its root",
					   hm_verify_block_name(verify, list->block));
	else
		return;
	/* Let the next block be judged by itself. */
	list->broken = !hm_verify_frontier(verify, list->block, &list->frontier);
}

static void
end_blocks(HmVerify *verify, LeafEpoch *list)
{
	while (list->block < list->end &&
		   verify->blocks[list->block].tree_size < list->next)
	{
		end_block(verify, list);
		list->block++;
	}
}

static void
append_leaf(HmVerify *verify, LeafEpoch *list, const HmMerkleHash *hash)
{
	if (!list->broken)
		hm_frontier_append(&list->frontier, hash);
	list->next++;
	end_blocks(verify, list);
}

/* Leaves from the awaited one up to seq are not there. */
static void
skip_to(HmVerify *verify, LeafEpoch *list, int64 seq)
{
	if (++list->ngaps > MAX_GAPS)
		return;
	if (seq == list->next + 1)
		hm_verify_fail(verify, HM_CHECK_LEAF, 0,
					   "leaf " INT64_FORMAT " is missing", list->next);
	else
		hm_verify_fail(verify, HM_CHECK_LEAF, 0,
					   "leaves " INT64_FORMAT " to " INT64_FORMAT
					   " are missing", list->next, seq - 1);
	while (list->block < list->end && list->next < seq)
	{
		list->broken = true;
		list->next = Min(seq, verify->blocks[list->block].tree_size + 1);
		end_blocks(verify, list);
	}
	list->next = seq;
}

/* ---- order ---- */

static void
append_parked(HmVerify *verify, LeafList *lists, int epoch)
{
	LeafEpoch  *list = &lists->epochs[epoch];

	while (list->nparked > 0)
	{
		ParkedKey	key = {epoch, list->next};
		Parked	   *parked = hash_search(lists->parked, &key, HASH_FIND, NULL);
		HmMerkleHash hash;

		if (parked == NULL)
			return;
		hash = parked->hash;
		hash_search(lists->parked, &key, HASH_REMOVE, NULL);
		list->nparked--;
		append_leaf(verify, list, &hash);
	}
}

static int64
first_parked(LeafList *lists, int epoch)
{
	int64		first = PG_INT64_MAX;
	HASH_SEQ_STATUS scan;
	Parked	   *parked;

	hash_seq_init(&scan, lists->parked);
	while ((parked = hash_seq_search(&scan)) != NULL)
	{
		if (parked->key.epoch == epoch)
			first = Min(first, parked->key.seq);
	}
	return first;
}

static void
park(HmVerify *verify, LeafList *lists, int epoch, int64 seq,
	 const HmMerkleHash *hash)
{
	LeafEpoch  *list = &lists->epochs[epoch];
	ParkedKey	key = {epoch, seq};
	bool		found;
	Parked	   *parked;

	if (list->nparked >= MAX_PARKED)
	{
		skip_to(verify, list, first_parked(lists, epoch));
		append_parked(verify, lists, epoch);
	}
	if (list->ngaps > MAX_GAPS)
		return;
	parked = hash_search(lists->parked, &key, HASH_ENTER, &found);
	if (found)
		hm_verify_fail(verify, HM_CHECK_LEAF, 0,
					   "leaf " INT64_FORMAT " is there twice", seq);
	else
		list->nparked++;
	parked->hash = *hash;
}

static void
place_leaf(HmVerify *verify, LeafList *lists, int epoch, int64 seq,
		   const HmMerkleHash *hash)
{
	LeafEpoch  *list = &lists->epochs[epoch];

	if (list->ngaps > MAX_GAPS)
		return;
	if (seq < list->next)
		hm_verify_fail(verify, HM_CHECK_LEAF, 0,
					   "leaf " INT64_FORMAT " is there twice", seq);
	else if (seq > list->next)
		park(verify, lists, epoch, seq, hash);
	else
	{
		append_leaf(verify, list, hash);
		append_parked(verify, lists, epoch);
	}
}

/* ---- rows ---- */

static void
add_to_block(HmVerify *verify, int epoch, Datum *values,
			 const HmMerkleHash *hash)
{
	int64		event_id = DatumGetInt64(values[HM_LEAF_EVENT_ID]);
	int64		seq = DatumGetInt64(values[HM_LEAF_SEQ]);
	int			block = hm_verify_block_by_number(verify, epoch,
												  DatumGetInt64(values[HM_LEAF_BLOCK]));

	if (block == HM_NO_BLOCK || seq < verify->blocks[block].first_leaf ||
		seq > verify->blocks[block].tree_size)
		hm_verify_fail(verify, HM_CHECK_LEAF, event_id,
					   "leaf " INT64_FORMAT " of event " INT64_FORMAT
					   " is not of block " INT64_FORMAT
					   ", as it says", seq, event_id,
					   DatumGetInt64(values[HM_LEAF_BLOCK]));
	if (block != HM_NO_BLOCK)
		hm_sum_add_event(&verify->leaf_sums[block], &verify->key, event_id,
						 DatumGetInt64(values[HM_LEAF_XID]), hash->bytes);
}

static void
visit_leaf(HmVerify *verify, void *state, ItemPointer tid, Datum *values,
		   bool *nulls)
{
	LeafList   *lists = state;
	const pg_uuid_t *id = DatumGetUUIDP(values[HM_LEAF_EPOCH]);
	int64		seq = DatumGetInt64(values[HM_LEAF_SEQ]);
	int			epoch = hm_block_index_epoch(&verify->index, id);
	HmMerkleHash hash;

	if (epoch < 0)
	{
		if (verify->options->epoch == NULL)
			hm_verify_fail(verify, HM_CHECK_LEAF,
						   DatumGetInt64(values[HM_LEAF_EVENT_ID]),
						   "leaf " INT64_FORMAT " is of an epoch that is not known",
						   seq);
		return;
	}
	if (!verify->index.epochs[epoch].wanted ||
		seq <= verify->trusted_leaves[epoch])
		return;
	verify->report->checks[HM_CHECK_LEAF].checked++;
	if (!hm_verify_hash(values[HM_LEAF_HASH], false, &hash))
		hm_verify_fail(verify, HM_CHECK_LEAF,
					   DatumGetInt64(values[HM_LEAF_EVENT_ID]),
					   "leaf " INT64_FORMAT " has no hash", seq);
	add_to_block(verify, epoch, values, &hash);
	place_leaf(verify, lists, epoch, seq, &hash);
}

/* ---- the whole list ---- */

static void
begin_epoch(HmVerify *verify, LeafEpoch *list, int epoch)
{
	const HmEpochKey *key = &verify->index.epochs[epoch];

	list->block = key->first_block;
	list->end = key->first_block + key->nblocks;
	while (list->block < list->end &&
		   verify->index.blocks[list->block].trusted)
		list->block++;
	if (list->block > key->first_block)
	{
		list->broken = !hm_verify_frontier(verify, list->block - 1,
										   &list->frontier);
		verify->trusted_leaves[epoch] =
			verify->blocks[list->block - 1].tree_size;
	}
	list->next = verify->trusted_leaves[epoch] + 1;
}

static void
end_epoch(HmVerify *verify, LeafList *lists, int epoch)
{
	LeafEpoch  *list = &lists->epochs[epoch];
	int64		last = list->end == verify->index.epochs[epoch].first_block ?
	0 : verify->blocks[list->end - 1].tree_size;

	if (!verify->index.epochs[epoch].wanted)
		return;
	end_blocks(verify, list);
	while (list->nparked > 0 && list->ngaps <= MAX_GAPS)
	{
		skip_to(verify, list, first_parked(lists, epoch));
		append_parked(verify, lists, epoch);
	}
	if (list->ngaps > MAX_GAPS)
		hm_verify_fail(verify, HM_CHECK_LEAF, 0,
					   "leaves are missing in more than %d places; from leaf "
					   INT64_FORMAT " on no tree was computed", MAX_GAPS,
					   list->next);
	else if (list->next <= last)
		skip_to(verify, list, last + 1);
}

void
hm_verify_check_leaves(HmVerify *verify)
{
	HASHCTL		control = {.keysize = sizeof(ParkedKey),
	.entrysize = sizeof(Parked),.hcxt = CurrentMemoryContext};
	LeafList	lists;

	lists.parked = hash_create("hipaa_migrate parked leaves", 1024, &control,
							   HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	lists.epochs = palloc0(Max(verify->nepochs, 1) * sizeof(LeafEpoch));
	for (int epoch = 0; epoch < verify->nepochs; epoch++)
		begin_epoch(verify, &lists.epochs[epoch], epoch);
	hm_verify_scan(verify, HM_TABLE_LEAF, visit_leaf, &lists);
	for (int epoch = 0; epoch < verify->nepochs; epoch++)
		end_epoch(verify, &lists, epoch);
	hash_destroy(lists.parked);
	pfree(lists.epochs);
}
