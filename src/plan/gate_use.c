/*
 * src/plan/gate_use.c
 *	  After a run: what its steps ran by is used up, and goes on record.
 *
 * Steps of one transaction are used up together, by one command for all their
 * approvals and two for their submissions.
 */
#include "postgres.h"

#include "audit/event.h"
#include "base/json_text.h"
#include "plan/gate.h"
#include "policy/approval.h"
#include "policy/policy.h"
#include "policy/submission.h"

static int
count_approvals(List *steps)
{
	int			count = 0;
	ListCell   *cell;

	foreach(cell, steps)
		count += ((HmPlanStep *) lfirst(cell))->pass->napprovals;
	return count;
}

/* Returns a step whose approval was taken back, or NULL. */
static HmPlanStep *
use_approvals(List *steps, int64 run_id)
{
	int			count = count_approvals(steps);
	int64	   *approvals = palloc(sizeof(int64) * Max(count, 1));
	List	   *owners = NIL;
	ListCell   *cell;
	int			lost;

	foreach(cell, steps)
	{
		HmPlanStep *step = lfirst(cell);

		for (int i = 0; i < step->pass->napprovals; i++)
		{
			approvals[list_length(owners)] = step->pass->approvals[i];
			owners = lappend(owners, step);
		}
	}
	lost = hm_approvals_use(approvals, count, run_id);
	return lost < 0 ? NULL : list_nth(owners, lost);
}

/* Returns a step whose submission was ended, or NULL. */
static HmPlanStep *
note_done(const HmGraph *graph, List *steps)
{
	int			most = Max(list_length(steps), 1);
	int64	   *submissions = palloc(sizeof(int64) * most);
	int64	   *migrations = palloc(sizeof(int64) * most);
	List	   *owners = NIL;
	ListCell   *cell;
	int			ended;

	foreach(cell, steps)
	{
		HmPlanStep *step = lfirst(cell);

		if (step->pass->submission_id == 0)
			continue;
		submissions[list_length(owners)] = step->pass->submission_id;
		migrations[list_length(owners)] =
			graph->nodes[step->node].migration_id;
		owners = lappend(owners, step);
	}
	ended = hm_submissions_note_done(submissions, migrations,
									 list_length(owners));
	return ended < 0 ? NULL : list_nth(owners, ended);
}

/*
 * What ran without all that the policy asks did not run by its approvals: they
 * are not used, and so do not cover that it be reverted.
 */
static HmPlanStep *
use_up(const HmGraph *graph, HmPlanStep *steps, int nsteps, int64 run_id)
{
	List	   *approved = NIL;
	List	   *others = NIL;
	HmPlanStep *lost;
	HmPlanStep *ended;

	for (int i = 0; i < nsteps; i++)
	{
		HmPlanStep *step = &steps[i];

		if (step->reason || step->pass == NULL)
			continue;
		if (step->pass->missing)
			others = lappend(others, step);
		else
			approved = lappend(approved, step);
	}
	lost = use_approvals(approved, run_id);
	ended = note_done(graph, approved);
	(void) note_done(graph, others);
	return lost ? lost : ended;
}

/* The record. */

static void
append_use(const HmPass *pass, const HmNode *node, int64 run_id,
		   HmEventKind kind)
{
	HmEvent		event = {
		.kind = kind,
		.migration = node->display,
		.run_id = run_id,
		.approvers = pass->approvers,
		.ticket = pass->ticket
	};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "risk", hm_severity_name(pass->risk));
	if (pass->submission_id != 0)
		hm_json_int64(&json, "submission", pass->submission_id);
	if (pass->break_glass != 0)
		hm_json_int64(&json, "break_glass", pass->break_glass);
	hm_json_text(&json, "missing", pass->missing);
	event.details = hm_json_end(&json);
	hm_event_append(&event);
}

static void
warn_of_missing(const HmPass *pass, const HmNode *node)
{
	ereport(WARNING,
			(errmsg("migration \"%s\" ran without what the policy asks",
					node->display),
			 errdetail("Missing: %s.", pass->missing),
			 pass->break_glass != 0 || hm_policy_binds() ? 0 :
			 errhint("The policy binds where the guard is armed: SELECT * FROM migrate_guard('enforce', 'reason');")));
}

static void
report(const HmGraph *graph, const HmPlanStep *step, int64 run_id, bool lost)
{
	HmPass	   *pass = step->pass;
	const HmNode *node = &graph->nodes[step->node];

	if (step->reason || pass == NULL)
		return;
	if (pass->missing == NULL && pass->napprovals > 0)
		append_use(pass, node, run_id, HM_EVENT_APPROVAL_USED);
	if (lost)
		pass->missing = pstrdup("an approval that was taken back while it ran");
	if (pass->missing)
	{
		append_use(pass, node, run_id, HM_EVENT_POLICY_OBSERVED);
		warn_of_missing(pass, node);
	}
}

HmPlanStep *
hm_gate_use(const HmGraph *graph, HmPlanStep *steps, int nsteps, int64 run_id,
			bool committed)
{
	HmPlanStep *lost = use_up(graph, steps, nsteps, run_id);

	if (lost && !committed)
		return lost;
	for (int i = 0; i < nsteps; i++)
		report(graph, &steps[i], run_id, &steps[i] == lost);
	return NULL;
}
