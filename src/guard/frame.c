/*
 * src/guard/frame.c
 *	  The utility commands that are being executed.
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "audit/redact.h"
#include "audit/relations.h"
#include "audit/scope.h"
#include "audit/state.h"
#include "base/compat.h"
#include "base/errors.h"
#include "base/query.h"
#include "base/settings.h"
#include "base/toplevel.h"
#include "catalog/namespace.h"
#include "commands/extension.h"
#include "guard/break_glass.h"
#include "guard/exemption.h"
#include "guard/frame.h"
#include "guard/guard_state.h"
#include "guard/target.h"
#include "lint/forbidden.h"
#include "storage/ipc.h"
#include "utils/syscache.h"

static HmGuardFrame *innermost = NULL;

/* This transaction did under a permit what is enforced. */
static bool permit_used = false;

HmGuardFrame *
hm_guard_frame(void)
{
	return innermost;
}

void
hm_guard_note_permit_used(void)
{
	permit_used = true;
}

/*
 * What ends a failed transaction must get through without a look at any
 * catalog, and what touches no object may get through fast.
 */
bool
hm_guard_concerns(const Node *command)
{
	return !hm_toplevel_touches_nothing(command) && OidIsValid(MyDatabaseId);
}

/*
 * Workers of a parallel query and of autovacuum are none of these: what of
 * theirs is guarded is done by a function that somebody had them call.
 */
bool
hm_guard_exempt_process(void)
{
	return hm_own_code() || IsBinaryUpgrade || proc_exit_inprogress ||
		!IsNormalProcessingMode();
}

/*
 * A permit of this database is good for the cluster only where this database
 * guards that class itself: else anybody could make one to get past others.
 */
static bool
permit_reaches(const HmGuardedCommand *command)
{
	const HmGuardedDatabase *here;

	if (!command->shared ||
		hm_guard_mode(command->class, true) != HM_GUARD_ENFORCE)
		return true;
	here = hm_guard_here();
	return here != NULL && here->modes[command->class] == HM_GUARD_ENFORCE;
}

/* What the user holds for such a command. */
static HmPermit
find_permit(const HmGuardedCommand *command, Node *tree)
{
	HmPermit	permit = {HM_PERMIT_NONE};
	const HmBreakGlass *glass;
	const HmExemption *exemption;

	if (hm_scope_current() != NULL && permit_reaches(command))
	{
		permit.kind = HM_PERMIT_MIGRATION;
		return permit;
	}
	glass = hm_break_glass_find();
	if (glass && permit_reaches(command))
	{
		permit.kind = HM_PERMIT_BREAK_GLASS;
		permit.id = glass->id;

		/* It may end while the command runs. */
		permit.ticket = glass->ticket ? pstrdup(glass->ticket) : NULL;
		return permit;
	}
	exemption = hm_exemption_find(command, tree);
	if (exemption)
	{
		permit.kind = HM_PERMIT_EXEMPTION;
		permit.id = exemption->id;
		if (exemption->schema)
			permit.schema = get_namespace_oid(exemption->schema, true);
	}
	return permit;
}

/*
 * Parts of a command, and statements of an extension's script, were decided
 * upon with the whole.  But a GRANT in CREATE SCHEMA may name what is outside.
 */
static bool
is_part(const HmGuardFrame *frame, ProcessUtilityContext context)
{
	return frame->outer != NULL &&
		((context == PROCESS_UTILITY_SUBCOMMAND &&
		  !IsA(frame->tree, GrantStmt)) || creating_extension);
}

static void
inherit(HmGuardFrame *frame)
{
	frame->command = frame->outer->command;
	frame->verdict = frame->outer->verdict;
	frame->permit = frame->outer->permit;
	frame->covers = frame->outer->covers;
}

static void
describe(HmGuardFrame *frame, const PlannedStmt *statement, const char *query)
{
	HmGuardCase *about = &frame->about;
	List	   *targets = hm_guard_targets(frame->tree);
	uint8	   *hash = palloc(HM_HASH_LENGTH);

	about->class = frame->command.class;
	about->shared = frame->command.shared;
	about->layer = HM_LAYER_UTILITY;
	about->command = frame->command.name;
	about->permit_id = frame->permit.id;
	about->ticket = frame->permit.ticket;
	if (targets != NIL)
	{
		const HmTarget *first = linitial(targets);

		about->object_type = first->type;
		about->object = first->identity;
	}
	about->statement = hm_redact_statement(query, statement->stmt_location,
										   statement->stmt_len, frame->tree,
										   hash);
	about->statement_hash = hash;
}

HmVerdict
hm_guard_judge(const HmGuardedCommand *command, Node *tree, HmPermit *permit)
{
	HmGuardFacts facts = {
		.class = command->class,
		.idle = command->idle,
		.overridden = hm_setting_guard_override
	};

	memset(permit, 0, sizeof(HmPermit));
	facts.mode = facts.overridden && facts.class != HM_CLASS_FREE ?
		HM_GUARD_ENFORCE : hm_guard_mode(facts.class, command->shared);
	if (facts.mode != HM_GUARD_OFF || hm_scope_current())
		*permit = find_permit(command, tree);
	facts.permit = permit->kind;
	if (facts.mode == HM_GUARD_ENFORCE && facts.permit != HM_PERMIT_NONE)
		permit_used = true;
	return hm_guard_decide(&facts);
}

static void
decide(HmGuardFrame *frame)
{
	if (hm_guard_exempt_process())
	{
		frame->covers = true;
		return;
	}
	frame->verdict = hm_guard_judge(&frame->command, frame->tree,
									&frame->permit);
	frame->covers = frame->command.class != HM_CLASS_FREE &&
		frame->verdict != HM_VERDICT_SKIPPED;
}

/*
 * The verdicts that the record of this database is to have, after the
 * command and in its transaction.  Where nothing can be appended the recorder
 * is told instead: a record without state must not stop what may mend it.
 */
static bool
is_appended(const HmGuardFrame *frame)
{
	switch (frame->verdict)
	{
		case HM_VERDICT_OBSERVED:
		case HM_VERDICT_EXEMPTED:
		case HM_VERDICT_BROKEN_GLASS:
		case HM_VERDICT_OVERRIDDEN:
			return !IsParallelWorker() && hm_event_possible() &&
				hm_state_exists();
		default:
			return false;
	}
}

/* What was decided upon with another command is on record with that. */
static void
begin_record(HmGuardFrame *frame, const PlannedStmt *statement,
			 const char *query, bool subcommand)
{
	if (hm_scope_current() != NULL)
	{
		hm_ddl_begin(&frame->ddl, statement, query, subcommand, NULL);
		frame->ddl.idle = frame->command.idle;
		frame->recorded = true;
		frame->about.appended = frame->ddl.recorded;
	}
	else if (frame->about.command != NULL && is_appended(frame))
	{
		HmDdlOccasion *occasion = palloc0(sizeof(HmDdlOccasion));

		occasion->kind = hm_guard_event_kind(frame->verdict);
		occasion->rule = hm_guard_class_name(frame->about.class);
		occasion->details = hm_guard_details(&frame->about, frame->verdict);
		occasion->ticket = frame->about.ticket;
		occasion->object_type = frame->about.object_type;
		occasion->object = frame->about.object;
		occasion->statement = frame->about.statement;
		occasion->statement_hash = frame->about.statement_hash;
		hm_ddl_begin(&frame->ddl, statement, query, false, occasion);
		frame->recorded = true;
		frame->about.appended = true;
	}
	else if (frame->outer && frame->outer->recorded)
	{
		/* What it does is not the outer command's doing. */
		hm_ddl_begin(&frame->ddl, statement, query, true, NULL);
		frame->recorded = true;
	}
}

/* Whether its text may name what is ours; of some the text is not known. */
static bool
arouses_suspicion(const PlannedStmt *statement, const char *query)
{
	int			start = statement->stmt_location;

	if (query == NULL || start < 0)
		return true;
	return hm_forbidden_suspicion(query + start, statement->stmt_len > 0 ?
								  statement->stmt_len :
								  (int) strlen(query + start));
}

/* Whatever the mode and the permit. */
static void
refuse_forbidden(Node *tree, const PlannedStmt *statement, const char *query)
{
	Node	   *executed;
	HmForbidden what;
	char	   *name;

	if (hm_scope_current() == NULL || hm_guard_exempt_process())
		return;
	executed = hm_guard_look_through(tree);
	what = hm_forbidden_in(executed, executed != tree ||
						   arouses_suspicion(statement, query), &name);
	if (what != HM_FORBIDDEN_NOT)
		hm_forbidden_refuse(what, name);
}

static void
judge(HmGuardFrame *frame, const PlannedStmt *statement, const char *query)
{
	refuse_forbidden(frame->tree, statement, query);
	hm_guard_classify(&frame->command, frame->tree);
	if (frame->command.class == HM_CLASS_FREE && hm_scope_current() == NULL)
		return;
	decide(frame);
	if (frame->verdict == HM_VERDICT_FREE ||
		frame->verdict == HM_VERDICT_MIGRATION)
		return;
	describe(frame, statement, query);
	if (frame->verdict == HM_VERDICT_REFUSED)
		hm_guard_refuse(&frame->about);
}

static bool
removes_extension(Node *tree)
{
	return IsA(tree, DropStmt) &&
		((DropStmt *) tree)->removeType == OBJECT_EXTENSION &&
		OidIsValid(hm_relations_extension());
}

void
hm_guard_enter(HmGuardFrame *frame, const PlannedStmt *statement,
			   const char *query, ProcessUtilityContext context)
{
	Node	   *tree = statement->utilityStmt;

	memset(frame, 0, sizeof(HmGuardFrame));
	frame->tree = tree;
	frame->outer = innermost;
	frame->discards = IsA(tree, DiscardStmt) &&
		((DiscardStmt *) tree)->target == DISCARD_ALL;
	frame->removes = removes_extension(tree);
	if (is_part(frame, context))
		inherit(frame);
	else
		judge(frame, statement, query);
	begin_record(frame, statement, query,
				 context == PROCESS_UTILITY_SUBCOMMAND);
	innermost = frame;
}

void
hm_guard_finish(HmGuardFrame *frame)
{
	innermost = frame->outer;
	if (frame->recorded)
		hm_ddl_end(&frame->ddl);
	if (frame->about.command != NULL)
		hm_guard_tell(&frame->about, frame->verdict);
	if (frame->discards)
		hm_break_glass_discard();
	if (frame->removes && !OidIsValid(hm_relations_extension()))
		hm_guard_withdraw();
}

void
hm_guard_fail(HmGuardFrame *frame)
{
	innermost = frame->outer;
	if (frame->recorded)
		hm_ddl_fail(&frame->ddl);
}

static void
check_end_of_transaction(XactEvent event, void *argument)
{
	switch (event)
	{
		case XACT_EVENT_PRE_PREPARE:
			if (permit_used)
				ereport(ERROR,
						(errcode(HM_ERRCODE_GUARD),
						 errmsg("cannot prepare a transaction that made a guarded change under a permit"),
						 errdetail("Who commits it later would not be seen to have made the change."),
						 errhint("Commit it instead.")));
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			permit_used = false;
			break;
		default:
			break;
	}
}

void
hm_guard_frame_init(void)
{
	RegisterXactCallback(check_end_of_transaction, NULL);
}
