/*
 * src/guard/target.h
 *	  What a command names.
 */
#ifndef HM_GUARD_TARGET_H
#define HM_GUARD_TARGET_H

#include "nodes/pg_list.h"

typedef struct HmTarget
{
	const char *type;			/* as event triggers call it: "table" */
	const char *identity;		/* quoted where need be, with its schema if
								 * that is known */
	Oid			schema;			/* InvalidOid: none, or not known */
} HmTarget;

/*
 * Of HmTarget *, resolved without locks or errors; NIL when it names nothing
 * that we know of.
 */
extern List *hm_guard_targets(Node *tree);

/* Everything that the command names or makes is in that schema. */
extern bool hm_guard_within_schema(Node *tree, Oid schema);

#endif							/* HM_GUARD_TARGET_H */
