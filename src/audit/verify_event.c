/*
 * src/audit/verify_event.c
 *	  Events: values against leaf hashes, and sums by block.
 *
 * This is the part that takes the time.  It runs in the leader and in
 * parallel workers alike, so it reports nothing itself.
 */
#include "postgres.h"

#include "audit/event_row.h"
#include "audit/verify_work.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

/* Epoch, event_id and xid. */
#define KEY_COLUMNS (HM_COL_XID + 1)

void
hm_event_scan_init(HmEventScan *scan, Relation relation, Snapshot snapshot)
{
	HmDamage	damage;

	scan->reader = hm_heap_open(relation, snapshot, &damage);
	scan->page_context = AllocSetContextCreate(CurrentMemoryContext,
											   "hipaa_migrate verify event",
											   ALLOCSET_DEFAULT_SIZES);
	initStringInfo(&scan->canonical);
	scan->epoch = -1;
	scan->block = 0;
}

void
hm_event_scan_finding(HmEventScan *scan, HmProblem problem, HmDamage damage,
					  ItemPointer tid, int64 event_id)
{
	HmFinding  *finding;

	if (scan->tally.nfindings++ >= HM_EVENT_MAX_FINDINGS)
		return;
	finding = &scan->findings[scan->tally.nfindings - 1];
	finding->event_id = event_id;
	finding->block = ItemPointerGetBlockNumberNoCheck(tid);
	finding->offset = ItemPointerGetOffsetNumberNoCheck(tid);
	finding->problem = problem;
	finding->damage = damage;
}

static void
revisit(HmEventScan *scan, ItemPointer tid, HmRevisitReason reason)
{
	int64		number = scan->tally.nrevisits++;

	if (number >= scan->max_revisits)
	{
		if (!scan->grow_revisits)
			return;
		scan->max_revisits *= 2;
		scan->revisits = repalloc_huge(scan->revisits, scan->max_revisits *
									   sizeof(HmRevisit));
	}
	scan->revisits[number].tid = *tid;
	scan->revisits[number].reason = reason;
}

/* False when a text is not in the database's encoding. */
static bool
canonical_form(HmEventScan *scan, const HmEventRow *row)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool formed = false;

	resetStringInfo(&scan->canonical);
	if (GetDatabaseEncoding() == PG_UTF8)
	{
		hm_event_row_canonical(row, &scan->canonical);
		return true;
	}
	PG_TRY();
	{
		hm_event_row_canonical(row, &scan->canonical);
		formed = true;
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();
	return formed;
}

static bool
text_is(Datum value, const char *string)
{
	struct varlena *text = (struct varlena *) DatumGetPointer(value);
	Size		length = strlen(string);

	return VARSIZE_ANY_EXHDR(text) == length &&
		memcmp(VARDATA_ANY(text), string, length) == 0;
}

static void
add_to_block(HmEventScan *scan, ItemPointer tid, int64 event_id, int64 xid,
			 const uint8 *hash)
{
	int			block = hm_block_index_find(scan->index, scan->epoch,
											(uint64) xid, scan->block);

	if (block == HM_NO_BLOCK)
	{
		scan->tally.nunsealed++;
		if (scan->epoch == scan->open_epoch && (uint64) xid >= scan->next_xid)
			hm_event_scan_finding(scan, HM_PROBLEM_XID, HM_DAMAGE_NONE, tid,
								  event_id);
		return;
	}
	scan->block = block;
	if (scan->sink)
		scan->sink(scan->sink_state, block, event_id, xid, hash);
	else
		hm_sum_add_event(&scan->sums[block], &scan->key, event_id, xid,
						 hash);
}

/* The row is whole; scan->epoch is its epoch. */
void
hm_event_scan_row(HmEventScan *scan, ItemPointer tid, const HmEventRow *row)
{
	int64		event_id = DatumGetInt64(row->values[HM_COL_EVENT_ID]);
	HmMerkleHash stored;
	HmMerkleHash computed;

	if (!canonical_form(scan, row))
	{
		hm_event_scan_finding(scan, HM_PROBLEM_DAMAGE, HM_DAMAGE_ENCODING,
							  tid, event_id);
		return;
	}
	hm_hash_bytes(scan->canonical.data, scan->canonical.len, computed.bytes);
	scan->tally.nhashed++;
	add_to_block(scan, tid, event_id, DatumGetInt64(row->values[HM_COL_XID]),
				 computed.bytes);
	if (!hm_verify_hash(row->values[HM_COL_LEAF_HASH], false, &stored) ||
		!hm_merkle_equal(&stored, &computed))
		hm_event_scan_finding(scan, HM_PROBLEM_HASH, HM_DAMAGE_NONE, tid,
							  event_id);
	else if (text_is(row->values[HM_COL_KIND], "record.purged") ||
			 text_is(row->values[HM_COL_KIND], "record.redacted") ||
			 text_is(row->values[HM_COL_KIND], "record.updated"))
		revisit(scan, tid, HM_REVISIT_EVIDENCE);
}

/* Sets scan->epoch.  False when the row is to be passed over. */
bool
hm_event_scan_wants(HmEventScan *scan, ItemPointer tid, const HmEventRow *row)
{
	const HmBlockIndex *index = scan->index;
	const pg_uuid_t *id = DatumGetUUIDP(row->values[HM_COL_EPOCH]);
	int			block;

	if (scan->epoch < 0 ||
		memcmp(&index->epochs[scan->epoch].id, id, sizeof(*id)) != 0)
	{
		scan->epoch = hm_block_index_epoch(index, id);
		scan->block = scan->epoch < 0 ? 0 :
			index->epochs[scan->epoch].first_block;
	}
	if (scan->epoch < 0)
	{
		if (!scan->one_epoch)
			hm_event_scan_finding(scan, HM_PROBLEM_EPOCH, HM_DAMAGE_NONE, tid,
								  DatumGetInt64(row->values[HM_COL_EVENT_ID]));
		return false;
	}
	if (!index->epochs[scan->epoch].wanted)
		return false;
	block = hm_block_index_find(index, scan->epoch,
								DatumGetInt64(row->values[HM_COL_XID]),
								scan->block);
	return block == HM_NO_BLOCK || !index->blocks[block].trusted;
}

static void
scan_tuple(HmEventScan *scan, const HmHeapTuple *tuple)
{
	HmEventRow	row;
	HmDamage	damage;
	ItemPointerData tid;
	bool		external;

	ItemPointerSet(&tid, scan->reader->block, tuple->offset);
	damage = hm_deform(&hm_layout_event, KEY_COLUMNS, tuple, row.values,
					   row.nulls, &external);
	if (damage != HM_DAMAGE_NONE)
	{
		hm_event_scan_finding(scan, HM_PROBLEM_DAMAGE, damage, &tid, 0);
		return;
	}
	if (!hm_event_scan_wants(scan, &tid, &row))
		return;
	damage = hm_deform(&hm_layout_event, HM_EVENT_COLUMNS, tuple, row.values,
					   row.nulls, &external);
	if (damage != HM_DAMAGE_NONE)
		hm_event_scan_finding(scan, HM_PROBLEM_DAMAGE, damage, &tid,
							  DatumGetInt64(row.values[HM_COL_EVENT_ID]));
	else if (external)
		revisit(scan, &tid, HM_REVISIT_TOAST);
	else
		hm_event_scan_row(scan, &tid, &row);
}

void
hm_event_scan_page(HmEventScan *scan, BlockNumber page)
{
	HmHeapReader *reader = scan->reader;
	MemoryContext caller;
	ItemPointerData tid;

	CHECK_FOR_INTERRUPTS();
	hm_heap_read(reader, page);
	for (int i = 0; i < reader->ndamages; i++)
	{
		ItemPointerSet(&tid, page, reader->damages[i].offset);
		hm_event_scan_finding(scan, HM_PROBLEM_DAMAGE,
							  reader->damages[i].damage, &tid, 0);
	}
	caller = MemoryContextSwitchTo(scan->page_context);
	for (int i = 0; i < reader->ntuples; i++)
		scan_tuple(scan, &reader->tuples[i]);
	MemoryContextSwitchTo(caller);
	MemoryContextReset(scan->page_context);
	scan->tally.npages++;
}
