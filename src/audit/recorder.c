/*
 * src/audit/recorder.c
 *	  The process that writes what waits in the ring of its database.
 *
 * All that waits is written in one transaction.  When that fails, each
 * message gets one of its own, and one that fails there is lost: it is put
 * into the WAL and counted, and never tried again.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/notification.h"
#include "audit/recorder.h"
#include "audit/service.h"
#include "audit/witness.h"
#include "base/compat.h"
#include "base/settings.h"
#include "pgstat.h"
#include "storage/ipc.h"
#include "utils/memutils.h"

/* How long a lock may take, for all that waits and for one message. */
#define BATCH_LOCK_TIMEOUT "500ms"
#define LONE_LOCK_TIMEOUT "100ms"

static HmMessageHandler handlers[HM_MESSAGE_KINDS];

/* What was last to be written failed for want of the extension. */
static bool gone;

void
hm_recorder_handle(HmMessageKind kind, HmMessageHandler handler)
{
	handlers[kind] = handler;
}

static void
handle(HmMessageKind kind, const char *bytes, Size length)
{
	if (handlers[kind] == NULL)
		elog(ERROR, "no handler for messages of kind %d", kind);
	PushActiveSnapshot(GetTransactionSnapshot());
	handlers[kind] (bytes, length);
	PopActiveSnapshot();
	CommandCounterIncrement();
}

static void
handle_slot(const HmSlot *slot)
{
	HmFolded   *folded;

	if (slot->folded.count == 0)
	{
		handle(slot->kind, slot->bytes, slot->length);
		return;
	}
	folded = palloc0(offsetof(HmFolded, bytes) + slot->length);
	folded->kind = slot->kind;
	folded->count = slot->folded.count;
	folded->first = slot->folded.first;
	folded->last = slot->folded.last;
	folded->length = slot->length;
	memcpy(folded->bytes, slot->bytes, slot->length);
	handle(HM_MESSAGE_FOLDED, (const char *) folded,
		   offsetof(HmFolded, bytes) + slot->length);
}

static void
write_all(HmSlot *const *slots, int count, const HmGap *gap)
{
	gone = false;				/* unless it is seen to be */
	gone = !hm_service_start_transaction();
	if (gap)
		handle(HM_MESSAGE_GAP, (const char *) gap, sizeof(HmGap));
	for (int i = 0; i < count; i++)
		handle_slot(slots[i]);
	CommitTransactionCommand();
}

/* Returns 0, or the SQLSTATE of the error that undid it. */
static int
try_to_write(HmSlot *const *slots, int count, const HmGap *gap,
			 const char *lock_timeout)
{
	volatile int sqlstate = 0;

	SetConfigOption("lock_timeout", lock_timeout, PGC_SUSET, PGC_S_OVERRIDE);
	pgstat_report_activity(STATE_RUNNING, "recording events");
	PG_TRY();
	{
		write_all(slots, count, gap);
	}
	PG_CATCH();
	{
		sqlstate = geterrcode();
		FlushErrorState();
		AbortOutOfAnyTransaction();
	}
	PG_END_TRY();
	MemoryContextSwitchTo(TopMemoryContext);
	pgstat_report_activity(STATE_IDLE, NULL);
	return sqlstate;
}

/* Events that were lost before, unless they could not be noted just now. */
static HmGap
take_gap(void)
{
	HmDatabase *entry = hm_service_entry();
	HmGap		gap = {0};

	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	if (entry->workers[HM_RECORDER].retry_at <= GetCurrentTimestamp())
	{
		gap = entry->gap;
		entry->gap.count = 0;
	}
	LWLockRelease(hm_shared->lock);
	return gap;
}

static void
put_back_gap(const HmGap *gap)
{
	HmGap	   *current = &hm_service_entry()->gap;

	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	if (current->count == 0)
		current->last = gap->last;
	current->first = gap->first;
	current->count += gap->count;
	LWLockRelease(hm_shared->lock);
}

static void
give_up(HmSlot *slot, int sqlstate)
{
	char		reason[64];

	snprintf(reason, sizeof(reason), "SQLSTATE %s",
			 unpack_sql_state(sqlstate));
	hm_witness(slot->database, slot->kind, slot->bytes, slot->length, reason);
	hm_ring_acknowledge(&slot, 1, false);
}

/* Whoever waits for the record does not wait for those who listen. */
static void
acknowledge(HmSlot *const *slots, int count)
{
	hm_ring_acknowledge(slots, count, true);
	hm_notification_send();
}

static void
write_one_by_one(HmSlot **slots, int count)
{
	for (int i = 0; i < count; i++)
	{
		int			sqlstate = try_to_write(&slots[i], 1, NULL,
											LONE_LOCK_TIMEOUT);

		if (sqlstate == 0)
			acknowledge(&slots[i], 1);
		else
			give_up(slots[i], sqlstate);
	}
}

/* The database has no record any more, so nothing is missing from it. */
static void
forget_gap(void)
{
	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	hm_service_entry()->gap.count = 0;
	LWLockRelease(hm_shared->lock);
}

/*
 * One message that fails may be its own fault.  When not even a note of what
 * was lost can be written, the record itself is the trouble.
 */
static void
write_after_failure(HmSlot **slots, int count, const HmGap *gap)
{
	int			sqlstate = 0;

	write_one_by_one(slots, count);
	if (gap->count > 0)
	{
		sqlstate = try_to_write(NULL, 0, gap, LONE_LOCK_TIMEOUT);
		if (sqlstate != 0)
			put_back_gap(gap);
	}
	if (gone)
		forget_gap();
	else if (sqlstate != 0)
		hm_service_failed(sqlstate);
}

/* Writes what waits, and says whether there was anything. */
static bool
drain(bool flush)
{
	HmSlot	   *slots[HM_RING_BATCH];
	int			count = hm_ring_take(hm_service_entry()->oid, flush, slots);
	HmGap		gap = take_gap();
	int			sqlstate;

	if (count == 0 && gap.count == 0)
		return false;
	(void) hm_service_set_busy(true);
	sqlstate = try_to_write(slots, count, gap.count > 0 ? &gap : NULL,
							BATCH_LOCK_TIMEOUT);
	if (sqlstate == 0)
	{
		acknowledge(slots, count);
		hm_service_succeeded();
	}
	else
		write_after_failure(slots, count, &gap);
	return true;
}

static void
linger(TimestampTz until)
{
	TimestampTz due = hm_ring_next_due(hm_service_entry()->oid);

	(void) pgstat_report_stat(true);
	if (due != 0 && (due < until || GetCurrentTimestamp() >= until))
		until = due;
	hm_service_sleep(until);
}

static TimestampTz
end_of_linger(void)
{
	return TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
									   hm_setting_worker_linger);
}

void
hm_recorder_main(Datum argument)
{
	TimestampTz until;

	hm_service_begin(HM_RECORDER, DatumGetObjectId(argument));
	hm_notification_defer();
	until = end_of_linger();
	for (;;)
	{
		bool		yield = hm_service_must_leave();
		bool		end = hm_service_must_end();
		bool		worked = drain(yield || end);

		if (worked)
			until = end_of_linger();
		else if (hm_service_set_busy(false))
			continue;
		if ((yield || (!worked && (end || GetCurrentTimestamp() >= until))) &&
			hm_service_leave(yield))
			break;
		if (!worked && !end)
			linger(until);
	}
	proc_exit(0);
}
