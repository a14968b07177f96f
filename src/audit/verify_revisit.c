/*
 * src/audit/verify_revisit.c
 *	  Events that the leader looks at again, one batch after the other.
 */
#include "postgres.h"

#include "access/relation.h"
#include "audit/verify_work.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* A batch ends when this much stands outside the table. */
#define BATCH_BYTES (64 * 1024 * 1024)
#define BATCH_EVENTS 100000

typedef struct Revisiting
{
	HmVerify   *verify;
	HmEventScan *scan;
	HmHeapReader *reader;		/* of its own: the scan's has a page in use */
	HmToast    *toast;
	MemoryContext row_context;
} Revisiting;

/* The row as it stands in the page, or false. */
static bool
fetch_row(Revisiting *again, ItemPointer tid, HmEventRow *row)
{
	HmHeapReader *reader = again->reader;
	BlockNumber block = ItemPointerGetBlockNumber(tid);
	bool		external;

	if (reader->block != block)
		hm_heap_read(reader, block);
	for (int i = 0; i < reader->ntuples; i++)
	{
		if (reader->tuples[i].offset == ItemPointerGetOffsetNumber(tid))
			return hm_deform(&hm_layout_event, HM_EVENT_COLUMNS,
							 &reader->tuples[i], row->values, row->nulls,
							 &external) == HM_DAMAGE_NONE;
	}
	return false;
}

static int64
want_batch(Revisiting *again, int64 first)
{
	Size		size = 0;
	int64		number = first;

	while (number < again->scan->tally.nrevisits && size < BATCH_BYTES &&
		   number - first < BATCH_EVENTS)
	{
		HmEventRow	row;

		CHECK_FOR_INTERRUPTS();
		if (fetch_row(again, &again->scan->revisits[number].tid, &row))
			size += hm_toast_want(again->toast, &row);
		MemoryContextReset(again->row_context);
		number++;
	}
	return number;
}

static void
revisit_row(Revisiting *again, HmRevisit revisit)
{
	HmEventScan *scan = again->scan;
	HmEventRow	row;

	if (!fetch_row(again, &revisit.tid, &row) ||
		!hm_event_scan_wants(scan, &revisit.tid, &row))
		return;
	if (!hm_toast_resolve(again->toast, &row))
		hm_event_scan_finding(scan, HM_PROBLEM_DAMAGE, HM_DAMAGE_TOAST,
							  &revisit.tid,
							  DatumGetInt64(row.values[HM_COL_EVENT_ID]));
	else if (revisit.reason == HM_REVISIT_TOAST)
		hm_event_scan_row(scan, &revisit.tid, &row);
	else if (scan->sink == NULL)
		hm_verify_note_evidence(again->verify, &row, scan->epoch);
}

/* What is appended meanwhile is revisited in a later batch. */
void
hm_verify_revisit(HmVerify *verify, HmEventScan *scan)
{
	Relation	events = verify->tables[HM_TABLE_EVENT];
	Oid			toast_relid = events->rd_rel->reltoastrelid;
	Relation	toast_relation = OidIsValid(toast_relid) ?
	try_relation_open(toast_relid, AccessShareLock) : NULL;
	Revisiting	again = {verify, scan};
	MemoryContext caller;
	HmDamage	damage;

	again.reader = hm_heap_open(events, verify->snapshot, &damage);
	again.row_context = AllocSetContextCreate(CurrentMemoryContext,
											  "hipaa_migrate verify row",
											  ALLOCSET_DEFAULT_SIZES);
	for (int64 first = 0, next; first < scan->tally.nrevisits; first = next)
	{
		again.toast = hm_toast_begin(verify, toast_relation);
		caller = MemoryContextSwitchTo(again.row_context);
		next = want_batch(&again, first);
		hm_toast_load(again.toast);
		for (int64 number = first; number < next; number++)
		{
			CHECK_FOR_INTERRUPTS();
			MemoryContextReset(again.row_context);
			revisit_row(&again, scan->revisits[number]);
		}
		MemoryContextSwitchTo(caller);
		hm_toast_end(again.toast);
	}
	MemoryContextDelete(again.row_context);
	hm_heap_close(again.reader);
	if (toast_relation)
		relation_close(toast_relation, NoLock);
}
