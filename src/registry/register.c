/*
 * src/registry/register.c
 *	  Takes a draft into the registry.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "audit/capability.h"
#include "audit/event.h"
#include "audit/number.h"
#include "audit/relations.h"
#include "base/actor.h"
#include "base/errors.h"
#include "base/json_text.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "registry/content.h"
#include "registry/cycle.h"
#include "registry/name.h"
#include "registry/register.h"
#include "registry/run_lock.h"
#include "registry/setting_list.h"
#include "utils/array.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/lsyscache.h"

/* What the registry holds under a name already. */
typedef struct Existing
{
	bool		found;
	bool		unregistered;
	bool		in_database;	/* applied or adopted */
	bool		repeatable;
	bool		same;			/* as the content at hand */
	bool		same_original;	/* as what was handed in, rewritten or not */
	int64		migration_id;
	int			revision;
	char	   *applied_checksum;
} Existing;

static bool
is_same(const bytea *checksum, const uint8 *other)
{
	return memcmp(VARDATA_ANY(checksum), other, HM_HASH_LENGTH) == 0;
}

static Existing
find_existing(const HmContent *content, bool lock)
{
#define FIND_EXISTING \
	"SELECT m.migration_id, m.revision, m.state, r.kind, r.checksum," \
	"       m.unregistered_at IS NOT NULL, r.original_checksum" \
	"  FROM hipaa_migrate.migration AS m" \
	"  JOIN hipaa_migrate.migration_revision AS r" \
	"       USING (migration_id, revision)" \
	" WHERE m.project = $1 AND m.name = $2"
	static HmStatement find = {
		FIND_EXISTING, 2, {TEXTOID, TEXTOID}
	};
	static HmStatement find_and_lock = {
		FIND_EXISTING " FOR UPDATE OF m", 2, {TEXTOID, TEXTOID}
	};
	Datum		values[] = {CStringGetTextDatum(content->project),
	CStringGetTextDatum(content->draft->name)};
	Existing	existing = {0};
	char	   *state;
	bytea	   *checksum;
	Datum		original;
	bool		isnull;

	if (hm_query_run(lock ? &find_and_lock : &find, values, NULL, false) == 0)
		return existing;
	existing.found = true;
	existing.migration_id = hm_query_int64(0, 1);
	existing.revision = hm_query_int32(0, 2);
	state = hm_query_text(0, 3);
	existing.in_database = strcmp(state, "applied") == 0 ||
		strcmp(state, "adopted") == 0;
	existing.repeatable = strcmp(hm_query_text(0, 4), "repeatable") == 0;
	checksum = DatumGetByteaPP(hm_query_datum(0, 5, &isnull));
	existing.same = is_same(checksum, content->checksum);
	existing.applied_checksum = hm_hash_to_hex((uint8 *) VARDATA_ANY(checksum),
											   HM_HASH_LENGTH);
	existing.same_original = is_same(checksum, content->original_checksum);
	existing.unregistered = hm_query_bool(0, 6);
	original = hm_query_datum(0, 7, &isnull);
	if (!isnull && is_same(DatumGetByteaPP(original),
						   content->original_checksum))
		existing.same_original = true;
	return existing;
}

/*
 * What is in the database stays what it was handed in as, when only the
 * setting has changed that says whether it is rewritten.
 */
static bool
is_unchanged(const Existing *existing)
{
	return existing->found && !existing->unregistered &&
		(existing->same ||
		 (existing->in_database && existing->same_original));
}

static void
refuse_change(const HmContent *content, const Existing *existing)
{
	ereport(ERROR,
			(errcode(HM_ERRCODE_CHANGED),
			 errmsg("migration \"%s\" is applied with another content",
					content->display),
			 errdetail("Applied: revision %d, checksum %.12s; given: checksum %.12s.",
					   existing->revision, existing->applied_checksum,
					   hm_hash_to_hex(content->checksum, HM_HASH_LENGTH)),
			 errhint("Register the change as a new migration, or revert this one first: SELECT * FROM migrate_down('%s');",
					 content->display)));
}

/* A change of its text is what a repeatable one is for, of its kind is not. */
static void
refuse_kind(const HmContent *content)
{
	ereport(ERROR,
			(errcode(HM_ERRCODE_CHANGED),
			 errmsg("kind of migration \"%s\" cannot change while it is applied",
					content->display),
			 errdetail("It is applied as repeatable; as %s, the given text would never run.",
					   content->draft->kind),
			 errhint("Register it as repeatable, or revert it first: SELECT * FROM migrate_down('%s');",
					 content->display)));
}

static int64
insert_migration(const HmContent *content)
{
	static HmStatement insert = {
		"INSERT INTO hipaa_migrate.migration"
		" (migration_id, project, name, state, revision)"
		" VALUES ($1, $2, $3, 'pending', 1)"
		" ON CONFLICT (project, name) DO NOTHING"
		" RETURNING migration_id",
		3, {INT8OID, TEXTOID, TEXTOID}
	};
	Datum		values[3];

	values[0] = Int64GetDatum(hm_number_next(HM_RELATION_MIGRATION_ID_SEQ));
	values[1] = CStringGetTextDatum(content->project);
	values[2] = CStringGetTextDatum(content->draft->name);
	return hm_query_run(&insert, values, NULL, false) == 0 ?
		0 : hm_query_int64(0, 1);
}

static void
update_migration(int64 migration_id, int revision)
{
	static HmStatement update = {
		"UPDATE hipaa_migrate.migration"
		"   SET revision = $2, unregistered_at = NULL"
		" WHERE migration_id = $1",
		2, {INT8OID, INT4OID}
	};
	Datum		values[] = {Int64GetDatum(migration_id), Int32GetDatum(revision)};

	hm_query_run(&update, values, NULL, false);
}

static int
next_revision(int64 migration_id)
{
	static HmStatement next = {
		"SELECT max(revision) + 1 FROM hipaa_migrate.migration_revision"
		" WHERE migration_id = $1",
		1, {INT8OID}
	};
	Datum		value = Int64GetDatum(migration_id);

	hm_query_run(&next, &value, NULL, false);
	return hm_query_int32(0, 1);
}

static Datum
checksum_datum(const uint8 *checksum)
{
	bytea	   *value = palloc(VARHDRSZ + HM_HASH_LENGTH);

	SET_VARSIZE(value, VARHDRSZ + HM_HASH_LENGTH);
	memcpy(VARDATA(value), checksum, HM_HASH_LENGTH);
	return PointerGetDatum(value);
}

static void
insert_revision(const HmContent *content, int64 migration_id, int revision,
				Jsonb *source)
{
#define INSERT_REVISION(columns, values) \
	"INSERT INTO hipaa_migrate.migration_revision" \
	" (migration_id, revision, checksum, kind, description," \
	"  up, down, verify, transactional," \
	"  up_transactional, down_transactional," \
	"  up_statements, down_statements, run_as, settings, format," \
	"  original_name, up_file, up_line, down_file, down_line," \
	"  verify_file, verify_line, source, author, author_authn_id," \
	"  up_original, down_original, original_checksum, registered_at" columns ")" \
	" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13," \
	"  $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26," \
	"  $27, $28, $29, pg_catalog.clock_timestamp()" values ")"
#define REVISION_TYPES \
	INT8OID, INT4OID, BYTEAOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, \
	TEXTOID, TEXTOID, BOOLOID, BOOLOID, INT4OID, INT4OID, TEXTOID, \
	JSONBOID, TEXTOID, TEXTOID, TEXTOID, INT4OID, TEXTOID, INT4OID, \
	TEXTOID, INT4OID, JSONBOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, \
	BYTEAOID
	static HmStatement insert = {
		INSERT_REVISION(", author_oid, author_server", ", $30, $31"),
		31, {REVISION_TYPES, OIDOID, INT8OID}
	};

	/* Of a version before this one. */
	static HmStatement insert_earlier = {
		INSERT_REVISION("", ""), 29, {REVISION_TYPES}
	};
	const HmDraft *draft = content->draft;
	HmActor    *actor = hm_actor_load();
	bool		earlier = get_attnum(hm_relation_find(HM_RELATION_MIGRATION_REVISION),
									 "author_oid") == InvalidAttrNumber;
	Datum		values[31];
	char		nulls[31];
	int			n = 0;

	memset(nulls, ' ', sizeof(nulls));

#define PUT(datum) (values[n] = (datum), n++)
#define PUT_TEXT(string) \
	(values[n] = hm_query_text_arg((string), &nulls[n]), n++)
	PUT(Int64GetDatum(migration_id));
	PUT(Int32GetDatum(revision));
	PUT(checksum_datum(content->checksum));
	PUT_TEXT(draft->kind);
	PUT_TEXT(draft->description);
	PUT_TEXT(content->up->text);
	PUT_TEXT(content->down ? content->down->text : NULL);
	PUT_TEXT(content->verify ? content->verify->text : NULL);
	PUT_TEXT(draft->transactional);
	PUT(BoolGetDatum(content->up_transactional));
	PUT(BoolGetDatum(content->down_transactional));
	PUT(Int32GetDatum(content->up->nstatements));
	PUT(Int32GetDatum(content->down ? content->down->nstatements : 0));
	PUT_TEXT(draft->run_as);
	PUT(JsonbPGetDatum(hm_setting_list_to_jsonb(content->settings)));
	PUT_TEXT(draft->format);
	PUT_TEXT(draft->original_name);
	PUT_TEXT(draft->up.file);
	PUT(Int32GetDatum(Max(draft->up.first_line, 1)));
	PUT_TEXT(draft->down.file);
	PUT(Int32GetDatum(Max(draft->down.first_line, 1)));
	PUT_TEXT(draft->verify.file);
	PUT(Int32GetDatum(Max(draft->verify.first_line, 1)));
	nulls[n] = source ? ' ' : 'n';
	PUT(JsonbPGetDatum(source));
	PUT_TEXT(actor->authenticated);
	PUT_TEXT(actor->authn_id);
	PUT_TEXT(content->up_original);
	PUT_TEXT(content->down_original);
	nulls[n] = content->up_original || content->down_original ? ' ' : 'n';
	PUT(checksum_datum(content->original_checksum));
	PUT(ObjectIdGetDatum(hm_actor_authenticated()));
	PUT(Int64GetDatum((int64) GetSystemIdentifier()));
#undef PUT
#undef PUT_TEXT
	Assert(n == lengthof(values));
	hm_query_run(earlier ? &insert_earlier : &insert, values, nulls, false);
}

static void
insert_dependencies(const HmContent *content, int64 migration_id, int revision)
{
	static HmStatement insert = {
		"INSERT INTO hipaa_migrate.migration_dependency"
		" (migration_id, revision, ordinal, project, name)"
		" SELECT $1, $2, d.ordinal, d.project, d.name"
		"   FROM ROWS FROM (pg_catalog.unnest($3), pg_catalog.unnest($4))"
		"        WITH ORDINALITY AS d (project, name, ordinal)",
		4, {INT8OID, INT4OID, TEXTARRAYOID, TEXTARRAYOID}
	};
	int			count = list_length(content->depends_on);
	Datum	   *projects = palloc(sizeof(Datum) * count);
	Datum	   *names = palloc(sizeof(Datum) * count);
	Datum		values[4];
	ListCell   *cell;

	if (count == 0)
		return;
	foreach(cell, content->depends_on)
	{
		HmName	   *name = lfirst(cell);

		projects[foreach_current_index(cell)] = CStringGetTextDatum(name->project);
		names[foreach_current_index(cell)] = CStringGetTextDatum(name->name);
	}
	values[0] = Int64GetDatum(migration_id);
	values[1] = Int32GetDatum(revision);
	values[2] = PointerGetDatum(construct_array(projects, count, TEXTOID, -1,
												false, TYPALIGN_INT));
	values[3] = PointerGetDatum(construct_array(names, count, TEXTOID, -1,
												false, TYPALIGN_INT));
	hm_query_run(&insert, values, NULL, false);
}

/*
 * A cycle can only have been closed if something already waits for this
 * migration, which is rare enough to look for it from scratch.
 */
static void
refuse_cycle(const HmContent *content, int64 migration_id)
{
	static HmStatement is_awaited = {
		"SELECT FROM hipaa_migrate.migration_dependency AS d"
		"  JOIN hipaa_migrate.migration AS m USING (migration_id, revision)"
		" WHERE d.project = $1 AND d.name = $2 LIMIT 1",
		2, {TEXTOID, TEXTOID}
	};
	Datum		name[] = {CStringGetTextDatum(content->project),
	CStringGetTextDatum(content->draft->name)};
	char	   *cycle;

	if (content->depends_on == NIL ||
		hm_query_run(&is_awaited, name, NULL, false) == 0)
		return;
	cycle = hm_cycle_find(migration_id);
	if (cycle)
		ereport(ERROR,
				(errcode(HM_ERRCODE_CYCLE),
				 errmsg("dependencies of migration \"%s\" form a cycle",
						content->display),
				 errdetail("%s.", cycle),
				 errhint("Remove one of these dependencies.")));
}

/* Returns the outcome; *revision is the one that is current afterwards. */
static const char *
store(const HmContent *content, Jsonb *source, int *revision)
{
	Existing	existing = find_existing(content, false);
	int64		migration_id;

	*revision = existing.revision;
	if (is_unchanged(&existing))
		return "unchanged";
	PreventCommandIfReadOnly("migrate_register()");
	if (!existing.found && (migration_id = insert_migration(content)) != 0)
	{
		*revision = 1;
	}
	else
	{
		/* A run may be executing what is about to change. */
		hm_run_lock_acquire(HM_LOCK_TRANSACTION);
		existing = find_existing(content, true);
		*revision = existing.revision;
		if (is_unchanged(&existing))
			return "unchanged";
		if (existing.in_database && !existing.repeatable)
			refuse_change(content, &existing);
		if (existing.in_database &&
			strcmp(content->draft->kind, "repeatable") != 0)
			refuse_kind(content);
		migration_id = existing.migration_id;
		*revision = next_revision(migration_id);
		update_migration(migration_id, *revision);
	}
	insert_revision(content, migration_id, *revision, source);
	insert_dependencies(content, migration_id, *revision);
	refuse_cycle(content, migration_id);
	return *revision == 1 || existing.unregistered ? "registered" : "revised";
}

static void
push_pair(JsonbParseState **state, const char *key, const JsonbValue *value)
{
	JsonbValue	name = {.type = jbvString};

	name.val.string.val = (char *) key;
	name.val.string.len = strlen(key);
	(void) pushJsonbValue(state, WJB_KEY, &name);
	(void) pushJsonbValue(state, WJB_VALUE, (JsonbValue *) value);
}

static Jsonb *
build_details(const HmContent *content)
{
	JsonbParseState *state = NULL;
	JsonbValue	value;

	(void) pushJsonbValue(&state, WJB_BEGIN_OBJECT, NULL);
	value.type = jbvBool;
	value.val.boolean = content->up_transactional;
	push_pair(&state, "transactional", &value);
	value.val.boolean = content->down && content->down->nstatements > 0;
	push_pair(&state, "reversible", &value);
	value.val.boolean = true;
	if (content->up_original || content->down_original)
		push_pair(&state, "rewritten", &value);
	if (content->draft->original_name)
	{
		value.type = jbvString;
		value.val.string.val = (char *) content->draft->original_name;
		value.val.string.len = strlen(content->draft->original_name);
		push_pair(&state, "original_name", &value);
	}
	return JsonbValueToJsonb(pushJsonbValue(&state, WJB_END_OBJECT, NULL));
}

static void
append_event(const HmRegistered *registered, const HmContent *content,
			 Jsonb *source)
{
	StringInfoData details;
	HmEvent		event = {
		.kind = strcmp(registered->outcome, "revised") == 0 ?
		HM_EVENT_MIGRATION_REVISED : HM_EVENT_MIGRATION_REGISTERED,
		.migration = registered->migration,
		.author = hm_actor_current()->authenticated
	};

	if (strcmp(registered->outcome, "unchanged") == 0)
		return;
	hm_json_begin(&details);
	hm_json_int64(&details, "revision", registered->revision);
	hm_json_hex(&details, "checksum", registered->checksum, HM_HASH_LENGTH);
	hm_json_text(&details, "kind", content->draft->kind);
	hm_json_text(&details, "format", content->draft->format);
	hm_json_text(&details, "file", content->draft->up.file);
	hm_json_text(&details, "run_as", content->draft->run_as);
	hm_json_text(&details, "source", source ?
				 JsonbToCString(NULL, &source->root, VARSIZE(source)) : NULL);
	event.details = hm_json_end(&details);
	hm_event_append(&event);
}

HmRegistered *
hm_registry_register(const HmDraft *draft, const char *project, Jsonb *source)
{
	HmRegistered *registered = palloc0(sizeof(HmRegistered));
	HmContent  *content;
	HmBracket	bracket;

	hm_capability_require(HM_AUTHOR);
	content = hm_content_build(draft, project);
	hm_query_begin(&bracket);
	registered->outcome = store(content, source, &registered->revision);
	hm_query_end(&bracket);
	registered->migration = content->display;
	memcpy(registered->checksum, content->checksum, HM_HASH_LENGTH);
	registered->statements = content->up->nstatements;
	registered->down_problem = content->down_problem;
	registered->details = build_details(content);
	append_event(registered, content, source);
	return registered;
}
