/*
 * src/runner/journal.c
 *	  Bookkeeping of runs.
 */
#include "postgres.h"

#include "audit/event.h"
#include "audit/number.h"
#include "audit/row_writer.h"
#include "base/actor.h"
#include "base/errors.h"
#include "base/json_text.h"
#include "base/query.h"
#include "base/snapshot.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "runner/journal.h"
#include "tcop/utility.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/timestamp.h"

HmRun *
hm_run_begin(const char *command, const char *target, const char *project,
			 const char *reason)
{
	HmRun	   *run = palloc0(sizeof(HmRun));

	run->run_id = hm_number_next(HM_RELATION_RUN_ID_SEQ);
	run->command = command;
	run->target = target;
	run->project = project;
	run->reason = reason;
	run->started_at = GetCurrentTimestamp();
	run->actor = hm_actor_load();
	return run;
}

static void
write_run(HmRun *run)
{
	static HmStatement insert = {
		"INSERT INTO hipaa_migrate.run"
		" (run_id, command, target, project, reason, started_at,"
		"  executed_by, effective_role, authn_id, client, application, pid)"
		" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
		"         pg_catalog.pg_backend_pid())",
		11, {INT8OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TIMESTAMPTZOID,
		TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID}
	};
	Datum		values[11];
	char		nulls[11];
	const HmActor *actor = run->actor;
	HmBracket	bracket;

	if (run->written)
		return;
	memset(nulls, ' ', sizeof(nulls));
	values[0] = Int64GetDatum(run->run_id);
	values[1] = hm_query_text_arg(run->command, &nulls[1]);
	values[2] = hm_query_text_arg(run->target, &nulls[2]);
	values[3] = hm_query_text_arg(run->project, &nulls[3]);
	values[4] = hm_query_text_arg(run->reason, &nulls[4]);
	values[5] = TimestampTzGetDatum(run->started_at);
	values[6] = hm_query_text_arg(actor->authenticated, &nulls[6]);
	values[7] = hm_query_text_arg(actor->effective, &nulls[7]);
	values[8] = hm_query_text_arg(actor->authn_id, &nulls[8]);
	values[9] = hm_query_text_arg(actor->client, &nulls[9]);
	values[10] = hm_query_text_arg(actor->application, &nulls[10]);
	hm_query_begin(&bracket);
	hm_query_run(&insert, values, nulls, false);
	hm_query_end(&bracket);
	run->written = true;
}

/*
 * Steps and statements are written past the executor, for there is one of them
 * with each command of a migration.
 */
enum
{
	STEP_ID,
	STEP_RUN_ID,
	STEP_MIGRATION_ID,
	STEP_REVISION,
	STEP_DIRECTION,
	STEP_OUTCOME,
	STEP_STARTED_AT,
	STEP_DURATION,
	STEP_STATEMENTS,
	STEP_SQLSTATE,
	STEP_FAILED_STATEMENT,
	STEP_MESSAGE,
	STEP_COLUMNS
};

enum
{
	STATEMENT_STEP_ID,
	STATEMENT_NO,
	STATEMENT_LINE,
	STATEMENT_COMMAND,
	STATEMENT_DURATION,
	STATEMENT_COLUMNS
};

/* Returns the step's number. */
static int64
insert_step(const HmRun *run, const HmStepRecord *step)
{
	HmWriter   *writer = hm_writer_open(HM_RELATION_RUN_STEP, STEP_COLUMNS);
	Interval	duration = {.time = step->duration};
	int64		step_id = hm_number_next(HM_RELATION_STEP_ID_SEQ);
	Datum		values[STEP_COLUMNS];
	bool		nulls[STEP_COLUMNS] = {0};

	values[STEP_ID] = Int64GetDatum(step_id);
	values[STEP_RUN_ID] = Int64GetDatum(run->run_id);
	values[STEP_MIGRATION_ID] = Int64GetDatum(step->migration_id);
	values[STEP_REVISION] = Int32GetDatum(step->revision);
	values[STEP_DIRECTION] =
		CStringGetTextDatum(hm_direction_name(step->direction));
	values[STEP_OUTCOME] = CStringGetTextDatum(step->outcome);
	values[STEP_STARTED_AT] = TimestampTzGetDatum(step->started_at);
	values[STEP_DURATION] = IntervalPGetDatum(&duration);
	values[STEP_STATEMENTS] =
		Int32GetDatum(step->script ? step->progress->completed : 0);
	nulls[STEP_SQLSTATE] = nulls[STEP_FAILED_STATEMENT] =
		nulls[STEP_MESSAGE] = true;
	hm_writer_add(writer, values, nulls);
	hm_writer_close(writer);
	return step_id;
}

static void
insert_statement(HmWriter *writer, int64 step_id, const HmStepRecord *step,
				 int index)
{
	const HmScriptStatement *statement = &step->script->statements[index];
	Interval   *duration = palloc0(sizeof(Interval));
	Datum		values[STATEMENT_COLUMNS];
	bool		nulls[STATEMENT_COLUMNS] = {0};

	duration->time = step->progress->durations[index];
	values[STATEMENT_STEP_ID] = Int64GetDatum(step_id);
	values[STATEMENT_NO] = Int32GetDatum(index + 1);
	values[STATEMENT_LINE] = Int32GetDatum(statement->line);
	values[STATEMENT_COMMAND] =
		CStringGetTextDatum(CreateCommandName(statement->raw->stmt));
	values[STATEMENT_DURATION] = IntervalPGetDatum(duration);
	hm_writer_add(writer, values, nulls);
}

static void
insert_statements(int64 step_id, const HmStepRecord *step)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "hipaa_migrate journal",
												  ALLOCSET_DEFAULT_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	HmWriter   *writer = hm_writer_open(HM_RELATION_RUN_STATEMENT,
										STATEMENT_COLUMNS);

	for (int i = 0; i < step->progress->completed; i++)
	{
		CHECK_FOR_INTERRUPTS();
		insert_statement(writer, step_id, step, i);
	}
	hm_writer_close(writer);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(context);
}

static HmEventKind
kind_of_step(const HmStepRecord *step)
{
	if (strcmp(step->outcome, "adopted") == 0)
		return HM_EVENT_MIGRATION_ADOPTED;
	if (strcmp(step->outcome, "unregistered") == 0)
		return HM_EVENT_MIGRATION_UNREGISTERED;
	return step->direction == HM_UP ? HM_EVENT_MIGRATION_APPLIED :
		HM_EVENT_MIGRATION_REVERTED;
}

static void
append_event(const HmRun *run, const HmStepRecord *step)
{
	StringInfoData details;
	HmEvent		event = {
		.kind = kind_of_step(step),
		.migration = step->migration,
		.author = step->author,
		.run_id = run->run_id,
		.reason = run->reason,
		.duration = step->duration
	};

	if (step->pass)
	{
		event.approvers = step->pass->approvers;
		event.ticket = step->pass->ticket;
		event.maintenance_window = step->pass->window;
	}
	hm_json_begin(&details);
	hm_json_text(&details, "direction", hm_direction_name(step->direction));
	hm_json_int64(&details, "revision", step->revision);
	if (step->script)
		hm_json_int64(&details, "statements", step->progress->completed);
	event.details = hm_json_end(&details);
	hm_event_append(&event);
}

int64
hm_journal_append_step(HmRun *run, const HmStepRecord *step)
{
	bool		pushed;
	int64		step_id;

	write_run(run);
	pushed = hm_snapshot_ensure();
	step_id = insert_step(run, step);
	if (step->script && step->progress->completed > 0)
		insert_statements(step_id, step);
	hm_snapshot_drop(pushed);
	append_event(run, step);
	return step_id;
}

void
hm_journal_set_state(const HmNode *node, HmState state, int revision,
					 int64 step_id)
{
	static HmStatement update = {
		"UPDATE hipaa_migrate.migration"
		"   SET state = $4, applied_revision = $5,"
		"       applied_at = pg_catalog.clock_timestamp(), applied_by = $6,"
		"       applied_step = $7"
		" WHERE migration_id = $1 AND revision = $2 AND state = $3"
		"   AND unregistered_at IS NULL",
		7, {INT8OID, INT4OID, TEXTOID, TEXTOID, INT4OID, TEXTOID, INT8OID}
	};
	Datum		values[7];
	HmBracket	bracket;
	uint64		changed;

	hm_query_begin(&bracket);
	values[0] = Int64GetDatum(node->migration_id);
	values[1] = Int32GetDatum(node->revision);
	values[2] = CStringGetTextDatum(hm_state_name(node->state));
	values[3] = CStringGetTextDatum(hm_state_name(state));
	values[4] = Int32GetDatum(revision);
	values[5] = CStringGetTextDatum(hm_actor_authenticated_name());
	values[6] = Int64GetDatum(step_id);
	changed = hm_query_run(&update, values, NULL, false);
	hm_query_end(&bracket);
	if (changed == 0)
		ereport(ERROR,
				(errcode(ERRCODE_T_R_SERIALIZATION_FAILURE),
				 errmsg("migration \"%s\" was changed while it ran",
						node->display),
				 errhint("Run it again.")));
}
