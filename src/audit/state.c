/*
 * src/audit/state.c
 *	  audit_state: where the record of this database stands.
 */
#include "postgres.h"

#include "access/heapam.h"
#include "access/table.h"
#include "access/tableam.h"
#include "audit/relations.h"
#include "audit/state.h"
#include "utils/inval.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

static pg_uuid_t epoch;
static Oid	epoch_known_from = InvalidOid;	/* audit_state, if known */

static void
forget_epoch(Datum argument, Oid relation)
{
	if (!OidIsValid(relation) || relation == epoch_known_from)
		epoch_known_from = InvalidOid;
}

static void
register_callback(void)
{
	static bool registered = false;

	if (registered)
		return;
	CacheRegisterRelcacheCallback(forget_epoch, (Datum) 0);
	registered = true;
}

static bool
load_epoch(void)
{
	Relation	relation = table_open(hm_relation_oid(HM_RELATION_AUDIT_STATE),
									  AccessShareLock);
	Snapshot	snapshot = RegisterSnapshot(GetLatestSnapshot());
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	TableScanDesc scan = table_beginscan(relation, snapshot, 0, NULL);
	bool		found = table_scan_getnextslot(scan, ForwardScanDirection,
											   slot);

	if (found)
	{
		bool		isnull;

		epoch = *DatumGetUUIDP(slot_getattr(slot, 1, &isnull));
	}
	table_endscan(scan);
	ExecDropSingleTupleTableSlot(slot);
	UnregisterSnapshot(snapshot);
	table_close(relation, AccessShareLock);
	return found;
}

bool
hm_state_exists(void)
{
	if (OidIsValid(epoch_known_from))
		return true;
	register_callback();
	if (!load_epoch())
		return false;
	epoch_known_from = hm_relation_oid(HM_RELATION_AUDIT_STATE);
	return true;
}

pg_uuid_t *
hm_state_epoch(void)
{
	if (!hm_state_exists())
		ereport(ERROR,
				(errcode(ERRCODE_DATA_CORRUPTED),
				 errmsg("the record of hipaa_migrate has no open epoch"),
				 errdetail("Table hipaa_migrate.audit_state is empty."),
				 errhint("Have one opened with SELECT audit_seal(), and see what SELECT * FROM audit_verify() reports.")));
	return &epoch;
}
