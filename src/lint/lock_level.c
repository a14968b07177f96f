/*
 * src/lint/lock_level.c
 *	  The lock that each statement takes on each relation.
 */
#include "postgres.h"

#include "commands/tablecmds.h"
#include "lint/lock_level.h"

static List *
add_lock(List *locks, HmRelation *relation, LOCKMODE mode)
{
	HmLockTaken *lock = palloc0(sizeof(HmLockTaken));

	lock->relation = relation;
	lock->mode = mode;
	lock->to_the_end = true;
	return lappend(locks, lock);
}

List *
hm_locks_of(HmWorld *world, Node *statement)
{
	if (IsA(statement, AlterTableStmt))
	{
		AlterTableStmt *alter = (AlterTableStmt *) statement;

		return add_lock(NIL, hm_world_relation(world, alter->relation),
						AlterTableGetLockLevel(alter->cmds));
	}
	return NIL;
}

void
hm_locks_take(HmWorld *world, Node *statement)
{
	MemoryContext before = MemoryContextSwitchTo(world->context);
	ListCell   *cell;

	foreach(cell, hm_locks_of(world, statement))
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
