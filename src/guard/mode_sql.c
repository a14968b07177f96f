/*
 * src/guard/mode_sql.c
 *	  migrate_guard(): which classes of commands are guarded, and how.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "audit/event.h"
#include "base/actor.h"
#include "base/argument.h"
#include "base/json_text.h"
#include "base/query.h"
#include "base/settings.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "guard/frame.h"
#include "guard/server.h"
#include "guard/guard_status.h"
#include "guard/guard_state.h"
#include "miscadmin.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hm_migrate_guard);

typedef struct Change
{
	HmGuardMode mode;
	bool		classes[HM_GUARD_CLASSES];
	const char *reason;
} Change;

static HmGuardMode
require_mode(const char *name)
{
	HmGuardMode mode;

	if (!hm_guard_mode_parse(name, &mode))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized mode of the guard: \"%s\"", name),
				 errhint("Modes are observe, enforce and off.")));
	return mode;
}

static HmGuardClass
require_class(const char *name)
{
	HmGuardClass class;

	if (!hm_guard_class_parse(name, &class))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized class of commands: \"%s\"", name),
				 errhint("Classes are schema, privilege, accounts, cluster, maintenance and danger. To see what belongs to each: SELECT * FROM hipaa_migrate.guarded_command;")));
	return class;
}

static Change
read_change(FunctionCallInfo fcinfo)
{
	Change		change = {0};
	List	   *names = hm_arg_text_list(fcinfo, 2, NULL);
	ListCell   *cell;

	change.mode = require_mode(hm_arg_text(fcinfo, 0));
	change.reason = hm_arg_require_reason(fcinfo, 1);
	for (int i = HM_FIRST_MODAL_CLASS; i <= HM_LAST_MODAL_CLASS; i++)
		change.classes[i] = PG_ARGISNULL(2);
	foreach(cell, names)
		change.classes[require_class(lfirst(cell))] = true;
	return change;
}

static void
store(HmGuardClass class, const Change *change)
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
	values[3] = CStringGetTextDatum(hm_actor_authenticated_name());
	values[4] = CStringGetTextDatum(change->reason);
	hm_query_run(&replace, values, NULL, false);
}

/* One event for all classes: what each was, and what all are now. */
static void
append_event(const Change *change, const HmGuardMode *before)
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
apply(const Change *change)
{
	HmGuardMode before[HM_GUARD_CLASSES];
	HmBracket	bracket;

	hm_guard_read_modes(before);
	hm_query_begin(&bracket);
	for (int i = HM_FIRST_MODAL_CLASS; i <= HM_LAST_MODAL_CLASS; i++)
	{
		if (change->classes[i])
			store((HmGuardClass) i, change);
	}
	CommandCounterIncrement();
	hm_guard_publish();
	hm_query_end(&bracket);
	append_event(change, before);
	hm_guard_note_permit_used();
}

static void
warn_of_override(const Change *change)
{
	if (change->mode == HM_GUARD_ENFORCE && hm_setting_guard_override)
		ereport(WARNING,
				(errmsg("nothing is refused while the configuration file overrides the guard"),
				 errhint("Take hipaa_migrate.guard_override out of postgresql.conf and reload: SELECT pg_reload_conf();")));
}

Datum
hm_migrate_guard(PG_FUNCTION_ARGS)
{
	if (!PG_ARGISNULL(0))
	{
		Change		change = read_change(fcinfo);

		hm_capability_require_superuser("change the guard");
		if (change.mode == HM_GUARD_ENFORCE)
			hm_guard_require_fit_server();
		apply(&change);
		warn_of_override(&change);
		CommandCounterIncrement();
	}
	else
		hm_capability_require_any();
	InitMaterializedSRF(fcinfo, 0);
	hm_guard_put_status((ReturnSetInfo *) fcinfo->resultinfo);
	return (Datum) 0;
}
