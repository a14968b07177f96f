/*
 * src/policy/policy_check_sql.c
 *	  SQL function migrate_policy_check.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "funcapi.h"
#include "policy/policy_check.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hm_migrate_policy_check);

static const char *const status_names[] = {
	[HM_POLICY_OK] = "ok",
	[HM_POLICY_WARNING] = "warning",
	[HM_POLICY_CRITICAL] = "critical",
};

static void
put_finding(ReturnSetInfo *result, const HmPolicyFinding *finding)
{
	Datum		values[5];
	bool		nulls[5] = {false};

	values[0] = CStringGetTextDatum(finding->everywhere ? "ALL" :
									hm_severity_name(finding->risk));
	values[1] = CStringGetTextDatum(status_names[finding->status]);
	values[2] = CStringGetTextDatum(finding->item);
	values[3] = CStringGetTextDatum(finding->message);
	nulls[4] = finding->remedy == NULL;
	values[4] = nulls[4] ? (Datum) 0 : CStringGetTextDatum(finding->remedy);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
hm_migrate_policy_check(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	ListCell   *cell;

	hm_capability_require_any();
	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, hm_policy_check(hm_policy_load()))
		put_finding(result, lfirst(cell));
	return (Datum) 0;
}
