/*
 * src/audit/directory.c
 *	  The databases of the server, as the launcher knows them.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xact.h"
#include "audit/directory.h"
#include "audit/ring.h"
#include "base/compat.h"
#include "catalog/pg_database.h"
#include "utils/memutils.h"

static List *databases;			/* of HmKnownDatabase, in this context */
static MemoryContext database_context;

List *
hm_directory(void)
{
	return databases;
}

HmKnownDatabase *
hm_directory_find(Oid oid)
{
	ListCell   *cell;

	foreach(cell, databases)
	{
		HmKnownDatabase *database = lfirst(cell);

		if (database->oid == oid)
			return database;
	}
	return NULL;
}

static HmKnownDatabase *
build_database(const FormData_pg_database *form)
{
	const HmKnownDatabase *old = hm_directory_find(form->oid);
	HmKnownDatabase *database = palloc(sizeof(HmKnownDatabase));

	database->oid = form->oid;
	database->connectable = form->datallowconn &&
		form->datconnlimit != DATCONNLIMIT_INVALID_DB;
	database->visit = old ? old->visit : true;
	return database;
}

/* Reads pg_database anew; what was known of a database stays known. */
static void
load_databases(void)
{
	MemoryContext context = AllocSetContextCreate(TopMemoryContext,
												  "hipaa_migrate databases",
												  ALLOCSET_SMALL_SIZES);
	List	   *found = NIL;
	Relation	relation;
	TableScanDesc scan;
	HeapTuple	tuple;

	StartTransactionCommand();
	(void) GetTransactionSnapshot();
	relation = table_open(DatabaseRelationId, AccessShareLock);
	scan = table_beginscan_catalog(relation, 0, NULL);
	while ((tuple = heap_getnext(scan, ForwardScanDirection)) != NULL)
	{
		MemoryContext caller = MemoryContextSwitchTo(context);

		found = lappend(found, build_database((FormData_pg_database *)
											  GETSTRUCT(tuple)));
		MemoryContextSwitchTo(caller);
	}
	table_endscan(scan);
	table_close(relation, AccessShareLock);
	CommitTransactionCommand();

	if (database_context)
		MemoryContextDelete(database_context);
	database_context = context;
	databases = found;
}

/* Entries of which there was no database when they were there already. */
static void
remove_dropped(const Oid *entries, int count)
{
	for (int i = 0; i < count; i++)
	{
		HmDatabase *entry;

		if (hm_directory_find(entries[i]))
			continue;
		LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
		entry = hm_shared_find(entries[i]);
		if (entry && entry->workers[HM_RECORDER].phase != HM_WORKER_RUNNING &&
			entry->workers[HM_SEALER].phase != HM_WORKER_RUNNING)
		{
			hm_ring_forget(entry);
			hm_shared_remove(entry);
		}
		LWLockRelease(hm_shared->lock);
	}
}

void
hm_directory_load(void)
{
	Oid		   *entries = palloc(sizeof(Oid) * hm_shared->ndatabases);
	int			count = 0;

	LWLockAcquire(hm_shared->lock, LW_EXCLUSIVE);
	hm_shared->rescan = false;
	for (int i = 0; i < hm_shared->ndatabases; i++)
	{
		if (OidIsValid(hm_shared->databases[i].oid))
			entries[count++] = hm_shared->databases[i].oid;
	}
	LWLockRelease(hm_shared->lock);
	load_databases();
	remove_dropped(entries, count);
	pfree(entries);
}
