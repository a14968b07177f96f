/*
 * src/plan/authors.c
 *	  Whose work a migration is, and what its text is bound to.
 */
#include "postgres.h"

#include "base/query.h"
#include "catalog/pg_type.h"
#include "plan/authors.h"
#include "registry/author.h"

/* Rows come by migration and revision. */
#define SELECT_REVISIONS(which) \
	HM_AUTHOR_SELECT ", r.migration_id, r.revision," \
	"       pg_catalog.encode(r.checksum, 'hex')" \
	"  FROM hipaa_migrate.migration_revision AS r" \
	"  JOIN hipaa_migrate.migration AS m USING (migration_id)" \
	" WHERE r.migration_id = ANY ($1) AND m.migration_id = ANY ($1)" \
	"   AND " which HM_AUTHOR_END \
	" ORDER BY a.migration_id, a.revision"

#define MIGRATION_ID	(HM_AUTHOR_COLUMNS + 1)
#define REVISION		(HM_AUTHOR_COLUMNS + 2)
#define CHECKSUM		(HM_AUTHOR_COLUMNS + 3)

static void
add_author(HmAuthored *authored, uint64 row, const HmPersons *persons)
{
	authored->revision = hm_query_int32(row, REVISION);
	authored->checksum = hm_query_text(row, CHECKSUM);
	authored->persons = lappend(authored->persons,
								hm_author_read(row, persons,
											   &authored->claims));
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
		int64		migration_id = hm_query_int64(row, MIGRATION_ID);

		if (current == NULL || current->migration_id != migration_id)
		{
			current = palloc0(sizeof(HmAuthored));
			current->migration_id = migration_id;
			all = lappend(all, current);
		}
		add_author(current, row, persons);
	}
	MemoryContextSwitchTo(before);
	hm_query_end(&bracket);
	return all;
}

static int
compare_migration(const void *migration_id, const void *cell)
{
	int64		wanted = *(const int64 *) migration_id;
	const HmAuthored *authored = lfirst((const ListCell *) cell);

	return (wanted > authored->migration_id) -
		(wanted < authored->migration_id);
}

static HmAuthored *
require_authored(List *all, int64 migration_id)
{
	ListCell   *found = bsearch(&migration_id, list_head(all),
								list_length(all), sizeof(ListCell),
								compare_migration);

	if (found == NULL)
		elog(ERROR, "migration " INT64_FORMAT " has no revision",
			 migration_id);
	return lfirst(found);
}

List *
hm_authors_load(const int64 *migrations, int count, bool up,
				const HmPersons *persons)
{
	static HmStatement find_up = {
		SELECT_REVISIONS(HM_AUTHOR_IS_DUE), 1, {INT8ARRAYOID}
	};
	static HmStatement find_down = {
		SELECT_REVISIONS("r.revision <= COALESCE(m.applied_revision, m.revision)"),
		1, {INT8ARRAYOID}
	};
	List	   *all = load(up ? &find_up : &find_down,
						   hm_query_int64_array(migrations, count), persons);
	List	   *ordered = NIL;

	for (int i = 0; i < count; i++)
		ordered = lappend(ordered, require_authored(all, migrations[i]));
	return ordered;
}
