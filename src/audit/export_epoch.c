/*
 * src/audit/export_epoch.c
 *	  Header, epochs and blocks of the export.
 */
#include "postgres.h"

#include "audit/export_json.h"
#include "audit/export_work.h"
#include "base/actor.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "commands/dbcommands.h"
#include "miscadmin.h"
#include "utils/guc.h"

#define FORMAT "hipaa_migrate export 1"

/* 0 stands for null. */
static void
append_number_or_null(StringInfo line, const char *name, int64 value)
{
	if (value != 0)
		hm_export_append_number(line, name, value);
	else
		appendStringInfo(line, ",\"%s\":null", name);
}

static void
append_limit(StringInfo line, const char *name, TimestampTz limit)
{
	if (TIMESTAMP_NOT_FINITE(limit))
		appendStringInfo(line, ",\"%s\":null", name);
	else
	{
		hm_export_append_name(line, name);
		hm_export_append_timestamp(line, limit);
	}
}

void
hm_export_write_header(HmExport *export)
{
	StringInfo	line = hm_export_begin_line(export, "header");
	ListCell   *cell;
	const char *separator = "";

	hm_export_load_epochs(export);
	hm_export_append_string(line, "format", FORMAT);
	hm_export_append_string(line, "database", get_database_name(MyDatabaseId));
	hm_export_append_number(line, "system_identifier",
							(int64) GetSystemIdentifier());
	hm_export_append_name(line, "exported_at");
	hm_export_append_timestamp(line, GetCurrentTimestamp());
	hm_export_append_string(line, "exported_by", hm_actor_authenticated_name());
	hm_export_append_string(line, "extension_version", HM_VERSION);
	hm_export_append_string(line, "server_version",
							GetConfigOption("server_version", false, false));
	append_limit(line, "since", export->options.since);
	append_limit(line, "until", export->options.until);
	appendStringInfoString(line, ",\"heads\":[");
	foreach(cell, export->epochs)
	{
		HmExportEpoch *epoch = lfirst(cell);

		if (epoch->head_digest == NULL)
			continue;
		appendStringInfo(line, "%s%s", separator, epoch->head_digest);
		separator = ",";
	}
	appendStringInfoChar(line, ']');
	hm_export_end_line(export, line);
	export->phase = HM_EXPORT_EPOCH;
}

/* Block number "block", or "null"; returns the size of its tree, or 0. */
static int64
append_block_of(StringInfo line, const HmExportEpoch *epoch, int64 block)
{
	static HmStatement statement = {
		"SELECT b.* FROM hipaa_migrate.audit_block AS b"
		" WHERE b.epoch = $1 AND b.block = $2",
		2, {UUIDOID, INT8OID}
	};
	Datum		arguments[2];

	arguments[0] = UUIDPGetDatum(&epoch->id);
	arguments[1] = Int64GetDatum(block);
	if (hm_query_run(&statement, arguments, NULL, true) == 0)
	{
		if (line)
			appendStringInfoString(line, "null");
		return 0;
	}
	if (line)
	{
		appendStringInfoChar(line, '{');
		hm_export_append_block(line, SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
		appendStringInfoChar(line, '}');
	}
	return hm_query_int64(0, 7);
}

/* Proof that the tree of that size is the beginning of the head's. */
static void
append_growth(HmExport *export, StringInfo line, int64 size)
{
	HmMerkleHash path[HM_MERKLE_MAX_PATH];
	int			length = 0;

	if (export->tree)
		length = hm_export_tree_prove_growth(export->tree, size, path);
	hm_export_append_name(line, "consistency");
	hm_export_append_path(line, path, length);
}

/* The blocks of the caller's digests that are not in the export anyway. */
static void
write_anchors(HmExport *export, const HmExportEpoch *epoch)
{
	static HmStatement statement = {
		"SELECT b.* FROM hipaa_migrate.audit_block AS b"
		" WHERE b.epoch = $1 AND b.block < $3 AND NOT b.block BETWEEN $4 AND $5"
		"   AND b.block IN"
		"       (SELECT (d.digest ->> 'block')::int8"
		"          FROM pg_catalog.jsonb_array_elements("
		"               CASE pg_catalog.jsonb_typeof($2) WHEN 'array' THEN $2"
		"               ELSE pg_catalog.jsonb_build_array($2) END) AS d (digest)"
		"         WHERE (d.digest ->> 'epoch')::uuid = $1)"
		" ORDER BY b.block",
		5, {UUIDOID, JSONBOID, INT8OID, INT8OID, INT8OID}
	};
	Datum		arguments[5];
	uint64		count;
	SPITupleTable *blocks;

	arguments[0] = UUIDPGetDatum(&epoch->id);
	arguments[1] = JsonbPGetDatum(export->options.digest);
	arguments[2] = Int64GetDatum(epoch->head);
	arguments[3] = Int64GetDatum(epoch->first_block - 1);
	arguments[4] = Int64GetDatum(epoch->last_block);
	count = hm_query_run(&statement, arguments, NULL, true);
	blocks = SPI_tuptable;
	for (uint64 i = 0; i < count; i++)
	{
		StringInfo	line = hm_export_begin_line(export, "anchor");
		bool		isnull;
		Datum		size = SPI_getbinval(blocks->vals[i], blocks->tupdesc, 7,
										 &isnull);

		appendStringInfoChar(line, ',');
		hm_export_append_block(line, blocks->vals[i], blocks->tupdesc, 1);
		append_growth(export, line, DatumGetInt64(size));
		hm_export_end_line(export, line);
	}
}

void
hm_export_prepare_tree(HmExport *export, const HmExportEpoch *epoch)
{
	MemoryContext caller;

	if (export->tree)
		hm_export_tree_free(export->tree);
	export->tree = NULL;
	if (epoch->first_block == 0 && export->options.digest == NULL)
		return;
	caller = MemoryContextSwitchTo(export->context);
	export->tree = hm_export_tree_build(&epoch->id, epoch->size);
	MemoryContextSwitchTo(caller);
}

static void
append_epoch(HmExport *export, StringInfo line, const HmExportEpoch *epoch)
{
	int64		unsealed;
	int64		without_leaf;
	int64		last_size = 0;

	hm_export_count_unsealed(export, epoch, &unsealed, &without_leaf);
	export->unsealed_count += unsealed;
	appendStringInfo(line, ",%s", epoch->members);
	append_number_or_null(line, "first_block", epoch->first_block);
	append_number_or_null(line, "last_block", epoch->last_block);
	hm_export_append_number(line, "unsealed", unsealed);
	if (hm_export_is_whole(export))
		hm_export_append_number(line, "without_leaf", without_leaf);
	else
		appendStringInfoString(line, ",\"without_leaf\":null");
	hm_export_append_name(line, "base");
	if (epoch->first_block > 1)
		(void) append_block_of(line, epoch, epoch->first_block - 1);
	else
		appendStringInfoString(line, "null");
	hm_export_append_name(line, "head");
	if (epoch->head_line)
		appendStringInfo(line, "{%s}", epoch->head_line);
	else
		appendStringInfoString(line, "null");
	if (epoch->last_block != epoch->head)
		last_size = append_block_of(NULL, epoch, epoch->last_block);
	append_growth(export, line, last_size);
}

void
hm_export_write_epoch(HmExport *export)
{
	HmExportEpoch *epoch;
	StringInfo	line;

	if (export->epoch_no >= list_length(export->epochs))
	{
		export->phase = HM_EXPORT_EVIDENCE;
		return;
	}
	epoch = list_nth(export->epochs, export->epoch_no);
	hm_export_find_range(export, epoch);
	hm_export_prepare_tree(export, epoch);
	line = hm_export_begin_line(export, "epoch");
	append_epoch(export, line, epoch);
	hm_export_end_line(export, line);
	if (export->options.digest && epoch->head > 0)
		write_anchors(export, epoch);
	export->block = epoch->first_block - 1;
	export->phase = HM_EXPORT_BLOCK;
	if (epoch->first_block == 0)
	{
		export->epoch_no++;
		export->phase = HM_EXPORT_EPOCH;
	}
}

void
hm_export_write_block(HmExport *export)
{
	static HmStatement statement = {
		"SELECT b.* FROM hipaa_migrate.audit_block AS b"
		" WHERE b.epoch = $1 AND b.block > $2 AND b.block <= $3"
		" ORDER BY b.block LIMIT 1",
		3, {UUIDOID, INT8OID, INT8OID}
	};
	HmExportEpoch *epoch = hm_export_current_epoch(export);
	Datum		arguments[3];
	StringInfo	line;

	arguments[0] = UUIDPGetDatum(&epoch->id);
	arguments[1] = Int64GetDatum(export->block);
	arguments[2] = Int64GetDatum(epoch->last_block);
	if (hm_query_run(&statement, arguments, NULL, true) == 0)
	{
		export->epoch_no++;
		export->phase = HM_EXPORT_EPOCH;
		return;
	}
	export->block = hm_query_int64(0, 2);
	export->seq = hm_query_int64(0, 5) - 1;
	export->last_seq = hm_query_int64(0, 7);
	line = hm_export_begin_line(export, "block");
	appendStringInfoChar(line, ',');
	hm_export_append_block(line, SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1);
	hm_export_end_line(export, line);
	export->block_count++;
	export->phase = HM_EXPORT_EVENTS;
}
