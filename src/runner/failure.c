/*
 * src/runner/failure.c
 *	  The record of a failed step, which survives the aborted transaction.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "runner/journal.h"
#include "runner/worker.h"
#include "utils/elog.h"
#include "utils/timestamp.h"

/* How long an error may be held up to put it on record. */
#define RECORD_WAIT_MS 2000

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
" WHERE r.migration_id = $14::bigint AND r.revision = $15::integer";

#define RECORD_ARGUMENTS 22

static void
append_object(StringInfo message, const char *kind, const char *schema,
			  const char *name)
{
	if (name == NULL)
		return;
	appendStringInfo(message, "%s%s ", message->len > 0 ? ", " : "", kind);
	if (schema)
		appendStringInfo(message, "%s.", schema);
	appendStringInfoString(message, name);
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
	append_object(&message, "table", error->schema_name, error->table_name);
	append_object(&message, "column", NULL, error->column_name);
	append_object(&message, "type", error->schema_name, error->datatype_name);
	append_object(&message, "constraint", NULL, error->constraint_name);
	return message.data;
}

static const char *
describe_run(const HmRun *run)
{
	if (run->committed)
		return "committed";
	return run->written ? "lost" : "unwritten";
}

void
hm_journal_record_failure(const HmRun *run, const HmStepRecord *step,
						  const ErrorData *error)
{
	const char *args[RECORD_ARGUMENTS];
	const HmActor *actor = run->actor;
	int			n = 0;

	args[n++] = psprintf(INT64_FORMAT, run->run_id);
	args[n++] = describe_run(run);
	args[n++] = run->command;
	args[n++] = run->target;
	args[n++] = run->project;
	args[n++] = run->reason;
	args[n++] = psprintf(INT64_FORMAT, run->started_at);
	args[n++] = actor->authenticated;
	args[n++] = actor->effective;
	args[n++] = actor->authn_id;
	args[n++] = actor->client;
	args[n++] = actor->application;
	args[n++] = psprintf("%d", MyProcPid);
	args[n++] = psprintf(INT64_FORMAT, step->migration_id);
	args[n++] = psprintf("%d", step->revision);
	args[n++] = step->direction == HM_UP ? "up" : "down";
	args[n++] = psprintf(INT64_FORMAT, step->started_at);
	args[n++] = psprintf(INT64_FORMAT,
						 GetCurrentTimestamp() - step->started_at);
	args[n++] = psprintf("%d", step->progress ? step->progress->completed : 0);
	args[n++] = pstrdup(unpack_sql_state(error->sqlerrcode));
	args[n++] = step->progress && step->progress->current > 0 ?
		psprintf("%d", step->progress->current) : NULL;
	args[n++] = describe(step, error);
	Assert(n == RECORD_ARGUMENTS);
	if (!hm_worker_record(record_failure, n, args, RECORD_WAIT_MS))
		ereport(LOG,
				(errmsg("could not record that a migration failed"),
				 errdetail("Migration number %s, SQLSTATE %s, at %s.",
						   args[13], args[19], args[21])));
}
