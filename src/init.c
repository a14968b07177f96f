/*
 * src/init.c
 *	  Entry of the library: each room's start, lowest first.
 */
#include "postgres.h"

#include "audit/audit_init.h"
#include "base/compat.h"
#include "base/settings.h"
#include "fmgr.h"
#include "guard/hooks.h"
#include "lint/guarded_rewrite.h"
#include "lint/harmless.h"
#include "policy/assessment.h"
#include "policy/policy.h"
#include "policy/freeze.h"
#include "runner/runner_init.h"

HM_MODULE_MAGIC("hipaa_migrate", HM_VERSION);

void		_PG_init(void);

void
_PG_init(void)
{
	if (!process_shared_preload_libraries_in_progress)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("hipaa_migrate must be loaded when the server starts"),
				 errhint("Add this line to postgresql.conf and restart the server: shared_preload_libraries = 'hipaa_migrate'")));
	hm_base_init();
	hm_audit_init();
	hm_guarded_init();
	hm_harmless_init();
	hm_assessment_init();
	hm_policy_init();
	hm_freeze_init();
	hm_guard_init();
	hm_runner_init();
}
