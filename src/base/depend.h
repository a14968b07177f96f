/*
 * src/base/depend.h
 *	  What depends on what, as pg_depend has it.
 *
 * No lock is taken on what is found.  Results are in the current memory
 * context.
 */
#ifndef HM_BASE_DEPEND_H
#define HM_BASE_DEPEND_H

#include "catalog/pg_depend.h"
#include "nodes/pg_list.h"

/*
 * Of FormData_pg_depend *: what depends on the object.  part is the number of
 * a column; 0: on the object or any part of it.
 */
extern List *hm_depend_on(Oid class, Oid object, int32 part);

/* OIDs of the other relations that a view reads. */
extern List *hm_depend_read(Oid view);

#endif							/* HM_BASE_DEPEND_H */
