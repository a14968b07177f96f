/*
 * src/plan/topology.h
 *	  Order of a graph: dependencies first, then names.
 */
#ifndef HM_PLAN_TOPOLOGY_H
#define HM_PLAN_TOPOLOGY_H

#include "plan/graph.h"

/* Fills graph->order and cyclic; names in byte order, repeatables last. */
extern void hm_topology_sort(HmGraph *graph);

#endif							/* HM_PLAN_TOPOLOGY_H */
