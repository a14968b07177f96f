/*
 * src/guard/effect.c
 *	  What happens without a command that says so.
 */
#include "postgres.h"

#include "guard/effect.h"

void
hm_guard_check_object(ObjectAccessType access, Oid class_id, Oid object_id,
					  int sub_id, void *argument)
{
}

void
hm_guard_check_query(const QueryDesc *query)
{
}

void
hm_guard_check_settings(void)
{
}
