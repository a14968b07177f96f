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
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/builtins.h"

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

/* Blanks of other widths, and what is not seen at all. */
static const pg_wchar unseen[][2] = {
	{0x80, 0xa0}, {0xad, 0xad}, {0x34f, 0x34f}, {0x61c, 0x61c},
	{0x115f, 0x1160}, {0x1680, 0x1680}, {0x17b4, 0x17b5}, {0x180b, 0x180f},
	{0x2000, 0x200f}, {0x2028, 0x202f}, {0x205f, 0x206f}, {0x3000, 0x3000},
	{0x3164, 0x3164}, {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xffa0, 0xffa0},
	{0xfff0, 0xfffb}, {0xe0000, 0xe0fff}
};

static bool
is_unseen(pg_wchar letter)
{
	for (int i = 0; i < lengthof(unseen); i++)
	{
		if (letter >= unseen[i][0] && letter <= unseen[i][1])
			return true;
	}
	return false;
}

static bool
has_unseen(const char *name)
{
	int			length = strlen(name);
	pg_wchar   *letters = palloc((length + 1) * sizeof(pg_wchar));
	int			count = pg_mb2wchar_with_len(name, letters, length);

	for (int i = 0; i < count; i++)
	{
		if (is_unseen(letters[i]))
			return true;
	}
	return false;
}

static void
require_normal(const char *name)
{
	Datum		given = CStringGetTextDatum(name);
	Datum		form = CStringGetTextDatum("NFKC");
	Datum		normal;

	if (DatumGetBool(DirectFunctionCall2(unicode_is_normalized, given, form)))
		return;
	normal = DirectFunctionCall2(unicode_normalize_func, given, form);
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("name \"%s\" looks like another", name),
			 errdetail("Its letters can be written in another way, which looks the same."),
			 errhint("Write it in Unicode's normalization form NFKC: \"%s\".",
					 TextDatumGetCString(normal))));
}

/* Two persons must not have names that look the same. */
static void
require_distinguishable(const char *name)
{
	bool		unicode = GetDatabaseEncoding() == PG_UTF8;

	if (strstr(name, "  ") || (unicode && has_unseen(name)))
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("name \"%s\" looks like another", name),
				 errdetail("Between two words stands one blank, the usual one, and nothing in it is invisible.")));
	if (unicode)
		require_normal(name);
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
	if (person && logins != NIL)
		require_distinguishable(person);
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
