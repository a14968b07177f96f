/*
 * src/lint/expression.h
 *	  Expressions of a migration, as the server itself would understand them.
 *
 * The text's raw trees go through the server's own analysis.  Columns mean
 * those of the relation as the plan will find it, so that this works for
 * columns that are not there yet; the table is not opened.
 */
#ifndef HM_LINT_EXPRESSION_H
#define HM_LINT_EXPRESSION_H

#include "lint/world.h"
#include "nodes/primnodes.h"

typedef enum HmVolatility
{
	HM_VOLATILITY_UNKNOWN,		/* it does not mean anything yet */
	HM_NOT_VOLATILE,
	HM_VOLATILE
} HmVolatility;

/*
 * Simplified as for execution, unless that might run what somebody wrote: the
 * server computes calls of IMMUTABLE functions while it plans, and whoever
 * judges a migration has more rights than who wrote it.  Then it is returned
 * as it is.
 */
extern Node *hm_expression_simplify(Node *expression);

/*
 * Analysed, coerced to the type (unless that is InvalidOid) as a default or
 * USING would be, and simplified.  NULL when the server does
 * not understand it.  relation may be NULL: then it has no columns.
 */
extern Node *hm_expression_understand(HmRelation *relation, Node *raw,
									  Oid type, int32 typmod);

/*
 * Of a default for that column: by the functions that it really calls; those
 * that the plan makes are looked up in the world.
 */
extern HmVolatility hm_expression_volatility(HmWorld *world, Node *raw,
											 Oid type, int32 typmod);

/* A Var for the column, number 1 of a relation that is not open. */
extern Var *hm_expression_column(HmRelation *relation,
								 const HmColumn *column);

/*
 * Whether a value of the column must be computed anew for every row when its
 * type becomes that one: as ATColumnChangeRequiresRewrite() decides.
 */
extern bool hm_expression_rewrites(HmRelation *relation,
								   const HmColumn *column, Node *using,
								   Oid type, int32 typmod, Oid collation,
								   bool *understood);

#endif							/* HM_LINT_EXPRESSION_H */
