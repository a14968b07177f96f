/*
 * src/policy/submission.h
 *	  Submissions: releases of one or several migrations that wait for
 *	  approvals.
 *
 *		open -> done | rejected | withdrawn | replaced
 *
 * A migration is in one open submission at most for a direction: submitting
 * it again replaces the earlier one as a whole.  A submission is bound to the
 * checksums of its members; it is done when all of them have run.
 */
#ifndef HM_POLICY_SUBMISSION_H
#define HM_POLICY_SUBMISSION_H

#include "lint/severity.h"
#include "nodes/pg_list.h"
#include "policy/requirement.h"
#include "utils/timestamp.h"

typedef struct HmMember
{
	int64		migration_id;
	const char *display;
	int			revision;
	const char *checksum;		/* in hexadecimal */
	HmSeverity	risk;			/* when it was submitted */
	bool		phi;
	TimestampTz done_at;		/* 0: it has not run */
} HmMember;

struct HmSubmission
{
	int64		submission_id;
	bool		up;
	const char *checksum;		/* of the release, in hexadecimal */
	const char *reason;
	const char *ticket;			/* or NULL */
	TimestampTz planned_for;	/* 0: not said */
	const char *submitted_by;
	Oid			submitted_by_oid;
	const char *submitted_authn_id; /* or NULL */
	TimestampTz submitted_at;
	bool		foreign;		/* of another database, or of an earlier life
								 * of this one */
	List	   *members;		/* of HmMember * */
};

/* "release 12", which names a submission where a migration could be named. */
extern char *hm_submission_display(int64 submission_id);

#endif							/* HM_POLICY_SUBMISSION_H */
