/*
 * src/guard/exemption_table.c
 *	  Exemptions: made, ended, loaded.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "audit/event.h"
#include "audit/number.h"
#include "audit/relations.h"
#include "base/ending.h"
#include "base/json_text.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "guard/exemption.h"
#include "guard/guard_state.h"
#include "miscadmin.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/rel.h"

/* Columns of the table. */
enum
{
	COL_ID,
	COL_ROLE,
	COL_ROLE_OID,
	COL_SCHEMA,
	COL_COMMAND,
	COL_REASON,
	COL_EXPIRES_AT,
	COL_CREATED_BY,
	COL_CREATED_AT,
	COL_DATABASE_OID,
	COL_ENDED_BY,
	COL_ENDED_AT,
	COL_END_REASON,
	EXEMPTION_COLUMNS
};

static char *
role_name(Oid role)
{
	return OidIsValid(role) ? GetUserNameFromId(role, true) : NULL;
}

static void
append_event(HmEventKind kind, const HmExemption *exemption,
			 const char *reason)
{
	HmEvent		event = {
		.kind = kind,
		.command = exemption->command,
		.object_type = exemption->schema ? "schema" : NULL,
		.object = exemption->schema,
		.reason = reason
	};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "exemption", exemption->id);
	hm_json_text(&json, "role", role_name(exemption->role));
	hm_json_text(&json, "schema", exemption->schema);
	hm_json_text(&json, "command", exemption->command);
	if (exemption->expires_at != 0)
		hm_json_timestamp(&json, "expires_at", exemption->expires_at);
	event.details = hm_json_end(&json);
	hm_event_append(&event);
}

/* One at a time changes them, so that each label has all that came before. */
static void
lock_table(void)
{
	LockRelationOid(hm_relation_oid(HM_RELATION_GUARD_EXEMPTION),
					ShareRowExclusiveLock);
}

static void
publish(HmEventKind kind, const HmExemption *exemption, const char *reason)
{
	append_event(kind, exemption, reason);
	CommandCounterIncrement();
	hm_guard_publish();
}

static Datum
name_arg(const char *string, char *null)
{
	*null = string == NULL ? 'n' : ' ';
	return string == NULL ? (Datum) 0 :
		DirectFunctionCall1(namein, CStringGetDatum(string));
}

void
hm_exemption_create(HmExemption *exemption, const char *reason,
					const char *created_by)
{
	static HmStatement insert = {
		"INSERT INTO hipaa_migrate.guard_exemption"
		" (exemption_id, role, role_oid, schema, command, reason, expires_at,"
		"  created_by, created_at, database_oid)"
		" VALUES ($10, $1, $2, $3, $4, $5, $6, $7, $8, $9)",
		10, {NAMEOID, OIDOID, NAMEOID, TEXTOID, TEXTOID, TIMESTAMPTZOID,
		TEXTOID, TIMESTAMPTZOID, OIDOID, INT8OID}
	};
	HmBracket	bracket;
	Datum		values[10];
	char		nulls[10];

	lock_table();
	memset(nulls, ' ', sizeof(nulls));
	values[0] = name_arg(role_name(exemption->role), &nulls[0]);
	values[1] = ObjectIdGetDatum(exemption->role);
	nulls[1] = nulls[0];
	values[2] = name_arg(exemption->schema, &nulls[2]);
	values[3] = hm_query_text_arg(exemption->command, &nulls[3]);
	values[4] = CStringGetTextDatum(reason);
	values[5] = TimestampTzGetDatum(exemption->expires_at);
	if (exemption->expires_at == 0)
		nulls[5] = 'n';
	values[6] = CStringGetTextDatum(created_by);
	values[7] = TimestampTzGetDatum(GetCurrentTimestamp());
	values[8] = ObjectIdGetDatum(MyDatabaseId);
	exemption->id = hm_number_next(HM_RELATION_EXEMPTION_ID_SEQ);
	values[9] = Int64GetDatum(exemption->id);
	hm_query_begin(&bracket);
	hm_query_run(&insert, values, nulls, false);
	hm_query_end(&bracket);
	publish(HM_EVENT_EXEMPTION_CREATED, exemption, reason);
}

/* Columns of a result: exemption_id, role_oid, schema, command, expires_at. */
static void
read_row(HmExemption *exemption)
{
	bool		isnull;
	Datum		role = hm_query_datum(0, 2, &isnull);

	exemption->id = hm_query_int64(0, 1);
	exemption->role = isnull ? InvalidOid : DatumGetObjectId(role);
	exemption->schema = hm_query_text(0, 3);
	exemption->command = hm_query_text(0, 4);
	exemption->expires_at = hm_query_int64(0, 5);
}

void
hm_exemption_end(int64 id, const char *reason)
{
	static HmStatement end = {
		"UPDATE hipaa_migrate.guard_exemption" HM_END_SET
		" WHERE exemption_id = $1 AND ended_at IS NULL"
		"   AND database_oid = (SELECT d.oid FROM pg_catalog.pg_database AS d"
		"         WHERE d.datname = pg_catalog.current_database())"
		" RETURNING exemption_id, role_oid, schema, command, expires_at",
		HM_END_ARGUMENTS
	};
	HmBracket	bracket;
	MemoryContext spi_context;
	HmExemption exemption;

	lock_table();
	hm_query_begin(&bracket);
	if (!hm_end_row(&end, id, reason))
		hm_end_refuse("exemption", id, "exemption");
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	read_row(&exemption);
	MemoryContextSwitchTo(spi_context);
	hm_query_end(&bracket);
	publish(HM_EVENT_EXEMPTION_ENDED, &exemption, reason);
}

/* A later version of the extension may have added columns at the end. */
static HmExemption *
unpack(HeapTuple tuple, TupleDesc columns)
{
	Datum		values[EXEMPTION_COLUMNS];
	bool		nulls[EXEMPTION_COLUMNS];
	HmExemption *exemption = palloc0(sizeof(HmExemption));

	for (int i = 0; i < EXEMPTION_COLUMNS; i++)
		values[i] = heap_getattr(tuple, i + 1, columns, &nulls[i]);
	exemption->id = DatumGetInt64(values[COL_ID]);
	if (!nulls[COL_ROLE_OID])
		exemption->role = DatumGetObjectId(values[COL_ROLE_OID]);
	if (!nulls[COL_SCHEMA])
		exemption->schema = pstrdup(NameStr(*DatumGetName(values[COL_SCHEMA])));
	if (!nulls[COL_COMMAND])
		exemption->command = TextDatumGetCString(values[COL_COMMAND]);
	if (!nulls[COL_EXPIRES_AT])
		exemption->expires_at = DatumGetTimestampTz(values[COL_EXPIRES_AT]);
	if (DatumGetObjectId(values[COL_DATABASE_OID]) != MyDatabaseId ||
		!nulls[COL_ENDED_AT] ||
		(exemption->expires_at != 0 &&
		 exemption->expires_at <= GetCurrentTimestamp()))
		return NULL;
	return exemption;
}

/*
 * As they are now, whatever the transaction's snapshot is: a label made of
 * older rows would bring back what somebody has ended meanwhile.
 */
List *
hm_exemption_load(void)
{
	Oid			relid = hm_relation_find(HM_RELATION_GUARD_EXEMPTION);
	List	   *exemptions = NIL;
	Relation	table;
	SysScanDesc scan;
	HeapTuple	tuple;

	if (!OidIsValid(relid))
		return NIL;
	table = table_open(relid, AccessShareLock);
	if (RelationGetNumberOfAttributes(table) < EXEMPTION_COLUMNS)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("table \"hipaa_migrate.guard_exemption\" does not have the columns it should have")));
	scan = systable_beginscan(table, InvalidOid, false, NULL, 0, NULL);
	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		HmExemption *exemption = unpack(tuple, RelationGetDescr(table));

		if (exemption)
			exemptions = lappend(exemptions, exemption);
	}
	systable_endscan(scan);
	table_close(table, AccessShareLock);
	return exemptions;
}
