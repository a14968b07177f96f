/*
 * src/lint/world.c
 *	  What names mean where the plan has got to.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/compat.h"
#include "base/resolve.h"
#include "catalog/pg_class.h"
#include "catalog/pg_type.h"
#include "common/hashfn.h"
#include "lint/world.h"
#include "lint/world_parts.h"
#include "nodes/value.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/memutils.h"
#include "utils/syscache.h"
#include "utils/varlena.h"

/* A longer name is cut by the server, so that two entries never meet. */
typedef struct RelationKey
{
	char		schema[NAMEDATALEN];	/* empty: not told */
	char		name[NAMEDATALEN];
} RelationKey;

typedef struct RelationEntry
{
	RelationKey key;
	HmRelation *relation;
} RelationEntry;

/* Few schemas have the same names, and names are short. */
static uint32
hash_key(const void *key, Size size)
{
	return string_hash(((const RelationKey *) key)->name, NAMEDATALEN);
}

HmWorld *
hm_world_create(bool catalogs)
{
	HmWorld    *world = palloc0(sizeof(HmWorld));
	HASHCTL		control = {0};

	world->context = CurrentMemoryContext;
	world->catalogs = catalogs;
	control.keysize = sizeof(RelationKey);
	control.entrysize = sizeof(RelationEntry);
	control.hash = hash_key;
	control.hcxt = world->context;
	world->relations = hash_create("hipaa_migrate world", 64, &control,
								   HASH_ELEM | HASH_FUNCTION | HASH_CONTEXT);
	return world;
}

void
hm_world_begin_migration(HmWorld *world)
{
	world->now.migration++;
	world->now.statement = 0;
	list_free(world->changed);
	world->changed = NIL;
}

/* Locks go with the transaction that took them. */
void
hm_world_begin_transaction(HmWorld *world)
{
	ListCell   *cell;

	world->now.transaction++;
	foreach(cell, world->touched)
		((HmRelation *) lfirst(cell))->held = NoLock;
	list_free(world->touched);
	world->touched = NIL;
	foreach(cell, world->labels_added ? world->types : NIL)
		((HmType *) lfirst(cell))->added_labels = NIL;
	world->labels_added = false;
}

void
hm_world_begin_statement(HmWorld *world, int number)
{
	world->now.statement = number;
}

/* Schemas. */

bool
hm_world_schema_made(HmWorld *world, const char *name)
{
	return hm_names_have(world->schemas_made, name);
}

bool
hm_world_schema_exists(HmWorld *world, const char *name)
{
	if (hm_names_have(world->schemas_made, name))
		return true;
	if (!world->catalogs || hm_names_have(world->schemas_gone, name))
		return false;
	return OidIsValid(hm_resolve_schema(name));
}

/* The schemas of search_path that exist here, by name. */
static List *
path_of(HmWorld *world)
{
	List	   *names;
	List	   *path = NIL;
	ListCell   *cell;

	if (!SplitIdentifierString(pstrdup(namespace_search_path), ',', &names))
		return NIL;
	foreach(cell, names)
	{
		char	   *name = lfirst(cell);

		if (strcmp(name, "$user") == 0)
			name = GetUserNameFromId(GetUserId(), true);
		if (name != NULL && (strcmp(name, "pg_temp") == 0 ||
							 hm_world_schema_exists(world, name)))
			path = lappend(path, name);
	}
	return path;
}

/* With those that are looked into first when the path does not have them. */
static List *
whole_path_of(HmWorld *world)
{
	List	   *path = path_of(world);

	if (!hm_names_have(path, "pg_catalog"))
		path = lcons("pg_catalog", path);
	if (!hm_names_have(path, "pg_temp"))
		path = lcons("pg_temp", path);
	return path;
}

/* Where CREATE without a schema puts things, or NULL. */
char *
hm_world_creation_schema(HmWorld *world)
{
	List	   *path = world->catalogs ? path_of(world) : NIL;

	return path == NIL ? NULL : linitial(path);
}

/* Relations. */

static RelationEntry *
find_entry(HmWorld *world, const char *schema, const char *name,
		   HASHACTION action)
{
	RelationKey key = {0};
	bool		found;
	RelationEntry *entry;

	strlcpy(key.schema, schema ? schema : "", NAMEDATALEN);
	strlcpy(key.name, name, NAMEDATALEN);
	entry = hash_search(world->relations, &key, action, &found);
	if (entry && !found)
		entry->relation = NULL;
	return entry;
}

static HmRelation *
new_relation(HmWorld *world, const char *schema, const char *name)
{
	HmRelation *relation = MemoryContextAllocZero(world->context,
												  sizeof(HmRelation));

	relation->schema = schema ?
		MemoryContextStrdup(world->context, schema) : NULL;
	relation->name = MemoryContextStrdup(world->context, name);
	relation->display = MemoryContextStrdup(world->context,
											quote_qualified_identifier(schema, name));
	relation->rows = -1;
	relation->persistence = RELPERSISTENCE_PERMANENT;
	relation->world = world;
	return relation;
}

/* The relation that the catalogs have of that name, or NULL. */
static HmRelation *
load_from_catalogs(HmWorld *world, const char *schema, const char *name)
{
	Oid			namespace_id;
	Oid			relid;
	HmRelation *relation;

	if (!world->catalogs || hm_names_have(world->schemas_gone, schema))
		return NULL;
	namespace_id = hm_resolve_schema(schema);
	relid = OidIsValid(namespace_id) ?
		get_relname_relid(name, namespace_id) : InvalidOid;
	if (!OidIsValid(relid))
		return NULL;
	relation = new_relation(world, schema, name);
	return hm_relation_load(relation, relid) ? relation : NULL;
}

/* In that schema, or NULL; remembered, also that it is not there. */
static HmRelation *
find_in_schema(HmWorld *world, const char *schema, const char *name)
{
	RelationEntry *entry = find_entry(world, schema, name, HASH_FIND);
	HmRelation *relation;

	if (entry)
		return entry->relation->known && !entry->relation->gone ?
			entry->relation : NULL;
	relation = schema ? load_from_catalogs(world, schema, name) : NULL;
	if (relation)
		find_entry(world, schema, name, HASH_ENTER)->relation = relation;
	return relation;
}

/* What is known of a name that means nothing: the name. */
static HmRelation *
placeholder(HmWorld *world, const char *schema, const char *name)
{
	RelationEntry *entry = find_entry(world, schema, name, HASH_ENTER);

	if (entry->relation == NULL)
		entry->relation = new_relation(world, schema, name);
	return entry->relation;
}

static HmRelation *
find_on_path(HmWorld *world, const char *name)
{
	ListCell   *cell;

	/* What was made without our knowing the schema. */
	if (!world->catalogs)
		return find_in_schema(world, NULL, name);
	foreach(cell, whole_path_of(world))
	{
		HmRelation *relation = find_in_schema(world, lfirst(cell), name);

		if (relation)
			return relation;
	}
	return NULL;
}

HmRelation *
hm_world_relation(HmWorld *world, const RangeVar *name)
{
	HmRelation *relation;

	if (name->schemaname)
		relation = find_in_schema(world, name->schemaname, name->relname);
	else
		relation = find_on_path(world, name->relname);
	return relation ? relation :
		placeholder(world, name->schemaname, name->relname);
}

HmRelation *
hm_world_creation(HmWorld *world, const RangeVar *name)
{
	const char *schema = name->schemaname;
	HmRelation *relation;

	if (name->relpersistence == RELPERSISTENCE_TEMP)
		schema = "pg_temp";
	else if (schema == NULL)
		schema = hm_world_creation_schema(world);
	relation = find_in_schema(world, schema, name->relname);
	return relation ? relation : placeholder(world, schema, name->relname);
}

HmRelation *
hm_world_relation_named(HmWorld *world, List *names)
{
	HmQualified parts = hm_resolve_parts(names);
	RangeVar	name = {.type = T_RangeVar};

	name.schemaname = parts.schema;
	name.relname = parts.name ? parts.name : "";
	name.relpersistence = RELPERSISTENCE_PERMANENT;
	return hm_world_relation(world, &name);
}

/* A relation of the catalogs under the name that the plan gave it, or NULL. */
static HmRelation *
find_renamed(HmWorld *world, Oid relid)
{
	HASH_SEQ_STATUS scan;
	RelationEntry *entry;
	HmRelation *found = NULL;

	hash_seq_init(&scan, world->relations);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		if (entry->relation->oid == relid)
			found = entry->relation;
	}
	return found;
}

HmRelation *
hm_world_relation_of(HmWorld *world, Oid relid)
{
	char	   *name = get_rel_name(relid);
	char	   *schema = name ?
	get_namespace_name(get_rel_namespace(relid)) : NULL;
	RelationEntry *entry;

	if (schema == NULL)
		return NULL;
	entry = find_entry(world, schema, name, HASH_FIND);
	if (entry && entry->relation->oid == relid)
		return entry->relation;
	if (entry == NULL)
		return find_in_schema(world, schema, name);

	/* The plan gave it another name, or gave its name to another. */
	return find_renamed(world, relid);
}

List *
hm_world_relations(HmWorld *world)
{
	HASH_SEQ_STATUS scan;
	RelationEntry *entry;
	List	   *relations = NIL;

	hash_seq_init(&scan, world->relations);
	while ((entry = hash_seq_search(&scan)) != NULL)
		relations = lappend(relations, entry->relation);
	return relations;
}

void
hm_world_move(HmWorld *world, HmRelation *relation, const char *schema,
			  const char *name)
{
	RelationEntry *entry;
	HmRelation *left;

	/* What stays behind under the old name is gone. */
	left = new_relation(world, relation->schema, relation->name);
	left->known = true;
	left->gone = true;
	find_entry(world, relation->schema, relation->name,
			   HASH_ENTER)->relation = left;

	relation->schema = schema ?
		MemoryContextStrdup(world->context, schema) : NULL;
	relation->name = MemoryContextStrdup(world->context, name);
	relation->display = MemoryContextStrdup(world->context,
											quote_qualified_identifier(schema, name));
	entry = find_entry(world, schema, name, HASH_ENTER);
	entry->relation = relation;
}

void
hm_world_note_change(HmWorld *world, HmRelation *relation)
{
	MemoryContext before;

	if (relation->changed == world->now.migration)
		return;
	relation->changed = world->now.migration;
	before = MemoryContextSwitchTo(world->context);
	world->changed = lappend(world->changed, relation);
	MemoryContextSwitchTo(before);
}

HmRelation *
hm_world_make(HmWorld *world, HmRelation *place, char kind, char persistence)
{
	HmRelation *relation = new_relation(world, place->schema, place->name);

	relation->known = true;
	relation->kind = kind;
	relation->persistence = persistence;
	relation->temporary = persistence == RELPERSISTENCE_TEMP;
	relation->made = world->now;
	relation->rows = 0;
	relation->columns_loaded = relation->constraints_loaded = true;
	relation->indexes_loaded = relation->size_loaded = true;
	hm_world_note_change(world, relation);
	find_entry(world, place->schema, place->name,
			   HASH_ENTER)->relation = relation;
	return relation;
}

void
hm_world_drop_schema(HmWorld *world, const char *schema)
{
	HASH_SEQ_STATUS scan;
	RelationEntry *entry;
	MemoryContext before = MemoryContextSwitchTo(world->context);

	world->schemas_gone = lappend(world->schemas_gone, pstrdup(schema));
	world->schemas_made = hm_world_without(world->schemas_made, schema);
	MemoryContextSwitchTo(before);
	hash_seq_init(&scan, world->relations);
	while ((entry = hash_seq_search(&scan)) != NULL)
	{
		if (strcmp(entry->key.schema, schema) == 0)
			entry->relation->gone = true;
	}
}

List *
hm_world_without(List *names, const char *name)
{
	ListCell   *cell;

	foreach(cell, names)
	{
		if (strcmp(lfirst(cell), name) == 0)
			names = foreach_delete_current(names, cell);
	}
	return names;
}

/* Indexes. */

HmIndex *
hm_world_index(HmWorld *world, const RangeVar *name)
{
	HmRelation *entry = hm_world_relation(world, name);

	if (entry->gone)
		return NULL;
	if (entry->index)
		return entry->index;
	if (OidIsValid(entry->oid) && (entry->kind == RELKIND_INDEX ||
								   entry->kind == RELKIND_PARTITIONED_INDEX))
		entry->index = hm_relation_load_index(world, entry);
	return entry->index;
}

/* Types. */

static HmType *
find_type(HmWorld *world, const char *schema, const char *name)
{
	ListCell   *cell;

	foreach(cell, world->types)
	{
		HmType	   *type = lfirst(cell);

		if (strcmp(type->name, name) == 0 &&
			(schema == NULL || type->schema == NULL ||
			 strcmp(type->schema, schema) == 0))
			return type;
	}
	return NULL;
}

/* A type of the catalogs; kept, so that the plan can change it. */
static HmType *
load_type(HmWorld *world, Oid oid)
{
	HeapTuple	tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(oid));
	MemoryContext before;
	Form_pg_type form;
	HmType	   *type;

	if (!HeapTupleIsValid(tuple))
		return NULL;
	form = (Form_pg_type) GETSTRUCT(tuple);
	before = MemoryContextSwitchTo(world->context);
	type = palloc0(sizeof(HmType));
	type->schema = get_namespace_name(form->typnamespace);
	type->name = pstrdup(NameStr(form->typname));
	type->kind = form->typtype;
	type->oid = oid;
	type->constrained = form->typtype == TYPTYPE_DOMAIN &&
		hm_domain_is_constrained(oid);
	MemoryContextSwitchTo(before);
	ReleaseSysCache(tuple);
	return type;
}

static HmType *
type_of_catalogs(HmWorld *world, Oid oid)
{
	ListCell   *cell;
	HmType	   *type;
	MemoryContext before;

	foreach(cell, world->types)
	{
		type = lfirst(cell);
		if (type->oid == oid)
			return type;
	}
	type = load_type(world, oid);
	if (type == NULL)
		return NULL;
	before = MemoryContextSwitchTo(world->context);
	world->types = lappend(world->types, type);
	MemoryContextSwitchTo(before);
	return type;
}

HmType *
hm_world_type(HmWorld *world, const TypeName *name)
{
	HmQualified parts = hm_resolve_parts(name->names);
	HmType	   *type;
	Oid			oid;

	if (parts.name == NULL)
		return NULL;
	type = find_type(world, parts.schema, parts.name);
	if (type && (hm_made(type->made) || type->gone))
		return type->gone ? NULL : type;
	if (!world->catalogs)
		return type;
	oid = hm_resolve_type(name);
	if (!OidIsValid(oid))
		return NULL;
	if (name->arrayBounds != NIL)
		oid = get_element_type(oid);
	type = type_of_catalogs(world, oid);
	return type && !type->gone ? type : NULL;
}

/* Routines. */

HmRoutine *
hm_world_routine(HmWorld *world, List *names)
{
	HmQualified parts = hm_resolve_parts(names);
	ListCell   *cell;

	if (parts.name == NULL)
		return NULL;
	foreach(cell, world->routines)
	{
		HmRoutine  *routine = lfirst(cell);

		if (!routine->gone && strcmp(routine->name, parts.name) == 0 &&
			(parts.schema == NULL || routine->schema == NULL ||
			 strcmp(routine->schema, parts.schema) == 0))
			return routine;
	}
	return NULL;
}
