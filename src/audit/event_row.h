/*
 * src/audit/event_row.h
 *	  Rows of audit_event: who, where and when are filled in here.
 *
 * A column's number, from 1, is its field number in the canonical form; the
 * last column is the hash of all others.
 */
#ifndef HM_AUDIT_EVENT_ROW_H
#define HM_AUDIT_EVENT_ROW_H

#include "audit/event.h"
#include "lib/stringinfo.h"
#include "utils/relcache.h"

enum
{
	HM_COL_EPOCH,
	HM_COL_EVENT_ID,
	HM_COL_XID,
	HM_COL_OCCURRED_AT,
	HM_COL_STATEMENT_AT,
	HM_COL_KIND,
	HM_COL_OUTCOME,
	HM_COL_ACTOR,
	HM_COL_SESSION_ROLE,
	HM_COL_EFFECTIVE_ROLE,
	HM_COL_AUTHN_ID,
	HM_COL_CLIENT,
	HM_COL_APPLICATION,
	HM_COL_PID,
	HM_COL_DATABASE,
	HM_COL_HOST,
	HM_COL_SYSTEM_IDENTIFIER,
	HM_COL_TIMELINE,
	HM_COL_COMMAND,
	HM_COL_OBJECT_TYPE,
	HM_COL_OBJECT,
	HM_COL_OBJECTS,
	HM_COL_STATEMENT,
	HM_COL_STATEMENT_HASH,
	HM_COL_STATEMENT_NO,
	HM_COL_MIGRATION,
	HM_COL_RUN_ID,
	HM_COL_RULE,
	HM_COL_TICKET,
	HM_COL_AUTHOR,
	HM_COL_APPROVERS,
	HM_COL_REASON,
	HM_COL_MAINTENANCE_WINDOW,
	HM_COL_SCHEMA_BEFORE,
	HM_COL_SCHEMA_AFTER,
	HM_COL_DURATION,
	HM_COL_SQLSTATE,
	HM_COL_DETAILS,
	HM_COL_LEAF_HASH,
	HM_EVENT_COLUMNS
};

#define HM_EVENT_FIELDS (HM_EVENT_COLUMNS - 1)
#define HM_EVENT_DOMAIN "HMEV"

/* The canonical type tag of each field. */
extern const char hm_event_types[HM_EVENT_FIELDS + 1];

typedef struct HmEventRow
{
	Datum		values[HM_EVENT_COLUMNS];
	bool		nulls[HM_EVENT_COLUMNS];
} HmEventRow;

/*
 * All but epoch, event_id, xid and leaf_hash, in the current memory context.
 * Looks nothing up in a catalog that a transaction looked up before it
 * failed, and nothing at all outside a transaction.
 */
extern void hm_event_row_build(HmEventRow *row, const HmEvent *event);

/*
 * A row without epoch, event_id, xid and leaf_hash as bytes, for the
 * recorder; long texts are cut so that it fits into limit bytes.
 */
extern void hm_event_row_pack(const HmEventRow *row, StringInfo bytes,
							  Size limit);
extern void hm_event_row_unpack(HmEventRow *row, const char *bytes,
								Size length);

/* Appends 0x00 and the canonical form: what the leaf hash is taken of. */
extern void hm_event_row_canonical(const HmEventRow *row, StringInfo buffer);

/* Raises data_corrupted when the table has other columns than these. */
extern void hm_event_check_columns(Relation relation);

/* Fills in epoch, event_id, xid and leaf_hash, and inserts. */
extern void hm_event_row_insert(HmEventRow *row);

#endif							/* HM_AUDIT_EVENT_ROW_H */
