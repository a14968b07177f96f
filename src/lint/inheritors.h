/*
 * src/lint/inheritors.h
 *	  Children and partitions, also of what goes away at the same time.
 *
 * find_all_inheritors() of a relation that somebody has just dropped is an
 * error; here it has no children.  Nothing is locked.
 */
#ifndef HM_LINT_INHERITORS_H
#define HM_LINT_INHERITORS_H

#include "nodes/pg_list.h"

extern List *hm_inheritors_children(Oid relation);

/* The relation itself, then all below it, level by level. */
extern List *hm_inheritors_all(Oid relation);

#endif							/* HM_LINT_INHERITORS_H */
