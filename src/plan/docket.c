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
		docket->approvals = hm_approvals_load(migrations, count,
											  docket->submissions, fresh);
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

static int
compare_place(const HmApproval *approval, int64 submission_id,
			  int64 migration_id)
{
	if (approval->submission_id != submission_id)
		return approval->submission_id < submission_id ? -1 : 1;
	return (approval->migration_id > migration_id) -
		(approval->migration_id < migration_id);
}

/* Of the migration in the submission: they stand together. */
static List *
approvals_of(const HmDocket *docket, int64 submission_id, int64 migration_id)
{
	List	   *found = NIL;
	int			low = 0;
	int			high = list_length(docket->approvals);

	while (low < high)
	{
		int			middle = (low + high) / 2;

		if (compare_place(list_nth(docket->approvals, middle), submission_id,
						  migration_id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < list_length(docket->approvals); low++)
	{
		HmApproval *approval = list_nth(docket->approvals, low);

		if (compare_place(approval, submission_id, migration_id) != 0)
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
						  hm_submission_submitter(submission,
												  docket->persons));
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
		hm_approvals_weigh(c, approvals_of(docket, c->submission->submission_id,
										   c->migration_id), voided);
	return c;
}

HmSubject *
hm_docket_subject(const HmMember *member, bool up)
{
	HmSubject  *subject = palloc0(sizeof(HmSubject));

	subject->migration_id = member->migration_id;
	subject->display = member->display;
	subject->up = up;
	subject->risk = member->risk;
	subject->phi = member->phi;
	return subject;
}

List *
hm_docket_cases(List *subjects, bool up, bool fresh, List **voided)
{
	int			count = list_length(subjects);
	int64	   *migrations = palloc(sizeof(int64) * Max(count, 1));
	HmDocket   *docket;
	List	   *authored;
	List	   *cases = NIL;

	for (int i = 0; i < count; i++)
		migrations[i] = ((HmSubject *) list_nth(subjects, i))->migration_id;
	docket = hm_docket_open(hm_policy_load(), migrations, count, fresh);
	authored = hm_authors_load(migrations, count, up, docket->persons);
	for (int i = 0; i < count; i++)
	{
		HmSubject  *subject = list_nth(subjects, i);
		HmMember   *member;

		subject->submission = hm_submission_with(docket->submissions,
												 subject->migration_id, up,
												 &member);
		subject->authored = list_nth(authored, i);
		cases = lappend(cases, hm_docket_case(docket, subject, voided));
	}
	return cases;
}
