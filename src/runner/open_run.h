/*
 * src/runner/open_run.h
 *	  Runs whose end is not on record yet.
 *
 * A run's start is committed by the recorder before its first statement, so
 * every run must find an end in the record: finished (in its transaction),
 * failed, rolled back with the transaction or subtransaction it ran in, or
 * interrupted with its session.  What the server's own end cuts off is found
 * at the next start, by the start without an end.
 */
#ifndef HM_RUNNER_OPEN_RUN_H
#define HM_RUNNER_OPEN_RUN_H

#include "runner/journal.h"

/* Puts the start on record, and waits for it. */
extern void hm_open_run_start(const HmRun *run);

/* Appends the end to the transaction. */
extern void hm_open_run_finish(const HmRun *run);

/* The failure is on record; so there is nothing more to say. */
extern void hm_open_run_fail(const HmRun *run);

/*
 * In _PG_init.  The sealer's first visit of a database also records runs
 * that the server's end has interrupted.
 */
extern void hm_open_run_init(void);

#endif							/* HM_RUNNER_OPEN_RUN_H */
