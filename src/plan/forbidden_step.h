/*
 * src/plan/forbidden_step.h
 *	  Migrations whose text does what none may do (lint/forbidden.h).
 */
#ifndef HM_PLAN_FORBIDDEN_STEP_H
#define HM_PLAN_FORBIDDEN_STEP_H

#include "plan/plan.h"

/*
 * Of the chosen nodes (an array of graph->count), by the text that would run
 * in that direction: why it may not, or NULL.
 */
extern char **hm_plan_find_forbidden(const HmGraph *graph, const bool *chosen,
									 HmDirection direction);

#endif							/* HM_PLAN_FORBIDDEN_STEP_H */
