/*
 * src/lint/tree.h
 *	  What rules look for in parse trees.
 *
 * Pure: nothing is looked up.
 */
#ifndef HM_LINT_TREE_H
#define HM_LINT_TREE_H

#include "nodes/parsenodes.h"

/* The text of a string constant, also under a cast; or NULL. */
extern const char *hm_tree_string(Node *expression);

/* The constant true. */
extern bool hm_tree_is_true(Node *expression);

/*
 * Of RangeVar *: the relations that a query names, without those that stand
 * in its WITH, and without what SELECT INTO makes.
 */
extern List *hm_tree_relations(Node *query);

/* Of ColumnRef *: those of an expression or query. */
extern List *hm_tree_columns(Node *expression);

/* Of FuncCall *: those of a SELECT, INSERT, UPDATE, DELETE or expression. */
extern List *hm_tree_calls(Node *expression);

/* INSERT, UPDATE, DELETE or MERGE: what it writes into, else NULL. */
extern RangeVar *hm_tree_written(Node *statement);

/*
 * Changes the schema: makes, alters or drops an object that is not temporary,
 * as far as the tree alone can tell.
 */
extern bool hm_tree_is_definition(Node *statement);

/* The names "a", "b" of a list of strings, joined by dots. */
extern char *hm_tree_dotted(List *names);

#endif							/* HM_LINT_TREE_H */
