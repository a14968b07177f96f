/*
 * src/plan/review_standing.c
 *	  What a review shows of where a migration stands: what was submitted, what
 *	  the policy asks, who has approved, what is missing, and when it may run.
 *
 * All of it changes with time, and none is hashed.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "plan/review_parts.h"
#include "policy/approval.h"
#include "policy/assessment.h"
#include "policy/freeze.h"
#include "policy/policy.h"
#include "policy/submission.h"
#include "policy/verdict.h"
#include "policy/window.h"
#include "utils/builtins.h"

static void
add(HmReview *review, const char *section, const char *item,
	const char *value)
{
	if (value)
		hm_review_add_as(review, section, item, value, NULL);
}

/* What was submitted. */

static char *
shown_members(const HmSubmission *submission)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, submission->members)
	{
		const HmMember *member = lfirst(cell);

		appendStringInfo(&text, "%s%s (%s%s%s)", text.len > 0 ? ", " : "",
						 member->display, hm_severity_name(member->risk),
						 member->done_at != 0 ? ", has run" : "",
						 member->registered ? "" :
						 ", not registered any more");
	}
	return text.data;
}

void
hm_review_add_submission(HmReview *review, const HmSubmission *submission)
{
	if (submission == NULL)
	{
		add(review, "submission", NULL, "none is open");
		return;
	}
	add(review, "submission", "release",
		hm_submission_display(submission->submission_id));
	add(review, "submission", "reason", submission->reason);
	add(review, "submission", "ticket", submission->ticket);
	add(review, "submission", "submitted by",
		submission->submitted_authn_id ?
		psprintf("%s (%s)", submission->submitted_by,
				 submission->submitted_authn_id) :
		submission->submitted_by);
	add(review, "submission", "submitted at",
		hm_window_moment(submission->submitted_at));
	if (submission->planned_for != 0)
		add(review, "submission", "planned for",
			hm_window_moment(submission->planned_for));
	add(review, "submission", "members", shown_members(submission));
}

/* What the policy asks. */

static void
add_policy(HmReview *review, const HmPolicyCase *c)
{
	const HmRequirement *const *requirements;
	int			count;

	if (!hm_policy_asks(c->policy))
	{
		add(review, "policy", NULL, "nothing is asked");
		return;
	}
	if (!hm_policy_binds())
		add(review, "policy", NULL,
			"not binding here: the guard does not enforce class schema");
	requirements = hm_requirements(&count);
	for (int i = 0; i < count; i++)
	{
		const HmPolicyRow *row = requirements[i]->everywhere ? NULL :
		hm_policy_row(c->policy, requirements[i]->name, c->risk);

		if (row)
			add(review, "policy", row->name, hm_policy_describe(row));
	}
}

/* Who has approved: name, time and meaning, as 21 CFR 11.50 asks. */

static char *
shown_approval(const HmApproval *approval)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfo(&text, "%s of %s at risk %s, given %s by login %s",
					 approval->meaning,
					 pnstrdup(approval->checksum, HM_REVIEW_DIGITS),
					 hm_severity_name(approval->risk),
					 hm_window_moment(approval->given_at), approval->login);
	if (approval->authn_id)
		appendStringInfo(&text, " (%s)", approval->authn_id);
	if (approval->relayed_by)
		appendStringInfo(&text, ", relayed by %s", approval->relayed_by);
	appendStringInfo(&text, ", until %s",
					 hm_window_moment(approval->expires_at));
	if (approval->comment)
		appendStringInfo(&text, ": %s", approval->comment);
	if (approval->void_because)
		appendStringInfo(&text, "; does not count: %s",
						 approval->void_because);
	return text.data;
}

static void
add_approvals(HmReview *review, List *approvals)
{
	ListCell   *cell;

	foreach(cell, approvals)
	{
		const HmApproval *approval = lfirst(cell);

		add(review, "approval", approval->person, shown_approval(approval));
	}
}

static void
add_missing(HmReview *review, const HmPolicyCase *c, List *gaps)
{
	ListCell   *cell;

	if (gaps == NIL)
		add(review, "missing", NULL, "nothing");
	foreach(cell, gaps)
	{
		const HmPolicyGap *gap = lfirst(cell);

		add(review, "missing", gap->requirement,
			hm_case_explain(c, list_make1((void *) gap), NIL));
	}
}

/* When. */

static void
add_window(HmReview *review, const HmPolicyCase *c)
{
	Jsonb	   *windows = hm_policy_value(c->policy, "windows", c->risk);
	HmWindowSpan span;

	if (windows == NULL)
		return;
	if (hm_window_open(windows, c->now, &span))
		add(review, "window", "open",
			span.ends == DT_NOEND ? "always" :
			psprintf("until %s", hm_window_moment(span.ends)));
	else if (hm_window_next(windows, c->policy->freezes, c->now, &span))
		add(review, "window", "opens",
			psprintf("%s, until %s", hm_window_moment(span.begins),
					 hm_window_moment(span.ends)));
	else
		add(review, "window", "opens", "never, in the next 400 days");
}

/* Those to come, too. */
static void
add_freezes(HmReview *review, const HmPolicyCase *c)
{
	ListCell   *cell;

	foreach(cell, c->policy->freezes)
	{
		const HmFreeze *freeze = lfirst(cell);

		if (freeze->until <= c->now)
			continue;
		add(review, "freeze",
			freeze->since <= c->now ? "in force" : "to come",
			psprintf("from %s until %s, by %s: %s",
					 hm_window_moment(freeze->since),
					 freeze->until == DT_NOEND ? "it is ended" :
					 hm_window_moment(freeze->until), freeze->created_by,
					 freeze->reason));
	}
}

void
hm_review_add_standing(HmReview *review, const HmPolicyCase *c, List *voided)
{
	add_policy(review, c);
	if (c->submission == NULL && !hm_policy_asks(c->policy))
		return;
	if (c->phi && !hm_assessment_find(c->migration_id, c->checksum))
		add(review, "assessment", NULL, "none of this text");
	add_approvals(review, c->approvals);
	add_approvals(review, voided);
	add_missing(review, c, hm_case_judge(c));
	add_window(review, c);
	add_freezes(review, c);
}
