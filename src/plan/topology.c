/*
 * src/plan/topology.c
 *	  Order of a graph: dependencies first, then names.
 *
 * Kahn's algorithm; a heap holds what is ready, so that the result is the
 * smallest possible order and does not depend on how rows came.
 */
#include "postgres.h"

#include "lib/binaryheap.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "plan/topology.h"

static int
compare_names(const HmNode *left, const HmNode *right)
{
	int			order;

	if (left->repeatable != right->repeatable)
		return left->repeatable ? 1 : -1;
	order = strcmp(left->name, right->name);
	return order != 0 ? order : strcmp(left->project, right->project);
}

/* The heap's first is its greatest: the lowest rank shall be. */
static int
by_rank(Datum a, Datum b, void *arg)
{
	const int  *ranks = arg;
	int			left = ranks[DatumGetInt32(b)];
	int			right = ranks[DatumGetInt32(a)];

	return left < right ? -1 : left > right;
}

static int
by_application(Datum a, Datum b, void *arg)
{
	const HmGraph *graph = arg;
	int64		left = graph->nodes[DatumGetInt32(a)].applied_step;
	int64		right = graph->nodes[DatumGetInt32(b)].applied_step;

	return left < right ? -1 : left > right;
}

static int
compare_positions(const void *a, const void *b, void *arg)
{
	const HmGraph *graph = arg;

	return compare_names(&graph->nodes[*(const int *) a],
						 &graph->nodes[*(const int *) b]);
}

/*
 * Each node's place among all names, to compare integers from then on.
 * Migrations are mostly registered in the order of their names, in which
 * case sorting is one pass.
 */
static int *
rank_names(HmGraph *graph)
{
	int		   *sorted = palloc(sizeof(int) * Max(graph->count, 1));
	int		   *ranks = palloc(sizeof(int) * Max(graph->count, 1));

	for (int i = 0; i < graph->count; i++)
		sorted[i] = i;
	qsort_arg(sorted, graph->count, sizeof(int), compare_positions, graph);
	for (int i = 0; i < graph->count; i++)
		ranks[sorted[i]] = i;
	pfree(sorted);
	return ranks;
}

/* What no order reaches is in a cycle or behind one. */
static void
append_cyclic(HmGraph *graph, int ordered, const int *missing)
{
	int			count = ordered;

	for (int i = 0; i < graph->count; i++)
	{
		if (missing[i] > 0)
		{
			graph->nodes[i].cyclic = true;
			graph->order[count++] = i;
		}
	}
	qsort_arg(graph->order + ordered, count - ordered, sizeof(int),
			  compare_positions, graph);
}

void
hm_topology_sort(HmGraph *graph)
{
	int		   *missing = palloc0(sizeof(int) * Max(graph->count, 1));
	int		   *ranks = rank_names(graph);
	binaryheap *ready = binaryheap_allocate(Max(graph->count, 1), by_rank,
											ranks);
	int			ordered = 0;

	graph->order = palloc(sizeof(int) * Max(graph->count, 1));
	for (int i = 0; i < graph->count; i++)
	{
		for (int j = 0; j < graph->nodes[i].nneeds; j++)
		{
			if (graph->nodes[i].needs[j].node != HM_NOT_REGISTERED)
				missing[i]++;
		}
		if (missing[i] == 0)
			binaryheap_add_unordered(ready, Int32GetDatum(i));
	}
	binaryheap_build(ready);
	while (!binaryheap_empty(ready))
	{
		int			next = DatumGetInt32(binaryheap_remove_first(ready));
		HmNode	   *node = &graph->nodes[next];

		CHECK_FOR_INTERRUPTS();
		graph->order[ordered++] = next;
		for (int i = 0; i < node->nneeded_by; i++)
		{
			if (--missing[node->needed_by[i]] == 0)
				binaryheap_add(ready, Int32GetDatum(node->needed_by[i]));
		}
	}
	append_cyclic(graph, ordered, missing);
	binaryheap_free(ready);
	pfree(ranks);
	pfree(missing);
}

int
hm_graph_reverse_order(const HmGraph *graph, const bool *chosen, int *nodes)
{
	int		   *missing = palloc0(sizeof(int) * Max(graph->count, 1));
	binaryheap *ready = binaryheap_allocate(Max(graph->count, 1),
											by_application, (void *) graph);
	int			ordered = 0;

	for (int i = 0; i < graph->count; i++)
	{
		for (int j = 0; chosen[i] && j < graph->nodes[i].nneeded_by; j++)
		{
			if (chosen[graph->nodes[i].needed_by[j]])
				missing[i]++;
		}
		if (chosen[i] && missing[i] == 0)
			binaryheap_add(ready, Int32GetDatum(i));
	}
	while (!binaryheap_empty(ready))
	{
		int			next = DatumGetInt32(binaryheap_remove_first(ready));
		HmNode	   *node = &graph->nodes[next];

		CHECK_FOR_INTERRUPTS();
		nodes[ordered++] = next;
		for (int i = 0; i < node->nneeds; i++)
		{
			int			needed = node->needs[i].node;

			if (needed != HM_NOT_REGISTERED && chosen[needed] &&
				--missing[needed] == 0)
				binaryheap_add(ready, Int32GetDatum(needed));
		}
	}
	binaryheap_free(ready);
	pfree(missing);
	return ordered;
}

/* From a cyclic node, some cyclic dependency always leads on. */
static int
next_cyclic(const HmGraph *graph, int node)
{
	for (int i = 0; i < graph->nodes[node].nneeds; i++)
	{
		int			needed = graph->nodes[node].needs[i].node;

		if (needed != HM_NOT_REGISTERED && graph->nodes[needed].cyclic)
			return needed;
	}
	elog(ERROR, "migration \"%s\" is not in a cycle",
		 graph->nodes[node].display);
}

char *
hm_graph_cycle_display(const HmGraph *graph, int node)
{
	bool	   *visited = palloc0(sizeof(bool) * graph->count);
	StringInfoData display;
	int			start;

	for (start = node; !visited[start]; start = next_cyclic(graph, start))
		visited[start] = true;
	initStringInfo(&display);
	appendStringInfoString(&display, graph->nodes[start].display);
	node = start;
	do
	{
		node = next_cyclic(graph, node);
		appendStringInfo(&display, " -> %s", graph->nodes[node].display);
	} while (node != start);
	pfree(visited);
	return display.data;
}
