/*
 * src/base/actor.c
 *	  Who is acting.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "base/actor.h"
#include "base/compat.h"
#include "base/query.h"
#include "catalog/pg_authid.h"
#include "utils/builtins.h"
#include "utils/inval.h"
#include "utils/syscache.h"

static const char *
client_address(void)
{
	if (MyProcPort == NULL)
		return "server process";
	if (MyProcPort->raddr.addr.ss_family == AF_UNIX ||
		MyProcPort->remote_host == NULL)
		return "local";
	return psprintf("%s:%s", MyProcPort->remote_host,
					MyProcPort->remote_port ? MyProcPort->remote_port : "");
}

Oid
hm_actor_authenticated(void)
{
	return GetAuthenticatedUserId();
}

char *
hm_actor_authenticated_name(void)
{
	return GetUserNameFromId(GetAuthenticatedUserId(), false);
}

bool
hm_actor_can_log_in(Oid role)
{
	HeapTuple	tuple = SearchSysCache1(AUTHOID, ObjectIdGetDatum(role));
	bool		can = false;

	if (HeapTupleIsValid(tuple))
	{
		can = ((Form_pg_authid) GETSTRUCT(tuple))->rolcanlogin;
		ReleaseSysCache(tuple);
	}
	return can;
}

/* Names of the last roles asked for, so that most calls look nothing up. */
#define KNOWN_ROLES 3

typedef struct KnownRole
{
	Oid			role;
	char		name[NAMEDATALEN + 16];
} KnownRole;

static KnownRole known_roles[KNOWN_ROLES];

static void
forget_roles(Datum argument, int cache, uint32 hash)
{
	for (int i = 0; i < KNOWN_ROLES; i++)
		known_roles[i].role = InvalidOid;
}

static void
forget_roles_when_renamed(void)
{
	static bool registered = false;

	if (!registered)
		CacheRegisterSyscacheCallback(AUTHOID, forget_roles, (Datum) 0);
	registered = true;
}

static const char *
role_name(int place, Oid role)
{
	KnownRole  *known = &known_roles[place];
	char	   *name;

	if (known->role == role && OidIsValid(role))
		return known->name;
	name = IsTransactionState() ? GetUserNameFromId(role, true) : NULL;
	if (name)
		strlcpy(known->name, name, sizeof(known->name));
	else
		snprintf(known->name, sizeof(known->name), "role %u", role);
	known->role = name ? role : InvalidOid;
	return known->name;
}

const HmActor *
hm_actor_current(void)
{
	static HmActor actor;

	forget_roles_when_renamed();
	actor.authenticated = role_name(0, GetAuthenticatedUserId());
	actor.session = role_name(1, GetSessionUserId());
	actor.effective = role_name(2, hm_query_caller());
	actor.authn_id = hm_compat_authn_id();
	actor.client = client_address();
	actor.application = application_name && *application_name ?
		application_name : NULL;
	return &actor;
}

static const char *
copy(const char *string)
{
	return string ? pstrdup(string) : NULL;
}

HmActor *
hm_actor_load(void)
{
	HmActor    *actor = palloc(sizeof(HmActor));

	*actor = *hm_actor_current();
	actor->authenticated = copy(actor->authenticated);
	actor->session = copy(actor->session);
	actor->effective = copy(actor->effective);
	actor->authn_id = copy(actor->authn_id);
	actor->application = copy(actor->application);
	return actor;
}
