/*
 * src/policy/approval.h
 *	  Approvals: who approved what.
 *
 * An approval is bound to a submission, the checksum, the direction, the risk
 * at that time, this database and an expiry, and serves for one run.  What it
 * says is in event approval.given of the transaction that gave it; a row that
 * says anything else counts for nothing.
 */
#ifndef HM_POLICY_APPROVAL_H
#define HM_POLICY_APPROVAL_H

#include "lint/severity.h"
#include "nodes/pg_list.h"
#include "policy/requirement.h"
#include "utils/timestamp.h"

#define HM_MEANING_APPROVAL "approval"

typedef struct HmApproval
{
	int64		approval_id;
	int64		submission_id;
	int64		migration_id;
	int			revision;
	const char *checksum;		/* in hexadecimal */
	bool		up;
	HmSeverity	risk;
	const char *meaning;
	const char *comment;		/* or NULL */
	const char *login;
	Oid			login_oid;		/* InvalidOid: relayed */
	const char *authn_id;		/* or NULL */
	const char *person;
	const char *relayed_by;		/* or NULL */
	const char *evidence;		/* JSON, or NULL */
	const char *review_hash;	/* in hexadecimal */
	TimestampTz given_at;
	TimestampTz expires_at;
	const char *void_because;	/* NULL: it may count */
} HmApproval;

#endif							/* HM_POLICY_APPROVAL_H */
