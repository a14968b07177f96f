/*
 * src/report/health_sql.c
 *	  SQL function migrate_health: what works, and what mends the rest.
 *
 * Each check puts one row.  Nothing here is wrong only because it was looked
 * at: on a standby the processes of the primary are not expected, and a
 * database in which nothing happens needs none.
 */
#include "postgres.h"

#include <sys/statvfs.h>

#include "access/xlog.h"
#include "audit/capability.h"
#include "audit/retention.h"
#include "audit/shared.h"
#include "base/query.h"
#include "base/settings.h"
#include "catalog/pg_type.h"
#include "funcapi.h"
#include "guard/break_glass.h"
#include "guard/server.h"
#include "miscadmin.h"
#include "report/namesakes.h"
#include "report/policy_health.h"
#include "report/status_row.h"
#include "utils/guc.h"

PG_FUNCTION_INFO_V1(hm_migrate_health);

#define MINUTE		INT64CONST(60)	/* s */
#define HOUR		(60 * MINUTE)
#define DAY			(24 * HOUR)

typedef struct Health
{
	ReturnSetInfo *result;
	TimestampTz now;
	bool		standby;
	HmDatabaseStatus shared;

	/* Of audit_state and other tables; moments are 0 for null. */
	TimestampTz verified_at;
	char	   *verified_outcome;
	int64		digest_block;
	TimestampTz digest_at;
	int64		digest_failures;
	int64		failed_epochs;
	int64		holds;
	int64		pending;
	TimestampTz pending_until;	/* of the first that expires */
	HmRetention *retention;		/* NULL: there is no state */

	/* What passes the guard, and what passed it. */
	int64		open_glasses;
	char	   *opened_by;
	int64		reviews;
	int64		overdue;
	int64		exemptions;
	int64		expiring;
	TimestampTz drilled_at;		/* 0: never */
} Health;

#define OK			HM_STATUS_OK
#define WARN		HM_STATUS_WARNING
#define CRITICAL	HM_STATUS_CRITICAL

static void
put(const Health *health, const char *item, const char *status,
	const char *value, const char *message, const char *remedy)
{
	hm_status_row_put(health->result, item, status, value, message, remedy);
}

static int64
seconds_since(const Health *health, TimestampTz moment)
{
	return Max((health->now - moment) / USECS_PER_SEC, 0);
}

static char *
display_age(int64 seconds)
{
	if (seconds < 2 * MINUTE)
		return psprintf("%lld s", (long long) seconds);
	if (seconds < 2 * HOUR)
		return psprintf("%lld min", (long long) (seconds / MINUTE));
	if (seconds < 2 * DAY)
		return psprintf("%lld h", (long long) (seconds / HOUR));
	return psprintf("%lld days", (long long) (seconds / DAY));
}

static char *
display_count(int64 count)
{
	return psprintf("%lld", (long long) count);
}

/*
 * Processes.
 */

static void
check_launcher(const Health *health)
{
	if (health->standby)
		put(health, "launcher", OK, "standby",
			"the primary records and seals", NULL);
	else if (health->shared.launcher_pid != 0)
		put(health, "launcher", OK, "running", NULL, NULL);
	else
		put(health, "launcher", CRITICAL, "not running",
			"nothing is sealed, and what fails is not recorded",
			health->shared.launcher_seen ?
			"look into the server's log for why the hipaa_migrate launcher ends" :
			psprintf("ALTER SYSTEM SET max_worker_processes = %d; then restart the server",
					 health->shared.processes_wanted));
}

static void
check_worker(const Health *health, const char *item, pid_t pid, int failures,
			 int sqlstate)
{
	if (failures > 0)
		put(health, item, failures < 3 ? WARN : CRITICAL,
			psprintf("failed %d times", failures),
			psprintf("the last time with SQLSTATE %s",
					 unpack_sql_state(sqlstate)),
			psprintf("look into the server's log for errors of the hipaa_migrate %s",
					 item));
	else
		put(health, item, OK, pid != 0 ? "running" : "idle",
			pid != 0 ? NULL : "it is started when there is something to do",
			NULL);
}

/* What holds up those who wait, if the setting of ours does so now. */
static bool
waits_for_place(const HmDatabaseStatus *shared)
{
	return shared->workers_waiting > 0 && shared->places_short > 0 &&
		shared->places_short_at >= shared->processes_short_at;
}

static void
check_workers(const Health *health)
{
	const HmDatabaseStatus *shared = &health->shared;
	char	   *value = psprintf("%d of %d", shared->workers,
								 hm_setting_max_workers);

	check_worker(health, "recorder", shared->recorder_pid,
				 shared->recorder_failures, shared->recorder_sqlstate);
	check_worker(health, "sealer", shared->sealer_pid,
				 shared->sealer_failures, shared->sealer_sqlstate);
	if (shared->databases_short > 0)
		put(health, "workers", CRITICAL, value,
			"more databases have something to record than there are entries",
			psprintf("ALTER SYSTEM SET hipaa_migrate.max_databases = %d; then restart the server",
					 hm_setting_max_databases * 2));
	else if (waits_for_place(shared))
		put(health, "workers", WARN, value,
			psprintf("%d are waiting for their turn",
					 shared->workers_waiting),
			psprintf("ALTER SYSTEM SET hipaa_migrate.max_workers = %d; SELECT pg_reload_conf()",
					 hm_setting_max_workers + shared->workers_waiting));
	else if (shared->processes_short > 0)
		put(health, "workers", shared->workers_waiting > 0 ? CRITICAL : WARN,
			value, "the server had no worker process left",
			psprintf("ALTER SYSTEM SET max_worker_processes = %d; then restart the server",
					 Max(shared->processes_wanted, max_worker_processes + 1)));
	else
		put(health, "workers", OK, value, NULL, NULL);
}

static void
check_ring(const Health *health)
{
	const HmDatabaseStatus *shared = &health->shared;
	char	   *value = psprintf("%d of %d", shared->ring_used,
								 shared->ring_slots);

	if (shared->gap > 0)
		put(health, "ring", CRITICAL, value,
			psprintf("%lld events are only in the write-ahead log and the server's log",
					 (long long) shared->gap),
			shared->launcher_pid == 0 ? "see item launcher" :
			shared->recorder_failures > 0 ? "see item recorder" :
			"see item workers");
	else if (shared->overflows > 0)
		put(health, "ring", WARN, value,
			psprintf("it was full for %lld events since the start; they are counted in record.gap",
					 (long long) shared->overflows),
			psprintf("ALTER SYSTEM SET hipaa_migrate.ring_slots = %d; then restart the server",
					 hm_setting_ring_slots * 2));
	else if (shared->lost > 0)
		put(health, "ring", WARN, value,
			psprintf("%lld events were lost since the start; they are counted in record.gap",
					 (long long) shared->lost),
			"look into the server's log for errors of the hipaa_migrate recorder");
	else
		put(health, "ring", OK, value, NULL, NULL);
}

static void
check_unsealed(const Health *health)
{
	TimestampTz since = health->shared.unsealed_since;
	int64		patience = Max(MINUTE, 10 * hm_setting_seal_interval / 1000);
	int64		age;

	if (since == 0)
	{
		put(health, "unsealed", OK, "none", NULL, NULL);
		return;
	}
	age = seconds_since(health, since);
	if (age <= patience)
		put(health, "unsealed", OK, display_age(age), NULL, NULL);
	else
		put(health, "unsealed", age <= HOUR ? WARN : CRITICAL,
			display_age(age), "committed events wait to be sealed",
			health->shared.launcher_pid == 0 ? "see item launcher" :
			health->shared.sealer_failures > 0 ? "see item sealer" :
			"SELECT audit_seal()");
}

/*
 * What is in tables.
 */

/* Whether there is a state that the checks after this one can look at. */
static bool
check_state(const Health *health)
{
	if (health->retention)
		put(health, "state", OK, NULL, NULL, NULL);
	else
		put(health, "state", CRITICAL, "missing",
			"the record has no open epoch, so nothing can be recorded and no schema be changed",
			health->standby ? "SELECT audit_seal() on the primary" :
			health->shared.launcher_pid == 0 ? "see item launcher" :
			"SELECT audit_seal(); then see what SELECT * FROM audit_verify() reports");
	return health->retention != NULL;
}

static void
check_digest(const Health *health)
{
	char	   *value = health->digest_at == 0 ? "never" :
	psprintf("block %lld, %s ago", (long long) health->digest_block,
			 display_age(seconds_since(health, health->digest_at)));

	if (health->retention->clone)
		put(health, "digest", WARN, value,
			"a database that may be a copy hands out none",
			"say what it is: see item copy");
	else if (health->digest_failures > 0)
		put(health, "digest", health->digest_failures < 10 ? WARN : CRITICAL,
			value, psprintf("hipaa_migrate.digest_command failed %lld times",
							(long long) health->digest_failures),
			"mend the command; the server's log has its output");
	else if (*hm_setting_digest_command == '\0')
		put(health, "digest", WARN, value,
			"no digest leaves the server, so a rewritten record cannot be told from the true one",
			"ALTER SYSTEM SET hipaa_migrate.digest_command = 'cp %p /elsewhere/%b'; SELECT pg_reload_conf()");
	else
		put(health, "digest", OK, value, NULL, NULL);
}

static void
check_verification(const Health *health)
{
	const char *remedy = "SELECT * FROM audit_verify()";
	int64		age;

	if (health->verified_at == 0)
	{
		put(health, "verification", WARN, "never",
			"the record was not verified yet", remedy);
		return;
	}
	age = seconds_since(health, health->verified_at);
	if (health->verified_outcome == NULL ||
		strcmp(health->verified_outcome, "ok") != 0)
		put(health, "verification", CRITICAL, health->verified_outcome,
			psprintf("%s ago", display_age(age)),
			"SELECT * FROM audit_verify(report => 'all')");
	else
		put(health, "verification", age <= 7 * DAY ? OK : WARN, "ok",
			psprintf("%s ago", display_age(age)),
			age <= 7 * DAY ? NULL : remedy);
}

static void
check_clock(const Health *health)
{
	if (health->retention->clock_pending == 0)
		put(health, "clock", OK, "anchored", NULL, NULL);
	else
		put(health, "clock", WARN, "stepped",
			"retention counts by the clock from before the step",
			"SELECT audit_confirm_clock('reason'), then another person: SELECT * FROM migrate_confirm(id, 'reason')");
}

static void
check_copy(const Health *health)
{
	if (health->retention->clone)
		put(health, "copy", CRITICAL, "not confirmed",
			"this database may be a copy of another that is still alive",
			"SELECT audit_confirm_copy('moved', 'reason') if it is the only one that goes on, else audit_confirm_copy('copy', 'reason')");
	else
		put(health, "copy", OK, "no", NULL, NULL);
}

static void
check_restored(const Health *health)
{
	if (health->failed_epochs > 0)
		put(health, "restored record", CRITICAL,
			psprintf("%lld epochs failed", (long long) health->failed_epochs),
			"what a dump brought along does not verify",
			"SELECT * FROM hipaa_migrate.audit_epoch WHERE state = 'failed'");
	else
		put(health, "restored record", OK, NULL, NULL, NULL);
}

static void
check_retention(const Health *health)
{
	const HmRetention *retention = health->retention;

	put(health, "retention", retention->setting_ignored ? WARN : OK,
		retention->text, retention->setting_ignored ?
		psprintf("hipaa_migrate.audit_retention = '%s' falls short of it and is ignored",
				 hm_setting_audit_retention) : NULL,
		retention->setting_ignored ?
		psprintf("ALTER SYSTEM SET hipaa_migrate.audit_retention = '%s'; SELECT pg_reload_conf()",
				 retention->text) : NULL);
}

static void
check_holds(const Health *health)
{
	put(health, "holds", OK, display_count(health->holds), NULL, NULL);
}

static void
check_pending(const Health *health)
{
	bool		soon = health->pending > 0 &&
	health->pending_until - health->now < DAY * USECS_PER_SEC;

	put(health, "confirmations", soon ? WARN : OK,
		display_count(health->pending), health->pending == 0 ? NULL :
		soon ? "one expires within a day" : "wait for another person",
		health->pending == 0 ? NULL :
		"SELECT * FROM hipaa_migrate.pending_confirmation");
}

static void
check_permits(const Health *health)
{
	put(health, "break-glass", health->open_glasses > 0 ? WARN : OK,
		health->open_glasses > 0 ?
		psprintf("%lld open", (long long) health->open_glasses) : "none open",
		health->open_glasses > 0 ?
		psprintf("nothing is refused to %s", health->opened_by) : NULL,
		health->open_glasses > 0 ?
		"SELECT migrate_break_glass_end() in the session of pid: SELECT * FROM hipaa_migrate.break_glass_review" :
		NULL);
	put(health, "drill", OK, health->drilled_at == 0 ? "never" :
		psprintf("%s ago",
				 display_age(seconds_since(health, health->drilled_at))),
		health->drilled_at == 0 ?
		"nobody has tried break-glass in this database" : NULL, NULL);
	put(health, "reviews", health->overdue > 0 ? CRITICAL : OK,
		display_count(health->reviews), health->overdue > 0 ?
		psprintf("%lld are overdue", (long long) health->overdue) :
		health->reviews > 0 ? "wait for another person" : NULL,
		health->reviews == 0 ? NULL :
		"SELECT migrate_break_glass_close(id, 'finding'): see SELECT * FROM hipaa_migrate.break_glass_review");
	put(health, "exemptions", health->expiring > 0 ? WARN : OK,
		display_count(health->exemptions), health->expiring == 0 ? NULL :
		psprintf("%lld expire within 7 days", (long long) health->expiring),
		health->expiring == 0 ? NULL :
		"SELECT * FROM hipaa_migrate.exemption WHERE state = 'active'; what is still needed: SELECT migrate_exempt('reason', ...)");
}

static void
check_server(const Health *health)
{
	const char *version = GetConfigOption("server_version", false, false);

	if (hm_guard_server_is_fit())
		put(health, "server", OK, version, NULL, NULL);
	else
		put(health, "server", CRITICAL, version,
			"this minor version has another layout than extensions are built for: the guard cannot be armed",
			"update PostgreSQL to its newest minor version");
}

static void
check_disk(const Health *health)
{
	struct statvfs disk;
	int64		free_mb;
	int			percent;
	char	   *value;

	if (statvfs(DataDir, &disk) != 0 || disk.f_blocks == 0)
	{
		put(health, "disk", WARN, "unknown",
			"the file system of the data directory does not tell",
			"see whether data_directory can be read");
		return;
	}
	free_mb = (int64) disk.f_bavail * disk.f_frsize / (1024 * 1024);
	percent = (int) (100.0 * disk.f_bavail / disk.f_blocks);
	value = psprintf("%lld MB free", (long long) free_mb);
	if (percent >= 10 && free_mb >= 1024)
		put(health, "disk", OK, value, psprintf("%d %%", percent), NULL);
	else
		put(health, "disk", percent < 3 || free_mb < 256 ? CRITICAL : WARN,
			value, psprintf("%d %%; without space no schema change is possible",
							percent),
			"free space on the file system of data_directory");
}

static void
load_tables(Health *health)
{
	static HmStatement find = {
		"SELECT s.verified_at, s.verified_outcome, s.digest_block,"
		"       s.digest_at, s.digest_failures,"
		"       (SELECT pg_catalog.count(*) FROM hipaa_migrate.audit_epoch"
		"         WHERE state = 'failed'),"
		"       (SELECT pg_catalog.count(*) FROM hipaa_migrate.audit_hold"
		"         WHERE ended_at IS NULL),"
		"       p.count, p.min"
		"  FROM (SELECT pg_catalog.count(*), pg_catalog.min(expires_at)"
		"          FROM hipaa_migrate.pending_act WHERE state = 'pending'"
		"           AND expires_at > $1) AS p"
		"  LEFT JOIN hipaa_migrate.audit_state AS s ON true",
		1, {TIMESTAMPTZOID}
	};
	Datum		now = TimestampTzGetDatum(health->now);
	HmBracket	bracket;
	MemoryContext spi_context;

	hm_query_begin(&bracket);
	hm_query_run(&find, &now, NULL, true);
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	health->verified_at = hm_query_int64(0, 1);
	health->verified_outcome = hm_query_text(0, 2);
	health->digest_block = hm_query_int64(0, 3);
	health->digest_at = hm_query_int64(0, 4);
	health->digest_failures = hm_query_int64(0, 5);
	health->failed_epochs = hm_query_int64(0, 6);
	health->holds = hm_query_int64(0, 7);
	health->pending = hm_query_int64(0, 8);
	health->pending_until = hm_query_int64(0, 9);
	MemoryContextSwitchTo(spi_context);
	hm_query_end(&bracket);
}

static void
load_permits(Health *health)
{
	static HmStatement find = {
		"SELECT pg_catalog.count(*) FILTER (WHERE o.open AND NOT b.drill),"
		"       pg_catalog.string_agg(DISTINCT b.opened_by, ', ')"
		"         FILTER (WHERE o.open AND NOT b.drill),"
		"       pg_catalog.count(*)"
		"         FILTER (WHERE NOT o.open AND b.closed_at IS NULL),"
		"       pg_catalog.count(*) FILTER (WHERE NOT o.open"
		"         AND b.closed_at IS NULL AND b.review_due <= $1),"
		"       (SELECT pg_catalog.count(*) FROM hipaa_migrate.guard_exemption"
		"         WHERE ended_at IS NULL AND database_oid = $2"
		"           AND (expires_at > $1) IS NOT FALSE),"
		"       (SELECT pg_catalog.count(*) FROM hipaa_migrate.guard_exemption"
		"         WHERE ended_at IS NULL AND database_oid = $2"
		"           AND expires_at > $1"
		"           AND expires_at <= $1 + interval '7 days'),"
		"       pg_catalog.max(b.opened_at) FILTER (WHERE b.drill)"
		"  FROM hipaa_migrate.break_glass AS b"
		" CROSS JOIN LATERAL (SELECT " HM_BREAK_GLASS_OPEN ") AS o (open)"
		" WHERE b.database_oid = $2",
		2, {TIMESTAMPTZOID, OIDOID}
	};
	HmBracket	bracket;
	MemoryContext spi_context;
	Datum		values[2];

	values[0] = TimestampTzGetDatum(health->now);
	values[1] = ObjectIdGetDatum(MyDatabaseId);
	hm_query_begin(&bracket);
	hm_query_run(&find, values, NULL, true);
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	health->open_glasses = hm_query_int64(0, 1);
	health->opened_by = hm_query_text(0, 2);
	health->reviews = hm_query_int64(0, 3);
	health->overdue = hm_query_int64(0, 4);
	health->exemptions = hm_query_int64(0, 5);
	health->expiring = hm_query_int64(0, 6);
	health->drilled_at = hm_query_int64(0, 7);
	MemoryContextSwitchTo(spi_context);
	hm_query_end(&bracket);
}

Datum
hm_migrate_health(PG_FUNCTION_ARGS)
{
	Health		health = {.result = (ReturnSetInfo *) fcinfo->resultinfo};

	hm_capability_require_any();
	InitMaterializedSRF(fcinfo, 0);
	health.now = GetCurrentTimestamp();
	health.standby = RecoveryInProgress();
	health.shared = hm_shared_status(MyDatabaseId);
	health.retention = hm_retention_find();
	load_tables(&health);
	load_permits(&health);
	check_launcher(&health);
	if (!health.standby)
	{
		check_workers(&health);
		check_ring(&health);
		check_unsealed(&health);
	}
	if (check_state(&health))
	{
		check_digest(&health);
		check_verification(&health);
		check_clock(&health);
		check_copy(&health);
		check_retention(&health);
	}
	check_restored(&health);
	check_holds(&health);
	check_pending(&health);
	check_permits(&health);
	hm_policy_health_put(health.result, health.now);
	hm_namesakes_put(health.result);
	check_server(&health);
	check_disk(&health);
	return (Datum) 0;
}
