/*
 * src/guard/mode.c
 *	  Changes of the guard's modes.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/confirm.h"
#include "audit/event.h"
#include "base/json_text.h"
#include "base/query.h"
#include "base/settings.h"
#include "catalog/pg_type.h"
#include "guard/frame.h"
#include "guard/guard_state.h"
#include "guard/mode.h"
#include "guard/server.h"
#include "miscadmin.h"
#include "policy/policy_check.h"
#include "policy/policy_people.h"
#include "utils/builtins.h"

static void
store(HmGuardClass class, const HmGuardChange *change, const char *changed_by)
{
	static HmStatement replace = {
		"INSERT INTO hipaa_migrate.guard_class"
		" (class, mode, database_oid, since, changed_by, reason)"
		" VALUES ($1, $2, $3, pg_catalog.now(), $4, $5)"
		" ON CONFLICT (class) DO UPDATE"
		" SET mode = excluded.mode, database_oid = excluded.database_oid,"
		"     since = excluded.since, changed_by = excluded.changed_by,"
		"     reason = excluded.reason",
		5, {TEXTOID, TEXTOID, OIDOID, TEXTOID, TEXTOID}
	};
	Datum		values[5];

	values[0] = CStringGetTextDatum(hm_guard_class_name(class));
	values[1] = CStringGetTextDatum(hm_guard_mode_name(change->mode));
	values[2] = ObjectIdGetDatum(MyDatabaseId);
	values[3] = CStringGetTextDatum(changed_by);
	values[4] = CStringGetTextDatum(change->reason);
	hm_query_run(&replace, values, NULL, false);
}

/* One event for all classes: what each was, and what all are now. */
static void
append_event(const HmGuardChange *change, const HmGuardMode *before)
{
	StringInfoData was;
	StringInfoData details;
	HmEvent		event = {
		.kind = HM_EVENT_GUARD_CHANGED,
		.object_type = "guard",
		.object = hm_guard_mode_name(change->mode),
		.reason = change->reason
	};

	hm_json_begin(&was);
	for (int i = HM_FIRST_MODAL_CLASS; i <= HM_LAST_MODAL_CLASS; i++)
	{
		if (change->classes[i])
			hm_json_text(&was, hm_guard_class_name((HmGuardClass) i),
						 hm_guard_mode_name(before[i]));
	}
	hm_json_begin(&details);
	hm_json_text(&details, "mode", hm_guard_mode_name(change->mode));
	hm_json_raw(&details, "before", hm_json_end(&was));
	event.details = hm_json_end(&details);
	hm_event_append(&event);
}

static void
apply(const HmGuardChange *change, const char *changed_by)
{
	HmGuardMode before[HM_GUARD_CLASSES];
	HmBracket	bracket;

	hm_guard_read_modes(before);
	hm_query_begin(&bracket);
	for (int i = HM_FIRST_MODAL_CLASS; i <= HM_LAST_MODAL_CLASS; i++)
	{
		if (change->classes[i])
			store((HmGuardClass) i, change, changed_by);
	}
	CommandCounterIncrement();
	hm_guard_publish();
	hm_query_end(&bracket);
	append_event(change, before);
	hm_guard_note_permit_used();
}

static void
warn_of_override(const HmGuardChange *change)
{
	if (change->mode == HM_GUARD_ENFORCE && hm_setting_guard_override)
		ereport(WARNING,
				(errmsg("nothing is refused while the configuration file overrides the guard"),
				 errhint("Take hipaa_migrate.guard_override out of postgresql.conf and reload: SELECT pg_reload_conf();")));
}

/* Classes and modes are those that were there when it was asked for. */
static HmGuardChange
read_act(const HmAct *act)
{
	HmGuardChange change = {.reason = act->reason};
	List	   *names = hm_act_texts(act, "classes");
	ListCell   *cell;

	if (!hm_guard_mode_parse(hm_act_text(act, "mode"), &change.mode))
		elog(ERROR, "act %lld has no mode", (long long) act->id);
	foreach(cell, names)
	{
		HmGuardClass class;

		if (hm_guard_class_parse(lfirst(cell), &class))
			change.classes[class] = true;
	}
	return change;
}

/* Performs act guard. */
static char *
perform(const HmAct *act)
{
	HmGuardChange change = read_act(act);

	if (change.mode == HM_GUARD_ENFORCE)
		hm_guard_require_fit_server();
	apply(&change, act->requested_by);
	warn_of_override(&change);
	if (change.mode == HM_GUARD_ENFORCE)
		hm_policy_people_warn();
	if (change.mode == HM_GUARD_ENFORCE && change.classes[HM_CLASS_SCHEMA])
		hm_policy_check_warn();
	return NULL;
}

static const HmActKind act_guard = {
	.name = "guard",
	.function = "migrate_guard",
	.perform = perform,
	.superuser_act = "change the guard"
};

void
hm_guard_mode_init(void)
{
	hm_act_register(&act_guard);
}

static char *
describe(const HmGuardChange *change)
{
	StringInfoData json;
	List	   *names = NIL;

	for (int i = HM_FIRST_MODAL_CLASS; i <= HM_LAST_MODAL_CLASS; i++)
	{
		if (change->classes[i])
			names = lappend(names, pstrdup(hm_guard_class_name((HmGuardClass) i)));
	}
	hm_json_begin(&json);
	hm_json_text(&json, "mode", hm_guard_mode_name(change->mode));
	hm_json_texts(&json, "classes", names);
	return hm_json_end(&json);
}

/* Whether anything that is enforced would be so no longer. */
static bool
leaves_enforce(const HmGuardChange *change)
{
	HmGuardMode modes[HM_GUARD_CLASSES];
	bool		leaves = false;

	hm_guard_read_modes(modes);
	for (int i = HM_FIRST_MODAL_CLASS; i <= HM_LAST_MODAL_CLASS; i++)
		leaves = leaves || (change->classes[i] &&
							modes[i] == HM_GUARD_ENFORCE &&
							change->mode != HM_GUARD_ENFORCE);
	return leaves;
}

int64
hm_guard_change(const HmGuardChange *change)
{
	char	   *done;

	hm_capability_require_superuser(act_guard.superuser_act);
	return hm_act_decide(act_guard.name, describe(change), change->reason,
						 leaves_enforce(change), &done);
}
