/*
 * src/policy/staff.h
 *	  The logins of this cluster, for whoever asks whether there are people
 *	  who could do what the policy asks for.
 */
#ifndef HM_POLICY_STAFF_H
#define HM_POLICY_STAFF_H

#include "audit/capability.h"
#include "policy/policy.h"

typedef struct HmStaffLogin
{
	Oid			oid;
	char	   *name;
	const HmPerson *person;
	bool		superuser;
	bool		approver;		/* holds the capability */
	bool		fit;			/* not shared, and registered where the policy
								 * wants persons to be */
} HmStaffLogin;

typedef struct HmStaff
{
	HmPersons  *persons;
	HmRoster   *roster;
	List	   *logins;			/* of HmStaffLogin *: roles that can log in */
	List	   *approvers;		/* of HmPerson *, each once: of logins that
								 * are fit and hold capability approver */
} HmStaff;

/* In the current memory context; works on a standby. */
extern HmStaff *hm_staff_load(const HmPolicy *policy);

/* Whether the person could approve as a member of one of the roles. */
extern bool hm_staff_can_fill(const HmStaff *staff, const HmPerson *person,
							  List *roles);

/* How many of the approvers could; *first, if not NULL, is the first. */
extern int	hm_staff_count(const HmStaff *staff, List *roles,
						   const HmPerson **first);

/* Whether one of the person's logins holds the capability. */
extern bool hm_staff_holds(const HmStaff *staff, const HmPerson *person,
						   HmCapability capability);

/*
 * Commands that mend it: they make a role, a member of a role, one more who
 * could.  Where the guard refuses such a command outside of migrations, a
 * comment at its end says so.
 */
extern char *hm_staff_create_role(const char *role);
extern char *hm_staff_grant_role(const char *role);
extern char *hm_staff_add_member(List *roles);

/*
 * A clause that says why nobody could approve as a member of one of the
 * roles; *remedy is the next command.
 */
extern char *hm_staff_why_nobody(const HmStaff *staff, List *roles,
								 char **remedy);

#endif							/* HM_POLICY_STAFF_H */
