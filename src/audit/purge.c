/*
 * src/audit/purge.c
 *	  Removal of events that are older than the retention.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "audit/confirm.h"
#include "audit/event.h"
#include "audit/hold.h"
#include "audit/purge.h"
#include "audit/relations.h"
#include "audit/retention.h"
#include "audit/sealer.h"
#include "audit/verify.h"
#include "base/json_text.h"
#include "base/query.h"
#include "base/settings.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"
#include "utils/uuid.h"
#include "utils/wait_event.h"

#define LEAVES_AT_ONCE	5000
#define SEAL_WAIT		(60 * 1000) /* ms */
#define DIGEST_WAIT		(60 * 1000) /* ms */

/* Blocks 1 to last_block of an epoch; what was done to them. */
typedef struct Range
{
	pg_uuid_t	epoch;
	int64		last_block;
	int64		last_leaf;

	int64		deleted;
	int64		kept;
	int64		first_purged;	/* blocks that lost something; 0: none */
	int64		last_purged;
} Range;

static Range *
build_range(uint64 row)
{
	Range	   *range = palloc0(sizeof(Range));
	bool		isnull;

	range->epoch = *DatumGetUUIDP(hm_query_datum(row, 1, &isnull));
	range->last_block = hm_query_int64(row, 2);
	range->last_leaf = hm_query_int64(row, 3);
	return range;
}

/*
 * Blocks that were sealed before the moment, by the server's clock and by
 * that of the record: either may have been behind.
 */
static List *
find_sealed_before(TimestampTz before)
{
	static HmStatement find = {
		"SELECT b.epoch, b.block, b.first_leaf + b.leaf_count - 1"
		"  FROM hipaa_migrate.audit_epoch AS p,"
		"       LATERAL (SELECT x.* FROM hipaa_migrate.audit_block AS x"
		"                 WHERE x.epoch = p.epoch AND x.block < COALESCE("
		"                       (SELECT pg_catalog.min(y.block)"
		"                          FROM hipaa_migrate.audit_block AS y"
		"                         WHERE y.epoch = p.epoch"
		"                           AND GREATEST(y.sealed_at, y.anchored_at) >= $1),"
		"                       9223372036854775807)"
		"                 ORDER BY x.block DESC LIMIT 1) AS b"
		" WHERE p.state <> 'failed' ORDER BY p.ordinal",
		1, {TIMESTAMPTZOID}
	};
	Datum		value = TimestampTzGetDatum(before);
	HmBracket	bracket;
	MemoryContext spi_context;
	List	   *ranges = NIL;

	hm_query_begin(&bracket);
	hm_query_run(&find, &value, NULL, false);
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	for (uint64 row = 0; row < SPI_processed; row++)
		ranges = lappend(ranges, build_range(row));
	MemoryContextSwitchTo(spi_context);
	hm_query_end(&bracket);
	return ranges;
}

/* The first block with an event that is not older, of these leaves; or 0. */
static int64
first_young_block(const Range *range, int64 first, int64 last,
				  TimestampTz before)
{
	static HmStatement find = {
		"SELECT pg_catalog.min(l.block)"
		"  FROM hipaa_migrate.audit_leaf AS l"
		"  JOIN hipaa_migrate.audit_event AS e"
		"    ON e.epoch = l.epoch AND e.xid = l.xid"
		"   AND e.event_id = l.event_id"
		" WHERE l.epoch = $1 AND l.seq BETWEEN $2 AND $3"
		"   AND GREATEST(e.occurred_at, e.statement_at) >= $4",
		4, {UUIDOID, INT8OID, INT8OID, TIMESTAMPTZOID}
	};
	Datum		values[4];
	HmBracket	bracket;
	int64		block;

	values[0] = UUIDPGetDatum(&range->epoch);
	values[1] = Int64GetDatum(first);
	values[2] = Int64GetDatum(last);
	values[3] = TimestampTzGetDatum(before);
	hm_query_begin(&bracket);
	hm_query_run(&find, values, NULL, false);
	block = hm_query_int64(0, 1);
	hm_query_end(&bracket);
	return block;
}

/* Ends the range with that block; false: there is none. */
static bool
cut_range(Range *range, int64 last_block)
{
	static HmStatement find = {
		"SELECT b.epoch, b.block, b.first_leaf + b.leaf_count - 1"
		"  FROM hipaa_migrate.audit_block AS b"
		" WHERE b.epoch = $1 AND b.block = $2",
		2, {UUIDOID, INT8OID}
	};
	Datum		values[2];
	HmBracket	bracket;
	MemoryContext spi_context;
	bool		found;

	values[0] = UUIDPGetDatum(&range->epoch);
	values[1] = Int64GetDatum(last_block);
	hm_query_begin(&bracket);
	found = hm_query_run(&find, values, NULL, false) == 1;
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	if (found)
		*range = *build_range(0);
	MemoryContextSwitchTo(spi_context);
	hm_query_end(&bracket);
	return found;
}

/* What may go: nothing else is ever deleted. */
static List *
find_ranges(TimestampTz before)
{
	List	   *ranges = NIL;
	ListCell   *cell;

	foreach(cell, find_sealed_before(before))
	{
		Range	   *range = lfirst(cell);
		bool		any = true;

		for (int64 first = 1; any && first <= range->last_leaf;
			 first += LEAVES_AT_ONCE)
		{
			int64		young = first_young_block(range, first,
												  Min(first + LEAVES_AT_ONCE - 1,
													  range->last_leaf),
												  before);

			CHECK_FOR_INTERRUPTS();
			if (young != 0)
				any = cut_range(range, young - 1);
		}
		if (any)
			ranges = lappend(ranges, range);
	}
	return ranges;
}

/* Deletes past the executor: no rule, trigger or publication has a say. */
static void
delete_chunk(Relation events, Range *range, int64 first, int64 last)
{
	static HmStatement find = {
		"SELECT e.ctid, l.block,"
		"       e.kind IN ('record.purged', 'record.redacted', 'record.updated')"
		"       OR " HM_HOLD_ON_EVENT
		"  FROM hipaa_migrate.audit_leaf AS l"
		"  JOIN hipaa_migrate.audit_event AS e"
		"    ON e.epoch = l.epoch AND e.xid = l.xid"
		"   AND e.event_id = l.event_id"
		" WHERE l.epoch = $1 AND l.seq BETWEEN $2 AND $3 ORDER BY l.seq",
		3, {UUIDOID, INT8OID, INT8OID}
	};
	Datum		values[3];
	HmBracket	bracket;

	values[0] = UUIDPGetDatum(&range->epoch);
	values[1] = Int64GetDatum(first);
	values[2] = Int64GetDatum(last);
	hm_query_begin(&bracket);
	hm_query_run(&find, values, NULL, false);
	for (uint64 row = 0; row < SPI_processed; row++)
	{
		bool		isnull;
		Datum		tid = hm_query_datum(row, 1, &isnull);
		int64		block = hm_query_int64(row, 2);

		CHECK_FOR_INTERRUPTS();
		if (hm_query_bool(row, 3))
		{
			range->kept++;
			continue;
		}
		simple_table_tuple_delete(events, (ItemPointer) DatumGetPointer(tid),
								  GetActiveSnapshot());
		range->deleted++;
		if (range->first_purged == 0)
			range->first_purged = block;
		range->last_purged = block;
	}
	hm_query_end(&bracket);
}

/* Of the tree after that block, in hex. */
static char *
load_root(const Range *range, int64 block)
{
	static HmStatement find = {
		"SELECT pg_catalog.encode(b.root, 'hex')"
		"  FROM hipaa_migrate.audit_block AS b"
		" WHERE b.epoch = $1 AND b.block = $2",
		2, {UUIDOID, INT8OID}
	};
	Datum		values[2];
	HmBracket	bracket;
	MemoryContext spi_context;
	char	   *root;

	values[0] = UUIDPGetDatum(&range->epoch);
	values[1] = Int64GetDatum(block);
	hm_query_begin(&bracket);
	hm_query_run(&find, values, NULL, false);
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	root = hm_query_text(0, 1);
	MemoryContextSwitchTo(spi_context);
	hm_query_end(&bracket);
	return root;
}

static void
append_purged(const HmAct *act, const Range *range)
{
	HmEvent		event = {.kind = HM_EVENT_PURGED};
	Datum		epoch = UUIDPGetDatum(&range->epoch);
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "act_id", act->id);
	hm_json_text(&json, "epoch",
				 DatumGetCString(DirectFunctionCall1(uuid_out, epoch)));
	hm_json_int64(&json, "first_block", range->first_purged);
	hm_json_int64(&json, "last_block", range->last_purged);
	hm_json_int64(&json, "leaves", range->deleted);
	hm_json_int64(&json, "kept", range->kept);
	hm_json_text(&json, "root", load_root(range, range->last_purged));
	hm_json_text(&json, "before", hm_act_text(act, "before"));
	event.reason = act->reason;
	event.author = act->requested_by;
	event.details = hm_json_end(&json);
	hm_event_append(&event);
}

static void
delete_range(const HmAct *act, Relation events, Range *range)
{
	for (int64 first = 1; first <= range->last_leaf; first += LEAVES_AT_ONCE)
		delete_chunk(events, range, first,
					 Min(first + LEAVES_AT_ONCE - 1, range->last_leaf));
	if (range->deleted == 0)
		return;
	append_purged(act, range);
}

/*
 * The way there.
 */

static void
refuse(const HmAct *act, const char *why, const char *message,
	   const char *hint)
{
	hm_act_refused(act->id, act->name, why);
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("cannot purge: %s", message),
			 errhint("%s", hint)));
}

/* Number of the last sealed block, and of the last one handed out. */
static void
load_progress(int64 *sealed, int64 *handed_out)
{
	static HmStatement find = {
		"SELECT (SELECT pg_catalog.max(b.block)"
		"          FROM hipaa_migrate.audit_block AS b"
		"         WHERE b.epoch = s.epoch), s.digest_block"
		"  FROM hipaa_migrate.audit_state AS s",
		0
	};
	HmBracket	bracket;

	hm_query_begin(&bracket);
	hm_query_run(&find, NULL, NULL, false);
	*sealed = hm_query_int64(0, 1);
	*handed_out = hm_query_int64(0, 2);
	hm_query_end(&bracket);
}

static bool
wait_for_digest(void)
{
	TimestampTz start = GetCurrentTimestamp();
	int64		wanted;
	int64		handed_out;
	int64		sealed;

	load_progress(&wanted, &handed_out);
	while (handed_out < wanted)
	{
		if (TimestampDifferenceExceeds(start, GetCurrentTimestamp(),
									   DIGEST_WAIT))
			return false;
		(void) WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT |
						 WL_EXIT_ON_PM_DEATH, 100, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
		load_progress(&sealed, &handed_out);
	}
	return true;
}

/* Should the deletion fail or the server end, the intent stays on record. */
static void
announce(const HmAct *act)
{
	HmEvent		event = {.kind = HM_EVENT_PURGE_STARTED};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "act_id", act->id);
	hm_json_text(&json, "before", hm_act_text(act, "before"));
	event.reason = act->reason;
	event.author = act->requested_by;
	event.details = hm_json_end(&json);
	if (hm_event_record(&event, 0, SEAL_WAIT) != HM_RECORDED)
		refuse(act, "intent not recorded",
			   "the intent could not be put on record",
			   "See SELECT * FROM migrate_health().");
	if (!hm_sealer_request_seal(SEAL_WAIT))
		refuse(act, "intent not sealed", "the intent could not be sealed",
			   "See SELECT * FROM migrate_health().");
	if (*hm_setting_digest_command && !wait_for_digest())
		refuse(act, "intent not handed out",
			   "the digest of the intent could not be handed out",
			   "See whether hipaa_migrate.digest_command works in SELECT * FROM migrate_health().");
}

static const char *
describe_failure(const HmVerifyReport *report)
{
	for (int i = 0; i < HM_CHECK_COUNT; i++)
	{
		const HmVerifyCheck *check = &report->checks[i];

		if (check->ndescribed > 0)
			return psprintf("Check \"%s\": %s.",
							hm_verify_check_name((HmCheck) i),
							check->described[0].message);
	}
	return "No check says why.";
}

/* What has been tampered with is evidence, and stays. */
static void
require_verified(const HmAct *act, const Range *range)
{
	HmVerifyOptions options = {.epoch = &range->epoch,.max_failures = 1};
	HmVerifyReport report = {0};

	PushActiveSnapshot(GetTransactionSnapshot());
	hm_verify(&options, &report);
	PopActiveSnapshot();
	if (hm_verify_passed(&report))
		return;
	hm_act_refused(act->id, act->name, "not verified");
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("cannot purge a record that does not verify"),
			 errdetail("%s", describe_failure(&report)),
			 errhint("See SELECT * FROM audit_verify(report => 'all').")));
}

/* The moment up to which the act may purge now. */
static TimestampTz
require_permitted(const HmAct *act)
{
	HmRetention *retention = hm_retention_load(true);
	Datum		before = DirectFunctionCall3(timestamptz_in,
											 CStringGetDatum(hm_act_text(act, "before")),
											 ObjectIdGetDatum(InvalidOid),
											 Int32GetDatum(-1));

	if (retention->clone)
		refuse(act, "clone", "this database may be a copy of another",
			   "Say which of them goes on first: see SELECT * FROM migrate_health().");
	hm_retention_require_past(act->id, retention,
							  DatumGetTimestampTz(before));
	return DatumGetTimestampTz(before);
}

static void
require_fresh_snapshots(void)
{
	if (IsolationUsesXactSnapshot())
		ereport(ERROR,
				(errcode(ERRCODE_ACTIVE_SQL_TRANSACTION),
				 errmsg("cannot purge in a transaction of isolation level repeatable read or serializable"),
				 errhint("Confirm it in a transaction of isolation level read committed.")));
}

static char *
perform(const HmAct *act)
{
	TimestampTz before;
	List	   *ranges;
	ListCell   *cell;
	Relation	events;
	int64		deleted = 0;
	int64		kept = 0;
	StringInfoData json;

	require_fresh_snapshots();
	(void) require_permitted(act);
	hm_hold_lock();
	announce(act);
	before = require_permitted(act);
	ranges = find_ranges(before);
	events = table_open(hm_relation_oid(HM_RELATION_AUDIT_EVENT),
						RowExclusiveLock);
	foreach(cell, ranges)
	{
		Range	   *range = lfirst(cell);

		require_verified(act, range);
		delete_range(act, events, range);
		deleted += range->deleted;
		kept += range->kept;
	}
	table_close(events, NoLock);
	hm_json_begin(&json);
	hm_json_int64(&json, "leaves", deleted);
	hm_json_int64(&json, "kept", kept);
	return hm_json_end(&json);
}

int64
hm_purge_request(TimestampTz before, const char *reason)
{
	HmAct		act = {.name = "purge",.reason = reason};
	StringInfoData json;

	hm_capability_require(HM_AUDITOR);
	hm_json_begin(&json);
	hm_json_timestamp(&json, "before", before);
	act.arguments = hm_json_end(&json);
	(void) require_permitted(&act);
	if (find_sealed_before(before) == NIL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("there is nothing to purge"),
				 errdetail("No sealed block is wholly older than %s.",
						   hm_json_moment(before)),
				 errhint("See what may go when: SELECT * FROM hipaa_migrate.retention_status.")));
	return hm_act_request(act.name, act.arguments, reason);
}

void
hm_purge_init(void)
{
	static const HmActKind purge = {"purge", "audit_purge", HM_AUDITOR, perform};

	hm_act_register(&purge);
}
