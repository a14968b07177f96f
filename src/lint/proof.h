/*
 * src/lint/proof.h
 *	  What the rows of a relation surely are, by the constraints that it has.
 *
 * As the server proves it to spare itself a scan: from CHECK constraints that
 * are validated, by predicate_implied_by().  Those named in without are left
 * out: the same statement drops them.
 */
#ifndef HM_LINT_PROOF_H
#define HM_LINT_PROOF_H

#include "lint/world.h"

typedef enum HmProof
{
	HM_PROOF_UNKNOWN,			/* the question is not understood */
	HM_PROOF_MISSING,
	HM_PROVEN
} HmProof;

/* NotNullImpliedByRelConstraints() */
extern bool hm_proof_not_null(HmRelation *relation, const HmColumn *column,
							  List *without);

/* A validated CHECK that says the same as this raw expression, or NULL. */
extern HmConstraint *hm_proof_same_check(HmRelation *relation, Node *raw);

/*
 * Whether every row of the table satisfies the bound that it gets as a
 * partition; or, of another partition that is the default one, that none of
 * its rows belongs into the new one.  The parent must be in the catalogs; its
 * lock is not waited for, and not kept.
 */
extern HmProof hm_proof_attach(HmRelation *parent, PartitionBoundSpec *bound,
							   HmRelation *table, bool as_default);

#endif							/* HM_LINT_PROOF_H */
