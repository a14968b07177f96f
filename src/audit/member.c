/*
 * src/audit/member.c
 *	  Members of a block, and their leaves.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "audit/event_row.h"
#include "audit/member.h"
#include "audit/relations.h"
#include "audit/row_writer.h"
#include "utils/fmgroids.h"
#include "utils/memutils.h"
#include "utils/rel.h"

#define FIRST_CAPACITY 256

enum
{
	COL_EPOCH,
	COL_SEQ,
	COL_EVENT_ID,
	COL_XID,
	COL_BLOCK,
	COL_LEAF_HASH,
	LEAF_COLUMNS
};

typedef struct EventScan
{
	Relation	table;
	Relation	index;
	Snapshot	snapshot;
	const pg_uuid_t *epoch;
	HmMembers  *members;
} EventScan;

static HmMember *
add_member(HmMembers *members)
{
	if (members->count == members->capacity)
	{
		members->capacity *= 2;
		members->items = repalloc_huge(members->items,
									   members->capacity * sizeof(HmMember));
	}
	return &members->items[members->count++];
}

static void
read_leaf_hash(Datum value, HmLeafHash *leaf)
{
	bytea	   *hash = DatumGetByteaPP(value);

	if (VARSIZE_ANY_EXHDR(hash) != HM_HASH_LENGTH)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("an event of the record of hipaa_migrate is damaged"),
				 errhint("See what SELECT * FROM audit_verify() reports.")));
	SET_VARSIZE(leaf, sizeof(HmLeafHash));
	memcpy(leaf->hash.bytes, VARDATA_ANY(hash), HM_HASH_LENGTH);
}

static void
read_event(HeapTuple event, TupleDesc desc, HmMember *member)
{
	bool		isnull;

	member->event_id = DatumGetInt64(heap_getattr(event, HM_COL_EVENT_ID + 1,
												  desc, &isnull));
	member->xid = DatumGetInt64(heap_getattr(event, HM_COL_XID + 1, desc,
											 &isnull));
	read_leaf_hash(heap_getattr(event, HM_COL_LEAF_HASH + 1, desc, &isnull),
				   &member->leaf);
}

/* Those of the transaction xid, or of it and all later ones. */
static void
scan_events(EventScan *scan, uint64 xid, StrategyNumber strategy,
			RegProcedure procedure)
{
	ScanKeyData keys[2];
	SysScanDesc rows;
	HeapTuple	row;

	ScanKeyInit(&keys[0], HM_COL_EPOCH + 1, BTEqualStrategyNumber, F_UUID_EQ,
				UUIDPGetDatum(scan->epoch));
	ScanKeyInit(&keys[1], HM_COL_XID + 1, strategy, procedure,
				Int64GetDatum((int64) xid));
	rows = systable_beginscan_ordered(scan->table, scan->index,
									  scan->snapshot, 2, keys);
	while ((row = systable_getnext_ordered(rows, ForwardScanDirection)))
		read_event(row, RelationGetDescr(scan->table),
				   add_member(scan->members));
	systable_endscan_ordered(rows);
}

static int
compare_members(const void *one, const void *other)
{
	int64		a = ((const HmMember *) one)->event_id;
	int64		b = ((const HmMember *) other)->event_id;

	return a < b ? -1 : a > b;
}

static void
scan_since(EventScan *scan, const HmBlockSnapshot *before)
{
	for (int i = 0; before && i < before->nxip; i++)
		scan_events(scan, before->xip[i], BTEqualStrategyNumber, F_INT8EQ);
	scan_events(scan, before ? before->xmax : 0,
				BTGreaterEqualStrategyNumber, F_INT8GE);
}

HmMembers *
hm_members_load(const pg_uuid_t *epoch, const HmBlockSnapshot *before,
				Snapshot snapshot)
{
	HmMembers  *members = palloc0(sizeof(HmMembers));
	EventScan	scan = {.snapshot = snapshot,.epoch = epoch,.members = members};

	members->capacity = FIRST_CAPACITY;
	members->items = palloc(members->capacity * sizeof(HmMember));
	scan.table = table_open(hm_relation_oid(HM_RELATION_AUDIT_EVENT),
							AccessShareLock);
	scan.index = index_open(hm_relation_oid(HM_RELATION_AUDIT_EVENT_PKEY),
							AccessShareLock);
	hm_event_check_columns(scan.table);
	scan_since(&scan, before);
	index_close(scan.index, AccessShareLock);
	table_close(scan.table, AccessShareLock);
	qsort(members->items, members->count, sizeof(HmMember), compare_members);
	return members;
}

void
hm_members_insert_leaves(const HmMembers *members, const HmBlock *block)
{
	HmWriter   *writer = hm_writer_open(HM_RELATION_AUDIT_LEAF,
										LEAF_COLUMNS);
	Datum		values[LEAF_COLUMNS];
	bool		nulls[LEAF_COLUMNS] = {0};

	values[COL_EPOCH] = UUIDPGetDatum(&block->epoch);
	values[COL_BLOCK] = Int64GetDatum(block->block);
	for (int64 i = 0; i < members->count; i++)
	{
		const HmMember *member = &members->items[i];

		values[COL_SEQ] = Int64GetDatum(block->first_leaf + i);
		values[COL_EVENT_ID] = Int64GetDatum(member->event_id);
		values[COL_XID] = Int64GetDatum(member->xid);
		values[COL_LEAF_HASH] = PointerGetDatum(&member->leaf);
		hm_writer_add(writer, values, nulls);
	}
	hm_writer_close(writer);
}
