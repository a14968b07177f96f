/*
 * src/audit/hand_out.c
 *	  Hands out digests, in the sealer.
 *
 * Only that of the last block is worth it: it stands for all before.  While a
 * command runs, or hangs, sealing goes on, and the block to be handed out
 * next is whichever is the last then.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/digest.h"
#include "audit/digest_command.h"
#include "audit/epoch.h"
#include "audit/event.h"
#include "audit/service.h"
#include "base/json_text.h"
#include "base/settings.h"
#include "commands/async.h"
#include "utils/snapmgr.h"

#define POLL_MS 50
#define FIRST_RETRY_MS 1000
#define LAST_RETRY_MS (5 * 60 * 1000)

/* What a command came to, until it is stored. */
typedef struct Outcome
{
	HmCommandState state;
	pg_uuid_t	epoch;			/* set when the command is started */
	int64		block;
	char		cause[256];
} Outcome;

static Outcome outcome;

/* What to hand out; digest is NULL when there is nothing. */
typedef struct Offer
{
	pg_uuid_t	epoch;
	int64		block;
	bool		safe;			/* no crash and no failover undoes it */
	char	   *digest;
} Offer;

static TimestampTz retry_at = 0;
static int64 notified_block = 0;
static pg_uuid_t notified_epoch;

static int
retry_delay(int64 failures)
{
	return failures > 9 ? LAST_RETRY_MS :
		Min(FIRST_RETRY_MS << (failures - 1), LAST_RETRY_MS);
}

static void
report_failure(void)
{
	HmEvent		event = {.kind = HM_EVENT_DIGEST_FAILED};
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_int64(&json, "block", outcome.block);
	hm_json_text(&json, "cause", outcome.cause);
	event.details = hm_json_end(&json);
	hm_event_append(&event);
}

static void
note_failure(HmState *state)
{
	state->digest_failures++;
	retry_at = TimestampTzPlusMilliseconds(GetCurrentTimestamp(),
										   retry_delay(state->digest_failures));
	if (state->digest_failures == 1)
		report_failure();
}

static void
note_success(HmState *state)
{
	state->digest_failures = 0;
	state->digest_block = outcome.block;
	state->digest_at = GetCurrentTimestamp();
	retry_at = 0;
}

static bool
load_state(HmState *state)
{
	bool		found;

	PushActiveSnapshot(GetTransactionSnapshot());
	found = hm_state_load(state, GetActiveSnapshot()) &&
		hm_epoch_is_here(state);
	PopActiveSnapshot();
	return found;
}

/* False when somebody else holds the state: to be tried again. */
static bool
store_outcome(void)
{
	bool		stored = false;
	HmState		state;

	if (hm_service_start_transaction() && hm_state_try_lock())
	{
		stored = true;
		if (load_state(&state) && memcmp(&state.epoch, &outcome.epoch,
										 sizeof(pg_uuid_t)) == 0)
		{
			if (outcome.state == HM_COMMAND_SUCCEEDED)
				note_success(&state);
			else
				note_failure(&state);
			hm_state_update(&state);
		}
	}
	CommitTransactionCommand();
	return stored;
}

static void
fail(const char *cause)
{
	outcome.state = HM_COMMAND_FAILED;
	strlcpy(outcome.cause, cause, sizeof(outcome.cause));
	ereport(LOG,
			(errmsg("hipaa_migrate.digest_command failed for block " INT64_FORMAT ": %s",
					outcome.block, cause)));
}

/* False when there is something to wait for. */
static bool
finish_last(void)
{
	char	   *cause;

	if (outcome.state == HM_COMMAND_NONE)
	{
		HmCommandState state = hm_digest_command_poll(&outcome.block, &cause);

		if (state == HM_COMMAND_RUNS)
			return false;
		if (state == HM_COMMAND_FAILED)
			fail(cause);
		outcome.state = state;
	}
	if (outcome.state != HM_COMMAND_NONE && !store_outcome())
		return false;
	outcome.state = HM_COMMAND_NONE;
	return true;
}

static void
start_command(const Offer *offer)
{
	char	   *cause = hm_digest_command_start(offer->block, offer->digest);

	outcome.epoch = offer->epoch;
	outcome.block = offer->block;
	if (cause)
		fail(cause);
}

static bool
is_notified(const HmBlock *block)
{
	return notified_block == block->block &&
		memcmp(&notified_epoch, &block->epoch, sizeof(pg_uuid_t)) == 0;
}

static void
notify(const HmBlock *block, const char *digest)
{
	if (is_notified(block))
		return;
	Async_Notify(HM_DIGEST_CHANNEL, digest);
	notified_block = block->block;
	notified_epoch = block->epoch;
}

static HmBlock *
load_last_block(const HmState *state)
{
	HmBlock    *block;

	PushActiveSnapshot(GetTransactionSnapshot());
	block = hm_block_load_last(&state->epoch, GetActiveSnapshot());
	PopActiveSnapshot();
	return block;
}

/*
 * A block that can be seen is flushed here, for a seal commits synchronously;
 * whether standbys have it is seen by waiting until they have all there was
 * when the block was first seen.
 */
static bool
is_safe(const HmBlock *block, XLogRecPtr *position)
{
	static int64 seen_block = 0;
	static pg_uuid_t seen_epoch;
	static XLogRecPtr seen_at;

	if (seen_block != block->block ||
		memcmp(&seen_epoch, &block->epoch, sizeof(pg_uuid_t)) != 0)
	{
		seen_block = block->block;
		seen_epoch = block->epoch;
		seen_at = hm_digest_written_position();
	}
	*position = seen_at;
	return hm_digest_safe_position() >= seen_at;
}

static void
make_offer(Offer *offer)
{
	XLogRecPtr	position;
	HmBlock    *block;
	HmState		state;

	if (!load_state(&state) || state.clone)
		return;
	block = load_last_block(&state);
	if (block == NULL || block->block <= state.digest_block)
		return;
	offer->epoch = block->epoch;
	offer->block = block->block;
	offer->safe = is_safe(block, &position);
	offer->digest = hm_digest_build(block, position);
	if (offer->safe)
		notify(block, offer->digest);
}

/* Copies the digest out of the transaction. */
static void
find_offer(Offer *offer)
{
	MemoryContext caller = CurrentMemoryContext;

	memset(offer, 0, sizeof(Offer));
	if (hm_service_start_transaction())
		make_offer(offer);
	if (offer->digest)
		offer->digest = MemoryContextStrdup(caller, offer->digest);
	CommitTransactionCommand();
	MemoryContextSwitchTo(caller);
}

int
hm_digest_hand_out(void)
{
	TimestampTz now = GetCurrentTimestamp();
	Offer		offer;

	if (!finish_last())
		return POLL_MS;
	if (retry_at > now)
		return Max(TimestampDifferenceMilliseconds(now, retry_at), 1);
	find_offer(&offer);
	if (offer.digest == NULL)
		return 0;
	if (!offer.safe)
		return POLL_MS;
	if (hm_setting_digest_command[0] == '\0')
		return 0;
	start_command(&offer);
	return POLL_MS;
}
