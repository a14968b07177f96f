/*
 * src/audit/person_change.c
 *	  Giving logins to persons.
 *
 * A login of one person is not given to another: what looks like two people
 * would become one, or one two, without anybody having said so.  Whoever
 * wants it takes it from the one first, which is on record by itself.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "audit/confirm.h"
#include "audit/event.h"
#include "audit/person_change.h"
#include "base/json_text.h"
#include "base/query.h"
#include "base/resolve.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"

static const char *
describe_owner(const char *person)
{
	return person ? psprintf("person \"%s\"", person) : "nobody, for it is shared";
}

/* Raises when somebody else has the login, or another name of its role. */
static void
require_free(const char *login, const char *person)
{
	static HmStatement find = {
		"SELECT p.login, p.person, pg_catalog.format("
		"         'SELECT migrate_person(%s, %L, ''reason'')',"
		"         pg_catalog.quote_nullable(p.person),"
		"         ARRAY(SELECT o.login FROM hipaa_migrate.person_login AS o"
		"                WHERE o.person IS NOT DISTINCT FROM p.person"
		"                  AND o.login <> p.login ORDER BY o.login))"
		"  FROM hipaa_migrate.person_login AS p"
		" WHERE (p.login = $1 OR p.login_oid = $2 AND p.server = $3)"
		"   AND p.person IS DISTINCT FROM $4",
		4, {TEXTOID, OIDOID, INT8OID, TEXTOID}
	};
	Datum		values[4];
	char		nulls[4] = {' ', ' ', ' ', ' '};
	HmBracket	bracket;

	values[0] = CStringGetTextDatum(login);
	values[1] = ObjectIdGetDatum(hm_resolve_role(login));
	values[2] = Int64GetDatum((int64) GetSystemIdentifier());
	values[3] = hm_query_text_arg(person, &nulls[3]);
	hm_query_begin(&bracket);
	if (hm_query_run(&find, values, nulls, false) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("login \"%s\" belongs to %s",
						hm_query_text(0, 1),
						describe_owner(hm_query_text(0, 2))),
				 errdetail("A login is not moved from one to the other in one step."),
				 errhint("Take it away there first: %s.",
						 hm_query_text(0, 3))));
	hm_query_end(&bracket);
}

/* Two persons of one name, but for the case of letters, would be one. */
static void
require_distinct(const char *person)
{
	static HmStatement find = {
		"SELECT p.person FROM hipaa_migrate.person_login AS p"
		" WHERE p.person <> $1"
		"   AND (pg_catalog.lower(p.person) = pg_catalog.lower($1 COLLATE \"C\")"
		"     OR pg_catalog.lower(p.person COLLATE \"default\")"
		"        = pg_catalog.lower($1 COLLATE \"default\"))",
		1, {TEXTOID}
	};
	Datum		value = CStringGetTextDatum(person);
	HmBracket	bracket;

	hm_query_begin(&bracket);
	if (hm_query_run(&find, &value, NULL, false) > 0)
		ereport(ERROR,
				(errcode(ERRCODE_DUPLICATE_OBJECT),
				 errmsg("there is a person \"%s\" already",
						hm_query_text(0, 1)),
				 errhint("See SELECT * FROM hipaa_migrate.person.")));
	hm_query_end(&bracket);
}

/* The logins that the person had. */
static List *
take_away(const char *person)
{
	static HmStatement take = {
		"DELETE FROM hipaa_migrate.person_login AS p"
		" WHERE p.person IS NOT DISTINCT FROM $1"
		" RETURNING p.login",
		1, {TEXTOID}
	};
	Datum		value;
	char		null;
	List	   *logins = NIL;
	HmBracket	bracket;
	MemoryContext spi_context;

	value = hm_query_text_arg(person, &null);
	hm_query_begin(&bracket);
	hm_query_run(&take, &value, &null, false);
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	for (uint64 row = 0; row < SPI_processed; row++)
		logins = lappend(logins, hm_query_text(row, 1));
	MemoryContextSwitchTo(spi_context);
	hm_query_end(&bracket);
	return logins;
}

static void
store(const char *person, const char *login, const HmAct *act)
{
	static HmStatement insert = {
		"INSERT INTO hipaa_migrate.person_login"
		" (login, login_oid, server, person, changed_by, changed_at, reason)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7)",
		7, {TEXTOID, OIDOID, INT8OID, TEXTOID, TEXTOID, TIMESTAMPTZOID,
		TEXTOID}
	};
	Oid			role = hm_resolve_role(login);
	Datum		values[7];
	char		nulls[7];
	HmBracket	bracket;

	memset(nulls, ' ', sizeof(nulls));
	values[0] = CStringGetTextDatum(login);
	values[1] = ObjectIdGetDatum(role);
	if (!OidIsValid(role))
		nulls[1] = 'n';
	values[2] = Int64GetDatum((int64) GetSystemIdentifier());
	values[3] = hm_query_text_arg(person, &nulls[3]);
	values[4] = CStringGetTextDatum(act->requested_by);
	values[5] = TimestampTzGetDatum(GetCurrentTimestamp());
	values[6] = CStringGetTextDatum(act->reason);
	hm_query_begin(&bracket);
	hm_query_run(&insert, values, nulls, false);
	hm_query_end(&bracket);
}

static void
append_event(const HmAct *act, const char *person, List *before, List *after)
{
	HmEvent		event = {
		.kind = HM_EVENT_PERSON_CHANGED,
		.object_type = "person",
		.object = person,
		.reason = act->reason
	};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_bool(&json, "shared", person == NULL);
	hm_json_texts(&json, "before", before);
	hm_json_texts(&json, "after", after);
	event.details = hm_json_end(&json);
	hm_event_append(&event);
}

static void
require_known(const char *person, List *before, List *after)
{
	if (person == NULL || before != NIL || after != NIL)
		return;
	ereport(ERROR,
			(errcode(ERRCODE_UNDEFINED_OBJECT),
			 errmsg("there is no person \"%s\"", person),
			 errhint("See SELECT * FROM hipaa_migrate.person.")));
}

/* Performs act person. */
static char *
perform(const HmAct *act)
{
	char	   *person = hm_act_text(act, "person");
	List	   *logins = hm_act_texts(act, "logins");
	List	   *roles = hm_act_texts(act, "roles");
	List	   *before;
	ListCell   *login;
	ListCell   *role;

	if (person)
		require_distinct(person);
	before = take_away(person);
	require_known(person, before, logins);
	forboth(login, logins, role, roles)
	{
		hm_act_require_role(act, lfirst(login), atooid(lfirst(role)));
		require_free(lfirst(login), person);
		store(person, lfirst(login), act);
	}
	append_event(act, person, before, logins);
	return NULL;
}

static const HmActKind act_person = {
	.name = "person",
	.function = "migrate_person",
	.perform = perform,
	.superuser_act = "change persons"
};

/* A role that is misspelt would be taken for a name that is none. */
static void
tell_of_other_names(List *logins)
{
	ListCell   *cell;

	foreach(cell, logins)
	{
		if (!OidIsValid(hm_resolve_role(lfirst(cell))))
			ereport(NOTICE,
					(errmsg("\"%s\" is no role: it is taken for another name of the person",
							(char *) lfirst(cell))));
	}
}

int64
hm_person_change(const char *person, List *logins, const char *reason)
{
	List	   *roles = NIL;
	ListCell   *cell;
	StringInfoData json;

	hm_capability_require_superuser(act_person.superuser_act);
	tell_of_other_names(logins);
	foreach(cell, logins)
	{
		require_free(lfirst(cell), person);
		roles = lappend(roles, psprintf("%u", hm_resolve_role(lfirst(cell))));
	}
	hm_json_begin(&json);
	hm_json_text(&json, "person", person);
	hm_json_texts(&json, "logins", logins);
	hm_json_texts(&json, "roles", roles);
	return hm_act_perform(act_person.name, hm_json_end(&json), reason);
}

void
hm_person_change_init(void)
{
	hm_act_register(&act_person);
}
