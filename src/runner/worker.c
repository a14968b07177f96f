/*
 * src/runner/worker.c
 *	  The calling side of a background worker.
 */
#include "postgres.h"

#include "base/actor.h"
#include "base/background.h"
#include "base/compat.h"
#include "base/settings.h"
#include "libpq/pqformat.h"
#include "libpq/pqmq.h"
#include "registry/setting_list.h"
#include "runner/task.h"
#include "runner/worker.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/proc.h"
#include "storage/shm_mq.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#define QUEUE_SIZE	16384

typedef struct Worker
{
	dsm_segment *segment;
	HmTask	   *task;
	int64	   *durations;
	shm_mq	   *queue;
	shm_mq_handle *queue_handle;
	BackgroundWorkerHandle *handle;
} Worker;

static void
create_segment(Worker *worker, List *strings, int nstatements)
{
	Size		string_size = hm_task_strings_size(strings);
	Size		duration_size = sizeof(int64) * Max(nstatements, 1);
	shm_toc_estimator estimator;
	shm_toc    *toc;
	char	   *bytes;

	shm_toc_initialize_estimator(&estimator);
	shm_toc_estimate_chunk(&estimator, sizeof(HmTask));
	shm_toc_estimate_chunk(&estimator, string_size);
	shm_toc_estimate_chunk(&estimator, duration_size);
	shm_toc_estimate_chunk(&estimator, QUEUE_SIZE);
	shm_toc_estimate_keys(&estimator, 4);
	worker->segment = dsm_create(shm_toc_estimate(&estimator), 0);
	toc = shm_toc_create(HM_TASK_MAGIC, dsm_segment_address(worker->segment),
						 shm_toc_estimate(&estimator));

	worker->task = shm_toc_allocate(toc, sizeof(HmTask));
	memset(worker->task, 0, sizeof(HmTask));
	worker->task->database = MyDatabaseId;
	worker->task->authenticated = hm_actor_authenticated();
	worker->task->nstrings = list_length(strings);
	shm_toc_insert(toc, HM_TASK_KEY_TASK, worker->task);

	bytes = shm_toc_allocate(toc, string_size);
	hm_task_strings_pack(strings, bytes);
	shm_toc_insert(toc, HM_TASK_KEY_STRINGS, bytes);

	worker->durations = shm_toc_allocate(toc, duration_size);
	memset(worker->durations, 0, duration_size);
	shm_toc_insert(toc, HM_TASK_KEY_DURATIONS, worker->durations);

	worker->queue = shm_mq_create(shm_toc_allocate(toc, QUEUE_SIZE),
								  QUEUE_SIZE);
	shm_mq_set_receiver(worker->queue, MyProc);
	shm_toc_insert(toc, HM_TASK_KEY_QUEUE, worker->queue);
}

static bool
start(Worker *worker)
{
	BackgroundWorker entry;

	hm_background_describe(&entry, "hm_worker_main", "hipaa_migrate worker");
	snprintf(entry.bgw_name, BGW_MAXLEN, "hipaa_migrate worker for PID %d",
			 MyProcPid);
	entry.bgw_main_arg = UInt32GetDatum(dsm_segment_handle(worker->segment));
	entry.bgw_notify_pid = MyProcPid;
	if (!RegisterDynamicBackgroundWorker(&entry, &worker->handle))
		return false;
	worker->queue_handle = shm_mq_attach(worker->queue, worker->segment,
										 worker->handle);
	return true;
}

static void
terminate(int code, Datum argument)
{
	Worker	   *worker = (Worker *) DatumGetPointer(argument);

	TerminateBackgroundWorker(worker->handle);
}

/* A cancel is the worker's business: it stops cleanly and reports back. */
static void
pass_on_cancel(Worker *worker)
{
	pid_t		pid;

	if (!QueryCancelPending)
		return;
	QueryCancelPending = false;
	if (GetBackgroundWorkerPid(worker->handle, &pid) == BGWH_STARTED)
		kill(pid, SIGINT);
	else
		TerminateBackgroundWorker(worker->handle);
}

/* Returns an error; notices go on to the client. */
static ErrorData *
receive_message(void *data, Size length)
{
	StringInfoData message;
	ErrorData  *error;
	char		type;

	initStringInfo(&message);
	appendBinaryStringInfo(&message, data, length);
	type = pq_getmsgbyte(&message);
	if (type != 'E' && type != 'N')
		return NULL;
	error = palloc0(sizeof(ErrorData));
	pq_parse_errornotice(&message, error);
	if (type == 'E')
	{
		error->elevel = ERROR;
		return error;
	}
	ThrowErrorData(error);
	return NULL;
}

/* Here only pass_on_cancel() handles a cancel, wherever it is noticed. */
static ErrorData *
wait_for_end(Worker *worker)
{
	ErrorData  *error = NULL;

	HOLD_CANCEL_INTERRUPTS();
	for (;;)
	{
		Size		length;
		void	   *data;
		shm_mq_result result = shm_mq_receive(worker->queue_handle, &length,
											  &data, true);

		if (result == SHM_MQ_DETACHED)
			break;
		if (result == SHM_MQ_SUCCESS)
		{
			ErrorData  *received = receive_message(data, length);

			error = received ? received : error;
			continue;
		}
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_EXIT_ON_PM_DEATH, -1,
						 PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		pass_on_cancel(worker);
		CHECK_FOR_INTERRUPTS();
	}
	(void) WaitForBackgroundWorkerShutdown(worker->handle);
	RESUME_CANCEL_INTERRUPTS();
	return error;
}

/* What to throw when the worker ended without a word. */
static ErrorData *
build_silent_error(void)
{
	ErrorData  *error = palloc0(sizeof(ErrorData));

	error->elevel = ERROR;
	error->sqlerrcode = ERRCODE_ADMIN_SHUTDOWN;
	error->message = pstrdup("the background worker of the migration ended before its work was done");
	error->hint = pstrdup("See the server's log for the reason, then run it again.");
	error->assoc_context = CurrentMemoryContext;
	return error;
}

static List *
pack_script(const HmScript *script, const HmStored *stored)
{
	const HmScriptOrigin *origin = &script->origin;
	List	   *strings = list_make5(script->text,
									 unconstify(char *, origin->migration),
									 unconstify(char *, origin->original_name),
									 unconstify(char *, origin->direction),
									 unconstify(char *, origin->file));
	ListCell   *cell;

	strings = lappend(strings, stored->author);
	foreach(cell, stored->settings)
	{
		HmSettingValue *setting = lfirst(cell);

		strings = lappend(strings, setting->name);
		strings = lappend(strings, setting->value);
	}
	return strings;
}

ErrorData *
hm_worker_execute(const HmScript *script, const HmStored *stored,
				  int64 run_id, Oid role, HmProgress *progress)
{
	Worker		worker = {0};
	ErrorData  *error;

	create_segment(&worker, pack_script(script, stored),
				   script->nstatements);
	worker.task->run_id = run_id;
	worker.task->role = role;
	worker.task->lock_timeout = hm_setting_lock_timeout;
	worker.task->statement_timeout = hm_setting_statement_timeout;
	worker.task->idempotency = hm_setting_idempotency;
	worker.task->waived = progress->waived;
	worker.task->repeatable = strcmp(stored->kind, "repeatable") == 0;
	worker.task->first_line = script->origin.first_line;
	InvalidateCatalogSnapshot();
	if (!start(&worker))
		ereport(ERROR,
				(errcode(ERRCODE_INSUFFICIENT_RESOURCES),
				 errmsg("could not start a background worker for migration \"%s\"",
						script->origin.migration),
				 errhint("Raise max_worker_processes, or try again when others have ended.")));
	PG_ENSURE_ERROR_CLEANUP(terminate, PointerGetDatum(&worker));
	{
		error = wait_for_end(&worker);
	}
	PG_END_ENSURE_ERROR_CLEANUP(terminate, PointerGetDatum(&worker));
	progress->current = worker.task->current;
	progress->completed = worker.task->completed;
	memcpy(progress->durations, worker.durations,
		   sizeof(int64) * script->nstatements);
	if (error == NULL && !worker.task->done)
		error = build_silent_error();
	dsm_detach(worker.segment);
	return error;
}
