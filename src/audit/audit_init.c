/*
 * src/audit/audit_init.c
 *	  The room's part of _PG_init: shared memory, processes, and what they
 *	  call.
 */
#include "postgres.h"

#include "audit/audit_init.h"
#include "audit/launcher.h"
#include "audit/shared.h"

void
hm_audit_init(void)
{
	hm_shared_init();
	hm_launcher_init();
}
