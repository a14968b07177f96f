/*
 * src/audit/deform.h
 *	  The columns of a tuple that may be damaged, by our own table layouts.
 *
 * What the columns are is compiled in, not read from the catalogs: whoever
 * edits those cannot change what is verified.  Every length and offset is
 * checked against the end of the tuple before it is used.
 */
#ifndef HM_AUDIT_DEFORM_H
#define HM_AUDIT_DEFORM_H

#include "audit/damage.h"
#include "audit/heap_reader.h"

typedef struct HmColumn
{
	const char *name;
	Oid			type;			/* uuid, int8, timestamptz, text, bytea or
								 * bool */
	bool		nullable;
} HmColumn;

#define HM_LAYOUT_MAX_COLUMNS 40

/* Columns of audit_leaf, audit_block, audit_epoch and audit_state, from 0. */
enum
{
	HM_LEAF_EPOCH, HM_LEAF_SEQ, HM_LEAF_EVENT_ID, HM_LEAF_XID, HM_LEAF_BLOCK,
	HM_LEAF_HASH
};

enum
{
	HM_BLOCK_EPOCH, HM_BLOCK_NUMBER, HM_BLOCK_SEALED_AT, HM_BLOCK_SNAPSHOT,
	HM_BLOCK_FIRST_LEAF, HM_BLOCK_LEAF_COUNT, HM_BLOCK_TREE_SIZE,
	HM_BLOCK_ROOT, HM_BLOCK_FRONTIER, HM_BLOCK_PREVIOUS, HM_BLOCK_LSN,
	HM_BLOCK_TIMELINE, HM_BLOCK_SYSTEM_IDENTIFIER, HM_BLOCK_FINGERPRINT,
	HM_BLOCK_ANCHORED_AT, HM_BLOCK_HASH
};

enum
{
	HM_EPOCH_EPOCH, HM_EPOCH_ORDINAL, HM_EPOCH_STATE, HM_EPOCH_OPENED_AT,
	HM_EPOCH_CLOSED_AT, HM_EPOCH_DATABASE, HM_EPOCH_DATABASE_OID,
	HM_EPOCH_SYSTEM_IDENTIFIER, HM_EPOCH_REASON
};

enum
{
	HM_STATE_EPOCH, HM_STATE_DATABASE_OID, HM_STATE_SYSTEM_IDENTIFIER,
	HM_STATE_HOST, HM_STATE_DATA_DIRECTORY, HM_STATE_NEXT_XID,
	HM_STATE_CLONE, HM_STATE_ANCHORED_AT, HM_STATE_CLOCK_PENDING,
	HM_STATE_VERIFIED_AT, HM_STATE_VERIFIED_OUTCOME, HM_STATE_DIGEST_BLOCK,
	HM_STATE_DIGEST_AT, HM_STATE_DIGEST_FAILURES
};

typedef struct HmLayout
{
	const char *table;
	int			ncolumns;
	const HmColumn *columns;
} HmLayout;

extern const HmLayout hm_layout_event;
extern const HmLayout hm_layout_leaf;
extern const HmLayout hm_layout_block;
extern const HmLayout hm_layout_epoch;
extern const HmLayout hm_layout_state;
extern const HmLayout hm_layout_toast;

/*
 * Fills the first values and nulls, as many as wanted, with pointers into the
 * tuple.  What is compressed
 * is expanded into the current memory context.  *external is set when a value
 * stands outside the table; its Datum is the pointer to it as stored.
 */
extern HmDamage hm_deform(const HmLayout *layout, int wanted,
						  const HmHeapTuple *tuple, Datum *values,
						  bool *nulls, bool *external);

/* Expands a compressed value, wherever it came from. */
extern HmDamage hm_deform_expand(struct varlena *value, uint32 length,
								 struct varlena **plain);

#endif							/* HM_AUDIT_DEFORM_H */
