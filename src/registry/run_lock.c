/*
 * src/registry/run_lock.c
 *	  One runner at a time in a database.
 */
#include "postgres.h"

#include "base/compat.h"
#include "base/errors.h"
#include "base/query.h"
#include "base/settings.h"
#include "catalog/pg_extension.h"
#include "catalog/pg_type.h"
#include "commands/extension.h"
#include "registry/run_lock.h"
#include "storage/latch.h"
#include "storage/lock.h"
#include "utils/timestamp.h"
#include "utils/wait_event.h"

#define POLL_INTERVAL_MS 50

/* Sub-objects of the extension: column 3 of such a lock in pg_locks. */
enum
{
	LOCK_RUN = 1,
	LOCK_CONCURRENT_STEP = 2
};

/* Found once: looking it up takes a snapshot. */
static Oid	extension = InvalidOid;

static LOCKTAG
make_tag(int what)
{
	LOCKTAG		tag;

	Assert(OidIsValid(extension));
	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, ExtensionRelationId, extension,
					   what);
	return tag;
}

static bool
try_lock(int what, bool session)
{
	LOCKTAG		tag = make_tag(what);

	return LockAcquire(&tag, ExclusiveLock, session, true) !=
		LOCKACQUIRE_NOT_AVAIL;
}

static void
unlock(int what)
{
	LOCKTAG		tag = make_tag(what);

	LockRelease(&tag, ExclusiveLock, true);
}

static bool
concurrent_step_runs(void)
{
	LOCKTAG		tag = make_tag(LOCK_CONCURRENT_STEP);

	if (LockAcquire(&tag, ShareLock, false, true) == LOCKACQUIRE_NOT_AVAIL)
		return true;
	LockRelease(&tag, ShareLock, false);
	return false;
}

/* Who holds the lock, as a sentence; NULL if it has just been released. */
static char *
describe_holder(void)
{
	static HmStatement find = {
		"SELECT CASE WHEN l.pid IS NULL THEN"
		"         pg_catalog.format('Prepared transaction \"%s\" of user \"%s\" holds its locks since %s.',"
		"           p.gid, p.owner, pg_catalog.date_trunc('second', p.prepared))"
		"       ELSE"
		"         pg_catalog.format('Process %s of user \"%s\" has been %s since %s.',"
		"           l.pid, COALESCE(a.usename, '?'),"
		"           CASE WHEN a.state LIKE 'idle in%' THEN 'idle in its transaction'"
		"                ELSE 'running' END,"
		"           pg_catalog.date_trunc('second',"
		"             CASE WHEN a.state LIKE 'idle in%' THEN a.state_change"
		"                  ELSE a.query_start END))"
		"       END"
		"  FROM pg_catalog.pg_locks AS l"
		"  LEFT JOIN pg_catalog.pg_stat_activity AS a USING (pid)"
		"  LEFT JOIN pg_catalog.pg_locks AS x"
		"       ON l.pid IS NULL AND x.locktype = 'transactionid'"
		"      AND x.virtualtransaction = l.virtualtransaction"
		"  LEFT JOIN pg_catalog.pg_prepared_xacts AS p"
		"       ON p.transaction = x.transactionid"
		" WHERE l.locktype = 'object' AND l.granted"
		"   AND l.database = $1 AND l.classid = $2 AND l.objid = $3"
		"   AND l.objsubid = 1",
		3, {OIDOID, OIDOID, OIDOID}
	};
	MemoryContext context = CurrentMemoryContext;
	Datum		values[3];
	char	   *holder = NULL;
	HmBracket	bracket;

	values[0] = ObjectIdGetDatum(MyDatabaseId);
	values[1] = ObjectIdGetDatum(ExtensionRelationId);
	values[2] = ObjectIdGetDatum(extension);
	hm_query_begin(&bracket);
	if (hm_query_run(&find, values, NULL, false) > 0)
		holder = MemoryContextStrdup(context, hm_query_text(0, 1));
	hm_query_end(&bracket);
	return holder;
}

static void
refuse_busy(const char *hint)
{
	char	   *holder = describe_holder();

	ereport(ERROR,
			(errcode(HM_ERRCODE_RUNNER_BUSY),
			 errmsg("another run of migrations is in progress in this database"),
			 holder ? errdetail("%s", holder) : 0,
			 errhint("%s", hint)));
}

static void
sleep_a_little(void)
{
	(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
					 POLL_INTERVAL_MS, PG_WAIT_EXTENSION);
	ResetLatch(MyLatch);
	CHECK_FOR_INTERRUPTS();
}

void
hm_run_lock_prepare(void)
{
	extension = get_extension_oid("hipaa_migrate", false);
}

void
hm_run_lock_acquire(HmRunLockScope scope)
{
	TimestampTz start = GetCurrentTimestamp();

	if (scope == HM_LOCK_TRANSACTION)
		hm_run_lock_prepare();
	while (!try_lock(LOCK_RUN, scope == HM_LOCK_SESSION))
	{
		if (scope == HM_LOCK_TRANSACTION && concurrent_step_runs())
			refuse_busy("It waits for all open transactions, so this one cannot wait for it: try again later, or use CALL migrate_deploy(), which can.");
		if (TimestampDifferenceExceeds(start, GetCurrentTimestamp(),
									   hm_setting_runner_wait))
			refuse_busy("Try again later, or wait longer: SET hipaa_migrate.runner_wait = '10min';");
		sleep_a_little();
	}
}

void
hm_run_lock_release(void)
{
	unlock(LOCK_RUN);
}

void
hm_run_lock_begin_concurrent_step(void)
{
	(void) try_lock(LOCK_CONCURRENT_STEP, true);
}

void
hm_run_lock_end_concurrent_step(void)
{
	unlock(LOCK_CONCURRENT_STEP);
}
