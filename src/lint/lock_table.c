/*
 * src/lint/lock_table.c
 *	  Locks of CREATE TABLE and ALTER TABLE.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "base/compat.h"
#include "catalog/dependency.h"
#include "catalog/partition.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_type.h"
#include "commands/tablecmds.h"
#include "lint/lock_parts.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* Foreign keys. */

static void
lock_key(HmLockList *list, const RangeVar *target)
{
	HmRelation *relation = hm_world_relation(list->world, target);

	hm_lock_add(list, relation, ShareRowExclusiveLock, HM_LOCK_KEY);
	hm_lock_add_children(list, relation, ShareRowExclusiveLock);
}

static bool
is_key(const Node *node)
{
	return IsA(node, Constraint) &&
		((const Constraint *) node)->contype == CONSTR_FOREIGN;
}

static void
lock_keys(HmLockList *list, List *constraints)
{
	ListCell   *cell;

	foreach(cell, constraints)
	{
		if (is_key(lfirst(cell)))
			lock_key(list, ((Constraint *) lfirst(cell))->pktable);
	}
}

static HmRelation *
target_of(HmWorld *world, const HmConstraint *constraint)
{
	HeapTuple	tuple;
	HmRelation *target;

	if (constraint->raw && is_key(constraint->raw))
		return hm_world_relation(world,
								 ((Constraint *) constraint->raw)->pktable);
	tuple = SearchSysCache1(CONSTROID, ObjectIdGetDatum(constraint->oid));
	if (!HeapTupleIsValid(tuple))
		return NULL;
	target = hm_world_relation_of(world, ((Form_pg_constraint)
										  GETSTRUCT(tuple))->confrelid);
	ReleaseSysCache(tuple);
	return target;
}

static void
lock_target(HmLockList *list, const HmConstraint *constraint, LOCKMODE mode)
{
	HmRelation *target = target_of(list->world, constraint);

	if (target == NULL)
		return;
	hm_lock_add(list, target, mode, HM_LOCK_KEY);
	hm_lock_add_children(list, target, mode);
}

void
hm_lock_referenced(HmLockList *list, HmRelation *relation, LOCKMODE mode)
{
	ListCell   *cell;

	foreach(cell, hm_relation_constraints(relation))
	{
		const HmConstraint *constraint = lfirst(cell);

		if (constraint->kind == CONSTRAINT_FOREIGN)
			lock_target(list, constraint, mode);
	}
}

/* Partitions. */

static void
lock_default_of(HmLockList *list, const HmRelation *parent)
{
	if (OidIsValid(parent->oid) &&
		parent->kind == RELKIND_PARTITIONED_TABLE)
		hm_lock_add_oid(list, get_default_partition_oid(parent->oid),
						AccessExclusiveLock, HM_LOCK_DEFAULT);
}

/* What the parent's foreign keys make of a partition. */
static void
lock_keys_of_parent(HmLockList *list, HmRelation *parent)
{
	hm_lock_referenced(list, parent, ShareRowExclusiveLock);
	hm_lock_referencing(list, parent, InvalidAttrNumber,
						ShareRowExclusiveLock);
}

/* CREATE TABLE. */

static void
lock_parents(HmLockList *list, const CreateStmt *statement)
{
	ListCell   *cell;

	foreach(cell, statement->inhRelations)
	{
		HmRelation *parent = hm_world_relation(list->world,
											   lfirst_node(RangeVar, cell));

		hm_lock_add(list, parent, statement->partbound ?
					AccessExclusiveLock : ShareUpdateExclusiveLock,
					HM_LOCK_PARENT);
		if (statement->partbound == NULL)
			continue;
		lock_default_of(list, parent);
		lock_keys_of_parent(list, parent);
	}
}

static void
lock_element(HmLockList *list, Node *element)
{
	if (is_key(element))
		lock_key(list, ((Constraint *) element)->pktable);
	else if (IsA(element, ColumnDef))
		lock_keys(list, ((ColumnDef *) element)->constraints);
	else if (IsA(element, TableLikeClause))
		hm_lock_add(list,
					hm_world_relation(list->world,
									  ((TableLikeClause *) element)->relation),
					AccessShareLock, HM_LOCK_READ);
}

void
hm_lock_create_table(HmLockList *list, Node *node)
{
	CreateStmt *statement = (CreateStmt *) node;
	HmRelation *place = hm_world_creation(list->world, statement->relation);
	ListCell   *cell;

	if (place->known && !place->gone)
		return;
	lock_parents(list, statement);
	foreach(cell, statement->tableElts)
		lock_element(list, lfirst(cell));
	lock_keys(list, statement->constraints);
}

/* ALTER TABLE. */

/* Those that only the table itself has; all others reach its children. */
static bool
stays_here(const HmRelation *relation, const AlterTableCmd *command)
{
	bool		partitioned = relation->kind == RELKIND_PARTITIONED_TABLE;

	switch (command->subtype)
	{
		case AT_AddConstraint:
			return !partitioned &&
				((Constraint *) command->def)->contype != CONSTR_CHECK;
		case AT_DropConstraint:
		case AT_ValidateConstraint:
		case AT_AddColumn:
		case AT_DropColumn:
		case AT_ColumnDefault:
		case AT_DropNotNull:
		case AT_SetNotNull:
		case AT_DropExpression:
		case AT_SetStatistics:
		case AT_SetStorage:
		case AT_AlterColumnType:
			return false;
		case AT_AlterConstraint:
		case AT_EnableTrig:
		case AT_EnableAlwaysTrig:
		case AT_EnableReplicaTrig:
		case AT_DisableTrig:
		case AT_EnableTrigAll:
		case AT_DisableTrigAll:
		case AT_EnableTrigUser:
		case AT_DisableTrigUser:
			return !partitioned;
		default:
			return true;
	}
}

/* An index of a partitioned table is built on each of the partitions. */
static LOCKMODE
mode_below(const AlterTableCmd *command, LOCKMODE mode)
{
	if (command->subtype == AT_AddConstraint &&
		(((Constraint *) command->def)->contype == CONSTR_UNIQUE ||
		 ((Constraint *) command->def)->contype == CONSTR_EXCLUSION))
		return hm_compat_unique_partition_lock(mode);
	return mode;
}

static void
lock_dropped_constraint(HmLockList *list, HmRelation *relation,
						const char *name)
{
	HmConstraint *constraint = hm_relation_constraint(relation, name);

	if (constraint == NULL)
		return;
	if (constraint->kind == CONSTRAINT_FOREIGN)
		lock_target(list, constraint, AccessExclusiveLock);
	if (OidIsValid(constraint->oid))
		hm_lock_dependents(list, ConstraintRelationId, constraint->oid, 0,
						   true);
}

static void
lock_validated(HmLockList *list, HmRelation *relation, const char *name)
{
	HmConstraint *constraint = hm_relation_constraint(relation, name);

	if (constraint && constraint->kind == CONSTRAINT_FOREIGN &&
		!constraint->validated)
		lock_target(list, constraint, RowShareLock);
}

static AttrNumber
number_of(HmRelation *relation, const char *name)
{
	HmColumn   *column = name ? hm_relation_column(relation, name) : NULL;

	return column ? column->number : InvalidAttrNumber;
}

static void
lock_dropped_column(HmLockList *list, HmRelation *relation,
					const AlterTableCmd *command)
{
	AttrNumber	number = number_of(relation, command->name);

	if (OidIsValid(relation->oid) && number != InvalidAttrNumber)
		hm_lock_dependents(list, RelationRelationId, relation->oid, number,
						   command->behavior == DROP_CASCADE);
}

/* Foreign keys of the column are made anew. */
static void
lock_retyped_column(HmLockList *list, HmRelation *relation,
					const AlterTableCmd *command)
{
	AttrNumber	number = number_of(relation, command->name);
	ListCell   *cell;

	if (number != InvalidAttrNumber)
		hm_lock_referencing(list, relation, number, AccessExclusiveLock);
	foreach(cell, hm_relation_constraints(relation))
	{
		const HmConstraint *constraint = lfirst(cell);
		ListCell   *column;

		if (constraint->kind != CONSTRAINT_FOREIGN)
			continue;
		foreach(column, constraint->columns)
		{
			if (strcmp(lfirst(column), command->name) == 0)
				lock_target(list, constraint, AccessExclusiveLock);
		}
	}
}

static void
lock_partition(HmLockList *list, HmRelation *parent,
			   const AlterTableCmd *command)
{
	PartitionCmd *partition = castNode(PartitionCmd, command->def);
	HmRelation *relation;

	if (partition->name == NULL)
		return;
	relation = hm_world_relation(list->world, partition->name);
	if (parent->kind == RELKIND_INDEX ||
		parent->kind == RELKIND_PARTITIONED_INDEX)
	{
		hm_lock_add(list, relation, AccessExclusiveLock, HM_LOCK_NAMED);
		return;
	}
	if (command->subtype == AT_AttachPartition)
		lock_keys_of_parent(list, parent);
	else
		hm_lock_referenced(list, relation, ShareRowExclusiveLock);
	lock_default_of(list, parent);
	list->between = partition->concurrent;
	hm_lock_add(list, relation, AccessExclusiveLock, HM_LOCK_NAMED);
	list->between = false;
	if (command->subtype == AT_AttachPartition)
		hm_lock_add_children(list, relation, AccessExclusiveLock);
}

static void
lock_added(HmLockList *list, const AlterTableCmd *command)
{
	if (command->subtype == AT_AddColumn)
		lock_keys(list, ((ColumnDef *) command->def)->constraints);
	else if (is_key(command->def))
		lock_key(list, ((Constraint *) command->def)->pktable);
}

static void
lock_command(HmLockList *list, HmRelation *relation,
			 const AlterTableCmd *command, LOCKMODE mode)
{
	switch (command->subtype)
	{
		case AT_AddColumn:
		case AT_AddConstraint:
			lock_added(list, command);
			break;
		case AT_DropColumn:
			lock_dropped_column(list, relation, command);
			break;
		case AT_AlterColumnType:
			lock_retyped_column(list, relation, command);
			break;
		case AT_DropConstraint:
			lock_dropped_constraint(list, relation, command->name);
			break;
		case AT_ValidateConstraint:
			lock_validated(list, relation, command->name);
			break;
		case AT_AttachPartition:
		case AT_DetachPartition:
		case AT_DetachPartitionFinalize:
			lock_partition(list, relation, command);
			break;
		case AT_AddInherit:
			hm_lock_add(list, hm_world_relation(list->world,
												(RangeVar *) command->def),
						ShareUpdateExclusiveLock, HM_LOCK_PARENT);
			break;
		case AT_DropInherit:
			hm_lock_add(list, hm_world_relation(list->world,
												(RangeVar *) command->def),
						AccessShareLock, HM_LOCK_PARENT);
			break;
		case AT_SetLogged:
		case AT_SetUnLogged:
		case AT_ChangeOwner:
			hm_lock_owned_sequences(list, relation, mode);
			break;
		default:
			break;
	}
}

static bool
is_concurrent(const AlterTableCmd *command)
{
	return command->subtype == AT_DetachPartition &&
		((PartitionCmd *) command->def)->concurrent;
}

void
hm_lock_alter_table(HmLockList *list, Node *node)
{
	AlterTableStmt *statement = castNode(AlterTableStmt, node);
	HmRelation *relation;
	LOCKMODE	mode;
	ListCell   *cell;

	if (statement->objtype == OBJECT_TYPE)
		return;
	relation = hm_world_relation(list->world, statement->relation);
	if (relation->gone || (statement->missing_ok && !relation->known &&
						   list->world->catalogs))
		return;
	mode = AlterTableGetLockLevel(statement->cmds);
	list->between = is_concurrent(linitial(statement->cmds));
	hm_lock_add(list, relation, mode, HM_LOCK_NAMED);
	list->between = false;
	foreach(cell, statement->cmds)
	{
		AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);

		if (statement->relation->inh && !stays_here(relation, command))
			hm_lock_add_children(list, relation, mode_below(command, mode));
		lock_command(list, relation, command, mode);
	}
}
