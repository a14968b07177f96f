/*
 * src/audit/block.c
 *	  Blocks: rows of audit_block.
 */
#include "postgres.h"

#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "audit/block.h"
#include "audit/canonical.h"
#include "audit/relations.h"
#include "audit/row_writer.h"
#include "utils/builtins.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"

#define BLOCK_DOMAIN "HMBK"
#define BLOCK_PREFIX 0x02

enum
{
	COL_EPOCH,
	COL_BLOCK,
	COL_SEALED_AT,
	COL_SNAPSHOT,
	COL_FIRST_LEAF,
	COL_LEAF_COUNT,
	COL_TREE_SIZE,
	COL_ROOT,
	COL_FRONTIER,
	COL_PREVIOUS,
	COL_LSN,
	COL_TIMELINE,
	COL_SYSTEM_IDENTIFIER,
	COL_FINGERPRINT,
	COL_ANCHORED_AT,
	COL_BLOCK_HASH,
	COLUMNS
};

/* The canonical type tag of each field. */
static const char field_types[] = "uidtiiibbbiiibd";

#define FIELDS ((int) sizeof(field_types) - 1)

StaticAssertDecl(FIELDS == COLUMNS - 1,
				 "the hash covers every column but itself");

static bool
unpack_bytes(Datum value, void *bytes, Size length)
{
	bytea	   *packed = DatumGetByteaPP(value);

	if (VARSIZE_ANY_EXHDR(packed) != length)
		return false;
	memcpy(bytes, VARDATA_ANY(packed), length);
	return true;
}

static bool
unpack_hash(Datum value, HmMerkleHash *hash)
{
	return unpack_bytes(value, hash->bytes, HM_HASH_LENGTH);
}

static bool
unpack_hashes(HmBlock *block, const Datum *values, const bool *nulls)
{
	block->frontier.size = block->tree_size;
	block->has_previous = !nulls[COL_PREVIOUS];
	return unpack_hash(values[COL_ROOT], &block->root) &&
		unpack_bytes(values[COL_FRONTIER], block->frontier.nodes,
					 hm_frontier_count(block->tree_size) * HM_HASH_LENGTH) &&
		(nulls[COL_PREVIOUS] ||
		 unpack_hash(values[COL_PREVIOUS], &block->previous)) &&
		unpack_hash(values[COL_FINGERPRINT], &block->fingerprint) &&
		unpack_hash(values[COL_BLOCK_HASH], &block->hash);
}

static bool
unpack(HmBlock *block, const Datum *values, const bool *nulls)
{
	memset(block, 0, sizeof(HmBlock));
	for (int i = 0; i < COLUMNS; i++)
	{
		if (nulls[i] && i != COL_PREVIOUS)
			return false;
	}
	block->epoch = *DatumGetUUIDP(values[COL_EPOCH]);
	block->block = DatumGetInt64(values[COL_BLOCK]);
	block->sealed_at = DatumGetTimestampTz(values[COL_SEALED_AT]);
	block->snapshot = TextDatumGetCString(values[COL_SNAPSHOT]);
	block->first_leaf = DatumGetInt64(values[COL_FIRST_LEAF]);
	block->leaf_count = DatumGetInt64(values[COL_LEAF_COUNT]);
	block->tree_size = DatumGetInt64(values[COL_TREE_SIZE]);
	block->lsn = DatumGetInt64(values[COL_LSN]);
	block->timeline = DatumGetInt64(values[COL_TIMELINE]);
	block->system_identifier = DatumGetInt64(values[COL_SYSTEM_IDENTIFIER]);
	block->anchored_at = DatumGetTimestampTz(values[COL_ANCHORED_AT]);
	return unpack_hashes(block, values, nulls);
}

static Datum
pack_bytes(const void *bytes, Size length)
{
	bytea	   *packed = palloc(VARHDRSZ + length);

	SET_VARSIZE(packed, VARHDRSZ + length);
	memcpy(VARDATA(packed), bytes, length);
	return PointerGetDatum(packed);
}

static Datum
pack_hash(const HmMerkleHash *hash)
{
	return pack_bytes(hash->bytes, HM_HASH_LENGTH);
}

static void
pack(const HmBlock *block, Datum *values, bool *nulls)
{
	memset(nulls, 0, COLUMNS);
	values[COL_EPOCH] = UUIDPGetDatum(&block->epoch);
	values[COL_BLOCK] = Int64GetDatum(block->block);
	values[COL_SEALED_AT] = TimestampTzGetDatum(block->sealed_at);
	values[COL_SNAPSHOT] = CStringGetTextDatum(block->snapshot);
	values[COL_FIRST_LEAF] = Int64GetDatum(block->first_leaf);
	values[COL_LEAF_COUNT] = Int64GetDatum(block->leaf_count);
	values[COL_TREE_SIZE] = Int64GetDatum(block->tree_size);
	values[COL_ROOT] = pack_hash(&block->root);
	values[COL_FRONTIER] =
		pack_bytes(block->frontier.nodes,
				   hm_frontier_count(block->tree_size) * HM_HASH_LENGTH);
	values[COL_PREVIOUS] = pack_hash(&block->previous);
	nulls[COL_PREVIOUS] = !block->has_previous;
	values[COL_LSN] = Int64GetDatum(block->lsn);
	values[COL_TIMELINE] = Int64GetDatum(block->timeline);
	values[COL_SYSTEM_IDENTIFIER] = Int64GetDatum(block->system_identifier);
	values[COL_FINGERPRINT] = pack_hash(&block->fingerprint);
	values[COL_ANCHORED_AT] = TimestampTzGetDatum(block->anchored_at);
	values[COL_BLOCK_HASH] = pack_hash(&block->hash);
}

void
hm_block_hash(const HmBlock *block, HmMerkleHash *hash)
{
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];
	StringInfoData canonical;

	pack(block, values, nulls);
	initStringInfo(&canonical);
	appendStringInfoCharMacro(&canonical, BLOCK_PREFIX);
	hm_canonical_begin(&canonical, BLOCK_DOMAIN, FIELDS);
	for (int i = 0; i < FIELDS; i++)
		hm_canonical_datum(&canonical, i + 1, field_types[i], values[i],
						   nulls[i]);
	hm_hash_bytes(canonical.data, canonical.len, hash->bytes);
	pfree(canonical.data);
}

void
hm_block_insert(const HmBlock *block)
{
	HmWriter   *writer = hm_writer_open(HM_RELATION_AUDIT_BLOCK,
										COLUMNS);
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];

	pack(block, values, nulls);
	hm_writer_add(writer, values, nulls);
	hm_writer_close(writer);
}

static HmBlock *
unpack_tuple(Relation table, HeapTuple tuple)
{
	HmBlock    *block = palloc(sizeof(HmBlock));
	Datum		values[COLUMNS];
	bool		nulls[COLUMNS];

	if (RelationGetNumberOfAttributes(table) == COLUMNS)
	{
		heap_deform_tuple(tuple, RelationGetDescr(table), values, nulls);
		if (unpack(block, values, nulls))
			return block;
	}
	ereport(ERROR,
			(errcode(ERRCODE_DATA_CORRUPTED),
			 errmsg("a block of the record of hipaa_migrate is damaged"),
			 errhint("See what SELECT * FROM audit_verify() reports.")));
}

HmBlock *
hm_block_load_last(const pg_uuid_t *epoch, Snapshot snapshot)
{
	ScanKeyData key;
	Relation	table = table_open(hm_relation_oid(HM_RELATION_AUDIT_BLOCK),
								   AccessShareLock);
	Relation	index = index_open(hm_relation_oid(HM_RELATION_AUDIT_BLOCK_PKEY),
								   AccessShareLock);
	SysScanDesc scan;
	HeapTuple	tuple;
	HmBlock    *block;

	ScanKeyInit(&key, COL_EPOCH + 1, BTEqualStrategyNumber, F_UUID_EQ,
				UUIDPGetDatum(epoch));
	scan = systable_beginscan_ordered(table, index, snapshot, 1, &key);
	tuple = systable_getnext_ordered(scan, BackwardScanDirection);
	block = tuple ? unpack_tuple(table, tuple) : NULL;
	systable_endscan_ordered(scan);
	index_close(index, AccessShareLock);
	table_close(table, AccessShareLock);
	return block;
}
