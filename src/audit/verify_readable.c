/*
 * src/audit/verify_readable.c
 *	  Whether the events can be read by SQL without danger.
 */
#include "postgres.h"

#include "access/table.h"
#include "audit/relations.h"
#include "audit/verify_work.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

static bool
page_is_readable(HmHeapReader *reader, BlockNumber page)
{
	hm_heap_read(reader, page);
	for (int i = 0; i < reader->ntuples; i++)
	{
		HmEventRow	row;
		bool		external;

		if (hm_deform(&hm_layout_event, HM_EVENT_COLUMNS, &reader->tuples[i],
					  row.values, row.nulls, &external) != HM_DAMAGE_NONE)
			return false;
	}
	return reader->ndamages == 0;
}

bool
hm_verify_events_readable(void)
{
	Relation	relation = table_open(hm_relation_oid(HM_RELATION_AUDIT_EVENT),
									  AccessShareLock);
	MemoryContext page_context = AllocSetContextCreate(CurrentMemoryContext,
													   "hipaa_migrate readable",
													   ALLOCSET_DEFAULT_SIZES);
	HmDamage	damage;
	HmHeapReader *reader = hm_heap_open(relation, GetActiveSnapshot(),
										&damage);
	MemoryContext caller = MemoryContextSwitchTo(page_context);
	bool		readable = damage == HM_DAMAGE_NONE;

	for (BlockNumber page = 0; page < reader->npages && readable; page++)
	{
		CHECK_FOR_INTERRUPTS();
		readable = page_is_readable(reader, page);
		MemoryContextReset(page_context);
	}
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(page_context);
	hm_heap_close(reader);
	table_close(relation, AccessShareLock);
	return readable;
}
