/*
 * src/guard/guard_status.h
 *	  What is guarded in this database, as rows.
 */
#ifndef HM_GUARD_GUARD_STATUS_H
#define HM_GUARD_GUARD_STATUS_H

#include "nodes/execnodes.h"

/*
 * A row for each class: class, mode, since, changed_by, confirm_id; where the
 * result has more columns, reason, covers and does_not_cover instead of the
 * last.  act: number of the act that waits to change those classes, or 0.
 */
extern void hm_guard_put_status(ReturnSetInfo *result, const bool *classes,
								int64 act);

#endif							/* HM_GUARD_GUARD_STATUS_H */
