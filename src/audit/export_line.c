/*
 * src/audit/export_line.c
 *	  Lines of the export, and their common hash.
 */
#include "postgres.h"

#include "audit/export_json.h"
#include "audit/export_work.h"

#define BLOCK_FIELDS 15

StringInfo
hm_export_begin_line(HmExport *export, const char *type)
{
	MemoryContext caller = MemoryContextSwitchTo(export->batch);
	StringInfo	line = makeStringInfo();

	MemoryContextSwitchTo(caller);
	appendStringInfo(line, "{\"type\":\"%s\"", type);
	return line;
}

void
hm_export_append_name(StringInfo line, const char *name)
{
	appendStringInfo(line, ",\"%s\":", name);
}

void
hm_export_append_number(StringInfo line, const char *name, int64 value)
{
	hm_export_append_name(line, name);
	hm_export_append_int64(line, value);
}

void
hm_export_append_string(StringInfo line, const char *name, const char *value)
{
	hm_export_append_name(line, name);
	hm_export_append_cstring(line, value);
}

void
hm_export_end_line(HmExport *export, StringInfo line)
{
	MemoryContext caller;

	appendStringInfoChar(line, '}');
	if (pg_cryptohash_update(export->sha256, (uint8 *) line->data,
							 line->len) < 0 ||
		pg_cryptohash_update(export->sha256, (uint8 *) "\n", 1) < 0)
		elog(ERROR, "could not compute SHA-256: %s",
			 pg_cryptohash_error(export->sha256));
	caller = MemoryContextSwitchTo(export->batch);
	export->lines = lappend(export->lines, line);
	MemoryContextSwitchTo(caller);
	export->line_count++;
}

void
hm_export_append_block(StringInfo line, HeapTuple row, TupleDesc desc, int first)
{
	appendStringInfoString(line, "\"block\":{");
	hm_export_append_columns(line, row, desc, first, first + BLOCK_FIELDS - 1);
	appendStringInfoString(line, "},\"block_hash\":");
	hm_export_append_column(line, row, desc, first + BLOCK_FIELDS);
}
