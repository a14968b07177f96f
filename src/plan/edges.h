/*
 * src/plan/edges.h
 *	  The dependencies of a graph's nodes.
 */
#ifndef HM_PLAN_EDGES_H
#define HM_PLAN_EDGES_H

#include "plan/graph.h"

/*
 * Fills needs of every node, in the context, from inside an hm_query
 * bracket.  The nodes are there, sorted by migration_id.
 */
extern void hm_edges_load(HmGraph *graph, MemoryContext context);

#endif							/* HM_PLAN_EDGES_H */
