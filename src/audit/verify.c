/*
 * src/audit/verify.c
 *	  Verifies the record: the order in which its parts are checked.
 */
#include "postgres.h"

#include "access/relation.h"
#include "access/transam.h"
#include "access/xact.h"
#include "audit/relations.h"
#include "audit/verify_work.h"
#include "catalog/pg_am.h"
#include "catalog/pg_class.h"
#include "miscadmin.h"
#include "utils/memutils.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

static const HmRelation table_relations[HM_TABLE_COUNT] = {
	[HM_TABLE_EVENT] = HM_RELATION_AUDIT_EVENT,
	[HM_TABLE_LEAF] = HM_RELATION_AUDIT_LEAF,
	[HM_TABLE_BLOCK] = HM_RELATION_AUDIT_BLOCK,
	[HM_TABLE_EPOCH] = HM_RELATION_AUDIT_EPOCH,
	[HM_TABLE_STATE] = HM_RELATION_AUDIT_STATE,
};

/* ---- tables ---- */

/* Locked until the end of the transaction, as one that was read by SQL. */
static void
open_tables(HmVerify *verify)
{
	for (int i = 0; i < HM_TABLE_COUNT; i++)
	{
		Oid			relid = hm_relation_find(table_relations[i]);
		Relation	relation = OidIsValid(relid) ?
		try_relation_open(relid, AccessShareLock) : NULL;

		if (relation != NULL && relation->rd_rel->relkind == RELKIND_RELATION &&
			relation->rd_rel->relam == HEAP_TABLE_AM_OID)
			verify->tables[i] = relation;
		else
		{
			hm_verify_fail(verify, HM_CHECK_FINGERPRINT, 0,
						   relation ? "%s is no longer a table" :
						   "table %s is missing",
						   hm_verify_layouts[i]->table);
			if (relation != NULL)
				relation_close(relation, NoLock);
		}
	}
}

static void
close_tables(HmVerify *verify)
{
	for (int i = 0; i < HM_TABLE_COUNT; i++)
	{
		if (verify->tables[i] != NULL)
			relation_close(verify->tables[i], NoLock);
	}
}

/* ---- findings of the scan ---- */

static int
compare_findings(const void *left, const void *right)
{
	const HmFinding *a = left;
	const HmFinding *b = right;

	if (a->block != b->block)
		return a->block < b->block ? -1 : 1;
	return a->offset < b->offset ? -1 : a->offset > b->offset;
}

static void
report_finding(HmVerify *verify, const HmFinding *finding)
{
	switch ((HmProblem) finding->problem)
	{
		case HM_PROBLEM_DAMAGE:
			if (finding->event_id != 0)
				hm_verify_fail(verify, HM_CHECK_PAGE, finding->event_id,
							   "audit_event: page %u, item %u, event "
							   INT64_FORMAT " %s", finding->block,
							   finding->offset, finding->event_id,
							   hm_damage_text(finding->damage));
			else
				hm_verify_damage(verify, hm_layout_event.table,
								 finding->block, finding->offset,
								 finding->damage);
			break;
		case HM_PROBLEM_HASH:
			hm_verify_fail(verify, HM_CHECK_EVENT, finding->event_id,
						   "event " INT64_FORMAT " was changed: its values do not have its leaf hash",
						   finding->event_id);
			break;
		case HM_PROBLEM_EPOCH:
			hm_verify_fail(verify, HM_CHECK_EPOCH, finding->event_id,
						   "event " INT64_FORMAT " is of an epoch that is not known",
						   finding->event_id);
			break;
		case HM_PROBLEM_XID:
			hm_verify_fail(verify, HM_CHECK_MEMBERSHIP, finding->event_id,
						   "event " INT64_FORMAT " is of a transaction that has not begun yet",
						   finding->event_id);
			break;
	}
}

static void
report_scan(HmVerify *verify, HmEventScan *scan)
{
	int64		nfindings = scan->tally.nfindings;
	int64		described = Min(nfindings, HM_EVENT_MAX_FINDINGS);

	qsort(scan->findings, described, sizeof(HmFinding), compare_findings);
	for (int64 i = 0; i < described; i++)
		report_finding(verify, &scan->findings[i]);
	if (nfindings > described)
		hm_verify_fail(verify, HM_CHECK_PAGE, 0,
					   "audit_event has " INT64_FORMAT
					   " more damaged or changed rows",
					   nfindings - described);
	verify->report->checks[HM_CHECK_PAGE].checked += scan->tally.npages;
	verify->report->checks[HM_CHECK_EVENT].checked = scan->tally.nhashed;
	if (scan->tally.nunsealed > 0)
		hm_verify_remark(verify, HM_CHECK_MEMBERSHIP,
						 INT64_FORMAT " events are not sealed yet",
						 scan->tally.nunsealed);
}

/* ---- the whole ---- */

/* What the leader does while workers hash events. */
static void
check_beside_events(HmVerify *verify)
{
	hm_verify_check_leaves(verify);
	hm_verify_check_indexes(verify);
}

static void
check_events(HmVerify *verify)
{
	HmEventScan scan;

	if (verify->tables[HM_TABLE_EVENT] == NULL)
		return;
	hm_verify_scan_events(verify, &scan, check_beside_events);
	hm_verify_revisit(verify, &scan);
	report_scan(verify, &scan);
	hm_verify_check_members(verify);
	hm_verify_check_purges(verify);
}

static void
allocate_sums(HmVerify *verify)
{
	Size		size = mul_size(Max(verify->nblocks, 1), sizeof(HmSum));
	HASHCTL		control = {.keysize = sizeof(HmRedaction),
	.entrysize = sizeof(HmRedaction),.hcxt = CurrentMemoryContext};

	verify->event_sums = MemoryContextAllocHuge(CurrentMemoryContext, size);
	verify->leaf_sums = MemoryContextAllocHuge(CurrentMemoryContext, size);
	memset(verify->event_sums, 0, size);
	memset(verify->leaf_sums, 0, size);
	verify->trusted_leaves = palloc0(Max(verify->nepochs, 1) * sizeof(int64));
	verify->redactions = hash_create("hipaa_migrate redactions", 64, &control,
									 HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
}

static void
check_all(HmVerify *verify)
{
	open_tables(verify);
	hm_verify_load_epochs(verify);
	hm_verify_load_blocks(verify);
	allocate_sums(verify);
	hm_verify_check_chain(verify);
	check_events(verify);
	hm_verify_check_epochs(verify);
	hm_verify_check_catalogs(verify);
	hm_verify_check_digest(verify);
	close_tables(verify);
}

void
hm_verify(const HmVerifyOptions *options, HmVerifyReport *report)
{
	HmVerify	verify = {options, report, CurrentMemoryContext};
	MemoryContext caller = CurrentMemoryContext;

	memset(report, 0, sizeof(*report));
	report->max_failures = options->max_failures;
	verify.work_context = AllocSetContextCreate(caller, "hipaa_migrate verify",
												ALLOCSET_DEFAULT_SIZES);
	MemoryContextSwitchTo(verify.work_context);
	verify.snapshot = GetActiveSnapshot();
	verify.next_xid = U64FromFullTransactionId(ReadNextFullTransactionId());
	if (!pg_strong_random(&verify.key, sizeof(verify.key)))
		ereport(ERROR,
				(errcode(ERRCODE_INTERNAL_ERROR),
				 errmsg("could not generate a random key")));
	check_all(&verify);
	MemoryContextSwitchTo(caller);
	MemoryContextDelete(verify.work_context);
}
