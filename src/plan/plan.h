/*
 * src/plan/plan.h
 *	  The ordered steps to a target, and why a step may not run now.
 */
#ifndef HM_PLAN_PLAN_H
#define HM_PLAN_PLAN_H

#include "plan/graph.h"

typedef enum HmDirection
{
	HM_UP,
	HM_DOWN
} HmDirection;

static inline const char *
hm_direction_name(HmDirection direction)
{
	return direction == HM_UP ? "up" : "down";
}

/* Raises for what is neither. */
extern HmDirection hm_direction_require(const char *name);

typedef struct HmPlanStep
{
	int			node;
	int			errcode;		/* 0: it may run */
	char	   *reason;			/* why it may not, NULL: it may */
	bool		submit;			/* it waits to be submitted, or submitted
								 * again */
	struct HmPass *pass;		/* see plan/gate.h; NULL: the policy was not
								 * asked, or asks nothing */
} HmPlanStep;

typedef struct HmTexts HmTexts;

typedef struct HmPlan
{
	MemoryContext context;		/* in which it is */
	const HmGraph *graph;
	HmDirection direction;
	int			nsteps;
	HmPlanStep *steps;
	int			nblocked;		/* steps with a reason */
	bool		again;			/* what was just reverted, by migrate_redo() */
	struct HmRisk **risks;		/* of the steps; see plan/forecast.h, which
								 * alone looks at it */
	HmTexts    *texts;			/* so too, plan/texts.h */
} HmPlan;

/*
 * What is due: all of it, that of a project, or target and what it needs.
 * in_transaction tells whether the steps shall share one transaction.
 */
extern HmPlan *hm_plan_up(const HmGraph *graph, const char *target,
						  const char *project, bool in_transaction);

/* All that is due in its order, as if nothing kept it from running. */
extern HmPlan *hm_plan_due(const HmGraph *graph);

/* Reverts the chosen nodes (an array of graph->count). */
extern HmPlan *hm_plan_down(const HmGraph *graph, const bool *chosen,
							bool in_transaction);

/*
 * For who has given steps a reason why they may not run: counts them, and
 * gives what depends on them one too.
 */
extern void hm_plan_settle(HmPlan *plan);

/*
 * Choices for hm_plan_down().  dependents: what is in the database and
 * depends on the node, itself not included.  applied_after: what was
 * applied later.
 */
extern bool *hm_plan_choose_dependents(const HmGraph *graph, int node);
extern bool *hm_plan_choose_applied_after(const HmGraph *graph, int node);

/* The node (of a project, if given) applied last in time, or -1. */
extern int	hm_plan_last_applied(const HmGraph *graph, const char *project);

/* The displays of the chosen nodes, joined by commas; palloc'd. */
extern char *hm_plan_list_chosen(const HmGraph *graph, const bool *chosen);

/* Raise, listing every reason, unless all steps may run. */
extern void hm_plan_require_runnable(const HmPlan *plan);

/*
 * The same for the next step of a run that has committed others: a plan of
 * that step alone.
 */
extern void hm_plan_require_next(const HmPlan *plan);

#endif							/* HM_PLAN_PLAN_H */
