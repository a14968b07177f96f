/*
 * src/guard/break_glass_row.h
 *	  Rows of break_glass, and the details of the events that say the same.
 */
#ifndef HM_GUARD_BREAK_GLASS_ROW_H
#define HM_GUARD_BREAK_GLASS_ROW_H

#include "guard/break_glass.h"

/* In the current transaction, for want of a recorder. */
extern void hm_break_glass_insert(const HmBreakGlass *glass);

/* A JSON object: all that the row holds but reason, ticket and authn_id. */
extern char *hm_break_glass_details(const HmBreakGlass *glass);

/* In _PG_init: tells the recorder to follow the events in the table. */
extern void hm_break_glass_row_init(void);

#endif							/* HM_GUARD_BREAK_GLASS_ROW_H */
