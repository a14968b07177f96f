/*
 * src/audit/seal.c
 *	  Sealing: what was committed since the last seal becomes a block.
 */
#include "postgres.h"

#include "access/transam.h"
#include "access/xact.h"
#include "access/xlog.h"
#include "audit/block.h"
#include "audit/block_snapshot.h"
#include "audit/clock.h"
#include "audit/epoch.h"
#include "audit/event.h"
#include "audit/fingerprint.h"
#include "audit/member.h"
#include "audit/relations.h"
#include "audit/seal.h"
#include "audit/service.h"
#include "catalog/pg_extension.h"
#include "miscadmin.h"
#include "storage/lock.h"
#include "utils/snapmgr.h"

/* See run_lock.c for the others; column 3 of such a lock in pg_locks. */
#define LOCK_SEAL 3

/* Noticed by a seal, which appends no events itself. */
typedef struct Notices
{
	bool		clock_stepped;
	TimestampTz clock;
	bool		relations_changed;
	int64		block;
} Notices;

static Notices notices;

bool
hm_seal_try_lock(void)
{
	LOCKTAG		tag;

	SET_LOCKTAG_OBJECT(tag, MyDatabaseId, ExtensionRelationId,
					   hm_relations_extension(), LOCK_SEAL);
	return LockAcquire(&tag, ExclusiveLock, false, true) !=
		LOCKACQUIRE_NOT_AVAIL;
}

static void
notice_changed_relations(const HmBlock *last, const HmBlock *block)
{
	if (last == NULL ||
		last->system_identifier != block->system_identifier ||
		hm_merkle_equal(&last->fingerprint, &block->fingerprint))
		return;
	notices.relations_changed = true;
	notices.block = block->block;
}

static void
advance_clock(HmState *state, TimestampTz now)
{
	if (!hm_clock_advance(state, now))
		return;
	notices.clock_stepped = true;
	notices.clock = now;
}

static void
link_to(HmBlock *block, const HmBlock *last)
{
	block->block = 1;
	block->first_leaf = 1;
	if (last == NULL)
		return;
	block->block = last->block + 1;
	block->first_leaf = last->tree_size + 1;
	block->frontier = last->frontier;
	block->has_previous = true;
	block->previous = last->hash;
}

static void
append_leaves(HmBlock *block, const HmMembers *members)
{
	for (int64 i = 0; i < members->count; i++)
		hm_frontier_append(&block->frontier, &members->items[i].leaf.hash);
	block->leaf_count = members->count;
	block->tree_size = (int64) block->frontier.size;
	hm_frontier_root(&block->frontier, &block->root);
}

static HmBlock *
build_block(const HmState *state, const HmBlock *last,
			const HmMembers *members, const HmBlockSnapshot *snapshot,
			TimestampTz now)
{
	HmBlock    *block = palloc0(sizeof(HmBlock));

	block->epoch = state->epoch;
	link_to(block, last);
	append_leaves(block, members);
	block->sealed_at = now;
	block->snapshot = hm_block_snapshot_print(snapshot);
	block->lsn = (int64) GetXLogInsertRecPtr();
	block->timeline = (int64) GetWALInsertionTimeLine();
	block->system_identifier = (int64) GetSystemIdentifier();
	hm_fingerprint_compute(&block->fingerprint);
	block->anchored_at = state->anchored_at;
	hm_block_hash(block, &block->hash);
	return block;
}

static HmBlockSnapshot *
require_snapshot(const HmBlock *block)
{
	HmBlockSnapshot *snapshot = hm_block_snapshot_parse(block->snapshot);

	if (snapshot == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("block " INT64_FORMAT " of the record of hipaa_migrate is damaged",
						block->block),
				 errhint("See what SELECT * FROM audit_verify() reports.")));
	return snapshot;
}

bool
hm_seal_add_block(HmState *state, Snapshot snapshot)
{
	HmBlock    *last = hm_block_load_last(&state->epoch, snapshot);
	HmBlockSnapshot *before = last ? require_snapshot(last) : NULL;
	HmMembers  *members = hm_members_load(&state->epoch, before, snapshot);
	TimestampTz now = GetCurrentTimestamp();
	HmBlockSnapshot *sealed;
	HmBlock    *block;

	Assert(!TransactionIdIsValid(GetTopTransactionIdIfAny()));
	if (members->count == 0)
		return false;
	advance_clock(state, now);
	sealed = hm_block_snapshot_build(snapshot);
	state->next_xid = (int64) Max(state->next_xid, (int64) sealed->xmax);
	block = build_block(state, last, members, sealed, now);
	notice_changed_relations(last, block);
	hm_members_insert_leaves(members, block);
	hm_block_insert(block);
	return true;
}

/*
 * Whoever holds the state, say in an open transaction that confirms a step of
 * the clock, does not hold up the seal: then the state stays as it was.
 */
static bool
seal_with(bool locked, Snapshot snapshot)
{
	HmState		state;

	if (!hm_state_load(&state, snapshot) || !hm_epoch_is_here(&state))
		return false;
	if (!hm_seal_add_block(&state, snapshot))
		return false;
	if (locked)
		hm_state_update(&state);
	else
		notices.clock_stepped = false;
	return true;
}

static bool
seal_in_transaction(void)
{
	bool		locked;
	bool		sealed;

	if (!hm_seal_try_lock())
		return false;
	locked = hm_state_try_lock();
	PushActiveSnapshot(GetTransactionSnapshot());
	sealed = seal_with(locked, GetActiveSnapshot());
	PopActiveSnapshot();

	/* Nobody shall see a seal that a crash could undo. */
	if (sealed)
		ForceSyncCommit();
	return sealed;
}

static void
report_clock(void)
{
	HmEvent		event = {.kind = HM_EVENT_CLOCK_STEPPED};

	event.details = psprintf("{\"clock\": \"%s\"}",
							 timestamptz_to_str(notices.clock));
	hm_event_append(&event);
}

static void
report_relations(void)
{
	HmEvent		event = {.kind = HM_EVENT_RELATIONS_CHANGED};

	event.details = psprintf("{\"block\": " INT64_FORMAT "}", notices.block);
	hm_event_append(&event);
}

void
hm_seal_report(void)
{
	if (!notices.clock_stepped && !notices.relations_changed)
		return;
	if (hm_service_start_transaction())
	{
		if (notices.clock_stepped)
			report_clock();
		if (notices.relations_changed)
			report_relations();
	}
	CommitTransactionCommand();
	memset(&notices, 0, sizeof(notices));
}

bool
hm_seal(void)
{
	bool		sealed;

	sealed = hm_service_start_transaction() && seal_in_transaction();
	CommitTransactionCommand();
	hm_seal_report();
	return sealed;
}
