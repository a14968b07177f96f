/*
 * src/report/risk_sql.c
 *	  SQL function migrate_risk.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/argument.h"
#include "funcapi.h"
#include "plan/outlook.h"
#include "policy/risk.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(hm_migrate_risk);

static Datum
text_or_null(const char *text, bool *isnull)
{
	*isnull = text == NULL;
	return text ? CStringGetTextDatum(text) : (Datum) 0;
}

static void
put_reason(ReturnSetInfo *result, const HmRisk *risk,
		   const HmRiskReason *reason)
{
	Datum		values[6];
	bool		nulls[6] = {0};

	values[0] = CStringGetTextDatum(hm_severity_name(risk->total));
	values[1] = text_or_null(reason->counts ?
							 hm_severity_name(reason->adds) : NULL, &nulls[1]);
	values[2] = CStringGetTextDatum(reason->source);
	values[3] = text_or_null(reason->object, &nulls[3]);
	values[4] = CStringGetTextDatum(reason->reason);
	values[5] = text_or_null(reason->forgiven_because, &nulls[5]);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
end_risk(const HmOutlook *outlook, void *argument)
{
	(void) hm_outlook_may_show(outlook);
	hm_risk_end(argument, outlook->findings,
				outlook->script ? outlook->script->origin.direction : "down");
}

/* Of what runs next: the up, or the down of what is in the database. */
Datum
hm_migrate_risk(PG_FUNCTION_ARGS)
{
	HmRisk	   *risk = hm_risk_begin();
	HmOutlookWish wish = {
		.catalogs = true,
		.visit = end_risk,
		.watch = hm_risk_watch,
		.argument = risk
	};
	ListCell   *cell;

	hm_capability_require_any();
	wish.names = list_make1(hm_arg_require_text(fcinfo, 0, "name"));
	hm_outlook_walk_as(&wish);
	InitMaterializedSRF(fcinfo, 0);
	foreach(cell, risk->reasons)
		put_reason((ReturnSetInfo *) fcinfo->resultinfo, risk, lfirst(cell));
	return (Datum) 0;
}
