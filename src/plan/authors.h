/*
 * src/plan/authors.h
 *	  Whose work a migration is, and what its text is bound to.
 */
#ifndef HM_PLAN_AUTHORS_H
#define HM_PLAN_AUTHORS_H

#include "plan/plan.h"
#include "policy/requirement.h"

typedef struct HmAuthored
{
	int64		migration_id;
	int			revision;		/* that would run */
	char	   *checksum;		/* of it, in hexadecimal */
	List	   *persons;		/* of HmPerson *: who registered it */
	List	   *claims;			/* of char *: "author" of their sources */
} HmAuthored;

/*
 * Of HmAuthored *, in the order of the migrations.  All who have registered a
 * revision since the last that ran are authors of an up: what one of them
 * wrote is in the text, or was looked at with it; and all who have registered
 * this very content.  Of a down are all who have registered the applied
 * revision or one before it.
 */
extern List *hm_authors_load(const int64 *migrations, int count, bool up,
							 const HmPersons *persons);

#endif							/* HM_PLAN_AUTHORS_H */
