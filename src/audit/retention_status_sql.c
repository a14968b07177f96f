/*
 * src/audit/retention_status_sql.c
 *	  What is kept for how long, behind view retention_status.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "audit/hold.h"
#include "audit/retention.h"
#include "base/query.h"
#include "base/settings.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hm_retention_status);

/* When an event happened, by whichever of its times is later. */
#define MOMENT "GREATEST(e.occurred_at, e.statement_at)"

static void
put(ReturnSetInfo *result, const char *item, const char *value,
	const char *message)
{
	Datum		values[3] = {0};
	bool		nulls[3] = {false, value == NULL, message == NULL};

	values[0] = CStringGetTextDatum(item);
	if (value)
		values[1] = CStringGetTextDatum(value);
	if (message)
		values[2] = CStringGetTextDatum(message);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* To the second, in the session's time zone. */
static char *
display_moment(TimestampTz moment)
{
	moment -= moment % USECS_PER_SEC;
	return DatumGetCString(DirectFunctionCall1(timestamptz_out,
											   TimestampTzGetDatum(moment)));
}

static void
put_retention(ReturnSetInfo *result, const HmRetention *retention)
{
	put(result, "retention", retention->text, retention->setting_ignored ?
		psprintf("hipaa_migrate.audit_retention = '%s' falls short of it and is ignored",
				 hm_setting_audit_retention) : "can be raised, never lowered");
	put(result, "clock", display_moment(retention->anchored_at),
		retention->clock_pending == 0 ? "age is counted by it" :
		psprintf("the server's clock stepped to %s; two people can confirm that: SELECT audit_confirm_clock('reason')",
				 display_moment(retention->clock_pending)));
	put(result, "kept since", display_moment(retention->cutoff),
		"what is older may be purged, by two people");
}

static void
put_events(ReturnSetInfo *result, const HmRetention *retention)
{
	static HmStatement find = {
		"SELECT pg_catalog.count(*),"
		"       pg_catalog.count(*) FILTER (WHERE " MOMENT " < $1),"
		"       pg_catalog.count(*) FILTER (WHERE " MOMENT " < $1 AND "
		HM_HOLD_ON_EVENT "), pg_catalog.min(e.occurred_at)"
		"  FROM hipaa_migrate.audit_event AS e",
		1, {TIMESTAMPTZOID}
	};
	Datum		value = TimestampTzGetDatum(retention->cutoff);
	int64		old;
	int64		held;

	hm_query_run(&find, &value, NULL, true);
	old = hm_query_int64(0, 2);
	held = hm_query_int64(0, 3);
	put(result, "events", hm_query_text(0, 1), NULL);
	put(result, "oldest event", hm_query_int64(0, 1) == 0 ? NULL :
		display_moment(hm_query_int64(0, 4)), NULL);
	put(result, "older than retention", psprintf("%lld", (long long) old),
		held == 0 ? NULL :
		psprintf("%lld of them are held", (long long) held));
}

static void
put_years(ReturnSetInfo *result, const HmRetention *retention)
{
	static HmStatement find = {
		"SELECT 'leave retention in ' ||"
		"       EXTRACT(year FROM (" MOMENT " AT TIME ZONE 'UTC') + $2),"
		"       pg_catalog.count(*)"
		"  FROM hipaa_migrate.audit_event AS e WHERE " MOMENT " >= $1"
		" GROUP BY 1 ORDER BY 1",
		2, {TIMESTAMPTZOID, INTERVALOID}
	};
	Datum		values[2];

	values[0] = TimestampTzGetDatum(retention->cutoff);
	values[1] = PointerGetDatum(&retention->interval);
	hm_query_run(&find, values, NULL, true);
	for (uint64 row = 0; row < SPI_processed; row++)
		put(result, hm_query_text(row, 1), hm_query_text(row, 2), NULL);
}

static void
put_holds(ReturnSetInfo *result)
{
	static HmStatement find = {
		"SELECT 'hold ' || h.hold_id,"
		"       pg_catalog.concat_ws(' ', h.kind, h.value,"
		"         'since ' || pg_catalog.date_trunc('second', h.since),"
		"         'until ' || pg_catalog.date_trunc('second', h.until)),"
		"       pg_catalog.format('covers %s events; placed by %s: %s',"
		"         (SELECT pg_catalog.count(*)"
		"            FROM hipaa_migrate.audit_event AS e"
		"           WHERE " HM_HOLD_COVERS "), h.placed_by, h.reason)"
		"  FROM hipaa_migrate.audit_hold AS h WHERE h.ended_at IS NULL"
		" ORDER BY h.hold_id",
		0
	};

	hm_query_run(&find, NULL, NULL, true);
	for (uint64 row = 0; row < SPI_processed; row++)
		put(result, hm_query_text(row, 1), hm_query_text(row, 2),
			hm_query_text(row, 3));
}

Datum
hm_retention_status(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	HmRetention *retention;
	HmBracket	bracket;

	hm_capability_require_any();
	InitMaterializedSRF(fcinfo, 0);
	retention = hm_retention_load(true);
	put_retention(result, retention);
	hm_query_begin(&bracket);
	put_events(result, retention);
	put_years(result, retention);
	put_holds(result);
	hm_query_end(&bracket);
	return (Datum) 0;
}
