/*
 * src/lint/lint_sql.c
 *	  SQL functions migrate_lint_sql and lint_rules.
 */
#include "postgres.h"

#include "base/argument.h"
#include "funcapi.h"
#include "lint/finding_row.h"
#include "lint/lint.h"
#include "utils/builtins.h"
#include "utils/tuplestore.h"

PG_FUNCTION_INFO_V1(hm_lint_rules_sql);
PG_FUNCTION_INFO_V1(hm_migrate_lint_sql);

/* Like a migration of that text, under the session's own settings. */
Datum
hm_migrate_lint_sql(PG_FUNCTION_ARGS)
{
	const char *sql = hm_arg_require_text(fcinfo, 0, "sql");
	HmSeverity	least = hm_severity_require(hm_arg_require_text(fcinfo, 1,
																"min_severity"));
	bool		catalogs = hm_findings_ask_catalogs(hm_arg_require_text(fcinfo, 2,
																		"rules"));
	HmScriptOrigin origin = {.direction = "up",.first_line = 1};
	HmScript   *script = hm_script_read(sql, origin);
	List	   *findings = hm_lint_script(hm_world_create(catalogs), script,
										  script->top_level_index < 0,
										  HM_LINT_ALL, NULL);

	InitMaterializedSRF(fcinfo, 0);
	hm_findings_put((ReturnSetInfo *) fcinfo->resultinfo, NULL, findings,
					least);
	return (Datum) 0;
}

static const char *
decided_by(const HmLintRule *rule)
{
	return (rule->flags & (HM_RULE_CATALOG | HM_RULE_TRAFFIC | HM_RULE_ROWS)) ?
		"catalog" : "text";
}

static void
put_rule(ReturnSetInfo *result, const HmLintRule *rule)
{
	Datum		values[7];
	bool		nulls[7] = {0};

	values[0] = Int32GetDatum(rule->number);
	values[1] = CStringGetTextDatum(rule->slug);
	values[2] = CStringGetTextDatum(hm_severity_name(rule->severity));
	values[3] = CStringGetTextDatum(decided_by(rule));
	values[4] = CStringGetTextDatum(rule->message);
	values[5] = CStringGetTextDatum(rule->safe_way);
	values[6] = CStringGetTextDatum(rule->rationale);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
hm_lint_rules_sql(PG_FUNCTION_ARGS)
{
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < hm_lint_rule_count(); i++)
		put_rule((ReturnSetInfo *) fcinfo->resultinfo, hm_lint_rule_get(i));
	return (Datum) 0;
}
