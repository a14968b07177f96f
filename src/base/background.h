/*
 * src/base/background.h
 *	  What the background workers of the extension have in common.
 */
#ifndef HM_BASE_BACKGROUND_H
#define HM_BASE_BACKGROUND_H

#include "postmaster/bgworker.h"

/*
 * One that runs this function of the library, is not started again when it
 * has ended, and is called by its type, as in pg_stat_activity.  What differs
 * is for the caller to set.
 */
static inline void
hm_background_describe(BackgroundWorker *worker, const char *function,
					   const char *type)
{
	memset(worker, 0, sizeof(BackgroundWorker));
	worker->bgw_flags = BGWORKER_SHMEM_ACCESS |
		BGWORKER_BACKEND_DATABASE_CONNECTION;
	worker->bgw_start_time = BgWorkerStart_RecoveryFinished;
	worker->bgw_restart_time = BGW_NEVER_RESTART;
	strlcpy(worker->bgw_library_name, "hipaa_migrate",
			sizeof(worker->bgw_library_name));
	strlcpy(worker->bgw_function_name, function,
			sizeof(worker->bgw_function_name));
	strlcpy(worker->bgw_name, type, BGW_MAXLEN);
	strlcpy(worker->bgw_type, type, BGW_MAXLEN);
}

#endif							/* HM_BASE_BACKGROUND_H */
