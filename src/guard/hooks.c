/*
 * src/guard/hooks.c
 *	  The only border with the server's hooks.
 *
 * Each calls what was there before exactly once, unless the command is left
 * out, and nothing here looks at a command after it was executed: it may have
 * been freed by then.
 */
#include "postgres.h"

#include "audit/access_change.h"
#include "audit/client_words.h"
#include "audit/door.h"
#include "audit/event.h"
#include "audit/service.h"
#include "base/compat.h"
#include "executor/executor.h"
#include "guard/break_glass.h"
#include "guard/databases.h"
#include "guard/effect.h"
#include "guard/exemption.h"
#include "guard/frame.h"
#include "guard/hooks.h"
#include "guard/mode.h"
#include "guard/label.h"
#include "guard/guard_state.h"
#include "guard/idempotent.h"
#include "guard/policy_ground.h"
#include "guard/server.h"
#include "parser/analyze.h"
#include "policy/phi_label.h"
#include "tcop/utility.h"

static post_parse_analyze_hook_type next_analyze;
static ProcessUtility_hook_type next_utility;
static ExecutorStart_hook_type next_executor_start;
static ExecutorFinish_hook_type next_executor_finish;
static object_access_hook_type next_object_access;

static void
analyze(ParseState *pstate, Query *query, JumbleState *jumble)
{
	if (next_analyze)
		next_analyze(pstate, query, jumble);
	hm_client_words_note(pstate, query);
}

static void
call_next(PlannedStmt *pstmt, const char *query, bool read_only_tree,
		  ProcessUtilityContext context, ParamListInfo params,
		  QueryEnvironment *environment, DestReceiver *dest,
		  QueryCompletion *completion)
{
	if (next_utility)
		next_utility(pstmt, query, read_only_tree, context, params,
					 environment, dest, completion);
	else
		standard_ProcessUtility(pstmt, query, read_only_tree, context, params,
								environment, dest, completion);
}

/* See policy/phi_label.h for who executes it. */
static void
call_label(PlannedStmt *pstmt, const char *query, bool read_only_tree,
		   ProcessUtilityContext context, ParamListInfo params,
		   QueryEnvironment *environment, DestReceiver *dest,
		   QueryCompletion *completion)
{
	SecLabelStmt *statement = castNode(SecLabelStmt, pstmt->utilityStmt);
	const SecLabelStmt *outer;

	if (next_utility == NULL && hm_phi_label_is_ours(statement))
	{
		hm_phi_label_execute(statement);
		return;
	}
	outer = hm_phi_label_begin(statement);
	PG_TRY();
	{
		call_next(pstmt, query, read_only_tree, context, params, environment,
				  dest, completion);
	}
	PG_FINALLY();
	{
		hm_phi_label_end(outer);
	}
	PG_END_TRY();
}

static void
call_utility(PlannedStmt *pstmt, const char *query, bool read_only_tree,
			 ProcessUtilityContext context, ParamListInfo params,
			 QueryEnvironment *environment, DestReceiver *dest,
			 QueryCompletion *completion)
{
	if (IsA(pstmt->utilityStmt, SecLabelStmt))
		call_label(pstmt, query, read_only_tree, context, params,
				   environment, dest, completion);
	else
		call_next(pstmt, query, read_only_tree, context, params, environment,
				  dest, completion);
}

static void
call_through_door(PlannedStmt *pstmt, const char *query, bool read_only_tree,
				  ProcessUtilityContext context, ParamListInfo params,
				  QueryEnvironment *environment, DestReceiver *dest,
				  QueryCompletion *completion)
{
	HmDoorFrame frame;

	if (!hm_door_concerns(pstmt->utilityStmt))
	{
		call_utility(pstmt, query, read_only_tree, context, params,
					 environment, dest, completion);
		return;
	}
	hm_door_enter(&frame, pstmt->utilityStmt, context);
	PG_TRY();
	{
		call_utility(pstmt, query, read_only_tree, context, params,
					 environment, dest, completion);
		hm_door_finish(&frame);
	}
	PG_FINALLY();
	{
		hm_door_leave(&frame);
	}
	PG_END_TRY();
}

/* Our processes leave a database that the command wants for itself. */
static void
call_alone(PlannedStmt *pstmt, const char *query, bool read_only_tree,
		   ProcessUtilityContext context, ParamListInfo params,
		   QueryEnvironment *environment, DestReceiver *dest,
		   QueryCompletion *completion)
{
	Oid			database = hm_guard_wanted_database(pstmt->utilityStmt);

	if (!OidIsValid(database))
	{
		call_through_door(pstmt, query, read_only_tree, context, params,
						  environment, dest, completion);
		return;
	}
	hm_service_keep_away_begin(database);
	PG_TRY();
	{
		call_through_door(pstmt, query, read_only_tree, context, params,
						  environment, dest, completion);
	}
	PG_FINALLY();
	{
		hm_service_keep_away_end(database);
	}
	PG_END_TRY();
}

static bool
commits_prepared(Node *command)
{
	return IsA(command, TransactionStmt) &&
		((TransactionStmt *) command)->kind == TRANS_STMT_COMMIT_PREPARED;
}

static void
call_guarded(PlannedStmt *pstmt, const char *query, bool read_only_tree,
			 ProcessUtilityContext context, ParamListInfo params,
			 QueryEnvironment *environment, DestReceiver *dest,
			 QueryCompletion *completion)
{
	HmGuardFrame frame;
	HmReplaced	replaced;

	hm_guard_enter(&frame, pstmt, query, context);
	PG_TRY();
	{
		hm_idempotent_before(&replaced, pstmt, query, context);
		if (replaced.existing_identity != NULL)
			hm_ddl_note_existing(&frame.ddl, replaced.existing_type,
								 replaced.existing_identity);
		call_alone(pstmt, query, read_only_tree, context, params,
				   environment, dest, completion);
		hm_guard_check_settings();
		hm_idempotent_after(&replaced);
	}
	PG_CATCH();
	{
		hm_guard_fail(&frame);
		PG_RE_THROW();
	}
	PG_END_TRY();
	hm_guard_finish(&frame);
}

static void
process_utility(PlannedStmt *pstmt, const char *query, bool read_only_tree,
				ProcessUtilityContext context, ParamListInfo params,
				QueryEnvironment *environment, DestReceiver *dest,
				QueryCompletion *completion)
{
	bool		prepared = commits_prepared(pstmt->utilityStmt);
	bool		access = hm_access_change_concerns(pstmt->utilityStmt);

	hm_door_check_watched();
	if (hm_label_leave_out(pstmt->utilityStmt))
		return;
	if (hm_guard_concerns(pstmt->utilityStmt))
		call_guarded(pstmt, query, read_only_tree, context, params,
					 environment, dest, completion);
	else
		call_alone(pstmt, query, read_only_tree, context, params,
				   environment, dest, completion);
	if (prepared)
		hm_event_note_committed();
	if (access)
		hm_access_change_note();
}

/* The common query writes nothing and locks no row: a few tests. */
static void
executor_start(QueryDesc *query, int eflags)
{
	PlannedStmt *plan = query->plannedstmt;
	bool		writes = (plan->resultRelations != NIL ||
						  plan->rowMarks != NIL) &&
	(eflags & EXEC_FLAG_EXPLAIN_ONLY) == 0;

	hm_door_check_watched();
	hm_guard_check_settings();
	if (writes)
	{
		hm_door_check_query(plan);
		hm_guard_check_query(query);
	}
	if (next_executor_start)
		next_executor_start(query, eflags);
	else
		standard_ExecutorStart(query, eflags);
	if (writes && plan->resultRelations != NIL)
		hm_door_watch_query(query);
}

static void
executor_finish(QueryDesc *query)
{
	if (next_executor_finish)
		next_executor_finish(query);
	else
		standard_ExecutorFinish(query);
	hm_door_end_query(query);
	hm_door_check_setval();
	hm_guard_check_settings();
}

static void
object_access(ObjectAccessType access, Oid class_id, Oid object_id,
			  int sub_id, void *argument)
{
	if (next_object_access)
		next_object_access(access, class_id, object_id, sub_id, argument);
	if (access == OAT_NAMESPACE_SEARCH || !OidIsValid(MyDatabaseId))
		return;
	hm_door_check_watched();
	hm_door_check_object(access, class_id, object_id, sub_id, argument);
	hm_guard_check_object(access, class_id, object_id, sub_id, argument);
}

void
hm_guard_init(void)
{
	hm_guard_warn_of_unfit_server();
	hm_guard_state_init();
	hm_guard_frame_init();
	hm_guard_mode_init();
	hm_exemption_init();
	hm_guard_effect_init();
	hm_break_glass_init();
	hm_label_init();
	hm_idempotent_init();
	hm_policy_ground_init();
	next_analyze = post_parse_analyze_hook;
	post_parse_analyze_hook = analyze;
	next_utility = ProcessUtility_hook;
	ProcessUtility_hook = process_utility;
	next_executor_start = ExecutorStart_hook;
	ExecutorStart_hook = executor_start;
	next_executor_finish = ExecutorFinish_hook;
	ExecutorFinish_hook = executor_finish;
	next_object_access = object_access_hook;
	object_access_hook = object_access;
}
