/*
 * src/audit/digest.c
 *	  Digests: what stands for the whole record up to a block.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "access/xlogrecovery.h"
#include "audit/digest.h"
#include "base/json_text.h"
#include "commands/dbcommands.h"
#include "fmgr.h"
#include "miscadmin.h"
#include "replication/syncrep.h"
#include "replication/walsender.h"
#include "replication/walsender_private.h"
#include "storage/lwlock.h"
#include "utils/builtins.h"

#define DIGEST_FORMAT "hipaa_migrate digest 1"

/* Numbers of 64 bits as text: few JSON readers keep all their digits. */
char *
hm_digest_build(const HmBlock *block, XLogRecPtr lsn)
{
	Datum		epoch = DirectFunctionCall1(uuid_out,
											UUIDPGetDatum(&block->epoch));
	StringInfoData json;

	hm_json_begin(&json);
	hm_json_text(&json, "format", DIGEST_FORMAT);
	hm_json_text(&json, "database", get_database_name(MyDatabaseId));
	hm_json_text(&json, "epoch", DatumGetCString(epoch));
	hm_json_int64(&json, "block", block->block);
	hm_json_int64(&json, "tree_size", block->tree_size);
	hm_json_hex(&json, "root", block->root.bytes, HM_HASH_LENGTH);
	hm_json_hex(&json, "block_hash", block->hash.bytes, HM_HASH_LENGTH);
	if (block->has_previous)
		hm_json_hex(&json, "previous", block->previous.bytes, HM_HASH_LENGTH);
	hm_json_timestamp(&json, "sealed_at", block->sealed_at);
	hm_json_text(&json, "system_identifier",
				 psprintf(UINT64_FORMAT, (uint64) block->system_identifier));
	hm_json_int64(&json, "timeline", block->timeline);
	hm_json_text(&json, "lsn", psprintf("%X/%X", LSN_FORMAT_ARGS(lsn)));
	return hm_json_end(&json);
}

static XLogRecPtr
acknowledged_position(void)
{
	XLogRecPtr	position;

	LWLockAcquire(SyncRepLock, LW_SHARED);
	position = WalSndCtl->lsn[SYNC_REP_WAIT_FLUSH];
	LWLockRelease(SyncRepLock);
	return position;
}

/* What can be seen was committed, and what was sealed is flushed. */
XLogRecPtr
hm_digest_written_position(void)
{
	return RecoveryInProgress() ? GetXLogReplayRecPtr(NULL) :
		GetFlushRecPtr(NULL);
}

XLogRecPtr
hm_digest_safe_position(void)
{
	XLogRecPtr	flushed = hm_digest_written_position();

	if (RecoveryInProgress() || max_wal_senders == 0 || SyncRepStandbyNames == NULL ||
		SyncRepStandbyNames[0] == '\0')
		return flushed;
	return Min(flushed, acknowledged_position());
}
