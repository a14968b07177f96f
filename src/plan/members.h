/*
 * src/plan/members.h
 *	  What people name when they submit, review or approve: migrations, or a
 *	  release.
 */
#ifndef HM_PLAN_MEMBERS_H
#define HM_PLAN_MEMBERS_H

#include "plan/plan.h"
#include "policy/submission.h"

/*
 * Fills in the members of a submission that is to be made: the migrations of
 * those names (of char *), in that order.  Raises unless each could run in
 * that direction.
 */
extern void hm_members_choose(HmSubmission *submission, const HmGraph *graph,
							  List *names);

/*
 * The open submission that holds the migration of that name, or that "release
 * 12" means; raises when there is none.  *node: the migration; -1: a release
 * was named, or a member that is not registered any more.
 */
extern HmSubmission *hm_members_require(const HmGraph *graph,
										const char *name, bool up, int *node);

/* "SELECT * FROM migrate_submit(ARRAY['a', 'b'], 'reason');" */
extern char *hm_members_submit_call(List *displays, bool up);

/* Of a release that has lost a member: what to do with it, as a hint. */
extern char *hm_members_gone_hint(const HmSubmission *submission);

#endif							/* HM_PLAN_MEMBERS_H */
