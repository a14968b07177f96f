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
#include "guard/idempotent.h"
#include "miscadmin.h"
#include "parser/analyze.h"
#include "pgstat.h"
#include "base/toplevel.h"
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
	hm_idempotent_begin();
	run_in_portal(script->statements[index].raw, script->text, top_level);
	hm_idempotent_finish();
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

/*
 * What commits inside itself must begin without a security context, and runs
 * no text of the author's in which to change the role.  Everything else must
 * not step out of its role, so it is kept from ending the transaction, as a
 * SECURITY DEFINER procedure is.
 */
static bool
begin_as_role(const HmScriptStatement *statement, Oid role)
{
	bool		confined = role != GetSessionUserId() &&
	hm_toplevel_command(statement->raw->stmt) == NULL;

	SetUserIdAndSecContext(role, confined ? SECURITY_LOCAL_USERID_CHANGE : 0);
	return confined;
}

void
hm_execute_at_top_level(const HmScript *script, int index,
						HmProgress *progress, Oid role, bool give_up_at_lock)
{
	StatementContext context = {script, progress};
	ErrorContextCallback callback;
	MemoryContext caller = CurrentMemoryContext;
	MemoryContext scratch = AllocSetContextCreate(caller,
												  "hipaa_migrate statement",
												  ALLOCSET_DEFAULT_SIZES);
	bool		confined;

	progress->current = index + 1;
	push_error_callback(&callback, &context);
	SetCurrentStatementStartTimestamp();
	StartTransactionCommand();
	MemoryContextSwitchTo(scratch);
	pgstat_report_activity(STATE_RUNNING,
						   hm_script_statement_text(script, index));
	hm_environment_set_lock_timeout(give_up_at_lock ||
									may_give_up_at_lock(script, index));
	confined = begin_as_role(&script->statements[index], role);
	execute_statement(script, index, progress, !confined);
	SetUserIdAndSecContext(GetSessionUserId(), 0);
	CommitTransactionCommand();
	pgstat_report_activity(STATE_IDLE, NULL);
	error_context_stack = callback.previous;
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(scratch);
}
