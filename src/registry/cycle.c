/*
 * src/registry/cycle.c
 *	  Whether the dependencies of a migration lead back to it.
 */
#include "postgres.h"

#include "base/query.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "registry/cycle.h"
#include "registry/name.h"

#define NOT_SEEN	(-2)
#define FROM_START	(-1)

typedef struct Edge
{
	int64		tail;			/* depends on ... */
	int64		head;
	char	   *display;		/* of head */
	int			via;			/* the edge that led to tail */
} Edge;

typedef struct Search
{
	Edge	   *edges;			/* sorted by tail */
	int			nedges;
	int		   *queue;			/* edges to follow, in breadth-first order */
	int			nqueued;
} Search;

/* All edges that begin where the migration's dependencies lead. */
static void
load_edges(Search *search, int64 migration_id)
{
	static HmStatement load = {
		"WITH RECURSIVE reached (id) AS ("
		"  SELECT $1::bigint"
		"  UNION"
		"  SELECT t.migration_id"
		"    FROM reached"
		"    JOIN hipaa_migrate.migration AS m"
		"         ON m.migration_id = reached.id AND m.unregistered_at IS NULL"
		"    JOIN hipaa_migrate.migration_dependency AS d"
		"         USING (migration_id, revision)"
		"    JOIN hipaa_migrate.migration AS t"
		"         ON t.project = d.project AND t.name = d.name)"
		" SELECT m.migration_id, t.migration_id, t.project, t.name"
		"   FROM reached"
		"   JOIN hipaa_migrate.migration AS m"
		"        ON m.migration_id = reached.id AND m.unregistered_at IS NULL"
		"   JOIN hipaa_migrate.migration_dependency AS d"
		"        USING (migration_id, revision)"
		"   JOIN hipaa_migrate.migration AS t"
		"        ON t.project = d.project AND t.name = d.name"
		"  ORDER BY m.migration_id, d.ordinal",
		1, {INT8OID}
	};
	Datum		value = Int64GetDatum(migration_id);

	search->nedges = hm_query_run(&load, &value, NULL, false);
	search->edges = palloc_extended(sizeof(Edge) * Max(search->nedges, 1),
									MCXT_ALLOC_HUGE);
	search->queue = palloc_extended(sizeof(int) * Max(search->nedges, 1),
									MCXT_ALLOC_HUGE);
	for (int i = 0; i < search->nedges; i++)
	{
		Edge	   *edge = &search->edges[i];

		CHECK_FOR_INTERRUPTS();
		edge->tail = hm_query_int64(i, 1);
		edge->head = hm_query_int64(i, 2);
		edge->display = hm_name_display(hm_query_text(i, 3),
										hm_query_text(i, 4));
		edge->via = NOT_SEEN;
	}
}

static int
first_edge_of(const Search *search, int64 tail)
{
	int			low = 0;
	int			high = search->nedges;

	while (low < high)
	{
		int			middle = low + (high - low) / 2;

		if (search->edges[middle].tail < tail)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Queues the edges of a migration, the first time it is reached. */
static void
reach(Search *search, int64 migration_id, int via)
{
	for (int i = first_edge_of(search, migration_id);
		 i < search->nedges && search->edges[i].tail == migration_id &&
		 search->edges[i].via == NOT_SEEN;
		 i++)
	{
		search->edges[i].via = via;
		search->queue[search->nqueued++] = i;
	}
}

static void
append_way_to(StringInfo way, const Search *search, int edge)
{
	check_stack_depth();
	if (search->edges[edge].via != FROM_START)
		append_way_to(way, search, search->edges[edge].via);
	appendStringInfo(way, " -> %s", search->edges[edge].display);
}

char *
hm_cycle_find(int64 migration_id)
{
	Search		search = {0};
	StringInfoData cycle;

	load_edges(&search, migration_id);
	reach(&search, migration_id, FROM_START);
	for (int next = 0; next < search.nqueued; next++)
	{
		const Edge *edge = &search.edges[search.queue[next]];

		if (edge->head == migration_id)
		{
			initStringInfo(&cycle);
			appendStringInfoString(&cycle, edge->display);
			append_way_to(&cycle, &search, search.queue[next]);
			return cycle.data;
		}
		reach(&search, edge->head, search.queue[next]);
	}
	return NULL;
}
