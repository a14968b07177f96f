/*
 * src/plan/forecast.h
 *	  For each step of a plan: its risk, the worst lock, what it rewrites.
 *
 * Every text of the plan is read for it, once.  A plan of more than max_steps
 * steps has none, and neither has one with a text that the linter cannot read.
 */
#ifndef HM_PLAN_FORECAST_H
#define HM_PLAN_FORECAST_H

#include "plan/plan.h"
#include "policy/risk.h"

/* For who only shows it. */
#define HM_FORECAST_MAX_SHOWN 200

/*
 * An array of plan->nsteps; NULL where there is no forecast.  Raises nothing
 * that is about the texts.
 */
extern HmRisk **hm_forecast(HmPlan *plan, int max_steps);

/*
 * The same of the steps of these nodes (an array of graph->count), however
 * many they are; of others there is none.
 */
extern HmRisk **hm_forecast_of(HmPlan *plan, const bool *wanted);

#endif							/* HM_PLAN_FORECAST_H */
