/*
 * src/lint/apply_rename.c
 *	  What RENAME and SET SCHEMA do to the world.
 */
#include "postgres.h"

#include "lint/world_parts.h"

static void
rename_in_list(List *names, const char *before, const char *after)
{
	ListCell   *cell;

	foreach(cell, names)
	{
		if (lfirst(cell) && strcmp(lfirst(cell), before) == 0)
			lfirst(cell) = pstrdup(after);
	}
}

static void
rename_column(HmRelation *relation, const char *before, const char *after)
{
	HmColumn   *column = hm_relation_column(relation, before);
	ListCell   *cell;

	if (column == NULL)
		return;
	foreach(cell, hm_relation_constraints(relation))
		rename_in_list(((HmConstraint *) lfirst(cell))->columns, before,
					   after);
	foreach(cell, hm_relation_indexes(relation))
		rename_in_list(((HmIndex *) lfirst(cell))->columns, before, after);
	column->name = pstrdup(after);
}

static void
rename_constraint(HmRelation *relation, const char *before, const char *after)
{
	HmConstraint *constraint = hm_relation_constraint(relation, before);

	if (constraint)
		constraint->name = pstrdup(after);
}

static void
rename_schema(HmWorld *world, const char *before, const char *after)
{
	hm_world_drop_schema(world, before);
	world->schemas_made = lappend(world->schemas_made, pstrdup(after));
}

static void
rename_type(HmWorld *world, List *names, const char *after)
{
	TypeName	name = {.type = T_TypeName};
	HmType	   *type;

	name.names = names;
	name.typemod = -1;
	type = hm_world_type(world, &name);
	if (type == NULL)
		return;
	type->name = pstrdup(after);
	if (!hm_made(type->made))
		type->made = world->now;
}

static void
rename_routine(HmWorld *world, ObjectWithArgs *name, const char *after)
{
	HmRoutine  *routine = hm_world_routine(world, name->objname);

	if (routine)
		routine->name = pstrdup(after);
}

void
hm_apply_rename(HmWorld *world, Node *node)
{
	RenameStmt *statement = castNode(RenameStmt, node);
	HmRelation *relation = statement->relation ?
	hm_world_relation(world, statement->relation) : NULL;

	if (relation && (!relation->known || relation->gone))
		return;
	switch (statement->renameType)
	{
		case OBJECT_TABLE:
		case OBJECT_FOREIGN_TABLE:
		case OBJECT_VIEW:
		case OBJECT_MATVIEW:
		case OBJECT_SEQUENCE:
		case OBJECT_INDEX:
			if (hm_world_index(world, statement->relation))
				hm_world_index(world, statement->relation)->name =
					pstrdup(statement->newname);
			hm_world_move(world, relation, relation->schema,
						  statement->newname);
			break;
		case OBJECT_COLUMN:
			rename_column(relation, statement->subname, statement->newname);
			break;
		case OBJECT_TABCONSTRAINT:
			rename_constraint(relation, statement->subname,
							  statement->newname);
			break;
		case OBJECT_SCHEMA:
			rename_schema(world, statement->subname, statement->newname);
			break;
		case OBJECT_TYPE:
		case OBJECT_DOMAIN:
			rename_type(world, castNode(List, statement->object),
						statement->newname);
			break;
		case OBJECT_FUNCTION:
		case OBJECT_PROCEDURE:
		case OBJECT_ROUTINE:
			rename_routine(world, castNode(ObjectWithArgs, statement->object),
						   statement->newname);
			break;
		default:
			break;
	}
}

void
hm_apply_set_schema(HmWorld *world, Node *node)
{
	AlterObjectSchemaStmt *statement = castNode(AlterObjectSchemaStmt, node);
	HmRelation *relation = statement->relation ?
	hm_world_relation(world, statement->relation) : NULL;

	if (relation && relation->known && !relation->gone)
		hm_world_move(world, relation, statement->newschema, relation->name);
}
