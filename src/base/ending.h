/*
 * src/base/ending.h
 *	  Rows that somebody ends: they stay, with who ended them, when and why.
 */
#ifndef HM_BASE_ENDING_H
#define HM_BASE_ENDING_H

#include "base/compat.h"
#include "base/query.h"
#include "catalog/pg_type.h"

/*
 * For the UPDATE that does it: "UPDATE ... " HM_END_SET " WHERE id = $1 AND
 * ended_at IS NULL ...", and its arguments.  $3 is the time now.
 */
#define HM_END_SET " SET ended_by = $2, ended_at = $3, end_reason = $4"
#define HM_END_ARGUMENTS 4, {INT8OID, TEXTOID, TIMESTAMPTZOID, TEXTOID}

/*
 * Runs it within the caller's bracket, where what it returns can be read.
 * False: there is no such row, or it is ended already.
 */
extern bool hm_end_row(HmStatement *end, int64 number, const char *reason);

/* Says so; the view shows what there is: what is "waiver", "freeze", ... */
HM_NORETURN extern void hm_end_refuse(const char *what, int64 number,
									  const char *view);

#endif							/* HM_BASE_ENDING_H */
