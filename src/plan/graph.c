/*
 * src/plan/graph.c
 *	  The registered migrations and what they depend on, as of one snapshot.
 */
#include "postgres.h"

#include "access/xact.h"
#include "base/compat.h"
#include "base/errors.h"
#include "base/query.h"
#include "miscadmin.h"
#include "plan/edges.h"
#include "plan/graph.h"
#include "plan/topology.h"
#include "registry/name.h"
#include "utils/timestamp.h"

static const char *const state_names[] = {
	[HM_STATE_PENDING] = "pending",
	[HM_STATE_APPLIED] = "applied",
	[HM_STATE_ADOPTED] = "adopted",
	[HM_STATE_REVERTED] = "reverted",
};

const char *
hm_state_name(HmState state)
{
	return state_names[state];
}

int
hm_graph_find(const HmGraph *graph, int64 migration_id)
{
	int			low = 0;
	int			high = graph->count - 1;

	while (low <= high)
	{
		int			middle = (low + high) / 2;

		if (graph->nodes[middle].migration_id == migration_id)
			return middle;
		if (graph->nodes[middle].migration_id < migration_id)
			low = middle + 1;
		else
			high = middle - 1;
	}
	return -1;
}

static HmState
state_from_name(const char *name)
{
	for (int i = 0; i < lengthof(state_names); i++)
	{
		if (strcmp(name, state_names[i]) == 0)
			return (HmState) i;
	}
	elog(ERROR, "unrecognized state \"%s\"", name);
}

/* Copies of a column of the result, in the caller's context. */
static char *
copy_text(MemoryContext context, uint64 row, int column)
{
	char	   *text = hm_query_text(row, column);

	return text ? MemoryContextStrdup(context, text) : NULL;
}

static void
fill_node(HmNode *node, MemoryContext context, uint64 row)
{
	bool		isnull;
	Datum		applied_at;

	node->migration_id = hm_query_int64(row, 1);
	node->project = copy_text(context, row, 2);
	node->name = copy_text(context, row, 3);
	node->state = state_from_name(hm_query_text(row, 4));
	node->revision = hm_query_int32(row, 5);
	node->repeatable = hm_query_bool(row, 6);
	node->outdated = hm_query_bool(row, 7);
	node->up_transactional = hm_query_bool(row, 8);
	node->down_transactional = hm_query_bool(row, 9);
	node->reversible = hm_query_bool(row, 10);
	applied_at = hm_query_datum(row, 11, &isnull);
	node->applied_at = isnull ? 0 : DatumGetTimestampTz(applied_at);
	node->applied_by = copy_text(context, row, 12);
	node->applied_step = hm_query_int64(row, 13);
	node->applied_revision = hm_query_int32(row, 14);
}

/*
 * A repeatable migration may be revised while it is applied; what reverts it
 * is the text that was applied, a.
 */
static void
load_nodes(HmGraph *graph, MemoryContext context)
{
	static HmStatement load = {
		"SELECT m.migration_id, m.project, m.name, m.state, m.revision,"
		"       r.kind = 'repeatable',"
		"       COALESCE(a.checksum <> r.checksum, false),"
		"       r.up_transactional,"
		"       COALESCE(a.down_transactional, r.down_transactional),"
		"       COALESCE(a.down_statements, r.down_statements) > 0,"
		"       CASE WHEN m.state IN ('applied', 'adopted') THEN m.applied_at END,"
		"       CASE WHEN m.state IN ('applied', 'adopted') THEN m.applied_by END,"
		"       m.applied_step, m.applied_revision"
		"  FROM hipaa_migrate.migration AS m"
		"  JOIN hipaa_migrate.migration_revision AS r"
		"       USING (migration_id, revision)"
		"  LEFT JOIN hipaa_migrate.migration_revision AS a"
		"       ON m.state IN ('applied', 'adopted')"
		"      AND m.applied_revision <> m.revision"
		"      AND a.migration_id = m.migration_id"
		"      AND a.revision = m.applied_revision"
		" WHERE m.unregistered_at IS NULL"
		" ORDER BY m.migration_id"
	};

	graph->count = hm_query_run(&load, NULL, NULL, true);
	graph->nodes = MemoryContextAllocExtended(context,
											  sizeof(HmNode) * Max(graph->count, 1),
											  MCXT_ALLOC_HUGE | MCXT_ALLOC_ZERO);
	for (int i = 0; i < graph->count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		fill_node(&graph->nodes[i], context, i);
	}
}

static void
link_back(HmGraph *graph)
{
	for (int i = 0; i < graph->count; i++)
	{
		for (int j = 0; j < graph->nodes[i].nneeds; j++)
		{
			int			target = graph->nodes[i].needs[j].node;

			if (target != HM_NOT_REGISTERED)
				graph->nodes[target].nneeded_by++;
		}
	}
	for (int i = 0; i < graph->count; i++)
	{
		HmNode	   *node = &graph->nodes[i];

		node->needed_by = palloc(sizeof(int) * Max(node->nneeded_by, 1));
		node->nneeded_by = 0;
	}
	for (int i = 0; i < graph->count; i++)
	{
		for (int j = 0; j < graph->nodes[i].nneeds; j++)
		{
			int			target = graph->nodes[i].needs[j].node;

			if (target != HM_NOT_REGISTERED)
			{
				HmNode	   *needed = &graph->nodes[target];

				needed->needed_by[needed->nneeded_by++] = i;
			}
		}
	}
}

HmGraph *
hm_graph_load(void)
{
	HmGraph    *graph = palloc0(sizeof(HmGraph));
	MemoryContext context = CurrentMemoryContext;
	HmBracket	bracket;

	hm_query_begin(&bracket);
	load_nodes(graph, context);
	for (int i = 0; i < graph->count; i++)
	{
		HmNode	   *node = &graph->nodes[i];

		node->display = strcmp(node->project, "default") == 0 ? node->name :
			MemoryContextStrdup(context,
								hm_name_display(node->project, node->name));
	}
	hm_edges_load(graph, context);
	hm_query_end(&bracket);
	link_back(graph);
	hm_topology_sort(graph);
	return graph;
}

/*
 * The statement that called us may have waited for a lock since it took its
 * snapshot, or may have registered migrations itself.
 */
HmGraph *
hm_graph_load_fresh(void)
{
	HmGraph    *graph;

	CommandCounterIncrement();
	PushActiveSnapshot(GetTransactionSnapshot());
	graph = hm_graph_load();
	graph->fresh = true;
	PopActiveSnapshot();
	return graph;
}

static bool
matches(const HmNode *node, const HmName *name)
{
	return strcmp(node->name, name->name) == 0 &&
		(name->project == NULL || strcmp(node->project, name->project) == 0);
}

int
hm_graph_find_node(const HmGraph *graph, const char *reference,
				   const char *project)
{
	HmName		name = hm_name_split(reference, project);
	int			found = HM_NOT_REGISTERED;

	for (int i = 0; i < graph->count; i++)
	{
		if (!matches(&graph->nodes[i], &name))
			continue;
		if (found != HM_NOT_REGISTERED)
			ereport(ERROR,
					(errcode(ERRCODE_AMBIGUOUS_PARAMETER),
					 errmsg("migration name \"%s\" is ambiguous", reference),
					 errdetail("It is registered in projects \"%s\" and \"%s\".",
							   graph->nodes[found].project,
							   graph->nodes[i].project),
					 errhint("Name the project too: '%s:%s' or '%s:%s'.",
							 graph->nodes[found].project, name.name,
							 graph->nodes[i].project, name.name)));
		found = i;
	}
	return found;
}

int
hm_graph_require_node(const HmGraph *graph, const char *reference,
					  const char *project)
{
	int			node = hm_graph_find_node(graph, reference, project);
	HmName		name;

	if (node != HM_NOT_REGISTERED)
		return node;
	name = hm_name_split(reference, project);
	ereport(ERROR,
			(errcode(HM_ERRCODE_NOT_REGISTERED),
			 errmsg("migration \"%s\" is not registered",
					name.project ?
					hm_name_display(name.project, name.name) : reference),
			 errhint("SELECT * FROM migrate_status(); lists what is.")));
}
