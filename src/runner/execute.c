/*
 * src/runner/execute.c
 *	  Executes the statements of a script, one after the other.
 *
 * Like exec_simple_query(): parse trees go through analysis, rewriting and
 * planning into a portal.  At top level a portal is indispensable, for
 * CREATE INDEX CONCURRENTLY keeps its memory there across its commits.
 */
#include "postgres.h"

#include "access/xact.h"
#include "base/compat.h"
#include "executor/executor.h"
#include "parser/analyze.h"
#include "pgstat.h"
#include "runner/environment.h"
#include "runner/execute.h"
#include "tcop/tcopprot.h"
#include "tcop/utility.h"
#include "utils/memutils.h"
#include "utils/portal.h"
#include "utils/timestamp.h"

typedef struct StatementContext
{
	const HmScript *script;
	const HmProgress *progress;
} StatementContext;

HmProgress *
hm_progress_create(const HmScript *script)
{
	HmProgress *progress = palloc0(sizeof(HmProgress));

	progress->durations = palloc0(sizeof(int64) *
								  Max(script ? script->nstatements : 0, 1));
	return progress;
}

static void
statement_error_callback(void *arg)
{
	StatementContext *context = arg;
	const HmScript *script = context->script;
	const HmScriptStatement *statement =
		&script->statements[context->progress->current - 1];
	int			line = hm_script_move_error_position(script->text,
													 statement->start,
													 statement->length,
													 script->origin.first_line);

	errcontext("%s, statement %d, line %d",
			   hm_script_origin_display(&script->origin),
			   context->progress->current,
			   line > 0 ? line : statement->line);
}

static List *
plan_statement(RawStmt *raw, const char *text)
{
	bool		needs_snapshot = analyze_requires_snapshot(raw);
	List	   *trees;
	List	   *plans;

	if (needs_snapshot)
		PushActiveSnapshot(GetTransactionSnapshot());
	trees = pg_analyze_and_rewrite_fixedparams(raw, text, NULL, 0, NULL);
	plans = pg_plan_queries(trees, text, CURSOR_OPT_PARALLEL_OK, NULL);
	if (needs_snapshot)
		PopActiveSnapshot();
	return plans;
}

static void
run_in_portal(RawStmt *raw, const char *text, bool top_level)
{
	List	   *plans = plan_statement(raw, text);
	Portal		portal = CreateNewPortal();
	QueryCompletion completion;

	portal->visible = false;
	PortalDefineQuery(portal, NULL, text, CreateCommandTag(raw->stmt), plans,
					  NULL);
	PortalStart(portal, NULL, 0, InvalidSnapshot);
	InitializeQueryCompletion(&completion);
	(void) hm_compat_portal_run(portal, FETCH_ALL, top_level, None_Receiver,
								&completion);
	PortalDrop(portal, false);
}

static void
execute_statement(const HmScript *script, int index, HmProgress *progress,
				  bool top_level)
{
	TimestampTz start = GetCurrentTimestamp();

	CHECK_FOR_INTERRUPTS();
	progress->current = index + 1;
	hm_environment_arm_statement_timeout();
	run_in_portal(script->statements[index].raw, script->text, top_level);
	hm_environment_disarm_statement_timeout();
	progress->durations[index] = GetCurrentTimestamp() - start;
	progress->completed = index + 1;
}

static void
push_error_callback(ErrorContextCallback *callback, StatementContext *context)
{
	callback->callback = statement_error_callback;
	callback->arg = context;
	callback->previous = error_context_stack;
	error_context_stack = callback;
}

void
hm_execute_script(const HmScript *script, HmProgress *progress)
{
	StatementContext context = {script, progress};
	ErrorContextCallback callback;
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext scratch = AllocSetContextCreate(caller,
												  "hipaa_migrate statement",
												  ALLOCSET_DEFAULT_SIZES);

	push_error_callback(&callback, &context);
	for (int i = 0; i < script->nstatements; i++)
	{
		MemoryContextSwitchTo(scratch);
		execute_statement(script, i, progress, false);
		CommandCounterIncrement();
		MemoryContextSwitchTo(caller);
		MemoryContextReset(scratch);
	}
	error_context_stack = callback.previous;
	MemoryContextDelete(scratch);
}

/* An index build that gives up at a lock leaves an invalid index behind. */
static bool
may_give_up_at_lock(const HmScript *script, int index)
{
	Node	   *node = script->statements[index].raw->stmt;

	return !IsA(node, IndexStmt) && !IsA(node, ReindexStmt) &&
		!IsA(node, DropStmt);
}

void
hm_execute_script_at_top_level(const HmScript *script, HmProgress *progress)
{
	StatementContext context = {script, progress};
	ErrorContextCallback callback;

	push_error_callback(&callback, &context);
	for (int i = 0; i < script->nstatements; i++)
	{
		SetCurrentStatementStartTimestamp();
		pgstat_report_activity(STATE_RUNNING,
							   hm_script_statement_text(script, i));
		progress->current = i + 1;
		StartTransactionCommand();
		hm_environment_set_lock_timeout(may_give_up_at_lock(script, i));
		MemoryContextSwitchTo(MessageContext);
		execute_statement(script, i, progress, true);
		CommitTransactionCommand();
	}
	pgstat_report_activity(STATE_IDLE, NULL);
	error_context_stack = callback.previous;
}
