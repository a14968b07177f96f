/*
 * src/policy/freeze_sql.c
 *	  SQL functions migrate_freeze and migrate_freeze_end, and the view.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/capability.h"
#include "base/actor.h"
#include "base/argument.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "policy/freeze.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(hm_migrate_freeze);
PG_FUNCTION_INFO_V1(hm_migrate_freeze_end);
PG_FUNCTION_INFO_V1(hm_freezes);

static void
require_approver_or_superuser(void)
{
	if (superuser_arg(hm_actor_authenticated()))
		hm_capability_require_superuser("order or end a freeze");
	else
		hm_capability_require(HM_APPROVER);
}

/* now() of this transaction has passed, and is meant to be now. */
static TimestampTz
require_since(FunctionCallInfo fcinfo, int number)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz since;

	if (PG_ARGISNULL(number))
		return now;
	since = PG_GETARG_TIMESTAMPTZ(number);
	if (TIMESTAMP_NOT_FINITE(since) ||
		since < GetCurrentTransactionStartTimestamp())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a freeze begins now or later"),
				 errhint("Null for \"since\" is now.")));
	return Max(since, now);
}

static TimestampTz
require_until(FunctionCallInfo fcinfo, int number, TimestampTz since)
{
	TimestampTz until = PG_ARGISNULL(number) ? DT_NOEND :
	PG_GETARG_TIMESTAMPTZ(number);

	if (until <= since)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a freeze ends after it begins"),
				 errhint("Null for \"until\" is an open end.")));
	return until;
}

Datum
hm_migrate_freeze(PG_FUNCTION_ARGS)
{
	HmFreeze	freeze = {0};

	PreventCommandIfReadOnly("migrate_freeze()");
	require_approver_or_superuser();
	freeze.since = require_since(fcinfo, 0);
	freeze.until = require_until(fcinfo, 1, freeze.since);
	freeze.reason = hm_arg_require_reason(fcinfo, 2);
	PG_RETURN_INT64(hm_freeze_order(&freeze));
}

Datum
hm_migrate_freeze_end(PG_FUNCTION_ARGS)
{
	int64		id;
	int64		act_id;

	PreventCommandIfReadOnly("migrate_freeze_end()");
	require_approver_or_superuser();
	id = hm_arg_require_int64(fcinfo, 0, "id");
	act_id = hm_freeze_end(id, hm_arg_require_reason(fcinfo, 1));
	if (act_id == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(act_id);
}

Datum
hm_freezes(PG_FUNCTION_ARGS)
{
	static HmStatement find = {
		"SELECT f.freeze_id,"
		"       CASE WHEN f.ended_at IS NOT NULL THEN 'ended'"
		"            WHEN f.until <= $1 THEN 'over'"
		"            WHEN f.since > $1 THEN 'to come'"
		"            ELSE 'active' END,"
		"       pg_catalog.date_trunc('second', f.since),"
		"       pg_catalog.date_trunc('second', f.until), f.created_by,"
		"       pg_catalog.date_trunc('second', f.created_at), f.reason,"
		"       f.ended_by, pg_catalog.date_trunc('second', f.ended_at),"
		"       f.end_reason"
		"  FROM hipaa_migrate.freeze_period AS f ORDER BY f.freeze_id",
		1, {TIMESTAMPTZOID}
	};
	Datum		now = TimestampTzGetDatum(GetCurrentTimestamp());

	hm_capability_require_any();
	return hm_query_show(fcinfo, &find, &now);
}
