/*
 * src/plan/authors.c
 *	  Whose work a migration is, and what its text is bound to.
 */
#include "postgres.h"

#include "base/query.h"
#include "catalog/pg_type.h"
#include "plan/authors.h"
#include "utils/acl.h"

/* Rows come by migration and revision. */
#define SELECT_REVISIONS \
	"SELECT r.migration_id, r.revision, pg_catalog.encode(r.checksum, 'hex')," \
	"       r.author, r.author_authn_id, r.source ->> 'author'" \
	"  FROM hipaa_migrate.migration_revision AS r" \
	"  JOIN hipaa_migrate.migration AS m USING (migration_id)" \
	" WHERE r.migration_id = ANY ($1)"

static int
compare_authored(const ListCell *a, const ListCell *b)
{
	const HmAuthored *left = lfirst(a);
	const HmAuthored *right = lfirst(b);

	return (left->migration_id > right->migration_id) -
		(left->migration_id < right->migration_id);
}

static void
add_author(HmAuthored *authored, uint64 row, const HmPersons *persons)
{
	char	   *author = hm_query_text(row, 4);
	char	   *claim = hm_query_text(row, 6);

	authored->revision = hm_query_int32(row, 2);
	authored->checksum = hm_query_text(row, 3);
	authored->persons = lappend(authored->persons,
								hm_person_of(persons, author,
											 get_role_oid(author, true),
											 hm_query_text(row, 5)));
	if (claim)
		authored->claims = lappend(authored->claims, claim);
}

/* By migration; the last revision of each is the one that would run. */
static List *
load(HmStatement *find, Datum migrations, const HmPersons *persons)
{
	List	   *all = NIL;
	HmAuthored *current = NULL;
	HmBracket	bracket;
	MemoryContext before;

	hm_query_begin(&bracket);
	hm_query_run(find, &migrations, NULL, true);
	before = MemoryContextSwitchTo(bracket.caller_context);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		if (current == NULL || current->migration_id != hm_query_int64(row, 1))
		{
			current = palloc0(sizeof(HmAuthored));
			current->migration_id = hm_query_int64(row, 1);
			all = lappend(all, current);
		}
		add_author(current, row, persons);
	}
	MemoryContextSwitchTo(before);
	hm_query_end(&bracket);
	list_sort(all, compare_authored);
	return all;
}

static HmAuthored *
find_authored(List *all, int64 migration_id)
{
	int			low = 0;
	int			high = list_length(all) - 1;

	while (low <= high)
	{
		int			middle = (low + high) / 2;
		HmAuthored *authored = list_nth(all, middle);

		if (authored->migration_id == migration_id)
			return authored;
		if (authored->migration_id < migration_id)
			low = middle + 1;
		else
			high = middle - 1;
	}
	elog(ERROR, "migration " INT64_FORMAT " has no revision", migration_id);
}

List *
hm_authors_load(const int64 *migrations, int count, bool up,
				const HmPersons *persons)
{
	static HmStatement find_up = {
		SELECT_REVISIONS
		"   AND r.revision >= LEAST(m.revision, COALESCE(m.applied_revision, 0) + 1)"
		" ORDER BY r.migration_id, r.revision",
		1, {INT8ARRAYOID}
	};
	static HmStatement find_down = {
		SELECT_REVISIONS
		"   AND r.revision <= COALESCE(m.applied_revision, m.revision)"
		" ORDER BY r.migration_id, r.revision",
		1, {INT8ARRAYOID}
	};
	List	   *all = load(up ? &find_up : &find_down,
						   hm_query_int64_array(migrations, count), persons);
	List	   *ordered = NIL;

	for (int i = 0; i < count; i++)
		ordered = lappend(ordered, find_authored(all, migrations[i]));
	return ordered;
}
