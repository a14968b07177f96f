/*
 * src/policy/policy_check.h
 *	  Whether a policy can be met: by the people, roles and windows there are.
 */
#ifndef HM_POLICY_POLICY_CHECK_H
#define HM_POLICY_POLICY_CHECK_H

#include "policy/policy.h"

typedef enum HmPolicyStatus
{
	HM_POLICY_OK,
	HM_POLICY_WARNING,			/* what is weak, or waits for an accident */
	HM_POLICY_CRITICAL			/* nobody can meet it */
} HmPolicyStatus;

typedef struct HmPolicyFinding
{
	bool		everywhere;		/* risk ALL */
	HmSeverity	risk;			/* unless it is */
	HmPolicyStatus status;
	const char *item;			/* a requirement, or "policy" */
	char	   *message;
	char	   *remedy;			/* the next command, or NULL */
} HmPolicyFinding;

/*
 * Of HmPolicyFinding *, in the order of risks and requirements: what is wrong,
 * and, of a requirement of which nothing is, that it is not.  In the current
 * memory context; works on a standby.
 */
extern List *hm_policy_check(const HmPolicy *policy);

/* A WARNING where something is critical, for whom it comes into force. */
extern void hm_policy_check_warn(void);

#endif							/* HM_POLICY_POLICY_CHECK_H */
