/*
 * src/guard/break_glass_rules.h
 *	  Whether the rules of break-glass let somebody open it.
 *
 * What holds always: a ticket serves once, and whoever has left a review
 * overdue opens nothing at P2 and P3.  What the policy says comes from
 * policy/break_glass_policy.h.  Whatever is refused is on record.
 *
 * A drill opens nothing: it uses up no ticket and waits for no review.
 */
#ifndef HM_GUARD_BREAK_GLASS_RULES_H
#define HM_GUARD_BREAK_GLASS_RULES_H

#include "guard/break_glass.h"

/*
 * Raises unless it may be opened; fills in review_due.  A lock on its ticket
 * is kept until the transaction ends, so that two sessions that come at once
 * with the same do not both open it.
 */
extern void hm_break_glass_admit(HmBreakGlass *opening);

#endif							/* HM_GUARD_BREAK_GLASS_RULES_H */
