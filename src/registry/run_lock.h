/*
 * src/registry/run_lock.h
 *	  One runner at a time in a database.
 *
 * Held by whoever runs migrations or changes what a run would execute.  It
 * is an ordinary heavyweight lock on the extension, so it ends with the
 * transaction or the backend, whatever happens to them, and shows in
 * pg_locks.  It is only ever tried, never waited for in the lock manager:
 * waiting there would close a circle that the deadlock detector cannot see,
 * through a background worker that builds an index.
 */
#ifndef HM_REGISTRY_RUN_LOCK_H
#define HM_REGISTRY_RUN_LOCK_H

typedef enum HmRunLockScope
{
	HM_LOCK_TRANSACTION,		/* until the transaction ends */
	HM_LOCK_SESSION				/* until released, or an error aborts */
} HmRunLockScope;

/*
 * Waits up to hipaa_migrate.runner_wait, then raises HM_ERRCODE_RUNNER_BUSY
 * with the holder.  A caller that waits with HM_LOCK_SESSION must have taken
 * no snapshot in its transaction, not even for a look into the catalog, for
 * an index build that sees it waits until the transaction ends.  It calls
 * hm_run_lock_prepare() in a transaction before.
 */
extern void hm_run_lock_prepare(void);
extern void hm_run_lock_acquire(HmRunLockScope scope);

/* Ends HM_LOCK_SESSION. */
extern void hm_run_lock_release(void);

/*
 * Around a step that waits for the snapshots of others: whoever waits for
 * the lock inside a statement gives up at once, instead of blocking it.
 */
extern void hm_run_lock_begin_concurrent_step(void);
extern void hm_run_lock_end_concurrent_step(void);

#endif							/* HM_REGISTRY_RUN_LOCK_H */
