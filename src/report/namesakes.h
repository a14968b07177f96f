/*
 * src/report/namesakes.h
 *	  What migrate_health() says of functions that could be taken for ours.
 */
#ifndef HM_REPORT_NAMESAKES_H
#define HM_REPORT_NAMESAKES_H

#include "nodes/execnodes.h"

extern void hm_namesakes_put(ReturnSetInfo *result);

#endif							/* HM_REPORT_NAMESAKES_H */
