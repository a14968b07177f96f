/*
 * src/audit/verify_work.h
 *	  What the parts of the verifier share.
 *
 * The blocks are loaded first.  Each event then belongs to the first block
 * whose snapshot shows its transaction, each leaf to the block it names; both
 * sides are added up by block, in sums that do not depend on the order.
 * Where the two sums of a block differ, its events are looked at one by one.
 * So memory grows with the blocks, not with the events.
 */
#ifndef HM_AUDIT_VERIFY_WORK_H
#define HM_AUDIT_VERIFY_WORK_H

#include "audit/deform.h"
#include "audit/event_row.h"
#include "audit/heap_reader.h"
#include "audit/merkle.h"
#include "audit/verify.h"
#include "storage/itemptr.h"
#include "utils/hsearch.h"

/* The tables that are read, in this order. */
typedef enum HmVerifyTable
{
	HM_TABLE_EVENT,
	HM_TABLE_LEAF,
	HM_TABLE_BLOCK,
	HM_TABLE_EPOCH,
	HM_TABLE_STATE,
	HM_TABLE_COUNT
} HmVerifyTable;

extern const HmLayout *const hm_verify_layouts[HM_TABLE_COUNT];

/*
 * A set of events, keyed: 128 bits of SipHash of each, added up.  The key is
 * random and new in each run, so nobody can make two sets of the same sum.
 */
typedef struct HmSumKey
{
	uint64		words[2];
} HmSumKey;

typedef struct HmSum
{
	uint64		low;
	uint64		high;
	int64		count;
} HmSum;

extern void hm_sum_add(HmSum *sum, const HmSumKey *key, const uint64 *words,
					   int nwords);
extern void hm_sum_add_event(HmSum *sum, const HmSumKey *key, int64 event_id,
							 int64 xid, const uint8 *leaf_hash);
extern void hm_sum_merge(HmSum *sum, const HmSum *other);

static inline bool
hm_sum_equal(const HmSum *one, const HmSum *other)
{
	return one->low == other->low && one->high == other->high &&
		one->count == other->count;
}

/*
 * Which block an event belongs to.  These structs hold no pointers: the
 * leader copies them to its workers.
 */
typedef struct HmEpochKey
{
	pg_uuid_t	id;
	int32		first_block;	/* in blocks */
	int32		nblocks;
	bool		wanted;			/* or to be passed over */
} HmEpochKey;

typedef struct HmBlockKey
{
	uint64		xmax;			/* at least that of the block before */
	uint32		first_xip;		/* in xips */
	uint32		nxips;
	bool		trusted;		/* sealed before options.since */
} HmBlockKey;

typedef struct HmBlockIndex
{
	int			nepochs;
	int			nblocks;
	int			nxips;
	HmEpochKey *epochs;
	HmBlockKey *blocks;			/* of one epoch together, in order */
	uint64	   *xips;			/* of one block together, ascending */
} HmBlockIndex;

#define HM_NO_BLOCK (-1)

/* -1 if unknown. */
extern int	hm_block_index_epoch(const HmBlockIndex *index,
								 const pg_uuid_t *id);

/* HM_NO_BLOCK: not sealed yet.  hint: where the search begins. */
extern int	hm_block_index_find(const HmBlockIndex *index, int epoch,
								uint64 xid, int hint);

/* The rest of a block, for the leader. */
typedef struct HmVerifyBlock
{
	int32		epoch;
	int64		number;
	int64		first_leaf;
	int64		leaf_count;
	int64		tree_size;
	TimestampTz sealed_at;
	TimestampTz anchored_at;
	int64		lsn;
	int64		timeline;
	int64		system_identifier;
	HmMerkleHash root;
	HmMerkleHash block_hash;
	HmMerkleHash previous;
	HmMerkleHash fingerprint;
	bool		has_previous;
	bool		has_fingerprint;
	bool		sound;			/* snapshot, frontier and block hash are right */
	uint64		xmin;
	uint64		xmax;
	uint32		first_xip;
	uint32		nxips;
	ItemPointerData tid;
} HmVerifyBlock;

typedef struct HmEpoch
{
	pg_uuid_t	id;
	int64		ordinal;		/* 0: not in audit_epoch */
	char		state[16];
	int64		system_identifier;
} HmEpoch;

/* A problem that a scan of events found; workers pass it on. */
typedef enum HmProblem
{
	HM_PROBLEM_DAMAGE,
	HM_PROBLEM_HASH,			/* values do not have the leaf hash */
	HM_PROBLEM_EPOCH,			/* event of an unknown epoch */
	HM_PROBLEM_XID				/* of a transaction that did not happen yet */
} HmProblem;

typedef struct HmFinding
{
	int64		event_id;
	BlockNumber block;
	OffsetNumber offset;		/* 0: the page itself */
	uint8		problem;
	uint8		damage;
} HmFinding;

/* An event that the leader must look at again. */
typedef enum HmRevisitReason
{
	HM_REVISIT_TOAST,			/* parts of it stand outside the table */
	HM_REVISIT_EVIDENCE			/* it says what was purged, redacted, updated */
} HmRevisitReason;

typedef struct HmRevisit
{
	ItemPointerData tid;
	uint8		reason;
} HmRevisit;

/* What a scan of events yields; in a worker its arrays are in shared memory. */
typedef struct HmEventTally
{
	int64		npages;
	int64		nhashed;
	int64		nunsealed;
	int64		nfindings;		/* may exceed what findings holds */
	int64		nrevisits;		/* the same */
} HmEventTally;

#define HM_EVENT_MAX_FINDINGS 16384
#define HM_EVENT_MAX_REVISITS 65536

typedef struct HmEventScan
{
	HmHeapReader *reader;
	const HmBlockIndex *index;
	HmSumKey	key;
	uint64		next_xid;
	int			open_epoch;		/* -1: none that has further events */
	bool		one_epoch;		/* what is of no known epoch is not looked at */
	HmSum	   *sums;			/* by block */
	HmEventTally tally;
	HmFinding  *findings;		/* HM_EVENT_MAX_FINDINGS */
	HmRevisit  *revisits;
	int64		max_revisits;
	bool		grow_revisits;	/* allowed to repalloc them */
	/* Called for each sealed event instead of adding it up, if set. */
	void		(*sink) (void *state, int block, int64 event_id, int64 xid,
						 const uint8 *hash);
	void	   *sink_state;
	MemoryContext page_context; /* reset for each page */
	StringInfoData canonical;
	int			epoch;			/* of the last event, and its block */
	int			block;
} HmEventScan;

/* What record.purged and record.redacted events say. */
typedef struct HmPurge
{
	int			epoch;
	int64		first_block;
	int64		last_block;
	int64		event_id;		/* of the event that says so */
	TimestampTz purged_at;		/* by the anchored clock */
} HmPurge;

typedef struct HmRedaction
{
	int64		epoch;			/* both are the key */
	int64		event_id;
} HmRedaction;

/* What a record.updated event says: the script of an update changed this. */
typedef struct HmUpdate
{
	int			epoch;
	HmMerkleHash before;
	HmMerkleHash after;
} HmUpdate;

typedef struct HmVerify
{
	const HmVerifyOptions *options;
	HmVerifyReport *report;
	MemoryContext context;		/* of the report */
	MemoryContext work_context; /* of everything else */
	Snapshot	snapshot;
	Relation	tables[HM_TABLE_COUNT]; /* NULL: cannot be read */
	HmSumKey	key;
	uint64		next_xid;
	int			nstates;		/* rows of audit_state */
	pg_uuid_t	state_epoch;
	int64		state_database;
	int64		state_system_identifier;
	TimestampTz state_anchored_at;
	int64		state_digest_block; /* 0: none was handed out */
	int			nepochs;
	HmEpoch    *epochs;
	int			nblocks;
	HmVerifyBlock *blocks;
	HmBlockIndex index;
	int64	   *trusted_leaves; /* by epoch: the size of the tree to start
								 * from */
	HmSum	   *event_sums;
	HmSum	   *leaf_sums;
	int			npurges;
	HmPurge    *purges;
	HTAB	   *redactions;		/* of HmRedaction */
	List	   *updates;		/* of HmUpdate, in work_context */
	int64		nhash_only;		/* leaves whose events are rightly gone */
} HmVerify;

/* verify_report.c */
extern void hm_verify_fail(HmVerify *verify, HmCheck check, int64 event_id,
						   const char *format,...) pg_attribute_printf(4, 5);
extern void hm_verify_remark(HmVerify *verify, HmCheck check,
							 const char *format,...) pg_attribute_printf(3, 4);
extern void hm_verify_skip(HmVerify *verify, HmCheck check,
						   const char *format,...) pg_attribute_printf(3, 4);
extern void hm_verify_damage(HmVerify *verify, const char *table,
							 BlockNumber block, OffsetNumber offset,
							 HmDamage damage);

/*
 * Calls visit for each visible row of a small or middling table, and reports
 * what is damaged.  Values live until visit returns.
 */
typedef void (*HmVerifyVisit) (HmVerify *verify, void *state,
							   ItemPointer tid, Datum *values, bool *nulls);

extern void hm_verify_scan(HmVerify *verify, HmVerifyTable table,
						   HmVerifyVisit visit, void *state);

/*
 * One visible row of a table; its values live until the reader that is
 * returned is closed, or NULL if it is no longer there.
 */
extern HmHeapReader *hm_verify_fetch(HmVerify *verify, HmVerifyTable table,
									 ItemPointer tid, Datum *values,
									 bool *nulls);

/* A hash of 32 bytes out of a column; false if it is of another length. */
extern bool hm_verify_hash(Datum value, bool isnull, HmMerkleHash *hash);

/* verify_epoch.c */
extern void hm_verify_load_epochs(HmVerify *verify);
extern void hm_verify_check_epochs(HmVerify *verify);
extern int	hm_verify_epoch(HmVerify *verify, const pg_uuid_t *id);
extern const char *hm_verify_epoch_name(const HmVerify *verify, int epoch);

/* verify_block.c */
extern void hm_verify_load_blocks(HmVerify *verify);
extern bool hm_verify_frontier(HmVerify *verify, int block,
							   HmFrontier *frontier);
extern int	hm_verify_block_by_number(const HmVerify *verify, int epoch,
									  int64 number);
extern const char *hm_verify_block_name(const HmVerify *verify, int block);

/* verify_chain.c */
extern void hm_verify_check_chain(HmVerify *verify);

/* verify_leaf.c */
extern void hm_verify_check_leaves(HmVerify *verify);

/* verify_event.c */
extern void hm_event_scan_page(HmEventScan *scan, BlockNumber page);
extern bool hm_event_scan_wants(HmEventScan *scan, ItemPointer tid,
								const HmEventRow *row);
extern void hm_event_scan_row(HmEventScan *scan, ItemPointer tid,
							  const HmEventRow *row);
extern void hm_event_scan_finding(HmEventScan *scan, HmProblem problem,
								  HmDamage damage, ItemPointer tid,
								  int64 event_id);
extern void hm_event_scan_init(HmEventScan *scan, Relation relation,
							   Snapshot snapshot);

/*
 * verify_parallel.c: hashes all events; while that runs, the leader calls
 * meanwhile.
 */
extern void hm_verify_scan_events(HmVerify *verify, HmEventScan *scan,
								  void (*meanwhile) (HmVerify *verify));
extern void hm_verify_begin_scan(HmVerify *verify, HmEventScan *scan);

/* verify_revisit.c */
extern void hm_verify_revisit(HmVerify *verify, HmEventScan *scan);

/* verify_toast.c */
typedef struct HmToast HmToast;

extern HmToast *hm_toast_begin(HmVerify *verify, Relation relation);
extern Size hm_toast_want(HmToast *toast, const HmEventRow *row);
extern void hm_toast_load(HmToast *toast);
extern bool hm_toast_resolve(HmToast *toast, HmEventRow *row);
extern void hm_toast_end(HmToast *toast);

/* verify_evidence.c */
extern void hm_verify_note_evidence(HmVerify *verify, const HmEventRow *row,
									int epoch);
extern const HmPurge *hm_verify_find_purge(const HmVerify *verify, int epoch,
										   int64 number);
extern bool hm_verify_is_redacted(const HmVerify *verify, int epoch,
								  int64 event_id);
extern void hm_verify_check_purges(HmVerify *verify);

/* Do updates that are on record lead from one fingerprint to the other? */
extern bool hm_verify_is_updated(const HmVerify *verify, int epoch,
								 const HmMerkleHash *before,
								 const HmMerkleHash *after);

/* verify_member.c */
extern void hm_verify_check_members(HmVerify *verify);

/* verify_index.c */
extern void hm_verify_check_indexes(HmVerify *verify);

/* verify_catalog.c, verify_digest.c */
extern void hm_verify_check_catalogs(HmVerify *verify);
extern void hm_verify_check_digest(HmVerify *verify);

#endif							/* HM_AUDIT_VERIFY_WORK_H */
