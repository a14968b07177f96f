/*
 * src/policy/matrix_parts.h
 *	  What matrix.c (which statement is in which class) and matrix_table.c
 *	  (ALTER TABLE) have between them.
 */
#ifndef HM_POLICY_MATRIX_PARTS_H
#define HM_POLICY_MATRIX_PARTS_H

#include "policy/matrix.h"

typedef struct HmMatrix
{
	HmWorld    *world;
	List	   *entries;		/* of HmMatrixEntry * */
} HmMatrix;

extern HmMatrixEntry *hm_matrix_add(HmMatrix *matrix, HmSeverity severity,
									const char *what, HmRelation *relation);

extern void hm_matrix_alter_table(HmMatrix *matrix, Node *node);

#endif							/* HM_POLICY_MATRIX_PARTS_H */
