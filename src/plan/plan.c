/*
 * src/plan/plan.c
 *	  The ordered steps to a target, and why a step may not run now.
 */
#include "postgres.h"

#include "base/errors.h"
#include "lib/stringinfo.h"
#include "plan/forbidden_step.h"
#include "plan/members.h"
#include "plan/plan.h"
#include "utils/builtins.h"

HmDirection
hm_direction_require(const char *name)
{
	if (strcmp(name, "up") == 0)
		return HM_UP;
	if (strcmp(name, "down") == 0)
		return HM_DOWN;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid direction \"%s\"", name),
			 errhint("Use one of \"up\", \"down\".")));
}

static HmPlan *
begin_plan(const HmGraph *graph, HmDirection direction)
{
	HmPlan	   *plan = palloc0(sizeof(HmPlan));

	plan->context = CurrentMemoryContext;
	plan->graph = graph;
	plan->direction = direction;
	plan->steps = palloc_extended(sizeof(HmPlanStep) * Max(graph->count, 1),
								  MCXT_ALLOC_HUGE);
	return plan;
}

static void
append_step(HmPlan *plan, int node, char *reason, int errcode)
{
	HmPlanStep *step = &plan->steps[plan->nsteps++];

	step->node = node;
	step->reason = reason;
	step->errcode = errcode;
	step->submit = false;
	step->pass = NULL;
	if (reason)
		plan->nblocked++;
}

/* Marks the node and what it needs and is not there yet. */
static void
choose_needed(const HmGraph *graph, int target, bool *chosen)
{
	int		   *stack = palloc(sizeof(int) * Max(graph->count, 1));
	int			depth = 0;

	chosen[target] = true;
	stack[depth++] = target;
	while (depth > 0)
	{
		const HmNode *node = &graph->nodes[stack[--depth]];

		for (int i = 0; i < node->nneeds; i++)
		{
			int			needed = node->needs[i].node;

			if (needed != HM_NOT_REGISTERED && !chosen[needed])
			{
				chosen[needed] = true;
				stack[depth++] = needed;
			}
		}
	}
	pfree(stack);
}

static bool *
choose_due(const HmGraph *graph, const char *target, const char *project)
{
	bool	   *chosen = palloc0(sizeof(bool) * Max(graph->count, 1));

	if (target)
		choose_needed(graph, hm_graph_require_node(graph, target, project),
					  chosen);
	for (int i = 0; i < graph->count; i++)
	{
		const HmNode *node = &graph->nodes[i];

		if (target == NULL)
			chosen[i] = project == NULL ||
				strcmp(node->project, project) == 0;
		chosen[i] = chosen[i] && hm_node_due(node);
	}
	return chosen;
}

/* The first thing that it needs and that will not be there, or NULL. */
static const HmEdge *
find_missing(const HmNode *node, const bool *will_be_there)
{
	for (int i = 0; i < node->nneeds; i++)
	{
		const HmEdge *edge = &node->needs[i];

		if (edge->node == HM_NOT_REGISTERED || !will_be_there[edge->node])
			return edge;
	}
	return NULL;
}

static char *
describe_missing(const HmGraph *graph, const HmEdge *missing, bool in_plan)
{
	return psprintf("depends on %s, which is not applied and %s",
					hm_edge_display(graph, missing),
					in_plan ? "cannot run in this plan" :
					"not part of this plan");
}

/* Why a node that is due may not run, given which nodes will have run. */
static char *
find_up_reason(const HmGraph *graph, int index, const bool *chosen,
			   const bool *will_be_there, bool in_transaction, int *errcode)
{
	const HmNode *node = &graph->nodes[index];
	const HmEdge *missing = find_missing(node, will_be_there);

	*errcode = HM_ERRCODE_BLOCKED;
	if (node->cyclic)
		return psprintf("dependencies form a cycle: %s",
						hm_graph_cycle_display(graph, index));
	if (missing && missing->node == HM_NOT_REGISTERED)
		return psprintf("depends on %s, which is not registered",
						hm_edge_display(graph, missing));
	if (missing)
		return describe_missing(graph, missing, chosen[missing->node]);
	if (in_transaction && !node->up_transactional)
	{
		*errcode = HM_ERRCODE_NEEDS_DEPLOY;
		return pstrdup("cannot run in a transaction");
	}
	*errcode = 0;
	return NULL;
}

HmPlan *
hm_plan_up(const HmGraph *graph, const char *target, const char *project,
		   bool in_transaction)
{
	HmPlan	   *plan = begin_plan(graph, HM_UP);
	bool	   *chosen = choose_due(graph, target, project);
	char	  **forbidden = hm_plan_find_forbidden(graph, chosen, HM_UP);
	bool	   *will_be_there = palloc0(sizeof(bool) * Max(graph->count, 1));

	for (int i = 0; i < graph->count; i++)
	{
		int			index = graph->order[i];
		int			errcode;
		char	   *reason;

		will_be_there[index] = hm_node_in_database(&graph->nodes[index]);
		if (!chosen[index])
			continue;
		errcode = HM_ERRCODE_FORBIDDEN;
		reason = forbidden[index];
		if (reason == NULL)
			reason = find_up_reason(graph, index, chosen, will_be_there,
									in_transaction, &errcode);
		append_step(plan, index, reason, errcode);
		if (reason == NULL)
			will_be_there[index] = true;
	}
	pfree(chosen);
	pfree(forbidden);
	pfree(will_be_there);
	return plan;
}

HmPlan *
hm_plan_due(const HmGraph *graph)
{
	HmPlan	   *plan = begin_plan(graph, HM_UP);

	for (int i = 0; i < graph->count; i++)
	{
		if (hm_node_due(&graph->nodes[graph->order[i]]))
			append_step(plan, graph->order[i], NULL, 0);
	}
	return plan;
}

HmPlan *
hm_plan_down(const HmGraph *graph, const bool *chosen, bool in_transaction)
{
	HmPlan	   *plan = begin_plan(graph, HM_DOWN);
	int		   *nodes = palloc(sizeof(int) * Max(graph->count, 1));
	int			count = hm_graph_reverse_order(graph, chosen, nodes);
	char	  **forbidden = hm_plan_find_forbidden(graph, chosen, HM_DOWN);

	for (int i = 0; i < count; i++)
	{
		const HmNode *node = &graph->nodes[nodes[i]];

		if (forbidden[nodes[i]])
			append_step(plan, nodes[i], forbidden[nodes[i]],
						HM_ERRCODE_FORBIDDEN);
		else if (!node->reversible)
			append_step(plan, nodes[i],
						pstrdup("is irreversible: it has no down that can run"),
						HM_ERRCODE_IRREVERSIBLE);
		else if (in_transaction && !node->down_transactional)
			append_step(plan, nodes[i],
						pstrdup("cannot be reverted in a transaction"),
						HM_ERRCODE_NEEDS_DEPLOY);
		else
			append_step(plan, nodes[i], NULL, 0);
	}
	pfree(nodes);
	pfree(forbidden);
	return plan;
}

/* Bars it if what it needs was barred, for what that itself cannot run. */
static void
bar_with_need(const HmGraph *graph, HmPlanStep *step,
			  const bool *will_be_there, const int *barred_for)
{
	const HmEdge *missing = find_missing(&graph->nodes[step->node],
										 will_be_there);

	if (missing == NULL)
		return;
	Assert(missing->node != HM_NOT_REGISTERED);
	Assert(barred_for[missing->node] != 0);
	step->errcode = barred_for[missing->node];
	step->reason = describe_missing(graph, missing, true);
}

void
hm_plan_settle(HmPlan *plan)
{
	const HmGraph *graph = plan->graph;
	bool	   *will_be_there = palloc0(sizeof(bool) * Max(graph->count, 1));
	int		   *barred_for = palloc0(sizeof(int) * Max(graph->count, 1));

	for (int i = 0; i < graph->count; i++)
		will_be_there[i] = hm_node_in_database(&graph->nodes[i]);
	plan->nblocked = 0;
	for (int i = 0; i < plan->nsteps; i++)
	{
		HmPlanStep *step = &plan->steps[i];

		if (step->reason == NULL && plan->direction == HM_UP)
			bar_with_need(graph, step, will_be_there, barred_for);
		barred_for[step->node] = step->errcode;
		if (step->reason)
			plan->nblocked++;
		else
			will_be_there[step->node] = true;
	}
	pfree(barred_for);
	pfree(will_be_there);
}

bool *
hm_plan_choose_dependents(const HmGraph *graph, int node)
{
	bool	   *reached = palloc0(sizeof(bool) * Max(graph->count, 1));
	int		   *stack = palloc(sizeof(int) * Max(graph->count, 1));
	int			depth = 0;

	reached[node] = true;
	stack[depth++] = node;
	while (depth > 0)
	{
		const HmNode *needed = &graph->nodes[stack[--depth]];

		for (int i = 0; i < needed->nneeded_by; i++)
		{
			int			dependent = needed->needed_by[i];

			if (!reached[dependent])
			{
				reached[dependent] = true;
				stack[depth++] = dependent;
			}
		}
	}
	reached[node] = false;
	for (int i = 0; i < graph->count; i++)
		reached[i] = reached[i] && hm_node_in_database(&graph->nodes[i]);
	pfree(stack);
	return reached;
}

bool *
hm_plan_choose_applied_after(const HmGraph *graph, int node)
{
	bool	   *chosen = palloc0(sizeof(bool) * Max(graph->count, 1));

	for (int i = 0; i < graph->count; i++)
		chosen[i] = hm_node_in_database(&graph->nodes[i]) &&
			graph->nodes[i].applied_step > graph->nodes[node].applied_step;
	return chosen;
}

/* An adopted migration was there before us: only by name. */
int
hm_plan_last_applied(const HmGraph *graph, const char *project)
{
	int			last = -1;

	for (int i = 0; i < graph->count; i++)
	{
		if (graph->nodes[i].state == HM_STATE_APPLIED &&
			(project == NULL ||
			 strcmp(graph->nodes[i].project, project) == 0) &&
			(last < 0 || graph->nodes[i].applied_step >
			 graph->nodes[last].applied_step))
			last = i;
	}
	return last;
}

char *
hm_plan_list_chosen(const HmGraph *graph, const bool *chosen)
{
	StringInfoData list;

	initStringInfo(&list);
	for (int i = 0; i < graph->count; i++)
	{
		if (chosen[graph->order[i]])
			appendStringInfo(&list, "%s%s", list.len > 0 ? ", " : "",
							 graph->nodes[graph->order[i]].display);
	}
	return list.data;
}

/* Of two; signatures come before the time of day. */
static int
join_errcodes(int one, int other)
{
	bool		by_policy =
	(one == HM_ERRCODE_NOT_APPROVED || one == HM_ERRCODE_NOT_NOW) &&
	(other == HM_ERRCODE_NOT_APPROVED || other == HM_ERRCODE_NOT_NOW);

	if (one == 0 || one == other)
		return other;
	return by_policy ? HM_ERRCODE_NOT_APPROVED : HM_ERRCODE_BLOCKED;
}

/* What all reasons have in common. */
static int
common_errcode(const HmPlan *plan)
{
	int			common = 0;

	for (int i = 0; i < plan->nsteps; i++)
	{
		if (plan->steps[i].errcode != 0)
			common = join_errcodes(common, plan->steps[i].errcode);
	}
	return common;
}

static bool
has_errcode(const HmPlan *plan, int errcode)
{
	for (int i = 0; i < plan->nsteps; i++)
	{
		if (plan->steps[i].errcode == errcode)
			return true;
	}
	return false;
}

/* The first migration that is blocked for such a reason. */
static const char *
first_blocked(const HmPlan *plan, int errcode)
{
	for (int i = 0; i < plan->nsteps; i++)
	{
		if (plan->steps[i].errcode == errcode)
			return plan->graph->nodes[plan->steps[i].node].display;
	}
	return "";
}

#define MAX_LISTED 50

/* As many as reasons are listed for, at most. */
static List *
find_unsubmitted(const HmPlan *plan)
{
	List	   *displays = NIL;

	for (int i = 0; i < plan->nsteps && list_length(displays) < MAX_LISTED; i++)
	{
		if (plan->steps[i].submit)
			displays = lappend(displays,
							   (char *) plan->graph->nodes[plan->steps[i].node].display);
	}
	return displays;
}

static int
plan_hint(const HmPlan *plan)
{
	bool		up = plan->direction == HM_UP;
	List	   *unsubmitted = find_unsubmitted(plan);

	if (has_errcode(plan, HM_ERRCODE_NEEDS_DEPLOY))
		return errhint("What cannot run in a transaction is run by CALL %s();",
					   up ? "migrate_deploy" : "migrate_deploy_down");
	if (has_errcode(plan, HM_ERRCODE_FORBIDDEN))
		return errhint("Take it out of the migration and do it by hand; what has been done by hand, or long ago, is marked as applied: SELECT * FROM migrate_adopt(ARRAY['name'], 'reason');");
	if (unsubmitted != NIL && plan->again)
		return errhint("Revert it by itself, then submit it: SELECT * FROM migrate_down(%s, reason => 'reason');",
					   quote_literal_cstr(linitial(unsubmitted)));
	if (unsubmitted != NIL)
		return errhint("To submit what is to run: %s",
					   hm_members_submit_call(unsubmitted, up));
	if (has_errcode(plan, HM_ERRCODE_NOT_APPROVED))
		return errhint("To see what is missing, and how it is given: SELECT * FROM migrate_review(%s);",
					   quote_literal_cstr(first_blocked(plan, HM_ERRCODE_NOT_APPROVED)));
	if (has_errcode(plan, HM_ERRCODE_NOT_NOW))
		return errhint("Wait, or have the policy changed: SELECT * FROM migrate_policy(); in an emergency: SELECT * FROM migrate_break_glass('reason', ticket => 'ticket');");
	if (up)
		return errhint("With blocked => 'skip', migrate_up() leaves them out, and what depends on them.");
	return errhint("Register a new migration that undoes what it did.");
}

static char *
list_reasons(const HmPlan *plan)
{
	StringInfoData list;
	int			listed = 0;

	initStringInfo(&list);
	for (int i = 0; i < plan->nsteps; i++)
	{
		const HmPlanStep *step = &plan->steps[i];

		if (step->reason == NULL)
			continue;
		if (listed++ < MAX_LISTED)
			appendStringInfo(&list, "%s%s: %s", listed > 1 ? "\n" : "",
							 plan->graph->nodes[step->node].display,
							 step->reason);
	}
	if (listed > MAX_LISTED)
		appendStringInfo(&list, "\n... and %d more", listed - MAX_LISTED);
	return list.data;
}

void
hm_plan_require_runnable(const HmPlan *plan)
{
	if (plan->nblocked == 0)
		return;
	ereport(ERROR,
			(errcode(common_errcode(plan)),
			 plan->direction == HM_UP ?
			 errmsg_plural("%d migration cannot run now, so nothing was applied",
						   "%d migrations cannot run now, so nothing was applied",
						   plan->nblocked, plan->nblocked) :
			 errmsg_plural("%d migration cannot be reverted, so nothing was reverted",
						   "%d migrations cannot be reverted, so nothing was reverted",
						   plan->nblocked, plan->nblocked),
			 errdetail("%s", list_reasons(plan)),
			 plan_hint(plan)));
}

void
hm_plan_require_next(const HmPlan *plan)
{
	if (plan->nblocked == 0)
		return;
	ereport(ERROR,
			(errcode(common_errcode(plan)),
			 errmsg("migration \"%s\" cannot %s any more, so the run ends before it",
					plan->graph->nodes[plan->steps[0].node].display,
					plan->direction == HM_UP ? "run" : "be reverted"),
			 errdetail("%s", list_reasons(plan)),
			 plan_hint(plan)));
}
