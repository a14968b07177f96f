/*
 * src/plan/texts.h
 *	  The texts that the steps of a plan run, read many at once.
 */
#ifndef HM_PLAN_TEXTS_H
#define HM_PLAN_TEXTS_H

#include "plan/plan.h"
#include "registry/stored.h"

/*
 * What the step at that place runs.  It lasts as long as the plan, but only
 * until another is asked for: each is read once where all are asked for in
 * their order, and a short plan's once altogether.  Raises when it is not
 * there.
 */
extern const HmStored *hm_plan_text(HmPlan *plan, int place);

#endif							/* HM_PLAN_TEXTS_H */
