/*
 * src/audit/epoch.c
 *	  Epochs: opened, closed, and told apart from copies.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "audit/block.h"
#include "audit/epoch.h"
#include "audit/epoch_row.h"
#include "audit/event.h"
#include "audit/relations.h"
#include "audit/service.h"
#include "audit/seal.h"
#include "base/compat.h"
#include "base/json_text.h"
#include "commands/dbcommands.h"
#include "fmgr.h"
#include "storage/lmgr.h"
#include "utils/builtins.h"
#include "utils/inval.h"

/* How long closing an epoch waits for those who append to it. */
#define CLOSE_LOCK_TIMEOUT "2s"

PG_FUNCTION_INFO_V1(hm_audit_open_first_epoch);

typedef enum Place
{
	PLACE_SAME,
	PLACE_MOVED,				/* the same cluster, somewhere else */
	PLACE_ELSEWHERE				/* the record is of something else */
} Place;

bool
hm_epoch_is_here(const HmState *state)
{
	return state->database == MyDatabaseId &&
		state->system_identifier == (int64) GetSystemIdentifier();
}

static char *
print_uuid(const pg_uuid_t *uuid)
{
	return DatumGetCString(DirectFunctionCall1(uuid_out,
											   UUIDPGetDatum(uuid)));
}

/* ---- opening ---- */

static void
make_random(pg_uuid_t *uuid)
{
	if (!pg_strong_random(uuid->data, UUID_LEN))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate random values")));
	/* RFC 4122: version 4, its variant */
	uuid->data[6] = (uuid->data[6] & 0x0f) | 0x40;
	uuid->data[8] = (uuid->data[8] & 0x3f) | 0x80;
}

static void
report_opened(const HmEpoch *epoch)
{
	HmEvent		event = {.kind = HM_EVENT_EPOCH_OPENED};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "ordinal", epoch->ordinal);
	event.details = hm_json_end(&json);
	event.object_type = "epoch";
	event.object = print_uuid(&epoch->epoch);
	event.reason = epoch->reason;
	hm_event_append(&event);
}

/*
 * A new epoch in the state, and on record.  Those who append look for the
 * epoch anew, when they have the lock on audit_event.
 */
static void
open_epoch(HmState *state, int64 ordinal, const char *reason)
{
	HmEpoch		epoch = {.ordinal = ordinal};

	make_random(&epoch.epoch);
	epoch.state = HM_EPOCH_OPEN;
	epoch.opened_at = GetCurrentTimestamp();
	epoch.database = get_database_name(MyDatabaseId);
	epoch.database_oid = MyDatabaseId;
	epoch.system_identifier = (int64) GetSystemIdentifier();
	epoch.reason = unconstify(char *, reason);
	hm_epoch_insert(&epoch);

	state->epoch = epoch.epoch;
	hm_state_put_identity(state);
	state->clone = false;
	state->digest_block = 0;
	if (state->tuple)
		hm_state_update(state);
	else
		hm_state_insert(state);
	CacheInvalidateRelcacheByRelid(hm_relation_oid(HM_RELATION_AUDIT_STATE));
	CommandCounterIncrement();
	report_opened(&epoch);
}

static void
open_first_epoch(const char *reason)
{
	HmState		state = {.anchored_at = GetCurrentTimestamp()};

	open_epoch(&state, 1, reason);
}

/* The install script's. */
Datum
hm_audit_open_first_epoch(PG_FUNCTION_ARGS)
{
	HmState		state;
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	bool		found = hm_state_load(&state, snapshot);

	UnregisterSnapshot(snapshot);
	if (found)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("the record of hipaa_migrate has an epoch already")));
	open_first_epoch("created");
	PG_RETURN_VOID();
}

/* ---- closing ---- */

static void
report_closed(const pg_uuid_t *epoch, const HmBlock *last, const char *reason)
{
	HmEvent		event = {.kind = HM_EVENT_EPOCH_CLOSED};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "blocks", last ? last->block : 0);
	hm_json_int64(&json, "tree_size", last ? last->tree_size : 0);
	if (last)
		hm_json_hex(&json, "block_hash", last->hash.bytes, HM_HASH_LENGTH);
	event.details = hm_json_end(&json);
	event.object_type = "epoch";
	event.object = print_uuid(epoch);
	event.reason = reason;
	hm_event_append(&event);
}

static int64
last_ordinal(List *epochs)
{
	return epochs == NIL ? 0 : ((HmEpoch *) llast(epochs))->ordinal;
}

static void
mark_closed(List *epochs, const pg_uuid_t *epoch)
{
	HmEpoch    *row = hm_epoch_find(epochs, epoch);

	if (row == NULL)
		return;
	row->state = HM_EPOCH_CLOSED;
	row->closed_at = GetCurrentTimestamp();
	hm_epoch_update(row);
}

/*
 * Nobody appends from here on until the new epoch can be seen.  The
 * transaction holds no lock yet that others wait for.
 */
static void
stop_appending(void)
{
	(void) set_config_option("lock_timeout", CLOSE_LOCK_TIMEOUT, PGC_SUSET,
							 PGC_S_SESSION, GUC_ACTION_LOCAL, true, 0, false);
	LockRelationOid(hm_relation_oid(HM_RELATION_AUDIT_EVENT), ShareLock);
}

/*
 * With the locks held and no identifier assigned.  Where identifiers have
 * gone back, what is unsealed can no longer be told from what is sealed.
 */
static void
replace_epoch(const char *reason, bool seal_first)
{
	Snapshot	snapshot;
	HmState		state;
	pg_uuid_t	old;
	List	   *epochs;

	stop_appending();
	snapshot = GetTransactionSnapshot();
	PushActiveSnapshot(snapshot);
	snapshot = GetActiveSnapshot();
	if (!hm_state_load(&state, snapshot))
		elog(ERROR, "the state of the record has vanished");
	epochs = hm_epoch_load_all(snapshot);
	old = state.epoch;
	if (seal_first)
		(void) hm_seal_add_block(&state, snapshot);
	PopActiveSnapshot();
	mark_closed(epochs, &old);
	open_epoch(&state, last_ordinal(epochs) + 1, reason);
	PushActiveSnapshot(GetLatestSnapshot());
	report_closed(&old, hm_block_load_last(&old, GetActiveSnapshot()),
				  reason);
	PopActiveSnapshot();
	ForceSyncCommit();
}

/* ---- looking where we are ---- */

static bool
transactions_went_back(const HmState *state)
{
	FullTransactionId next = ReadNextFullTransactionId();

	return (int64) U64FromFullTransactionId(next) < state->next_xid;
}

static Place
find_place(const HmState *state, const char **reason)
{
	HmState		here = {0};

	if (state->system_identifier == 0)
		*reason = "this server was confirmed to be a copy";
	else if (state->system_identifier != (int64) GetSystemIdentifier())
		*reason = "the database is in another cluster than before";
	else if (state->database != MyDatabaseId)
		*reason = "the database is a copy of another";
	else if (transactions_went_back(state))
		*reason = "transaction identifiers have gone back";
	else
	{
		hm_state_put_identity(&here);
		return strcmp(state->host, here.host) == 0 &&
			strcmp(state->data_directory, here.data_directory) == 0 ?
			PLACE_SAME : PLACE_MOVED;
	}
	return PLACE_ELSEWHERE;
}

static void
mark_clone(HmState *state)
{
	HmEvent		event = {.kind = HM_EVENT_CLONE_FOUND};
	HmState		here = {0};
	StringInfoData json;

	hm_state_put_identity(&here);
	state->clone = true;
	hm_state_update(state);
	hm_json_begin(&json);
	hm_json_text(&json, "host", here.host);
	hm_json_text(&json, "data_directory", here.data_directory);
	hm_json_text(&json, "former_host", state->host);
	hm_json_text(&json, "former_data_directory", state->data_directory);
	event.details = hm_json_end(&json);
	hm_event_append(&event);
}

static bool
load_state(HmState *state)
{
	bool		found;

	PushActiveSnapshot(GetTransactionSnapshot());
	found = hm_state_load(state, GetActiveSnapshot());
	PopActiveSnapshot();
	return found;
}

/* Looks again with the locks held, and does what is to be done. */
static void
settle(void)
{
	const char *reason;
	HmState		state;

	if (!hm_seal_try_lock())
		return;
	hm_state_lock();
	PushActiveSnapshot(GetTransactionSnapshot());
	if (!load_state(&state))
		open_first_epoch("the state of the record was missing");
	else if (find_place(&state, &reason) == PLACE_ELSEWHERE)
		replace_epoch(reason, !transactions_went_back(&state));
	else if (find_place(&state, &reason) == PLACE_MOVED && !state.clone)
		mark_clone(&state);
	PopActiveSnapshot();
}

/* Does the state ask for nothing? */
static bool
is_settled(void)
{
	const char *reason;
	HmState		state;

	if (!load_state(&state))
		return false;
	switch (find_place(&state, &reason))
	{
		case PLACE_SAME:
			return true;
		case PLACE_MOVED:
			return state.clone;
		default:
			return false;
	}
}

void
hm_epoch_visit(void)
{
	if (hm_service_start_transaction() && !is_settled())
		settle();
	CommitTransactionCommand();
	hm_seal_report();
}
