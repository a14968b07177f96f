/*
 * src/policy/policy_change.c
 *	  Changing the policy.
 */
#include "postgres.h"

#include "audit/confirm.h"
#include "audit/event.h"
#include "audit/relations.h"
#include "base/actor.h"
#include "base/json_read.h"
#include "base/json_text.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "policy/policy.h"
#include "policy/policy_change.h"
#include "policy/policy_check.h"
#include "policy/policy_people.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/fmgrprotos.h"

#define ACT_SET	"policy"
#define ACT_USE	"preset"

/* {"LOW": {"approvers": [["dba"]], ...}, ...} */
static char *
build_whole(void)
{
	static HmStatement find = {
		"SELECT COALESCE(pg_catalog.jsonb_object_agg(r.risk, r.requirements), '{}')"
		"  FROM (SELECT p.risk,"
		"               pg_catalog.jsonb_object_agg(p.requirement, p.value)"
		"          FROM hipaa_migrate.policy_requirement AS p"
		"         GROUP BY p.risk) AS r (risk, requirements)"
	};
	HmBracket	bracket;
	MemoryContext before;
	char	   *whole;

	hm_query_begin(&bracket);
	hm_query_run(&find, NULL, NULL, false);
	before = MemoryContextSwitchTo(bracket.caller_context);
	whole = hm_query_text(0, 1);
	MemoryContextSwitchTo(before);
	hm_query_end(&bracket);
	return whole;
}

static void
store(const HmAct *act, const char *risk, const char *requirement,
	  Jsonb *value)
{
	static HmStatement replace = {
		"INSERT INTO hipaa_migrate.policy_requirement"
		" (risk, requirement, value, changed_by, confirmed_by, changed_at, reason)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7)"
		" ON CONFLICT (risk, requirement) DO UPDATE"
		" SET value = excluded.value, changed_by = excluded.changed_by,"
		"     confirmed_by = excluded.confirmed_by,"
		"     changed_at = excluded.changed_at, reason = excluded.reason",
		7, {TEXTOID, TEXTOID, JSONBOID, TEXTOID, TEXTOID, TIMESTAMPTZOID,
		TEXTOID}
	};
	Datum		values[7];
	char		nulls[] = "       ";
	HmBracket	bracket;

	values[0] = CStringGetTextDatum(risk);
	values[1] = CStringGetTextDatum(requirement);
	values[2] = JsonbPGetDatum(value);
	values[3] = CStringGetTextDatum(act->requested_by);
	values[4] = hm_query_text_arg(act->id == 0 ? NULL :
								  hm_actor_authenticated_name(), &nulls[4]);
	values[5] = TimestampTzGetDatum(GetCurrentTimestamp());
	values[6] = CStringGetTextDatum(act->reason);
	hm_query_begin(&bracket);
	hm_query_run(&replace, values, nulls, false);
	hm_query_end(&bracket);
}

static uint64
take_away(const char *risk, const char *requirement)
{
	static HmStatement remove = {
		"DELETE FROM hipaa_migrate.policy_requirement AS p"
		" WHERE p.risk = $1 AND p.requirement = $2",
		2, {TEXTOID, TEXTOID}
	};
	Datum		values[2];
	HmBracket	bracket;
	uint64		removed;

	values[0] = CStringGetTextDatum(risk);
	values[1] = CStringGetTextDatum(requirement);
	hm_query_begin(&bracket);
	removed = hm_query_run(&remove, values, NULL, false);
	hm_query_end(&bracket);
	return removed;
}

static void
take_all_away(void)
{
	static HmStatement remove = {
		"DELETE FROM hipaa_migrate.policy_requirement"
	};
	HmBracket	bracket;

	hm_query_begin(&bracket);
	hm_query_run(&remove, NULL, NULL, false);
	hm_query_end(&bracket);
}

/* One change at a time, so that each event begins where the last one ended. */
static char *
begin_change(void)
{
	LockRelationOid(hm_relation_oid(HM_RELATION_POLICY_REQUIREMENT),
					ShareRowExclusiveLock);
	return build_whole();
}

static char *
end_change(const HmAct *act, const char *what, const char *before)
{
	HmEvent		event = {
		.kind = HM_EVENT_POLICY_CHANGED,
		.object_type = "policy",
		.object = what,
		.reason = act->reason
	};
	StringInfoData json;
	char	   *after;

	CommandCounterIncrement();
	after = build_whole();
	hm_json_begin(&json);
	if (act->id != 0)
		hm_json_int64(&json, "act_id", act->id);
	hm_json_text(&json, "requested_by", act->requested_by);
	hm_json_raw(&json, "before", before);
	hm_json_raw(&json, "after", after);
	event.details = hm_json_end(&json);
	hm_event_append(&event);
	hm_policy_people_warn();
	if (hm_policy_binds())
		hm_policy_check_warn();
	else if (strcmp(after, "{}") != 0)
		ereport(WARNING,
				(errmsg("the policy does not bind while the guard does not enforce class \"schema\""),
				 errdetail("What it would refuse runs, and is on record as policy.observed."),
				 errhint("To let it bind: SELECT * FROM migrate_guard('enforce', 'reason', ARRAY['schema']);")));
	return NULL;
}

/* NULL: it is absent. */
static Jsonb *
value_of(const HmAct *act)
{
	Jsonb	   *arguments = hm_json_parse(act->arguments);
	JsonbValue *value = getKeyJsonValueFromContainer(&arguments->root, "value",
													 strlen("value"), NULL);

	return value ? JsonbValueToJsonb(value) : NULL;
}

static char *
perform_set(const HmAct *act)
{
	char	   *risk = hm_act_text(act, "risk");
	char	   *requirement = hm_act_text(act, "requirement");
	Jsonb	   *value = value_of(act);
	char	   *before = begin_change();

	if (value)
	{
		const HmRequirement *known = hm_requirement_find(requirement);

		if (known)
			hm_requirement_require(known, value);
		store(act, risk, requirement, value);
	}
	else if (take_away(risk, requirement) == 0)
	{
		ereport(WARNING,
				(errmsg("the policy has no requirement \"%s\" of risk %s",
						requirement, risk)));
		return NULL;
	}
	return end_change(act, psprintf("%s %s", risk, requirement), before);
}

static void
store_preset(const HmAct *act, const HmPreset *preset, const char *zone)
{
	StringInfoData name;

	for (int i = 0; i < preset->nrows; i++)
	{
		const HmPresetRow *row = &preset->rows[i];
		const HmRequirement *requirement = hm_requirement_find(row->requirement);
		Jsonb	   *value = hm_json_parse(hm_preset_value(row, zone));

		if (requirement)
			hm_requirement_require(requirement, value);
		store(act, row->risk, row->requirement, value);
	}
	if (preset->nrows == 0)
		return;
	initStringInfo(&name);
	appendStringInfo(&name, "\"%s\"", preset->name);
	store(act, "ALL", "preset", hm_json_parse(name.data));
}

static char *
perform_use(const HmAct *act)
{
	char	   *name = hm_act_text(act, "preset");
	const HmPreset *preset = hm_preset_find(name);
	char	   *before;

	if (preset == NULL)
		elog(ERROR, "unrecognized preset \"%s\"", name);
	before = begin_change();

	take_all_away();
	store_preset(act, preset, hm_act_text(act, "zone"));
	return end_change(act, psprintf("preset %s", preset->name), before);
}

int64
hm_policy_set(const char *risk, const char *requirement, Jsonb *value,
			  const char *reason)
{
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "risk", risk);
	hm_json_text(&json, "requirement", requirement);
	if (value)
		hm_json_raw(&json, "value",
					JsonbToCString(NULL, &value->root, VARSIZE(value)));
	return hm_act_perform(ACT_SET, hm_json_end(&json), reason);
}

int64
hm_policy_use(const HmPreset *preset, const char *zone, const char *reason)
{
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "preset", preset->name);
	hm_json_text(&json, "zone", zone);
	return hm_act_perform(ACT_USE, hm_json_end(&json), reason);
}

void
hm_policy_change_init(void)
{
	static const HmActKind set = {
		.name = ACT_SET,
		.function = "migrate_set_policy",
		.perform = perform_set,
		.superuser_act = "change the policy"
	};
	static const HmActKind use = {
		.name = ACT_USE,
		.function = "migrate_use_policy",
		.perform = perform_use,
		.superuser_act = "change the policy"
	};

	hm_act_register(&set);
	hm_act_register(&use);
}
