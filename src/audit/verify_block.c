/*
 * src/audit/verify_block.c
 *	  Loads the blocks, and finds the block of a transaction.
 */
#include "postgres.h"

#include "audit/canonical.h"
#include "audit/verify_work.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* What is loaded grows in memory of its own, in doubling arrays. */
typedef struct Loading
{
	MemoryContext context;
	int			max_blocks;
	int			max_xips;
	uint32	   *first_xips;		/* by block, as loaded */
	uint32	   *nxips;
} Loading;

/* ---- loading ---- */

static void
make_room(HmVerify *verify, Loading *loading)
{
	if (verify->nblocks < loading->max_blocks)
		return;
	loading->max_blocks *= 2;
	verify->blocks = repalloc_huge(verify->blocks, loading->max_blocks *
								   sizeof(HmVerifyBlock));
}

static void
add_xip(HmVerify *verify, Loading *loading, uint64 xid)
{
	if (verify->index.nxips == loading->max_xips)
	{
		loading->max_xips *= 2;
		verify->index.xips = repalloc_huge(verify->index.xips,
										   loading->max_xips *
										   sizeof(uint64));
	}
	verify->index.xips[verify->index.nxips++] = xid;
}

/* "xmin:xmax:xip,xip", ascending, as pg_snapshot is written. */
static bool
parse_snapshot(HmVerify *verify, Loading *loading, HmVerifyBlock *block,
			   const char *text)
{
	char	   *end;
	uint64		last = 0;

	block->xmin = strtou64(text, &end, 10);
	if (*end != ':')
		return false;
	block->xmax = strtou64(end + 1, &end, 10);
	if (*end != ':' || block->xmax < block->xmin)
		return false;
	block->first_xip = verify->index.nxips;
	while (*++end != '\0')
	{
		uint64		xid = strtou64(end, &end, 10);

		if (xid <= last || xid < block->xmin || xid >= block->xmax ||
			(*end != ',' && *end != '\0'))
			return false;
		add_xip(verify, loading, xid);
		last = xid;
		if (*end == '\0')
			break;
	}
	block->nxips = verify->index.nxips - block->first_xip;
	return true;
}

static void
compute_block_hash(Datum *values, bool *nulls, HmMerkleHash *hash)
{
	/* Tags of columns 1 to 15 of audit_block. */
	static const char types[] = "uidtiiibbbiiibd";
	StringInfoData canonical;

	initStringInfo(&canonical);
	appendStringInfoChar(&canonical, 0x02);
	hm_canonical_begin(&canonical, "HMBK", HM_BLOCK_HASH);
	for (int i = 0; i < HM_BLOCK_HASH; i++)
		hm_canonical_datum(&canonical, i + 1, types[i], values[i], nulls[i]);
	hm_hash_bytes(canonical.data, canonical.len, hash->bytes);
}

static bool
frontier_from_datum(Datum value, uint64 size, HmFrontier *frontier)
{
	struct varlena *bytes = (struct varlena *) DatumGetPointer(value);
	int			count = hm_frontier_count(size);

	if (VARSIZE_ANY_EXHDR(bytes) != count * sizeof(HmMerkleHash))
		return false;
	frontier->size = size;
	memcpy(frontier->nodes, VARDATA_ANY(bytes), count * sizeof(HmMerkleHash));
	return true;
}

static void
fill_block(HmVerifyBlock *block, Datum *values)
{
	block->number = DatumGetInt64(values[HM_BLOCK_NUMBER]);
	block->first_leaf = DatumGetInt64(values[HM_BLOCK_FIRST_LEAF]);
	block->leaf_count = DatumGetInt64(values[HM_BLOCK_LEAF_COUNT]);
	block->tree_size = DatumGetInt64(values[HM_BLOCK_TREE_SIZE]);
	block->sealed_at = DatumGetTimestampTz(values[HM_BLOCK_SEALED_AT]);
	block->anchored_at = DatumGetTimestampTz(values[HM_BLOCK_ANCHORED_AT]);
	block->lsn = DatumGetInt64(values[HM_BLOCK_LSN]);
	block->timeline = DatumGetInt64(values[HM_BLOCK_TIMELINE]);
	block->system_identifier =
		DatumGetInt64(values[HM_BLOCK_SYSTEM_IDENTIFIER]);
}

/* What is wrong with the block by itself is reported at once. */
static void
load_block(HmVerify *verify, void *state, ItemPointer tid, Datum *values,
		   bool *nulls)
{
	Loading    *loading = state;
	MemoryContext page_context;
	HmVerifyBlock *block;
	HmMerkleHash hash;
	HmMerkleHash root;
	HmFrontier	frontier;
	bool		right;

	make_room(verify, loading);
	block = &verify->blocks[verify->nblocks++];
	memset(block, 0, sizeof(HmVerifyBlock));
	block->tid = *tid;
	page_context = MemoryContextSwitchTo(loading->context);
	block->epoch = hm_verify_epoch(verify,
								   DatumGetUUIDP(values[HM_BLOCK_EPOCH]));
	MemoryContextSwitchTo(page_context);
	fill_block(block, values);
	right = parse_snapshot(verify, loading, block,
						   TextDatumGetCString(values[HM_BLOCK_SNAPSHOT]));
	right &= hm_verify_hash(values[HM_BLOCK_ROOT], false, &block->root);
	right &= hm_verify_hash(values[HM_BLOCK_HASH], false, &block->block_hash);
	block->has_previous = hm_verify_hash(values[HM_BLOCK_PREVIOUS],
										 nulls[HM_BLOCK_PREVIOUS],
										 &block->previous);
	block->has_fingerprint = hm_verify_hash(values[HM_BLOCK_FINGERPRINT],
											false, &block->fingerprint);
	compute_block_hash(values, nulls, &hash);
	right &= hm_merkle_equal(&hash, &block->block_hash);
	if (block->tree_size >= 0 &&
		frontier_from_datum(values[HM_BLOCK_FRONTIER], block->tree_size,
							&frontier))
	{
		hm_frontier_root(&frontier, &root);
		right &= hm_merkle_equal(&root, &block->root);
	}
	else
		right = false;
	block->sound = right;
}

/* ---- the index ---- */

static int
compare_blocks(const void *left, const void *right)
{
	const HmVerifyBlock *a = left;
	const HmVerifyBlock *b = right;

	if (a->epoch != b->epoch)
		return a->epoch < b->epoch ? -1 : 1;
	return a->number < b->number ? -1 : a->number > b->number;
}

/* They stand in order unless somebody meddled or a dump was restored. */
static void
sort_blocks(HmVerify *verify)
{
	for (int i = 1; i < verify->nblocks; i++)
	{
		if (compare_blocks(&verify->blocks[i - 1], &verify->blocks[i]) > 0)
		{
			qsort(verify->blocks, verify->nblocks, sizeof(HmVerifyBlock),
				  compare_blocks);
			return;
		}
	}
}

/*
 * The search wants ids that ascend, also where somebody has changed them.
 * The last block before options.since is trusted with all before it.
 */
static void
index_epoch(HmVerify *verify, int epoch, int first, int count)
{
	HmEpochKey *key = &verify->index.epochs[epoch];
	TimestampTz since = verify->options->since;
	uint64		xmax = 0;

	key->id = verify->epochs[epoch].id;
	key->first_block = first;
	key->nblocks = count;
	key->wanted = verify->options->epoch == NULL ||
		memcmp(verify->options->epoch, &key->id, sizeof(key->id)) == 0;
	for (int i = first; i < first + count; i++)
	{
		HmVerifyBlock *block = &verify->blocks[i];
		HmBlockKey *entry = &verify->index.blocks[i];

		xmax = Max(xmax, block->xmax);
		entry->xmax = xmax;
		entry->first_xip = block->first_xip;
		entry->nxips = block->nxips;
		entry->trusted = since != 0 && block->sealed_at < since;
	}
	for (int i = first + count - 1; i > first; i--)
		verify->index.blocks[i - 1].trusted |=
			verify->index.blocks[i].trusted;
}

static void
build_index(HmVerify *verify)
{
	HmBlockIndex *index = &verify->index;
	int			first = 0;

	index->nepochs = verify->nepochs;
	index->nblocks = verify->nblocks;
	index->epochs = palloc0(Max(index->nepochs, 1) * sizeof(HmEpochKey));
	index->blocks = MemoryContextAllocHuge(CurrentMemoryContext,
										   Max(index->nblocks, 1) *
										   sizeof(HmBlockKey));
	for (int epoch = 0; epoch < index->nepochs; epoch++)
	{
		int			next = first;

		while (next < verify->nblocks && verify->blocks[next].epoch == epoch)
			next++;
		index_epoch(verify, epoch, first, next - first);
		first = next;
	}
}

void
hm_verify_load_blocks(HmVerify *verify)
{
	Loading		loading = {CurrentMemoryContext, 64, 64};

	verify->blocks = palloc(loading.max_blocks * sizeof(HmVerifyBlock));
	verify->index.xips = palloc(loading.max_xips * sizeof(uint64));
	hm_verify_scan(verify, HM_TABLE_BLOCK, load_block, &loading);
	sort_blocks(verify);
	build_index(verify);
}

/* The frontier after a block is not kept, but read again where it is needed. */
bool
hm_verify_frontier(HmVerify *verify, int block, HmFrontier *frontier)
{
	Datum		values[HM_LAYOUT_MAX_COLUMNS];
	bool		nulls[HM_LAYOUT_MAX_COLUMNS];
	HmHeapReader *reader;
	bool		found;

	reader = hm_verify_fetch(verify, HM_TABLE_BLOCK,
							 &verify->blocks[block].tid, values, nulls);
	found = reader != NULL &&
		frontier_from_datum(values[HM_BLOCK_FRONTIER],
							verify->blocks[block].tree_size, frontier);
	if (reader)
		hm_heap_close(reader);
	return found;
}

/* ---- blocks by number ---- */

int
hm_verify_block_by_number(const HmVerify *verify, int epoch, int64 number)
{
	const HmEpochKey *key = &verify->index.epochs[epoch];
	int			low = key->first_block;
	int			high = low + key->nblocks;

	/* Where none is missing there is nothing to search. */
	if (number > 0 && number <= key->nblocks &&
		verify->blocks[low + number - 1].number == number)
		return low + number - 1;
	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (verify->blocks[middle].number == number)
			return middle;
		if (verify->blocks[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return HM_NO_BLOCK;
}

const char *
hm_verify_block_name(const HmVerify *verify, int block)
{
	const HmVerifyBlock *found = &verify->blocks[block];

	if (verify->nepochs == 1)
		return psprintf("block " INT64_FORMAT, found->number);
	return psprintf("block " INT64_FORMAT " of epoch %s", found->number,
					hm_verify_epoch_name(verify, found->epoch));
}

/* ---- the block of a transaction ---- */

int
hm_block_index_epoch(const HmBlockIndex *index, const pg_uuid_t *id)
{
	for (int i = 0; i < index->nepochs; i++)
	{
		if (memcmp(&index->epochs[i].id, id, sizeof(*id)) == 0)
			return i;
	}
	return -1;
}

static bool
in_progress(const HmBlockIndex *index, const HmBlockKey *block, uint64 xid)
{
	const uint64 *xips = &index->xips[block->first_xip];
	uint32		low = 0;
	uint32		high = block->nxips;

	while (low < high)
	{
		uint32		middle = low + (high - low) / 2;

		if (xips[middle] == xid)
			return true;
		if (xips[middle] < xid)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* The first block of the epoch whose snapshot began after xid. */
static int
first_after(const HmBlockIndex *index, const HmEpochKey *epoch, uint64 xid)
{
	int			low = epoch->first_block;
	int			high = low + epoch->nblocks;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (index->blocks[middle].xmax > xid)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

int
hm_block_index_find(const HmBlockIndex *index, int epoch, uint64 xid,
					int hint)
{
	const HmEpochKey *key = &index->epochs[epoch];
	int			end = key->first_block + key->nblocks;
	int			block = hint;

	if (block < key->first_block || block >= end ||
		index->blocks[block].xmax <= xid ||
		(block > key->first_block && index->blocks[block - 1].xmax > xid))
		block = first_after(index, key, xid);
	while (block < end && in_progress(index, &index->blocks[block], xid))
		block++;
	return block < end ? block : HM_NO_BLOCK;
}
