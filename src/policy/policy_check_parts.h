/*
 * src/policy/policy_check_parts.h
 *	  Between the files of the check.
 */
#ifndef HM_POLICY_POLICY_CHECK_PARTS_H
#define HM_POLICY_POLICY_CHECK_PARTS_H

#include "policy/policy_check.h"
#include "policy/staff.h"

typedef struct HmPolicyCheck
{
	const HmPolicy *policy;
	HmStaff    *staff;
	TimestampTz now;
	List	   *findings;

	/* The row that is being looked at. */
	const HmPolicyRow *row;
} HmPolicyCheck;

/* About the row; message and remedy are kept. */
extern void hm_check_add(HmPolicyCheck *check, HmPolicyStatus status,
						 char *message, char *remedy);

/* About roles of which a member signs, as what: those that do not exist. */
extern void hm_check_roles(HmPolicyCheck *check, const char *as, List *roles,
						   bool filled);

/* About who approves, and is or is not among the approvers. */
extern void hm_check_approvers(HmPolicyCheck *check);

#endif							/* HM_POLICY_POLICY_CHECK_PARTS_H */
