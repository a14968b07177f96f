/*
 * src/guard/effect.h
 *	  What happens without a command that says so: to objects, to catalogs by
 *	  DML, through functions.
 */
#ifndef HM_GUARD_EFFECT_H
#define HM_GUARD_EFFECT_H

#include "catalog/objectaccess.h"
#include "executor/execdesc.h"

/* Raises when the enclosing command does not cover it. */
extern void hm_guard_check_object(ObjectAccessType access, Oid class_id,
								  Oid object_id, int sub_id, void *argument);

/* Of queries that write: DML on a system catalog. */
extern void hm_guard_check_query(const QueryDesc *query);

/* After a command or a query: has set_config() changed a guarded setting? */
extern void hm_guard_check_settings(void);

#endif							/* HM_GUARD_EFFECT_H */
