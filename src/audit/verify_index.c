/*
 * src/audit/verify_index.c
 *	  Indexes against their tables: every row is found, with its key, once.
 *
 * Of all visible rows key and place are added up, and the place noted in a
 * bitmap; of the index's entries those are added up whose place is noted.
 * Other entries are of rows that were not committed, purged, or came later.
 */
#include "postgres.h"

#include "access/relation.h"
#include "audit/btree_reader.h"
#include "audit/relations.h"
#include "audit/verify_work.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/rel.h"

#define WORDS_PER_PAGE ((MaxHeapTuplesPerPage + 63) / 64)

typedef struct IndexSpec
{
	HmRelation	relation;
	HmVerifyTable table;
	int			nnumbers;
	int			columns[HM_BTREE_MAX_NUMBERS];	/* behind the epoch */
	int			wanted;			/* columns to read of a row */
} IndexSpec;

static const IndexSpec specs[] = {
	{HM_RELATION_AUDIT_EVENT_PKEY, HM_TABLE_EVENT, 2,
	{HM_COL_XID, HM_COL_EVENT_ID}, HM_COL_XID + 1},
	{HM_RELATION_AUDIT_LEAF_PKEY, HM_TABLE_LEAF, 1,
	{HM_LEAF_SEQ}, HM_LEAF_EVENT_ID + 1},
	{HM_RELATION_AUDIT_LEAF_EVENT_KEY, HM_TABLE_LEAF, 1,
	{HM_LEAF_EVENT_ID}, HM_LEAF_EVENT_ID + 1},
	{HM_RELATION_AUDIT_BLOCK_PKEY, HM_TABLE_BLOCK, 1,
	{HM_BLOCK_NUMBER}, HM_BLOCK_NUMBER + 1},
};

typedef struct IndexCheck
{
	HmVerify   *verify;
	const IndexSpec *spec;
	HmHeapReader *reader;
	uint64	   *bitmap;			/* of the rows that are not yet found */
	HmSum		rows;
	HmSum		entries;
	const char *name;
} IndexCheck;

/* ---- rows ---- */

static uint64 *
find_word(IndexCheck *check, BlockNumber block, OffsetNumber offset)
{
	return &check->bitmap[(Size) block * WORDS_PER_PAGE + (offset - 1) / 64];
}

static bool
is_noted(IndexCheck *check, ItemPointer tid)
{
	BlockNumber block = ItemPointerGetBlockNumberNoCheck(tid);
	OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(tid);

	return block < check->reader->npages && offset >= 1 &&
		offset <= MaxHeapTuplesPerPage &&
		(*find_word(check, block, offset) >> ((offset - 1) % 64)) & 1;
}

static bool
read_row_key(IndexCheck *check, const HmHeapTuple *tuple, HmBtreeKey *key,
			 int64 *event_id)
{
	const IndexSpec *spec = check->spec;
	Datum		values[HM_LAYOUT_MAX_COLUMNS];
	bool		nulls[HM_LAYOUT_MAX_COLUMNS];
	bool		external;

	if (hm_deform(hm_verify_layouts[spec->table], spec->wanted, tuple, values,
				  nulls, &external) != HM_DAMAGE_NONE)
		return false;
	memset(key, 0, sizeof(*key));
	key->id = *DatumGetUUIDP(values[0]);
	for (int i = 0; i < spec->nnumbers; i++)
		key->numbers[i] = DatumGetInt64(values[spec->columns[i]]);
	*event_id = spec->table == HM_TABLE_EVENT ?
		DatumGetInt64(values[HM_COL_EVENT_ID]) : spec->table == HM_TABLE_LEAF ?
		DatumGetInt64(values[HM_LEAF_EVENT_ID]) : 0;
	return true;
}

static void
add_key(IndexCheck *check, HmSum *sum, const HmBtreeKey *key, ItemPointer tid)
{
	uint64		words[3 + HM_BTREE_MAX_NUMBERS];

	memcpy(words, key, sizeof(*key));
	words[lengthof(words) - 1] =
		(uint64) ItemPointerGetBlockNumberNoCheck(tid) << 16 |
		ItemPointerGetOffsetNumberNoCheck(tid);
	hm_sum_add(sum, &check->verify->key, words, lengthof(words));
}

static void
note_rows(IndexCheck *check)
{
	HmHeapReader *reader = check->reader;

	for (BlockNumber block = 0; block < reader->npages; block++)
	{
		CHECK_FOR_INTERRUPTS();
		hm_heap_read(reader, block);
		for (int i = 0; i < reader->ntuples; i++)
		{
			OffsetNumber offset = reader->tuples[i].offset;
			ItemPointerData tid;
			HmBtreeKey	key;
			int64		event_id;

			if (!read_row_key(check, &reader->tuples[i], &key, &event_id))
				continue;
			ItemPointerSet(&tid, block, offset);
			add_key(check, &check->rows, &key, &tid);
			*find_word(check, block, offset) |= UINT64CONST(1) <<
				((offset - 1) % 64);
		}
	}
}

/* ---- entries ---- */

static void
add_entry(void *state, const HmBtreeKey *key, ItemPointer tid)
{
	IndexCheck *check = state;

	if (is_noted(check, tid))
		add_key(check, &check->entries, key, tid);
}

/* The row's own key, where the sums say that something is wrong. */
static bool
fetch_key(IndexCheck *check, BlockNumber block, OffsetNumber offset,
		  HmBtreeKey *key, int64 *event_id)
{
	HmHeapReader *reader = check->reader;

	if (reader->block != block)
		hm_heap_read(reader, block);
	for (int i = 0; i < reader->ntuples; i++)
	{
		if (reader->tuples[i].offset == offset)
			return read_row_key(check, &reader->tuples[i], key, event_id);
	}
	return false;
}

static void
strike_off(void *state, const HmBtreeKey *key, ItemPointer tid)
{
	IndexCheck *check = state;
	BlockNumber block = ItemPointerGetBlockNumberNoCheck(tid);
	OffsetNumber offset = ItemPointerGetOffsetNumberNoCheck(tid);
	HmBtreeKey	row_key;
	int64		event_id;

	if (is_noted(check, tid) &&
		fetch_key(check, block, offset, &row_key, &event_id) &&
		hm_btree_compare(key, &row_key, check->spec->nnumbers) == 0)
		*find_word(check, block, offset) &= ~(UINT64CONST(1) <<
											  ((offset - 1) % 64));
}

static void
report_row(IndexCheck *check, BlockNumber block, OffsetNumber offset)
{
	HmBtreeKey	key;
	int64		event_id;

	if (!fetch_key(check, block, offset, &key, &event_id))
		return;
	if (event_id != 0)
		hm_verify_fail(check->verify, HM_CHECK_INDEX, event_id,
					   "%s does not have event " INT64_FORMAT, check->name,
					   event_id);
	else
		hm_verify_fail(check->verify, HM_CHECK_INDEX, 0,
					   "%s does not have block " INT64_FORMAT, check->name,
					   key.numbers[0]);
}

static void
report_rows(IndexCheck *check)
{
	int64		nmissing = 0;

	for (BlockNumber block = 0; block < check->reader->npages; block++)
	{
		for (OffsetNumber offset = 1; offset <= MaxHeapTuplesPerPage; offset++)
		{
			ItemPointerData tid;

			ItemPointerSet(&tid, block, offset);
			if (!is_noted(check, &tid))
				continue;
			report_row(check, block, offset);
			nmissing++;
		}
	}
	if (nmissing == 0)
		hm_verify_fail(check->verify, HM_CHECK_INDEX, 0,
					   "%s has rows twice: " INT64_FORMAT " entries for "
					   INT64_FORMAT " rows", check->name,
					   check->entries.count, check->rows.count);
}

/* ---- an index ---- */

static void
compare_index(IndexCheck *check, Relation index)
{
	HmVerifyCheck *result = &check->verify->report->checks[HM_CHECK_INDEX];
	int64	   *npages = &check->verify->report->checks[HM_CHECK_PAGE].checked;
	const char *problem;

	if (!index->rd_index->indisvalid || !index->rd_index->indisready ||
		!index->rd_index->indislive || !index->rd_index->indisunique)
		hm_verify_fail(check->verify, HM_CHECK_INDEX, 0,
					   "%s is marked as not usable or not unique",
					   check->name);
	note_rows(check);
	result->checked += check->rows.count;
	problem = hm_btree_walk(index, check->spec->nnumbers, add_entry, check,
							npages);
	if (problem)
	{
		hm_verify_fail(check->verify, HM_CHECK_INDEX, 0, "%s: %s",
					   check->name, problem);
		return;
	}
	if (hm_sum_equal(&check->rows, &check->entries))
		return;
	hm_btree_walk(index, check->spec->nnumbers, strike_off, check, npages);
	report_rows(check);
}

static void
check_index(HmVerify *verify, const IndexSpec *spec)
{
	Oid			relid = hm_relation_find(spec->relation);
	Relation	index = OidIsValid(relid) ?
	try_relation_open(relid, AccessShareLock) : NULL;
	IndexCheck	check = {verify, spec};
	HmDamage	damage;

	if (verify->tables[spec->table] == NULL)
		return;
	if (index == NULL || index->rd_rel->relkind != RELKIND_INDEX ||
		index->rd_rel->relam != BTREE_AM_OID)
	{
		hm_verify_fail(verify, HM_CHECK_INDEX, 0,
					   "an index of %s is missing",
					   hm_verify_layouts[spec->table]->table);
		return;
	}
	check.name = RelationGetRelationName(index);
	check.reader = hm_heap_open(verify->tables[spec->table], verify->snapshot,
								&damage);
	check.bitmap = MemoryContextAllocExtended(CurrentMemoryContext,
											  (Size) check.reader->npages *
											  WORDS_PER_PAGE * sizeof(uint64) +
											  1,
											  MCXT_ALLOC_HUGE |
											  MCXT_ALLOC_ZERO);
	compare_index(&check, index);
	pfree(check.bitmap);
	hm_heap_close(check.reader);
	relation_close(index, NoLock);
}

void
hm_verify_check_indexes(HmVerify *verify)
{
	if (verify->options->since != 0 || verify->options->epoch != NULL)
	{
		hm_verify_skip(verify, HM_CHECK_INDEX,
					   "only when all of the record is verified");
		return;
	}
	for (int i = 0; i < lengthof(specs); i++)
		check_index(verify, &specs[i]);
}
