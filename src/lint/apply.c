/*
 * src/lint/apply.c
 *	  What a statement does to the world, if it succeeds.
 *
 * A statement that would fail, or that has nothing to do, changes nothing
 * here.  Of what we do not follow, nothing is known afterwards that was not
 * known before.
 */
#include "postgres.h"

#include "base/named.h"
#include "base/names.h"
#include "base/resolve.h"
#include "catalog/pg_class.h"
#include "catalog/pg_proc.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "lint/world_parts.h"
#include "nodes/value.h"

/* Schemas. */

static void
apply_create_schema(HmWorld *world, Node *node)
{
	CreateSchemaStmt *statement = castNode(CreateSchemaStmt, node);
	ListCell   *cell;

	if (statement->schemaname == NULL ||
		hm_world_schema_exists(world, statement->schemaname))
		return;
	world->schemas_made = lappend(world->schemas_made,
								  pstrdup(statement->schemaname));
	world->schemas_gone = hm_world_without(world->schemas_gone,
										   statement->schemaname);
	foreach(cell, statement->schemaElts)
		hm_world_apply(world, hm_world_element(statement, lfirst(cell)));
}

/* Relations. */

static void
apply_create_table(HmWorld *world, Node *node)
{
	hm_apply_create_table(world, (CreateStmt *) node);
}

static void
apply_create_as(HmWorld *world, Node *node)
{
	CreateTableAsStmt *statement = castNode(CreateTableAsStmt, node);

	hm_apply_create_as(world, statement->into, statement->query,
					   statement->objtype == OBJECT_MATVIEW ?
					   RELKIND_MATVIEW : RELKIND_RELATION);
}

static void
apply_select(HmWorld *world, Node *node)
{
	IntoClause *into = hm_named_into(castNode(SelectStmt, node));

	if (into)
		hm_apply_create_as(world, into, node, RELKIND_RELATION);
}

static void
apply_view(HmWorld *world, Node *node)
{
	ViewStmt   *statement = castNode(ViewStmt, node);
	HmRelation *place = hm_world_creation(world, statement->view);
	bool		exists = place->known && !place->gone;

	if (exists && !statement->replace)
		return;
	if (!exists)
		place = hm_world_make(world, place, RELKIND_VIEW,
							  statement->view->relpersistence);
	place->query = copyObject(statement->query);
	place->query_read = false;
	place->query_tables = NIL;
}

static void
apply_create_sequence(HmWorld *world, Node *node)
{
	CreateSeqStmt *statement = castNode(CreateSeqStmt, node);
	HmRelation *place = hm_world_creation(world, statement->sequence);

	if (!place->known || place->gone)
		hm_world_make(world, place, RELKIND_SEQUENCE,
					  statement->sequence->relpersistence);
}

static void
apply_create_index(HmWorld *world, Node *node)
{
	hm_apply_create_index(world, castNode(IndexStmt, node));
}

static void
apply_alter_table(HmWorld *world, Node *node)
{
	hm_apply_alter_table(world, castNode(AlterTableStmt, node));
}

static void
apply_truncate(HmWorld *world, Node *node)
{
	ListCell   *cell;

	foreach(cell, castNode(TruncateStmt, node)->relations)
		hm_world_relation(world, lfirst_node(RangeVar, cell))->emptied =
		world->now;
}

/* Types. */

static HmType *
make_type(HmWorld *world, List *names, char kind)
{
	HmQualified parts = hm_resolve_parts(names);
	HmType	   *type;

	if (parts.name == NULL)
		return NULL;
	type = palloc0(sizeof(HmType));
	type->name = pstrdup(parts.name);
	type->schema = parts.schema ? pstrdup(parts.schema) :
		hm_world_creation_schema(world);
	type->kind = kind;
	type->made = world->now;
	world->types = lcons(type, world->types);
	return type;
}

static void
apply_create_enum(HmWorld *world, Node *node)
{
	CreateEnumStmt *statement = castNode(CreateEnumStmt, node);
	HmType	   *type = make_type(world, statement->typeName, TYPTYPE_ENUM);

	if (type)
		type->labels = hm_names_of(statement->vals);
}

static void
apply_create_range(HmWorld *world, Node *node)
{
	make_type(world, castNode(CreateRangeStmt, node)->typeName, TYPTYPE_RANGE);
}

static void
apply_composite(HmWorld *world, Node *node)
{
	RangeVar   *name = castNode(CompositeTypeStmt, node)->typevar;

	make_type(world, name->schemaname ?
			  list_make2(makeString(name->schemaname),
						 makeString(name->relname)) :
			  list_make1(makeString(name->relname)), TYPTYPE_COMPOSITE);
}

static bool
has_constraint(List *constraints)
{
	ListCell   *cell;

	foreach(cell, constraints)
	{
		ConstrType	kind = lfirst_node(Constraint, cell)->contype;

		if (kind == CONSTR_CHECK || kind == CONSTR_NOTNULL)
			return true;
	}
	return false;
}

static void
apply_create_domain(HmWorld *world, Node *node)
{
	CreateDomainStmt *statement = castNode(CreateDomainStmt, node);
	HmType	   *base = hm_world_type(world, statement->typeName);
	HmType	   *type = make_type(world, statement->domainname,
								 TYPTYPE_DOMAIN);

	if (type == NULL)
		return;
	type->base = copyObject(statement->typeName);
	type->constrained = has_constraint(statement->constraints) ||
		(base && base->constrained);
}

static void
apply_alter_domain(HmWorld *world, Node *node)
{
	AlterDomainStmt *statement = castNode(AlterDomainStmt, node);
	TypeName	name = {.type = T_TypeName};
	HmType	   *type;

	name.names = statement->typeName;
	name.typemod = -1;
	type = hm_world_type(world, &name);
	if (type && (statement->subtype == 'C' || statement->subtype == 'O'))
		type->constrained = true;
}

static void
apply_alter_enum(HmWorld *world, Node *node)
{
	AlterEnumStmt *statement = castNode(AlterEnumStmt, node);
	TypeName	name = {.type = T_TypeName};
	HmType	   *type;

	name.names = statement->typeName;
	name.typemod = -1;
	type = hm_world_type(world, &name);
	if (type == NULL || statement->oldVal != NULL)
		return;
	type->labels = lappend(type->labels, pstrdup(statement->newVal));
	world->labels_added = true;
	type->added_labels = lappend(type->added_labels,
								 pstrdup(statement->newVal));
}

/* Routines. */

static char
volatility_of(const CreateFunctionStmt *statement)
{
	ListCell   *cell;

	foreach(cell, statement->options)
	{
		DefElem    *option = lfirst_node(DefElem, cell);

		if (strcmp(option->defname, "volatility") != 0)
			continue;
		if (strcmp(strVal(option->arg), "immutable") == 0)
			return PROVOLATILE_IMMUTABLE;
		if (strcmp(strVal(option->arg), "stable") == 0)
			return PROVOLATILE_STABLE;
	}
	return PROVOLATILE_VOLATILE;
}

static void
apply_create_function(HmWorld *world, Node *node)
{
	CreateFunctionStmt *statement = castNode(CreateFunctionStmt, node);
	HmQualified parts = hm_resolve_parts(statement->funcname);
	HmRoutine  *routine;

	if (parts.name == NULL)
		return;
	routine = palloc0(sizeof(HmRoutine));
	routine->name = pstrdup(parts.name);
	routine->schema = parts.schema ? pstrdup(parts.schema) :
		hm_world_creation_schema(world);
	routine->raw = copyObject(statement);
	routine->provolatile = volatility_of(statement);
	routine->made = world->now;
	world->routines = lcons(routine, world->routines);
}

/* DROP. */

static void
drop_index(HmWorld *world, HmRelation *relation)
{
	HmIndex    *index = relation->index;

	if (index == NULL && OidIsValid(relation->oid))
		index = hm_relation_load_index(world, relation);
	if (index)
		index->table->indexes =
			list_delete_ptr(hm_relation_indexes(index->table), index);
}

static void
drop_relation(HmWorld *world, List *names)
{
	HmRelation *relation = hm_world_relation_named(world, names);

	if (relation->kind == RELKIND_INDEX ||
		relation->kind == RELKIND_PARTITIONED_INDEX)
		drop_index(world, relation);
	relation->gone = true;
}

static void
drop_type(HmWorld *world, TypeName *name)
{
	HmType	   *type = hm_world_type(world, name);

	if (type)
		type->gone = true;
}

static void
drop_routine(HmWorld *world, ObjectWithArgs *name)
{
	HmRoutine  *routine = hm_world_routine(world, name->objname);

	HmQualified parts = hm_resolve_parts(name->objname);

	if (routine)
		routine->gone = true;
	else if (parts.name)
		world->routines_gone = lappend(world->routines_gone,
									   pstrdup(parts.name));
}

/* The name of its table, and its own. */
static void
drop_part(HmWorld *world, List *names)
{
	HmRelation *relation =
	hm_world_relation_named(world, list_truncate(list_copy(names),
												 list_length(names) - 1));

	relation->parts_gone = lappend(relation->parts_gone,
								   pstrdup(strVal(llast(names))));
}

static void
drop_object(HmWorld *world, ObjectType kind, Node *object)
{
	switch (kind)
	{
		case OBJECT_TABLE:
		case OBJECT_FOREIGN_TABLE:
		case OBJECT_VIEW:
		case OBJECT_MATVIEW:
		case OBJECT_SEQUENCE:
		case OBJECT_INDEX:
			drop_relation(world, castNode(List, object));
			break;
		case OBJECT_TRIGGER:
		case OBJECT_POLICY:
			drop_part(world, castNode(List, object));
			break;
		case OBJECT_SCHEMA:
			hm_world_drop_schema(world, strVal(object));
			break;
		case OBJECT_TYPE:
		case OBJECT_DOMAIN:
			drop_type(world, castNode(TypeName, object));
			break;
		case OBJECT_FUNCTION:
		case OBJECT_PROCEDURE:
		case OBJECT_ROUTINE:
			drop_routine(world, castNode(ObjectWithArgs, object));
			break;
		default:
			break;
	}
}

static void
apply_drop(HmWorld *world, Node *node)
{
	DropStmt   *statement = castNode(DropStmt, node);
	ListCell   *cell;

	foreach(cell, statement->objects)
		drop_object(world, statement->removeType, lfirst(cell));
}

/* REINDEX makes indexes valid; CONCURRENTLY of a table leaves those out. */

static void
apply_reindex(HmWorld *world, Node *node)
{
	ReindexStmt *statement = castNode(ReindexStmt, node);
	HmIndex    *index;
	ListCell   *cell;

	if (statement->kind == REINDEX_OBJECT_INDEX)
	{
		index = hm_world_index(world, statement->relation);
		if (index)
			index->valid = true;
	}
	else if (statement->kind == REINDEX_OBJECT_TABLE &&
			 statement->params == NIL)
	{
		foreach(cell, hm_relation_indexes(hm_world_relation(world,
															statement->relation)))
			((HmIndex *) lfirst(cell))->valid = true;
	}
}

/* By the kind of statement. */

static const struct
{
	NodeTag		tag;
	void		(*apply) (HmWorld *world, Node *node);
}			effects[] =

{
	{T_AlterDomainStmt, apply_alter_domain},
	{T_AlterEnumStmt, apply_alter_enum},
	{T_AlterObjectSchemaStmt, hm_apply_set_schema},
	{T_AlterTableStmt, apply_alter_table},
	{T_CompositeTypeStmt, apply_composite},
	{T_CreateDomainStmt, apply_create_domain},
	{T_CreateEnumStmt, apply_create_enum},
	{T_CreateForeignTableStmt, apply_create_table},
	{T_CreateFunctionStmt, apply_create_function},
	{T_CreateRangeStmt, apply_create_range},
	{T_CreateSchemaStmt, apply_create_schema},
	{T_CreateSeqStmt, apply_create_sequence},
	{T_CreateStmt, apply_create_table},
	{T_CreateTableAsStmt, apply_create_as},
	{T_DropStmt, apply_drop},
	{T_IndexStmt, apply_create_index},
	{T_ReindexStmt, apply_reindex},
	{T_RenameStmt, hm_apply_rename},
	{T_SelectStmt, apply_select},
	{T_TruncateStmt, apply_truncate},
	{T_ViewStmt, apply_view},
};

void
hm_world_apply(HmWorld *world, Node *statement)
{
	MemoryContext before = MemoryContextSwitchTo(world->context);

	for (int i = 0; i < lengthof(effects); i++)
	{
		if (effects[i].tag == nodeTag(statement))
			effects[i].apply(world, statement);
	}
	MemoryContextSwitchTo(before);
}

/* An element without a schema is in the one that is being created. */
Node *
hm_world_element(const CreateSchemaStmt *schema, Node *element)
{
	RangeVar   *name = NULL;

	element = copyObject(element);
	switch (nodeTag(element))
	{
		case T_CreateStmt:
			name = ((CreateStmt *) element)->relation;
			break;
		case T_ViewStmt:
			name = ((ViewStmt *) element)->view;
			break;
		case T_IndexStmt:
			name = ((IndexStmt *) element)->relation;
			break;
		case T_CreateSeqStmt:
			name = ((CreateSeqStmt *) element)->sequence;
			break;
		case T_CreateTrigStmt:
			name = ((CreateTrigStmt *) element)->relation;
			break;
		default:
			break;
	}
	if (name && name->schemaname == NULL)
		name->schemaname = schema->schemaname;
	return element;
}
