/*
 * src/audit/deform.c
 *	  The columns of a tuple that may be damaged, by our own table layouts.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "access/toast_compression.h"
#include "access/toast_internals.h"
#include "access/tupmacs.h"
#include "audit/deform.h"
#include "catalog/pg_type.h"
#include "common/pg_lzcompress.h"
#include "utils/memutils.h"

/* No method of ours makes a value smaller than this share of it. */
#define MAX_EXPANSION 300

/* A position in a tuple and its end. */
typedef struct Cursor
{
	const char *start;
	uint32		at;
	uint32		end;
} Cursor;

/* Neither method reads or writes out of bounds; LZ4's raises. */
static bool
expand(struct varlena *value, int32 length, struct varlena *plain,
	   int32 raw_length)
{
	MemoryContext context = CurrentMemoryContext;
	volatile bool expanded = false;

	if (TOAST_COMPRESS_METHOD(value) == TOAST_PGLZ_COMPRESSION_ID)
		return pglz_decompress((char *) value + VARHDRSZ_COMPRESSED,
							   length - VARHDRSZ_COMPRESSED,
							   VARDATA(plain), raw_length, true) == raw_length;
	if (TOAST_COMPRESS_METHOD(value) != TOAST_LZ4_COMPRESSION_ID)
		return false;
	PG_TRY();
	{
		struct varlena *text = lz4_decompress_datum(value);

		if (VARSIZE(text) - VARHDRSZ == raw_length)
		{
			memcpy(VARDATA(plain), VARDATA(text), raw_length);
			expanded = true;
		}
	}
	PG_CATCH();
	{
		MemoryContextSwitchTo(context);
		FlushErrorState();
	}
	PG_END_TRY();
	return expanded;
}

HmDamage
hm_deform_expand(struct varlena *value, uint32 length, struct varlena **plain)
{
	uint32		raw_length;

	if (length <= VARHDRSZ_COMPRESSED)
		return HM_DAMAGE_COMPRESSION;
	raw_length = TOAST_COMPRESS_EXTSIZE(value);
	if (raw_length / MAX_EXPANSION > length ||
		!AllocSizeIsValid((Size) raw_length + VARHDRSZ))
		return HM_DAMAGE_COMPRESSION;
	*plain = palloc(raw_length + VARHDRSZ);
	SET_VARSIZE(*plain, raw_length + VARHDRSZ);
	if (!expand(value, length, *plain, raw_length))
		return HM_DAMAGE_COMPRESSION;
	return HM_DAMAGE_NONE;
}

/* A value of fixed length; all of them fit into their alignment's multiples. */
static HmDamage
read_fixed(Cursor *cursor, Oid type, Datum *value)
{
	uint32		length;
	const char *from;

	if (type == UUIDOID)
		length = 16;
	else
	{
		cursor->at = TYPEALIGN(type == BOOLOID ? 1 : type == OIDOID ||
							   type == INT4OID ? 4 : 8, cursor->at);
		length = type == BOOLOID ? 1 : type == OIDOID || type == INT4OID ?
			4 : 8;
	}
	if (cursor->at + length > cursor->end)
		return HM_DAMAGE_VALUE;
	from = cursor->start + cursor->at;
	cursor->at += length;
	if (type == UUIDOID)
		*value = PointerGetDatum(from);
	else if (type == BOOLOID)
		*value = BoolGetDatum(*from != 0);
	else if (length == 4)
		*value = UInt32GetDatum(*(const uint32 *) from);
	else
		*value = Int64GetDatum(*(const int64 *) from);
	return HM_DAMAGE_NONE;
}

/* The length as stored, header included; 0 when it does not fit. */
static uint32
stored_length(const Cursor *cursor, const struct varlena *value)
{
	uint32		left = cursor->end - cursor->at;
	uint32		length;

	if (VARATT_IS_1B_E(value))
		length = left >= 2 && VARTAG_EXTERNAL(value) == VARTAG_ONDISK ?
			TOAST_POINTER_SIZE : 0;
	else if (VARATT_IS_1B(value))
		length = VARSIZE_1B(value);
	else
		length = left >= VARHDRSZ && VARSIZE_4B(value) >= VARHDRSZ ?
			VARSIZE_4B(value) : 0;
	return length <= left ? length : 0;
}

static HmDamage
read_varlena(Cursor *cursor, Datum *value, bool *external)
{
	struct varlena *from;
	uint32		length;

	if (cursor->at >= cursor->end)
		return HM_DAMAGE_VALUE;
	if (!VARATT_NOT_PAD_BYTE(cursor->start + cursor->at))
		cursor->at = INTALIGN(cursor->at);
	if (cursor->at >= cursor->end)
		return HM_DAMAGE_VALUE;
	from = (struct varlena *) (cursor->start + cursor->at);
	/* Only a short header may stand where it is not aligned. */
	if (VARATT_IS_4B(from) && cursor->at != INTALIGN(cursor->at))
		return HM_DAMAGE_VALUE;
	length = stored_length(cursor, from);
	if (length == 0)
		return HM_DAMAGE_VALUE;
	cursor->at += length;
	*value = PointerGetDatum(from);
	if (VARATT_IS_1B_E(from))
		*external = true;
	else if (VARATT_IS_4B_C(from))
	{
		struct varlena *plain;
		HmDamage	damage = hm_deform_expand(from, length, &plain);

		if (damage != HM_DAMAGE_NONE)
			return damage;
		*value = PointerGetDatum(plain);
	}
	return HM_DAMAGE_NONE;
}

/*
 * A reader that is asked for one column relies on what the flags say of the
 * others, so they must be true.
 */
static HmDamage
check_flags(HeapTupleHeader header, bool varlena, bool external)
{
	bool		says_varlena = header->t_infomask & HEAP_HASVARWIDTH;
	bool		says_external = header->t_infomask & HEAP_HASEXTERNAL;

	if ((varlena && !says_varlena) || external != says_external)
		return HM_DAMAGE_TUPLE_FLAGS;
	return HM_DAMAGE_NONE;
}

HmDamage
hm_deform(const HmLayout *layout, int wanted, const HmHeapTuple *tuple,
		  Datum *values, bool *nulls, bool *external)
{
	HeapTupleHeader header = tuple->header;
	bool		has_nulls = header->t_infomask & HEAP_HASNULL;
	bool		varlena = false;
	Cursor		cursor = {(const char *) header, header->t_hoff,
	tuple->length};

	*external = false;
	if (HeapTupleHeaderGetNatts(header) != layout->ncolumns)
		return HM_DAMAGE_COLUMNS;
	for (int i = 0; i < wanted; i++)
	{
		const HmColumn *column = &layout->columns[i];
		HmDamage	damage;

		nulls[i] = has_nulls && att_isnull(i, header->t_bits);
		values[i] = (Datum) 0;
		if (nulls[i] && column->nullable)
			continue;
		if (nulls[i])
			return HM_DAMAGE_NULL;
		if (column->type == TEXTOID || column->type == BYTEAOID)
		{
			varlena = true;
			damage = read_varlena(&cursor, &values[i], external);
		}
		else
			damage = read_fixed(&cursor, column->type, &values[i]);
		if (damage != HM_DAMAGE_NONE)
			return damage;
	}
	return wanted < layout->ncolumns ? HM_DAMAGE_NONE :
		check_flags(header, varlena, *external);
}
