/*
 * src/guard/idempotent.h
 *	  The guarded forms, on every command that a migration executes.
 *
 * The rules are those of lint/guarded_form.h; commands that dynamic SQL makes
 * up obey them too.  A command inside of a subtransaction that the migration
 * has opened counts as guarded: a block with an exception handler does that.
 */
#ifndef HM_GUARD_IDEMPOTENT_H
#define HM_GUARD_IDEMPOTENT_H

#include "nodes/plannodes.h"
#include "tcop/utility.h"

/* What OR REPLACE is about to replace; object is InvalidOid for nothing. */
typedef struct HmReplaced
{
	ObjectType	kind;
	Oid			object;
	char	   *before;			/* its definition */

	/* Or something exists, and is as asked for. */
	char	   *existing_type;
	char	   *existing_identity;
} HmReplaced;

/*
 * Before a command: raises HM_ERRCODE_NOT_GUARDED when it should have a
 * guarded form and has not, HM_ERRCODE_DIFFERS when it would skip an object
 * that is not as it asks for.
 */
extern void hm_idempotent_before(HmReplaced *replaced,
								 const PlannedStmt *statement,
								 const char *query,
								 ProcessUtilityContext context);

/*
 * After it: raises HM_ERRCODE_DIFFERS when it has changed what no migration
 * has made.  The command's tree is not looked at.
 */
extern void hm_idempotent_after(const HmReplaced *replaced);

/*
 * Around each statement of a migration: finish raises what an exception
 * handler inside of it has kept from being seen.
 */
extern void hm_idempotent_begin(void);
extern void hm_idempotent_finish(void);

extern void hm_idempotent_init(void);

#endif							/* HM_GUARD_IDEMPOTENT_H */
