/*
 * src/audit/export_range.c
 *	  The epochs of the record, and what of each is exported.
 */
#include "postgres.h"

#include "audit/export_json.h"
#include "audit/export_work.h"
#include "base/query.h"
#include "catalog/pg_type.h"

/* Members of a block, without its hash. */
#define BLOCK_FIELDS 15

static char *
keep_text(HmExport *export, uint64 row, int column)
{
	char	   *text = hm_query_text(row, column);

	return text ? MemoryContextStrdup(export->context, text) : NULL;
}

#define EPOCH_MEMBERS 9
#define EPOCH_HEAD (EPOCH_MEMBERS + 1)	/* first column of the head */

static void
keep_head(HmExport *export, HmExportEpoch *epoch, HeapTuple row, TupleDesc desc)
{
	StringInfoData text;
	static const struct
	{
		const char *name;
		int			column;
	}			members[] = {
		{"epoch", 0}, {"block", 1}, {"tree_size", 6}, {"root", 7},
		{"block_hash", BLOCK_FIELDS}
	};

	initStringInfo(&text);
	hm_export_append_block(&text, row, desc, EPOCH_HEAD);
	epoch->head_line = text.data;
	initStringInfo(&text);
	for (int i = 0; i < lengthof(members); i++)
	{
		appendStringInfo(&text, "%s\"%s\":", i == 0 ? "{" : ",",
						 members[i].name);
		hm_export_append_column(&text, row, desc,
								EPOCH_HEAD + members[i].column);
	}
	appendStringInfoChar(&text, '}');
	epoch->head_digest = text.data;
}

static void
load_epoch(HmExport *export, uint64 row)
{
	HeapTuple	tuple = SPI_tuptable->vals[row];
	TupleDesc	desc = SPI_tuptable->tupdesc;
	MemoryContext caller = MemoryContextSwitchTo(export->context);
	HmExportEpoch *epoch = palloc0(sizeof(HmExportEpoch));
	StringInfoData members;
	bool		isnull;

	epoch->id = *DatumGetUUIDP(hm_query_datum(row, 1, &isnull));
	initStringInfo(&members);
	hm_export_append_columns(&members, tuple, desc, 1, EPOCH_MEMBERS);
	epoch->members = members.data;
	epoch->head = hm_query_int64(row, EPOCH_HEAD + 1);
	epoch->size = hm_query_int64(row, EPOCH_HEAD + 6);
	if (epoch->head != 0)
	{
		keep_head(export, epoch, tuple, desc);
		epoch->head_snapshot = keep_text(export, row, EPOCH_HEAD + 3);
	}
	export->epochs = lappend(export->epochs, epoch);
	MemoryContextSwitchTo(caller);
}

/* An epoch that is missing in audit_epoch is exported all the same. */
void
hm_export_load_epochs(HmExport *export)
{
	static HmStatement statement = {
		"SELECT i.epoch, e.ordinal, e.state, e.database, e.database_oid,"
		"       e.system_identifier, e.opened_at, e.closed_at, e.reason, h.*"
		"  FROM (SELECT epoch FROM hipaa_migrate.audit_epoch"
		"         UNION SELECT epoch FROM hipaa_migrate.audit_block) AS i"
		"  LEFT JOIN hipaa_migrate.audit_epoch AS e ON e.epoch = i.epoch"
		"  LEFT JOIN LATERAL"
		"       (SELECT b.* FROM hipaa_migrate.audit_block AS b"
		"         WHERE b.epoch = i.epoch ORDER BY b.block DESC LIMIT 1) AS h"
		"    ON true"
		" ORDER BY e.ordinal, i.epoch"
	};
	uint64		count = hm_query_run(&statement, NULL, NULL, true);

	for (uint64 row = 0; row < count; row++)
		load_epoch(export, row);
}

bool
hm_export_is_whole(const HmExport *export)
{
	return TIMESTAMP_IS_NOBEGIN(export->options.since) &&
		TIMESTAMP_IS_NOEND(export->options.until);
}

/*
 * Events of long transactions are sealed late: a block that was sealed
 * outside of the range belongs in it when one of its events does, and so do
 * the blocks between.
 */
void
hm_export_find_range(HmExport *export, HmExportEpoch *epoch)
{
	static HmStatement statement = {
		"SELECT pg_catalog.min(r.block), pg_catalog.max(r.block)"
		"  FROM (SELECT b.block FROM hipaa_migrate.audit_block AS b"
		"         WHERE b.epoch = $1 AND b.sealed_at >= $2 AND b.sealed_at < $3"
		"         UNION ALL"
		"        SELECT l.block FROM hipaa_migrate.audit_event AS e"
		"          JOIN hipaa_migrate.audit_leaf AS l"
		"            ON l.epoch = e.epoch AND l.event_id = e.event_id"
		"         WHERE e.epoch = $1"
		"           AND e.occurred_at >= $2 AND e.occurred_at < $3) AS r",
		3, {UUIDOID, TIMESTAMPTZOID, TIMESTAMPTZOID}
	};
	Datum		arguments[3];

	if (epoch->head <= 0 || hm_export_is_whole(export))
	{
		epoch->first_block = epoch->head > 0 ? 1 : 0;
		epoch->last_block = epoch->head > 0 ? epoch->head : 0;
		return;
	}
	arguments[0] = UUIDPGetDatum(&epoch->id);
	arguments[1] = TimestampTzGetDatum(export->options.since);
	arguments[2] = TimestampTzGetDatum(export->options.until);
	hm_query_run(&statement, arguments, NULL, true);
	epoch->first_block = hm_query_int64(0, 1);
	epoch->last_block = hm_query_int64(0, 2);
}

#define SNAPSHOT_PATTERN "'^\\d{1,18}:\\d{1,18}:(\\d{1,18}(,\\d{1,18})*)?$'"

/*
 * Events without a leaf: those that the last seal could not see are waiting
 * for the next; others should have been in it.  So should leaves behind its
 * tree, which count as the latter.  To find them all events must be looked
 * at, which is done when all are exported, too.
 */
void
hm_export_count_unsealed(HmExport *export, const HmExportEpoch *epoch,
						 int64 *unsealed, int64 *without_leaf)
{
	static HmStatement statement = {
		"WITH seal AS (SELECT"
		"    CASE WHEN $2 ~ " SNAPSHOT_PATTERN
		"    THEN pg_catalog.split_part($2, ':', 1)::int8 ELSE 0 END AS xmin,"
		"    CASE WHEN $2 ~ " SNAPSHOT_PATTERN
		"    THEN pg_catalog.split_part($2, ':', 2)::int8 ELSE 0 END AS xmax,"
		"    CASE WHEN $2 ~ " SNAPSHOT_PATTERN
		"    THEN pg_catalog.string_to_array("
		"         pg_catalog.split_part($2, ':', 3), ',')::int8[]"
		"    ELSE '{}' END AS running)"
		"SELECT pg_catalog.count(*) FILTER"
		"       (WHERE e.xid >= s.xmax OR e.xid = ANY (s.running)),"
		"       pg_catalog.count(*) FILTER"
		"       (WHERE e.xid < s.xmax AND e.xid <> ALL (s.running))"
		"     + (SELECT pg_catalog.count(*) FROM hipaa_migrate.audit_leaf AS l"
		"         WHERE l.epoch = $1 AND l.seq > $4)"
		"  FROM seal AS s"
		"  JOIN hipaa_migrate.audit_event AS e"
		"    ON e.epoch = $1 AND ($3 OR e.xid >= s.xmin)"
		" WHERE NOT EXISTS (SELECT FROM hipaa_migrate.audit_leaf AS l"
		"                    WHERE l.epoch = e.epoch"
		"                      AND l.event_id = e.event_id)",
		4, {UUIDOID, TEXTOID, BOOLOID, INT8OID}
	};
	Datum		arguments[4];
	char		nulls[4] = {' ', ' ', ' ', ' '};

	arguments[0] = UUIDPGetDatum(&epoch->id);
	arguments[1] = hm_query_text_arg(epoch->head_snapshot, &nulls[1]);
	arguments[2] = BoolGetDatum(hm_export_is_whole(export));
	arguments[3] = Int64GetDatum(epoch->size);
	hm_query_run(&statement, arguments, nulls, true);
	*unsealed = hm_query_int64(0, 1);
	*without_leaf = hm_query_int64(0, 2);
}

HmExportEpoch *
hm_export_current_epoch(const HmExport *export)
{
	return list_nth(export->epochs, export->epoch_no);
}
