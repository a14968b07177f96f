/*
 * src/registry/sqitch_plan.h
 *	  sqitch.plan: the changes of a project, in order.
 */
#ifndef HM_REGISTRY_SQITCH_PLAN_H
#define HM_REGISTRY_SQITCH_PLAN_H

#include "registry/format_tool.h"

typedef struct HmPlanChange
{
	int			line;
	const char *name;
	List	   *requires;		/* of char *: [project:]change[@tag], @tag */
	List	   *conflicts;		/* of char *, without the "!" */
	List	   *tags;			/* of char *, "@tag": those that follow it */
	const char *note;			/* or NULL */

	/*
	 * When it was planned, as 14 digits.  A change planned no later than the
	 * one before it has that one's time and a second more: so the digits rise
	 * through the plan, and stay as they are when it grows.
	 */
	const char *digits;
} HmPlanChange;

typedef struct HmSqitchPlan
{
	const char *path;
	const char *project;		/* empty if the plan does not say */
	List	   *changes;		/* of HmPlanChange * */
} HmSqitchPlan;

extern HmSqitchPlan *hm_plan_parse(const HmSourceFile *file);

/*
 * Index of the change that a reference without project means to the change
 * at index before, or -1: the last of that name before it, or at the tag.
 */
extern int	hm_plan_find(const HmSqitchPlan *plan, const char *reference,
						 int before);

/* Index of the next change of the same name (a rework), or -1. */
extern int	hm_plan_find_rework(const HmSqitchPlan *plan, int index);

#endif							/* HM_REGISTRY_SQITCH_PLAN_H */
