/*
 * src/registry/stored.c
 *	  A revision read back from the registry, ready to be executed.
 */
#include "postgres.h"

#include "base/query.h"
#include "catalog/pg_type.h"
#include "registry/author.h"
#include "registry/name.h"
#include "registry/setting_list.h"
#include "registry/stored.h"

#define SELECT_STORED(which) \
	HM_AUTHOR_SELECT ", m.project, m.name, r.run_as, r.settings," \
	"       r.up, r.up_file, r.up_line," \
	"       r.down, r.down_file, r.down_line," \
	"       r.verify, r.verify_file, r.verify_line, r.original_name," \
	"       r.kind, pg_catalog.encode(r.checksum, 'hex')," \
	"       r.up_original, r.down_original, r.migration_id, r.revision" \
	"  FROM hipaa_migrate.migration_revision AS r" \
	"  JOIN hipaa_migrate.migration AS m USING (migration_id)" \
	" WHERE " which HM_AUTHOR_END

/* Text, file and line stand in three columns from the given one. */
static void
fill_text(HmDraftText *text, uint64 row, int column)
{
	text->text = hm_query_text(row, column);
	text->file = hm_query_text(row, column + 1);
	text->first_line = hm_query_int32(row, column + 2);
}

static List *
copy_settings(uint64 row, int column)
{
	bool		isnull;
	Datum		value = hm_query_datum(row, column, &isnull);

	return hm_setting_list_from_jsonb(DatumGetJsonbPCopy(value));
}

static HmStored *
copy_stored(uint64 row)
{
	HmStored   *stored = palloc0(sizeof(HmStored));

	stored->author = hm_query_text(row, 1);
	stored->author_oid = hm_author_role(row);
	stored->display = hm_name_display(hm_query_text(row, 6),
									  hm_query_text(row, 7));
	stored->run_as = hm_query_text(row, 8);
	stored->settings = copy_settings(row, 9);
	fill_text(&stored->up, row, 10);
	fill_text(&stored->down, row, 13);
	fill_text(&stored->verify, row, 16);
	stored->original_name = hm_query_text(row, 19);
	stored->kind = hm_query_text(row, 20);
	stored->checksum = hm_query_text(row, 21);
	stored->up_original = hm_query_text(row, 22);
	stored->down_original = hm_query_text(row, 23);
	stored->migration_id = hm_query_int64(row, 24);
	stored->revision = hm_query_int32(row, 25);
	return stored;
}

/* A fresh snapshot: the caller's may be older than the revision. */
HmStored *
hm_stored_require(int64 migration_id, int revision)
{
	static HmStatement find = {
		SELECT_STORED("r.migration_id = $1 AND r.revision = $2"),
		2, {INT8OID, INT4OID}
	};
	Datum		values[] = {Int64GetDatum(migration_id), Int32GetDatum(revision)};
	HmStored   *stored;
	HmBracket	bracket;

	hm_query_begin(&bracket);
	if (hm_query_run(&find, values, NULL, false) == 0)
		elog(ERROR, "revision %d of migration " INT64_FORMAT " is missing",
			 revision, migration_id);
	MemoryContextSwitchTo(bracket.caller_context);
	stored = copy_stored(0);
	hm_query_end(&bracket);
	return stored;
}

static int
place_of(int64 migration_id, const int64 *migrations, int count)
{
	int			place = 0;

	while (place < count && migrations[place] != migration_id)
		place++;
	return place;
}

HmStored  **
hm_stored_load_small(const int64 *migrations, const int64 *revisions,
					 int count)
{
	static HmStatement find = {
		SELECT_STORED("r.migration_id = ANY ($1)"
					  " AND m.migration_id = ANY ($1)"
					  " AND r.revision ="
					  "     ($2)[pg_catalog.array_position($1, r.migration_id)]"
					  " AND GREATEST(pg_catalog.octet_length(r.up),"
					  "              pg_catalog.octet_length(r.down),"
					  "              pg_catalog.octet_length(r.verify),"
					  "              pg_catalog.octet_length(r.up_original),"
					  "              pg_catalog.octet_length(r.down_original))"
					  "     <= $3"),
		3, {INT8ARRAYOID, INT8ARRAYOID, INT4OID}
	};
	Datum		values[] = {
		hm_query_int64_array(migrations, count),
		hm_query_int64_array(revisions, count),
		Int32GetDatum(HM_STORED_SMALL)
	};
	HmStored  **stored = palloc0(sizeof(HmStored *) * Max(count, 1));
	HmBracket	bracket;

	hm_query_begin(&bracket);
	hm_query_run(&find, values, NULL, false);
	MemoryContextSwitchTo(bracket.caller_context);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		HmStored   *read = copy_stored(row);

		stored[place_of(read->migration_id, migrations, count)] = read;
	}
	hm_query_end(&bracket);
	return stored;
}

static const HmDraftText *
text_for(const HmStored *stored, const char *direction)
{
	if (strcmp(direction, "up") == 0)
		return &stored->up;
	if (strcmp(direction, "down") == 0)
		return &stored->down;
	if (strcmp(direction, "verify") == 0)
		return &stored->verify;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid direction \"%s\"", direction),
			 errhint("Use one of \"up\", \"down\", \"verify\".")));
}

static HmScriptOrigin
origin_of(const HmStored *stored, const HmDraftText *text,
		  const char *direction)
{
	HmScriptOrigin origin = {
		.migration = stored->display,
		.original_name = stored->original_name,
		.direction = direction,
		.file = text->file,
		.first_line = text->first_line
	};

	return origin;
}

HmScript *
hm_stored_parse(const HmStored *stored, const char *direction)
{
	const HmDraftText *text = text_for(stored, direction);

	return text->text == NULL ? NULL :
		hm_script_parse(text->text, origin_of(stored, text, direction), false);
}

HmScript *
hm_stored_read(const HmStored *stored, const char *direction)
{
	const HmDraftText *text = text_for(stored, direction);

	return text->text == NULL ? NULL :
		hm_script_read(text->text, origin_of(stored, text, direction));
}

HmScript *
hm_stored_parse_original(const HmStored *stored, const char *direction)
{
	HmDraftText text = *text_for(stored, direction);

	text.text = strcmp(direction, "up") == 0 ? stored->up_original :
		strcmp(direction, "down") == 0 ? stored->down_original : NULL;
	return text.text == NULL ? NULL :
		hm_script_parse(text.text, origin_of(stored, &text, direction), false);
}
