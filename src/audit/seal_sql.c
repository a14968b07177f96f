/*
 * src/audit/seal_sql.c
 *	  audit_seal(), audit_digest() and audit_confirm_copy().
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "audit/block.h"
#include "audit/capability.h"
#include "audit/digest.h"
#include "audit/epoch.h"
#include "audit/event.h"
#include "audit/sealer.h"
#include "audit/state_row.h"
#include "base/argument.h"
#include "base/json_text.h"
#include "fmgr.h"
#include "funcapi.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/builtins.h"
#include "utils/jsonb.h"
#include "utils/snapmgr.h"
#include "utils/wait_event.h"

#define SEAL_WAIT_MS (30 * 1000)
#define SAFE_WAIT_MS (10 * 1000)
#define SAFE_POLL_MS 10

PG_FUNCTION_INFO_V1(hm_audit_seal);
PG_FUNCTION_INFO_V1(hm_audit_digest);
PG_FUNCTION_INFO_V1(hm_audit_confirm_copy);

static void
require_auditor_or_operator(void)
{
	hm_capability_require(hm_capability_held(HM_OPERATOR) ? HM_OPERATOR :
						  HM_AUDITOR);
}

/* What is committed now, whatever the caller's snapshot shows; or NULL. */
static HmState *
find_state(void)
{
	HmState    *state = palloc(sizeof(HmState));
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	bool		found = hm_state_load(state, snapshot);

	UnregisterSnapshot(snapshot);
	return found ? state : NULL;
}

static HmState *
load_state(void)
{
	HmState    *state = find_state();

	if (state == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the record of hipaa_migrate has no open epoch"),
				 errdetail("Table hipaa_migrate.audit_state is empty."),
				 errhint("See what SELECT * FROM migrate_health() says of the launcher and the sealer.")));
	return state;
}

/* NULL: there is none, or no state that says of which epoch. */
static HmBlock *
load_last_block(const HmState *state)
{
	Snapshot	snapshot;
	HmBlock    *block;

	if (state == NULL)
		return NULL;
	snapshot = RegisterSnapshot(GetLatestSnapshot());
	block = hm_block_load_last(&state->epoch, snapshot);

	UnregisterSnapshot(snapshot);
	return block;
}

/* ---- audit_seal() ---- */

static void
record_request(const char *outcome, const HmBlock *block)
{
	HmEvent		event = {.kind = HM_EVENT_SEALED,.outcome = outcome};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "block", block ? block->block : 0);
	hm_json_int64(&json, "tree_size", block ? block->tree_size : 0);
	event.details = hm_json_end(&json);
	if (XactReadOnly)
		(void) hm_event_record(&event, 0, 0);
	else
		hm_event_append(&event);
}

static Datum
build_seal_row(FunctionCallInfo fcinfo, const char *outcome,
			   const HmBlock *block)
{
	Datum		values[4] = {0};
	bool		nulls[4];
	TupleDesc	desc;

	if (get_call_result_type(fcinfo, NULL, &desc) != TYPEFUNC_COMPOSITE)
		elog(ERROR, "return type must be a row type");
	memset(nulls, block == NULL, sizeof(nulls));
	nulls[0] = false;
	values[0] = CStringGetTextDatum(outcome);
	if (block)
	{
		values[1] = Int64GetDatum(block->block);
		values[2] = Int64GetDatum(block->leaf_count);
		values[3] = TimestampTzGetDatum(block->sealed_at);
	}
	return HeapTupleGetDatum(heap_form_tuple(desc, values, nulls));
}

Datum
hm_audit_seal(PG_FUNCTION_ARGS)
{
	const char *outcome = "pending";
	HmBlock    *before;
	HmBlock    *after;

	PreventCommandDuringRecovery("audit_seal()");
	require_auditor_or_operator();
	before = load_last_block(find_state());
	if (hm_sealer_request_seal(SEAL_WAIT_MS))
		outcome = "unchanged";
	after = load_last_block(load_state());
	if (after && (before == NULL ||
				  !hm_merkle_equal(&before->hash, &after->hash)))
		outcome = "sealed";
	record_request(outcome, after);
	PG_RETURN_DATUM(build_seal_row(fcinfo, outcome, after));
}

/* ---- audit_digest() ---- */

static void
refuse_clone(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("this may be a copy of a server that is still in use, so it hands out no digest"),
			 errdetail("The record was last kept on another host or in another data directory."),
			 errhint("If this is now the only server with this record: SELECT audit_confirm_copy('moved', 'why');  if it is a copy: SELECT audit_confirm_copy('copy', 'why');")));
}

static void
refuse_unsafe(void)
{
	ereport(ERROR,
			(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
			 errmsg("the last block is not yet on the synchronous standby"),
			 errhint("Try again when the standby has caught up.")));
}

/* Until the position is safe. */
static void
wait_until_safe(XLogRecPtr position)
{
	TimestampTz start = GetCurrentTimestamp();

	while (hm_digest_safe_position() < position)
	{
		if (TimestampDifferenceExceeds(start, GetCurrentTimestamp(),
									   SAFE_WAIT_MS))
			refuse_unsafe();
		(void) WaitLatch(MyLatch,
						 WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
						 SAFE_POLL_MS, PG_WAIT_EXTENSION);
		ResetLatch(MyLatch);
		CHECK_FOR_INTERRUPTS();
	}
}

Datum
hm_audit_digest(PG_FUNCTION_ARGS)
{
	HmState    *state;
	HmBlock    *block;
	XLogRecPtr	position;

	require_auditor_or_operator();
	state = load_state();
	if (state->clone)
		refuse_clone();
	block = load_last_block(state);
	if (block == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("nothing is sealed yet"),
				 errhint("Seal what there is: SELECT * FROM audit_seal();")));
	position = hm_digest_written_position();
	wait_until_safe(position);
	PG_RETURN_DATUM(DirectFunctionCall1(jsonb_in,
										CStringGetDatum(hm_digest_build(block,
																		position))));
}

/* ---- audit_confirm_copy() ---- */

static void
record_confirmation(const HmState *former, const char *meaning,
					const char *reason)
{
	HmEvent		event = {.kind = HM_EVENT_CLONE_CONFIRMED};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "server", meaning);
	hm_json_text(&json, "former_host", former->host);
	hm_json_text(&json, "former_data_directory", former->data_directory);
	event.details = hm_json_end(&json);
	event.reason = reason;
	hm_event_append(&event);
}

/* The record goes on here, in the same epoch. */
static void
confirm_moved(HmState *state)
{
	if (!state->clone)
		ereport(ERROR,
				(errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
				 errmsg("there is nothing to confirm"),
				 errdetail("The record is where it was.")));
	hm_state_put_identity(state);
	state->clone = false;
}

/* No cluster has this identifier, so the sealer opens a new epoch. */
static void
confirm_copy(HmState *state)
{
	state->system_identifier = 0;
}

Datum
hm_audit_confirm_copy(PG_FUNCTION_ARGS)
{
	char	   *meaning = hm_arg_require_text(fcinfo, 0, "server");
	char	   *reason = hm_arg_require_reason(fcinfo, 1);
	HmState    *state;
	HmState		former;

	hm_capability_require(HM_AUDITOR);
	hm_state_lock();
	state = load_state();
	former = *state;
	if (strcmp(meaning, "moved") == 0)
		confirm_moved(state);
	else if (strcmp(meaning, "copy") == 0)
		confirm_copy(state);
	else
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE),
				 errmsg("unrecognized answer \"%s\"", meaning),
				 errhint("Answers are moved and copy.")));
	hm_state_update(state);
	record_confirmation(&former, meaning, reason);
	PG_RETURN_VOID();
}
