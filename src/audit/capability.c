/*
 * src/audit/capability.c
 *	  Who may register, run, approve, read, break the glass, and hand in
 *	  approvals that were given elsewhere.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "audit/capability.h"
#include "audit/confirm.h"
#include "audit/event.h"
#include "audit/person.h"
#include "base/actor.h"
#include "base/argument.h"
#include "base/compat.h"
#include "base/json_text.h"
#include "base/latest.h"
#include "base/settings.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

static const char *const capability_names[] = {
	[HM_AUTHOR] = "author",
	[HM_OPERATOR] = "operator",
	[HM_APPROVER] = "approver",
	[HM_AUDITOR] = "auditor",
	[HM_BREAKER] = "breaker",
	[HM_RELAY] = "relay",
};

PG_FUNCTION_INFO_V1(hm_migrate_grant);
PG_FUNCTION_INFO_V1(hm_migrate_revoke);
PG_FUNCTION_INFO_V1(hm_require_auditor);

const char *
hm_capability_name(HmCapability capability)
{
	return capability_names[capability];
}

static bool
implied_for_superuser(HmCapability capability)
{
	return capability == HM_AUTHOR || capability == HM_OPERATOR ||
		capability == HM_AUDITOR;
}

/*
 * A role of that name made after the grant, on the same server, is somebody
 * else and holds nothing.  After a restore on another server object
 * identifiers mean nothing, and the name decides.
 */
static bool
grant_matches_user(uint64 row, Oid user)
{
	const char *name = hm_query_text(row, 1);
	bool		same_server = hm_query_int64(row, 3) ==
	(int64) GetSystemIdentifier();
	Oid			role = get_role_oid(name, true);

	return OidIsValid(role) && (!same_server || role == hm_query_oid(row, 2)) &&
		hm_compat_is_member(user, role);
}

bool
hm_capability_held_by(HmCapability capability, Oid user)
{
	static HmStatement find_grants = {
		"SELECT role_name, role_oid, server"
		"  FROM hipaa_migrate.capability_grant WHERE capability = $1",
		1, {TEXTOID}
	};
	Datum		name = CStringGetTextDatum(capability_names[capability]);
	HmBracket	bracket;
	bool		held = false;

	if (implied_for_superuser(capability) && superuser_arg(user))
		return true;
	hm_query_begin(&bracket);
	hm_query_run_latest(&find_grants, &name, NULL);
	for (uint64 row = 0; row < SPI_processed && !held; row++)
		held = grant_matches_user(row, user);
	hm_query_end(&bracket);
	return held;
}

bool
hm_capability_held(HmCapability capability)
{
	return hm_capability_held_by(capability, hm_actor_authenticated());
}

static bool
held_any(void)
{
	for (int i = 0; i < lengthof(capability_names); i++)
	{
		if (hm_capability_held((HmCapability) i))
			return true;
	}
	return false;
}

/* Somebody who tries a hundred times is on record once, with the count. */
static void
record_refusal(const char *capability)
{
	HmEvent		event = {
		.kind = HM_EVENT_ACCESS_REFUSED,
		.rule = psprintf("capability %s", capability),
		.sqlstate = "42501"
	};

	(void) hm_event_record(&event, hm_event_fold_key(event.kind, capability),
						   hm_setting_record_wait);
}

/*
 * What runs as its owner must not borrow the capability of whoever happens
 * to call it, not even a superuser's: people rely on that when they call it.
 */
static void
require_own_identity(void)
{
	if (InSecurityRestrictedOperation() || InLocalUserIdChange())
		record_refusal("of the caller's own");
	if (InSecurityRestrictedOperation())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("migrations cannot be managed or read within a security-restricted operation")));
	if (InLocalUserIdChange())
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("migrations cannot be managed or read from a SECURITY DEFINER function"),
				 errdetail("Capabilities are those of the user who logged in, \"%s\"; the function runs as \"%s\".",
						   hm_actor_authenticated_name(),
						   GetUserNameFromId(GetUserId(), false)),
				 errhint("Call it directly, or make the function SECURITY INVOKER.")));
}

void
hm_capability_require(HmCapability capability)
{
	require_own_identity();
	if (hm_capability_held(capability))
		return;
	record_refusal(capability_names[capability]);
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied: user \"%s\" lacks the capability \"%s\"",
					hm_actor_authenticated_name(),
					capability_names[capability]),
			 errhint("A superuser can give it with SELECT migrate_grant('%s', %s).",
					 capability_names[capability],
					 quote_literal_cstr(hm_actor_authenticated_name()))));
}

void
hm_capability_require_either(HmCapability one, HmCapability other)
{
	hm_capability_require(!hm_capability_held(one) &&
						  hm_capability_held(other) ? other : one);
}

void
hm_capability_require_any(void)
{
	require_own_identity();
	if (held_any())
		return;
	record_refusal("any");
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied: user \"%s\" holds no capability of hipaa_migrate",
					hm_actor_authenticated_name()),
			 errhint("A superuser can give one with SELECT migrate_grant('auditor', %s).",
					 quote_literal_cstr(hm_actor_authenticated_name()))));
}

/*
 * This login, or another of the same registered person.  Where the role is
 * there, whoever has its former name is another.
 */
static bool
is_own(const char *author, Oid role)
{
	HmPersons  *persons;
	HmPerson   *acting;

	if (GetUserNameFromId(role, true) == NULL ?
		strcmp(author, hm_actor_authenticated_name()) == 0 :
		role == hm_actor_authenticated())
		return true;
	persons = hm_persons_load();
	acting = hm_person_acting(persons);
	return acting->registered && !acting->shared &&
		hm_person_same(acting, hm_person_of(persons, author, role, NULL));
}

bool
hm_capability_reads_text(const char *author, Oid role)
{
	if (hm_capability_held(HM_OPERATOR) || hm_capability_held(HM_APPROVER) ||
		hm_capability_held(HM_AUDITOR) || hm_capability_held(HM_BREAKER))
		return true;
	return hm_capability_held(HM_AUTHOR) && is_own(author, role);
}

void
hm_capability_require_text(const char *migration, const char *author,
						   Oid role)
{
	require_own_identity();
	if (hm_capability_reads_text(author, role))
		return;
	record_refusal("to read a text");
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to read the text of migration \"%s\"",
					migration),
			 errdetail("User \"%s\" did not register it, and is neither operator, approver, auditor nor breaker.",
					   hm_actor_authenticated_name()),
			 errhint("A superuser can give the capability to read all with SELECT migrate_grant('auditor', %s).",
					 quote_literal_cstr(hm_actor_authenticated_name()))));
}

void
hm_capability_require_superuser(const char *act)
{
	require_own_identity();
	if (superuser_arg(hm_actor_authenticated()))
		return;
	record_refusal("superuser");
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to %s", act),
			 errdetail("Only a superuser may.")));
}

void
hm_capability_require_superuser_or_approver(const char *act)
{
	require_own_identity();
	if (superuser_arg(hm_actor_authenticated()) ||
		hm_capability_held(HM_APPROVER))
		return;
	record_refusal("superuser or approver");
	ereport(ERROR,
			(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
			 errmsg("permission denied to %s", act),
			 errdetail("Only a superuser, or who holds capability \"approver\", may.")));
}

static void
append_event(HmEventKind kind, const char *capability, const char *role)
{
	StringInfoData details;
	HmEvent		event = {.kind = kind,.object_type = "role",.object = role};

	hm_json_begin(&details);
	hm_json_text(&details, "capability", capability);
	if (kind == HM_EVENT_CAPABILITY_GRANTED)
		hm_json_int64(&details, "role_oid", get_role_oid(role, true));
	event.details = hm_json_end(&details);
	hm_event_append(&event);
}

static char *
require_capability_name(FunctionCallInfo fcinfo)
{
	char	   *name = hm_arg_require_text(fcinfo, 0, "capability");

	for (int i = 0; i < lengthof(capability_names); i++)
	{
		if (strcmp(name, capability_names[i]) == 0)
			return name;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("unrecognized capability \"%s\"", name),
			 errhint("Capabilities are author, operator, approver, auditor, breaker and relay.")));
}

static Name
require_role_argument(FunctionCallInfo fcinfo)
{
	hm_arg_require(fcinfo, 1, "role");
	return PG_GETARG_NAME(1);
}

/* Performs act grant: what was asked for, to the role it was asked for. */
static char *
perform_grant(const HmAct *act)
{
	static HmStatement grant = {
		"INSERT INTO hipaa_migrate.capability_grant AS g"
		" (capability, role_name, role_oid, server, granted_by, granted_at)"
		" VALUES ($1, $2, $3, $4, $5, pg_catalog.now())"
		" ON CONFLICT (capability, role_name) DO UPDATE"
		" SET role_oid = excluded.role_oid, server = excluded.server,"
		"     granted_by = excluded.granted_by,"
		"     granted_at = excluded.granted_at"
		" WHERE (g.role_oid, g.server) <>"
		"       (excluded.role_oid, excluded.server)",
		5, {TEXTOID, NAMEOID, OIDOID, INT8OID, NAMEOID}
	};
	char	   *capability = hm_act_text(act, "capability");
	char	   *role = hm_act_text(act, "role");
	Oid			role_oid = atooid(hm_act_text(act, "role_oid"));
	HmBracket	bracket;
	NameData	role_name;
	NameData	granted_by;
	Datum		values[5];
	uint64		given;

	hm_act_require_role(act, role, role_oid);
	namestrcpy(&role_name, role);
	namestrcpy(&granted_by, act->requested_by);
	values[0] = CStringGetTextDatum(capability);
	values[1] = NameGetDatum(&role_name);
	values[2] = ObjectIdGetDatum(role_oid);
	values[3] = Int64GetDatum((int64) GetSystemIdentifier());
	values[4] = NameGetDatum(&granted_by);
	hm_query_begin(&bracket);
	given = hm_query_run(&grant, values, NULL, false);
	hm_query_end(&bracket);
	if (given > 0)
		append_event(HM_EVENT_CAPABILITY_GRANTED, capability, role);
	return NULL;
}

static const HmActKind act_grant = {
	.name = "grant",
	.function = "migrate_grant",
	.perform = perform_grant,
	.superuser_act = "change capabilities"
};

void
hm_capability_init(void)
{
	hm_act_register(&act_grant);
}

/* What lets somebody past the policy, or decide what is let past. */
static bool
needs_two(const char *capability)
{
	return strcmp(capability, capability_names[HM_APPROVER]) == 0 ||
		strcmp(capability, capability_names[HM_BREAKER]) == 0 ||
		strcmp(capability, capability_names[HM_RELAY]) == 0;
}

Datum
hm_migrate_grant(PG_FUNCTION_ARGS)
{
	char	   *capability = require_capability_name(fcinfo);
	Name		role = require_role_argument(fcinfo);
	StringInfoData json;
	char	   *done;

	hm_capability_require_superuser(act_grant.superuser_act);
	hm_json_begin(&json);
	hm_json_text(&json, "capability", capability);
	hm_json_text(&json, "role", NameStr(*role));
	hm_json_int64(&json, "role_oid", get_role_oid(NameStr(*role), false));
	(void) hm_act_decide(act_grant.name, hm_json_end(&json),
						 psprintf("capability %s for role %s", capability,
								  NameStr(*role)),
						 needs_two(capability), &done);
	PG_RETURN_VOID();
}

Datum
hm_migrate_revoke(PG_FUNCTION_ARGS)
{
	static HmStatement revoke = {
		"DELETE FROM hipaa_migrate.capability_grant"
		" WHERE capability = $1 AND role_name = $2",
		2, {TEXTOID, NAMEOID}
	};
	char	   *capability = require_capability_name(fcinfo);
	Name		role = require_role_argument(fcinfo);
	HmBracket	bracket;
	Datum		values[2];
	uint64		taken;

	hm_capability_require_superuser("change capabilities");
	values[0] = CStringGetTextDatum(capability);
	values[1] = NameGetDatum(role);
	hm_query_begin(&bracket);
	taken = hm_query_run(&revoke, values, NULL, false);
	hm_query_end(&bracket);
	if (taken > 0)
		append_event(HM_EVENT_CAPABILITY_REVOKED, capability, NameStr(*role));
	else
		ereport(WARNING,
				(errmsg("role \"%s\" was not granted the capability \"%s\"",
						NameStr(*role), capability)));
	PG_RETURN_VOID();
}

/* For views: true, or an error. */
Datum
hm_require_auditor(PG_FUNCTION_ARGS)
{
	hm_capability_require(HM_AUDITOR);
	PG_RETURN_BOOL(true);
}
