/*
 * src/lint/drop_target.c
 *	  What a DROP names, where the plan has got to.
 */
#include "postgres.h"

#include "base/named.h"
#include "base/resolve.h"
#include "catalog/pg_class.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_foreign_data_wrapper.h"
#include "catalog/pg_foreign_server.h"
#include "catalog/pg_language.h"
#include "catalog/pg_namespace.h"
#include "catalog/pg_operator.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "lint/dependents.h"
#include "lint/drop_target.h"
#include "lint/tree.h"
#include "nodes/value.h"
#include "utils/builtins.h"

/* Kinds of objects that we follow, and what a person calls them. */
static const struct
{
	ObjectType	type;
	const char *name;
	Oid			class;
}			kinds[] =

{
	{OBJECT_AGGREGATE, "aggregate", ProcedureRelationId},
	{OBJECT_COLLATION, "collation", CollationRelationId},
	{OBJECT_DOMAIN, "domain", TypeRelationId},
	{OBJECT_EXTENSION, "extension", ExtensionRelationId},
	{OBJECT_FDW, "foreign-data wrapper", ForeignDataWrapperRelationId},
	{OBJECT_FOREIGN_SERVER, "server", ForeignServerRelationId},
	{OBJECT_FOREIGN_TABLE, "foreign table", RelationRelationId},
	{OBJECT_FUNCTION, "function", ProcedureRelationId},
	{OBJECT_INDEX, "index", RelationRelationId},
	{OBJECT_LANGUAGE, "language", LanguageRelationId},
	{OBJECT_MATVIEW, "materialized view", RelationRelationId},
	{OBJECT_OPERATOR, "operator", OperatorRelationId},
	{OBJECT_PROCEDURE, "procedure", ProcedureRelationId},
	{OBJECT_ROUTINE, "routine", ProcedureRelationId},
	{OBJECT_SCHEMA, "schema", NamespaceRelationId},
	{OBJECT_SEQUENCE, "sequence", RelationRelationId},
	{OBJECT_TABLE, "table", RelationRelationId},
	{OBJECT_TYPE, "type", TypeRelationId},
	{OBJECT_VIEW, "view", RelationRelationId},
};

static void
find_relation(HmWorld *world, HmDropTarget *target, List *names)
{
	HmRelation *relation = hm_world_relation_named(world, names);

	target->relation = relation;
	target->name = relation->display;
	target->absent = relation->gone || (world->catalogs && !relation->known);
	target->made = hm_made(relation->made) || relation->temporary;
	target->object = relation->oid;
}

static void
find_type(HmWorld *world, HmDropTarget *target, TypeName *name)
{
	HmType	   *type = hm_world_type(world, name);

	target->name = hm_tree_dotted(name->names);
	target->absent = type == NULL && world->catalogs;
	target->made = type && hm_made(type->made);
	target->object = type ? type->oid : InvalidOid;
}

static void
find_routine(HmWorld *world, HmDropTarget *target, ObjectType kind,
			 ObjectWithArgs *name)
{
	HmRoutine  *routine = hm_world_routine(world, name->objname);
	Oid			schema;

	target->name = hm_tree_dotted(name->objname);
	target->made = routine != NULL;
	if (!world->catalogs || routine)
		return;
	target->object = hm_resolve_function(kind, name, &schema);
	target->absent = !OidIsValid(target->object);
}

static void
find_schema(HmWorld *world, HmDropTarget *target, const char *name)
{
	target->name = pstrdup(quote_identifier(name));
	target->made = hm_world_schema_made(world, name);
	target->absent = world->catalogs && !hm_world_schema_exists(world, name);
	if (world->catalogs && !target->made && !target->absent)
		target->object = hm_resolve_schema(name);
}

static void
find_other(HmWorld *world, HmDropTarget *target, ObjectType kind, Node *name)
{
	HmNamed    *named;

	if (IsA(name, String))
		target->name = pstrdup(quote_identifier(strVal(name)));
	else if (IsA(name, ObjectWithArgs))
		target->name = hm_tree_dotted(((ObjectWithArgs *) name)->objname);
	else if (IsA(name, List))
		target->name = hm_tree_dotted((List *) name);
	if (!world->catalogs)
		return;
	named = hm_named_object(kind, name);
	target->object = named ? named->object : InvalidOid;
	target->absent = !OidIsValid(target->object);
}

static void
find(HmWorld *world, HmDropTarget *target, ObjectType kind, Node *name)
{
	if (target->class == RelationRelationId)
		find_relation(world, target, castNode(List, name));
	else if (target->class == TypeRelationId)
		find_type(world, target, castNode(TypeName, name));
	else if (target->class == ProcedureRelationId)
		find_routine(world, target, kind, castNode(ObjectWithArgs, name));
	else if (kind == OBJECT_SCHEMA)
		find_schema(world, target, strVal(name));
	else
		find_other(world, target, kind, name);
}

List *
hm_drop_targets(HmWorld *world, const DropStmt *statement)
{
	List	   *targets = NIL;
	ListCell   *cell;
	int			i = 0;

	while (i < lengthof(kinds) && kinds[i].type != statement->removeType)
		i++;
	if (i == lengthof(kinds))
		return NIL;
	foreach(cell, statement->objects)
	{
		HmDropTarget *target = palloc0(sizeof(HmDropTarget));

		target->kind = kinds[i].name;
		target->class = kinds[i].class;
		find(world, target, statement->removeType, lfirst(cell));
		targets = lappend(targets, target);
	}
	return targets;
}

/* What the statement names itself is not taken along. */
static bool
is_named(List *targets, const HmDependent *dependent)
{
	ListCell   *cell;

	foreach(cell, targets)
	{
		const HmDropTarget *target = lfirst(cell);

		if (dependent->relation ? dependent->relation == target->relation :
			OidIsValid(dependent->object) && dependent->part == 0 &&
			dependent->class == target->class &&
			dependent->object == target->object)
			return true;
	}
	return false;
}

static List *
dependents_of(HmWorld *world, const HmDropTarget *target)
{
	if (target->relation)
		return hm_dependents_cascade(target->relation, NULL);
	if (OidIsValid(target->object))
		return hm_dependents_cascade_of_object(world, target->class,
											   target->object);
	return NIL;
}

static bool
is_among(List *names, const HmDependent *dependent)
{
	ListCell   *cell;

	foreach(cell, names)
	{
		const HmDependent *other = lfirst(cell);

		if (strcmp(other->name, dependent->name) == 0 &&
			strcmp(other->kind, dependent->kind) == 0)
			return true;
	}
	return false;
}

char *
hm_drop_takes(HmWorld *world, List *targets, const HmDropTarget *only)
{
	List	   *taken = NIL;
	ListCell   *cell;
	ListCell   *other;

	foreach(cell, targets)
	{
		const HmDropTarget *target = lfirst(cell);

		if (only && target != only)
			continue;
		foreach(other, hm_dependents_foreign(dependents_of(world, target)))
		{
			HmDependent *dependent = lfirst(other);

			if (!is_named(targets, dependent) && !is_among(taken, dependent))
				taken = lappend(taken, dependent);
		}
	}
	return hm_dependents_list(taken);
}
