/*
 * src/report/access_sql.c
 *	  SQL function migrate_access.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/compat.h"
#include "fmgr.h"
#include "funcapi.h"
#include "report/access.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(hm_migrate_access);

Datum
hm_migrate_access(PG_FUNCTION_ARGS)
{
	hm_capability_require(HM_AUDITOR);
	if (!PG_ARGISNULL(0) &&
		PG_GETARG_TIMESTAMPTZ(0) > GetCurrentTimestamp())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"as_of\" must not be in the future")));
	InitMaterializedSRF(fcinfo, 0);
	hm_access_put((ReturnSetInfo *) fcinfo->resultinfo, fcinfo->args[0]);
	return (Datum) 0;
}
