/*
 * src/audit/export_tree.c
 *	  The hash tree of an epoch, as the table of leaves has it, for proofs.
 */
#include "postgres.h"

#include "audit/export_tree.h"
#include "base/query.h"
#include "catalog/pg_type.h"
#include "miscadmin.h"

#define WINDOW_LEAVES 1024

/* Leaves first to first + WINDOW_LEAVES - 1; first is 0 when it is empty. */
typedef struct Window
{
	int64		first;
	HmMerkleHash leaves[WINDOW_LEAVES];
} Window;

/*
 * A proof asks for leaves near the one it proves and, where the tree is not
 * perfect, for some at its end: one window for each.
 */
struct HmExportTree
{
	pg_uuid_t	epoch;
	int64		size;
	HmMerkleTree *tree;
	Window		windows[2];
	int			last_used;
};

static int64
count_leaves(const pg_uuid_t *epoch)
{
	static HmStatement statement = {
		"SELECT l.seq FROM hipaa_migrate.audit_leaf AS l"
		" WHERE l.epoch = $1 ORDER BY l.seq DESC LIMIT 1",
		1, {UUIDOID}
	};
	Datum		argument = UUIDPGetDatum(epoch);
	MemoryContext caller = CurrentMemoryContext;
	int64		count = 0;

	if (hm_query_run(&statement, &argument, NULL, true) > 0)
		count = hm_query_int64(0, 1);
	MemoryContextSwitchTo(caller);
	return count;
}

static void
take_leaf(Window *window, uint64 row)
{
	int64		seq = hm_query_int64(row, 1);
	bool		isnull;
	bytea	   *hash = DatumGetByteaPP(hm_query_datum(row, 2, &isnull));

	if (VARSIZE_ANY_EXHDR(hash) == HM_HASH_LENGTH)
		memcpy(window->leaves[seq - window->first].bytes, VARDATA_ANY(hash),
			   HM_HASH_LENGTH);
}

static void
load_window(Window *window, const pg_uuid_t *epoch, int64 first)
{
	static HmStatement statement = {
		"SELECT l.seq, l.leaf_hash FROM hipaa_migrate.audit_leaf AS l"
		" WHERE l.epoch = $1 AND l.seq BETWEEN $2 AND $3 ORDER BY l.seq",
		3, {UUIDOID, INT8OID, INT8OID}
	};
	Datum		arguments[3];
	MemoryContext caller = CurrentMemoryContext;

	CHECK_FOR_INTERRUPTS();
	arguments[0] = UUIDPGetDatum(epoch);
	arguments[1] = Int64GetDatum(first);
	arguments[2] = Int64GetDatum(first + WINDOW_LEAVES - 1);
	memset(window, 0, sizeof(Window));
	window->first = first;
	hm_query_run(&statement, arguments, NULL, true);
	for (uint64 row = 0; row < SPI_processed; row++)
		take_leaf(window, row);
	SPI_freetuptable(SPI_tuptable);
	MemoryContextSwitchTo(caller);
}

static void
fetch_leaf(void *state, uint64 number, HmMerkleHash *leaf)
{
	HmExportTree *tree = state;
	int64		first = number - number % WINDOW_LEAVES + 1;

	if (tree->windows[tree->last_used].first != first)
	{
		tree->last_used = 1 - tree->last_used;
		if (tree->windows[tree->last_used].first != first)
			load_window(&tree->windows[tree->last_used], &tree->epoch, first);
	}
	*leaf = tree->windows[tree->last_used].leaves[number % WINDOW_LEAVES];
}

HmExportTree *
hm_export_tree_build(const pg_uuid_t *epoch, int64 size)
{
	HmExportTree *tree = palloc0(sizeof(HmExportTree));

	tree->epoch = *epoch;
	tree->size = Max(Min(size, count_leaves(epoch)), 0);
	tree->tree = hm_merkle_tree_build(tree->size, fetch_leaf, tree);
	return tree;
}

void
hm_export_tree_free(HmExportTree *tree)
{
	hm_merkle_tree_free(tree->tree);
	pfree(tree);
}

int
hm_export_tree_prove_leaf(HmExportTree *tree, int64 seq,
						  HmMerkleHash path[HM_MERKLE_MAX_PATH])
{
	if (seq < 1 || seq > tree->size)
		return 0;
	return hm_merkle_prove_inclusion(tree->tree, seq - 1, tree->size, path);
}

int
hm_export_tree_prove_growth(HmExportTree *tree, int64 old_size,
							HmMerkleHash path[HM_MERKLE_MAX_PATH])
{
	if (old_size < 1 || old_size > tree->size)
		return 0;
	return hm_merkle_prove_consistency(tree->tree, old_size, tree->size, path);
}
