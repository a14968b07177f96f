/*
 * src/report/tree_sql.c
 *	  SQL function migrate_tree: the dependency tree, drawn.
 *
 * A graph is not a tree: a migration with several dependencies hangs under
 * the one that runs last, and its line names the others, but for those that
 * others of its dependencies need anyway.
 */
#include "postgres.h"

#include "audit/capability.h"
#include "base/argument.h"
#include "funcapi.h"
#include "lib/stringinfo.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "plan/graph.h"
#include "utils/builtins.h"

PG_FUNCTION_INFO_V1(hm_migrate_tree);

typedef struct Tree
{
	const HmGraph *graph;
	ReturnSetInfo *result;
	int		   *parent;			/* of each node, -1: a root, -2: not shown */
	int		   *first_child;
	int		   *next_sibling;
	int		   *reached_from;	/* node for which mark_reached() came by */
	const char *branch;			/* before a child, before the last one, ... */
	const char *last_branch;
	const char *trunk;
} Tree;

#define ROOT		(-1)
#define NOT_SHOWN	(-2)
#define BLANK		"    "

static void
choose_glyphs(Tree *tree)
{
	bool		unicode = GetDatabaseEncoding() == PG_UTF8;

	tree->branch = unicode ? "\xe2\x94\x9c\xe2\x94\x80\xe2\x94\x80 " : "|-- ";
	tree->last_branch = unicode ?
		"\xe2\x94\x94\xe2\x94\x80\xe2\x94\x80 " : "`-- ";
	tree->trunk = unicode ? "\xe2\x94\x82   " : "|   ";
}

/* Finds parents; positions holds each node's place in the order. */
static void
hang_up(Tree *tree, const char *project, const int *positions)
{
	const HmGraph *graph = tree->graph;

	for (int i = 0; i < graph->count; i++)
	{
		const HmNode *node = &graph->nodes[i];

		tree->parent[i] = project && strcmp(node->project, project) != 0 ?
			NOT_SHOWN : ROOT;
	}
	for (int i = 0; i < graph->count; i++)
	{
		const HmNode *node = &graph->nodes[i];

		for (int j = 0; j < node->nneeds && tree->parent[i] != NOT_SHOWN; j++)
		{
			int			needed = node->needs[j].node;

			if (needed != HM_NOT_REGISTERED && !node->cyclic &&
				tree->parent[needed] != NOT_SHOWN &&
				(tree->parent[i] == ROOT ||
				 positions[needed] > positions[tree->parent[i]]))
				tree->parent[i] = needed;
		}
	}
}

static void
list_children(Tree *tree)
{
	const HmGraph *graph = tree->graph;

	for (int i = 0; i < graph->count; i++)
		tree->first_child[i] = tree->next_sibling[i] = -1;
	for (int i = graph->count - 1; i >= 0; i--)
	{
		int			node = graph->order[i];
		int			parent = tree->parent[node];

		if (parent >= 0)
		{
			tree->next_sibling[node] = tree->first_child[parent];
			tree->first_child[parent] = node;
		}
	}
}

/* Marks what the nodes that the node needs do need in turn. */
static void
mark_reached(const Tree *tree, int index)
{
	const HmGraph *graph = tree->graph;
	List	   *stack = list_make1_int(index);

	while (stack != NIL)
	{
		int			at = llast_int(stack);
		const HmNode *node = &graph->nodes[at];

		CHECK_FOR_INTERRUPTS();
		stack = list_delete_last(stack);
		for (int i = 0; i < node->nneeds; i++)
		{
			int			needed = node->needs[i].node;

			if (needed == HM_NOT_REGISTERED || graph->nodes[needed].cyclic)
				continue;
			if (at == index)
				stack = lappend_int(stack, needed);
			else if (tree->reached_from[needed] != index)
			{
				tree->reached_from[needed] = index;
				stack = lappend_int(stack, needed);
			}
		}
	}
}

static void
append_other_needs(StringInfo line, const Tree *tree, int index)
{
	const HmNode *node = &tree->graph->nodes[index];
	const char *opening = tree->parent[index] >= 0 ? " (and " : " (needs ";
	int			others = 0;

	if (node->cyclic)
	{
		appendStringInfo(line, " (cycle: %s)",
						 hm_graph_cycle_display(tree->graph, index));
		return;
	}
	if (node->nneeds > 1)
		mark_reached(tree, index);
	for (int i = 0; i < node->nneeds; i++)
	{
		const HmEdge *edge = &node->needs[i];

		if (edge->node != HM_NOT_REGISTERED &&
			(edge->node == tree->parent[index] ||
			 (node->nneeds > 1 && tree->reached_from[edge->node] == index)))
			continue;
		appendStringInfo(line, "%s%s%s", others++ == 0 ? opening : ", ",
						 hm_edge_display(tree->graph, edge),
						 edge->node == HM_NOT_REGISTERED ?
						 " (not registered)" : "");
	}
	if (others > 0)
		appendStringInfoChar(line, ')');
}

static void
put_line(const Tree *tree, const char *prefix, const char *glyph, int node)
{
	StringInfoData line;
	Datum		value;
	bool		null = false;

	initStringInfo(&line);
	appendStringInfo(&line, "%s%s%s", prefix, glyph,
					 tree->graph->nodes[node].display);
	append_other_needs(&line, tree, node);
	value = CStringGetTextDatum(line.data);
	tuplestore_putvalues(tree->result->setResult, tree->result->setDesc,
						 &value, &null);
	pfree(line.data);
}

static void
draw_children(const Tree *tree, const char *prefix, int parent)
{
	check_stack_depth();
	CHECK_FOR_INTERRUPTS();
	for (int child = tree->first_child[parent]; child >= 0;
		 child = tree->next_sibling[child])
	{
		bool		last = tree->next_sibling[child] < 0;
		char	   *deeper = psprintf("%s%s", prefix,
									  last ? BLANK : tree->trunk);

		put_line(tree, prefix, last ? tree->last_branch : tree->branch, child);
		draw_children(tree, deeper, child);
		pfree(deeper);
	}
}

Datum
hm_migrate_tree(PG_FUNCTION_ARGS)
{
	const char *project = hm_arg_text(fcinfo, 0);
	HmGraph    *graph;
	Tree		tree;
	int		   *positions;

	hm_capability_require_any();
	InitMaterializedSRF(fcinfo, MAT_SRF_USE_EXPECTED_DESC);
	graph = hm_graph_load();
	tree.graph = graph;
	tree.result = (ReturnSetInfo *) fcinfo->resultinfo;
	tree.parent = palloc(sizeof(int) * Max(graph->count, 1));
	tree.first_child = palloc(sizeof(int) * Max(graph->count, 1));
	tree.next_sibling = palloc(sizeof(int) * Max(graph->count, 1));
	tree.reached_from = palloc(sizeof(int) * Max(graph->count, 1));
	memset(tree.reached_from, -1, sizeof(int) * Max(graph->count, 1));
	positions = palloc(sizeof(int) * Max(graph->count, 1));
	for (int i = 0; i < graph->count; i++)
		positions[graph->order[i]] = i;
	choose_glyphs(&tree);
	hang_up(&tree, project, positions);
	list_children(&tree);
	for (int i = 0; i < graph->count; i++)
	{
		if (tree.parent[graph->order[i]] == ROOT)
		{
			put_line(&tree, "", "", graph->order[i]);
			draw_children(&tree, "", graph->order[i]);
		}
	}
	return (Datum) 0;
}
