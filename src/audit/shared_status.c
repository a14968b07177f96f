/*
 * src/audit/shared_status.c
 *	  How the processes of the record are doing.
 */
#include "postgres.h"

#include "audit/ring.h"
#include "audit/sealer.h"
#include "audit/shared.h"
#include "base/compat.h"
#include "base/settings.h"
#include "postmaster/bgworker.h"

static void
describe_worker(const HmWorker *worker, pid_t *pid, int *failures,
				int *sqlstate)
{
	*pid = worker->phase == HM_WORKER_RUNNING ? worker->pid : 0;
	*failures = worker->failures;
	*sqlstate = worker->sqlstate;
}

static void
describe_database(HmDatabaseStatus *status, const HmDatabase *entry)
{
	status->known = true;
	status->visited = entry->visited;
	describe_worker(&entry->workers[HM_RECORDER], &status->recorder_pid,
					&status->recorder_failures, &status->recorder_sqlstate);
	describe_worker(&entry->workers[HM_SEALER], &status->sealer_pid,
					&status->sealer_failures, &status->sealer_sqlstate);
	status->sealer_failed_at = entry->workers[HM_SEALER].failed_at;
	status->ring_depth = entry->depth;
	status->recorded = entry->recorded;
	status->late = entry->late;
	status->lost = entry->lost;
	status->overflows = entry->overflows;
	status->folded = entry->folded;
	status->gap = entry->gap.count;
	status->lost_at = entry->lost_at;
	status->unsealed_since = pg_atomic_read_u64((pg_atomic_uint64 *)
												&entry->unsealed_since);
	status->sealed_at = entry->sealed_at;
}

static void
count_workers(HmDatabaseStatus *status, const HmDatabase *entry,
			  TimestampTz now)
{
	const HmWorker *recorder = &entry->workers[HM_RECORDER];
	const HmWorker *sealer = &entry->workers[HM_SEALER];
	TimestampTz next = 0;

	status->databases++;
	status->workers += recorder->phase != HM_WORKER_ABSENT;
	status->workers += sealer->phase != HM_WORKER_ABSENT;
	if (recorder->phase == HM_WORKER_ABSENT && hm_ring_has_work(entry))
		status->workers_waiting++;
	if (sealer->phase == HM_WORKER_ABSENT &&
		hm_sealer_is_due(entry, now, &next))
		status->workers_waiting++;
}

/* The lock is held. */
static void
describe_service(HmDatabaseStatus *status, TimestampTz now)
{
	status->launcher_pid = hm_shared->launcher_pid;
	status->launcher_seen = hm_shared->launcher_seen;
	status->ring_slots = hm_ring->nslots;
	status->ring_used = hm_ring->used;
	status->processes_short = hm_shared->processes_short;
	status->processes_short_at = hm_shared->processes_short_at;
	status->places_short = hm_shared->places_short;
	status->places_short_at = hm_shared->places_short_at;
	status->databases_short = hm_shared->databases_short;
	for (int i = 0; i < hm_shared->ndatabases; i++)
	{
		if (OidIsValid(hm_shared->databases[i].oid))
			count_workers(status, &hm_shared->databases[i], now);
	}

	/* Enough for us if the others go on using what they use. */
	status->processes_wanted = max_worker_processes +
		Max(hm_setting_max_workers - status->workers, 1) +
		(hm_shared->launcher_seen ? 0 : 1);
}

HmDatabaseStatus
hm_shared_status(Oid database)
{
	HmDatabaseStatus status = {0};
	TimestampTz now = GetCurrentTimestamp();
	const HmDatabase *entry;

	if (hm_shared == NULL)
		return status;
	LWLockAcquire(hm_shared->lock, LW_SHARED);
	describe_service(&status, now);
	entry = hm_shared_find(database);
	if (entry)
		describe_database(&status, entry);
	LWLockRelease(hm_shared->lock);
	return status;
}
