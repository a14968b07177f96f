/*
 * src/plan/review_facts.c
 *	  What a review shows of what is registered: facts, and the texts.
 */
#include "postgres.h"

#include "base/query.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "plan/review_parts.h"
#include "registry/setting_list.h"

/* What HmStored does not hold. */
typedef struct Facts
{
	char	   *description;	/* or NULL */
	char	   *authn_id;		/* of the author, or NULL */
	TimestampTz registered_at;
	char	   *file;			/* or NULL */
	char	   *depends_on;		/* or NULL */
	char	   *original_checksum;	/* or NULL */
	List	   *source;			/* of char *: key, value, key, value */
} Facts;

/* Running a query leaves SPI's context current: the texts are to outlive it. */
static void
load_row(Facts *facts, int64 migration_id, int revision,
		 MemoryContext context)
{
	static HmStatement find = {
		"SELECT r.description, r.author_authn_id,"
		"       r.registered_at,"
		"       COALESCE(r.up_file, r.down_file),"
		"       (SELECT pg_catalog.string_agg(CASE d.project WHEN m.project THEN d.name"
		"                   ELSE pg_catalog.concat(d.project, ':', d.name) END,"
		"                   ', ' ORDER BY d.ordinal)"
		"          FROM hipaa_migrate.migration_dependency AS d"
		"         WHERE d.migration_id = r.migration_id AND d.revision = r.revision),"
		"       pg_catalog.encode(r.original_checksum, 'hex')"
		"  FROM hipaa_migrate.migration_revision AS r"
		"  JOIN hipaa_migrate.migration AS m USING (migration_id)"
		" WHERE r.migration_id = $1 AND r.revision = $2",
		2, {INT8OID, INT4OID}
	};
	Datum		values[] = {Int64GetDatum(migration_id), Int32GetDatum(revision)};

	if (hm_query_run(&find, values, NULL, true) == 0)
		return;
	MemoryContextSwitchTo(context);
	facts->description = hm_query_text(0, 1);
	facts->authn_id = hm_query_text(0, 2);
	facts->registered_at = hm_query_int64(0, 3);
	facts->file = hm_query_text(0, 4);
	facts->depends_on = hm_query_text(0, 5);
	facts->original_checksum = hm_query_text(0, 6);
}

/* Members of an object one by one, anything else as a whole. */
static void
load_source(Facts *facts, int64 migration_id, int revision,
			MemoryContext context)
{
	static HmStatement find = {
		"SELECT e.key, e.value"
		"  FROM hipaa_migrate.migration_revision AS r,"
		"       pg_catalog.jsonb_each_text(CASE pg_catalog.jsonb_typeof(r.source)"
		"           WHEN 'object' THEN r.source"
		"           ELSE pg_catalog.jsonb_build_object('source', r.source) END) AS e"
		" WHERE r.migration_id = $1 AND r.revision = $2 AND r.source IS NOT NULL"
		" ORDER BY e.key COLLATE pg_catalog.\"C\"",
		2, {INT8OID, INT4OID}
	};
	Datum		values[] = {Int64GetDatum(migration_id), Int32GetDatum(revision)};

	hm_query_run(&find, values, NULL, true);
	MemoryContextSwitchTo(context);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		char	   *value = hm_query_text(row, 2);

		facts->source = lappend(facts->source, hm_query_text(row, 1));
		facts->source = lappend(facts->source,
								value ? value : pstrdup("null"));
	}
}

static Facts *
load_facts(const HmStored *stored)
{
	Facts	   *facts = palloc0(sizeof(Facts));
	HmBracket	bracket;

	hm_query_begin(&bracket);
	load_row(facts, stored->migration_id, stored->revision,
			 bracket.caller_context);
	load_source(facts, stored->migration_id, stored->revision,
				bracket.caller_context);
	hm_query_end(&bracket);
	return facts;
}

static char *
shown_settings(List *settings)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, settings)
	{
		const HmSettingValue *setting = lfirst(cell);

		appendStringInfo(&text, "%s%s = %s", text.len > 0 ? "; " : "",
						 setting->name, setting->value);
	}
	return text.data;
}

static void
add(HmReview *review, const char *item, const char *value)
{
	if (value)
		hm_review_add(review, "migration", item, pstrdup(value));
}

static void
add_origin(HmReview *review, const HmStored *stored, const Facts *facts)
{
	add(review, "registered by", facts->authn_id ?
		psprintf("%s (%s)", stored->author, facts->authn_id) : stored->author);
	hm_review_add_moment(review, "migration", "registered at",
						 facts->registered_at);
	add(review, "description", facts->description);
	add(review, "original name", stored->original_name);
	add(review, "file", facts->file);
	for (int i = 0; i < list_length(facts->source); i += 2)
		hm_review_add(review, "source", list_nth(facts->source, i),
					  list_nth(facts->source, i + 1));
}

void
hm_review_add_facts(HmReview *review, const HmOutlook *outlook)
{
	const HmStored *stored = outlook->stored;
	const Facts *facts = load_facts(stored);

	add(review, "direction", hm_direction_name(review->up ? HM_UP : HM_DOWN));
	add(review, "revision", psprintf("%d", stored->revision));
	hm_review_add_as(review, "migration", "state",
					 hm_state_name(outlook->node->state), NULL);
	add(review, "kind", stored->kind);
	add_origin(review, stored, facts);
	add(review, "depends on",
		facts->depends_on ? facts->depends_on : "nothing");
	add(review, "runs", outlook->transactional ? "in one transaction" :
		"statement by statement, each in a transaction of its own");
	add(review, "runs as", stored->run_as ? stored->run_as :
		"whoever runs it");
	add(review, "settings", shown_settings(stored->settings));
	add(review, "reversible", stored->down.text ? "yes" : "no");
	if (facts->original_checksum)
		add(review, "rewritten",
			psprintf("into guarded forms; what was handed in has the checksum %s",
					 facts->original_checksum));
}

/* Where the original differs, both are shown. */
static void
add_statement(HmReview *review, const HmScript *script,
			  const HmScript *original, const char *direction, int index)
{
	char	   *item = psprintf("statement %d, line %d", index + 1,
								script->statements[index].line);
	char	   *before = hm_script_original_text(original, script, index);

	hm_review_add(review, direction, item,
				  hm_script_statement_text(script, index));
	if (before)
		hm_review_add(review, direction,
					  psprintf("%s, as handed in", item), before);
}

static void
add_text(HmReview *review, const HmStored *stored, const char *direction)
{
	HmScript   *script = hm_stored_read(stored, direction);
	HmScript   *original = hm_stored_parse_original(stored, direction);

	for (int i = 0; script && i < script->nstatements; i++)
		add_statement(review, script, original, direction, i);
}

/*
 * Whoever approves the up approves with it that it be reverted soon after: its
 * down is shown, too.
 */
void
hm_review_add_texts(HmReview *review, const HmStored *stored)
{
	if (review->up)
		add_text(review, stored, "up");
	add_text(review, stored, "down");
	if (review->up)
		add_text(review, stored, "verify");
}
