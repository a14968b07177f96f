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

#include "policy/requirement.h"
#include "utils/timestamp.h"

#define HM_MEANING_APPROVAL	"approval"
#define HM_MEANING_PRIVACY	"privacy"
#define HM_MEANING_MAX_BYTES 128

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
	Oid			login_oid;		/* here and now; InvalidOid: relayed, or gone */
	const char *authn_id;		/* or NULL */
	const char *person;			/* of then */
	const char *relayed_by;		/* or NULL */
	const char *evidence;		/* JSON, or NULL */
	const char *review_hash;	/* in hexadecimal */
	int64		assessment_id;	/* that it approves too, or 0 */
	TimestampTz given_at;
	TimestampTz expires_at;
	int64		server;			/* that it was given on */
	const char *elsewhere;		/* why it is not of this database, or NULL */
	bool		on_record;		/* the record says the same */
	const HmPerson *giver;		/* filled in by hm_approvals_weigh() */
	char	   *void_because;	/* so too; a clause, or NULL: it counts */
} HmApproval;

/*
 * Of HmApproval *, by submission and migration and as they were given, in the
 * current memory context: of the migrations in the submissions (of
 * HmSubmission *), neither used nor taken back.  fresh: as for
 * hm_submissions_load().
 */
extern List *hm_approvals_load(const int64 *migrations, int count,
							   List *submissions, bool fresh);

/* The same for all open submissions. */
extern List *hm_approvals_load_open(void);

/*
 * Of those (a List of HmApproval *) that were given for the case's
 * submission: which count, by the policy, the roles and persons as they are.
 * Fills in the case's approvals; *voided, if not NULL, gets the others.
 */
extern void hm_approvals_weigh(HmPolicyCase *c, List *approvals, List **voided);

/* Somebody else acts in the case, and may show that others are one person. */
extern void hm_case_meet(HmPolicyCase *c, const HmPerson *person);

/*
 * Whether who gave it is now a member of one of the roles (of char *): by the
 * login that gave it; of a relayed one, by any login of the person.
 */
extern bool hm_approval_by_member(const HmPolicyCase *c, const HmApproval *approval,
								  List *roles);

/*
 * Stores it, and puts it on record; fills in its number.  author, ticket and
 * what is still missing are for the record.
 */
extern void hm_approval_give(HmApproval *approval, const char *display,
							 const char *author, const char *ticket,
							 const char *missing);

/*
 * They are used up by a run.  Returns the place among them, from 0, of one
 * that was taken back or used meanwhile, or -1.
 */
extern int	hm_approvals_use(const int64 *approvals, int count, int64 run_id);

/* The person's own, of the submission; returns how many were taken back. */
extern int	hm_approvals_end(const HmSubmission *submission,
							 const HmPerson *person, const HmPersons *persons,
							 const char *reason);

/*
 * Whether the last up of that revision ran by approvals, not before since.
 */
extern bool hm_approval_covers_revert(int64 migration_id, int revision,
									  TimestampTz since);

#endif							/* HM_POLICY_APPROVAL_H */
