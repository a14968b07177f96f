/*
 * src/plan/docket.h
 *	  All that cases are judged by, read once: the policy, who is who, what is
 *	  submitted and approved.
 */
#ifndef HM_PLAN_DOCKET_H
#define HM_PLAN_DOCKET_H

#include "plan/authors.h"
#include "policy/policy.h"
#include "policy/submission.h"

typedef struct HmDocket
{
	HmPolicy   *policy;
	HmPersons  *persons;
	HmRoster   *roster;
	const HmPerson *executor;	/* or NULL: not known */
	List	   *submissions;	/* of HmSubmission *, by their numbers */
	List	   *approvals;		/* of HmApproval *, by submission and
								 * migration */
	TimestampTz now;
} HmDocket;

/*
 * For those migrations; fresh as for hm_submissions_load().  Everything is in
 * the current memory context.
 */
extern HmDocket *hm_docket_open(HmPolicy *policy, const int64 *migrations,
								int count, bool fresh);

/* For all that is submitted. */
extern HmDocket *hm_docket_open_all(void);

/* What a case is about. */
typedef struct HmSubject
{
	int64		migration_id;
	const char *display;
	bool		up;
	HmSeverity	risk;
	bool		phi;
	const HmSubmission *submission; /* or NULL */
	const HmAuthored *authored;
} HmSubject;

/* As it was submitted; submission and authored are to be filled in. */
extern HmSubject *hm_docket_subject(const HmMember *member, bool up);

/* With the approvals that count; *voided as for hm_approvals_weigh(). */
extern HmPolicyCase *hm_docket_case(const HmDocket *docket,
									const HmSubject *subject, List **voided);

/*
 * The same of several (of HmSubject *, all in that direction), in a docket of
 * their own, which fills in submission and authored.  Of HmPolicyCase *, in
 * that order.
 */
extern List *hm_docket_cases(List *subjects, bool up, bool fresh,
							 List **voided);

#endif							/* HM_PLAN_DOCKET_H */
