/*
 * src/runner/runner_sql.c
 *	  SQL functions migrate_up, migrate_down, migrate_down_to and
 *	  migrate_redo: one transaction, the caller's.
 */
#include "postgres.h"

#include "base/argument.h"
#include "base/errors.h"
#include "registry/run_lock.h"
#include "runner/environment.h"
#include "runner/open_run.h"
#include "runner/run.h"
#include "runner/settle.h"

PG_FUNCTION_INFO_V1(hm_migrate_up);
PG_FUNCTION_INFO_V1(hm_migrate_down);
PG_FUNCTION_INFO_V1(hm_migrate_down_to);
PG_FUNCTION_INFO_V1(hm_migrate_redo);

/* The graph is read under the lock: what another run committed is seen. */
static HmRunner
begin(FunctionCallInfo fcinfo, const char *command)
{
	HmRunner	runner = {0};

	hm_runner_require_ready(command);
	InitMaterializedSRF(fcinfo, 0);
	hm_run_lock_acquire(HM_LOCK_TRANSACTION);
	runner.result = (ReturnSetInfo *) fcinfo->resultinfo;
	runner.in_transaction = true;
	runner.graph = hm_graph_load_fresh();
	return runner;
}

static void
execute_plan(HmRunner *runner, HmPlan *plan)
{
	hm_settle_deferred(NULL);
	for (int i = 0; i < plan->nsteps; i++)
	{
		HmPlanStep *step = &plan->steps[i];

		if (step->reason)
			hm_runner_put_row(runner, &plan->graph->nodes[step->node],
							  "skipped", 0, 0, step->reason);
		else
			hm_runner_execute_step(runner, plan, i);
	}
	hm_runner_use_up(runner, plan);
	hm_open_run_finish(runner->run);
	hm_environment_limit_idle_transaction();
}

static bool
skips_blocked(const char *blocked)
{
	if (strcmp(blocked, "refuse") == 0)
		return false;
	if (strcmp(blocked, "skip") == 0)
		return true;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid value for blocked \"%s\"", blocked),
			 errhint("Use one of \"refuse\", \"skip\".")));
}

Datum
hm_migrate_up(PG_FUNCTION_ARGS)
{
	const char *target = hm_arg_text(fcinfo, 0);
	const char *project = hm_arg_text(fcinfo, 1);
	bool		skip = skips_blocked(hm_arg_require_text(fcinfo, 2, "blocked"));
	HmRunner	runner = begin(fcinfo, "migrate_up()");
	HmPlan	   *plan = hm_plan_up(runner.graph, target, project, true);

	hm_gate_judge(plan);
	if (!skip)
		hm_plan_require_runnable(plan);
	if (plan->nsteps == 0)
	{
		hm_runner_report_idle(runner.graph, project);
		return (Datum) 0;
	}
	runner.total = plan->nsteps - plan->nblocked;
	runner.run = hm_run_begin("up", target, project, NULL);
	execute_plan(&runner, plan);
	return (Datum) 0;
}

static void
revert(HmRunner *runner, const char *command, const char *target,
	   const char *reason, HmPlan *plan)
{
	hm_gate_judge(plan);
	hm_plan_require_runnable(plan);
	if (plan->nsteps == 0)
		return;
	runner->total = plan->nsteps;
	runner->run = hm_run_begin(command, target, NULL, reason);
	execute_plan(runner, plan);
}

Datum
hm_migrate_down(PG_FUNCTION_ARGS)
{
	const char *name = hm_arg_text(fcinfo, 0);
	const char *scope = hm_arg_require_text(fcinfo, 1, "scope");
	HmRunner	runner = begin(fcinfo, "migrate_down()");

	revert(&runner, "down", name, hm_arg_prose(fcinfo, 2, "reason"),
		   hm_runner_plan_down(runner.graph, name, scope, true));
	return (Datum) 0;
}

Datum
hm_migrate_down_to(PG_FUNCTION_ARGS)
{
	const char *name = hm_arg_require_text(fcinfo, 0, "name");
	HmRunner	runner = begin(fcinfo, "migrate_down_to()");
	int			node = hm_graph_require_node(runner.graph, name, NULL);
	bool	   *chosen;

	if (!hm_node_in_database(&runner.graph->nodes[node]))
		ereport(ERROR,
				(errcode(HM_ERRCODE_NOT_APPLIED),
				 errmsg("migration \"%s\" is not applied", name),
				 errhint("Name the migration that shall stay the last: SELECT * FROM migrate_status(state => 'applied');")));
	chosen = hm_plan_choose_applied_after(runner.graph, node);
	revert(&runner, "down_to", name, hm_arg_prose(fcinfo, 1, "reason"),
		   hm_plan_down(runner.graph, chosen, true));
	return (Datum) 0;
}

/* Down, then up again, of the one that was reverted. */
Datum
hm_migrate_redo(PG_FUNCTION_ARGS)
{
	const char *name = hm_arg_text(fcinfo, 0);
	HmRunner	runner = begin(fcinfo, "migrate_redo()");
	HmPlan	   *plan = hm_runner_plan_down(runner.graph, name, "only", true);

	if (plan->nsteps == 0)
		return (Datum) 0;
	hm_gate_judge(plan);
	hm_plan_require_runnable(plan);
	runner.total = 2;
	runner.run = hm_run_begin("redo", name, NULL,
							  hm_arg_prose(fcinfo, 1, "reason"));
	hm_settle_deferred(NULL);
	hm_runner_execute_step(&runner, plan, 0);
	hm_runner_use_up(&runner, plan);
	plan = hm_plan_up(runner.graph,
					  runner.graph->nodes[plan->steps[0].node].display,
					  "default", true);
	plan->again = true;
	hm_gate_judge(plan);
	hm_plan_require_runnable(plan);
	execute_plan(&runner, plan);
	return (Datum) 0;
}
