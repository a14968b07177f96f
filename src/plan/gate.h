/*
 * src/plan/gate.h
 *	  The gate before a run: for each step of a plan, whether the policy lets
 *	  it run, here and now.
 *
 * Everything is looked at again: the risk by the catalogs as they are, each
 * approval, who is a member of what, the windows, freezes.  Without a policy
 * it costs three queries.
 */
#ifndef HM_PLAN_GATE_H
#define HM_PLAN_GATE_H

#include "plan/plan.h"
#include "policy/requirement.h"

/* By what a step may run: used up when it has. */
typedef struct HmPass
{
	int64		submission_id;	/* 0: none is open */
	int64	   *approvals;		/* numbers */
	int			napprovals;
	char	   *approvers;		/* persons, joined by commas, or NULL */
	const char *ticket;			/* of the submission, or NULL */
	char	   *window;			/* that is open, "begin/end" in UTC, or NULL */
	HmSeverity	risk;
	char	   *missing;		/* what the policy would refuse it for, were
								 * it binding; or NULL */
	int64		break_glass;	/* under which it runs all the same, or 0 */
} HmPass;

/*
 * For plans that are about to run: gives each step that may run a pass, or a
 * reason why not, and so to what depends on it.  Refusals go on record.
 */
extern void hm_gate_judge(HmPlan *plan);

/* The same to show; records nothing, works on a standby. */
extern void hm_gate_foresee(HmPlan *plan);

/*
 * For a step that runs later than it was judged, in a transaction of its own:
 * judges it again, and raises if it may not run any more.
 */
extern void hm_gate_require(const HmGraph *graph, HmDirection direction,
							HmPlanStep *step);

/*
 * In the transaction of those steps, when all of them that may have run: uses
 * up what they ran by and puts it on record.  Returns a step by an approval
 * that was taken back meanwhile, which must not stay, or NULL; of a step that
 * is committed already it goes on record instead.
 */
extern HmPlanStep *hm_gate_use(const HmGraph *graph, HmPlanStep *steps,
							   int nsteps, int64 run_id, bool committed);

#endif							/* HM_PLAN_GATE_H */
