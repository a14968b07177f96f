/*
 * src/runner/run.c
 *	  Executes the steps of a plan, with their bookkeeping.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/capability.h"
#include "audit/scope.h"
#include "base/errors.h"
#include "base/settings.h"
#include "executor/spi.h"
#include "lint/guarded_rewrite.h"
#include "miscadmin.h"
#include "plan/texts.h"
#include "policy/waiver.h"
#include "registry/run_lock.h"
#include "runner/environment.h"
#include "runner/open_run.h"
#include "runner/run.h"
#include "runner/settle.h"
#include "runner/worker.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

void
hm_runner_require_ready(const char *command)
{
	PreventCommandIfReadOnly(command);
	PreventCommandIfParallelMode(command);
	PreventCommandDuringRecovery(command);
	hm_capability_require(HM_OPERATOR);
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(HM_ERRCODE_SESSION),
				 errmsg("%s cannot run in a transaction of isolation level %s",
						command, XactIsoLevel == XACT_SERIALIZABLE ?
						"serializable" : "repeatable read"),
				 errdetail("It would not see what another run has committed meanwhile."),
				 errhint("Begin the transaction with ISOLATION LEVEL READ COMMITTED.")));
}

#define REGISTER_NON_TRANSACTIONAL \
	"Register the migration with transactional => 'no' (\"-- transactional: no\" in a file), and run it by CALL migrate_deploy()."

/* What a failure suggests to do instead. */
static const struct
{
	int			sqlstate;
	bool		in_deploy;		/* also where each has its transaction */
	bool		beside;			/* also where there is a hint already */
	const char *hint;
}			hints[] =

{
	{
		ERRCODE_OUT_OF_MEMORY, false, true,
		"One transaction may hold too many locks for max_locks_per_transaction; CALL migrate_deploy() commits after each migration."
	},
	{
		ERRCODE_UNSAFE_NEW_ENUM_VALUE_USAGE, true, true,
		"Add the value in a migration of its own, and use CALL migrate_deploy(), which commits after each migration."
	},
	{
		ERRCODE_ACTIVE_SQL_TRANSACTION, true, true, REGISTER_NON_TRANSACTIONAL
	},
	{
		ERRCODE_INVALID_TRANSACTION_TERMINATION, true, true,
		REGISTER_NON_TRANSACTIONAL
	},
	{
		ERRCODE_INSUFFICIENT_PRIVILEGE, true, false,
		"A migration has the privileges of the role that it was registered with as run_as, or else of whoever runs it."
	}
};

/* The server's own hint stays, and stays first. */
static void
add_hint(ErrorData *error, const char *hint)
{
	error->hint = error->hint ? psprintf("%s\n%s", error->hint, hint) :
		pstrdup(hint);
}

static bool
runs_in_transaction(const HmNode *node, HmDirection direction)
{
	return direction == HM_UP ? node->up_transactional :
		node->down_transactional;
}

static void
add_hint_for_sqlstate(ErrorData *error, bool in_transaction)
{
	for (int i = 0; i < lengthof(hints); i++)
	{
		if (error->sqlerrcode == hints[i].sqlstate &&
			(in_transaction || hints[i].in_deploy) &&
			(error->hint == NULL || hints[i].beside))
			add_hint(error, hints[i].hint);
	}
}

/* Each statement of the worker's was committed when it was done. */
static void
add_hint_for_progress(ErrorData *error, const HmStepRecord *record)
{
	if (record->progress->completed > 0)
		add_hint(error,
				 psprintf("Statements of this migration that are committed: %d of %d.  The next run starts again with the first.",
						  record->progress->completed,
						  record->script->nstatements));
}

static void
verify(const HmStored *stored, const HmStepRecord *record)
{
	HmScript   *script = record->direction == HM_UP ?
	hm_stored_parse(stored, "verify") : NULL;

	if (script)
		hm_settle_verify(script);
}

static HmScope
scope_of(const HmRun *run, const HmStored *stored, const HmProgress *progress)
{
	HmScope		scope = {
		.run_id = run->run_id,
		.migration = stored->display,
		.author = stored->author,
		.statement_no = &progress->current,
		.repeatable = strcmp(stored->kind, "repeatable") == 0,
		.idempotency = hm_setting_idempotency,
		.waived = progress->waived,
		.nest_level = GetCurrentTransactionNestLevel()
	};

	return scope;
}

static void
execute_in_session(const HmRunner *runner, const HmStored *stored,
				   const HmStepRecord *record, HmProgress *progress)
{
	HmEnvironment environment;
	HmScope		scope = scope_of(runner->run, stored, progress);

	hm_environment_begin(&environment, stored);
	hm_scope_enter(&scope);
	hm_execute_script(record->script, progress);
	progress->current = 0;
	hm_settle_deferred(&record->script->origin);
	hm_scope_enter(NULL);
	verify(stored, record);
	hm_settle_session(runner->mark);
	hm_environment_end(&environment);
}

/* The transaction that waits for a worker holds nothing but its own. */
static void
execute_in_worker(const HmRun *run, const HmStored *stored,
				  const HmStepRecord *record, HmProgress *progress)
{
	Oid			role = hm_environment_role(stored);
	HmEnvironment environment;
	ErrorData  *error;

	SPI_commit();
	hm_environment_disarm_statement_timeout();
	hm_run_lock_begin_concurrent_step();
	error = hm_worker_execute(record->script, stored, run->run_id, role,
							  progress);
	hm_run_lock_end_concurrent_step();
	if (error == NULL)
	{
		progress->current = 0;
		hm_environment_begin(&environment, stored);
		verify(stored, record);
		hm_environment_end(&environment);
		return;
	}
	ThrowErrorData(error);
}

/* The rules about guarded forms that somebody has waived for this text. */
static int
waived_forms(const HmStored *stored)
{
	int			waived = 0;
	ListCell   *cell;

	foreach(cell, hm_waivers_load())
	{
		HmWaiver   *waiver = lfirst(cell);

		if (waiver->migration_id == stored->migration_id &&
			strcmp(waiver->checksum, stored->checksum) == 0)
			waived |= hm_guarded_form_bit(waiver->rule);
	}
	return waived;
}

static void
require_guarded_forms(const HmStored *stored, const HmScript *script,
					  HmProgress *progress)
{
	if (script == NULL || hm_setting_idempotency == HM_IDEMPOTENCY_OFF)
		return;
	progress->waived = waived_forms(stored);
	hm_guarded_require(script, progress->waived);
}

static void
execute_script(const HmRunner *runner, const HmNode *node,
			   const HmStored *stored, const HmStepRecord *record,
			   HmProgress *progress)
{
	require_guarded_forms(stored, record->script, progress);
	if (runs_in_transaction(node, record->direction))
		execute_in_session(runner, stored, record, progress);
	else
		execute_in_worker(runner->run, stored, record, progress);
}

static void
handle_failure(const HmRunner *runner, const HmNode *node,
			   const HmStepRecord *record, MemoryContext context)
{
	ErrorData  *error;

	hm_scope_enter(NULL);
	MemoryContextSwitchTo(context);
	error = CopyErrorData();
	FlushErrorState();
	if (runs_in_transaction(node, record->direction))
		add_hint_for_sqlstate(error, runner->in_transaction);
	else
		add_hint_for_progress(error, record);
	hm_journal_record_failure(runner->run, record, error);
	ReThrowError(error);
}

static void
report_progress(const HmRunner *runner, const HmNode *node,
				const HmStepRecord *record)
{
	ereport(NOTICE,
			(errmsg("[%d of %d] %s %s in %.0f ms",
					runner->number, runner->total, node->display,
					record->outcome, (double) record->duration / 1000)));
}

/* The node as it stands now, for a later step of the same run. */
static void
move_node(HmNode *node, const HmStepRecord *record)
{
	bool		up = record->direction == HM_UP;

	node->state = up ? HM_STATE_APPLIED : HM_STATE_REVERTED;
	node->outdated = false;
	node->applied_revision = record->revision;
}

static void
refuse_taken_back(const HmNode *node)
{
	ereport(ERROR,
			(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
			 errmsg("an approval of migration \"%s\" was taken back while it ran",
					node->display),
			 errhint("See what is missing now: SELECT * FROM migrate_review(%s);",
					 quote_literal_cstr(node->display))));
}

static void
complete_step(HmRunner *runner, HmNode *node, HmPlanStep *step,
			  HmStepRecord *record)
{
	bool		up = record->direction == HM_UP;
	int64		step_id;

	record->duration = GetCurrentTimestamp() - record->started_at;
	step_id = hm_journal_append_step(runner->run, record);
	hm_journal_set_state(node, up ? HM_STATE_APPLIED : HM_STATE_REVERTED,
						 record->revision, step_id);
	if (!runner->in_transaction &&
		hm_gate_use(runner->graph, step, 1, runner->run->run_id,
					!runs_in_transaction(node, record->direction)))
		refuse_taken_back(node);
	move_node(node, record);
	report_progress(runner, node, record);
	hm_runner_put_row(runner, node, record->outcome,
					  record->progress->completed, record->duration, NULL);
}

static void
begin_record(HmStepRecord *record, HmDirection direction,
			 const HmPlanStep *step, const HmStored *stored)
{
	record->pass = step->pass;
	record->migration_id = stored->migration_id;
	record->revision = stored->revision;
	record->direction = direction;
	record->outcome = direction == HM_UP ? "applied" : "reverted";
	record->started_at = GetCurrentTimestamp();
	record->migration = stored->display;
	record->author = stored->author;
}

void
hm_runner_execute_step(HmRunner *runner, HmPlan *plan, int place)
{
	HmPlanStep *step = &plan->steps[place];
	HmNode	   *node = &runner->graph->nodes[step->node];
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext context = AllocSetContextCreate(caller,
												  "hipaa_migrate step",
												  ALLOCSET_DEFAULT_SIZES);
	HmStepRecord record = {0};
	const HmStored *stored;
	HmProgress *progress;

	if (runner->mark == NULL)
	{
		hm_open_run_start(runner->run);
		runner->mark = hm_settle_mark();
	}
	MemoryContextSwitchTo(context);
	if (!runner->in_transaction)
		hm_gate_require(runner->graph, plan->direction, step);
	stored = hm_plan_text(plan, place);
	begin_record(&record, plan->direction, step, stored);
	record.script = hm_stored_parse(stored,
									hm_direction_name(plan->direction));
	record.progress = progress = hm_progress_create(record.script);
	runner->number++;

	PG_TRY();
	{
		execute_script(runner, node, stored, &record, progress);
		complete_step(runner, node, step, &record);
	}
	PG_CATCH();
	{
		handle_failure(runner, node, &record, context);
	}
	PG_END_TRY();
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
}

void
hm_runner_use_up(HmRunner *runner, HmPlan *plan)
{
	HmPlanStep *lost = hm_gate_use(plan->graph, plan->steps, plan->nsteps,
								   runner->run->run_id, false);
	MemoryContext context = CurrentMemoryContext;
	const HmNode *node;
	HmStepRecord record = {0};

	if (lost == NULL)
		return;
	node = &plan->graph->nodes[lost->node];
	begin_record(&record, plan->direction, lost,
				 hm_plan_text(plan, lost - plan->steps));
	PG_TRY();
	{
		refuse_taken_back(node);
	}
	PG_CATCH();
	{
		handle_failure(runner, node, &record, context);
	}
	PG_END_TRY();
}

static Datum
build_details(const HmNode *node, const char *reason, bool *isnull)
{
	StringInfoData json;

	*isnull = reason == NULL;
	if (reason == NULL)
		return (Datum) 0;
	initStringInfo(&json);
	appendStringInfoString(&json, "{\"reason\": ");
	escape_json(&json, reason);
	appendStringInfoChar(&json, '}');
	return DirectFunctionCall1(jsonb_in, CStringGetDatum(json.data));
}

void
hm_runner_put_row(const HmRunner *runner, const HmNode *node,
				  const char *outcome, int statements, int64 duration,
				  const char *reason)
{
	Interval	interval = {.time = duration};
	Datum		values[6];
	bool		nulls[6] = {0};

	if (runner->result == NULL)
		return;
	values[0] = CStringGetTextDatum(node->display);
	values[1] = CStringGetTextDatum(outcome);
	values[2] = Int32GetDatum(statements);
	values[3] = IntervalPGetDatum(&interval);
	values[4] = Int64GetDatum(runner->run->run_id);
	values[5] = build_details(node, reason, &nulls[5]);
	tuplestore_putvalues(runner->result->setResult, runner->result->setDesc,
						 values, nulls);
}

/* A project that is spelled wrong must not look like one that is done. */
void
hm_runner_report_idle(const HmGraph *graph, const char *project)
{
	for (int i = 0; i < graph->count; i++)
	{
		if (project == NULL || strcmp(graph->nodes[i].project, project) == 0)
		{
			ereport(NOTICE,
					(errmsg("nothing to do: all migrations are applied")));
			return;
		}
	}
	ereport(WARNING,
			(project ?
			 errmsg("nothing to do: project \"%s\" has no migrations",
					project) :
			 errmsg("nothing to do: no migration is registered")));
}

static bool
require_scope(const char *scope)
{
	if (strcmp(scope, "only") == 0)
		return false;
	if (strcmp(scope, "dependents") == 0)
		return true;
	ereport(ERROR,
			(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
			 errmsg("invalid scope \"%s\"", scope),
			 errhint("Use one of \"only\", \"dependents\".")));
}

static void
refuse_dependents(const HmGraph *graph, int node, const bool *dependents,
				  bool in_transaction)
{
	char	   *list = hm_plan_list_chosen(graph, dependents);

	if (*list)
		ereport(ERROR,
				(errcode(HM_ERRCODE_DEPENDENTS),
				 errmsg("migration \"%s\" cannot be reverted while others depend on it",
						graph->nodes[node].display),
				 errdetail("Applied and depending on it: %s.", list),
				 errhint("%s('%s', scope => 'dependents'); reverts them too.",
						 in_transaction ? "SELECT * FROM migrate_down" :
						 "CALL migrate_deploy_down",
						 graph->nodes[node].display)));
}

HmPlan *
hm_runner_plan_down(const HmGraph *graph, const char *name,
					const char *scope, bool in_transaction)
{
	bool		with_dependents = require_scope(scope);
	int			node = name ? hm_graph_require_node(graph, name, NULL) :
	hm_plan_last_applied(graph, NULL);
	bool	   *chosen;

	if (node < 0 || !hm_node_in_database(&graph->nodes[node]))
	{
		ereport(WARNING,
				(node < 0 ? errmsg("nothing to revert: no migration is applied") :
				 errmsg("nothing to revert: migration \"%s\" is not applied",
						graph->nodes[node].display)));
		return hm_plan_down(graph, palloc0(sizeof(bool) * Max(graph->count, 1)),
							in_transaction);
	}
	chosen = hm_plan_choose_dependents(graph, node);
	if (!with_dependents)
		refuse_dependents(graph, node, chosen, in_transaction);
	chosen[node] = true;
	return hm_plan_down(graph, chosen, in_transaction);
}
