/*
 * src/plan/edges.c
 *	  The dependencies of a graph's nodes.
 *
 * They are read as they are stored, in one pass along the primary key, and
 * joined to the nodes here: by two hash joins the server would take most of
 * the time that a large registry costs.
 */
#include "postgres.h"

#include "base/query.h"
#include "common/hashfn.h"
#include "miscadmin.h"
#include "plan/edges.h"
#include "registry/name.h"
#include "utils/builtins.h"

/* A name, not terminated, wherever it stands. */
typedef struct NameKey
{
	const char *project;
	const char *name;
	int			project_length;
	int			name_length;
} NameKey;

typedef struct NameEntry
{
	NameKey		key;
	int			node;
	uint32		hash;
	char		status;
} NameEntry;

static uint32
hash_name(const NameKey *key)
{
	return hash_combine(hash_bytes((const unsigned char *) key->project,
								   key->project_length),
						hash_bytes((const unsigned char *) key->name,
								   key->name_length));
}

static bool
same_name(const NameKey *a, const NameKey *b)
{
	return a->name_length == b->name_length &&
		a->project_length == b->project_length &&
		memcmp(a->name, b->name, a->name_length) == 0 &&
		memcmp(a->project, b->project, a->project_length) == 0;
}

#define SH_PREFIX names
#define SH_ELEMENT_TYPE NameEntry
#define SH_KEY_TYPE NameKey
#define SH_KEY key
#define SH_HASH_KEY(table, key) hash_name(&(key))
#define SH_EQUAL(table, a, b) same_name(&(a), &(b))
#define SH_STORE_HASH
#define SH_GET_HASH(table, entry) (entry)->hash
#define SH_SCOPE static inline
#define SH_DECLARE
#define SH_DEFINE
#include "lib/simplehash.h"

static names_hash *
index_names(const HmGraph *graph)
{
	names_hash *index = names_create(CurrentMemoryContext,
									 Max(graph->count, 1), NULL);

	for (int i = 0; i < graph->count; i++)
	{
		const HmNode *node = &graph->nodes[i];
		NameKey		key = {node->project, node->name,
		strlen(node->project), strlen(node->name)};
		bool		found;

		names_insert(index, key, &found)->node = i;
	}
	return index;
}

static NameKey
key_of_row(uint64 row)
{
	bool		isnull;
	text	   *project = DatumGetTextPP(hm_query_datum(row, 3, &isnull));
	text	   *name = DatumGetTextPP(hm_query_datum(row, 4, &isnull));
	NameKey		key = {VARDATA_ANY(project), VARDATA_ANY(name),
	VARSIZE_ANY_EXHDR(project), VARSIZE_ANY_EXHDR(name)};

	return key;
}

static HmEdge
make_edge(names_hash *index, uint64 row, MemoryContext context)
{
	NameEntry  *entry = names_lookup(index, key_of_row(row));
	HmEdge		edge = {HM_NOT_REGISTERED, NULL};

	if (entry)
		edge.node = entry->node;
	else
		edge.missing = MemoryContextStrdup(context,
										   hm_name_display(hm_query_text(row, 3),
														   hm_query_text(row, 4)));
	return edge;
}

void
hm_edges_load(HmGraph *graph, MemoryContext context)
{
	static HmStatement load = {
		"SELECT migration_id, revision, project, name"
		"  FROM hipaa_migrate.migration_dependency"
		" ORDER BY migration_id, revision, ordinal"
	};
	names_hash *index = index_names(graph);
	uint64		count = hm_query_run(&load, NULL, NULL, true);
	HmEdge	   *edges = MemoryContextAllocExtended(context,
												   sizeof(HmEdge) * Max(count, 1),
												   MCXT_ALLOC_HUGE);
	HmNode	   *node = graph->nodes;
	HmNode	   *end = node + graph->count;

	for (uint64 row = 0; row < count; row++)
	{
		int64		migration_id = hm_query_int64(row, 1);

		CHECK_FOR_INTERRUPTS();
		while (node < end && node->migration_id < migration_id)
			node++;
		if (node == end || node->migration_id != migration_id ||
			node->revision != hm_query_int32(row, 2))
			continue;
		if (node->nneeds++ == 0)
			node->needs = edges;
		*edges++ = make_edge(index, row, context);
	}
	names_destroy(index);
}
