/*
 * src/plan/review.h
 *	  What an approver needs to see of a migration, on one screen.
 *
 * Rows of (section, item, value).  What does not depend on time or on who
 * asks (checksum, text, findings, locks, risk and its reasons, health
 * information, assessment) is hashed, so that an approval can say what was
 * shown.  How many rows a table has is not: whether it is large is.
 */
#ifndef HM_PLAN_REVIEW_H
#define HM_PLAN_REVIEW_H

#include "nodes/pg_list.h"
#include "lint/severity.h"
#include "plan/graph.h"
#include "policy/submission.h"
#include "utils/timestamp.h"

/* So many digits of a checksum are enough for a person to tell texts apart. */
#define HM_REVIEW_DIGITS 12

typedef struct HmReviewRow
{
	const char *section;
	const char *item;			/* or NULL */
	const char *value;			/* NULL: a moment */
	TimestampTz moment;			/* told in the zone of whoever is shown it */
	const char *lasting;		/* what of it is hashed; NULL: nothing */
} HmReviewRow;

typedef struct HmReview
{
	int64		migration_id;
	const char *display;
	const char *checksum;		/* in hexadecimal */
	bool		up;
	HmSeverity	risk;
	bool		phi;			/* it touches health information */
	List	   *rows;			/* of HmReviewRow * */
	char	   *hash;			/* SHA-256 over what lasts, in hexadecimal */
} HmReview;

/*
 * Of the graph's migration of that name ("name" or "project:name"), in the
 * current memory context.  Raises when there is none, or no down for
 * direction "down".  Works on a standby.
 */
extern HmReview *hm_review_build(const HmGraph *graph, const char *name,
								 bool up);

/*
 * The same of several (of char *, as they are displayed), in one walk through
 * what is due: of HmReview *, in that order.
 */
extern List *hm_review_build_each(const HmGraph *graph, List *names, bool up);

/*
 * Of HmPolicyCase *, of each review (of HmReview *, all of one direction) by
 * the risk that it has found.  fresh as for hm_submissions_load(), *voided as
 * for hm_approvals_weigh().
 */
extern List *hm_review_cases(List *reviews, bool fresh, List **voided);

/*
 * Rows that are not hashed: what was submitted (submission may be NULL); what
 * the policy asks, who has approved, what is missing, and when it may run.
 * voided: of HmApproval *, those that do not count.
 */
extern void hm_review_add_submission(HmReview *review,
									 const HmSubmission *submission);
extern void hm_review_add_standing(HmReview *review, const HmPolicyCase *c,
								   List *voided);

/*
 * What this session was shown last: the hash of the review, or NULL when it
 * has seen none of that migration and direction.
 */
extern void hm_review_note_shown(const HmReview *review);
extern const char *hm_review_shown(const char *display, bool up);

#endif							/* HM_PLAN_REVIEW_H */
