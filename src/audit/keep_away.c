/*
 * src/audit/keep_away.c
 *	  Keeps recorders and sealers out of a database, for commands that no
 *	  other connection may be in the way of.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/service.h"
#include "base/compat.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/procarray.h"
#include "utils/wait_event.h"

#define WAIT_MAX (10 * USECS_PER_SEC)
#define POLL_MS 5

static int	held;				/* places of this process */
static bool registered;

/* Ends what this process began: once for a database, or all of it. */
static void
end(Oid database)
{
	PGPROC	   *launcher;

	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < HM_KEEP_AWAY_MAX; i++)
	{
		HmKeepAway *place = &hm_shared->keep_away[i];

		if (!OidIsValid(place->database) || place->pid != MyProcPid ||
			(OidIsValid(database) && place->database != database))
			continue;
		place->database = InvalidOid;
		held--;
		if (OidIsValid(database))
			break;
	}
	hm_shared->rescan = true;
	launcher = hm_shared->launcher;
	LWLockRelease(hm_shared->lock);
	hm_shared_wake(launcher);
}

static void
end_at_exit(int code, Datum argument)
{
	if (held > 0)
		end(InvalidOid);
}

static void
end_at_abort(XactEvent event, void *argument)
{
	if (held > 0 && event == XACT_EVENT_ABORT)
		end(InvalidOid);
}

static void
register_ends(void)
{
	if (registered)
		return;
	before_shmem_exit(end_at_exit, (Datum) 0);
	RegisterXactCallback(end_at_abort, NULL);
	registered = true;
}

/* Returns the workers that are there, which are then told to end. */
static int
claim(Oid database, pid_t pids[HM_ROLES])
{
	HmDatabase *entry;
	int			count = 0;

	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < HM_KEEP_AWAY_MAX; i++)
	{
		HmKeepAway *place = &hm_shared->keep_away[i];

		if (OidIsValid(place->database))
			continue;
		place->database = database;
		place->pid = MyProcPid;
		held++;
		break;
	}
	entry = hm_shared_find(database);
	for (int role = 0; entry && role < HM_ROLES; role++)
	{
		if (entry->workers[role].phase == HM_WORKER_RUNNING)
			pids[count++] = entry->workers[role].pid;
	}
	LWLockRelease(hm_shared->lock);
	return count;
}

void
hm_service_keep_away_begin(Oid database)
{
	TimestampTz until = GetCurrentTimestamp() + WAIT_MAX;
	pid_t		pids[HM_ROLES];
	int			count;

	register_ends();
	count = claim(database, pids);
	for (int i = 0; i < count; i++)
		(void) kill(pids[i], SIGTERM);
	for (int i = 0; i < count; i++)
	{
		while (BackendPidGetProc(pids[i]) && GetCurrentTimestamp() < until)
		{
			(void) WaitLatch(MyLatch,
							 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
							 POLL_MS, PG_WAIT_EXTENSION);
			ResetLatch(MyLatch);
			CHECK_FOR_INTERRUPTS();
		}
	}
}

void
hm_service_keep_away_end(Oid database)
{
	if (held > 0)
		end(database);
}
