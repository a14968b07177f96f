/*
 * src/policy/verdict.c
 *	  What is missing before a migration may run.
 */
#include "postgres.h"

#include "base/errors.h"
#include "base/names.h"
#include "lib/stringinfo.h"
#include "policy/approval.h"
#include "policy/freeze.h"
#include "policy/policy.h"
#include "policy/policy_value.h"
#include "policy/roster.h"
#include "policy/submission.h"
#include "policy/verdict.h"
#include "policy/window.h"
#include "utils/acl.h"

#define MAX_NAMED 5

static List *
judge(const HmPolicyCase *c, const HmRequirement *requirement, List *gaps)
{
	const HmPolicyRow *row = requirement->judge == NULL ? NULL :
	hm_policy_row(c->policy, requirement->name, c->risk);

	return row && !row->fault ? requirement->judge(c, row->value, gaps) :
		gaps;
}

/* What was approved is not there as a whole any more. */
static List *
judge_release(const HmPolicyCase *c, List *gaps)
{
	HmPolicyGap *gap;

	if (c->submission == NULL || c->submission->gone == NULL)
		return gaps;
	gap = hm_gap_create("submission", HM_ERRCODE_NOT_APPROVED,
						psprintf("must be submitted again: %s, a member of %s, is not registered any more",
								 c->submission->gone->display,
								 hm_submission_display(c->submission->submission_id)));
	gap->submit = true;
	return lappend(gaps, gap);
}

/* Signatures are given to what is submitted. */
static List *
judge_submission(const HmPolicyCase *c, List *gaps)
{
	bool		signable = false;
	ListCell   *cell;

	foreach(cell, gaps)
	{
		const HmPolicyGap *gap = lfirst(cell);

		if (gap->submit)
			return gaps;
		signable = signable || gap->roles != NIL;
	}
	if (c->submission || !signable)
		return gaps;
	return lcons(hm_gap_unsubmitted("submission"), gaps);
}

/* A release that is planned for a time does not run before it. */
static List *
judge_plan(const HmPolicyCase *c, List *gaps)
{
	HmPolicyGap *gap;

	if (c->submission == NULL || c->submission->planned_for <= c->now)
		return gaps;
	gap = hm_gap_create("submission", HM_ERRCODE_NOT_NOW,
						psprintf("is planned for %s",
								 hm_window_moment(c->submission->planned_for)));
	gap->opens_at = c->submission->planned_for;
	return lappend(gaps, gap);
}

/* Nobody can say that it is met. */
static List *
judge_faults(const HmPolicyCase *c, List *gaps)
{
	ListCell   *cell;

	foreach(cell, c->policy->rows)
	{
		const HmPolicyRow *row = lfirst(cell);

		if (row->fault && (row->everywhere || row->risk == c->risk))
			gaps = lappend(gaps,
						   hm_gap_create(row->name, HM_ERRCODE_NOT_APPROVED,
										 psprintf("must meet requirement \"%s\", which is not understood (%s): change it with migrate_set_policy()",
												  row->name, row->fault)));
	}
	return gaps;
}

List *
hm_case_judge(const HmPolicyCase *c)
{
	HmFreeze   *freeze = hm_freeze_at(c->policy->freezes, c->now);
	List	   *gaps = NIL;
	int			count;
	const HmRequirement *const *requirements = hm_requirements(&count);

	if (freeze)
		gaps = lappend(gaps, hm_freeze_gap(freeze));
	if (c->reverts)
		return gaps;
	gaps = judge_release(c, gaps);
	for (int i = 0; i < count; i++)
		gaps = judge(c, requirements[i], gaps);
	gaps = judge_faults(c, gaps);
	return judge_submission(c, judge_plan(c, gaps));
}

List *
hm_case_judge_signatures(const HmPolicyCase *c)
{
	List	   *gaps = judge_release(c, NIL);
	bool		whole = gaps == NIL;
	int			count;
	const HmRequirement *const *requirements = hm_requirements(&count);

	for (int i = 0; i < count && whole; i++)
	{
		if (requirements[i]->by_signature)
			gaps = judge(c, requirements[i], gaps);
	}
	return judge_faults(c, gaps);
}

bool
hm_case_by_author(const HmPolicyCase *c, const HmPerson *person)
{
	ListCell   *cell;

	foreach(cell, c->author_persons)
	{
		if (hm_circles_same(c->circles, lfirst(cell), person))
			return true;
	}
	foreach(cell, c->authors)
	{
		if (hm_person_claimed(c->persons, lfirst(cell), person))
			return true;
	}
	return false;
}

bool
hm_case_excludes_author(const HmPolicyCase *c, const HmPerson *person)
{
	return !hm_policy_flag(c->policy, "separation", "author", c->risk, true) &&
		hm_case_by_author(c, person);
}

bool
hm_case_excludes_executor(const HmPolicyCase *c, const HmPerson *person)
{
	return c->executor &&
		hm_circles_same(c->circles, c->executor, person) &&
		!hm_policy_flag(c->policy, "separation", "executor", c->risk, true);
}

bool
hm_case_accepts_relayed(const HmPolicyCase *c)
{
	Jsonb	   *value = hm_policy_value(c->policy, "relay", c->risk);

	return value && hm_value_flag(value, NULL, false);
}

char *
hm_case_unidentified(const HmPolicyCase *c, const HmPerson *person)
{
	if (!person->registered && hm_policy_wants_registered(c->policy))
		return psprintf("login \"%s\" is registered as nobody's",
						person->login);
	if (person->authn_id == NULL && OidIsValid(person->login_oid) &&
		hm_policy_wants_proof(c->policy))
		return psprintf("login \"%s\" has not proven who it is",
						person->login);
	return NULL;
}

List *
hm_case_wanted(const HmPolicyCase *c, List *gaps, const HmPerson *person,
			   Oid login)
{
	List	   *wanted = NIL;
	ListCell   *cell;

	if (person->shared || !hm_roster_is_approver(c->roster, login) ||
		hm_case_excludes_author(c, person))
		return NIL;
	foreach(cell, gaps)
	{
		HmPolicyGap *gap = lfirst(cell);

		if (gap->roles != NIL && gap->first == NULL &&
			hm_roster_member_of_any(c->roster, login, gap->roles))
			wanted = lappend(wanted, gap);
	}
	return wanted;
}

List *
hm_gaps_meanings(List *gaps, List *meanings)
{
	ListCell   *cell;

	foreach(cell, gaps)
	{
		const HmPolicyGap *gap = lfirst(cell);

		if (gap->meaning && !hm_names_have(meanings, gap->meaning))
			meanings = lappend(meanings, (char *) gap->meaning);
	}
	return meanings;
}

/* Words. */

/* What they will have proven when they log in, is not known. */
static bool
may_sign(const HmPolicyCase *c, const HmPolicyGap *gap,
		 const HmPerson *person)
{
	if (person->shared || hm_case_excludes_author(c, person))
		return false;
	if (!person->registered && hm_policy_wants_registered(c->policy))
		return false;
	return strcmp(gap->meaning, HM_MEANING_APPROVAL) != 0 ||
		!hm_case_excludes_executor(c, person);
}

/* Those who could close the gap and may. */
static List *
find_helpers(const HmPolicyCase *c, const HmPolicyGap *gap)
{
	List	   *helpers = NIL;
	ListCell   *cell;

	foreach(cell, hm_roster_candidates(c->roster, gap->roles))
	{
		const char *login = lfirst(cell);
		HmPerson   *person = hm_person_of(c->persons, login,
										  get_role_oid(login, true), NULL);

		if (may_sign(c, gap, person))
			helpers = lappend(helpers, (char *) login);
	}
	return helpers;
}

static void
append_helpers(StringInfo text, const HmPolicyCase *c, const HmPolicyGap *gap)
{
	List	   *helpers = find_helpers(c, gap);

	appendStringInfo(text, " (%s)", helpers == NIL ? "nobody can" :
					 hm_names_join_first(helpers, MAX_NAMED));
}

char *
hm_case_explain(const HmPolicyCase *c, List *gaps, List *voided)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, gaps)
	{
		const HmPolicyGap *gap = lfirst(cell);

		appendStringInfo(&text, "%s%s", text.len > 0 ? "; " : "", gap->what);
		if (gap->roles != NIL)
			append_helpers(&text, c, gap);
	}
	foreach(cell, gaps == NIL ? NIL : voided)
	{
		const HmApproval *approval = lfirst(cell);

		appendStringInfo(&text, "; the approval of %s does not count: %s",
						 approval->person, approval->void_because);
	}
	return text.data;
}

char *
hm_gaps_list(List *gaps)
{
	StringInfoData text;
	ListCell   *cell;

	if (gaps == NIL)
		return NULL;
	initStringInfo(&text);
	foreach(cell, gaps)
		appendStringInfo(&text, "%s%s", text.len > 0 ? "; " : "",
						 ((HmPolicyGap *) lfirst(cell))->what);
	return text.data;
}
