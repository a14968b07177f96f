/*
 * src/audit/confirm.c
 *	  Acts that need two people: one asks, another confirms.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/confirm.h"
#include "audit/event.h"
#include "audit/number.h"
#include "audit/own_words.h"
#include "audit/person.h"
#include "base/actor.h"
#include "base/json_read.h"
#include "base/json_text.h"
#include "base/query.h"
#include "base/resolve.h"
#include "base/settings.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#define MAX_KINDS 32

/* Filled in _PG_init() and never changed after it. */
static const HmActKind *kinds[MAX_KINDS];
static int	nkinds = 0;

/* Likewise; NULL: none. */
static const HmActRules *rules = NULL;

void
hm_act_register(const HmActKind *kind)
{
	if (nkinds == MAX_KINDS)
		elog(ERROR, "too many kinds of acts");
	kinds[nkinds++] = kind;
}

void
hm_act_set_rules(const HmActRules *act_rules)
{
	rules = act_rules;
}

static const HmActKind *
require_kind(const char *name)
{
	for (int i = 0; i < nkinds; i++)
	{
		if (strcmp(kinds[i]->name, name) == 0)
			return kinds[i];
	}
	elog(ERROR, "unrecognized act \"%s\"", name);
}

/* What event act.requested says; compared later, so always the same text. */
static char *
build_details(const HmAct *act)
{
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "act_id", act->id);
	hm_json_text(&json, "act", act->name);
	hm_json_raw(&json, "arguments", act->arguments);
	hm_json_int64(&json, "role", act->requested_oid);
	hm_json_text(&json, "person", act->requested_person);
	hm_json_timestamp(&json, "expires_at", act->expires_at);
	return hm_json_end(&json);
}

void
hm_act_refused(int64 id, const char *name, const char *why)
{
	HmEvent		event = {.kind = HM_EVENT_ACT_REFUSED};
	StringInfoData json;

	hm_json_begin(&json);
	if (id != 0)
		hm_json_int64(&json, "act_id", id);
	hm_json_text(&json, "act", name);
	hm_json_text(&json, "why", why);
	event.details = hm_json_end(&json);
	(void) hm_event_record(&event, 0, hm_setting_record_wait);
}

static void
append_event(HmEventKind kind, const HmAct *act, const char *reason,
			 const char *done)
{
	HmEvent		event = {.kind = kind};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "act_id", act->id);
	hm_json_text(&json, "act", act->name);
	hm_json_text(&json, "requested_by", act->requested_by);
	if (done)
		hm_json_raw(&json, "done", done);
	event.reason = reason;
	event.details = hm_json_end(&json);
	hm_event_append(&event);
}

/* Nothing depends on it: who confirms looks at the time itself. */
static void
mark_expired(void)
{
	static HmStatement mark = {
		"UPDATE hipaa_migrate.pending_act SET state = 'expired'"
		" WHERE state = 'pending' AND expires_at <= $1",
		1, {TIMESTAMPTZOID}
	};
	Datum		now = TimestampTzGetDatum(GetCurrentTimestamp());

	hm_query_run(&mark, &now, NULL, false);
}

static void
store(HmAct *act)
{
	static HmStatement insert = {
		"INSERT INTO hipaa_migrate.pending_act"
		" (act_id, act, arguments, reason, requested_by, requested_at,"
		"  requested_xid, expires_at, state)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending')",
		8, {INT8OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID,
		INT8OID, TIMESTAMPTZOID}
	};
	HmBracket	bracket;
	Datum		values[8];

	act->id = hm_number_next(HM_RELATION_ACT_ID_SEQ);
	values[0] = Int64GetDatum(act->id);
	values[1] = CStringGetTextDatum(act->name);
	values[2] = CStringGetTextDatum(act->arguments);
	values[3] = CStringGetTextDatum(act->reason);
	values[4] = CStringGetTextDatum(act->requested_by);
	values[5] = TimestampTzGetDatum(act->requested_at);
	values[6] = Int64GetDatum(act->requested_xid);
	values[7] = TimestampTzGetDatum(act->expires_at);
	hm_query_begin(&bracket);
	mark_expired();
	hm_query_run(&insert, values, NULL, false);
	hm_query_end(&bracket);
}

void
hm_act_require_person(int64 id, const char *name)
{
	if (rules)
		rules->require_person(id, name);
}

static void
require_capability(const HmActKind *kind)
{
	if (kind->or_superuser && superuser_arg(hm_actor_authenticated()))
		hm_capability_require_superuser(kind->name);
	else
		hm_capability_require(kind->capability);
}

static void
require_may_ask(const HmActKind *kind)
{
	if (kind->superuser_act)
		hm_capability_require_superuser(kind->superuser_act);
	else
		require_capability(kind);
}

/* Raises unless whoever acts may ask for it. */
static HmAct
build_act(const char *name, const char *arguments, const char *reason)
{
	HmAct		act = {.name = name,.arguments = arguments,.reason = reason};
	HmPerson   *person;

	require_may_ask(require_kind(name));
	person = hm_person_acting(hm_persons_load());
	act.requested_by = person->login;
	act.requested_oid = person->login_oid;
	act.requested_authn = person->authn_id;
	act.requested_person = person->registered ? person->name : NULL;
	act.requested_at = GetCurrentTimestamp();
	act.expires_at = act.requested_at +
		HM_ACT_LIFETIME_DAYS * USECS_PER_DAY;
	return act;
}

int64
hm_act_request(const char *name, const char *arguments, const char *reason)
{
	HmEvent		event = {.kind = HM_EVENT_ACT_REQUESTED};
	HmAct		act = build_act(name, arguments, reason);

	hm_act_require_person(0, name);
	hm_own_words_require(require_kind(name)->function);
	act.requested_xid = (int64)
		U64FromFullTransactionId(GetTopFullTransactionId());
	store(&act);
	event.reason = reason;
	event.details = build_details(&act);
	hm_event_append(&event);
	return act.id;
}

int64
hm_act_decide(const char *name, const char *arguments, const char *reason,
			  bool may_need_two, char **done)
{
	HmAct		act;
	int64		id;
	bool		two = rules && rules->need_two();

	*done = NULL;
	if (two && may_need_two)
	{
		id = hm_act_request(name, arguments, reason);
		ereport(NOTICE,
				(errmsg("act %lld waits for another person", (long long) id),
				 errhint("Another person confirms it with SELECT * FROM migrate_confirm(%lld, 'reason').",
						 (long long) id)));
		return id;
	}
	act = build_act(name, arguments, reason);
	if (two)
		hm_own_words_require(require_kind(name)->function);
	*done = require_kind(name)->perform(&act);
	return 0;
}

int64
hm_act_perform(const char *name, const char *arguments, const char *reason)
{
	char	   *done;

	return hm_act_decide(name, arguments, reason, true, &done);
}

/* Locks the row to the end of the transaction, so an act is confirmed once. */
static HmAct *
require_locked(int64 id)
{
	static HmStatement find = {
		"SELECT act, arguments, reason, requested_by, requested_at,"
		"       requested_xid, expires_at, state, confirmed_by"
		"  FROM hipaa_migrate.pending_act WHERE act_id = $1 FOR UPDATE",
		1, {INT8OID}
	};
	HmAct	   *act = palloc0(sizeof(HmAct));
	Datum		value = Int64GetDatum(id);
	HmBracket	bracket;
	MemoryContext spi_context;

	hm_query_begin(&bracket);
	if (hm_query_run(&find, &value, NULL, false) == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("no act with number %lld was requested", (long long) id),
				 errhint("See SELECT * FROM hipaa_migrate.pending_confirmation.")));
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	act->id = id;
	act->name = hm_query_text(0, 1);
	act->arguments = hm_query_text(0, 2);
	act->reason = hm_query_text(0, 3);
	act->requested_by = hm_query_text(0, 4);
	act->requested_at = hm_query_int64(0, 5);
	act->requested_xid = hm_query_int64(0, 6);
	act->expires_at = hm_query_int64(0, 7);
	act->state = hm_query_text(0, 8);
	act->ended_by = hm_query_text(0, 9);
	MemoryContextSwitchTo(spi_context);
	hm_query_end(&bracket);
	return act;
}

/*
 * Fills in what the record says of the request; false unless it says the same
 * as the row.  A request of another epoch is not found: the record of then
 * may be another database's.
 */
static bool
matches_record(HmAct *act)
{
	static HmStatement find = {
		"SELECT e.details, e.authn_id, e.reason, e.actor"
		"  FROM hipaa_migrate.audit_state AS s"
		"  JOIN hipaa_migrate.audit_event AS e"
		"    ON e.epoch = s.epoch AND e.xid = $1"
		" WHERE e.kind = 'act.requested'",
		1, {INT8OID}
	};
	Datum		xid = Int64GetDatum(act->requested_xid);
	HmBracket	bracket;
	MemoryContext spi_context;
	bool		found = false;

	hm_query_begin(&bracket);
	hm_query_run(&find, &xid, NULL, false);
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	for (uint64 row = 0; row < SPI_processed && !found; row++)
	{
		char	   *details = hm_query_text(row, 1);
		char	   *role = hm_json_member(details, "role");

		act->requested_oid = role ? atooid(role) : InvalidOid;
		act->requested_person = hm_json_member(details, "person");
		act->requested_authn = hm_query_text(row, 2);
		found = strcmp(details, build_details(act)) == 0 &&
			strcmp(hm_query_text(row, 3), act->reason) == 0 &&
			strcmp(hm_query_text(row, 4), act->requested_by) == 0;
	}
	MemoryContextSwitchTo(spi_context);
	hm_query_end(&bracket);
	return found;
}

static bool
same_person(const HmAct *act)
{
	HmPersons  *persons = hm_persons_load();
	HmPerson   *asked = hm_person_of(persons, act->requested_by,
									 act->requested_oid,
									 act->requested_authn);

	asked->was = act->requested_person;
	return hm_person_same(asked, hm_person_acting(persons));
}

/* NULL: it is pending. */
static char *
find_end(const HmAct *act)
{
	if (strcmp(act->state, "pending") != 0 && act->ended_by)
		return psprintf("already %s, by \"%s\"", act->state, act->ended_by);
	if (strcmp(act->state, "pending") != 0 ||
		act->expires_at <= GetCurrentTimestamp())
		return pstrdup("expired");
	return NULL;
}

static void
require_pending(const HmAct *act)
{
	char	   *end = find_end(act);

	if (end == NULL)
		return;
	hm_act_refused(act->id, act->name, end);
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the act can no longer be confirmed"),
			 errdetail("Act %lld is %s.", (long long) act->id, end),
			 errhint("Whoever still wants it done asks for it again.")));
}

static void
require_other_person(const HmAct *act)
{
	if (!same_person(act))
		return;
	hm_act_refused(act->id, act->name, "same person");
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("the act must be confirmed by another person"),
			 errdetail("User \"%s\" asked for it; another login of the same person, SET ROLE and SET SESSION AUTHORIZATION do not make another person.",
					   act->requested_by)));
}

static void
require_may_confirm(const HmActKind *kind)
{
	if (kind->superuser_act)
		hm_capability_require_superuser_or_approver(kind->superuser_act);
	else
		require_capability(kind);
}

/* Why who asked could not ask any more, as a clause; NULL: it could. */
static const char *
find_lost(const HmAct *act, const HmActKind *kind)
{
	Oid			user = act->requested_oid;

	if (!hm_actor_can_log_in(user))
		return "may not log in any more";
	if (superuser_arg(user) && (kind->superuser_act || kind->or_superuser))
		return NULL;
	if (kind->superuser_act)
		return "is no superuser any more";
	return hm_capability_held_by(kind->capability, user) ? NULL :
		psprintf("holds capability %s no more",
				 hm_capability_name(kind->capability));
}

static void
require_could_still_ask(const HmAct *act, const HmActKind *kind)
{
	const char *lost = find_lost(act, kind);

	if (lost == NULL)
		return;
	hm_act_refused(act->id, act->name, lost);
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("the act can no longer be confirmed"),
			 errdetail("User \"%s\", who asked for it, %s.",
					   act->requested_by, lost),
			 errhint("Whoever still wants it done asks for it again.")));
}

static void
require_as_requested(HmAct *act)
{
	if (matches_record(act))
		return;
	hm_act_refused(act->id, act->name, "not as requested");
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("act %lld is not what the record says was asked for",
					(long long) act->id),
			 errdetail("Its row in pending_act was changed, or the record has begun a new epoch since."),
			 errhint("Check the record with SELECT * FROM audit_verify(), then ask for the act again.")));
}

static void
end_act(const HmAct *act, const char *state, const char *reason)
{
	static HmStatement update = {
		"UPDATE hipaa_migrate.pending_act SET state = $2, confirmed_by = $3,"
		"       confirmed_at = $4, confirm_reason = $5"
		" WHERE act_id = $1",
		5, {INT8OID, TEXTOID, TEXTOID, TIMESTAMPTZOID, TEXTOID}
	};
	HmBracket	bracket;
	Datum		values[5];

	values[0] = Int64GetDatum(act->id);
	values[1] = CStringGetTextDatum(state);
	values[2] = CStringGetTextDatum(hm_actor_authenticated_name());
	values[3] = TimestampTzGetDatum(GetCurrentTimestamp());
	values[4] = CStringGetTextDatum(reason);
	hm_query_begin(&bracket);
	hm_query_run(&update, values, NULL, false);
	hm_query_end(&bracket);
}

const HmAct *
hm_act_confirm(int64 id, const char *reason, char **done)
{
	HmAct	   *act;
	const HmActKind *kind;

	hm_capability_require_any();
	act = require_locked(id);
	kind = require_kind(act->name);
	require_may_confirm(kind);
	require_pending(act);
	require_as_requested(act);
	require_other_person(act);
	hm_act_require_person(act->id, act->name);
	require_could_still_ask(act, kind);
	hm_own_words_require("migrate_confirm");
	end_act(act, "confirmed", reason);
	*done = kind->perform(act);
	append_event(HM_EVENT_ACT_CONFIRMED, act, reason, *done);
	return act;
}

void
hm_act_withdraw(int64 id, const char *reason)
{
	HmAct	   *act;

	hm_capability_require_any();
	act = require_locked(id);
	require_pending(act);
	if (!matches_record(act) || !same_person(act))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("the act can be withdrawn only by who asked for it"),
				 errhint("It expires by itself.")));
	end_act(act, "withdrawn", reason);
	append_event(HM_EVENT_ACT_WITHDRAWN, act, reason, NULL);
}

char *
hm_act_text(const HmAct *act, const char *name)
{
	return hm_json_member(act->arguments, name);
}

List *
hm_act_texts(const HmAct *act, const char *name)
{
	return hm_json_texts_member(act->arguments, name);
}

void
hm_act_require_role(const HmAct *act, const char *name, Oid role)
{
	if (hm_resolve_role(name) == role)
		return;
	hm_act_refused(act->id, act->name, "another role");
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the act can no longer be confirmed"),
			 errdetail("Role \"%s\" is another one now than when the act was asked for.",
					   name),
			 errhint("Whoever still wants it done asks for it again.")));
}
