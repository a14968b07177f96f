/*
 * src/runner/deploy.c
 *	  Procedures migrate_deploy and migrate_deploy_down: a transaction for
 *	  each migration.
 *
 * What lives through the commits is in the memory context of SPI, which a
 * non-atomic connection keeps beside the portal of the CALL.
 */
#include "postgres.h"

#include "base/argument.h"
#include "base/compat.h"
#include "base/errors.h"
#include "executor/spi.h"
#include "nodes/parsenodes.h"
#include "registry/run_lock.h"
#include "runner/open_run.h"
#include "runner/run.h"

PG_FUNCTION_INFO_V1(hm_migrate_deploy);
PG_FUNCTION_INFO_V1(hm_migrate_deploy_down);

static void
require_non_atomic(FunctionCallInfo fcinfo, const char *command,
				   const char *alternative)
{
	CallContext *context = (CallContext *) fcinfo->context;

	if (context == NULL || !IsA(context, CallContext) || context->atomic)
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("%s cannot run inside a transaction block or a function",
						command),
				 errdetail("It commits after each migration."),
				 errhint("Use CALL outside a transaction block, or %s inside one.",
						 alternative)));
}

/*
 * The first commit lets go of the statement's snapshot, before it could
 * hold up another run's index build while this one waits.
 */
static HmRunner
begin(const char *command)
{
	HmRunner	runner = {0};

	hm_runner_require_ready(command);
	if (SPI_connect_ext(SPI_OPT_NONATOMIC) != SPI_OK_CONNECT)
		elog(ERROR, "could not connect to SPI");
	hm_run_lock_prepare();
	SPI_commit();
	hm_run_lock_acquire(HM_LOCK_SESSION);
	runner.graph = hm_graph_load_fresh();
	return runner;
}

static void
end(void)
{
	hm_run_lock_release();
	SPI_finish();
}

static void
execute_plan(HmRunner *runner, HmPlan *plan)
{
	runner->total = plan->nsteps;
	SPI_commit();
	for (int i = 0; i < plan->nsteps; i++)
	{
		hm_runner_execute_step(runner, plan, i);
		SPI_commit();
		hm_run_committed(runner->run);
	}
	hm_open_run_finish(runner->run);
	SPI_commit();
}

Datum
hm_migrate_deploy(PG_FUNCTION_ARGS)
{
	const char *target = hm_arg_text(fcinfo, 0);
	const char *project = hm_arg_text(fcinfo, 1);
	HmRunner	runner;
	HmPlan	   *plan;

	require_non_atomic(fcinfo, "migrate_deploy()", "SELECT migrate_up()");
	runner = begin("migrate_deploy()");
	plan = hm_plan_up(runner.graph, target, project, false);
	hm_gate_judge(plan);
	hm_plan_require_runnable(plan);
	if (plan->nsteps == 0)
		hm_runner_report_idle(runner.graph, project);
	else
	{
		runner.run = hm_run_begin("deploy", target, project, NULL);
		execute_plan(&runner, plan);
	}
	end();
	return (Datum) 0;
}

Datum
hm_migrate_deploy_down(PG_FUNCTION_ARGS)
{
	const char *name = hm_arg_text(fcinfo, 0);
	const char *scope = hm_arg_require_text(fcinfo, 1, "scope");
	const char *reason = hm_arg_prose(fcinfo, 2, "reason");
	HmRunner	runner;
	HmPlan	   *plan;

	require_non_atomic(fcinfo, "migrate_deploy_down()",
					   "SELECT migrate_down()");
	runner = begin("migrate_deploy_down()");
	plan = hm_runner_plan_down(runner.graph, name, scope, false);
	hm_gate_judge(plan);
	hm_plan_require_runnable(plan);
	if (plan->nsteps > 0)
	{
		runner.run = hm_run_begin("deploy_down", name, NULL, reason);
		execute_plan(&runner, plan);
	}
	end();
	return (Datum) 0;
}
