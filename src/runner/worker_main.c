/*
 * src/runner/worker_main.c
 *	  The background worker's side.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/scope.h"
#include "base/compat.h"
#include "base/query.h"
#include "base/settings.h"
#include "catalog/pg_type.h"
#include "libpq/pqmq.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "registry/script.h"
#include "registry/setting_list.h"
#include "runner/environment.h"
#include "runner/execute.h"
#include "runner/index_debris.h"
#include "runner/task.h"
#include "storage/ipc.h"
#include "storage/proc.h"
#include "storage/shm_mq.h"
#include "tcop/tcopprot.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/resowner.h"

static HmScript *
unpack_script(const HmTask *task, List *strings)
{
	HmScriptOrigin origin = {
		.migration = list_nth(strings, 1),
		.original_name = list_nth(strings, 2),
		.direction = list_nth(strings, 3),
		.file = list_nth(strings, 4),
		.first_line = task->first_line
	};

	return hm_script_parse(list_nth(strings, 0), origin, false);
}

static List *
unpack_settings(List *strings)
{
	List	   *settings = NIL;

	for (int i = 6; i + 1 < list_length(strings); i += 2)
	{
		HmSettingValue *setting = palloc(sizeof(HmSettingValue));

		setting->name = list_nth(strings, i);
		setting->value = list_nth(strings, i + 1);
		settings = lappend(settings, setting);
	}
	return settings;
}

/* Executes one statement; what a failed index build left is dropped. */
static void
run_statement(const HmScript *script, int index, HmProgress *progress,
			  Oid role)
{
	Node	   *node = script->statements[index].raw->stmt;
	HmIndexDebris *debris = hm_index_debris_before(node, role);

	PG_TRY();
	{
		hm_execute_at_top_level(script, index, progress, role, false);
	}
	PG_CATCH();
	{
		ErrorData  *error;

		MemoryContextSwitchTo(TopMemoryContext);
		error = CopyErrorData();
		FlushErrorState();
		AbortCurrentTransaction();
		MemoryContextSwitchTo(TopMemoryContext);
		hm_index_debris_drop(debris);
		ReThrowError(error);
	}
	PG_END_TRY();
}

static void
run_script(HmTask *task, List *strings, int64 *durations)
{
	HmProgress	progress = {.durations = durations};
	HmScope		scope = {
		.run_id = task->run_id,
		.author = list_nth(strings, 5),
		.statement_no = &progress.current,
		.repeatable = task->repeatable,
		.idempotency = task->idempotency,
		.waived = task->waived,
		.nest_level = 1
	};
	HmScript   *script;

	hm_setting_lock_timeout = task->lock_timeout;
	hm_setting_statement_timeout = task->statement_timeout;
	StartTransactionCommand();
	MemoryContextSwitchTo(TopMemoryContext);
	hm_environment_enter(unpack_settings(strings), task->role);
	script = unpack_script(task, strings);
	CommitTransactionCommand();
	MemoryContextSwitchTo(TopMemoryContext);

	scope.migration = script->origin.migration;
	for (int i = 0; i < script->nstatements; i++)
	{
		task->current = i + 1;
		hm_scope_enter(&scope);
		run_statement(script, i, &progress, task->role);
		task->completed = i + 1;
	}
}

static void
report_to_caller(shm_toc *toc, dsm_segment *segment)
{
	shm_mq	   *queue = shm_toc_lookup(toc, HM_TASK_KEY_QUEUE, false);

	shm_mq_set_sender(queue, MyProc);
	pq_redirect_to_shm_mq(segment, shm_mq_attach(queue, segment, NULL));
}

/* The user's own may differ, and the caller has overridden them. */
static void
enter_transaction_defaults(void)
{
	SetConfigOption("default_transaction_isolation", "read committed",
					PGC_USERSET, PGC_S_SESSION);
	SetConfigOption("default_transaction_read_only", "off",
					PGC_USERSET, PGC_S_SESSION);
}

void
hm_worker_main(Datum argument)
{
	dsm_segment *segment;
	shm_toc    *toc;
	HmTask	   *task;
	List	   *strings;

	pqsignal(SIGTERM, die);
	BackgroundWorkerUnblockSignals();
	CurrentResourceOwner = ResourceOwnerCreate(NULL, "hipaa_migrate worker");
	CurrentMemoryContext = TopMemoryContext;
	segment = dsm_attach(DatumGetUInt32(argument));
	if (segment == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the caller of the background worker is gone")));
	toc = shm_toc_attach(HM_TASK_MAGIC, dsm_segment_address(segment));
	if (toc == NULL)
		elog(ERROR, "bad magic number in dynamic shared memory segment");
	dsm_pin_mapping(segment);
	report_to_caller(toc, segment);

	task = shm_toc_lookup(toc, HM_TASK_KEY_TASK, false);
	strings = hm_task_strings_unpack(shm_toc_lookup(toc, HM_TASK_KEY_STRINGS,
													false), task->nstrings);
	BackgroundWorkerInitializeConnectionByOid(task->database,
											  task->authenticated, 0);
	enter_transaction_defaults();
	run_script(task, strings,
			   shm_toc_lookup(toc, HM_TASK_KEY_DURATIONS, false));
	task->done = true;
	proc_exit(0);
}
