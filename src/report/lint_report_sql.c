/*
 * src/report/lint_report_sql.c
 *	  SQL function migrate_lint.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/argument.h"
#include "funcapi.h"
#include "lint/finding_row.h"
#include "plan/outlook.h"

PG_FUNCTION_INFO_V1(hm_migrate_lint);

typedef struct Listing
{
	ReturnSetInfo *result;
	HmSeverity	least;
} Listing;

static void
list_findings(const HmOutlook *outlook, void *argument)
{
	const Listing *listing = argument;

	if (!hm_outlook_may_show(outlook))
		return;
	hm_findings_put(listing->result, outlook->stored->display,
					outlook->findings, listing->least);
}

Datum
hm_migrate_lint(PG_FUNCTION_ARGS)
{
	const char *name = hm_arg_text(fcinfo, 0);
	Listing		listing;
	bool		catalogs;

	hm_capability_require_any();
	listing.least = hm_severity_require(hm_arg_require_text(fcinfo, 1,
															"min_severity"));
	catalogs = hm_findings_ask_catalogs(hm_arg_require_text(fcinfo, 2, "rules"));
	InitMaterializedSRF(fcinfo, 0);
	listing.result = (ReturnSetInfo *) fcinfo->resultinfo;
	hm_outlook_walk(name, catalogs, list_findings, &listing);
	return (Datum) 0;
}
