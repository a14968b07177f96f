/*
 * src/audit/canonical.c
 *	  The canonical form of a row.
 */
#include "postgres.h"

#include "audit/canonical.h"
#include "base/compat.h"
#include "mb/pg_wchar.h"
#include "port/pg_bswap.h"
#include "utils/uuid.h"

#define FIELD_HEADER 7

#define UNIX_EPOCH_OFFSET \
	((POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY)

static void
append_header(StringInfo buffer, int field, char type, bool isnull,
			  uint32 length)
{
	uint32		length_be = pg_hton32(length);
	char	   *header;

	enlargeStringInfo(buffer, FIELD_HEADER + length);
	header = buffer->data + buffer->len;
	header[0] = (char) field;
	header[1] = type;
	header[2] = isnull ? 1 : 0;
	memcpy(header + 3, &length_be, sizeof(length_be));
	buffer->len += FIELD_HEADER;
}

void
hm_canonical_begin(StringInfo buffer, const char *domain, int nfields)
{
	Assert(strlen(domain) == 4);
	appendBinaryStringInfo(buffer, domain, 4);
	appendStringInfoCharMacro(buffer, HM_CANONICAL_VERSION);
	appendStringInfoCharMacro(buffer, (char) nfields);
}

static void
append_null(StringInfo buffer, int field, char type)
{
	append_header(buffer, field, type, true, 0);
}

static void
append_bytes(StringInfo buffer, int field, char type,
			 const void *bytes, int length)
{
	append_header(buffer, field, type, false, length);
	memcpy(buffer->data + buffer->len, bytes, length);
	buffer->len += length;
}

/* Bytes of an SQL_ASCII database stay what they are. */
static bool
is_utf8_already(void)
{
	int			encoding = GetDatabaseEncoding();

	return encoding == PG_UTF8 || encoding == PG_SQL_ASCII;
}

/* Of bytes in the database's encoding. */
static void
append_text(StringInfo buffer, int field, const char *bytes, int length)
{
	unsigned char *utf8;

	if (is_utf8_already())
	{
		append_bytes(buffer, field, HM_CANONICAL_TEXT, bytes, length);
		return;
	}
	utf8 = pg_do_encoding_conversion((unsigned char *) unconstify(char *, bytes),
									 length, GetDatabaseEncoding(), PG_UTF8);
	if ((char *) utf8 == bytes)
		append_bytes(buffer, field, HM_CANONICAL_TEXT, bytes, length);
	else
	{
		append_bytes(buffer, field, HM_CANONICAL_TEXT, utf8,
					 strlen((char *) utf8));
		pfree(utf8);
	}
}

static void
append_int64(StringInfo buffer, int field, int64 value)
{
	uint64		value_be = pg_hton64((uint64) value);

	append_bytes(buffer, field, HM_CANONICAL_INT64, &value_be,
				 sizeof(value_be));
}

static void
append_timestamp(StringInfo buffer, int field, TimestampTz value)
{
	uint64		value_be = pg_hton64((uint64) (value + UNIX_EPOCH_OFFSET));

	append_bytes(buffer, field, HM_CANONICAL_TIMESTAMP, &value_be,
				 sizeof(value_be));
}

static void
append_varlena(StringInfo buffer, int field, char type, Datum value)
{
	struct varlena *packed = PG_DETOAST_DATUM_PACKED(value);

	if (type == HM_CANONICAL_TEXT)
		append_text(buffer, field, VARDATA_ANY(packed),
					VARSIZE_ANY_EXHDR(packed));
	else
		append_bytes(buffer, field, type, VARDATA_ANY(packed),
					 VARSIZE_ANY_EXHDR(packed));
	if ((Pointer) packed != DatumGetPointer(value))
		pfree(packed);
}

void
hm_canonical_datum(StringInfo buffer, int field, char type, Datum value,
				   bool isnull)
{
	if (isnull)
	{
		append_null(buffer, field, type);
		return;
	}
	switch (type)
	{
		case HM_CANONICAL_INT64:
			append_int64(buffer, field, DatumGetInt64(value));
			break;
		case HM_CANONICAL_TIMESTAMP:
			append_timestamp(buffer, field, DatumGetTimestampTz(value));
			break;
		case HM_CANONICAL_UUID:
			append_bytes(buffer, field, type,
						 DatumGetUUIDP(value)->data, UUID_LEN);
			break;
		default:
			append_varlena(buffer, field, type, value);
			break;
	}
}
