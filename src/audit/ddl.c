/*
 * src/audit/ddl.c
 *	  Puts on record every change of the schema that a migration makes, and
 *	  what else the guard lets pass.
 */
#include "postgres.h"

#include "audit/ddl.h"
#include "audit/ddl_object.h"
#include "audit/event.h"
#include "audit/redact.h"
#include "audit/scope.h"
#include "base/settings.h"
#include "base/toplevel.h"
#include "commands/event_trigger.h"
#include "fmgr.h"
#include "tcop/utility.h"
#include "utils/memutils.h"

PG_FUNCTION_INFO_V1(hm_record_ddl);
PG_FUNCTION_INFO_V1(hm_record_drop);

static HmDdlFrame *innermost = NULL;

/* What GetCommandLogLevel() calls DDL, and what else changes storage. */
static bool
is_ddl(Node *tree)
{
	switch (nodeTag(tree))
	{
		case T_VacuumStmt:
		case T_ReindexStmt:
		case T_TruncateStmt:
			return true;
		default:
			return GetCommandLogLevel(tree) == LOGSTMT_DDL;
	}
}

static char *
list_objects(List *objects)
{
	StringInfoData lines;
	ListCell   *cell;

	if (list_length(objects) < 2)
		return NULL;
	initStringInfo(&lines);
	foreach(cell, objects)
	{
		HmDdlObject *object = lfirst(cell);

		appendStringInfo(&lines, "%s%s %s", lines.len > 0 ? "\n" : "",
						 object->type, object->identity);
	}
	return lines.data;
}

static void
add_migration(HmEvent *event)
{
	const HmScope *scope = hm_scope_current();

	event->statement_no = *scope->statement_no;
	event->migration = scope->migration;
	event->author = scope->author;
	event->run_id = scope->run_id;
}

/* Of what is granted, event triggers say the type only. */
static void
add_occasion(HmEvent *event, const HmDdlOccasion *occasion)
{
	event->rule = occasion->rule;
	event->details = occasion->details;
	event->ticket = occasion->ticket;
	if (event->object == NULL || event->object[0] == '\0')
	{
		event->object_type = occasion->object_type;
		event->object = occasion->object;
	}
}

/* What it skipped was compared with what it asks for. */
#define COMPARED "{\"compared\": true}"

static HmEvent
build_event(HmEventKind kind, const HmDdlFrame *frame)
{
	HmDdlObject *first = frame->objects ? linitial(frame->objects) : NULL;
	HmEvent		event = {
		.kind = kind,
		.outcome = frame->idle && kind == HM_EVENT_DDL_EXECUTED ?
		"skipped" : NULL,
		.details = frame->idle && frame->compared ? COMPARED : NULL,
		.command = frame->command,
		.object_type = first ? first->type : NULL,
		.object = first ? first->identity : NULL,
		.objects = list_objects(frame->objects),
		.statement = frame->statement,
		.statement_hash = frame->statement_hash
	};

	if (frame->occasion)
		add_occasion(&event, frame->occasion);
	else
		add_migration(&event);
	return event;
}

static void
append(HmDdlFrame *frame)
{
	HmEvent		event = build_event(frame->occasion ? frame->occasion->kind :
									HM_EVENT_DDL_EXECUTED, frame);

	hm_event_append(&event);
	frame->appended = true;
}

static void
record(const HmDdlFrame *frame, HmEventKind kind, const char *sqlstate)
{
	HmEvent		event = build_event(kind, frame);

	event.sqlstate = sqlstate;
	(void) hm_event_record(&event, 0, hm_setting_record_wait);
}

static void
take_statement(HmDdlFrame *frame, const PlannedStmt *statement,
			   const char *text)
{
	if (frame->occasion)
	{
		frame->statement = frame->occasion->statement;
		memcpy(frame->statement_hash, frame->occasion->statement_hash,
			   HM_HASH_LENGTH);
	}
	else
		frame->statement = hm_redact_statement(text, statement->stmt_location,
											   statement->stmt_len,
											   statement->utilityStmt,
											   frame->statement_hash);
}

void
hm_ddl_begin(HmDdlFrame *frame, const PlannedStmt *statement,
			 const char *text, bool is_part, const HmDdlOccasion *occasion)
{
	Node	   *tree = statement->utilityStmt;

	memset(frame, 0, sizeof(HmDdlFrame));
	frame->outer = innermost;
	frame->occasion = occasion;
	frame->recorded = (occasion || is_ddl(tree)) && !is_part;
	frame->command = CreateCommandName(tree);
	frame->commits = !occasion && hm_toplevel_command(tree) != NULL;
	if (frame->recorded)
	{
		take_statement(frame, statement, text);
		frame->named = hm_ddl_objects_named(tree);
	}
	innermost = frame;
	if (frame->recorded && frame->commits)
		record(frame, HM_EVENT_DDL_STARTED, NULL);
}

void
hm_ddl_note_existing(HmDdlFrame *frame, char *type, char *identity)
{
	HmDdlObject *object = palloc(sizeof(HmDdlObject));

	if (!frame->recorded || !frame->idle)
		return;
	object->type = type;
	object->identity = identity;
	frame->compared = true;
	frame->named = frame->objects = list_make1(object);
}

void
hm_ddl_end(HmDdlFrame *frame)
{
	innermost = frame->outer;
	if (!frame->recorded || frame->appended || !hm_event_possible())
		return;
	frame->objects = frame->named;
	append(frame);
}

void
hm_ddl_fail(HmDdlFrame *frame)
{
	innermost = frame->outer;
	if (frame->recorded && frame->commits)
		record(frame, HM_EVENT_DDL_FAILED,
			   pstrdup(unpack_sql_state(geterrcode())));
}

static HmDdlFrame *
frame_of_trigger(FunctionCallInfo fcinfo)
{
	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("this function can only be called as an event trigger")));
	return innermost;
}

Datum
hm_record_ddl(PG_FUNCTION_ARGS)
{
	HmDdlFrame *frame = frame_of_trigger(fcinfo);

	if (frame && frame->recorded && !frame->appended)
	{
		frame->objects = hm_ddl_objects_reported(frame->objects,
												 HM_DDL_TOUCHED,
												 CurrentMemoryContext);
		append(frame);
	}
	PG_RETURN_NULL();
}

/*
 * Comes before the end of the same command, with memory of its own, so what
 * it notes is kept for longer.
 */
Datum
hm_record_drop(PG_FUNCTION_ARGS)
{
	HmDdlFrame *frame = frame_of_trigger(fcinfo);

	if (frame && frame->recorded)
		frame->objects = hm_ddl_objects_reported(frame->objects,
												 HM_DDL_DROPPED,
												 TopTransactionContext);
	PG_RETURN_NULL();
}
