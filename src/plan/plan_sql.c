/*
 * src/plan/plan_sql.c
 *	  SQL function migrate_plan.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/argument.h"
#include "base/names.h"
#include "funcapi.h"
#include "lint/lock_level.h"
#include "plan/forecast.h"
#include "plan/gate.h"
#include "plan/plan.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hm_migrate_plan);

static HmPlan *
plan_down(const HmGraph *graph, const char *target, const char *project)
{
	int			node = target ?
	hm_graph_require_node(graph, target, project) :
	hm_plan_last_applied(graph, project);
	bool	   *chosen;

	if (node < 0)
		return hm_plan_down(graph, palloc0(sizeof(bool) * Max(graph->count, 1)),
							true);
	chosen = hm_plan_choose_dependents(graph, node);
	chosen[node] = hm_node_in_database(&graph->nodes[node]);
	return hm_plan_down(graph, chosen, true);
}

static HmPlan *
plan_for(const char *target, const char *direction, const char *project)
{
	HmGraph    *graph = hm_graph_load();

	return hm_direction_require(direction) == HM_UP ?
		hm_plan_up(graph, target, project, true) :
		plan_down(graph, target, project);
}

static void
put_risk(const HmRisk *risk, Datum *values, bool *nulls)
{
	values[3] = CStringGetTextDatum(hm_severity_name(risk->total));
	nulls[3] = false;
	nulls[4] = risk->worst_lock == NoLock;
	if (!nulls[4])
		values[4] = CStringGetTextDatum(hm_lock_name(risk->worst_lock));
	nulls[5] = risk->rewritten == NIL;
	if (!nulls[5])
		values[5] = CStringGetTextDatum(hm_names_join(risk->rewritten));
}

static void
put_step(ReturnSetInfo *result, const HmPlan *plan, int index,
		 const HmRisk *risk)
{
	const HmPlanStep *step = &plan->steps[index];
	const HmNode *node = &plan->graph->nodes[step->node];
	Datum		values[8] = {0};
	bool		nulls[8] = {false, false, false, true, true, true, false, true};

	values[0] = Int32GetDatum(index + 1);
	values[1] = CStringGetTextDatum(node->display);
	values[2] = BoolGetDatum(step->reason == NULL);
	nulls[6] = step->reason == NULL;
	if (step->reason)
		values[6] = CStringGetTextDatum(step->reason);
	if (risk)
		put_risk(risk, values, nulls);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

Datum
hm_migrate_plan(PG_FUNCTION_ARGS)
{
	const char *direction = hm_arg_require_text(fcinfo, 1, "direction");
	HmPlan	   *plan;
	HmRisk	  **risks;

	hm_capability_require_any();
	plan = plan_for(hm_arg_text(fcinfo, 0), direction, hm_arg_text(fcinfo, 2));
	hm_gate_foresee(plan);
	risks = hm_forecast(plan, HM_FORECAST_MAX_SHOWN);
	InitMaterializedSRF(fcinfo, 0);
	for (int i = 0; i < plan->nsteps; i++)
		put_step((ReturnSetInfo *) fcinfo->resultinfo, plan, i,
				 risks ? risks[i] : NULL);
	return (Datum) 0;
}
