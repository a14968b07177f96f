/*
 * src/guard/exemption_sql.c
 *	  SQL functions migrate_exempt and migrate_exempt_end, and the view.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/argument.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "guard/exemption.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hm_migrate_exempt);
PG_FUNCTION_INFO_V1(hm_migrate_exempt_end);
PG_FUNCTION_INFO_V1(hm_exemptions);

static void
require_superuser(void)
{
	hm_capability_require_superuser("change exemptions from the guard");
}

static char *
name_argument(FunctionCallInfo fcinfo, int number)
{
	return PG_ARGISNULL(number) ? NULL :
		pstrdup(NameStr(*PG_GETARG_NAME(number)));
}

static TimestampTz
expiry_argument(FunctionCallInfo fcinfo, int number)
{
	TimestampTz expiry;

	if (PG_ARGISNULL(number))
		return 0;
	expiry = PG_GETARG_TIMESTAMPTZ(number);
	return TIMESTAMP_IS_NOEND(expiry) ? 0 : expiry;
}

/* The number of the exemption; null: it waits for another person. */
Datum
hm_migrate_exempt(PG_FUNCTION_ARGS)
{
	char	   *reason;
	char	   *role = name_argument(fcinfo, 1);
	HmExemption exemption = {0};

	PreventCommandIfReadOnly("migrate_exempt()");
	require_superuser();
	reason = hm_arg_require_reason(fcinfo, 0);
	exemption.schema = name_argument(fcinfo, 2);
	exemption.command = hm_arg_text(fcinfo, 3);
	exemption.expires_at = expiry_argument(fcinfo, 4);
	if (!role && !exemption.schema && !exemption.command)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("an exemption needs to say what it covers"),
				 errhint("Name a role, a schema or a command, or several of them; to guard nothing: SELECT * FROM migrate_guard('off', 'reason');")));
	if (role)
		exemption.role = get_role_oid(role, false);
	if (!hm_exemption_request(&exemption, reason))
		PG_RETURN_NULL();
	PG_RETURN_INT64(exemption.id);
}

Datum
hm_migrate_exempt_end(PG_FUNCTION_ARGS)
{
	int64		id;

	PreventCommandIfReadOnly("migrate_exempt_end()");
	require_superuser();
	id = hm_arg_require_int64(fcinfo, 0, "id");
	hm_exemption_end(id, hm_arg_require_reason(fcinfo, 1));
	PG_RETURN_VOID();
}

Datum
hm_exemptions(PG_FUNCTION_ARGS)
{
	static HmStatement find = {
		"SELECT e.exemption_id,"
		"       CASE WHEN e.ended_at IS NOT NULL THEN 'ended'"
		"            WHEN e.expires_at <= pg_catalog.clock_timestamp() THEN 'expired'"
		"            WHEN e.role_oid IS NOT NULL AND r.oid IS NULL THEN 'void'"
		"            ELSE 'active' END,"
		"       COALESCE(r.rolname, e.role), e.schema, e.command,"
		"       pg_catalog.date_trunc('second', e.expires_at), e.created_by,"
		"       pg_catalog.date_trunc('second', e.created_at), e.reason,"
		"       e.ended_by, pg_catalog.date_trunc('second', e.ended_at),"
		"       e.end_reason"
		"  FROM hipaa_migrate.guard_exemption AS e"
		"  LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = e.role_oid"
		" WHERE e.database_oid = $1"
		" ORDER BY e.exemption_id",
		1, {OIDOID}
	};
	Datum		database = ObjectIdGetDatum(MyDatabaseId);

	hm_capability_require_any();
	return hm_query_show(fcinfo, &find, &database);
}
