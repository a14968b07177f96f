/*
 * src/guard/effect.h
 *	  What happens without a command that says so: to objects, to catalogs by
 *	  DML, through functions and settings.
 *
 * A command that was let pass covers what it does, an exemption for one
 * schema only what it does there.  Commands that are free by nature, and
 * queries, cover what belongs to them: temporary objects, and the relations
 * that a rewrite needs while it lasts.  What nothing covers is decided upon
 * here, by its own class.
 */
#ifndef HM_GUARD_EFFECT_H
#define HM_GUARD_EFFECT_H

#include "catalog/objectaccess.h"
#include "executor/execdesc.h"

/* All of them may raise (SQLSTATE MG014). */

extern void hm_guard_check_object(ObjectAccessType access, Oid class_id,
								  Oid object_id, int sub_id, void *argument);

/* Of queries that write: DML on a system catalog. */
extern void hm_guard_check_query(const QueryDesc *query);

/*
 * Before and after a command or a query: has a guarded setting been changed
 * by other means than a command?  One test when nothing could have.
 */
extern void hm_guard_check_settings(void);

/* In _PG_init(). */
extern void hm_guard_effect_init(void);

#endif							/* HM_GUARD_EFFECT_H */
