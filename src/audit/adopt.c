/*
 * src/audit/adopt.c
 *	  Epochs that are not appended to: verified, then adopted or failed.
 *
 * They were closed here, or came with a restored dump.  The decision is final
 * for the epoch that is open: the event record.epoch_adopted says it is taken,
 * and from then on the record's door lets no more rows of it in.  As a dump is
 * restored table by table, an epoch that does not pass, or has no block, gets
 * some time in which the rest may come.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/block.h"
#include "audit/epoch.h"
#include "audit/epoch_row.h"
#include "audit/event.h"
#include "audit/seal.h"
#include "audit/service.h"
#include "audit/verify.h"
#include "base/json_text.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/snapmgr.h"

/* How long the rest of an epoch may take to come, and how often we look. */
#define GRACE_MS (10 * 60 * 1000)
#define LOOK_MS (15 * 1000)

typedef struct Finding
{
	bool		passed;
	int64		blocks;
	int64		tree_size;
	char	   *failure;
} Finding;

static TimestampTz look_at = 0;

static char *
print_uuid(const pg_uuid_t *uuid)
{
	return DatumGetCString(DirectFunctionCall1(uuid_out,
											   UUIDPGetDatum(uuid)));
}

/* The first, or NULL. */
static char *
describe_failure(const HmVerifyReport *verified)
{
	for (int i = 0; i < HM_CHECK_COUNT; i++)
	{
		const HmVerifyCheck *check = &verified->checks[i];

		if (check->failures > 0 && check->ndescribed > 0)
			return psprintf("%s: %s", hm_verify_check_name(i),
							check->described[0].message);
	}
	return NULL;
}

static void
verify(const pg_uuid_t *epoch, Snapshot snapshot, Finding *finding)
{
	HmVerifyOptions options = {.epoch = epoch,.max_failures = 1};
	HmBlock    *last = hm_block_load_last(epoch, snapshot);
	HmVerifyReport verified;

	hm_verify(&options, &verified);
	memset(finding, 0, sizeof(Finding));
	finding->passed = hm_verify_passed(&verified);
	finding->failure = describe_failure(&verified);
	finding->blocks = last ? last->block : 0;
	finding->tree_size = last ? last->tree_size : 0;
}

/* Was it decided on in the epoch that is open? */
static bool
is_decided(const pg_uuid_t *epoch)
{
	static HmStatement find = {
		"SELECT FROM hipaa_migrate.audit_event AS e,"
		"            hipaa_migrate.audit_state AS s"
		" WHERE e.epoch = s.epoch AND e.kind = 'record.epoch_adopted'"
		"   AND e.object = $1::pg_catalog.text",
		1, {UUIDOID}
	};
	Datum		value = UUIDPGetDatum(epoch);
	HmBracket	bracket;
	bool		decided;

	hm_query_begin(&bracket);
	decided = hm_query_run(&find, &value, NULL, true) > 0;
	hm_query_end(&bracket);
	return decided;
}

static void
report(const HmEpoch *epoch, const Finding *finding)
{
	HmEvent		event = {.kind = HM_EVENT_EPOCH_ADOPTED};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "database", epoch->database);
	hm_json_text(&json, "system_identifier",
				 psprintf(UINT64_FORMAT, (uint64) epoch->system_identifier));
	hm_json_int64(&json, "blocks", finding->blocks);
	hm_json_int64(&json, "tree_size", finding->tree_size);
	hm_json_text(&json, "failure", finding->failure);
	event.details = hm_json_end(&json);
	event.outcome = finding->passed ? "done" : "failed";
	event.object_type = "epoch";
	event.object = print_uuid(&epoch->epoch);
	hm_event_append(&event);
}

/* Epochs are ordered by when this database had them open, so it comes last. */
static void
decide(HmEpoch *epoch, HmEpoch *open, const Finding *finding)
{
	epoch->state = finding->passed ? HM_EPOCH_ADOPTED : HM_EPOCH_FAILED;
	if (epoch->closed_at == 0)
		epoch->closed_at = GetCurrentTimestamp();
	hm_epoch_update(epoch);
	if (open->ordinal <= epoch->ordinal)
	{
		open->ordinal = epoch->ordinal + 1;
		hm_epoch_update(open);
		CommandCounterIncrement();
	}
	report(epoch, finding);
}

/*
 * Since when we wait for the rest of it: that is when we closed it, which is
 * after the present epoch was opened.  0: we do not yet.
 */
static TimestampTz
waiting_since(const HmEpoch *epoch, const HmEpoch *open)
{
	bool		closed = strcmp(epoch->state, HM_EPOCH_CLOSED) == 0;

	return closed && epoch->closed_at >= open->opened_at ?
		epoch->closed_at : 0;
}

static void
begin_waiting(HmEpoch *epoch)
{
	epoch->state = HM_EPOCH_CLOSED;
	epoch->closed_at = GetCurrentTimestamp();
	hm_epoch_update(epoch);
}

/* True when it is settled. */
static bool
look_at_epoch(HmEpoch *epoch, HmEpoch *open, Snapshot snapshot)
{
	TimestampTz since = waiting_since(epoch, open);
	Finding		finding;

	verify(&epoch->epoch, snapshot, &finding);
	if ((finding.passed && finding.blocks > 0) ||
		(since != 0 && TimestampDifferenceExceeds(since,
												  GetCurrentTimestamp(),
												  GRACE_MS)))
	{
		decide(epoch, open, &finding);
		return true;
	}
	if (since == 0)
		begin_waiting(epoch);
	return false;
}

/* Every epoch was decided on, and none has come since. */
static bool
is_settled(const pg_uuid_t *open, int epochs)
{
	const HmDatabase *entry = hm_service_entry();

	return entry->settled_epochs == epochs &&
		memcmp(&entry->settled_epoch, open, sizeof(pg_uuid_t)) == 0;
}

static void
note_settled(const pg_uuid_t *open, int epochs)
{
	HmDatabase *entry = hm_service_entry();

	entry->settled_epoch = *open;
	entry->settled_epochs = epochs;
}

/*
 * Whether the record can be looked through by SQL: damage could end the
 * server, again and again.
 */
static bool
can_be_read(void)
{
	if (hm_verify_events_readable())
		return true;
	ereport(LOG,
			(errmsg("the record of hipaa_migrate is damaged, restored epochs are not looked at"),
			 errhint("See what SELECT * FROM audit_verify() reports.")));
	return false;
}

/* At the end of the list returns false. */
static bool
adopt_from(int *position, List *epochs, HmEpoch *open, Snapshot snapshot,
		   bool *waiting)
{
	while (*position < list_length(epochs))
	{
		HmEpoch    *epoch = list_nth(epochs, (*position)++);

		if (epoch == open || is_decided(&epoch->epoch))
			continue;
		if (!look_at_epoch(epoch, open, snapshot))
			*waiting = true;
		return true;
	}
	return false;
}

/*
 * One at a time, so that each gets a transaction of its own and a fresh look.
 * Returns whether there was one; *waiting becomes true when it is not settled.
 */
static bool
adopt_next(int *position, bool *waiting)
{
	Snapshot	snapshot = GetActiveSnapshot();
	List	   *epochs;
	HmEpoch    *open;
	HmState		state;

	if (!hm_state_load(&state, snapshot) || !hm_epoch_is_here(&state))
		return false;
	epochs = hm_epoch_load_all(snapshot);
	open = hm_epoch_find(epochs, &state.epoch);
	if (open == NULL || is_settled(&state.epoch, list_length(epochs)))
		return false;
	if (list_length(epochs) > 1 && !can_be_read())
	{
		*waiting = true;
		return false;
	}
	if (adopt_from(position, epochs, open, snapshot, waiting))
		return true;
	if (!*waiting)
		note_settled(&state.epoch, list_length(epochs));
	return false;
}

static bool
adopt_in_transaction(int *position, bool *waiting)
{
	bool		found;

	if (!hm_seal_try_lock())
		return false;
	PushActiveSnapshot(GetTransactionSnapshot());
	found = adopt_next(position, waiting);
	PopActiveSnapshot();
	return found;
}

int
hm_epoch_adopt(void)
{
	TimestampTz now = GetCurrentTimestamp();
	bool		waiting = false;
	int			position = 0;
	bool		found;

	if (look_at > now)
		return Max(TimestampDifferenceMilliseconds(now, look_at), 1);
	do
	{
		found = hm_service_start_transaction() &&
			adopt_in_transaction(&position, &waiting);
		CommitTransactionCommand();
	} while (found);
	look_at = waiting ? TimestampTzPlusMilliseconds(now, LOOK_MS) : 0;
	return waiting ? LOOK_MS : 0;
}
