/*
 * src/guard/guard_status_sql.c
 *	  What is guarded in this database: migrate_guard() and guard_status.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "audit/capability.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "guard/guard_state.h"
#include "guard/guard_status.h"
#include "miscadmin.h"
#include "utils/builtins.h"

typedef struct Coverage
{
	const char *covers;
	const char *does_not_cover;
} Coverage;

static const Coverage coverage[HM_GUARD_CLASSES] = {
	[HM_CLASS_SCHEMA] = {
		"tables, views, functions, types and all other objects of this database: CREATE, ALTER, DROP, TRUNCATE, COMMENT, by any command or function",
		"temporary objects; data, setval() and LOCK TABLE, which change no schema; commands that find their object there already"
	},
	[HM_CLASS_PRIVILEGE] = {
		"GRANT and REVOKE on objects and of roles, default privileges",
		"what was granted before: SET ROLE changes no privilege"
	},
	[HM_CLASS_ACCOUNTS] = {
		"CREATE, ALTER and DROP ROLE, passwords, settings of roles, user mappings, from any database of the cluster",
		"pg_hba.conf and directories outside the server, such as LDAP: the server does not see them change"
	},
	[HM_CLASS_CLUSTER] = {
		"databases, tablespaces, ALTER SYSTEM, settings of databases, from any database of the cluster",
		"editing configuration files: the server only sees them read"
	},
	[HM_CLASS_MAINTENANCE] = {
		"VACUUM FULL, CLUSTER, REINDEX",
		"VACUUM, ANALYZE, REFRESH MATERIALIZED VIEW and autovacuum, which take no lock that stops readers for long"
	},
	[HM_CLASS_DANGER] = {
		"LOAD, functions in C and untrusted languages, server files and programs, direct changes of system catalogs, settings that load code or run commands",
		"what native code already loaded does, BASE_BACKUP to a server target, single-user mode without the library, editing files: audit_verify() with an external digest detects what they change"
	},
};

static void
put_changed(HmGuardClass class, Datum *values, bool *nulls)
{
	static HmStatement find = {
		"SELECT pg_catalog.date_trunc('second', c.since), c.changed_by,"
		"       c.reason"
		"  FROM hipaa_migrate.guard_class AS c"
		" WHERE c.class = $1 AND c.database_oid = $2",
		2, {TEXTOID, OIDOID}
	};
	Datum		keys[2];

	keys[0] = CStringGetTextDatum(hm_guard_class_name(class));
	keys[1] = ObjectIdGetDatum(MyDatabaseId);
	if (hm_query_run(&find, keys, NULL, RecoveryInProgress()) == 0)
		return;
	for (int i = 0; i < 3; i++)
		values[2 + i] = hm_query_datum(0, i + 1, &nulls[2 + i]);
}

static void
put_class(ReturnSetInfo *result, HmGuardClass class, HmGuardMode mode,
		  int64 act)
{
	Datum		values[7] = {0};
	bool		nulls[7] = {false, false, true, true, true, false, false};
	HmBracket	bracket;

	hm_query_begin(&bracket);
	values[0] = CStringGetTextDatum(hm_guard_class_name(class));
	values[1] = CStringGetTextDatum(hm_guard_mode_name(mode));
	put_changed(class, values, nulls);
	values[5] = CStringGetTextDatum(coverage[class].covers);
	values[6] = CStringGetTextDatum(coverage[class].does_not_cover);
	if (result->setDesc->natts < lengthof(values))
	{
		values[4] = Int64GetDatum(act);
		nulls[4] = act == 0;
	}
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
	hm_query_end(&bracket);
}

void
hm_guard_put_status(ReturnSetInfo *result, const bool *classes, int64 act)
{
	HmGuardMode modes[HM_GUARD_CLASSES];

	hm_guard_read_modes(modes);
	for (int i = HM_FIRST_MODAL_CLASS; i <= HM_LAST_MODAL_CLASS; i++)
		put_class(result, (HmGuardClass) i, modes[i],
				  classes && classes[i] ? act : 0);
}

PG_FUNCTION_INFO_V1(hm_guard_classes);

Datum
hm_guard_classes(PG_FUNCTION_ARGS)
{
	hm_capability_require_any();
	InitMaterializedSRF(fcinfo, 0);
	hm_guard_put_status((ReturnSetInfo *) fcinfo->resultinfo, NULL, 0);
	return (Datum) 0;
}
