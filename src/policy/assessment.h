/*
 * src/policy/assessment.h
 *	  Privacy assessments: what a migration means for health information.
 *
 * An assessment is about one text: it is bound to the checksum, so that
 * another revision needs another.  Several may be put in for a text; the last
 * one counts.  The texts are in table assessment alone, for they are prose
 * that nobody has redacted; event assessment.given has their SHA-256.  When
 * the event is redacted, so are they.
 */
#ifndef HM_POLICY_ASSESSMENT_H
#define HM_POLICY_ASSESSMENT_H

#include "utils/date.h"

typedef struct HmAssessment
{
	int64		assessment_id;
	char	   *purpose;
	char	   *data;
	char	   *safeguards;
	char	   *assessor;
	DateADT		assessed_on;
	char	   *recorded_by;
} HmAssessment;

/* What is assessed. */
typedef struct HmAssessed
{
	int64		migration_id;
	const char *display;
	const char *checksum;		/* in hexadecimal */
	const char *author;
} HmAssessed;

/*
 * The last that was put in for that text (checksum in hexadecimal), in the
 * current memory context; NULL: there is none.  Works on a standby.
 */
extern HmAssessment *hm_assessment_find(int64 migration_id,
										const char *checksum);

/* Returns its number; what it was given has no number and no recorded_by. */
extern int64 hm_assessment_give(const HmAssessed *assessed,
								const HmAssessment *assessment);

/* In _PG_init(). */
extern void hm_assessment_init(void);

#endif							/* HM_POLICY_ASSESSMENT_H */
