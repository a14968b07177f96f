/*
 * src/policy/roster.h
 *	  Which logins are members of which roles, looked up once for all that is
 *	  judged in one call.
 *
 * A member is whoever the server says, directly or through other roles, but
 * for superusers, who are members of everything only to the server.  Role "*"
 * has all that hold capability approver.
 */
#ifndef HM_POLICY_ROSTER_H
#define HM_POLICY_ROSTER_H

#include "policy/requirement.h"

/* In the current memory context, where it grows. */
extern HmRoster *hm_roster_begin(void);

/*
 * Whether it is a member of one of the roles (of char *) at least.  A role that
 * does not exist has no members.
 */
extern bool hm_roster_member_of_any(HmRoster *roster, Oid login, List *roles);

extern bool hm_roster_is_approver(HmRoster *roster, Oid login);

/* Oids of all roles that can log in.  Looks at every role of the cluster. */
extern List *hm_roster_logins(void);

/*
 * Of char *: logins that are members of one of the roles and hold capability
 * approver.  Looks at every role of the cluster.
 */
extern List *hm_roster_candidates(HmRoster *roster, List *roles);

#endif							/* HM_POLICY_ROSTER_H */
