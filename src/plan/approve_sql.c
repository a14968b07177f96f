/*
 * src/plan/approve_sql.c
 *	  SQL functions migrate_approve, migrate_relay, migrate_reject,
 *	  migrate_withdraw.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/argument.h"
#include "base/moment.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "plan/members.h"
#include "plan/sign.h"
#include "plan/withdraw.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hm_migrate_approve);
PG_FUNCTION_INFO_V1(hm_migrate_relay);
PG_FUNCTION_INFO_V1(hm_migrate_reject);
PG_FUNCTION_INFO_V1(hm_migrate_withdraw);

static bool
is_up(FunctionCallInfo fcinfo, int number)
{
	return hm_direction_require(hm_arg_require_text(fcinfo, number,
													"direction")) == HM_UP;
}

static void
put_signed(ReturnSetInfo *result, const HmSigned *one)
{
	const HmApproval *approval = one->approval;
	Datum		values[6];
	bool		nulls[6] = {0};

	values[0] = Int64GetDatum(approval->approval_id);
	values[1] = CStringGetTextDatum(one->display);
	values[2] = Int32GetDatum(approval->revision);
	values[3] = CStringGetTextDatum(hm_severity_name(approval->risk));
	values[4] = TimestampTzGetDatum(hm_moment_whole_seconds(approval->expires_at));
	nulls[5] = one->missing == NULL;
	if (one->missing)
		values[5] = CStringGetTextDatum(one->missing);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static Datum
sign(FunctionCallInfo fcinfo, const HmSignature *signature)
{
	List	   *done = hm_sign(signature);
	ListCell   *cell;

	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, done)
		put_signed((ReturnSetInfo *) fcinfo->resultinfo, lfirst(cell));
	return (Datum) 0;
}

Datum
hm_migrate_approve(PG_FUNCTION_ARGS)
{
	HmSignature signature = {0};

	PreventCommandIfReadOnly("migrate_approve()");
	hm_capability_require(HM_APPROVER);
	signature.name = hm_arg_require_text(fcinfo, 0, "name");
	signature.checksum = hm_arg_text(fcinfo, 1);
	signature.meaning = hm_arg_require_text(fcinfo, 2, "meaning");
	signature.comment = hm_arg_prose(fcinfo, 3, "comment");
	signature.up = is_up(fcinfo, 4);
	return sign(fcinfo, &signature);
}

/* The evidence as jsonb has it: the record and the table say the same. */
static char *
require_evidence(FunctionCallInfo fcinfo, int number)
{
	Jsonb	   *evidence = hm_arg_jsonb(fcinfo, number);

	if (evidence == NULL || !JB_ROOT_IS_OBJECT(evidence) ||
		JB_ROOT_COUNT(evidence) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("evidence is required"),
				 errhint("Say where it was approved, as a JSON object: '{\"url\": \"...\", \"review\": \"...\"}'.")));
	return hm_arg_bounded(JsonbToCString(NULL, &evidence->root,
										 VARSIZE(evidence)), "evidence");
}

Datum
hm_migrate_relay(PG_FUNCTION_ARGS)
{
	HmSignature signature = {0};

	PreventCommandIfReadOnly("migrate_relay()");
	hm_capability_require(HM_RELAY);
	signature.name = hm_arg_require_text(fcinfo, 0, "name");
	signature.checksum = hm_arg_require_text(fcinfo, 1, "checksum");
	signature.given_by = hm_arg_require_text(fcinfo, 2, "given_by");
	signature.evidence = require_evidence(fcinfo, 3);
	signature.meaning = hm_arg_require_text(fcinfo, 4, "meaning");
	signature.comment = hm_arg_prose(fcinfo, 5, "comment");
	signature.up = is_up(fcinfo, 6);
	return sign(fcinfo, &signature);
}

Datum
hm_migrate_reject(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("migrate_reject()");
	hm_capability_require(HM_APPROVER);
	hm_submission_reject(hm_arg_require_text(fcinfo, 0, "name"),
						 is_up(fcinfo, 2),
						 hm_arg_require_reason(fcinfo, 1));
	PG_RETURN_VOID();
}

Datum
hm_migrate_withdraw(PG_FUNCTION_ARGS)
{
	PreventCommandIfReadOnly("migrate_withdraw()");
	hm_capability_require(hm_capability_held(HM_APPROVER) ? HM_APPROVER :
						  HM_AUTHOR);
	PG_RETURN_TEXT_P(cstring_to_text(hm_submission_withdraw(hm_arg_require_text(fcinfo, 0, "name"),
															is_up(fcinfo, 2),
															hm_arg_require_reason(fcinfo, 1))));
}
