/*
 * src/guard/guard_rows.h
 *	  Rows of hipaa_migrate.guard_class, read without SQL: this is asked in
 *	  the middle of commands.
 */
#ifndef HM_GUARD_GUARD_ROWS_H
#define HM_GUARD_GUARD_ROWS_H

#include "guard/class.h"

/*
 * Puts what was decided for this database into modes[], and leaves the other
 * elements as they are.  Rows of another database, of which this one is a
 * copy, mean nothing.
 */
extern void hm_guard_rows_read(HmGuardMode *modes);

#endif							/* HM_GUARD_GUARD_ROWS_H */
