/*
 * src/plan/withdraw.h
 *	  Taking back: submissions are rejected and withdrawn, approvals withdrawn.
 */
#ifndef HM_PLAN_WITHDRAW_H
#define HM_PLAN_WITHDRAW_H

/*
 * The release that holds the migration of that name, or "release 12", is
 * refused as a whole; what approvals it has count for nothing.
 */
extern void hm_submission_reject(const char *name, bool up,
								 const char *reason);

/*
 * Whoever submitted it or registered one of its texts takes the submission
 * back, any other approver its own approvals.  Returns what was taken back.
 */
extern char *hm_submission_withdraw(const char *name, bool up,
									const char *reason);

#endif							/* HM_PLAN_WITHDRAW_H */
