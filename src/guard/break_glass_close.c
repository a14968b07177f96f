/*
 * src/guard/break_glass_close.c
 *	  The review of a break-glass, by another person.
 */
#include "postgres.h"

#include "audit/confirm.h"
#include "audit/event.h"
#include "audit/person.h"
#include "base/actor.h"
#include "base/json_text.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "guard/break_glass.h"
#include "miscadmin.h"
#include "utils/builtins.h"

typedef struct Reviewed
{
	HmBreakGlass glass;
	bool		open;
	bool		closed;
} Reviewed;

/* Locks the row to the end of the transaction, so that it is closed once. */
static void
require_locked(int64 id, Reviewed *reviewed)
{
	static HmStatement find = {
		"SELECT b.opened_by, b.role_oid, b.authn_id, b.ticket, b.drill,"
		"       " HM_BREAK_GLASS_OPEN ", b.closed_at IS NOT NULL"
		"  FROM hipaa_migrate.break_glass AS b"
		" WHERE b.break_glass_id = $1 AND b.database_oid = $2 FOR UPDATE OF b",
		2, {INT8OID, OIDOID}
	};
	HmBreakGlass *glass = &reviewed->glass;
	Datum		values[2];
	HmBracket	bracket;
	MemoryContext spi_context;

	values[0] = Int64GetDatum(id);
	values[1] = ObjectIdGetDatum(MyDatabaseId);
	hm_query_begin(&bracket);
	if (hm_query_run(&find, values, NULL, false) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there is no break-glass %lld", (long long) id),
				 errhint("See SELECT * FROM hipaa_migrate.break_glass_review.")));
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	glass->id = id;
	glass->opened_by = hm_query_text(0, 1);
	glass->role = hm_query_oid(0, 2);
	glass->authn_id = hm_query_text(0, 3);
	glass->ticket = hm_query_text(0, 4);
	glass->drill = hm_query_bool(0, 5);
	reviewed->open = hm_query_bool(0, 6);
	reviewed->closed = hm_query_bool(0, 7);
	MemoryContextSwitchTo(spi_context);
	hm_query_end(&bracket);
}

static bool
opened_by_who_acts(const HmBreakGlass *glass)
{
	HmPersons  *persons = hm_persons_load();
	HmPerson   *opener = hm_person_of(persons, glass->opened_by, glass->role,
									  glass->authn_id);

	return hm_person_same(opener, hm_person_acting(persons));
}

static void
require_closable(const Reviewed *reviewed)
{
	const HmBreakGlass *glass = &reviewed->glass;

	if (reviewed->closed)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("break-glass %lld is closed already",
						(long long) glass->id)));
	if (reviewed->open)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("break-glass %lld is still open",
						(long long) glass->id),
				 errhint("User \"%s\" ends it, in that session, with migrate_break_glass_end().",
						 glass->opened_by)));
	hm_act_require_person(0, "break_glass_close");
	if (!opened_by_who_acts(glass))
		return;
	hm_act_refused(0, "break_glass_close", "same person");
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("break-glass must be reviewed by another person"),
			 errdetail("User \"%s\" opened it; another login of the same person, SET ROLE and SET SESSION AUTHORIZATION do not make another person.",
					   glass->opened_by)));
}

static void
store(int64 id, const char *finding)
{
	static HmStatement update = {
		"UPDATE hipaa_migrate.break_glass"
		"   SET finding = $2, closed_by = $3, closed_at = $4"
		" WHERE break_glass_id = $1",
		4, {INT8OID, TEXTOID, TEXTOID, TIMESTAMPTZOID}
	};
	HmBracket	bracket;
	Datum		values[4];

	values[0] = Int64GetDatum(id);
	values[1] = CStringGetTextDatum(finding);
	values[2] = CStringGetTextDatum(hm_actor_authenticated_name());
	values[3] = TimestampTzGetDatum(GetCurrentTimestamp());
	hm_query_begin(&bracket);
	hm_query_run(&update, values, NULL, false);
	hm_query_end(&bracket);
}

void
hm_break_glass_close(int64 id, const char *finding)
{
	HmEvent		event = {.kind = HM_EVENT_BREAK_GLASS_CLOSED};
	Reviewed	reviewed = {0};
	StringInfoData json;

	require_locked(id, &reviewed);
	require_closable(&reviewed);
	store(id, finding);
	hm_json_begin(&json);
	hm_json_int64(&json, "break_glass", id);
	hm_json_text(&json, "opened_by", reviewed.glass.opened_by);
	event.outcome = reviewed.glass.drill ? "drill" : NULL;
	event.ticket = reviewed.glass.ticket;
	event.reason = finding;
	event.details = hm_json_end(&json);
	hm_event_append(&event);
}
