/*
 * src/lint/apply_alter.c
 *	  What ALTER TABLE does to the world.
 */
#include "postgres.h"

#include "base/compat.h"
#include "catalog/pg_attribute.h"
#include "catalog/pg_class.h"
#include "commands/defrem.h"
#include "commands/tablespace.h"
#include "lint/column_type.h"
#include "lint/world_parts.h"

static void
drop_column(HmRelation *relation, const char *name)
{
	ListCell   *cell;

	foreach(cell, hm_relation_columns(relation))
	{
		if (strcmp(((HmColumn *) lfirst(cell))->name, name) == 0)
			relation->columns = foreach_delete_current(relation->columns, cell);
	}
	foreach(cell, hm_relation_constraints(relation))
	{
		if (hm_names_have(((HmConstraint *) lfirst(cell))->columns, name))
			relation->constraints =
				foreach_delete_current(relation->constraints, cell);
	}
	foreach(cell, hm_relation_indexes(relation))
	{
		if (hm_names_have(((HmIndex *) lfirst(cell))->columns, name))
			relation->indexes = foreach_delete_current(relation->indexes, cell);
	}
}

static void
drop_constraint(HmRelation *relation, const char *name)
{
	HmConstraint *constraint = hm_relation_constraint(relation, name);
	ListCell   *cell;

	if (constraint == NULL)
		return;
	relation->constraints = list_delete_ptr(relation->constraints, constraint);
	foreach(cell, constraint->index ? hm_relation_indexes(relation) : NIL)
	{
		HmIndex    *index = lfirst(cell);

		if (index->name && strcmp(index->name, constraint->index) == 0)
			relation->indexes = foreach_delete_current(relation->indexes, cell);
	}
}

/* SET NOT NULL validates what was declared NOT VALID. */
static void
drop_not_null_constraint(HmRelation *relation, const char *column)
{
	ListCell   *cell;

	foreach(cell, hm_relation_constraints(relation))
	{
		HmConstraint *constraint = lfirst(cell);

		if (constraint->kind == HM_CONSTRAINT_NOTNULL &&
			hm_names_have(constraint->columns, column))
			relation->constraints =
				foreach_delete_current(relation->constraints, cell);
	}
}

static void
alter_type(HmWorld *world, HmRelation *relation, AlterTableCmd *command)
{
	HmColumn   *column = hm_relation_column(relation, command->name);
	ColumnDef  *definition = castNode(ColumnDef, command->def);

	if (column == NULL)
		return;
	column->type_name = copyObject(definition->typeName);
	column->type = hm_column_type(world, definition->typeName,
								  &column->typmod);
	column->collation = world->catalogs ?
		hm_column_collation(definition, column->type) : InvalidOid;
}

static void
alter_default(HmRelation *relation, AlterTableCmd *command)
{
	HmColumn   *column = command->name ?
	hm_relation_column(relation, command->name) : NULL;

	if (column == NULL)
		return;
	column->has_default = command->def != NULL;
	column->default_tree = copyObject(command->def);
}

static void
validate_constraint(HmWorld *world, HmRelation *relation, const char *name)
{
	HmConstraint *constraint = hm_relation_constraint(relation, name);

	if (constraint == NULL)
		return;
	constraint->validated = true;
	constraint->validated_at = world->now;
}

static void
set_partition(HmWorld *world, AlterTableCmd *command, bool partition)
{
	RangeVar   *name = castNode(PartitionCmd, command->def)->name;

	if (name)
		hm_world_relation(world, name)->partition = partition;
}

static void
alter_identity(HmRelation *relation, AlterTableCmd *command)
{
	HmColumn   *column = hm_relation_column(relation, command->name);

	if (column == NULL)
		return;
	column->identity = command->subtype == AT_DropIdentity ? '\0' :
		ATTRIBUTE_IDENTITY_ALWAYS;
}

static void
alter_table(HmWorld *world, HmRelation *relation, AlterTableCmd *command)
{
	List	   *column = command->name ? list_make1(command->name) : NIL;

	switch (command->subtype)
	{
		case AT_AddColumn:
			if (!hm_relation_column(relation,
									castNode(ColumnDef, command->def)->colname))
				hm_apply_add_column(world, relation,
									castNode(ColumnDef, command->def));
			break;
		case AT_DropColumn:
			drop_column(relation, command->name);
			break;
		case AT_ColumnDefault:
			alter_default(relation, command);
			break;
		case AT_SetNotNull:
			drop_not_null_constraint(relation, command->name);
			hm_apply_set_not_null(relation, column, true);
			break;
		case AT_DropNotNull:
			drop_not_null_constraint(relation, command->name);
			hm_apply_set_not_null(relation, column, false);
			break;
		case AT_AlterColumnType:
			alter_type(world, relation, command);
			break;
		case AT_AddIdentity:
		case AT_DropIdentity:
			alter_identity(relation, command);
			break;
		case AT_AddConstraint:
			hm_apply_add_constraint(world, relation,
									castNode(Constraint, command->def), NULL);
			break;
		case AT_ValidateConstraint:
			validate_constraint(world, relation, command->name);
			break;
		case AT_DropConstraint:
			drop_constraint(relation, command->name);
			break;
		case AT_AttachPartition:
			set_partition(world, command, true);
			break;
		case AT_DetachPartition:
			set_partition(world, command, false);
			break;
		case AT_SetLogged:
			relation->persistence = RELPERSISTENCE_PERMANENT;
			break;
		case AT_SetUnLogged:
			relation->persistence = RELPERSISTENCE_UNLOGGED;
			break;
		case AT_SetAccessMethod:
			relation->method = command->name ?
				get_am_oid(command->name, true) : InvalidOid;
			break;
		case AT_SetTableSpace:
			relation->tablespace = get_tablespace_oid(command->name, true);
			break;
		case AT_EnableRowSecurity:
			relation->row_security = true;
			break;
		case AT_DisableRowSecurity:
			relation->row_security = false;
			break;
		case AT_ForceRowSecurity:
			relation->forced_row_security = true;
			break;
		case AT_NoForceRowSecurity:
			relation->forced_row_security = false;
			break;
		default:
			break;
	}
}

void
hm_apply_alter_table(HmWorld *world, AlterTableStmt *statement)
{
	HmRelation *relation = hm_world_relation(world, statement->relation);
	ListCell   *cell;

	if (statement->objtype == OBJECT_TYPE || relation->gone)
		return;
	hm_world_note_change(world, relation);
	foreach(cell, statement->cmds)
		alter_table(world, relation, lfirst_node(AlterTableCmd, cell));
}
