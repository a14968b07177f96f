/*
 * src/policy/submission.h
 *	  Submissions: releases of one or several migrations that wait for
 *	  approvals.
 *
 *		open -> done | rejected | withdrawn | replaced
 *
 * A migration is in one open submission at most for a direction: submitting
 * it again replaces the earlier one as a whole.  A submission is bound to the
 * checksums of its members; it is done when all of them have run.  When one of
 * them is unregistered, nothing can be signed or run by it any more.
 */
#ifndef HM_POLICY_SUBMISSION_H
#define HM_POLICY_SUBMISSION_H

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
	bool		registered;		/* still */
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
	List	   *members;		/* of HmMember *, as they were named */
	const HmMember *gone;		/* one that is not registered any more: the
								 * others are to be submitted again; or NULL */
};

/* "release 12", which names a submission where a migration could be named. */
extern char *hm_submission_display(int64 submission_id);

/* Its number, or 0: the text names no submission. */
extern int64 hm_submission_parse(const char *name);

/*
 * Of HmSubmission *, by their numbers, in the current memory context: those
 * that are open and have one of the migrations as a member.  fresh: as they
 * are now, not as the caller's statement sees them; not on a standby.
 */
extern List *hm_submissions_load(const int64 *migrations, int count,
								 bool fresh);

/* The same of all that are open. */
extern List *hm_submissions_load_open(void);

/* The open one of that number; NULL: there is none. */
extern HmSubmission *hm_submission_find(int64 submission_id);

/*
 * The same as it is now, held open until the transaction ends; raises when it
 * has ended.  Others who sign it, end it, or have run one of it wait.
 */
extern HmSubmission *hm_submission_lock(int64 submission_id);

/* NULL: the migration waits in none of the list for that direction. */
extern HmSubmission *hm_submission_with(List *submissions, int64 migration_id,
										bool up, HmMember **member);

/* Whoever has submitted it. */
extern HmPerson *hm_submission_submitter(const HmSubmission *submission,
										 const HmPersons *persons);

/* What events are about: its migration, or the release of several. */
extern const char *hm_submission_subject(const HmSubmission *submission);

/* Numbers of its migrations, as they were named. */
extern int64 *hm_submission_migrations(const HmSubmission *submission);

/*
 * Of char *: the members of the old one that have not run, and are not in the
 * other.
 */
extern List *hm_submission_left_out(const HmSubmission *old,
									const HmSubmission *by);

/* Of char *: what those members (of HmMember *) are called. */
extern List *hm_members_displays(List *members);

/*
 * Stores it, with the number and the checksum that it gets, and ends what it
 * replaces; raises when that has ended meanwhile.  Then it is to be announced.
 */
extern void hm_submission_open(HmSubmission *submission);

/* Puts it on record, with what it waits for, or NULL. */
extern void hm_submission_announce(const HmSubmission *submission,
								   const char *missing);

/* Rejected or withdrawn, by whoever acts. */
extern void hm_submission_end(const HmSubmission *submission,
							  const char *state, const char *reason);

/*
 * Those migrations, each a member of the submission at the same place, have
 * run; a submission is done with its last.  Returns the place, from 0, of one
 * that somebody has ended meanwhile, or -1.
 */
extern int	hm_submissions_note_done(const int64 *submissions,
									 const int64 *migrations, int count);

#endif							/* HM_POLICY_SUBMISSION_H */
