/*
 * src/audit/ring.c
 *	  The ring: its slots, and the sender's side.
 *
 * A slot belongs to its sender while it is free, to nobody while it is ready
 * or folding, to the recorder while it is taken, and, when its sender waits,
 * to the sender again once it is recorded or lost.  A sender that gives up
 * leaves its slot to the recorder, by taking its own name off it.
 */
#include "postgres.h"

#include "audit/fold.h"
#include "audit/ring.h"
#include "audit/witness.h"
#include "base/compat.h"
#include "base/settings.h"
#include "miscadmin.h"
#include "postmaster/bgworker.h"
#include "storage/latch.h"
#include "storage/shmem.h"
#include "utils/wait_event.h"

/* So long after the start of the server the launcher is still to come. */
#define LAUNCHER_GRACE (10 * USECS_PER_SEC)

#define SETTLE_POLL_MS 10

/* One database leaves a part of the ring to others, floods a larger one. */
#define DATABASE_SHARE(nslots)	((nslots) - (nslots) / 4)
#define FOLDING_SHARE(nslots)	((nslots) / 4)

typedef struct Message
{
	Oid			database;
	HmMessageKind kind;
	const char *bytes;
	Size		length;
	uint64		fold_key;
} Message;

/* What came of trying to put a message into the ring. */
typedef struct Placement
{
	HmSlot	   *slot;			/* NULL: it is in none, or only counted */
	bool		counted;		/* as one of many */
	const char *reason;			/* why not to wait, or why there is no slot */
	PGPROC	   *wake;
} Placement;

HmRing	   *hm_ring;
static HmFoldTable *fold_table;

static Size
slots_size(void)
{
	return add_size(offsetof(HmRing, slots),
					mul_size(hm_setting_ring_slots, sizeof(HmSlot)));
}

Size
hm_ring_size(void)
{
	return add_size(MAXALIGN(slots_size()), sizeof(HmFoldTable));
}

void
hm_ring_initialize(bool found)
{
	fold_table = (HmFoldTable *) ((char *) hm_ring + MAXALIGN(slots_size()));
	if (found)
		return;
	memset(hm_ring, 0, hm_ring_size());
	hm_ring->nslots = hm_setting_ring_slots;
}

static bool
never_any_recorder(TimestampTz now)
{
	if (hm_shared->launcher || hm_shared->launcher_seen)
		return false;
	return max_worker_processes == 0 || IsBinaryUpgrade ||
		now > hm_shared->booted_at + LAUNCHER_GRACE;
}

/* Why none will come soon, or NULL. */
static const char *
why_no_recorder(const HmDatabase *entry, TimestampTz now)
{
	const HmWorker *recorder = &entry->workers[HM_RECORDER];

	if (recorder->phase == HM_WORKER_RUNNING)
		return NULL;
	if (hm_shared->launcher == NULL &&
		(hm_shared->launcher_seen || never_any_recorder(now)))
		return "the launcher is not running";
	if (recorder->phase == HM_WORKER_ABSENT &&
		(recorder->retry_at > now || hm_shared->no_process_until > now))
		return "no recorder could be started";
	if (hm_shared_kept_away(entry->oid))
		return "its recorder is kept away";
	return NULL;
}

/* The slot must have been found free. */
static void
fill(HmSlot *slot, HmDatabase *entry, const Message *message)
{
	slot->state = HM_SLOT_READY;
	slot->kind = message->kind;
	slot->database = entry->oid;
	slot->witnessed = false;
	slot->ticket = ++hm_ring->last_ticket;
	slot->waiter = NULL;
	slot->fold_key = message->fold_key;
	memset(&slot->folded, 0, sizeof(HmGap));
	slot->length = message->length;
	memcpy(slot->bytes, message->bytes, message->length);
	hm_ring->used++;
	entry->depth++;
}

static void
release(HmSlot *slot, HmDatabase *entry)
{
	slot->state = HM_SLOT_FREE;
	slot->waiter = NULL;
	hm_ring->used--;
	entry->depth--;
}

static HmSlot *
claim(HmDatabase *entry, const Message *message)
{
	if (hm_ring->used >= hm_ring->nslots ||
		entry->depth >= DATABASE_SHARE(hm_ring->nslots))
		return NULL;
	for (int i = 0; i < hm_ring->nslots; i++)
	{
		if (hm_ring->slots[i].state == HM_SLOT_FREE)
		{
			fill(&hm_ring->slots[i], entry, message);
			return &hm_ring->slots[i];
		}
	}
	return NULL;
}

/* The slot that counts messages of this key, an old or a new one, or NULL. */
static HmSlot *
claim_folding(HmDatabase *entry, const Message *message, PGPROC **wake)
{
	HmSlot	   *slot;
	int			folding = 0;

	for (int i = 0; i < hm_ring->nslots; i++)
	{
		slot = &hm_ring->slots[i];
		if (slot->state != HM_SLOT_FOLDING)
			continue;
		if (slot->fold_key == message->fold_key &&
			slot->database == entry->oid && slot->kind == message->kind)
			return slot;
		folding++;
	}
	if (folding >= FOLDING_SHARE(hm_ring->nslots))
		return NULL;
	slot = claim(entry, message);
	if (slot)
	{
		slot->state = HM_SLOT_FOLDING;
		*wake = hm_shared_whom_to_wake(entry, HM_RECORDER);
	}
	return slot;
}

/* Only counts the message, if it is one of a flood. */
static bool
fold(HmDatabase *entry, const Message *message, TimestampTz now,
	 PGPROC **wake)
{
	HmSlot	   *slot;

	if (message->fold_key == 0 ||
		hm_fold_passes(fold_table, entry->oid, message->fold_key, now))
		return false;
	slot = claim_folding(entry, message, wake);
	if (slot == NULL)
		return false;
	if (slot->folded.count++ == 0)
		slot->folded.first = now;
	slot->folded.last = now;
	entry->folded++;
	return true;
}

static void
place(Placement *placement, const Message *message)
{
	TimestampTz now = GetCurrentTimestamp();
	HmDatabase *entry = hm_shared_obtain(message->database);

	if (entry == NULL)
	{
		placement->reason = "hipaa_migrate.max_databases is reached";
		return;
	}
	placement->reason = why_no_recorder(entry, now);
	if (!never_any_recorder(now) && message->length <= HM_MESSAGE_MAX)
	{
		placement->counted = fold(entry, message, now, &placement->wake);
		if (placement->counted)
			return;
		placement->slot = claim(entry, message);
		if (placement->slot == NULL)
		{
			placement->reason = "the ring is full";
			entry->overflows++;
		}
	}
	else if (placement->reason == NULL)
		placement->reason = "it is too long for the ring";
	if (placement->slot == NULL)
		hm_witness_count_lost(entry, 1, now);
	placement->wake = hm_shared_whom_to_wake(entry, HM_RECORDER);
}

/* Ends the wait when the slot has been dealt with, or there is no hope. */
static bool
settle(HmSlot *slot, bool give_up, HmRingResult *result)
{
	HmDatabase *entry;
	bool		settled = true;

	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	entry = hm_shared_find(slot->database);
	if (slot->state == HM_SLOT_RECORDED || slot->state == HM_SLOT_LOST)
	{
		*result = slot->state == HM_SLOT_RECORDED ?
			HM_RING_RECORDED : HM_RING_LOST;
		release(slot, entry);
	}
	else if (give_up || (slot->state == HM_SLOT_READY &&
						 why_no_recorder(entry, GetCurrentTimestamp())))
	{
		*result = HM_RING_QUEUED;
		slot->waiter = NULL;
		slot->witnessed = true;
	}
	else
		settled = false;
	LWLockRelease(hm_shared->lock);
	return settled;
}

static HmRingResult
wait_for_recorder(HmSlot *slot, int wait_ms)
{
	TimestampTz until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													wait_ms);
	HmRingResult result = HM_RING_QUEUED;

	for (;;)
	{
		long		rest = TimestampDifferenceMilliseconds(GetCurrentTimestamp(),
														   until);

		if (settle(slot, rest <= 0, &result))
			break;
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 rest, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
	}
	/* It may have been set for somebody above us. */
	SetLatch(MyLatch);
	return result;
}

/* Is there a ring, and may this process touch it as it is? */
static bool
can_place(void)
{
	return hm_shared != NULL && IsUnderPostmaster && MyProc != NULL &&
		OidIsValid(MyDatabaseId) && CritSectionCount == 0 &&
		!RecoveryInProgress() && !LWLockHeldByMe(hm_shared->lock);
}

static HmRingResult
send_message(const Message *message, int wait_ms)
{
	Placement	placement = {0};
	HmRingResult result;

	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	place(&placement, message);
	if (placement.slot && placement.reason == NULL && wait_ms > 0)
		placement.slot->waiter = MyProc;
	else if (placement.slot && placement.reason)
		placement.slot->witnessed = true;
	LWLockRelease(hm_shared->lock);
	hm_shared_wake(placement.wake);

	if (placement.counted)
		return HM_RING_QUEUED;
	if (placement.slot && placement.reason == NULL)
	{
		if (wait_ms <= 0)
			return HM_RING_QUEUED;
		result = wait_for_recorder(placement.slot, wait_ms);
		if (result != HM_RING_QUEUED)
			return result;
		placement.reason = "the recorder took too long";
	}
	hm_witness(message->database, message->kind, message->bytes,
			   message->length, placement.reason);
	return placement.slot ? HM_RING_QUEUED : HM_RING_LOST;
}

HmRingResult
hm_ring_send(Oid database, HmMessageKind kind, const char *bytes, Size length,
			 uint64 fold_key, int wait_ms)
{
	Message		message = {
		.database = database,
		.kind = kind,
		.bytes = bytes,
		.length = length,
		.fold_key = fold_key
	};
	HmRingResult result;

	if (!can_place())
	{
		hm_witness(database, kind, bytes, length,
				   "this process cannot reach a recorder");
		return HM_RING_LOST;
	}
	HOLD_INTERRUPTS();
	result = send_message(&message, wait_ms);
	RESUME_INTERRUPTS();
	return result;
}

/* Is anything on its way that is not younger than that ticket? */
static bool
is_unsettled(Oid database, uint64 ticket)
{
	for (int i = 0; i < hm_ring->nslots; i++)
	{
		const HmSlot *slot = &hm_ring->slots[i];

		if ((slot->state == HM_SLOT_READY || slot->state == HM_SLOT_TAKEN) &&
			slot->database == database && slot->ticket <= ticket)
			return true;
	}
	return false;
}

/* *ticket 0: that of the youngest is filled in. */
static bool
look_whether_settled(Oid database, uint64 *ticket, bool *hopeless)
{
	const HmDatabase *entry;
	bool		settled;

	LWLockAcquire(hm_shared->lock, LW_SHARED);
	if (*ticket == 0)
		*ticket = hm_ring->last_ticket;
	settled = !is_unsettled(database, *ticket);
	entry = hm_shared_find(database);
	*hopeless = entry && why_no_recorder(entry, GetCurrentTimestamp());
	LWLockRelease(hm_shared->lock);
	return settled;
}

bool
hm_ring_settle(Oid database, int wait_ms)
{
	TimestampTz until = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
													wait_ms);
	uint64		ticket = 0;
	bool		hopeless;

	if (!can_place())
		return false;
	while (!look_whether_settled(database, &ticket, &hopeless))
	{
		if (hopeless || GetCurrentTimestamp() >= until)
			return false;
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 SETTLE_POLL_MS, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
	return true;
}

/*
 * The recorder's side.
 */

static TimestampTz
due_at(const HmSlot *slot)
{
	return Min(slot->folded.first + HM_FOLD_MINUTE,
			   slot->folded.last + HM_FOLD_QUIET);
}

static bool
is_ready(const HmSlot *slot, Oid database, bool flush, TimestampTz now)
{
	if (slot->database != database)
		return false;
	if (slot->state == HM_SLOT_FOLDING)
		return flush || due_at(slot) <= now;
	return slot->state == HM_SLOT_READY;
}

static HmSlot *
oldest_ready(Oid database, bool flush, TimestampTz now)
{
	HmSlot	   *oldest = NULL;

	for (int i = 0; i < hm_ring->nslots; i++)
	{
		HmSlot	   *slot = &hm_ring->slots[i];

		if (is_ready(slot, database, flush, now) &&
			(oldest == NULL || slot->ticket < oldest->ticket))
			oldest = slot;
	}
	return oldest;
}

int
hm_ring_take(Oid database, bool flush, HmSlot *slots[HM_RING_BATCH])
{
	TimestampTz now = GetCurrentTimestamp();
	HmSlot	   *slot;
	int			count = 0;

	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	while (count < HM_RING_BATCH &&
		   (slot = oldest_ready(database, flush, now)) != NULL)
	{
		slot->state = HM_SLOT_TAKEN;
		slots[count++] = slot;
	}
	LWLockRelease(hm_shared->lock);
	return count;
}

/* Returns whom to wake. */
static PGPROC *
acknowledge(HmSlot *slot, HmDatabase *entry, bool recorded, TimestampTz now)
{
	PGPROC	   *waiter = slot->waiter;

	if (recorded)
	{
		entry->recorded++;
		entry->late += slot->witnessed;
	}
	else
		hm_witness_count_lost(entry, Max(slot->folded.count, 1), now);
	if (waiter)
		slot->state = recorded ? HM_SLOT_RECORDED : HM_SLOT_LOST;
	else
		release(slot, entry);
	return waiter;
}

void
hm_ring_acknowledge(HmSlot *const *slots, int count, bool recorded)
{
	TimestampTz now = GetCurrentTimestamp();
	PGPROC	   *wake[HM_RING_BATCH];

	Assert(count <= HM_RING_BATCH);
	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	for (int i = 0; i < count; i++)
		wake[i] = acknowledge(slots[i], hm_shared_find(slots[i]->database),
							  recorded, now);
	LWLockRelease(hm_shared->lock);
	for (int i = 0; i < count; i++)
		hm_shared_wake(wake[i]);
}

/* Folded ones go back as they are; whoever comes next has them due. */
void
hm_ring_give_back(Oid database)
{
	Assert(LWLockHeldByMeInMode(hm_shared->lock, LW_EXCLUSIVE));
	for (int i = 0; i < hm_ring->nslots; i++)
	{
		HmSlot	   *slot = &hm_ring->slots[i];

		if (slot->state == HM_SLOT_TAKEN && slot->database == database)
			slot->state = HM_SLOT_READY;
	}
}

TimestampTz
hm_ring_next_due(Oid database)
{
	TimestampTz next = 0;

	LWLockAcquire(hm_shared->lock, LW_SHARED);
	for (int i = 0; i < hm_ring->nslots; i++)
	{
		const HmSlot *slot = &hm_ring->slots[i];

		if (slot->state == HM_SLOT_FOLDING && slot->database == database &&
			(next == 0 || due_at(slot) < next))
			next = due_at(slot);
	}
	LWLockRelease(hm_shared->lock);
	return next;
}

bool
hm_ring_has_work(const HmDatabase *entry)
{
	if (entry->gap.count > 0)
		return true;
	for (int i = 0; entry->depth > 0 && i < hm_ring->nslots; i++)
	{
		const HmSlot *slot = &hm_ring->slots[i];

		if (slot->database == entry->oid &&
			(slot->state == HM_SLOT_READY || slot->state == HM_SLOT_FOLDING))
			return true;
	}
	return false;
}

void
hm_ring_forget(HmDatabase *entry)
{
	Assert(LWLockHeldByMeInMode(hm_shared->lock, LW_EXCLUSIVE));
	for (int i = 0; entry->depth > 0 && i < hm_ring->nslots; i++)
	{
		HmSlot	   *slot = &hm_ring->slots[i];

		if (slot->state != HM_SLOT_FREE && slot->database == entry->oid)
			release(slot, entry);
	}
}

/* Takes one that is nowhere else yet and has no recorder. */
static HmSlot *
take_unwitnessed(HmSlotState *state)
{
	HmSlot	   *found = NULL;

	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	for (int i = 0; found == NULL && i < hm_ring->nslots; i++)
	{
		HmSlot	   *slot = &hm_ring->slots[i];
		HmDatabase *entry;

		if (slot->witnessed || (slot->state != HM_SLOT_READY &&
								slot->state != HM_SLOT_FOLDING))
			continue;
		entry = hm_shared_find(slot->database);
		if (entry->workers[HM_RECORDER].phase != HM_WORKER_RUNNING)
			found = slot;
	}
	if (found)
	{
		*state = found->state;
		found->state = HM_SLOT_TAKEN;
	}
	LWLockRelease(hm_shared->lock);
	return found;
}

void
hm_ring_witness_all(void)
{
	HmSlot	   *slot;
	HmSlotState state;

	while ((slot = take_unwitnessed(&state)) != NULL)
	{
		PGPROC	   *waiter;

		hm_witness(slot->database, slot->kind, slot->bytes, slot->length,
				   "the launcher ends");
		LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
		slot->state = state;
		slot->witnessed = true;
		waiter = slot->waiter;
		LWLockRelease(hm_shared->lock);
		hm_shared_wake(waiter);
	}
}
