/*
 * src/plan/review_parts.h
 *	  What review.c (how a migration is looked at) and the files of its
 *	  sections have between them.
 */
#ifndef HM_PLAN_REVIEW_PARTS_H
#define HM_PLAN_REVIEW_PARTS_H

#include "lint/lock_row.h"
#include "plan/outlook.h"
#include "plan/review.h"
#include "policy/risk.h"

/*
 * A row that is hashed as it is shown; of one that is hashed as something
 * else, or not at all (lasting is NULL).  item may be NULL.  Strings are kept
 * as they are.
 */
extern void hm_review_add(HmReview *review, const char *section,
						  const char *item, const char *value);
extern void hm_review_add_as(HmReview *review, const char *section,
							 const char *item, const char *value,
							 const char *lasting);

/* A row that is not hashed. */
extern void hm_review_add_moment(HmReview *review, const char *section,
								 const char *item, TimestampTz moment);

/* What is registered: facts, and the texts statement by statement. */
extern void hm_review_add_facts(HmReview *review, const HmOutlook *outlook);
extern void hm_review_add_texts(HmReview *review, const HmStored *stored);

/* What is found. */
extern void hm_review_add_findings(HmReview *review, const HmStored *stored,
								   List *findings);
extern void hm_review_add_locks(HmReview *review, const HmLockRows *locks);
extern void hm_review_add_risk(HmReview *review, const HmRisk *risk);

/* What it is said to mean for health information, if anything is. */
extern void hm_review_add_assessment(HmReview *review, const HmStored *stored);

#endif							/* HM_PLAN_REVIEW_PARTS_H */
