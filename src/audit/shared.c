/*
 * src/audit/shared.c
 *	  What the processes of the record share.
 */
#include "postgres.h"

#include "audit/ring.h"
#include "audit/shared.h"
#include "base/compat.h"
#include "base/settings.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/shmem.h"

#define TRANCHE "hipaa_migrate"

HmShared   *hm_shared;

static shmem_request_hook_type previous_request_hook;
static shmem_startup_hook_type previous_startup_hook;

static Size
shared_size(void)
{
	return add_size(offsetof(HmShared, databases),
					mul_size(hm_setting_max_databases, sizeof(HmDatabase)));
}

static void
request(void)
{
	if (previous_request_hook)
		previous_request_hook();
	RequestAddinShmemSpace(shared_size());
	RequestAddinShmemSpace(hm_ring_size());
	RequestNamedLWLockTranche(TRANCHE, 1);
}

static void
initialize(void)
{
	memset(hm_shared, 0, shared_size());
	hm_shared->lock = &GetNamedLWLockTranche(TRANCHE)->lock;
	if (!pg_strong_random(&hm_shared->boot_id, sizeof(uint64)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate a random number")));
	hm_shared->booted_at = GetCurrentTimestamp();
	hm_shared->ndatabases = hm_setting_max_databases;
	for (int i = 0; i < hm_shared->ndatabases; i++)
	{
		pg_atomic_init_u64(&hm_shared->databases[i].unsealed_since, 0);
		ConditionVariableInit(&hm_shared->databases[i].sealed);
	}
}

static void
startup(void)
{
	bool		found;

	if (previous_startup_hook)
		previous_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	hm_shared = ShmemInitStruct("hipaa_migrate", shared_size(), &found);
	if (!found)
		initialize();
	hm_ring = ShmemInitStruct("hipaa_migrate ring", hm_ring_size(), &found);
	hm_ring_initialize(found);
	LWLockRelease(AddinShmemInitLock);
}

void
hm_shared_init(void)
{
	previous_request_hook = shmem_request_hook;
	shmem_request_hook = request;
	previous_startup_hook = shmem_startup_hook;
	shmem_startup_hook = startup;
}

uint64
hm_shared_boot_id(void)
{
	return hm_shared->boot_id;
}

HmDatabase *
hm_shared_find(Oid database)
{
	Assert(LWLockHeldByMe(hm_shared->lock));
	for (int i = 0; i < hm_shared->ndatabases; i++)
	{
		if (hm_shared->databases[i].oid == database)
			return &hm_shared->databases[i];
	}
	return NULL;
}

HmDatabase *
hm_shared_obtain(Oid database)
{
	HmDatabase *entry = hm_shared_find(database);

	Assert(OidIsValid(database));
	if (entry)
		return entry;
	entry = hm_shared_find(InvalidOid);
	if (entry)
		entry->oid = database;
	else
		hm_shared->databases_short++;
	return entry;
}

/* The condition variable and the numbers of requests go on. */
void
hm_shared_remove(HmDatabase *entry)
{
	Assert(LWLockHeldByMeInMode(hm_shared->lock, LW_EXCLUSIVE));
	Assert(entry->depth == 0);
	entry->oid = InvalidOid;
	entry->visited = false;
	memset(entry->workers, 0, sizeof(entry->workers));
	memset(&entry->gap, 0, sizeof(HmGap));
	entry->recorded = entry->late = entry->lost = 0;
	entry->overflows = entry->folded = 0;
	entry->lost_at = entry->sealed_at = entry->hand_out_at = 0;
	pg_atomic_write_u64(&entry->unsealed_since, 0);
	entry->seals_failed = entry->seals_requested;
	entry->settled_epochs = 0;
}

bool
hm_shared_kept_away(Oid database)
{
	Assert(LWLockHeldByMe(hm_shared->lock));
	for (int i = 0; i < HM_KEEP_AWAY_MAX; i++)
	{
		if (hm_shared->keep_away[i].database == database)
			return true;
	}
	return false;
}

PGPROC *
hm_shared_whom_to_wake(const HmDatabase *entry, HmRole role)
{
	const HmWorker *worker = &entry->workers[role];

	return worker->phase == HM_WORKER_RUNNING ?
		worker->proc : hm_shared->launcher;
}

void
hm_shared_wake(PGPROC *proc)
{
	if (proc)
		SetLatch(&proc->procLatch);
}

/* The first after a seal marks the entry and wakes who will seal it. */
static PGPROC *
mark(HmDatabase *entry)
{
	uint64		none = 0;

	if (!pg_atomic_compare_exchange_u64(&entry->unsealed_since, &none,
										GetCurrentTimestamp()))
		return NULL;
	return hm_shared_whom_to_wake(entry, HM_SEALER);
}

void
hm_shared_mark_all_unsealed(void)
{
	for (int i = 0; i < hm_shared->ndatabases; i++)
	{
		PGPROC	   *wake = NULL;

		LWLockAcquire(hm_shared->lock, LW_SHARED);
		if (OidIsValid(hm_shared->databases[i].oid))
			wake = mark(&hm_shared->databases[i]);
		LWLockRelease(hm_shared->lock);
		hm_shared_wake(wake);
	}
}

void
hm_shared_mark_unsealed(void)
{
	HmDatabase *entry;
	PGPROC	   *wake = NULL;

	if (hm_shared == NULL || !OidIsValid(MyDatabaseId))
		return;
	LWLockAcquire(hm_shared->lock, LW_SHARED);
	entry = hm_shared_find(MyDatabaseId);
	if (entry)
		wake = mark(entry);
	LWLockRelease(hm_shared->lock);
	if (entry == NULL)
	{
		LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
		entry = hm_shared_obtain(MyDatabaseId);
		if (entry)
			wake = mark(entry);
		LWLockRelease(hm_shared->lock);
	}
	hm_shared_wake(wake);
}
