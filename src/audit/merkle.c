/*
 * src/audit/merkle.c
 *	  Merkle trees as in RFC 9162, section 2.1, over SHA-256.
 */
#include "postgres.h"

#include "audit/merkle.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#define NODE_PREFIX 0x01

/*
 * Perfect subtrees of this height and more are kept in a tree; the smaller
 * ones, of up to 2^4 leaves, are computed from the leaves each time.
 */
#define KEPT_HEIGHT 5

struct HmMerkleTree
{
	uint64		size;
	HmMerkleFetch fetch;
	void	   *state;
	/* kept[h][i]: the perfect subtree number i of height h, if h is kept */
	HmMerkleHash *kept[HM_MERKLE_MAX_PATH];
};

static void
hash_node(const HmMerkleHash *left, const HmMerkleHash *right,
		  HmMerkleHash *node)
{
	uint8		buffer[1 + 2 * HM_HASH_LENGTH];

	buffer[0] = NODE_PREFIX;
	memcpy(buffer + 1, left->bytes, HM_HASH_LENGTH);
	memcpy(buffer + 1 + HM_HASH_LENGTH, right->bytes, HM_HASH_LENGTH);
	hm_hash_bytes(buffer, sizeof(buffer), node->bytes);
}

/* ---- frontier ---- */

int
hm_frontier_count(uint64 size)
{
	return pg_popcount64(size);
}

void
hm_frontier_append(HmFrontier *frontier, const HmMerkleHash *leaf)
{
	int			count = hm_frontier_count(frontier->size);
	HmMerkleHash node = *leaf;

	for (uint64 bit = 1; frontier->size & bit; bit <<= 1)
		hash_node(&frontier->nodes[--count], &node, &node);
	frontier->nodes[count] = node;
	frontier->size++;
}

void
hm_frontier_root(const HmFrontier *frontier, HmMerkleHash *root)
{
	int			count = hm_frontier_count(frontier->size);

	if (count == 0)
	{
		hm_hash_bytes("", 0, root->bytes);
		return;
	}
	*root = frontier->nodes[--count];
	while (count > 0)
		hash_node(&frontier->nodes[--count], root, root);
}

/* ---- a tree with access to every leaf ---- */

/* Perfect subtree number index of this height. */
static void
fetch_subtree(const HmMerkleTree *tree, int height, uint64 index,
			  HmMerkleHash *node)
{
	HmMerkleHash left;

	if (height == 0)
		tree->fetch(tree->state, index, node);
	else if (tree->kept[height] != NULL)
		*node = tree->kept[height][index];
	else
	{
		fetch_subtree(tree, height - 1, 2 * index, &left);
		fetch_subtree(tree, height - 1, 2 * index + 1, node);
		hash_node(&left, node, node);
	}
}

/* The largest power of two smaller than count, which is at least 2. */
static uint64
left_part(uint64 count)
{
	return UINT64CONST(1) << pg_leftmost_one_pos64(count - 1);
}

/* MTH(D[first:first + count]); the splits leave perfect, aligned subtrees. */
static void
hash_range(const HmMerkleTree *tree, uint64 first, uint64 count,
		   HmMerkleHash *node)
{
	int			height = pg_leftmost_one_pos64(count);
	uint64		left_count;
	HmMerkleHash left;

	if (count == UINT64CONST(1) << height)
	{
		fetch_subtree(tree, height, first >> height, node);
		return;
	}
	left_count = left_part(count);
	hash_range(tree, first, left_count, &left);
	hash_range(tree, first + left_count, count - left_count, node);
	hash_node(&left, node, node);
}

HmMerkleTree *
hm_merkle_tree_build(uint64 size, HmMerkleFetch fetch, void *state)
{
	HmMerkleTree *tree = palloc0(sizeof(HmMerkleTree));

	tree->size = size;
	tree->fetch = fetch;
	tree->state = state;
	for (int height = KEPT_HEIGHT; size >> height > 0; height++)
	{
		uint64		count = size >> height;
		HmMerkleHash *level =
		MemoryContextAllocHuge(CurrentMemoryContext,
							   count * sizeof(HmMerkleHash));

		for (uint64 i = 0; i < count; i++)
			fetch_subtree(tree, height, i, &level[i]);
		tree->kept[height] = level;
	}
	return tree;
}

void
hm_merkle_tree_free(HmMerkleTree *tree)
{
	for (int height = KEPT_HEIGHT; height < HM_MERKLE_MAX_PATH; height++)
	{
		if (tree->kept[height])
			pfree(tree->kept[height]);
	}
	pfree(tree);
}

/* ---- proofs ---- */

int
hm_merkle_prove_inclusion(const HmMerkleTree *tree, uint64 number,
						  uint64 size, HmMerkleHash path[HM_MERKLE_MAX_PATH])
{
	HmMerkleHash down[HM_MERKLE_MAX_PATH];
	uint64		first = 0;
	uint64		count = size;
	int			length = 0;

	Assert(number < size && size <= tree->size);
	while (count > 1)
	{
		uint64		left = left_part(count);

		if (number - first < left)
		{
			hash_range(tree, first + left, count - left, &down[length++]);
			count = left;
		}
		else
		{
			hash_range(tree, first, left, &down[length++]);
			first += left;
			count -= left;
		}
	}
	for (int i = 0; i < length; i++)
		path[i] = down[length - 1 - i];
	return length;
}

int
hm_merkle_prove_consistency(const HmMerkleTree *tree, uint64 old_size,
							uint64 new_size,
							HmMerkleHash path[HM_MERKLE_MAX_PATH])
{
	HmMerkleHash down[HM_MERKLE_MAX_PATH];
	uint64		first = 0;
	uint64		count = new_size;	/* of the subtree at first */
	uint64		old = old_size; /* how many of its leaves the old tree has */
	int			length = 0;

	Assert(old_size > 0 && old_size <= new_size && new_size <= tree->size);
	while (old < count)
	{
		uint64		left = left_part(count);

		if (old <= left)
		{
			hash_range(tree, first + left, count - left, &down[length++]);
			count = left;
		}
		else
		{
			hash_range(tree, first, left, &down[length++]);
			first += left;
			count -= left;
			old -= left;
		}
	}
	/* At first = 0 the subtree is the old tree, whose root is known. */
	if (first > 0)
		hash_range(tree, first, count, &down[length++]);
	for (int i = 0; i < length; i++)
		path[i] = down[length - 1 - i];
	return length;
}
