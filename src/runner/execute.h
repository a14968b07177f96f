/*
 * src/runner/execute.h
 *	  Executes the statements of a script, one after the other.
 *
 * Errors are the server's own, with a position inside the statement and a
 * context line that names migration, file, statement and line.
 */
#ifndef HM_RUNNER_EXECUTE_H
#define HM_RUNNER_EXECUTE_H

#include "registry/script.h"

/*
 * How far a script came; readable in another process, and after an error.
 * Statement numbers count from 1.
 */
typedef struct HmProgress
{
	int			current;		/* statement at work, or that failed; 0: none */
	int			completed;
	int64	   *durations;		/* microseconds, room for every statement */
	int			waived;			/* bits of hm_guarded_form_bit() */
} HmProgress;

extern HmProgress *hm_progress_create(const HmScript *script);

/*
 * Executes all of it in the current transaction and environment.  The
 * statement's memory is gone after each.
 */
extern void hm_execute_script(const HmScript *script, HmProgress *progress);

/*
 * Executes one statement, counted from 0, at top level as the role, in a
 * transaction of its own.  Only for a process that has nothing else to do.
 * What would leave debris waits for locks as long as it takes, unless
 * give_up_at_lock is true.
 */
extern void hm_execute_at_top_level(const HmScript *script, int index,
									HmProgress *progress, Oid role,
									bool give_up_at_lock);

#endif							/* HM_RUNNER_EXECUTE_H */
