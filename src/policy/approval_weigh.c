/*
 * src/policy/approval_weigh.c
 *	  Which approvals count now, and why the others do not.
 */
#include "postgres.h"

#include "base/actor.h"
#include "policy/approval.h"
#include "policy/policy.h"
#include "policy/roster.h"
#include "policy/submission.h"
#include "policy/verdict.h"

static const HmPerson *
find_giver(const HmPolicyCase *c, const HmApproval *approval)
{
	HmPerson   *person = NULL;

	if (approval->relayed_by)
		person = hm_person_named(c->persons, approval->person);
	if (person == NULL)
		person = hm_person_of(c->persons, approval->login,
							  approval->login_oid, approval->authn_id);
	person->was = approval->person;
	return person;
}

/* Oids of the roles whose memberships speak for it. */
static List *
logins_of(const HmPolicyCase *c, const HmApproval *approval)
{
	if (approval->relayed_by)
		return hm_person_logins(c->persons, approval->giver);
	return list_make1_oid(approval->login_oid);
}

bool
hm_approval_by_member(const HmPolicyCase *c, const HmApproval *approval,
					  List *roles)
{
	ListCell   *cell;

	foreach(cell, logins_of(c, approval))
	{
		if (hm_roster_member_of_any(c->roster, lfirst_oid(cell), roles))
			return true;
	}
	return false;
}

static bool
by_approver(const HmPolicyCase *c, const HmApproval *approval)
{
	ListCell   *cell;

	foreach(cell, logins_of(c, approval))
	{
		if (hm_roster_is_approver(c->roster, lfirst_oid(cell)))
			return true;
	}
	return false;
}

/* What binds it to this content, here and now. */
static char *
find_unbound(const HmPolicyCase *c, const HmApproval *approval)
{
	if (approval->elsewhere)
		return pstrdup(approval->elsewhere);
	if (!approval->on_record)
		return pstrdup("it is not what the record says");
	if (strcmp(approval->checksum, c->checksum) != 0)
		return pstrdup("it was given for another text");
	if (approval->expires_at <= c->now)
		return pstrdup("it has expired");
	if (approval->risk < c->risk)
		return psprintf("it was given at risk %s, which is %s now",
						hm_severity_name(approval->risk),
						hm_severity_name(c->risk));
	return NULL;
}

/* Whether whoever gave it may be heard. */
static char *
find_unfit(const HmPolicyCase *c, const HmApproval *approval)
{
	if (!approval->relayed_by && !hm_actor_can_log_in(approval->login_oid))
		return pstrdup("its login is gone, or may not log in");
	if (approval->giver->shared)
		return pstrdup("its login is shared");
	if (!by_approver(c, approval))
		return pstrdup("capability approver is not held any more");
	if (approval->relayed_by && !hm_case_accepts_relayed(c))
		return psprintf("it was relayed, which is not enough at risk %s",
						hm_severity_name(c->risk));
	if (hm_case_excludes_author(c, approval->giver))
		return pstrdup("it is the author's own");
	if (strcmp(approval->meaning, HM_MEANING_APPROVAL) == 0 &&
		hm_case_excludes_executor(c, approval->giver))
		return pstrdup("it is that of whoever runs it");
	return hm_case_unidentified(c, approval->giver);
}

static bool
is_given_for(const HmPolicyCase *c, const HmApproval *approval)
{
	return c->submission && approval->up == c->up &&
		approval->submission_id == c->submission->submission_id &&
		approval->migration_id == c->migration_id;
}

/* Fills in who gave them; returns those for the case. */
static List *
collect_given(HmPolicyCase *c, List *approvals)
{
	List	   *given = NIL;
	ListCell   *cell;

	foreach(cell, approvals)
	{
		HmApproval *approval = lfirst(cell);

		if (!is_given_for(c, approval))
			continue;
		approval->giver = find_giver(c, approval);
		given = lappend(given, approval);
	}
	return given;
}

void
hm_case_meet(HmPolicyCase *c, const HmPerson *person)
{
	/* Two who use what is shared are not one for that. */
	if (!person->shared)
		c->circles = hm_circles_add(c->circles, person);
}

/* What does not count any more still tells who is who. */
static void
form_circles(HmPolicyCase *c, List *given)
{
	ListCell   *cell;

	foreach(cell, c->author_persons)
		hm_case_meet(c, lfirst(cell));
	foreach(cell, given)
		hm_case_meet(c, ((HmApproval *) lfirst(cell))->giver);
	if (c->executor)
		hm_case_meet(c, c->executor);
}

void
hm_approvals_weigh(HmPolicyCase *c, List *approvals, List **voided)
{
	List	   *given = collect_given(c, approvals);
	ListCell   *cell;

	form_circles(c, given);
	foreach(cell, given)
	{
		HmApproval *approval = lfirst(cell);

		approval->void_because = find_unbound(c, approval);
		if (approval->void_because == NULL)
			approval->void_because = find_unfit(c, approval);
		if (approval->void_because == NULL)
			c->approvals = lappend(c->approvals, approval);
		else if (voided)
			*voided = lappend(*voided, approval);
	}
}
