/*
 * src/policy/requirement_stages.c
 *	  stages: what must have happened how long before a run.
 *
 * The submission is one of them; the others are signatures, approvals whose
 * meaning is the name of the stage.  A release that was planned for a later
 * time does not run before it, whatever the stages are.
 */
#include "postgres.h"

#include "base/errors.h"
#include "lib/stringinfo.h"
#include "policy/approval.h"
#include "policy/approvers_judge.h"
#include "policy/policy_value.h"
#include "policy/requirement_value.h"
#include "policy/submission.h"
#include "policy/window.h"

/* NULL, or what is wrong with it. */
static char *
read_stage(JsonbContainer *object, HmStage *stage)
{
	static const char *const keys[] = {"stage", "notice", "roles", NULL};
	char	   *stranger = hm_value_stranger(object, keys);

	if (stranger)
		return psprintf("key \"%s\" is not known", stranger);
	stage->name = hm_value_text(hm_value_member(object, "stage"));
	stage->notice_text = hm_value_text(hm_value_member(object, "notice"));
	stage->roles = hm_value_texts(hm_value_member(object, "roles"));
	if (stage->name == NULL)
		return pstrdup("it has no \"stage\"");
	if (strlen(stage->name) > HM_MEANING_MAX_BYTES)
		return psprintf("its \"stage\" is longer than %d bytes",
						HM_MEANING_MAX_BYTES);
	if (!hm_value_interval(stage->notice_text, &stage->notice))
		return pstrdup("its \"notice\" is not an interval longer than nothing");
	if (strcmp(stage->name, HM_MEANING_APPROVAL) == 0)
		return pstrdup("approvals are asked for by requirement \"approvers\"");
	if (strcmp(stage->name, HM_STAGE_SUBMISSION) == 0)
		return stage->roles == NIL && hm_value_member(object, "roles") == NULL ?
			NULL : pstrdup("whoever may register submits, so that it has no \"roles\"");
	return stage->roles != NIL ? NULL :
		pstrdup("its \"roles\" is not an array of names of roles");
}

List *
hm_stages_read(Jsonb *value)
{
	JsonbContainer *array = value ? hm_value_array(value) : NULL;
	List	   *stages = NIL;
	ListCell   *cell;

	foreach(cell, array ? hm_value_elements(array) : NIL)
	{
		JsonbContainer *object = hm_value_inner_object(lfirst(cell));
		HmStage    *stage = palloc0(sizeof(HmStage));

		if (object && read_stage(object, stage) == NULL)
			stages = lappend(stages, stage);
	}
	return stages;
}

static bool
is_named(List *stages, const char *name)
{
	ListCell   *cell;

	foreach(cell, stages)
	{
		if (strcmp(((HmStage *) lfirst(cell))->name, name) == 0)
			return true;
	}
	return false;
}

static char *
check(Jsonb *value)
{
	JsonbContainer *array = hm_value_array(value);
	List	   *stages = NIL;
	ListCell   *cell;

	if (array == NULL)
		return pstrdup("It is an array of stages.");
	foreach(cell, hm_value_elements(array))
	{
		JsonbContainer *object = hm_value_inner_object(lfirst(cell));
		HmStage    *stage = palloc0(sizeof(HmStage));
		char	   *wrong = object ? read_stage(object, stage) :
		pstrdup("it is not an object");

		if (wrong == NULL && is_named(stages, stage->name))
			wrong = pstrdup("another has its name");
		if (wrong)
			return psprintf("Of stage %d: %s.",
							foreach_current_index(cell) + 1, wrong);
		stages = lappend(stages, stage);
	}
	return NULL;
}

static char *
describe(Jsonb *value)
{
	StringInfoData text;
	ListCell   *cell;

	initStringInfo(&text);
	foreach(cell, hm_stages_read(value))
	{
		HmStage    *stage = lfirst(cell);

		appendStringInfo(&text, "%s%s %s", text.len > 0 ? ", " : "",
						 stage->name, stage->notice_text);
	}
	if (text.len == 0)
		return pstrdup("no stages");
	appendStringInfoString(&text, " before");
	return text.data;
}

/* Judging. */

/* The second that is told is the one that counts. */
static TimestampTz
round_up(TimestampTz moment)
{
	TimestampTz rest = moment % USECS_PER_SEC;

	if (rest == 0)
		return moment;
	return moment - rest + (rest > 0 ? USECS_PER_SEC : 0);
}

static TimestampTz
notice_ends(const HmStage *stage, TimestampTz since)
{
	return round_up(hm_value_after(since, &stage->notice));
}

/* How long it has been so, or will have to have been. */
static HmPolicyGap *
time_gap(const HmPolicyCase *c, const HmStage *stage, TimestampTz since,
		 const char *what)
{
	TimestampTz opens_at = notice_ends(stage, since);
	HmPolicyGap *gap;

	if (opens_at <= c->now)
		return NULL;
	gap = hm_gap_create("stages", HM_ERRCODE_NOT_NOW,
						psprintf("%s at least %s before, which is at %s",
								 what, stage->notice_text,
								 hm_window_moment(opens_at)));
	gap->opens_at = opens_at;
	return gap;
}

static HmPolicyGap *
judge_submission(const HmPolicyCase *c, const HmStage *stage)
{
	if (c->submission == NULL)
		return hm_gap_unsubmitted(hm_requirement_stages.name);
	return time_gap(c, stage, c->submission->submitted_at,
					"must have been submitted");
}

/* The first of its signatures by somebody who is in the stage's roles. */
static const HmApproval *
find_signature(const HmPolicyCase *c, const HmStage *stage)
{
	ListCell   *cell;

	foreach(cell, c->approvals)
	{
		const HmApproval *approval = lfirst(cell);

		if (strcmp(approval->meaning, stage->name) == 0 &&
			hm_approval_by_member(c, approval, stage->roles))
			return approval;
	}
	return NULL;
}

static HmPolicyGap *
judge_signature(const HmPolicyCase *c, const HmStage *stage)
{
	const HmApproval *signature = find_signature(c, stage);
	HmPolicyGap *gap;

	if (signature)
		return time_gap(c, stage, signature->given_at,
						psprintf("stage \"%s\" must have been signed",
								 stage->name));
	gap = hm_gap_create("stages", HM_ERRCODE_NOT_APPROVED,
						psprintf("needs the signature of %s for stage \"%s\"",
								 hm_roles_phrase(stage->roles), stage->name));
	gap->roles = stage->roles;
	gap->meaning = stage->name;
	return gap;
}

static List *
judge(const HmPolicyCase *c, Jsonb *value, List *gaps)
{
	ListCell   *cell;

	foreach(cell, hm_stages_read(value))
	{
		const HmStage *stage = lfirst(cell);
		HmPolicyGap *gap = stage->roles == NIL ? judge_submission(c, stage) :
		judge_signature(c, stage);

		if (gap == NULL)
			continue;
		if (gap->opens_at == 0)
			gap->opens_at = notice_ends(stage, c->now);
		gaps = lappend(gaps, gap);
	}
	return gaps;
}

const HmRequirement hm_requirement_stages = {
	.name = "stages",
	.by_signature = true,
	.example = "[{\"stage\": \"submission\", \"notice\": \"7 days\"}, {\"stage\": \"security\", \"notice\": \"5 days\", \"roles\": [\"security_officer\"]}]",
	.check = check,
	.describe = describe,
	.judge = judge,
};
