/*
 * src/guard/break_glass_sql.c
 *	  SQL functions migrate_break_glass, _end, _close, and the view.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "audit/own_words.h"
#include "base/argument.h"
#include "base/moment.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "funcapi.h"
#include "guard/break_glass.h"
#include "miscadmin.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hm_migrate_break_glass);
PG_FUNCTION_INFO_V1(hm_migrate_break_glass_end);
PG_FUNCTION_INFO_V1(hm_migrate_break_glass_close);
PG_FUNCTION_INFO_V1(hm_break_glass_reviews);

static char *
require_severity(FunctionCallInfo fcinfo, int number)
{
	char	   *severity = hm_arg_require_text(fcinfo, number, "severity");

	if (strlen(severity) != 2 || severity[0] != 'P' ||
		severity[1] < '0' || severity[1] > '3')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized severity \"%s\"", severity),
				 errhint("Severities are P0 (the most urgent), P1, P2 and P3.")));
	return severity;
}

/* Without blanks around it; NULL if nothing is left. */
static char *
read_ticket(FunctionCallInfo fcinfo, int number)
{
	static const char *const blanks = " \t\r\n";
	char	   *ticket = hm_arg_prose(fcinfo, number, "ticket");
	Size		length;

	if (ticket == NULL)
		return NULL;
	ticket += strspn(ticket, blanks);
	length = strlen(ticket);
	while (length > 0 && strchr(blanks, ticket[length - 1]))
		length--;
	return length > 0 ? pnstrdup(ticket, length) : NULL;
}

static TimestampTz
require_expiry(FunctionCallInfo fcinfo, int number)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz expiry;

	hm_arg_require(fcinfo, number, "duration");
	expiry = DatumGetTimestampTz(DirectFunctionCall2(timestamptz_pl_interval,
													 TimestampTzGetDatum(now),
													 PG_GETARG_DATUM(number)));
	if (expiry <= now)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"duration\" must be more than nothing")));
	return expiry;
}

static char *
describe_scope(const HmBreakGlass *glass)
{
	if (glass->drill)
		return pstrdup("a drill: nothing");
	return psprintf("this session of user \"%s\" in database \"%s\"",
					glass->opened_by, get_database_name(MyDatabaseId));
}

static char *
describe_notice(const HmBreakGlass *glass)
{
	return psprintf("%s goes on record; ends at expiry, with DISCARD ALL, migrate_break_glass_end() or the session; another person closes it: SELECT migrate_break_glass_close(%lld, 'finding')",
					glass->drill ? "the drill" : "every guarded command",
					(long long) glass->id);
}

Datum
hm_migrate_break_glass(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	HmBreakGlass request = {0};
	const HmBreakGlass *glass;
	Datum		values[5];
	bool		nulls[5] = {0};

	PreventCommandIfReadOnly("migrate_break_glass()");
	hm_capability_require(HM_BREAKER);
	request.reason = hm_arg_require_reason(fcinfo, 0);
	request.severity = require_severity(fcinfo, 1);
	request.ticket = read_ticket(fcinfo, 2);
	request.expires_at = require_expiry(fcinfo, 3);
	request.drill = !PG_ARGISNULL(4) && PG_GETARG_BOOL(4);
	hm_own_words_require("migrate_break_glass");
	glass = hm_break_glass_open(&request);
	values[0] = Int64GetDatum(glass->id);
	values[1] = TimestampTzGetDatum(hm_moment_whole_seconds(glass->expires_at));
	values[2] = TimestampTzGetDatum(hm_moment_whole_seconds(glass->review_due));
	values[3] = CStringGetTextDatum(describe_scope(glass));
	values[4] = CStringGetTextDatum(describe_notice(glass));
	InitMaterializedSRF(fcinfo, 0);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	return (Datum) 0;
}

/* To end what one has opened takes no capability: it may be gone by then. */
Datum
hm_migrate_break_glass_end(PG_FUNCTION_ARGS)
{
	hm_break_glass_end(PG_ARGISNULL(0) ? 0 : PG_GETARG_INT64(0),
					   hm_arg_prose(fcinfo, 1, "reason"));
	PG_RETURN_VOID();
}

static void
require_reviewer(void)
{
	if (!hm_capability_held(HM_APPROVER))
		hm_capability_require(HM_AUDITOR);
	else
		hm_capability_require(HM_APPROVER);
}

Datum
hm_migrate_break_glass_close(PG_FUNCTION_ARGS)
{
	char	   *finding = hm_arg_bounded(hm_arg_require_text(fcinfo, 1,
															 "finding"),
										 "finding");
	int64		id = hm_arg_require_int64(fcinfo, 0, "id");

	if (finding[strspn(finding, " \t\r\n")] == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a finding is required"),
				 errhint("Say what was done, and whether it was right, in argument \"finding\": it is kept on record.")));
	PreventCommandIfReadOnly("migrate_break_glass_close()");
	require_reviewer();
	hm_own_words_require("migrate_break_glass_close");
	hm_break_glass_close(id, finding);
	PG_RETURN_VOID();
}

Datum
hm_break_glass_reviews(PG_FUNCTION_ARGS)
{
	static HmStatement find = {
		"SELECT b.break_glass_id,"
		"       CASE WHEN b.closed_at IS NOT NULL THEN 'closed'"
		"            WHEN o.open THEN 'open'"
		"            WHEN b.review_due <= pg_catalog.clock_timestamp() THEN 'overdue'"
		"            ELSE 'review' END,"
		"       b.opened_by, b.severity, b.drill,"
		"       pg_catalog.date_trunc('second', b.opened_at),"
		"       pg_catalog.date_trunc('second', b.expires_at),"
		"       pg_catalog.date_trunc('second', COALESCE(b.ended_at,"
		"         CASE WHEN b.expires_at <= pg_catalog.clock_timestamp()"
		"              THEN b.expires_at END)),"
		"       COALESCE(b.ended_how,"
		"         CASE WHEN b.expires_at <= pg_catalog.clock_timestamp() THEN 'expired'"
		"              WHEN NOT o.open THEN 'disconnected' END),"
		"       pg_catalog.date_trunc('second', b.review_due), b.closed_by,"
		"       pg_catalog.date_trunc('second', b.closed_at), b.pid, b.ticket,"
		"       b.reason, b.end_reason, b.finding"
		"  FROM hipaa_migrate.break_glass AS b"
		" CROSS JOIN LATERAL (SELECT " HM_BREAK_GLASS_OPEN ") AS o (open)"
		" WHERE b.database_oid = $1"
		" ORDER BY b.break_glass_id",
		1, {OIDOID}
	};
	Datum		database = ObjectIdGetDatum(MyDatabaseId);

	hm_capability_require_any();
	return hm_query_show(fcinfo, &find, &database);
}
