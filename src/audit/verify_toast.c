/*
 * src/audit/verify_toast.c
 *	  Values of events that stand outside the table.
 *
 * They are rare: an event is moved there only when it does not fit into a
 * page.  Their chunks are gathered by a scan of the TOAST table, not through
 * its index, for as many values at once as a modest memory holds.
 */
#include "postgres.h"

#include "access/detoast.h"
#include "access/heaptoast.h"
#include "audit/verify_work.h"
#include "miscadmin.h"
#include "utils/hsearch.h"
#include "utils/memutils.h"
#include "utils/rel.h"

typedef struct ToastValue
{
	Oid			id;				/* the key */
	uint32		size;			/* as stored */
	uint32		got;
	uint32		raw_size;
	bool		compressed;
	bool		damaged;
	struct varlena *value;		/* in the form of one that stands inline */
} ToastValue;

struct HmToast
{
	HmVerify   *verify;
	Relation	relation;
	MemoryContext context;		/* of all that is kept */
	HTAB	   *values;
};

/* relation is the TOAST table, or NULL if there is none. */
HmToast *
hm_toast_begin(HmVerify *verify, Relation relation)
{
	HmToast    *toast = palloc(sizeof(HmToast));
	HASHCTL		control = {.keysize = sizeof(Oid),
	.entrysize = sizeof(ToastValue)};

	toast->verify = verify;
	toast->relation = relation;
	toast->context = AllocSetContextCreate(CurrentMemoryContext,
										   "hipaa_migrate verify toast",
										   ALLOCSET_DEFAULT_SIZES);
	control.hcxt = toast->context;
	toast->values = hash_create("hipaa_migrate toast", 64, &control,
								HASH_ELEM | HASH_BLOBS | HASH_CONTEXT);
	return toast;
}

void
hm_toast_end(HmToast *toast)
{
	MemoryContextDelete(toast->context);
	pfree(toast);
}

static bool
is_external(const HmEventRow *row, int column)
{
	return !row->nulls[column] &&
		(column == HM_COL_LEAF_HASH || hm_event_types[column] == 't' ||
		 hm_event_types[column] == 'b') &&
		VARATT_IS_EXTERNAL(DatumGetPointer(row->values[column]));
}

static Size
want_value(HmToast *toast, struct varlena *pointer)
{
	struct varatt_external external;
	ToastValue *value;
	bool		found;

	VARATT_EXTERNAL_GET_POINTER(external, pointer);
	value = hash_search(toast->values, &external.va_valueid, HASH_ENTER,
						&found);
	if (found)
		return 0;
	value->size = VARATT_EXTERNAL_GET_EXTSIZE(external);
	value->raw_size = external.va_rawsize;
	value->compressed = VARATT_EXTERNAL_IS_COMPRESSED(external);
	value->got = 0;
	value->damaged = !AllocSizeIsValid((Size) value->size + VARHDRSZ) ||
		toast->relation == NULL || external.va_toastrelid !=
		RelationGetRelid(toast->relation);
	if (value->damaged)
		return 0;
	/* What has been compressed begins with its own size. */
	value->value = MemoryContextAllocZero(toast->context,
										  value->size + VARHDRSZ);
	if (value->compressed)
		SET_VARSIZE_COMPRESSED(value->value, value->size + VARHDRSZ);
	else
		SET_VARSIZE(value->value, value->size + VARHDRSZ);
	return value->size;
}

/* Returns how much is to be loaded for the row. */
Size
hm_toast_want(HmToast *toast, const HmEventRow *row)
{
	Size		size = 0;

	for (int column = 0; column < HM_EVENT_COLUMNS; column++)
	{
		if (is_external(row, column))
			size += want_value(toast, (struct varlena *)
							   DatumGetPointer(row->values[column]));
	}
	return size;
}

static void
add_chunk(ToastValue *value, int32 seq, struct varlena *chunk)
{
	uint32		length = VARSIZE_ANY_EXHDR(chunk);
	uint64		at = (uint64) seq * TOAST_MAX_CHUNK_SIZE;

	if (value->damaged)
		return;
	if (seq < 0 || length > TOAST_MAX_CHUNK_SIZE || at + length > value->size)
	{
		value->damaged = true;
		return;
	}
	memcpy(VARDATA(value->value) + at, VARDATA_ANY(chunk), length);
	value->got += length;
}

static void
load_tuple(HmToast *toast, HmHeapReader *reader, const HmHeapTuple *tuple)
{
	Datum		values[3];
	bool		nulls[3];
	bool		external;
	ToastValue *value;
	Oid			id;
	HmDamage	damage = hm_deform(&hm_layout_toast, 3, tuple, values, nulls,
								   &external);

	if (damage == HM_DAMAGE_NONE && external)
		damage = HM_DAMAGE_VALUE;
	if (damage != HM_DAMAGE_NONE)
	{
		hm_verify_damage(toast->verify, hm_layout_toast.table, reader->block,
						 tuple->offset, damage);
		return;
	}
	id = DatumGetObjectId(values[0]);
	value = hash_search(toast->values, &id, HASH_FIND, NULL);
	if (value)
		add_chunk(value, DatumGetInt32(values[1]),
				  (struct varlena *) DatumGetPointer(values[2]));
}

void
hm_toast_load(HmToast *toast)
{
	HmHeapReader *reader;
	HmDamage	damage;

	if (toast->relation == NULL || hash_get_num_entries(toast->values) == 0)
		return;
	reader = hm_heap_open(toast->relation, toast->verify->snapshot, &damage);
	for (BlockNumber block = 0; block < reader->npages; block++)
	{
		CHECK_FOR_INTERRUPTS();
		hm_heap_read(reader, block);
		for (int i = 0; i < reader->ndamages; i++)
			hm_verify_damage(toast->verify, hm_layout_toast.table, block,
							 reader->damages[i].offset,
							 reader->damages[i].damage);
		for (int i = 0; i < reader->ntuples; i++)
			load_tuple(toast, reader, &reader->tuples[i]);
		toast->verify->report->checks[HM_CHECK_PAGE].checked++;
	}
	hm_heap_close(reader);
}

static bool
resolve_value(HmToast *toast, Datum *datum)
{
	struct varatt_external external;
	ToastValue *value;

	VARATT_EXTERNAL_GET_POINTER(external, DatumGetPointer(*datum));
	value = hash_search(toast->values, &external.va_valueid, HASH_FIND, NULL);
	if (value == NULL || value->damaged || value->got != value->size)
		return false;
	if (value->compressed)
	{
		struct varlena *plain;

		if (hm_deform_expand(value->value, value->size + VARHDRSZ, &plain) !=
			HM_DAMAGE_NONE)
			return false;
		*datum = PointerGetDatum(plain);
	}
	else
		*datum = PointerGetDatum(value->value);
	return VARSIZE(DatumGetPointer(*datum)) == value->raw_size;
}

/*
 * Puts plain values into the row; what is expanded, into the current context.
 */
bool
hm_toast_resolve(HmToast *toast, HmEventRow *row)
{
	for (int column = 0; column < HM_EVENT_COLUMNS; column++)
	{
		if (is_external(row, column) &&
			!resolve_value(toast, &row->values[column]))
			return false;
	}
	return true;
}
