/*
 * src/guard/guard_state.c
 *	  What is guarded, in this database and in the others of the cluster.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/xact.h"
#include "audit/relations.h"
#include "base/compat.h"
#include "base/settings.h"
#include "catalog/pg_database.h"
#include "catalog/pg_shseclabel.h"
#include "commands/seclabel.h"
#include "guard/exemption.h"
#include "guard/guard_rows.h"
#include "guard/label.h"
#include "guard/guard_state.h"
#include "port/atomics.h"
#include "storage/ipc.h"
#include "storage/lwlock.h"
#include "storage/shmem.h"
#include "utils/builtins.h"
#include "utils/memutils.h"
#include "utils/rel.h"

/* How often labels have changed since the start of the server, from 1. */
static pg_atomic_uint64 *changes;

static shmem_request_hook_type previous_request_hook;
static shmem_startup_hook_type previous_startup_hook;

/* What was read, and at which number of changes; 0: nothing yet. */
static uint64 read_at = 0;
static Oid	read_extension;
static bool read_overridden;
static MemoryContext read_context;
static List *databases;

/* This transaction has written a label. */
static bool published = false;

static void
request(void)
{
	if (previous_request_hook)
		previous_request_hook();
	RequestAddinShmemSpace(sizeof(pg_atomic_uint64));
}

static void
startup(void)
{
	bool		found;

	if (previous_startup_hook)
		previous_startup_hook();
	LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
	changes = ShmemInitStruct("hipaa_migrate guard", sizeof(pg_atomic_uint64),
							  &found);
	if (!found)
		pg_atomic_init_u64(changes, 1);
	LWLockRelease(AddinShmemInitLock);
}

static HmGuardMode
strictest(const HmGuardMode *modes)
{
	HmGuardMode mode = HM_GUARD_OFF;

	for (int i = HM_FIRST_MODAL_CLASS; i <= HM_LAST_MODAL_CLASS; i++)
		mode = Max(mode, modes[i]);
	return mode;
}

static HmGuardedDatabase *
observing_database(void)
{
	HmGuardedDatabase *database = palloc0(sizeof(HmGuardedDatabase));

	database->oid = MyDatabaseId;
	for (int i = HM_FIRST_MODAL_CLASS; i <= HM_LAST_MODAL_CLASS; i++)
		database->modes[i] = HM_GUARD_OBSERVE;
	return database;
}

static List *
read_labels(void)
{
	Relation	catalog = table_open(SharedSecLabelRelationId, AccessShareLock);
	SysScanDesc scan = systable_beginscan(catalog, InvalidOid, false, NULL, 0,
										  NULL);
	List	   *labelled = NIL;
	HeapTuple	tuple;

	while (HeapTupleIsValid(tuple = systable_getnext(scan)))
	{
		TupleDesc	columns = RelationGetDescr(catalog);
		Form_pg_shseclabel row = (Form_pg_shseclabel) GETSTRUCT(tuple);
		bool		isnull;
		Datum		provider = heap_getattr(tuple, Anum_pg_shseclabel_provider,
											columns, &isnull);
		Datum		label = heap_getattr(tuple, Anum_pg_shseclabel_label,
										 columns, &isnull);

		if (row->classoid == DatabaseRelationId &&
			strcmp(TextDatumGetCString(provider), HM_LABEL_PROVIDER) == 0)
			labelled = lappend(labelled,
							   hm_label_parse(row->objoid,
											  TextDatumGetCString(label)));
	}
	systable_endscan(scan);
	table_close(catalog, AccessShareLock);
	return labelled;
}

static HmGuardedDatabase *
find_database(List *candidates, Oid oid)
{
	ListCell   *cell;

	foreach(cell, candidates)
	{
		HmGuardedDatabase *database = lfirst(cell);

		if (database->oid == oid)
			return database;
	}
	return NULL;
}

/* A label that was lost does not disarm. */
static void
make_stricter(HmGuardMode *modes)
{
	HmGuardMode by_table[HM_GUARD_CLASSES] = {HM_GUARD_OFF};

	hm_guard_rows_read(by_table);
	for (int i = 0; i < HM_GUARD_CLASSES; i++)
		modes[i] = Max(modes[i], by_table[i]);
}

/*
 * The current database first.  Under the override labels are not read: one of
 * them may be why it is needed.
 */
static List *
read_databases(void)
{
	List	   *labelled = hm_setting_guard_override ? NIL : read_labels();
	HmGuardedDatabase *here = find_database(labelled, MyDatabaseId);
	ListCell   *cell;

	if (here)
		labelled = list_delete_ptr(labelled, here);
	else if (OidIsValid(hm_relations_extension()))
		here = observing_database();
	if (here)
	{
		make_stricter(here->modes);
		labelled = lcons(here, labelled);
	}
	foreach(cell, labelled)
	{
		HmGuardedDatabase *database = lfirst(cell);

		database->modes[HM_CLASS_OWN] = strictest(database->modes);
	}
	return labelled;
}

static void
read_anew(uint64 number)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext,
												  "hipaa_migrate guard",
												  ALLOCSET_SMALL_SIZES);
	MemoryContext caller = MemoryContextSwitchTo(context);
	List	   *fresh = read_databases();

	MemoryContextSwitchTo(caller);
	MemoryContextSetParent(context, TopMemoryContext);
	if (read_context)
		MemoryContextDelete(read_context);
	read_context = context;
	databases = fresh;
	read_at = number;
	read_extension = hm_relations_extension();
	read_overridden = hm_setting_guard_override;
}

List *
hm_guard_databases(void)
{
	uint64		number;

	if (changes == NULL || RecoveryInProgress())
	{
		read_at = 0;
		return NIL;
	}
	number = pg_atomic_read_u64(changes);
	if (read_at != number || read_extension != hm_relations_extension() ||
		read_overridden != hm_setting_guard_override)
		read_anew(number);
	return databases;
}

void
hm_guard_read_modes(HmGuardMode *modes)
{
	HmGuardedDatabase *here = linitial(read_databases());

	memcpy(modes, here->modes, sizeof(here->modes));
}

const HmGuardedDatabase *
hm_guard_here(void)
{
	return find_database(hm_guard_databases(), MyDatabaseId);
}

HmGuardMode
hm_guard_mode(HmGuardClass class, bool shared)
{
	HmGuardMode mode = HM_GUARD_OFF;
	ListCell   *cell;

	foreach(cell, hm_guard_databases())
	{
		HmGuardedDatabase *database = lfirst(cell);

		if (shared || database->oid == MyDatabaseId)
			mode = Max(mode, database->modes[class]);
	}
	return mode;
}

bool
hm_guard_is_armed(Oid oid)
{
	const HmGuardedDatabase *database = find_database(hm_guard_databases(),
													  oid);

	return database != NULL && database->modes[HM_CLASS_OWN] == HM_GUARD_ENFORCE;
}

static void
write_label(const char *label)
{
	ObjectAddress address = {DatabaseRelationId, MyDatabaseId, 0};

	SetSecurityLabel(&address, HM_LABEL_PROVIDER, label);
	CommandCounterIncrement();	/* or who reads it next would keep the old */
	published = true;
	read_at = 0;
}

void
hm_guard_publish(void)
{
	HmGuardedDatabase *here = observing_database();

	hm_guard_rows_read(here->modes);
	here->exemptions = hm_exemption_load();
	write_label(hm_label_build(here));
}

void
hm_guard_withdraw(void)
{
	write_label(NULL);
}

static void
tell_others(XactEvent event, void *argument)
{
	if (!published)
		return;
	if (event == XACT_EVENT_COMMIT)
		pg_atomic_fetch_add_u64(changes, 1);
	if (event == XACT_EVENT_COMMIT || event == XACT_EVENT_ABORT)
	{
		published = false;
		read_at = 0;
	}
}

static void
forget_part(SubXactEvent event, SubTransactionId my_subid,
			SubTransactionId parent_subid, void *argument)
{
	if (event == SUBXACT_EVENT_ABORT_SUB && published)
		read_at = 0;
}

void
hm_guard_state_init(void)
{
	previous_request_hook = shmem_request_hook;
	shmem_request_hook = request;
	previous_startup_hook = shmem_startup_hook;
	shmem_startup_hook = startup;
	RegisterXactCallback(tell_others, NULL);
	RegisterSubXactCallback(forget_part, NULL);
}
