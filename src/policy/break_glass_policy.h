/*
 * src/policy/break_glass_policy.h
 *	  What the policy says of break-glass: requirement break_glass.
 *
 * Other than the rest of the policy it holds whether the guard is armed or
 * not: what is open stays open for its session when somebody arms the guard,
 * and where nothing is refused nobody needs break-glass.
 */
#ifndef HM_POLICY_BREAK_GLASS_POLICY_H
#define HM_POLICY_BREAK_GLASS_POLICY_H

#include "nodes/pg_list.h"
#include "utils/jsonb.h"

#define HM_BREAK_GLASS_SEVERITIES	4	/* P0 to P3 */
#define HM_BREAK_GLASS_MAX_HOURS	24
#define HM_BREAK_GLASS_REVIEW_HOURS 24
#define HM_BREAK_GLASS_REVIEW_MAX_DAYS 30

typedef struct HmBreakGlassPolicy
{
	int64		longest;		/* microseconds */
	List	   *roles;			/* of char *: besides capability breaker it
								 * takes membership of one; NIL: it does not */
	bool		ticket;			/* one has to be named */
	int64		review[HM_BREAK_GLASS_SEVERITIES];	/* microseconds after it
													 * was opened */
} HmBreakGlassPolicy;

/* In the current memory context. */
extern HmBreakGlassPolicy *hm_break_glass_policy_load(void);

/*
 * Fills in what the value says, and what holds where it says nothing.
 * Returns what is wrong with it, as a sentence, or NULL.
 */
extern char *hm_break_glass_policy_read(Jsonb *value,
										HmBreakGlassPolicy *policy);

/* Microseconds for people: "4 hours". */
extern char *hm_break_glass_duration(int64 duration);

#endif							/* HM_POLICY_BREAK_GLASS_POLICY_H */
