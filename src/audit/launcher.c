/*
 * src/audit/launcher.c
 *	  The process that starts recorders and sealers.
 *
 * It is connected to no database and reads pg_database only.  After a start
 * of the server a sealer visits every database once; one without the
 * extension is left alone from then on.  Later a database is served when
 * something waits for it in shared memory.
 *
 * At most hipaa_migrate.max_workers run at a time, and at most all but one of
 * them are recorders, or sealers.  When more databases wait, they are served
 * in turn: a worker that only lingers leaves for another one at once, a busy
 * one when it has had its turn.
 */
#include "postgres.h"

#include "audit/directory.h"
#include "audit/launcher.h"
#include "audit/retention.h"
#include "audit/ring.h"
#include "audit/sealer.h"
#include "audit/service.h"
#include "base/background.h"
#include "base/compat.h"
#include "base/settings.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "utils/wait_event.h"

#define MAX_WORKERS 64			/* as hipaa_migrate.max_workers */

/* When a worker ended before it had begun. */
#define FAILURE_RETRY (5 * USECS_PER_SEC)

/* When a database with something to do allows no connections. */
#define UNCONNECTABLE_RETRY (60 * USECS_PER_SEC)

/* While a database waits for a place, it is looked for so often. */
#define SHORTAGE_POLL (USECS_PER_SEC / 4)

/* What came of looking for a place. */
typedef enum Outcome
{
	SERVED,
	NO_PLACE_FOR_ROLE,			/* the other role may have one */
	NO_PLACE
} Outcome;

typedef struct Started
{
	BackgroundWorkerHandle *handle;
	Oid			database;
	HmRole		role;
	uint64		attempt;
} Started;

static Started started[2 * MAX_WORKERS];
static int	nstarted;
static int	turn[HM_ROLES];		/* entry to begin with */
static HmRole last_started = HM_SEALER;

void
hm_launcher_init(void)
{
	BackgroundWorker worker;

	if (IsBinaryUpgrade)
		return;
	hm_background_describe(&worker, "hm_launcher_main",
						   "hipaa_migrate launcher");
	worker.bgw_restart_time = 1;
	RegisterBackgroundWorker(&worker);
}

/*
 * Places.
 */

/* The lock is held.  Running and starting ones of the role, or of both. */
static int
count_workers(int role)
{
	int			count = 0;

	for (int i = 0; i < hm_shared->ndatabases; i++)
	{
		const HmDatabase *entry = &hm_shared->databases[i];

		for (int r = 0; OidIsValid(entry->oid) && r < HM_ROLES; r++)
		{
			if ((role == HM_ROLES || role == r) &&
				entry->workers[r].phase != HM_WORKER_ABSENT)
				count++;
		}
	}
	return count;
}

/* A worker that could make room: rather an idle one, then the oldest. */
static HmWorker *
pick_to_leave(int role)
{
	HmWorker   *picked = NULL;

	for (int i = 0; i < hm_shared->ndatabases; i++)
	{
		HmDatabase *entry = &hm_shared->databases[i];

		for (int r = 0; OidIsValid(entry->oid) && r < HM_ROLES; r++)
		{
			HmWorker   *worker = &entry->workers[r];

			if ((role != HM_ROLES && role != r) ||
				worker->phase != HM_WORKER_RUNNING)
				continue;
			if (picked == NULL ||
				(picked->busy && !worker->busy) ||
				(picked->busy == worker->busy &&
				 worker->since < picked->since))
				picked = worker;
		}
	}
	return picked;
}

/* The lock is held.  Returns whom to wake. */
static PGPROC *
ask_to_leave(int role)
{
	HmWorker   *worker = pick_to_leave(role);

	if (worker == NULL)
		return NULL;
	worker->leave = true;
	return worker->proc;
}

/* Has somebody leave, of that role or of either.  The lock is held. */
static Outcome
make_room(int role, PGPROC **wake)
{
	*wake = ask_to_leave(role);
	hm_shared->places_short++;
	hm_shared->places_short_at = GetCurrentTimestamp();
	return role == HM_ROLES ? NO_PLACE : NO_PLACE_FOR_ROLE;
}

/* Reserves the place of a worker; if there is none, asks for one. */
static Outcome
reserve(Started *place)
{
	HmRole		role = place->role;
	HmDatabase *entry;
	PGPROC	   *wake = NULL;
	Outcome		outcome = NO_PLACE_FOR_ROLE;

	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	if (count_workers(HM_ROLES) >= hm_setting_max_workers)
		outcome = make_room(HM_ROLES, &wake);
	else if (count_workers(role) >= hm_setting_max_workers - 1)
		outcome = make_room(role, &wake);
	else if ((entry = hm_shared_obtain(place->database)) != NULL)
	{
		place->attempt = ++hm_shared->attempts;
		entry->workers[role].phase = HM_WORKER_STARTING;
		entry->workers[role].attempt = place->attempt;
		entry->workers[role].since = GetCurrentTimestamp();
		outcome = SERVED;
	}
	LWLockRelease(hm_shared->lock);
	hm_shared_wake(wake);
	return outcome;
}

/* The lock is held. */
static bool
take_back(const Started *place, TimestampTz retry_at)
{
	HmDatabase *entry = hm_shared_find(place->database);
	HmWorker   *worker;

	if (entry == NULL)
		return false;
	worker = &entry->workers[place->role];
	if (worker->phase != HM_WORKER_STARTING ||
		worker->attempt != place->attempt)
		return false;
	worker->phase = HM_WORKER_ABSENT;
	worker->retry_at = retry_at;
	return true;
}

/* If it has not come, its place stays empty for some time. */
static void
note_failure(const Started *place)
{
	HmKnownDatabase *database = hm_directory_find(place->database);
	bool		failed;

	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	failed = take_back(place, GetCurrentTimestamp() + FAILURE_RETRY);
	LWLockRelease(hm_shared->lock);
	if (failed && database && place->role == HM_SEALER)
		database->visit = true;
}

/* The server has no more processes for us; one of ours may do without. */
static void
note_shortage(const Started *place)
{
	TimestampTz now = GetCurrentTimestamp();
	PGPROC	   *wake;

	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	(void) take_back(place, 0);
	hm_shared->processes_short++;
	hm_shared->processes_short_at = now;
	wake = ask_to_leave(HM_ROLES);
	if (nstarted == 0)
		hm_shared->no_process_until = now + 2 * SHORTAGE_POLL;
	LWLockRelease(hm_shared->lock);
	hm_shared_wake(wake);
}

static bool
launch(Started *place)
{
	BackgroundWorker worker;

	hm_background_describe(&worker, place->role == HM_RECORDER ?
						   "hm_recorder_main" : "hm_sealer_main",
						   hm_service_role_name(place->role));
	snprintf(worker.bgw_name, BGW_MAXLEN, "%s for database %u",
			 hm_service_role_name(place->role), place->database);
	worker.bgw_main_arg = ObjectIdGetDatum(place->database);
	worker.bgw_notify_pid = MyProcPid;
	return RegisterDynamicBackgroundWorker(&worker, &place->handle);
}

static Outcome
start(Oid database, HmRole role)
{
	Started    *place = &started[nstarted];
	Outcome		outcome;

	if (nstarted >= lengthof(started))
		return NO_PLACE;
	place->database = database;
	place->role = role;
	outcome = reserve(place);
	if (outcome != SERVED)
		return outcome;
	if (!launch(place))
	{
		note_shortage(place);
		return NO_PLACE;
	}
	nstarted++;
	last_started = role;
	return SERVED;
}

/* Lets go of workers that have ended. */
static void
reap(void)
{
	for (int i = nstarted - 1; i >= 0; i--)
	{
		pid_t		pid;

		if (GetBackgroundWorkerPid(started[i].handle, &pid) != BGWH_STOPPED)
			continue;
		pfree(started[i].handle);
		note_failure(&started[i]);
		started[i] = started[--nstarted];
	}
}

/*
 * What there is to do.
 */

/* The lock is held.  Notes in *next when there will be something. */
static bool
wants_worker(const HmDatabase *entry, HmRole role, TimestampTz now,
			 TimestampTz *next)
{
	const HmWorker *worker = &entry->workers[role];

	if (!OidIsValid(entry->oid) || worker->phase != HM_WORKER_ABSENT ||
		hm_shared_kept_away(entry->oid))
		return false;
	if (role == HM_RECORDER ? !hm_ring_has_work(entry) :
		!hm_sealer_is_due(entry, now, next))
		return false;
	if (worker->retry_at <= now)
		return true;
	if (*next == 0 || worker->retry_at < *next)
		*next = worker->retry_at;
	return false;
}

/* The next database, in turn, that wants such a worker. */
static Oid
next_in_turn(HmRole role, TimestampTz now, TimestampTz *next)
{
	Oid			database = InvalidOid;
	int			n = hm_shared->ndatabases;

	LWLockAcquire(hm_shared->lock, LW_SHARED);
	for (int i = 0; i < n && !OidIsValid(database); i++)
	{
		int			index = (turn[role] + i) % n;

		if (wants_worker(&hm_shared->databases[index], role, now, next))
		{
			database = hm_shared->databases[index].oid;
			turn[role] = index;
		}
	}
	LWLockRelease(hm_shared->lock);
	return database;
}

/* A database that is not to be connected to is left alone for a while. */
static void
put_off(Oid database, HmRole role, TimestampTz now)
{
	HmDatabase *entry;

	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	entry = hm_shared_find(database);
	if (entry)
		entry->workers[role].retry_at = now + UNCONNECTABLE_RETRY;
	LWLockRelease(hm_shared->lock);
}

/* As long as there is no place, it stays this database's turn. */
static Outcome
serve_known(HmRole role, TimestampTz now, TimestampTz *next)
{
	Oid			oid;

	while (OidIsValid(oid = next_in_turn(role, now, next)))
	{
		HmKnownDatabase *database;

		hm_directory_load();
		database = hm_directory_find(oid);
		if (database == NULL || !database->connectable)
			put_off(oid, role, now);
		else
		{
			Outcome		outcome = start(oid, role);

			if (outcome != SERVED)
				return outcome;
			if (role == HM_SEALER)
				database->visit = false;
		}
		turn[role] = (turn[role] + 1) % hm_shared->ndatabases;
	}
	return SERVED;
}

static bool
visit_is_due(const HmKnownDatabase *database, TimestampTz now, TimestampTz *next)
{
	const HmDatabase *entry;
	TimestampTz retry_at = 0;
	bool		due;

	if (!database->visit || !database->connectable)
		return false;
	LWLockAcquire(hm_shared->lock, LW_SHARED);
	entry = hm_shared_find(database->oid);
	due = !hm_shared_kept_away(database->oid);
	if (entry)
	{
		retry_at = entry->workers[HM_SEALER].retry_at;
		due = due && entry->workers[HM_SEALER].phase == HM_WORKER_ABSENT;
	}
	else if (!hm_shared_find(InvalidOid))
		due = false;
	LWLockRelease(hm_shared->lock);
	if (due && retry_at > now)
	{
		if (*next == 0 || retry_at < *next)
			*next = retry_at;
		due = false;
	}
	return due;
}

static Outcome
visit_all(TimestampTz now, TimestampTz *next)
{
	ListCell   *cell;

	foreach(cell, hm_directory())
	{
		HmKnownDatabase *database = lfirst(cell);
		Outcome		outcome;

		if (!visit_is_due(database, now, next))
			continue;
		outcome = start(database->oid, HM_SEALER);
		if (outcome != SERVED)
			return outcome;
		database->visit = false;
	}
	return SERVED;
}

static Outcome
serve_role(HmRole role, TimestampTz now, TimestampTz *next)
{
	Outcome		outcome = serve_known(role, now, next);

	if (outcome == SERVED && role == HM_SEALER)
		outcome = visit_all(now, next);
	return outcome;
}

/* Has workers tell when they become idle. */
static void
set_waiting(bool waiting)
{
	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	hm_shared->waiting = waiting;
	LWLockRelease(hm_shared->lock);
}

/*
 * Returns when to look again, or 0: when woken.  The roles take turns too:
 * the last place goes to the one that was not served last.
 */
static TimestampTz
serve(void)
{
	HmRole		first = last_started == HM_RECORDER ? HM_SEALER : HM_RECORDER;
	HmRole		second = last_started;
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz next = 0;
	Outcome		outcome;

	if (hm_shared->rescan)
		hm_directory_load();
	outcome = serve_role(first, now, &next);
	if (outcome == SERVED)
		outcome = serve_role(second, now, &next);
	else if (outcome == NO_PLACE_FOR_ROLE)
		(void) serve_role(second, now, &next);
	set_waiting(outcome != SERVED);
	if (outcome != SERVED && (next == 0 || next > now + SHORTAGE_POLL))
		next = now + SHORTAGE_POLL;
	return next;
}

/*
 * The process.
 */

/* Workers that an earlier launcher has started and lost sight of. */
static void
take_office(void)
{
	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	hm_shared->launcher = MyProc;
	hm_shared->launcher_pid = MyProcPid;
	hm_shared->launcher_seen = true;
	hm_shared->rescan = true;
	for (int i = 0; i < hm_shared->ndatabases; i++)
	{
		for (int role = 0; role < HM_ROLES; role++)
		{
			HmWorker   *worker = &hm_shared->databases[i].workers[role];

			if (worker->phase == HM_WORKER_STARTING)
				worker->phase = HM_WORKER_ABSENT;
		}
	}
	LWLockRelease(hm_shared->lock);
}

static void
leave_office(int code, Datum argument)
{
	if (LWLockHeldByMe(hm_shared->lock))
		LWLockRelease(hm_shared->lock);
	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	hm_shared->launcher = NULL;
	hm_shared->launcher_pid = 0;
	LWLockRelease(hm_shared->lock);
	hm_ring_witness_all();
}

static void
reload(void)
{
	ConfigReloadPending = false;
	ProcessConfigFile(PGC_SIGHUP);
	hm_retention_note_setting();
	hm_shared_mark_all_unsealed();
}

static void
sleep_until(TimestampTz next)
{
	int			events = WL_LATCH_SET | WL_EXIT_ON_PM_DEATH;
	long		rest = -1;

	if (next != 0)
	{
		events |= WL_TIMEOUT;
		rest = TimestampDifferenceMilliseconds(GetCurrentTimestamp(), next);
	}
	(void) WaitLatch(MyLatch, events, rest, PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
	if (ConfigReloadPending)
		reload();
}

/* Status 1 has the postmaster start another one, unless it stops itself. */
void
hm_launcher_main(Datum argument)
{
	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	pqsignal(SIGHUP, SignalHandlerForConfigReload);
	BackgroundWorkerUnblockSignals();
	BackgroundWorkerInitializeConnection(NULL, NULL, 0);
	pgstat_report_appname("hipaa_migrate launcher");
	before_shmem_exit(leave_office, (Datum) 0);
	take_office();
	hm_retention_note_setting();
	while (!ShutdownRequestPending)
	{
		reap();
		sleep_until(serve());
	}
	proc_exit(1);
}
