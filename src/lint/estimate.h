/*
 * src/lint/estimate.h
 *	  How many rows a statement would change, and what a query returns.
 *
 * The server's analysis and planner are asked as they are now, before the
 * plan has run.  Nothing is executed; no function that is not the server's
 * own is called.  What is locked against reading is not waited for.
 */
#ifndef HM_LINT_ESTIMATE_H
#define HM_LINT_ESTIMATE_H

#include "nodes/parsenodes.h"

/*
 * Of INSERT ... SELECT, UPDATE, DELETE and MERGE, by the planner; -1 when it
 * cannot be told, *held: because somebody holds a table that it names.
 */
extern double hm_estimate_rows(Node *statement, bool *held);

/*
 * The columns of a query: of TargetEntry *, none of them junk.  NIL when the
 * server does not understand it now.
 */
extern List *hm_estimate_columns(Node *query);

#endif							/* HM_LINT_ESTIMATE_H */
