/*
 * src/audit/person_sql.c
 *	  SQL function migrate_person, and the view of persons.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "audit/capability.h"
#include "audit/person.h"
#include "audit/person_change.h"
#include "base/argument.h"
#include "base/names.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "miscadmin.h"

PG_FUNCTION_INFO_V1(hm_migrate_person);
PG_FUNCTION_INFO_V1(hm_persons);

/* Blanks and control characters would make one name look like another. */
static void
check_name(const char *argument, const char *name)
{
	size_t		length = strlen(name);
	bool		fit = length > 0 && length <= HM_PERSON_MAX_BYTES &&
	name[0] != ' ' && name[length - 1] != ' ';

	for (size_t i = 0; i < length && fit; i++)
		fit = (unsigned char) name[i] >= ' ' && name[i] != 0x7f;
	if (!fit)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("argument \"%s\" holds a name that cannot be used: \"%s\"",
						argument, name),
				 errdetail("A name has at most %d bytes, does not begin or end with a blank, and holds no control characters.",
						   HM_PERSON_MAX_BYTES)));
}

/* Each once, in the order in which they were given. */
static List *
logins_argument(FunctionCallInfo fcinfo, int number)
{
	List	   *logins = NIL;
	List	   *given = hm_arg_text_list(fcinfo, number, "logins");
	ListCell   *cell;

	foreach(cell, given)
	{
		check_name("logins", lfirst(cell));
		if (!hm_names_have(logins, lfirst(cell)))
			logins = lappend(logins, lfirst(cell));
	}
	return logins;
}

Datum
hm_migrate_person(PG_FUNCTION_ARGS)
{
	char	   *person = hm_arg_text(fcinfo, 0);
	List	   *logins;
	char	   *reason;
	int64		act;

	PreventCommandIfReadOnly("migrate_person()");
	hm_capability_require_superuser("change persons");
	if (person)
		check_name("name", person);
	logins = logins_argument(fcinfo, 1);
	reason = hm_arg_require_reason(fcinfo, 2);
	act = hm_person_change(person, logins, reason);
	if (act == 0)
		PG_RETURN_NULL();
	PG_RETURN_INT64(act);
}

/* Behind view person. */
Datum
hm_persons(PG_FUNCTION_ARGS)
{
	static HmStatement find = {
		"SELECT p.person, COALESCE(r.rolname::pg_catalog.text, p.login),"
		"       CASE WHEN p.login_oid IS NULL THEN 'name'"
		"            WHEN r.oid IS NULL THEN 'void' ELSE 'login' END,"
		"       p.changed_by, pg_catalog.date_trunc('second', p.changed_at),"
		"       p.reason"
		"  FROM hipaa_migrate.person_login AS p"
		"  LEFT JOIN pg_catalog.pg_roles AS r"
		"    ON p.login_oid IS NOT NULL"
		"   AND CASE p.server WHEN $1 THEN r.oid = p.login_oid"
		"            ELSE r.rolname = p.login END"
		" ORDER BY p.person NULLS LAST, 2",
		1, {INT8OID}
	};
	Datum		server = Int64GetDatum((int64) GetSystemIdentifier());

	hm_capability_require_any();
	return hm_query_show(fcinfo, &find, &server);
}
