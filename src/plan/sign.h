/*
 * src/plan/sign.h
 *	  Signing: somebody approves what is submitted, or hands in an approval
 *	  that was given elsewhere.
 */
#ifndef HM_PLAN_SIGN_H
#define HM_PLAN_SIGN_H

#include "base/compat.h"
#include "plan/graph.h"
#include "policy/approval.h"

typedef struct HmSignature
{
	const char *name;			/* of a migration, or "release 12" */
	const char *checksum;		/* 12 to 64 hexadecimal digits, or NULL */
	const char *meaning;
	const char *comment;		/* or NULL */
	bool		up;
	const char *given_by;		/* a registered person; NULL: who acts */
	const char *evidence;		/* JSON, where it is relayed */
} HmSignature;

typedef struct HmSigned
{
	const char *display;
	HmApproval *approval;
	char	   *missing;		/* what is still, or NULL */
} HmSigned;

/*
 * Approves the migration, or each of the release that has not run; of
 * HmSigned *.  Raises, with a record of it (approval.refused), when it must
 * not be approved, or not by that person, or the approval would not bring it
 * any further.  Who signs the same waits for the end of this transaction, and
 * so sees what is still missing.
 */
extern List *hm_sign(const HmSignature *signature);

/* Raises, after event approval.refused; detail and hint may be NULL. */
HM_NORETURN extern void hm_sign_refuse(const char *display, const char *meaning,
									   const char *detail, const char *hint);

#endif							/* HM_PLAN_SIGN_H */
