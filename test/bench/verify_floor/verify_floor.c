/*
 * test/bench/verify_floor/verify_floor.c
 *	  The least that a verification can cost: a scan of audit_event that
 *	  hashes the canonical form of each row, and compares nothing else.
 */
#include "postgres.h"

#include "access/table.h"
#include "access/tableam.h"
#include "catalog/pg_type.h"
#include "common/cryptohash.h"
#include "common/sha2.h"
#include "executor/tuptable.h"
#include "fmgr.h"
#include "lib/stringinfo.h"
#include "miscadmin.h"
#include "port/pg_bswap.h"
#include "utils/rel.h"
#include "utils/snapmgr.h"

PG_MODULE_MAGIC;

PG_FUNCTION_INFO_V1(verify_floor);

static void
append_field(StringInfo buffer, int number, char type, bool isnull,
			 const void *bytes, uint32 length)
{
	uint32		length_be = pg_hton32(length);
	char		header[3] = {(char) number, type, isnull};

	appendBinaryStringInfo(buffer, header, sizeof(header));
	appendBinaryStringInfo(buffer, (char *) &length_be, sizeof(length_be));
	if (length > 0)
		appendBinaryStringInfo(buffer, bytes, length);
}

static void
append_value(StringInfo buffer, int number, Oid type, Datum value)
{
	uint64		word = DatumGetInt64(value);
	struct varlena *text;

	if (type == UUIDOID)
		append_field(buffer, number, 'u', false, DatumGetPointer(value), 16);
	else if (type == INT8OID || type == TIMESTAMPTZOID)
	{
		if (type == TIMESTAMPTZOID)
			word += (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
		word = pg_hton64(word);
		append_field(buffer, number, type == INT8OID ? 'i' : 'd', false,
					 &word, sizeof(word));
	}
	else
	{
		text = PG_DETOAST_DATUM_PACKED(value);
		append_field(buffer, number, type == TEXTOID ? 't' : 'b', false,
					 VARDATA_ANY(text), VARSIZE_ANY_EXHDR(text));
		if ((Pointer) text != DatumGetPointer(value))
			pfree(text);
	}
}

static bool
hash_agrees(TupleTableSlot *slot, StringInfo buffer, pg_cryptohash_ctx *sha)
{
	TupleDesc	desc = slot->tts_tupleDescriptor;
	int			last = desc->natts - 1;
	uint8		digest[PG_SHA256_DIGEST_LENGTH];

	resetStringInfo(buffer);
	appendBinaryStringInfo(buffer, "\0HMEV\1\46", 7);
	slot_getallattrs(slot);
	for (int i = 0; i < last; i++)
	{
		Oid			type = TupleDescAttr(desc, i)->atttypid;

		if (slot->tts_isnull[i])
			append_field(buffer, i + 1, type == INT8OID ? 'i' : type ==
						 TEXTOID ? 't' : 'b', true, NULL, 0);
		else
			append_value(buffer, i + 1, type, slot->tts_values[i]);
	}
	pg_cryptohash_init(sha);
	pg_cryptohash_update(sha, (uint8 *) buffer->data, buffer->len);
	pg_cryptohash_final(sha, digest, sizeof(digest));
	return memcmp(digest, VARDATA_ANY(DatumGetPointer(slot->tts_values[last])),
				  sizeof(digest)) == 0;
}

/* Returns how many rows agree, so that it can be seen to do the work. */
Datum
verify_floor(PG_FUNCTION_ARGS)
{
	Relation	relation = table_open(PG_GETARG_OID(0), AccessShareLock);
	TableScanDesc scan = table_beginscan(relation, GetActiveSnapshot(), 0,
										 NULL);
	TupleTableSlot *slot = table_slot_create(relation, NULL);
	pg_cryptohash_ctx *sha = pg_cryptohash_create(PG_SHA256);
	StringInfoData buffer;
	int64		count = 0;

	initStringInfo(&buffer);
	while (table_scan_getnextslot(scan, ForwardScanDirection, slot))
	{
		CHECK_FOR_INTERRUPTS();
		count += hash_agrees(slot, &buffer, sha);
	}
	pg_cryptohash_free(sha);
	ExecDropSingleTupleTableSlot(slot);
	table_endscan(scan);
	table_close(relation, AccessShareLock);
	PG_RETURN_INT64(count);
}
