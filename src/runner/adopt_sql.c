/*
 * src/runner/adopt_sql.c
 *	  SQL functions migrate_adopt and migrate_unregister: changes of state
 *	  that execute no migration.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "audit/confirm.h"
#include "base/argument.h"
#include "base/errors.h"
#include "base/json_text.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "registry/run_lock.h"
#include "registry/stored.h"
#include "runner/environment.h"
#include "runner/run.h"
#include "runner/settle.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

PG_FUNCTION_INFO_V1(hm_migrate_adopt);
PG_FUNCTION_INFO_V1(hm_migrate_unregister);

/* A step in which nothing is executed, in direction up. */
static int64
append_bare_step(HmRun *run, const HmNode *node, const char *outcome)
{
	HmStepRecord step = {
		.migration_id = node->migration_id,
		.revision = node->revision,
		.migration = node->display,
		.direction = HM_UP,
		.outcome = outcome,
		.started_at = GetCurrentTimestamp()
	};

	return hm_journal_append_step(run, &step);
}

static void
put_outcome(ReturnSetInfo *result, const HmNode *node, const char *outcome)
{
	Datum		values[2];
	bool		nulls[2] = {0};

	values[0] = CStringGetTextDatum(node->display);
	values[1] = CStringGetTextDatum(outcome);
	tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/* What the migration would have needed must be there, or come along. */
static void
require_needs(const HmGraph *graph, const HmNode *node)
{
	for (int i = 0; i < node->nneeds; i++)
	{
		const HmEdge *edge = &node->needs[i];

		if (edge->node == HM_NOT_REGISTERED ||
			!hm_node_in_database(&graph->nodes[edge->node]))
			ereport(ERROR,
					(errcode(HM_ERRCODE_BLOCKED),
					 errmsg("migration \"%s\" cannot be adopted before what it depends on",
							node->display),
					 errdetail("It depends on %s, which is neither applied nor adopted.",
							   hm_edge_display(graph, edge)),
					 errhint("Name %s too, in the same call.",
							 hm_edge_display(graph, edge))));
	}
}

/* A migration that can tell whether it is there is asked. */
static void
verify(const HmNode *node)
{
	HmStored   *stored = hm_stored_require(node->migration_id, node->revision);
	HmScript   *script = hm_stored_parse(stored, "verify");
	HmEnvironment environment;

	if (script == NULL)
		return;
	hm_environment_begin(&environment, stored);
	hm_settle_verify(script);
	hm_environment_end(&environment);
}

static void
adopt(HmRun *run, HmGraph *graph, HmNode *node)
{
	int64		step_id;

	require_needs(graph, node);
	verify(node);
	step_id = append_bare_step(run, node, "adopted");
	hm_journal_set_state(node, HM_STATE_ADOPTED, node->revision, step_id);
	node->state = HM_STATE_ADOPTED;
}

/* Of all nodes, which are named. */
static bool *
choose(const HmGraph *graph, List *names, const char *project)
{
	bool	   *chosen = palloc0(sizeof(bool) * Max(graph->count, 1));
	ListCell   *cell;

	foreach(cell, names)
		chosen[hm_graph_require_node(graph, lfirst(cell), project)] = true;
	return chosen;
}

/* What was asked for is those texts: "name checksum" of each. */
static List *
describe(const HmGraph *graph, const bool *chosen)
{
	List	   *texts = NIL;

	for (int i = 0; i < graph->count; i++)
	{
		const HmNode *node = &graph->nodes[i];

		if (chosen[i] && !hm_node_in_database(node))
			texts = lappend(texts,
							psprintf("%s %s", node->display,
									 hm_stored_require(node->migration_id,
													   node->revision)->checksum));
	}
	return texts;
}

static void
require_as_requested(const HmAct *act, const HmGraph *graph,
					 const bool *chosen)
{
	List	   *asked = hm_act_texts(act, "texts");
	List	   *now = describe(graph, chosen);
	ListCell   *one;
	ListCell   *other;

	if (list_length(asked) == list_length(now))
	{
		bool		same = true;

		forboth(one, asked, other, now)
			same = same && strcmp(lfirst(one), lfirst(other)) == 0;
		if (same)
			return;
	}
	hm_act_refused(act->id, act->name, "another text");
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the act can no longer be confirmed"),
			 errdetail("What was to be adopted has changed, or is in the database by now."),
			 errhint("Whoever still wants it done asks for it again.")));
}

/* Performs act adopt. */
static char *
perform_adopt(const HmAct *act)
{
	char	   *project = hm_act_text(act, "project");
	HmGraph    *graph;
	HmRun	   *run;
	bool	   *chosen;

	hm_runner_require_ready("migrate_adopt()");
	hm_run_lock_acquire(HM_LOCK_TRANSACTION);
	graph = hm_graph_load_fresh();
	chosen = choose(graph, hm_act_texts(act, "names"), project);
	require_as_requested(act, graph, chosen);
	run = hm_run_begin("adopt", NULL, project, act->reason);
	for (int i = 0; i < graph->count; i++)
	{
		HmNode	   *node = &graph->nodes[graph->order[i]];

		if (chosen[graph->order[i]] && !hm_node_in_database(node))
			adopt(run, graph, node);
	}
	return NULL;
}

static const HmActKind act_adopt = {
	.name = "adopt",
	.function = "migrate_adopt",
	.capability = HM_OPERATOR,
	.perform = perform_adopt
};

void
hm_adopt_init(void)
{
	hm_act_register(&act_adopt);
}

/*
 * What depends on it finds it done, and nobody approved it: where the policy
 * wants two people for what weakens it, they are two.
 */
Datum
hm_migrate_adopt(PG_FUNCTION_ARGS)
{
	List	   *names = hm_arg_text_list(fcinfo, 0, "names");
	const char *reason = hm_arg_require_reason(fcinfo, 1);
	const char *project = hm_arg_require_text(fcinfo, 2, "project");
	HmGraph    *graph;
	bool	   *chosen;
	List	   *texts;
	StringInfoData json;
	char	   *done;
	int64		act;

	hm_runner_require_ready("migrate_adopt()");
	InitMaterializedSRF(fcinfo, 0);
	hm_run_lock_acquire(HM_LOCK_TRANSACTION);
	graph = hm_graph_load_fresh();
	chosen = choose(graph, names, project);
	texts = describe(graph, chosen);
	hm_json_begin(&json);
	hm_json_texts(&json, "names", names);
	hm_json_text(&json, "project", project);
	hm_json_texts(&json, "texts", texts);
	act = hm_act_decide(act_adopt.name, hm_json_end(&json), reason,
						texts != NIL, &done);
	for (int i = 0; i < graph->count; i++)
	{
		const HmNode *node = &graph->nodes[graph->order[i]];

		if (chosen[graph->order[i]])
			put_outcome((ReturnSetInfo *) fcinfo->resultinfo, node,
						hm_node_in_database(node) ? "unchanged" :
						act == 0 ? "adopted" :
						psprintf("waits for act %lld", (long long) act));
	}
	return (Datum) 0;
}

static void
mark_unregistered(const HmNode *node)
{
	static HmStatement update = {
		"UPDATE hipaa_migrate.migration"
		"   SET unregistered_at = pg_catalog.clock_timestamp(),"
		"       state = 'pending'"
		" WHERE migration_id = $1",
		1, {INT8OID}
	};
	Datum		value = Int64GetDatum(node->migration_id);
	HmBracket	bracket;

	hm_query_begin(&bracket);
	hm_query_run(&update, &value, NULL, false);
	hm_query_end(&bracket);
}

static void
warn_dependents(const HmGraph *graph, const HmNode *node)
{
	bool	   *dependents = palloc0(sizeof(bool) * Max(graph->count, 1));

	if (node->nneeded_by == 0)
		return;
	for (int i = 0; i < node->nneeded_by; i++)
		dependents[node->needed_by[i]] = true;
	ereport(NOTICE,
			(errmsg("migrations that depend on \"%s\" are blocked now",
					node->display),
			 errdetail("They are: %s.",
					   hm_plan_list_chosen(graph, dependents))));
}

/*
 * What the runner applied can be reverted.  What was adopted may have been
 * adopted by mistake, so it goes, but not from under others.
 */
static void
require_may_go(const HmGraph *graph, int index)
{
	const HmNode *node = &graph->nodes[index];
	char	   *dependents;

	if (node->state == HM_STATE_APPLIED)
		ereport(ERROR,
				(errcode(HM_ERRCODE_CHANGED),
				 errmsg("migration \"%s\" is applied and stays registered",
						node->display),
				 errhint("Revert it first: SELECT * FROM migrate_down('%s');",
						 node->display)));
	dependents = hm_plan_list_chosen(graph,
									 hm_plan_choose_dependents(graph, index));
	if (node->state == HM_STATE_ADOPTED && *dependents)
		ereport(ERROR,
				(errcode(HM_ERRCODE_DEPENDENTS),
				 errmsg("migration \"%s\" is adopted and others depend on it",
						node->display),
				 errdetail("Applied or adopted, and depending on it: %s.",
						   dependents),
				 errhint("Revert or unregister them first.")));
}

Datum
hm_migrate_unregister(PG_FUNCTION_ARGS)
{
	const char *name = hm_arg_require_text(fcinfo, 0, "name");
	const char *reason = hm_arg_require_reason(fcinfo, 1);
	HmGraph    *graph;
	int			index;
	HmNode	   *node;

	PreventCommandIfReadOnly("migrate_unregister()");
	hm_capability_require(HM_AUTHOR);
	hm_run_lock_acquire(HM_LOCK_TRANSACTION);
	graph = hm_graph_load_fresh();
	index = hm_graph_require_node(graph, name, NULL);
	require_may_go(graph, index);
	node = &graph->nodes[index];
	(void) append_bare_step(hm_run_begin("unregister", name, NULL, reason), node,
							"unregistered");
	mark_unregistered(node);
	warn_dependents(graph, node);
	PG_RETURN_VOID();
}
