/*
 * src/guard/command.h
 *	  What a utility command is to the guard.
 */
#ifndef HM_GUARD_COMMAND_H
#define HM_GUARD_COMMAND_H

#include "guard/class.h"
#include "nodes/nodes.h"

typedef struct HmGuardedCommand
{
	HmGuardClass class;
	bool		shared;			/* acts on the whole cluster */
	bool		idle;			/* a guarded form that has nothing to do now */
	const char *name;			/* what records and exemptions call it: its
								 * tag, or more */
	Oid			database;		/* that it changes or drops, or InvalidOid */
} HmGuardedCommand;

/*
 * Changes nothing in the tree, locks nothing, and raises nothing for names
 * that mean nothing.  Needs a transaction that has not failed.
 */
extern void hm_guard_classify(HmGuardedCommand *command, Node *tree);

/*
 * What EXPLAIN ANALYZE, EXECUTE or a planned statement executes; any other
 * tree as it is.
 */
extern Node *hm_guard_look_through(Node *tree);

#endif							/* HM_GUARD_COMMAND_H */
