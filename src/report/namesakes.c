/*
 * src/report/namesakes.c
 *	  What migrate_health() says of functions that could be taken for ours.
 *
 * Whoever has a function migrate_review in a schema that others have in their
 * search_path shows them what he likes, and one who calls his migrate_approve
 * believes that he has signed.
 */
#include "postgres.h"

#include "audit/relations.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "report/namesakes.h"
#include "report/status_row.h"

typedef struct Found
{
	int64		count;
	char	   *names;			/* the first of them; NULL: none */
	char	   *remedy;			/* likewise */
} Found;

static Found
find(HmStatement *statement, Datum *values)
{
	Found		found = {0};
	HmBracket	bracket;
	MemoryContext spi_context;

	hm_query_begin(&bracket);
	hm_query_run(statement, values, NULL, true);
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	found.count = hm_query_int64(0, 1);
	found.names = hm_query_text(0, 2);
	found.remedy = hm_query_text(0, 3);
	MemoryContextSwitchTo(spi_context);
	hm_query_end(&bracket);
	return found;
}

static void
put(ReturnSetInfo *result, const char *item, const Found *found,
	const char *what)
{
	bool		any = found->count > 0;

	hm_status_row_put(result, item, any ? HM_STATUS_WARNING : HM_STATUS_OK,
					  any ? psprintf("%lld", (long long) found->count) :
					  "none",
					  any ? psprintf("%s: %s%s", what, found->names,
									 found->count > 3 ? ", ..." : "") : NULL,
					  found->remedy);
}

static void
put_functions(ReturnSetInfo *result)
{
	static HmStatement functions = {
		"WITH ours AS ("
		"  SELECT p.oid, p.proname FROM pg_catalog.pg_depend AS d"
		"    JOIN pg_catalog.pg_proc AS p ON p.oid = d.objid"
		"   WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass"
		"     AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass"
		"     AND d.refobjid = $1 AND d.deptype = 'e'"
		"     AND p.proname ~ '^(migrate|audit)_'),"
		" others AS ("
		"  SELECT pg_catalog.format('%I.%I(%s)', n.nspname, p.proname,"
		"           pg_catalog.pg_get_function_identity_arguments(p.oid)) AS name,"
		"         p.oid"
		"    FROM pg_catalog.pg_proc AS p"
		"    JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace"
		"   WHERE p.proname IN (SELECT proname FROM ours)"
		"     AND p.oid NOT IN (SELECT oid FROM ours)"
		"     AND NOT pg_catalog.pg_is_other_temp_schema(p.pronamespace)),"
		" numbered AS ("
		"  SELECT name, pg_catalog.row_number() OVER"
		"         (ORDER BY name COLLATE pg_catalog.\"C\", oid) AS n FROM others)"
		" SELECT pg_catalog.count(*),"
		"        pg_catalog.string_agg(name, ', ' ORDER BY n) FILTER (WHERE n <= 3),"
		"        'DROP ROUTINE ' || pg_catalog.min(name) FILTER (WHERE n = 1)"
		"   FROM numbered",
		1, {OIDOID}
	};
	Datum		extension = ObjectIdGetDatum(hm_relations_extension());
	Found		found = find(&functions, &extension);

	put(result, "namesakes", &found,
		"not of this extension, and could be called in the place of its functions");
}

/* Where the next could be made, by anybody. */
static void
put_schemas(ReturnSetInfo *result)
{
	static HmStatement schemas = {
		"WITH open AS ("
		"  SELECT pg_catalog.quote_ident(n.nspname) AS name,"
		"         pg_catalog.row_number() OVER"
		"           (ORDER BY n.nspname COLLATE pg_catalog.\"C\") AS n"
		"    FROM pg_catalog.pg_namespace AS n"
		"   WHERE pg_catalog.has_schema_privilege('public', n.oid, 'CREATE'))"
		" SELECT pg_catalog.count(*),"
		"        pg_catalog.string_agg(name, ', ' ORDER BY n) FILTER (WHERE n <= 3),"
		"        'REVOKE CREATE ON SCHEMA '"
		"          || pg_catalog.min(name) FILTER (WHERE n = 1) || ' FROM PUBLIC'"
		"   FROM open"
	};
	Found		found = find(&schemas, NULL);

	put(result, "open schemas", &found,
		"everybody can make functions that others call");
}

void
hm_namesakes_put(ReturnSetInfo *result)
{
	put_functions(result);
	put_schemas(result);
}
