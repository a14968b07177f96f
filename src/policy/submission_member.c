/*
 * src/policy/submission_member.c
 *	  What a submission and its members tell of themselves: without a look at
 *	  the tables.
 */
#include "postgres.h"

#include "policy/submission.h"

#define DISPLAY_PREFIX	"release "

char *
hm_submission_display(int64 submission_id)
{
	return psprintf(DISPLAY_PREFIX "%lld", (long long) submission_id);
}

int64
hm_submission_parse(const char *name)
{
	char	   *end;
	int64		number;

	if (strncmp(name, DISPLAY_PREFIX, strlen(DISPLAY_PREFIX)) != 0)
		return 0;
	errno = 0;
	number = strtoi64(name + strlen(DISPLAY_PREFIX), &end, 10);
	return errno == 0 && *end == '\0' && number > 0 ? number : 0;
}

static HmMember *
find_member(const HmSubmission *submission, int64 migration_id)
{
	ListCell   *cell;

	foreach(cell, submission->members)
	{
		HmMember   *member = lfirst(cell);

		if (member->migration_id == migration_id)
			return member;
	}
	return NULL;
}

HmSubmission *
hm_submission_with(List *submissions, int64 migration_id, bool up,
				   HmMember **member)
{
	ListCell   *cell;

	foreach(cell, submissions)
	{
		HmSubmission *submission = lfirst(cell);

		if (submission->up != up)
			continue;
		*member = find_member(submission, migration_id);
		if (*member && (*member)->done_at == 0)
			return submission;
	}
	*member = NULL;
	return NULL;
}

HmPerson *
hm_submission_submitter(const HmSubmission *submission,
						const HmPersons *persons)
{
	return hm_person_of(persons, submission->submitted_by,
						submission->submitted_by_oid,
						submission->submitted_authn_id);
}

const char *
hm_submission_subject(const HmSubmission *submission)
{
	if (list_length(submission->members) > 1)
		return hm_submission_display(submission->submission_id);
	return ((HmMember *) linitial(submission->members))->display;
}

int64 *
hm_submission_migrations(const HmSubmission *submission)
{
	int64	   *migrations = palloc(sizeof(int64) *
									list_length(submission->members));
	ListCell   *cell;

	foreach(cell, submission->members)
		migrations[foreach_current_index(cell)] =
		((HmMember *) lfirst(cell))->migration_id;
	return migrations;
}

List *
hm_members_displays(List *members)
{
	List	   *displays = NIL;
	ListCell   *cell;

	foreach(cell, members)
		displays = lappend(displays, (char *) ((HmMember *) lfirst(cell))->display);
	return displays;
}

static int
compare_numbers(const void *a, const void *b)
{
	return (*(const int64 *) a > *(const int64 *) b) -
		(*(const int64 *) a < *(const int64 *) b);
}

List *
hm_submission_left_out(const HmSubmission *old, const HmSubmission *by)
{
	int			count = list_length(by->members);
	int64	   *taken = hm_submission_migrations(by);
	List	   *left_out = NIL;
	ListCell   *cell;

	qsort(taken, count, sizeof(int64), compare_numbers);
	foreach(cell, old->members)
	{
		const HmMember *member = lfirst(cell);

		if (member->done_at == 0 &&
			!bsearch(&member->migration_id, taken, count, sizeof(int64),
					 compare_numbers))
			left_out = lappend(left_out, (char *) member->display);
	}
	return left_out;
}
