/*
 * src/policy/policy_sql.c
 *	  SQL functions migrate_policy, migrate_set_policy, migrate_use_policy.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/argument.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "pgtime.h"
#include "policy/policy.h"
#include "policy/policy_change.h"
#include "policy/policy_preset.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(hm_migrate_policy);
PG_FUNCTION_INFO_V1(hm_migrate_set_policy);
PG_FUNCTION_INFO_V1(hm_migrate_use_policy);

#define POLICY_COLUMNS 6

static void
put_row(ReturnSetInfo *result, const HmPolicyRow *row)
{
	Datum		values[POLICY_COLUMNS];
	bool		nulls[POLICY_COLUMNS] = {false};
	TimestampTz changed_at = row->changed_at -
	row->changed_at % USECS_PER_SEC;

	values[0] = CStringGetTextDatum(row->everywhere ? "ALL" :
									hm_severity_name(row->risk));
	values[1] = CStringGetTextDatum(row->name);
	values[2] = CStringGetTextDatum(hm_policy_describe(row));
	values[3] = JsonbPGetDatum(row->value);
	values[4] = CStringGetTextDatum(row->changed_by);
	values[5] = TimestampTzGetDatum(changed_at);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* Those of one risk, in the order of the table of requirements. */
static void
put_risk(ReturnSetInfo *result, const HmPolicy *policy, bool everywhere,
		 HmSeverity risk)
{
	int			count;
	const HmRequirement *const *known = hm_requirements(&count);

	for (int i = 0; i <= count; i++)
	{
		ListCell   *cell;

		foreach(cell, policy->rows)
		{
			HmPolicyRow *row = lfirst(cell);

			if (row->everywhere == everywhere &&
				(everywhere || row->risk == risk) &&
				row->requirement == (i < count ? known[i] : NULL))
				put_row(result, row);
		}
	}
}

Datum
hm_migrate_policy(PG_FUNCTION_ARGS)
{
	ReturnSetInfo *result = (ReturnSetInfo *) fcinfo->resultinfo;
	HmPolicy   *policy;

	hm_capability_require_any();
	InitMaterializedSRF(fcinfo, 0);
	policy = hm_policy_load();
	put_risk(result, policy, true, HM_LOW);
	for (int risk = HM_LOW; risk <= HM_CRITICAL; risk++)
		put_risk(result, policy, false, (HmSeverity) risk);
	return (Datum) 0;
}

static const HmRequirement *
require_requirement(const char *name)
{
	const HmRequirement *requirement = hm_requirement_find(name);
	const HmRequirement *const *known;
	StringInfoData names;
	int			count;

	if (requirement)
		return requirement;
	initStringInfo(&names);
	known = hm_requirements(&count);
	for (int i = 0; i < count; i++)
		appendStringInfo(&names, "%s%s", i == 0 ? "" :
						 i == count - 1 ? " and " : ", ", known[i]->name);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unrecognized requirement \"%s\"", name),
			 errhint("Requirements are %s.", names.data)));
}

/* What could not be set can be taken away all the same. */
static bool
is_set_with_fault(const char *risk, const char *name)
{
	ListCell   *cell;

	foreach(cell, hm_policy_load()->rows)
	{
		const HmPolicyRow *row = lfirst(cell);

		if (row->fault && strcmp(row->name, name) == 0 &&
			strcmp(row->everywhere ? "ALL" : hm_severity_name(row->risk),
				   risk) == 0)
			return true;
	}
	return false;
}

/* The risk as the table has it. */
static const char *
require_risk(const char *risk, const HmRequirement *requirement)
{
	bool		everywhere = pg_strcasecmp(risk, "ALL") == 0;
	const char *name = NULL;

	for (int i = HM_LOW; i <= HM_CRITICAL; i++)
	{
		if (pg_strcasecmp(risk, hm_severity_name((HmSeverity) i)) == 0)
			name = hm_severity_name((HmSeverity) i);
	}
	if (!everywhere && name == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized risk \"%s\"", risk),
				 errhint("Use one of LOW, MEDIUM, HIGH, CRITICAL and ALL.")));
	if (everywhere != requirement->everywhere)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("requirement \"%s\" is set for %s",
						requirement->name, requirement->everywhere ?
						"all risks together" : "each risk by itself"),
				 errhint("Set it with risk %s.", requirement->everywhere ?
						 "ALL" : "LOW, MEDIUM, HIGH or CRITICAL")));
	return everywhere ? "ALL" : name;
}

static Datum
return_act(FunctionCallInfo fcinfo, int64 act_id)
{
	if (act_id == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(act_id);
}

Datum
hm_migrate_set_policy(PG_FUNCTION_ARGS)
{
	char	   *risk;
	char	   *name;
	Jsonb	   *value;
	char	   *reason;
	const HmRequirement *requirement;

	PreventCommandIfReadOnly("migrate_set_policy()");
	hm_capability_require_superuser("change the policy");
	risk = hm_arg_require_text(fcinfo, 0, "risk");
	name = hm_arg_require_text(fcinfo, 1, "requirement");
	value = hm_arg_jsonb(fcinfo, 2);
	reason = hm_arg_require_reason(fcinfo, 3);
	if (value == NULL && is_set_with_fault(risk, name))
		return return_act(fcinfo, hm_policy_set(risk, name, NULL, reason));
	requirement = require_requirement(name);
	if (requirement == &hm_requirement_preset)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("a preset is not set, but used"),
				 errhint("Use one: SELECT migrate_use_policy('hipaa', 'reason');")));
	if (value)
		hm_requirement_require(requirement, value);
	return return_act(fcinfo,
					  hm_policy_set(require_risk(risk, requirement), name,
									value, reason));
}

/*
 * The session's, by its full name: what it is called in another session, or
 * what it is by a rule of its own, is not for a policy.
 */
static char *
require_zone(void)
{
	static HmStatement find = {
		"SELECT n.name FROM pg_catalog.pg_timezone_names AS n WHERE n.name = $1",
		1, {TEXTOID}
	};
	const char *zone = pg_get_timezone_name(session_timezone);
	Datum		value = CStringGetTextDatum(zone);
	HmBracket	bracket;
	bool		found;

	hm_query_begin(&bracket);
	found = hm_query_run(&find, &value, NULL, true) > 0;
	hm_query_end(&bracket);
	if (!found)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("the windows of the preset need a time zone, and that of the session has no name"),
				 errdetail("It is \"%s\".", zone),
				 errhint("Choose it with SET timezone = 'Europe/Vienna'; or the like, then call again. Names: SELECT name FROM pg_timezone_names;")));
	return pstrdup(zone);
}

Datum
hm_migrate_use_policy(PG_FUNCTION_ARGS)
{
	char	   *name;
	char	   *reason;
	const HmPreset *preset;

	PreventCommandIfReadOnly("migrate_use_policy()");
	hm_capability_require_superuser("change the policy");
	name = hm_arg_require_text(fcinfo, 0, "preset");
	reason = hm_arg_require_reason(fcinfo, 1);
	preset = hm_preset_find(name);
	if (preset == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized preset \"%s\"", name),
				 errhint("Presets are development, hipaa and none, which takes the policy away.")));
	return return_act(fcinfo,
					  hm_policy_use(preset,
									preset->zoned ? require_zone() : NULL,
									reason));
}
