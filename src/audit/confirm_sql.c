/*
 * src/audit/confirm_sql.c
 *	  SQL functions migrate_confirm and migrate_confirm_end, and what waits.
 */
#include "postgres.h"

#include "audit/confirm.h"
#include "base/argument.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hm_migrate_confirm);
PG_FUNCTION_INFO_V1(hm_migrate_confirm_end);
PG_FUNCTION_INFO_V1(hm_pending_confirmations);

Datum
hm_migrate_confirm(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	int64		id = hm_arg_require_int64(fcinfo, 0, "id");
	char	   *reason = hm_arg_require_reason(fcinfo, 1);
	const HmAct *act;
	char	   *done = NULL;
	Datum		values[4];
	bool		nulls[4] = {0};

	PreventCommandIfReadOnly("migrate_confirm()");
	act = hm_act_confirm(id, reason, &done);
	values[0] = Int64GetDatum(act->id);
	values[1] = CStringGetTextDatum(act->name);
	values[2] = CStringGetTextDatum("confirmed");
	nulls[3] = done == NULL;
	if (done)
		values[3] = DirectFunctionCall1(jsonb_in, CStringGetDatum(done));
	InitMaterializedSRF(fcinfo, 0);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	return (Datum) 0;
}

Datum
hm_migrate_confirm_end(PG_FUNCTION_ARGS)
{
	int64		id = hm_arg_require_int64(fcinfo, 0, "id");
	char	   *reason = hm_arg_require_reason(fcinfo, 1);

	PreventCommandIfReadOnly("migrate_confirm_end()");
	hm_act_withdraw(id, reason);
	PG_RETURN_VOID();
}

Datum
hm_pending_confirmations(PG_FUNCTION_ARGS)
{
	static HmStatement find = {
		"SELECT act_id, act, requested_by,"
		"       pg_catalog.date_trunc('second', requested_at),"
		"       pg_catalog.date_trunc('second', expires_at),"
		"       arguments::pg_catalog.jsonb, reason"
		"  FROM hipaa_migrate.pending_act"
		" WHERE state = 'pending' AND expires_at > pg_catalog.clock_timestamp()"
		" ORDER BY act_id"
	};

	hm_capability_require_any();
	return hm_query_show(fcinfo, &find, NULL);
}
