/*
 * src/policy/matrix.h
 *	  The class that the risk matrix puts each statement into: by its kind
 *	  alone, before anybody asks how large the table is.
 */
#ifndef HM_POLICY_MATRIX_H
#define HM_POLICY_MATRIX_H

#include "lint/severity.h"
#include "lint/world.h"

typedef struct HmMatrixEntry
{
	HmSeverity	severity;
	const char *what;			/* a clause: "a column is dropped" */
	HmRelation *relation;		/* that it is about, or NULL */
	const char *part;			/* a column or constraint of it, or NULL */
	const char *name;			/* what it is about, where relation is NULL */
	bool		rows;			/* its work grows with the rows */
	int			steps;			/* that it weighs more on a large table */
} HmMatrixEntry;

/*
 * Of HmMatrixEntry *: one for each thing that the statement does; NIL where
 * it changes nothing that lasts.  world is as it is before the statement.
 */
extern List *hm_matrix_of(HmWorld *world, Node *statement);

#endif							/* HM_POLICY_MATRIX_H */
