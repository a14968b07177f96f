/*
 * src/audit/redaction.c
 *	  Removal of the payload of one event, by two people.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "audit/confirm.h"
#include "audit/event.h"
#include "audit/hold.h"
#include "audit/redaction.h"
#include "audit/relations.h"
#include "base/json_text.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

/* Filled in _PG_init() and never changed after it. */
static HmRedactionFollower followers[HM_EVENT_KINDS];

typedef struct Target
{
	int64		event_id;
	char	   *epoch;
	int64		seq;
	char	   *leaf_hash;
	char	   *kind;			/* NULL: has no payload any more */
	char	   *details;		/* or NULL */
	bool		held;
	ItemPointerData tid;
} Target;

static Target *
build_target(int64 event_id, uint64 row)
{
	Target	   *target = palloc0(sizeof(Target));
	bool		isnull;
	Datum		tid = hm_query_datum(row, 6, &isnull);

	target->event_id = event_id;
	target->epoch = hm_query_text(row, 1);
	target->seq = hm_query_int64(row, 2);
	target->leaf_hash = hm_query_text(row, 3);
	target->kind = hm_query_text(row, 4);
	target->held = hm_query_bool(row, 5);
	target->details = hm_query_text(row, 7);
	if (!isnull)
		target->tid = *(ItemPointer) DatumGetPointer(tid);
	return target;
}

static Target *
require_target(int64 event_id, const pg_uuid_t *epoch)
{
	static HmStatement find = {
		"SELECT l.epoch, l.seq, pg_catalog.encode(l.leaf_hash, 'hex'), e.kind,"
		"       " HM_HOLD_ON_EVENT ", e.ctid, e.details"
		"  FROM hipaa_migrate.audit_epoch AS p"
		"  JOIN hipaa_migrate.audit_leaf AS l"
		"    ON l.epoch = p.epoch AND l.event_id = $1"
		"  LEFT JOIN hipaa_migrate.audit_event AS e"
		"    ON e.epoch = l.epoch AND e.xid = l.xid"
		"   AND e.event_id = l.event_id"
		" WHERE $2 IS NULL OR p.epoch = $2",
		2, {INT8OID, UUIDOID}
	};
	Datum		values[2];
	char		nulls[2] = {' ', epoch ? ' ' : 'n'};
	HmBracket	bracket;
	MemoryContext spi_context;
	uint64		found;
	Target	   *target = NULL;

	values[0] = Int64GetDatum(event_id);
	values[1] = UUIDPGetDatum(epoch);
	hm_query_begin(&bracket);
	found = hm_query_run(&find, values, nulls, false);
	spi_context = MemoryContextSwitchTo(bracket.caller_context);
	if (found == 1)
		target = build_target(event_id, 0);
	MemoryContextSwitchTo(spi_context);
	hm_query_end(&bracket);
	if (found > 1)
		ereport(ERROR,
				(errcode(ERRCODE_AMBIGUOUS_PARAMETER),
				 errmsg("more than one epoch has an event %lld",
						(long long) event_id),
				 errhint("Say which with argument \"epoch\": view hipaa_migrate.audit_log shows it.")));
	if (found == 0)
		ereport(ERROR,
				(errcode(ERRCODE_UNDEFINED_OBJECT),
				 errmsg("there is no sealed event %lld", (long long) event_id),
				 errhint("An event must be sealed before it can be redacted: SELECT audit_seal().")));
	return target;
}

static void
require_permitted(int64 act_id, const Target *target)
{
	long long	event_id = target->event_id;

	if (target->kind == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("event %lld has no content any more", event_id),
				 errdetail("It was purged or redacted before.")));
	if (strncmp(target->kind, "record.", 7) == 0 ||
		strncmp(target->kind, "setting.", 8) == 0)
	{
		hm_act_refused(act_id, "redact", "event of the record itself");
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot redact event %lld, a \"%s\"", event_id,
						target->kind),
				 errdetail("What the record says of itself proves the rest of it.")));
	}
	if (target->held)
	{
		hm_act_refused(act_id, "redact", "held");
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("cannot redact event %lld, for a legal hold covers it",
						event_id),
				 errhint("See SELECT * FROM hipaa_migrate.retention_status, and end the hold with audit_hold_end if it may end.")));
	}
}

static void
delete_payload(Target *target)
{
	Relation	events = table_open(hm_relation_oid(HM_RELATION_AUDIT_EVENT),
									RowExclusiveLock);

	PushActiveSnapshot(GetTransactionSnapshot());
	simple_table_tuple_delete(events, &target->tid, GetActiveSnapshot());
	PopActiveSnapshot();
	table_close(events, NoLock);
}

void
hm_redaction_follow(HmEventKind kind, HmRedactionFollower follow)
{
	followers[kind] = follow;
}

static void
call_follower(const Target *target)
{
	HmEventKind kind = hm_event_kind_find(target->kind);

	if (kind < HM_EVENT_KINDS && followers[kind] != NULL)
		followers[kind] (target->details);
}

static char *
perform(const HmAct *act)
{
	pg_uuid_t  *epoch = DatumGetUUIDP(DirectFunctionCall1(uuid_in,
														  CStringGetDatum(hm_act_text(act, "epoch"))));
	Target	   *target;
	HmEvent		event = {.kind = HM_EVENT_REDACTED};
	StringInfoData json;

	hm_hold_lock();
	target = require_target(pg_strtoint64(hm_act_text(act, "event_id")),
							epoch);
	require_permitted(act->id, target);
	if (strcmp(target->leaf_hash, hm_act_text(act, "leaf_hash")) != 0)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("event %lld is another than when its redaction was asked for",
						(long long) target->event_id),
				 errhint("Check the record with SELECT * FROM audit_verify().")));
	delete_payload(target);
	call_follower(target);
	hm_json_begin(&json);
	hm_json_int64(&json, "act_id", act->id);
	hm_json_int64(&json, "event_id", target->event_id);
	hm_json_text(&json, "epoch", target->epoch);
	hm_json_int64(&json, "seq", target->seq);
	hm_json_text(&json, "kind", target->kind);
	event.reason = act->reason;
	event.author = act->requested_by;
	event.details = hm_json_end(&json);
	hm_event_append(&event);
	return unconstify(char *, event.details);
}

int64
hm_redaction_request(int64 event_id, const pg_uuid_t *epoch,
					 const char *reason)
{
	Target	   *target;
	StringInfoData json;

	hm_capability_require(HM_AUDITOR);
	target = require_target(event_id, epoch);
	require_permitted(0, target);
	hm_json_begin(&json);
	hm_json_int64(&json, "event_id", target->event_id);
	hm_json_text(&json, "epoch", target->epoch);
	hm_json_text(&json, "kind", target->kind);
	hm_json_text(&json, "leaf_hash", target->leaf_hash);
	return hm_act_request("redact", hm_json_end(&json), reason);
}

void
hm_redaction_init(void)
{
	static const HmActKind redact = {"redact", "audit_redact", HM_AUDITOR, perform};

	hm_act_register(&redact);
}
