/*
 * src/runner/worker.h
 *	  Work that needs a process of its own: statements that cannot run in a
 *	  transaction, and records that must survive the caller's abort.
 *
 * The calling process hands a task over in a dynamic shared memory segment
 * and waits; errors and notices come back through a queue, as from a
 * parallel worker.
 */
#ifndef HM_RUNNER_WORKER_H
#define HM_RUNNER_WORKER_H

#include "registry/stored.h"
#include "runner/execute.h"

/*
 * Executes the script statement by statement at top level, as role.  The
 * caller must hold no snapshot, for an index build would wait for it.
 * Returns NULL, or the error that stopped the worker, for the caller to
 * throw; progress tells how far it came.  A cancel is passed on to the
 * worker, and comes back as its error.
 */
extern ErrorData *hm_worker_execute(const HmScript *script,
									const HmStored *stored, int64 run_id,
									Oid role, HmProgress *progress);

#endif							/* HM_RUNNER_WORKER_H */
