/*
 * src/audit/person_change.h
 *	  Giving logins to persons.
 */
#ifndef HM_AUDIT_PERSON_CHANGE_H
#define HM_AUDIT_PERSON_CHANGE_H

#include "nodes/pg_list.h"

/*
 * Makes the logins (of char *) the person's, and none else; NULL: shared, the
 * logins of nobody.  Raises when one of them is somebody else's.  Returns 0,
 * or the number of the act where that takes two people.
 */
extern int64 hm_person_change(const char *person, List *logins,
							  const char *reason);

/* In _PG_init(). */
extern void hm_person_change_init(void);

#endif							/* HM_AUDIT_PERSON_CHANGE_H */
