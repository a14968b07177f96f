/*
 * src/plan/gate.c
 *	  The gate before a run: whether the policy lets each step run.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "audit/event.h"
#include "base/errors.h"
#include "base/json_text.h"
#include "base/names.h"
#include "base/settings.h"
#include "miscadmin.h"
#include "plan/docket.h"
#include "plan/forecast.h"
#include "plan/gate.h"
#include "policy/approval.h"
#include "policy/verdict.h"
#include "policy/window.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

/* What all steps of a plan are judged by. */
typedef struct Gate
{
	HmPlan	   *plan;
	HmDocket   *docket;
	bool		asks;			/* else approvals are only used up */
	bool		binds;
	int64		break_glass;
} Gate;

/* Of the steps that nothing else keeps from running. */
static int64 *
choose_runnable(const HmPlan *plan, int *count)
{
	int64	   *migrations = palloc(sizeof(int64) * Max(plan->nsteps, 1));

	*count = 0;
	for (int i = 0; i < plan->nsteps; i++)
	{
		const HmPlanStep *step = &plan->steps[i];

		if (step->reason == NULL)
			migrations[(*count)++] =
				plan->graph->nodes[step->node].migration_id;
	}
	return migrations;
}

/* An up that was approved may be taken back for a while. */
static bool
is_covered(const HmNode *node, TimestampTz now)
{
	return node->state == HM_STATE_APPLIED &&
		hm_approval_covers_revert(node->migration_id, node->applied_revision,
								  now - hm_setting_revert_period *
								  USECS_PER_SEC);
}

/* What nobody could judge is as risky as can be. */
static HmPolicyCase *
build_case(const Gate *gate, const HmNode *node, const HmAuthored *authored,
		   const HmRisk *risk, List **voided)
{
	bool		up = gate->plan->direction == HM_UP;
	HmMember   *member;
	HmPolicyCase *c;
	HmSubject	subject = {
		.migration_id = node->migration_id,
		.display = node->display,
		.up = up,
		.risk = risk ? risk->total : HM_CRITICAL,
		.phi = risk == NULL || risk->phi,
		.authored = authored
	};

	subject.submission = hm_submission_with(gate->docket->submissions,
											node->migration_id, up, &member);
	c = hm_docket_case(gate->docket, &subject, voided);
	c->reverts = !up && is_covered(node, c->now);
	return c;
}

/* Each person once, however many signatures of other meanings it gave. */
static char *
list_approvers(const HmPolicyCase *c)
{
	List	   *names = NIL;
	ListCell   *cell;

	foreach(cell, c->approvals)
	{
		const char *person = ((HmApproval *) lfirst(cell))->person;

		if (!hm_names_have(names, person))
			names = lappend(names, (char *) person);
	}
	return names == NIL ? NULL : hm_names_join(names);
}

/* As in ISO 8601; NULL where it may run at any time, or not now. */
static char *
open_window(const HmPolicyCase *c)
{
	Jsonb	   *windows = hm_policy_value(c->policy, "windows", c->risk);
	HmWindowSpan span;

	if (windows == NULL || !hm_window_open(windows, c->now, &span) ||
		TIMESTAMP_NOT_FINITE(span.begins) || TIMESTAMP_NOT_FINITE(span.ends))
		return NULL;
	return psprintf("%s/%s", hm_json_moment(span.begins),
					hm_json_moment(span.ends));
}

static HmPass *
create_pass(const HmPolicyCase *c)
{
	HmPass	   *pass = palloc0(sizeof(HmPass));
	ListCell   *cell;

	pass->risk = c->risk;
	pass->window = open_window(c);
	if (c->submission)
	{
		pass->submission_id = c->submission->submission_id;
		pass->ticket = c->submission->ticket;
	}
	pass->approvals = palloc(sizeof(int64) *
							 Max(list_length(c->approvals), 1));
	foreach(cell, c->approvals)
		pass->approvals[pass->napprovals++] =
		((HmApproval *) lfirst(cell))->approval_id;
	pass->approvers = list_approvers(c);
	return pass;
}

static bool
wants_submission(List *gaps)
{
	ListCell   *cell;

	foreach(cell, gaps)
	{
		if (((HmPolicyGap *) lfirst(cell))->submit)
			return true;
	}
	return false;
}

static int
errcode_of(List *gaps)
{
	ListCell   *cell;

	foreach(cell, gaps)
	{
		if (((HmPolicyGap *) lfirst(cell))->errcode == HM_ERRCODE_NOT_APPROVED)
			return HM_ERRCODE_NOT_APPROVED;
	}
	return HM_ERRCODE_NOT_NOW;
}

static void
judge_step(const Gate *gate, HmPlanStep *step, const HmAuthored *authored,
		   const HmRisk *risk)
{
	List	   *voided = NIL;
	HmPolicyCase *c = build_case(gate, &gate->plan->graph->nodes[step->node],
								 authored, risk, &voided);
	List	   *gaps = gate->asks ? hm_case_judge(c) : NIL;

	step->pass = create_pass(c);
	if (gaps == NIL)
		return;
	step->pass->break_glass = gate->break_glass;
	step->pass->missing = hm_case_explain(c, gaps, voided);
	if (gate->binds && gate->break_glass == 0)
	{
		step->reason = step->pass->missing;
		step->errcode = errcode_of(gaps);
		step->submit = wants_submission(gaps);
	}
}

static void
judge_steps(Gate *gate, HmPolicy *policy, const HmPerson *executor)
{
	HmPlan	   *plan = gate->plan;
	int			count;
	int64	   *migrations = choose_runnable(plan, &count);
	HmRisk	  **risks = hm_forecast(plan, plan->nsteps);
	List	   *authored;
	int			next = 0;

	gate->docket = hm_docket_open(policy, migrations, count,
								  plan->graph->fresh);
	gate->docket->executor = executor;
	authored = hm_authors_load(migrations, count, plan->direction == HM_UP,
							   gate->docket->persons);
	for (int i = 0; i < plan->nsteps; i++)
	{
		CHECK_FOR_INTERRUPTS();
		if (plan->steps[i].reason == NULL)
			judge_step(gate, &plan->steps[i], list_nth(authored, next++),
					   risks ? risks[i] : NULL);
	}
	hm_plan_settle(plan);
	pfree(migrations);
}

static bool
is_submitted(const HmPlan *plan)
{
	int			count;
	int64	   *migrations = choose_runnable(plan, &count);
	List	   *submissions = hm_submissions_load(migrations, count,
												  plan->graph->fresh);

	pfree(migrations);
	return submissions != NIL;
}

/*
 * False: nothing is asked, and every step may go.  What was approved while
 * something was asked is used up all the same: it serves for one run.
 */
static bool
judge(HmPlan *plan, const HmPerson *executor)
{
	HmPolicy   *policy = hm_policy_load();
	Gate		gate = {.plan = plan,.asks = hm_policy_asks(policy)};

	if (plan->nsteps == 0 || (!gate.asks && !is_submitted(plan)))
		return false;
	gate.binds = hm_policy_binds();
	gate.break_glass = hm_policy_break_glass();
	judge_steps(&gate, policy, executor);
	return true;
}

/* The record. */

/* Somebody who tries a hundred times is on record once, with the count. */
static void
record_refusal(const HmPlan *plan, const HmPlanStep *step, int wait_ms)
{
	const HmNode *node = &plan->graph->nodes[step->node];
	HmEvent		event = {
		.kind = HM_EVENT_POLICY_REFUSED,
		.migration = node->display,
		.approvers = step->pass->approvers,
		.ticket = step->pass->ticket,
		.sqlstate = unpack_sql_state(step->errcode)
	};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "direction", hm_direction_name(plan->direction));
	hm_json_text(&json, "risk", hm_severity_name(step->pass->risk));
	hm_json_text(&json, "missing", step->reason);
	event.details = hm_json_end(&json);
	(void) hm_event_record(&event,
						   hm_event_fold_key(event.kind, node->display),
						   wait_ms);
}

/* Waits for the last of them, which the recorder has after all others. */
static void
record_refusals(const HmPlan *plan)
{
	int			last = -1;

	for (int i = 0; i < plan->nsteps; i++)
	{
		if (plan->steps[i].reason == NULL || plan->steps[i].pass == NULL)
			continue;
		if (last >= 0)
			record_refusal(plan, &plan->steps[last], 0);
		last = i;
	}
	if (last >= 0)
		record_refusal(plan, &plan->steps[last], hm_setting_record_wait);
}

void
hm_gate_judge(HmPlan *plan)
{
	PushActiveSnapshot(GetTransactionSnapshot());
	if (judge(plan, hm_person_acting(hm_persons_load())))
		record_refusals(plan);
	PopActiveSnapshot();
}

void
hm_gate_foresee(HmPlan *plan)
{
	bool		operator = hm_capability_held(HM_OPERATOR);

	(void) judge(plan, operator ? hm_person_acting(hm_persons_load()) : NULL);
}

void
hm_gate_require(const HmGraph *graph, HmDirection direction, HmPlanStep *step)
{
	HmPlanStep	alone = {.node = step->node};
	HmPlan		plan = {
		.context = CurrentMemoryContext,
		.graph = graph,
		.direction = direction,
		.nsteps = 1,
		.steps = &alone
	};

	hm_gate_judge(&plan);
	hm_plan_require_next(&plan);
	step->pass = alone.pass;
}
