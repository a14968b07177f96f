/*
 * src/plan/graph.h
 *	  The registered migrations and what they depend on, as of one snapshot.
 *
 * Invariants: nodes are sorted by migration_id; an edge leads to a node of
 * the same graph, or to -1 when nothing of that name is registered; order
 * holds every node once, a node after all it depends on, and last the nodes
 * that are in a cycle or behind one.
 */
#ifndef HM_PLAN_GRAPH_H
#define HM_PLAN_GRAPH_H

#include "datatype/timestamp.h"

#define HM_NOT_REGISTERED (-1)

typedef enum HmState
{
	HM_STATE_PENDING,
	HM_STATE_APPLIED,
	HM_STATE_ADOPTED,
	HM_STATE_REVERTED
} HmState;

typedef struct HmEdge
{
	int			node;			/* what is depended on, or not registered */
	char	   *missing;		/* its name, if it is not registered */
} HmEdge;

typedef struct HmNode
{
	int64		migration_id;
	char	   *project;
	char	   *name;
	char	   *display;
	int			revision;		/* registered */
	int			applied_revision;	/* in the database, or 0 */
	HmState		state;
	bool		repeatable;
	bool		outdated;		/* applied, but repeatable and revised since */
	bool		up_transactional;
	bool		down_transactional; /* of the applied revision, if any, */
	bool		reversible;		/* and this too */
	TimestampTz applied_at;		/* 0 unless in the database */
	char	   *applied_by;
	int64		applied_step;	/* orders what was applied, the last highest */

	int			nneeds;
	HmEdge	   *needs;
	int			nneeded_by;
	int		   *needed_by;		/* nodes */
	bool		cyclic;			/* in a cycle, or behind one */
} HmNode;

typedef struct HmGraph
{
	int			count;
	HmNode	   *nodes;
	int		   *order;			/* nodes, as they run */
	bool		fresh;			/* of a snapshot of its own */
} HmGraph;

/*
 * Reads the registry; everything in the current memory context.  For reading
 * functions: as the caller's statement sees it.
 */
extern HmGraph *hm_graph_load(void);

/* For whoever holds the run lock: as it is now. */
extern HmGraph *hm_graph_load_fresh(void);

static inline const char *
hm_edge_display(const HmGraph *graph, const HmEdge *edge)
{
	return edge->node == HM_NOT_REGISTERED ? edge->missing :
		graph->nodes[edge->node].display;
}

static inline bool
hm_node_in_database(const HmNode *node)
{
	return node->state == HM_STATE_APPLIED || node->state == HM_STATE_ADOPTED;
}

static inline bool
hm_node_due(const HmNode *node)
{
	return !hm_node_in_database(node) || node->outdated;
}

extern const char *hm_state_name(HmState state);

/* The node of that migration_id; -1: it is not registered. */
extern int	hm_graph_find(const HmGraph *graph, int64 migration_id);

/*
 * The node named "name" or "project:name".  Without a project in the name
 * or the argument, the only one of that name; raises when there is more than
 * one.  -1: there is none.
 */
extern int	hm_graph_find_node(const HmGraph *graph, const char *reference,
							   const char *project);

/* The same; raises when there is none. */
extern int	hm_graph_require_node(const HmGraph *graph, const char *reference,
								  const char *project);

/* "a -> b -> a" for a cyclic node, palloc'd. */
extern char *hm_graph_cycle_display(const HmGraph *graph, int node);

/*
 * The chosen nodes so that each comes before what it depends on, otherwise
 * what was applied last first.  Returns how many; nodes has room for all.
 */
extern int	hm_graph_reverse_order(const HmGraph *graph, const bool *chosen,
								   int *nodes);

#endif							/* HM_PLAN_GRAPH_H */
