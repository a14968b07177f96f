/*
 * src/runner/open_run.c
 *	  Runs whose end is not on record yet.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/event.h"
#include "audit/sealer.h"
#include "audit/service.h"
#include "audit/shared.h"
#include "audit/verify.h"
#include "base/json_text.h"
#include "base/query.h"
#include "base/settings.h"
#include "catalog/pg_type.h"
#include "guard/break_glass.h"
#include "runner/open_run.h"
#include "storage/ipc.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/snapmgr.h"

typedef struct OpenRun
{
	int64		run_id;
	char		command[NAMEDATALEN];
	bool		finished;		/* in a transaction that is not committed */
	SubTransactionId sub_id;	/* in which it runs */
} OpenRun;

/* In TopMemoryContext; mostly empty, seldom more than one. */
static List *open_runs = NIL;

static void
remember(const HmRun *run)
{
	MemoryContext caller = MemoryContextSwitchTo(TopMemoryContext);
	OpenRun    *open = palloc0(sizeof(OpenRun));

	open->run_id = run->run_id;
	strlcpy(open->command, run->command, sizeof(open->command));
	open->sub_id = GetCurrentSubTransactionId();
	open_runs = lappend(open_runs, open);
	MemoryContextSwitchTo(caller);
}

static OpenRun *
find(const HmRun *run)
{
	ListCell   *cell;

	foreach(cell, open_runs)
	{
		OpenRun    *open = lfirst(cell);

		if (open->run_id == run->run_id)
			return open;
	}
	return NULL;
}

static void
forget(OpenRun *open)
{
	open_runs = list_delete_ptr(open_runs, open);
	pfree(open);
}

static char *
describe(const HmRun *run, const HmBreakGlass *glass)
{
	StringInfoData details;

	hm_json_begin(&details);
	hm_json_text(&details, "command", run->command);
	hm_json_text(&details, "target", run->target);
	hm_json_text(&details, "project", run->project);
	hm_json_text(&details, "boot_id",
				 psprintf(UINT64_FORMAT, hm_shared_boot_id()));
	if (glass)
		hm_json_int64(&details, "break_glass", glass->id);
	return hm_json_end(&details);
}

void
hm_open_run_start(const HmRun *run)
{
	const HmBreakGlass *glass = hm_break_glass_find();
	HmEvent		event = {
		.kind = HM_EVENT_RUN_STARTED,
		.command = run->command,
		.run_id = run->run_id,
		.reason = run->reason,
		.ticket = glass ? glass->ticket : NULL,
		.details = describe(run, glass)
	};

	if (hm_event_record(&event, 0, hm_setting_record_wait) == HM_RECORD_LOST)
		ereport(WARNING,
				(errmsg("the start of this run could not be put on record in time"),
				 errdetail("The write-ahead log and the server's log have it."),
				 errhint("See what SELECT * FROM migrate_health() says.")));
	remember(run);
}

void
hm_open_run_finish(const HmRun *run)
{
	HmEvent		event = {
		.kind = HM_EVENT_RUN_FINISHED,
		.command = run->command,
		.run_id = run->run_id,
		.reason = run->reason,
		.duration = GetCurrentTimestamp() - run->started_at
	};
	OpenRun    *open = find(run);

	if (open == NULL)
		return;
	hm_event_append(&event);
	open->finished = true;
	open->sub_id = GetCurrentSubTransactionId();
}

void
hm_open_run_fail(const HmRun *run)
{
	OpenRun    *open = find(run);

	if (open)
		forget(open);
}

/* Called as a transaction aborts: nothing can be waited for or looked up. */
static void
record_end(OpenRun *open)
{
	HmEvent		event = {
		.kind = proc_exit_inprogress ? HM_EVENT_RUN_INTERRUPTED :
		HM_EVENT_RUN_ROLLED_BACK,
		.command = open->command,
		.run_id = open->run_id
	};

	(void) hm_event_record(&event, 0, 0);
	forget(open);
}

static void
end_transaction(XactEvent event, void *argument)
{
	ListCell   *cell;

	if (open_runs == NIL)
		return;
	foreach(cell, list_copy(open_runs))
	{
		OpenRun    *open = lfirst(cell);

		if (event == XACT_EVENT_ABORT)
			record_end(open);
		else if (open->finished && (event == XACT_EVENT_COMMIT ||
									event == XACT_EVENT_PREPARE))
			forget(open);
	}
}

static void
end_subtransaction(SubXactEvent event, SubTransactionId my_id,
				   SubTransactionId parent_id, void *argument)
{
	ListCell   *cell;

	if (open_runs == NIL)
		return;
	foreach(cell, list_copy(open_runs))
	{
		OpenRun    *open = lfirst(cell);

		if (open->sub_id != my_id)
			continue;
		if (event == SUBXACT_EVENT_ABORT_SUB)
			record_end(open);
		else if (event == SUBXACT_EVENT_COMMIT_SUB)
			open->sub_id = parent_id;
	}
}

/*
 * Starts of another life of the server that have no end.  Only the last
 * million events are looked at: what began before them has ended long ago.
 */
static uint64
find_interrupted(void)
{
	static HmStatement find_starts = {
		"WITH state AS MATERIALIZED ("
		"  SELECT epoch FROM hipaa_migrate.audit_state),"
		" size AS MATERIALIZED ("
		"  SELECT pg_catalog.max(b.tree_size) AS leaves"
		"    FROM hipaa_migrate.audit_block AS b"
		"   WHERE b.epoch = (SELECT epoch FROM state)),"
		" recent AS MATERIALIZED ("
		"  SELECT e.* FROM hipaa_migrate.audit_event AS e"
		"   WHERE e.epoch = (SELECT epoch FROM state)"
		"     AND e.run_id IS NOT NULL"
		"     AND e.xid >= COALESCE((SELECT l.xid"
		"           FROM hipaa_migrate.audit_leaf AS l"
		"          WHERE l.epoch = (SELECT epoch FROM state)"
		"            AND l.seq = (SELECT leaves - 1000000 FROM size)), 0))"
		" SELECT s.run_id, s.command, s.actor, s.event_id"
		"   FROM recent AS s"
		"  WHERE s.kind = 'run.started'"
		"    AND s.details::pg_catalog.jsonb OPERATOR(pg_catalog.->>) 'boot_id' <> $1"
		"    AND NOT EXISTS (SELECT FROM recent AS e"
		"         WHERE e.run_id = s.run_id AND e.kind IN ('run.finished',"
		"               'run.rolled_back', 'run.interrupted',"
		"               'migration.failed'))"
		"  ORDER BY s.event_id",
		1, {TEXTOID}
	};
	Datum		boot = CStringGetTextDatum(psprintf(UINT64_FORMAT,
													hm_shared_boot_id()));

	return hm_query_run(&find_starts, &boot, NULL, false);
}

static void
append_interrupted(int64 run_id, const char *command, const char *actor)
{
	StringInfoData details;
	HmEvent		event = {
		.kind = HM_EVENT_RUN_INTERRUPTED,
		.command = command,
		.run_id = run_id
	};

	hm_json_begin(&details);
	hm_json_text(&details, "started_by", actor);
	hm_json_text(&details, "found", "at the start of the server");
	event.details = hm_json_end(&details);
	hm_event_append(&event);
}

static void
append_all_interrupted(void)
{
	HmBracket	bracket;
	uint64		count;

	hm_query_begin(&bracket);
	count = find_interrupted();
	for (uint64 row = 0; row < count; row++)
		append_interrupted(hm_query_int64(row, 1), hm_query_text(row, 2),
						   hm_query_text(row, 3));
	hm_query_end(&bracket);
}

static void
visit_runs(void)
{
	if (hm_service_start_transaction())
	{
		PushActiveSnapshot(GetTransactionSnapshot());
		if (hm_verify_events_readable())
			append_all_interrupted();
		else
			ereport(LOG,
					(errmsg("the record of hipaa_migrate is damaged, runs that were cut off are not looked for"),
					 errhint("See what SELECT * FROM audit_verify() reports.")));
		PopActiveSnapshot();
	}
	CommitTransactionCommand();
}

void
hm_open_run_init(void)
{
	RegisterXactCallback(end_transaction, NULL);
	RegisterSubXactCallback(end_subtransaction, NULL);
	hm_sealer_callbacks.visit_runs = visit_runs;
}
