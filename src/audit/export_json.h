/*
 * src/audit/export_json.h
 *	  Values of the record as JSON, for the export.
 *
 * ASCII only, whatever the encoding of the database and of the client: other
 * characters are written as \uXXXX.  All values are strings or null; numbers
 * would lose digits in programs that read them as floating point.
 */
#ifndef HM_AUDIT_EXPORT_JSON_H
#define HM_AUDIT_EXPORT_JSON_H

#include "access/htup.h"
#include "access/tupdesc.h"
#include "audit/merkle.h"
#include "lib/stringinfo.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

/*
 * A quoted string of text in the database's encoding.  Bytes that are no
 * UTF-8 where they should be stand as U+DC80 to U+DCFF.
 */
extern void hm_export_append_cstring(StringInfo line, const char *text);
extern void hm_export_append_int64(StringInfo line, int64 value);
extern void hm_export_append_timestamp(StringInfo line, TimestampTz value);
extern void hm_export_append_uuid(StringInfo line, const pg_uuid_t *uuid);

/*
 * Columns first to last of a row as members "name":value, without braces.
 * Their types are those of the record's tables.
 */
extern void hm_export_append_columns(StringInfo line, HeapTuple row,
									 TupleDesc desc, int first, int last);

/* The value of one column, null included. */
extern void hm_export_append_column(StringInfo line, HeapTuple row,
									TupleDesc desc, int column);

extern void hm_export_append_path(StringInfo line, const HmMerkleHash *path,
								  int length);

#endif							/* HM_AUDIT_EXPORT_JSON_H */
