/*
 * src/plan/withdraw.c
 *	  Taking back: submissions are rejected and withdrawn, approvals withdrawn.
 */
#include "postgres.h"

#include "base/errors.h"
#include "plan/authors.h"
#include "plan/members.h"
#include "plan/sign.h"
#include "plan/withdraw.h"

static HmPerson *
require_person(const char *name, const HmPersons *persons)
{
	HmPerson   *person = hm_person_acting(persons);

	if (person->shared)
		hm_sign_refuse(name, "rejection",
					   psprintf("Login \"%s\" is shared: it stands for no person.",
								person->login),
					   "Log in as yourself.");
	return person;
}

void
hm_submission_reject(const char *name, bool up, const char *reason)
{
	int			node;
	HmSubmission *submission = hm_members_require(hm_graph_load(), name, up,
												  &node);

	(void) require_person(name, hm_persons_load());
	hm_submission_end(submission, "rejected", reason);
	if (node >= 0 && list_length(submission->members) > 1)
		ereport(NOTICE,
				(errmsg("%s is rejected, with all its %d migrations",
						hm_submission_display(submission->submission_id),
						list_length(submission->members))));
}

static bool
is_author(const HmSubmission *submission, const HmPerson *person,
		  const HmPersons *persons)
{
	ListCell   *cell;

	foreach(cell, hm_authors_load(hm_submission_migrations(submission),
								  list_length(submission->members),
								  submission->up, persons))
	{
		if (hm_person_among(((HmAuthored *) lfirst(cell))->persons, person))
			return true;
	}
	return false;
}

char *
hm_submission_withdraw(const char *name, bool up, const char *reason)
{
	HmPersons  *persons = hm_persons_load();
	HmPerson   *person = hm_person_acting(persons);
	int			node;
	HmSubmission *submission = hm_members_require(hm_graph_load(), name, up,
												  &node);
	int			ended;

	if (hm_person_same(person, hm_submission_submitter(submission, persons)) ||
		is_author(submission, person, persons))
	{
		hm_submission_end(submission, "withdrawn", reason);
		return hm_submission_display(submission->submission_id);
	}
	ended = hm_approvals_end(submission, person, persons, reason);
	if (ended == 0)
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
				 errmsg("there is nothing that %s could withdraw",
						person->name),
				 errdetail("%s was submitted by \"%s\", and %s has not approved it.",
						   hm_submission_display(submission->submission_id),
						   submission->submitted_by, person->name),
				 errhint("An approver who is against it rejects it: SELECT migrate_reject('name', 'reason');")));
	return ended == 1 ? pstrdup("1 approval") :
		psprintf("%d approvals", ended);
}
