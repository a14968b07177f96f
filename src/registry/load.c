/*
 * src/registry/load.c
 *	  From a folder to the registry.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/attempt.h"
#include "base/errors.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "registry/load.h"
#include "registry/name.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"

static const char *
original_name(const HmDraft *draft)
{
	return draft->original_name ? draft->original_name : draft->name;
}

static void
add_draft_context(void *argument)
{
	const HmDraft *draft = argument;

	errcontext("%s migration \"%s\", file \"%s\"",
			   draft->format, original_name(draft), draft->up.file);
}

static Datum
file_names(const HmDraft *draft)
{
	const char *files[] = {draft->up.file, draft->down.file, draft->verify.file};
	Datum		names[lengthof(files)];
	int			count = 0;

	for (int i = 0; i < lengthof(files); i++)
	{
		if (files[i])
			names[count++] = CStringGetTextDatum(files[i]);
	}
	return PointerGetDatum(construct_array(names, count, TEXTOID, -1, false,
										   TYPALIGN_INT));
}

static bool
has_authors(const Jsonb *source)
{
	static const char key[] = "authors";

	return source && JB_ROOT_IS_OBJECT(source) &&
		getKeyJsonValueFromContainer(unconstify(JsonbContainer *, &source->root),
									 key, strlen(key), NULL) != NULL;
}

/*
 * That of the folder, whose "authors" says who has written each file: these
 * are "author" of the migration that is read from it.
 */
static Jsonb *
source_of(const HmDraft *draft, Jsonb *source)
{
	static HmStatement build = {
		"SELECT $1 - 'authors' || COALESCE("
		"       (SELECT pg_catalog.jsonb_build_object('author',"
		"                   pg_catalog.jsonb_agg(DISTINCT w.author))"
		"          FROM pg_catalog.unnest($2) AS f (file),"
		"               LATERAL pg_catalog.jsonb_array_elements("
		"                   CASE pg_catalog.jsonb_typeof($1 -> 'authors' -> f.file)"
		"                   WHEN 'array' THEN $1 -> 'authors' -> f.file"
		"                   ELSE pg_catalog.jsonb_build_array("
		"                            $1 -> 'authors' -> f.file) END) AS w (author)"
		"         WHERE pg_catalog.jsonb_typeof(w.author) <> 'null'"
		"        HAVING pg_catalog.count(*) > 0), '{}')",
		2, {JSONBOID, TEXTARRAYOID}
	};
	Datum		values[] = {JsonbPGetDatum(source), file_names(draft)};
	HmBracket	bracket;
	MemoryContext spi_context;
	bool		isnull;

	if (!has_authors(source))
		return source;
	hm_query_begin(&bracket);
	hm_query_run(&build, values, NULL, true);
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	source = DatumGetJsonbPCopy(hm_query_datum(0, 1, &isnull));
	MemoryContextSwitchTo(spi_context);
	hm_query_end(&bracket);
	return source;
}

/* As hm_registry_register(), with errors that name the file. */
static HmRegistered *
register_draft(const HmDraft *draft, const char *project, Jsonb *source)
{
	ErrorContextCallback callback;
	HmRegistered *registered;

	callback.callback = add_draft_context;
	callback.arg = unconstify(HmDraft *, draft);
	callback.previous = error_context_stack;
	error_context_stack = &callback;
	registered = hm_registry_register(draft, project,
									  source_of(draft, source));
	error_context_stack = callback.previous;
	return registered;
}

static HmLoadRow *
registered_row(const HmDraft *draft, const HmRegistered *registered)
{
	HmLoadRow  *row = palloc0(sizeof(HmLoadRow));

	row->file = draft->up.file;
	row->migration = pstrdup(registered->migration);
	row->format = draft->format;
	row->outcome = registered->outcome;
	row->revision = registered->revision;
	if (registered->down_problem)
		row->message = pstrdup(registered->down_problem);
	return row;
}

/* What judging a draft leaves behind is given back before the next one. */
static List *
register_drafts(const HmFolder *folder, const char *project, Jsonb *source)
{
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext scratch = AllocSetContextCreate(caller,
												  "hipaa_migrate load",
												  ALLOCSET_DEFAULT_SIZES);
	List	   *rows = NIL;
	ListCell   *cell;

	foreach(cell, folder->drafts)
	{
		const HmDraft *draft = lfirst(cell);
		HmRegistered *registered;

		CHECK_FOR_INTERRUPTS();
		MemoryContextSwitchTo(scratch);
		registered = register_draft(draft, project, source);
		MemoryContextSwitchTo(caller);
		rows = lappend(rows, registered_row(draft, registered));
		MemoryContextReset(scratch);
	}
	MemoryContextDelete(scratch);
	return rows;
}

typedef struct Check
{
	const HmFolder *folder;
	const char *project;
	Jsonb	   *source;
	List	   *rows;
} Check;

static void
check(void *argument)
{
	Check	   *job = argument;

	job->rows = register_drafts(job->folder, job->project, job->source);
}

/* The same, and takes all of it back. */
static List *
check_drafts(const HmFolder *folder, const char *project, Jsonb *source)
{
	Check		job = {folder, project, source};
	ErrorData  *error = hm_attempt(check, &job, HM_ATTEMPT_ROLL_BACK);

	if (error)
		ReThrowError(error);
	return job.rows;
}

static List *
ignored_rows(const HmFolder *folder)
{
	List	   *rows = NIL;
	ListCell   *cell;

	foreach(cell, folder->ignored)
	{
		const HmIgnoredFile *ignored = lfirst(cell);
		HmLoadRow  *row = palloc0(sizeof(HmLoadRow));

		row->file = ignored->path;
		row->format = ignored->format;
		row->outcome = "ignored";
		row->message = ignored->reason;
		rows = lappend(rows, row);
	}
	return rows;
}

typedef const char *(*DraftField) (const HmDraft *draft);

static const char *
draft_name(const HmDraft *draft)
{
	return draft->name;
}

static const char *
draft_file(const HmDraft *draft)
{
	return draft->up.file;
}

static const char *
draft_format(const HmDraft *draft)
{
	return draft->format;
}

/* One field of all drafts as a text[]. */
static Datum
field_array(const HmFolder *folder, DraftField field)
{
	int			count = list_length(folder->drafts);
	Datum	   *values = palloc(sizeof(Datum) * Max(count, 1));

	for (int i = 0; i < count; i++)
		values[i] = CStringGetTextDatum(field(list_nth(folder->drafts, i)));
	return PointerGetDatum(construct_array(values, count, TEXTOID, -1, false,
										   TYPALIGN_INT));
}

/*
 * Names that are made of a place in a file (liquibase) or a plan (sqitch)
 * change when something is put in before.  The same migration would then be
 * registered, and run, a second time.
 */
static void
refuse_moved(const HmFolder *folder, const char *project)
{
	static HmStatement find_moved = {
		"WITH given AS ("
		"  SELECT * FROM ROWS FROM (pg_catalog.unnest($2),"
		"    pg_catalog.unnest($3), pg_catalog.unnest($4),"
		"    pg_catalog.unnest($5)) AS g (name, original, file, format))"
		" SELECT g.file, g.original, m.name, g.name"
		"   FROM given AS g"
		"   JOIN hipaa_migrate.migration_revision AS r"
		"     ON r.format = g.format AND r.original_name = g.original"
		"    AND (r.up_file = g.file OR g.format <> 'liquibase')"
		"   JOIN hipaa_migrate.migration AS m USING (migration_id, revision)"
		"  WHERE m.project = $1 AND m.unregistered_at IS NULL"
		"    AND m.name <> g.name"
		"    AND NOT EXISTS (SELECT FROM given AS o WHERE o.name = m.name)"
		"  ORDER BY m.name LIMIT 1",
		5, {TEXTOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID}
	};
	HmBracket	bracket;
	Datum		values[5];

	values[0] = CStringGetTextDatum(project);
	values[1] = field_array(folder, draft_name);
	values[2] = field_array(folder, original_name);
	values[3] = field_array(folder, draft_file);
	values[4] = field_array(folder, draft_format);
	hm_query_begin(&bracket);
	if (hm_query_run(&find_moved, values, NULL, false) > 0)
		ereport(ERROR,
				(errcode(HM_ERRCODE_CHANGED),
				 errmsg("file \"%s\": \"%s\" has moved",
						hm_query_text(0, 1), hm_query_text(0, 2)),
				 errdetail("It is registered as \"%s\" and would now be \"%s\".",
						   hm_query_text(0, 3), hm_query_text(0, 4)),
				 errhint("Put new changes after those that are registered.")));
	hm_query_end(&bracket);
}

/* What the registry has in the project and the folder has not. */
static List *
absent_rows(const HmFolder *folder, const char *project)
{
	static HmStatement find_absent = {
		"SELECT r.up_file, m.name, r.format, m.revision"
		"  FROM hipaa_migrate.migration AS m"
		"  JOIN hipaa_migrate.migration_revision AS r"
		"       USING (migration_id, revision)"
		" WHERE m.project = $1 AND m.unregistered_at IS NULL"
		"   AND m.name NOT IN (SELECT g.name"
		"                        FROM pg_catalog.unnest($2) AS g (name))"
		" ORDER BY m.name",
		2, {TEXTOID, TEXTARRAYOID}
	};
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext inside;
	HmBracket	bracket;
	Datum		values[2];
	List	   *rows = NIL;

	values[0] = CStringGetTextDatum(project);
	values[1] = field_array(folder, draft_name);
	hm_query_begin(&bracket);
	hm_query_run(&find_absent, values, NULL, false);
	inside = MemoryContextSwitchTo(caller);
	for (uint64 i = 0; i < SPI_processed; i++)
	{
		HmLoadRow  *row = palloc0(sizeof(HmLoadRow));

		row->file = hm_query_text(i, 1);
		row->migration = hm_name_display(project, hm_query_text(i, 2));
		row->format = hm_query_text(i, 3);
		row->outcome = "absent";
		row->revision = hm_query_int32(i, 4);
		row->message = "registered, but not in the folder";
		rows = lappend(rows, row);
	}
	MemoryContextSwitchTo(inside);
	hm_query_end(&bracket);
	return rows;
}

List *
hm_load_register(const HmFolder *folder, const char *project,
				 HmLoadMode mode, Jsonb *source)
{
	List	   *rows;

	hm_capability_require(HM_AUTHOR);
	hm_name_require_valid_project(project);
	refuse_moved(folder, project);
	if (mode == HM_LOAD_CHECK)
		rows = check_drafts(folder, project, source);
	else
		rows = register_drafts(folder, project, source);
	rows = list_concat(rows, ignored_rows(folder));
	if (mode == HM_LOAD_EXACT)
		rows = list_concat(rows, absent_rows(folder, project));
	return rows;
}

List *
hm_load_register_file(const HmSourceFile *file, const char *project,
					  Jsonb *source)
{
	HmFolder   *folder = hm_format_read(list_make1(unconstify(HmSourceFile *,
															  file)));
	List	   *results = NIL;
	ListCell   *cell;

	hm_capability_require(HM_AUTHOR);
	foreach(cell, folder->ignored)
	{
		const HmIgnoredFile *ignored = lfirst(cell);

		ereport(folder->drafts == NIL ? ERROR : NOTICE,
				(errcode(HM_ERRCODE_FILE),
				 errmsg("file \"%s\": %s", ignored->path, ignored->reason)));
	}
	hm_name_require_valid_project(project);
	refuse_moved(folder, project);
	foreach(cell, folder->drafts)
		results = lappend(results, register_draft(lfirst(cell), project,
												  source));
	return results;
}
