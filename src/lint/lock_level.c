/*
 * src/lint/lock_level.c
 *	  The lock that each statement takes on each relation.
 */
#include "postgres.h"

#include "access/transam.h"
#include "catalog/pg_class.h"
#include "lint/inheritors.h"
#include "lint/lock_parts.h"
#include "storage/lock.h"
#include "utils/lsyscache.h"

static const char *const names[] = {
	[AccessShareLock] = "ACCESS SHARE",
	[RowShareLock] = "ROW SHARE",
	[RowExclusiveLock] = "ROW EXCLUSIVE",
	[ShareUpdateExclusiveLock] = "SHARE UPDATE EXCLUSIVE",
	[ShareLock] = "SHARE",
	[ShareRowExclusiveLock] = "SHARE ROW EXCLUSIVE",
	[ExclusiveLock] = "EXCLUSIVE",
	[AccessExclusiveLock] = "ACCESS EXCLUSIVE",
};

const char *
hm_lock_name(LOCKMODE mode)
{
	Assert(mode > NoLock && mode < lengthof(names));
	return names[mode];
}

bool
hm_lock_blocks_reads(LOCKMODE mode)
{
	return mode == AccessExclusiveLock;
}

bool
hm_lock_blocks_writes(LOCKMODE mode)
{
	return mode >= ShareLock;
}

/* The list. */

static bool
is_catalog(const HmRelation *relation)
{
	return (OidIsValid(relation->oid) &&
			relation->oid < (Oid) FirstNormalObjectId) ||
		(relation->schema && strcmp(relation->schema, "pg_catalog") == 0) ||
		(relation->schema && strcmp(relation->schema,
									"information_schema") == 0);
}

static HmLockTaken *
find_taken(const HmLockList *list, const HmRelation *relation)
{
	ListCell   *cell;

	foreach(cell, list->taken)
	{
		HmLockTaken *taken = lfirst(cell);

		if (taken->relation == relation)
			return taken;
	}
	return NULL;
}

void
hm_lock_add(HmLockList *list, HmRelation *relation, LOCKMODE mode,
			const char *why)
{
	HmLockTaken *taken;

	if (relation == NULL || relation->gone || is_catalog(relation))
		return;
	taken = find_taken(list, relation);
	if (taken && taken->mode >= mode)
		return;
	if (taken == NULL)
	{
		taken = palloc0(sizeof(HmLockTaken));
		list->taken = lappend(list->taken, taken);
	}
	taken->relation = relation;
	taken->mode = mode;
	taken->to_the_end = !list->between;
	taken->why = why;
}

static bool
is_shown(char kind)
{
	return kind == RELKIND_RELATION || kind == RELKIND_PARTITIONED_TABLE ||
		kind == RELKIND_VIEW || kind == RELKIND_MATVIEW ||
		kind == RELKIND_SEQUENCE || kind == RELKIND_FOREIGN_TABLE;
}

void
hm_lock_add_oid(HmLockList *list, Oid relid, LOCKMODE mode, const char *why)
{
	if (OidIsValid(relid) && is_shown(get_rel_relkind(relid)))
		hm_lock_add(list, hm_world_relation_of(list->world, relid), mode, why);
}

void
hm_lock_add_children(HmLockList *list, HmRelation *relation, LOCKMODE mode)
{
	ListCell   *cell;

	if (!OidIsValid(relation->oid))
		return;
	foreach(cell, hm_inheritors_all(relation->oid))
	{
		if (lfirst_oid(cell) != relation->oid)
			hm_lock_add_oid(list, lfirst_oid(cell), mode, HM_LOCK_CHILD);
	}
}

HmRelation *
hm_lock_add_named(HmLockList *list, const RangeVar *name, LOCKMODE mode)
{
	HmRelation *relation = hm_world_relation(list->world, name);

	hm_lock_add(list, relation, mode, HM_LOCK_NAMED);
	if (name->inh)
		hm_lock_add_children(list, relation, mode);
	return relation;
}

List *
hm_locks_of(HmWorld *world, Node *statement)
{
	HmLockTeller tell = hm_lock_teller_of(nodeTag(statement));
	HmLockList	list = {.world = world};

	if (tell)
		tell(&list, statement);
	return list.taken;
}

void
hm_locks_take(HmWorld *world, List *locks)
{
	MemoryContext before = MemoryContextSwitchTo(world->context);
	ListCell   *cell;

	foreach(cell, locks)
	{
		HmLockTaken *lock = lfirst(cell);

		if (!lock->to_the_end || lock->mode <= lock->relation->held)
			continue;
		if (lock->relation->held == NoLock)
			world->touched = lappend(world->touched, lock->relation);
		lock->relation->held = lock->mode;
		lock->relation->held_since = world->now;
	}
	MemoryContextSwitchTo(before);
}
