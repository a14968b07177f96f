/*
 * src/audit/retention_sql.c
 *	  SQL functions of retention: holds, purge, redaction, the clock.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "audit/hold.h"
#include "audit/purge.h"
#include "audit/redaction.h"
#include "audit/retention.h"
#include "base/argument.h"
#include "miscadmin.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hm_audit_hold);
PG_FUNCTION_INFO_V1(hm_audit_hold_end);
PG_FUNCTION_INFO_V1(hm_audit_purge);
PG_FUNCTION_INFO_V1(hm_audit_redact);
PG_FUNCTION_INFO_V1(hm_audit_confirm_clock);

static char *
hold_value(FunctionCallInfo fcinfo, int number, HmHold *hold, const char *kind)
{
	char	   *value = hm_arg_text(fcinfo, number);

	if (value == NULL)
		return NULL;
	if (*value == '\0')
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" must not be empty", kind)));
	if (hold->value)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a hold covers either an object, a person or a migration"),
				 errhint("Place one hold for each.")));
	hold->kind = kind;
	hold->value = value;
	return value;
}

Datum
hm_audit_hold(PG_FUNCTION_ARGS)
{
	char	   *reason = hm_arg_require_reason(fcinfo, 0);
	HmHold		hold = {.kind = "period"};

	PreventCommandIfReadOnly("audit_hold()");
	hm_capability_require(HM_AUDITOR);
	(void) hold_value(fcinfo, 1, &hold, "object");
	(void) hold_value(fcinfo, 2, &hold, "person");
	(void) hold_value(fcinfo, 3, &hold, "migration");
	hold.since = PG_ARGISNULL(4) ? DT_NOBEGIN : PG_GETARG_TIMESTAMPTZ(4);
	hold.until = PG_ARGISNULL(5) ? DT_NOEND : PG_GETARG_TIMESTAMPTZ(5);
	if (hold.value == NULL && TIMESTAMP_IS_NOBEGIN(hold.since) &&
		TIMESTAMP_IS_NOEND(hold.until))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a hold needs to say what it covers"),
				 errhint("Name an object, a person or a migration, or give \"since\" or \"until\".")));
	if (hold.since >= hold.until)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("\"since\" must be before \"until\"")));
	PG_RETURN_INT64(hm_hold_place(&hold, reason));
}

Datum
hm_audit_hold_end(PG_FUNCTION_ARGS)
{
	int64		hold_id = hm_arg_require_int64(fcinfo, 0, "hold_id");
	char	   *reason = hm_arg_require_reason(fcinfo, 1);

	PreventCommandIfReadOnly("audit_hold_end()");
	hm_capability_require(HM_AUDITOR);
	hm_hold_end(hold_id, reason);
	PG_RETURN_VOID();
}

Datum
hm_audit_purge(PG_FUNCTION_ARGS)
{
	char	   *reason = hm_arg_require_reason(fcinfo, 1);

	hm_arg_require(fcinfo, 0, "before");
	if (TIMESTAMP_NOT_FINITE(PG_GETARG_TIMESTAMPTZ(0)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"before\" must be a moment"),
				 errhint("See what may go when: SELECT * FROM hipaa_migrate.retention_status.")));
	PreventCommandIfReadOnly("audit_purge()");
	PG_RETURN_INT64(hm_purge_request(PG_GETARG_TIMESTAMPTZ(0), reason));
}

Datum
hm_audit_redact(PG_FUNCTION_ARGS)
{
	int64		event_id = hm_arg_require_int64(fcinfo, 0, "event_id");
	char	   *reason = hm_arg_require_reason(fcinfo, 1);
	pg_uuid_t  *epoch = PG_ARGISNULL(2) ? NULL : PG_GETARG_UUID_P(2);

	PreventCommandIfReadOnly("audit_redact()");
	PG_RETURN_INT64(hm_redaction_request(event_id, epoch, reason));
}

Datum
hm_audit_confirm_clock(PG_FUNCTION_ARGS)
{
	char	   *reason = hm_arg_require_reason(fcinfo, 0);

	PreventCommandIfReadOnly("audit_confirm_clock()");
	hm_capability_require(HM_AUDITOR);
	PG_RETURN_INT64(hm_retention_request_clock(reason));
}
