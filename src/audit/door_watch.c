/*
 * src/audit/door_watch.c
 *	  Queries that write watched catalogs: has one written a row of ours?
 *
 * Until it is done, the functions it calls execute commands that may already
 * see what it wrote, and by which ours may not be known as ours any more.  So
 * each command and object that comes meanwhile asks here first.
 */
#include "postgres.h"

#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "audit/door_catalog.h"
#include "audit/door_parts.h"
#include "audit/relations.h"
#include "base/compat.h"
#include "executor/tuptable.h"
#include "parser/parsetree.h"
#include "storage/bufmgr.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

/* In TopTransactionContext. */
typedef struct Watch
{
	const QueryDesc *query;
	const char *command;
	SubTransactionId subtransaction;
	CommandId	since;
	bool		server;			/* rows of what initdb made count */
	List	   *catalogs;		/* HmWatchedCatalog */
	HmBelongings *ours;			/* when the query began */
	struct Watch *outer;
} Watch;

static Watch *innermost = NULL;

/*
 * Has this transaction written that version of the row since then, or ended
 * it?
 */
static bool
is_written(HeapTupleHeader row, CommandId since)
{
	if (TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(row)) &&
		HeapTupleHeaderGetCmin(row) >= since)
		return true;
	if ((row->t_infomask & HEAP_XMAX_INVALID) != 0 ||
		HEAP_XMAX_IS_LOCKED_ONLY(row->t_infomask) ||
		!TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetUpdateXid(row)))
		return false;
	return HeapTupleHeaderGetCmax(row) >= since;
}

static bool
is_breach(const Watch *watch, const HmWatchedCatalog *catalog,
		  TupleTableSlot *slot, TupleDesc desc)
{
	BufferHeapTupleTableSlot *stored = (BufferHeapTupleTableSlot *) slot;
	HeapTuple	row = stored->base.tuple;
	bool		written;

	LockBuffer(stored->buffer, BUFFER_LOCK_SHARE);
	written = is_written(row->t_data, watch->since);
	LockBuffer(stored->buffer, BUFFER_LOCK_UNLOCK);
	return written &&
		hm_door_row_is_ours(catalog, row, desc, watch->ours, watch->server);
}

/*
 * All versions of all rows, for a version that is gone is what is looked for.
 */
static bool
has_breach(const Watch *watch, const HmWatchedCatalog *catalog)
{
	Relation	relation = table_open(catalog->catalog, AccessShareLock);
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	TableScanDesc scan = table_beginscan(relation, SnapshotAny, 0, NULL);
	bool		found = false;

	while (!found && table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		found = is_breach(watch, catalog, slot, RelationGetDescr(relation));
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	table_close(relation, AccessShareLock);
	return found;
}

static void
check(const Watch *watch)
{
	ListCell   *cell;

	foreach(cell, watch->catalogs)
	{
		const HmWatchedCatalog *catalog = lfirst(cell);

		if (has_breach(watch, catalog))
			hm_door_refuse_catalog(catalog->catalog, watch->command,
								   "it changes a row that describes what extension hipaa_migrate keeps in this database, or what the server was made with");
	}
}

/* Until the command counter moves nobody sees what the query has written. */
void
hm_door_check_watched(void)
{
	if (likely(innermost == NULL) || !IsTransactionState())
		return;
	for (Watch *watch = innermost; watch != NULL; watch = watch->outer)
	{
		if (GetCurrentCommandId(false) > watch->since)
			check(watch);
	}
}

static void
end_of_transaction(XactEvent event, void *argument)
{
	switch (event)
	{
		case XACT_EVENT_PRE_COMMIT:
		case XACT_EVENT_PRE_PREPARE:
			for (Watch *watch = innermost; watch != NULL; watch = watch->outer)
				check(watch);
			break;
		case XACT_EVENT_COMMIT:
		case XACT_EVENT_ABORT:
		case XACT_EVENT_PREPARE:
			innermost = NULL;
			break;
		default:
			break;
	}
}

static void
end_of_subtransaction(SubXactEvent event, SubTransactionId subtransaction,
					  SubTransactionId parent, void *argument)
{
	if (event != SUBXACT_EVENT_ABORT_SUB)
		return;
	while (innermost != NULL && innermost->subtransaction >= subtransaction)
		innermost = innermost->outer;
}

static List *
find_watched(const PlannedStmt *plan, bool *server)
{
	List	   *catalogs = NIL;
	ListCell   *cell;

	foreach(cell, plan->resultRelations)
	{
		RangeTblEntry *table = rt_fetch(lfirst_int(cell), plan->rtable);
		const HmWatchedCatalog *watched = NULL;

		if (table->relid < FirstUnpinnedObjectId)
			watched = hm_door_watched(table->relid);
		if (watched == NULL)
			continue;
		catalogs = list_append_unique_ptr(catalogs, (void *) watched);
		if (!hm_door_only_estimates(plan, table))
			*server = true;
	}
	return catalogs;
}

static void
begin(const QueryDesc *query, List *catalogs, bool server)
{
	static bool called_back = false;
	Watch	   *watch = palloc0(sizeof(Watch));

	if (!called_back)
	{
		RegisterXactCallback(end_of_transaction, NULL);
		RegisterSubXactCallback(end_of_subtransaction, NULL);
		called_back = true;
	}
	watch->query = query;
	watch->command =
		GetCommandTagName(CreateCommandTag((Node *) query->plannedstmt));
	watch->subtransaction = GetCurrentSubTransactionId();
	watch->since = query->estate->es_output_cid;
	watch->server = server;
	watch->catalogs = catalogs;
	watch->ours = hm_belongings_load();
	watch->outer = innermost;
	innermost = watch;
}

void
hm_door_watch_query(const QueryDesc *query)
{
	bool		server = false;
	MemoryContext caller;
	List	   *catalogs;

	if (hm_door_passes())
		return;
	caller = MemoryContextSwitchTo(TopTransactionContext);
	catalogs = find_watched(query->plannedstmt, &server);
	if (catalogs != NIL)
		begin(query, catalogs, server);
	MemoryContextSwitchTo(caller);
}

void
hm_door_end_query(const QueryDesc *query)
{
	Watch	   *watch = innermost;

	if (likely(watch == NULL) || watch->query != query)
		return;
	check(watch);
	innermost = watch->outer;
	list_free(watch->catalogs);
	hm_belongings_free(watch->ours);
	pfree(watch);
}
