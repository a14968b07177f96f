/*
 * src/runner/failure.c
 *	  The record of a failed step, which survives the aborted transaction.
 */
#include "postgres.h"

#include "audit/event_row.h"
#include "audit/recorder.h"
#include "audit/redact.h"
#include "audit/ring.h"
#include "base/query.h"
#include "base/settings.h"
#include "catalog/pg_type.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "runner/journal.h"
#include "runner/open_run.h"
#include "runner/task.h"
#include "tcop/utility.h"
#include "utils/elog.h"
#include "utils/timestamp.h"

/*
 * $1 and $2 say where the step belongs: to a run that is committed, to this
 * run's identifier, or, when the aborting transaction holds a row of that
 * identifier, to a new one.  A migration that only that transaction has
 * registered is gone with it, and leaves nothing.
 */
static const char record_failure[] =
"WITH new_run AS ("
"  INSERT INTO hipaa_migrate.run"
"   (run_id, command, target, project, reason, started_at,"
"    executed_by, effective_role, authn_id, client, application, pid)"
"  SELECT CASE $2 WHEN 'unwritten' THEN $1::bigint"
"         ELSE pg_catalog.nextval('hipaa_migrate.run_id_seq') END,"
"    $3, $4, $5, $6,"
"    '2000-01-01 00:00+00'::timestamptz + $7::bigint * '1 us'::interval,"
"    $8, $9, $10, $11, $12, $13::integer"
"   FROM hipaa_migrate.migration_revision"
"  WHERE $2 <> 'committed'"
"    AND migration_id = $14::bigint AND revision = $15::integer"
"  RETURNING run_id)"
" INSERT INTO hipaa_migrate.run_step"
"  (step_id, run_id, migration_id, revision, direction, outcome,"
"   started_at, duration, statements, sqlstate, failed_statement, message)"
" SELECT pg_catalog.nextval('hipaa_migrate.step_id_seq'),"
"   COALESCE((SELECT run_id FROM new_run), $1::bigint),"
"   r.migration_id, r.revision, $16, 'failed',"
"   '2000-01-01 00:00+00'::timestamptz + $17::bigint * '1 us'::interval,"
"   $18::bigint * '1 us'::interval, $19::integer, $20, $21::integer, $22"
"  FROM hipaa_migrate.migration_revision AS r"
" WHERE r.migration_id = $14::bigint AND r.revision = $15::integer"
" RETURNING run_id";

#define RECORD_ARGUMENTS 22

static void
append_object(StringInfo message, const char *separator, const char *kind,
			  const char *schema, const char *name)
{
	if (name == NULL)
		return;
	appendStringInfo(message, "%s%s ", message->len > 0 ? separator : "",
					 kind);
	if (schema)
		appendStringInfo(message, "%s.", schema);
	appendStringInfoString(message, name);
}

static void
append_objects(StringInfo message, const char *separator,
			   const ErrorData *error)
{
	append_object(message, separator, "table", error->schema_name,
				  error->table_name);
	append_object(message, separator, "column", NULL, error->column_name);
	append_object(message, separator, "type", error->schema_name,
				  error->datatype_name);
	append_object(message, separator, "constraint", NULL,
				  error->constraint_name);
}

/* The place and the objects; the server's own message may hold values. */
static char *
describe(const HmStepRecord *step, const ErrorData *error)
{
	StringInfoData message;
	int			current = step->progress ? step->progress->current : 0;

	initStringInfo(&message);
	if (step->script && current > 0)
		appendStringInfo(&message, "statement %d, line %d", current,
						 step->script->statements[current - 1].line);
	else if (step->script)
		appendStringInfoString(&message, step->progress->completed > 0 ?
							   "after its last statement" :
							   "before its first statement");
	append_objects(&message, ", ", error);
	return message.data;
}

/* One a line, or NULL. */
static char *
describe_objects(const ErrorData *error)
{
	StringInfoData objects;

	initStringInfo(&objects);
	append_objects(&objects, "\n", error);
	return objects.len > 0 ? objects.data : NULL;
}

static const char *
describe_run(const HmRun *run)
{
	if (run->committed)
		return "committed";
	return run->written ? "lost" : "unwritten";
}

static List *
build_arguments(const HmRun *run, const HmStepRecord *step,
				const ErrorData *error)
{
	const HmActor *actor = run->actor;
	const HmProgress *progress = step->progress;
	List	   *args = NIL;

#define PUT(string) args = lappend(args, (void *) (string))
	PUT(psprintf(INT64_FORMAT, run->run_id));
	PUT(describe_run(run));
	PUT(run->command);
	PUT(run->target);
	PUT(run->project);
	PUT(run->reason);
	PUT(psprintf(INT64_FORMAT, run->started_at));
	PUT(actor->authenticated);
	PUT(actor->effective);
	PUT(actor->authn_id);
	PUT(actor->client);
	PUT(actor->application);
	PUT(psprintf("%d", MyProcPid));
	PUT(psprintf(INT64_FORMAT, step->migration_id));
	PUT(psprintf("%d", step->revision));
	PUT(hm_direction_name(step->direction));
	PUT(psprintf(INT64_FORMAT, step->started_at));
	PUT(psprintf(INT64_FORMAT, GetCurrentTimestamp() - step->started_at));
	PUT(psprintf("%d", progress ? progress->completed : 0));
	PUT(pstrdup(unpack_sql_state(error->sqlerrcode)));
	PUT(progress && progress->current > 0 ?
		psprintf("%d", progress->current) : NULL);
	PUT(describe(step, error));
#undef PUT
	Assert(list_length(args) == RECORD_ARGUMENTS);
	return args;
}

static void
put_statement(HmEvent *event, const HmStepRecord *step, uint8 *hash)
{
	const HmScriptStatement *statement;

	if (step->script == NULL || step->progress->current == 0)
		return;
	statement = &step->script->statements[step->progress->current - 1];
	event->statement_no = step->progress->current;
	event->command = CreateCommandName(statement->raw->stmt);
	event->statement = hm_redact_statement(step->script->text,
										   statement->start,
										   statement->length,
										   statement->raw->stmt, hash);
	event->statement_hash = hash;
}

static void
pack_event(StringInfo bytes, const HmRun *run, const HmStepRecord *step,
		   const ErrorData *error)
{
	uint8		hash[HM_HASH_LENGTH];
	HmEventRow	row;
	HmEvent		event = {
		.kind = HM_EVENT_MIGRATION_FAILED,
		.migration = step->migration,
		.author = step->author,
		.run_id = run->run_id,
		.reason = run->reason,
		.duration = GetCurrentTimestamp() - step->started_at,
		.sqlstate = pstrdup(unpack_sql_state(error->sqlerrcode)),
		.objects = describe_objects(error)
	};

	put_statement(&event, step, hash);
	hm_event_row_build(&row, &event);
	initStringInfo(bytes);
	hm_event_row_pack(&row, bytes, HM_MESSAGE_MAX / 2);
}

/*
 * A message: length of the event, the event, then the arguments.  Where they
 * do not fit, because somebody gave a reason as long as a book, the event
 * goes alone.
 */
static void
pack_message(StringInfo message, const HmRun *run, const HmStepRecord *step,
			 const ErrorData *error)
{
	List	   *args = build_arguments(run, step, error);
	Size		args_size = hm_task_strings_size(args);
	StringInfoData event;
	uint32		event_length;

	pack_event(&event, run, step, error);
	event_length = event.len;
	initStringInfo(message);
	appendBinaryStringInfo(message, (char *) &event_length,
						   sizeof(event_length));
	appendBinaryStringInfo(message, event.data, event.len);
	if (message->len + args_size > HM_MESSAGE_MAX)
		return;
	enlargeStringInfo(message, args_size);
	hm_task_strings_pack(args, message->data + message->len);
	message->len += args_size;
}

void
hm_journal_record_failure(const HmRun *run, const HmStepRecord *step,
						  const ErrorData *error)
{
	StringInfoData message;

	pack_message(&message, run, step, error);
	if (hm_ring_send(MyDatabaseId, HM_MESSAGE_FAILURE, message.data, message.len, 0,
					 hm_setting_record_wait) == HM_RING_LOST)
		ereport(LOG,
				(errmsg("could not record that a migration failed"),
				 errdetail("Migration \"%s\", SQLSTATE %s, at %s.",
						   step->migration,
						   unpack_sql_state(error->sqlerrcode),
						   describe(step, error))));
	hm_open_run_fail(run);
}

/* Returns the run's number, or 0 when there is no such revision. */
static int64
insert_step(const char *packed_arguments)
{
	static HmStatement statement = {.sql = record_failure};
	List	   *args = hm_task_strings_unpack(packed_arguments,
											  RECORD_ARGUMENTS);
	Datum		values[RECORD_ARGUMENTS];
	char		nulls[RECORD_ARGUMENTS];
	HmBracket	bracket;
	int64		run_id;

	statement.nargs = RECORD_ARGUMENTS;
	for (int i = 0; i < RECORD_ARGUMENTS; i++)
	{
		statement.types[i] = TEXTOID;
		values[i] = hm_query_text_arg(list_nth(args, i), &nulls[i]);
	}
	hm_query_begin(&bracket);
	run_id = hm_query_run(&statement, values, nulls, false) > 0 ?
		hm_query_int64(0, 1) : 0;
	hm_query_end(&bracket);
	return run_id;
}

static void
handle_message(const char *bytes, Size length)
{
	uint32		event_length;
	int64		run_id = 0;
	HmEventRow	row;

	memcpy(&event_length, bytes, sizeof(event_length));
	bytes += sizeof(event_length);
	hm_event_row_unpack(&row, bytes, event_length);
	if (length > sizeof(event_length) + event_length)
		run_id = insert_step(bytes + event_length);
	if (run_id != 0)
		row.values[HM_COL_RUN_ID] = Int64GetDatum(run_id);
	hm_event_row_insert(&row);
	hm_event_note_appended();
}

void
hm_journal_init(void)
{
	hm_recorder_handle(HM_MESSAGE_FAILURE, handle_message);
}
