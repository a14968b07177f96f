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

static char *
copy_column(MemoryContext context, int column)
{
	char	   *value = hm_query_text(0, column);

	return value ? MemoryContextStrdup(context, value) : NULL;
}

/* Text, file and line stand in three columns from the given one. */
static void
fill_text(HmDraftText *text, MemoryContext context, int column)
{
	text->text = copy_column(context, column);
	text->file = copy_column(context, column + 1);
	text->first_line = hm_query_int32(0, column + 2);
}

static List *
copy_settings(MemoryContext context, int column)
{
	bool		isnull;
	Datum		value = hm_query_datum(0, column, &isnull);
	MemoryContext before = MemoryContextSwitchTo(context);
	List	   *settings = hm_setting_list_from_jsonb(DatumGetJsonbPCopy(value));

	MemoryContextSwitchTo(before);
	return settings;
}

HmStored *
hm_stored_require(int64 migration_id, int revision)
{
	static HmStatement find = {
		HM_AUTHOR_SELECT ", m.project, m.name, r.run_as, r.settings,"
		"       r.up, r.up_file, r.up_line,"
		"       r.down, r.down_file, r.down_line,"
		"       r.verify, r.verify_file, r.verify_line, r.original_name,"
		"       r.kind, pg_catalog.encode(r.checksum, 'hex'),"
		"       r.up_original, r.down_original"
		"  FROM hipaa_migrate.migration_revision AS r"
		"  JOIN hipaa_migrate.migration AS m USING (migration_id)"
		" WHERE r.migration_id = $1 AND r.revision = $2" HM_AUTHOR_END,
		2, {INT8OID, INT4OID}
	};
	Datum		values[] = {Int64GetDatum(migration_id), Int32GetDatum(revision)};
	MemoryContext context = CurrentMemoryContext;
	HmStored   *stored = palloc0(sizeof(HmStored));
	HmBracket	bracket;

	stored->migration_id = migration_id;
	stored->revision = revision;
	hm_query_begin(&bracket);
	/* A fresh snapshot: the caller's may be older than the revision. */
	if (hm_query_run(&find, values, NULL, false) == 0)
		elog(ERROR, "revision %d of migration " INT64_FORMAT " is missing",
			 revision, migration_id);
	stored->author = copy_column(context, 1);
	stored->author_oid = hm_author_role(0);
	stored->display = MemoryContextStrdup(context,
										  hm_name_display(hm_query_text(0, 6),
														  hm_query_text(0, 7)));
	stored->run_as = copy_column(context, 8);
	stored->settings = copy_settings(context, 9);
	fill_text(&stored->up, context, 10);
	fill_text(&stored->down, context, 13);
	fill_text(&stored->verify, context, 16);
	stored->original_name = copy_column(context, 19);
	stored->kind = copy_column(context, 20);
	stored->checksum = copy_column(context, 21);
	stored->up_original = copy_column(context, 22);
	stored->down_original = copy_column(context, 23);
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
