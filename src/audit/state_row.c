/*
 * src/audit/state_row.c
 *	  The row of audit_state, read and written.
 */
#include "postgres.h"

#include <unistd.h>

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/transam.h"
#include "access/xlog.h"
#include "audit/relations.h"
#include "audit/state_row.h"
#include "base/snapshot.h"
#include "catalog/indexing.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"

enum
{
	COL_EPOCH,
	COL_DATABASE_OID,
	COL_SYSTEM_IDENTIFIER,
	COL_HOST,
	COL_DATA_DIRECTORY,
	COL_NEXT_XID,
	COL_CLONE,
	COL_ANCHORED_AT,
	COL_CLOCK_PENDING,
	COL_VERIFIED_AT,
	COL_VERIFIED_OUTCOME,
	COL_DIGEST_BLOCK,
	COL_DIGEST_AT,
	COL_DIGEST_FAILURES,
	COL_CLOCK_SERVER,
	COL_CLOCK_OFFSET,
	STATE_COLUMNS
};

/* Found by name: others have columns of their own in the table. */
static const char *const column_names[] = {
	[COL_EPOCH] = "epoch",
	[COL_DATABASE_OID] = "database_oid",
	[COL_SYSTEM_IDENTIFIER] = "system_identifier",
	[COL_HOST] = "host",
	[COL_DATA_DIRECTORY] = "data_directory",
	[COL_NEXT_XID] = "next_xid",
	[COL_CLONE] = "clone",
	[COL_ANCHORED_AT] = "anchored_at",
	[COL_CLOCK_PENDING] = "clock_pending",
	[COL_VERIFIED_AT] = "verified_at",
	[COL_VERIFIED_OUTCOME] = "verified_outcome",
	[COL_DIGEST_BLOCK] = "digest_block",
	[COL_DIGEST_AT] = "digest_at",
	[COL_DIGEST_FAILURES] = "digest_failures",
	[COL_CLOCK_SERVER] = "clock_server",
	[COL_CLOCK_OFFSET] = "clock_offset"
};

typedef struct StateRow
{
	Datum		values[STATE_COLUMNS];
	bool		nulls[STATE_COLUMNS];
} StateRow;

/* A tuple of the table, taken apart; attributes are numbered from 0. */
typedef struct StateTuple
{
	Datum	   *values;
	bool	   *nulls;
	bool	   *replaced;
	int			attributes[STATE_COLUMNS];
} StateTuple;

static Oid
state_table(void)
{
	return hm_relation_oid(HM_RELATION_AUDIT_STATE);
}

bool
hm_state_try_lock(void)
{
	return ConditionalLockRelationOid(state_table(), ShareRowExclusiveLock);
}

void
hm_state_lock(void)
{
	LockRelationOid(state_table(), ShareRowExclusiveLock);
}

static int
find_attribute(TupleDesc desc, const char *name)
{
	for (int i = 0; i < desc->natts; i++)
	{
		Form_pg_attribute attribute = TupleDescAttr(desc, i);

		if (!attribute->attisdropped &&
			strcmp(NameStr(attribute->attname), name) == 0)
			return i;
	}
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("table \"hipaa_migrate.audit_state\" has no column \"%s\"",
					name)));
}

/* All null. */
static void
make_tuple(StateTuple *tuple, TupleDesc desc)
{
	tuple->values = palloc0(desc->natts * sizeof(Datum));
	tuple->nulls = palloc(desc->natts * sizeof(bool));
	tuple->replaced = palloc0(desc->natts * sizeof(bool));
	memset(tuple->nulls, true, desc->natts * sizeof(bool));
	for (int i = 0; i < STATE_COLUMNS; i++)
		tuple->attributes[i] = find_attribute(desc, column_names[i]);
}

static void
row_to_tuple(const StateRow *row, StateTuple *tuple)
{
	for (int i = 0; i < STATE_COLUMNS; i++)
	{
		int			attribute = tuple->attributes[i];

		tuple->values[attribute] = row->values[i];
		tuple->nulls[attribute] = row->nulls[i];
		tuple->replaced[attribute] = true;
	}
}

static void
tuple_to_row(const StateTuple *tuple, StateRow *row)
{
	for (int i = 0; i < STATE_COLUMNS; i++)
	{
		row->values[i] = tuple->values[tuple->attributes[i]];
		row->nulls[i] = tuple->nulls[tuple->attributes[i]];
	}
}

static void
put_text(StateRow *row, int column, const char *text)
{
	row->nulls[column] = text == NULL;
	if (text)
		row->values[column] = CStringGetTextDatum(text);
}

static void
put_time(StateRow *row, int column, TimestampTz time)
{
	row->nulls[column] = time == 0;
	row->values[column] = TimestampTzGetDatum(time);
}

static void
pack(const HmState *state, StateRow *row)
{
	memset(row, 0, sizeof(StateRow));
	row->values[COL_EPOCH] = UUIDPGetDatum(&state->epoch);
	row->values[COL_DATABASE_OID] = Int64GetDatum((int64) state->database);
	row->values[COL_SYSTEM_IDENTIFIER] =
		Int64GetDatum(state->system_identifier);
	put_text(row, COL_HOST, state->host);
	put_text(row, COL_DATA_DIRECTORY, state->data_directory);
	row->values[COL_NEXT_XID] = Int64GetDatum(state->next_xid);
	row->values[COL_CLONE] = BoolGetDatum(state->clone);
	row->values[COL_ANCHORED_AT] = TimestampTzGetDatum(state->anchored_at);
	put_time(row, COL_CLOCK_PENDING, state->clock_pending);
	put_time(row, COL_VERIFIED_AT, state->verified_at);
	put_text(row, COL_VERIFIED_OUTCOME, state->verified_outcome);
	row->values[COL_DIGEST_BLOCK] = Int64GetDatum(state->digest_block);
	row->nulls[COL_DIGEST_BLOCK] = state->digest_block == 0;
	put_time(row, COL_DIGEST_AT, state->digest_at);
	row->values[COL_DIGEST_FAILURES] = Int64GetDatum(state->digest_failures);
	put_time(row, COL_CLOCK_SERVER, state->clock_server);
	row->values[COL_CLOCK_OFFSET] = Int64GetDatum(state->clock_offset);
}

static char *
get_text(const StateRow *row, int column)
{
	return row->nulls[column] ? NULL :
		TextDatumGetCString(row->values[column]);
}

static int64
get_int64(const StateRow *row, int column)
{
	return row->nulls[column] ? 0 : DatumGetInt64(row->values[column]);
}

static void
unpack(HmState *state, const StateRow *row)
{
	memset(state, 0, sizeof(HmState));
	if (!row->nulls[COL_EPOCH])
		state->epoch = *DatumGetUUIDP(row->values[COL_EPOCH]);
	state->database = (Oid) get_int64(row, COL_DATABASE_OID);
	state->system_identifier = get_int64(row, COL_SYSTEM_IDENTIFIER);
	state->host = get_text(row, COL_HOST);
	state->data_directory = get_text(row, COL_DATA_DIRECTORY);
	state->next_xid = get_int64(row, COL_NEXT_XID);
	state->clone = !row->nulls[COL_CLONE] &&
		DatumGetBool(row->values[COL_CLONE]);
	state->anchored_at = get_int64(row, COL_ANCHORED_AT);
	state->clock_pending = get_int64(row, COL_CLOCK_PENDING);
	state->verified_at = get_int64(row, COL_VERIFIED_AT);
	state->verified_outcome = get_text(row, COL_VERIFIED_OUTCOME);
	state->digest_block = get_int64(row, COL_DIGEST_BLOCK);
	state->digest_at = get_int64(row, COL_DIGEST_AT);
	state->digest_failures = get_int64(row, COL_DIGEST_FAILURES);
	state->clock_server = get_int64(row, COL_CLOCK_SERVER);
	state->clock_offset = get_int64(row, COL_CLOCK_OFFSET);
}

bool
hm_state_load(HmState *state, Snapshot snapshot)
{
	Relation	table = table_open(state_table(), AccessShareLock);
	TupleDesc	desc = RelationGetDescr(table);
	SysScanDesc scan = systable_beginscan(table, InvalidOid, false, snapshot,
										  0, NULL);
	HeapTuple	found = systable_getnext(scan);
	StateTuple	tuple;
	StateRow	row;

	if (HeapTupleIsValid(found))
	{
		make_tuple(&tuple, desc);
		heap_deform_tuple(found, desc, tuple.values, tuple.nulls);
		tuple_to_row(&tuple, &row);
		unpack(state, &row);
		state->tuple = heap_copytuple(found);
	}
	systable_endscan(scan);
	table_close(table, AccessShareLock);
	return HeapTupleIsValid(found);
}

/* As a new row, or in the place of the one that the state was loaded from. */
static void
store(const HmState *state, bool replace)
{
	Relation	table = table_open(state_table(), RowExclusiveLock);
	TupleDesc	desc = RelationGetDescr(table);
	bool		pushed = hm_snapshot_ensure();
	StateTuple	tuple;
	StateRow	row;

	pack(state, &row);
	make_tuple(&tuple, desc);
	row_to_tuple(&row, &tuple);
	if (replace)
		CatalogTupleUpdate(table, &state->tuple->t_self,
						   heap_modify_tuple(state->tuple, desc, tuple.values,
											 tuple.nulls, tuple.replaced));
	else
		CatalogTupleInsert(table, heap_form_tuple(desc, tuple.values,
												  tuple.nulls));
	hm_snapshot_drop(pushed);
	table_close(table, NoLock);
}

void
hm_state_insert(const HmState *state)
{
	store(state, false);
}

void
hm_state_update(const HmState *state)
{
	store(state, true);
}

static char *
host_name(void)
{
	char		name[256] = "";

	if (gethostname(name, sizeof(name) - 1) != 0)
		return pstrdup("unknown");
	return pstrdup(name);
}

void
hm_state_put_identity(HmState *state)
{
	state->database = MyDatabaseId;
	state->system_identifier = (int64) GetSystemIdentifier();
	state->host = host_name();
	state->data_directory = pstrdup(DataDir);
	state->next_xid =
		(int64) U64FromFullTransactionId(ReadNextFullTransactionId());
}
