/*
 * src/guard/idle.h
 *	  Guarded forms that have nothing to do, and what nothing executes.
 */
#ifndef HM_GUARD_IDLE_H
#define HM_GUARD_IDLE_H

#include "nodes/pg_list.h"

/*
 * CREATE ... IF NOT EXISTS of what is there, DROP and ALTER ... IF EXISTS of
 * what is not.  named is hm_named_by(tree).
 *
 * Looked at without locks, so that another session may prove it wrong before
 * the command runs: it covers nothing that the command then does.
 */
extern bool hm_guard_is_idle(Node *tree, List *named);

/* The command has IF EXISTS. */
extern bool hm_guard_tolerates_missing(Node *tree);

#endif							/* HM_GUARD_IDLE_H */
