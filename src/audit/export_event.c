/*
 * src/audit/export_event.c
 *	  Events of the export, and what explains that others are gone.
 */
#include "postgres.h"

#include "audit/export_evidence.h"
#include "audit/export_json.h"
#include "audit/export_work.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"

#define EVENTS_AT_ONCE 64
#define EVENT_COLUMNS 39

/* Columns of load_leaves(). */
enum
{
	LEAF_SEQ = 1,
	LEAF_BLOCK,
	LEAF_EVENT_ID,
	LEAF_XID,
	LEAF_HASH,
	LEAF_EVENT					/* the first of an event, null: it is gone */
};

/* Leaves after seq, with their events; the result is SPI's. */
static SPITupleTable *
load_leaves(const pg_uuid_t *epoch, int64 seq, int64 last_seq, uint64 *count)
{
	/* OFFSET keeps the planner from reading all events at once. */
	static HmStatement statement = {
		"SELECT l.seq, l.block, l.event_id, l.xid, l.leaf_hash, e.*"
		"  FROM hipaa_migrate.audit_leaf AS l"
		"  LEFT JOIN LATERAL"
		"       (SELECT v.* FROM hipaa_migrate.audit_event AS v"
		"         WHERE v.epoch = l.epoch AND v.xid = l.xid"
		"           AND v.event_id = l.event_id OFFSET 0) AS e"
		"    ON true"
		" WHERE l.epoch = $1 AND l.seq > $2 AND l.seq <= $3"
		" ORDER BY l.seq LIMIT $4",
		4, {UUIDOID, INT8OID, INT8OID, INT8OID}
	};
	Datum		arguments[4];

	arguments[0] = UUIDPGetDatum(epoch);
	arguments[1] = Int64GetDatum(seq);
	arguments[2] = Int64GetDatum(last_seq);
	arguments[3] = Int64GetDatum(EVENTS_AT_ONCE);
	*count = hm_query_run(&statement, arguments, NULL, true);
	return SPI_tuptable;
}

static int64
leaf_int64(HeapTuple row, TupleDesc desc, int column)
{
	bool		isnull;

	return DatumGetInt64(SPI_getbinval(row, desc, column, &isnull));
}

static void
append_leaf_column(StringInfo line, const char *name, HeapTuple row,
				   TupleDesc desc, int column)
{
	hm_export_append_name(line, name);
	hm_export_append_column(line, row, desc, column);
}

static void
append_event(StringInfo line, HeapTuple row, TupleDesc desc)
{
	hm_export_append_name(line, "event");
	appendStringInfoChar(line, '{');
	hm_export_append_columns(line, row, desc, LEAF_EVENT,
							 LEAF_EVENT + EVENT_COLUMNS - 1);
	appendStringInfoChar(line, '}');
}

static void
append_leaf_proof(HmExport *export, StringInfo line, HeapTuple row,
				  TupleDesc desc)
{
	HmMerkleHash path[HM_MERKLE_MAX_PATH];
	int			length;

	append_leaf_column(line, "leaf_hash", row, desc, LEAF_HASH);
	length = hm_export_tree_prove_leaf(export->tree,
									   leaf_int64(row, desc, LEAF_SEQ), path);
	hm_export_append_name(line, "proof");
	hm_export_append_path(line, path, length);
}

static List *
evidence_of(HmExport *export)
{
	if (!export->evidence_loaded)
	{
		MemoryContext caller = MemoryContextSwitchTo(export->context);

		export->evidence = hm_evidence_load();
		export->evidence_loaded = true;
		MemoryContextSwitchTo(caller);
	}
	return export->evidence;
}

static void
append_evidence(HmExport *export, StringInfo line, HeapTuple row,
				TupleDesc desc)
{
	HmEvidence *evidence;

	evidence = hm_evidence_find(evidence_of(export),
								&hm_export_current_epoch(export)->id,
								leaf_int64(row, desc, LEAF_BLOCK),
								leaf_int64(row, desc, LEAF_EVENT_ID));
	hm_export_append_name(line, "evidence");
	if (evidence == NULL)
	{
		appendStringInfoString(line, "null");
		return;
	}
	appendStringInfoString(line, "{\"epoch\":");
	hm_export_append_uuid(line, &evidence->epoch);
	hm_export_append_number(line, "event_id", evidence->event_id);
	hm_export_append_string(line, "kind", evidence->redacted ?
							"record.redacted" : "record.purged");
	appendStringInfoChar(line, '}');
}

static void
write_leaf(HmExport *export, HeapTuple row, TupleDesc desc)
{
	bool		gone;
	StringInfo	line;

	(void) SPI_getbinval(row, desc, LEAF_EVENT, &gone);
	line = hm_export_begin_line(export, gone ? "hash_only" : "event");
	append_leaf_column(line, "seq", row, desc, LEAF_SEQ);
	append_leaf_column(line, "block", row, desc, LEAF_BLOCK);
	if (gone)
	{
		append_leaf_column(line, "event_id", row, desc, LEAF_EVENT_ID);
		append_leaf_column(line, "xid", row, desc, LEAF_XID);
		append_evidence(export, line, row, desc);
		export->hash_only_count++;
	}
	else
	{
		append_event(line, row, desc);
		export->event_count++;
	}
	append_leaf_proof(export, line, row, desc);
	hm_export_end_line(export, line);
}

void
hm_export_write_events(HmExport *export)
{
	uint64		count;
	SPITupleTable *leaves = load_leaves(&hm_export_current_epoch(export)->id,
										export->seq, export->last_seq, &count);

	for (uint64 i = 0; i < count; i++)
	{
		CHECK_FOR_INTERRUPTS();
		write_leaf(export, leaves->vals[i], leaves->tupdesc);
		export->seq = leaf_int64(leaves->vals[i], leaves->tupdesc, LEAF_SEQ);
	}
	if (count < EVENTS_AT_ONCE)
		export->phase = HM_EXPORT_BLOCK;
}

static HmExportEpoch *
find_epoch(const HmExport *export, const pg_uuid_t *id)
{
	ListCell   *cell;

	foreach(cell, export->epochs)
	{
		HmExportEpoch *epoch = lfirst(cell);

		if (memcmp(&epoch->id, id, sizeof(pg_uuid_t)) == 0)
			return epoch;
	}
	return NULL;
}

static void
write_evidence_event(HmExport *export, const HmExportEpoch *epoch, int64 seq)
{
	uint64		count;
	SPITupleTable *leaves = load_leaves(&epoch->id, seq - 1, seq, &count);

	for (uint64 i = 0; i < count; i++)
	{
		StringInfo	line = hm_export_begin_line(export, "evidence");

		hm_export_append_name(line, "epoch");
		hm_export_append_uuid(line, &epoch->id);
		append_leaf_column(line, "seq", leaves->vals[i], leaves->tupdesc,
						   LEAF_SEQ);
		append_event(line, leaves->vals[i], leaves->tupdesc);
		append_leaf_proof(export, line, leaves->vals[i], leaves->tupdesc);
		hm_export_end_line(export, line);
		export->evidence_count++;
	}
}

/* What explains a gap, and is not among the events of the range itself. */
void
hm_export_write_evidence(HmExport *export)
{
	const HmExportEpoch *prepared = NULL;
	ListCell   *cell;

	foreach(cell, export->evidence)
	{
		HmEvidence *evidence = lfirst(cell);
		HmExportEpoch *epoch = find_epoch(export, &evidence->epoch);

		if (!evidence->used || evidence->seq == 0 || epoch == NULL ||
			(epoch->first_block <= evidence->block &&
			 evidence->block <= epoch->last_block))
			continue;
		if (epoch != prepared)
			hm_export_prepare_tree(export, epoch);
		prepared = epoch;
		write_evidence_event(export, epoch, evidence->seq);
	}
	export->phase = HM_EXPORT_END;
}
