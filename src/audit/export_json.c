/*
 * src/audit/export_json.c
 *	  Values of the record as JSON, for the export.
 */
#include "postgres.h"

#include "audit/export_json.h"
#include "access/htup_details.h"
#include "catalog/pg_type.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

/* A byte that is no part of UTF-8 becomes half of a surrogate pair. */
#define STRAY_BYTE 0xDC00

/* More than any row of ours has. */
#define MAX_COLUMNS 64

static void
append_escape(StringInfo line, pg_wchar code)
{
	if (code < 0x10000)
		appendStringInfo(line, "\\u%04x", code);
	else
		appendStringInfo(line, "\\u%04x\\u%04x",
						 0xD800 + ((code - 0x10000) >> 10),
						 0xDC00 + ((code - 0x10000) & 0x3FF));
}

/* A character of ASCII that does not stand for itself. */
static void
append_escaped(StringInfo line, unsigned char byte)
{
	switch (byte)
	{
		case '"':
			appendStringInfoString(line, "\\\"");
			break;
		case '\\':
			appendStringInfoString(line, "\\\\");
			break;
		case '\n':
			appendStringInfoString(line, "\\n");
			break;
		case '\t':
			appendStringInfoString(line, "\\t");
			break;
		default:
			append_escape(line, byte);
			break;
	}
}

/* Returns how many bytes it took. */
static int
append_beyond_ascii(StringInfo line, const unsigned char *bytes, int length)
{
	int			width = pg_utf_mblen(bytes);

	if (width < 2 || width > length || !pg_utf8_islegal(bytes, width))
	{
		append_escape(line, STRAY_BYTE | *bytes);
		return 1;
	}
	append_escape(line, utf8_to_unicode(bytes));
	return width;
}

/* How many bytes from here on stand for themselves. */
static int
plain_length(const unsigned char *bytes, int length)
{
	int			plain = 0;

	while (plain < length && bytes[plain] >= ' ' && bytes[plain] < 0x7F &&
		   bytes[plain] != '"' && bytes[plain] != '\\')
		plain++;
	return plain;
}

static void
append_utf8(StringInfo line, const unsigned char *bytes, int length)
{
	appendStringInfoCharMacro(line, '"');
	while (length > 0)
	{
		int			taken = plain_length(bytes, length);

		if (taken > 0)
			appendBinaryStringInfo(line, (const char *) bytes, taken);
		else if (IS_HIGHBIT_SET(*bytes))
			taken = append_beyond_ascii(line, bytes, length);
		else
		{
			append_escaped(line, *bytes);
			taken = 1;
		}
		bytes += taken;
		length -= taken;
	}
	appendStringInfoCharMacro(line, '"');
}

/* As the canonical form does: bytes without an encoding stay what they are. */
static void
append_text(StringInfo line, const char *bytes, int length)
{
	int			encoding = GetDatabaseEncoding();
	unsigned char *text = (unsigned char *) unconstify(char *, bytes);
	unsigned char *utf8;

	if (encoding == PG_UTF8 || encoding == PG_SQL_ASCII)
	{
		append_utf8(line, text, length);
		return;
	}
	utf8 = pg_do_encoding_conversion(text, length, encoding, PG_UTF8);
	if (utf8 == text)
		append_utf8(line, text, length);
	else
	{
		append_utf8(line, utf8, strlen((char *) utf8));
		pfree(utf8);
	}
}

void
hm_export_append_cstring(StringInfo line, const char *text)
{
	append_text(line, text, strlen(text));
}

void
hm_export_append_int64(StringInfo line, int64 value)
{
	appendStringInfo(line, "\"" INT64_FORMAT "\"", value);
}

static void
append_hex(StringInfo line, const void *bytes, int length)
{
	enlargeStringInfo(line, 2 * length);
	line->len += hex_encode(bytes, length, line->data + line->len);
	line->data[line->len] = '\0';
}

/* Years of other than four digits have a sign, and the year 0 is 1 BC. */
void
hm_export_append_timestamp(StringInfo line, TimestampTz value)
{
	struct pg_tm tm;
	fsec_t		fraction;

	if (TIMESTAMP_NOT_FINITE(value) ||
		timestamp2tm(value, NULL, &tm, &fraction, NULL, NULL) != 0)
	{
		appendStringInfoString(line, TIMESTAMP_IS_NOBEGIN(value) ?
							   "\"-infinity\"" : "\"infinity\"");
		return;
	}
	appendStringInfo(line, tm.tm_year >= 1 && tm.tm_year <= 9999 ?
					 "\"%04d" : "\"%+05d", tm.tm_year);
	appendStringInfo(line, "-%02d-%02dT%02d:%02d:%02d.%06dZ\"", tm.tm_mon,
					 tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
					 (int) fraction);
}

void
hm_export_append_uuid(StringInfo line, const pg_uuid_t *uuid)
{
	appendStringInfoCharMacro(line, '"');
	for (int i = 0; i < UUID_LEN; i++)
	{
		if (i == 4 || i == 6 || i == 8 || i == 10)
			appendStringInfoCharMacro(line, '-');
		append_hex(line, uuid->data + i, 1);
	}
	appendStringInfoCharMacro(line, '"');
}

static void
append_varlena(StringInfo line, Oid type, Datum value)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);
	const char *bytes = VARDATA_ANY(packed);
	int			length = VARSIZE_ANY_EXHDR(packed);

	if (type == BYTEAOID)
	{
		appendStringInfoCharMacro(line, '"');
		append_hex(line, bytes, length);
		appendStringInfoCharMacro(line, '"');
	}
	else
		append_text(line, bytes, length);
	if ((Pointer) packed != DatumGetPointer(value))
		pfree(packed);
}

static void
append_value(StringInfo line, Oid type, Datum value, bool isnull)
{
	if (isnull)
		appendStringInfoString(line, "null");
	else if (type == INT8OID)
		hm_export_append_int64(line, DatumGetInt64(value));
	else if (type == TIMESTAMPTZOID)
		hm_export_append_timestamp(line, DatumGetTimestampTz(value));
	else if (type == UUIDOID)
		hm_export_append_uuid(line, DatumGetUUIDP(value));
	else if (type == TEXTOID || type == BYTEAOID)
		append_varlena(line, type, value);
	else
		elog(ERROR, "unexpected type %u in the record", type);
}

void
hm_export_append_column(StringInfo line, HeapTuple row, TupleDesc desc,
						int column)
{
	bool		isnull;
	Datum		value = heap_getattr(row, column, desc, &isnull);

	append_value(line, TupleDescAttr(desc, column - 1)->atttypid, value,
				 isnull);
}

void
hm_export_append_columns(StringInfo line, HeapTuple row, TupleDesc desc,
						 int first, int last)
{
	Datum		values[MAX_COLUMNS];
	bool		nulls[MAX_COLUMNS];

	if (desc->natts > MAX_COLUMNS)
		elog(ERROR, "unexpected number of columns in the record: %d",
			 desc->natts);
	heap_deform_tuple(row, desc, values, nulls);
	for (int i = first - 1; i < last; i++)
	{
		Form_pg_attribute column = TupleDescAttr(desc, i);

		if (i >= first)
			appendStringInfoCharMacro(line, ',');
		hm_export_append_cstring(line, NameStr(column->attname));
		appendStringInfoCharMacro(line, ':');
		append_value(line, column->atttypid, values[i], nulls[i]);
	}
}

void
hm_export_append_path(StringInfo line, const HmMerkleHash *path, int length)
{
	appendStringInfoCharMacro(line, '[');
	for (int i = 0; i < length; i++)
	{
		appendStringInfoString(line, i > 0 ? ",\"" : "\"");
		append_hex(line, path[i].bytes, HM_HASH_LENGTH);
		appendStringInfoCharMacro(line, '"');
	}
	appendStringInfoCharMacro(line, ']');
}
