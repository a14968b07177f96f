/*
 * src/audit/merkle.c
 *	  Merkle trees as in RFC 9162, section 2.1, over SHA-256.
 */
#include "postgres.h"

#include "audit/merkle.h"
#include "port/pg_bitutils.h"
#include "utils/memutils.h"

#define LEAF_PREFIX 0x00
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

void
hm_merkle_hash_leaf(const void *data, Size length, HmMerkleHash *leaf)
{
	uint8		stack[1024];
	uint8	   *buffer = length < sizeof(stack) ? stack : palloc(length + 1);

	buffer[0] = LEAF_PREFIX;
	memcpy(buffer + 1, data, length);
	hm_hash_bytes(buffer, length + 1, leaf->bytes);
	if (buffer != stack)
		pfree(buffer);
}

void
hm_merkle_hash_node(const HmMerkleHash *left, const HmMerkleHash *right,
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
		hm_merkle_hash_node(&frontier->nodes[--count], &node, &node);
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
		hm_merkle_hash_node(&frontier->nodes[--count], root, root);
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
		hm_merkle_hash_node(&left, node, node);
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
	hm_merkle_hash_node(&left, node, node);
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

void
hm_merkle_root(const HmMerkleTree *tree, uint64 size, HmMerkleHash *root)
{
	Assert(size <= tree->size);
	if (size == 0)
		hm_hash_bytes("", 0, root->bytes);
	else
		hash_range(tree, 0, size, root);
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

/*
 * Both verifiers walk up from a node at number: fn and sn are, level by
 * level, its number and that of the last node, as the RFC calls them.
 */
bool
hm_merkle_verify_inclusion(const HmMerkleHash *leaf, uint64 number,
						   uint64 size, const HmMerkleHash *path, int length,
						   const HmMerkleHash *root)
{
	HmMerkleHash node = *leaf;
	uint64		fn = number;
	uint64		sn = size - 1;

	if (number >= size)
		return false;
	for (int i = 0; i < length; i++)
	{
		if (sn == 0)
			return false;
		if ((fn & 1) || fn == sn)
		{
			hm_merkle_hash_node(&path[i], &node, &node);
			while (fn != 0 && !(fn & 1))
			{
				fn >>= 1;
				sn >>= 1;
			}
		}
		else
			hm_merkle_hash_node(&node, &path[i], &node);
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && hm_merkle_equal(&node, root);
}

static bool
verify_growth(uint64 fn, uint64 sn, const HmMerkleHash *start,
			  const HmMerkleHash *path, int length,
			  const HmMerkleHash *old_root, const HmMerkleHash *new_root)
{
	HmMerkleHash old_node = *start;
	HmMerkleHash new_node = *start;

	for (int i = 0; i < length; i++)
	{
		if (sn == 0)
			return false;
		if ((fn & 1) || fn == sn)
		{
			hm_merkle_hash_node(&path[i], &old_node, &old_node);
			hm_merkle_hash_node(&path[i], &new_node, &new_node);
			while (fn != 0 && !(fn & 1))
			{
				fn >>= 1;
				sn >>= 1;
			}
		}
		else
			hm_merkle_hash_node(&new_node, &path[i], &new_node);
		fn >>= 1;
		sn >>= 1;
	}
	return sn == 0 && hm_merkle_equal(&old_node, old_root) &&
		hm_merkle_equal(&new_node, new_root);
}

bool
hm_merkle_verify_consistency(uint64 old_size, uint64 new_size,
							 const HmMerkleHash *path, int length,
							 const HmMerkleHash *old_root,
							 const HmMerkleHash *new_root)
{
	uint64		fn = old_size - 1;
	uint64		sn = new_size - 1;

	if (old_size == 0 || old_size > new_size)
		return false;
	if (old_size == new_size)
		return length == 0 && hm_merkle_equal(old_root, new_root);
	if (length == 0)
		return false;
	while (fn & 1)
	{
		fn >>= 1;
		sn >>= 1;
	}
	/* A perfect old tree is a node of the new one: the path starts there. */
	if ((old_size & (old_size - 1)) == 0)
		return verify_growth(fn, sn, old_root, path, length, old_root,
							 new_root);
	return verify_growth(fn, sn, &path[0], path + 1, length - 1, old_root,
						 new_root);
}
