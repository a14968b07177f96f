/*
 * src/lint/apply_like.c
 *	  What a new table takes from others: LIKE and INHERITS.
 *
 * What is copied belongs to the new table, as if it had been written there.
 */
#include "postgres.h"

#include "catalog/pg_constraint.h"
#include "lint/world_parts.h"

static void
copy_columns(HmWorld *world, HmRelation *relation, HmRelation *from,
			 bool with_defaults, bool with_identity)
{
	ListCell   *cell;

	foreach(cell, hm_relation_columns(from))
	{
		HmColumn   *column;

		if (hm_relation_column(relation, ((HmColumn *) lfirst(cell))->name))
			continue;
		column = palloc(sizeof(HmColumn));
		*column = *(HmColumn *) lfirst(cell);
		column->number = 0;
		column->made = world->now;
		column->location = -1;
		column->has_default &= with_defaults;
		if (!with_identity)
			column->identity = '\0';
		relation->columns = lappend(relation->columns, column);
	}
}

/* Their names are the server's to choose. */
static void
copy_indexes(HmWorld *world, HmRelation *relation, HmRelation *from)
{
	ListCell   *cell;

	foreach(cell, hm_relation_indexes(from))
	{
		HmIndex    *index = palloc(sizeof(HmIndex));

		*index = *(HmIndex *) lfirst(cell);
		index->name = NULL;
		index->oid = InvalidOid;
		index->table = relation;
		index->valid = true;
		index->made = world->now;
		relation->indexes = lappend(relation->indexes, index);
	}
}

/* LIKE copies no foreign keys. */
static bool
is_copied(const HmConstraint *constraint, bits32 options)
{
	switch (constraint->kind)
	{
		case CONSTRAINT_PRIMARY:
		case CONSTRAINT_UNIQUE:
		case CONSTRAINT_EXCLUSION:
			return (options & CREATE_TABLE_LIKE_INDEXES) != 0;
		case CONSTRAINT_CHECK:
			return (options & CREATE_TABLE_LIKE_CONSTRAINTS) != 0;
		default:
			return false;
	}
}

static void
copy_constraints(HmWorld *world, HmRelation *relation, HmRelation *from,
				 bits32 options)
{
	ListCell   *cell;

	foreach(cell, hm_relation_constraints(from))
	{
		HmConstraint *constraint = lfirst(cell);

		if (!is_copied(constraint, options))
			continue;
		constraint = palloc(sizeof(HmConstraint));
		*constraint = *(HmConstraint *) lfirst(cell);
		constraint->oid = InvalidOid;
		constraint->validated = true;
		constraint->made = world->now;
		if (constraint->kind != CONSTRAINT_CHECK)
			constraint->name = constraint->index = NULL;
		relation->constraints = lappend(relation->constraints, constraint);
	}
}

/* Keys and indexes of a parent stay its own. */
void
hm_apply_inherits(HmWorld *world, HmRelation *relation, HmRelation *from)
{
	copy_columns(world, relation, from, true, false);
	copy_constraints(world, relation, from, CREATE_TABLE_LIKE_CONSTRAINTS);
}

void
hm_apply_like(HmWorld *world, HmRelation *relation,
			  const TableLikeClause *like)
{
	HmRelation *from = hm_world_relation(world, like->relation);

	if (!from->known)
	{
		relation->more = true;
		return;
	}
	copy_columns(world, relation, from,
				 (like->options & CREATE_TABLE_LIKE_DEFAULTS) != 0,
				 (like->options & CREATE_TABLE_LIKE_IDENTITY) != 0);
	copy_constraints(world, relation, from, like->options);
	if (like->options & CREATE_TABLE_LIKE_INDEXES)
		copy_indexes(world, relation, from);
}
