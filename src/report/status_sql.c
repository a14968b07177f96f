/*
 * src/report/status_sql.c
 *	  SQL functions migrate_status, migrate_tree and migrate_require.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/argument.h"
#include "base/errors.h"
#include "base/moment.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "plan/forecast.h"
#include "plan/gate.h"
#include "plan/graph.h"
#include "plan/plan.h"
#include "registry/name.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(hm_migrate_status);
PG_FUNCTION_INFO_V1(hm_migrate_require);

/* What a migration that is due still lacks, or NULL. */
static char *
waiting_for(const HmGraph *graph, const HmNode *node)
{
	StringInfoData list;

	if (!hm_node_due(node))
		return NULL;
	initStringInfo(&list);
	for (int i = 0; i < node->nneeds; i++)
	{
		const HmEdge *edge = &node->needs[i];
		bool		registered = edge->node != HM_NOT_REGISTERED;

		if (registered && hm_node_in_database(&graph->nodes[edge->node]))
			continue;
		appendStringInfo(&list, "%s%s%s", list.len > 0 ? ", " : "",
						 hm_edge_display(graph, edge), registered ? "" : " (not registered)");
	}
	return list.len > 0 ? list.data : NULL;
}

/* Where each migration that is due stands in the plan. */
typedef struct Due
{
	const HmPlanStep *step;		/* NULL: it is not due */
	const HmRisk *risk;			/* or NULL */
} Due;

/* What it depends on; else what the policy wants. */
static const char *
what_is_missing(const HmGraph *graph, const HmNode *node, const Due *due)
{
	const char *missing = waiting_for(graph, node);

	if (missing == NULL && due->step && due->step->pass)
		missing = due->step->reason;
	return missing;
}

static void
put_status(ReturnSetInfo *result, const HmGraph *graph, const HmNode *node,
		   const char *state, const Due *due)
{
	const char *missing = what_is_missing(graph, node, due);
	bool		in_database = hm_node_in_database(node);
	Datum		values[6] = {0};
	bool		nulls[6] = {0};
	NameData	applied_by;

	values[0] = CStringGetTextDatum(node->display);
	values[1] = CStringGetTextDatum(state);
	nulls[2] = nulls[3] = !in_database;
	if (in_database)
	{
		namestrcpy(&applied_by, node->applied_by);
		values[2] = TimestampTzGetDatum(hm_moment_whole_seconds(node->applied_at));
		values[3] = NameGetDatum(&applied_by);
	}
	nulls[4] = due->risk == NULL;
	if (due->risk)
		values[4] = CStringGetTextDatum(hm_severity_name(due->risk->total));
	nulls[5] = missing == NULL;
	if (missing)
		values[5] = CStringGetTextDatum(missing);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

static void
require_state_name(const char *state)
{
	if (state == NULL || strcmp(state, "blocked") == 0)
		return;
	for (int i = HM_STATE_PENDING; i <= HM_STATE_REVERTED; i++)
	{
		if (strcmp(state, hm_state_name((HmState) i)) == 0)
			return;
	}
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid state \"%s\"", state),
			 errhint("Use one of \"pending\", \"blocked\", \"applied\", \"adopted\", \"reverted\".")));
}

/*
 * For each node.  Neither risk nor what the policy says is told of a plan that
 * takes long to look at.
 */
static Due *
find_due(const HmGraph *graph, HmPlan *plan)
{
	Due		   *due = palloc0(sizeof(Due) * Max(graph->count, 1));
	HmRisk	  **risks;

	if (plan->nsteps <= HM_FORECAST_MAX_SHOWN)
		hm_gate_foresee(plan);
	risks = hm_forecast(plan, HM_FORECAST_MAX_SHOWN);
	for (int i = 0; i < plan->nsteps; i++)
	{
		due[plan->steps[i].node].step = &plan->steps[i];
		due[plan->steps[i].node].risk = risks ? risks[i] : NULL;
	}
	return due;
}

/* Whether migrate_deploy() could not run it now. */
static bool
is_blocked(const Due *due)
{
	return due->step && due->step->reason != NULL;
}

static const char *
displayed_state(const HmNode *node, bool blocked)
{
	if (blocked)
		return "blocked";
	return node->outdated ? "pending" : hm_state_name(node->state);
}

Datum
hm_migrate_status(PG_FUNCTION_ARGS)
{
	const char *project = hm_arg_text(fcinfo, 0);
	const char *wanted = hm_arg_text(fcinfo, 1);
	HmGraph    *graph;
	Due		   *due;

	hm_capability_require_any();
	require_state_name(wanted);
	InitMaterializedSRF(fcinfo, 0);
	graph = hm_graph_load();
	due = find_due(graph, hm_plan_up(graph, NULL, NULL, false));
	for (int i = 0; i < graph->count; i++)
	{
		int			index = graph->order[i];
		const HmNode *node = &graph->nodes[index];
		const char *state = displayed_state(node,
											is_blocked(&due[index]));

		CHECK_FOR_INTERRUPTS();
		if ((project == NULL || strcmp(project, node->project) == 0) &&
			(wanted == NULL || strcmp(wanted, state) == 0))
			put_status((ReturnSetInfo *) fcinfo->resultinfo, graph, node,
					   state, &due[index]);
	}
	return (Datum) 0;
}

static const char *
state_now(const HmGraph *graph, int index)
{
	Due		   *due = find_due(graph, hm_plan_up(graph, NULL, NULL, false));

	return displayed_state(&graph->nodes[index], is_blocked(&due[index]));
}

/* Raises unless the migration is in the database, in its present revision. */
static void
require_applied(const HmGraph *graph, const char *reference,
				const char *project)
{
	int			index = hm_graph_require_node(graph, reference, project);
	const HmNode *node = &graph->nodes[index];

	if (hm_node_due(node))
		ereport(ERROR,
				(errcode(HM_ERRCODE_NOT_APPLIED),
				 errmsg("migration \"%s\" is not applied", node->display),
				 node->outdated ?
				 errdetail("Only an earlier revision of it is.") :
				 errdetail("Its state is \"%s\".",
						   state_now(graph, index)),
				 errhint("Apply it: SELECT * FROM migrate_up('%s');",
						 node->display)));
}

static void
require_nothing_after(const HmGraph *graph, const char *reference,
					  const char *project)
{
	HmName		last = hm_name_split(reference, project);
	bool	   *later = palloc0(sizeof(bool) * Max(graph->count, 1));
	bool		any = false;

	for (int i = 0; i < graph->count; i++)
	{
		const HmNode *node = &graph->nodes[i];

		later[i] = hm_node_in_database(node) && !node->repeatable &&
			strcmp(node->project, last.project) == 0 &&
			strcmp(node->name, last.name) > 0;
		any |= later[i];
	}
	if (any)
		ereport(ERROR,
				(errcode(HM_ERRCODE_NOT_APPLIED),
				 errmsg("the schema is newer than migration \"%s\"", reference),
				 errdetail("Applied after it: %s.",
						   hm_plan_list_chosen(graph, later)),
				 errhint("Start a newer version of the application.")));
}

Datum
hm_migrate_require(PG_FUNCTION_ARGS)
{
	List	   *names = hm_arg_text_list(fcinfo, 0, "names");
	const char *nothing_after = hm_arg_text(fcinfo, 1);
	const char *project = hm_arg_require_text(fcinfo, 2, "project");
	HmGraph    *graph = hm_graph_load();
	ListCell   *cell;

	foreach(cell, names)
		require_applied(graph, (const char *) lfirst(cell), project);
	if (nothing_after)
		require_nothing_after(graph, nothing_after, project);
	PG_RETURN_VOID();
}
