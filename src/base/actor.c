/*
 * src/base/actor.c
 *	  Who is acting.
 */
#include "postgres.h"

#include "base/actor.h"
#include "base/compat.h"
#include "utils/builtins.h"

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

HmActor *
hm_actor_load(void)
{
	HmActor    *actor = palloc(sizeof(HmActor));
	const char *authn_id = hm_compat_authn_id();

	actor->authenticated = hm_actor_authenticated_name();
	actor->effective = GetUserNameFromId(GetUserId(), false);
	actor->authn_id = authn_id ? pstrdup(authn_id) : NULL;
	actor->client = client_address();
	actor->application = application_name && *application_name ?
		pstrdup(application_name) : NULL;
	return actor;
}
