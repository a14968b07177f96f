/*
 * src/policy/assessment.h
 *	  Privacy assessments: what a migration means for health information.
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

/*
 * The last that was put in for that text (checksum in hexadecimal), in the
 * current memory context; NULL: there is none.  Works on a standby.
 */
extern HmAssessment *hm_assessment_find(int64 migration_id,
										const char *checksum);

#endif							/* HM_POLICY_ASSESSMENT_H */
