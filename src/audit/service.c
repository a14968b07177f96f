/*
 * src/audit/service.c
 *	  What recorders and sealers have in common.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/relations.h"
#include "audit/ring.h"
#include "audit/service.h"
#include "base/compat.h"
#include "base/settings.h"
#include "catalog/pg_extension.h"
#include "pgstat.h"
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lmgr.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

/* After a failure, doubled by each further one. */
#define RETRY_FIRST		USECS_PER_SEC
#define RETRY_DOUBLINGS 8

/* A worker with more to do makes room for another database after this. */
#define TURN			USECS_PER_SEC

/* The place of this process. */
static HmDatabase *my_entry;
static HmWorker *my_worker;
static HmRole my_role;

const char *
hm_service_role_name(HmRole role)
{
	return role == HM_RECORDER ? "hipaa_migrate recorder" :
		"hipaa_migrate sealer";
}

HmDatabase *
hm_service_entry(void)
{
	return my_entry;
}

/* The lock is held exclusively. */
static void
vacate(void)
{
	my_worker->phase = HM_WORKER_ABSENT;
	my_worker->pid = 0;
	my_worker->proc = NULL;
	my_worker->busy = my_worker->leave = false;
	my_worker->since = GetCurrentTimestamp();
	if (my_role == HM_RECORDER)
		hm_ring_give_back(my_entry->oid);
}

static TimestampTz
when_to_retry(int failures)
{
	return GetCurrentTimestamp() +
		(RETRY_FIRST << Min(failures - 1, RETRY_DOUBLINGS));
}

/* However the process ends. */
static void
give_up_place(int code, Datum argument)
{
	PGPROC	   *launcher;

	if (my_worker == NULL)
		return;
	if (LWLockHeldByMe(hm_shared->lock))
		LWLockRelease(hm_shared->lock);
	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	if (code != 0)
		my_worker->retry_at = when_to_retry(++my_worker->failures);
	vacate();
	launcher = hm_shared->launcher;
	LWLockRelease(hm_shared->lock);
	my_worker = NULL;
	hm_shared_wake(launcher);
}

static bool
take_place(HmRole role, Oid database)
{
	HmDatabase *entry;
	bool		wanted;

	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	entry = hm_shared_find(database);
	wanted = entry && !hm_shared_kept_away(database) &&
		entry->workers[role].phase == HM_WORKER_STARTING;
	if (wanted)
	{
		my_role = role;
		my_entry = entry;
		my_worker = &entry->workers[role];
		my_worker->phase = HM_WORKER_RUNNING;
		my_worker->pid = MyProcPid;
		my_worker->proc = MyProc;
		my_worker->busy = true;
		my_worker->leave = false;
		my_worker->since = GetCurrentTimestamp();
	}
	LWLockRelease(hm_shared->lock);
	return wanted;
}

/* What ALTER DATABASE and ALTER ROLE may have set must not matter. */
static void
enter_settings(void)
{
	static const struct
	{
		const char *name;
		const char *value;
	}			settings[] = {
		{"search_path", "pg_catalog, pg_temp"},
		{"synchronous_commit", "local"},
		{"default_transaction_isolation", "read committed"},
		{"default_transaction_read_only", "off"},
		{"default_transaction_deferrable", "off"},
		{"session_replication_role", "origin"},
		{"lock_timeout", "0"},
		{"statement_timeout", "0"},
		{"idle_in_transaction_session_timeout", "0"},
		{"transaction_timeout", "0"},
		{"zero_damaged_pages", "off"},
		{"ignore_checksum_failure", "off"},
		{"row_security", "off"},
	};

	for (int i = 0; i < lengthof(settings); i++)
	{
		if (GetConfigOption(settings[i].name, true, false))
			SetConfigOption(settings[i].name, settings[i].value,
							PGC_SUSET, PGC_S_OVERRIDE);
	}
}

void
hm_service_begin(HmRole role, Oid database)
{
	/* Until it is connected, the process ends as soon as it is told to. */
	pqsignal(SIGTERM, die);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();

	before_shmem_exit(give_up_place, (Datum) 0);
	if (!take_place(role, database))
		proc_exit(0);
	BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
	enter_settings();
	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	if (ProcDiePending)
		ShutdownRequestPending = true;
	ProcDiePending = false;
	pgstat_report_appname(hm_service_role_name(role));
	pgstat_report_activity(STATE_IDLE, NULL);
}

bool
hm_service_leave(bool force)
{
	PGPROC	   *launcher = NULL;
	bool		work;

	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	work = my_role == HM_RECORDER && hm_ring_has_work(my_entry) &&
		my_worker->retry_at <= GetCurrentTimestamp();
	if (!work || force)
	{
		vacate();
		launcher = hm_shared->launcher;
	}
	LWLockRelease(hm_shared->lock);
	if (work && !force)
		return false;
	my_worker = NULL;
	hm_shared_wake(launcher);
	return true;
}

static bool
is_unused(const HmDatabase *entry)
{
	for (int role = 0; role < HM_ROLES; role++)
	{
		if (entry->workers[role].phase != HM_WORKER_ABSENT)
			return false;
	}
	return entry->depth == 0 && entry->gap.count == 0 &&
		pg_atomic_read_u64((pg_atomic_uint64 *) &entry->unsealed_since) == 0;
}

void
hm_service_leave_for_good(void)
{
	PGPROC	   *launcher;

	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	vacate();
	my_entry->seals_failed = my_entry->seals_requested;
	my_entry->hand_out_at = 0;
	if (is_unused(my_entry))
		hm_shared_remove(my_entry);
	launcher = hm_shared->launcher;
	LWLockRelease(hm_shared->lock);
	ConditionVariableBroadcast(&my_entry->sealed);
	my_worker = NULL;
	hm_shared_wake(launcher);
}

bool
hm_service_set_busy(bool busy)
{
	PGPROC	   *launcher = NULL;

	if (my_worker->busy == busy)
		return false;
	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	my_worker->busy = busy;
	if (!busy && hm_shared->waiting)
		launcher = hm_shared->launcher;
	LWLockRelease(hm_shared->lock);
	hm_shared_wake(launcher);
	return true;
}

bool
hm_service_must_end(void)
{
	return ShutdownRequestPending;
}

bool
hm_service_must_leave(void)
{
	bool		leave;

	LWLockAcquire(hm_shared->lock, LW_SHARED);
	leave = my_worker->leave &&
		(!my_worker->busy || GetCurrentTimestamp() > my_worker->since + TURN);
	LWLockRelease(hm_shared->lock);
	return leave;
}

bool
hm_service_start_transaction(void)
{
	Oid			extension;

	StartTransactionCommand();
	while (OidIsValid(extension = hm_relations_extension()))
	{
		LockDatabaseObject(ExtensionRelationId, extension, 0,
						   AccessShareLock);
		if (hm_relations_extension() == extension)
			return true;
		UnlockDatabaseObject(ExtensionRelationId, extension, 0,
							 AccessShareLock);
	}
	return false;
}

void
hm_service_failed(int sqlstate)
{
	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	my_worker->failures++;
	my_worker->sqlstate = sqlstate;
	my_worker->failed_at = GetCurrentTimestamp();
	my_worker->retry_at = when_to_retry(my_worker->failures);
	LWLockRelease(hm_shared->lock);
}

void
hm_service_succeeded(void)
{
	if (my_worker->failures == 0 && my_worker->retry_at == 0)
		return;
	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	my_worker->failures = 0;
	my_worker->retry_at = 0;
	LWLockRelease(hm_shared->lock);
}

void
hm_service_sleep(TimestampTz until)
{
	long		rest = TimestampDifferenceMilliseconds(GetCurrentTimestamp(),
													   until);

	if (rest > 0)
	{
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 rest, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
	/* A cancel that comes while there is nothing to cancel. */
	QueryCancelPending = false;
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
	{
		ConfigReloadPending = false;
		ProcessConfigFile(PGC_SIGHUP);
	}
}
