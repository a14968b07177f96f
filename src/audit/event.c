/*
 * src/audit/event.c
 *	  Events: the one way into the record.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/event_row.h"
#include "audit/relations.h"
#include "audit/ring.h"
#include "base/actor.h"
#include "base/compat.h"
#include "catalog/pg_database.h"
#include "common/hashfn.h"
#include "mb/pg_wchar.h"
#include "utils/memutils.h"
#include "utils/syscache.h"

/* Whether this transaction appended anything that is to be sealed. */
static bool appended = false;

static MemoryContext
scratch_context(void)
{
	static MemoryContext scratch = NULL;

	if (scratch == NULL)
		scratch = AllocSetContextCreate(TopMemoryContext,
										"hipaa_migrate event",
										ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(scratch);
	return scratch;
}

/* Where a transaction has failed, what was true before it still is. */
bool
hm_event_possible(void)
{
	static bool possible = false;

	if (IsTransactionState() && OidIsValid(MyDatabaseId))
		possible = OidIsValid(hm_relation_find(HM_RELATION_AUDIT_EVENT));
	return possible;
}

void
hm_event_append(const HmEvent *event)
{
	MemoryContext caller = MemoryContextSwitchTo(scratch_context());
	HmEventRow	row;

	hm_event_row_build(&row, event);
	hm_event_row_insert(&row);
	MemoryContextSwitchTo(caller);
	hm_event_note_appended();
}

void
hm_event_note_appended(void)
{
	appended = true;
}

void
hm_event_note_committed(void)
{
	if (hm_event_possible())
		hm_shared_mark_unsealed();
}

static void
note_end_of_transaction(XactEvent event, void *argument)
{
	switch (event)
	{
		case XACT_EVENT_COMMIT:
			if (appended)
				hm_shared_mark_unsealed();
			appended = false;
			break;
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			appended = false;
			break;
		default:
			break;
	}
}

/*
 * What is not ASCII would mean something else in a database of another
 * encoding, if anything.
 */
static void
make_ascii(HmEventRow *row)
{
	for (int i = 0; i < HM_EVENT_FIELDS; i++)
	{
		char	   *bytes;

		if (hm_event_types[i] != 't' || row->nulls[i])
			continue;
		bytes = VARDATA_ANY(DatumGetPointer(row->values[i]));
		for (Size j = 0; j < VARSIZE_ANY_EXHDR(DatumGetPointer(row->values[i])); j++)
		{
			if (IS_HIGHBIT_SET(bytes[j]))
				bytes[j] = '?';
		}
	}
}

static bool
has_other_encoding(Oid database)
{
	HeapTuple	tuple;
	bool		other = true;

	if (database == MyDatabaseId || !IsTransactionState())
		return database != MyDatabaseId;
	tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(database));
	if (HeapTupleIsValid(tuple))
	{
		other = ((Form_pg_database) GETSTRUCT(tuple))->encoding !=
			GetDatabaseEncoding();
		ReleaseSysCache(tuple);
	}
	return other;
}

static HmRecorded
send_event(Oid database, const HmEvent *event, uint64 fold_key, int wait_ms)
{
	HmEventRow	row;
	StringInfoData bytes;

	hm_event_row_build(&row, event);
	if (has_other_encoding(database))
		make_ascii(&row);
	initStringInfo(&bytes);
	hm_event_row_pack(&row, &bytes, HM_MESSAGE_MAX);
	switch (hm_ring_send(database, HM_MESSAGE_EVENT, bytes.data, bytes.len,
						 fold_key, wait_ms))
	{
		case HM_RING_RECORDED:
			return HM_RECORDED;
		case HM_RING_QUEUED:
			return HM_RECORD_QUEUED;
		case HM_RING_LOST:
			break;
	}
	return HM_RECORD_LOST;
}

uint64
hm_event_fold_key(HmEventKind kind, const char *text)
{
	return hash_combine64(hm_actor_authenticated(),
						  hash_bytes_extended((const unsigned char *) text,
											  strlen(text), kind));
}

HmRecorded
hm_event_record(const HmEvent *event, uint64 fold_key, int wait_ms)
{
	return hm_event_record_in(MyDatabaseId, event, fold_key, wait_ms);
}

HmRecorded
hm_event_record_in(Oid database, const HmEvent *event, uint64 fold_key,
				   int wait_ms)
{
	MemoryContext caller = MemoryContextSwitchTo(scratch_context());
	HmRecorded	result = send_event(database, event, fold_key, wait_ms);

	MemoryContextSwitchTo(caller);
	return result;
}

void
hm_event_init(void)
{
	RegisterXactCallback(note_end_of_transaction, NULL);
}
