/*
 * src/policy/window_sql.c
 *	  SQL function migrate_window.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/argument.h"
#include "funcapi.h"
#include "policy/freeze.h"
#include "policy/window_parts.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(hm_migrate_window);

static Jsonb *
require_windows(FunctionCallInfo fcinfo, int number)
{
	Jsonb	   *value;

	hm_arg_require(fcinfo, number, "windows");
	value = hm_arg_jsonb(fcinfo, number);
	hm_requirement_require(&hm_requirement_windows, value);
	return value;
}

static TimestampTz
require_moment(FunctionCallInfo fcinfo, int number)
{
	TimestampTz moment;

	if (PG_ARGISNULL(number))
		return GetCurrentTimestamp();
	moment = PG_GETARG_TIMESTAMPTZ(number);
	if (TIMESTAMP_NOT_FINITE(moment))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"at\" must not be infinite")));
	return moment;
}

/* The edge itself, or null where there is none. */
static Datum
put_edge(TimestampTz edge, bool *isnull)
{
	*isnull = TIMESTAMP_NOT_FINITE(edge) != 0;
	return TimestampTzGetDatum(edge);
}

static char *
describe(Jsonb *windows, List *freezes, TimestampTz at, bool open)
{
	const HmFreeze *freeze = hm_freeze_at(freezes, at);
	const char *state = open ? "open" : "outside";
	HmWindowSpan next;

	if (freeze)
		state = psprintf("freeze %lld by \"%s\": %s",
						 (long long) freeze->freeze_id, freeze->created_by,
						 freeze->reason);
	if (hm_window_next(windows, freezes, at, &next))
		return psprintf("%s; the next opens at %s", state,
						hm_window_moment(next.begins));
	return psprintf("%s; no %s opens in the next %d days", state,
					open ? "other" : "window", HM_WINDOW_HORIZON_DAYS);
}

Datum
hm_migrate_window(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Jsonb	   *windows;
	TimestampTz at;
	List	   *freezes;
	HmWindowSpan span = {DT_NOBEGIN, DT_NOEND};
	bool		open;
	Datum		values[4];
	bool		nulls[4] = {0};

	hm_capability_require_any();
	windows = require_windows(fcinfo, 0);
	at = require_moment(fcinfo, 1);
	freezes = hm_freezes_load();
	open = hm_window_usable(windows, freezes, at, &span);
	if (!open && !hm_window_next(windows, freezes, at, &span))
		span = (HmWindowSpan)
	{
		DT_NOBEGIN, DT_NOEND
	};
	values[0] = BoolGetDatum(open);
	values[1] = put_edge(span.begins, &nulls[1]);
	values[2] = put_edge(span.ends, &nulls[2]);
	values[3] = CStringGetTextDatum(describe(windows, freezes, at, open));
	InitMaterializedSRF(fcinfo, 0);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	return (Datum) 0;
}
