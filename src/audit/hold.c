/*
 * src/audit/hold.c
 *	  Legal holds: what they cover is neither purged nor redacted.
 *
 * Ending a hold takes one person with a reason, and is on record: it removes
 * nothing.  What would, a purge or a redaction, takes two.
 */
#include "postgres.h"

#include "audit/event.h"
#include "audit/hold.h"
#include "audit/number.h"
#include "audit/relations.h"
#include "base/actor.h"
#include "base/ending.h"
#include "base/json_text.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"

void
hm_hold_lock(void)
{
	LockRelationOid(hm_relation_oid(HM_RELATION_AUDIT_HOLD), HM_HOLD_LOCK);
}

static void
append_event(HmEventKind kind, int64 hold_id, const HmHold *hold,
			 const char *reason)
{
	HmEvent		event = {.kind = kind};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "hold_id", hold_id);
	hm_json_text(&json, "kind", hold->kind);
	if (hold->value)
		hm_json_text(&json, "value", hold->value);
	if (!TIMESTAMP_IS_NOBEGIN(hold->since))
		hm_json_timestamp(&json, "since", hold->since);
	if (!TIMESTAMP_IS_NOEND(hold->until))
		hm_json_timestamp(&json, "until", hold->until);
	event.reason = reason;
	event.details = hm_json_end(&json);
	hm_event_append(&event);
}

int64
hm_hold_place(const HmHold *hold, const char *reason)
{
	static HmStatement insert = {
		"INSERT INTO hipaa_migrate.audit_hold"
		" (hold_id, kind, value, since, until, reason, placed_by, placed_at)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
		8, {INT8OID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TIMESTAMPTZOID,
		TEXTOID, TEXTOID, TIMESTAMPTZOID}
	};
	HmBracket	bracket;
	Datum		values[8];
	char		nulls[8];
	int64		hold_id = hm_number_next(HM_RELATION_HOLD_ID_SEQ);

	memset(nulls, ' ', sizeof(nulls));
	values[0] = Int64GetDatum(hold_id);
	values[1] = CStringGetTextDatum(hold->kind);
	values[2] = hm_query_text_arg(hold->value, &nulls[2]);
	values[3] = TimestampTzGetDatum(hold->since);
	values[4] = TimestampTzGetDatum(hold->until);
	if (TIMESTAMP_IS_NOBEGIN(hold->since))
		nulls[3] = 'n';
	if (TIMESTAMP_IS_NOEND(hold->until))
		nulls[4] = 'n';
	values[5] = CStringGetTextDatum(reason);
	values[6] = CStringGetTextDatum(hm_actor_authenticated_name());
	values[7] = TimestampTzGetDatum(GetCurrentTimestamp());
	hm_query_begin(&bracket);
	hm_query_run(&insert, values, nulls, false);
	hm_query_end(&bracket);
	append_event(HM_EVENT_HELD, hold_id, hold, reason);
	return hold_id;
}

static TimestampTz
moment_or(uint64 row, int column, TimestampTz otherwise)
{
	bool		isnull;
	Datum		value = hm_query_datum(row, column, &isnull);

	return isnull ? otherwise : DatumGetTimestampTz(value);
}

void
hm_hold_end(int64 hold_id, const char *reason)
{
	static HmStatement end = {
		"UPDATE hipaa_migrate.audit_hold" HM_END_SET
		" WHERE hold_id = $1 AND ended_at IS NULL"
		" RETURNING kind, value, since, until",
		HM_END_ARGUMENTS
	};
	HmBracket	bracket;
	MemoryContext spi_context;
	HmHold		hold;

	hm_query_begin(&bracket);
	if (!hm_end_row(&end, hold_id, reason))
		hm_end_refuse("hold", hold_id, "retention_status");
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	hold.kind = hm_query_text(0, 1);
	hold.value = hm_query_text(0, 2);
	hold.since = moment_or(0, 3, DT_NOBEGIN);
	hold.until = moment_or(0, 4, DT_NOEND);
	MemoryContextSwitchTo(spi_context);
	hm_query_end(&bracket);
	append_event(HM_EVENT_HOLD_ENDED, hold_id, &hold, reason);
}
