/*
 * src/lint/drop_target.h
 *	  What a DROP names, where the plan has got to.
 */
#ifndef HM_LINT_DROP_TARGET_H
#define HM_LINT_DROP_TARGET_H

#include "lint/world.h"

typedef struct HmDropTarget
{
	char	   *name;			/* as shown */
	const char *kind;			/* "table", "function", ... */
	HmRelation *relation;		/* or NULL: another kind of object */
	bool		absent;			/* surely not there */
	bool		made;			/* by the plan, or temporary: nobody else has
								 * it */

	/* In the catalogs; InvalidOid: not there, or of no kind that we follow. */
	Oid			class;
	Oid			object;
} HmDropTarget;

/* Of HmDropTarget *, as they stand there. */
extern List *hm_drop_targets(HmWorld *world, const DropStmt *statement);

/*
 * "function f(integer), view v": what CASCADE would drop besides the targets,
 * for the sake of all of them, or of only one; NULL when that is nothing, or
 * nothing is known.
 */
extern char *hm_drop_takes(HmWorld *world, List *targets,
						   const HmDropTarget *only);

#endif							/* HM_LINT_DROP_TARGET_H */
