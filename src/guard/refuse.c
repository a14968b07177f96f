/*
 * src/guard/refuse.c
 *	  What is said, and put on record, when the guard refuses or observes.
 */
#include "postgres.h"

#include "base/actor.h"
#include "base/errors.h"
#include "base/json_text.h"
#include "base/settings.h"
#include "commands/dbcommands.h"
#include "guard/refuse.h"
#include "guard/guard_state.h"

HmEventKind
hm_guard_event_kind(HmVerdict verdict)
{
	switch (verdict)
	{
		case HM_VERDICT_SKIPPED:
			return HM_EVENT_GUARD_SKIPPED;
		case HM_VERDICT_OBSERVED:
			return HM_EVENT_GUARD_OBSERVED;
		case HM_VERDICT_EXEMPTED:
			return HM_EVENT_GUARD_EXEMPTED;
		case HM_VERDICT_BROKEN_GLASS:
			return HM_EVENT_GUARD_BROKEN_GLASS;
		case HM_VERDICT_OVERRIDDEN:
			return HM_EVENT_GUARD_OVERRIDDEN;
		case HM_VERDICT_FREE:
		case HM_VERDICT_MIGRATION:
		case HM_VERDICT_REFUSED:
			break;
	}
	return HM_EVENT_GUARD_REFUSED;
}

char *
hm_guard_details(const HmGuardCase *which, HmVerdict verdict)
{
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "layer", which->layer);
	if (which->shared)
		hm_json_bool(&json, "cluster", true);
	if (verdict == HM_VERDICT_EXEMPTED)
		hm_json_int64(&json, "exemption", which->permit_id);
	else if (verdict == HM_VERDICT_BROKEN_GLASS)
		hm_json_int64(&json, "break_glass", which->permit_id);
	return hm_json_end(&json);
}

/* Alike is what is tried again with the same object. */
static uint64
fold_key_of(const HmGuardCase *which, HmEventKind kind)
{
	return hm_event_fold_key(kind, psprintf("%d %s %s %s", which->class,
											which->layer, which->command,
											which->object ? which->object : ""));
}

static HmEvent
build_event(const HmGuardCase *which, HmVerdict verdict)
{
	HmEvent		event = {
		.kind = hm_guard_event_kind(verdict),
		.command = which->command,
		.object_type = which->object_type,
		.object = which->object,
		.statement = which->statement,
		.statement_hash = which->statement_hash,
		.rule = hm_guard_class_name(which->class),
		.ticket = which->ticket,
		.details = hm_guard_details(which, verdict)
	};

	if (verdict == HM_VERDICT_REFUSED)
		event.sqlstate = unpack_sql_state(HM_ERRCODE_GUARD);
	return event;
}

/* Whether the record of that database is to have it from us. */
static bool
is_told(const HmGuardedDatabase *database, const HmGuardCase *which)
{
	if (database->oid == MyDatabaseId)
		return !which->appended;
	return which->shared && database->modes[which->class] != HM_GUARD_OFF;
}

/* Only one recorder is waited for: that of the first database. */
static void
record(const HmGuardCase *which, HmVerdict verdict, int wait)
{
	HmEvent		event = build_event(which, verdict);
	uint64		key = fold_key_of(which, event.kind);
	ListCell   *cell;

	foreach(cell, hm_guard_databases())
	{
		const HmGuardedDatabase *database = lfirst(cell);

		if (!is_told(database, which))
			continue;
		(void) hm_event_record_in(database->oid, &event, key, wait);
		wait = 0;
	}
}

void
hm_guard_tell(const HmGuardCase *which, HmVerdict verdict)
{
	if (verdict != HM_VERDICT_FREE && verdict != HM_VERDICT_MIGRATION)
		record(which, verdict, 0);
}

/* The first that enforces the class: usually the current one. */
static const char *
guarding_database(const HmGuardCase *which)
{
	ListCell   *cell;

	foreach(cell, hm_guard_databases())
	{
		const HmGuardedDatabase *database = lfirst(cell);

		if (database->modes[which->class] == HM_GUARD_ENFORCE &&
			(which->shared || database->oid == MyDatabaseId))
			return get_database_name(database->oid);
	}
	return get_database_name(MyDatabaseId);
}

/* As CREATE TABLE does of a table. */
static bool
ends_with_type(const char *command, const char *type)
{
	int			before = (int) strlen(command) - (int) strlen(type);

	return before > 0 && command[before - 1] == ' ' &&
		pg_strcasecmp(command + before, type) == 0;
}

/* A table, though it is not called after it. */
static bool
makes_table(const char *command)
{
	return strcmp(command, "CREATE TABLE AS") == 0 ||
		strcmp(command, "SELECT INTO") == 0;
}

static const char *
name_command(const HmGuardCase *which, const char *type)
{
	if (which->object == NULL)
		return psprintf("execute %s", which->command);
	if (ends_with_type(which->command, type))
		return psprintf("execute %s %s", which->command, which->object);
	return psprintf("execute %s %s %s %s", which->command,
					makes_table(which->command) ? "for" : "on", type,
					which->object);
}

static const char *
attempt(const HmGuardCase *which)
{
	const char *type = which->object_type ? which->object_type : "object";

	if (strcmp(which->layer, HM_LAYER_OBJECT) == 0 ||
		strcmp(which->layer, HM_LAYER_SETTING) == 0)
		return which->object == NULL ? psprintf("make or change a %s", type) :
			psprintf("change %s %s", type, which->object);
	if (strcmp(which->layer, HM_LAYER_FUNCTION) == 0 && which->object != NULL)
		return psprintf("call %s %s", type, which->object);
	return name_command(which, type);
}

HM_NORETURN static void
raise_armed(const HmGuardCase *which)
{
	ereport(ERROR,
			(errcode(HM_ERRCODE_GUARD),
			 errmsg("cannot change or drop %s %s while the guard is armed",
					which->object_type ? which->object_type : "extension",
					which->object ? which->object : "hipaa_migrate"),
			 errdetail("Database \"%s\" is guarded, and the guard with it.",
					   guarding_database(which)),
			 errhint("Disarm it first, in that database: SELECT * FROM migrate_guard('observe', 'reason');")));
}

HM_NORETURN static void
raise_unapproved(const HmGuardCase *which)
{
	ereport(ERROR,
			(errcode(HM_ERRCODE_GUARD),
			 errmsg("cannot %s outside an approved migration",
					attempt(which)),
			 errdetail("Database \"%s\" enforces class \"%s\", and user \"%s\" has no permit.",
					   guarding_database(which),
					   hm_guard_class_name(which->class),
					   hm_actor_authenticated_name()),
			 errhint("Register it and run it: SELECT * FROM migrate_register('YYYYMMDDHHMMSS-name', up => '...'); SELECT * FROM migrate_up(); In an emergency: SELECT * FROM migrate_break_glass('reason', ticket => 'ticket');")));
}

void
hm_guard_refuse(const HmGuardCase *which)
{
	record(which, HM_VERDICT_REFUSED, hm_setting_record_wait);
	if (which->class == HM_CLASS_OWN)
		raise_armed(which);
	raise_unapproved(which);
}
