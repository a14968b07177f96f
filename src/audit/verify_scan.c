/*
 * src/audit/verify_scan.c
 *	  Scans of the tables beside audit_event, row by row.
 */
#include "postgres.h"

#include "audit/verify_work.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rel.h"

const HmLayout *const hm_verify_layouts[HM_TABLE_COUNT] = {
	[HM_TABLE_EVENT] = &hm_layout_event,
	[HM_TABLE_LEAF] = &hm_layout_leaf,
	[HM_TABLE_BLOCK] = &hm_layout_block,
	[HM_TABLE_EPOCH] = &hm_layout_epoch,
	[HM_TABLE_STATE] = &hm_layout_state,
};

/* These tables have only short values, none of them outside the table. */
static void
visit_tuple(HmVerify *verify, HmVerifyTable table, HmHeapReader *reader,
			const HmHeapTuple *tuple, HmVerifyVisit visit, void *state)
{
	const HmLayout *layout = hm_verify_layouts[table];
	Datum		values[HM_LAYOUT_MAX_COLUMNS];
	bool		nulls[HM_LAYOUT_MAX_COLUMNS];
	bool		external;
	HmDamage	damage = hm_deform(layout, layout->ncolumns, tuple, values,
								   nulls, &external);
	ItemPointerData tid;

	if (damage == HM_DAMAGE_NONE && external)
		damage = HM_DAMAGE_TOAST;
	if (damage != HM_DAMAGE_NONE)
	{
		hm_verify_damage(verify, layout->table, reader->block, tuple->offset,
						 damage);
		return;
	}
	ItemPointerSet(&tid, reader->block, tuple->offset);
	visit(verify, state, &tid, values, nulls);
}

static void
visit_page(HmVerify *verify, HmVerifyTable table, HmHeapReader *reader,
		   HmVerifyVisit visit, void *state)
{
	for (int i = 0; i < reader->ndamages; i++)
		hm_verify_damage(verify, hm_verify_layouts[table]->table,
						 reader->block, reader->damages[i].offset,
						 reader->damages[i].damage);
	for (int i = 0; i < reader->ntuples; i++)
		visit_tuple(verify, table, reader, &reader->tuples[i], visit, state);
	verify->report->checks[HM_CHECK_PAGE].checked++;
}

void
hm_verify_scan(HmVerify *verify, HmVerifyTable table, HmVerifyVisit visit,
			   void *state)
{
	MemoryContext page_context;
	MemoryContext caller;
	HmHeapReader *reader;
	HmDamage	damage;

	if (verify->tables[table] == NULL)
		return;
	page_context = AllocSetContextCreate(CurrentMemoryContext,
										 "hipaa_migrate verify page",
										 ALLOCSET_DEFAULT_SIZES);
	reader = hm_heap_open(verify->tables[table], verify->snapshot, &damage);
	if (damage != HM_DAMAGE_NONE)
		hm_verify_fail(verify, HM_CHECK_PAGE, 0, "%s: its file %s",
					   hm_verify_layouts[table]->table,
					   hm_damage_text(damage));
	for (BlockNumber block = 0; block < reader->npages; block++)
	{
		CHECK_FOR_INTERRUPTS();
		MemoryContextReset(page_context);
		hm_heap_read(reader, block);
		caller = MemoryContextSwitchTo(page_context);
		visit_page(verify, table, reader, visit, state);
		MemoryContextSwitchTo(caller);
	}
	hm_heap_close(reader);
	MemoryContextDelete(page_context);
}

HmHeapReader *
hm_verify_fetch(HmVerify *verify, HmVerifyTable table, ItemPointer tid,
				Datum *values, bool *nulls)
{
	const HmLayout *layout = hm_verify_layouts[table];
	HmDamage	damage;
	HmHeapReader *reader = hm_heap_open(verify->tables[table],
										verify->snapshot, &damage);
	bool		external;

	hm_heap_read(reader, ItemPointerGetBlockNumber(tid));
	for (int i = 0; i < reader->ntuples; i++)
	{
		if (reader->tuples[i].offset == ItemPointerGetOffsetNumber(tid) &&
			hm_deform(layout, layout->ncolumns, &reader->tuples[i], values,
					  nulls, &external) == HM_DAMAGE_NONE)
			return reader;
	}
	hm_heap_close(reader);
	return NULL;
}

bool
hm_verify_hash(Datum value, bool isnull, HmMerkleHash *hash)
{
	struct varlena *bytes = (struct varlena *) DatumGetPointer(value);

	memset(hash, 0, sizeof(*hash));
	if (isnull || VARSIZE_ANY_EXHDR(bytes) != HM_HASH_LENGTH)
		return false;
	memcpy(hash->bytes, VARDATA_ANY(bytes), HM_HASH_LENGTH);
	return true;
}
