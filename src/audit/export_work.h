/*
 * src/audit/export_work.h
 *	  An export at work; for the files export*.c only.
 */
#ifndef HM_AUDIT_EXPORT_WORK_H
#define HM_AUDIT_EXPORT_WORK_H

#include "audit/export.h"
#include "audit/export_tree.h"
#include "access/htup.h"
#include "access/tupdesc.h"
#include "common/cryptohash.h"
#include "lib/stringinfo.h"
#include "nodes/pg_list.h"

typedef struct HmExportEpoch
{
	pg_uuid_t	id;
	char	   *members;		/* of audit_epoch, as JSON */
	int64		head;			/* its last block, 0: it has none */
	int64		size;			/* leaves of the head's tree */
	char	   *head_line;		/* "block":{...},"block_hash":... */
	char	   *head_digest;	/* the head, for the header */
	char	   *head_snapshot;
	int64		first_block;	/* of the range, 0: none is in it */
	int64		last_block;
} HmExportEpoch;

typedef enum HmExportPhase
{
	HM_EXPORT_HEADER,
	HM_EXPORT_EPOCH,
	HM_EXPORT_BLOCK,
	HM_EXPORT_EVENTS,
	HM_EXPORT_EVIDENCE,
	HM_EXPORT_END,
	HM_EXPORT_DONE
} HmExportPhase;

struct HmExport
{
	HmExportOptions options;
	MemoryContext context;		/* what lives as long as the export */
	MemoryContext batch;		/* lines that are ready */
	List	   *lines;
	int			given;			/* of these */
	pg_cryptohash_ctx *sha256;	/* of all lines */
	HmExportPhase phase;
	List	   *epochs;
	int			epoch_no;		/* of the current one */
	HmExportTree *tree;			/* of the current epoch, if it is needed */
	int64		block;			/* the last that was written */
	int64		seq;			/* the last leaf that was written, */
	int64		last_seq;		/* and the last of this block */
	List	   *evidence;
	bool		evidence_loaded;
	int64		line_count;
	int64		block_count;
	int64		event_count;
	int64		hash_only_count;
	int64		evidence_count;
	int64		unsealed_count;
};

/* export_line.c: a line is an object whose first member is its type. */
extern StringInfo hm_export_begin_line(HmExport *export, const char *type);
extern void hm_export_end_line(HmExport *export, StringInfo line);
extern void hm_export_append_name(StringInfo line, const char *name);
extern void hm_export_append_number(StringInfo line, const char *name,
									int64 value);
extern void hm_export_append_string(StringInfo line, const char *name,
									const char *value);

/* Members "block" and "block_hash", of a row of audit_block. */
extern void hm_export_append_block(StringInfo line, HeapTuple row,
								   TupleDesc desc, int first);

/* export_range.c: which epochs there are, and what of each is in the range. */
extern bool hm_export_is_whole(const HmExport *export);
extern void hm_export_load_epochs(HmExport *export);
extern void hm_export_find_range(HmExport *export, HmExportEpoch *epoch);
extern HmExportEpoch *hm_export_current_epoch(const HmExport *export);

/* Events without a leaf: see there. */
extern void hm_export_count_unsealed(HmExport *export,
									 const HmExportEpoch *epoch,
									 int64 *unsealed, int64 *without_leaf);

/* export_epoch.c: each writes some lines, and sets the next phase. */
extern void hm_export_write_header(HmExport *export);
extern void hm_export_write_epoch(HmExport *export);
extern void hm_export_write_block(HmExport *export);

/* The tree of an epoch becomes the one that proofs are made with. */
extern void hm_export_prepare_tree(HmExport *export,
								   const HmExportEpoch *epoch);

/* export_event.c: the same. */
extern void hm_export_write_events(HmExport *export);
extern void hm_export_write_evidence(HmExport *export);

#endif							/* HM_AUDIT_EXPORT_WORK_H */
