/*
 * src/runner/journal.h
 *	  Bookkeeping of runs: hipaa_migrate.run, run_step, run_statement, and
 *	  the state of migrations.
 *
 * Successes are written in the transaction that they are part of.  A failure
 * is written by a background worker, for its own transaction is lost; what
 * it keeps is SQLSTATE, place and names of objects, never a message, a
 * detail or a value.
 */
#ifndef HM_RUNNER_JOURNAL_H
#define HM_RUNNER_JOURNAL_H

#include "base/actor.h"
#include "datatype/timestamp.h"
#include "plan/gate.h"
#include "registry/script.h"
#include "runner/execute.h"

typedef struct HmRun
{
	int64		run_id;
	const char *command;		/* up, down, down_to, redo, deploy, ... */
	const char *target;			/* or NULL */
	const char *project;		/* or NULL */
	const char *reason;			/* or NULL */
	TimestampTz started_at;
	HmActor    *actor;
	bool		written;		/* the row of run is there, */
	bool		committed;		/* and is there to stay */
} HmRun;

/* One migration of a run: what is, or was, executed. */
typedef struct HmStepRecord
{
	int64		migration_id;
	int			revision;
	const char *migration;		/* as it is displayed */
	const char *author;			/* or NULL */
	HmDirection direction;
	const char *outcome;		/* applied | reverted | adopted | ... */
	TimestampTz started_at;
	int64		duration;		/* microseconds */
	const HmScript *script;		/* NULL: nothing was executed */
	const HmProgress *progress;
	HmPass	   *pass;			/* by which it runs, or NULL */
} HmStepRecord;

extern void hm_journal_init(void);

extern HmRun *hm_run_begin(const char *command, const char *target,
						   const char *project, const char *reason);

/*
 * Writes the step, and the run before its first, and appends the event to
 * the record; returns the step_id.
 */
extern int64 hm_journal_append_step(HmRun *run, const HmStepRecord *step);

/*
 * Moves the migration to the state its step brought it to; raises when it
 * is not in the state the plan saw.
 */
extern void hm_journal_set_state(const HmNode *node, HmState state,
								 int revision, int64 step_id);

/* As the run's transaction commits: what was written, stays. */
static inline void
hm_run_committed(HmRun *run)
{
	run->committed = run->written;
}

/*
 * For an error that is being handled: returns within a bounded time and
 * raises nothing, whether or not the failure could be recorded.
 */
extern void hm_journal_record_failure(const HmRun *run,
									  const HmStepRecord *step,
									  const ErrorData *error);

#endif							/* HM_RUNNER_JOURNAL_H */
