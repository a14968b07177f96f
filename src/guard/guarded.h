/*
 * src/guard/guarded.h
 *	  hipaa_migrate.guarded(): the guarded form of what has no syntax for one.
 */
#ifndef HM_GUARD_GUARDED_H
#define HM_GUARD_GUARDED_H

#include "nodes/nodes.h"

/*
 * Executes one statement, unless what it does is done already: skips it with
 * a NOTICE when what exists is as asked for, raises HM_ERRCODE_DIFFERS when
 * it is not.  Of ALTER TABLE, each action is looked at by itself.
 */
extern void hm_guarded_execute(const char *statement);

/* Is it the command that hm_guarded_execute() executes now? */
extern bool hm_guarded_executes(const Node *tree);

#endif							/* HM_GUARD_GUARDED_H */
