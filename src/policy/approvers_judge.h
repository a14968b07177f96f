/*
 * src/policy/approvers_judge.h
 *	  Whether each set of approvers has a member's approval.
 */
#ifndef HM_POLICY_APPROVERS_JUDGE_H
#define HM_POLICY_APPROVERS_JUDGE_H

#include "policy/requirement.h"

/* As HmRequirement's judge; value: an array of arrays of roles. */
extern List *hm_approvers_judge(const HmPolicyCase *c, Jsonb *value, List *gaps);

/* "a member of cto or dba". */
extern char *hm_roles_phrase(List *roles);

#endif							/* HM_POLICY_APPROVERS_JUDGE_H */
