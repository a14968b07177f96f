/*
 * src/guard/effect_function.c
 *	  Functions that are about to be called.
 *
 * The server tells of each when an expression is prepared: once for all rows,
 * and not what with.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "audit/scope.h"
#include "base/compat.h"
#include "base/danger.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "guard/effect_parts.h"
#include "lint/forbidden.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/syscache.h"

static void
judge(const char *name, Oid function)
{
	ObjectAddress address = {ProcedureRelationId, function, 0};
	HmGuardedCommand command = {.class = HM_CLASS_DANGER,.name = name};
	HmGuardCase about = {
		.layer = HM_LAYER_FUNCTION,
		.object_type = "function",
		.object = getObjectIdentity(&address, true)
	};

	hm_effect_judge(&command, &about, NULL);
}

/* Each element is name=value.  Returns the name. */
static char *
find_danger(ArrayType *clause)
{
	Datum	   *elements;
	int			count;

	deconstruct_array(clause, TEXTOID, -1, false, TYPALIGN_INT, &elements,
					  NULL, &count);
	for (int i = 0; i < count; i++)
	{
		char	   *name = TextDatumGetCString(elements[i]);
		char	   *end = strchr(name, '=');

		if (end)
			*end = '\0';
		if (hm_danger_setting(name))
			return name;
	}
	return NULL;
}

/*
 * A SET clause takes effect without a command.  Returns what it sets, or NULL.
 */
static char *
find_set_of_danger(Oid function)
{
	HeapTuple	tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(function));
	bool		isnull;
	Datum		clause;
	char	   *result;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	clause = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_proconfig, &isnull);
	result = isnull ? NULL : find_danger(DatumGetArrayTypeP(clause));
	ReleaseSysCache(tuple);
	return result;
}

/* By what exemptions call it; NULL: harmless. */
static const char *
name_effect(Oid function)
{
	switch (hm_danger_function(function))
	{
		case HM_FUNCTION_FILE:
			return HM_EFFECT_SERVER_FILE;
		case HM_FUNCTION_STATISTICS:
			return HM_EFFECT_STATISTICS;
		case HM_FUNCTION_HARMLESS:
			break;
	}
	return NULL;
}

static void
check_server_function(Oid function)
{
	const char *name;

	if (function == F_SET_CONFIG)
	{
		hm_effect_note_set_config();
		return;
	}
	name = name_effect(function);
	if (name && hm_effect_concerns(HM_CLASS_DANGER, false))
		judge(name, function);
}

/* In a migration, whatever the mode. */
static void
refuse_forbidden_set(Oid function)
{
	char	   *name;

	if (hm_scope_current() == NULL || hm_guard_exempt_process())
		return;
	name = find_set_of_danger(function);
	if (name)
		hm_forbidden_refuse(HM_FORBIDDEN_SETTING, name);
}

void
hm_effect_check_function(Oid function)
{
	const char *name;

	if (function < FirstGenbkiObjectId)
	{
		check_server_function(function);
		return;
	}
	refuse_forbidden_set(function);
	if (!hm_effect_concerns(HM_CLASS_DANGER, false))
		return;
	name = name_effect(function);
	if (name == NULL && find_set_of_danger(function) != NULL)
		name = HM_EFFECT_SET;
	if (name)
		judge(name, function);
}
