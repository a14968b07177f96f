/*
 * src/plan/docket.c
 *	  All that cases are judged by, read once.
 */
#include "postgres.h"

#include "plan/docket.h"
#include "policy/approval.h"
#include "policy/roster.h"

static HmDocket *
begin(HmPolicy *policy)
{
	HmDocket   *docket = palloc0(sizeof(HmDocket));

	docket->policy = policy;
	docket->persons = hm_persons_load();
	docket->roster = hm_roster_begin();
	docket->now = GetCurrentTimestamp();
	return docket;
}

HmDocket *
hm_docket_open(HmPolicy *policy, const int64 *migrations, int count,
			   bool fresh)
{
	HmDocket   *docket = begin(policy);

	docket->submissions = hm_submissions_load(migrations, count, fresh);
	if (docket->submissions != NIL)
		docket->approvals = hm_approvals_load(migrations, count, fresh);
	return docket;
}

HmDocket *
hm_docket_open_all(void)
{
	HmDocket   *docket = begin(hm_policy_load());

	docket->submissions = hm_submissions_load_open();
	docket->approvals = hm_approvals_load_open();
	return docket;
}

/* Of the submission: they stand together. */
static List *
approvals_of(const HmDocket *docket, const HmSubmission *submission)
{
	List	   *found = NIL;
	int			low = 0;
	int			high = list_length(docket->approvals);

	while (low < high)
	{
		int			middle = (low + high) / 2;
		HmApproval *approval = list_nth(docket->approvals, middle);

		if (approval->submission_id < submission->submission_id)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < list_length(docket->approvals); low++)
	{
		HmApproval *approval = list_nth(docket->approvals, low);

		if (approval->submission_id != submission->submission_id)
			break;
		found = lappend(found, approval);
	}
	return found;
}

/* Whoever submits for others without saying for whom, is an author too. */
static List *
authors_of(const HmDocket *docket, const HmSubject *subject)
{
	const HmSubmission *submission = subject->submission;
	List	   *authors = list_copy(subject->authored->persons);

	if (submission)
		authors = lappend(authors,
						  hm_person_of(docket->persons,
									   submission->submitted_by,
									   submission->submitted_by_oid,
									   submission->submitted_authn_id));
	return authors;
}

HmPolicyCase *
hm_docket_case(const HmDocket *docket, const HmSubject *subject,
			   List **voided)
{
	HmPolicyCase *c = palloc0(sizeof(HmPolicyCase));

	c->policy = docket->policy;
	c->persons = docket->persons;
	c->roster = docket->roster;
	c->executor = docket->executor;
	c->now = docket->now;
	c->display = subject->display;
	c->migration_id = subject->migration_id;
	c->checksum = subject->authored->checksum;
	c->up = subject->up;
	c->risk = subject->risk;
	c->phi = subject->phi;
	c->submission = subject->submission;
	c->authors = subject->authored->claims;
	c->author_persons = authors_of(docket, subject);
	if (c->submission)
		hm_approvals_weigh(c, approvals_of(docket, c->submission), voided);
	return c;
}

HmPolicyCase *
hm_docket_case_of(const HmGraph *graph, int node, bool up, HmSeverity risk,
				  bool phi, const HmPerson *executor, List **voided)
{
	int64		migration_id = graph->nodes[node].migration_id;
	HmDocket   *docket = hm_docket_open(hm_policy_load(), &migration_id, 1,
										graph->fresh);
	HmMember   *member;
	HmSubject	subject = {
		.migration_id = migration_id,
		.display = graph->nodes[node].display,
		.up = up,
		.risk = risk,
		.phi = phi
	};

	docket->executor = executor;
	subject.submission = hm_submission_with(docket->submissions, migration_id,
											up, &member);
	subject.authored = linitial(hm_authors_load(&migration_id, 1, up,
												docket->persons));
	return hm_docket_case(docket, &subject, voided);
}
