/*
 * src/lint/retype.c
 *	  What ALTER COLUMN ... TYPE does to a column and to what hangs on it.
 *
 * After ATPrepAlterColumnType(), ATPostAlterTypeCleanup() and
 * CheckIndexCompatible().
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "catalog/pg_constraint.h"
#include "catalog/pg_index.h"
#include "catalog/pg_opclass.h"
#include "catalog/pg_type.h"
#include "commands/defrem.h"
#include "lint/column_type.h"
#include "lint/dependents.h"
#include "lint/expression.h"
#include "lint/rewrite.h"
#include "lint/world_parts.h"
#include "optimizer/optimizer.h"
#include "utils/builtins.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"

/* Domains upon domains that a plan makes; nobody has more. */
#define MAX_DOMAINS 32

typedef struct Change
{
	HmRelation *relation;
	const HmColumn *column;
	Oid			type;			/* the new one */
	int32		typmod;
	Oid			collation;
	bool		checked;		/* by a domain, as far as the plan tells */
	bool		made;			/* the domain is the plan's; type is its base */
} Change;

/* The new type. */

/* A domain that the plan makes is its base type, checked or not. */
static void
find_type(HmWorld *world, const TypeName *name, Change *change)
{
	for (int i = 0; i < MAX_DOMAINS; i++)
	{
		HmType	   *type = hm_world_type(world, name);

		change->type = hm_column_type(world, name, &change->typmod);
		change->checked |= type != NULL && name->arrayBounds == NIL &&
			type->constrained;
		if (OidIsValid(change->type) || type == NULL || type->base == NULL ||
			name->arrayBounds != NIL)
			return;
		name = type->base;
		change->made = true;
	}
}

static bool
same_as_written(const HmColumn *column, const TypeName *name)
{
	return column->type_name != NULL && equal(column->type_name, name);
}

/* It gets a domain that checks, which the column does not have yet. */
static bool
is_checked_anew(const Change *change, const TypeName *name)
{
	if (!change->checked)
		return false;
	return change->made ? !same_as_written(change->column, name) :
		change->type != change->column->type;
}

static HmWork
decide_column(HmWorld *world, Change *change, const ColumnDef *definition)
{
	HmWork		work = {HM_WORK_REWRITE, false, "the new type may store values in another way"};

	if (!OidIsValid(change->type) || !OidIsValid(change->column->type))
	{
		if (same_as_written(change->column, definition->typeName) &&
			definition->raw_default == NULL)
			work = hm_work_make(HM_WORK_NONE, false, NULL);
		return work;
	}
	if (!hm_expression_rewrites(change->relation, change->column,
								definition->raw_default, change->type,
								change->typmod, change->collation,
								&work.sure) &&
		!is_checked_anew(change, definition->typeName))
		return hm_work_make(HM_WORK_NONE, true, NULL);
	if (work.sure)
		work.reason = definition->raw_default ?
			"USING computes every value anew" :
			"the new type stores values in another way, or checks them";
	return work;
}

/* Indexes. */

static Oid
access_method_of(const HmIndex *index)
{
	return index->method ? get_am_oid(index->method, true) : InvalidOid;
}

/*
 * A key column of the index: whether operator class and collation are the
 * same when it is defined anew.  What is the default for the old type is not
 * written in the definition, and so becomes that of the new one.
 */
static bool
key_is_kept(const Change *change, Oid method, Oid class, Oid collation)
{
	const HmColumn *column = change->column;
	Oid			new_class = class;
	Oid			new_collation = collation;

	if (GetDefaultOpClass(column->type, method) == class)
		new_class = GetDefaultOpClass(change->type, method);
	if (collation == column->collation)
		new_collation = change->collation;
	if (new_class != class || new_collation != collation)
		return false;
	return !IsPolymorphicType(get_opclass_input_type(class)) ||
		change->type == column->type;
}

static bool
mentions(HeapTuple index, AttrNumber attribute, AttrNumber number)
{
	Bitmapset  *numbers = NULL;
	bool		isnull;
	Datum		cooked = SysCacheGetAttr(INDEXRELID, index, attribute, &isnull);

	if (isnull)
		return false;
	pull_varattnos(stringToNode(TextDatumGetCString(cooked)), 1, &numbers);
	return bms_is_member(number - FirstLowInvalidHeapAttributeNumber, numbers);
}

static bool
keys_are_kept(const Change *change, HeapTuple tuple, Oid method)
{
	Form_pg_index form = (Form_pg_index) GETSTRUCT(tuple);
	bool		isnull;
	oidvector  *classes;
	oidvector  *collations;

	classes = (oidvector *)
		DatumGetPointer(SysCacheGetAttr(INDEXRELID, tuple,
										Anum_pg_index_indclass, &isnull));
	collations = (oidvector *)
		DatumGetPointer(SysCacheGetAttr(INDEXRELID, tuple,
										Anum_pg_index_indcollation, &isnull));
	for (int i = 0; i < form->indnkeyatts; i++)
	{
		if (form->indkey.values[i] == change->column->number &&
			!key_is_kept(change, method, classes->values[i],
						 collations->values[i]))
			return false;
	}
	return true;
}

static bool
is_of_column(HeapTuple tuple, AttrNumber number)
{
	Form_pg_index form = (Form_pg_index) GETSTRUCT(tuple);

	for (int i = 0; i < form->indnatts; i++)
	{
		if (form->indkey.values[i] == number)
			return true;
	}
	return mentions(tuple, Anum_pg_index_indexprs, number) ||
		mentions(tuple, Anum_pg_index_indpred, number);
}

static bool
index_is_kept(const Change *change, const HmIndex *index)
{
	HeapTuple	tuple = SearchSysCache1(INDEXRELID,
										ObjectIdGetDatum(index->oid));
	bool		kept = true;

	if (!HeapTupleIsValid(tuple))
		return true;
	if (is_of_column(tuple, change->column->number))
		kept = heap_attisnull(tuple, Anum_pg_index_indexprs, NULL) &&
			heap_attisnull(tuple, Anum_pg_index_indpred, NULL) &&
			((Form_pg_index) GETSTRUCT(tuple))->indisvalid &&
			keys_are_kept(change, tuple, access_method_of(index));
	ReleaseSysCache(tuple);
	return kept;
}

/* An index that the plan makes has the operator classes that are default. */
static bool
made_index_is_kept(const Change *change, const HmIndex *index)
{
	Oid			method = access_method_of(index);

	if (!hm_names_have(index->columns, change->column->name))
		return true;
	return !index->partial && OidIsValid(method) &&
		key_is_kept(change, method,
					GetDefaultOpClass(change->column->type, method),
					change->column->collation);
}

static List *
rebuilt_indexes(const Change *change, List *dropped)
{
	List	   *rebuilt = NIL;
	ListCell   *cell;

	foreach(cell, hm_relation_indexes(change->relation))
	{
		HmIndex    *index = lfirst(cell);

		if (index->name == NULL || hm_names_have(dropped, index->name))
			continue;
		if (OidIsValid(index->oid) && change->column->number != 0 ?
			!index_is_kept(change, index) : !made_index_is_kept(change, index))
			rebuilt = lappend(rebuilt, (char *) quote_identifier(index->name));
	}
	return rebuilt;
}

/* Constraints. */

static List *
checks_again(const Change *change, List *dropped)
{
	List	   *checks = NIL;
	ListCell   *cell;

	foreach(cell, hm_relation_constraints(change->relation))
	{
		HmConstraint *constraint = lfirst(cell);

		if (constraint->kind == CONSTRAINT_CHECK && constraint->validated &&
			constraint->name && !hm_names_have(dropped, constraint->name) &&
			hm_names_have(constraint->columns, change->column->name))
			checks = lappend(checks,
							 (char *) quote_identifier(constraint->name));
	}
	return checks;
}

/* A foreign key is believed when the operators that compare stay the same. */
static List *
keys_again(const Change *change, List *dropped, bool rewritten)
{
	List	   *keys = NIL;
	ListCell   *cell;

	if (!rewritten && OidIsValid(change->type) &&
		GetDefaultOpClass(change->type, BTREE_AM_OID) ==
		GetDefaultOpClass(change->column->type, BTREE_AM_OID))
		return NIL;
	foreach(cell, hm_dependents_of_column(change->relation, change->column))
	{
		HmDependent *dependent = lfirst(cell);

		if (dependent->contype == CONSTRAINT_FOREIGN)
			keys = lappend(keys, dependent->name);
	}
	return keys;
}

/* NOT VALID ones stay so. */
List *
hm_dropped_constraints(const AlterTableStmt *statement)
{
	List	   *names = NIL;
	ListCell   *cell;

	foreach(cell, statement ? statement->cmds : NIL)
	{
		AlterTableCmd *command = lfirst_node(AlterTableCmd, cell);

		if (command->subtype == AT_DropConstraint)
			names = lappend(names, command->name);
	}
	return names;
}

static void
weigh_followers(HmRetype *retype)
{
	if (retype->work.kind != HM_WORK_NONE)
		return;
	if (retype->indexes != NIL)
		retype->work = hm_work_make(HM_WORK_INDEXES, true,
									"indexes on the column are built anew");
	else if (retype->checks != NIL)
		retype->work = hm_work_make(HM_WORK_SCAN, true,
									"check constraints on the column are checked again");
	else if (retype->keys != NIL)
		retype->work = hm_work_make(HM_WORK_SCAN, true,
									"foreign keys on the column are checked again");
}

static bool
holds_rows(const HmRelation *relation)
{
	return relation->kind == 0 || relation->kind == RELKIND_RELATION ||
		relation->kind == RELKIND_PARTITIONED_TABLE;
}

static HmRetype
decide(HmRelation *relation, const AlterTableStmt *statement,
	   const AlterTableCmd *command)
{
	const ColumnDef *definition = castNode(ColumnDef, command->def);
	Change		change = {relation, hm_relation_column(relation, command->name)};
	HmRetype	retype = {{HM_WORK_REWRITE, false, "the new type may store values in another way"}};
	List	   *dropped = hm_dropped_constraints(statement);
	bool		rewritten;

	if (!holds_rows(relation))
	{
		retype.work = hm_work_make(HM_WORK_NONE, true, NULL);
		return retype;
	}
	if (change.column == NULL)
		return retype;
	find_type(relation->world, definition->typeName, &change);
	retype.type = change.type;
	change.collation = hm_column_collation(definition, change.type);
	retype.work = decide_column(relation->world, &change, definition);
	rewritten = retype.work.kind == HM_WORK_REWRITE;
	retype.checks = checks_again(&change, dropped);
	retype.keys = keys_again(&change, dropped, rewritten);
	if (!rewritten && OidIsValid(change.type))
		retype.indexes = rebuilt_indexes(&change, dropped);
	weigh_followers(&retype);
	return retype;
}

/* Several rules ask for the same command, one after the other. */
HmRetype
hm_retype_of(HmRelation *relation, const AlterTableStmt *statement,
			 const AlterTableCmd *command)
{
	HmWorld    *world = relation->world;

	if (world->retyped == NULL)
		world->retyped = MemoryContextAllocZero(world->context,
												sizeof(HmRetype));
	if (world->retyped_command != command ||
		memcmp(&world->retyped_at, &world->now, sizeof(HmMade)) != 0)
	{
		*world->retyped = decide(relation, statement, command);
		world->retyped_command = command;
		world->retyped_at = world->now;
	}
	return *world->retyped;
}
