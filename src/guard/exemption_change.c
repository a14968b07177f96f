/*
 * src/guard/exemption_change.c
 *	  Exemptions: asked for, checked, made; by two people where the policy
 *	  wants them, for what one may be exempt from no two have approved.
 */
#include "postgres.h"

#include "audit/confirm.h"
#include "base/json_read.h"
#include "base/json_text.h"
#include "base/query.h"
#include "catalog/catalog.h"
#include "catalog/namespace.h"
#include "catalog/pg_type.h"
#include "guard/exemption.h"
#include "miscadmin.h"
#include "utils/builtins.h"

/*
 * The extension's own objects stand behind the door, and the system's are
 * changed by commands about other objects.
 */
static void
check_schema(const char *schema)
{
	if (schema == NULL)
		return;
	if (strcmp(schema, "hipaa_migrate") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("schema \"%s\" cannot be exempted", schema),
				 errdetail("What is in it is changed by the extension's own functions only.")));
	if (IsReservedName(schema) || strcmp(schema, "information_schema") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("schema \"%s\" cannot be exempted", schema),
				 errdetail("It is a schema of the system.")));
	(void) get_namespace_oid(schema, false);
}

/* Its name as the guard writes it.  *class: free, schema, ..., own. */
static char *
find_command(const char *command, char **class)
{
	static HmStatement find = {
		"SELECT g.command, g.class FROM hipaa_migrate.guarded_command AS g"
		" WHERE pg_catalog.lower(g.command) = pg_catalog.lower($1)"
		" ORDER BY g.class IN ('free', 'own') LIMIT 1",
		1, {TEXTOID}
	};
	HmBracket	bracket;
	MemoryContext spi_context;
	Datum		value = CStringGetTextDatum(command);
	char	   *found = NULL;

	hm_query_begin(&bracket);
	hm_query_run(&find, &value, NULL, true);
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	if (SPI_processed > 0)
	{
		found = hm_query_text(0, 1);
		*class = hm_query_text(0, 2);
	}
	MemoryContextSwitchTo(spi_context);
	hm_query_end(&bracket);
	return found;
}

static char *
require_command(const char *command)
{
	char	   *class = NULL;
	char	   *found;

	if (command == NULL)
		return NULL;
	found = find_command(command, &class);
	if (found == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized command \"%s\"", command),
				 errhint("Commands are named as their tags, such as CREATE TABLE: SELECT command FROM hipaa_migrate.guarded_command;")));
	if (strcmp(class, "own") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("command %s cannot be exempted", found),
				 errdetail("It concerns the guard itself.")));
	if (strcmp(class, "free") == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("command %s needs no exemption", found),
				 errdetail("The guard lets it pass.")));
	return found;
}

static void
check_expiry(TimestampTz expiry)
{
	if (expiry != 0 && expiry <= GetCurrentTimestamp())
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"expires_at\" must be in the future"),
				 errhint("For a month from now: expires_at => now() + '1 month'.")));
}

/* The command gets its name as the guard writes it. */
static void
check(HmExemption *exemption)
{
	check_expiry(exemption->expires_at);
	check_schema(exemption->schema);
	exemption->command = require_command(exemption->command);
}

static TimestampTz
moment_of(const char *text)
{
	return text == NULL ? 0 :
		DatumGetTimestampTz(DirectFunctionCall3(timestamptz_in,
												CStringGetDatum(text),
												ObjectIdGetDatum(InvalidOid),
												Int32GetDatum(-1)));
}

/* Performs act exempt. */
static char *
perform(const HmAct *act)
{
	char	   *role = hm_act_text(act, "role");
	HmExemption exemption = {
		.schema = hm_act_text(act, "schema"),
		.command = hm_act_text(act, "command"),
		.expires_at = moment_of(hm_act_text(act, "expires_at"))
	};
	StringInfoData json;

	if (role)
	{
		exemption.role = atooid(hm_act_text(act, "role_oid"));
		hm_act_require_role(act, role, exemption.role);
	}
	check(&exemption);
	hm_exemption_create(&exemption, act->reason, act->requested_by);
	hm_json_begin(&json);
	hm_json_int64(&json, "exemption", exemption.id);
	return hm_json_end(&json);
}

static const HmActKind act_exempt = {
	.name = "exempt",
	.function = "migrate_exempt",
	.perform = perform,
	.superuser_act = "change exemptions from the guard"
};

void
hm_exemption_init(void)
{
	hm_act_register(&act_exempt);
}

bool
hm_exemption_request(HmExemption *exemption, const char *reason)
{
	StringInfoData json;
	char	   *done;

	check(exemption);
	hm_json_begin(&json);
	if (OidIsValid(exemption->role))
	{
		hm_json_text(&json, "role", GetUserNameFromId(exemption->role, false));
		hm_json_int64(&json, "role_oid", exemption->role);
	}
	hm_json_text(&json, "schema", exemption->schema);
	hm_json_text(&json, "command", exemption->command);
	if (exemption->expires_at != 0)
		hm_json_timestamp(&json, "expires_at", exemption->expires_at);
	if (hm_act_decide(act_exempt.name, hm_json_end(&json), reason, true,
					  &done) != 0)
		return false;
	exemption->id = strtoll(hm_json_member(done, "exemption"), NULL, 10);
	return true;
}
