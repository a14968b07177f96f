/*
 * src/audit/epoch_row.c
 *	  Rows of audit_epoch, read and written.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "audit/epoch_row.h"
#include "audit/relations.h"
#include "base/snapshot.h"
#include "catalog/indexing.h"
#include "utils/builtins.h"
#include "utils/rel.h"

enum
{
	COL_EPOCH,
	COL_ORDINAL,
	COL_STATE,
	COL_OPENED_AT,
	COL_CLOSED_AT,
	COL_DATABASE,
	COL_DATABASE_OID,
	COL_SYSTEM_IDENTIFIER,
	COL_REASON,
	EPOCH_COLUMNS
};

static HmEpoch *
unpack(HeapTuple tuple, TupleDesc desc)
{
	HmEpoch    *epoch = palloc0(sizeof(HmEpoch));
	Datum		values[EPOCH_COLUMNS];
	bool		nulls[EPOCH_COLUMNS];

	heap_deform_tuple(tuple, desc, values, nulls);
	epoch->epoch = *DatumGetUUIDP(values[COL_EPOCH]);
	epoch->ordinal = DatumGetInt64(values[COL_ORDINAL]);
	epoch->state = TextDatumGetCString(values[COL_STATE]);
	epoch->opened_at = DatumGetTimestampTz(values[COL_OPENED_AT]);
	epoch->closed_at = nulls[COL_CLOSED_AT] ? 0 :
		DatumGetTimestampTz(values[COL_CLOSED_AT]);
	epoch->database = TextDatumGetCString(values[COL_DATABASE]);
	epoch->database_oid = (Oid) DatumGetInt64(values[COL_DATABASE_OID]);
	epoch->system_identifier = DatumGetInt64(values[COL_SYSTEM_IDENTIFIER]);
	epoch->reason = TextDatumGetCString(values[COL_REASON]);
	epoch->tuple = heap_copytuple(tuple);
	return epoch;
}

static HeapTuple
pack(const HmEpoch *epoch, TupleDesc desc)
{
	Datum		values[EPOCH_COLUMNS];
	bool		nulls[EPOCH_COLUMNS] = {0};

	values[COL_EPOCH] = UUIDPGetDatum(&epoch->epoch);
	values[COL_ORDINAL] = Int64GetDatum(epoch->ordinal);
	values[COL_STATE] = CStringGetTextDatum(epoch->state);
	values[COL_OPENED_AT] = TimestampTzGetDatum(epoch->opened_at);
	values[COL_CLOSED_AT] = TimestampTzGetDatum(epoch->closed_at);
	nulls[COL_CLOSED_AT] = epoch->closed_at == 0;
	values[COL_DATABASE] = CStringGetTextDatum(epoch->database);
	values[COL_DATABASE_OID] = Int64GetDatum((int64) epoch->database_oid);
	values[COL_SYSTEM_IDENTIFIER] = Int64GetDatum(epoch->system_identifier);
	values[COL_REASON] = CStringGetTextDatum(epoch->reason);
	return heap_form_tuple(desc, values, nulls);
}

static Relation
open_table(LOCKMODE lock)
{
	Relation	table = table_open(hm_relation_oid(HM_RELATION_AUDIT_EPOCH),
								   lock);

	if (RelationGetNumberOfAttributes(table) != EPOCH_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("table \"hipaa_migrate.audit_epoch\" does not have the columns it should have")));
	return table;
}

static int
compare_ordinals(const ListCell *one, const ListCell *other)
{
	int64		a = ((HmEpoch *) lfirst(one))->ordinal;
	int64		b = ((HmEpoch *) lfirst(other))->ordinal;

	return a < b ? -1 : a > b;
}

List *
hm_epoch_load_all(Snapshot snapshot)
{
	Relation	table = open_table(AccessShareLock);
	SysScanDesc scan = systable_beginscan(table, InvalidOid, false, snapshot,
										  0, NULL);
	List	   *epochs = NIL;
	HeapTuple	tuple;

	while ((tuple = systable_getnext(scan)))
		epochs = lappend(epochs, unpack(tuple, RelationGetDescr(table)));
	systable_endscan(scan);
	table_close(table, AccessShareLock);
	list_sort(epochs, compare_ordinals);
	return epochs;
}

HmEpoch *
hm_epoch_find(List *epochs, const pg_uuid_t *epoch)
{
	ListCell   *cell;

	foreach(cell, epochs)
	{
		HmEpoch    *candidate = lfirst(cell);

		if (memcmp(&candidate->epoch, epoch, sizeof(pg_uuid_t)) == 0)
			return candidate;
	}
	return NULL;
}

void
hm_epoch_insert(const HmEpoch *epoch)
{
	Relation	table = open_table(RowExclusiveLock);
	bool		pushed = hm_snapshot_ensure();

	CatalogTupleInsert(table, pack(epoch, RelationGetDescr(table)));
	hm_snapshot_drop(pushed);
	table_close(table, NoLock);
}

void
hm_epoch_update(const HmEpoch *epoch)
{
	Relation	table = open_table(RowExclusiveLock);
	bool		pushed = hm_snapshot_ensure();

	CatalogTupleUpdate(table, &epoch->tuple->t_self,
					   pack(epoch, RelationGetDescr(table)));
	hm_snapshot_drop(pushed);
	table_close(table, NoLock);
}
