/*
 * src/audit/verify_parallel.c
 *	  The scan of all events, by parallel workers where there are any.
 *
 * Workers take runs of pages from a shared counter; each adds up sums of its
 * own, which the leader merges.  The leader checks leaf list and indexes
 * meanwhile and then takes runs itself.  Without workers it does the same
 * alone.  max_parallel_maintenance_workers says how many may be asked for, and
 * min_parallel_table_scan_size for how much each of them.
 */
#include "postgres.h"

#include "access/parallel.h"
#include "access/table.h"
#include "access/xact.h"
#include "audit/verify_work.h"
#include "miscadmin.h"
#include "optimizer/paths.h"
#include "port/atomics.h"
#include "storage/shm_toc.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

#define RUN_PAGES 64

#define KEY_SHARED		UINT64CONST(1)
#define KEY_EPOCHS		UINT64CONST(2)
#define KEY_BLOCKS		UINT64CONST(3)
#define KEY_XIPS		UINT64CONST(4)
#define KEY_SUMS		UINT64CONST(5)
#define KEY_FINDINGS	UINT64CONST(6)
#define KEY_REVISITS	UINT64CONST(7)
#define KEY_TALLIES		UINT64CONST(8)

typedef struct Shared
{
	Oid			relation;
	BlockNumber npages;
	pg_atomic_uint64 next_run;
	HmSumKey	key;
	uint64		next_xid;
	int			open_epoch;
	bool		one_epoch;
	int			nepochs;
	int			nblocks;
	int			nxips;
} Shared;

/* Parts of the shared memory. */
typedef struct Segment
{
	Shared	   *shared;
	HmEpochKey *epochs;
	HmBlockKey *blocks;
	uint64	   *xips;
	HmSum	   *sums;			/* of each worker */
	HmFinding  *findings;
	HmRevisit  *revisits;
	HmEventTally *tallies;
} Segment;

extern PGDLLEXPORT void hm_verify_worker(dsm_segment *segment, shm_toc *toc);

/* ---- what everybody does ---- */

static void
scan_runs(HmEventScan *scan, Shared *shared)
{
	for (;;)
	{
		uint64		first = RUN_PAGES *
		pg_atomic_fetch_add_u64(&shared->next_run, 1);
		uint64		end = Min(first + RUN_PAGES, shared->npages);

		if (first >= shared->npages)
			return;
		for (uint64 page = first; page < end; page++)
			hm_event_scan_page(scan, (BlockNumber) page);
	}
}

static void
fill_shared(HmVerify *verify, Shared *shared, BlockNumber npages)
{
	shared->relation = RelationGetRelid(verify->tables[HM_TABLE_EVENT]);
	shared->npages = npages;
	pg_atomic_init_u64(&shared->next_run, 0);
	shared->key = verify->key;
	shared->next_xid = verify->next_xid;
	shared->open_epoch = verify->nstates == 1 ?
		hm_block_index_epoch(&verify->index, &verify->state_epoch) : -1;
	shared->one_epoch = verify->options->epoch != NULL;
	shared->nepochs = verify->index.nepochs;
	shared->nblocks = verify->index.nblocks;
	shared->nxips = verify->index.nxips;
}

static void
begin_scan(HmEventScan *scan, Relation relation, Snapshot snapshot,
		   const HmBlockIndex *index, const Shared *shared)
{
	memset(scan, 0, sizeof(*scan));
	hm_event_scan_init(scan, relation, snapshot);
	scan->index = index;
	scan->key = shared->key;
	scan->next_xid = shared->next_xid;
	scan->open_epoch = shared->open_epoch;
	scan->one_epoch = shared->one_epoch;
}

/* ---- workers ---- */

void
hm_verify_worker(dsm_segment *segment, shm_toc *toc)
{
	Shared	   *shared = shm_toc_lookup(toc, KEY_SHARED, false);
	HmSum	   *sums = shm_toc_lookup(toc, KEY_SUMS, false);
	HmFinding  *findings = shm_toc_lookup(toc, KEY_FINDINGS, false);
	HmRevisit  *revisits = shm_toc_lookup(toc, KEY_REVISITS, false);
	HmEventTally *tallies = shm_toc_lookup(toc, KEY_TALLIES, false);
	Relation	relation = table_open(shared->relation, AccessShareLock);
	int			number = ParallelWorkerNumber;
	HmBlockIndex index;
	HmEventScan scan;

	index.nepochs = shared->nepochs;
	index.nblocks = shared->nblocks;
	index.nxips = shared->nxips;
	index.epochs = shm_toc_lookup(toc, KEY_EPOCHS, false);
	index.blocks = shm_toc_lookup(toc, KEY_BLOCKS, false);
	index.xips = shm_toc_lookup(toc, KEY_XIPS, false);
	begin_scan(&scan, relation, GetActiveSnapshot(), &index, shared);
	scan.sums = sums + (Size) number * shared->nblocks;
	scan.findings = findings + (Size) number * HM_EVENT_MAX_FINDINGS;
	scan.revisits = revisits + (Size) number * HM_EVENT_MAX_REVISITS;
	scan.max_revisits = HM_EVENT_MAX_REVISITS;
	scan_runs(&scan, shared);
	tallies[number] = scan.tally;
	table_close(relation, AccessShareLock);
}

static void *
allocate_shared(ParallelContext *context, uint64 key, Size size)
{
	void	   *chunk = shm_toc_allocate(context->toc, Max(size, 1));

	shm_toc_insert(context->toc, key, chunk);
	return chunk;
}

static void
estimate(ParallelContext *context, Size size)
{
	shm_toc_estimate_chunk(&context->estimator, Max(size, 1));
	shm_toc_estimate_keys(&context->estimator, 1);
}

typedef struct Sizes
{
	Size		epochs;
	Size		blocks;
	Size		xips;
	Size		sums;
	Size		findings;
	Size		revisits;
	Size		tallies;
} Sizes;

static ParallelContext *
create_context(HmVerify *verify, int nworkers, Sizes *sizes)
{
	const HmBlockIndex *index = &verify->index;
	ParallelContext *context = CreateParallelContext("hipaa_migrate",
													 "hm_verify_worker",
													 nworkers);

	sizes->epochs = mul_size(sizeof(HmEpochKey), index->nepochs);
	sizes->blocks = mul_size(sizeof(HmBlockKey), index->nblocks);
	sizes->xips = mul_size(sizeof(uint64), index->nxips);
	sizes->sums = mul_size(sizeof(HmSum), mul_size(index->nblocks, nworkers));
	sizes->findings = sizeof(HmFinding) * HM_EVENT_MAX_FINDINGS * nworkers;
	sizes->revisits = sizeof(HmRevisit) * HM_EVENT_MAX_REVISITS * nworkers;
	sizes->tallies = sizeof(HmEventTally) * nworkers;
	estimate(context, sizeof(Shared));
	estimate(context, sizes->epochs);
	estimate(context, sizes->blocks);
	estimate(context, sizes->xips);
	estimate(context, sizes->sums);
	estimate(context, sizes->findings);
	estimate(context, sizes->revisits);
	estimate(context, sizes->tallies);
	InitializeParallelDSM(context);
	return context;
}

/* Findings and revisits are not cleared: their number is in the tally. */
static void
fill_segment(HmVerify *verify, ParallelContext *context, const Sizes *sizes,
			 Segment *segment)
{
	segment->shared = allocate_shared(context, KEY_SHARED, sizeof(Shared));
	segment->epochs = allocate_shared(context, KEY_EPOCHS, sizes->epochs);
	segment->blocks = allocate_shared(context, KEY_BLOCKS, sizes->blocks);
	segment->xips = allocate_shared(context, KEY_XIPS, sizes->xips);
	segment->sums = allocate_shared(context, KEY_SUMS, sizes->sums);
	segment->findings = allocate_shared(context, KEY_FINDINGS,
										sizes->findings);
	segment->revisits = allocate_shared(context, KEY_REVISITS,
										sizes->revisits);
	segment->tallies = allocate_shared(context, KEY_TALLIES, sizes->tallies);
	memcpy(segment->epochs, verify->index.epochs, sizes->epochs);
	memcpy(segment->blocks, verify->index.blocks, sizes->blocks);
	memcpy(segment->xips, verify->index.xips, sizes->xips);
	memset(segment->sums, 0, sizes->sums);
	memset(segment->tallies, 0, sizes->tallies);
}

/* ---- the leader ---- */

static void
append_revisits(HmEventScan *scan, const HmRevisit *revisits, int64 count)
{
	if (scan->tally.nrevisits + count > scan->max_revisits)
	{
		scan->max_revisits = 2 * (scan->tally.nrevisits + count);
		scan->revisits = repalloc_huge(scan->revisits, scan->max_revisits *
									   sizeof(HmRevisit));
	}
	memcpy(scan->revisits + scan->tally.nrevisits, revisits,
		   count * sizeof(HmRevisit));
	scan->tally.nrevisits += count;
}

static void
append_findings(HmEventScan *scan, const HmFinding *findings, int64 count)
{
	int64		have = Min(scan->tally.nfindings, HM_EVENT_MAX_FINDINGS);
	int64		stored = Min(count, HM_EVENT_MAX_FINDINGS);

	stored = Min(stored, HM_EVENT_MAX_FINDINGS - have);
	memcpy(scan->findings + have, findings, stored * sizeof(HmFinding));
	scan->tally.nfindings += count;
}

/* False when a worker had more to revisit than it could note. */
static bool
merge_worker(HmEventScan *scan, const Segment *segment, int worker)
{
	const HmEventTally *tally = &segment->tallies[worker];
	int			nblocks = segment->shared->nblocks;

	if (tally->nrevisits > HM_EVENT_MAX_REVISITS)
		return false;
	for (int i = 0; i < nblocks; i++)
		hm_sum_merge(&scan->sums[i],
					 &segment->sums[(Size) worker * nblocks + i]);
	append_findings(scan, segment->findings +
					(Size) worker * HM_EVENT_MAX_FINDINGS, tally->nfindings);
	append_revisits(scan, segment->revisits +
					(Size) worker * HM_EVENT_MAX_REVISITS, tally->nrevisits);
	scan->tally.npages += tally->npages;
	scan->tally.nhashed += tally->nhashed;
	scan->tally.nunsealed += tally->nunsealed;
	return true;
}

/* Without shared memory there is no worker, and the leader does it all. */
static bool
scan_with_workers(HmVerify *verify, HmEventScan *scan, Shared *shared,
				  int nworkers, void (*meanwhile) (HmVerify *verify))
{
	ParallelContext *context;
	Segment		segment;
	Sizes		sizes;
	bool		complete = true;

	EnterParallelMode();
	context = create_context(verify, nworkers, &sizes);
	fill_segment(verify, context, &sizes, &segment);
	fill_shared(verify, segment.shared, shared->npages);
	LaunchParallelWorkers(context);
	meanwhile(verify);
	scan_runs(scan, segment.shared);
	WaitForParallelWorkersToFinish(context);
	for (int i = 0; i < context->nworkers_launched; i++)
		complete &= merge_worker(scan, &segment, i);
	DestroyParallelContext(context);
	ExitParallelMode();
	return complete;
}

static int
plan_workers(HmVerify *verify, BlockNumber npages)
{
	if (verify->options->serial || IsInParallelMode() || !IsUnderPostmaster)
		return 0;
	return Min(Min(max_parallel_maintenance_workers, max_parallel_workers),
			   npages / Max(min_parallel_table_scan_size, 1));
}

static void
begin_leader(HmVerify *verify, HmEventScan *scan, const Shared *shared)
{
	begin_scan(scan, verify->tables[HM_TABLE_EVENT], verify->snapshot,
			   &verify->index, shared);
	scan->findings = palloc(HM_EVENT_MAX_FINDINGS * sizeof(HmFinding));
	scan->max_revisits = 256;
	scan->revisits = palloc(scan->max_revisits * sizeof(HmRevisit));
	scan->grow_revisits = true;
}

/* For another scan by the leader alone; its caller says where sums go. */
void
hm_verify_begin_scan(HmVerify *verify, HmEventScan *scan)
{
	Shared		shared;

	fill_shared(verify, &shared, 0);
	begin_leader(verify, scan, &shared);
	scan->sums = NULL;
}

void
hm_verify_scan_events(HmVerify *verify, HmEventScan *scan,
					  void (*meanwhile) (HmVerify *verify))
{
	Shared		shared;
	BlockNumber npages;
	int			nworkers;
	HmDamage	damage;

	damage = hm_page_count(verify->tables[HM_TABLE_EVENT], &npages);
	if (damage != HM_DAMAGE_NONE)
		hm_verify_fail(verify, HM_CHECK_PAGE, 0, "%s: its file %s",
					   hm_layout_event.table, hm_damage_text(damage));
	nworkers = plan_workers(verify, npages);
	fill_shared(verify, &shared, npages);
	begin_leader(verify, scan, &shared);
	scan->sums = verify->event_sums;
	if (nworkers > 0)
	{
		if (scan_with_workers(verify, scan, &shared, nworkers, meanwhile))
			return;
		begin_leader(verify, scan, &shared);
		scan->sums = verify->event_sums;
		memset(scan->sums, 0, verify->nblocks * sizeof(HmSum));
	}
	else
		meanwhile(verify);
	scan_runs(scan, &shared);
}
