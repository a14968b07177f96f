/*
 * src/policy/verdict.h
 *	  What is missing before a migration may run, by all that the policy asks.
 */
#ifndef HM_POLICY_VERDICT_H
#define HM_POLICY_VERDICT_H

#include "policy/requirement.h"

/*
 * Of HmPolicyGap *: in the order of the table of requirements; before them,
 * that nobody could sign yet, and a freeze.
 */
extern List *hm_case_judge(const HmPolicyCase *c);

/* Only what signatures can meet, and what nothing does: costs less. */
extern List *hm_case_judge_signatures(const HmPolicyCase *c);

/*
 * One line: the gaps, each with who can close it, and the approvals (of
 * HmApproval *, or NIL) that do not count.
 */
extern char *hm_case_explain(const HmPolicyCase *c, List *gaps, List *voided);

/*
 * Of HmPolicyGap *: those that the person could close by signing now, logged
 * in by that role.
 */
extern List *hm_case_wanted(const HmPolicyCase *c, List *gaps,
							const HmPerson *person, Oid login);

/*
 * Of char *: meanings, and after them those of the gaps that a signature
 * closes, each once.
 */
extern List *hm_gaps_meanings(List *gaps, List *meanings);

/* The gaps in one line, without names; NULL when nothing is missing. */
extern char *hm_gaps_list(List *gaps);

/* Whether the person is an author of it, whatever the policy says. */
extern bool hm_case_by_author(const HmPolicyCase *c, const HmPerson *person);

/* The separation of duties, and who is known well enough. */
extern bool hm_case_excludes_author(const HmPolicyCase *c, const HmPerson *person);
extern bool hm_case_excludes_executor(const HmPolicyCase *c, const HmPerson *person);
extern bool hm_case_accepts_relayed(const HmPolicyCase *c);

/* Why the person is not known well enough to approve, or NULL. */
extern char *hm_case_unidentified(const HmPolicyCase *c, const HmPerson *person);

#endif							/* HM_POLICY_VERDICT_H */
