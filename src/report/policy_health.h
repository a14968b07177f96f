/*
 * src/report/policy_health.h
 *	  What migrate_health() says of the policy and of freezes.
 */
#ifndef HM_REPORT_POLICY_HEALTH_H
#define HM_REPORT_POLICY_HEALTH_H

#include "nodes/execnodes.h"
#include "utils/timestamp.h"

extern void hm_policy_health_put(ReturnSetInfo *result, TimestampTz now);

#endif							/* HM_REPORT_POLICY_HEALTH_H */
