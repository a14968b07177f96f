/*
 * src/audit/witness.c
 *	  The second witness: the WAL, for what is not, or not yet, in a row.
 *
 * "SELECT * FROM pg_logical_slot_get_changes(...)" on a slot that decodes
 * messages, or pg_waldump --rmgr=LogicalMessage, finds them by the position
 * that the log line names.
 */
#include "postgres.h"

#include "access/xlog.h"
#include "access/xloginsert.h"
#include "audit/witness.h"
#include "base/compat.h"

#define PREFIX "hipaa_migrate"

static bool
can_write_wal(void)
{
	return MyProc != NULL && CritSectionCount == 0 && !RecoveryInProgress();
}

void
hm_witness(Oid database, HmMessageKind kind, const char *bytes, Size length,
		   const char *reason)
{
	XLogRecPtr	lsn;

	if (!can_write_wal())
	{
		ereport(LOG_SERVER_ONLY,
				(errmsg("an event of database %u could not be recorded: %s",
						database, reason),
				 errhidestmt(true), errhidecontext(true)));
		return;
	}

	/*
	 * An error may have come in between assembling a record and inserting it.
	 */
	XLogResetInsertion();
	lsn = hm_compat_log_message(PREFIX, bytes, length);
	ereport(LOG_SERVER_ONLY,
			(errmsg("an event of database %u could not be recorded in time: %s",
					database, reason),
			 errdetail("It is in the WAL, as a logical message that ends at %X/%X.",
					   LSN_FORMAT_ARGS(lsn)),
			 errhidestmt(true), errhidecontext(true)));
}

void
hm_witness_count_lost(HmDatabase *entry, int64 count, TimestampTz now)
{
	entry->lost += count;
	entry->lost_at = now;
	if (entry->gap.count == 0)
		entry->gap.first = now;
	entry->gap.count += count;
	entry->gap.last = now;
}
