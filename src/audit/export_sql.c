/*
 * src/audit/export_sql.c
 *	  SQL function audit_export.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "audit/export.h"
#include "base/argument.h"
#include "executor/executor.h"
#include "funcapi.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hm_audit_export);

static void
end_export(Datum export)
{
	hm_export_end((HmExport *) DatumGetPointer(export));
}

/* The context that the export lives in goes with the last row. */
static void
end_with_last_row(FunctionCallInfo fcinfo, FuncCallContext *call)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	Datum		export = PointerGetDatum(call->user_fctx);

	UnregisterExprContextCallback(result->econtext, end_export, export);
	end_export(export);
}

static TimestampTz
limit_of(FunctionCallInfo fcinfo, int number, TimestampTz none)
{
	return PG_ARGISNULL(number) ? none : PG_GETARG_TIMESTAMPTZ(number);
}

static void
begin_export(FunctionCallInfo fcinfo, FuncCallContext *call)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	MemoryContext caller = MemoryContextSwitchTo(call->multi_call_memory_ctx);
	HmExportOptions options;

	options.since = limit_of(fcinfo, 0, DT_NOBEGIN);
	options.until = limit_of(fcinfo, 1, DT_NOEND);
	options.digest = NULL;
	if (!PG_ARGISNULL(2))
		options.digest = PG_GETARG_JSONB_P_COPY(2);
	call->user_fctx = hm_export_begin(&options);
	RegisterExprContextCallback(result->econtext, end_export,
								PointerGetDatum(call->user_fctx));
	MemoryContextSwitchTo(caller);
}

Datum
hm_audit_export(PG_FUNCTION_ARGS)
{
	FuncCallContext *call;
	const char *line;

	if (SRF_IS_FIRSTCALL())
	{
		hm_capability_require(HM_AUDITOR);
		call = SRF_FIRSTCALL_INIT();
		begin_export(fcinfo, call);
	}
	call = SRF_PERCALL_SETUP();
	line = hm_export_next(call->user_fctx);
	if (line == NULL)
	{
		end_with_last_row(fcinfo, call);
		SRF_RETURN_DONE(call);
	}
	SRF_RETURN_NEXT(call, CStringGetTextDatum(line));
}
