/*
 * src/audit/event.c
 *	  Events: the one way into the record.
 */
#include "postgres.h"

#include "access/xact.h"
#include "audit/event_row.h"
#include "audit/relations.h"
#include "miscadmin.h"
#include "utils/memutils.h"

/* Whether this transaction appended anything that is to be sealed. */
static bool appended = false;

static MemoryContext
scratch_context(void)
{
	static MemoryContext scratch = NULL;

	if (scratch == NULL)
		scratch = AllocSetContextCreate(TopMemoryContext,
										"hipaa_migrate event",
										ALLOCSET_DEFAULT_SIZES);
	MemoryContextReset(scratch);
	return scratch;
}

/* Where a transaction has failed, what was true before it still is. */
bool
hm_event_possible(void)
{
	static bool possible = false;

	if (IsTransactionState() && OidIsValid(MyDatabaseId))
		possible = OidIsValid(hm_relation_find(HM_RELATION_AUDIT_EVENT));
	return possible;
}

void
hm_event_append(const HmEvent *event)
{
	MemoryContext caller = MemoryContextSwitchTo(scratch_context());
	HmEventRow	row;

	hm_event_row_build(&row, event);
	hm_event_row_insert(&row);
	MemoryContextSwitchTo(caller);
	appended = true;
}

static void
note_end_of_transaction(XactEvent event, void *argument)
{
	switch (event)
	{
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_PREPARE:
			appended = false;
			break;
		case XACT_EVENT_ABORT:
			appended = false;
			break;
		default:
			break;
	}
}

HmRecorded
hm_event_record(const HmEvent *event, uint64 fold_key, int wait_ms)
{
	return HM_RECORD_LOST;
}

void
hm_event_init(void)
{
	RegisterXactCallback(note_end_of_transaction, NULL);
}
