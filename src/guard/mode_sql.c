/*
 * src/guard/mode_sql.c
 *	  migrate_guard(): which classes of commands are guarded, and how.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/capability.h"
#include "base/argument.h"
#include "funcapi.h"
#include "guard/guard_status.h"
#include "guard/mode.h"

PG_FUNCTION_INFO_V1(hm_migrate_guard);

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

static HmGuardChange
read_change(FunctionCallInfo fcinfo)
{
	HmGuardChange change = {0};
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

Datum
hm_migrate_guard(PG_FUNCTION_ARGS)
{
	HmGuardChange change = {0};
	int64		act = 0;

	if (PG_ARGISNULL(0))
		hm_capability_require_any();
	else
	{
		change = read_change(fcinfo);
		act = hm_guard_change(&change);
		CommandCounterIncrement();
	}
	InitMaterializedSRF(fcinfo, 0);
	hm_guard_put_status((ReturnSetInfo *) fcinfo->resultinfo,
						change.classes, act);
	return (Datum) 0;
}
