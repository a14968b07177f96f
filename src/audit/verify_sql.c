/*
 * src/audit/verify_sql.c
 *	  SQL function audit_verify.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "audit/verify.h"
#include "audit/verify_note.h"
#include "base/argument.h"
#include "funcapi.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hm_audit_verify);

#define RESULT_COLUMNS 6
#define MAX_FAILURES 10000

static int
require_report(FunctionCallInfo fcinfo)
{
	char	   *name = hm_arg_require_text(fcinfo, 2, "report");

	if (strcmp(name, "first") == 0)
		return 1;
	if (strcmp(name, "all") == 0)
		return MAX_FAILURES;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unrecognized report \"%s\"", name),
			 errhint("Reports are first and all.")));
}

static void
put_row(ReturnSetInfo *result, HmCheck number, const HmVerifyCheck *check,
		int64 event_id, const char *message)
{
	Datum		values[RESULT_COLUMNS];
	bool		nulls[RESULT_COLUMNS] = {0};

	values[0] = CStringGetTextDatum(hm_verify_check_name(number));
	values[1] = CStringGetTextDatum(check->failures > 0 ? "failed" :
									check->skipped ? "skipped" : "ok");
	values[2] = Int64GetDatum(check->checked);
	values[3] = Int64GetDatum(check->failures);
	values[4] = Int64GetDatum(event_id);
	nulls[4] = event_id == 0;
	nulls[5] = message == NULL;
	values[5] = message ? CStringGetTextDatum(message) : (Datum) 0;
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
put_check(ReturnSetInfo *result, HmCheck number, const HmVerifyCheck *check,
		  bool all)
{
	if (check->failures == 0)
		put_row(result, number, check, 0, check->remark);
	for (int i = 0; i < check->ndescribed; i++)
		put_row(result, number, check, check->described[i].event_id,
				check->described[i].message);
	if (all && check->failures > check->ndescribed)
		put_row(result, number, check, 0,
				psprintf(INT64_FORMAT " more failures are not listed",
						 check->failures - check->ndescribed));
}

Datum
hm_audit_verify(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	HmVerifyOptions options = {0};
	HmVerifyReport report;

	hm_capability_require(HM_AUDITOR);
	InitMaterializedSRF(fcinfo, 0);
	options.max_failures = require_report(fcinfo);
	if (!PG_ARGISNULL(0))
		options.digest = PG_GETARG_JSONB_P(0);
	if (!PG_ARGISNULL(1))
		options.since = PG_GETARG_TIMESTAMPTZ(1);
	hm_verify(&options, &report);
	for (int i = 0; i < HM_CHECK_COUNT; i++)
		put_check(result, i, &report.checks[i],
				  options.max_failures == MAX_FAILURES);
	hm_verify_note(&options, &report);
	return (Datum) 0;
}
