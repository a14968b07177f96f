/*
 * src/runner/run.h
 *	  Executes the steps of a plan, with their bookkeeping.
 */
#ifndef HM_RUNNER_RUN_H
#define HM_RUNNER_RUN_H

#include "funcapi.h"
#include "plan/plan.h"
#include "runner/journal.h"
#include "runner/settle.h"

/*
 * A run in progress.  It, its graph and its plans live in a memory context
 * that outlasts the transactions of the run.
 */
typedef struct HmRunner
{
	HmRun	   *run;
	HmGraph    *graph;
	ReturnSetInfo *result;		/* rows for the caller, or NULL */
	bool		in_transaction; /* all steps share the caller's transaction */
	HmSessionMark *mark;		/* the session before the first step */
	int			number;			/* of the step at work, from 1 */
	int			total;
} HmRunner;

/*
 * The right to run: capability operator, no standby, no read-only and no
 * higher-isolation transaction.  Raises otherwise.
 */
extern void hm_runner_require_ready(const char *command);

/*
 * Executes the step at that place; raises, and puts the failure on record, if
 * it fails.  One that has its own transaction is then used up, too.
 */
extern void hm_runner_execute_step(HmRunner *runner, HmPlan *plan, int place);

/*
 * For who has executed all steps of a plan, that may run, in one transaction:
 * what they ran by is used up.  Raises, and puts it on record, when some of it
 * was taken back meanwhile.
 */
extern void hm_runner_use_up(HmRunner *runner, HmPlan *plan);

/* A row for the caller: what became of the migration. */
extern void hm_runner_put_row(const HmRunner *runner, const HmNode *node,
							  const char *outcome, int statements,
							  int64 duration, const char *reason);

/* Says that nothing is due, or that a project is not known at all. */
extern void hm_runner_report_idle(const HmGraph *graph, const char *project);

/* What is reverted for a call of migrate_down() or migrate_deploy_down(). */
extern HmPlan *hm_runner_plan_down(const HmGraph *graph, const char *name,
								   const char *scope, bool in_transaction);

/* In _PG_init(): migrate_adopt() may need two people. */
extern void hm_adopt_init(void);

#endif							/* HM_RUNNER_RUN_H */
