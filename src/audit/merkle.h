/*
 * src/audit/merkle.h
 *	  Merkle trees as in RFC 9162, section 2.1, over SHA-256.
 *
 * A leaf is SHA-256(0x00 || data), a node SHA-256(0x01 || left || right), the
 * root of no leaves SHA-256("").  Pure functions: no tables, no errors but
 * those of running out of memory.  Leaves are numbered from 0 here, as in the
 * RFC.
 */
#ifndef HM_AUDIT_MERKLE_H
#define HM_AUDIT_MERKLE_H

#include "base/hash.h"

typedef struct HmMerkleHash
{
	uint8		bytes[HM_HASH_LENGTH];
} HmMerkleHash;

/* No tree is higher, so no proof is longer. */
#define HM_MERKLE_MAX_PATH 64

static inline bool
hm_merkle_equal(const HmMerkleHash *one, const HmMerkleHash *other)
{
	return memcmp(one, other, sizeof(HmMerkleHash)) == 0;
}

/*
 * All that must be known of a tree to make it grow: the roots of the perfect
 * subtrees it consists of, largest first, as many as size has one bits.  All
 * zero is the empty tree.
 */
typedef struct HmFrontier
{
	uint64		size;			/* leaves */
	HmMerkleHash nodes[HM_MERKLE_MAX_PATH];
} HmFrontier;

extern int	hm_frontier_count(uint64 size); /* nodes of such a tree */
extern void hm_frontier_append(HmFrontier *frontier,
							   const HmMerkleHash *leaf);
extern void hm_frontier_root(const HmFrontier *frontier, HmMerkleHash *root);

/*
 * Leaves that can be had by number, for proofs.  The leaf hashes are the
 * caller's to keep or to fetch; what is kept here is a sixteenth of their
 * size, in the memory context of hm_merkle_tree_build(), which asks for each
 * leaf once and in order.  A proof asks for a few dozen, near each other.
 */
typedef void (*HmMerkleFetch) (void *state, uint64 number,
							   HmMerkleHash *leaf);

typedef struct HmMerkleTree HmMerkleTree;

extern HmMerkleTree *hm_merkle_tree_build(uint64 size, HmMerkleFetch fetch,
										  void *state);
extern void hm_merkle_tree_free(HmMerkleTree *tree);

/*
 * RFC 9162, 2.1.3.1: that leaf number is in the tree of the first size
 * leaves, and 2.1.4.1: that the tree of the first old_size leaves is the
 * beginning of that of the first new_size.  0 < old_size <= new_size.  They
 * return the length of the path.
 */
extern int	hm_merkle_prove_inclusion(const HmMerkleTree *tree, uint64 number,
									  uint64 size,
									  HmMerkleHash path[HM_MERKLE_MAX_PATH]);
extern int	hm_merkle_prove_consistency(const HmMerkleTree *tree,
										uint64 old_size, uint64 new_size,
										HmMerkleHash path[HM_MERKLE_MAX_PATH]);

#endif							/* HM_AUDIT_MERKLE_H */
