/*
 * src/guard/break_glass_rules.c
 *	  Whether the rules of break-glass let somebody open it.
 *
 * Tables are read as they are now: a transaction that began before another
 * used the ticket, or before the policy was changed, has no older rules.
 *
 * A row of break_glass is written by the recorder, and is there when the
 * opening is told to its caller, unless the recorder is late.  So whoever
 * comes with a ticket locks it, which ends with the transaction, waits for
 * what is on its way to the recorder, and looks only then.  A row that its
 * own transaction had to write, for want of a recorder, is seen when that
 * lets the lock go; if it rolls back, the end of the opening, which makes the
 * row too, is on its way by then.
 */
#include "postgres.h"

#include "audit/event.h"
#include "audit/person.h"
#include "audit/relations.h"
#include "audit/ring.h"
#include "base/actor.h"
#include "base/json_text.h"
#include "base/names.h"
#include "base/query.h"
#include "base/settings.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "guard/break_glass_rules.h"
#include "miscadmin.h"
#include "policy/break_glass_policy.h"
#include "policy/roster.h"
#include "storage/lock.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

#define REMEDY "SELECT * FROM migrate_break_glass('reason', 'P1', 'ticket', '1 hour');"

/* The same for tickets that differ in blanks and in the case of letters. */
#define FOLDED(ticket) \
	"pg_catalog.lower(pg_catalog.regexp_replace((" ticket ")" \
	" COLLATE pg_catalog.\"default\", '\\s+', '', 'g'))"

static void
put_refusal(const HmBreakGlass *opening, const char *why)
{
	HmEvent		event = {.kind = HM_EVENT_ACT_REFUSED,.ticket = opening->ticket};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "act", "break_glass");
	hm_json_text(&json, "why", why);
	hm_json_text(&json, "severity", opening->severity);
	hm_json_bool(&json, "drill", opening->drill);
	event.reason = opening->reason;
	event.details = hm_json_end(&json);
	(void) hm_event_record(&event, 0, hm_setting_record_wait);
}

/*
 * Who, for how long.
 */

static void
require_member(const HmBreakGlassPolicy *policy, const HmBreakGlass *opening)
{
	if (policy->roles == NIL ||
		hm_roster_member_of_any(hm_roster_begin(), hm_actor_authenticated(),
								policy->roles))
		return;
	put_refusal(opening, "not a member");
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to open the guard by break-glass"),
			 errdetail("By the policy it takes a member of one of these roles, besides capability \"breaker\": %s. User \"%s\" logged in.",
					   hm_names_join(policy->roles), hm_actor_authenticated_name()),
			 errhint("Ask one of them. Who that is: SELECT * FROM migrate_access();")));
}

static void
require_short(const HmBreakGlassPolicy *policy, const HmBreakGlass *opening)
{
	if (opening->expires_at <= opening->opened_at + policy->longest)
		return;
	put_refusal(opening, "too long");
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("argument \"duration\" must be at most %s",
					hm_break_glass_duration(policy->longest)),
			 errhint("If it takes longer, it is opened again: %s", REMEDY)));
}

/*
 * Tickets.
 */

static void
require_ticket(const HmBreakGlassPolicy *policy, const HmBreakGlass *opening)
{
	if (!policy->ticket || opening->ticket)
		return;
	put_refusal(opening, "no ticket");
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("the policy asks for a ticket of break-glass"),
			 errhint("Name it: %s", REMEDY)));
}

static char *
fold_ticket(const char *ticket)
{
	static HmStatement fold = {"SELECT " FOLDED("$1"), 1, {TEXTOID}};
	Datum		value = CStringGetTextDatum(ticket);
	HmBracket	bracket;
	char	   *folded;

	hm_query_begin(&bracket);
	hm_query_run(&fold, &value, NULL, true);
	folded = MemoryContextStrdup(bracket.caller_context, hm_query_text(0, 1));
	hm_query_end(&bracket);
	return folded;
}

static void
lock_ticket(const HmBreakGlass *opening, const char *folded)
{
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId,
					   hm_relation_find(HM_RELATION_BREAK_GLASS),
					   hash_bytes((const unsigned char *) folded,
								  strlen(folded)), 0);
	if (LockAcquire(&tag, ExclusiveLock, false, true) !=
		LOCKACQUIRE_NOT_AVAIL)
		return;
	put_refusal(opening, "ticket in use");
	ereport(ERROR,
			(errcode(ERRCODE_LOCK_NOT_AVAILABLE),
			 errmsg("ticket \"%s\" is being used for break-glass by another session",
					opening->ticket),
			 errhint("See SELECT * FROM hipaa_migrate.break_glass_review.")));
}

/* An emergency does not wait for a recorder that is in trouble itself. */
static void
settle_record(const char *ticket)
{
	if (!hm_ring_settle(MyDatabaseId, hm_setting_record_wait))
		ereport(WARNING,
				(errmsg("it is not certain that ticket \"%s\" was not used before",
						ticket),
				 errdetail("The recorder has not written yet all that was opened."),
				 errhint("See what SELECT * FROM migrate_health() says.")));
}

static void
begin_ticket(const HmBreakGlass *opening, const char *folded)
{
	lock_ticket(opening, folded);
	settle_record(opening->ticket);
}

static void
refuse_used(const HmBreakGlass *opening, int64 id, const char *opened_by,
			const char *opened_at)
{
	put_refusal(opening, "ticket used");
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("ticket \"%s\" was used for break-glass already",
					opening->ticket),
			 errdetail("Break-glass %lld was opened with it by user \"%s\" at %s.",
					   (long long) id, opened_by, opened_at),
			 errhint("A ticket serves once; name one of its own for what is to be done now: %s",
					 REMEDY)));
}

/* Whatever became of it: one that was rolled back has opened the guard too. */
static void
require_unused(const HmBreakGlass *opening, const char *folded)
{
	static HmStatement find = {
		"SELECT b.break_glass_id, b.opened_by,"
		"       pg_catalog.date_trunc('second', b.opened_at)::pg_catalog.text"
		"  FROM hipaa_migrate.break_glass AS b"
		" WHERE b.database_oid = $1 AND NOT b.drill"
		"   AND " FOLDED("b.ticket") " = $2 COLLATE pg_catalog.\"default\""
		" ORDER BY b.break_glass_id LIMIT 1",
		2, {OIDOID, TEXTOID}
	};
	HmBracket	bracket;
	Datum		values[2];

	values[0] = ObjectIdGetDatum(MyDatabaseId);
	values[1] = CStringGetTextDatum(folded);
	hm_query_begin(&bracket);
	if (hm_query_run(&find, values, NULL, true) > 0)
		refuse_used(opening, hm_query_int64(0, 1), hm_query_text(0, 2),
					hm_query_text(0, 3));
	hm_query_end(&bracket);
}

/*
 * Reviews.
 */

static bool
is_acting(uint64 row, const HmPersons *persons, const HmPerson *acting)
{
	return hm_person_same(hm_person_of(persons, hm_query_text(row, 3),
									   hm_query_oid(row, 2),
									   hm_query_text(row, 4)), acting);
}

/* Of char *: numbers of what the acting person opened, by whatever login. */
static List *
find_overdue(void)
{
	static HmStatement find = {
		"SELECT b.break_glass_id::pg_catalog.text, b.role_oid, b.opened_by,"
		"       b.authn_id"
		"  FROM hipaa_migrate.break_glass AS b"
		" WHERE b.database_oid = $1 AND NOT b.drill AND b.closed_at IS NULL"
		"   AND b.review_due <= pg_catalog.clock_timestamp()"
		"   AND NOT " HM_BREAK_GLASS_OPEN
		" ORDER BY b.break_glass_id",
		1, {OIDOID}
	};
	HmPersons  *persons = hm_persons_load();
	HmPerson   *acting = hm_person_acting(persons);
	Datum		database = ObjectIdGetDatum(MyDatabaseId);
	List	   *ids = NIL;
	HmBracket	bracket;
	MemoryContext spi_context;

	hm_query_begin(&bracket);
	hm_query_run(&find, &database, NULL, true);
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		if (is_acting(row, persons, acting))
			ids = lappend(ids, hm_query_text(row, 1));
	}
	MemoryContextSwitchTo(spi_context);
	hm_query_end(&bracket);
	return ids;
}

static bool
is_urgent(const HmBreakGlass *opening)
{
	return opening->severity[1] <= '1';
}

static void
require_reviewed(const HmBreakGlass *opening)
{
	List	   *overdue = find_overdue();

	if (overdue == NIL)
		return;
	if (!is_urgent(opening))
		put_refusal(opening, "review overdue");
	ereport(is_urgent(opening) ? WARNING : ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 is_urgent(opening) ?
			 errmsg("reviews of what you have opened by break-glass are overdue") :
			 errmsg("break-glass of severity %s waits for reviews that are overdue",
					opening->severity),
			 errdetail("User \"%s\" opened, and nobody has reviewed in time: %s.",
					   hm_actor_authenticated_name(), hm_names_join(overdue)),
			 errhint("Another person does it: SELECT migrate_break_glass_close(%s, 'finding');%s",
					 (char *) linitial(overdue), is_urgent(opening) ? "" :
					 " At P0 and P1 it can be opened meanwhile.")));
}

void
hm_break_glass_admit(HmBreakGlass *opening)
{
	bool		uses_ticket = opening->ticket && !opening->drill;
	char	   *folded = uses_ticket ? fold_ticket(opening->ticket) : NULL;
	HmBreakGlassPolicy *policy;

	if (uses_ticket)
		begin_ticket(opening, folded);
	PushActiveSnapshot(GetLatestSnapshot());
	policy = hm_break_glass_policy_load();
	require_member(policy, opening);
	require_short(policy, opening);
	if (!opening->drill)
	{
		require_ticket(policy, opening);
		if (uses_ticket)
			require_unused(opening, folded);
		require_reviewed(opening);
	}
	PopActiveSnapshot();
	opening->review_due = opening->opened_at +
		policy->review[opening->severity[1] - '0'];
}
