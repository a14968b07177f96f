/*
 * src/audit/export_tree.h
 *	  The hash tree of an epoch, as the table of leaves has it, for proofs.
 *
 * Keeps a sixteenth of the leaf hashes and two windows of leaves: ten million
 * leaves take 20 MB.  A leaf that is missing or damaged counts as 32 zero
 * bytes: what is proven with it will not verify, which is right.
 */
#ifndef HM_AUDIT_EXPORT_TREE_H
#define HM_AUDIT_EXPORT_TREE_H

#include "audit/merkle.h"
#include "utils/uuid.h"

typedef struct HmExportTree HmExportTree;

/*
 * In the current memory context; within a query bracket, as the proofs.  The
 * tree has size leaves, or those that there are.
 */
extern HmExportTree *hm_export_tree_build(const pg_uuid_t *epoch, int64 size);
extern void hm_export_tree_free(HmExportTree *tree);

/*
 * Proofs for the whole tree, as in merkle.h; a path of 0 for what is not in
 * it.  Leaves are numbered from 1 here.
 */
extern int	hm_export_tree_prove_leaf(HmExportTree *tree, int64 seq,
									  HmMerkleHash path[HM_MERKLE_MAX_PATH]);
extern int	hm_export_tree_prove_growth(HmExportTree *tree, int64 old_size,
										HmMerkleHash path[HM_MERKLE_MAX_PATH]);

#endif							/* HM_AUDIT_EXPORT_TREE_H */
