/*
 * src/audit/shared.h
 *	  What the processes of the record share: one entry for each database
 *	  that has something to record, and who is at work in it.
 *
 * A launcher starts, for each database, a recorder (writes what other
 * processes put into the ring, ring.h) and a sealer (sealer.h).  All they
 * share is lost in a crash and made anew.
 *
 * Locking.  There is one lock, hm_shared->lock, over the entries, the ring
 * (ring.h) and the table of repeated events (fold.h); each is held for the
 * time of copying a message at most.  While it is held nothing is allocated,
 * logged, waited for or raised, and no other lock is taken.  Latches are set
 * after it is let go.  Without the lock may be used:
 *
 *	boot_id, booted_at, ndatabases	set when shared memory is made;
 *	HmDatabase.unsealed_since		atomic;
 *	HmDatabase.sealed				a condition variable, has its own lock;
 *	HmDatabase.settled_epoch[s]		used by the database's sealer only;
 *	the bytes of a slot that is taken by the recorder (ring.h).
 *
 * A PGPROC is never freed, so that to set the latch of one whose process has
 * ended meanwhile wakes somebody for nothing, and does no other harm.
 */
#ifndef HM_AUDIT_SHARED_H
#define HM_AUDIT_SHARED_H

#include "port/atomics.h"
#include "storage/condition_variable.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

typedef enum HmRole
{
	HM_RECORDER,
	HM_SEALER
} HmRole;

#define HM_ROLES 2

typedef enum HmWorkerPhase
{
	HM_WORKER_ABSENT,
	HM_WORKER_STARTING,			/* asked for, has not come yet */
	HM_WORKER_RUNNING
} HmWorkerPhase;

typedef struct HmWorker
{
	HmWorkerPhase phase;
	uint64		attempt;		/* number of its start */
	pid_t		pid;			/* of a running one */
	PGPROC	   *proc;
	bool		busy;			/* not just lingering */
	bool		leave;			/* another database waits for its place */
	TimestampTz since;			/* in this phase */
	TimestampTz retry_at;		/* not started again before */
	int			failures;		/* in a row */
	int			sqlstate;		/* of the last failure */
	TimestampTz failed_at;
} HmWorker;

/* Events that are in no row: only counted, and in the WAL and the log. */
typedef struct HmGap
{
	int64		count;
	TimestampTz first;
	TimestampTz last;
} HmGap;

typedef struct HmDatabase
{
	Oid			oid;			/* InvalidOid: the entry is free */
	bool		visited;		/* by a sealer, since the start */
	HmWorker	workers[HM_ROLES];

	/* The ring. */
	int			depth;			/* slots it holds */
	HmGap		gap;			/* not yet on record themselves */
	int64		recorded;		/* messages, since the start */
	int64		late;			/* recorded after their sender gave up */
	int64		lost;
	int64		overflows;		/* of the lost, because the ring was full */
	int64		folded;
	TimestampTz lost_at;

	/* Seals.  A request is done or failed when its number is reached. */
	pg_atomic_uint64 unsealed_since;	/* first unsealed commit, or 0 */
	uint64		seals_requested;
	uint64		seals_done;
	uint64		seals_failed;
	TimestampTz sealed_at;
	TimestampTz hand_out_at;	/* a digest is to be handed out again, or 0 */
	ConditionVariable sealed;	/* done or failed has changed */

	/*
	 * Nothing is left to adopt while so many epochs are there, and this open.
	 */
	pg_uuid_t	settled_epoch;
	int			settled_epochs;
} HmDatabase;

/* More at a time wait for nothing: their commands may find us in the way. */
#define HM_KEEP_AWAY_MAX 64

typedef struct HmKeepAway
{
	Oid			database;		/* InvalidOid: free */
	pid_t		pid;			/* for whom */
} HmKeepAway;

/* A setting with a longer text is not remembered. */
#define HM_SETTING_MAX 128

typedef struct HmShared
{
	LWLock	   *lock;
	uint64		boot_id;
	TimestampTz booted_at;

	PGPROC	   *launcher;		/* NULL: not running */
	pid_t		launcher_pid;
	bool		launcher_seen;	/* has run since the start */
	bool		rescan;			/* there may be another database */
	uint64		attempts;		/* to start a worker */
	bool		waiting;		/* a database waits for a place */

	/* Shortages, since the start. */
	int64		processes_short;	/* max_worker_processes reached */
	TimestampTz processes_short_at;
	TimestampTz no_process_until;	/* and none of ours to leave */
	int64		places_short;	/* hipaa_migrate.max_workers reached */
	TimestampTz places_short_at;
	int64		databases_short;	/* hipaa_migrate.max_databases reached */

	/* The longest hipaa_migrate.audit_retention since the start. */
	char		retention[HM_SETTING_MAX];
	TimestampTz retention_until;	/* when it was found lowered, or 0 */

	HmKeepAway	keep_away[HM_KEEP_AWAY_MAX];
	int			ndatabases;
	HmDatabase	databases[FLEXIBLE_ARRAY_MEMBER];
} HmShared;

extern HmShared *hm_shared;		/* NULL: no shared memory (bootstrap) */

/* In _PG_init: has the shared memory made. */
extern void hm_shared_init(void);

/* A random number of this start of the server. */
extern uint64 hm_shared_boot_id(void);

/*
 * The entry of a database, or NULL.  The lock is held; obtain, which makes
 * an entry if there is none and room, needs it exclusively.
 */
extern HmDatabase *hm_shared_find(Oid database);
extern HmDatabase *hm_shared_obtain(Oid database);

/* Frees the entry; its slots must have been freed. */
extern void hm_shared_remove(HmDatabase *entry);

/* Is it kept free of our processes?  The lock is held. */
extern bool hm_shared_kept_away(Oid database);

/*
 * A process to wake so that work of this kind is done: the worker that runs,
 * or the launcher that will start one, or NULL.  The lock is held.
 */
extern PGPROC *hm_shared_whom_to_wake(const HmDatabase *entry, HmRole role);
extern void hm_shared_wake(PGPROC *proc);

/*
 * To be called when a transaction that appended to the record has committed
 * and its rows can be seen.  Raises nothing.
 */
extern void hm_shared_mark_unsealed(void);

/*
 * Has every database that has a record visited as if something had been
 * committed there: settings may have changed, which is put on record.
 */
extern void hm_shared_mark_all_unsealed(void);

/* What migrate_health() shows. */
typedef struct HmDatabaseStatus
{
	pid_t		launcher_pid;	/* 0: not running */
	bool		launcher_seen;	/* it was, since the start */
	bool		known;			/* this database has an entry */
	bool		visited;
	pid_t		recorder_pid;	/* 0: not running, maybe not needed */
	pid_t		sealer_pid;
	int			recorder_failures;	/* in a row; sqlstate of the last */
	int			recorder_sqlstate;
	int			sealer_failures;
	int			sealer_sqlstate;
	TimestampTz sealer_failed_at;

	int			ring_slots;
	int			ring_used;		/* by all databases */
	int			ring_depth;		/* by this one */
	int64		recorded;
	int64		late;
	int64		lost;
	int64		overflows;
	int64		folded;
	int64		gap;			/* of the lost, not yet on record as such */
	TimestampTz lost_at;

	TimestampTz unsealed_since; /* 0: nothing is unsealed */
	TimestampTz sealed_at;		/* 0: not since the start */

	int			workers;		/* recorders and sealers of all databases */
	int			workers_waiting;	/* wanted and not running */
	int64		processes_short;
	TimestampTz processes_short_at;
	int			processes_wanted;	/* what to set max_worker_processes to */
	int64		places_short;
	TimestampTz places_short_at;
	int64		databases_short;
	int			databases;
} HmDatabaseStatus;

extern HmDatabaseStatus hm_shared_status(Oid database);

#endif							/* HM_AUDIT_SHARED_H */
