/*
 * src/audit/sealer.c
 *	  The process that seals the record of its database.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/ring.h"
#include "audit/sealer.h"
#include "audit/service.h"
#include "base/compat.h"
#include "base/settings.h"
#include "pgstat.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "tcop/tcopprot.h"
#include "utils/memutils.h"
#include "utils/wait_event.h"

/* A requester looks so often whether there still is somebody to seal. */
#define REQUEST_POLL_MS 500

HmSealerCallbacks hm_sealer_callbacks;

static int	hand_out_after;		/* ms, 0: after the next seal */

static void
visit(void)
{
	if (hm_sealer_callbacks.visit_epoch)
		hm_sealer_callbacks.visit_epoch();
	if (hm_sealer_callbacks.visit_runs)
		hm_sealer_callbacks.visit_runs();
}

static void
seal(void)
{
	while (hm_sealer_callbacks.seal && hm_sealer_callbacks.seal())
		CHECK_FOR_INTERRUPTS();
}

static void
hand_out(void)
{
	hand_out_after = 0;
	if (hm_sealer_callbacks.hand_out)
		hand_out_after = hm_sealer_callbacks.hand_out();
}

/* What is left of an error outside a transaction; one inside is aborted. */
static void
clean_up(void)
{
	AbortOutOfAnyTransaction();
	LWLockReleaseAll();
	ConditionVariableCancelSleep();
	pgstat_report_wait_end();
}

/* Ends the process at once when it is told to while it works. */
static void
begin_work(const char *activity)
{
	(void) hm_service_set_busy(true);
	pgstat_report_activity(STATE_RUNNING, activity);
	pqsignal(SIGTERM, die);
}

static void
end_work(void)
{
	pqsignal(SIGTERM, SignalHandlerForShutdownRequest);
	if (ProcDiePending)
		ShutdownRequestPending = true;
	ProcDiePending = false;
	MemoryContextSwitchTo(TopMemoryContext);
	pgstat_report_activity(STATE_IDLE, NULL);
}

static bool
try_to(void (*work) (void), const char *activity)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext,
												  "hipaa_migrate sealer",
												  ALLOCSET_DEFAULT_SIZES);
	volatile bool done = false;

	begin_work(activity);
	PG_TRY();
	{
		MemoryContextSwitchTo(context);
		work();
		done = true;
	}
	PG_CATCH();
	{
		hm_service_failed(geterrcode());
		EmitErrorReport();
		FlushErrorState();
		clean_up();
	}
	PG_END_TRY();
	end_work();
	MemoryContextDelete(context);
	return done;
}

static bool
is_requested(const HmDatabase *entry)
{
	return entry->seals_requested > Max(entry->seals_done,
										entry->seals_failed);
}

static void
note_earlier(TimestampTz moment, TimestampTz *next)
{
	if (*next == 0 || moment < *next)
		*next = moment;
}

/* Is that moment there?  If not, notes it, unless an earlier one is noted. */
static bool
has_come(TimestampTz moment, TimestampTz now, TimestampTz *next)
{
	if (moment == 0)
		return false;
	if (moment <= now)
		return true;
	note_earlier(moment, next);
	return false;
}

static TimestampTz
seal_due_at(const HmDatabase *entry)
{
	TimestampTz since = pg_atomic_read_u64((pg_atomic_uint64 *)
										   &entry->unsealed_since);

	if (since == 0)
		return 0;
	return Max(TimestampTzPlusMilliseconds(since, hm_setting_seal_interval),
			   entry->workers[HM_SEALER].retry_at);
}

bool
hm_sealer_is_due(const HmDatabase *entry, TimestampTz now, TimestampTz *next)
{
	bool		seal_due = has_come(seal_due_at(entry), now, next);
	bool		hand_out_due = has_come(entry->hand_out_at, now, next);

	Assert(LWLockHeldByMe(hm_shared->lock));
	return is_requested(entry) || seal_due || hand_out_due;
}

/* What commits from now on marks the database again. */
static uint64
begin_seal(HmDatabase *entry, TimestampTz *unsealed_since)
{
	uint64		requested;

	LWLockAcquire(hm_shared->lock, LW_SHARED);
	requested = entry->seals_requested;
	LWLockRelease(hm_shared->lock);
	*unsealed_since = pg_atomic_exchange_u64(&entry->unsealed_since, 0);
	return requested;
}

static void
end_seal(HmDatabase *entry, uint64 requested, TimestampTz unsealed_since,
		 bool done)
{
	TimestampTz now = GetCurrentTimestamp();

	if (!done)
		pg_atomic_write_u64(&entry->unsealed_since,
							unsealed_since ? unsealed_since : now);
	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	if (done)
	{
		entry->seals_done = requested;
		entry->sealed_at = now;
		entry->visited = true;
	}
	else
		entry->seals_failed = requested;
	LWLockRelease(hm_shared->lock);
	ConditionVariableBroadcast(&entry->sealed);
}

static void
set_hand_out(HmDatabase *entry, bool done)
{
	TimestampTz moment = 0;

	if (!done)
		moment = entry->workers[HM_SEALER].retry_at;
	else if (hand_out_after > 0)
		moment = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
											 hand_out_after);
	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	entry->hand_out_at = moment;
	LWLockRelease(hm_shared->lock);
}

/* A failed visit leaves the database marked, and is repeated with the seal. */
static void
work(HmDatabase *entry, bool seal_too)
{
	bool		done = true;

	if (seal_too)
	{
		TimestampTz unsealed_since;
		uint64		requested = begin_seal(entry, &unsealed_since);

		done = (entry->visited || try_to(visit, "visiting the record")) &&
			try_to(seal, "sealing the record");
		end_seal(entry, requested, unsealed_since, done);
	}
	if (done)
	{
		done = try_to(hand_out, "handing out a digest");
		set_hand_out(entry, done);
	}
	if (done)
		hm_service_succeeded();
}

/* Does what is due; returns when there is more to do, or 0. */
static TimestampTz
work_if_due(HmDatabase *entry, bool *worked)
{
	TimestampTz now = GetCurrentTimestamp();
	TimestampTz next = 0;
	bool		due;
	bool		seal_due;

	LWLockAcquire(hm_shared->lock, LW_SHARED);
	due = hm_sealer_is_due(entry, now, &next);
	seal_due = is_requested(entry) || has_come(seal_due_at(entry), now, &next);
	LWLockRelease(hm_shared->lock);

	*worked = due || !entry->visited;
	if (*worked)
		work(entry, seal_due || !entry->visited);
	return next;
}

/* Ends the process if there is nothing to seal in this database. */
static void
require_extension(HmDatabase *entry)
{
	uint64		unsealed = pg_atomic_read_u64(&entry->unsealed_since);
	bool		there = hm_service_start_transaction();

	CommitTransactionCommand();
	if (there)
		return;
	/* Unless the mark is newer than the answer, it was of another life. */
	(void) pg_atomic_compare_exchange_u64(&entry->unsealed_since, &unsealed,
										  0);
	hm_service_leave_for_good();
	proc_exit(0);
}

void
hm_sealer_main(Datum argument)
{
	TimestampTz until = 0;
	HmDatabase *entry;

	hm_service_begin(HM_SEALER, DatumGetObjectId(argument));
	entry = hm_service_entry();
	for (;;)
	{
		bool		yield = hm_service_must_leave();
		bool		worked = false;
		TimestampTz now;
		TimestampTz next = 0;

		if (!hm_service_must_end())
		{
			require_extension(entry);
			next = work_if_due(entry, &worked);
		}
		now = GetCurrentTimestamp();
		if (worked || until == 0)
			until = TimestampTzPlusMilliseconds(now,
												hm_setting_worker_linger);
		if (!entry->visited || yield || hm_service_must_end() || now >= until)
			break;
		if (worked || hm_service_set_busy(false))
			continue;
		(void) pgstat_report_stat(true);
		note_earlier(until, &next);
		hm_service_sleep(next);
	}
	(void) hm_service_leave(true);
	proc_exit(0);
}

/* Returns the number of the request, or 0 if there is no room for it. */
static uint64
request(HmDatabase **entry)
{
	uint64		number = 0;
	PGPROC	   *wake = NULL;

	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	*entry = hm_shared_obtain(MyDatabaseId);
	if (*entry)
	{
		number = ++(*entry)->seals_requested;
		(*entry)->workers[HM_SEALER].retry_at = 0;
		wake = hm_shared_whom_to_wake(*entry, HM_SEALER);
	}
	LWLockRelease(hm_shared->lock);
	hm_shared_wake(wake);
	return wake ? number : 0;
}

typedef enum Answer
{
	ANSWER_NONE,
	ANSWER_DONE,
	ANSWER_FAILED
} Answer;

static Answer
look_for_answer(const HmDatabase *entry, uint64 number)
{
	Answer		answer = ANSWER_NONE;

	LWLockAcquire(hm_shared->lock, LW_SHARED);
	if (entry->seals_done >= number)
		answer = ANSWER_DONE;
	else if (entry->seals_failed >= number ||
			 hm_shared_whom_to_wake(entry, HM_SEALER) == NULL)
		answer = ANSWER_FAILED;
	LWLockRelease(hm_shared->lock);
	return answer;
}

bool
hm_sealer_request_seal(int wait_ms)
{
	TimestampTz until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													wait_ms);
	HmDatabase *entry;
	uint64		number;
	Answer		answer;

	if (hm_shared == NULL || (number = request(&entry)) == 0)
		return false;
	ConditionVariablePrepareToSleep(&entry->sealed);
	while ((answer = look_for_answer(entry, number)) == ANSWER_NONE)
	{
		long		rest = TimestampDifferenceMilliseconds(GetCurrentTimestamp(),
														   until);

		if (rest <= 0)
			break;
		(void) ConditionVariableTimedSleep(&entry->sealed,
										   Min(rest, REQUEST_POLL_MS),
										   PG_WAIT_EXTENSION);
	}
	ConditionVariableCancelSleep();
	return answer == ANSWER_DONE;
}
