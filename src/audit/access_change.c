/*
 * src/audit/access_change.c
 *	  Who is a member of the roles that matter here, and since when.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/access_change.h"
#include "audit/event.h"
#include "audit/relations.h"
#include "audit/service.h"
#include "base/json_text.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "utils/inval.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

/* So many in one event; the others have their own. */
#define ENTRIES_AT_ONCE 200

/* Columns of the difference. */
#define COL_ADDED		1
#define COL_WHOLE		2
#define COL_LOGIN		3
#define COL_LOGIN_OID	4
#define COL_STANDING	5
#define COL_ROLE		6
#define COL_ROLE_OID	7

/* Changes of roles and memberships that this process was told of. */
static uint64 changes_heard;

/* What the last look that came to its end knew. */
static uint64 changes_noted;
static char *names_noted = NULL;	/* in TopMemoryContext */

static void
hear(Datum argument, int cache, uint32 hash)
{
	changes_heard++;
}

static void
listen_for_changes(void)
{
	if (changes_heard > 0)
		return;
	changes_heard = 1;
	CacheRegisterSyscacheCallback(AUTHOID, hear, (Datum) 0);
	CacheRegisterSyscacheCallback(AUTHMEMROLEMEM, hear, (Datum) 0);
	CacheRegisterSyscacheCallback(DATABASEOID, hear, (Datum) 0);
}

/* What grants and policy say, of which the names of roles are a part. */
static char *
load_names(void)
{
	static HmStatement load = {
		"SELECT pg_catalog.concat("
		"(SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', g.role_name,"
		"        g.role_oid, g.server), ',' ORDER BY g.role_name, g.capability)"
		"   FROM hipaa_migrate.capability_grant AS g), ';',"
		"(SELECT pg_catalog.string_agg(p.value::text, ','"
		"        ORDER BY p.risk, p.requirement)"
		"   FROM hipaa_migrate.policy_requirement AS p))"
	};
	HmBracket	bracket;
	char	   *names;

	hm_query_begin(&bracket);
	hm_query_run(&load, NULL, NULL, false);
	names = MemoryContextStrdup(TopMemoryContext, hm_query_text(0, 1));
	hm_query_end(&bracket);
	return names;
}

static char *
describe(uint64 row)
{
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "login", hm_query_text(row, COL_LOGIN));
	hm_json_int64(&json, "login_oid", hm_query_int64(row, COL_LOGIN_OID));
	hm_json_text(&json, "standing", hm_query_text(row, COL_STANDING));
	hm_json_text(&json, "role", hm_query_text(row, COL_ROLE));
	hm_json_int64(&json, "role_oid", hm_query_int64(row, COL_ROLE_OID));
	return hm_json_end(&json);
}

/* The rows from first to before last, of which the removed come first. */
static char *
describe_rows(uint64 first, uint64 last, bool by_command)
{
	StringInfoData lists[2];
	StringInfoData json;

	initStringInfo(&lists[false]);
	initStringInfo(&lists[true]);
	for (uint64 row = first; row < last; row++)
	{
		StringInfo	list = &lists[hm_query_bool(row, COL_ADDED)];

		appendStringInfo(list, "%s%s", list->len > 0 ? ", " : "",
						 describe(row));
	}
	hm_json_begin(&json);
	if (first == 0 && hm_query_bool(first, COL_WHOLE))
		hm_json_bool(&json, "whole", true);
	if (by_command)
		hm_json_bool(&json, "command", true);
	if (lists[false].len > 0)
		hm_json_raw(&json, "removed", psprintf("[%s]", lists[false].data));
	if (lists[true].len > 0)
		hm_json_raw(&json, "added", psprintf("[%s]", lists[true].data));
	return hm_json_end(&json);
}

/* All of them have one time: who asks for another has all or none. */
static void
append_events(uint64 count, bool by_command)
{
	HmEvent		event = {
		.kind = HM_EVENT_ACCESS_CHANGED,
		.occurred_at = GetCurrentTimestamp()
	};

	for (uint64 row = 0; row < count; row += ENTRIES_AT_ONCE)
	{
		event.details = describe_rows(row, Min(row + ENTRIES_AT_ONCE, count),
									  by_command);
		hm_event_append(&event);
	}
}

/*
 * In one statement, for what is noted must be what is then known.  A command
 * notes nothing before a seal has noted the whole.  What two commands make
 * true at the same time, the first that commits notes.  By the latest
 * snapshot, which the catalogs are changed by too: an older one would want
 * to note again what others have noted since.
 */
static void
note(bool by_command)
{
	static HmStatement learn = {
		"WITH RECURSIVE" HM_ACCESS_PRESENT ","
		" removed AS ("
		"DELETE FROM hipaa_migrate.known_membership AS k"
		" WHERE NOT EXISTS"
		"       (SELECT FROM present AS p"
		"         WHERE p.login = k.login AND p.login_oid = k.login_oid"
		"           AND p.standing = k.standing"
		"           AND p.role = k.role AND p.role_oid = k.role_oid)"
		" RETURNING k.login, k.login_oid, k.standing, k.role, k.role_oid),"
		" added AS ("
		"INSERT INTO hipaa_migrate.known_membership AS k"
		" (login, login_oid, standing, role, role_oid)"
		" SELECT p.login, p.login_oid, p.standing, p.role, p.role_oid"
		"   FROM present AS p"
		"  WHERE NOT EXISTS"
		"        (SELECT FROM hipaa_migrate.known_membership AS k"
		"          WHERE p.login = k.login AND p.login_oid = k.login_oid"
		"            AND p.standing = k.standing"
		"            AND p.role = k.role AND p.role_oid = k.role_oid)"
		"    AND (NOT $1 OR EXISTS"
		"        (SELECT FROM hipaa_migrate.known_membership))"
		" ON CONFLICT DO NOTHING"
		" RETURNING k.login, k.login_oid, k.standing, k.role, k.role_oid)"
		" SELECT c.added, NOT EXISTS"
		"        (SELECT FROM hipaa_migrate.known_membership),"
		"        c.login, c.login_oid::bigint, c.standing, c.role,"
		"        c.role_oid::bigint"
		"   FROM (SELECT false AS added, r.* FROM removed AS r"
		"          UNION ALL SELECT true, a.* FROM added AS a) AS c"
		"  ORDER BY c.added, c.login, c.standing, c.role",
		1, {BOOLOID}
	};
	Datum		value = BoolGetDatum(by_command);
	HmBracket	bracket;

	hm_query_begin(&bracket);
	append_events(hm_query_run_at(&learn, &value, NULL, GetLatestSnapshot(),
								  false), by_command);
	hm_query_end(&bracket);
}

/* Tables of a version before this one are not there until it is updated. */
static bool
is_possible(void)
{
	return OidIsValid(hm_relation_find(HM_RELATION_KNOWN_MEMBERSHIP)) &&
		OidIsValid(hm_relation_find(HM_RELATION_CAPABILITY_GRANT)) &&
		OidIsValid(hm_relation_find(HM_RELATION_POLICY_REQUIREMENT));
}

/* Returns what grants and policy say now, or NULL: there is no table. */
static char *
note_if_changed(uint64 heard)
{
	char	   *names;

	if (!is_possible())
		return NULL;
	names = load_names();
	if (heard != changes_noted || names_noted == NULL ||
		strcmp(names, names_noted) != 0)
		note(false);
	return names;
}

bool
hm_access_change_concerns(Node *command)
{
	switch (nodeTag(command))
	{
		case T_CreateRoleStmt:
		case T_AlterRoleStmt:
		case T_DropRoleStmt:
		case T_GrantRoleStmt:
		case T_DropOwnedStmt:
		case T_ReassignOwnedStmt:
			return true;
		case T_RenameStmt:
			return castNode(RenameStmt, command)->renameType == OBJECT_ROLE;
		case T_AlterOwnerStmt:
			return castNode(AlterOwnerStmt, command)->objectType ==
				OBJECT_DATABASE;
		default:
			return false;
	}
}

void
hm_access_change_note(void)
{
	if (!IsBinaryUpgrade && is_possible())
		note(true);
}

void
hm_access_change_look(void)
{
	uint64		heard;
	char	   *names;

	(void) hm_service_start_transaction();
	listen_for_changes();
	heard = changes_heard;
	PushActiveSnapshot(GetTransactionSnapshot());
	names = note_if_changed(heard);
	PopActiveSnapshot();
	CommitTransactionCommand();
	if (names == NULL)
		return;
	if (names_noted)
		pfree(names_noted);
	names_noted = names;
	changes_noted = heard;
}
