/*
 * src/audit/verify_member.c
 *	  Every sealed event is in the leaf list, and nothing else is.
 *
 * Sums by block say which blocks to look at.  Of these the events are
 * gathered and compared with their leaves one by one, as many blocks as fit
 * into a modest memory.
 */
#include "postgres.h"

#include "audit/verify_work.h"
#include "miscadmin.h"

/* Events that are looked at one by one. */
#define MAX_SUSPECTS 1000000

/* The key: an event may be in two blocks when somebody meddled. */
typedef struct SuspectKey
{
	int64		epoch;
	int64		event_id;
} SuspectKey;

typedef struct Suspect
{
	SuspectKey	key;
	int64		xid;
	int			block;
	bool		has_leaf;
	HmMerkleHash hash;
} Suspect;

typedef struct Comparison
{
	HmVerify   *verify;
	HTAB	   *suspects;
	bool	   *looked_at;		/* by block */
	int64		nwithout;		/* blocks that are not looked at */
	int			first_without;
} Comparison;

/* ---- which blocks ---- */

static bool
block_agrees(HmVerify *verify, int block)
{
	HmSum	   *events = &verify->event_sums[block];
	HmSum	   *leaves = &verify->leaf_sums[block];
	const HmVerifyBlock *own = &verify->blocks[block];

	if (hm_sum_equal(events, leaves))
		return true;
	if (events->count > 0 || leaves->count != own->leaf_count ||
		hm_verify_find_purge(verify, own->epoch, own->number) == NULL)
		return false;
	verify->nhash_only += leaves->count;
	return true;
}

static void
choose_blocks(HmVerify *verify, Comparison *comparison)
{
	int64		left = MAX_SUSPECTS;
	int64		chosen = 0;

	for (int block = 0; block < verify->nblocks; block++)
	{
		int64		size = verify->event_sums[block].count +
		verify->leaf_sums[block].count;

		if (!verify->index.epochs[verify->blocks[block].epoch].wanted ||
			verify->index.blocks[block].trusted)
			continue;
		verify->report->checks[HM_CHECK_MEMBERSHIP].checked +=
			verify->leaf_sums[block].count;
		if (block_agrees(verify, block))
			continue;
		if (chosen > 0 && size > left)
		{
			if (comparison->nwithout++ == 0)
				comparison->first_without = block;
			continue;
		}
		comparison->looked_at[block] = true;
		left -= size;
		chosen++;
	}
}

/* ---- events ---- */

static void
note_suspect(void *state, int block, int64 event_id, int64 xid,
			 const uint8 *hash)
{
	Comparison *comparison = state;
	HmVerify   *verify = comparison->verify;
	SuspectKey	key = {verify->blocks[block].epoch, event_id};
	Suspect    *suspect;
	bool		found;

	if (!comparison->looked_at[block])
		return;
	suspect = hash_search(comparison->suspects, &key, HASH_ENTER, &found);
	if (found)
		hm_verify_fail(verify, HM_CHECK_MEMBERSHIP, event_id,
					   "event " INT64_FORMAT " is there twice, in %s",
					   event_id, hm_verify_block_name(verify, block));
	else
	{
		suspect->xid = xid;
		suspect->block = block;
		suspect->has_leaf = false;
		memcpy(suspect->hash.bytes, hash, HM_HASH_LENGTH);
	}
}

static void
gather_suspects(HmVerify *verify, Comparison *comparison)
{
	HmEventScan scan;

	hm_verify_begin_scan(verify, &scan);
	scan.sink = note_suspect;
	scan.sink_state = comparison;
	for (BlockNumber page = 0; page < scan.reader->npages; page++)
		hm_event_scan_page(&scan, page);
	hm_verify_revisit(verify, &scan);
}

/* ---- leaves ---- */

static void
report_missing(HmVerify *verify, int block, int64 event_id)
{
	const HmVerifyBlock *own = &verify->blocks[block];

	if (hm_verify_is_redacted(verify, own->epoch, event_id) ||
		hm_verify_find_purge(verify, own->epoch, own->number) != NULL)
		verify->nhash_only++;
	else
		hm_verify_fail(verify, HM_CHECK_MEMBERSHIP, event_id,
					   "event " INT64_FORMAT " of %s is missing", event_id,
					   hm_verify_block_name(verify, block));
}

static void
compare_leaf(HmVerify *verify, void *state, ItemPointer tid, Datum *values,
			 bool *nulls)
{
	Comparison *comparison = state;
	int			epoch = hm_block_index_epoch(&verify->index,
											 DatumGetUUIDP(values[HM_LEAF_EPOCH]));
	int64		event_id = DatumGetInt64(values[HM_LEAF_EVENT_ID]);
	SuspectKey	key = {epoch, event_id};
	Suspect    *suspect;
	HmMerkleHash hash;
	int			block;

	if (epoch < 0)
		return;
	block = hm_verify_block_by_number(verify, epoch,
									  DatumGetInt64(values[HM_LEAF_BLOCK]));
	if (block == HM_NO_BLOCK || !comparison->looked_at[block])
		return;
	suspect = hash_search(comparison->suspects, &key, HASH_FIND, NULL);
	if (suspect == NULL || suspect->block != block)
	{
		report_missing(verify, block, event_id);
		return;
	}
	suspect->has_leaf = true;
	hm_verify_hash(values[HM_LEAF_HASH], false, &hash);
	if (!hm_merkle_equal(&hash, &suspect->hash) ||
		suspect->xid != DatumGetInt64(values[HM_LEAF_XID]))
		hm_verify_fail(verify, HM_CHECK_MEMBERSHIP, event_id,
					   "event " INT64_FORMAT " of %s is not what was sealed",
					   event_id, hm_verify_block_name(verify, block));
}

static int
compare_suspects(const void *left, const void *right)
{
	const Suspect *a = *(Suspect *const *) left;
	const Suspect *b = *(Suspect *const *) right;

	if (a->block != b->block)
		return a->block < b->block ? -1 : 1;
	return a->key.event_id < b->key.event_id ? -1 : 1;
}

static void
report_without_leaf(HmVerify *verify, Comparison *comparison)
{
	int			count = 0;
	Suspect   **extra = palloc(Max(hash_get_num_entries(comparison->suspects),
								   1) * sizeof(Suspect *));
	HASH_SEQ_STATUS scan;
	Suspect    *suspect;

	hash_seq_init(&scan, comparison->suspects);
	while ((suspect = hash_seq_search(&scan)) != NULL)
	{
		if (!suspect->has_leaf)
			extra[count++] = suspect;
	}
	qsort(extra, count, sizeof(Suspect *), compare_suspects);
	for (int i = 0; i < count; i++)
		hm_verify_fail(verify, HM_CHECK_MEMBERSHIP, extra[i]->key.event_id,
					   "event " INT64_FORMAT " was not there when %s, which its transaction belongs to, was sealed",
					   extra[i]->key.event_id,
					   hm_verify_block_name(verify, extra[i]->block));
	pfree(extra);
}

void
hm_verify_check_members(HmVerify *verify)
{
	HASHCTL		control = {.keysize = sizeof(SuspectKey),
	.entrysize = sizeof(Suspect),.hcxt = CurrentMemoryContext};
	Comparison	comparison = {verify};
	bool		any = false;

	comparison.looked_at = palloc0(Max(verify->nblocks, 1) * sizeof(bool));
	choose_blocks(verify, &comparison);
	for (int block = 0; block < verify->nblocks && !any; block++)
		any = comparison.looked_at[block];
	if (!any)
		return;
	comparison.suspects = hash_create("hipaa_migrate suspects", 1024, &control,
									  HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	gather_suspects(verify, &comparison);
	hm_verify_scan(verify, HM_TABLE_LEAF, compare_leaf, &comparison);
	report_without_leaf(verify, &comparison);
	if (comparison.nwithout > 0)
		hm_verify_fail(verify, HM_CHECK_MEMBERSHIP, 0,
					   "in " INT64_FORMAT " more blocks, from %s on, events and leaf list differ",
					   comparison.nwithout,
					   hm_verify_block_name(verify, comparison.first_without));
	hash_destroy(comparison.suspects);
}
