/*
 * src/report/status_row.h
 *	  Rows of what is looked at: item, status, value, message, remedy.
 */
#ifndef HM_REPORT_STATUS_ROW_H
#define HM_REPORT_STATUS_ROW_H

#include "nodes/execnodes.h"

#define HM_STATUS_OK		"ok"
#define HM_STATUS_WARNING	"warning"
#define HM_STATUS_CRITICAL	"critical"
#define HM_STATUS_UNKNOWN	"unknown"	/* the server cannot know */

/* NULL stands for null. */
extern void hm_status_row_put(ReturnSetInfo *result, const char *item,
							  const char *status, const char *value,
							  const char *message, const char *remedy);

#endif							/* HM_REPORT_STATUS_ROW_H */
