/*
 * src/audit/event_insert.c
 *	  Inserts rows into audit_event, past the executor.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "audit/event_row.h"
#include "audit/notification.h"
#include "audit/number.h"
#include "audit/relations.h"
#include "audit/state.h"
#include "base/snapshot.h"
#include "catalog/index.h"
#include "catalog/pg_type.h"
#include "executor/tuptable.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/uuid.h"

#define KEY_COLUMNS 3

static Oid
type_of_column(int column)
{
	switch (column == HM_COL_LEAF_HASH ? 'b' : hm_event_types[column])
	{
		case 'u':
			return UUIDOID;
		case 'i':
			return INT8OID;
		case 'd':
			return TIMESTAMPTZOID;
		case 'b':
			return BYTEAOID;
		default:
			return TEXTOID;
	}
}

/* What stands on disk must be what the library believes it writes. */
void
hm_event_check_columns(Relation relation)
{
	TupleDesc	desc = RelationGetDescr(relation);
	bool		right = desc->natts == HM_EVENT_COLUMNS;

	for (int i = 0; right && i < HM_EVENT_COLUMNS; i++)
		right = TupleDescAttr(desc, i)->atttypid == type_of_column(i) &&
			!TupleDescAttr(desc, i)->attisdropped;
	if (!right)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("table \"hipaa_migrate.audit_event\" does not have the columns it should have"),
				 errdetail("Somebody has changed the record's catalogs."),
				 errhint("See what SELECT * FROM audit_verify() reports.")));
}

static void
put_key(HmEventRow *row)
{
	FullTransactionId xid = GetTopFullTransactionId();
	int64		event_id = hm_number_next(HM_RELATION_EVENT_ID_SEQ);

	row->values[HM_COL_EPOCH] = UUIDPGetDatum(hm_state_epoch());
	row->values[HM_COL_EVENT_ID] = Int64GetDatum(event_id);
	row->values[HM_COL_XID] = Int64GetDatum((int64) U64FromFullTransactionId(xid));
	row->nulls[HM_COL_EPOCH] = false;
	row->nulls[HM_COL_EVENT_ID] = false;
	row->nulls[HM_COL_XID] = false;
}

static void
put_leaf_hash(HmEventRow *row)
{
	bytea	   *hash = palloc(VARHDRSZ + HM_HASH_LENGTH);
	StringInfoData canonical;

	initStringInfo(&canonical);
	hm_event_row_canonical(row, &canonical);
	SET_VARSIZE(hash, VARHDRSZ + HM_HASH_LENGTH);
	hm_hash_bytes(canonical.data, canonical.len, (uint8 *) VARDATA(hash));
	pfree(canonical.data);
	row->values[HM_COL_LEAF_HASH] = PointerGetDatum(hash);
	row->nulls[HM_COL_LEAF_HASH] = false;
}

static void
insert_key(Relation relation, const HmEventRow *row, ItemPointer tid)
{
	Relation	index = index_open(hm_relation_oid(HM_RELATION_AUDIT_EVENT_PKEY),
								   RowExclusiveLock);
	Datum		values[KEY_COLUMNS];
	bool		nulls[KEY_COLUMNS] = {0};

	values[0] = row->values[HM_COL_EPOCH];
	values[1] = row->values[HM_COL_XID];
	values[2] = row->values[HM_COL_EVENT_ID];
	index_insert(index, values, nulls, tid, relation, UNIQUE_CHECK_YES,
				 false, BuildIndexInfo(index));
	index_close(index, NoLock);
}

static void
insert(HmEventRow *row)
{
	Relation	relation = table_open(hm_relation_oid(HM_RELATION_AUDIT_EVENT),
									  RowExclusiveLock);
	TupleTableSlot *slot;

	hm_event_check_columns(relation);
	put_key(row);
	put_leaf_hash(row);
	slot = table_slot_create(relation, NULL);
	memcpy(slot->tts_values, row->values, sizeof(row->values));
	memcpy(slot->tts_isnull, row->nulls, sizeof(row->nulls));
	ExecStoreVirtualTuple(slot);
	table_tuple_insert(relation, slot, GetCurrentCommandId(true),
					   TABLE_INSERT_NO_LOGICAL, NULL);
	insert_key(relation, row, &slot->tts_tid);
	ExecDropSingleTupleTableSlot(slot);
	table_close(relation, NoLock);
}

void
hm_event_row_insert(HmEventRow *row)
{
	bool		pushed = hm_snapshot_ensure();

	insert(row);
	hm_snapshot_drop(pushed);
	hm_notification_note(row);
}
