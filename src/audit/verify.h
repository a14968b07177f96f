/*
 * src/audit/verify.h
 *	  Verifies the record: recomputes all of it from what stands on disk.
 *
 * Reads the tables page by page under one snapshot, through no index, no
 * operator, no rule and no row security, and writes nothing.  What is wrong is
 * in the report, never an error; errors are those of catalogs that cannot be
 * read, of a cancelled query, and of running out of memory.  Works on a hot
 * standby, and with parallel workers where they are allowed.
 */
#ifndef HM_AUDIT_VERIFY_H
#define HM_AUDIT_VERIFY_H

#include "utils/jsonb.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

/* In the order of the report. */
typedef enum HmCheck
{
	HM_CHECK_PAGE,				/* pages and tuples can be read */
	HM_CHECK_EVENT,				/* values have the hash beside them */
	HM_CHECK_LEAF,				/* the leaf list is dense */
	HM_CHECK_MEMBERSHIP,		/* events and leaf list agree, by block */
	HM_CHECK_TREE,				/* roots follow from the leaf list */
	HM_CHECK_CHAIN,				/* blocks follow from each other */
	HM_CHECK_INDEX,				/* indexes show what the tables hold */
	HM_CHECK_FINGERPRINT,		/* catalogs are as they were sealed */
	HM_CHECK_EPOCH,				/* epochs follow from each other */
	HM_CHECK_PURGED,			/* what is gone was purged or redacted */
	HM_CHECK_DIGEST,			/* the record has what was handed out */
	HM_CHECK_CLOCK,				/* time does not go back */
	HM_CHECK_COUNT
} HmCheck;

typedef struct HmVerifyOptions
{
	const pg_uuid_t *epoch;		/* only this one, without its catalogs; or all */
	TimestampTz since;			/* blocks sealed before this are trusted; 0:
								 * none */
	Jsonb	   *digest;			/* what audit_digest() gave, or NULL */
	int			max_failures;	/* to be described, of each check */
	bool		serial;			/* without parallel workers */
} HmVerifyOptions;

typedef struct HmVerifyFailure
{
	int64		event_id;		/* 0: not about one event */
	char	   *message;
} HmVerifyFailure;

typedef struct HmVerifyCheck
{
	bool		skipped;
	int64		checked;		/* what is counted depends on the check */
	int64		failures;
	char	   *remark;			/* of a check that did not fail; or NULL */
	int			ndescribed;
	HmVerifyFailure *described; /* the first of them */
} HmVerifyCheck;

typedef struct HmVerifyReport
{
	int			max_failures;
	HmVerifyCheck checks[HM_CHECK_COUNT];
} HmVerifyReport;

/*
 * Fills the report, in the current memory context.  Needs an active snapshot;
 * the tables are locked in AccessShareLock until the end of the transaction.
 */
extern void hm_verify(const HmVerifyOptions *options, HmVerifyReport *report);

/*
 * Whether every page and row of audit_event can be read: the server itself
 * trusts what stands there, and a process that reads a damaged row by SQL may
 * crash, again after each restart.  For what reads the table unasked.
 */
extern bool hm_verify_events_readable(void);

extern bool hm_verify_passed(const HmVerifyReport *report);
extern const char *hm_verify_check_name(HmCheck check);

#endif							/* HM_AUDIT_VERIFY_H */
