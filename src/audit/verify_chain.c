/*
 * src/audit/verify_chain.c
 *	  The chain of blocks of each epoch, and the clock in it.
 */
#include "postgres.h"

#include "audit/verify_work.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

static void
check_number(HmVerify *verify, int index, int64 expected)
{
	const HmVerifyBlock *block = &verify->blocks[index];

	if (block->number < expected)
		hm_verify_fail(verify, HM_CHECK_CHAIN, 0, "%s is there twice",
					   hm_verify_block_name(verify, index));
	else if (block->number == expected + 1)
		hm_verify_fail(verify, HM_CHECK_CHAIN, 0,
					   "block " INT64_FORMAT " is missing before %s",
					   expected, hm_verify_block_name(verify, index));
	else
		hm_verify_fail(verify, HM_CHECK_CHAIN, 0,
					   "blocks " INT64_FORMAT " to " INT64_FORMAT
					   " are missing before %s", expected, block->number - 1,
					   hm_verify_block_name(verify, index));
}

/* before is NULL for the first block of an epoch. */
static void
check_link(HmVerify *verify, int index, const HmVerifyBlock *before)
{
	const HmVerifyBlock *block = &verify->blocks[index];
	const char *name = hm_verify_block_name(verify, index);
	bool		linked = before == NULL ? !block->has_previous :
	block->has_previous &&
	hm_merkle_equal(&block->previous, &before->block_hash);

	if (!linked)
		hm_verify_fail(verify, HM_CHECK_CHAIN, 0,
					   "%s does not follow from the block before it", name);
	if (block->first_leaf != (before ? before->tree_size : 0) + 1 ||
		block->leaf_count < 0 ||
		block->tree_size != block->first_leaf + block->leaf_count - 1)
		hm_verify_fail(verify, HM_CHECK_CHAIN, 0,
					   "the sizes in %s do not follow from the block before it",
					   name);
	if (before == NULL)
		return;
	if (block->xmax < before->xmax || block->xmin < before->xmin)
		hm_verify_fail(verify, HM_CHECK_CHAIN, 0,
					   "the snapshot of %s is older than that of the block before it",
					   name);
	if (block->anchored_at < before->anchored_at)
		hm_verify_fail(verify, HM_CHECK_CLOCK, 0,
					   "the clock of %s is behind that of the block before it",
					   name);
}

static void
check_block(HmVerify *verify, int index, int first)
{
	const HmVerifyBlock *block = &verify->blocks[index];
	const HmVerifyBlock *before = index > first ? block - 1 : NULL;
	int64		expected = before ? before->number + 1 : 1;

	if (!block->sound)
		hm_verify_fail(verify, HM_CHECK_CHAIN, 0,
					   "%s was changed: it does not have its block hash",
					   hm_verify_block_name(verify, index));
	if (block->number == expected)
		check_link(verify, index, before);
	else
		check_number(verify, index, expected);
}

/* What was handed out must still be there, also when the whole tail is cut. */
static void
check_tail(HmVerify *verify, int epoch)
{
	const HmEpochKey *key = &verify->index.epochs[epoch];
	int64		last = key->nblocks == 0 ? 0 :
	verify->blocks[key->first_block + key->nblocks - 1].number;

	if (verify->nstates != 1 ||
		memcmp(&verify->state_epoch, &key->id, UUID_LEN) != 0)
		return;
	if (last < verify->state_digest_block)
		hm_verify_fail(verify, HM_CHECK_CHAIN, 0,
					   "the chain ends at block " INT64_FORMAT
					   ", and a digest of block " INT64_FORMAT
					   " was handed out", last, verify->state_digest_block);
	if (key->nblocks > 0 && verify->state_anchored_at <
		verify->blocks[key->first_block + key->nblocks - 1].anchored_at)
		hm_verify_fail(verify, HM_CHECK_CLOCK, 0,
					   "the clock of audit_state is behind that of the last block");
}

void
hm_verify_check_chain(HmVerify *verify)
{
	for (int epoch = 0; epoch < verify->nepochs; epoch++)
	{
		const HmEpochKey *key = &verify->index.epochs[epoch];

		if (!key->wanted)
			continue;
		for (int i = 0; i < key->nblocks; i++)
		{
			int			index = key->first_block + i;

			if (verify->index.blocks[index].trusted)
				continue;
			check_block(verify, index, key->first_block);
			verify->report->checks[HM_CHECK_CHAIN].checked++;
			verify->report->checks[HM_CHECK_CLOCK].checked++;
		}
		check_tail(verify, epoch);
	}
}
