/*
 * src/runner/temporary.c
 *	  Keeps temporary relations of the session and of migrations apart.
 */
#include "postgres.h"

#include "access/xact.h"
#include "base/depend.h"
#include "base/query.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_type.h"
#include "commands/tablecmds.h"
#include "runner/temporary.h"
#include "utils/lsyscache.h"
#include "utils/snapmgr.h"

static Oid
temporary_schema(void)
{
	Oid			schema;
	Oid			toast_schema;

	GetTempNamespaceState(&schema, &toast_schema);
	return schema;
}

/* The relations of the schema and their names. */
static void
find_relations(HmTemporary *temporary)
{
	static HmStatement find = {
		"SELECT oid, relname FROM pg_catalog.pg_class"
		" WHERE relnamespace = $1 ORDER BY oid",
		1, {OIDOID}
	};
	Datum		value = ObjectIdGetDatum(temporary->schema);
	MemoryContext context = CurrentMemoryContext;
	HmBracket	bracket;

	hm_query_begin(&bracket);
	hm_query_run(&find, &value, NULL, false);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		Oid			relation = hm_query_oid(row, 1);
		MemoryContext before = MemoryContextSwitchTo(context);

		temporary->relations = lappend_oid(temporary->relations, relation);
		temporary->names = lappend(temporary->names,
								   pstrdup(hm_query_text(row, 2)));
		MemoryContextSwitchTo(before);
	}
	hm_query_end(&bracket);
}

/* What the schema holds, functions and types too: of FormData_pg_depend *. */
static List *
find_objects(Oid schema)
{
	List	   *objects = NIL;
	ListCell   *cell;

	foreach(cell, hm_depend_on(NamespaceRelationId, schema, 0))
	{
		if (((Form_pg_depend) lfirst(cell))->deptype == DEPENDENCY_NORMAL)
			objects = lappend(objects, lfirst(cell));
	}
	return objects;
}

/* It may be gone: DISCARD TEMP spares nothing. */
static void
rename_relation(Oid relation, const char *name)
{
	char		kind = get_rel_relkind(relation);

	if (kind != '\0')
		RenameRelationInternal(relation, name, true,
							   kind == RELKIND_INDEX ||
							   kind == RELKIND_PARTITIONED_INDEX);
}

HmTemporary *
hm_temporary_hide(void)
{
	HmTemporary *temporary = palloc0(sizeof(HmTemporary));
	ListCell   *cell;

	temporary->schema = temporary_schema();
	if (!OidIsValid(temporary->schema))
		return temporary;
	find_relations(temporary);
	temporary->objects = find_objects(temporary->schema);
	PushActiveSnapshot(GetTransactionSnapshot());
	foreach(cell, temporary->relations)
		rename_relation(lfirst_oid(cell),
						psprintf("hipaa_migrate_hidden_%u", lfirst_oid(cell)));
	PopActiveSnapshot();
	CommandCounterIncrement();
	return temporary;
}

static bool
is_listed(List *objects, Form_pg_depend object)
{
	ListCell   *cell;

	foreach(cell, objects)
	{
		Form_pg_depend listed = lfirst(cell);

		if (listed->classid == object->classid &&
			listed->objid == object->objid)
			return true;
	}
	return false;
}

/* As the end of the session would, in silence. */
static void
drop_new_objects(const HmTemporary *temporary, Oid schema)
{
	ObjectAddresses *new = new_object_addresses();
	ListCell   *cell;

	foreach(cell, find_objects(schema))
	{
		Form_pg_depend row = lfirst(cell);
		ObjectAddress object = {row->classid, row->objid, 0};

		if (!is_listed(temporary->objects, row))
			add_exact_object_address(&object, new);
	}
	performMultipleDeletions(new, DROP_CASCADE,
							 PERFORM_DELETION_INTERNAL |
							 PERFORM_DELETION_QUIETLY |
							 PERFORM_DELETION_SKIP_EXTENSIONS);
	free_object_addresses(new);
	CommandCounterIncrement();
}

void
hm_temporary_show(const HmTemporary *temporary)
{
	Oid			schema = temporary_schema();
	ListCell   *relation;
	ListCell   *name;

	if (!OidIsValid(schema))
		return;
	PushActiveSnapshot(GetTransactionSnapshot());
	drop_new_objects(temporary, schema);
	forboth(relation, temporary->relations, name, temporary->names)
		rename_relation(lfirst_oid(relation), lfirst(name));
	PopActiveSnapshot();
	CommandCounterIncrement();
}
